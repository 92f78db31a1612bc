"""What an IMAP connection is read from: lines and literals, and what came without waiting for more.

imaplib's own file cannot tell that, and keeps memory for a literal before it comes.
"""

import selectors
import socket
import ssl
import time

LONGEST_LINE = 1_000_000
MOST_IN_LINES = 64 * 1024 * 1024
"""Bytes that one command may be answered with in lines together."""

PATIENCE = 10
SLOWEST = 16 * 1024
"""A line, or a literal, may take so many times as long as a silence may last, and a literal a
second more for so many bytes: who sends a byte now and then is not listened to for ever.

Slower than any line that carries mail: 35 MB are given up after some 40 minutes, and then somebody
is told (C-13); at 1 KiB they would be awaited for more than nine hours."""

CHUNK = 64 * 1024


class Stream:
    """Reads like a file, and raises OSError where the connection ends, ValueError over nonsense."""

    def __init__(self, connected: socket.socket, seconds: float, most_bytes: int) -> None:
        """`seconds`: how long it may keep silent. `most_bytes`: of the literals of one answer."""
        self.socket = connected
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._buffer = bytearray()
        self.begin()

    def begin(self) -> None:
        """Another command is answered: a server that never ends one is not listened to for ever."""
        self._literals, self._lines = self._most_bytes, MOST_IN_LINES

    def read(self, size: int) -> bytes:
        """So many bytes."""
        self._literals -= size
        if self._literals < 0:
            raise ValueError("literals that are too large")
        until = self._until(size / SLOWEST)
        while len(self._buffer) < size:
            self._receive(until)
        return self._taken(size)

    def readline(self) -> bytes:
        """A line with its end."""
        looked = 0
        until = self._until()
        while (end := self._buffer.find(b"\n", looked)) < 0:
            looked = len(self._buffer)
            if looked > LONGEST_LINE:
                raise ValueError("a line that is too long")
            self._receive(until)
        self._lines -= end + 1
        if self._lines < 0:
            raise ValueError("an answer that does not end")
        return self._taken(end + 1)

    def arrived(self) -> bytes:
        """What has come and is still to be read; raises where the other end is closed."""
        self.socket.settimeout(0)
        try:
            self._receive(self._until())
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        finally:
            self.socket.settimeout(self._seconds)
        return bytes(self._buffer)

    def hears(self, wake: socket.socket, seconds: float) -> bool:
        """Whether the other end, or `wake`, has something to say in this time."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            selector.register(wake, selectors.EVENT_READ)
            return bool(selector.select(seconds))

    def _taken(self, size: int) -> bytes:
        taken = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        return taken

    def _until(self, more: float = 0.0) -> float:
        return time.monotonic() + PATIENCE * self._seconds + more

    def _receive(self, until: float) -> None:
        if time.monotonic() > until:
            raise TimeoutError("it takes too long")
        chunk = self.socket.recv(CHUNK)
        if not chunk:
            raise ConnectionResetError("the other end is closed")
        self._buffer += chunk
