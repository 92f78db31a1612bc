"""Contacts and agents of a world, and the record of what happened to them.

Like the history of the store: one entry for each move of a contact, one for each state of an agent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from ace_server.contact import AgentState, State, prio
from ace_server.routing.constraints import Constraint
from ace_server.routing.queues import Waiting
from ace_server.routing.serving import Profile
from ace_server.store.serving import Serving


class Step(NamedTuple):
    """A contact moved; where it waits, or waited last, stands as it is after the move."""

    at: datetime
    verb: str
    contact: int
    before: State | None  # None: it came in
    after: State
    agent: str  # in whose hands it is, or was until now; empty: nobody's
    area: str
    queue: str
    personal: str

    @property
    def enters(self) -> bool:
        """Whether it came into a place, and not back to its old one."""
        return self.after is State.QUEUED and self.verb in ENTERING

    @property
    def place(self) -> str:
        """What its place is called in a table."""
        return self.queue or self.personal


ENTERING = frozenset({"taken in", "released", "moved on", "moved", "requeued"})
"""The verbs of a contact that comes into a place."""


class Stand(NamedTuple):
    """An agent is in this state from now on, and serves what this profile says."""

    at: datetime
    agent: str
    state: AgentState
    profile: Profile


Record = list[Step | Stand]
"""What happened, in order."""


@dataclass(slots=True)
class Contact:
    """A contact as routing knows one."""

    id: int
    entrance: str
    data: Mapping[str, str]
    arrived_at: datetime
    state: State = State.BUFFERED
    task_type: str = ""
    area: str = ""
    queue: str = ""
    personal: str = ""
    stop: int = 0  # of its route
    moves_on_at: datetime | None = None
    until: Constraint | None = None
    place: int = 0  # 0: it was never queued
    first_queued_at: datetime | None = None
    prioritised: bool = False
    agent: str = ""  # in whose hands it is
    in_hand_since: datetime | None = None  # accepted or resumed
    handled: timedelta = field(default_factory=timedelta)  # in hand until then, less parked

    def routing_data(self) -> dict[str, str]:
        """What its routing rules look at."""
        return {**self.data, "Entrance": self.entrance, "TaskType": self.task_type}

    def waiting(self) -> Waiting:
        """What the index keeps of it while it waits."""
        assert self.first_queued_at is not None  # it is queued
        return Waiting(
            self.id,
            self.queue,
            self.place,
            prio(self.data),
            self.first_queued_at,
            self.personal,
            self.entrance,
            self.prioritised,
            self.moves_on_at,
            self.until,
        )

    def lay_aside(self, now: datetime) -> None:
        """Nobody works on it any more; how long somebody did is added."""
        if self.in_hand_since is not None:
            self.handled += now - self.in_hand_since
        self.in_hand_since = None


@dataclass(slots=True)
class Agent:
    """An agent as routing knows one."""

    login: str
    state: AgentState
    since: datetime
    until: datetime | None = None  # a booking or a wrap-up ends by itself then
    pause_wanted: bool = False
    contact: int | None = None  # booked or accepted
    parked: list[int] = field(default_factory=list)
    last_entrance: str = ""  # of the contact that the agent has, or had last
    chosen: Serving = Serving("")  # work level, and places logged in to or out of
