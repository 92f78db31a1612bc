"""Coroutines started from slots: kept while they run, their trouble told, ended together.

It knows nothing of the server: `session` and `link` say what can go wrong.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

log = logging.getLogger(__name__)


class Trouble(Exception):
    """It was not done; `reason` is a sentence for the person at the desk."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Tasks:
    """The coroutines of one owner, who stops them before it goes."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """`tell` is given the reason of every `Trouble` that ends one of them."""
        self._tell = tell
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any], *, name: str | None = None) -> None:
        """Run it beside everything else; what else than Trouble ends it is our bug, and logged."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def is_running(self, name: str) -> bool:
        """Whether one started under this name is still under way."""
        return any(task.get_name() == name for task in self._running)

    async def stop(self) -> None:
        """Cancel what is under way and wait until it has ended."""
        running = [task for task in self._running if task is not asyncio.current_task()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if task.cancelled():
            return
        match task.exception():
            case None:
                return
            case Trouble() as trouble:
                self._tell(trouble.reason)
            case error:
                log.error("%s failed", task.get_name(), exc_info=error)
