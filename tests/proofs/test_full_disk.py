"""A full disk: `unavailable` and nothing half done, and work goes on by itself (P7, A-7, T4)."""

import asyncio
import random
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from ace_server.settings import MEBIBYTE, SystemParameters
from ace_server.store.engine import FILE_NAME
from tests.proofs.agent import ScriptedAgent
from tests.proofs.places import OnSqlite
from tests.proofs.process import Process, make_bank
from tests.proofs.sender import Answer, Sender, message

PATIENCE = 20.0
"""Seconds within which work must have gone on by itself; not a measurement."""

MOUNT = 'mount -t tmpfs -o size={size} tmpfs "{data}" && cp -a "{seed}/." "{data}" && exec "$@"'


def may_mount() -> bool:
    """Whether this machine lets an ordinary user mount a tmpfs of its own."""
    if shutil.which("unshare") is None:
        return False
    trial = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(trial, capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(
    not may_mount(), reason="not proved here: a full disk (no user namespaces, or no tmpfs in them)"
)


class SmallDisk:
    """A server whose data folder is a disk of its own; seen from outside through `/proc`."""

    def __init__(self, folder: Path, *, size: int, floor: int) -> None:
        seed, data = folder / "seed", folder / "data"
        data.mkdir()
        make_bank(seed, SystemParameters(workItemPort=0, freeSpaceFloor=floor))
        script = MOUNT.format(size=size, data=data, seed=seed)
        self._data = data
        before = ["unshare", "-rm", "sh", "-c", script, "sh"]
        self.server = Process(data, folder / "server.log", before=before)

    async def start(self) -> None:
        await self.server.start()
        self.folder = Path(f"/proc/{self.server.pid}/root{self._data}")

    def fill(self, leave: int) -> None:
        """Take the disk's room, but for `leave` bytes."""
        free = shutil.disk_usage(self.folder).free
        with suppress(OSError):  # the server took some of it meanwhile: it is full all the same
            (self.folder / "filler").write_bytes(bytes(max(free - leave, 0)))

    def make_room(self) -> None:
        (self.folder / "filler").unlink()

    def contacts(self) -> list[tuple[str, int]]:
        """What is really there, and that it is whole; the server must be at rest."""
        look = self._data.parent / "look"
        look.mkdir()
        # SQLite follows the link in /proc out of the server's namespace: it needs a copy here.
        for ending in ("", "-wal"):
            shutil.copy(self.folder / f"{FILE_NAME}{ending}", look)
        place = OnSqlite(look)
        assert place.damage() == []
        return place.select("SELECT external_id, id FROM contact ORDER BY id")


@pytest.fixture
async def small_disk(tmp_path: Path) -> AsyncIterator[SmallDisk]:
    disk = SmallDisk(tmp_path, size=24 * MEBIBYTE, floor=0)
    await disk.start()
    yield disk
    await disk.server.stop()


async def until_taken(sender: Sender, raw: bytes) -> Answer:
    """Send again, as a sender does, until it is taken in."""
    async with asyncio.timeout(PATIENCE):
        while not (answer := await sender.send(raw)).is_receipt:
            assert (answer.status, answer.code) == (503, "unavailable")
            await asyncio.sleep(0.05)  # a sender's own pause
    return answer


async def test_receipts_hold_on_a_full_disk_and_work_goes_on_when_there_is_room(
    small_disk: SmallDisk,
) -> None:
    small_disk.fill(leave=MEBIBYTE)
    given: dict[str, int] = {}
    async with Sender(small_disk.server.work_item_port) as sender:
        for number in range(2000):
            raw = message(f"D-{number}", attachment=bytes(30_000) if number % 5 == 0 else None)
            answer = await sender.send(raw)
            if not answer.is_receipt:
                break
            given[f"D-{number}"] = answer.contact
        assert (answer.status, answer.code) == (503, "unavailable")
        assert given
        small_disk.make_room()
        late = await until_taken(sender, raw)
        for external_id, contact in given.items():
            number = int(external_id.removeprefix("D-"))
            raw = message(external_id, attachment=bytes(30_000) if number % 5 == 0 else None)
            again = await sender.send(raw)
            assert (again.contact, again.repeated) == (contact, True)
    assert small_disk.contacts() == [*given.items(), (f"D-{len(given)}", late.contact)]
    left = [path for path in (small_disk.folder / "incoming").iterdir()]
    assert left == []


async def test_agents_are_told_of_a_full_disk_and_work_goes_on_when_there_is_room(
    small_disk: SmallDisk,
) -> None:
    server = small_disk.server

    async def link() -> int:
        return server.agents_port

    agent = ScriptedAgent(link, random.Random(1), may_be_unavailable=True)
    working = asyncio.create_task(agent.live())
    sent = 0
    try:
        async with Sender(server.work_item_port) as sender, asyncio.timeout(PATIENCE):
            while not agent.told.answered:
                sent += (await sender.send(message(f"A-{sent}"))).is_receipt
            small_disk.fill(leave=0)
            while not any("store" in notice for notice in agent.notices):
                sent += (await sender.send(message(f"A-{sent}"))).is_receipt
            small_disk.make_room()
            await until_taken(sender, message(f"A-{sent}"))
            await agent.end_all()
            while len(agent.told.ended) < sent or agent.notices[-1]:
                await asyncio.sleep(0.01)
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert len(small_disk.contacts()) == sent + 1


async def health(port: int) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{port}/health") as answer,
    ):
        return answer.status, (await answer.json())["disk"]


async def test_below_the_floor_nothing_is_taken_in_and_it_says_so(tmp_path: Path) -> None:
    disk = SmallDisk(tmp_path, size=48 * MEBIBYTE, floor=24 * MEBIBYTE)
    await disk.start()
    try:
        disk.fill(leave=16 * MEBIBYTE)
        async with Sender(disk.server.work_item_port) as sender, asyncio.timeout(PATIENCE):
            while (await health(disk.server.agents_port))[0] == 200:
                pass
            answer = await sender.send(message("F-1"))
            assert (answer.status, answer.code) == (503, "unavailable")
            assert "freeSpaceFloor" in (await health(disk.server.work_item_port))[1]
            disk.make_room()
            await until_taken(sender, message("F-1"))
    finally:
        await disk.server.stop()


async def test_a_start_below_the_floor_comes_up_and_takes_nothing_in(tmp_path: Path) -> None:
    disk = SmallDisk(tmp_path, size=16 * MEBIBYTE, floor=64 * MEBIBYTE)
    await disk.start()
    try:
        async with Sender(disk.server.work_item_port) as sender:
            assert (await sender.send(message("F-1"))).code == "unavailable"
        assert (await health(disk.server.agents_port))[0] == 503
    finally:
        await disk.server.stop()
