"""A backup of the real server under load: one moment of it, which a restore brings back whole.

Several senders and an agent go on all the while; what they were told, and the history that the
source has in the end, say what the moment of a backup was.
"""

import asyncio
import itertools
import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ace_server.contact import State
from ace_server.settings import SystemParameters
from ace_server.store.engine import FILE_NAME
from tests.administration import stores
from tests.administration.stores import Tables
from tests.proofs.agent import ScriptedAgent
from tests.proofs.process import Process, command, errors_in, make_bank
from tests.proofs.sender import Sender, message

SENDERS = 4
BACKUPS = 2
BEFORE = 150
"""Work items that are there before the first backup."""

SYSTEM = SystemParameters(workItemPort=0, lease=86_400, freeSpaceFloor=0)


@dataclass
class Load:
    """What the senders have sent, and what they were told."""

    process: Process
    sent: list[str] = field(default_factory=list)
    receipted: dict[str, int] = field(default_factory=dict)  # external id, contact
    attachments: dict[str, bytes] = field(default_factory=dict)

    async def send(self, number: int) -> None:
        """Hand in one item after another, each third with a file; all are receipted."""
        chance = random.Random(number)
        async with Sender(self.process.work_item_port) as sender:
            for count in itertools.count():
                external_id = f"S{number}-{count}"
                content = chance.randbytes(20_000) if count % 3 == 0 else None
                if content is not None:
                    self.attachments[external_id] = content
                self.sent.append(external_id)
                answer = await sender.send(message(external_id, attachment=content))
                assert answer.is_receipt, f"{external_id}: {answer}"
                self.receipted[external_id] = answer.contact

    async def until(self, count: int) -> None:
        async with asyncio.timeout(30):
            while len(self.receipted) < count:
                await asyncio.sleep(0.005)


@dataclass
class Moment:
    """A backup, and what was told before it began and when it had ended."""

    file: Path
    receipted_before: set[str]
    sent_by_its_end: set[str]
    receipts_meanwhile: int


async def take(load: Load, file: Path, data: Path) -> Moment:
    before = set(load.receipted)
    await command("backup", str(file), "--data", str(data))
    return Moment(file, before, set(load.sent), len(load.receipted) - len(before))


@pytest.fixture
async def lived(tmp_path: Path, database_url: str) -> tuple[Tables, Load, list[Moment]]:
    """What a store holds after a life under load, what was told, and the backups taken meanwhile.

    On each engine.
    """
    data = tmp_path / "data"
    make_bank(data, SYSTEM, url=database_url)
    async with Process(data, tmp_path / "server.log") as process:
        load = Load(process)

        async def link() -> int:
            return process.agents_port

        agent = ScriptedAgent(link, random.Random(7))
        tasks = [asyncio.create_task(load.send(number)) for number in range(SENDERS)]
        tasks.append(asyncio.create_task(agent.live()))
        try:
            await load.until(BEFORE)
            moments = [await take(load, tmp_path / f"{n}.zip", data) for n in range(BACKUPS)]
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert [one for one in ended if not isinstance(one, asyncio.CancelledError)] == []
        assert agent.told.ended, "nothing was ended meanwhile"
        assert await process.stop() == 0
    assert errors_in(tmp_path / "server.log") == []
    source = stores.tables_at(database_url) if database_url else stores.tables(data / FILE_NAME)
    return source, load, moments


async def test_a_backup_under_load_is_one_moment_of_its_source(
    lived: tuple[Tables, Load, list[Moment]], tmp_path: Path
) -> None:
    source, load, moments = lived
    lengths = []
    for number, moment in enumerate(moments):
        assert moment.receipts_meanwhile > 10, "the server stood still"
        restored = tmp_path / f"restored-{number}"
        await command("restore", str(moment.file), "--data", str(restored))
        found = stores.tables(restored / FILE_NAME)
        lengths.append(len(found["history"]))
        assert stores.faults(restored / FILE_NAME) == []
        _check_moment(source, found)
        _check_told(load, moment, found, restored)
    assert lengths[0] < lengths[1] < len(source["history"]), "they are no different moments"
    await _check_start(load, moments[0], tmp_path)


def _check_moment(source: Tables, found: Tables) -> None:
    """It is what the source was when the last row of the restored history had been written."""
    last = max(row[0] for row in found["history"])
    assert found["history"] == [row for row in source["history"] if row[0] <= last]
    happened = sorted(found["history"], key=lambda row: row[0])
    states = {row[1]: row[6] for row in happened if row[6] is not None}
    contacts = {row[0]: row for row in found["contact"]}
    assert {number: row[5] for number, row in contacts.items()} == states
    later = {row[1] for row in source["history"] if row[0] > last}
    for row in source["contact"]:
        if row[0] not in later:
            assert contacts[row[0]] == row
    assert found["attachment"] == [row for row in source["attachment"] if row[0] in contacts]
    places = [row[11] for row in found["contact"] if row[11] is not None]
    assert dict(found["counter"])["place"] == max(places)
    _check_desk(found)


def _check_desk(found: Tables) -> None:
    """What the agent was doing fits what was in the agent's hands."""
    ((_, state, *_),) = found["desk"]
    in_hand = {row[5] for row in found["contact"] if row[13] == "anna"}
    assert (state == "booked") is (State.BOOKED in in_hand)
    assert (state == "busy") is (State.ACCEPTED in in_hand)


def _check_told(load: Load, moment: Moment, found: Tables, restored: Path) -> None:
    """All that was receipted before it is there, and nothing that was sent after it."""
    ids = {str(row[2]): row[0] for row in found["contact"]}
    assert moment.receipted_before <= ids.keys() <= moment.sent_by_its_end
    assert all(load.receipted[name] == number for name, number in ids.items())
    files = {row[0]: str(row[5]) for row in found["attachment"]}
    for name, number in ids.items():
        assert (number in files) is (name in load.attachments)
        if number in files:
            path = restored / "attachments" / files[number][:2] / files[number]
            assert path.read_bytes() == load.attachments[name]


async def _check_start(load: Load, moment: Moment, tmp_path: Path) -> None:
    """It starts as after a restart, and knows what was sent before."""
    data = tmp_path / "restored-0"
    before = {row[0]: row for row in stores.tables(data / FILE_NAME)["contact"]}
    name = min(moment.receipted_before)
    async with Process(data, tmp_path / "restored.log") as process:
        async with Sender(process.work_item_port) as sender:
            again = await sender.send(message(name, attachment=load.attachments.get(name)))
        assert await process.stop() == 0
    assert (again.repeated, again.contact) == (True, load.receipted[name])
    after = {row[0]: row for row in stores.tables(data / FILE_NAME)["contact"]}
    for number, row in before.items():
        state = State.QUEUED if row[5] == State.BOOKED else row[5]
        assert (after[number][5], after[number][11]) == (state, row[11])
    assert errors_in(tmp_path / "restored.log") == []
