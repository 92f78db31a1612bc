"""The core and the WorkItem Server as processes of their own: killed, stopped, taken over from."""

import asyncio
import hashlib
import json
import random
import shutil
import signal
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import cast

import aiohttp
import psycopg
import pytest

from ace_server import wire
from ace_server.administration import commands
from ace_server.clock import ManualClock
from ace_server.contact import AgentState, State
from ace_server.server import Server
from ace_server.settings import MEBIBYTE
from ace_server.store import Store, history, lease, pieces
from ace_server.store.reading import looking, reading
from tests.core import NOON
from tests.postgresql import Cluster
from tests.proofs.agent import ScriptedAgent
from tests.proofs.house import GRANTED
from tests.proofs.process import PASSWORD, Process, command
from tests.proofs.sender import IN_PARTS, Answer, Sender, in_parts, message
from tests.proofs.sharing import make_bank, rename, set_lease, share
from tests.proofs.takeover import takeover

WITHIN = 30.0
"""Seconds that something may take which should come by itself; not a measurement."""


@pytest.fixture
def data(tmp_path: Path, database_url: str) -> Path:
    """A bank, on each engine."""
    folder = tmp_path / "data"
    make_bank(folder, database_url)
    return folder


@asynccontextmanager
async def serving(data: Path, role: str) -> AsyncIterator[Process]:
    """A process of this role; killed at the end unless it has ended."""
    process = Process(data, data.parent / f"{data.name}-{role}.log", role=role)
    await process.start()
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            await process.kill()


@asynccontextmanager
async def at_work(port: Callable[[], Awaitable[int]]) -> AsyncIterator[ScriptedAgent]:
    """Anna, who accepts and ends, over whatever link there is."""
    anna = ScriptedAgent(port, random.Random(7), may_be_unavailable=True)
    await anna.end_all()
    task = asyncio.create_task(anna.live())
    try:
        yield anna
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def listed(data: Path) -> dict[str, dict[str, object]]:
    """What `main.py contacts` says, by the senders' ids; each is there once."""
    rows = [json.loads(line) for line in (await contacts_of(data)).splitlines()]
    found = {row["external_id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


async def contacts_of(data: Path) -> str:
    return await command("contacts", "--all", "--json", "--data", str(data))


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN):
        while not await condition():
            await asyncio.sleep(0.05)


async def all_ended(data: Path) -> bool:
    return {row["state"] for row in (await listed(data)).values()} == {"ended"}


async def test_a_work_item_passes_from_one_process_to_the_other_and_ends(data: Path) -> None:
    async with serving(data, "core") as core, serving(data, "workitem") as intake:
        assert core.work_item_port == 0 and intake.agents_port == 0
        await core_is_seen(intake)
        async with Sender(intake.work_item_port) as sender, at_work(_port(core)):
            states = [(await sender.send(message(str(n)))).state for n in range(5)]
            assert states == ["queued"] * 5
            await until(lambda: all_ended(data))
        assert await intake.stop() == 0
        assert await core.stop() == 0


def _port(process: Process) -> Callable[[], Awaitable[int]]:
    async def port() -> int:
        return process.agents_port

    return port


async def core_is_seen(intake: Process, *, there: bool = True) -> None:
    """Wait until the WorkItem Server knows that the core is at work, or that it is not."""

    async def is_so() -> bool:
        async with (
            aiohttp.ClientSession() as http,
            http.get(f"http://127.0.0.1:{intake.work_item_port}/health") as answer,
        ):
            return ((await answer.json())["core"] == "ok") is there

    await until(is_so)


async def test_the_core_is_killed_and_nothing_taken_in_meanwhile_is_lost_or_overtaken(
    data: Path,
) -> None:
    answers: dict[str, Answer] = {}

    async def send(sender: Sender, numbers: range) -> None:
        for number in numbers:
            answers[str(number)] = await sender.send(message(str(number)))

    async with serving(data, "workitem") as intake, Sender(intake.work_item_port) as sender:
        await send(sender, range(10))  # before there ever was a core
        async with serving(data, "core") as core:
            await core_is_seen(intake)
            await until(lambda: none_buffered(data))
            await send(sender, range(10, 20))
            await core.kill()
        await send(sender, range(20, 30))  # nobody knows yet
        await core_is_seen(intake, there=False)
        await send(sender, range(30, 40))
        async with serving(data, "core") as core, at_work(_port(core)):
            await core_is_seen(intake)
            await send(sender, range(40, 50))
            await until(lambda: all_ended(data))
    assert all(answer.is_receipt for answer in answers.values())
    states = [answers[str(number)].state for number in range(50)]
    assert states[:10] == ["buffered"] * 10
    assert states[10:20] == ["queued"] * 10
    assert states[30:40] == ["buffered"] * 10
    found = await listed(data)
    assert {name: row["id"] for name, row in found.items()} == {
        name: answer.contact for name, answer in answers.items()
    }
    in_order = sorted(found, key=lambda name: found[name]["first_queued_at"])
    assert in_order == [str(number) for number in range(50)]


async def none_buffered(data: Path) -> bool:
    return all(row["state"] != "buffered" for row in (await listed(data)).values())


# Two cores, which may be on two machines


@pytest.fixture
def north_and_south(tmp_path: Path, postgresql_url: str) -> tuple[Path, Path]:
    """The data folders of two machines that share a database."""
    north, south = tmp_path / "north", tmp_path / "south"
    make_bank(north, postgresql_url)
    share(south, postgresql_url)
    return north, south


async def test_a_standby_takes_over_from_a_core_that_was_killed_under_load(
    tmp_path: Path, postgresql_url: str
) -> None:
    figures = await takeover(tmp_path, postgresql_url, kills=1, seed=20261126)
    assert figures.kills == 1
    assert figures.ended == figures.receipts > 0
    assert figures.queued


async def test_a_standby_need_not_wait_for_a_core_that_stops(
    north_and_south: tuple[Path, Path],
) -> None:
    north, south = north_and_south
    set_lease(north, 3600.0)
    async with serving(north, "core") as first:
        standby = await standing_by(south)
        rename(north, "The bank of the south")  # what it read before it waited is old now
        assert await first.stop() == 0
        await standby.ready()
        assert (await welcome(standby)).site == "The bank of the south"
        assert await standby.stop() == 0


async def standing_by(data: Path) -> Process:
    """A core that waits."""
    log = data.parent / "standby.log"
    standby = Process(data, log, role="core")
    await standby.spawn()

    async def says_so() -> bool:
        return log.exists() and "standby" in log.read_text()

    await until(says_so)
    return standby


async def welcome(core: Process) -> wire.Welcome:
    """What the core says first to a program."""
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"http://127.0.0.1:{core.agents_port}/link") as socket,
    ):
        said = wire.decode_event(await socket.receive_str())
    assert isinstance(said, wire.Welcome)
    return said


