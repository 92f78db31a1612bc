"""The agents' port: a WebSocket for each program, attachments by HTTP, local administration.

What happens on a link is in `connection`, what its messages are in `wire`.
"""

import asyncio
import hmac
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Meta

from ace_server import tls, wire
from ace_server.attachments import Attachments
from ace_server.current import Current
from ace_server.desk.agents import Agents
from ace_server.desk.answers import Answers
from ace_server.desk.connection import Connection, Watched
from ace_server.desk.explaining import Explaining
from ace_server.desk.log_in import LogIns
from ace_server.desk.mailroom import Mailroom
from ace_server.desk.quarantine import Quarantine
from ace_server.desk.waiting import WaitingContacts
from ace_server.errors import Refused, Unavailable
from ace_server.rounds import Rounds

HEARTBEAT = 10.0
"""Seconds between pings; half as long without an answer and the link is lost."""

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
        self._answers = Answers(waiting, explaining, mailroom, quarantine)
        self._health = health
        self._metrics = metrics
        self._connections: set[Connection] = set()
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
        connection = Connection(
            socket,
            request.remote or "",
            self._agents,
            self._log_ins,
            self._live,
            self._answers,
            self.is_control,
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
            path = await self._answers.mails.source(user.login, int(request.match_info["contact"]))
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
            attached = await self._answers.mails.attach(
                user.login, number, name, request.content_type, content
            )
        except Refused as refused:
            return _refusal(refused)
        except Unavailable:
            raise web.HTTPServiceUnavailable from None
        except (ConnectionError, web.RequestPayloadError):  # it did not come to its end
            raise web.HTTPBadRequest from None
        return web.Response(text=wire.encode(attached), content_type="application/json")

    async def _on_source(self, request: web.Request) -> web.StreamResponse:
        """The source of a quarantined mail; `?export` where it is not only shown (P10)."""
        try:
            user = await self._log_ins.by_token(_bearer(request))
            self._agents.demand(user.login, wire.LookIntoQuarantine)
            path = await self._answers.kept.source(
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
            return {"mails": await self._answers.kept.retry(mails, COMMAND_LINE)}

        return await self._answer_command_line(request, retry)

    async def _on_discard(self, request: web.Request) -> web.Response:
        async def discard(mails: Sequence[int]) -> dict[str, Any]:
            return {"mails": await self._answers.kept.discard(mails, COMMAND_LINE)}

        return await self._answer_command_line(request, discard)

    async def _on_export(self, request: web.Request) -> web.Response:
        """Where the source lies: who asks reads the data folder, too."""

        async def export(mails: Sequence[int]) -> dict[str, Any]:
            path = await self._answers.kept.source(
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

    def _demand_control(self, request: web.Request) -> None:
        if not tls.is_loopback(request.remote or "") or not self.is_control(_bearer(request)):
            raise web.HTTPUnauthorized

    def is_control(self, secret: str) -> bool:
        """Whether this is the secret that only who can read the data folder knows."""
        return hmac.compare_digest(secret.encode(), self._control_secret.encode())


def _bearer(request: web.Request) -> str:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return given if given.isascii() else ""


def _refusal(refused: Refused) -> web.Response:
    wrong = WRONG.get(refused.code, web.HTTPNotFound)
    said = wire.Refusal(request=0, code=refused.code, reason=refused.sentence)
    return web.Response(
        text=wire.encode(said), content_type="application/json", status=wrong.status_code
    )
