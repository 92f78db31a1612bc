"""Where the server of a proof keeps its data, on each engine: made, copied, and looked into.

What differs between the engines in a proof stands here. Nothing here passes the store: what it sees
is true, whatever the store believes.
"""

import shutil
import sqlite3
from abc import ABC, abstractmethod
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from ace_server.server import NODE
from ace_server.store.engine import FILE_NAME
from ace_server.store.models import database
from tests.postgresql import Cluster

Rows = list[tuple[Any, ...]]

NO_LIMIT = 2**31 - 2
"""Pages, the most that SQLite knows."""


class Place(ABC):
    """A data folder, and the database that belongs to it."""

    def __init__(self, data: Path, url: str) -> None:
        self.data = data
        self.url = url

    @abstractmethod
    def select(self, query: str) -> Rows:
        """What is committed now."""

    @abstractmethod
    def damage(self) -> list[str]:
        """What is damaged in the database, or at odds with itself."""

    @abstractmethod
    def prepare_to_limit(self) -> None:
        """Before `limit`, in a place that has its schema."""

    @abstractmethod
    def limit(self, pages: int | None) -> None:
        """A job: let the database have so many pages more than it has; None: no limit any more."""

    @abstractmethod
    def is_migrating(self) -> bool:
        """Whether bringing the schema up to date has begun."""

    @abstractmethod
    def as_left(self) -> "Place":
        """The same as a kill left it, to look at: who starts next has to recover the original."""

    @abstractmethod
    def copy_to(self, data: Path) -> "Place":
        """The same once more, as a kill of whoever uses this one would leave it."""

    @abstractmethod
    def close(self) -> None:
        """Look no more for now: the database may go away."""

    def remove(self) -> None:
        """Nobody uses it any more."""
        self.close()
        shutil.rmtree(self.data, ignore_errors=True)


def copy_folder(data: Path, to: Path) -> None:
    """Copy a data folder that stays the same node, as its own start would find it."""
    shutil.copytree(data, to)
    node = to / NODE
    if node.exists():
        name, _, _ = node.read_text().partition(" ")
        node.write_text(f"{name} {to.stat().st_ino}")


class OnSqlite(Place):
    """A file in the data folder."""

    def __init__(self, data: Path) -> None:
        super().__init__(data, "")

    def select(self, query: str) -> Rows:
        file = self.data / FILE_NAME
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()

    def damage(self) -> list[str]:
        found = self.select("PRAGMA integrity_check") + self.select("PRAGMA foreign_key_check")
        return [str(row) for row in found if row != ("ok",)]

    def prepare_to_limit(self) -> None:
        """Nothing is to be done."""

    def limit(self, pages: int | None) -> None:
        (now,) = database.execute_sql("PRAGMA page_count").fetchone()
        most = NO_LIMIT if pages is None else now + pages
        database.execute_sql(f"PRAGMA max_page_count = {most}")

    def is_migrating(self) -> bool:
        return (self.data / f"{FILE_NAME}.before-migration").exists()

    def as_left(self) -> Place:
        to = self.data.with_name(f"{self.data.name}-left")
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir()
        for file in self.data.glob(f"{FILE_NAME}*"):
            shutil.copy2(file, to)
        return OnSqlite(to)

    def copy_to(self, data: Path) -> Place:
        copy_folder(self.data, data)
        return OnSqlite(data)

    def close(self) -> None:
        """It holds nothing."""


PAGE = 8192
LOG_FILE = 1024 * 1024
"""Bytes."""

GROWN = """
INSERT INTO contact (account, external_id, digest, entrance, state, received_as, task_type, queue,
    destination, personal, prio, subject, body, data, note, note_by, place, received_at,
    first_queued_at, ended_at)
SELECT 'loans', 'old-' || n, '', 'loans', 'ended', 'queued', '', '', 0, '', 5, '',
    repeat('x', 1800), '{}', '', '', nextval('place'), 1, 1, 1
FROM generate_series(1, 700) n;
INSERT INTO figure (at, kind, name, figure, writer, value)
VALUES (0, 'personal', '', 'ended', '', 700)
"""
"""Contacts that ended long ago, as the kept figures say, too; none long enough to be compressed."""

