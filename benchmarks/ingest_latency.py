"""`ingest-latency`: how long one client waits for a receipt, beside what nobody can do without.

That is one flush of the disk, and one round of HTTP.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import bank, senders
from benchmarks.measuring import Comparison, Goal, Plan, Result, Side, in_turn
from benchmarks.processes import child, running, server

GOAL = Goal(most=3)

BLOCK = bytes(4096)
FLUSHES = 1000

OURS = "receipt"
FLUSH = "fdatasync of 4 kB, a growing file"
OVERWRITE = "fdatasync of 4 kB, written over"
HTTP = "empty HTTP"
NOTHING = "the same port storing nothing"
BOTH = "fdatasync + empty HTTP"


def measure(plan: Plan) -> Result:
    """Run it."""
    data, nothing = plan.folder / "data", plan.folder / "nothing"
    for folder in (data, nothing):
        bank.prepare(folder)
    seconds = 0.1 if plan.short else 1.5
    flushes = plan.size(FLUSHES, 20)
    file = plan.folder / "flushed"
    requests = bank.requests()

    def waited(ready: dict[str, int]) -> float:
        return _waited(ready["workItem"], requests, seconds)

    with (
        running(server(data), data) as ours,
        running(child("storing_nothing", nothing), nothing) as storing_nothing,
        running(child("empty_http"), plan.folder) as empty,
    ):
        sides = in_turn(
            plan,
            {
                OURS: lambda: waited(ours),
                FLUSH: lambda: _flushed(file, flushes),
                OVERWRITE: lambda: _flushed(file, flushes, over=True),
                HTTP: lambda: waited(empty),
                NOTHING: lambda: waited(storing_nothing),
            },
        )
    least = [a + b for a, b in zip(sides[FLUSH].samples, sides[HTTP].samples, strict=True)]
    return Result(
        title="ingest-latency: one client, p50",
        unit="ms",
        comparisons=[Comparison(sides[OURS], Side(BOTH, least), GOAL)],
        figures=[sides[label] for label in (FLUSH, HTTP, OVERWRITE, NOTHING)],
    )


def _waited(port: int, requests: Iterator[bytes], seconds: float) -> float:
    """The median time to an answer."""
    load = asyncio.run(senders.closed_loop(port, requests, clients=1, seconds=seconds))
    return median(load.latencies) * 1000


def _flushed(path: Path, times: int, *, over: bool = False) -> float:
    """The median time until 4 kB are on disk, at the end of a file or over what it holds."""
    flush = getattr(os, "fdatasync", os.fsync)  # macOS and Windows have fsync alone
    took = []
    with path.open("r+b" if over else "wb", buffering=0) as file:
        for _ in range(times):
            began_at = perf_counter()
            file.write(BLOCK)
            flush(file.fileno())
            took.append(perf_counter() - began_at)
    return median(took) * 1000
