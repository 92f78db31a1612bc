"""Mail over a real link: commands, the source of a mail, files that go with a draft."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
import pytest

from ace_server import wire
from ace_server.desk import turns
from ace_server.desk.link import Link
from ace_server.desk.log_in import LogIns
from ace_server.desk.reading import presses
from ace_server.email.mail import Mail
from ace_server.email.message import parse
from ace_server.passwords import StoredSecret, cheap
from ace_server.store import Seam, directory, drafts
from tests.desk.mailing import PHOTO, Office
from tests.desk.test_link import PASSWORD, Program


@pytest.fixture
async def link(office: Office) -> AsyncIterator[tuple[Link, str]]:
    """The bank's link, where everybody has the same password, and its URL."""
    passwords = cheap()

    def job() -> None:
        for login in ("anna", "dan"):
            hashed = StoredSecret("hash", passwords.hash(PASSWORD))
            directory.set_secret("user", login, hashed)

    await office.store.run(job)
    await office.current.reload()
    log_ins = LogIns(office.store, office.current, passwords, office.clock)
    made = Link(
        office.current,
        office.agents,
        log_ins,
        office.live,
        office.attachments,
        control_secret="",
        configure=_nobody,
        note_backup=_nobody,
        waiting=office.waiting,
        explaining=office.explaining,
        health=lambda: (True, {}),
        metrics=bytes,
        mailroom=office.mailroom,
    )
    port = await made.start("127.0.0.1", 0)
    yield made, f"http://127.0.0.1:{port}"
    await made.stop()
    log_ins.close()


async def _nobody(_: object) -> None:
    """Nobody configures anything here."""


@asynccontextmanager
async def program(url: str, login: str = "anna") -> AsyncIterator[tuple[Program, object]]:
    """Somebody is logged in; with what asks by HTTP."""
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{url}/link") as socket:
        made = Program(socket)
        await made.log_in(login)
        http.headers["Authorization"] = f"Bearer {made.token}"
        yield made, http


async def accepted(office: Office, made: Program) -> int:
    """A mail in anna's hands, by commands alone."""
    contact = await office.receive(PHOTO.read_bytes())
    await made.ask(wire.Activate)
    await office.settle()
    assert isinstance(await made.ask(wire.Accept, contact=contact), wire.Done)
    return contact


async def test_a_mail_is_read_answered_and_sent_over_the_link(office, link):
    _, site = link
    async with program(site) as (anna, _):
        contact = await accepted(office, anna)
        read = await anna.ask(wire.ReadMail, contact=contact)
        assert read.mail.subject == "Subject"
        composed = await anna.ask(wire.Compose, kind="reply", contact=contact)
        queued = await anna.ask(wire.SendMail, draft=composed.draft)
        assert queued.outgoing.to == ["someone@somewhere.com"]
        news = await anna.until(wire.MailNews)
        assert [one.id for one in news.outgoing] == [queued.outgoing.id]
        undone = await anna.ask(wire.UndoSend, outgoing=queued.outgoing.id)
        assert undone.draft == composed.draft
        refused = await anna.ask(wire.UndoSend, outgoing=queued.outgoing.id)
        assert refused.code == "too-late"


class Slow:
    """Understands mails once it is let."""

    def __init__(self) -> None:
        self.begun, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def read(self, source: Path) -> Mail:
        self.begun.set()
        await self.may_go_on.wait()
        return parse(source.read_bytes())


async def test_a_contact_is_accepted_while_its_mail_is_being_read(office, link):
    """And what is read then can be answered, as the contact can by now."""
    _, site = link
    slow = office.mailroom._reading._understanding = Slow()
    async with program(site) as (anna, _):
        contact = await office.receive(PHOTO.read_bytes())
        await anna.ask(wire.Activate)
        await office.settle()
        await anna.socket.send_str(wire.encode(wire.ReadMail(request=900, contact=contact)))
        async with asyncio.timeout(10):
            await slow.begun.wait()
        assert isinstance(await anna.ask(wire.Accept, contact=contact), wire.Done)
        slow.may_go_on.set()
        read = await anna.until(wire.MailRead, request=900)
        assert read.mail.writes is None


async def test_what_was_asked_of_a_contact_is_done_before_it_is_let_go_of(office, link):
    """Each of these would refuse the one before it, were it first."""
    _, site = link
    slow = office.mailroom._reading._understanding = Slow()
    async with program(site) as (anna, _):
        contact = await accepted(office, anna)
        for command in (
            wire.ReadMail(request=900, contact=contact),
            wire.DidNotArrive(request=901, contact=contact),
            wire.Requeue(request=902, contact=contact, queue="Everyone"),
            wire.LogOut(request=903),
        ):
            await anna.socket.send_str(wire.encode(command))
        async with asyncio.timeout(10):
            await slow.begun.wait()
        slow.may_go_on.set()
        await anna.until(wire.MailRead, request=901)
        await anna.until(wire.Done, request=902)
        await anna.until(wire.Done, request=903)
        await anna.until(wire.LoggedOut)


