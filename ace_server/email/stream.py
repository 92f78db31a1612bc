"""What an IMAP connection is read from: lines and literals, and what came without waiting for more.

imaplib's own file cannot tell that, and keeps memory for a literal before it comes.
"""

import selectors
import socket
import ssl

LONGEST_LINE = 1_000_000
LARGEST_LITERAL = 512 * 1024 * 1024
MOST_IN_LINES = 64 * 1024 * 1024
"""Bytes that one command may be answered with: in literals together, and in lines together."""

CHUNK = 64 * 1024


class Stream:
    """Reads like a file, and raises OSError where the connection ends, ValueError over nonsense."""

    def __init__(self, connected: socket.socket, seconds: float) -> None:
        """`seconds`: how long it may keep silent."""
        self._socket = connected
        self._seconds = seconds
        self._buffer = bytearray()
        self.begin()

    def begin(self) -> None:
        """Another command is answered: a server that never ends one is not listened to for ever."""
        self._literals, self._lines = LARGEST_LITERAL, MOST_IN_LINES

    def read(self, size: int) -> bytes:
        """So many bytes."""
        self._literals -= size
        if self._literals < 0:
            raise ValueError("literals that are too large")
        while len(self._buffer) < size:
            self._receive()
        return self._taken(size)

    def readline(self) -> bytes:
        """A line with its end."""
        looked = 0
        while (end := self._buffer.find(b"\n", looked)) < 0:
            looked = len(self._buffer)
            if looked > LONGEST_LINE:
                raise ValueError("a line that is too long")
            self._receive()
        self._lines -= end + 1
        if self._lines < 0:
            raise ValueError("an answer that does not end")
        return self._taken(end + 1)

    def arrived(self) -> bytes:
        """What has come and is still to be read; raises where the other end is closed."""
        self._socket.settimeout(0)
        try:
            self._receive()
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        finally:
            self._socket.settimeout(self._seconds)
        return bytes(self._buffer)

    def hears(self, wake: socket.socket, seconds: float) -> bool:
        """Whether the other end, or `wake`, has something to say in this time."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(wake, selectors.EVENT_READ)
            return bool(selector.select(seconds))

    def _taken(self, size: int) -> bytes:
        taken = bytes(memoryview(self._buffer)[:size])
        del self._buffer[:size]
        return taken

    def _receive(self) -> None:
        chunk = self._socket.recv(CHUNK)
        if not chunk:
            raise ConnectionResetError("the other end is closed")
        self._buffer += chunk
