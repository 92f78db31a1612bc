"""One step of an agent: the agent's state and at most one contact, changed together or not at all.

A job of the store. Which step is right is decided in `agents`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from ace_server.contact import AgentState, State
from ace_server.errors import IllegalMove
from ace_server.store import audit, contacts, desks, serving
from ace_server.store.contacts import ContactRow, OpenContact
from ace_server.store.desks import DeskRow
from ace_server.store.figures import NO_LEVELS, Levels
from ace_server.store.serving import Serving


class Step(msgspec.Struct, frozen=True, gc=False):
    """What a command does to one contact: a move, contact data, or both."""

    contact: int
    verb: str
    before: State | None = None
    after: State | None = None
    changes: Mapping[str, Any] = {}
    values: Mapping[str, str] = {}
    held: bool = True  # by this agent; a booking takes what nobody holds
    audited: bool = False  # a supervisor's, with the right that only they have
    levels: Levels = NO_LEVELS  # service levels of the place where it is accepted
    fits: Callable[[ContactRow], bool] | None = None  # asked of what nobody held: is it still so?


class Done(msgspec.Struct, frozen=True, gc=False):
    """What is true after a step."""

    desk: DeskRow
    row: ContactRow | None = None
    waiting: OpenContact | None = None  # if it waits in a queue again


def carry_out(row: DeskRow, step: Step | None, at: datetime) -> Done:
    """Save the agent's state and do the step: contact data, then the guarded move; a job.

    Raises IllegalMove where the contact is not, or no longer, where the step was decided.
    """
    if row.state is AgentState.LOGGED_OUT:  # before: what is kept for a replay says so, too
        serving.clear_logged(row.login)
    if step is None:
        desks.save(row)
        return Done(row)
    if step.values:
        contacts.edit(step.contact, step.values, at, row.login)
    moved = None
    if step.before is not None and step.after is not None:
        moved = contacts.move(
            step.contact,
            step.before,
            step.after,
            step.verb,
            at,
            by=row.login,
            held_by=row.login if step.held else None,
            levels=step.levels,
            **step.changes,
        )
        if step.fits is not None and not step.fits(moved):
            raise IllegalMove(f"contact {step.contact} waits elsewhere by now")
    if step.audited:
        audit.record(at, row.login, step.verb, f"contact {step.contact}")
    if moved is not None and step.before is State.QUEUED:  # it came into this agent's hands
        row = replace(row, last_entrance=moved.entrance)
    desks.save(row)
    if moved is None:
        return Done(row, contacts.get(step.contact))
    return Done(row, moved, moved.as_open() if moved.state is State.QUEUED else None)


def serve(served: Serving, at: datetime, by: str = "") -> None:
    """Save what the agent serves from now on; `by` names the supervisor who says so; a job."""
    serving.save(served, at)
    if by:
        logged = ", ".join(f"{name}: {'in' if on else 'out'}" for name, on in served.logged.items())
        audit.record(at, by, "logged in to queues", served.login, detail=logged)
