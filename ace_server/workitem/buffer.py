"""The buffer of WorkItem Server: releases what is stored but could not be queued (WI-8).

What is buffered lies in the store, so a restart changes nothing. The oldest go first.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress

from ace_server.clock import Clock
from ace_server.concepts import Site
from ace_server.contact import State
from ace_server.entrances import Entrances
from ace_server.errors import Unavailable
from ace_server.events import Buffered, Configured, Events, Moved, Queued
from ace_server.intake import place
from ace_server.store import Store, contacts
from ace_server.store.contacts import Placement

log = logging.getLogger(__name__)

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
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        events.subscribe(Configured, lambda _: self._wake.set())
        events.subscribe(Moved, self._on_move)
        events.subscribe(Buffered, self._on_buffered)

    async def start(self) -> None:
        """Begin to release."""
        self._wake.set()
        self._task = asyncio.create_task(self._run(), name="buffer")

    async def stop(self) -> None:
        """Release nothing any more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def _on_move(self, moved: Moved) -> None:
        if moved.after is State.ENDED or moved.before is State.QUEUED:  # there may be room now
            self._wake.set()

    def _on_buffered(self, buffered: Buffered) -> None:
        if self._entrances.room(buffered.entrance, 1):  # it came while others were released
            self._wake.set()

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self.release()
            except Unavailable:
                log.info("buffered contacts wait until the store can be used")
            except Exception:  # noqa: BLE001  # edge: one round of a loop
                log.exception("a round of the buffer failed")

    def _pause(self) -> float:
        """Seconds until an entrance opens, or the slow poll."""
        opens_at = self._entrances.next_opening()
        if opens_at is None:
            return SLOW_POLL
        return min(max((opens_at - self._clock.now()).total_seconds(), 0.0), SLOW_POLL)

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
