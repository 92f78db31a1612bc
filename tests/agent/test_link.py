"""The link against a scripted server on a real socket."""

import asyncio
import shutil
import ssl
import subprocess
from contextlib import asynccontextmanager, suppress
from typing import get_args

import pytest
from PySide6.QtCore import QObject

from ace_agent.link import LONGEST_PAUSE, Address, Link, address, pause_seconds
from ace_agent.session import LinkDown, Refused, Session
from ace_agent.tasks import Trouble
from ace_server import wire
from tests.agent.scripted import ANNA, NOW, ScriptedServer, contact, desk
from tests.agent.waiting import until

PICTURE = wire.Attachment(position=0, name="id.png", media_type="image/png", size=5)


class Ears(QObject):
    """Notes what a link says."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.welcomed: list[wire.Welcome] = []
        self.lost: list[str] = []
        link.welcomed.connect(self.welcomed.append)
        link.lost.connect(self.lost.append)


@asynccontextmanager
async def linked(server, session, **options):
    """A link to the server, started; stopped at the end, whatever happens."""
    link = Link(session, first_pause=0.01, **options)
    ears = Ears(link)
    link.start(Address("127.0.0.1", server.port))
    try:
        yield link, ears
    finally:
        await link.stop()
        await session.stop()
        await server.stop()


@asynccontextmanager
async def logged_in(server, session, *contacts):
    async with linked(server, session) as (link, ears):
        await until(lambda: ears.welcomed)
        entering = asyncio.ensure_future(link.log_in("anna", "secret"))
        await server.let_in(*contacts)
        await entering
        await until(lambda: session.link_up)
        yield link, ears


@pytest.fixture
def session(qapp):
    return Session()


def test_server_names_its_site_before_anybody_logs_in(run, session):
    async def flow():
        async with linked(await ScriptedServer().start(), session) as (link, ears):
            await until(lambda: ears.welcomed)
            assert (session.site, session.link_up) == ("The bank", False)

    run(flow())


def test_log_in_brings_the_desk(run, session):
    async def flow():
        async with logged_in(await ScriptedServer().start(), session, contact(7)):
            assert session.agent is not None
            assert session.agent.name == "Anna Berg"
            assert list(session.contacts) == [7]

    run(flow())


def test_refused_log_in_carries_the_code(run, session):
    async def flow():
        server = await ScriptedServer().start()
        async with linked(server, session) as (link, ears):
            await until(lambda: ears.welcomed)
            entering = asyncio.ensure_future(link.log_in("anna", "code"))
            command = await server.hears(wire.LogIn)
            await server.say(
                wire.Refusal(
                    request=command.request,
                    code="new-password",
                    reason=wire.Sentence("Choose one."),
                )
            )
            with pytest.raises(Refused) as refused:
                await entering
            assert refused.value.code == "new-password"

    run(flow())


def test_link_comes_back_by_itself_to_the_same_log_in(run, session):
    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session, contact(7)) as (_, ears):
            await server.cut()
            await until(lambda: not session.link_up)
            assert session.link_lost_at is not None
            assert list(session.contacts) == [7]
            command = await server.let_in(contact(7), contact(8))
            assert isinstance(command, wire.Return)
            assert command.token == "token-1"
            await until(lambda: session.link_up)
            assert list(session.contacts) == [7, 8]
            assert len(ears.welcomed) == 1  # nobody was asked to log in

    run(flow())


def test_link_waits_for_a_server_that_is_away(run, session):
    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session) as (_, ears):
            await server.stop()
            await until(lambda: ears.lost and "does not answer" in ears.lost[-1])
            await server.start()
            await server.let_in()
            await until(lambda: session.link_up)

    run(flow())


def test_token_that_is_refused_asks_to_log_in_again(run, session):
    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session, contact(7)) as (_, ears):
            reasons = []
            session.logged_out.connect(reasons.append)
            await server.cut()
            command = await server.hears(wire.Return)
            await server.say(
                wire.Refusal(
                    request=command.request, code="unauthorised", reason=wire.Sentence("Unknown.")
                )
            )
            await until(lambda: reasons)
            assert "Log in again" in reasons[0]
            assert session.agent is None
            assert len(ears.welcomed) == 2

    run(flow())


def test_server_that_cannot_let_back_in_yet_is_asked_again(run, session):
    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session):
            await server.cut()
            command = await server.hears(wire.Return)
            await server.say(
                wire.Refusal(
                    request=command.request, code="unavailable", reason=wire.Sentence("Not now.")
                )
            )
            await server.let_in()
            await until(lambda: session.link_up)

    run(flow())


def test_command_on_its_way_when_the_link_breaks_is_not_left_hanging(run, session):
    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session):
            asked = asyncio.ensure_future(session.activate())
            await server.hears(wire.Activate)
            await server.cut()
            with pytest.raises(LinkDown):
                await asked

    run(flow())


def test_command_without_a_link_is_refused_at_once(run, session):
    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session):
            await server.stop()
            await until(lambda: not session.link_up)
            with pytest.raises(LinkDown):
                await session.activate()

    run(flow())


def test_answers_find_their_commands_in_any_order(run, session):
    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session, contact(1), contact(2)):
            first = asyncio.ensure_future(session.explain(1))
            second = asyncio.ensure_future(session.explain(2))
            one, two = await server.hears(wire.Explain), await server.hears(wire.Explain)
            await server.say(
                wire.Explained(request=two.request, sentences=[wire.Sentence("two")]),
                wire.Explained(request=one.request, sentences=[wire.Sentence("one")]),
            )
            assert (await first, await second) == (["one"], ["two"])

    run(flow())


def outgoing(number):
    return wire.OutgoingMail(
        id=number, kind="reply", state="queued", to=["a@b.example"], created_at=NOW, due_at=NOW
    )


ANSWERS = (
    lambda n: wire.Done(request=n),
    lambda n: wire.Explained(request=n, sentences=[]),
    lambda n: wire.Looked(request=n, now=NOW, waiting=0, contacts=[]),
    lambda n: wire.Previewed(request=n, contact=contact(5)),
    lambda n: wire.MailRead(request=n, mail=wire.Mail(contact=5)),
    lambda n: wire.OutgoingRead(request=n, mail=wire.SentMail(outgoing=outgoing(4))),
    lambda n: wire.SentListed(request=n, mails=[]),
    lambda n: wire.Composed(request=n, draft=wire.Draft(id=3, kind="reply")),
    lambda n: wire.Attached(request=n, files=[]),
    lambda n: wire.MailQueued(request=n, outgoing=outgoing(4)),
    lambda n: wire.DraftsListed(request=n, drafts=[]),
    lambda n: wire.Quarantined(request=n, mails=[], undelivered=[]),
    lambda n: wire.Refusal(request=n, code="not-now", reason=wire.Sentence("No.")),
    lambda n: wire.LoggedIn(request=n, token="token-2", name="Anna Berg"),
)


@pytest.mark.parametrize("answer", ANSWERS)
def test_every_kind_of_answer_ends_the_wait(run, session, answer):
    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session) as (link, _):
            asking = asyncio.ensure_future(link.ask(wire.Look(request=0, queue="Disputes")))
            command = await server.hears(wire.Look)
            await server.say(answer(command.request))
            assert await asking == answer(command.request)

    run(flow())


def test_every_kind_of_answer_of_the_protocol_is_among_them():
    kinds = {kind for kind in get_args(wire.Event) if "request" in kind.__struct_fields__}
    assert {type(answer(1)) for answer in ANSWERS} == kinds


def test_log_out_forgets_the_token(run, session):
    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session) as (_, ears):
            leaving = asyncio.ensure_future(session.log_out())
            command = await server.hears(wire.LogOut)
            await server.say(wire.Done(request=command.request))
            await leaving
            assert session.agent is None
            await server.cut()
            await until(lambda: len(ears.welcomed) == 2)  # it does not return by itself

    run(flow())


def test_log_in_that_the_server_ends_is_told_with_its_reason(run, session):
    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session):
            reasons = []
            session.logged_out.connect(reasons.append)
            await server.say(wire.LoggedOut(reason=wire.Sentence("Anna is locked.")))
            await until(lambda: reasons)
            assert reasons == ["Anna is locked."]
            with pytest.raises(LinkDown):
                await session.activate()

    run(flow())


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (wire.PROTOCOL_VERSION + 1, "The server is newer than this program. Update ACE Agent."),
        (wire.PROTOCOL_VERSION - 1, "The server is older than this program."),
    ],
)
def test_other_version_is_said_clearly(run, session, version, sentence):
    async def flow():
        server = await ScriptedServer(version=version).start()
        async with linked(server, session) as (_, ears):
            await until(lambda: ears.lost)
            assert sentence in ears.lost[0]
            assert not ears.welcomed

    run(flow())


def test_what_is_no_ace_server_is_said_clearly(run, session):
    async def flow():
        async with linked(await ScriptedServer(path="/other").start(), session) as (_, ears):
            await until(lambda: ears.lost)
            assert "is no ACE server" in ears.lost[0]

    run(flow())


def test_message_that_is_not_understood_starts_the_link_anew(run, session, expect_log):
    expect_log("WARNING ace_agent.link: not understood")

    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session):
            await server.say_text("{")
            await server.let_in()
            await until(lambda: session.link_up and server.connections == 2)

    run(flow())


def test_message_longer_than_agreed_is_not_read(run, session):
    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session):
            with suppress(ConnectionError):  # it is cut off in the middle
                await server.say_text(" " * (wire.MAX_EVENT_BYTES + 1))
            await server.let_in()
            await until(lambda: session.link_up and server.connections == 2)

    run(flow())


def test_link_lost_before_everything_has_followed_heals(run, session):
    longest = [contact(number, body="😀" * 1_000_000) for number in range(1, 5)]

    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session):
            await server.say(desk(longest[0], number=5, following=[2, 3, 4]))
            await server.say(
                wire.Change(number=6, now=NOW, why="shown", agent=ANNA, contact=longest[1])
            )
            await until(lambda: list(session.contacts) == [1, 2])
            await server.cut()
            await server.let_in(*longest)
            await until(lambda: list(session.contacts) == [1, 2, 3, 4])
            assert session.contacts[4].body == longest[3].body

    run(flow())


class Line:
    """A slow line to a server: what comes from there comes through bit by bit."""

    def __init__(self, port):
        self._far = port
        self._carrying = set()
        self.port = 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        await self._server.wait_closed()
        await asyncio.gather(*self._carrying)

    async def _carry(self, reader, writer):
        self._carrying.add(asyncio.current_task())
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._far)
        await asyncio.gather(self._pass(reader, far_writer), self._pass(far_reader, writer, 0.01))

    async def _pass(self, reader, writer, pause=0.0):
        with suppress(ConnectionError):
            while chunk := await reader.read(256 * 1024):
                await asyncio.sleep(pause)
                writer.write(chunk)
                await writer.drain()
        writer.close()


def test_long_message_over_a_slow_line_is_waited_for(run, session):
    longest = contact(1, body="😀" * 4_000_000)

    async def flow():
        server = await ScriptedServer(heartbeat=0.15).start()
        link = Link(session, first_pause=0.01, sign_of_life=0.02)
        async with Line(server.port) as line:
            link.start(Address("127.0.0.1", line.port))
            await until(lambda: link.welcome)
            entering = asyncio.ensure_future(link.log_in("anna", "secret"))
            await server.let_in(longest)
            await entering
            await until(lambda: session.link_up)
            assert session.contacts[1].body == longest.body
            asking = asyncio.ensure_future(session.activate())
            command = await server.hears(wire.Activate)  # over the same link
            await server.say(wire.Done(request=command.request))
            await asking
            await link.stop()
            await session.stop()
            await server.stop()

    run(flow())


def test_edit_longer_than_agreed_goes_key_by_key_and_what_is_too_long_alone_is_refused(
    run, session
):
    longest = "x" * wire.MAX_COMMAND_BYTES
    refused = []
    session.refused.connect(lambda contact, reason: refused.append((contact, reason)))

    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session, contact(1)):
            session.edit(1, "loanAmount", longest)
            session.edit(1, "Outcome", "Granted")
            flushing = asyncio.ensure_future(session.flush())
            edit = await server.hears(wire.Edit)
            assert edit.values == {"Outcome": "Granted"}
            await server.say(wire.Done(request=edit.request))
            with pytest.raises(Refused, match="more text than the server takes"):
                await flushing
            assert session.typed == {1: {"loanAmount": longest}}

    run(flow())


def test_text_longer_than_agreed_is_not_sent(run, session):
    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session, contact(1)):
            with pytest.raises(Refused) as refused:
                await session.requeue(1, queue="Loans", note="x" * wire.MAX_COMMAND_BYTES)
            assert refused.value.code == "too-large"

    run(flow())


def test_link_follows_the_server_to_another_port(run, session):
    async def flow():
        old, new = await ScriptedServer().start(), await ScriptedServer().start()
        async with logged_in(old, session) as (link, _):
            await old.stop()
            link.move(Address("127.0.0.1", new.port))
            command = await new.let_in()
            assert isinstance(command, wire.Return)
            await until(lambda: session.link_up)
        await new.stop()

    run(flow())


# Attachments


def test_attachment_is_fetched_once_into_a_private_file(run, session):
    async def flow():
        server = await ScriptedServer().start()
        server.files["/attachments/7/0"] = b"12345"
        async with logged_in(server, session, contact(7, attachments=[PICTURE])):
            seen = []
            path = await session.attachment(7, 0, lambda done, whole: seen.append((done, whole)))
            again = await session.attachment(7, 0)
            assert path == again
            assert path.read_bytes() == b"12345"
            assert path.parent.stat().st_mode & 0o777 == 0o700
            assert path.name == "7-0"  # never the sender's name
            assert seen[-1] == (5, 5)
            assert server.asked == ["Bearer token-1"]
        assert not path.parent.exists()

    run(flow())


def test_attachment_is_removed_when_its_contact_leaves_the_desk(run, session):
    async def flow():
        server = await ScriptedServer().start()
        server.files["/attachments/7/0"] = server.files["/attachments/8/0"] = b"12345"
        both = [contact(n, attachments=[PICTURE]) for n in (7, 8)]
        async with logged_in(server, session, *both):
            gone, kept = await session.attachment(7, 0), await session.attachment(8, 0)
            await server.say(desk(both[1], number=2))
            await until(lambda: not gone.exists())
            assert 7 not in session.contacts and kept.exists()

    run(flow())


def test_file_of_a_previewed_contact_stays_until_something_else_is_previewed(run, session):
    """Whatever happens meanwhile: somebody may be asked where to save it."""

    async def flow():
        server = await ScriptedServer().start()
        server.files["/attachments/9/0"] = b"12345"
        waiting = contact(9, state=wire.State.QUEUED, attachments=[PICTURE])
        async with logged_in(server, session):

            async def preview(one):
                asked = asyncio.ensure_future(session.preview(one.id))
                command = await server.hears(wire.Preview)
                await server.say(wire.Previewed(request=command.request, contact=one))
                await asked

            await preview(waiting)
            path = await session.attachment(9, 0)
            await server.say(wire.Queues(now=NOW, queues=[]), desk(number=2))
            await until(lambda: session._number == 2)
            assert path.exists()
            await preview(contact(10, state=wire.State.QUEUED))
            await server.say(desk(number=3))
            await until(lambda: not path.exists())

    run(flow())


@pytest.mark.parametrize("content", [b"1234", b"123456"])
def test_attachment_of_another_size_than_announced_is_refused(run, session, content):
    async def flow():
        server = await ScriptedServer().start()
        server.files["/attachments/7/0"] = content
        async with logged_in(server, session, contact(7, attachments=[PICTURE])):
            with pytest.raises(Refused):
                await session.attachment(7, 0)

    run(flow())


@pytest.mark.parametrize(
    ("status", "says"),
    [(404, "the contact is not yours now"), (503, "try again soon"), (410, "as it came in")],
)
def test_attachment_that_the_server_does_not_give_is_refused_and_why(run, session, status, says):
    async def flow():
        server = await ScriptedServer().start()
        server.no_file = status
        async with logged_in(server, session, contact(7, attachments=[PICTURE])):
            with pytest.raises(Refused, match=says):
                await session.attachment(7, 0)

    run(flow())


MAIL = contact(4, medium=wire.Medium.EMAIL)


def test_source_of_a_mail_is_fetched_into_a_private_file(run, session):
    async def flow():
        server = await ScriptedServer().start()
        server.files["/mails/4/source"] = b"From: a@b.example\r\n\r\nHello"
        told = []
        async with logged_in(server, session, MAIL) as (link, _):
            path = await link.transfers.source(4, 26, lambda *progress: told.append(progress))
            assert path.read_bytes() == server.files["/mails/4/source"]
            assert told[-1] == (26, 26) and server.asked == ["Bearer token-1"]
            assert await link.transfers.source(4, 26) == path and len(server.asked) == 1

    run(flow())


def test_file_is_put_into_a_draft_whatever_its_name(run, session, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"x" * 200_000)
    told = []

    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session) as (link, _):
            name = "räkning & co?#%2F.txt"
            attached = await link.transfers.attach(
                9, name, file, lambda *progress: told.append(progress)
            )
            assert server.taken == {name: file.read_bytes()}
            held = [(one.name, one.media_type) for one in attached.files]
            assert held == [(name, "text/plain")]
            assert told[0][0] < told[-1][0] == 200_000

    run(flow())


@pytest.mark.parametrize(
    ("status", "says"),
    [(413, "larger than"), (503, "at present"), (500, "does not take the file")],
)
def test_file_that_the_server_does_not_take_is_refused_and_why(
    run, session, tmp_path, status, says
):
    file = tmp_path / "file"
    file.write_bytes(b"x")

    async def flow():
        server = await ScriptedServer().start()
        server.no_file = status
        async with logged_in(server, session) as (link, _):
            with pytest.raises(Refused, match=says):
                await link.transfers.attach(9, "a.txt", file)
            server.answer_to_file = wire.Refusal(
                request=0, code="full", reason=wire.Sentence("The draft has %1 files.", (20,))
            )
            with pytest.raises(Refused, match="The draft has 20 files."):
                await link.transfers.attach(9, "a.txt", file)
        with pytest.raises(LinkDown):
            await link.transfers.attach(9, "a.txt", file)

    run(flow())


def test_file_that_cannot_be_read_is_not_sent(run, session, tmp_path):
    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session) as (link, _):
            with pytest.raises(Refused, match="cannot be read"):
                await link.transfers.attach(9, "a.txt", tmp_path / "gone")
            assert not server.taken

    run(flow())


def test_attachment_without_a_link_is_told(run, session):
    async def flow():
        server = await ScriptedServer().start()
        async with logged_in(server, session, contact(7, attachments=[PICTURE])):
            await server.stop()
            with pytest.raises(LinkDown):
                await session.attachment(7, 0)

    run(flow())


# Addresses and certificates


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://ace.example:9000", "wss://ace.example:9000/link"),
        ("https://ace.example", "wss://ace.example:8764/link"),
        ("ace.example", "wss://ace.example:8764/link"),
        ("http://127.0.0.1:9000", "ws://127.0.0.1:9000/link"),
        ("http://localhost:9000/", "ws://localhost:9000/link"),
        ("localhost:9000", "ws://localhost:9000/link"),
        ("http://[::1]:9000", "ws://[::1]:9000/link"),
    ],
)
def test_address_of_a_server(given, url):
    assert address(given).url("ws", "/link") == url


@pytest.mark.parametrize(
    "given", ["", "ftp://ace.example", "https://", "https://a:b:c", "https://ace.example/x"]
)
def test_what_is_no_address_is_refused(given):
    with pytest.raises(Trouble, match="is no server address"):
        address(given)


def test_link_off_this_machine_is_never_in_clear():
    with pytest.raises(Trouble, match="would not be encrypted"):
        address("http://ace.example:8764")


def test_pauses_grow_to_five_seconds_and_differ_between_agents():
    longest = [pause_seconds(failures, first=0.2, chance=1.0) for failures in range(1, 12)]
    assert longest[:5] == pytest.approx([0.2, 0.4, 0.8, 1.6, 3.2])
    assert set(longest[5:]) == {LONGEST_PAUSE}
    assert pause_seconds(1, first=0.2, chance=0.0) == pytest.approx(0.1)


@pytest.fixture
def certificate(tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("no openssl: not proved that a certificate is checked")
    key, chain = tmp_path / "key.pem", tmp_path / "chain.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        + ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
        + ["-keyout", str(key), "-out", str(chain)],
        check=True,
        capture_output=True,
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain, key)
    return chain, context


def test_unknown_certificate_is_not_trusted(run, session, certificate):
    async def flow():
        # the server's end, on the same loop, reports that it was not trusted
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        server = await ScriptedServer().start(certificate[1])
        link = Link(session, first_pause=0.01)
        ears = Ears(link)
        link.start(Address("127.0.0.1", server.port, tls=True))
        await until(lambda: ears.lost)
        assert "not to be trusted" in ears.lost[0]
        await link.stop()
        await server.stop()

    run(flow())


def test_own_authority_can_be_pinned(run, session, certificate):
    async def flow():
        server = await ScriptedServer().start(certificate[1])
        link = Link(session, authority=str(certificate[0]), first_pause=0.01)
        ears = Ears(link)
        link.start(Address("127.0.0.1", server.port, tls=True))
        await until(lambda: ears.welcomed)
        await link.stop()
        await server.stop()

    run(flow())


def test_own_server_is_known_by_its_file_and_not_by_its_certificate(run, session, certificate):
    async def flow():
        server = await ScriptedServer().start(certificate[1])
        link = Link(session, first_pause=0.01)
        ears = Ears(link)
        link.start(Address("127.0.0.1", server.port, tls=True, own=True))
        await until(lambda: ears.welcomed)
        await link.stop()
        await server.stop()

    run(flow())


def test_authority_that_cannot_be_read_is_said(session, tmp_path):
    link = Link(session, authority=str(tmp_path / "none.pem"))
    with pytest.raises(Trouble, match="trusted certificates"):
        link.start(Address("ace.example", 8764, tls=True))
