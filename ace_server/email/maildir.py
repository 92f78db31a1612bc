"""A mailbox in a maildir on this machine: one file a mail, in `new` and in `cur`.

Its folders are the subfolders `.Name`, as Dovecot and Courier keep them. A mail is known by the
part of its file's name before the colon, which stays the same while its flags change.
"""

import errno
import os
import socket
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from ace_server.email.mailbox import INBOX, Disposal, Folder, Found, MailboxTrouble, Way
from ace_server.email.urls import Endpoint
from ace_server.sentences import sentence

T = TypeVar("T")

NEW, CUR = "new", "cur"
SEEN = "S"

LONGEST_HEADER = 1024 * 1024


class _File(msgspec.Struct, frozen=True):
    """Where a mail lies now."""

    uid: str
    path: Path
    size: int
    arrived_at: datetime

    @property
    def flags(self) -> str:
        """The letters after `:2,`."""
        return self.path.name.partition(":2,")[2]


class MaildirMailbox:
    """A `mailbox.Mailbox` in a folder. It is never written to, unless `dispose` is asked to."""

    ordered = False
    can_wait = False
    is_exclusive = False

    def __init__(self, where: Endpoint) -> None:
        self._root = Path(where.path)
        self._name = INBOX
        self._files: dict[str, _File] = {}
        self._is_open = False

    @property
    def is_open(self) -> bool:
        """Whether its folder was there."""
        return self._is_open

    def open(self) -> None:
        """See that it is there."""
        self._is_open = False
        self.folder(INBOX)
        self._is_open = True

    def close(self) -> None:
        """Nothing is held open."""
        self._is_open = False

    def folder(self, name: str) -> Folder:
        """Look into a folder; `A/B` is the subfolder `.A.B`."""
        folder = self._folder(name)
        self._name = name
        self._files = self._scanned(folder)
        return Folder(name, 0, len(self._files))

    def _folder(self, name: str) -> Path:
        parts = name.replace("/", ".").split(".")
        folder = self._root if name.upper() == INBOX else self._root / f".{'.'.join(parts)}"
        if not all(parts) or "\0" in name or not _has(folder, NEW) or not _has(folder, CUR):
            why = sentence("There is no maildir folder %1 in %2.", name, str(self._root))
            raise MailboxTrouble(why, lasting=True)
        return folder

    def _scanned(self, folder: Path) -> dict[str, _File]:
        """`new` first: a mail that is moved to `cur` meanwhile is found there."""
        found: dict[str, _File] = {}
        for part in (folder / NEW, folder / CUR):
            for file in self._attempt(_files, part):
                found[file.uid] = file
        ordered = sorted(found.values(), key=lambda file: (file.arrived_at, file.uid))
        return {file.uid: file for file in ordered}

    def listing(self, after: int = 0, most: int | None = None) -> list[Found]:
        """All mails that lie there now, oldest first."""
        self.folder(self._name)
        return [Found(file.uid, file.size, file.arrived_at) for file in self._files.values()]

    def since(self, day: date) -> list[Found]:
        """The mails that were written on this day, as this machine counts days, or later."""
        found = self.listing()
        return [one for one in found if one.arrived_at and one.arrived_at.date() >= day]

    def fetch(self, uids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """The files as they are; see `mailbox.Mailbox`."""
        for uid in uids:
            mail = self._where_it_lies(uid, lambda file: _content(file.path))
            if mail is not None:
                yield uid, mail

    def header(self, uid: str) -> bytes:
        """What comes before the first blank line, with it, of the first MiB."""
        header = self._where_it_lies(uid, lambda file: _header(file.path))
        return header or b""

    def wait(self, seconds: float, wake: socket.socket) -> bool:
        """Waits for nothing: a folder does not tell of new mails."""
        return False

    def dispose(self, uids: Sequence[str], how: Disposal) -> None:
        """Delete, move, or mark as seen, by the file's name; see `mailbox.Mailbox`."""
        if how.way is Way.KEEP or not uids:
            return
        target = self._folder(how.folder if how.way is Way.MOVE else self._name) / CUR
        for uid in uids:
            if how.way is Way.DELETE:
                self._where_it_lies(uid, lambda file: file.path.unlink())
            else:
                also = SEEN if how.way is Way.SEEN else ""
                self._where_it_lies(uid, partial(_rename, folder=target, also=also))

    def _where_it_lies(self, uid: str, action: Callable[[_File], T]) -> T | None:
        """Look again where its name has changed; None: it is there no more."""
        for is_again in (False, True):
            if is_again:
                self.folder(self._name)
            file = self._files.get(uid)
            if file is not None:
                try:
                    return self._attempt(action, file)
                except FileNotFoundError:
                    continue
        return None

    def _attempt(self, action: Callable[..., T], *values: object) -> T:
        try:
            return action(*values)
        except FileNotFoundError:
            raise
        except OSError as error:
            why = sentence("%1 cannot be used: %2.", str(self._root), error.strerror or "")
            raise MailboxTrouble(why, lasting=isinstance(error, PermissionError)) from error


def _has(folder: Path, part: str) -> bool:
    try:
        return (folder / part).is_dir()
    except (OSError, ValueError):  # closed to us; a name that no folder can have
        return False


def _files(folder: Path) -> list[_File]:
    """Regular files only: a link may lead anywhere, and a pipe keeps who reads it waiting."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or not entry.is_file(follow_symlinks=False):
                continue
            with suppress(FileNotFoundError):  # it went meanwhile
                found.append(_file(entry))
    return found


def _file(entry: os.DirEntry[str]) -> _File:
    status = entry.stat(follow_symlinks=False)
    unique = os.fsencode(entry.name.partition(":")[0]).decode(errors="backslashreplace")
    arrived_at = datetime.fromtimestamp(status.st_mtime, UTC).astimezone()
    return _File(unique, Path(entry.path), status.st_size, arrived_at)


def _opened(path: Path) -> int:
    """Not through a link that has taken its place, and not waiting for a pipe."""
    safely = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        handle = os.open(path, os.O_RDONLY | safely)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise FileNotFoundError from error
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise FileNotFoundError
    return handle


def _content(path: Path) -> bytes:
    with os.fdopen(_opened(path), "rb") as file:
        return file.read()


def _header(path: Path) -> bytes:
    with os.fdopen(_opened(path), "rb") as file:
        lines = []
        left = LONGEST_HEADER
        while left and (line := file.readline(left)):
            lines.append(line)
            left -= len(line)
            if line in (b"\n", b"\r\n"):
                break
        return b"".join(lines)


def _rename(file: _File, *, folder: Path, also: str) -> None:
    """Give it its name in `cur`, with its flags in the order that is demanded (ASCII)."""
    unique = file.path.name.partition(":")[0]
    file.path.rename(folder / f"{unique}:2,{''.join(sorted({*file.flags, *also}))}")
