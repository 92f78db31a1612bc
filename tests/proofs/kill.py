"""kill -9 of the real server at random moments; what it told anybody must still be true (T2).

    python -m tests.proofs.kill --kills 1000 --seed 7 --database postgresql

prints its figures and ends with 0, or says what was lost and ends with 1. The tests run it too,
for fewer kills.
"""

import argparse
import asyncio
import hashlib
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, fields
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from ace_server.administration import commands
from ace_server.concepts import FlowControl, WorkItemAccount
from ace_server.contact import State
from ace_server.passwords import StoredSecret
from ace_server.settings import SystemParameters
from ace_server.store import Store, contacts, directory
from ace_server.store.reading import reading
from tests import postgresql
from tests.proofs.agent import ScriptedAgent
from tests.proofs.house import PASSWORDS
from tests.proofs.places import Place, Places
from tests.proofs.process import Process, command, errors_in, make_bank
from tests.proofs.sender import ACCOUNT, SECRET, Answer, Sender, message

EVERY = list(State)
SENDERS = 4
KILLS_A_LIFE = 15
PAUSE = 0.02
"""Seconds between two items of one sender, on the average."""

AIMED = 0.7
"""The part of kills that come while something asked for is under way."""

UNDER_WAY = 0.008
"""Seconds within which most things are answered."""

NARROW = "narrow"
"""An account whose entrance lets five wait and buffers the rest."""

SYSTEM = SystemParameters(workItemPort=0, lease=86_400, bookingTimeout=86_400, freeSpaceFloor=0)


@dataclass
class Figures:
    """What a run has come to."""

    lives: int = 0  # one place after another
    kills: int = 0
    kills_before_ready: int = 0
    starts: int = 0
    items: int = 0
    receipts: int = 0
    repeats: int = 0  # receipts for what was taken in before
    unanswered: int = 0  # items that met a kill
    taken_in_unanswered: int = 0  # of these, taken in by the time of the kill
    attachments: int = 0
    ended: int = 0
    commands: int = 0
    looks: int = 0  # comparisons of the store with what was told
    slowest_start: float = 0.0  # seconds

    def lines(self) -> Iterator[str]:
        for one in fields(self):
            yield f"{one.name.replace('_', ' ')}: {getattr(self, one.name):.6g}"


@dataclass
class Item:
    """One work item, as its sender knows it."""

    external_id: str
    account: str
    attachment: bytes | None
    contact: int = 0  # by the first receipt
    attempts: int = 0
    receipts: int = 0

    def raw(self) -> bytes:
        return message(self.external_id, attachment=self.attachment)


@dataclass
class Seen:
    """What a contact was seen to be, which it must stay."""

    first_queued_at: datetime | None = None
    is_ended: bool = False


