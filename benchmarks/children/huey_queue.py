"""`DATA`: the port of the open interface in front of huey, on SQLite, each task durable.

Runs in an environment that has huey.
"""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from huey import SqliteHuey  # type: ignore[import-not-found]  # in the peer's own environment alone

from ace_server.contact import State
from ace_server.intake import Arrival, Intake
from ace_server.store.contacts import Added
from benchmarks.children import port


class HueyIntake(Intake):
    """Makes a task of everything. One thread: huey has one connection, and a lock around it."""

    def __init__(self, file: Path) -> None:
        queue = SqliteHuey(filename=str(file), fsync=True)
        self._thread = ThreadPoolExecutor(1)
        self._task = queue.task()(_keep)

    async def take_in(self, arrival: Arrival) -> Added:
        await asyncio.get_running_loop().run_in_executor(
            self._thread,
            self._task,
            arrival.account,
            arrival.external_id,
            arrival.subject,
            arrival.body,
            arrival.data,
        )
        return Added(1, State.QUEUED, datetime.now(UTC), arrival.digest, repeated=False)


def _keep(account: str, external_id: str, subject: str, body: str, data: dict[str, str]) -> None:
    """The task; nobody runs it."""


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    asyncio.run(port.serve(folder, HueyIntake(folder / "huey.sqlite")))
