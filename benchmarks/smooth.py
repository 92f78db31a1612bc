"""`smooth`: whether the window is in time while its own server is under load, beside the same idle.

A timer of 10 ms ticks in the window; a tick is late when it comes more than 50 ms after it was due.
Under load the embedded server takes 500 work items and one with 6 MB each second, and the agent in
the window accepts and ends a contact each second.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterable, Sequence
from itertools import pairwise

import msgspec

from benchmarks import bank, senders
from benchmarks.measuring import Comparison, Failed, Goal, Plan, Result, Side, percentile
from benchmarks.processes import desk_window, running, with_window

GOAL = Goal(least=1)

RATE = 500
"""Work items a second."""

LARGE = 6 * 1024 * 1024
"""Bytes of the one that comes each second besides."""

SECONDS = 8.0
"""Of each side in a round."""

LOOKS = 1.0
"""Seconds that the agent looks at a contact; nobody is quicker, and the load is the server's."""

LATE = 0.050
"""Seconds."""

CONNECTIONS = 40
"""Of the sender; fewer than the server allows one peer."""

OURS = "ticks in time under load, of 1"
IDLE = "ticks in time idle, of 1"
OURS_P99 = "lateness under load, p99, ms"
IDLE_P99 = "lateness idle, p99, ms"
OURS_MOST = "lateness under load, most, ms"
IDLE_MOST = "lateness idle, most, ms"

NO_MAIL = "mail is not fetched yet: a work item with an attachment of 6 MB stands for the mail"

Interval = tuple[float, float]
"""Its begin and end, by the clock that all processes of a machine share."""


class Round(msgspec.Struct, frozen=True):
    """When the window was left alone, and when its server was under load."""

    idle: Interval
    load: Interval


class Ticks(msgspec.Struct, frozen=True, rename="camel"):
    """When the window's timer came, and how often it should."""

    tick_seconds: float
    ticks: list[float]


def measure(plan: Plan) -> Result:
    """Run it."""
    data, notes = plan.folder / "data", plan.folder / "notes.json"
    bank.prepare(data, agents=1)
    command = desk_window(data, notes, looks=LOOKS)
    with running(command, plan.folder, with_window()) as ready:
        rounds, kept_up = asyncio.run(_rounds(ready["workItem"], plan))
    ticks = msgspec.json.decode(notes.read_bytes(), type=Ticks)
    return _result(rounds, ticks, kept_up)


def _result(rounds: Sequence[Round], ticks: Ticks, kept_up: float) -> Result:
    load = [_lateness(ticks, one.load) for one in rounds]
    idle = [_lateness(ticks, one.idle) for one in rounds]

    def in_time(sides: Iterable[list[float]]) -> list[float]:
        return [sum(one <= LATE for one in late) / len(late) for late in sides]

    def p99(sides: Iterable[list[float]]) -> list[float]:
        return [1000 * percentile(late, 99) for late in sides]

    def most(sides: Iterable[list[float]]) -> list[float]:
        return [1000 * max(late) for late in sides]

    return Result(
        title=f"smooth: the window while its server takes {RATE} work items and 6 MB per second",
        unit="share; ms",
        comparisons=[Comparison(Side(OURS, in_time(load)), Side(IDLE, in_time(idle)), GOAL)],
        figures=[
            Side(OURS_P99, p99(load)),
            Side(IDLE_P99, p99(idle)),
            Side(OURS_MOST, most(load)),
            Side(IDLE_MOST, most(idle)),
        ],
        notes=[NO_MAIL, f"{kept_up:.0%} of the work items had their receipt when a load ended"],
    )


def _lateness(ticks: Ticks, within: Interval) -> list[float]:
    """By how much each tick in an interval came late, in seconds."""
    begin, end = within
    found = [
        max(0.0, after - before - ticks.tick_seconds)
        for before, after in pairwise(ticks.ticks)
        if begin <= after <= end
    ]
    if not found:
        raise Failed("the window's timer never came")
    return found


async def _rounds(port: int, plan: Plan) -> tuple[list[Round], float]:
    seconds = SECONDS if not plan.short else 0.3
    load = Load()
    await load.open(port)
    try:
        rounds = []
        for _ in range(plan.warm_ups + plan.rounds):
            idle = await _interval(asyncio.sleep(seconds))
            busy = await _interval(load.run(seconds))
            rounds.append(Round(idle, busy))
            await load.settle()
    finally:
        load.close()
    if load.fault is not None:
        raise load.fault
    return rounds[plan.warm_ups :], load.answered_in_time / load.sent


async def _interval(work: Awaitable[None]) -> Interval:
    begin = time.monotonic()
    await work
    return begin, time.monotonic()


class Load:
    """The sender of work items, small ones evenly and a large one each second."""

    def __init__(self) -> None:
        self.sent = 0
        self.answered_in_time = 0
        self.fault: Exception | None = None
        self._large_ones = 0
        self._pool = senders.Pool(self._fail)
        self._requests = bank.requests()

    async def open(self, port: int) -> None:
        """Connect."""
        await self._pool.open(port, CONNECTIONS)

    def close(self) -> None:
        """Let go."""
        self._pool.close()

    async def run(self, seconds: float) -> None:
        """Send for so long."""
        before = len(self._pool.latencies)
        began_at = time.perf_counter()
        for one in range(int(seconds * RATE)):
            await asyncio.sleep(began_at + one / RATE - time.perf_counter())
            if one % RATE == 0:
                self._large_ones += 1
                self._send(bank.large_request(self._large_ones, LARGE))
            self._send(next(self._requests))
        self.answered_in_time += len(self._pool.latencies) - before

    async def settle(self) -> None:
        """Wait until everything is answered: what is idle then is idle."""
        while len(self._pool.latencies) < self.sent and self.fault is None:
            await asyncio.sleep(0.05)

    def _send(self, request: bytes) -> None:
        self.sent += 1
        self._pool.send(request)

    def _fail(self, fault: Exception) -> None:
        self.fault = fault
