"""`DATA`: the port of the open interface with an intake that answers and stores nothing."""

import asyncio
import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from ace_server.contact import State
from ace_server.intake import Arrival, Intake
from ace_server.store.contacts import Added
from benchmarks.children import port


class Nothing(Intake):
    """Says of everything that it is queued."""

    def __init__(self) -> None:
        self._numbers = count(1)

    async def take_in(self, arrival: Arrival) -> Added:
        return Added(
            next(self._numbers), State.QUEUED, datetime.now(UTC), arrival.digest, repeated=False
        )


if __name__ == "__main__":
    asyncio.run(port.serve(Path(sys.argv[1]), Nothing()))
