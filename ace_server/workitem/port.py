"""The port of the open interface: HTTP in, work items to the intake, receipts and refusals out.

A receipt is sent after `Intake.take_in` returned, never before (P1). What is right is decided in
`message` and `checks`; here are the order of the checks, and the answers.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from secrets import token_hex
from typing import Any

import msgspec
from aiohttp import HttpVersion10, web
from prometheus_client import CollectorRegistry, Counter, Gauge

from ace_server import tls
from ace_server.clock import Clock
from ace_server.concepts import Site, WorkItemAccount
from ace_server.errors import Refused, Unavailable
from ace_server.intake import Arrival, Intake
from ace_server.passwords import Passwords
from ace_server.store.contacts import Added, NewAttachment
from ace_server.store.files import Files
from ace_server.workitem import checks, message
from ace_server.workitem.accounts import Accounts, Rates, Secrets, TooMany
from ace_server.workitem.categories import Categories
from ace_server.workitem.checks import Content
from ace_server.workitem.connections import Connection, Connections, Server
from ace_server.workitem.keeping import Keeping
from ace_server.workitem.message import WorkItem
from ace_server.workitem.multipart import MediaType, media_type
from ace_server.workitem.reading import Reading, too_large
from ace_server.workitem.spool import Spool

log = logging.getLogger(__name__)

STATUSES: Mapping[str, int] = {
    "unauthorised": 401,
    "forbidden": 403,
    "not-found": 404,
    "method": 405,
    "length": 411,
    "too-large": 413,
    "media-type": 415,
    "malformed": 400,
    "doctype": 400,
    "invalid": 422,
    "no-work-item-key": 422,
    "unknown-entrance": 422,
    "unknown-key": 422,
    "bad-value": 422,
    "bad-attachment": 422,
    "id-conflict": 409,
    "slow": 408,
    "too-many": 429,
    "unavailable": 503,
}
"""Every code of a refusal, and its HTTP status."""

XML = "application/xml; charset=utf-8"
JSON = "application/json"
TEXT = "text/plain; version=0.0.4; charset=utf-8"  # what Prometheus reads
SERVER = "ACE"  # the Server header: it tells no version (trust.md B)

NOT_NOW = "the server cannot take it now; send it again later"

RETRY_SECONDS = 5
"""When a sender may come again after `unavailable`."""

DRAIN_SMALL = 64 * 1024
DRAIN_BYTES = 4 * 1024 * 1024
DRAIN_SECONDS = 1.0
"""How much of a body nobody will use is read, so that its sender gets to see the answer."""

STOP_SECONDS = 30.0
"""How long stopping waits for what is under way."""


class Case(msgspec.Struct):
    """One request, as its refusal and the log tell of it."""

    peer: str
    account: str = ""  # once it is proved
    external_id: str = ""  # once the schema has found it right
    allow: str = ""
    reading: Reading | None = None


class Parsed(msgspec.Struct, frozen=True):
    """What a request amounts to, before it is looked at in the light of the configuration."""

    item: WorkItem
    found: list[Content]  # what each attachment holds
    content: str  # checks.content_digest
    parts: int  # of the request, beside the message


class Figures:
    """What `/metrics` tells of this port; labels come from the configuration and from STATUSES."""

    def __init__(self, registry: CollectorRegistry, connections: Connections) -> None:
        self.taken_in = Counter(
            "ace_work_items_taken_in",
            "Work items taken in; status is queued, buffered or repeated.",
            ["account", "status"],
            registry=registry,
        )
        self.last = Gauge(
            "ace_work_items_last_seconds",
            "When the account's last work item was taken in (Unix time).",
            ["account"],
            registry=registry,
        )
        self.unknown_keys = Counter(
            "ace_work_items_unknown_keys",
            "Keys stored although they are not configured.",
            ["account"],
            registry=registry,
        )
        self.refused = Counter(
            "ace_work_items_refused",
            "Requests refused, by account (empty: none was proved) and code.",
            ["account", "code"],
            registry=registry,
        )
        self.unexpected = Counter(
            "ace_work_items_unexpected",
            "Errors that nobody expected; there should be none.",
            registry=registry,
        )
        open_ones = Gauge("ace_work_item_connections", "Open connections.", registry=registry)
        open_ones.set_function(lambda: len(connections))


class Port:
    """The WorkItem Server's port."""

    def __init__(
        self,
        *,
        site: Callable[[], Site],
        secrets: Callable[[], Secrets],
        intake: Intake,
        files: Files,
        clock: Clock,
        passwords: Passwords,
        registry: CollectorRegistry,
        room: Callable[[int], bool],
        health: Callable[[], tuple[bool, dict[str, Any]]],
        metrics: Callable[[], bytes],
    ) -> None:
        """`room(n)`: whether n more bytes fit on the disk with the floor kept free (A-7)."""
        self._site = site
        self._secrets = secrets
        self._intake = intake
        self._files = files
        self._clock = clock
        self._passwords = passwords
        self._room = room
        self._health = health
        self._metrics = metrics
        self._rates = Rates(clock)
        self._categories = Categories(site)
        self._keeping = Keeping(intake.release)
        self._connections = Connections(lambda: site().system.workItemConnectionsPerPeer)
        self._figures = Figures(registry, self._connections)
        self._schema = message.SCHEMA.read_bytes()
        self._bodies: set[asyncio.Timeout] = set()
        self._listener: asyncio.Server | None = None
        self._stopping = False

    # Start and stop

    async def start(self) -> int:
        """Take work items from now on; returns the port.

        Raises Refused without a certificate on an address that is not loopback, or with one that
        cannot be used, and OSError where the port is taken.
        """
        system = self._site().system
        context = tls.context(
            system.workItemAddress, system.workItemCertificate, system.workItemPrivateKey
        )
        self._stopping = False
        self._accounts = Accounts(self._secrets, self._passwords, self._clock)
        self._server = Server(
            self._handle,
            connections=self._connections,
            refusals=self,
            seconds=lambda: self._site().system.workItemTimeout,
        )
        self._listener = await asyncio.get_running_loop().create_server(
            self._server,
            system.workItemAddress,
            system.workItemPort,
            ssl=context,
            ssl_handshake_timeout=system.workItemTimeout if context else None,
            backlog=512,
        )
        self._writing = ThreadPoolExecutor(1, "work-item-files")
        self._parsing = ThreadPoolExecutor(1, "work-item-parsing")
        port: int = self._listener.sockets[0].getsockname()[1]
        log.info("work items are taken on %s port %s", system.workItemAddress, port)
        return port

    async def stop(self) -> None:
        """Take nothing any more; what has arrived is answered first."""
        if self._listener is None:
            return
        self._stopping = True
        self._listener.close()
        self._listener = None
        for body in self._bodies:
            with suppress(RuntimeError):  # its time is over at this very moment
                body.reschedule(asyncio.get_running_loop().time())
        self._server.pre_shutdown()
        await self._server.shutdown(STOP_SECONDS)
        for executor in (self._writing, self._parsing):
            await asyncio.to_thread(executor.shutdown)
        await asyncio.to_thread(self._accounts.stop)
        log.info("no more work items are taken")

    # One request

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = request.protocol
        assert isinstance(connection, Connection)
        connection.begin(request.content)
        case = Case(connection.peer)
        response = await self._answer(request, connection, case)
        if not request.content.is_eof():
            await _dismiss(request, response)
        connection.finish()
        return response

    async def _answer(
        self, request: web.BaseRequest, connection: Connection, case: Case
    ) -> web.Response:
        try:
            return await self._route(request, connection, case)
        except Refused as refused:
            return self._refuse(case, refused)
        except Unavailable:  # its text is for this machine's people, not for a sender
            return self._refuse(case, Refused("unavailable", NOT_NOW))
        except web.RequestPayloadError:
            response = self._refuse(
                case, Refused("malformed", "the body is not HTTP as it should be")
            )
            response.force_close()
            return response
        except ConnectionError:
            log.debug("%s went away before it was answered", connection.peer)
            return web.Response(status=400)
        except Exception:  # noqa: BLE001  # edge: one request (B-20)
            return self._unexpected(case)

    async def _route(
        self, request: web.BaseRequest, connection: Connection, case: Case
    ) -> web.Response:
        coding = request.headers.get("Transfer-Encoding", "chunked").lower()
        if request.version < HttpVersion10 or coding != "chunked":
            raise web.RequestPayloadError
        path = request.rel_url.raw_path
        if path != "/workitem":
            return self._page(path, request.method, case)
        if request.method != "POST":
            case.allow = "POST"
            raise Refused("method", "work items are posted")
        return await self._take(request, connection, case)

    def _page(self, path: str, method: str, case: Case) -> web.Response:
        """What anybody may see; none of it shows content."""
        if path not in ("/workitem.xsd", "/health", "/metrics"):
            raise Refused("not-found", "there is nothing here; work items are posted to /workitem")
        if method != "GET":
            case.allow = "GET"
            raise Refused("method", "this is only for reading, with GET")
        if path == "/workitem.xsd":
            return _response(200, self._schema, XML)
        if path == "/metrics":
            return _response(200, self._metrics(), TEXT)
        is_well, parts = self._health()
        return _response(200 if is_well else 503, msgspec.json.encode(parts), JSON)

    async def _take(
        self, request: web.BaseRequest, connection: Connection, case: Case
    ) -> web.Response:
        """From credentials to receipt, in the order of interface.md §3."""
        site = self._site()
        most_bytes = site.system.workItemMaxBytes
        header = request.headers.get("Authorization")
        account = await self._accounts.account(header, connection.peer, site)
        case.account = account.name
        self._rates.check(account)
        _check_length(request, most_bytes)
        kind = _media_type(request)
        if self._stopping or not self._room(request.content_length or 0):
            raise Refused("unavailable", NOT_NOW)
        reading = case.reading = Reading(self._files, self._in_writing, most_bytes)
        try:
            await self._read(request, connection, reading, kind)
            connection.decide()
            parsed = await self._parse(reading)
            case.external_id = parsed.item.external_id
            added = await self._decide(parsed, account, site)
        finally:
            await reading.discard()
        return self._receipt(account, parsed.item.external_id, added)

    async def _read(
        self,
        request: web.BaseRequest,
        connection: Connection,
        reading: Reading,
        kind: MediaType,
    ) -> None:
        if request.content.is_eof():  # a small message: all of it came with its headers
            return await reading.read(request.content.iter_any(), kind)
        seconds = self._site().system.workItemTimeout
        _continue(request, connection)
        limit = asyncio.timeout_at(connection.began_at + seconds)
        self._bodies.add(limit)
        try:
            async with limit:
                await reading.read(request.content.iter_any(), kind)
        except TimeoutError:
            if self._stopping:
                raise Refused("unavailable", NOT_NOW) from None
            reason = f"the message did not arrive within {seconds:g} s"
            raise Refused("slow", reason) from None
        finally:
            self._bodies.discard(limit)

    async def _parse(self, reading: Reading) -> Parsed:
        """Light ones here; what takes long one at a time in a thread (WI-5, B-16)."""
        text = reading.message
        if not text.is_on_disk and message.is_light(text.in_memory()):
            return _parsed(reading)
        return await asyncio.get_running_loop().run_in_executor(self._parsing, _parsed, reading)

    async def _decide(self, parsed: Parsed, account: WorkItemAccount, site: Site) -> Added:
        """Check against the configuration, and hand in.

        What is known already is answered as it was, whatever changed since: so a refusal of its
        keys, values or attachments asks first. What is taken in finds that out by itself.
        """
        item = parsed.item
        entrance = checks.entrance(item, account, site)
        digest = checks.digest(entrance, parsed.content)
        try:
            unknown_keys = checks.values(item, account, site)
            checks.attachments(item, parsed.found, parsed.parts)
        except Refused:
            known = await self._intake.known(account.name, item.external_id)
            if known is None:
                raise
            if known.digest != digest:
                raise Refused("id-conflict", "this id was taken in with other content") from None
            return msgspec.structs.replace(known, repeated=True)
        arrival = Arrival(
            account=account.name,
            external_id=item.external_id,
            digest=digest,
            entrance=entrance,
            subject=item.subject,
            body=item.body,
            data=self._categories.added(item.data, entrance, item.subject, item.body),
        )
        added = await self._hand_in(arrival, parsed)
        if unknown_keys and not added.repeated:
            self._figures.unknown_keys.labels(account.name).inc(unknown_keys)
        return added

    async def _hand_in(self, arrival: Arrival, parsed: Parsed) -> Added:
        if not parsed.found:
            return await self._intake.take_in(arrival)
        async with self._keeping.holding([content.digest for content in parsed.found]):
            kept: list[NewAttachment] = []
            await self._in_writing(lambda: kept.extend(_keep(parsed)))
            with_files = msgspec.structs.replace(arrival, attachments=tuple(kept))
            return await self._intake.take_in(with_files)

    async def _in_writing(self, action: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._writing, action)

    # Answers

    def _receipt(self, account: WorkItemAccount, external_id: str, added: Added) -> web.Response:
        status = "repeated" if added.repeated else added.state.value
        self._figures.taken_in.labels(account.name, status).inc()
        self._figures.last.labels(account.name).set(self._clock.now().timestamp())
        if not account.receipt:
            return web.Response(status=204, headers={"Server": SERVER})
        receipt = message.receipt(
            external_id,
            contact=str(added.contact_id),
            status=added.state.value,
            received_at=added.received_at,
            repeated=added.repeated,
        )
        return _response(200, receipt, XML)

    def _refuse(self, case: Case, refused: Refused) -> web.Response:
        ref = self._note(case, refused.code)
        body = message.error(
            refused.code, refused.reason, ref=ref, external_id=case.external_id, line=refused.line
        )
        response = _response(STATUSES[refused.code], body, XML)
        if refused.code == "unauthorised":
            response.headers["WWW-Authenticate"] = 'Basic realm="work items", charset="UTF-8"'
        elif refused.code == "method":
            response.headers["Allow"] = case.allow
        elif refused.code == "unavailable":
            response.headers["Retry-After"] = str(RETRY_SECONDS)
        elif isinstance(refused, TooMany):
            response.headers["Retry-After"] = str(refused.retry_after)
        elif refused.code in ("slow", "too-large", "length"):  # more may come that is no request
            response.force_close()
        return response

    def _unexpected(self, case: Case) -> web.Response:
        """The last resort: nothing was made, or at most once (B-20)."""
        self._figures.unexpected.inc()
        response = self._refuse(case, Refused("unavailable", NOT_NOW))
        log.exception("a request of %s failed in a way that nobody expected", case.peer)
        return response

    def _note(self, case: Case, code: str) -> str:
        """One line and one figure for a refusal; never content."""
        ref = token_hex(6)
        reading = case.reading
        log.info(
            "refused: code=%s peer=%s account=%s bytes=%s sha256=%s ref=%s",
            code,
            message.visible(case.peer),
            message.visible(case.account) or "-",
            reading.size if reading else "-",
            reading.sha256() if reading else "-",
            ref,
        )
        self._figures.refused.labels(case.account, code).inc()
        return ref

    def bare(self, peer: str, status: int, code: str) -> bytes:
        """The answer, as bytes, to what never became a request (`Refusals`)."""
        ref = self._note(Case(peer), code)
        body = message.error(code, _BARE[status], ref=ref) if status != 431 else b""
        retry = f"Retry-After: {RETRY_SECONDS}\r\n" if status == 503 else ""
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nServer: {SERVER}\r\n{retry}"
            f"Content-Type: {XML}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + body

    def response(self, peer: str, status: int, error: BaseException | None) -> web.Response:
        """The answer to what the HTTP layer found wrong (`Refusals`)."""
        if status == 400:
            return self._refuse(
                Case(peer), Refused("malformed", "this is not HTTP as it should be")
            )
        log.error("the HTTP layer failed", exc_info=error)
        return self._refuse(Case(peer), Refused("unavailable", NOT_NOW))


