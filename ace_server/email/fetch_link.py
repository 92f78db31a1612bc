"""The server's end of the process that fetches: starts it, answers it, and starts it again.

Its thread waits for what the process asks; the loop is only told. So the loop never waits for it.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from ace_server.email import fetch_process
from ace_server.email.books import Account, Question
from ace_server.email.fetch_process import SPAWN, Answered, Asked, Assign, Ready, Stop, Wake
from ace_server.errors import Unavailable

log = logging.getLogger(__name__)

Answer = Callable[[Question], Awaitable[object]]

START_AGAIN = 1.0
LONGEST_PAUSE = 60.0
"""Seconds before a process that has ended is started again; they double while none lasts longer."""

FIRST_WORD = 60.0
ENDING = 10.0
"""Seconds that it may take to be ready, and to end; then it is killed."""


class FetchLink:
    """A service: one process that fetches from the accounts that it was given."""

    def __init__(self, data: Path, answer: Answer) -> None:
        self._data = data
        self._answer = answer
        self._accounts: Sequence[Account] = ()
        self._process: _Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._wanted = asyncio.Event()  # a site without mail has no such process
        self._answering: set[asyncio.Task[None]] = set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fetching")  # nobody else's

    async def start(self) -> None:
        """Begin to keep a process."""
        self._task = asyncio.create_task(self._keep(), name="fetching")

    async def stop(self) -> None:
        """End the process; what it had not noted is fetched again by the next."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)
        self._thread.shutdown()

    def assign(self, accounts: Sequence[Account]) -> None:
        """Fetch from these accounts, and from no others, from now on."""
        self._accounts = accounts
        if accounts:
            self._wanted.set()
        self._say(Assign(tuple(accounts)))

    def wake(self) -> None:
        """Look into every mailbox now."""
        self._say(Wake())

    @property
    def pid(self) -> int | None:
        """Of the process; None while there is none."""
        return None if self._process is None else self._process.pid

    def _say(self, message: object) -> None:
        if self._process is not None:
            self._process.say(message)

    async def _keep(self) -> None:
        """Have a process, from the first account on."""
        await self._wanted.wait()
        loop = asyncio.get_running_loop()
        pause = START_AGAIN / 2
        while True:
            began = loop.time()
            try:
                await self._have()
                log.warning("the process that fetches mail has ended; it is started again")
            except TimeoutError:
                log.error("the process that fetches mail said nothing; it is started again")
            except Exception:  # noqa: BLE001  # edge: one process
                log.exception("the process that fetches mail could not be had; another is started")
            lasted = loop.time() - began
            pause = START_AGAIN if lasted > LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _have(self) -> None:
        """Have one process until it ends.

        Raises OSError where none can be started, TimeoutError where it says nothing.
        """
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        ended: asyncio.Future[None] = loop.create_future()
        starting = loop.run_in_executor(self._thread, _Process, self._data)
        try:
            process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            await asyncio.wait((starting,))
            if starting.exception() is None:  # or there is nothing to end
                await loop.run_in_executor(self._thread, starting.result().close)
            raise
        try:
            self._process = process
            process.listen(loop, self._on_asked, ready, ended)
            process.say(Assign(tuple(self._accounts)))
            async with asyncio.timeout(FIRST_WORD):
                await asyncio.wait((ready, ended), return_when=asyncio.FIRST_COMPLETED)
            await ended
        finally:
            self._process = None
            await loop.run_in_executor(self._thread, process.close)

    def _on_asked(self, process: "_Process", asked: Asked) -> None:
        task = asyncio.create_task(self._reply(process, asked), name="books")
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _reply(self, process: "_Process", asked: Asked) -> None:
        try:
            answered = Answered(asked.asker, True, await self._answer(asked.question))
        except Unavailable:
            answered = Answered(asked.asker, False)
        except Exception:  # noqa: BLE001  # edge: one question
            log.exception("a question of the process that fetches could not be answered")
            answered = Answered(asked.asker, False)
        process.say(answered)


class _Process:
    """The process, and the two threads that speak with it."""

    def __init__(self, data: Path) -> None:
        self._ours, theirs = SPAWN.Pipe()
        self._process = SPAWN.Process(
            target=fetch_process.run, args=(theirs, str(data)), name="fetching", daemon=True
        )
        self._process.start()
        theirs.close()  # or its end would not be heard
        self.pid = self._process.pid
        self._said: SimpleQueue[Any] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def listen(
        self,
        loop: asyncio.AbstractEventLoop,
        on_asked: Callable[["_Process", Asked], None],
        ready: "asyncio.Future[None]",
        ended: "asyncio.Future[None]",
    ) -> None:
        """Tell the loop that the process is ready, what it asks, and that it has ended."""

        def happen(future: "asyncio.Future[None]") -> None:
            if not future.done():
                future.set_result(None)

        def hear(said: object) -> None:
            match said:
                case Ready():
                    happen(ready)
                case Asked():
                    on_asked(self, said)

        def read() -> None:
            with suppress(EOFError, OSError):
                while True:
                    loop.call_soon_threadsafe(hear, self._ours.recv())
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(happen, ended)

        def write() -> None:
            with suppress(OSError):
                while (message := self._said.get()) is not None:
                    self._ours.send(message)

        self._threads = [
            threading.Thread(target=target, name=f"fetching {target.__name__}", daemon=True)
            for target in (read, write)
        ]
        for thread in self._threads:
            thread.start()

    def say(self, message: object) -> None:
        """Send it soon, in order."""
        self._said.put(message)

    def close(self) -> None:
        """End the process and the threads."""
        self.say(Stop())
        self.say(None)
        self._process.join(ENDING)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        for thread in self._threads:
            thread.join()
        self._ours.close()
        self._process.close()
