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
from ace_server.store.seam import Seam

FILE_NAME = "ace.sqlite"

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
    Sign.NEWS: "(SELECT COALESCE(MAX(id), 0) || ':' || COUNT(*) FROM news)",
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
        connection = sqlite3.connect(f"{Path(self.database).as_uri()}?mode=ro", uri=True)
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
        path = Path(self.database)
        copy = path.with_name(path.name + ".before-migration")
        copy.unlink(missing_ok=True)
        handle = os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            self.execute_sql("VACUUM INTO ?", (str(copy),))  # whole, whoever reads meanwhile
            os.fsync(handle)
        finally:
            os.close(handle)

    def after_migration(self) -> None:
        """The copy stays."""

    def damage(self, error: Exception) -> str:
        text = str(error)
        return text if "malformed" in text or "not a database" in text else ""
