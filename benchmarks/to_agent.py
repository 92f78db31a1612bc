"""`to-agent`: from POST to `Booked` on the agent's socket, beside the receipt of the same POSTs.

Two hundred agents accept and end what they get at once, so that somebody is always ready; two
hundred work items a second come in, evenly. Both times count from when an item was sent. On SQLite,
and on PostgreSQL where it is installed.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import count, takewhile
from statistics import median
from time import perf_counter

import aiohttp
import msgspec

from ace_server import wire
from benchmarks import bank, senders
from benchmarks.desk import Desk
from benchmarks.measuring import Comparison, Failed, Goal, Plan, Result, Side, percentile
from benchmarks.peers import postgresql
from benchmarks.processes import running, server, with_password

GOAL = Goal(most=2)

AGENTS = 200
RATE = 200
"""Work items a second."""

CONNECTIONS = 40
"""Of the sender; fewer than the server allows one peer."""

WITHIN = 60.0
"""Seconds for what is still under way at the end of a round."""

OURS = "POST → booked on the agent's socket, p99"
RECEIPT = "POST → receipt, p99"
OURS_MEDIAN = "POST → booked on the agent's socket, p50"
RECEIPT_MEDIAN = "POST → receipt, p50"


class Round(msgspec.Struct, frozen=True):
    """The times of one round's items, in seconds."""

    receipts: list[float]
    bookings: list[float]
    took: float  # all of it

    def kept_up(self) -> bool:
        """Whether it ended soon after the last item was sent: else it shows a queue, no speed."""
        return self.took < 1.1 * len(self.receipts) / RATE


def measure(plan: Plan) -> Result:
    """Run it."""
    agents = plan.size(AGENTS, 3)
    notes: list[str] = []
    with ExitStack() as stack:
        ports = {}
        for ending, url in postgresql.urls(stack, notes).items():
            data = plan.folder / (ending[2:] or "SQLite")
            bank.prepare(data, agents=agents, url=url)
            ports[ending] = stack.enter_context(running(server(data), data, with_password()))
        rounds = asyncio.run(_rounds(ports, plan, agents))
    return _result(rounds, agents, notes)


def _result(rounds: Mapping[str, Sequence[Round]], agents: int, notes: list[str]) -> Result:
    def side(label: str, samples: list[float]) -> Side:
        return Side(label, [sample * 1000 for sample in samples])

    comparisons, figures = [], []
    for ending, found in rounds.items():
        ours = side(f"{OURS}{ending}", [percentile(one.bookings, 99) for one in found])
        receipt = side(f"{RECEIPT}{ending}", [percentile(one.receipts, 99) for one in found])
        comparisons.append(Comparison(ours, receipt, None if ending else GOAL))
        figures += [
            side(f"{OURS_MEDIAN}{ending}", [median(one.bookings) for one in found]),
            side(f"{RECEIPT_MEDIAN}{ending}", [median(one.receipts) for one in found]),
        ]
        if behind := sum(not one.kept_up() for one in found):
            notes.append(f"in {behind} of {len(found)} rounds{ending} it did not keep up")
    return Result(
        title=f"to-agent: {RATE} work items per second, {agents} agents",
        unit="ms",
        comparisons=comparisons,
        figures=figures,
        notes=notes,
    )


async def _rounds(
    ports: Mapping[str, Mapping[str, int]], plan: Plan, agents: int
) -> dict[str, list[Round]]:
    """On each engine in turn, by what its labels end in."""
    items = plan.size(10 * RATE, 20)
    offices = {ending: Office() for ending in ports}
    rounds: dict[str, list[Round]] = {ending: [] for ending in ports}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        try:
            for ending, office in offices.items():
                await office.open(client, ports[ending], agents)
            for _ in range(plan.warm_ups + plan.rounds):
                for ending, office in offices.items():
                    rounds[ending].append(await office.round(items))
        finally:
            for office in offices.values():
                await office.close()
    return {ending: found[plan.warm_ups :] for ending, found in rounds.items()}


class Office:
    """Agents at work, and the sender of what they work on."""

    def __init__(self) -> None:
        self._pool = senders.Pool(self._fail)
        self._requests = bank.requests()
        self._number = 0
        self._sent_at: dict[str, float] = {}
        self._bookings: list[float] = []
        self._fault: Exception | None = None
        self._changed = asyncio.Event()
        self._desks: list[Desk] = []
        self._agents: list[asyncio.Task[None]] = []

    async def open(
        self, client: aiohttp.ClientSession, ports: Mapping[str, int], agents: int
    ) -> None:
        """Log in so many agents, and connect the sender."""
        for number in range(agents):
            desk = await Desk.log_in(client, ports["agents"], bank.login(number))
            self._desks.append(desk)
            await desk.give(wire.Activate(request=desk.number()))
            self._agents.append(asyncio.create_task(self._work(desk)))
        await self._pool.open(ports["workItem"], CONNECTIONS)

    async def close(self) -> None:
        """Let everybody go."""
        self._pool.close()
        for agent in self._agents:
            agent.cancel()
        await asyncio.gather(*self._agents, return_exceptions=True)
        await asyncio.gather(*(desk.close() for desk in self._desks))

    async def round(self, items: int) -> Round:
        """Send so many items, evenly, and wait until all of them are booked."""
        return await self._round(range(items))

    async def round_until(self, over: asyncio.Event) -> Round:
        """The same with as many as it takes until something is over."""
        return await self._round(takewhile(lambda _: not over.is_set(), count()))

    async def _round(self, numbers: Iterable[int]) -> Round:
        self._bookings, self._pool.latencies = [], []
        began_at = perf_counter()
        for one in numbers:
            await asyncio.sleep(began_at + one / RATE - perf_counter())
            self._send()
        try:
            async with asyncio.timeout(WITHIN):
                await self._until_all_booked()
        except TimeoutError:
            raise Failed(f"{len(self._sent_at)} items were not booked in time") from None
        return Round(self._pool.latencies, self._bookings, perf_counter() - began_at)

    async def _until_all_booked(self) -> None:
        while self._sent_at and self._fault is None:
            self._changed.clear()
            await self._changed.wait()
        if self._fault is not None:
            raise self._fault

    def _send(self) -> None:
        self._number += 1
        self._sent_at[bank.external_id(self._number)] = perf_counter()
        self._pool.send(next(self._requests))

    def _booked(self, external_id: str) -> None:
        self._bookings.append(perf_counter() - self._sent_at.pop(external_id))
        self._changed.set()

    def _fail(self, fault: Exception) -> None:
        self._fault = fault
        self._changed.set()

    async def _work(self, desk: Desk) -> None:
        """Accept and end whatever is booked, at once."""
        try:
            while True:
                contact = await desk.booked()
                self._booked(contact.external_id)
                await desk.give(wire.Accept(request=desk.number(), contact=contact.id))
                await desk.give(wire.End(request=desk.number(), contact=contact.id))
        except Failed as fault:
            self._fail(fault)