DAMAGED_INDEXES = """
SELECT bt_index_check(i.indexrelid, heapallindexed => true)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
WHERE a.amname = 'btree' AND c.relnamespace = 'public'::regnamespace
"""
DAMAGED_TABLES = """
SELECT c.relname, h.* FROM pg_class c, LATERAL verify_heapam(c.oid) h
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
"""
ORPHANS = """
SELECT 'history', id FROM history WHERE contact_id NOT IN (SELECT id FROM contact)
UNION ALL
SELECT 'attachment', contact_id FROM attachment WHERE contact_id NOT IN (SELECT id FROM contact)
"""


class OnPostgresql(Place):
    """A database of a cluster; attachments lie in the data folder here, too."""

    def __init__(self, data: Path, cluster: Cluster, name: str) -> None:
        super().__init__(data, cluster.url(name))
        self.cluster = cluster
        self._name = name
        self._connection: psycopg.Connection[Any] | None = None

    def select(self, query: str) -> Rows:
        if self._connection is None:
            self._connection = psycopg.connect(self.url, autocommit=True)
        return self._connection.execute(query).fetchall()

    def damage(self) -> list[str]:
        try:
            self.select(DAMAGED_INDEXES)
        except psycopg.errors.IndexCorrupted as error:
            return [str(error)]
        return [str(row) for row in self.select(DAMAGED_TABLES) + self.select(ORPHANS)]

    def prepare_to_limit(self) -> None:
        # The limit is one of files: this one has to be larger than those of the log.
        self.cluster.execute(GROWN, self._name)

    def limit(self, pages: int | None) -> None:
        pid, size = database.execute_sql(
            "SELECT pg_backend_pid(), pg_relation_size('contact')"
        ).fetchone()
        assert size > LOG_FILE
        self.cluster.limit_files(pid, None if pages is None else size + pages * PAGE)

    def is_migrating(self) -> bool:
        locks = "SELECT 1 FROM pg_locks JOIN pg_database d ON d.oid = database"
        mine = "locktype = 'advisory' AND datname = current_database()"
        return bool(self.select(f"{locks} WHERE {mine}"))

    def as_left(self) -> Place:
        return self  # to look at it changes nothing

    def copy_to(self, data: Path) -> Place:
        self.close()
        if self.data.exists():
            copy_folder(self.data, data)
        with self.cluster.without_users(self._name):
            return OnPostgresql(data, self.cluster, self.cluster.create(self._name))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def remove(self) -> None:
        super().remove()
        self.cluster.drop(self._name)


class Places:
    """Makes them on one engine, below one folder."""

    def __init__(self, folder: Path, cluster: Cluster | None) -> None:
        """`cluster`: where the databases are; None: in the data folders, on SQLite."""
        self._folder = folder
        self._cluster = cluster
        self._numbers = count(1)
        self._made: list[Place] = []

    def empty(self) -> Place:
        """One that nobody has used."""
        if self._cluster is None:
            return self._keep(OnSqlite(self._next()))
        name = self._cluster.create()
        self._cluster.execute("CREATE EXTENSION amcheck", name)
        return self._keep(OnPostgresql(self._next(), self._cluster, name))

    def copy(self, place: Place) -> Place:
        """One with the same content."""
        return self._keep(place.copy_to(self._next()))

    def remove(self, place: Place) -> None:
        """Nobody uses it any more."""
        self._made.remove(place)
        place.remove()

    def close(self) -> None:
        """Nobody uses any of them any more."""
        for place in self._made:
            place.remove()
        self._made.clear()

    def _next(self) -> Path:
        return self._folder / str(next(self._numbers)) / "data"

    def _keep(self, place: Place) -> Place:
        self._made.append(place)
        return place
