"""The server as a process of our own: started, heard, and let go.

Nothing of Qt and no event loop: `main.py` starts it before the window's own parts are loaded, so
that both get ready at the same time. When one is needed is `embedded`'s matter.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import IO, Any

from filelock import FileLock, Timeout

LOG_BYTES = 5 * 1024 * 1024
LOG_NAME = "server.log"
LOCK_NAME = "server.lock"

MAIN = Path(__file__).resolve().parent.parent / "main.py"


def command() -> list[str]:
    """How this very program is started again, with other arguments."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, str(MAIN)]


class Child:
    """A server process; a thread of its own reads what it prints until it ends."""

    def __init__(self, program: Sequence[str], data: Path, database: str = "") -> None:
        """Start it on this data folder; raises OSError where that is impossible.

        `program`: how to start the server, up to its own arguments.
        """
        self.first_line: Future[bytes] = Future()
        self.ended: Future[None] = Future()
        self._born = monotonic()
        self._log_file = data / LOG_NAME
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        _turn_over(self._log_file)
        self._log_start = self._log_file.stat().st_size if self._log_file.exists() else 0
        with _open_log(self._log_file) as output:
            self._process = subprocess.Popen(
                [*program, *_arguments(data, database)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                **_APART,
            )
        self._reader = threading.Thread(target=self._read, name="server output", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    @property
    def code(self) -> int | None:
        """What it ended with; None while it runs."""
        return self._process.returncode

    def age(self) -> float:
        """Seconds since it was started."""
        return monotonic() - self._born

    def said(self) -> str:
        """Its last line of error output; empty where it said nothing."""
        with self._log_file.open("rb") as file:
            file.seek(self._log_start)
            lines = file.read(64 * 1024).decode(errors="replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return said.removeprefix("ace: ")

    def let_go(self) -> None:
        """Close its standard input: it ends, unless another window uses it."""
        assert self._process.stdin is not None  # made with a pipe
        with suppress(OSError):
            self._process.stdin.close()

    def terminate(self) -> None:
        """Ask it to end, whoever uses it."""
        self._process.terminate()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def join(self) -> None:
        """Wait for the thread of one that has ended."""
        self._reader.join()

    def _read(self) -> None:
        output = self._process.stdout
        assert output is not None  # made with a pipe
        with output:
            self.first_line.set_result(output.readline())
            while output.read(4096):  # not for us, but a full pipe would stop the server
                pass
        self._process.wait()
        self.let_go()
        self.ended.set_result(None)


def early(data: Path, database: str) -> Child | None:
    """The server that a window on this data folder will need, unless one holds the folder.

    None also where it does not start: the window tries again, and says why.
    """
    with suppress(OSError):
        if not is_locked(data / LOCK_NAME):
            return Child([*command(), "server"], data, database)
    return None


def is_locked(path: Path) -> bool:
    """Whether a process holds the advisory lock on this file."""
    if not path.exists():
        return False
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    lock.release()
    return False


def _arguments(data: Path, database: str) -> list[str]:
    where = ["--embedded", "--data", str(data), "--listen", "127.0.0.1:0"]
    return [*where, "--database", database] if database else where


def _apart() -> dict[str, Any]:
    """Ctrl-C in a terminal is meant for the window, which then ends its child in order."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags}
    return {"start_new_session": True}


_APART = _apart()


def _open_log(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def _turn_over(path: Path) -> None:
    """Keep one older log, so that it never grows without bound."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_name(f"{path.name}.1"))
