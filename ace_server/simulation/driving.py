"""A world, and what people are about to do in it: each thing at its time, and what follows."""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count

from ace_server.contact import AgentState
from ace_server.simulation.record import Stand, Step
from ace_server.simulation.world import World

Action = Callable[[datetime], None]
"""What somebody does at a time."""

ACCEPTING = 4.0
"""Seconds, on average, until a booked contact is accepted."""

MAY_ACTIVATE = (AgentState.PAUSED, AgentState.WRAP_UP, AgentState.BUSY)
"""The states in which an agent can say: ready; in the last it takes back a wish to pause."""

_IN_TIME = 0.9
"""The share of the booking time-out that nobody who accepts takes more than."""


class Driver:
    """Lets people act, and act on what happens; who they are is said by a subclass."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._ahead: list[tuple[datetime, int, int, Action]] = []
        self._numbers = count()
        self._seen = 0  # of the record

    def plan(self, at: datetime, action: Action, rank: int = 0) -> None:
        """Somebody acts then; of what happens at one moment the lowest rank goes first."""
        heappush(self._ahead, (at, rank, next(self._numbers), action))

    def plan_after(self, seconds: float, action: Action, rank: int = 0) -> None:
        """Somebody acts so many seconds from now."""
        self.plan(self.world.now + timedelta(seconds=seconds), action, rank)

    def plan_to_accept(self, seconds: float, action: Action) -> None:
        """Somebody accepts what is booked now, so many seconds from now but before the time-out."""
        most = _IN_TIME * self.world.site.system.bookingTimeout
        self.plan_after(min(seconds, most), action)

    def run(self, end: datetime) -> None:
        """Let everything happen before this time, in order."""
        self._react()
        while True:
            own = self._ahead[0][0] if self._ahead else end
            by_itself = self.world.next_at() or end
            if min(own, by_itself) >= end:
                break
            if own <= by_itself:
                at, *_, action = heappop(self._ahead)
                action(at)
            else:
                self.world.advance(by_itself)
            self._react()
        self.world.advance(end)

    def _react(self) -> None:
        """Look at what was recorded since the last time."""
        record = self.world.record
        while self._seen < len(record):
            entry = record[self._seen]
            self._seen += 1
            if isinstance(entry, Step):
                self.on_step(entry)
            else:
                self.on_stand(entry)

    def on_step(self, step: Step) -> None:
        """A contact moved."""

    def on_stand(self, stand: Stand) -> None:
        """An agent is in another state."""
