"""Reads the body of one request: the message, and the files beside it, within limits.

What the message says is not looked at here, and nothing is answered.
"""

import hashlib
from collections.abc import AsyncIterable, Awaitable, Callable
from typing import Protocol

from ace_server.errors import Refused
from ace_server.store.files import Files
from ace_server.workitem.multipart import MediaType, Part, Reader
from ace_server.workitem.spool import Spool

MESSAGE_IN_MEMORY = 256 * 1024
FILE_IN_MEMORY = 64 * 1024
"""Bytes that are kept in memory while a request is read; the rest goes to disk."""

MAX_FILES = 20
"""Attachments of a message; what a request has beyond is counted, not kept."""


class InThread(Protocol):
    """Runs what touches the disk in a thread of the port's own."""

    def __call__(self, action: Callable[[], None], /) -> Awaitable[None]: ...


class Reading:
    """One body on its way in. Whatever became of it, `discard` what it holds."""

    def __init__(self, files: Files, in_thread: InThread, most_bytes: int) -> None:
        self._files = files
        self._in_thread = in_thread
        self._most_bytes = most_bytes
        self._hash = hashlib.sha256()
        self._target: Spool | None = None
        self.message = Spool(files, MESSAGE_IN_MEMORY)
        self.charset: str | None = None
        self.parts: list[tuple[str, Spool]] = []
        self.parts_seen = 0  # beside the message; more than `parts` where there were too many
        self.decoded: list[Spool] = []
        self.size = 0

    def sha256(self) -> str:
        """Digest of the body so far, for the log."""
        return self._hash.hexdigest()

    async def read(self, body: AsyncIterable[bytes], kind: MediaType) -> None:
        """Read all of it.

        Raises Refused (`too-large`, `media-type`, `malformed`), or Unavailable (disk full).
        """
        if kind.is_xml:
            self.charset = kind.parameters.get("charset")
            async for chunk in body:
                self._count(chunk)
                await self._add(self.message, chunk)
        else:
            await self._read_parts(body, Reader(kind.parameters.get("boundary", "")))
        await self._flush([self.message, *(part for _, part in self.parts)])

    async def _read_parts(self, body: AsyncIterable[bytes], reader: Reader) -> None:
        async for chunk in body:
            self._count(chunk)
            for found in reader.feed(chunk):
                if isinstance(found, Part):
                    self._target = self._begin(found)
                elif self._target is not None:
                    await self._add(self._target, found)
        reader.close()

    def _count(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._hash.update(chunk)
        if self.size > self._most_bytes:
            raise too_large(self._most_bytes)

    def _begin(self, part: Part) -> Spool | None:
        """Where the bytes of this part go; None: nowhere, there are too many parts."""
        if self._target is None and not self.parts_seen:
            if part.media_type is not None:
                if not part.media_type.is_xml:
                    raise Refused("media-type", "the first part must be the message, in XML")
                self.charset = part.media_type.parameters.get("charset")
            return self.message
        self.parts_seen += 1
        if self.parts_seen > MAX_FILES:
            return None
        spool = Spool(self._files, FILE_IN_MEMORY)
        self.parts.append((part.content_id, spool))
        return spool

    async def _add(self, spool: Spool, chunk: bytes) -> None:
        if spool.add(chunk):
            await self._in_thread(spool.flush)

    async def _flush(self, spools: list[Spool]) -> None:
        on_disk = [spool for spool in spools if spool.is_on_disk]

        def flush() -> None:
            for spool in on_disk:
                spool.flush()

        if on_disk:
            await self._in_thread(flush)

    def hold(self, decoded: bytes) -> Spool:
        """Take the bytes of an inline attachment. Small ones need no disk."""
        spool = Spool(self._files, FILE_IN_MEMORY)
        self.decoded.append(spool)
        spool.add(decoded)
        spool.flush()
        return spool

    async def discard(self) -> None:
        """Leave nothing on disk but what was kept."""
        spools = [self.message, *(part for _, part in self.parts), *self.decoded]
        on_disk = [spool for spool in spools if spool.is_on_disk]

        def discard() -> None:
            for spool in on_disk:
                spool.discard()

        if on_disk:
            await self._in_thread(discard)


def too_large(most_bytes: int) -> Refused:
    return Refused("too-large", f"a message may have {most_bytes} bytes, with its attachments")
