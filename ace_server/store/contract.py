"""What a store asks of a database engine; one module implements it for each engine.

The statements of the jobs are the same for all. Nothing here opens anything.
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from peewee import Database, __exception_wrapper__  # type: ignore[attr-defined]  # not in its stub

from ace_server.errors import Unavailable
from ace_server.store.seam import Seam
from ace_server.store.tally import Tally


class NewerSchema(Exception):
    """The database was made by a newer program; this one must not touch it."""


class Corrupt(Unavailable):
    """The database is damaged; it was left as it is."""


class Fenced(Unavailable):
    """Another process leads now: nothing that this one would change is changed any more."""


class Sign(StrEnum):
    """What a process may have to look for because another one stored it."""

    NEWS = "ace_news"  # a contact was taken in
    CONFIGURATION = "ace_configuration"
    LEASE = "ace_lease"  # the core came or went


class Engine(ABC, Database):
    """A Peewee database whose every statement, begin and commit passes the seam."""

    keeps_files = False  # attachments, too, because other machines have to find them (`pieces`)

    def __init__(self, name: str, seam: Seam, **options: Any) -> None:
        # Where a connection is lost inside a transaction, nothing may open another behind its back.
        super().__init__(name, autoconnect=False, **options)
        self._seam = seam
        self.tally = Tally()
        self._lines: dict[str, list[Sequence[Any]]] = {}
        self.writer = "core"  # whose rows of the figures these are
        self.fence = 0  # of the lease that everything here is done under; 0: under none

    def execute_sql(self, sql: str, params: Sequence[Any] | None = None) -> Any:
        return self._seam.call("statement", partial(self._execute, sql, params or ()))

    def _execute(self, sql: str, params: Sequence[Any]) -> Any:
        # Not by way of Peewee, which takes as long to come to this as many a statement takes.
        try:
            return self.cursor().execute(sql, params)  # type: ignore[no-untyped-call]  # its stub has no types
        except Exception:
            with __exception_wrapper__:
                raise

    def add_line(self, sql: str, values: Sequence[Any]) -> None:
        """Do a statement without a result later in this transaction, with others that are the same.

        Who reads what it writes has all of them done before (`write_lines`), and so has who writes
        what it reads.
        """
        self._lines.setdefault(sql, []).append(values)

    def write_lines(self) -> None:
        """Do what was left for later."""
        lines, self._lines = self._lines, {}
        for sql, rows in lines.items():
            self.execute_many(sql, rows)

    def drop_lines(self) -> None:
        """Leave undone what was left for later."""
        self._lines.clear()

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Do one statement for each of these rows of values, at once."""
        self._seam.call("statement", partial(self._execute_many, sql, rows))

    def _execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        with __exception_wrapper__:
            self.cursor().executemany(sql, rows)  # type: ignore[no-untyped-call]  # its stub has no types

    def begin(self, kind: Any = None) -> None:
        """Begin a transaction that may write; `kind` is the engine's own, and best left alone."""
        begin: Any = super().begin  # each engine has an argument of its own
        self._seam.call("begin", lambda: begin(kind))

    def commit(self) -> None:
        self._seam.call("commit", super().commit)

    def begin_job(self, *, is_first: bool) -> None:
        """Let what one job does be undone without the others of its transaction."""
        if not is_first:
            self.execute_sql("RELEASE job")
        self.execute_sql("SAVEPOINT job")
        self.tally.begin_job()

    def undo_job(self) -> None:
        """Undo what was done since the job began, and was not written yet."""
        self.drop_lines()
        self.tally.undo_job()
        self.execute_sql("ROLLBACK TO job")

    @abstractmethod
    def begin_reading(self) -> None:
        """Begin a transaction that sees one state of things, however long it reads."""

    @abstractmethod
    def has_transaction(self) -> bool:
        """Whether the connection is inside a transaction, or cannot say."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """The settings that promises rest on, as this connection has them (A-5, A-6)."""

    @abstractmethod
    def weaknesses(self) -> list[str]:
        """What of the settings could break a promise and is the site's to mend, in sentences.

        Raises Unavailable where a setting that is ours is not kept.
        """

    @abstractmethod
    def tell(self, sign: Sign) -> None:
        """Let other processes hear of it when the transaction is committed."""

    @abstractmethod
    def hear(self, signs: frozenset[Sign], stopped: threading.Event) -> Iterator[None]:
        """Yield whenever one of these signs may have been given, until it is `stopped`.

        On a connection of its own, in the calling thread.
        """

    @abstractmethod
    def exists(self) -> bool:
        """Whether there is something to read, without making it."""

    @abstractmethod
    def make(self) -> None:
        """Make the database where there is none, if this engine can."""

    @abstractmethod
    def before_migration(self, *, is_new: bool) -> None:
        """Keep what a migration could lose, and other processes out of it (A-4)."""

    @abstractmethod
    def after_migration(self) -> None:
        """Let others in again, whatever became of the migration."""

    @abstractmethod
    def faults(self) -> list[str]:
        """What is damaged, and which rows refer to nothing, where the engine can tell."""

    # One database in the place of another

    @abstractmethod
    def folder(self) -> Path | None:
        """Where its files lie, if they lie on this machine."""

    @abstractmethod
    def holds_something(self) -> bool:
        """Whether anything would be lost if another took its place."""

    @abstractmethod
    def demand_alone(self) -> None:
        """Raise Unavailable where somebody else uses it."""

    @abstractmethod
    def in_the_making(self) -> "Engine":
        """The one that is made beside this one, to take its place."""

    @abstractmethod
    def clear(self) -> None:
        """Remove all of it; for one in the making only."""

    @abstractmethod
    def kept_as(self, stamp: str) -> str:
        """What this one is called once another has its place."""

    @abstractmethod
    def give_way(self, other: "Engine", stamp: str) -> None:
        """Let the other one, complete and closed, take the place of this one, which is kept.

        Whenever this ends or is cut off, the one or the other is in place as a whole. Raises
        Unavailable where somebody else uses it.
        """

    @abstractmethod
    def damage(self, error: Exception) -> str:
        """What is damaged, where an error says that something is; else nothing (A-8)."""