_BARE = {
    408: "the headers did not arrive in time",
    431: "the headers are too long",
    503: "there are too many connections from this machine",
}


def _parsed(reading: Reading) -> Parsed:
    """The message and its attachments; the text of inline ones is not needed any more."""
    text = reading.message
    item = message.parse(text.reader() if text.is_on_disk else text.in_memory(), reading.charset)
    found = checks.contents(item.attachments, reading.parts, reading.hold)
    content = checks.content_digest(item, found)
    bare = tuple(msgspec.structs.replace(one, text="") for one in item.attachments)
    item = msgspec.structs.replace(item, attachments=bare) if bare else item
    return Parsed(item, found, content, reading.parts_seen)


def _keep(parsed: Parsed) -> list[NewAttachment]:
    """Make every attachment durable. Raises Unavailable. Slow: it waits for the disk."""
    kept = []
    for attachment, content in zip(parsed.item.attachments, parsed.found, strict=True):
        file = content.file
        assert isinstance(file, Spool)  # `checks.attachments` let it pass
        kept.append(NewAttachment(attachment.name, attachment.media_type, file.size, file.keep()))
    return kept


def _check_length(request: web.BaseRequest, most_bytes: int) -> None:
    """Raise Refused where the headers say no length, or too great a one."""
    length = request.content_length
    if length is None and "Transfer-Encoding" not in request.headers:
        raise Refused("length", "the request needs a Content-Length, or to be chunked")
    if length is not None and length > most_bytes:
        raise too_large(most_bytes)


