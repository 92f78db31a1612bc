"""`restart`: from the start of a server's process to its first booking, with many open contacts.

Beside it: a process that imports the same modules and reads and decodes the same rows with plain
sqlite3. The agent was ready when the server was stopped, so it is ready when its program is back.
"""

import asyncio
from pathlib import Path
from time import perf_counter

import aiohttp
import msgspec

from ace_server import wire
from ace_server.store import Store, contacts
from ace_server.store.contacts import NewContact
from ace_server.store.engine import FILE_NAME
from benchmarks import bank
from benchmarks.desk import Desk
from benchmarks.measuring import Comparison, Goal, Plan, Result, Side
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


def measure(plan: Plan) -> Result:
    """Run it."""
    data = plan.folder / "data"
    number = plan.size(OPEN_CONTACTS, 200)
    bank.prepare(data, agents=1)
    fill(data, number)
    token = _log_in(data)
    starts: list[Start] = []
    plain: list[float] = []
    for _ in range(plan.warm_ups + plan.rounds):
        starts.append(_start(data, token))
        plain.append(_read_plainly(data, number))
    del starts[: plan.warm_ups], plain[: plan.warm_ups]
    return Result(
        title=f"restart: {number:,} open contacts",
        unit="s",
        comparisons=[
            Comparison(Side(OURS, [one.booking for one in starts]), Side(PLAIN, plain), GOAL)
        ],
        figures=[Side(PORTS, [one.ports for one in starts])],
    )


def fill(data: Path, number: int) -> None:
    """Let so many contacts wait in the bank."""
    store = Store(data)
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


def _read_plainly(data: Path, number: int) -> float:
    began_at = perf_counter()
    with running(child("plain_reading", data / FILE_NAME), data) as ready:
        took = perf_counter() - began_at
    assert ready["contacts"] == number
    return took
