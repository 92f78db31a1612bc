"""What can befall a store, and a seam that lets it happen at the N-th call (T1)."""

import errno
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

import peewee
import psycopg
from psycopg.pq import TransactionStatus

from ace_server.store import Kind, Seam
from ace_server.store.models import database

T = TypeVar("T")

IN_DATABASE: frozenset[Kind] = frozenset({"begin", "statement", "commit"})
IN_FILES: frozenset[Kind] = frozenset({"write", "fsync", "rename"})


@dataclass(frozen=True)
class Fault:
    """One kind of trouble: the error that comes, and what became of the call that met it."""

    name: str
    database_error: peewee.PeeweeException
    file_error: OSError | None = None  # None: it befalls the database alone
    befalls: frozenset[Kind] = IN_DATABASE
    done_before: bool = False  # the call succeeded, and nobody learns of it
    database_does: Callable[[], None] = lambda: None

    def meet(self, kind: Kind, action: Callable[[], T]) -> T:
        """Fail a call of this kind."""
        if self.done_before:
            action()
        if kind in IN_FILES:
            assert self.file_error is not None
            raise self.file_error
        self.database_does()
        raise self.database_error


def _fail_transaction() -> None:
    """As an engine does by itself when the disk is full, or cannot be written."""
    if database.is_closed():
        return
    connection = database.connection()
    if isinstance(connection, sqlite3.Connection):
        connection.rollback()
    elif connection.info.transaction_status is TransactionStatus.INTRANS:
        with suppress(psycopg.Error):
            connection.execute("SELECT 1 / 0")


def _lose_connection() -> None:
    if not database.is_closed():
        database.connection().close()


BOTH = IN_DATABASE | IN_FILES

FAULTS = [
    Fault("locked", peewee.OperationalError("database is locked")),
    Fault(
        "I/O error",
        peewee.OperationalError("disk I/O error"),
        OSError(errno.EIO, "Input/output error"),
        BOTH,
    ),
    Fault(
        "full",
        peewee.OperationalError("database or disk is full"),
        OSError(errno.ENOSPC, "No space left on device"),
        BOTH,
        database_does=_fail_transaction,
    ),
    Fault(
        "connection lost",
        peewee.InterfaceError("the connection is closed"),
        database_does=_lose_connection,
    ),
    Fault(
        "unknown outcome",
        peewee.OperationalError("server closed the connection unexpectedly"),
        OSError(errno.EIO, "Input/output error"),
        frozenset({"commit", "fsync", "rename"}),
        done_before=True,
    ),
]

IS_LONG = bool(os.environ.get("ACE_LONG_PROOFS"))
"""Whether proofs take the time for everything."""

OF_A_SERVER = {"connection lost", "unknown outcome"}
"""What befalls an engine that is a process of its own: else the two do not differ."""


def is_proved(fault: Fault, engine: str, *, lasting: bool = False) -> bool:
    """Whether this run proves it on this engine: what SQLite shows as well is for the long one.

    So is a connection that stays lost: `test_kill` takes the whole server away.
    """
    if engine == "sqlite" or IS_LONG:
        return True
    return fault.name in OF_A_SERVER and not (lasting and fault.name == "connection lost")


class Failing(Seam):
    """Lets everything through, until `arm` says which call fails and how."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fault: Fault | None = None
        self._left = 0
        self._lasting = False
        self.fired = 0

    def arm(self, fault: Fault, number: int, *, lasting: bool) -> None:
        """The call with this number that the fault can befall, from now on, meets it.

        `lasting`: so do all after it. Otherwise it happens once.
        """
        with self._lock:
            self._fault, self._left, self._lasting, self.fired = fault, number, lasting, 0

    def disarm(self) -> int:
        """All is well from now on. How often the fault was met."""
        with self._lock:
            self._fault = None
            return self.fired

    def call(self, kind: Kind, action: Callable[[], T]) -> T:
        fault = self._due(kind)
        return action() if fault is None else fault.meet(kind, action)

    def _due(self, kind: Kind) -> Fault | None:
        with self._lock:
            fault = self._fault
            if fault is None or kind not in fault.befalls:
                return None
            self._left -= 1
            if self._left > 0 or (self._left < 0 and not self._lasting):
                return None
            self.fired += 1
            return fault
