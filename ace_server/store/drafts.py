"""What agents are writing: each draft as it was typed last, and the files that go with it (EM-9).

Every function is a job. A draft is its writer's: nobody else sees it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from ace_server.errors import Refused
from ace_server.sentences import sentence
from ace_server.store import pieces
from ace_server.store.contacts import NewAttachment
from ace_server.store.models import Draft, DraftFile, Outgoing, database, rows

KEPT = timedelta(days=14)
"""How long what was written can be read in a list of its writer's, and written again."""

MOST_FILES = 50
"""Files that one draft may carry."""


class DraftRow(NamedTuple):
    """A draft, without its files."""

    id: int
    login: str
    contact: int | None
    kind: str
    body: str  # JSON of what was typed
    saved_at: datetime


_ROW = tuple(getattr(Draft, name) for name in DraftRow._fields)


def add(login: str, kind: str, contact: int | None, body: str, at: datetime) -> int:
    """Begin a draft; its number."""
    query = Draft.insert(login=login, kind=kind, contact=contact, body=body, saved_at=at)
    return int(query.execute())


def save(number: int, login: str, body: str, at: datetime) -> None:
    """Keep what was typed. Raises Refused where the draft is gone: it was sent or discarded."""
    query = Draft.update(body=body, saved_at=at)
    if not query.where(Draft.id == number, Draft.login == login).execute():
        raise _gone()


def get(number: int, login: str) -> DraftRow:
    """One draft. Raises Refused where this user has no such draft."""
    found = rows(_one(number, login))
    if not found:
        raise _gone()
    return DraftRow(*found[0])


def _one(number: int, login: str) -> Any:
    return Draft.select(*_ROW).where(Draft.id == number, Draft.login == login)


def _demand(number: int, login: str) -> None:
    """Raise Refused where there is no such draft; until the commit nobody else changes it."""
    query = _one(number, login)
    if database.for_update:  # PostgreSQL; SQLite already holds the write lock (BEGIN IMMEDIATE)
        query = query.for_update()
    if not rows(query):
        raise _gone()


def _gone() -> Refused:
    return Refused(
        "gone", sentence("This draft does not exist any more: it was sent or discarded.")
    )


def of(login: str) -> list[DraftRow]:
    """A user's drafts, the one saved last first."""
    query = Draft.select(*_ROW).where(Draft.login == login)
    return [DraftRow(*row) for row in rows(query.order_by(Draft.saved_at.desc(), Draft.id.desc()))]


def remove(number: int, login: str) -> None:
    """Remove a draft with the rows of its files. Raises Refused where there is none."""
    if not Draft.delete().where(Draft.id == number, Draft.login == login).execute():
        raise _gone()


def files(number: int) -> list[NewAttachment]:
    """The files of a draft, in order. Whose draft it is was asked before (`get`)."""
    columns = DraftFile.name, DraftFile.media_type, DraftFile.size, DraftFile.digest
    query = DraftFile.select(*columns).where(DraftFile.draft == number)
    return [NewAttachment(*row) for row in rows(query.order_by(DraftFile.position))]


def attach(number: int, login: str, added: Sequence[NewAttachment]) -> list[NewAttachment]:
    """Let kept files go with a draft; all that go with it then.

    Raises Refused where the draft is gone or has too many, Unavailable where a file is gone.
    """
    _demand(number, login)
    if database.keeps_files and added:  # PostgreSQL, where another process may have swept them
        pieces.demand({one.digest for one in added})
    together = [*files(number), *added]
    if len(together) > MOST_FILES:
        raise Refused("too-many", sentence("A mail can carry no more than %1 files.", MOST_FILES))
    _replace(number, together)
    return together


def detach(number: int, login: str, position: int) -> list[NewAttachment]:
    """Take the file at this position (the first is 0) out of a draft; those that are left.

    Raises Refused where the draft is gone.
    """
    _demand(number, login)
    left = [one for at, one in enumerate(files(number)) if at != position]
    _replace(number, left)
    return left


def _replace(number: int, wanted: Sequence[NewAttachment]) -> None:
    DraftFile.delete().where(DraftFile.draft == number).execute()
    values: list[dict[str, Any]] = [
        {
            "draft": number,
            "position": position,
            "name": one.name,
            "media_type": one.media_type,
            "size": one.size,
            "digest": one.digest,
        }
        for position, one in enumerate(wanted)
    ]
    if values:
        DraftFile.insert_many(values).execute()


# What was sent


def send(number: int, login: str, outgoing: int) -> None:
    """Set a draft aside that is this outgoing mail now: it is in nobody's list any more.

    Raises Refused where this user has no such draft.
    """
    query = Draft.update(login="", outgoing=outgoing)
    if not query.where(Draft.id == number, Draft.login == login).execute():
        raise _gone()


def sent(number: int, login: str) -> tuple[DraftRow, int] | None:
    """What this user sent as it was, and the outgoing mail that it is; None: nothing is kept."""
    query = Draft.select(*_ROW, Draft.outgoing).join(Outgoing)
    found = rows(query.where(Draft.id == number, Draft.login == "", Outgoing.by == login))
    return (DraftRow(*found[0][:-1]), int(found[0][-1])) if found else None


def bring_back(outgoing: int, login: str, at: datetime) -> int:
    """Give back, as it was typed, what was sent as this mail; its number.

    In the transaction that withdraws the mail; a copy stays aside. Raises Refused where it was
    forgotten.
    """
    copy(outgoing, "", at, outgoing=outgoing)
    brought = rows(
        Draft.update(login=login, outgoing=None)
        .where(Draft.id == _aside(outgoing).id)
        .returning(Draft.id)
    )
    return int(brought[0][0])


def copy(number: int, login: str, at: datetime, *, outgoing: int | None = None) -> int:
    """Make another draft, with the same files, of what was sent as this outgoing mail; its number.

    Raises Refused where it was forgotten, Unavailable where a file is gone.
    """
    old = _aside(number)
    query = Draft.insert(
        login=login,
        kind=old.kind,
        contact=old.contact,
        body=old.body,
        saved_at=at,
        outgoing=outgoing,
    )
    made, kept = int(query.execute()), files(old.id)
    if database.keeps_files and kept:  # PostgreSQL, where another process may have swept them
        pieces.demand({one.digest for one in kept})
    _replace(made, kept)
    return made


def _aside(outgoing: int) -> DraftRow:
    """The first draft that was sent as this mail. Raises Refused where none is kept."""
    query = Draft.select(*_ROW).where(Draft.outgoing == outgoing).order_by(Draft.id)
    found = rows(query.limit(1))
    if not found:
        raise _gone()
    return DraftRow(*found[0])


def forget_sent(before: datetime) -> None:
    """Remove the drafts of mails that were handed over, or that were settled before then.

    What was not delivered can be written again for so long.
    """
    aside = rows(Draft.select(Draft.outgoing).where(Draft.outgoing.is_null(False)))
    if aside:
        is_over = (Outgoing.state == "handed over") | (Outgoing.settled_at < before)
        one_of_them = Outgoing.id.in_([number for (number,) in aside])
        over = Outgoing.select(Outgoing.id).where(one_of_them, is_over)
        Draft.delete().where(Draft.outgoing.in_(over)).execute()