@dataclass
class Life:
    """One place, its server, and all that was told about it."""

    ENGINES: ClassVar[Sequence[str]] = ("sqlite", "postgresql")

    place: Place
    chance: random.Random
    figures: Figures
    items: dict[str, Item] = field(default_factory=dict)
    seen: dict[int, Seen] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log = self.place.data.with_name("server.log")
        self._up = asyncio.Event()
        self._process: Process | None = None
        self._start_takes = 0.5  # seconds; as measured last
        self._sending = True
        self._numbers = count(1)
        self._asked = asyncio.Event()  # somebody, for something
        self.agent = ScriptedAgent(self._agents_port, self.chance)
        self.agent.on_ask = self._asked.set

    # The server

    async def live(self, kills: int) -> None:
        """Kill the server so often under load, then let everything be ended."""
        make_bank(self.place.data, SYSTEM, url=self.place.url)
        _add_narrow_account(self.place)
        await self._start()
        agent = asyncio.create_task(self.agent.live())
        senders = [asyncio.create_task(self._send(account)) for account in self._accounts()]
        try:
            await self._kill_often(kills, [agent, *senders])
            self._sending = False
            await asyncio.gather(*senders)
            await self._end_everything(agent)
        finally:
            for task in (agent, *senders):
                task.cancel()
            await asyncio.gather(agent, *senders, return_exceptions=True)
            if self._process is not None:
                await self._process.kill()
        self.figures.commands += self.agent.told.answered
        faults = errors_in(self.log)
        assert not faults, "\n".join(faults)

    def _accounts(self) -> list[str]:
        return [NARROW, *[ACCOUNT] * (SENDERS - 1)]

    async def _start(self) -> None:
        self._process = Process(self.place.data, self.log)
        await self._process.spawn()
        await self._ready()

    async def _ready(self) -> None:
        assert self._process is not None
        await self._process.ready()
        self._start_takes = self._process.came_up_after
        self.figures.starts += 1
        self.figures.slowest_start = max(self.figures.slowest_start, self._start_takes)
        self._up.set()

    async def _kill(self) -> None:
        assert self._process is not None
        self._up.clear()
        await self._process.kill()
        self.figures.kills += 1
        self._look()

    def _kills_a_start(self) -> bool:
        """Two in five times, and once for sure."""
        return not self.figures.kills_before_ready or self.chance.random() < 0.4

    async def _kill_often(self, kills: int, tasks: Sequence[asyncio.Task[None]]) -> None:
        last = self.figures.kills + kills
        while self.figures.kills < last:
            await self._until_aimed()
            raise_failed(tasks)
            await self._kill()
            self._process = Process(self.place.data, self.log)
            await self._process.spawn()
            while self.figures.kills < last and self._kills_a_start():
                await asyncio.sleep(self.chance.uniform(0.4, 1.0) * self._start_takes)
                self.figures.kills_before_ready += 1
                await self._kill()
                self._process = Process(self.place.data, self.log)
                await self._process.spawn()
            await self._ready()

    async def _until_aimed(self) -> None:
        await asyncio.sleep(self.chance.uniform(0.0, 0.3))
        if self.chance.random() < AIMED:
            self._asked.clear()
            await self._asked.wait()
            await asyncio.sleep(self.chance.uniform(0.0, UNDER_WAY))

    async def _agents_port(self) -> int:
        await self._up.wait()
        assert self._process is not None
        return self._process.agents_port

    # The senders

    async def _send(self, account: str) -> None:
        async with Sender(0, account=account) as sender:
            while self._sending:
                item = self._new_item(account)
                await self._hand_in(sender, item)
                while self.chance.random() < 0.2:
                    await self._hand_in(sender, item)
                await asyncio.sleep(self.chance.uniform(0, 2 * PAUSE))

    def _new_item(self, account: str) -> Item:
        external_id = f"{account}-{next(self._numbers)}"
        attachment = None
        if self.chance.random() < 0.2:
            attachment = self.chance.randbytes(self.chance.choice([10, 5_000, 150_000]))
            self.figures.attachments += 1
        item = self.items[external_id] = Item(external_id, account, attachment)
        self.figures.items += 1
        return item

    async def _hand_in(self, sender: Sender, item: Item) -> None:
        """Send until there is a receipt, and hold the server to it."""
        raw = item.raw()
        while True:
            await self._up.wait()
            assert self._process is not None
            sender.port = self._process.work_item_port
            self._asked.set()
            answer = await sender.send(raw)
            item.attempts += 1
            if answer.is_receipt:
                break
            await self._not_taken_in(answer)
            self.figures.unanswered += 1
        self.figures.receipts += 1
        self.figures.repeats += answer.repeated
        if item.receipts:
            assert answer.contact == item.contact, f"{item.external_id} became two contacts"
        if item.receipts or item.attempts == 1:
            assert answer.repeated is bool(item.receipts), f"{item.external_id}: {answer}"
        if not item.receipts and answer.repeated:
            self.figures.taken_in_unanswered += 1
        item.receipts += 1
        item.contact = answer.contact

    async def _not_taken_in(self, answer: Answer) -> None:
        """Is that what a sender has to expect?"""
        assert answer.status == 0, answer

    # What was told, and what is true

    def _look(self) -> None:
        """Compare with the store as it was left."""
        left = self.place.as_left()
        with reading(left.data, left.url):
            listed = (commands._listed(row, self.place.data) for row in contacts.listing(EVERY))
            rows = [json.loads(line) for line in commands._as_json(listed)]
        assert left.damage() == []
        self._compare(rows)

    def _compare(self, rows: list[dict[str, Any]]) -> None:
        self.figures.looks += 1
        by_external_id = {row["external_id"]: row for row in rows}
        assert len(by_external_id) == len(rows), "a work item is there twice"
        assert len({row["id"] for row in rows}) == len(rows)
        unknown = by_external_id.keys() - self.items.keys()
        assert not unknown, f"nobody sent {unknown}"
        for item in self.items.values():
            self._compare_item(item, by_external_id.get(item.external_id))
        for row in rows:
            self._compare_row(row)
        _compare_order(rows)

    def _compare_item(self, item: Item, row: dict[str, Any] | None) -> None:
        assert row is not None or not item.receipts, f"{item.external_id} was receipted and is gone"
        if row is None:
            return
        assert not item.receipts or row["id"] == item.contact
        files = row["attachments"]
        assert len(files) == (item.attachment is not None)
        if item.attachment is not None:
            content = (self.place.data / files[0]["file"]).read_bytes()
            assert content == item.attachment, f"{item.external_id}: its file is not what was sent"
            assert files[0]["digest"] == hashlib.sha256(content).hexdigest()

    def _compare_row(self, row: dict[str, Any]) -> None:
        told, state = self.agent.told, State(row["state"])
        seen = self.seen.setdefault(row["id"], Seen())
        ended = seen.is_ended or row["id"] in told.ended
        assert not ended or state is State.ENDED, f"contact {row['id']} was ended, and is {state}"
        expected = told.in_hand.get(row["id"])
        assert expected is None or (state, row["agent"]) == (expected, "anna"), (
            f"contact {row['id']} was {expected} by anna, and is {state} by {row['agent']}"
        )
        queued_at = row["first_queued_at"]
        assert seen.first_queued_at in (None, queued_at), f"contact {row['id']} has a new age"
        seen.is_ended, seen.first_queued_at = state is State.ENDED, queued_at

    def _left(self) -> int:
        """How many contacts are not ended, read beside the running server."""
        with reading(self.place.data, self.place.url):
            return sum(1 for _ in contacts.listing())

    async def _end_everything(self, agent: asyncio.Task[None]) -> None:
        """The agent ends all there is; then the command line says so too, server up and down."""
        await self.agent.end_all()
        async with asyncio.timeout(120):
            while self._left():
                raise_failed([agent])
                await asyncio.sleep(0.02)
        self.figures.ended += len(self.items)
        for is_up in (True, False):
            listed = await command("contacts", "--json", "--all", "--data", str(self.place.data))
            rows = [json.loads(line) for line in listed.splitlines()]
            self._compare(rows)
            assert {row["state"] for row in rows} == {"ended"}
            assert len(rows) == len(self.items)
            if is_up:
                assert self._process is not None
                assert await self._process.stop() == 0
                self._process = None


