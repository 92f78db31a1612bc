"""The desktop program on a data folder, logged in, and what is noted of it.

It says on a line of JSON when its desk was painted for the first time, and ends with its standard
input. One that works accepts and ends what it gets, each contact after it has been on the screen
for so many seconds (0: it does not work). What it noted is then in a file: when a timer of 10 ms
came, and how much memory the process had after so many contacts.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer

from ace_agent import loop
from ace_agent.app import Program, application, dress
from ace_agent.child import Child
from ace_agent.main_window import MainWindow
from ace_agent.session import Session
from ace_agent.settings import Settings
from ace_server.wire import State
from benchmarks.machine import megabytes

TICK_MS = 10

COUNTED = (1, 20, 200, 2000)
"""Contacts after which the memory is noted."""


class Painted(QObject):
    """Calls when a window was painted for the first time, and what is due then has been done."""

    def __init__(self, window: MainWindow, call: Callable[[], None]) -> None:
        super().__init__(window)
        self._call = call
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self._call)
        return False


class Desk:
    """One run of the program, and what is noted of it."""

    def __init__(
        self, data: Path, log_in: tuple[str, str], early: Child | None, looks: float
    ) -> None:
        settings = Settings(data / "window.ini")
        settings.sound = False
        self._looks = looks
        self._ticks: list[float] = []
        self._memory: dict[int, float] = {}
        self._working: asyncio.Task[None] | None = None
        self._at_work = asyncio.Lock()
        self._timer = QTimer(interval=TICK_MS)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(lambda: self._ticks.append(time.monotonic()))
        self._program = Program(settings, data, early=early, log_in=log_in, made=self._made)
        self.settings = settings

    async def run(self, close: asyncio.Event) -> int:
        """Until standard input is closed."""
        ending = asyncio.ensure_future(self._close(close))
        code = await self._program.run(close)
        await ending
        return code

    async def _close(self, close: asyncio.Event) -> None:
        await asyncio.to_thread(sys.stdin.buffer.read)
        if self._working is not None:
            async with self._at_work:  # what is in hand is ended, and noted
                self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)
        close.set()

    def notes(self) -> dict[str, object]:
        """What was noted."""
        return {
            "tickSeconds": TICK_MS / 1000,
            "ticks": self._ticks,
            "megabytes": self._memory,
        }

    def _made(self, window: MainWindow) -> None:
        self._painted = Painted(window, self._ready)

    def _ready(self) -> None:
        server = self._program.embedded
        assert server is not None
        ready = {"ready": True, "workItem": server.work_item_port(), "megabytes": megabytes()}
        print(json.dumps(ready), flush=True)
        self._timer.start()
        if self._looks:
            self._working = asyncio.ensure_future(self._work(self._program.session))

    async def _work(self, session: Session) -> None:
        await session.activate()
        for number in count(1):
            contact = await _booked(session)
            async with self._at_work:
                await session.accept(contact)
                await asyncio.sleep(self._looks)
                await session.end(contact)
                if number in COUNTED:
                    self._memory[number] = megabytes()


async def _booked(session: Session) -> int:
    """The next contact that is booked for this desk."""
    changed = asyncio.Event()
    session.changed.connect(changed.set)
    try:
        while True:
            for contact in session.contacts.values():
                if contact.state is State.BOOKED:
                    return contact.id
            changed.clear()
            await changed.wait()
    finally:
        session.changed.disconnect(changed.set)


def run(data: Path, notes: Path, log_in: tuple[str, str], early: Child | None, looks: float) -> int:
    """Until standard input is closed; the exit code."""
    app = application()
    desk = Desk(data, log_in, early, looks)
    dress(app, desk.settings)
    code = loop.run(app, desk.run)
    notes.write_text(json.dumps(desk.notes()))
    return code
