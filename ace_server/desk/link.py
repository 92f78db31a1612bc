"""The agents' port: a WebSocket for each program, attachments by HTTP, local administration.

Messages are those of `wire`; what they do is in `agents` and `log_in`.
"""

import asyncio
import hmac
import logging
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any, Protocol

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web
from msgspec import Meta

from ace_server import tls, wire
from ace_server.attachments import Attachments
from ace_server.current import Current
from ace_server.desk.agents import Agents
from ace_server.desk.desk import Outlet
from ace_server.desk.explaining import Explaining
from ace_server.desk.log_in import LogIns
from ace_server.desk.mailroom import Mailroom
from ace_server.desk.quarantine import Quarantine
from ace_server.desk.waiting import WaitingContacts
from ace_server.errors import Refused, Unavailable
from ace_server.rounds import Rounds
from ace_server.sentences import Sentence, sentence

log = logging.getLogger(__name__)

QUEUE = 1000
"""Messages that may wait for a slow program before its link is closed; it then comes back anew."""

MOST_WAITING = 2 * wire.MAX_EVENT_BYTES
"""Bytes of those messages: everything that a desk shows, and one change of it."""

HEARTBEAT = 10.0
"""Seconds between pings; half as long without an answer and the link is lost."""

MOST_BEFORE_LOG_IN = 64 * 1024
"""Characters of a message from somebody who has not logged in; a longer one ends the link."""

MOST_CONFIGURED = 16 * 1024 * 1024
"""Bytes of a configuration file."""

COMMAND_LINE = "main.py"
"""Who did it, where an administrator gives a command on the server's own machine."""

SEEN_EVERY = 300.0
"""Seconds after which a log-in whose link is up is noted as in use."""

MAIL_WITHIN = 1.0
"""Seconds that whoever asks `/health` waits for how mail is doing: a store that stands still is
what is asked about."""

CHUNK = 64 * 1024
"""Bytes that are taken at a time of a file that goes with a draft."""

WRONG: Mapping[str, type[web.HTTPException]] = {
    "unauthorised": web.HTTPUnauthorized,
    "gone": web.HTTPGone,
    "too-large": web.HTTPRequestEntityTooLarge,
}
"""What HTTP says of a refusal; of any other: that there is nothing."""

_Mails = Annotated[list[wire.Number], Meta(min_length=1)]

Configure = Callable[[str], Awaitable[dict[str, Any]]]
Health = Callable[[], tuple[bool, dict[str, Any]]]


class Watched(Protocol):
    """What tells figures to programs: `statistics.live`."""

    def watch(self, login: str, outlet: Outlet) -> None:
        """Tell this program everything soon, and then what changes."""
        ...

    def unwatch(self, outlet: Outlet) -> None:
        """Tell this program nothing more, if it watched."""
        ...

    async def read_mail(self) -> None:
        """Know how mail is doing, for who asks `/metrics` or `/health` next. Raises Unavailable."""
        ...


