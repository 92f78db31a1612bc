"""Mail is handed over once, and what is said of it is true."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ace_server.email.mail import Address
from ace_server.email.smtp import (
    LAST_TIMEOUT,
    TRIES,
    TRIES_OF_ANSWERS,
    Fate,
    HandOver,
    hand_over,
    retry_after,
)
from ace_server.email.smtp_server import Server, Tls, server
from ace_server.email.writing import Enclosed, Letter, compose, recipients
from ace_server.errors import Refused, Unavailable
from ace_server.sentences import sentence
from tests.smtp_sink import DROP, STALL, Sink, certificate, sink

FROM = "service@bank.example"
ANN, BOB, CARL = "ann@example.com", "bob@example.com", "carl@example.com"
MAIL = b"From: service@bank.example\r\nSubject: Your loan\r\n\r\nGranted.\r\n.\r\n..\r\nBye\r\n"
SOON = 0.05
"""Seconds until a server that stalls is given up."""


@pytest.fixture
async def plain() -> AsyncIterator[Sink]:
    async with sink() as made:
        yield made


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


def fates(outcome: HandOver) -> dict[str, Fate]:
    return {result.recipient: result.fate for result in outcome.results}


async def give(to: Sink, *recipients: str, raw: bytes = MAIL, **how: float) -> HandOver:
    return await hand_over(to.server(), FROM, recipients or [ANN], raw, **how)


# Taken


async def test_mail_arrives_as_it_was_with_its_envelope(plain: Sink):
    outcome = await give(plain, ANN, BOB)
    received = await plain.arrived()
    assert (received.sender, received.recipients) == (FROM, (ANN, BOB))
    assert received.content == MAIL
    assert fates(outcome) == {ANN: Fate.HANDED_OVER, BOB: Fate.HANDED_OVER}
    assert outcome.trouble is None
    result = outcome.results[0]
    assert str(result.sentence) == "127.0.0.1 took the mail: 250 2.0.0 OK queued as 1"


async def test_letter_arrives_as_it_was_composed(plain: Sink):
    letter = Letter(
        sender=Address(FROM, "Bänk"),
        to=(Address(ANN),),
        bcc=(Address(BOB),),
        date=datetime(2026, 11, 26, tzinfo=UTC),
        message_id="<1@bank.example>",
        subject="Grüße",
        text=".\n..\n" + "x" * 3000,
        attachments=(Enclosed("ß.bin", "a/b", bytes(range(256))),),
    )
    raw = compose(letter)
    await give(plain, *recipients(letter), raw=raw)
    received = await plain.arrived()
    assert (received.recipients, received.content) == ((ANN, BOB), raw)


async def test_each_recipient_is_named_once(plain: Sink):
    outcome = await give(plain, ANN, ANN)
    assert (await plain.arrived()).recipients == (ANN,)
    assert fates(outcome) == {ANN: Fate.HANDED_OVER}


async def test_empty_sender_is_the_null_sender(plain: Sink):
    await hand_over(plain.server(), "", [ANN], MAIL)
    assert (await plain.arrived()).sender == ""


async def test_domain_of_another_script_is_written_in_ascii(plain: Sink):
    outcome = await give(plain, "ann@bücher.example")
    assert (await plain.arrived()).recipients == ("ann@xn--bcher-kva.example",)
    assert fates(outcome) == {"ann@bücher.example": Fate.HANDED_OVER}


@pytest.mark.parametrize("raw", [b"a\n.\nb", b"a\r.\rb", b"a\r\n.\nb", b"a\n.\r\nb\r\n"])
async def test_stray_line_end_ends_no_mail(plain: Sink, raw: bytes):
    await give(plain, raw=raw)
    assert (await plain.arrived()).content == b"a\r\n.\r\nb\r\n"


async def test_octets_above_127_are_announced_where_that_is_understood(plain: Sink):
    raw = "Subject: x\r\n\r\nGrüße\r\n".encode("latin-1")
    await give(plain, raw=raw)
    received = await plain.arrived()
    assert received.content == raw
    assert "BODY=8BITMIME" in received.options
    assert f"SIZE={len(raw)}" in received.options
    async with sink(without=("8BITMIME", "SIZE")) as old:
        await give(old, raw=raw)
        received = await old.arrived()
        assert (received.content, received.options) == (raw, ())


async def test_address_of_another_script_needs_a_server_that_takes_it(plain: Sink):
    wide = "žofie@example.com"
    outcome = await give(plain, ANN, wide)
    assert fates(outcome) == {ANN: Fate.HANDED_OVER, wide: Fate.REFUSED}
    outcome = await hand_over(plain.server(), wide, [ANN, BOB], MAIL)
    assert fates(outcome) == {ANN: Fate.REFUSED, BOB: Fate.REFUSED}
    assert len(plain.received) == 1
    async with sink(wide=True) as modern:
        outcome = await give(modern, ANN, wide)
        received = await modern.arrived()
        assert received.recipients == (ANN, wide)
        assert "SMTPUTF8" in received.options
        await give(modern, ANN)
        assert "SMTPUTF8" not in (await modern.arrived(2)).options


# Not taken, by the server's word


async def test_one_recipient_refused_does_not_keep_the_mail_from_the_others(plain: Sink):
    plain.refused[BOB] = "550 5.1.1 no such mailbox"
    plain.greylisted[CARL] = 1
    outcome = await give(plain, ANN, BOB, CARL)
    assert (await plain.arrived()).recipients == (ANN,)
    assert fates(outcome) == {ANN: Fate.HANDED_OVER, BOB: Fate.REFUSED, CARL: Fate.PUT_OFF}
    bob = outcome.results[1]
    assert str(bob.sentence) == ("127.0.0.1 refused the mail for good: 550 5.1.1 no such mailbox")
    again = await give(plain, CARL)
    assert fates(again) == {CARL: Fate.HANDED_OVER}
    assert [received.recipients for received in plain.received] == [(ANN,), (CARL,)]


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "END"])
@pytest.mark.parametrize(
    ("answer", "fate"), [("451 4.3.0 later", Fate.PUT_OFF), ("554 5.7.1 no", Fate.REFUSED)]
)
async def test_refusal_at_each_step_is_for_now_or_for_good(
    plain: Sink, step: str, answer: str, fate: Fate
):
    plain.say(step, answer)
    outcome = await give(plain)
    assert fates(outcome) == {ANN: fate}
    assert outcome.trouble is None
    assert plain.received == []
    assert fates(await give(plain)) == {ANN: Fate.HANDED_OVER}
    assert len(plain.received) == 1


async def test_all_recipients_refused_sends_nothing(plain: Sink):
    plain.refused = {ANN: "550 no", BOB: "450 later"}
    outcome = await give(plain, ANN, BOB)
    assert fates(outcome) == {ANN: Fate.REFUSED, BOB: Fate.PUT_OFF}
    assert plain.received == []


async def test_server_that_shuts_down_between_recipients_took_nothing(plain: Sink):
    plain.say("RCPT", "250 OK")
    plain.say("RCPT", "421 4.3.2 shutting down")
    outcome = await give(plain, ANN, BOB, CARL)
    assert fates(outcome) == {ANN: Fate.NOT_SENT, BOB: Fate.PUT_OFF, CARL: Fate.NOT_SENT}
    assert plain.received == []


async def test_mail_that_is_too_large_is_refused_before_it_is_sent():
    async with sink(most_bytes=2048) as small:
        outcome = await give(small, raw=b"Subject: x\r\n\r\n" + b"x" * 3000)
        assert fates(outcome) == {ANN: Fate.REFUSED}
        assert str(outcome.results[0].sentence) == (
            "The mail has 3 KB, and 127.0.0.1 takes no more than 2 KB: it was not sent."
        )
        assert small.commands == []


@pytest.mark.parametrize(
    "address", ["", "ann", "ann@", "a b@example.com", "ann@x> SIZE=1", "ann@x\r\nRSET", "a@x,b@y"]
)
async def test_what_is_no_address_is_refused_alone(plain: Sink, address: str):
    outcome = await give(plain, address, BOB)
    assert fates(outcome) == {address: Fate.REFUSED, BOB: Fate.HANDED_OVER}
    assert (await plain.arrived()).recipients == (BOB,)


async def test_answer_of_the_server_is_shown_in_one_short_line(plain: Sink):
    plain.say("MAIL", "550-first\x07\r\n550 second " + "x" * 400)
    result = (await give(plain)).results[0]
    assert "550 first second xxx" in str(result.sentence)
    assert len(str(result.sentence)) == len("127.0.0.1 refused the mail for good: 550 ") + 200


# Lost on the way


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("what", [DROP, STALL])
async def test_mail_lost_before_its_end_was_not_sent(plain: Sink, step: str, what: str):
    plain.say(step, what)
    outcome = await give(plain, timeout=SOON if what == STALL else 30.0)
    assert fates(outcome) == {ANN: Fate.NOT_SENT}
    assert outcome.trouble is not None
    assert not outcome.is_lasting
    assert plain.received == []
    plain.as_usual()  # on a slow machine it was given up before it came so far
    assert fates(await give(plain)) == {ANN: Fate.HANDED_OVER}
    assert len(plain.received) == 1


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("what", [DROP, STALL])
async def test_mail_lost_between_its_end_and_the_answer_is_unknown(
    plain: Sink, what: str, kept: bool
):
    plain.say("END", what, kept=kept)
    outcome = await give(plain, ANN, BOB, last_timeout=SOON if what == STALL else 30.0)
    assert fates(outcome) == {ANN: Fate.UNKNOWN, BOB: Fate.UNKNOWN}
    assert outcome.trouble is None
    assert "may have been sent. It is not sent again by itself." in str(outcome.results[0].sentence)
    assert len(plain.received) == kept


async def test_recipient_refused_stays_refused_when_the_rest_is_unknown(plain: Sink):
    plain.refused[BOB] = "550 no"
    plain.say("END", DROP)
    assert fates(await give(plain, ANN, BOB)) == {ANN: Fate.UNKNOWN, BOB: Fate.REFUSED}


async def test_answer_that_means_nothing_is_unknown_after_the_end(plain: Sink):
    plain.say("END", "354 go on")
    plain.say("END", "what?")
    assert fates(await give(plain)) == {ANN: Fate.UNKNOWN}
    assert fates(await give(plain)) == {ANN: Fate.UNKNOWN}


async def test_answer_that_means_nothing_sends_nothing_before_the_end(plain: Sink):
    plain.say("RCPT", "what?")
    plain.say("RCPT", "299 perhaps")
    assert fates(await give(plain)) == {ANN: Fate.NOT_SENT}
    assert fates(await give(plain)) == {ANN: Fate.NOT_SENT}
    assert plain.received == []


Streams = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(talk: Streams, **how: Any) -> AsyncIterator[Server]:
    """A server that says what no library would, and then nothing until the block ends."""
    ended: list[asyncio.Task[None]] = []
    is_over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(asyncio.current_task())
        await talk(reader, writer)
        await is_over.wait()
        writer.transport.abort()

    made = await asyncio.start_server(serve, "127.0.0.1", 0, **how)
    port = made.sockets[0].getsockname()[1]
    try:
        yield Server(host="127.0.0.1", port=port, own_name="client.example")
    finally:
        made.close()
        is_over.set()
        await asyncio.gather(*ended)
        await made.wait_closed()


def say(answer: bytes) -> Streams:
    async def then(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return then


async def cut_off(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def read_no_more(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
    """What nobody reads soon fills the buffers."""


@pytest.mark.parametrize(
    ("then", "fate"),
    [
        (say(b"552 5.3.4 enough\r\n"), Fate.REFUSED),
        (say(b"421 4.3.2 going down\r\n"), Fate.PUT_OFF),
        (cut_off, Fate.NOT_SENT),
        (read_no_more, Fate.NOT_SENT),
    ],
    ids=["too much", "going down", "cut off", "reads no more"],
)
async def test_mail_broken_off_in_its_middle_was_not_taken(then, fate: Fate):
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 rude\r\n")
        for answer in (b"250 rude", b"250 ok", b"250 ok", b"354 go on"):
            await reader.readline()
            writer.write(answer + b"\r\n")
        await reader.readexactly(1000)
        await then(reader, writer)

    raw = b"Subject: x\r\n\r\n" + 150_000 * (b"x" * 98 + b"\r\n")
    async with listening(talk) as to:
        outcome = await hand_over(to, FROM, [ANN], raw, timeout=0.2 if then is read_no_more else 30)
    assert fates(outcome) == {ANN: fate}


async def test_hand_over_that_is_cancelled_leaves_nothing_behind(plain: Sink):
    plain.say("END", STALL, kept=True)
    task = asyncio.create_task(give(plain))
    await plain.arrived()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(plain.received) == 1


async def test_mail_for_nobody_is_our_bug(plain: Sink):
    with pytest.raises(ValueError, match="recipient"):
        await hand_over(plain.server(), FROM, [], MAIL)


async def test_sender_that_is_no_address_is_refused_before_anything_is_sent(plain: Sink):
    outcome = await hand_over(plain.server(), "bank", [ANN], MAIL)
    assert fates(outcome) == {ANN: Fate.REFUSED}
    assert plain.attempts == 0


# No connection, no login: the server's trouble


async def test_server_that_is_not_there_is_trouble_that_passes(free_port: int):
    to = Server(host="127.0.0.1", port=free_port, own_name="client.example")
    outcome = await hand_over(to, FROM, [ANN], MAIL)
    assert fates(outcome) == {ANN: Fate.NOT_SENT}
    assert str(outcome.trouble).startswith("127.0.0.1 cannot be reached: ")
    assert not outcome.is_lasting


async def test_host_that_has_no_address_is_trouble_that_passes():
    to = Server(host="nowhere.invalid", port=25, own_name="client.example")
    outcome = await hand_over(to, FROM, [ANN], MAIL)
    assert str(outcome.trouble).startswith("nowhere.invalid cannot be reached")
    assert not outcome.is_lasting


@pytest.mark.parametrize(
    ("greeting", "lasting", "said"),
    [
        (b"421 4.3.2 busy\r\n", False, "takes no mail from us now: 421 4.3.2 busy"),
        (b"554 5.7.1 blocked\r\n", True, "takes no mail from us now: 554 5.7.1 blocked"),
        (b"", False, "does not answer."),
        (b"SSH-2.0-OpenSSH\r\n", False, "takes no mail from us now"),
    ],
)
async def test_greeting_that_is_no_welcome(greeting: bytes, lasting: bool, said: str):
    async with listening(say(greeting)) as to:
        outcome = await hand_over(to, FROM, [ANN], MAIL, timeout=30 if greeting else SOON)
    assert fates(outcome) == {ANN: Fate.NOT_SENT}
    assert said in str(outcome.trouble)
    assert outcome.is_lasting is lasting


async def test_server_of_the_old_kind_is_greeted_its_way():
    heard = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 old\r\n")
        for answer in (b"500 what?", b"250 old", b"250 ok", b"250 ok", b"354 go on"):
            heard.append(await reader.readline())
            writer.write(answer + b"\r\n")
        heard.append(await reader.readuntil(b"\r\n.\r\n"))
        writer.write(b"250 ok\r\n")

    async with listening(talk) as to:
        assert fates(await hand_over(to, FROM, [ANN], MAIL)) == {ANN: Fate.HANDED_OVER}
    assert heard[:3] == [
        b"EHLO client.example\r\n",
        b"HELO client.example\r\n",
        b"MAIL FROM:<service@bank.example>\r\n",
    ]


@pytest.mark.parametrize("greeted", [True, False])
async def test_server_that_leaves_at_the_greeting_or_the_login(greeted: bool):
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hasty\r\n")
        await reader.readline()
        writer.write(b"250-hasty\r\n250 AUTH PLAIN\r\n" if greeted else b"421 4.3.2 going down\r\n")
        await reader.readline()
        writer.transport.abort()

    async with listening(talk) as to:
        to = msgspec.structs.replace(to, user="anna", password="right")
        outcome = await hand_over(to, FROM, [ANN], MAIL)
    assert fates(outcome) == {ANN: Fate.NOT_SENT}
    assert outcome.trouble is not None
    assert not outcome.is_lasting


async def test_without_a_name_of_its_own_it_says_that_of_the_machine(plain: Sink):
    to = msgspec.structs.replace(plain.server(), own_name="")
    assert fates(await hand_over(to, FROM, [ANN], MAIL)) == {ANN: Fate.HANDED_OVER}


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_mail_goes_with_tls_and_login(pem: Path, tls: Tls):
    async with sink(tls=tls, certificate=pem, users={"anna@bank": "geheim ß"}) as secured:
        outcome = await hand_over(secured.server(user="anna@bank"), FROM, [ANN], MAIL)
        received = await secured.arrived()
        assert (received.user, received.is_secret) == ("anna@bank", True)
        assert fates(outcome) == {ANN: Fate.HANDED_OVER}


async def test_login_takes_the_way_that_the_server_offers():
    async with sink(users={"anna": "right"}, methods=("LOGIN",)) as old:
        await hand_over(old.server(user="anna"), FROM, [ANN], MAIL)
        assert (await old.arrived()).user == "anna"
    async with sink(users={"anna": "right"}, methods=()) as odd:
        outcome = await hand_over(odd.server(user="anna"), FROM, [ANN], MAIL)
        assert str(outcome.trouble) == "127.0.0.1 offers no way to log in that is known here."
        assert outcome.is_lasting


@pytest.mark.parametrize("token", ["ya29.right", "expired"])
async def test_token_logs_in(token: str):
    async def provide() -> str:
        return token

    async with sink(users={"anna": "ya29.right"}) as modern:
        to = msgspec.structs.replace(modern.server(user="anna", token=provide), password="")
        outcome = await hand_over(to, FROM, [ANN], MAIL)
        assert outcome.is_lasting is (token == "expired")
        assert len(modern.received) == (token != "expired")


@pytest.mark.parametrize(
    ("error", "lasting"),
    [(Unavailable("later"), False), (Refused("consent", sentence("Give consent again.")), True)],
)
async def test_token_that_cannot_be_had_is_trouble(plain: Sink, error: Exception, lasting: bool):
    async def provide() -> str:
        raise error

    outcome = await hand_over(plain.server(user="anna", token=provide), FROM, [ANN], MAIL)
    assert fates(outcome) == {ANN: Fate.NOT_SENT}
    assert outcome.is_lasting is lasting


async def test_wrong_password_is_tried_once_and_is_no_fault_of_the_mail():
    async with sink(users={"anna": "right"}) as guarded:
        to = guarded.server(user="anna", password="wrong")
        outcome = await hand_over(to, FROM, [ANN], MAIL)
        assert fates(outcome) == {ANN: Fate.NOT_SENT}
        assert outcome.is_lasting
        assert "does not let anna log in: 535" in str(outcome.trouble)
        assert guarded.attempts == guarded.log_ins == 1
        nobody = await hand_over(guarded.server(), FROM, [ANN], MAIL)
        assert nobody.is_lasting
        assert fates(nobody) == {ANN: Fate.NOT_SENT}


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_certificate_is_checked(pem: Path, tls: Tls, tmp_path: Path):
    async with sink(tls=tls, certificate=pem) as secured:
        for other in (
            msgspec.structs.replace(secured.server(), ca_file=""),
            msgspec.structs.replace(secured.server(), host="127.0.0.1"),
        ):
            outcome = await hand_over(other, FROM, [ANN], MAIL)
            assert "is not to be trusted" in str(outcome.trouble)
            assert outcome.is_lasting
        lost = msgspec.structs.replace(secured.server(), ca_file=str(tmp_path / "nowhere"))
        outcome = await hand_over(lost, FROM, [ANN], MAIL)
        assert "cannot be read" in str(outcome.trouble)
        assert secured.received == []


async def test_tls_is_never_left_out(plain: Sink, expect_log: Callable[[str], None]):
    expect_log("WARNING mail.log: .* unrecognised")  # the sink, to whom TLS is no command
    stripped = msgspec.structs.replace(plain.server(user="anna"), tls=Tls.STARTTLS)
    outcome = await hand_over(stripped, FROM, [ANN], MAIL)
    assert str(outcome.trouble) == ("127.0.0.1 offers no TLS, and mail is not given to it without.")
    assert outcome.is_lasting
    outcome = await hand_over(
        msgspec.structs.replace(plain.server(), tls=Tls.IMPLICIT), FROM, [ANN], MAIL
    )
    assert "does not speak TLS" in str(outcome.trouble)
    assert plain.received == []
    assert plain.commands == []


async def test_old_tls_is_not_spoken(pem: Path):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.load_cert_chain(pem)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1

    async with listening(say(b"220 old\r\n"), ssl=old) as to:
        to = msgspec.structs.replace(to, host="localhost", tls=Tls.IMPLICIT, ca_file=str(pem))
        outcome = await hand_over(to, FROM, [ANN], MAIL)
    assert outcome.trouble is not None
    assert fates(outcome) == {ANN: Fate.NOT_SENT}


async def test_logs_name_no_address_and_no_text(plain: Sink, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG, "ace_server")
    plain.refused[BOB] = "550 bob@example.com is unknown"
    await give(plain, ANN, BOB)
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("ace_server")]
    assert ours
    assert not any(word in line for line in ours for word in ("@", "loan", "Granted"))


async def test_large_mail_leaves_the_loop_its_turns(plain: Sink):
    raw = b"Subject: x\r\n\r\n" + 10_500 * (b"." + b"x" * 995 + b"\r\n")
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.create_task(others())
    plain.say("MAIL", "451 4.3.0 later")
    assert fates(await give(plain, raw=raw)) == {ANN: Fate.PUT_OFF}
    assert turns > 140  # while its size was found: one for each piece
    turns = 0
    assert fates(await give(plain, raw=raw)) == {ANN: Fate.HANDED_OVER}
    assert turns > 280
    assert (await plain.arrived()).content == raw
    counting.cancel()


# Servers as they are configured, and when to try again


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "user"),
    [
        ("smtp://localhost", "localhost", 25, Tls.NONE, ""),
        ("smtp://[::1]:2525/", "::1", 2525, Tls.NONE, ""),
        ("smtps://mail.example.com", "mail.example.com", 465, Tls.IMPLICIT, ""),
        ("smtp+starttls://anna%40bank@mail.example.com", "mail.example.com", 587, Tls.STARTTLS)
        + ("anna@bank",),
    ],
)
def test_server_is_read_from_a_url(url: str, host: str, port: int, tls: Tls, user: str):
    assert server(url, "geheim") == Server(
        host=host, port=port, tls=tls, user=user, password="geheim"
    )
    assert "geheim" not in repr(server(url, "geheim"))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "bad-url"),
        ("mail.example.com:25", "bad-url"),
        ("imap://mail.example.com", "bad-url"),
        ("smtps://", "bad-url"),
        ("smtps://mail.example.com:x", "bad-url"),
        ("smtps://mail.example.com/path", "bad-url"),
        ("smtps://mail.example.com?a=b", "bad-url"),
        ("smtps://[mail.example.com", "bad-url"),
        ("smtps://anna:geheim@mail.example.com", "bad-url"),
        ("smtp://mail.example.com", "no-tls"),
    ],
)
def test_url_that_cannot_be_used_is_refused(url: str, code: str):
    with pytest.raises(Refused) as refusal:
        server(url)
    assert refusal.value.code == code
    assert "geheim" not in refusal.value.reason


def test_pauses_grow_and_end_within_five_days():
    pauses = [retry_after(attempts) for attempts in range(1, TRIES)]
    assert pauses[:6] == [60, 300, 900, 3600, 7200, 14400]
    assert 4.5 * 86400 < sum(pauses) <= 5 * 86400
    assert retry_after(TRIES) is None
    assert LAST_TIMEOUT == 600


def test_automatic_answer_is_tried_five_times():
    tries = [retry_after(attempts, most=TRIES_OF_ANSWERS) for attempts in range(1, 6)]
    assert tries == [60, 300, 900, 3600, None]
