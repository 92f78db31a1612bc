"""A sender of ready-made HTTP requests that costs next to nothing, so that it is never the limit.

It knows only as much of HTTP as the servers it is used on answer with.
"""

import asyncio
import re
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Iterator
from time import perf_counter

import msgspec

from benchmarks.measuring import Failed

HOST = "127.0.0.1"

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Load(msgspec.Struct, frozen=True):
    """What came of a load."""

    seconds: float
    latencies: list[float]  # seconds, one an answer

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds


def head(
    method: str,
    path: str,
    media_type: str,
    length: int,
    basic: tuple[str, str] | None = None,
    token: str = "",
) -> bytes:
    """The head of a request whose body has so many bytes."""
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: {HOST}",
        f"Content-Type: {media_type}",
        f"Content-Length: {length}",
    ]
    if basic is not None:
        lines.append("Authorization: Basic " + b64encode(":".join(basic).encode()).decode())
    if token:
        lines.append(f"Authorization: Token {token}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Connection(asyncio.Protocol):
    """One connection that is kept alive: a request, then its answer, then the next."""

    def __init__(self, on_answer: "Callable[[Connection, float], None]") -> None:
        """`on_answer` gets this and the seconds that the answer took."""
        self._on_answer = on_answer
        self._received = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None
        self.on_fault: Callable[[Exception], None] = lambda fault: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self.on_fault(error or Failed("the server closed the connection"))

    def send(self, request: bytes, due_at: float | None = None) -> None:
        """Send a request; its time counts from when it was due, else from now."""
        self._sent_at = perf_counter() if due_at is None else due_at
        if self._transport is not None:  # else `on_fault` has been told
            self._transport.write(request)

    def close(self) -> None:
        """Close it; nothing more is told."""
        self.on_fault = lambda fault: None
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        length = _LENGTH.search(self._received, 0, end + 2)
        if len(self._received) < end + 4 + (int(length[1]) if length else 0):
            return
        answer, self._received = self._received, b""
        if not answer.startswith(b"HTTP/1.1 2"):
            self.on_fault(Failed(answer.decode(errors="replace")))
        else:
            self._on_answer(self, perf_counter() - self._sent_at)


async def closed_loop(
    port: int, requests: Iterator[bytes], *, clients: int, seconds: float
) -> Load:
    """So many clients send one request after the other, each when it has its answer.

    Raises Failed where one is not answered with success.
    """
    latencies: list[float] = []
    over = asyncio.get_running_loop().create_future()

    def fail(fault: Exception) -> None:
        if not over.done():
            over.set_exception(fault)

    def on_answer(connection: Connection, took: float) -> None:
        latencies.append(took)
        if perf_counter() < ends_at:
            connection.send(next(requests))
        elif not over.done():
            over.set_result(None)

    connections = await connect(port, clients, on_answer, fail)
    began_at = perf_counter()
    ends_at = began_at + seconds
    try:
        for connection in connections:
            connection.send(next(requests))
        await over
    finally:
        for connection in connections:
            connection.close()
    return Load(perf_counter() - began_at, latencies)


class Pool:
    """Connections for a load that does not wait for answers: a request takes an idle one."""

    def __init__(self, on_fault: Callable[[Exception], None]) -> None:
        """`on_fault` hears of a request that was not answered with success."""
        self.latencies: list[float] = []
        self._on_fault = on_fault
        self._all: list[Connection] = []
        self._idle: deque[Connection] = deque()
        self._waiting: deque[tuple[bytes, float]] = deque()

    async def open(self, port: int, connections: int) -> None:
        """Connect."""
        self._all = await connect(port, connections, self._on_answer, self._on_fault)
        self._idle.extend(self._all)

    def send(self, request: bytes) -> None:
        """Send a request now, or as soon as a connection is idle; its time counts from now."""
        if self._idle:
            self._idle.popleft().send(request)
        else:
            self._waiting.append((request, perf_counter()))

    def close(self) -> None:
        """Close the connections."""
        for connection in self._all:
            connection.close()

    def _on_answer(self, connection: Connection, took: float) -> None:
        self.latencies.append(took)
        if self._waiting:
            connection.send(*self._waiting.popleft())
        else:
            self._idle.append(connection)


async def connect(
    port: int,
    number: int,
    on_answer: Callable[[Connection, float], None],
    on_fault: Callable[[Exception], None],
) -> list[Connection]:
    """Open so many connections."""
    loop = asyncio.get_running_loop()
    opened = []
    for _ in range(number):
        _, connection = await loop.create_connection(lambda: Connection(on_answer), HOST, port)
        connection.on_fault = on_fault
        opened.append(connection)
    return opened
