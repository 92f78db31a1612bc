"""What stands between a client and a mail server and does them harm, on purpose and repeatably.

One thread serves all connections of a proxy; it ends with it.
"""

import random
import re
import selectors
import socket
import threading
from contextlib import suppress
from types import TracebackType

CHUNK = 65536


class Cut(Exception):
    """Both ends of the connection are closed now."""


class Fault:
    """What happens to one connection after the other. This one lets everything pass.

    `fired` says whether the harm was done: a test asserts it.
    """

    def __init__(self) -> None:
        self.fired = threading.Event()

    def from_client(self, line: bytes) -> bytes:
        """A line that the client sent, and what the server gets of it; may raise Cut."""
        return line

    def from_server(self, chunk: bytes) -> bytes:
        """Bytes that the server sent, and what the client gets of them; may raise Cut."""
        return chunk


class CutAtCommand(Fault):
    """The connection ends with the client's line number `number` (1 is the first).

    The server gets the line, and the client no answer, where it is `answered_by_nobody`; else not
    even the server gets it.
    """

    def __init__(self, number: int, *, answered_by_nobody: bool = False) -> None:
        super().__init__()
        self._left = number
        self._late = answered_by_nobody

    def from_client(self, line: bytes) -> bytes:
        self._left -= 1
        if self._left == 0:
            self.fired.set()
            if not self._late:
                raise Cut
        return line

    def from_server(self, chunk: bytes) -> bytes:
        if self._left <= 0 and self.fired.is_set():
            raise Cut
        return chunk


class CutAfterBytes(Fault):
    """The connection ends when the client got so many bytes after a line of it that matches."""

    def __init__(self, number: int, *, at: bytes = b"") -> None:
        super().__init__()
        self._left = number
        self._at = re.compile(at)
        self._is_due = not at

    def from_client(self, line: bytes) -> bytes:
        self._is_due = self._is_due or bool(self._at.search(line))
        return line

    def from_server(self, chunk: bytes) -> bytes:
        if not self._is_due:
            return chunk
        if len(chunk) > self._left:
            self.fired.set()
            raise Cut(chunk[: self._left])
        self._left -= len(chunk)
        return chunk


