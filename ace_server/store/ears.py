"""Hears that another process has stored something: a thread that only waits.

What it was is not told: who hears looks for itself, and looks slowly without hearing anything.
"""

import asyncio
import logging
import threading
from collections.abc import Callable

from ace_server.store.contract import Engine, Sign
from ace_server.store.trouble import TROUBLE

log = logging.getLogger(__name__)

RETRY = 1.0
"""Seconds before it listens again after trouble."""


class Ears:
    """Calls back on the loop when another process gave one of these signs."""

    def __init__(self, engine: Engine, signs: frozenset[Sign], heard: Callable[[], None]) -> None:
        self._engine = engine  # nobody else's: a connection belongs to its thread
        self._signs = signs
        self._heard = heard
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin to listen."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._listen, name="ears", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Hear nothing any more."""
        self._stopped.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)

    def _listen(self) -> None:
        assert self._loop is not None
        while not self._stopped.is_set():
            try:
                for _ in self._engine.hear(self._signs, self._stopped):
                    self._loop.call_soon_threadsafe(self._heard)
            except TROUBLE as error:
                log.info("it is looked without being told until the database is back: %s", error)
                self._stopped.wait(RETRY)
