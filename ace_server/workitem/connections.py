"""The connections of the open interface: how long each may take, and how many one peer may have.

What a request means is not known here. aiohttp parses HTTP; this adds the limits it does not have:
time and size of the headers, and a number of connections for each peer (B-15, B-16).
"""

import asyncio
import logging
from collections.abc import Callable
from enum import Enum, auto
from typing import Any, Protocol

from aiohttp import StreamReader, web

log = logging.getLogger(__name__)

MAX_HEADER_BYTES = 32 * 1024
MAX_HEADERS = 100
MAX_LINE = 8190
"""Bytes of one header line or of the request line."""

KEEP_ALIVE_SECONDS = 300.0
"""How long a connection may be idle between two messages."""

LINGER_SECONDS = 1.0
"""How long a refused sender may take to read the answer."""

READ_BUFFER = 64 * 1024
"""Bytes of a body that wait unread before the sender is made to wait."""


class Phase(Enum):
    """What a connection is about."""

    SILENT = auto()  # nothing has come yet
    IDLE = auto()  # between two requests
    HEADERS = auto()  # a request has begun
    BODY = auto()  # its headers are there
    ANSWER = auto()  # all of it is there: the answer is being made
    CLOSING = auto()  # answered for the last time: what still comes is dropped


class Refusals(Protocol):
    """Makes answers for what never became a request that could be handled."""

    def bare(self, peer: str, status: int, code: str) -> bytes:
        """Log a refusal; the whole answer, as it goes over the wire."""
        ...

    def response(self, peer: str, status: int, error: BaseException | None) -> web.Response:
        """Log what the HTTP layer found wrong; the answer to it."""
        ...


class Connection(web.RequestHandler):
    """One connection of a sender."""

    def __init__(
        self,
        server: "Server",
        connections: "Connections",
        refusals: Refusals,
        seconds: Callable[[], float],
        **settings: Any,
    ) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), **settings)
        self._connections = connections
        self._refusals = refusals
        self._seconds = seconds
        self._clock = asyncio.get_running_loop().time
        self._timer: asyncio.TimerHandle | None = None
        self._header_bytes = 0
        self._last_bytes = b""
        self._body: StreamReader | None = None
        self.phase = Phase.SILENT
        self.peer = ""
        self.active_at = self._clock()
        """When something last came or went, on the loop's clock."""
        self.began_at = self.active_at
        """When the first byte of the request came."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.peer = str((transport.get_extra_info("peername") or [""])[0])
        if self._connections.admit(self):
            self._watch()
        else:
            self._answer_and_close(503, "unavailable")

    def connection_lost(self, error: BaseException | None) -> None:
        self._unwatch()
        self._connections.remove(self)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self.phase is Phase.CLOSING:
            return
        if data:
            self.active_at = self._clock()
            if self.phase in (Phase.SILENT, Phase.IDLE):
                self._begin_headers()
            if self.phase is Phase.HEADERS:
                data = self._take_headers(data)
        super().data_received(data)
        self._look_for_error()

    def _look_for_error(self) -> None:
        # Before the end of a body nothing can follow but word of an error in it (a chunk that is
        # none), which aiohttp queues behind the very request that waits for the body.
        if self._body is not None and self._messages and not self._body.is_eof():
            self._body.set_exception(web.RequestPayloadError("not chunked as it should be"))

    def _begin_headers(self) -> None:
        self.phase = Phase.HEADERS
        self.began_at = self.active_at
        self._header_bytes, self._last_bytes = 0, b""

    def _take_headers(self, data: bytes) -> bytes:
        """Count and pass on the headers' bytes; what came after them is left to do.

        The two are passed on apart, as aiohttp forgets a request when the same bytes also hold
        what is none: then a body without a length would not be answered as such.
        """
        seen = self._last_bytes + data
        end = seen.find(b"\r\n\r\n")
        length = len(data) if end < 0 else end + 4 - len(self._last_bytes)
        self._header_bytes += length
        if self._header_bytes > MAX_HEADER_BYTES:
            self._answer_and_close(431, "malformed")
            return b""
        if end < 0:
            self._last_bytes = seen[-3:]
            self._watch()
            return data
        self.phase = Phase.BODY
        self._unwatch()
        super().data_received(data[:length])
        return data[length:]

    def _watch(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds(), self._too_slow)

    def _unwatch(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        if self.phase is Phase.HEADERS:
            self._answer_and_close(408, "slow")
        elif self.phase is Phase.SILENT:  # nothing was asked, so nothing is answered
            self.force_close()

    def _answer_and_close(self, status: int, code: str) -> None:
        """Answer what is no request, and stay a little, so that the answer is seen."""
        transport = self.transport
        if transport is None:
            return
        self.phase = Phase.CLOSING
        self.close()
        transport.write(self._refusals.bare(self.peer, status, code))
        if transport.can_write_eof():
            transport.write_eof()
        self._timer = asyncio.get_running_loop().call_later(LINGER_SECONDS, self.force_close)

    # Told by the port

    def begin(self, body: StreamReader) -> None:
        """A request is handled: its body comes."""
        self._unwatch()
        self.phase = Phase.BODY
        self._body = body
        self._look_for_error()

    def decide(self) -> None:
        """The whole request is there: from now on it is not closed for another."""
        self.phase = Phase.ANSWER

    def finish(self) -> None:
        """The request was answered."""
        self._body = None
        self.phase = Phase.BODY if self._messages else Phase.IDLE  # the next may be there already
        self.active_at = self.began_at = self._clock()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is not HTTP; the connection is closed (B-13)."""
        response = self._refusals.response(self.peer, status, exc)
        response.force_close()
        return response


class Connections:
    """Who is connected. At most so many of a peer: the longest idle is closed for a new one."""

    def __init__(self, most: Callable[[], int]) -> None:
        self._most = most
        self._by_peer: dict[str, set[Connection]] = {}

    def __len__(self) -> int:
        return sum(len(connections) for connections in self._by_peer.values())

    def admit(self, connection: Connection) -> bool:
        """Make room for a connection; False: its peer's others are all about to be answered."""
        others = self._by_peer.setdefault(connection.peer, set())
        while len(others) >= self._most():
            interruptible = (other for other in others if other.phase is not Phase.ANSWER)
            idle = min(interruptible, key=lambda other: other.active_at, default=None)
            if idle is None:
                return False
            others.discard(idle)
            log.debug("the longest idle connection of %s is closed for a new one", idle.peer)
            idle.force_close()
        others.add(connection)
        return True

    def remove(self, connection: Connection) -> None:
        """It is closed, or was never admitted."""
        connections = self._by_peer.get(connection.peer, set())
        connections.discard(connection)
        if not connections:
            self._by_peer.pop(connection.peer, None)


class Server(web.Server):
    """Makes a `Connection` for each that comes in."""

    def __init__(
        self,
        handler: Callable[[web.BaseRequest], Any],
        *,
        connections: Connections,
        refusals: Refusals,
        seconds: Callable[[], float],
    ) -> None:
        super().__init__(handler)
        self._peers = connections
        self._refusals = refusals
        self._seconds = seconds

    def __call__(self) -> Connection:
        return Connection(
            self,
            self._peers,
            self._refusals,
            self._seconds,
            logger=log,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=KEEP_ALIVE_SECONDS,
            lingering_time=0.0,
            max_field_size=MAX_LINE,
            max_headers=MAX_HEADERS,
            max_line_size=MAX_LINE,
            read_bufsize=READ_BUFFER,
        )
