"""What each agent is doing, so that a restart of the server changes nothing about it."""

from datetime import datetime
from functools import cache

import msgspec

from ace_server.contact import AgentState
from ace_server.store import decisions
from ace_server.store.models import Desk, database, insertion, rows, to_stored


class DeskRow(msgspec.Struct, frozen=True, gc=False):
    """An agent's state; a login without a row is logged out."""

    login: str
    state: AgentState
    since: datetime
    until: datetime | None = None  # of a booking or a limited wrap-up
    activity: str = ""
    pause_wanted: bool = False
    wanted_activity: str = ""
    wrap_up_contact: int | None = None
    last_entrance: str = ""  # of the contact that the agent has, or had last (RO-6)


_COLUMNS = tuple(getattr(Desk, name) for name in DeskRow.__struct_fields__)


def save(row: DeskRow) -> None:
    """Make this the agent's state; where it is another, since when is kept for a replay.

    It is written with those of other jobs.
    """
    since = to_stored(row.since)
    stored = (
        row.login,
        row.state,
        since,
        None if row.until is None else to_stored(row.until),
        row.activity,
        row.pause_wanted,
        row.wanted_activity,
        row.wrap_up_contact,
        row.last_entrance,
    )
    database.add_line(_saving(database.param), stored)
    decisions.note(row.login, row.state, since)


@cache
def _saving(mark: str) -> str:
    """The statement of `save`, written once (see `insertion`): every booking needs it."""
    kept = ", ".join(f'"{one.column_name}" = excluded."{one.column_name}"' for one in _COLUMNS[1:])
    return insertion(Desk, _COLUMNS, mark, f'ON CONFLICT ("login") DO UPDATE SET {kept}')


def everyone() -> list[DeskRow]:
    """The state of every agent that ever logged in."""
    database.write_lines()
    return [
        DeskRow(login, AgentState(state), *rest)
        for login, state, *rest in rows(Desk.select(*_COLUMNS).order_by(Desk.login))
    ]
