"""The agents' port: messages over a real WebSocket, attachments and control over real HTTP."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ace_server import server as server_module
from ace_server import wire
from ace_server.administration.running import FACTS
from ace_server.admission import InStore
from ace_server.concepts import User
from ace_server.contact import AgentState, Role, State
from ace_server.desk.connection import Connection
from ace_server.events import Configured, MailChanged, Queued
from ace_server.intake import Arrival
from ace_server.leading import Presence
from ace_server.passwords import StoredSecret, cheap
from ace_server.server import Server, Taken
from ace_server.settings import SystemParameters
from ace_server.store import Store, audit, contacts, directory
from ace_server.store.contacts import NewAttachment
from tests.core import site
from tests.mails import SUPPORT, keep, quarantine, refuse

PASSWORD = "correct horse battery"


class Program:
    """An agent's program: one link."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.token = ""
        self._request = 0

    async def event(self) -> wire.Event:
        return wire.decode_event(await self.socket.receive_str(timeout=10))

    async def until(self, kind: type, **wanted: Any) -> Any:
        while True:
            event = await self.event()
            fits = all(getattr(event, key, None) == value for key, value in wanted.items())
            if isinstance(event, kind) and fits:
                return event

    async def ask(self, kind: type, /, **fields: Any) -> wire.Event:
        self._request += 1
        await self.socket.send_str(wire.encode(kind(request=self._request, **fields)))
        while getattr(answer := await self.event(), "request", None) != self._request:
            pass
        return answer

    async def log_in(self, login: str = "anna") -> wire.Desk:
        answer = await self.ask(wire.LogIn, login=login, password=PASSWORD)
        self.token = answer.token
        return await self.until(wire.Desk)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    passwords = cheap()
    store = Store(tmp_path)
    store.open()

    def job() -> None:
        site()
        directory.replace_single("system", SystemParameters(workItemPort=0))
        users = directory.load().users.values()
        directory.replace(
            "user", [*users, User(login="dagny", name="Dagny Sund", role=Role.SUPERVISOR)]
        )
        for login in ("anna", "bo", "wall", "dagny"):
            hashed = StoredSecret("hash", passwords.hash(PASSWORD))
            directory.set_secret("user", login, hashed)

    store.perform(job)
    store.close()
    made = Server(tmp_path, passwords=passwords)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def link(server: Server, http: aiohttp.ClientSession):
    @asynccontextmanager
    async def connect(**headers: str) -> AsyncIterator[Program]:
        url = f"http://127.0.0.1:{server.agents_port}/link"
        async with http.ws_connect(
            url, headers=headers, max_msg_size=wire.MAX_EVENT_BYTES
        ) as socket:
            program = Program(socket)
            await program.until(wire.Welcome)
            yield program

    return connect


async def take_in(server: Server, **changes: Any) -> int:
    fields: dict[str, Any] = {
        "account": "loans",
        "external_id": "LOAN-1",
        "digest": "0" * 64,
        "entrance": "loans",
        "subject": "",
        "body": "",
        "data": {"workItem": "https://bank.example/loans/1"},
    }
    return (await server.intake.take_in(Arrival(**(fields | changes)))).contact_id


async def test_welcome_tells_version_and_whether_there_is_a_user(server, http):
    async with http.ws_connect(f"http://127.0.0.1:{server.agents_port}/link") as socket:
        welcome = await Program(socket).event()
    assert (welcome.version, welcome.first_start) == (wire.PROTOCOL_VERSION, False)


async def test_work_item_goes_over_the_link_to_end(server, link):
    async with link() as anna:
        await anna.log_in()
        await anna.ask(wire.Activate)
        contact = await take_in(server)
        booked = await anna.until(wire.Change, why="booked")
        assert (booked.contact.id, booked.contact.medium) == (contact, wire.Medium.WORK_ITEM)
        await anna.ask(wire.Accept, contact=contact)
        values = {"Outcome": "Granted"}
        assert isinstance(await anna.ask(wire.End, contact=contact, values=values), wire.Done)


@pytest.mark.parametrize(
    "command",
    [
        wire.LogOut,
        wire.Resync,
        wire.Activate,
        wire.Pause,
        wire.ExtendWrapUp,
    ],
)
async def test_without_log_in_nothing_is_done(link, command):
    async with link() as nobody:
        refusal = await nobody.ask(command)
    assert refusal.code == "unauthorised"


async def test_wall_is_refused_by_the_server_itself(link):
    async with link() as wall:
        await wall.log_in("wall")
        assert (await wall.ask(wire.Activate)).code == "forbidden"


