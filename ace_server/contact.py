"""A contact, the states it may pass through, and the states of an agent.

Nothing here touches the network, the database or the clock.
"""

from collections.abc import Mapping
from enum import StrEnum

WORK_ITEM_KEY = "workItem"
"""The contact data key that makes a contact a work item (WI-2); only WorkItem Server sets it."""

DEFAULT_PRIO = 5
"""The priority of a contact without a `prio` digit; 0 is served first (RO-5)."""


MOST_TEXT = 32 * 1024 * 1024
"""Bytes in UTF-8 of all the text that a contact may come with: subject, body, values.

As much as a message has by default (`workItemMaxBytes`). A site may let in longer ones for the
attachments' sake, and still every contact fits into one message to an agent's program.
"""


class State(StrEnum):
    """Where a contact stands (domain.md §1)."""

    BUFFERED = "buffered"  # stored, but its entrance is closed or full
    QUEUED = "queued"  # waiting for an agent
    BOOKED = "booked"  # reserved for one agent, not yet accepted
    ACCEPTED = "accepted"  # in an agent's hands
    PARKED = "parked"  # the agent's, but laid aside
    ENDED = "ended"  # done; never moves again


MOVES: Mapping[State, frozenset[State]] = {
    State.BUFFERED: frozenset({State.QUEUED}),
    State.QUEUED: frozenset(
        {State.BOOKED, State.ACCEPTED, State.ENDED}
    ),  # picked by an agent; closed
    State.BOOKED: frozenset({State.ACCEPTED, State.QUEUED}),  # declined, or not accepted in time
    State.ACCEPTED: frozenset(
        {State.PARKED, State.QUEUED, State.ENDED}
    ),  # requeued; the lease ran out
    State.PARKED: frozenset({State.ACCEPTED, State.QUEUED}),
    State.ENDED: frozenset(),
}
"""The moves a contact may make. The store repeats them as constraints."""

IN_HAND = (State.BOOKED, State.ACCEPTED, State.PARKED)
"""The states in which a contact belongs to one agent."""


class AgentState(StrEnum):
    """What an agent is doing (domain.md §1, AG-2)."""

    LOGGED_OUT = "logged out"
    PAUSED = "paused"
    READY = "ready"
    BOOKED = "booked"
    BUSY = "busy"
    WRAP_UP = "wrap-up"


class Role(StrEnum):
    """What a user may do; checked on the server for every command."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    WALL = "wall"


class Medium(StrEnum):
    """How a contact came in; derived, never stored (WI-2)."""

    WORK_ITEM = "work item"
    EMAIL = "email"


def is_work_item(contact_data: Mapping[str, str]) -> bool:
    """Whether a contact with this contact data is a work item (WI-2)."""
    return bool(contact_data.get(WORK_ITEM_KEY))


def medium(contact_data: Mapping[str, str]) -> Medium:
    """The medium of a contact with this contact data."""
    return Medium.WORK_ITEM if is_work_item(contact_data) else Medium.EMAIL


def prio(contact_data: Mapping[str, str]) -> int:
    """The contact's priority digit, 0 (first) to 9."""
    digit = contact_data.get("prio", "")
    return int(digit) if len(digit) == 1 and digit in "0123456789" else DEFAULT_PRIO
