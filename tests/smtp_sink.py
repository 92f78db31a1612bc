"""A real SMTP server that keeps what it is given, and fails when it is told to.

It runs on the loop of whoever starts it. What it was given is in order; who waits for the n-th mail
waits for a signal. `server()` is what a client needs to reach it.
"""

import asyncio
import base64
import contextlib
import shutil
import ssl
import subprocess
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, Session

from ace_server.email.smtp_server import Server, Tls, TokenProvider

MEBIBYTE = 1024 * 1024

DROP = "drop"
"""Instead of an answer: the connection is cut off."""

STALL = "stall"
"""Instead of an answer: none, until the client goes away."""


@dataclass(frozen=True)
class Received:
    """One mail as it was taken: its envelope and its bytes."""

    sender: str  # empty: `<>`
    recipients: tuple[str, ...]
    content: bytes
    options: tuple[str, ...] = ()  # of MAIL, in capitals
    user: str = ""
    is_secret: bool = False  # over TLS


class Sink:
    """The server. Its plans may be changed at any time.

    `say("RCPT", "450 later")`: the next answer at that step; a step is `MAIL`, `RCPT`, `DATA`
    (before the mail) or `END` (after its final dot). DROP and STALL are answers, too. What is
    answered at `END` with anything but 250 is not kept, unless `say(…, kept=True)`: a server that
    took the mail and was lost before it could say so.
    """

    def __init__(
        self,
        *,
        tls: Tls = Tls.NONE,
        certificate: Path | None = None,
        users: dict[str, str] | None = None,
        methods: tuple[str, ...] = ("PLAIN", "LOGIN", "XOAUTH2"),
        most_bytes: int = 100 * MEBIBYTE,
        wide: bool = False,
        without: tuple[str, ...] = (),
    ) -> None:
        """`users`: names with passwords or tokens, demanded where there are any.

        `certificate` is one for localhost, with its key in one file. `wide`: SMTPUTF8 is offered;
        `without`: keywords that are not.
        """
        self.received: list[Received] = []
        self.refused: dict[str, str] = {}  # recipients with the answer to each
        self.greylisted: dict[str, int] = {}  # recipients with how often each is put off
        self.attempts = 0  # connections
        self.log_ins = 0  # tried
        self.commands: list[str] = []
        self._tls = tls
        self._certificate = certificate
        self._users = users or {}
        self._methods = methods
        self._most_bytes = most_bytes
        self._wide = wide
        self._without = without
        self._plans: dict[str, list[tuple[str, bool]]] = defaultdict(list)
        self._arrived = asyncio.Condition()
        self._connections: list[_Connection] = []
        self._server: asyncio.Server | None = None

    def say(self, step: str, answer: str, *, times: int = 1, kept: bool = False) -> None:
        """Plan the next answers at a step."""
        self._plans[step] += [(answer, kept)] * times

    def as_usual(self) -> None:
        """Forget what was planned."""
        self._plans.clear()

    async def start(self) -> "Sink":
        """Listen on a free port of loopback."""
        implicit = self._tls is Tls.IMPLICIT
        self._server = await asyncio.get_running_loop().create_server(
            self._connection, "127.0.0.1", 0, ssl=self._context() if implicit else None
        )
        return self

    async def stop(self) -> None:
        """Cut off whoever is connected, and leave nothing behind."""
        assert self._server is not None
        self._server.close()
        tasks = [connection.leave() for connection in self._connections]
        await asyncio.gather(*filter(None, tasks), return_exceptions=True)
        await self._server.wait_closed()

    async def arrived(self, number: int = 1) -> Received:
        """Wait until so many mails were taken, and return the last of these."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: len(self.received) >= number)
        return self.received[number - 1]

    @property
    def port(self) -> int:
        assert self._server is not None
        return int(self._server.sockets[0].getsockname()[1])

    def server(
        self, *, user: str = "", password: str = "", token: TokenProvider | None = None
    ) -> Server:
        """What a client needs; it trusts this sink's certificate."""
        return Server(
            host="localhost" if self._certificate else "127.0.0.1",
            port=self.port,
            tls=self._tls,
            user=user,
            password=password or self._users.get(user, ""),
            token=token,
            ca_file=str(self._certificate or ""),
            own_name="client.example",
        )

    def url(self, user: str = "") -> str:
        """The same, as it is configured."""
        scheme = {Tls.NONE: "smtp", Tls.STARTTLS: "smtp+starttls", Tls.IMPLICIT: "smtps"}
        return f"{scheme[self._tls]}://{user and user + '@'}localhost:{self.port}"

    def planned(self, step: str) -> tuple[str, bool]:
        """The answer that was planned for now; empty: the usual one."""
        return self._plans[step].pop(0) if self._plans[step] else ("", False)

    async def keep(self, received: Received) -> None:
        async with self._arrived:
            self.received.append(received)
            self._arrived.notify_all()

    def _connection(self) -> "_Connection":
        self.attempts += 1
        connection = _Connection(
            _Handler(self, self._users, self._without),
            hostname="sink.example",
            data_size_limit=self._most_bytes,
            enable_SMTPUTF8=self._wide,
            tls_context=self._context() if self._tls is Tls.STARTTLS else None,
            require_starttls=self._tls is Tls.STARTTLS,
            auth_require_tls=self._tls is Tls.STARTTLS,  # it does not notice TLS from the start
            auth_exclude_mechanism={"PLAIN", "LOGIN", "XOAUTH2"} - set(self._methods),
            authenticator=_Handler.knows,
            loop=asyncio.get_running_loop(),
        )
        self._connections.append(connection)
        return connection

    def _context(self) -> ssl.SSLContext:
        assert self._certificate is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificate)
        return context


