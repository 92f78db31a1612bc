"""A PDF whose pages are drawn by a process of their own (`pdf_process`), within time and memory.

What that process says is foreign, too: the file may have taken it over. It is read within limits.
"""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeVar

import msgspec
from PySide6.QtCore import QSize, QSizeF
from PySide6.QtGui import QImage

from ace_agent.desk.showable import Unreadable, Why, within

T = TypeVar("T")

PROCESS = Path(__file__).with_name("pdf_process.py")
"""Run, and never imported: QtPdf stays out of the window's process."""

PATIENCE = 10.0
"""Seconds that opening the file, or drawing one page, may take."""

MOST_PAGES = 2_000
LONGEST_LINE = 1_000
PIXELS_PER_POINT = 96 / 72


if sys.platform == "win32":
    _NO_CONSOLE = subprocess.CREATE_NO_WINDOW
else:
    _NO_CONSOLE = 0


class _Opened(msgspec.Struct, frozen=True):
    pages: int
    error: str


class _Size(msgspec.Struct, frozen=True):
    width: float
    height: float


class _Picture(msgspec.Struct, frozen=True):
    width: int
    height: int
    bytes: int


class Document:
    """One PDF that is shown; it is asked one thing at a time, and must be closed."""

    enlarges = True

    def __init__(self, file: Path, *, patience: float = PATIENCE) -> None:
        """`patience` is in seconds."""
        self.pages = 0
        self.has_more = False
        self._file = file
        self._patience = patience
        self._at_work = threading.Lock()  # held while the process is asked
        self._is_closed = False
        self._process: subprocess.Popen[bytes] | None = None

    async def open(self) -> None:
        """Start the process, and wait until it says how many pages there are; raises Unreadable."""
        if getattr(sys, "frozen", False):  # a packed program has no Python that it could start
            raise Unreadable(Why.BROKEN)
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(PROCESS), str(self._file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=_NO_CONSOLE,
        )
        said = await self._soon(lambda: self._read(_Opened))
        if said.error in ("IncorrectPassword", "UnsupportedSecurityScheme"):
            raise Unreadable(Why.LOCKED)
        if said.error or said.pages < 1:
            raise Unreadable(Why.BROKEN)
        self.pages = min(said.pages, MOST_PAGES)
        self.has_more = said.pages > MOST_PAGES

    async def size(self, page: int) -> QSizeF:
        """How large a page is at 100 %, in pixels; raises Unreadable."""
        said = await self._soon(lambda: self._ask(f"size {page}", _Size))
        if not (said.width > 0 and said.height > 0):
            raise Unreadable(Why.BROKEN)
        return QSizeF(said.width * PIXELS_PER_POINT, said.height * PIXELS_PER_POINT)

    async def image(self, page: int, size: QSize) -> QImage:
        """Draw a page about this large, without its paper; raises Unreadable."""
        return await self._soon(lambda: self._ask_picture(page, within(size)))

    def close(self) -> None:
        """End the process; whoever waits for a page is told that there is none."""
        self._is_closed = True
        if self._process is None:
            return
        self._process.kill()
        with self._at_work:  # what is asked now ends with the process
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with suppress(OSError):  # a question that nobody read
                        pipe.close()
        self._process.wait()

    async def _soon(self, ask: Callable[[], T]) -> T:
        """Ask on a thread of its own; a process that takes too long is ended."""
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.to_thread(self._alone, ask)
        except TimeoutError as error:
            self.close()
            raise Unreadable(Why.SLOW) from error

    # On that thread

    def _alone(self, ask: Callable[[], T]) -> T:
        with self._at_work:
            if self._is_closed:
                raise Unreadable(Why.BROKEN)
            try:
                return ask()
            except (OSError, msgspec.MsgspecError) as error:  # it died, or says what it never would
                raise Unreadable(Why.BROKEN) from error

    def _ask(self, question: str, answer: type[T]) -> T:
        assert self._process is not None and self._process.stdin is not None  # made with a pipe
        self._process.stdin.write(f"{question}\n".encode("ascii"))
        self._process.stdin.flush()
        return self._read(answer)

    def _read(self, answer: type[T]) -> T:
        return msgspec.json.decode(self._answers.readline(LONGEST_LINE), type=answer)

    def _ask_picture(self, page: int, size: QSize) -> QImage:
        said = self._ask(f"draw {page} {size.width()} {size.height()}", _Picture)
        line = 4 * size.width()
        if said != _Picture(size.width(), size.height(), line * size.height()):
            raise Unreadable(Why.BROKEN)
        content = self._answers.read(said.bytes)
        if len(content) != said.bytes:
            raise Unreadable(Why.BROKEN)
        form = QImage.Format.Format_ARGB32_Premultiplied
        return QImage(content, size.width(), size.height(), line, form).copy()

    @property
    def _answers(self) -> IO[bytes]:
        assert self._process is not None and self._process.stdout is not None  # made with a pipe
        return self._process.stdout
