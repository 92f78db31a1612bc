"""kill -9 of the core that leads, under load, while a standby waits and work items come in.

    python -m tests.proofs.takeover --kills 20 --seed 7

needs PostgreSQL; prints its figures and ends with 0, or says what was lost and ends with 1. The
tests run it too, for fewer kills.
"""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field, fields
from itertools import count
from pathlib import Path
from statistics import median

from ace_server.administration import commands
from ace_server.contact import State
from ace_server.store import contacts, history
from ace_server.store.reading import reading
from tests import postgresql
from tests.proofs.agent import ScriptedAgent
from tests.proofs.process import Process
from tests.proofs.sender import ACCOUNT, Sender, message
from tests.proofs.sharing import make_bank, share

SENDERS = 3
PAUSE = 0.02
"""Seconds between two items of one sender, on the average."""

WITHIN = 60.0
"""Seconds that something may take which should come by itself; not a measurement."""


@dataclass
class Figures:
    """What a run has come to."""

    kills: int = 0
    items: int = 0
    receipts: int = 0
    queued: int = 0  # as the receipts said
    buffered: int = 0
    ended: int = 0
    leads_after: list[float] = field(default_factory=list)  # seconds from a kill to the ready line
    books_after: list[float] = field(default_factory=list)  # and to the first booking

    def lines(self) -> list[str]:
        """One a figure."""
        return [
            f"{one.name.replace('_', ' ')}: {_shown(getattr(self, one.name))}"
            for one in fields(self)
        ]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return f"{median(value):.2f} s (up to {max(value):.2f})" if value else "-"
    return str(value)


class Site:
    """Two machines with a core each, a WorkItem Server, its senders, and Anna at work."""

    def __init__(self, folder: Path, url: str, chance: random.Random, figures: Figures) -> None:
        self._folder = folder
        self._chance = chance
        self._figures = figures
        self._machines = [folder / "north", folder / "south"]
        make_bank(self._machines[0], url)
        share(self._machines[1], url)
        self._leads = asyncio.Event()
        self._leader: Process | None = None
        self._sending = True
        self._numbers = count(1)
        self._given: dict[str, int] = {}  # contacts by the senders' ids, as receipted
        self._sent: list[list[str]] = []  # by each sender, in order
        self._intake = Process(self._machines[0], folder / "workitem.log", role="workitem")
        self._anna = ScriptedAgent(self._port, chance, may_be_unavailable=True)

    async def live(self, kills: int) -> None:
        """Kill the core that leads so often, then let everything be ended, and look."""
        await self._intake.start()
        leader = await self._core(self._machines[0])
        await self._lead(leader)
        standby = await self._core(self._machines[1])
        try:
            anna = asyncio.create_task(self._anna.live())
            senders = [asyncio.create_task(self._send()) for _ in range(SENDERS)]
            for _ in range(kills):
                await asyncio.sleep(self._chance.uniform(0.5, 1.5))  # work goes on meanwhile
                leader, standby = await self._kill(leader, standby)
            self._sending = False
            await asyncio.gather(*senders)
            await self._end_everything(anna)
            self._look()
        finally:
            for process in (leader, standby, self._intake):
                with suppress(ProcessLookupError):
                    await process.kill()

    async def _core(self, machine: Path) -> Process:
        process = Process(machine, self._folder / f"{machine.name}.log", role="core")
        await process.spawn()
        return process

    async def _lead(self, process: Process) -> None:
        await process.ready()
        self._leader = process
        self._leads.set()

    async def _port(self) -> int:
        await self._leads.wait()
        assert self._leader is not None
        return self._leader.agents_port

    async def _kill(self, leader: Process, standby: Process) -> tuple[Process, Process]:
        self._leads.clear()
        killed_at = time.monotonic()
        booked = self._anna.next_booking()
        await leader.kill()
        self._figures.kills += 1
        await self._lead(standby)
        self._figures.leads_after.append(time.monotonic() - killed_at)
        async with asyncio.timeout(WITHIN):
            await booked
        self._figures.books_after.append(time.monotonic() - killed_at)
        return standby, await self._core(leader.data)

    async def _send(self) -> None:
        mine: list[str] = []
        self._sent.append(mine)
        async with Sender(self._intake.work_item_port) as sender:
            while self._sending:
                external_id = str(next(self._numbers))
                answer = await sender.send(message(external_id))
                assert answer.is_receipt, f"the WorkItem Server refused: {answer}"
                self._given[external_id] = answer.contact
                mine.append(external_id)
                self._figures.queued += answer.state == "queued"
                self._figures.buffered += answer.state == "buffered"
                await asyncio.sleep(self._chance.expovariate(1 / PAUSE))

    async def _end_everything(self, anna: "asyncio.Task[None]") -> None:
        await self._anna.end_all()
        async with asyncio.timeout(WITHIN + 0.1 * len(self._given)):
            while self._open():  # Anna need not have heard of an End that met the kill
                if anna.done():
                    anna.result()
                await asyncio.sleep(0.1)
        anna.cancel()
        with suppress(asyncio.CancelledError):
            await anna

    def _open(self) -> int:
        """How many contacts are not ended."""
        machine = self._machines[0]
        with reading(machine, commands.database(machine, "")):
            return sum(1 for _ in contacts.listing())

    def _look(self) -> None:
        """Everything receipted is there once, ended, and was queued in each sender's order."""
        self._figures.items = len(self._given)
        self._figures.receipts = sum(len(mine) for mine in self._sent)
        machine = self._machines[0]
        with reading(machine, commands.database(machine, "")):
            rows = {row.external_id: row for row in contacts.listing(list(State))}
            fences = [[one.fence for one in history.of(row.id)] for row in rows.values()]
        assert {name: row.id for name, row in rows.items()} == self._given
        assert all(row.state is State.ENDED for row in rows.values())
        self._figures.ended = len(rows)
        for mine in self._sent:
            places = [rows[name].place or 0 for name in mine]
            assert places == sorted(places), "a contact was overtaken"
        assert all(led == sorted(led) for led in fences), "a core that did not lead moved a contact"


async def takeover(folder: Path, url: str, kills: int, seed: int) -> Figures:
    """Kill so often, and prove that nothing was lost, doubled or overtaken."""
    figures = Figures()
    await Site(folder, url, random.Random(seed), figures).live(kills)
    return figures


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, account {ACCOUNT}", flush=True)
    with postgresql.cluster() as cluster:
        if cluster is None:
            print(postgresql.MISSING)
            return 1
        folder = Path(tempfile.mkdtemp(prefix="ace-takeover-"))
        url = cluster.url(cluster.create())
        figures = asyncio.run(takeover(folder, url, arguments.kills, arguments.seed))
        shutil.rmtree(folder)
    print("\n".join(figures.lines()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