class _Session(Session):  # type: ignore[misc]
    login_data: Any = None  # aiosmtpd warns of its own use of this


class _Connection(SMTP):  # type: ignore[misc]
    """One client, with what aiosmtpd has no hook for."""

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        answer, _ = self.event_handler.sink.planned("DATA")
        if await self.event_handler.follow(self, answer):
            return
        if answer:
            await self.push(answer)
        else:
            await super().smtp_DATA(arg)

    def _create_session(self) -> Session:
        return _Session(self.loop)

    async def stalled(self) -> None:
        await asyncio.Future()  # cancelled when the client goes away

    def cut(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def leave(self) -> asyncio.Task[None] | None:
        self.cut()
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
        return self._handler_coroutine


class _Handler:
    """What aiosmtpd asks at each step."""

    def __init__(self, sink: Sink, users: dict[str, str], without: tuple[str, ...]) -> None:
        self.sink = sink
        self.users = users
        self._without = without

    async def follow(self, server: _Connection, answer: str) -> bool:
        """Whether the plan was one of those that are no answer."""
        if answer == DROP:
            server.cut()
        elif answer == STALL:
            await server.stalled()
        return answer == DROP

    async def handle_AUTH(self, *_: Any) -> Any:  # noqa: N802
        self.sink.log_ins += 1
        return MISSING

    async def handle_EHLO(  # noqa: N802
        self, _: Any, session: Session, __: Envelope, hostname: str, lines: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [line for line in lines if line[4:].split()[0] not in self._without]

    async def handle_MAIL(  # noqa: N802
        self, server: _Connection, session: Session, envelope: Envelope, name: str, options: Any
    ) -> str:
        self.sink.commands.append("MAIL")
        if self.users and not session.authenticated:
            return "530 5.7.0 Authentication required"
        answer, _ = self.sink.planned("MAIL")
        if await self.follow(server, answer) or answer:
            return answer
        envelope.mail_from = name
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: _Connection, _: Session, envelope: Envelope, name: str, __: Any
    ) -> str:
        self.sink.commands.append("RCPT")
        answer, _ = self.sink.planned("RCPT")
        if await self.follow(server, answer) or answer:
            return answer
        if name in self.sink.refused:
            return self.sink.refused[name]
        if self.sink.greylisted.get(name, 0):
            self.sink.greylisted[name] -= 1
            return "450 4.7.1 Greylisted, come again"
        envelope.rcpt_tos.append(name)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: _Connection, session: Session, envelope: Envelope
    ) -> str:
        answer, kept = self.sink.planned("END")
        if not answer or kept or answer.startswith("2"):
            await self.sink.keep(
                Received(
                    sender="" if envelope.mail_from == "<>" else str(envelope.mail_from),
                    recipients=tuple(envelope.rcpt_tos),
                    content=bytes(envelope.original_content or b""),
                    options=tuple(envelope.mail_options),
                    user=session.auth_data or "",
                    is_secret=server.transport.get_extra_info("sslcontext") is not None,
                )
            )
        await self.follow(server, answer)
        return answer or f"250 2.0.0 OK queued as {len(self.sink.received)}"

    async def handle_exception(self, _: Exception) -> str:
        return "451 4.3.0 The client went wrong"

    @staticmethod
    def knows(server: _Connection, _: Session, __: Envelope, ___: str, data: Any) -> AuthResult:
        user = data.login.decode()
        known = server.event_handler.users.get(user) == data.password.decode()
        return AuthResult(success=known, handled=False, auth_data=user)

    async def auth_XOAUTH2(self, server: _Connection, args: list[str]) -> AuthResult:  # noqa: N802
        words = base64.b64decode(args[1]).decode().split("\x01")
        user, token = words[0].removeprefix("user="), words[1].removeprefix("auth=Bearer ")
        known = self.users.get(user) == token
        if not known:
            await server.push(b"334 " + base64.b64encode(b'{"status":"401"}'))
            await server._reader.readline()
        return AuthResult(success=known, handled=False, auth_data=user)


@contextlib.asynccontextmanager
async def sink(**how: Any) -> AsyncIterator[Sink]:
    """A sink for as long as the block."""
    made = await Sink(**how).start()
    try:
        yield made
    finally:
        await made.stop()


def certificate(folder: Path, name: str = "localhost") -> Path:
    """A throw-away certificate with its key, in one file; skips where there is no openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl: handing mail over with TLS is not proved")
    file, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
        + ["-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
        + ["-keyout", str(key), "-out", str(file)],
        check=True,
        capture_output=True,
    )
    file.write_bytes(file.read_bytes() + key.read_bytes())
    return file
