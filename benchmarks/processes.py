"""Starting what is measured in a process of its own, and ending it."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import bank
from benchmarks.measuring import Missing

ROOT = Path(__file__).resolve().parent.parent

READY_WITHIN = 60.0
END_WITHIN = 30.0
"""Seconds."""


@contextmanager
def running(
    command: Sequence[str | Path], folder: Path, variables: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """Run a program that says on a line of JSON when it is ready; what it said.

    It is ended by closing its standard input. Raises Missing where it does not get ready.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **(variables or {})}
    log = folder / "stderr.log"
    with (
        log.open("ab") as errors,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
        ) as process,
    ):
        try:
            yield _ready(process, log)
        finally:
            _end(process)


def server(data: Path) -> list[str | Path]:
    """The command of the server itself, on any free ports, without the bootstrap."""
    listen = ("--listen", "127.0.0.1:0")
    return [sys.executable, ROOT / "main.py", "server", "--embedded", "--data", data, *listen]


def child(name: str, *arguments: str | Path, python: Path | None = None) -> list[str | Path]:
    """The command of a program in `benchmarks.children`."""
    return [python or sys.executable, "-m", f"benchmarks.children.{name}", *arguments]


def desk_window(data: Path, notes: Path, *, looks: float = 0.0) -> list[str | Path]:
    """The command of a window at which the bank's first agent is logged in.

    `looks`: that agent works, and looks at each contact for so many seconds.
    """
    log_in = (bank.login(0), bank.PASSWORD_VARIABLE)
    return child("desk_window", data, notes, *log_in, "--looks", str(looks))


def with_password() -> dict[str, str]:
    """The variables that let the bank's agents log in."""
    return {bank.PASSWORD_VARIABLE: bank.PASSWORD}


def with_window() -> dict[str, str]:
    """The variables that let a window be drawn unseen, and its agent log in."""
    return {"QT_QPA_PLATFORM": "offscreen", **with_password()}


def _ready(process: "subprocess.Popen[bytes]", log: Path) -> dict[str, Any]:
    assert process.stdout is not None
    patience = threading.Timer(READY_WITHIN, process.kill)
    patience.start()
    try:
        line = process.stdout.readline()
    finally:
        patience.cancel()
        patience.join()
    if not line:
        last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise Missing(f"a program did not get ready: {' '.join(last) or 'it said nothing'}")
    return dict(json.loads(line))


def _end(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(END_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
