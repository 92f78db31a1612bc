"""The buffer of WorkItem Server: releases what is stored but could not be queued (WI-8).

What is buffered lies in the store, so a restart changes nothing. The oldest go first.
"""

from collections.abc import Callable, Mapping

from ace_server.clock import Clock
from ace_server.concepts import Site
from ace_server.contact import State
from ace_server.entrances import Entrances
from ace_server.events import Buffered, Configured, Events, Moved, Queued
from ace_server.intake import place
from ace_server.rounds import Rounds
from ace_server.store import Store, contacts
from ace_server.store.contacts import Placement

BATCH = 100
"""Contacts released in one transaction."""

SLOW_POLL = 10.0
"""Seconds after which it looks again, whatever it was or was not told."""


class Buffer:
    """Releases buffered contacts as soon as their entrance lets them in."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        entrances: Entrances,
        events: Events,
        clock: Clock,
    ) -> None:
        self._store = store
        self._site = site
        self._entrances = entrances
        self._events = events
        self._clock = clock
        self._rounds = Rounds(
            "buffer",
            self.release,
            every=lambda: SLOW_POLL,
            due=self._until_one_opens,
            meanwhile="buffered contacts wait",
        )
        events.subscribe(Configured, lambda _: self._rounds.wake())
        events.subscribe(Moved, self._on_move)
        events.subscribe(Buffered, self._on_buffered)

    async def start(self) -> None:
        """Begin to release."""
        self._rounds.wake()
        await self._rounds.start()

    async def stop(self) -> None:
        """Release nothing any more."""
        await self._rounds.stop()

    def _on_move(self, moved: Moved) -> None:
        if moved.after is State.ENDED or moved.before is State.QUEUED:  # there may be room now
            self._rounds.wake()

    def _on_buffered(self, buffered: Buffered) -> None:
        if self._entrances.room(buffered.entrance, 1):  # it came while others were released
            self._rounds.wake()

    def _until_one_opens(self) -> float | None:
        """Seconds until an entrance opens."""
        opens_at = self._entrances.next_opening()
        return None if opens_at is None else (opens_at - self._clock.now()).total_seconds()

    async def release(self) -> int:
        """Queue what may be queued now; how many that were. Raises Unavailable."""
        total = 0
        for entrance in self._entrances.with_buffered():
            while room := self._entrances.room(entrance, BATCH):
                released = await self._release(entrance, room)
                total += released
                if released < room:
                    break
        return total

    async def _release(self, entrance: str, most: int) -> int:
        now, site = self._clock.now(), self._site()

        def decide(data: Mapping[str, str]) -> tuple[str, Placement]:
            return place(data, entrance, site, now)

        released = await self._store.run(contacts.release, entrance, most, decide, now)
        for contact in released:
            self._entrances.count(entrance, State.BUFFERED, State.QUEUED)
            self._events.publish(Queued(contact))
        return len(released)
