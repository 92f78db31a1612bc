"""`journal`: bookings made durable by the store, beside one worker who claims from PostgreSQL.

Who gets what is decided in memory, and a booking is then one job: the guarded move, its history,
the figures, the agent's state. Jobs share a commit. The worker beside it decides and stores at
once, a transaction a claim, and keeps neither history nor figures.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from time import perf_counter

from ace_server.contact import AgentState, State
from ace_server.desk.steps import Step, carry_out
from ace_server.store import Store, contacts
from ace_server.store.contacts import NewContact
from ace_server.store.desks import DeskRow
from benchmarks import bank
from benchmarks.measuring import Comparison, Goal, Plan, Result, in_turn
from benchmarks.peers import postgresql
from benchmarks.processes import child, running

GOAL = Goal(least=10)

WAITING = 10_000
CLAIMS = 2_000
AGENTS = 2_000

OURS = "booked through the store"
ON_POSTGRESQL = "booked through the store, on PostgreSQL"
CLAIMED = "one PostgreSQL worker, SKIP LOCKED"


def measure(plan: Plan) -> Result:
    """Run it. Raises Missing where there is no PostgreSQL."""
    waiting, claims = plan.size(WAITING, 200), plan.size(CLAIMS, 20)
    groups: list[float] = []
    with ExitStack() as stack:
        cluster = stack.enter_context(postgresql.running())
        banks = {OURS: "", ON_POSTGRESQL: cluster.url()}
        desks = {
            label: Journal(plan.folder / str(at), url, waiting, groups)
            for at, (label, url) in enumerate(banks.items())
        }
        claimed_from = cluster.url(cluster.create())
        sides = in_turn(
            plan,
            {
                OURS: desks[OURS].book,
                ON_POSTGRESQL: desks[ON_POSTGRESQL].book,
                CLAIMED: lambda: _claim(plan.folder, claimed_from, waiting, claims),
            },
        )
    return Result(
        title=f"journal: {waiting:,} bookings, {claims:,} claims out of {waiting:,} waiting",
        unit="bookings per second",
        comparisons=[
            Comparison(sides[OURS], sides[CLAIMED], GOAL),
            Comparison(sides[ON_POSTGRESQL], sides[CLAIMED]),
        ],
        notes=[f"the store made groups of {sum(groups) / len(groups):.0f} on average"],
    )


class Journal:
    """A bank on one engine whose contacts are booked, all that wait at once."""

    def __init__(self, data: Path, url: str, waiting: int, groups: list[float]) -> None:
        self._data = data
        self._url = url
        self._groups = groups  # how many jobs shared a commit, on average, a round
        self._arriving = _batches(waiting)
        bank.prepare(data, url=url)

    def book(self) -> float:
        """Let contacts come in, and book each of them; how many a second."""
        store = Store(self._data, url=self._url)
        store.open()
        try:
            ids = store.perform(_add, next(self._arriving))
            took = asyncio.run(self._all(store, ids))
        finally:
            store.close()
        return len(ids) / took

    async def _all(self, store: Store, ids: Sequence[int]) -> float:
        """Book all of them; the seconds."""
        jobs, groups = store.jobs_done, store.groups
        at = datetime.now(UTC)
        steps = [_booking(number, contact, at) for number, contact in enumerate(ids)]
        store.start()
        try:
            began_at = perf_counter()
            await asyncio.gather(*(store.run(carry_out, *step, at) for step in steps))
            took = perf_counter() - began_at
        finally:
            await store.stop()
        self._groups.append((store.jobs_done - jobs) / (store.groups - groups))
        return took


def _batches(number: int) -> Iterator[list[NewContact]]:
    """So many contacts at a time, each with an id of its own."""
    return (bank.contacts(first, number) for first in count(1, number))


def _add(new: list[NewContact]) -> list[int]:
    """A job; the contacts' ids."""
    return [contacts.add(one).contact_id for one in new]


def _booking(number: int, contact: int, at: datetime) -> tuple[DeskRow, Step]:
    """What is stored when a contact is booked, as `desk.agents` has it stored."""
    login, until = bank.login(number % AGENTS), at + timedelta(seconds=60)
    changes = {"agent": login, "booked_until": until}
    step = Step(contact, "booked", State.QUEUED, State.BOOKED, changes, held=False)
    return DeskRow(login, AgentState.BOOKED, at, until), step


def _claim(folder: Path, url: str, waiting: int, claims: int) -> float:
    with running(child("claiming", url, str(waiting), str(claims)), folder) as done:
        return claims / float(done["seconds"])
