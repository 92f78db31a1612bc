"""SQLite: the engine of one machine, a file in the data folder."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase

from ace_server.errors import Unavailable
from ace_server.store.contract import Engine, Sign
from ace_server.store.files import give_second_name, sync_folder
from ace_server.store.seam import Seam

FILE_NAME = "ace.sqlite"

IN_THE_MAKING = ".restoring"
BESIDE = ("-wal", "-shm")
"""What SQLite may keep beside a file; only together with it are they a database."""

PATIENCE = 5.0
"""Seconds that somebody who has the file open is waited for."""

SETTINGS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a receipt survives a power cut; NORMAL may lose it
    "foreign_keys": 1,
    "busy_timeout": 5000,  # milliseconds
    "secure_delete": 1,  # what is erased is gone from the file (H-3)
    "cache_size": -32768,  # 32 MiB
}


LOOK_EVERY = 0.1
"""Seconds between two looks for what another process stored: SQLite tells nobody."""

LOOKS = {
    # The contact, not the row: where a table is empty SQLite gives out the same ids again.
    Sign.NEWS: "(SELECT COALESCE(MAX(contact), 0) || ':' || COUNT(*) FROM news)",
    Sign.CONFIGURATION: "(SELECT value FROM counter WHERE name = 'configuration')",
    Sign.LEASE: "(SELECT COALESCE(MAX(fence || holder), '') FROM lease)",
}


class Sqlite(Engine, SqliteDatabase):
    """One file, and what SQLite puts beside it."""

    def __init__(self, path: Path, seam: Seam) -> None:
        super().__init__(str(path), seam, pragmas=SETTINGS, lock_type="IMMEDIATE")

    def begin_reading(self) -> None:
        self.execute_sql("BEGIN DEFERRED")

    def has_transaction(self) -> bool:
        connection: sqlite3.Connection = self.connection()  # type: ignore[no-untyped-call]  # its stub has no types
        return connection.in_transaction

    def settings(self) -> dict[str, Any]:
        return {name: self.pragma(name) for name in SETTINGS}

    def weaknesses(self) -> list[str]:
        found = self.settings()
        if found != SETTINGS:  # a file system that cannot do it
            raise Unavailable(f"the database does not keep its settings: {found}")
        return []

    def tell(self, sign: Sign) -> None:
        """Nobody can be woken: who listens looks by itself."""

    def hear(self, signs: frozenset[Sign], stopped: threading.Event) -> Iterator[None]:
        looks = " || '/' || ".join(LOOKS[sign] for sign in sorted(signs))
        connection = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro", uri=True)
        with closing(connection):
            before = None
            while not stopped.wait(LOOK_EVERY):
                found = connection.execute(f"SELECT {looks}").fetchone()
                if found != before:
                    before = found
                    yield

    def exists(self) -> bool:
        return Path(self.database).is_file()

    def make(self) -> None:
        """Make the file for its owner alone; what SQLite puts beside it too."""
        os.close(os.open(self.database, os.O_CREAT | os.O_RDWR, 0o600))

    def before_migration(self, *, is_new: bool) -> None:
        """Copy the file; its lock keeps others out of each step."""
        if is_new:
            return
        copy = self._copy()
        copy.unlink(missing_ok=True)
        handle = os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            self.execute_sql("VACUUM INTO ?", (str(copy),))  # whole, whoever reads meanwhile
            os.fsync(handle)
        finally:
            os.close(handle)

    def after_migration(self) -> None:
        """The copy stays."""

    def _copy(self) -> Path:
        return self._path.with_name(self._path.name + ".before-migration")

    @property
    def _path(self) -> Path:
        return Path(self.database)

    def faults(self) -> list[str]:
        damaged = [text for (text,) in self.execute_sql("PRAGMA integrity_check").fetchall()]
        loose = self.execute_sql("PRAGMA foreign_key_check").fetchall()
        return [text for text in damaged if text != "ok"] + [
            f"row {row} of {table} refers to a row of {other} that is not there"
            for table, row, other, _ in loose
        ]

    def folder(self) -> Path | None:
        return self._path.parent

    def holds_something(self) -> bool:
        return any(one.exists() and one.stat().st_size for one in _files(self._path))

    def demand_alone(self) -> None:
        if self._path.exists():
            _gather(self._path)

    def in_the_making(self) -> "Sqlite":
        return Sqlite(self._path.with_name(self._path.name + IN_THE_MAKING), self._seam)

    def clear(self) -> None:
        for left in (*_files(self._path), self._copy()):
            left.unlink(missing_ok=True)

    def kept_as(self, stamp: str) -> str:
        return str(self._path.with_name(f"{self._path.name}.{stamp}"))

    def give_way(self, other: Engine, stamp: str) -> None:
        new = Path(other.database)
        self._sync(new)
        self.demand_alone()
        if self.holds_something():
            kept = _files(Path(self.kept_as(stamp)))
            for file, other_name in zip(_files(self._path), kept, strict=True):
                if file.exists():
                    give_second_name(file, other_name, self._seam)
            self._seam.call("fsync", lambda: sync_folder(new.parent))
        for left in _files(self._path)[1:]:  # where it is damaged: else it has none now
            left.unlink(missing_ok=True)
        self._seam.call("rename", lambda: new.replace(self._path))
        self._seam.call("fsync", lambda: sync_folder(new.parent))

    def _sync(self, path: Path) -> None:
        handle = os.open(path, os.O_RDWR)
        try:
            self._seam.call("fsync", lambda: os.fsync(handle))
        finally:
            os.close(handle)

    def damage(self, error: Exception) -> str:
        text = str(error)
        return text if "malformed" in text or "not a database" in text else ""


def _files(path: Path) -> list[Path]:
    return [path, *(path.with_name(path.name + ending) for ending in BESIDE)]


def _gather(path: Path) -> None:
    """Bring what a database keeps beside its file into it, so that one rename replaces all of it.

    A damaged one stays as it is. Raises Unavailable where somebody has it open.
    """
    with closing(sqlite3.connect(path, PATIENCE, isolation_level=None)) as connection:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                return
            mode = "locked"
    if mode != "delete":
        raise Unavailable(f"somebody reads {path}; try again when that has ended")
