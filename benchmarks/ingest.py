"""`ingest`: work items taken in and receipted per second, beside the same port storing nothing.

On SQLite, and on PostgreSQL where it is installed. Beside it, where they can be had:
django-helpdesk's REST, and huey and procrastinate behind the same port.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks import bank, senders
from benchmarks.measuring import Comparison, Goal, Missing, Plan, Result, Side, in_turn
from benchmarks.peers import helpdesk, postgresql
from benchmarks.peers.environments import environment
from benchmarks.processes import ROOT, child, running, server

CLIENTS = 32

OURS = "stored and receipted"
ON_POSTGRESQL = "the same on PostgreSQL"
NOTHING = "nothing stored"
HELPDESK = "django-helpdesk REST"
HUEY = "huey behind the same port"
PROCRASTINATE = "procrastinate behind the same port"

GOALS = {
    NOTHING: Goal(least=0.4),
    HELPDESK: Goal(least=40),
    PROCRASTINATE: Goal(least=4),
    HUEY: Goal(least=2),
}

QUEUES = ("huey==3.5.4", "procrastinate==3.10.0", "psycopg[binary]==3.3.9")


class Target:
    """A server that takes requests."""

    def __init__(self, port: int, requests: Iterator[bytes], seconds: float) -> None:
        self._port = port
        self._requests = requests
        self._seconds = seconds

    def per_second(self) -> float:
        """Load it for a while: what it answered per second."""
        load = senders.closed_loop(
            self._port, self._requests, clients=CLIENTS, seconds=self._seconds
        )
        return asyncio.run(load).per_second


def measure(plan: Plan) -> Result:
    """Run it."""
    notes: list[str] = []
    seconds = 0.2 if plan.short else 3.0
    with ExitStack() as stack:
        targets = {
            label: Target(*where, seconds) for label, where in _ours(plan.folder, stack).items()
        }
        for label, start in OTHERS[:1] if plan.short else OTHERS:
            try:
                port, requests = start(plan.folder, stack)
            except Missing as missing:
                notes.append(f"{label}: left out: {missing}")
            else:
                targets[label] = Target(port, requests, seconds)
        sides = in_turn(plan, {label: one.per_second for label, one in targets.items()})
    return _result(sides, notes)


def _result(sides: dict[str, Side], notes: list[str]) -> Result:
    ours, grown_up = sides.pop(OURS), sides.pop(ON_POSTGRESQL, None)
    comparisons = [Comparison(ours, side, GOALS[label]) for label, side in sides.items()]
    if grown_up is not None:
        against = [sides[label] for label in (NOTHING, PROCRASTINATE) if label in sides]
        comparisons += [Comparison(grown_up, side) for side in against]
    return Result(
        title=f"ingest: {CLIENTS} clients, messages of {bank.MESSAGE_BYTES} bytes",
        unit="work items per second",
        comparisons=comparisons,
        notes=notes,
    )


def _ours(folder: Path, stack: ExitStack) -> dict[str, tuple[int, Iterator[bytes]]]:
    found = {}
    for label, name in ((OURS, "ours"), (NOTHING, "nothing")):
        data = folder / name
        bank.prepare(data)
        command = server(data) if label is OURS else child("storing_nothing", data)
        ready = stack.enter_context(running(command, data))
        found[label] = ready["workItem"], bank.requests()
    return found


def _on_postgresql(folder: Path, stack: ExitStack) -> tuple[int, Iterator[bytes]]:
    data = folder / "on-postgresql"
    bank.prepare(data, url=stack.enter_context(postgresql.running()).url())
    return stack.enter_context(running(server(data), data))["workItem"], bank.requests()


def _helpdesk(folder: Path, stack: ExitStack) -> tuple[int, Iterator[bytes]]:
    return stack.enter_context(helpdesk.running(folder / "helpdesk"))


def _huey(folder: Path, stack: ExitStack) -> tuple[int, Iterator[bytes]]:
    return _queue("huey_queue", folder / "huey", stack)


def _procrastinate(folder: Path, stack: ExitStack) -> tuple[int, Iterator[bytes]]:
    cluster = stack.enter_context(postgresql.running())
    return _queue("procrastinate_queue", folder / "procrastinate", stack, cluster.url())


def _queue(name: str, data: Path, stack: ExitStack, *arguments: str) -> tuple[int, Iterator[bytes]]:
    lock = ROOT / "requirements" / "server.lock"
    programs = environment("queues", (*lock.read_text().split(), *QUEUES))
    bank.prepare(data)
    command = child(name, data, *arguments, python=programs / "python")
    ready = stack.enter_context(running(command, data))
    return ready["workItem"], bank.requests()


OTHERS = (
    (ON_POSTGRESQL, _on_postgresql),
    (HELPDESK, _helpdesk),
    (HUEY, _huey),
    (PROCRASTINATE, _procrastinate),
)