async def test_right_that_is_missing_is_refused_by_the_server_itself(link):
    async with link() as bo:
        await bo.log_in("bo")
        assert (await bo.ask(wire.Park, contact=1)).code == "forbidden"


async def test_nonsense_is_answered_and_the_link_goes_on(link):
    async with link() as program:
        for text in ("nonsense", '{"type": "fly", "request": 7}', "[]", '{"request": 8}'):
            await program.socket.send_str(text)
            assert (await program.event()).code == "invalid"
        assert isinstance(await program.log_in(), wire.Desk)


async def test_other_version_is_told_so(link):
    async with link() as program:
        refusal = await program.ask(wire.LogIn, login="anna", password=PASSWORD, version=99)
    assert refusal.code == "version"


async def test_page_in_a_browser_gets_no_link(link):
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        async with link(Origin="https://evil.example"):
            pass


async def test_lost_link_comes_back_with_its_token_and_the_true_state(server, link):
    async with link() as anna:
        await anna.log_in()
        await anna.ask(wire.Activate)
        contact = await take_in(server)
        await anna.until(wire.Change, why="booked")
        await anna.ask(wire.Accept, contact=contact)
        token = anna.token
    async with link() as again:
        await again.ask(wire.Return, token=token)
        desk = await again.until(wire.Desk)
    assert desk.agent.state is AgentState.BUSY
    assert [one.id for one in desk.contacts] == [contact]


async def test_log_out_ends_the_token(link):
    async with link() as anna:
        await anna.log_in()
        await anna.ask(wire.LogOut)
        await anna.until(wire.LoggedOut)
        assert (await anna.socket.receive()).type is aiohttp.WSMsgType.CLOSE
    async with link() as again:
        assert (await again.ask(wire.Return, token=anna.token)).code == "unauthorised"


async def test_what_comes_after_log_out_is_not_read(server, link):
    async with link() as anna:
        await anna.log_in()
        await anna.ask(wire.Activate)
        contact = await take_in(server)
        await anna.until(wire.Change, why="booked")
        await anna.ask(wire.Accept, contact=contact)
        await anna.ask(wire.Park, contact=contact)
        await anna.ask(wire.Pause)
        for command in (wire.LogOut(request=90), wire.Resume(request=91, contact=contact)):
            await anna.socket.send_str(wire.encode(command))
        await anna.until(wire.LoggedOut)
    row = await server.store.run(contacts.get, contact)
    assert row.state is State.PARKED


async def test_link_of_one_person_does_not_become_anothers(link):
    async with link() as anna:
        await anna.log_in()
        refusal = await anna.ask(wire.LogIn, login="bo", password=PASSWORD)
        assert refusal.code == "not-now"


async def test_long_message_before_log_in_ends_the_link(link):
    async with link() as nobody:
        await nobody.socket.send_str("[" * 100_000)
        closed = (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING)
        assert (await nobody.socket.receive()).type in closed


@pytest.mark.parametrize("text", ["[" * 50_000, '{"type": "park", "request": 1e999}'])
async def test_hostile_json_is_refused_without_harm(link, text):
    async with link() as program:
        await program.socket.send_str(text)
        assert (await program.event()).code == "invalid"


@pytest.mark.parametrize("number", [-1, 2**63, 10**30])
@pytest.mark.parametrize("asked", ['"preview", "contact"', '"close", "contact"', '"look", "start"'])
async def test_number_that_no_contact_has_is_refused_without_asking_the_store(link, asked, number):
    more = ', "reason": "Twice"' if "close" in asked else ""
    async with link() as dagny:
        await dagny.log_in("dagny")
        await dagny.socket.send_str(f'{{"type": {asked}: {number}, "request": 7{more}}}')
        refusal = await dagny.until(wire.Refusal)
        assert (refusal.code, refusal.request) == ("invalid", 7)


async def test_last_contact_that_could_be_is_as_if_it_did_not_exist(link):
    async with link() as dagny:
        await dagny.log_in("dagny")
        assert (await dagny.ask(wire.Preview, contact=2**63 - 1)).code == "not-found"
        looked = await dagny.ask(wire.Look, queue="Everyone", start=2**63 - 1)
        assert looked.contacts == []


@pytest.mark.parametrize("note", ["a" * (wire.LONGEST_NOTE + 1), "Wants a\0callback"])
async def test_note_that_a_store_or_a_colleagues_program_could_not_take_is_refused(link, note):
    async with link() as anna:
        await anna.log_in()
        refusal = await anna.ask(wire.Requeue, contact=1, queue="Everyone", note=note)
        assert refusal.code == "invalid"


