"""Attachments where every machine of a site finds them: in the database, in pieces.

The data folder then is a cache. Where one machine has all of a site (SQLite) there is only the
data folder, and nothing here costs anything.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from functools import partial
from itertools import count
from pathlib import Path
from typing import ParamSpec, TypeVar

from ace_server.errors import Unavailable
from ace_server.rounds import Rounds
from ace_server.store import Store, named, pieces

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

SWEEP_EVERY = 3600.0
"""Seconds between two looks for what no contact names."""


class Attachments:
    """The attachments of a site, as one process has them."""

    def __init__(
        self, store: Store, *, behind: bool = False, threads: Executor | None = None
    ) -> None:
        """`behind`: for mail, which lets work items go first in the store (WI-5).

        `threads` read and write files; None: the loop's own, which are not for mail.
        """
        self._store = store
        self._threads = threads
        self._run = store.run_behind if behind else store.run
        self._files = store.files
        self._turn = asyncio.Lock()  # one piece at a time is on its way, whoever waits for others
        self._fetching = asyncio.Lock()
        self._is_all_shared = False
        self._rounds = Rounds(
            "attachments",
            self._tidy,
            every=lambda: SWEEP_EVERY,
            meanwhile="attachments that no contact names stay",
        )

    def in_thread(
        self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> "asyncio.Future[T]":
        """What the function returns, called in one of the threads that read and write files."""
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._threads, partial(function, *args, **kwargs))

    async def share(self, digests: Sequence[str]) -> None:
        """Let every machine find these kept files; they are durable there when this returns.

        Raises Unavailable.
        """
        if self._store.keeps_files:
            for digest in dict.fromkeys(digests):
                await self._share(digest)

    async def _share(self, digest: str) -> None:
        path = self._files.path(digest)
        async with self._turn:
            content = await self.in_thread(_part, path, 0)
            if len(content) < pieces.SIZE:
                await self._run(pieces.put, digest, content)
                return
        file = await self._run(pieces.begin, digest)
        number = 0
        while file is not None and await self._write(file, path, number):
            number += 1

    async def _write(self, file: int, path: Path, number: int) -> bool:
        """Write a piece, or complete the copy where there is none; whether there may be another."""
        async with self._turn:
            content = await self.in_thread(_part, path, number)
            if content:
                await self._run(pieces.add, file, number, content)
            else:
                await self._run(pieces.complete, file)
        return bool(content)

    async def keep(self, content: bytes) -> str:
        """Keep bytes that were made here as a file, durable and shared; its digest.

        Raises Unavailable.
        """
        digest = await self.in_thread(self._keep, content)
        await self.share([digest])
        return digest

    def _keep(self, content: bytes) -> str:
        draft = self._files.draft(own=True)
        try:
            draft.write(content)
            return draft.keep()
        finally:
            draft.discard()

    async def whole(self, digest: str) -> Path | None:
        """Where it lies, every byte as it came in; fetched anew where it is damaged here.

        None where it is nowhere whole. Raises Unavailable.
        """
        path = await self.path(digest)
        if path is None or await self.in_thread(_is_whole, path, digest):
            return path
        log.warning("the file of attachment %s is damaged", digest)
        if not self._store.keeps_files:
            return None
        async with self._fetching:
            await self._fetch(digest)
        return path if await self.in_thread(_is_whole, path, digest) else None

    async def path(self, digest: str) -> Path | None:
        """Where an attachment lies, fetched if need be; None where it is nowhere as it came in.

        Raises Unavailable.
        """
        path = self._files.path(digest)
        if self._store.keeps_files and not path.is_file():
            async with self._fetching:  # who waited for the same one finds it now
                if not path.is_file():
                    await self._fetch(digest)
        return path if path.is_file() else None

    async def _fetch(self, digest: str) -> None:
        for file in await self._run(pieces.copies, digest):
            draft = self._files.draft(own=True)
            try:
                for number in count():
                    content = await self._run(pieces.piece, file, number)
                    if content is None:
                        break
                    await self.in_thread(draft.write, content)
                if draft.digest() == digest:
                    await self.in_thread(draft.keep)
                    return
            finally:
                await self.in_thread(draft.discard)
        log.error("attachment %s is not in the database as it came in", digest)

    # What is left over

    async def start(self) -> None:
        """Begin to look for what is only here, and for what no contact names."""
        if self._store.keeps_files:
            self._rounds.wake()
            await self._rounds.start()

    async def stop(self) -> None:
        """Look no more."""
        await self._rounds.stop()

    async def _tidy(self) -> None:
        if not self._is_all_shared:
            await self.share_kept()
            self._is_all_shared = True
        await self.sweep()

    async def share_kept(self) -> None:
        """Share what only this data folder has: an older version took it in. Raises Unavailable."""
        kept = await self.in_thread(lambda: list(self._files.kept()))
        for start in range(0, len(kept), pieces.PAGE):
            page = kept[start : start + pieces.PAGE]
            await self.share(await self._store.run(_named_and_missing, page))

    async def sweep(self) -> None:
        """Remove from the database what no contact names, and nobody is taking in.

        Raises Unavailable.
        """
        after = 0
        while found := await self._store.run(pieces.old, after):
            for file in await self._store.run(pieces.unneeded, found):
                while await self._store.run(pieces.remove, file):
                    pass
            after = found[-1].file


def put(store: Store, digest: str) -> None:
    """Put a kept file into the database, where that keeps files; for a command.

    Raises Unavailable.
    """
    if not store.keeps_files:
        return
    path = store.files.path(digest)
    content = _part(path, 0)
    if len(content) < pieces.SIZE:
        store.perform(pieces.put, digest, content)
    elif (file := store.perform(pieces.begin, digest)) is not None:
        for number in count():
            if not (content := _part(path, number)):
                break
            store.perform(pieces.add, file, number, content)
        store.perform(pieces.complete, file)


def _is_whole(path: Path, digest: str) -> bool:
    """Raises Unavailable."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError as error:
        raise Unavailable("the data folder cannot be read") from error


def _part(path: Path, number: int) -> bytes:
    """A piece of a file; nothing behind its end. Raises Unavailable."""
    try:
        with path.open("rb") as file:
            file.seek(number * pieces.SIZE)
            return file.read(pieces.SIZE)
    except OSError as error:
        raise Unavailable("the data folder cannot be read") from error


def _named_and_missing(digests: Sequence[str]) -> list[str]:
    """Those that something names and that are not in the database; a job."""
    unnamed = set(named.unnamed(digests))
    return pieces.missing([digest for digest in digests if digest not in unnamed])
