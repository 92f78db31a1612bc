"""Opening a database with the settings that its promises need, and bringing its schema up to date.

One engine so far: SQLite. A second one stands here beside it.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase
from playhouse.migrations import MigrationError, Runner

from ace_server.errors import Unavailable
from ace_server.store.seam import Seam
from ace_server.store.tally import Tally

MIGRATIONS = Path(__file__).parent / "migrations"
FILE_NAME = "ace.sqlite"

SETTINGS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: a receipt survives a power cut; NORMAL may lose it
    "foreign_keys": 1,
    "busy_timeout": 5000,  # milliseconds
    "secure_delete": 1,  # what is erased is gone from the file (H-3)
    "cache_size": -32768,  # 32 MiB
}


class NewerSchema(Exception):
    """The database was made by a newer program; this one must not touch it."""


class Corrupt(Unavailable):
    """The database file is damaged; it was left as it is."""


class Sqlite(SqliteDatabase):
    """SQLite whose every statement, begin and commit passes the seam."""

    def __init__(self, path: Path, seam: Seam) -> None:
        # Where a connection is lost inside a transaction, nothing may open another behind its back.
        super().__init__(str(path), pragmas=SETTINGS, lock_type="IMMEDIATE", autoconnect=False)
        self._seam = seam
        self.tally = Tally()
        self.writer = "core"  # whose rows of the figures these are

    def execute_sql(self, sql: str, params: Sequence[Any] | None = None) -> Any:
        execute = super().execute_sql
        return self._seam.call("statement", lambda: execute(sql, params))  # type: ignore[no-untyped-call]  # its stub has no types

    def begin(self, lock_type: str | None = None) -> None:
        begin = super().begin
        self._seam.call("begin", lambda: begin(lock_type))

    def commit(self) -> None:
        self._seam.call("commit", super().commit)

    def settings(self) -> dict[str, Any]:
        """The settings as this connection has them."""
        return {name: self.pragma(name) for name in SETTINGS}


def connect(url: str, data: Path, seam: Seam) -> Sqlite:
    """The database of a URL (`sqlite:///PATH`; empty: the one in the data folder), not yet open."""
    match = re.fullmatch(r"sqlite:///(.+)", url)
    if match:
        return Sqlite(Path(match[1]), seam)
    if url:
        raise Unavailable("only sqlite:///… databases can be opened")
    return Sqlite(data / FILE_NAME, seam)


def migrate(database: Sqlite) -> None:
    """Bring the schema up to date, in one transaction a step, after a copy of the file (A-4)."""
    runner = Runner(database, str(MIGRATIONS))
    known = {migration.name for migration in runner.migrations()}
    applied = set(runner.applied())
    if newer := applied - known:
        raise NewerSchema(f"this database was made by a newer program (it has {max(newer)})")
    if applied and known - applied:
        _copy(database)
    try:
        runner.up()
    except MigrationError as error:
        raise Unavailable("the schema could not be brought up to date") from error


def make_file(database: Sqlite) -> None:
    """Make the file where there is none, for its owner alone; what SQLite puts beside it too."""
    os.close(os.open(database.database, os.O_CREAT | os.O_RDWR, 0o600))


def _copy(database: Sqlite) -> None:
    path = Path(database.database)
    copy = path.with_name(path.name + ".before-migration")
    copy.unlink(missing_ok=True)
    handle = os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
    try:
        database.execute_sql("VACUUM INTO ?", (str(copy),))  # whole, whoever reads meanwhile
        os.fsync(handle)
    finally:
        os.close(handle)
