"""A connection to an IMAP server. What is said on it is the matter of `imap`."""

import imaplib
import socket
import ssl
from collections.abc import Callable

from ace_server.email.stream import Stream
from ace_server.email.urls import Endpoint


class Connection(imaplib.IMAP4):
    """A connection that is read from a `Stream` from its first byte on."""

    def __init__(
        self,
        where: Endpoint,
        context: ssl.SSLContext | None,
        seconds: float,
        stream: Callable[[socket.socket], Stream],
    ) -> None:
        """`seconds` that it may take; `context` of TLS, where that comes before the first word."""
        self._context = context
        self._make = stream
        super().__init__(where.host, where.port, timeout=seconds)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        made = socket.create_connection((self.host, self.port), timeout)
        try:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # 40 ms
            if self._context is not None:
                made = self._context.wrap_socket(made, server_hostname=self.host)
        except BaseException:
            made.close()
            raise
        self._stream = self._make(made)
        return made

    @property
    def stream(self) -> Stream:
        """What it is read from; nothing that came before STARTTLS is read after it."""
        if self._stream.socket is not self.sock:
            self._stream = self._make(self.sock)
        return self._stream

    def read(self, size: int) -> bytes:
        return self.stream.read(size)

    def readline(self) -> bytes:
        return self.stream.readline()
