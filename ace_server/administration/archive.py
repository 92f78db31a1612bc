"""A backup as one file: a zip with the rows of every table, the attachments, and a manifest.

Nothing here knows a database. What a file says of itself is checked before anybody gets it: names
never become paths, nothing is longer than was said before, and every digest is compared.
"""

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Self, cast

import msgspec

from ace_server.errors import Refused, Unavailable
from ace_server.store.tables import Row

FORMAT = 1
"""Of the file; a program reads those up to its own."""

MANIFEST = "manifest.json"
MOST_MANIFEST = 1024 * 1024
"""Bytes of a manifest."""

MOST_ROW = 256 * 1024 * 1024
"""Bytes of one row: what an item of the longest message may come to."""

CHUNK = 1024 * 1024
"""Bytes of an attachment in memory at a time."""

FAST = 1
"""Of zlib's levels: a server beside it wants the processor."""

_TABLE = "tables/{}.jsonl"
_ATTACHMENT = re.compile(r"attachments/([0-9a-f]{64})")
_ENCRYPTED = 0x1
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError)

NOT_ONE = "is not a backup of this program"


class Contents(msgspec.Struct, frozen=True):
    """A table in a file: a JSON array a line, its values in the order of `columns`."""

    columns: list[str]
    rows: int
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, rename="camel"):
    """What a file says of itself."""

    format: int
    program: str  # the version that made it
    engine: str
    schema: list[str]  # the migrations, in their order
    made_at: datetime  # of the moment whose state it holds
    tables: dict[str, Contents]
    attachments: int
    attachment_bytes: int

    def size(self) -> int:
        """Bytes of all that is in it."""
        return self.attachment_bytes + sum(table.bytes for table in self.tables.values())


class _Format(msgspec.Struct):
    """All that is read of a manifest before it is known to be of a form that can be read."""

    format: int


class Writer:
    """Writes a file from its beginning to its end; the manifest is the last."""

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST)
        self._tables: dict[str, Contents] = {}
        self._attachments = self._bytes = 0

    def table(self, name: str, columns: list[str], rows: Iterable[Row]) -> None:
        """Add a table. Raises Unavailable where the file cannot be written."""
        digest, count, size = hashlib.sha256(), 0, 0
        encode = msgspec.json.Encoder().encode
        with self._member(_TABLE.format(name)) as write:
            for row in rows:
                line = encode(row) + b"\n"
                digest.update(line)
                count, size = count + 1, size + len(line)
                write(line)
        self._tables[name] = Contents(columns, count, size, digest.hexdigest())

    def attachment(self, digest: str, chunks: Iterable[bytes]) -> None:
        """Add a file of this digest. Raises Unavailable; Refused where it has another."""
        found = hashlib.sha256()
        with self._member(f"attachments/{digest}", zipfile.ZIP_STORED) as write:
            for chunk in chunks:
                found.update(chunk)
                self._bytes += len(chunk)
                write(chunk)
        if found.hexdigest() != digest:
            raise Refused("damaged", "its content is not what came in")
        self._attachments += 1

    def finish(self, program: str, engine: str, schema: list[str], made_at: datetime) -> Manifest:
        """Write the manifest. Raises Unavailable."""
        manifest = Manifest(
            FORMAT,
            program,
            engine,
            schema,
            made_at,
            self._tables,
            self._attachments,
            self._bytes,
        )
        with self._member(MANIFEST) as write:
            write(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        with _writing():
            self._zip.close()
        return manifest

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # of a file that is given up
            self._zip.close()

    @contextmanager
    def _member(
        self, name: str, compression: int = zipfile.ZIP_DEFLATED
    ) -> Iterator[Callable[[bytes], object]]:
        info = zipfile.ZipInfo(name)
        info.compress_type = compression
        info.external_attr = 0o600 << 16
        with _writing():
            member = self._zip.open(info, "w", force_zip64=True)
        buffered = io.BufferedWriter(cast(io.RawIOBase, member), CHUNK)

        def write(piece: bytes) -> None:
            with _writing():
                buffered.write(piece)

        try:
            yield write
        finally:
            with _writing():
                buffered.close()


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"the backup cannot be written: {error.strerror}") from error