async def test_second_doubt_while_the_first_is_cleared_is_not_lost(server):
    server._doubt()
    server._doubted = False  # as while the store is being read
    server._doubt()
    await server._recovering
    assert not server._doubted


async def test_memory_is_made_anew_until_that_works(server, expect_log, monkeypatch):
    monkeypatch.setattr(server_module, "RETRY", 0.001)
    expect_log(r"ERROR ace_server\.server: memory could not be made anew \[KeyError")
    failed = asyncio.Event()

    def fail_once(_: Configured) -> None:
        if not failed.is_set():
            failed.set()
            raise KeyError("x")

    server.events.subscribe(Configured, fail_once)
    server._doubt()
    await server._recovering
    assert failed.is_set() and not server._doubted


async def test_an_error_while_news_are_taken_over_makes_memory_anew(server, expect_log):
    expect_log(r"ERROR ace_server\.rounds: .*'hearing' failed \[KeyError")
    failed = asyncio.Event()

    def fail_once(queued: Queued) -> None:
        if not failed.is_set():
            failed.set()
            server.dispatch.dispatcher().index.discard(queued.contact.id)  # nobody has heard of it
            raise KeyError("x")

    server.events.subscribe(Queued, fail_once)
    presence = Presence(server.store, lambda: 8.0, server._clock)
    await presence.look()
    apart = InStore(server.store, server.current.site, presence, server._clock)
    server.intake._admission = apart  # as another process takes in
    contact = await take_in(server)
    await failed.wait()
    await server._recovering
    assert server.dispatch.dispatcher().index.waiting(contact) is not None


async def test_resync_says_everything_anew(link):
    async with link() as anna:
        await anna.log_in()
        await anna.ask(wire.Resync)
        assert isinstance(await anna.event(), wire.Desk)


async def test_explain_answers_in_sentences_for_what_is_in_hand_only(server, link):
    async with link() as anna:
        await anna.log_in()
        await anna.ask(wire.Activate)
        contact = await take_in(server)
        await anna.until(wire.Change, why="booked")
        explained = await anna.ask(wire.Explain, contact=contact)
        assert "Anna Berg" in str(explained.sentences[0])
        assert (await anna.ask(wire.Explain, contact=contact + 1)).code == "not-found"


async def attached(server: Server) -> int:
    draft = server.store.files.draft()
    draft.write(b"RIFF")
    attachment = NewAttachment("call.wav", "text/html", 4, draft.keep())
    return await take_in(server, attachments=(attachment,))


async def test_attachment_goes_to_whom_the_contact_belongs_to_only(server, link, http):
    url = f"http://127.0.0.1:{server.agents_port}/attachments"
    async with link() as anna, link() as bo:
        await bo.log_in("bo")
        await anna.log_in()
        await anna.ask(wire.Activate)
        contact = await attached(server)
        await anna.until(wire.Change, why="booked")

        async def fetch(token: str, position: int | str = 0) -> aiohttp.ClientResponse:
            headers = {"Authorization": f"Bearer {token}"}
            return await http.get(f"{url}/{contact}/{position}", headers=headers)

        answer = await fetch(anna.token)
        assert (answer.status, await answer.read()) == (200, b"RIFF")
        assert answer.content_type == "application/octet-stream"
        assert (await fetch(anna.token, 1)).status == 404
        assert (await fetch(anna.token, "9" * 5000)).status == 404
        assert (await fetch(bo.token)).status == 404
        assert (await fetch("guess")).status == 401
        for digest in list(server.store.files.kept()):
            server.store.files.remove(digest)
        assert (await fetch(anna.token)).status == 410


async def test_health_names_what_the_site_should_mend_and_takes_work_all_the_same(server, http):
    server.store.weaknesses = ["PostgreSQL runs with fsync off."]
    health = await http.get(f"http://127.0.0.1:{server.agents_port}/health")
    assert health.status == 200
    assert (await health.json())["database"] == "PostgreSQL runs with fsync off."


async def test_health_says_what_of_mail_a_person_has_to_see_to(server, http):
    health = f"http://127.0.0.1:{server.agents_port}/health"
    assert "mail" not in await (await http.get(health)).json(), "there is no mail"
    digest = keep(server.store)
    await server.store.run(quarantine, digest)
    await server.store.run(refuse, digest)
    server.events.publish(MailChanged(SUPPORT))
    answer = await http.get(health)
    assert answer.status == 200
    assert (await answer.json())["mail"] == {
        "accounts_in_trouble": 0,
        "quarantined": 1,
        "undelivered": 1,
    }


