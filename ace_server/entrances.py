"""Which entrances let contacts into their queues now, and how many contacts each has there.

Figures and opening hours only: what is buffered lies in the store; `workitem.buffer` releases it.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from ace_server.clock import Clock
from ace_server.concepts import Site
from ace_server.contact import State
from ace_server.events import Configured, Events, Moved
from ace_server.routing import flow, opening
from ace_server.store.contacts import OpenContact


@dataclass(slots=True)
class _Count:
    """The contacts of one entrance that are not ended."""

    gate: flow.Gate
    buffered: int = 0
    active: int = 0  # waiting in a queue
    total: int = 0  # not ended and not buffered
    buffering: int = 0  # buffered as soon as a commit under way has ended
    queueing: int = 0  # likewise waiting

    def change(self, state: State | None, by: int) -> None:
        if state is State.BUFFERED:
            self.buffered += by
        elif state is not None and state is not State.ENDED:
            self.total += by
            self.active += by * (state is State.QUEUED)


class Entrances:
    """Keeps count for each entrance and says whether it lets contacts in (RO-9, RO-10)."""

    def __init__(self, site: Callable[[], Site], clock: Clock, events: Events) -> None:
        self._site = site
        self._clock = clock
        self._counts: dict[str, _Count] = {}
        events.subscribe(Moved, lambda moved: self.count(moved.entrance, moved.before, moved.after))
        events.subscribe(Configured, lambda _: self._regate())

    def recover(self, contacts: Iterable[OpenContact]) -> None:
        """Count anew from what the store holds; what is under way stays under way."""
        for count in self._counts.values():
            count.buffered = count.active = count.total = 0
        for contact in contacts:
            self.count(contact.entrance, None, contact.state)

    def count(self, entrance: str, before: State | None, after: State | None) -> None:
        """A contact left `before` for `after`; None is outside."""
        count = self._of(entrance)
        count.change(before, -1)
        count.change(after, +1)

    @contextmanager
    def expecting(self, entrance: str, state: State) -> Iterator[None]:
        """While a new contact is on its way into `state`: nothing may overtake it."""
        count = self._of(entrance)
        buffering = state is State.BUFFERED
        count.buffering += buffering
        count.queueing += not buffering
        try:
            yield
        finally:
            count.buffering -= buffering
            count.queueing -= not buffering

    def lets_in(self, entrance: str) -> bool:
        """Whether a new contact may be queued at once: open, not full, none buffered before it."""
        count = self._of(entrance)
        if count.buffered or count.buffering:
            return False
        return self.is_open(entrance) and self._admits(entrance)

    def is_open(self, entrance: str) -> bool:
        """Whether the entrance's opening hours say so."""
        site = self._site()
        return opening.is_open(
            site.opening_hours.get(entrance), self._clock.now(), site.facts.time_zone
        )

    def hold_back(self, entrance: str) -> None:
        """The entrance was full, and is not drained: known from what it had buffered (RO-9)."""
        self._of(entrance).gate.is_shut = True

    def is_held_back(self, entrance: str) -> bool:
        """Whether the entrance was full, and is not drained yet (RO-9)."""
        count = self._counts.get(entrance)
        return count is not None and count.gate.is_shut

    def room(self, entrance: str, most: int) -> int:
        """How many buffered contacts may be released now, up to `most`."""
        if not self.is_open(entrance) or not self._admits(entrance):
            return 0
        limits, count = flow.limits(self._site(), entrance), self._of(entrance)
        if limits.most:
            most = min(most, limits.most - count.total)
        if limits.most_active:
            most = min(most, limits.most_active - count.active)
        return max(most, 0)

    def with_buffered(self) -> list[str]:
        """The entrances that have something buffered."""
        return [name for name, count in self._counts.items() if count.buffered]

    def next_opening(self) -> datetime | None:
        """When an entrance with something buffered opens or closes next."""
        site = self._site()
        now, zone = self._clock.now(), site.facts.time_zone
        changes = [
            opening.next_change(site.opening_hours.get(name), now, zone)
            for name in self.with_buffered()
        ]
        return min((at for at in changes if at is not None), default=None)

    def figures(self) -> dict[str, tuple[int, int, int]]:
        """Buffered, waiting, and all other contacts not ended, by entrance."""
        return {
            name: (count.buffered, count.active, count.total - count.active)
            for name, count in self._counts.items()
        }

    def _admits(self, entrance: str) -> bool:
        count = self._of(entrance)
        return count.gate.admit(count.total + count.queueing, count.active + count.queueing)

    def _of(self, entrance: str) -> _Count:
        count = self._counts.get(entrance)
        if count is None:
            count = self._counts[entrance] = _Count(flow.Gate(flow.limits(self._site(), entrance)))
        return count

    def _regate(self) -> None:
        for name, count in self._counts.items():
            count.gate = flow.Gate(flow.limits(self._site(), name))
