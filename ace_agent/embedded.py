"""The server on this machine's own data folder: joined where it runs, else started as a child.

It ends no process that it did not start, and its own child only by closing the child's standard
input: the child then stays for as long as another window uses it. What is said to the server is
`link`'s matter.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from ace_agent.child import LOCK_NAME, LOG_NAME, Child, command, is_locked
from ace_agent.link import Address
from ace_agent.tasks import Tasks, Trouble

log = logging.getLogger(__name__)

START_TIMEOUT = 120.0
"""Seconds until the server must be ready; a big store may have to be brought up to date first."""
STOP_TIMEOUT = 3.0
"""Seconds that a child may take to end; one that takes longer is in use by another window."""
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
LOOK_AGAIN = 0.1
"""Seconds between two looks at a server that another window is starting."""


class ServerFile(msgspec.Struct, rename="camel", frozen=True):
    """`server.json` in the data folder: who serves it, and the secret of local administration."""

    pid: int
    agents: int
    work_item: int
    secret: str
    tls: bool = False


class _Ready(msgspec.Struct, frozen=True):
    """The one line that a server prints when it takes work."""

    ready: bool
    agents: int


class Embedded(QObject):
    """Sees to it that a server runs on the data folder for as long as this window needs one."""

    moved = Signal(object)
    """A server is there again: carries its `link.Address`."""

    failed = Signal(str)
    """It could not be brought back, and why; it is tried again all the while."""

    def __init__(
        self,
        data: Path,
        database: str = "",
        *,
        early: Child | None = None,
        program: Sequence[str] = (),
        start_timeout: float = START_TIMEOUT,
        parent: QObject | None = None,
    ) -> None:
        """`early`: a child that was started for this window already.

        `program`: how to start the server, up to its own arguments.
        """
        super().__init__(parent)
        self.data = data
        self._database = database
        self.program = list(program) or [*command(), "server"]
        self._start_timeout = start_timeout
        self._early = early
        self._child: _Child | None = None
        self._starting = asyncio.Lock()
        self._pause = FIRST_PAUSE  # before the next start; grows while servers die young
        self._tasks = Tasks(self.failed.emit)

    @property
    def log_file(self) -> Path:
        """Where the child's words go."""
        return self.data / LOG_NAME

    async def start(self) -> Address:
        """Join the running server or start one; raises Trouble with what it said."""
        async with self._starting:
            return await self._find()

    async def _find(self) -> Address:
        deadline = asyncio.get_running_loop().time() + self._start_timeout
        contested = False  # another window's child was quicker, and may not be ready yet
        while asyncio.get_running_loop().time() < deadline:
            running = None if self._early is not None else self._running()
            if running is not None:
                log.info("joined the server %s", running.pid)
                return Address("127.0.0.1", running.agents, running.tls, own=True)
            if not (contested and self._is_taken()):
                found = await self._launch()
                if found is not None:
                    return found
                contested = True
            await asyncio.sleep(LOOK_AGAIN)
        raise Trouble(
            self.tr("Another server holds the data folder %1 and does not get ready.").replace(
                "%1", str(self.data)
            )
        )

    def look_after(self) -> None:
        """The link was lost: where it was another window's server that ended, start one."""
        if self._child is None and self._running() is None:
            self._restart()

    def secret(self) -> str:
        """The running server's secret of local administration; empty where there is none."""
        found = _server_file(self.data)
        return found.secret if found is not None else ""

    def agents_port(self) -> int:
        """Where the running server's agents connect; 0 where there is none."""
        found = _server_file(self.data)
        return found.agents if found is not None else 0

    def work_item_port(self) -> int:
        """Where the running server takes work items in; 0 where there is none."""
        found = _server_file(self.data)
        return found.work_item if found is not None else 0

    async def stop(self) -> None:
        """Let the child go: it ends unless another window uses it."""
        await self._tasks.stop()
        child, self._child = self._child, None
        early, self._early = self._early, None
        if early is not None:  # nobody came to need it
            child = _Child(early)
        if child is not None:
            await child.let_go()

    # The server that runs

    def _running(self) -> ServerFile | None:
        """Who serves the data folder now, if it is ready."""
        found = _server_file(self.data)
        return found if found is not None and _is_alive(found.pid) and self._is_taken() else None

    def _is_taken(self) -> bool:
        """Whether some server, ready or not, holds the data folder."""
        return is_locked(self.data / LOCK_NAME)

    # Our own child

    async def _launch(self) -> Address | None:
        """Start a child; None where another window's was quicker. Raises Trouble."""
        early, self._early = self._early, None
        try:
            process = early or Child(self.program, self.data, self._database)
        except OSError as error:
            raise Trouble(self._sentence(str(error))) from error
        child = _Child(process)
        ready: _Ready | None = None
        try:
            ready = await child.ready(self._start_timeout)
        except TimeoutError as error:
            raise Trouble(self._sentence(process.said())) from error
        finally:
            if ready is None:
                await child.end()
        if ready is None:
            if self._is_taken():
                return None
            raise Trouble(self._sentence(process.said()))
        log.info("started the server %s", process.pid)
        self._child = child
        child.ended.add_done_callback(lambda _: self._died(child))
        found = _server_file(self.data)
        return Address("127.0.0.1", ready.agents, found is not None and found.tls, own=True)

    def _sentence(self, said: str) -> str:
        if not said:
            return self.tr(
                "The server on this machine does not start. What it wrote is in %1."
            ).replace("%1", str(self.log_file))
        return self.tr("The server on this machine does not start: %1").replace("%1", said)

    def _died(self, child: "_Child") -> None:
        if self._child is not child:
            return
        self._child = None
        log.warning("the server ended with %s, starting another", child.process.code)
        if child.process.age() > LONGEST_PAUSE:
            self._pause = FIRST_PAUSE
        self._restart()

    def _restart(self) -> None:
        if not self._tasks.is_running("restart"):
            self._tasks.start(self._start_again(), name="restart")

    async def _start_again(self) -> None:
        while True:
            await asyncio.sleep(self._pause)
            self._pause = min(LONGEST_PAUSE, 2 * self._pause)
            try:
                found = await self.start()
            except Trouble as trouble:
                log.warning("the server did not come back")
                self.failed.emit(trouble.reason)
            else:
                self.moved.emit(found)
                return