class Stall(Fault):
    """From the client's line number `number` on nothing reaches anybody, and nothing ends."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._left = number

    def from_client(self, line: bytes) -> bytes:
        self._left -= 1
        if self._left <= 0:
            self.fired.set()
            return b""
        return line

    def from_server(self, chunk: bytes) -> bytes:
        return b"" if self.fired.is_set() else chunk


class Insert(Fault):
    """Before the answer to the first line of the client that matches, the server says more."""

    def __init__(self, lines: bytes, *, at: bytes) -> None:
        super().__init__()
        self._lines = lines
        self._at = re.compile(at)
        self._is_due = False

    def from_client(self, line: bytes) -> bytes:
        self._is_due = self._is_due or bool(self._at.search(line))
        return line

    def from_server(self, chunk: bytes) -> bytes:
        if not self._is_due or self.fired.is_set():
            return chunk
        self.fired.set()
        return self._lines + chunk


class Rewrite(Fault):
    """What the server says is said differently, wherever the pattern is found in one chunk.

    With `at` only after a line of the client that matches; `times`: at most so often.
    """

    def __init__(self, pattern: bytes, by: bytes, *, at: bytes = b"", times: int = 0) -> None:
        super().__init__()
        self._pattern = re.compile(pattern, re.DOTALL)
        self._by = by
        self._at = re.compile(at)
        self._times = times
        self._is_due = not at
        self._done = 0

    def from_client(self, line: bytes) -> bytes:
        self._is_due = self._is_due or bool(self._at.search(line))
        return line

    def from_server(self, chunk: bytes) -> bytes:
        if not self._is_due or (self._times and self._done >= self._times):
            return chunk
        left = self._times - self._done if self._times else 0
        changed, found = self._pattern.subn(self._by, chunk, count=left)
        self._done += found
        if found:
            self.fired.set()
        return changed


class LieAboutSizes(Fault):
    """Every literal of the server is said to be longer by `by` bytes (or shorter)."""

    def __init__(self, by: int) -> None:
        super().__init__()
        self._by = by

    def from_server(self, chunk: bytes) -> bytes:
        def lie(size: re.Match[bytes]) -> bytes:
            self.fired.set()
            return b"{%d}\r\n" % max(0, int(size[1]) + self._by)

        return re.sub(rb"\{(\d+)\}\r\n", lie, chunk)


class Damage(Fault):
    """Some of what the server says is damaged, by chance from a seed."""

    PIECES = (
        b"(",
        b")",
        b"{5}\r\n",
        b'"',
        b"\r\n",
        b"NIL",
        b"* ",
        b"+ ",
        b"\0",
        b"9" * 30,
        b"-ERR ",
    )

    def __init__(self, seed: str, *, share: float = 0.2) -> None:
        super().__init__()
        self._random = random.Random(seed)
        self._share = share

    def from_server(self, chunk: bytes) -> bytes:
        if self._random.random() > self._share:
            return chunk
        self.fired.set()
        at = self._random.randrange(len(chunk))
        kind = self._random.randrange(4)
        if kind == 0:  # a byte
            return chunk[:at] + self._random.randbytes(1) + chunk[at + 1 :]
        if kind == 1:  # a piece too much
            return chunk[:at] + self._random.choice(self.PIECES) + chunk[at:]
        if kind == 2:  # some bytes missing
            return chunk[:at] + chunk[at + self._random.randrange(1, 12) :]
        number = self._random.choice((b"0", b"-1", b"4294967296", b"9" * 30))
        return re.sub(rb"\d+", number, chunk, count=1)


class _Connection:
    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client = client
        self.server = server
        self.unfinished = b""  # of a line of the client

    def close(self) -> None:
        self.client.close()
        self.server.close()


class Proxy:
    """Listens on loopback and passes on what is said, as its fault has it.

    Plain ports only: it reads what passes. `commands` are the lines of the client so far.
    """

    def __init__(self, server_port: int, fault: Fault | None = None) -> None:
        self.fault = fault or Fault()
        self.commands: list[bytes] = []
        self._server_port = server_port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._wake, self._woken = socket.socketpair()
        self._connections: list[_Connection] = []
        self._cut_all = threading.Event()
        self._is_ending = False
        self._turn = threading.Condition()
        self._thread = threading.Thread(target=self._serve, name="proxy")

    def __enter__(self) -> "Proxy":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_ending = True
        self._wake.send(b".")
        self._thread.join()
        for one in (self._listening, self._wake, self._woken):
            one.close()

    def url(self, scheme: str) -> str:
        """Where it is, in the form that a mail account has."""
        return f"{scheme}://127.0.0.1:{self.port}"

    def cut_all(self) -> None:
        """End every connection now."""
        self._cut_all.set()
        self._wake.send(b".")

    def wait_for(self, pattern: bytes, seconds: float = 30.0) -> None:
        """Return when the client has sent a line that matches (and the server has got it)."""
        with self._turn:
            assert self._turn.wait_for(
                lambda: any(re.search(pattern, line) for line in self.commands), seconds
            ), f"the client never sent {pattern!r}: {self.commands}"

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listening, selectors.EVENT_READ, self._accept)
            selector.register(self._woken, selectors.EVENT_READ, self._hear)
            self._selector = selector
            while not self._is_ending:
                for key, _ in selector.select():
                    key.data()
            for connection in [*self._connections]:
                self._end(connection)

    def _hear(self) -> None:
        self._woken.recv(CHUNK)
        if self._cut_all.is_set():
            self._cut_all.clear()
            for connection in [*self._connections]:
                self._end(connection)

    def _accept(self) -> None:
        client, _ = self._listening.accept()
        try:
            server = socket.create_connection(("127.0.0.1", self._server_port))
        except OSError:  # it is down
            client.close()
            return
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = _Connection(client, server)
        self._connections.append(connection)
        self._selector.register(client, selectors.EVENT_READ, lambda: self._upward(connection))
        self._selector.register(server, selectors.EVENT_READ, lambda: self._downward(connection))

    def _end(self, connection: _Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            self._selector.unregister(connection.client)
            self._selector.unregister(connection.server)
            connection.close()

    def _upward(self, connection: _Connection) -> None:
        if connection not in self._connections:
            return
        chunk = b""
        with suppress(OSError):
            chunk = connection.client.recv(CHUNK)
        if not chunk:
            return self._end(connection)
        *lines, connection.unfinished = (connection.unfinished + chunk).split(b"\n")
        for line in lines:
            try:
                passed = self.fault.from_client(line + b"\n")
                connection.server.sendall(passed)
            except (Cut, OSError):
                self._end(connection)
            with self._turn:
                self.commands.append(line.rstrip(b"\r"))
                self._turn.notify_all()

    def _downward(self, connection: _Connection) -> None:
        if connection not in self._connections:
            return
        chunk = b""
        with suppress(OSError):
            chunk = connection.server.recv(CHUNK)
        if not chunk:
            return self._end(connection)
        try:
            connection.client.sendall(self.fault.from_server(chunk))
        except Cut as cut:
            with suppress(OSError):
                connection.client.sendall(cut.args[0] if cut.args else b"")
            self._end(connection)
        except OSError:
            self._end(connection)