async def test_what_waits_at_a_desk_that_was_logged_out_is_not_done(office, link):
    """G-4: at once."""
    made, site = link
    office.mailroom._reading._understanding = Slow()
    gone = asyncio.Event()
    made.on_gone = gone.set
    async with program(site) as (anna, _):
        contact = await accepted(office, anna)
        for command in (
            wire.ReadMail(request=900, contact=contact),
            wire.DidNotArrive(request=901, contact=contact),
        ):
            await anna.socket.send_str(wire.encode(command))
        await anna.ask(wire.Resync)  # whoever hears the answer knows that all were taken
        async with program(site):
            await anna.until(wire.LoggedOut)
            await anna.socket.receive(timeout=10)  # it is closed
            async with asyncio.timeout(10):
                await gone.wait()
    assert await office.store.run(presses, contact, "anna") == 0


async def test_what_waits_at_one_desk_is_bounded_by_its_length(office, link, monkeypatch):
    _, site = link
    async with program(site) as (anna, _):
        composed = await anna.ask(wire.Compose, kind="new")
        monkeypatch.setattr(turns, "MOST_CHARACTERS", 1000)
        typed = msgspec.structs.replace(composed.draft, text="x" * 1000)
        assert (await anna.ask(wire.SendMail, draft=typed)).code == "too-many"
        assert (await anna.ask(wire.SendMail, draft=composed.draft)).code == "no-recipient"


async def test_the_source_goes_to_who_may_read_it_and_claims_to_be_no_page(office, link):
    _, site = link
    async with program(site) as (anna, http), program(site, "dan") as (_, other):
        contact = await accepted(office, anna)
        url = f"{site}/mails/{contact}/source"
        async with http.get(url) as answer:
            assert await answer.read() == PHOTO.read_bytes()
            assert answer.content_type == "application/octet-stream"
        statuses = []
        for asking, where in ((other, url), (http, f"{site}/mails/999/source")):
            async with asking.get(where) as answer:
                statuses.append(answer.status)
        async with aiohttp.ClientSession() as nobody, nobody.get(url) as answer:
            statuses.append(answer.status)
        assert statuses == [404, 404, 401]


async def test_a_file_is_put_into_a_draft_and_answered_as_a_command_is(office, link, monkeypatch):
    monkeypatch.setattr(wire, "MOST_DRAFT_FILE", 100_000)
    _, site = link
    async with program(site) as (anna, http):
        composed = await anna.ask(wire.Compose, kind="new")
        url = f"{site}/drafts/{composed.draft.id}/files"
        async with http.post(url, params={"name": "Räkning.pdf"}, data=b"x" * 90_000) as answer:
            attached = wire.decode_event(await answer.text())
        assert [(one.name, one.size) for one in attached.files] == [("Räkning.pdf", 90_000)]
        async with http.post(url, params={"name": "a"}, data=b"x" * 100_001) as answer:
            refusal = wire.decode_event(await answer.text())
            assert (answer.status, refusal.code) == (413, "too-large")
        async with http.post(f"{site}/drafts/999/files", data=b"x") as answer:
            refusal = wire.decode_event(await answer.text())
            assert (answer.status, refusal.code) == (410, "gone")


async def test_a_file_whose_link_is_cut_leaves_nothing_behind(office, link, begun):
    """Nor a log record: it is nobody's fault."""
    made, url = link
    async with program(url) as (anna, http):
        composed = await anna.ask(wire.Compose, kind="new")

        async def half() -> AsyncIterator[bytes]:
            yield b"x" * 1000
            await asyncio.Event().wait()

        where = f"{url}/drafts/{composed.draft.id}/files"
        sending = asyncio.create_task(http.post(where, data=half()).__aenter__())
        async with asyncio.timeout(10):
            await begun.wait()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
    await made.stop()  # when what is under way has ended
    assert list((office.data / "incoming").iterdir()) == []
    assert await office.store.run(drafts.files, composed.draft.id) == []


@pytest.fixture
async def begun(office):
    """Set when something is written into a file."""
    event, loop = asyncio.Event(), asyncio.get_running_loop()

    class Telling(Seam):
        def call(self, kind, action):
            loop.call_soon_threadsafe(event.set)
            return super().call(kind, action)

    office.store.files._seam = Telling()
    return event
