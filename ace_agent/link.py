"""The one connection to the server: it carries commands and events, and comes back by itself.

What an event means is `session`'s matter, files are `transfers`'s; where the embedded server
listens is `embedded`'s.
"""

import asyncio
import itertools
import logging
import random
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import aiohttp
import msgspec
from PySide6.QtCore import QCoreApplication, QObject, Signal

from ace_agent.sentences import filled, said
from ace_agent.session import LinkDown, Refused, Session
from ace_agent.tasks import Tasks, Trouble
from ace_agent.transfers import Transfers
from ace_server import wire

log = logging.getLogger(__name__)

DEFAULT_PORT = 8764
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0
"""Seconds between two attempts to connect; each pause is twice the one before."""
HEARTBEAT = 10.0
"""Seconds of silence after which the server is asked for a sign of life; half as long to answer."""
SIGN_OF_LIFE = 4.0
"""Seconds after which the server hears of this program, unasked: while a long message comes over a
slow line, the server's own question stands behind that message."""
CONNECT_TIMEOUT = 10.0
CLOSE_TIMEOUT = 1.0
READ_TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens for agents."""

    host: str
    port: int
    tls: bool = False
    own: bool = False
    """On this machine, found through the server file of our own data folder: its certificate names
    another host, and that file, which only we can read, already says who listens there."""

    def url(self, scheme: str, path: str) -> str:
        """`scheme` is http or ws; the address knows whether it is encrypted."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}{'s' if self.tls else ''}://{host}:{self.port}{path}"

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Unfit(Trouble):
    """What answers is no server this program can work with."""


def address(server: str) -> Address:
    """Read `http(s)://host:port`, or raise Trouble.

    Off this machine the link is always encrypted (trust.md G-6); without a scheme it is, too.
    """
    given = server if "://" in server else f"//{server}"
    try:
        parts = urlsplit(given)
        host, port = parts.hostname or "", parts.port or DEFAULT_PORT
    except ValueError:
        host, port = "", 0
    if not host or parts.scheme not in ("", "http", "https") or parts.path not in ("", "/"):
        raise Trouble(
            QCoreApplication.translate(
                "Link", "%1 is no server address. One looks like https://ace.example:8764."
            ).replace("%1", server)
        )
    near = _is_loopback(host)
    if parts.scheme == "http" and not near:
        raise Trouble(
            QCoreApplication.translate(
                "Link",
                "The link to %1 would not be encrypted. Use https:// and a server with a "
                "certificate (agentCertificate).",
            ).replace("%1", host)
        )
    return Address(host, port, tls=parts.scheme == "https" or not near)


