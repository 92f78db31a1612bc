"""The real server as a process of its own, started and killed as the machine's owner would."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import aiohttp

from ace_server.administration import commands
from ace_server.passwords import Passwords, StoredSecret
from ace_server.settings import SystemParameters
from ace_server.store import Store, directory
from tests.proofs.house import PASSWORDS, configure_bank

ROOT = Path(__file__).resolve().parents[2]
MAIN = [sys.executable, "main.py"]

PASSWORD = "anna-has-a-password"
COMES_UP_WITHIN = 60.0
"""Seconds after which a start has failed; not a measurement."""


def make_bank(
    data: Path, system: SystemParameters, *, passwords: Passwords = PASSWORDS, url: str = ""
) -> None:
    """A configured data folder with Anna's password and the accounts' secrets.

    `url`: where its database is, which the folder then remembers.
    """
    store = Store(data, url=url)
    store.open()
    store.perform(configure_bank)
    store.perform(directory.replace_single, "system", system)
    secret = StoredSecret("hash", passwords.hash(PASSWORD))
    store.perform(directory.set_secret, "user", "anna", secret)
    store.close()
    commands.database(data, url, remember=bool(url))


class Process:
    """One start of the server."""

    def __init__(
        self,
        data: Path,
        log: Path,
        *,
        before: Sequence[str] = (),
        program: Path = ROOT,
        role: str = "all",
    ) -> None:
        """`before`: a command that the server is started under; `program`: where `main.py` is."""
        self._program = program
        self.data = data
        self._log = log
        self._before = before
        self._role = role
        self._process: asyncio.subprocess.Process | None = None
        self._began = 0.0
        self.work_item_port = 0
        self.agents_port = 0
        self.came_up_after = 0.0  # seconds

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def spawn(self) -> None:
        """Begin to start it."""
        arguments = ["server", "--data", str(self.data), "--listen", "127.0.0.1:0"]
        arguments += ["--role", self._role]
        self._began = time.monotonic()
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._before,
                *MAIN,
                *arguments,
                cwd=self._program,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )

    async def ready(self) -> None:
        """Return when it takes work; a start that does not come up fails."""
        assert self._process is not None and self._process.stdout is not None
        async with asyncio.timeout(COMES_UP_WITHIN):
            line = await self._process.stdout.readline()
        assert line, f"it did not come up: {self._log.read_text()[-3000:]}"
        facts = json.loads(line)
        assert facts["ready"]
        self.work_item_port, self.agents_port = facts.get("workItem", 0), facts.get("agents", 0)
        self.came_up_after = time.monotonic() - self._began

    async def start(self) -> None:
        await self.spawn()
        await self.ready()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.kill()

    async def health(self) -> tuple[int, str]:
        """What it says of itself: the status, and the state of its store."""
        url = f"http://127.0.0.1:{self.agents_port}/health"
        async with aiohttp.ClientSession() as http, http.get(url) as answer:
            return answer.status, (await answer.json())["store"]

    async def kill(self) -> None:
        """As a power cut would, except for what the kernel still holds."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        await self._end()

    async def stop(self) -> int:
        """Ask it to stop; its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return await self._end()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        self._process.send_signal(number)

    async def ended(self) -> int:
        """Wait until it has ended by itself; its exit code."""
        return await self._end()

    async def _end(self) -> int:
        assert self._process is not None
        await self._process.communicate()
        assert self._process.returncode is not None
        return self._process.returncode


async def command(*arguments: str) -> str:
    """What a command of `main.py` prints."""
    process = await asyncio.create_subprocess_exec(
        *MAIN,
        *arguments,
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return out.decode()


def errors_in(log: Path) -> list[str]:
    """The lines of a server's log that say that something was abandoned."""
    lines = log.read_text().splitlines() if log.exists() else []
    return [line for line in lines if not line.startswith("{") or '"level": "error"' in line]
