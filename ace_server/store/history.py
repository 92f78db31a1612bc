"""The history of contacts: one row an event, written in the transaction of its cause."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

import msgspec

from ace_server.contact import State
from ace_server.store.models import History, database, insertion, rows, to_stored

_COLUMNS = (
    History.contact,
    History.at,
    History.verb,
    History.by,
    History.before,
    History.after,
    History.queue,
    History.detail,
    History.fence,
    History.personal,
)


class Happening(msgspec.Struct, frozen=True):
    """One event in a contact's history."""

    at: datetime
    verb: str
    by: str
    before: str | None
    after: str | None
    queue: str
    detail: str
    fence: int  # the number of the lease it happened under; 0: taken in by another process
    personal: str = ""  # whom it waits for alone; its queue is empty then


def record(
    contact_id: int,
    at: int,
    verb: str,
    *,
    by: str = "",
    before: State | None = None,
    after: State | None = None,
    queue: str = "",
    personal: str = "",
    detail: str = "",
) -> None:
    """Write one event; `at` as stored. The database refuses a move that is not in the table.

    `queue` or `personal` is the place of the contact after it. It is written with those of other
    jobs.
    """
    values = (contact_id, at, verb, by, before, after, queue, detail, database.fence, personal)
    database.add_line(_insertion(database.param), values)


def note(contact_id: int, at: datetime, verb: str, *, by: str = "", detail: str = "") -> None:
    """Write one event that moves nothing."""
    record(contact_id, to_stored(at), verb, by=by, detail=detail)


@cache
def _insertion(mark: str) -> str:
    return insertion(History, _COLUMNS, mark)


def of(contact_id: int) -> list[Happening]:
    """A contact's history, oldest first."""
    database.write_lines()
    query = History.select(*_COLUMNS[1:]).where(History.contact == contact_id).order_by(History.id)
    return [Happening(*row) for row in rows(query)]


def of_several(ids: Sequence[int]) -> dict[int, list[Happening]]:
    """The histories of some contacts, as `of` gives each."""
    database.write_lines()
    query = History.select(*_COLUMNS).where(History.contact.in_(list(ids))).order_by(History.id)
    found: dict[int, list[Happening]] = {contact_id: [] for contact_id in ids}
    for contact_id, *event in rows(query):
        found[contact_id].append(Happening(*event))
    return found