class Link:
    """The port that agents' programs connect to."""

    def __init__(
        self,
        current: Current,
        agents: Agents,
        log_ins: LogIns,
        live: Watched,
        attachments: Attachments,
        *,
        control_secret: str,
        configure: Configure,
        note_backup: Callable[[bytes], Awaitable[None]],
        waiting: WaitingContacts,
        explaining: Explaining,
        health: Health,
        metrics: Callable[[], bytes],
        mailroom: Mailroom | None = None,
        quarantine: Quarantine | None = None,
    ) -> None:
        """Without a `mailroom` no mail is read or written, without a `quarantine` none cleared."""
        self._current = current
        self._agents = agents
        self._log_ins = log_ins
        self._live = live
        self._attachments = attachments
        self._control_secret = control_secret
        self._configure = configure
        self._note_backup = note_backup
        self._waiting = waiting
        self._explaining = explaining
        self._health = health
        self._metrics = metrics
        self._mailroom = mailroom
        self._quarantine = quarantine
        self._connections: set[_Connection] = set()
        self._runner: web.AppRunner | None = None
        self._keeping_seen = Rounds(
            "log-ins",
            self._keep_seen,
            every=lambda: SEEN_EVERY,
            meanwhile="log-ins in use are not noted as such",
        )
        self.on_gone: Callable[[], None] = lambda: None
        """Called when a link was closed."""

    async def start(self, host: str, port: int, context: ssl.SSLContext | None = None) -> int:
        """Listen; returns the port. Raises OSError where it is taken."""
        app = web.Application(client_max_size=MOST_CONFIGURED)
        app.router.add_get("/link", self._on_link)
        # A number of any length would be more than Python reads as one.
        one = "/attachments/{contact:\\d{1,18}}/{position:\\d{1,4}}"
        app.router.add_get(one, self._on_attachment)
        app.router.add_get("/mails/{contact:\\d{1,18}}/source", self._on_mail_source)
        app.router.add_post("/drafts/{draft:\\d{1,18}}/files", self._on_draft_file)
        app.router.add_get("/quarantine/{mail:\\d{1,18}}/source", self._on_source)
        app.router.add_get("/health", self._on_health)
        app.router.add_get("/metrics", self._on_metrics)
        app.router.add_post("/control/configure", self._on_configure)
        app.router.add_post("/control/backed-up", self._on_backed_up)
        app.router.add_post("/control/mail/retry", self._on_retry)
        app.router.add_post("/control/mail/discard", self._on_discard)
        app.router.add_post("/control/mail/export", self._on_export)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port, ssl_context=context)
        await site.start()
        await self._keeping_seen.start()
        return int(self._runner.addresses[0][1])

    async def _keep_seen(self) -> None:
        """A log-in whose link is up is in use, whether commands come or not (G-4)."""
        await self._log_ins.seen([one.token for one in self._connections if one.token])

    async def stop(self) -> None:
        """Close every link and the port."""
        await self._keeping_seen.stop()
        for connection in list(self._connections):
            await connection.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def linked(self) -> int:
        """How many programs are connected and logged in."""
        return sum(bool(one.token) for one in self._connections)

    async def _on_link(self, request: web.Request) -> web.WebSocketResponse:
        if "Origin" in request.headers:  # a page in a browser, which has no business here
            raise web.HTTPForbidden
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=wire.MAX_COMMAND_BYTES)
        await socket.prepare(request)
        connection = _Connection(
            socket, request.remote or "", self._agents, self._log_ins, self._live, self
        )
        self._connections.add(connection)
        try:
            await connection.run(self._welcome())
        finally:
            self._connections.discard(connection)
            self.on_gone()
        return socket

    def _welcome(self) -> wire.Welcome:
        site = self._current.site()
        return wire.Welcome(
            version=wire.PROTOCOL_VERSION, site=site.facts.name, first_start=not site.users
        )

    async def _on_attachment(self, request: web.Request) -> web.StreamResponse:
        try:
            user = await self._log_ins.by_token(_bearer(request))
            row = await self._waiting.in_hand_or_seen(
                user.login, int(request.match_info["contact"])
            )
            attachment = row.attachments[int(request.match_info["position"])]
            path = await self._attachments.path(attachment.digest)
        except IndexError:
            raise web.HTTPNotFound from None
        except Refused as refused:
            raise WRONG.get(refused.code, web.HTTPNotFound) from None
        except Unavailable:
            raise web.HTTPServiceUnavailable from None
        if path is None:
            raise web.HTTPGone
        # Never the type the sender claimed: nothing that shows this may take it for a page.
        return web.FileResponse(path, headers={"Content-Type": "application/octet-stream"})

    async def _on_mail_source(self, request: web.Request) -> web.StreamResponse:
        """The raw mail of a contact, as it was fetched."""
        try:
            user = await self._log_ins.by_token(_bearer(request))
            path = await self._mails().source(user.login, int(request.match_info["contact"]))
        except Refused as refused:
            raise WRONG.get(refused.code, web.HTTPNotFound) from None
        except Unavailable:
            raise web.HTTPServiceUnavailable from None
        return web.FileResponse(path, headers={"Content-Type": "application/octet-stream"})

    async def _on_draft_file(self, request: web.Request) -> web.Response:
        """A file that goes with a draft; answered as a command is, by `Attached` or `Refusal`."""
        name, number = request.query.get("name", ""), int(request.match_info["draft"])
        content = request.content.iter_chunked(CHUNK)
        try:
            user = await self._log_ins.by_token(_bearer(request))
            attached = await self._mails().attach(
                user.login, number, name, request.content_type, content
            )
        except Refused as refused:
            return _refusal(refused)
        except Unavailable:
            raise web.HTTPServiceUnavailable from None
        except (ConnectionError, web.RequestPayloadError):  # it did not come to its end
            raise web.HTTPBadRequest from None
        return web.Response(text=wire.encode(attached), content_type="application/json")

    def _mails(self) -> Mailroom:
        if self._mailroom is None:
            raise Refused("not-now", "This server does nothing about e-mail.")
        return self._mailroom

    async def _on_source(self, request: web.Request) -> web.StreamResponse:
        """The source of a quarantined mail; `?export` where it is not only shown (P10)."""
        try:
            user = await self._log_ins.by_token(_bearer(request))
            self._agents.demand(user.login, wire.LookIntoQuarantine)
            path = await self._kept().source(
                int(request.match_info["mail"]), user.login, exported="export" in request.query
            )
        except Refused as refused:
            raise WRONG.get(refused.code, web.HTTPNotFound) from None
        except Unavailable:
            raise web.HTTPServiceUnavailable from None
        return web.FileResponse(path, headers={"Content-Type": "application/octet-stream"})

    async def _on_health(self, _: web.Request) -> web.Response:
        with suppress(Unavailable, TimeoutError):  # then nothing is said of mail
            async with asyncio.timeout(MAIL_WITHIN):
                await self._live.read_mail()
        well, parts = self._health()
        return web.json_response(parts, status=200 if well else 503)

    async def _on_metrics(self, _: web.Request) -> web.Response:
        with suppress(Unavailable):  # then nothing is said of mail
            await self._live.read_mail()
        return web.Response(body=self._metrics(), content_type="text/plain", charset="utf-8")

    async def _on_configure(self, request: web.Request) -> web.Response:
        self._demand_control(request)
        try:
            return web.json_response(await self._configure(await request.text()))
        except Refused as refused:
            return web.json_response({"problems": refused.reason.splitlines()}, status=422)
        except Unavailable as error:
            return web.json_response({"problems": [str(error)]}, status=503)

    async def _on_backed_up(self, request: web.Request) -> web.Response:
        self._demand_control(request)
        try:
            await self._note_backup(await request.read())
        except Refused as refused:
            return web.json_response({"problems": [refused.reason]}, status=422)
        except Unavailable as error:
            return web.json_response({"problems": [str(error)]}, status=503)
        return web.json_response({})

    async def _on_retry(self, request: web.Request) -> web.Response:
        async def retry(mails: Sequence[int]) -> dict[str, Any]:
            return {"mails": await self._kept().retry(mails, COMMAND_LINE)}

        return await self._answer_command_line(request, retry)

    async def _on_discard(self, request: web.Request) -> web.Response:
        async def discard(mails: Sequence[int]) -> dict[str, Any]:
            return {"mails": await self._kept().discard(mails, COMMAND_LINE)}

        return await self._answer_command_line(request, discard)

    async def _on_export(self, request: web.Request) -> web.Response:
        """Where the source lies: who asks reads the data folder, too."""

        async def export(mails: Sequence[int]) -> dict[str, Any]:
            path = await self._kept().source(
                mails[0], COMMAND_LINE, exported=True, settled_too=True
            )
            return {"file": str(path)}

        return await self._answer_command_line(request, export)

    async def _answer_command_line(
        self, request: web.Request, do: Callable[[Sequence[int]], Awaitable[dict[str, Any]]]
    ) -> web.Response:
        self._demand_control(request)
        try:
            mails = msgspec.json.decode(await request.read(), type=_Mails)
            return web.json_response(await do(mails))
        except msgspec.DecodeError as error:
            return web.json_response({"problems": [str(error)]}, status=400)
        except Refused as refused:
            return web.json_response({"problems": [refused.reason]}, status=422)
        except Unavailable as error:
            return web.json_response({"problems": [str(error)]}, status=503)

    def _kept(self) -> Quarantine:
        if self._quarantine is None:
            raise Refused("not-now", "This server does nothing about e-mail.")
        return self._quarantine

    def _demand_control(self, request: web.Request) -> None:
        if not tls.is_loopback(request.remote or "") or not self.is_control(_bearer(request)):
            raise web.HTTPUnauthorized

    def is_control(self, secret: str) -> bool:
        """Whether this is the secret that only who can read the data folder knows."""
        return hmac.compare_digest(secret.encode(), self._control_secret.encode())

    async def answer(self, login: str, command: wire.Command) -> wire.Event | None:
        """The answer to what is about waiting contacts or mail; None: it is about neither."""
        for about in (self._about_waiting, self._about_own_mail, self._about_kept_mail):
            answer = await about(login, command)
            if answer is not None:
                return answer
        return None

    async def _about_waiting(self, login: str, command: wire.Command) -> wire.Event | None:
        """What is asked of contacts that wait, or done with them; None: it is about none."""
        match command:
            case wire.Look():
                return await self._waiting.look(login, command)
            case wire.Preview():
                return await self._waiting.preview(login, command)
            case wire.Move():
                await self._waiting.move(login, command)
            case wire.Prioritise():
                await self._waiting.prioritise(login, command)
            case wire.Close():
                await self._waiting.close(login, command)
            case _:
                return None
        return wire.Done(request=command.request)

    async def _about_own_mail(self, login: str, command: wire.Command) -> wire.Event | None:
        """What is read, written or sent at the desks; None: it is about no mail."""
        return None if self._mailroom is None else await self._mailroom.answer(login, command)

    async def _about_kept_mail(self, login: str, command: wire.Command) -> wire.Event | None:
        """What is asked of mails that went no further, or done with them; None: of none."""
        match command:
            case wire.LookIntoQuarantine():
                return await self._kept().look(command)
            case wire.RetryMails():
                await self._kept().retry(command.mails, login)
            case wire.DiscardMails():
                await self._kept().discard(command.mails, login)
            case wire.SendAgain():
                await self._kept().send_again(login, command.outgoing)
            case _:
                return None
        return wire.Done(request=command.request)

    async def explain(self, login: str, command: wire.Explain) -> wire.Explained:
        """Why a contact is where it is, in sentences (RO-11): the own ones; a supervisor's, any."""
        self._waiting.demand_explanation(login, command.contact)
        found = await self._explaining.explain(command.contact, command.agent)
        return wire.Explained(request=command.request, sentences=found.sentences())


