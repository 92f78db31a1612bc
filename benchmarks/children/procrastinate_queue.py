"""`DATA CONNECTION`: the port of the open interface in front of procrastinate, on PostgreSQL.

Runs in an environment that has procrastinate.
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from procrastinate import App, PsycopgConnector  # type: ignore[import-not-found]  # in the peer's own environment alone

from ace_server.contact import State
from ace_server.intake import Arrival, Intake
from ace_server.store.contacts import Added
from benchmarks.children import port


class ProcrastinateIntake(Intake):
    """Makes a job of everything."""

    def __init__(self, app: App) -> None:
        self._task = app.task(_keep, name="keep")

    async def take_in(self, arrival: Arrival) -> Added:
        number = await self._task.defer_async(
            account=arrival.account,
            external_id=arrival.external_id,
            subject=arrival.subject,
            body=arrival.body,
            data=arrival.data,
        )
        return Added(number, State.QUEUED, datetime.now(UTC), arrival.digest, repeated=False)


def _keep(account: str, external_id: str, subject: str, body: str, data: dict[str, str]) -> None:
    """The job; nobody runs it."""


async def _main(data: Path, connection: str) -> None:
    app = App(connector=PsycopgConnector(conninfo=connection, min_size=4, max_size=16))
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await port.serve(data, ProcrastinateIntake(app))


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1]), sys.argv[2]))