async def test_health_and_metrics_are_open_and_show_no_content(server, http):
    await take_in(server, subject="MARKER", data={"workItem": "MARKER"})
    url = f"http://127.0.0.1:{server.agents_port}"
    health = await http.get(f"{url}/health")
    assert health.status == 200
    assert (await health.json())["store"] == "ok"
    metrics = await (await http.get(f"{url}/metrics")).text()
    assert 'ace_contacts{entrance="loans",state="queued"} 1.0' in metrics
    assert "MARKER" not in metrics + await health.text()


async def configure(server: Server, http: aiohttp.ClientSession, secret: str, text: str):
    url = f"http://127.0.0.1:{server.agents_port}/control/configure"
    return await http.post(url, data=text, headers={"Authorization": f"Bearer {secret}"})


async def test_configuration_through_the_running_server_acts_at_once(server, http, link, tmp_path):
    facts = json.loads((tmp_path / FACTS).read_text())
    assert (await configure(server, http, "guess", "")).status == 401
    async with link() as anna:
        await anna.log_in()
        text = '[[activity]]\nname = "Coffee"\n'
        answer = await configure(server, http, facts["secret"], text)
        assert answer.status == 200
        assert (await anna.until(wire.Desk)).activities == ["Coffee"]


async def test_wrong_configuration_is_refused_with_its_problems(server, http, tmp_path):
    secret = json.loads((tmp_path / FACTS).read_text())["secret"]
    answer = await configure(server, http, secret, '[[queue]]\nnme = "x"\n')
    assert answer.status == 422
    assert (await answer.json())["problems"]


async def note(server: Server, http: Any, secret: str, raw: bytes) -> int:
    url = f"http://127.0.0.1:{server.agents_port}/control/backed-up"
    async with http.post(url, data=raw, headers={"Authorization": f"Bearer {secret}"}) as answer:
        return answer.status


NOTED = b'{"at": "2026-11-20T12:00:00Z", "file": "/srv/monday.zip", "detail": "5 contacts"}'


async def test_a_backup_that_was_taken_is_in_the_audit(server, http, tmp_path):
    secret = json.loads((tmp_path / FACTS).read_text())["secret"]
    assert await note(server, http, secret, NOTED) == 200
    last = (await server.store.run(audit.rows))[-1]
    assert (last.action, last.object, last.detail) == (
        "backed up",
        "/srv/monday.zip",
        "5 contacts",
    )


async def test_only_who_can_read_the_data_folder_notes_a_backup(server, http):
    assert await note(server, http, "guess", NOTED) == 401
    assert await server.store.run(audit.rows) == []


@pytest.mark.parametrize("raw", [b"", b"[]", NOTED.replace(b"00Z", b"00")])
async def test_what_is_no_note_of_a_backup_is_refused(server, http, tmp_path, raw):
    secret = json.loads((tmp_path / FACTS).read_text())["secret"]
    assert await note(server, http, secret, raw) == 422
    assert await server.store.run(audit.rows) == []


async def test_first_administrator_needs_the_secret_of_the_data_folder(tmp_path, http):
    store = Store(tmp_path)
    store.open()
    store.perform(directory.replace_single, "system", SystemParameters(workItemPort=0))
    store.close()
    server = Server(tmp_path, passwords=cheap())
    await server.start()
    secret = json.loads((tmp_path / FACTS).read_text())["secret"]
    async with http.ws_connect(f"http://127.0.0.1:{server.agents_port}/link") as socket:
        program = Program(socket)
        assert (await program.event()).first_start
        fields = {"login": "eva", "name": "Eva", "password": PASSWORD}
        refused = await program.ask(wire.CreateAdministrator, setup="guess", **fields)
        assert refused.code == "forbidden"
        done = await program.ask(wire.CreateAdministrator, setup=secret, **fields)
        assert isinstance(done, wire.Done)
        assert (await program.log_in("eva")).agent.role is Role.ADMINISTRATOR
    await server.stop()


async def test_second_server_on_a_data_folder_names_the_first(server, tmp_path):
    with pytest.raises(Taken, match=str(os.getpid())):
        await Server(tmp_path).start()


async def test_server_file_is_readable_by_its_owner_only(server, tmp_path):
    assert (tmp_path / FACTS).stat().st_mode & 0o777 == 0o600


async def test_agent_removed_by_configuration_is_told_and_logged_out(server, link):
    async with link() as anna:
        await anna.log_in()
        bo = User(login="bo", name="Bo Ek", role=Role.AGENT)
        await server.store.run(directory.replace, "user", [bo])
        await server.current.reload()
        assert "removed or locked" in str((await anna.until(wire.LoggedOut)).reason)


# Figures