def _media_type(request: web.BaseRequest) -> MediaType:
    """What the headers say of the body, or raise Refused."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused("media-type", "a Content-Encoding is not taken")
    kind = media_type(request.headers.get("Content-Type", ""))
    if kind is None or not (kind.is_xml or kind.name == "multipart/related"):
        raise Refused("media-type", "application/xml or multipart/related is taken")
    return kind


def _continue(request: web.BaseRequest, connection: Connection) -> None:
    """A sender that asked whether to send the body is told so (RFC 9110, 10.1.1)."""
    wants = request.headers.get("Expect", "").lower() == "100-continue"
    if wants and connection.transport is not None:
        connection.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


async def _dismiss(request: web.BaseRequest, response: web.Response) -> None:
    """Answer although the body is not read. A little more is taken, so that the answer is seen."""
    length = request.content_length
    small = length is not None and length <= DRAIN_SMALL and "Expect" not in request.headers
    if not small:
        response.force_close()
    with suppress(ConnectionError, TimeoutError, web.RequestPayloadError):
        await response.prepare(request)
        await response.write_eof()
        transport = request.transport
        if not response.keep_alive and transport is not None and transport.can_write_eof():
            transport.write_eof()
        async with asyncio.timeout(DRAIN_SECONDS):
            taken = 0
            while taken < DRAIN_BYTES and (chunk := await request.content.readany()):
                taken += len(chunk)


def _response(status: int, body: bytes, kind: str) -> web.Response:
    return web.Response(status=status, body=body, headers={"Content-Type": kind, "Server": SERVER})