class _Child:
    """A server process of ours, as the window's loop hears it."""

    def __init__(self, process: Child) -> None:
        self._loop = asyncio.get_running_loop()
        self.process = process
        self._first_line: asyncio.Future[bytes] = self._loop.create_future()
        self.ended: asyncio.Future[None] = self._loop.create_future()
        self._follow(process.first_line, self._first_line)
        self._follow(process.ended, self.ended)

    async def ready(self, seconds: float) -> _Ready | None:
        """What it said when it was ready; None where it ended instead. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            line = await asyncio.shield(self._first_line)
        with suppress(msgspec.MsgspecError):
            said = msgspec.json.decode(line, type=_Ready)
            return said if said.ready else None
        return None

    async def let_go(self) -> None:
        """Close its standard input, and wait a while for its end."""
        self.process.let_go()
        await asyncio.wait({self.ended}, timeout=STOP_TIMEOUT)
        if self.ended.done():
            self.process.join()

    async def end(self) -> None:
        """End a child that never got ready: nobody uses it."""
        self.process.let_go()
        if not self.ended.done():
            self.process.terminate()
        await asyncio.wait({self.ended}, timeout=STOP_TIMEOUT)
        if not self.ended.done():
            self.process.kill()
            await self.ended
        self.process.join()

    def _follow(self, theirs: "Future[Any]", ours: "asyncio.Future[Any]") -> None:
        def tell(done: "Future[Any]") -> None:
            with suppress(RuntimeError):  # the window is gone
                self._loop.call_soon_threadsafe(_resolve, ours, done.result())

        theirs.add_done_callback(tell)


def _resolve(future: "asyncio.Future[Any]", result: object) -> None:
    if not future.done():
        future.set_result(result)


def _server_file(data: Path) -> ServerFile | None:
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode((data / "server.json").read_bytes(), type=ServerFile)
    return None


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # the lock says it already
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
