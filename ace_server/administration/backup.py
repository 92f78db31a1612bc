"""Backup and restore: one moment of a store as one file, and a store made of such a file.

A backup is read in one transaction beside the running server, of whatever engine, and holds
everything but the log-ins. A restored store takes the place of another in one step, and starts as
after a restart. The form of the file is the matter of `archive`.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import IO, Annotated

import msgspec
from msgspec import Meta

from ace_server import VERSION
from ace_server.administration import archive, running
from ace_server.administration.archive import Reader, Writer
from ace_server.attachments import put
from ace_server.errors import Refused, Unavailable
from ace_server.store import (
    Files,
    Seam,
    Store,
    audit,
    directory,
    engine,
    named,
    outgoing,
    pieces,
    tables,
)
from ace_server.store.files import sync_folder
from ace_server.store.reading import looking, reading, writing
from ace_server.store.successor import Successor
from ace_server.store.tables import Row, Table

TAKEN, RESTORED = "backed up", "restored"
"""What the audit calls them."""

ROOM = 3
"""How many times the bytes of its rows a database may need: indexes, and its log."""

STAMP = "replaced-%Y%m%dT%H%M%SZ"
"""In the names of what a restore has replaced."""

Tell = Callable[[str, int, int], None]
"""Told of progress: of what, how many are done, how many there are."""


def _silent(what: str, done: int, of: int) -> None: ...


class Taken(msgspec.Struct, frozen=True):
    """A backup that is complete."""

    file: str
    made_at: datetime
    contacts: int
    attachments: int
    size: int  # bytes
    not_in_audit: str  # why the source's audit does not hold that it was taken; empty: it does


class Restored(msgspec.Struct, frozen=True):
    """A store that was made of a backup."""

    made_at: datetime
    contacts: int
    attachments: int
    kept: list[str]  # what was there before
    notes: list[str]


# Backup


def take(data: Path, url: str, file: Path, now: datetime, tell: Tell = _silent) -> Taken:
    """Write the store as it is at one moment to a file, which is there as a whole or not at all.

    A backup that has this name is replaced. Raises Unavailable or Refused.
    """
    file = file.absolute()
    if file.exists() and not archive.is_one(file):
        raise Refused("exists", f"{file} is there and is no backup; give another name")
    with _whole_or_absent(file) as out, Writer(out) as writer:
        with reading(data, url):
            made_of = tables.engine_name(), tables.schema()
            for table in tables.everything():
                names = [column.name for column in table.columns]
                writer.table(table.name, names, _counted(tables.rows(table), table, tell))
            kept = list(named.files())
            keeps_files = tables.keeps_files()
        with looking(data, url) if keeps_files else nullcontext():
            _take_attachments(kept, Files(data, Seam()), writer, tell)
        manifest = writer.finish(VERSION, *made_of, now)
    found = manifest.tables["contact"].rows
    detail = f"{found} contacts, {manifest.attachments} attachments"
    return Taken(
        str(file),
        now,
        found,
        manifest.attachments,
        file.stat().st_size,
        _note(data, url, now, str(file), detail),
    )


@contextmanager
def _whole_or_absent(file: Path) -> Iterator[IO[bytes]]:
    """A file for its owner alone that gets its name once it is complete and durable."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    try:
        out = os.fdopen(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b")
    except OSError as error:
        raise Refused("no-file", f"{file} cannot be written: {error.strerror}") from error
    try:
        with out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        part.replace(file)
        sync_folder(file.parent)
    except OSError as error:
        raise Unavailable(f"{file} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _counted(rows: Iterator[Row], table: Table, tell: Tell) -> Iterator[Row]:
    of = tables.count(table)
    for done, row in enumerate(rows, 1):
        tell(table.name, done, of)
        yield row


def _take_attachments(
    kept: list[tuple[str, str]], files: Files, writer: Writer, tell: Tell
) -> None:
    for done, (digest, owner) in enumerate(kept, 1):
        path = files.path(digest)
        try:
            writer.attachment(digest, _content(digest, path))
        except OSError as error:
            raise _lost(path, owner, f"cannot be read: {error.strerror}") from error
        except Refused as refused:
            raise _lost(path, owner, f"is damaged: {refused.reason}") from refused
        tell("attachments", done, len(kept))


def _content(digest: str, path: Path) -> Iterator[bytes]:
    """The file in the data folder; where the database keeps files and that one is not as it came
    in, what the database has.
    """
    if tables.keeps_files() and not _is_whole(digest, path) and not pieces.missing([digest]):
        return pieces.content(digest)
    return archive.pieces(path)


def _is_whole(digest: str, path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == digest
    except OSError:
        return False


def _lost(path: Path, owner: str, what: str) -> Refused:
    reason = f"a file of {owner} {what}; put {path} back from an earlier backup"
    return Refused("attachment", reason)


class Note(msgspec.Struct, frozen=True):
    """That a backup was taken, as the running server is told."""

    at: Annotated[datetime, Meta(tz=True)]
    file: str
    detail: str


def _note(data: Path, url: str, at: datetime, file: str, detail: str) -> str:
    """Let the audit hold it; why it does not, where that cannot be."""
    one = Note(at, file if file.isprintable() else ascii(file), detail)

    def through(server: running.Running) -> None:
        text = msgspec.json.encode(one).decode()
        status, answer = running.ask(server, "POST", "/control/backed-up", text)
        if status != 200:
            raise Unavailable(f"the running server answers {status}")

    def alone() -> None:
        with writing(data, url):
            note(one)

    try:
        running.through_or_alone(data, through, alone)
    except (Unavailable, Refused, OSError) as error:
        return str(error)
    return ""


def read_note(raw: bytes) -> Note:
    """What the running server was told. Raises Refused."""
    try:
        return msgspec.json.decode(raw, type=Note)
    except msgspec.MsgspecError as error:
        raise Refused("invalid", f"not the note of a backup: {error}") from error


def note(one: Note) -> None:
    """Write it into the audit; a job."""
    audit.record(one.at, "backup", TAKEN, one.file, detail=one.detail)


# Restore


def restore(
    data: Path,
    url: str,
    file: Path,
    now: datetime,
    *,
    replace: bool = False,
    seam: Seam | None = None,
    tell: Tell = _silent,
) -> Restored:
    """Make a store of a backup, brought up to today's schema, and put it in the place of any other.

    The other is only put aside, and only with `replace`. Whenever this is cut off, the old store or
    the new one is in place as a whole. Raises Unavailable or Refused; then nothing has changed.
    """
    with archive.opened(file) as backup:
        _demand_schema(backup)
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with running.alone(data):
            successor = Successor(data, url, seam)
            has_other = successor.has_predecessor()
            if has_other and not replace:
                raise Refused(
                    "exists",
                    f"{data} holds a store already; restore into another folder with --data, "
                    "or give --replace to put this one aside",
                )
            _demand_room(backup, data, successor.folder() or data)
            try:
                return _restore(backup, successor, data, now, has_other, seam or Seam(), tell)
            finally:
                successor.discard()


def _demand_schema(backup: Reader) -> None:
    known, wanted = engine.migrations(), backup.manifest.schema
    if newer := [name for name in wanted if name not in known]:
        raise Refused(
            "newer",
            f"this backup was made by a newer program (it has {newer[-1]}); restore it with "
            f"version {backup.manifest.program}, or newer",
        )
    if not wanted or wanted != known[: len(wanted)]:
        raise Refused("damaged", "the backup is damaged: it names no schema that there ever was")


def _demand_room(backup: Reader, *folders: Path) -> None:
    attached = backup.manifest.attachment_bytes
    needed = attached + ROOM * (backup.manifest.size() - attached)
    for folder in folders:
        free = shutil.disk_usage(folder).free
        if needed > free:
            raise Refused(
                "no-room", f"{folder} has {free:,} bytes free, the backup needs up to {needed:,}"
            )


def _restore(
    backup: Reader,
    successor: Successor,
    data: Path,
    now: datetime,
    has_other: bool,
    seam: Seam,
    tell: Tell,
) -> Restored:
    store, manifest = successor.store, backup.manifest
    successor.begin(manifest.schema[-1])
    store.perform(_fill, backup, tell)
    successor.complete()
    store.perform(tables.continue_numbers)
    store.perform(_demand_attachments, backup)
    store.perform(_demand_configuration)
    notes = list(_broken_audit(store.perform(audit.first_broken)))
    notes += _unsent(store.perform(outgoing.doubt, now))

    files = Files(data, seam)
    files.discard_drafts()
    stamp, aside = _free_names(data, now)
    found = manifest.tables["contact"].rows
    detail = f"of {manifest.made_at:%Y-%m-%d %H:%M:%SZ}, {found} contacts"
    if has_other:
        detail += f"; what was there is kept as {stamp}"
    try:
        if has_other:
            files.keep_aside(aside)
        _put_attachments(backup, store, files, tell)
        store.perform(audit.record, now, "restore", RESTORED, detail=detail)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)  # second names, and the first ones are all there
        raise
    successor.put_in_place(stamp)
    kept = [successor.kept_as(stamp), str(aside)] if has_other else []
    return Restored(manifest.made_at, found, manifest.attachments, kept, notes)


def _fill(backup: Reader, tell: Tell) -> None:
    """Put the rows of a backup into a database of its schema; a job."""
    found = tables.everything()
    if {table.name for table in found} != set(backup.manifest.tables):
        raise Refused("damaged", "the backup is damaged: it has other tables than its schema")
    for table in found:
        contents = backup.manifest.tables[table.name]
        rows = backup.rows(table.name, tables.decoder(table, contents.columns))
        tables.put(table, contents.columns, _told(rows, table.name, contents.rows, tell))
        if tables.count(table) != contents.rows:
            raise Refused("damaged", f"the backup is damaged: rows of {table.name} are missing")


def _told(rows: Iterator[Row], name: str, of: int, tell: Tell) -> Iterator[Row]:
    for done, row in enumerate(rows, 1):
        tell(name, done, of)
        yield row


def _demand_attachments(backup: Reader) -> None:
    """The files in a backup are those that its contacts have; a job."""
    if sorted(digest for digest, _ in named.files()) != backup.attachments():
        raise Refused(
            "damaged", "the backup is damaged: it has other attachments than its contacts"
        )


def _demand_configuration() -> None:
    """A server can read the configuration, or it would not start; a job."""
    try:
        directory.load()
    except msgspec.MsgspecError as error:
        reason = f"the backup is damaged: its configuration cannot be read: {error}"
        raise Refused("damaged", reason) from error


def _broken_audit(row: int | None) -> Iterator[str]:
    if row is not None:
        yield f"the audit in the backup is not whole: row {row} was changed, removed or inserted"


def _unsent(count: int) -> Iterator[str]:
    if count:
        yield (
            f"{count} mails were waiting to be sent, and may have been sent since: they are not "
            "sent by themselves; a supervisor sees them in Pulse and decides"
        )


def _free_names(data: Path, now: datetime) -> tuple[str, Path]:
    """For what was there: the end of the database's name, and where its attachments go."""
    for number in count(1):
        stamp = f"{now:{STAMP}}" + (f"-{number}" if number > 1 else "")
        aside = data / f"attachments.{stamp}"
        if not aside.exists():
            return stamp, aside
    raise AssertionError("there is no last number")


def _put_attachments(backup: Reader, store: Store, files: Files, tell: Tell) -> None:
    found = backup.attachments()
    for done, digest in enumerate(found, 1):
        draft = files.draft()
        try:
            for piece in backup.attachment(digest):
                draft.write(piece)
            if draft.digest() != digest:
                raise Refused("damaged", f"the backup is damaged: attachment {digest} is")
            draft.keep()
        finally:
            draft.discard()
        put(store, digest)
        tell("attachments", done, len(found))
