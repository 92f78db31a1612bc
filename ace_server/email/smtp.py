"""One hand-over of a mail by SMTP, and what truly became of it for each recipient (EM-10, A-11).

aiosmtplib is driven command by command: a mail counts as sent from the moment its final dot is
written, and only then can its outcome be unknown. When to try again is said by `retry_after`; who
waits for that, and what is written down, is the outbox's. No address and no text is ever logged.
"""

import asyncio
import logging
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from enum import StrEnum
from functools import partial
from typing import TypeVar

import aiosmtplib
import msgspec
from aiosmtplib.protocol import SMTPProtocol

from ace_server.email import writing
from ace_server.email.mail import one_line
from ace_server.email.mailbox import MailboxTrouble
from ace_server.email.smtp_server import Server, Tls, context, own_name, reached
from ace_server.errors import Refused, Unavailable
from ace_server.sentences import Sentence, Value, sentence

log = logging.getLogger(__name__)

TRIES = 35
"""Of ordinary mail: with the pauses of `retry_after` nearly five days (RFC 5321 §4.5.4.1)."""

TRIES_OF_ANSWERS = 5
"""Of an automatic answer (D-6)."""

TIMEOUT = 30.0
"""Seconds to wait for a connection, and for the answer to a command (C-13)."""

LAST_TIMEOUT = 600.0
"""Seconds to wait for the answer to the final dot (RFC 5321 §4.5.3.2.6): giving up earlier would
leave a mail unknown that was taken."""

_PAUSES = (60.0, 300.0, 900.0, 3600.0, 7200.0, 14400.0)  # seconds; the last one goes on
_CHUNK = 64 * 1024
_LONGEST_ANSWER = 200  # characters of what a server says
_STRAY_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_FIRST_DOT = re.compile(rb"(?m)^\.")

T = TypeVar("T")


class Fate(StrEnum):
    """What became of a mail for one recipient."""

    HANDED_OVER = "handed-over"  # the server took it
    REFUSED = "refused"  # for good
    PUT_OFF = "put-off"  # the server wants it later
    NOT_SENT = "not-sent"  # certainly not taken: may be tried again
    UNKNOWN = "unknown"  # it may have been taken: never tried again by itself


class Result(msgspec.Struct, frozen=True):
    """What became of it for one recipient, for programs and for people."""

    recipient: str
    fate: Fate
    sentence: Sentence


class HandOver(msgspec.Struct, frozen=True):
    """What became of one hand-over."""

    results: tuple[Result, ...]  # in the order of the recipients
    trouble: Sentence | None = None  # of the server, and no matter of this mail
    is_lasting: bool = False  # the trouble: a person must act, trying again does not help


class _Trouble(Exception):
    """Nothing was sent, for a reason that has to do with the server and not with the mail."""

    def __init__(self, said: Sentence, *, is_lasting: bool = False) -> None:
        super().__init__(str(said))
        self.sentence = said
        self.is_lasting = is_lasting


def retry_after(attempts: int, *, most: int = TRIES) -> float | None:
    """Seconds from a try that failed to the next, after so many; None: give up."""
    if attempts >= most:
        return None
    return _PAUSES[min(max(attempts, 1), len(_PAUSES)) - 1]


async def hand_over(
    server: Server,
    sender: str,
    recipients: Sequence[str],
    raw: bytes,
    *,
    timeout: float = TIMEOUT,
    last_timeout: float = LAST_TIMEOUT,
    threads: Executor | None = None,
) -> HandOver:
    """Offer one mail to the server once, and say what became of it; both times in seconds.

    `sender` is the envelope's, empty for `<>`. `raw` is a mail as `compose` or `resend` makes it;
    a line end that is none in SMTP is made one, lest the server sees the end where there is none.
    Names and certificates are looked up in `threads`; None: in the loop's own, which mail is not
    alone to use (WI-5). Never raises for what a server or a network does. Cancelled after the final
    dot, the fate is unknown, and whoever cancels has to keep it so.
    """
    to = list(dict.fromkeys(recipients))
    attempt = _Attempt(server, sender, to, raw, timeout, last_timeout, threads)
    trouble = None
    try:
        await attempt.run()
    except _Trouble as found:
        trouble = found
    finally:
        await attempt.close()
    outcome = attempt.outcome(trouble)
    fates = [result.fate for result in outcome.results]
    log.debug("%s: %s", server.host, {str(fate): fates.count(fate) for fate in set(fates)})
    return outcome