def _compare_order(rows: list[dict[str, Any]]) -> None:
    """One sender's items that were queued at once stand in the order in which it sent them."""
    for account in (ACCOUNT, NARROW):
        queued = [row for row in rows if row["first_queued_at"] and row["entrance"] == account]
        ages = [(row["first_queued_at"], row["id"]) for row in queued]
        assert ages == sorted(ages), "the listing is out of order"
    narrow = [row["id"] for row in rows if row["entrance"] == NARROW and row["first_queued_at"]]
    assert narrow == sorted(narrow), "what was buffered was not released in order"


def _add_narrow_account(place: Place) -> None:
    def job() -> None:
        accounts = directory.load().work_item_accounts.values()
        directory.replace(
            "work_item_account", [*accounts, WorkItemAccount(name=NARROW, receipt=True)]
        )
        directory.set_secret(
            "work_item_account", NARROW, StoredSecret("hash", PASSWORDS.hash(SECRET))
        )
        directory.replace("flow_control", [FlowControl(entrance=NARROW, emailBufferMaxActive=5)])

    store = Store(place.data, url=place.url)
    store.open()
    store.perform(job)
    store.close()


def raise_failed(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Raise what ended one of them: none should have ended."""
    for task in tasks:
        if task.done():
            task.result()
            raise AssertionError("somebody stopped working")


async def run(
    kills: int, seed: int, places: Places, a_life: int = KILLS_A_LIFE, of: type[Life] = Life
) -> Figures:
    """Kill so often, in one place after another. Raises AssertionError with what was lost."""
    chance = random.Random(seed)
    figures = Figures()
    while figures.kills < kills:
        place = places.empty()
        figures.lives += 1
        try:
            await of(place, chance, figures).live(min(a_life, kills - figures.kills))
        except AssertionError as error:
            error.add_note(f"seed {seed}, {place.data} {place.url}, after {figures.kills} kills")
            raise
        places.remove(place)
    return figures


def main(of: type[Life] = Life, arguments: list[str] | None = None) -> int:
    """The command."""
    module = sys.modules[of.__module__]
    parser = argparse.ArgumentParser(description=module.__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--database", choices=of.ENGINES, default=of.ENGINES[0])
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        cluster = None
        if options.database == "postgresql":
            cluster = stack.enter_context(postgresql.cluster())
            if cluster is None:
                print(postgresql.MISSING, file=sys.stderr)
                return 1
        folder = Path(tempfile.mkdtemp(prefix="ace-kill-"))
        print(f"seed {options.seed}, data folders below {folder}", flush=True)
        began = time.monotonic()
        try:
            places = Places(folder, cluster)
            figures = asyncio.run(run(options.kills, options.seed, places, of=of))
        except AssertionError as error:
            print(f"FAILED: {error}", *getattr(error, "__notes__", ()), sep="\n", file=sys.stderr)
            return 1
    shutil.rmtree(folder)
    print(*figures.lines(), f"seconds: {time.monotonic() - began:.0f}", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
