"""Attachments on disk: files named by their SHA-256, durable before a row names them.

Names from outside never become paths (F-1).
"""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path

from ace_server.errors import Unavailable
from ace_server.store.seam import Kind, Seam

OWN = "own-"
"""How the names of drafts begin that are made here, or copied from another machine's."""

SYNCS_AT_ONCE = 4
"""Syncs of several files that wait together: by themselves, each costs a commit of the journal."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Draft:
    """A file that is being written and that nothing names yet."""

    def __init__(self, path: Path, kept: Path, durable: set[Path], seam: Seam) -> None:
        self._path = path
        self._kept = kept
        self._durable = durable
        self._seam = seam
        self._hash = hashlib.sha256()
        self.size = 0
        try:
            self._file = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b")
        except OSError as error:
            raise Unavailable("no file can be written in the data folder") from error

    def write(self, chunk: bytes) -> None:
        """Append, or raise Unavailable (the disk is full)."""
        self._attempt("write", lambda: self._file.write(chunk))
        self._hash.update(chunk)
        self.size += len(chunk)

    def digest(self) -> str:
        """SHA-256 of what was written so far, in hexadecimal."""
        return self._hash.hexdigest()

    def content(self) -> bytes:
        """All that was written so far."""
        self._attempt("write", self._file.flush)
        return self._path.read_bytes()

    def keep(self) -> str:
        """Make the file durable under its digest and return that, or raise Unavailable."""
        self.sync()
        digest = self.put()
        self._attempt("fsync", lambda: sync_folder(self._kept / digest[:2]))
        return digest

    def sync(self) -> None:
        """Make the content durable, and write no more. Raises Unavailable."""
        self.flush()
        self._attempt("fsync", self.fsync)
        self.close()

    def flush(self) -> None:
        """Hand everything written to the system, which may still lose it. Raises Unavailable."""
        self._attempt("write", self._file.flush)

    def fsync(self) -> None:
        """Make durable what was flushed; for who passes the seam for several drafts at once."""
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Write no more."""
        self._file.close()

    def put(self) -> str:
        """Give it the name that is its digest, which is to be made durable yet; that digest."""
        digest = self.digest()
        target = self._kept / digest[:2] / digest
        if target.parent not in self._durable:  # that it exists does not say so
            self._attempt("write", lambda: target.parent.mkdir(mode=0o700, exist_ok=True))
            self._attempt("fsync", lambda: sync_folder(self._kept))
            self._durable.add(target.parent)
        self._attempt("rename", lambda: self._path.replace(target))
        return digest

    def discard(self) -> None:
        """Remove the file, unless it was kept."""
        with suppress(OSError):  # the disk is full, and what is still in memory has no room
            self._file.close()
        self._path.unlink(missing_ok=True)

    def _attempt(self, kind: str, action: object) -> None:
        try:
            self._seam.call(kind, action)  # type: ignore[arg-type]
        except OSError as error:
            raise Unavailable("the data folder cannot be written") from error


class Files:
    """The attachments of one data folder."""

    def __init__(self, data: Path, seam: Seam) -> None:
        self._kept = data / "attachments"
        self._incoming = data / "incoming"
        self._durable: set[Path] = set()  # folders whose own names are known to be durable
        self._seam = seam

    def open(self) -> None:
        """Make the folders where there are none."""
        for folder in (self._kept, self._incoming):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def discard_drafts(self, *, own: bool = False) -> None:
        """Drop what a server that was killed had begun, of one kind (see `draft`).

        Only for who alone makes such in this data folder.
        """
        for left in self._incoming.iterdir():
            if left.name.startswith(OWN) is own:
                left.unlink()

    def draft(self, *, own: bool = False) -> Draft:
        """Begin a file: of what is taken in, by a WorkItem Server or an Email Server.

        `own`: of what is made at a desk, or copied from another machine's, by a core or an Email
        Server.
        """
        name = (OWN if own else "") + secrets.token_hex(16)
        return Draft(self._incoming / name, self._kept, self._durable, self._seam)

    def keep_all(self, drafts: Sequence[Draft]) -> list[str]:
        """Make several files durable under their digests, in fewer steps; those, in order.

        Raises Unavailable.
        """
        for draft in drafts:
            draft.flush()
        self._attempt("fsync", lambda: _together(draft.fsync for draft in drafts))
        for draft in drafts:
            draft.close()
        digests = [draft.put() for draft in drafts]
        folders = {self.path(digest).parent for digest in digests}
        self._attempt("fsync", lambda: _together(partial(sync_folder, one) for one in folders))
        return digests

    def _attempt(self, kind: Kind, action: Callable[[], object]) -> None:
        try:
            self._seam.call(kind, action)
        except OSError as error:
            raise Unavailable("the data folder cannot be written") from error

    def path(self, digest: str) -> Path:
        """Where a kept file lies."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError("not a SHA-256 digest")
        return self._kept / digest[:2] / digest

    def kept(self) -> Iterable[str]:
        """The digests of all kept files."""
        for folder in self._kept.iterdir():
            yield from (file.name for file in folder.iterdir())

    def keep_aside(self, folder: Path) -> None:
        """Give every kept file a second name below a new folder, where nothing replaces or removes
        it. Raises Unavailable."""
        try:
            folder.mkdir(mode=0o700)
            for kept in self._kept.iterdir():
                (folder / kept.name).mkdir(mode=0o700)
                for file in kept.iterdir():
                    give_second_name(file, folder / kept.name / file.name, self._seam)
                self._seam.call("fsync", partial(sync_folder, folder / kept.name))
            self._seam.call("fsync", lambda: sync_folder(folder))
            self._seam.call("fsync", lambda: sync_folder(folder.parent))
        except OSError as error:
            raise Unavailable(f"{folder} cannot be written: {error.strerror}") from error

    def remove(self, digest: str) -> None:
        """Remove a kept file that nothing names any more."""
        self.path(digest).unlink(missing_ok=True)


def _together(syncs: Iterable[Callable[[], object]]) -> None:
    """Let syncs wait for the disk at the same time: it then needs one turn for many of them.

    All of them have ended when this returns, or raises what one of them raised.
    """
    with ThreadPoolExecutor(SYNCS_AT_ONCE, thread_name_prefix="sync") as threads:
        waiting = [threads.submit(sync) for sync in syncs]
    for one in waiting:
        one.result()


def give_second_name(file: Path, other: Path, seam: Seam) -> None:
    """Let a file have another name, too; where the disk cannot do that, a durable copy has it."""
    try:
        seam.call("rename", lambda: os.link(file, other))
    except FileExistsError:
        raise
    except OSError:
        seam.call("write", lambda: _copy(file, other))


def _copy(file: Path, other: Path) -> None:
    handle = os.open(other, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with open(file, "rb") as source, os.fdopen(handle, "wb") as target:
        shutil.copyfileobj(source, target)
        target.flush()
        os.fsync(target.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable (a no-op where folders cannot be opened)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