class Reader:
    """A file that was checked as far as it can be without reading all of it."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        """`name`: what to call it. Raises Refused where it is none, damaged, or of a newer form."""
        self._name = name
        with self._reading():
            self._zip = zipfile.ZipFile(file)
        self._members = self._listed()
        self.manifest = self._manifest()
        self._check()

    def rows(self, name: str, decoder: "msgspec.json.Decoder[Row]") -> Iterator[Row]:
        """The rows of a table. Raises Refused, at the latest behind the last one."""
        table = self.manifest.tables[name]
        digest, count = hashlib.sha256(), 0
        with self._reading(), self._zip.open(_TABLE.format(name)) as member:
            lines = io.BufferedReader(cast(io.RawIOBase, member), CHUNK)
            while line := lines.readline(MOST_ROW):
                digest.update(line)
                count += 1
                yield decoder.decode(line)
        if (count, digest.hexdigest()) != (table.rows, table.sha256):
            raise self._damaged(f"table {name} is not as it was written")

    def attachments(self) -> list[str]:
        """The digest of each attachment, in order."""
        found = (_ATTACHMENT.fullmatch(name) for name in self._members)
        return sorted(match[1] for match in found if match)

    def attachment(self, digest: str) -> Iterator[bytes]:
        """An attachment, in pieces; whether it has its digest, the taker knows. Raises Refused."""
        with self._reading(), self._zip.open(f"attachments/{digest}") as member:
            while chunk := member.read(CHUNK):
                yield chunk

    def _listed(self) -> dict[str, zipfile.ZipInfo]:
        members = {info.filename: info for info in self._zip.infolist()}
        if MANIFEST not in members or members[MANIFEST].file_size > MOST_MANIFEST:
            raise Refused("no-backup", f"{self._name} {NOT_ONE}")
        if len(members) != len(self._zip.infolist()):
            raise self._damaged("something is in it twice")
        return members

    def _manifest(self) -> Manifest:
        with self._reading():
            raw = self._zip.read(MANIFEST)
            found = msgspec.json.decode(raw, type=_Format).format
            if found <= FORMAT:
                return msgspec.json.decode(raw, type=Manifest)
        raise Refused(
            "newer", f"{self._name} was made by a newer program; restore it with that version"
        )

    def _check(self) -> None:
        """Every member is one that the manifest promises, of the length that it says."""
        sizes = {name: info.file_size for name, info in self._members.items()}
        attached = [sizes.pop(f"attachments/{digest}") for digest in self.attachments()]
        del sizes[MANIFEST]
        if sizes != {_TABLE.format(name): one.bytes for name, one in self.manifest.tables.items()}:
            raise self._damaged("what is in it is not what its manifest says")
        if (len(attached), sum(attached)) != (
            self.manifest.attachments,
            self.manifest.attachment_bytes,
        ):
            raise self._damaged("attachments are missing or were added")
        for info in self._members.values():
            if info.flag_bits & _ENCRYPTED:
                raise self._damaged("it is encrypted")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except _BROKEN as error:
            raise Refused("no-backup", f"{self._name} {NOT_ONE}, or is damaged") from error
        except (msgspec.MsgspecError, RecursionError) as error:
            raise self._damaged(f"it holds what cannot be: {error}") from error
        except OSError as error:
            raise Unavailable(f"{self._name} cannot be read: {error.strerror}") from error

    def _damaged(self, what: str) -> Refused:
        return Refused("damaged", f"{self._name} is damaged: {what}; take another backup file")


@contextmanager
def opened(path: Path) -> Iterator[Reader]:
    """A backup to read. Raises Refused where it is none or is damaged."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise Refused("no-file", f"{path} cannot be read: {error.strerror}") from error
    with file:
        yield Reader(file, str(path))


def is_one(path: Path) -> bool:
    """Whether a file is a backup, perhaps of a newer program or damaged, and nothing else."""
    try:
        with zipfile.ZipFile(path) as found:
            return MANIFEST in found.namelist()
    except (OSError, *_BROKEN):
        return False


def pieces(path: Path) -> Iterator[bytes]:
    """A file, a part at a time. Raises OSError."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk
