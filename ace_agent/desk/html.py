"""The HTML of a mail, cleaned by a process of its own (`html_process`), within time and memory.

What that process says is foreign, too: the mail may have taken it over. It is read within limits,
and what shows it (`html_view`) opens and fetches nothing, whatever stands in it.
"""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from ace_agent.desk.showable import Unreadable, Why

PROCESS = Path(__file__).with_name("html_process.py")
"""Run, and never imported: lxml and nh3 stay out of the window's process."""

PATIENCE = 5.0
"""Seconds that one mail may take, cleaned and laid out (E-7); the start of the process, too."""

MOST_BYTES = 10 * 1024 * 1024
AT_ONCE = 100_000
"""Characters that are shown before somebody asks for the whole."""

WHOLE = 1_000_000
"""Characters that are shown at all."""

SLOW, SLOW_WHOLE = 0.3, 1.5
"""Seconds of layout for these two, which the window spends as well: what takes longer is cut."""

LONGEST_LINE = 500_000
MOST_GROWTH = 12
"""How often the characters asked for there may be bytes: escaped, and in elements that end."""

if sys.platform == "win32":
    _NO_CONSOLE = subprocess.CREATE_NO_WINDOW
else:
    _NO_CONSOLE = 0


class _Answer(msgspec.Struct, frozen=True):
    bytes: int
    pictures: list[str]
    parts: list[str]
    is_coloured: bool
    ground: str
    is_cut: bool


class Cleaned(msgspec.Struct, frozen=True):
    """A mail that can be shown. Its pictures are called `blocked:N` and `cid:N`."""

    html: str
    pictures: tuple[str, ...]  # the addresses of the remote ones; the first is `blocked:0`
    parts: tuple[str, ...]  # the content ids of those that came with the mail; `cid:0` …
    is_coloured: bool  # it has colours of its own, made for white paper
    ground: str  # the colour behind it; empty: none, or it is no colour of its own
    is_cut: bool  # there is more, or some of it lay too deep


class Cleaner:
    """Cleans mails one after the other; starts its process when it must, and must be closed."""

    def __init__(self, *, patience: float = PATIENCE) -> None:
        """`patience` is in seconds."""
        self._patience = patience
        self._turn = asyncio.Lock()
        self._at_work = threading.Lock()  # held while the process is asked
        self._starting = threading.Lock()  # held while the process comes or goes
        self._process: subprocess.Popen[bytes] | None = None
        self._is_closed = False

    async def clean(
        self, html: str, width: int, *, whole: bool = False, dark: bool = False
    ) -> Cleaned:
        """The mail as it can be shown, so many pixels wide; raises Unreadable.

        In the dark the greys of a mail that has no other colour are left to the window.
        """
        content = html.encode("utf-8", "replace")
        if len(content) > MOST_BYTES:
            raise Unreadable(Why.TOO_LARGE)
        asked = {
            "bytes": len(content),
            "width": width,
            "most": WHOLE if whole else AT_ONCE,
            "slow": SLOW_WHOLE if whole else SLOW,
            "dark": dark,
        }
        async with self._turn:
            try:
                async with asyncio.timeout(self._patience):
                    return await asyncio.to_thread(self._ask, asked, content)
            except BaseException as error:
                self._end()  # what it would say now is the answer to nothing
                if isinstance(error, TimeoutError):
                    raise Unreadable(Why.SLOW) from error
                raise

    def close(self) -> None:
        """End the process; whoever waits for a mail is told that it cannot be shown."""
        self._is_closed = True
        self._end()

    @property
    def process(self) -> int | None:
        """The id of the process, while there is one."""
        return None if self._process is None else self._process.pid

    def _end(self) -> None:
        with self._starting:
            process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        with self._at_work:  # what is asked now ends with the process
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(OSError):  # a question that nobody read
                        pipe.close()
        process.wait()

    # On a thread

    def _ask(self, asked: Mapping[str, object], content: bytes) -> Cleaned:
        with self._at_work:
            process = self._started()
            try:
                return self._answer(process, asked, content)
            except (
                OSError,
                ValueError,
                msgspec.MsgspecError,
            ) as error:  # it died, or says what it never would
                raise Unreadable(Why.BROKEN) from error

    def _started(self) -> subprocess.Popen[bytes]:
        if getattr(sys, "frozen", False):  # a packed program has no Python that it could start
            raise Unreadable(Why.BROKEN)
        with self._starting:
            if self._is_closed:
                raise Unreadable(Why.BROKEN)
            if self._process is None:
                self._process = subprocess.Popen(
                    [sys.executable, "-P", str(PROCESS)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    creationflags=_NO_CONSOLE,
                )
            return self._process

    def _answer(
        self, process: subprocess.Popen[bytes], asked: Mapping[str, object], content: bytes
    ) -> Cleaned:
        assert process.stdin is not None and process.stdout is not None  # made with pipes
        process.stdin.write(msgspec.json.encode(asked) + b"\n" + content)
        process.stdin.flush()
        said = msgspec.json.decode(process.stdout.readline(LONGEST_LINE), type=_Answer)
        if not 0 <= said.bytes <= MOST_GROWTH * WHOLE:
            raise ValueError("more than was asked for")
        html = process.stdout.read(said.bytes)
        if len(html) != said.bytes:
            raise ValueError("it ended in the middle")
        return Cleaned(
            html=html.decode(),
            pictures=tuple(said.pictures),
            parts=tuple(said.parts),
            is_coloured=said.is_coloured,
            ground=said.ground,
            is_cut=said.is_cut,
        )
