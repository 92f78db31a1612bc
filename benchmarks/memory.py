"""`memory`: a server with many waiting contacts, and a window after a day's work beside its start.

What counts is the memory that a process has in use, as the system says it.
"""

import asyncio
import json
import sqlite3
from contextlib import closing
from itertools import islice
from pathlib import Path

from ace_server.administration import running as data_folder
from ace_server.store.engine import FILE_NAME
from benchmarks import bank, machine, restart, senders
from benchmarks.measuring import Comparison, Failed, Goal, Plan, Result, Side
from benchmarks.processes import desk_window, running, server, with_window

SERVER = Goal(most=300)
WINDOW = Goal(most=1.2)

WAITING = 100_000
DAY, BEGINNING = 2000, 20
"""Contacts that the agent has ended."""

LOOKS = 0.04
"""Seconds that the agent looks at a contact: a little longer than the model takes to show it."""

AT_MOST = 3
"""Rounds: a day takes minutes, and memory knows no noise of other programs."""

WITHIN = 1200.0
"""Seconds for a day's work."""

SENDERS = 8

OURS = "server with so many waiting, MB"
UNIT = "MB"
AFTER = "window after a day, MB"
BEFORE = "window at the beginning, MB"


def measure(plan: Plan) -> Result:
    """Run it."""
    waiting = plan.size(WAITING, 200)
    day, beginning = plan.size(DAY, 20), plan.size(BEGINNING, 1)
    data = plan.folder / "waiting"
    bank.prepare(data)
    restart.fill(data, waiting)
    servers, days = [], []
    for number in range(min(plan.rounds, AT_MOST)):
        servers.append(_serve(data))
        days.append(_work(plan.folder / str(number), day))
    return Result(
        title=f"memory: {waiting:,} waiting contacts; a window after {day:,} and {beginning}",
        unit="MB",
        comparisons=[
            Comparison(Side(OURS, servers), Side(UNIT, [1.0] * len(servers)), SERVER),
            Comparison(
                Side(AFTER, [one[day] for one in days]),
                Side(BEFORE, [one[beginning] for one in days]),
                WINDOW,
            ),
        ],
    )


def _serve(data: Path) -> float:
    """The memory of a server on this folder, once it takes work."""
    with running(server(data), data):
        facts = data_folder.facts(data)
        assert facts is not None
        return machine.megabytes(facts.pid)


def _work(folder: Path, contacts: int) -> dict[int, float]:
    """Let an agent in a window end so many contacts; the memory after some numbers of them."""
    data, notes = folder / "data", folder / "notes.json"
    folder.mkdir()
    bank.prepare(data, agents=1)
    with running(desk_window(data, notes, looks=LOOKS), folder, with_window()) as ready:
        asyncio.run(_send(ready["workItem"], contacts))
        asyncio.run(_until_ended(data, contacts))
    found = json.loads(notes.read_text())["megabytes"]
    return {int(number): float(megabytes) for number, megabytes in found.items()}


async def _send(port: int, items: int) -> None:
    over = asyncio.get_running_loop().create_future()
    pool = senders.Pool(over.set_exception)
    await pool.open(port, SENDERS)
    try:
        for request in islice(bank.requests(), items):
            pool.send(request)
        while len(pool.latencies) < items and not over.done():
            await asyncio.sleep(0.05)
    finally:
        pool.close()
    if over.done():
        over.result()


async def _until_ended(data: Path, contacts: int) -> None:
    query = "SELECT count(*) FROM contact WHERE state = 'ended'"
    try:
        async with asyncio.timeout(WITHIN):
            with closing(sqlite3.connect(data / FILE_NAME)) as connection:
                while connection.execute(query).fetchone()[0] < contacts:
                    await asyncio.sleep(0.1)
    except TimeoutError:
        raise Failed("the agent in the window did not get through them in time") from None
