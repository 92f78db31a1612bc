"""The real server process on a data folder of its own: started, asked, killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

MAIN = Path(__file__).resolve().parents[2] / "main.py"


class Process:
    """`main.py server`, ready when `start` returns."""

    def __init__(self, data: Path, *, before: Sequence[str] = ()) -> None:
        """`before`: a command that the server is started under."""
        self._command = [
            *before,
            sys.executable,
            str(MAIN),
            "server",
            "--data",
            str(data),
            "--listen",
            "127.0.0.1:0",
        ]
        self.log = data.parent / "server.log"
        self.agents = self.work_items = 0

    def start(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=subprocess.PIPE, stderr=log, start_new_session=True
            )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the server did not get ready: {self.log.read_text()[-2000:]}"
        ready: dict[str, Any] = json.loads(line)
        self.agents, self.work_items = ready["agents"], ready["workItem"]
        return self

    @property
    def pid(self) -> int:
        """Of the server, or of what it was started under."""
        return self._process.pid

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it as a power cut would."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        os.killpg(self._process.pid, number)  # with what it was started under
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()