async def test_supervisor_watches_until_enough_is_seen(server, link):
    async with link() as dagny:
        await dagny.log_in("dagny")
        await take_in(server)
        assert isinstance(await dagny.ask(wire.Watch), wire.Done)
        figures = await dagny.until(wire.Figures)
        assert [row.login for row in figures.agents] == ["anna", "bo"]
        waiting = [(row.queue, row.waiting) for row in figures.queues]
        assert waiting == [("Unrouted", 0), ("Loan decisions", 1), ("Everyone", 0)]
        assert isinstance(await dagny.ask(wire.Unwatch), wire.Done)
        assert not server.live._watching


@pytest.mark.parametrize("login", ["anna", "wall"])
@pytest.mark.parametrize("command", [wire.Watch, wire.Unwatch])
async def test_nobody_else_watches(server, link, login, command):
    async with link() as program:
        await program.log_in(login)
        answer = await program.ask(command)
        assert (type(answer), answer.code) == (wire.Refusal, "forbidden")
        assert not server.live._watching


@pytest.mark.parametrize("command", [wire.Watch, wire.Unwatch])
async def test_nobody_watches_without_a_log_in(server, link, command):
    async with link() as program:
        answer = await program.ask(command)
        assert (type(answer), answer.code) == (wire.Refusal, "unauthorised")
        assert not server.live._watching


async def test_nothing_is_told_to_a_link_that_is_gone(server, link):
    async with link() as dagny:
        await dagny.log_in("dagny")
        await dagny.ask(wire.Watch)
        await dagny.until(wire.Figures)
    gone = asyncio.Event()
    server.link.on_gone = gone.set
    if server.live._watching:
        await asyncio.wait_for(gone.wait(), 10)
    assert not server.live._watching


# Contacts of any size

LONGEST = "😀" * 1_000_000


async def park(server: Server, anna: Program, number: int, **changes: Any) -> int:
    """Take a work item in, and let Anna lay it aside."""
    contact = await take_in(server, external_id=f"LOAN-{number}", **changes)
    await anna.until(wire.Change, why="booked")
    await anna.ask(wire.Accept, contact=contact)
    await anna.ask(wire.Park, contact=contact)
    return contact


async def test_parked_contacts_of_the_longest_text_follow_the_desk_one_by_one(server, link):
    async with link() as anna:
        await anna.log_in()
        await anna.ask(wire.Activate)
        parked = [await park(server, anna, number, body=LONGEST) for number in range(3)]
    async with link() as again:
        await again.ask(wire.Return, token=anna.token)
        desk = await again.until(wire.Desk)
        assert ([one.id for one in desk.contacts], desk.following) == (parked[:1], parked[1:])
        for number, contact in enumerate(parked[1:], desk.number + 1):
            shown = await again.event()
            assert (shown.why, shown.number, shown.contact.id) == ("shown", number, contact)
            assert shown.contact.body == LONGEST


async def test_contact_of_the_longest_text_is_a_message_that_a_program_reads(server, http):
    data = {f"key-{number}": '"' * 1_000_000 for number in range(31)}
    data |= {"workItem": "\n" * 1_000_000}
    url = f"http://127.0.0.1:{server.agents_port}/link"
    async with http.ws_connect(url, max_msg_size=wire.MAX_EVENT_BYTES) as socket:
        anna = Program(socket)
        await anna.log_in()
        await anna.ask(wire.Activate)
        contact = await take_in(server, body='"' * 1_000_000, data=data)
        booked = await anna.until(wire.Change, why="booked")
        assert (booked.contact.id, booked.contact.body) == (contact, '"' * 1_000_000)
        assert wire.size(booked.contact) < wire.MAX_CONTACT_BYTES


class Slow:
    """A socket that takes what it is given, but never gets it through."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    def __aiter__(self) -> "Slow":
        return self

    async def __anext__(self) -> None:
        await self.closed.wait()
        raise StopAsyncIteration

    async def send_frame(self, *_: Any) -> None:
        await self.closed.wait()

    async def close(self, **_: Any) -> None:
        self.closed.set()


async def test_program_too_slow_for_what_waits_loses_its_link(server, expect_log):
    expect_log("WARNING ace_server.desk.connection: the link of somewhere is too slow")
    socket = Slow()
    connection = Connection(
        socket, "somewhere", server.agents, None, server.live, server.link._answers, bool
    )
    running = asyncio.create_task(connection.run(server.link._welcome()))
    await asyncio.sleep(0)
    half = wire.Notice(about="store", text=wire.Sentence("x" * wire.MAX_EVENT_BYTES))
    connection.send(half)
    assert not socket.closed.is_set()
    connection.send(half)
    await running
    assert socket.closed.is_set()
    await connection.taken()  # nobody waits for it any more