class _Attempt:
    """One connection with one mail."""

    def __init__(
        self,
        server: Server,
        sender: str,
        recipients: list[str],
        raw: bytes,
        timeout: float,
        last_timeout: float,
        threads: Executor | None,
    ) -> None:
        self._server = server
        self._host = server.host
        self._sender = sender
        self._recipients = recipients
        self._raw = raw
        self._timeout = timeout
        self._last_timeout = last_timeout
        self._threads = threads
        self._socket: socket.socket | None = None
        self._client: aiosmtplib.SMTP | None = None
        self._results: dict[str, Result] = {}
        self._is_begun = False  # the server waits for the mail
        self._is_sent = False  # the final dot was written

    async def run(self) -> None:
        """Go as far as the server lets us; raises _Trouble."""
        envelope = self._envelope()
        if not envelope:
            return
        client = await self._connect()
        await self._log_in(client)
        size = await self._size()
        if not self._fits(client, size) or not await self._mail(client, size, envelope):
            return
        accepted = [name for name in envelope if await self._rcpt(client, name, envelope[name])]
        if accepted and client.is_connected and await self._data(client, accepted):
            await self._content(client, accepted)
        self._say_goodbye(client)

    async def close(self) -> None:
        """Leave the connection at once, whatever its state and whatever the server still says."""
        if self._client is not None:
            if isinstance(self._client.transport, asyncio.WriteTransport):
                self._client.transport.abort()
            self._client.close()
            await asyncio.sleep(0)  # the transport lets the socket go
        if self._socket is not None:
            self._socket.close()

    def outcome(self, trouble: _Trouble | None) -> HandOver:
        """What is known now; for whom nothing else is known, nothing was sent."""
        why = trouble.sentence if trouble else sentence("The connection to %1 ended.", self._host)
        results = tuple(
            self._results.get(name) or Result(name, Fate.NOT_SENT, why) for name in self._recipients
        )
        if trouble is None:
            return HandOver(results)
        return HandOver(results, trouble.sentence, trouble.is_lasting)

    # What can be said before anything is sent

    def _envelope(self) -> dict[str, str]:
        """The recipients with their addresses as SMTP writes them; the others are refused."""
        if not self._recipients:
            raise ValueError("a mail has a recipient")
        try:
            self._sender = self._sender and writing.ascii_address(self._sender)
        except Refused as refusal:
            self._settle(self._recipients, Fate.REFUSED, refusal.sentence)
            return {}
        envelope = {}
        for name in self._recipients:
            try:
                envelope[name] = writing.ascii_address(name)
            except Refused as refusal:
                self._settle([name], Fate.REFUSED, refusal.sentence)
        return envelope

    async def _size(self) -> int:
        """Octets as they travel, without the dots that are doubled (RFC 1870 §3)."""
        size = 0
        for piece in _lines(self._raw):
            size += len(piece)
            await asyncio.sleep(0)  # a large mail leaves the others their turn
        return size

    def _fits(self, client: aiosmtplib.SMTP, size: int) -> bool:
        most = client.esmtp_extensions.get("size", "").strip()
        if not most.isdecimal() or not 0 < int(most) < size:
            return True
        said = sentence(
            "The mail has %1 KB, and %2 takes no more than %3 KB: it was not sent.",
            -(-size // 1024),
            self._host,
            int(most) // 1024,
        )
        self._settle(self._recipients, Fate.REFUSED, said)
        return False

    # The connection

    async def _connect(self) -> aiosmtplib.SMTP:
        server = self._server
        secured = server.tls is not Tls.NONE
        trust = await self._context() if secured else None
        name = server.own_name or await self._in_thread(own_name)
        try:
            async with asyncio.timeout(self._timeout):
                self._socket = await reached(server, self._threads)
            self._client = client = aiosmtplib.SMTP(
                hostname=server.host,  # by which its certificate is known
                sock=self._socket,
                local_hostname=name,
                timeout=self._timeout,
                use_tls=server.tls is Tls.IMPLICIT,
                start_tls=False,  # ours to decide, below
                tls_context=trust,
            )
            await client.connect()
            await self._hello(client)
            if server.tls is Tls.STARTTLS:
                await self._start_tls(client)
        except aiosmtplib.SMTPResponseException as error:
            raise self._turned_away(error) from error
        except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:
            raise self._unreachable(error) from error
        return client

    async def _context(self) -> ssl.SSLContext:
        try:
            return await self._in_thread(context, self._server)
        except OSError as error:  # SSLError is one
            said = sentence("The certificates in %1 cannot be read.", self._server.ca_file)
            raise _Trouble(said, is_lasting=True) from error

    def _in_thread(self, function: Callable[..., T], *arguments: object) -> "asyncio.Future[T]":
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._threads, partial(function, *arguments))

    async def _hello(self, client: aiosmtplib.SMTP) -> None:
        try:
            await client.ehlo()
        except aiosmtplib.SMTPHeloError:
            if not client.is_connected:
                raise
            await client.helo()

    async def _start_tls(self, client: aiosmtplib.SMTP) -> None:
        if not client.supports_extension("starttls"):
            said = sentence("%1 offers no TLS, and mail is not given to it without.", self._host)
            raise _Trouble(said, is_lasting=True)
        await client.starttls()
        await self._hello(client)

    def _turned_away(self, error: aiosmtplib.SMTPResponseException) -> _Trouble:
        said = sentence("%1 takes no mail from us now: %2", self._host, _answer(error))
        return _Trouble(said, is_lasting=500 <= error.code < 600)

    def _unreachable(self, error: BaseException) -> _Trouble:
        cause = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
        if isinstance(cause, ssl.SSLCertVerificationError):
            why = _clean(cause.verify_message or str(cause))
            said = sentence("The certificate of %1 is not to be trusted: %2.", self._host, why)
            return _Trouble(said, is_lasting=True)
        if isinstance(cause, ssl.SSLError):
            said = sentence("%1 does not speak TLS as it should on this port.", self._host)
            return _Trouble(said, is_lasting=True)
        if isinstance(error, TimeoutError):
            return _Trouble(sentence("%1 does not answer.", self._host))
        if isinstance(cause, OSError) and cause.strerror:
            why = _clean(cause.strerror)
            return _Trouble(sentence("%1 cannot be reached: %2.", self._host, why))
        return _Trouble(sentence("%1 cannot be reached, or hung up.", self._host))

    async def _log_in(self, client: aiosmtplib.SMTP) -> None:
        """One try with one method: more could lock the account."""
        server = self._server
        if not server.user:
            return
        try:
            if server.token is not None:
                await self._authenticate(client, "xoauth2", await server.token())
            else:
                await self._authenticate(client, _method(client), server.password)
        except aiosmtplib.SMTPResponseException as error:
            said = sentence(
                "%1 does not let %2 log in: %3", self._host, server.user, _answer(error)
            )
            raise _Trouble(said, is_lasting=error.code >= 500) from error
        except Refused as refusal:
            raise _Trouble(refusal.sentence, is_lasting=True) from refusal
        except MailboxTrouble as trouble:
            raise _Trouble(trouble.sentence, is_lasting=trouble.lasting) from trouble
        except Unavailable as error:
            raise _Trouble(sentence("No token for %1 can be had now.", self._host)) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._unreachable(error) from error

    async def _authenticate(self, client: aiosmtplib.SMTP, method: str, secret: str) -> None:
        if method not in client.server_auth_methods:
            said = sentence("%1 offers no way to log in that is known here.", self._host)
            raise _Trouble(said, is_lasting=True)
        ways = {
            "xoauth2": client.auth_xoauth2,
            "plain": client.auth_plain,
            "login": client.auth_login,
            "cram-md5": client.auth_crammd5,
        }
        await ways[method](self._server.user, secret)

    def _say_goodbye(self, client: aiosmtplib.SMTP) -> None:
        """Without waiting for an answer: what became of the mail is to be written down now."""
        if client.protocol is not None and self._is_begun is self._is_sent:
            with suppress(aiosmtplib.SMTPException):
                client.protocol.write(b"QUIT\r\n")

    # The mail

    async def _command(self, client: aiosmtplib.SMTP, line: str) -> aiosmtplib.SMTPResponse:
        try:
            return await client.execute_command(line.encode())
        except (aiosmtplib.SMTPException, OSError) as error:
            raise self._unreachable(error) from error

    async def _mail(self, client: aiosmtplib.SMTP, size: int, envelope: dict[str, str]) -> bool:
        line = f"MAIL FROM:<{self._sender}>"
        if client.supports_extension("size"):
            line += f" SIZE={size}"
        if not self._raw.isascii() and client.supports_extension("8bitmime"):
            line += " BODY=8BITMIME"  # not offered: sent as it is, like any relay does
        if not all(address.isascii() for address in (self._sender, *envelope.values())):
            if client.supports_extension("smtputf8"):
                line += " SMTPUTF8"
            else:
                self._refuse_wide(envelope)
                if not envelope:
                    return False
        reply = await self._command(client, line)
        if reply.code == 530:  # it wants a login or TLS that was not set
            said = sentence("%1 takes no mail from us now: %2", self._host, _answer(reply))
            raise _Trouble(said, is_lasting=True)
        return self._goes_on(reply, list(envelope), 250, 251)

    def _refuse_wide(self, envelope: dict[str, str]) -> None:
        """Leave out whom this server cannot name (RFC 6531); all, where that is the sender."""
        for name, address in list(envelope.items()):
            if not address.isascii() or not self._sender.isascii():
                said = sentence(
                    "%1 takes only addresses of plain letters: it cannot be sent to %2.",
                    self._host,
                    name,
                )
                self._settle([name], Fate.REFUSED, said)
                del envelope[name]

    async def _rcpt(self, client: aiosmtplib.SMTP, name: str, address: str) -> bool:
        if not client.is_connected:  # it said 421 to the one before
            return False
        reply = await self._command(client, f"RCPT TO:<{address}>")
        return self._goes_on(reply, [name], 250, 251, 252)

    async def _data(self, client: aiosmtplib.SMTP, accepted: list[str]) -> bool:
        return self._goes_on(await self._command(client, "DATA"), accepted, 354)

    def _goes_on(self, reply: aiosmtplib.SMTPResponse, names: list[str], *wanted: int) -> bool:
        """Whether the server wants to hear more; if not, these are settled."""
        if reply.code in wanted:
            return True
        if 400 <= reply.code < 600:
            self._settle_by(reply, names)
            return False
        raise _Trouble(
            sentence("%1 answers what no mail server should: %2", self._host, reply.code)
        )

    async def _content(self, client: aiosmtplib.SMTP, accepted: list[str]) -> None:
        """The mail itself. Its fate is unknown from the final dot to the answer, never before."""
        protocol = client.protocol
        if protocol is None:
            return
        self._is_begun = True
        if isinstance(protocol.transport, asyncio.WriteTransport):
            protocol.transport.set_write_buffer_limits(high=1, low=0)  # drained: it left us
        answer = asyncio.create_task(protocol.read_response())  # listens also for an early one
        try:
            await self._write(protocol, answer)
            reply = await asyncio.wait_for(answer, self._last_timeout if self._is_sent else 0.0)
        except (aiosmtplib.SMTPException, OSError) as error:  # TimeoutError is one
            if not self._is_sent:
                raise self._unreachable(error) from error
            said = sentence(
                "The connection to %1 was lost before it answered: the mail may have been sent. "
                "It is not sent again by itself.",
                self._host,
            )
            self._settle(accepted, Fate.UNKNOWN, said)
        else:
            self._settle_content(reply, accepted)
        finally:
            answer.cancel()
            await asyncio.wait([answer])

    async def _write(
        self, protocol: SMTPProtocol, answer: asyncio.Task[aiosmtplib.SMTPResponse]
    ) -> None:
        """Write the mail, and the final dot unless the server has answered already or is gone."""
        for piece in _lines(self._raw):
            await self._pass_on(protocol, _FIRST_DOT.sub(b"..", piece))
            if answer.done():
                return
        await asyncio.sleep(0)  # what came meanwhile is heard
        if not answer.done():
            protocol.write(b".\r\n")  # raises where the connection is known to be lost
            self._is_sent = True

    async def _pass_on(self, protocol: SMTPProtocol, piece: bytes) -> None:
        for at in range(0, len(piece), _CHUNK):
            protocol.write(piece[at : at + _CHUNK])
            await asyncio.sleep(0)
            async with asyncio.timeout(self._timeout):
                await protocol._drain_helper()  # asyncio's own, under the name it has there

    def _settle_content(self, reply: aiosmtplib.SMTPResponse, accepted: list[str]) -> None:
        if 400 <= reply.code < 600:
            self._settle_by(reply, accepted)
        elif self._is_sent and 200 <= reply.code < 300:
            said = sentence("%1 took the mail: %2", self._host, _answer(reply))
            self._settle(accepted, Fate.HANDED_OVER, said)
        elif self._is_sent:
            said = sentence(
                "%1 answered with %2, which means nothing: the mail may have been sent. "
                "It is not sent again by itself.",
                self._host,
                reply.code,
            )
            self._settle(accepted, Fate.UNKNOWN, said)

    def _settle_by(self, reply: aiosmtplib.SMTPResponse, names: list[str]) -> None:
        if reply.code >= 500:
            said = sentence("%1 refused the mail for good: %2", self._host, _answer(reply))
            self._settle(names, Fate.REFUSED, said)
        else:
            said = sentence("%1 wants the mail later: %2", self._host, _answer(reply))
            self._settle(names, Fate.PUT_OFF, said)

    def _settle(self, names: list[str], fate: Fate, said: Sentence) -> None:
        for name in names:
            self._results[name] = Result(name, fate, said)


def _lines(raw: bytes) -> Iterator[bytes]:
    """The mail in pieces of whole lines, each of which ends in CRLF and nothing else does."""
    at = 0
    while at < len(raw):
        end = raw.find(b"\n", min(at + _CHUNK, len(raw)) - 1) + 1 or len(raw)
        piece = _STRAY_END.sub(b"\r\n", raw[at:end])
        yield piece if piece.endswith(b"\r\n") else piece + b"\r\n"
        at = end


def _method(client: aiosmtplib.SMTP) -> str:
    """The first of these that the server offers."""
    known = ("plain", "login", "cram-md5")
    return next((one for one in known if one in client.server_auth_methods), known[0])


def _answer(reply: aiosmtplib.SMTPResponse | aiosmtplib.SMTPResponseException) -> Value:
    return f"{reply.code} {_clean(reply.message)}".rstrip()


def _clean(text: str) -> str:
    """What a server says, in one line that can be shown."""
    return one_line(text)[:_LONGEST_ANSWER]
