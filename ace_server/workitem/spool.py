"""Bytes on their way in: a few in memory, many in a draft of the store's files.

Nothing is asynchronous: what touches the disk (`flush`, `keep`, `discard`) belongs in a thread.
"""

import hashlib
import io
from typing import BinaryIO

from ace_server.store.files import Draft, Files


class Spool:
    """Grows by `add`; holds at most `limit` bytes in memory after a `flush`."""

    def __init__(self, files: Files, limit: int) -> None:
        self._files = files
        self._limit = limit
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._draft: Draft | None = None
        self.size = 0

    def add(self, chunk: bytes) -> bool:
        """Take more bytes in; whether it is time to `flush`."""
        self._pending.append(chunk)
        self._pending_size += len(chunk)
        self.size += len(chunk)
        return self._pending_size > self._limit

    def flush(self) -> None:
        """Write to disk if there is too much, or was before. Raises Unavailable (disk full)."""
        if self._draft is None:
            if self._pending_size <= self._limit:
                return
            self._draft = self._files.draft()
        for chunk in self._pending:
            self._draft.write(chunk)
        self._pending, self._pending_size = [], 0

    @property
    def is_on_disk(self) -> bool:
        return self._draft is not None

    def in_memory(self) -> bytes:
        """All of it, where nothing was written to disk."""
        if len(self._pending) != 1:
            self._pending = [b"".join(self._pending)]
        return self._pending[0]

    def reader(self) -> BinaryIO:
        """All of it, for reading from the start."""
        return io.BytesIO(self._draft.content() if self._draft else self.in_memory())

    def digest(self) -> str:
        """SHA-256 in hexadecimal, of what was flushed or is in memory."""
        if self._draft is not None:
            return self._draft.digest()
        return hashlib.sha256(self.in_memory()).hexdigest()

    def keep(self) -> str:
        """Make it durable in the store's files; returns the digest. Raises Unavailable."""
        if self._draft is None:
            self._draft = self._files.draft()
            self._draft.write(self.in_memory())
        return self._draft.keep()

    def discard(self) -> None:
        """Leave nothing behind, unless it was kept."""
        self._pending, self._pending_size = [], 0
        if self._draft is not None:
            self._draft.discard()