class _Connection:
    """One link: what comes in is answered in order, what goes out waits in a bounded queue."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        peer: str,
        agents: Agents,
        log_ins: LogIns,
        live: Watched,
        link: Link,
    ) -> None:
        self._socket = socket
        self._peer = peer
        self._agents = agents
        self._log_ins = log_ins
        self._live = live
        self._link = link
        self._login = ""
        self.token = ""
        self.watches = False
        self._ended = False
        self._outgoing: asyncio.Queue[tuple[bytes, bool]] = asyncio.Queue(QUEUE)
        self._bytes = 0  # of what waits, and of what is being sent
        self._idle = asyncio.Event()  # nothing waits, or nothing will be sent
        self._writer: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    async def run(self, welcome: wire.Welcome) -> None:
        """Serve the link until it is closed."""
        self._writer = asyncio.create_task(self._write(), name="link-writer")
        self.send(welcome)
        try:
            async for message in self._socket:
                if message.type is WSMsgType.TEXT and not self._ended:
                    await self._read(message.data)
        finally:
            self._live.unwatch(self)
            if self._login:
                with suppress(Unavailable):  # the lease returns what was booked, later
                    await self._agents.detach(self._login, self)
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
            self._idle.set()

    def send(self, event: wire.Event) -> None:
        """Send soon, in order. A program too slow to take it loses its link."""
        if self._ended:
            return
        text = wire.encode(event).encode()
        if self._outgoing.full() or self._bytes + len(text) > MOST_WAITING:
            log.warning("the link of %s is too slow; it is closed", self._login or self._peer)
            self.drop()
            return
        self._bytes += len(text)
        self._idle.clear()
        self._outgoing.put_nowait((text, isinstance(event, wire.LoggedOut)))

    async def taken(self) -> None:
        """Return when nothing waits to be sent any more, or nothing will be sent."""
        await self._idle.wait()

    def end(self, reason: Sentence | None) -> None:
        """End the log-in: say why, then close."""
        self.send(wire.LoggedOut(reason=reason))
        self._ended = True
        self._live.unwatch(self)

    def drop(self) -> None:
        """Close the link; the log-in stays."""
        self._ended = True
        self._idle.set()
        self._closing = asyncio.create_task(self.close(), name="link-close")

    async def close(self) -> None:
        """Close the link."""
        await self._socket.close(code=WSCloseCode.GOING_AWAY)

    async def _write(self) -> None:
        with suppress(ConnectionError):
            while True:
                text, is_last = await self._outgoing.get()
                await self._socket.send_frame(text, WSMsgType.TEXT)
                self._bytes -= len(text)
                if self._outgoing.empty():
                    self._idle.set()
                if is_last:
                    if self.token:
                        with suppress(Unavailable):
                            await self._log_ins.end(self.token)
                    await self.close()
                    return

    async def _read(self, text: str) -> None:
        if not self._login and len(text) > MOST_BEFORE_LOG_IN:
            self.drop()
            return
        try:
            command = wire.decode_command(text)
        except (msgspec.DecodeError, RecursionError) as error:
            reason = sentence("The server does not understand this: %1", str(error))
            self.send(wire.Refusal(request=_request(text), code="invalid", reason=reason))
            return
        try:
            self.send(await self._answer(command))
            await self._afterwards(command)
        except Refused as refused:
            self.send(
                wire.Refusal(request=command.request, code=refused.code, reason=refused.sentence)
            )
        except Unavailable:
            reason = sentence("The server cannot do this at present. Try again soon.")
            self.send(wire.Refusal(request=command.request, code="unavailable", reason=reason))
        except Exception:  # noqa: BLE001  # edge: one connection
            log.exception("a command of %s failed", self._login or self._peer)
            self.send(
                wire.Refusal(
                    request=command.request,
                    code="unavailable",
                    reason=sentence("The server could not do this. Nothing was changed."),
                )
            )

    async def _answer(self, command: wire.Command) -> wire.Event:
        match command:
            case wire.LogIn() | wire.Return() if command.version != wire.PROTOCOL_VERSION:
                raise Refused("version", "This program and the server are of different versions.")
            case wire.LogIn() | wire.Return() if self._is_another(command):
                raise Refused("not-now", "Somebody is logged in over this link already.")
            case wire.LogIn():
                granted = await self._log_ins.log_in(
                    command.login, command.password, command.new_password, self._peer
                )
                self._login, self.token = granted.user.login, granted.token
                return wire.LoggedIn(
                    request=command.request, token=self.token, name=granted.user.name
                )
            case wire.Return():
                user = await self._log_ins.by_token(command.token)
                self._login, self.token = user.login, command.token
                return wire.LoggedIn(request=command.request, token=command.token, name=user.name)
            case wire.CreateAdministrator():
                if not self._link.is_control(command.setup):
                    raise Refused("forbidden", "Only on the server's own machine.")
                await self._log_ins.create_administrator(
                    command.login, command.name, command.password
                )
            case _:
                return await self._answer_user(command)
        return wire.Done(request=command.request)

    def _is_another(self, command: wire.LogIn | wire.Return) -> bool:
        """Whether a link that is somebody's would become somebody else's."""
        if not self._login:
            return False
        return isinstance(command, wire.Return) or command.login != self._login

    async def _answer_user(self, command: wire.Command) -> wire.Event:
        if not self._login:
            raise Refused("unauthorised", "Log in first.")
        self._agents.demand(self._login, type(command))
        match command:
            case wire.Explain():
                return await self._link.explain(self._login, command)
            case wire.LogInToQueue():
                await self._agents.log_in_to_queue(self._login, command)
            case wire.ChangePassword():
                await self._log_ins.change_password(self._login, command.old, command.new)
            case wire.LogOut():
                await self._agents.log_out(self._login)
                await self._log_ins.end(self.token)
            case wire.Resync() | wire.Watch():
                pass  # what follows the answer is what was asked for
            case wire.Unwatch():
                self._live.unwatch(self)
            case _:
                answer = await self._link.answer(self._login, command)
                if answer is not None:
                    return answer
                await self._agents.command(self._login, command)
        return wire.Done(request=command.request)

    async def _afterwards(self, command: wire.Command) -> None:
        match command:
            case wire.LogIn() | wire.Return():
                try:
                    await self._agents.attach(self._login, self)
                except Unavailable:
                    self.drop()  # its program comes back and tries again
            case wire.Resync():
                self._agents.tell_desk(self._login)
            case wire.Watch():
                self._live.watch(self._login, self)
            case wire.LogOut():
                self.end(None)


def _bearer(request: web.Request) -> str:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return given if given.isascii() else ""


def _refusal(refused: Refused) -> web.Response:
    wrong = WRONG.get(refused.code, web.HTTPNotFound)
    said = wire.Refusal(request=0, code=refused.code, reason=refused.sentence)
    return web.Response(
        text=wire.encode(said), content_type="application/json", status=wrong.status_code
    )


class _Numbered(msgspec.Struct):
    """All that is read of a command that is not one."""

    request: int = 0


def _request(text: str) -> int:
    with suppress(msgspec.DecodeError, RecursionError):
        return msgspec.json.decode(text, type=_Numbered).request
    return 0
