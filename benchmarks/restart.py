"""`restart`: from the start of a server's process to its first booking, with many open contacts.

Beside it: a process that imports the same modules and reads and decodes the same rows with plain
sqlite3; the same on PostgreSQL, where it is installed, with plain psycopg. The agent was ready when
the server was stopped, so it is ready when its program is back.
"""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import aiohttp
import msgspec

from ace_server import wire
from ace_server.administration import commands
from ace_server.store import Store, contacts
from ace_server.store.contacts import NewContact
from ace_server.store.engine import FILE_NAME
from benchmarks import bank
from benchmarks.desk import Desk
from benchmarks.measuring import Comparison, Goal, Plan, Result, Side
from benchmarks.peers import postgresql
from benchmarks.processes import child, running, server, with_password

GOAL = Goal(most=2)

OPEN_CONTACTS = 100_000
AT_A_TIME = 1000

OURS = "process start → first booking"
PORTS = "process start → ports open"
PLAIN = "same imports, rows read and decoded"


class Start(msgspec.Struct, frozen=True):
    """One start of the server: the seconds until its ports were open, and until it booked."""

    ports: float
    booking: float


class Bank:
    """The bank on one engine, with a ready agent, and how its starts went."""

    def __init__(self, data: Path, url: str, number: int) -> None:
        self._data = data
        self._url = url
        self._number = number
        bank.prepare(data, agents=1, url=url)
        fill(data, number)
        self._token = _log_in(data)
        self._starts: list[Start] = []
        self._plain: list[float] = []

    def start(self) -> None:
        """Start the server once, and read once without it."""
        self._starts.append(_start(self._data, self._token))
        self._plain.append(_read_plainly(self._data, self._url, self._number))

    def comparison(self, rounds: int, ending: str) -> Comparison:
        """The last so many starts, beside plain reading."""
        bookings = [one.booking for one in self._starts[-rounds:]]
        plain = Side(f"{PLAIN}{ending}", self._plain[-rounds:])
        return Comparison(Side(f"{OURS}{ending}", bookings), plain, None if ending else GOAL)

    def ports(self, rounds: int, ending: str) -> Side:
        """How long it took until the ports were open."""
        return Side(f"{PORTS}{ending}", [one.ports for one in self._starts[-rounds:]])


def measure(plan: Plan) -> Result:
    """Run it."""
    number = plan.size(OPEN_CONTACTS, 200)
    notes: list[str] = []
    with ExitStack() as stack:
        banks = {
            ending: Bank(plan.folder / (ending[2:] or "SQLite"), url, number)
            for ending, url in postgresql.urls(stack, notes).items()
        }
        for _ in range(plan.warm_ups + plan.rounds):
            for one in banks.values():
                one.start()
    return Result(
        title=f"restart: {number:,} open contacts",
        unit="s",
        comparisons=[one.comparison(plan.rounds, ending) for ending, one in banks.items()],
        figures=[one.ports(plan.rounds, ending) for ending, one in banks.items()],
        notes=notes,
    )


def fill(data: Path, number: int) -> None:
    """Let so many contacts wait in the bank."""
    store = Store(data, url=commands.database(data, ""))
    store.open()
    try:
        for first in range(1, number + 1, AT_A_TIME):
            store.perform(_add, bank.contacts(first, min(AT_A_TIME, number + 1 - first)))
    finally:
        store.close()


def _add(new: list[NewContact]) -> None:
    """A job."""
    for one in new:
        contacts.add(one)


def _log_in(data: Path) -> str:
    """Make the agent ready; the token to come back with."""

    async def log_in(port: int) -> str:
        async with aiohttp.ClientSession() as client:
            desk = await Desk.log_in(client, port, bank.login(0))
            await desk.give(wire.Activate(request=desk.number()))
            await desk.booked()
            await desk.close()
            return desk.token

    with running(server(data), data, with_password()) as ready:
        return asyncio.run(log_in(ready["agents"]))


def _start(data: Path, token: str) -> Start:
    began_at = perf_counter()

    async def first_booking(port: int) -> float:
        async with aiohttp.ClientSession() as client:
            desk = await Desk.come_back(client, port, token)
            await desk.booked()
            took = perf_counter() - began_at
            await desk.close()
            return took

    with running(server(data), data) as ready:
        ports = perf_counter() - began_at
        return Start(ports, asyncio.run(first_booking(ready["agents"])))


def _read_plainly(data: Path, url: str, number: int) -> float:
    began_at = perf_counter()
    with running(child("plain_reading", url or data / FILE_NAME), data) as ready:
        took = perf_counter() - began_at
    assert ready["contacts"] == number
    return took