def pause_seconds(failures: int, first: float, chance: float) -> float:
    """How long to wait before the next attempt, after so many that failed.

    `chance`, 0 to 1, keeps the agents of a restarted server from coming back in one moment.
    """
    return min(LONGEST_PAUSE, first * 2.0 ** min(failures - 1, 10)) * (0.5 + chance / 2)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Link(QObject):
    """Connects, logs in, and after a loss returns to the same log-in; `stop` leaves nothing."""

    welcomed = Signal(object)
    """There is a server, and nobody is logged in: carries its `wire.Welcome`."""

    lost = Signal(str)
    """No link, and why: a sentence. It is tried again all the while."""

    def __init__(
        self,
        session: Session,
        *,
        authority: str = "",
        first_pause: float = FIRST_PAUSE,
        sign_of_life: float = SIGN_OF_LIFE,
        chance: Callable[[], float] = random.random,
        parent: QObject | None = None,
    ) -> None:
        """`authority`: a file with the certificates that a server's must descend from."""
        super().__init__(parent)
        self.welcome: wire.Welcome | None = None
        self._session = session
        self._authority = authority
        self._first_pause = first_pause
        self._sign_of_life = sign_of_life
        self._chance = chance
        self._address: Address | None = None
        self._trusted: ssl.SSLContext | bool = True  # what aiohttp takes
        self._http: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[wire.Event | None]] = {}
        self._token = ""
        self._logged_in = False  # on this very connection
        self._try_now = asyncio.Event()
        self._tasks = Tasks(lambda reason: log.debug("%s", reason))
        self.transfers = Transfers(session, self._request_to)
        session.connect_to(self, self.transfers)

    # Its life

    def start(self, to: Address) -> None:
        """Connect to this server and stay connected, until `stop`; raises Trouble."""
        if self._http is not None:
            self.move(to)
            return
        self._reach(to)
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=CONNECT_TIMEOUT, sock_read=READ_TIMEOUT
            ),
        )
        self._tasks.start(self._stay_connected(), name="link")

    def move(self, to: Address) -> None:
        """The server listens elsewhere now."""
        if to != self._address:
            log.info("the server is at %s now", to)
        self._reach(to)
        self.try_now()

    def try_now(self) -> None:
        """Do not wait out the pause."""
        self._try_now.set()

    async def stop(self) -> None:
        """Close the link and remove every file fetched."""
        await self._tasks.stop()
        if self._http is not None:
            await self._http.close()
            self._http = None
        await self.transfers.stop()

    def _reach(self, to: Address) -> None:
        self._address = to
        self._trusted = self._trust(to) if to.tls else True

    def _trust(self, to: Address) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self._authority or None)
        except OSError as error:  # ssl.SSLError is one
            raise Trouble(
                filled(
                    self.tr("The file of trusted certificates %1 cannot be read: %2."),
                    self._authority,
                    str(error.strerror or error),
                )
            ) from error
        if to.own:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    # Commands

    async def log_in(self, login: str, password: str, new_password: str = "") -> None:
        """Raises Refused with the server's code (`new-password`: give one), or LinkDown."""
        self._grant(
            await self._request(
                wire.LogIn(request=0, login=login, password=password, new_password=new_password)
            )
        )

    async def create_administrator(self, setup: str, login: str, name: str, password: str) -> None:
        """On a first start; raises Refused or LinkDown. Log in afterwards."""
        self._grant(
            await self._request(
                wire.CreateAdministrator(
                    request=0, setup=setup, login=login, name=name, password=password
                )
            )
        )

    async def ask(self, command: wire.Command) -> wire.Event:
        """Send a command of the person logged in; returns what answers it, or raises LinkDown."""
        if not self._logged_in:
            raise LinkDown(self.tr("The link to the server is down. Nothing was changed."))
        answer = await self._request(command)
        if isinstance(command, wire.LogOut) and isinstance(answer, wire.Done):
            self._forget()
        return answer

    async def _request(self, command: wire.Command) -> wire.Event:
        socket = self._socket
        if socket is None or self.welcome is None:
            raise LinkDown(self.tr("The link to the server is down. Nothing was changed."))
        number = next(self._numbers)
        text = wire.encode(msgspec.structs.replace(command, request=number))
        if len(text.encode()) > wire.MAX_COMMAND_BYTES:
            raise Refused(self.tr("This is more text than the server takes."), "too-large")
        waiting: asyncio.Future[wire.Event | None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        try:
            await socket.send_str(text)
            answer = await waiting
        except ConnectionError:
            answer = None
        finally:
            del self._waiting[number]
        if answer is None:
            raise self._cut()
        return answer

    @staticmethod
    def _grant(answer: wire.Event) -> None:
        if isinstance(answer, wire.Refusal):
            raise Refused(said(answer.reason), answer.code)

    def _cut(self) -> LinkDown:
        return LinkDown(
            self.tr(
                "The link was lost before the server answered. "
                "Once it is back, this page shows whether it was done."
            )
        )

    # The connection

    async def _stay_connected(self) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while True:
            self._try_now.clear()
            began = loop.time()
            reason = await self._live_and_die()
            lasted = loop.time() - began
            failures = 1 if lasted > LONGEST_PAUSE else failures + 1
            self.welcome = None
            self._down(reason)
            await self._pause(pause_seconds(failures, self._first_pause, self._chance()))

    async def _live_and_die(self) -> str:
        """One connection, until it ends; returns why it ended, for the person."""
        try:
            await self._live()
        except Trouble as trouble:
            return trouble.reason
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.debug("no link to %s: %s", self._address, error)
            return self._sentence(error)
        except Exception:  # noqa: BLE001  # the edge of one connection: the next one starts anew
            log.exception("the link failed")
        return self._sentence(ConnectionResetError())

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._try_now.wait(), seconds)
        except TimeoutError:
            return

    async def _live(self) -> None:
        """Raises how it ended."""
        to, http = self._address, self._http
        assert to is not None and http is not None  # start() made them
        async with http.ws_connect(
            to.url("ws", "/link"),
            ssl=self._trusted,
            heartbeat=HEARTBEAT,
            max_msg_size=wire.MAX_EVENT_BYTES,
            timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_TIMEOUT),
        ) as socket:
            self._socket = socket
            signs = asyncio.create_task(self._give_signs(socket), name="signs of life")
            try:
                async for message in socket:
                    if message.type is not aiohttp.WSMsgType.TEXT:
                        break
                    self._take(self._decode(message.data))
                raise ConnectionResetError(f"closed with {socket.close_code}")
            finally:
                self._socket = None
                self._logged_in = False
                self._give_up_waiting()
                signs.cancel()
                await asyncio.wait([signs])

    async def _give_signs(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        with suppress(ConnectionError):
            while True:
                await asyncio.sleep(self._sign_of_life)
                await socket.ping()

    def _decode(self, text: str) -> wire.Event:
        try:
            return wire.decode_event(text)
        except msgspec.MsgspecError as error:
            log.warning("not understood: %s", error)
            raise Unfit(
                self.tr(
                    "The server at %1 speaks another language than this program. "
                    "Install the same version on both."
                ).replace("%1", str(self._address))
            ) from error

    def _take(self, event: wire.Event) -> None:
        match event:
            case wire.LoggedIn():
                self._token = event.token
                self._logged_in = True
                self._answer(event.request, event)
            case _ if isinstance(event, wire.Answer):
                self._answer(event.request, event)
            case wire.Welcome():
                self._greet(event)
            case wire.LoggedOut():
                self._forget()
                self._session.receive(event)
            case _:
                self._session.receive(event)

    def _answer(self, number: int, event: wire.Event) -> None:
        waiting = self._waiting.get(number)
        if waiting is not None and not waiting.done():
            waiting.set_result(event)

    def _greet(self, welcome: wire.Welcome) -> None:
        self._check_version(welcome.version)
        self.welcome = welcome
        self._session.receive(welcome)
        if self._token:
            self._tasks.start(self._come_back(), name="come back")
        else:
            self.welcomed.emit(welcome)

    def _check_version(self, version: int) -> None:
        if version > wire.PROTOCOL_VERSION:
            raise Unfit(self.tr("The server is newer than this program. Update ACE Agent."))
        if version < wire.PROTOCOL_VERSION:
            raise Unfit(self.tr("The server is older than this program. Update the ACE server."))

    async def _come_back(self) -> None:
        answer = await self._request(wire.Return(request=0, token=self._token))
        if not isinstance(answer, wire.Refusal):
            return
        if answer.code == "unavailable":
            await self._close()
            return
        self._forget()
        self._session.leave(
            self.tr("The server no longer knows this log-in. Log in again: what you typed is kept.")
        )
        if self.welcome is not None:
            self.welcomed.emit(self.welcome)

    async def _close(self) -> None:
        if self._socket is not None:
            await self._socket.close()

    def _forget(self) -> None:
        self._token = ""
        self._logged_in = False

    def _give_up_waiting(self) -> None:
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_result(None)

    def _down(self, reason: str) -> None:
        self._session.set_link(False)
        self.lost.emit(reason)

    def _sentence(self, error: Exception) -> str:
        where = str(self._address)
        match error:
            case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
                text = self.tr("The certificate of the server at %1 is not to be trusted.")
            case aiohttp.WSServerHandshakeError():
                text = self.tr("What answers at %1 is no ACE server.")
            case ConnectionResetError() if self.welcome is not None:
                text = self.tr("The link to the server at %1 was lost.")
            case _:
                text = self.tr("The server at %1 does not answer.")
        return text.replace("%1", where)

    @asynccontextmanager
    async def _request_to(
        self,
        method: str,
        where: str,
        *,
        named: Mapping[str, str] | None = None,
        data: AsyncIterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Ask the server by HTTP, as the person logged in; raises LinkDown without a link."""
        address, http = self._address, self._http
        if address is None or http is None or not self._token:
            raise LinkDown(self.tr("The link to the server is down. Nothing was changed."))
        async with http.request(
            method,
            address.url("http", where),
            params=named,
            data=data,
            ssl=self._trusted,
            headers={"Authorization": f"Bearer {self._token}"} | dict(headers or {}),
            allow_redirects=False,  # the token is for this server alone
        ) as response:
            yield response