async def test_a_standby_is_seen_configured_beside_and_stopped(
    north_and_south: tuple[Path, Path],
) -> None:
    north, south = north_and_south
    file = south.parent / "site.toml"
    file.write_text('[site]\nname = "The bank of the north"\n')
    async with serving(north, "core") as first:
        standby = await standing_by(south)
        assert await command("check", "--data", str(south)) == (
            "core: standby, another core leads\n"
        )
        await command("configure", str(file), "--data", str(south))

        async def is_heard_of() -> bool:
            return (await welcome(first)).site == "The bank of the north"

        await until(is_heard_of)
        assert await standby.stop() == 0


async def test_a_standby_takes_over_as_soon_as_the_store_lets_it(
    north_and_south: tuple[Path, Path], cluster: Cluster
) -> None:
    north, south = north_and_south
    url = commands.database(north, "")
    async with serving(north, "core") as first:
        standby = await standing_by(south)
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE news")  # as a process that hangs while it takes in
            await first.kill()
            log = south.parent / "standby.log"

            async def has_tried() -> bool:
                return "leads as soon as the store can be used" in log.read_text()

            await until(has_tried)
        await standby.ready()
        assert await standby.stop() == 0


def test_a_copy_of_a_data_folder_is_another_node(tmp_path: Path) -> None:
    north, south = tmp_path / "north", tmp_path / "south"
    north.mkdir()
    name = Server(north)._node()
    assert Server(north)._node() == name
    shutil.copytree(north, south)
    assert Server(south)._node() != name


async def test_of_two_cores_that_believe_they_lead_the_fenced_one_changes_nothing(
    north_and_south: tuple[Path, Path],
) -> None:
    """The first core is stopped as by a debugger, taken over from, and let go on."""
    north, south = north_and_south
    async with (
        serving(north, "core") as first,
        serving(north, "workitem") as intake,
        aiohttp.ClientSession() as http,
        http.ws_connect(f"ws://127.0.0.1:{first.agents_port}/link") as socket,
    ):
        await core_is_seen(intake)
        async with Sender(intake.work_item_port) as sender:
            contact = (await sender.send(message("1"))).contact
        desk = Desk(socket)
        await desk.log_in()
        await desk.ask(wire.Activate(request=2))
        await desk.reaches(AgentState.BOOKED)
        await desk.ask(wire.Accept(request=3, contact=contact))
        first.signal(signal.SIGSTOP)
        async with serving(south, "core"):
            end = wire.End(request=4, contact=contact, values=GRANTED)
            await socket.send_str(wire.encode(end))  # the stopped core finds it when it goes on
            first.signal(signal.SIGCONT)
            assert await first.ended() == 1
            answers = await desk.rest()
        refused = [one for one in answers if getattr(one, "request", 0) == 4]
        assert all(isinstance(one, wire.Refusal) for one in refused)
        assert "another core leads now" in (north.parent / "north-core.log").read_text()
    (row,) = (await listed(south)).values()
    assert (row["state"], row["agent"]) == (State.ACCEPTED, "anna")
    with reading(south, commands.database(south, "")):
        fences = [one.fence for one in history.of(contact)]
    assert fences == [0, 1, 1]


