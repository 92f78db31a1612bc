"""What each agent is doing, so that a restart of the server changes nothing about it."""

from datetime import datetime

import msgspec

from ace_server.contact import AgentState
from ace_server.store import decisions
from ace_server.store.models import Desk, rows


class DeskRow(msgspec.Struct, frozen=True):
    """An agent's state; a login without a row is logged out."""

    login: str
    state: AgentState
    since: datetime
    until: datetime | None = None  # of a booking or a limited wrap-up
    activity: str = ""
    pause_wanted: bool = False
    wanted_activity: str = ""
    wrap_up_contact: int | None = None


_COLUMNS = tuple(getattr(Desk, name) for name in DeskRow.__struct_fields__)


def save(row: DeskRow) -> None:
    """Make this the agent's state; where it is another, since when is kept for a replay."""
    Desk.insert(dict(zip(_COLUMNS, msgspec.structs.astuple(row), strict=True))).on_conflict(
        conflict_target=[Desk.login], preserve=list(_COLUMNS[1:])
    ).execute()
    decisions.note(row.login, row.since)


def everyone() -> list[DeskRow]:
    """The state of every agent that ever logged in."""
    return [
        DeskRow(login, AgentState(state), *rest)
        for login, state, *rest in rows(Desk.select(*_COLUMNS).order_by(Desk.login))
    ]
