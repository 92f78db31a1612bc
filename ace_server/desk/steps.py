"""One step of an agent: the agent's state and at most one contact, changed together or not at all.

A job of the store. Which step is right is decided in `agents`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from ace_server.contact import State
from ace_server.store import contacts, desks
from ace_server.store.contacts import ContactRow, OpenContact
from ace_server.store.desks import DeskRow


class Step(msgspec.Struct, frozen=True):
    """What a command does to one contact: a move, contact data, or both."""

    contact: int
    verb: str
    before: State | None = None
    after: State | None = None
    changes: Mapping[str, Any] = {}
    values: Mapping[str, str] = {}
    held: bool = True  # by this agent; a booking takes what nobody holds
    audited: bool = False  # a supervisor's, with the right that only they have


class Done(msgspec.Struct, frozen=True):
    """What is true after a step."""

    row: ContactRow | None = None
    waiting: OpenContact | None = None  # if it waits in a queue again


def carry_out(row: DeskRow, step: Step | None, at: datetime) -> Done:
    """Save the agent's state and do the step: contact data, then the guarded move; a job."""
    desks.save(row)
    if step is None:
        return Done()
    if step.values:
        contacts.edit(step.contact, step.values, at, row.login)
    if step.before is not None and step.after is not None:
        contacts.move(
            step.contact,
            step.before,
            step.after,
            step.verb,
            at,
            by=row.login,
            held_by=row.login if step.held else None,
            **step.changes,
        )
    waits = step.after is State.QUEUED
    return Done(contacts.get(step.contact), contacts.open_one(step.contact) if waits else None)
