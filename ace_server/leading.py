"""Who leads: the core that holds the lease of its organisation area; a standby waits for it.

No clock of another machine has a part in it: a lease is taken when it has not beaten for as long as
the site says, over looks that succeeded. Who held it is fenced by its number (`store.lease`).
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from ace_server.clock import Clock
from ace_server.errors import Unavailable
from ace_server.rounds import Rounds
from ace_server.store import Sign, Store, lease
from ace_server.store.lease import LeaseRow

log = logging.getLogger(__name__)

BEATS = 4
"""How often a lease beats in the time after which it is taken."""


class Pulse:
    """How long a lease has not beaten, as far as somebody could look."""

    def __init__(self, store: Store, seconds: Callable[[], float], clock: Clock) -> None:
        self._store = store
        self._seconds = seconds
        self._clock = clock
        self._looked_at: float | None = None  # monotonic
        self.row: LeaseRow | None = None
        self.silence = 0.0  # seconds

    @property
    def interval(self) -> float:
        """Seconds between two beats, and between two looks."""
        return self._seconds() / BEATS

    async def look(self) -> None:
        """Look once. Raises Unavailable."""
        row = await self._store.run(lease.look)
        now = self._clock.monotonic()
        if row != self.row or self._looked_at is None:
            self.row, self.silence = row, 0.0
        else:  # while nobody could look, nobody could beat either
            self.silence += min(now - self._looked_at, 2 * self.interval)
        self._looked_at = now

    def is_beating(self) -> bool:
        """Whether somebody holds the lease and is at work."""
        return bool(self.row and self.row.holder) and self.silence < self._seconds()


class Leading:
    """Obtains the lease, keeps it beating, gives it up."""

    def __init__(
        self,
        store: Store,
        node: str,
        seconds: Callable[[], float],
        clock: Clock,
        *,
        alone: bool = False,
    ) -> None:
        """`node`: the name of this core's data folder, which only one core has at a time; `alone`:
        the store lies in that folder, so that no other core can be at work.
        """
        self._store = store
        self._node = node
        self._alone = alone
        self._pulse = Pulse(store, seconds, clock)
        self._rounds = Rounds(
            "lease",
            self._beat,
            every=lambda: self._pulse.interval,
            meanwhile="the lease does not beat",
        )
        self.leads = False
        self.on_standby: Callable[[], None] = lambda: None
        """Called when it begins to wait for another core's lease."""

    async def obtain(self) -> bool:
        """Return when this core leads: whether it was a standby until then."""
        stands_by = not await self._try()
        if stands_by:
            await self._stand_by()
        self.leads = True
        return stands_by

    async def _stand_by(self) -> None:
        log.info("standby: another core leads")
        self.on_standby()
        woken = asyncio.Event()
        ears = self._store.ears([Sign.LEASE], woken.set)
        ears.start()
        try:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pulse.interval):
                        await woken.wait()
                woken.clear()
                if await self._try():
                    return
        finally:
            await ears.stop()

    async def _try(self) -> bool:
        pulse = self._pulse
        try:
            await pulse.look()
            row = pulse.row
            is_others = row is not None and row.holder != self._node and pulse.is_beating()
            if is_others and not self._alone:
                return False
            fence = await self._store.run(lease.take, self._node, row)
        except Unavailable:
            return False
        if fence is None:
            return False
        self._store.lead(fence)
        log.info("leads, under number %s", fence)
        return True

    async def start(self) -> None:
        """Begin to beat."""
        await self._rounds.start()

    async def stop(self) -> None:
        """Give the lease up, so that a standby need not wait."""
        await self._rounds.stop()
        if self.leads:
            self.leads = False
            with suppress(Unavailable):
                await self._store.run(lease.give_up)

    async def _beat(self) -> None:
        await self._store.run(lease.beat)  # who is fenced hears of it from the store


class Presence:
    """Whether a core is at work, for a process that only takes contacts in."""

    def __init__(self, store: Store, seconds: Callable[[], float], clock: Clock) -> None:
        self._pulse = Pulse(store, seconds, clock)

    @property
    def interval(self) -> float:
        """Seconds after which it should be looked again."""
        return self._pulse.interval

    def is_there(self) -> bool:
        """Whether a core would hear of a contact now."""
        return self._pulse.is_beating()

    async def look(self) -> None:
        """Look once. Raises Unavailable."""
        await self._pulse.look()
