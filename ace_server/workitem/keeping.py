"""Attachments between the disk and the row that names them.

A file is named by its content, so two requests may keep the same one; it must not be released for
the one that failed while the other counts on it. Nothing here touches the disk.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

from ace_server.errors import Unavailable

log = logging.getLogger(__name__)


class Keeping:
    """Who counts on which files; `release` removes those that no row names."""

    def __init__(self, release: Callable[[list[str]], Awaitable[None]]) -> None:
        self._release = release
        self._in_use: Counter[str] = Counter()
        self._left: set[str] = set()  # perhaps named by nothing
        self._going: set[str] = set()  # being released
        self._gone = asyncio.Condition()

    @asynccontextmanager
    async def holding(self, digests: Collection[str]) -> AsyncIterator[None]:
        """Within, none of these is released. At the end they are, unless a row names them."""
        wanted = set(digests)
        async with self._gone:
            await self._gone.wait_for(lambda: not wanted & self._going)
        self._in_use.update(wanted)
        try:
            yield
        except BaseException:
            await self._let_go(wanted, release=True)
            raise
        else:
            await self._let_go(wanted, release=False)

    async def _let_go(self, digests: set[str], *, release: bool) -> None:
        self._in_use.subtract(digests)
        self._in_use = +self._in_use  # without those at zero
        if release:
            self._left |= digests
        unused = self._left - self._in_use.keys()
        if not unused:
            return
        self._left -= unused
        self._going |= unused
        try:
            await self._release(sorted(unused))
        except Unavailable:
            log.info("attachments that nothing names stay until the store can be used")
            self._left |= unused
        finally:
            self._going -= unused
            async with self._gone:
                self._gone.notify_all()