# Attachments, which each machine has in a folder of its own

RECORDING = random.Random(7).randbytes(20 * MEBIBYTE)


async def test_an_attachment_that_one_machine_took_in_is_had_from_the_core_of_another(
    north_and_south: tuple[Path, Path],
) -> None:
    north, south = north_and_south
    async with (
        serving(south, "core") as core,
        serving(north, "workitem") as intake,
        aiohttp.ClientSession() as http,
        http.ws_connect(f"ws://127.0.0.1:{core.agents_port}/link") as socket,
    ):
        await core_is_seen(intake)
        async with Sender(intake.work_item_port) as sender:
            contact = (await sender.send(in_parts("1", RECORDING), IN_PARTS)).contact
        assert [await lies_there(folder) for folder in north_and_south] == [True, False]
        await command("backup", str(south.parent / "backup.zip"), "--data", str(south))
        desk = Desk(socket)
        await desk.log_in()
        await desk.ask(wire.Activate(request=2))
        await desk.reaches(AgentState.BOOKED)
        attachment = f"http://127.0.0.1:{core.agents_port}/attachments/{contact}/0"
        async with http.get(
            attachment, headers={"Authorization": f"Bearer {desk.token}"}
        ) as answer:
            assert await answer.read() == RECORDING
        assert await lies_there(south)
    with zipfile.ZipFile(south.parent / "backup.zip") as backup:
        (name,) = [name for name in backup.namelist() if name.startswith("attachments/")]
        assert backup.read(name) == RECORDING


async def lies_there(data: Path) -> bool:
    """Whether the one file of the one contact lies in this folder, by `main.py contacts`."""
    (row,) = (await listed(data)).values()
    (file,) = cast(list[dict[str, object]], row["attachments"])
    assert (data / str(file["file"])).is_file() is file["present"]
    return bool(file["present"])


async def test_who_is_killed_while_it_writes_an_attachment_has_given_no_receipt(
    north_and_south: tuple[Path, Path], postgresql_url: str
) -> None:
    north, south = north_and_south

    async def is_half_written() -> bool:
        with psycopg.connect(postgresql_url) as connection:
            (written,) = connection.execute("SELECT count(*) FROM piece").fetchone() or (0,)
        return bool(written > 2)

    async with serving(north, "workitem") as intake, Sender(intake.work_item_port) as sender:
        sending = asyncio.create_task(sender.send(in_parts("1", RECORDING), IN_PARTS))
        await until(is_half_written)
        await intake.kill()
        assert (await sending).status == 0
    assert await listed(south) == {}
    async with serving(north, "workitem") as intake, Sender(intake.work_item_port) as sender:
        again = await sender.send(in_parts("1", RECORDING), IN_PARTS)
    assert again.is_receipt and not again.repeated
    digest = hashlib.sha256(RECORDING).hexdigest()
    with looking(south, postgresql_url):
        assert b"".join(pieces.content(digest)) == RECORDING


class Desk:
    """Anna's link, step by step."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.token = ""
        self._socket = socket
        self._state = AgentState.LOGGED_OUT

    async def log_in(self) -> None:
        await self.ask(wire.LogIn(request=1, login="anna", password=PASSWORD))

    async def ask(self, command: wire.Command) -> None:
        await self._socket.send_str(wire.encode(command))
        while getattr(answer := await self._hear(), "request", None) != command.request:
            pass
        assert not isinstance(answer, wire.Refusal), answer
        if isinstance(answer, wire.LoggedIn):
            self.token = answer.token

    async def reaches(self, state: AgentState) -> None:
        async with asyncio.timeout(WITHIN):
            while self._state is not state:
                await self._hear()

    async def rest(self) -> list[wire.Event]:
        """What comes until the link is closed."""
        heard = []
        async with asyncio.timeout(WITHIN):
            with suppress(TypeError):  # it is closed
                while True:
                    heard.append(await self._hear())
        return heard

    async def _hear(self) -> wire.Event:
        event = wire.decode_event(await self._socket.receive_str())
        if isinstance(event, wire.Desk | wire.Change):
            self._state = event.agent.state
        return event


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_a_core_whose_store_lies_in_its_own_folder_waits_for_nobody(data: Path) -> None:
    store = Store(data)
    store.open()
    store.perform(lease.take, "a machine that this folder was copied from", None)
    store.close()
    server = Server(data, clock=ManualClock(NOON))  # on which no lease ever falls silent
    await server.start()
    await server.stop()
