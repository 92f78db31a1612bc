"""`window`: from the start of the desktop program to its desk, painted, logged in, server ready.

Beside it: a program that imports the same and paints an empty window. Both offscreen, so that no
display has a part in it. The memory is that of the window's process, without the server's.
"""

from pathlib import Path
from time import perf_counter

import msgspec

from benchmarks import bank
from benchmarks.measuring import Comparison, Goal, Plan, Result, Side
from benchmarks.processes import child, desk_window, running, with_window

STARTS = Goal(most=2)
REMEMBERS = Goal(most=2)

OURS = "start → desk painted, logged in, server ready"
EMPTY = "start → empty window painted, same imports"
OURS_MEMORY = "the desk's process, MB"
EMPTY_MEMORY = "the empty window's process, MB"


class Start(msgspec.Struct, frozen=True):
    """One start of a window: seconds until it was painted, and its memory then, in MB."""

    seconds: float
    megabytes: float


def measure(plan: Plan) -> Result:
    """Run it."""
    data = plan.folder / "data"
    bank.prepare(data, agents=1)
    desks: list[Start] = []
    empty: list[Start] = []
    for _ in range(plan.warm_ups + plan.rounds):
        desks.append(_start(desk_window(data, plan.folder / "notes.json"), plan.folder))
        empty.append(_start(child("empty_window"), plan.folder))
    del desks[: plan.warm_ups], empty[: plan.warm_ups]
    return Result(
        title="window: the desktop program's start, and its memory",
        unit="s; MB",
        comparisons=[
            Comparison(
                Side(OURS, [one.seconds for one in desks]),
                Side(EMPTY, [one.seconds for one in empty]),
                STARTS,
            ),
            Comparison(
                Side(OURS_MEMORY, [one.megabytes for one in desks]),
                Side(EMPTY_MEMORY, [one.megabytes for one in empty]),
                REMEMBERS,
            ),
        ],
    )


def _start(command: list[str | Path], folder: Path) -> Start:
    began_at = perf_counter()
    with running(command, folder, with_window()) as ready:
        return Start(perf_counter() - began_at, float(ready["megabytes"]))
