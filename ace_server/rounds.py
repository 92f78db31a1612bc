"""The loop of a service: a round when it is woken, when something is due, and now and then.

A signal may be lost and a time may be missed: the slow clock finds what they did not tell. What a
round does is its service's.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ace_server.errors import Unavailable

log = logging.getLogger(__name__)

SHORTEST_WAIT = 0.5
"""Seconds from a round that failed to the next; they double while rounds fail."""

LEAST = 0.01
"""Seconds between a round and what is due already, lest what stays due keeps a core busy."""


def _nothing_is_due() -> None:
    return None


class Rounds:
    """Does `round` again and again, one at a time, from its start to its stop."""

    def __init__(
        self,
        name: str,
        round: Callable[[], Awaitable[object]],
        *,
        every: Callable[[], float],
        due: Callable[[], float | None] = _nothing_is_due,
        meanwhile: str,
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:
        """`every`: seconds between two rounds, at most; `due`: until the next has something to do.

        `meanwhile` says in the log what goes on while a round is Unavailable, before the error's
        own words; `on_failure` is called when one failed in a way that nobody foresaw.
        """
        self._name = name
        self._round = round
        self._every = every
        self._due = due
        self._meanwhile = meanwhile
        self._on_failure = on_failure
        self._wake = asyncio.Event()
        self._patience = 0.0  # seconds; none unless the last round failed
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to wait for the first round; wake it for one at once."""
        self._task = asyncio.create_task(self._run(), name=self._name)

    async def stop(self) -> None:
        """Do no more rounds; one that is under way is broken off where it waits."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def wake(self) -> None:
        """Do a round at once, and after the one under way another."""
        self._wake.set()

    def pause(self) -> float:
        """Seconds from now to the next round, if nothing wakes it."""
        if self._patience:
            return self._patience
        due = self._due()
        return self._every() if due is None else min(max(due, LEAST), self._every())

    async def _run(self) -> None:
        while True:
            try:
                await self._wait()
                await self._round()
                self._patience = 0.0
            except Unavailable as error:
                log.info("%s: %s", self._meanwhile, error)
                self._be_patient()
            except Exception:  # noqa: BLE001  # edge: one round of a loop
                log.exception("a round of the loop %r failed", self._name)
                self._be_patient()
                self._on_failure()

    async def _wait(self) -> None:
        await asyncio.sleep(0)  # whoever wakes itself leaves the others their turn
        with suppress(TimeoutError):
            async with asyncio.timeout(self.pause()):
                await self._wake.wait()
        self._wake.clear()  # before the round: what comes during it is not lost

    def _be_patient(self) -> None:
        self._patience = min(max(2 * self._patience, SHORTEST_WAIT), self._every())
