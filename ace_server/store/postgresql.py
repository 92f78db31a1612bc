"""PostgreSQL: the engine of many machines, reached through psycopg 3.

Where it differs from its twin in `sqlite`, the reason stands here.
"""

import logging
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from peewee import IntegrityError, OperationalError, PostgresqlDatabase

from ace_server.errors import Unavailable
from ace_server.store.contract import Engine, Sign
from ace_server.store.seam import Seam
from ace_server.tls import is_loopback

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict
    from psycopg.pq import Conninfo
except ImportError:  # an extra: a site on one machine need not have it
    IS_INSTALLED = False
else:
    IS_INSTALLED = True

SETTINGS = ("synchronous_commit", "fsync", "full_page_writes")
"""Without one of these a power cut may lose what a receipt was given for (A-6)."""

OPTIONS = " ".join(
    f"-c {option}"
    for option in (
        "timezone=UTC",
        "client_min_messages=warning",
        "lock_timeout=5s",  # as SQLite's busy_timeout
        "idle_in_transaction_session_timeout=20s",  # who hangs does not hold others up for long
        "tcp_keepalives_idle=10",  # seconds: the server notices, too, who vanished
        "tcp_keepalives_interval=5",
        "tcp_keepalives_count=3",
        "tcp_user_timeout=25s",  # also while an answer is on its way
    )
)

CONNECTION = {
    "connect_timeout": 5,  # seconds, like those below: a server that vanished is noticed
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,  # milliseconds; of what was sent and is not confirmed
}

LISTEN_FOR = 0.1
"""Seconds after which it is seen whether to go on listening."""

CHECKED = "verify-full"
"""The `sslmode` that proves who answers, and the only one without doubt over a network (G-6)."""

MIGRATING = 2_026_112_601
"""The advisory lock of the process that brings the schema up to date."""

PATIENCE = 5.0
"""Seconds that another program which is connected is waited for."""

IN_THE_MAKING = "ace_restoring"
"""The schema that a database is made in which is to take the place of another."""

OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend'
"""

FREE_SEQUENCES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'S' AND n.nspname = %s AND NOT EXISTS (
        SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype IN ('a', 'i')
    )
"""
"""Those that are no column's: a column's own go where its table goes."""

DAMAGED = ("XX001", "XX002")
"""SQLSTATE of a damaged table, and of a damaged index."""


class Postgresql(Engine, PostgresqlDatabase):
    """One database of a PostgreSQL server, in its default schema unless told otherwise."""

    keeps_files = True  # its machines share nothing else; SQLite has one machine and one folder

    def __init__(self, url: str, seam: Seam, schema: str = "") -> None:
        """Raises Unavailable for a URL that cannot, or must not, be used."""
        if not IS_INSTALLED:
            raise Unavailable(
                "psycopg is not installed; it comes with"
                " pip install 'ace-contact-handling[postgresql]'"
            )
        url = f"postgresql://{url.partition('://')[2]}"  # Peewee knows one of the two schemes
        named = _named(url)
        super().__init__(
            url,
            seam,
            prefer_psycopg3=True,
            options=_options(named, schema),
            **CONNECTION,
            **_tls(named),
            **_primary(named),
        )
        self._url = url
        self._schema = schema

    def _connect(self) -> Any:
        logging.getLogger("psycopg").addFilter(_says_more_than_its_error)
        connection = super()._connect()  # type: ignore[misc]  # its stub leaves it out
        if not _is_on(connection, "synchronous_commit"):  # a session's own, so it is ours to set
            connection.execute("SET synchronous_commit = on")
        return connection

    def execute_sql(self, sql: str, params: Sequence[Any] | None = None) -> Any:
        try:
            return super().execute_sql(sql, params)
        except IntegrityError as error:
            raise _without_details(error) from None

    def execute_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        try:
            super().execute_many(sql, rows)
        except IntegrityError as error:
            raise _without_details(error) from None

    def commit(self) -> None:
        self._seam.call("commit", self._commit)

    def _commit(self) -> None:
        # A transaction that has failed answers COMMIT with a quiet ROLLBACK.
        ended = PostgresqlDatabase.execute_sql(self, "COMMIT").statusmessage
        if ended != "COMMIT":
            raise OperationalError(f"the transaction ended in {ended}")

    def begin_reading(self) -> None:
        self.execute_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def has_transaction(self) -> bool:
        status = self._driver().info.transaction_status
        return status is not psycopg.pq.TransactionStatus.IDLE

    def settings(self) -> dict[str, Any]:
        return {name: _is_on(self._driver(), name) for name in SETTINGS}

    def weaknesses(self) -> list[str]:
        # They are the whole server's: not ours to set, and no reason to let contacts wait outside.
        return [
            f"PostgreSQL runs with {name} off: a power cut may lose contacts that were receipted."
            for name, is_on in self.settings().items()
            if not is_on
        ]

    def tell(self, sign: Sign) -> None:
        self.execute_sql("SELECT pg_notify(%s, '')", (sign,))

    def hear(self, signs: frozenset[Sign], stopped: threading.Event) -> Iterator[None]:
        self.connect(reuse_if_open=True)
        try:
            for sign in signs:
                self.execute_sql(f'LISTEN "{sign}"')
            yield  # whatever was told before it listened
            while not stopped.is_set():
                for _ in self._notifications():
                    yield
        finally:
            self.close()

    def _notifications(self) -> list[Any]:
        try:
            return list(self._driver().notifies(timeout=LISTEN_FOR, stop_after=1))
        except psycopg.Error as error:  # Peewee has no part in it
            raise OperationalError(str(error)) from error

    def exists(self) -> bool:
        self.connect(reuse_if_open=True)
        return self.table_exists("contact")

    def make(self) -> None:
        """A database of a server is made by whoever keeps that server; a schema in it by us."""
        if self._schema:
            self.connect(reuse_if_open=True)
            self.execute_sql(f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"')

    def before_migration(self, *, is_new: bool) -> None:
        """Let one process at a time migrate. No copy: each step is one transaction, DDL included,
        and what keeps the server keeps its backups.
        """
        self.execute_sql("SELECT pg_advisory_lock(%s)", (MIGRATING,))

    def after_migration(self) -> None:
        self.execute_sql("SELECT pg_advisory_unlock(%s)", (MIGRATING,))

    def faults(self) -> list[str]:
        """None: its constraints hold in every row, and it checks its pages as it reads them."""
        return []

    def folder(self) -> Path | None:
        return None

    def holds_something(self) -> bool:
        return self.exists()

    def demand_alone(self) -> None:
        """Nobody else is connected: a server on another machine would be a second one (A-10)."""
        self.connect(reuse_if_open=True)
        deadline = time.monotonic() + PATIENCE
        while others := self.execute_sql(OTHERS).fetchone()[0]:
            if time.monotonic() >= deadline:
                raise Unavailable(
                    f"{others} other programs are connected to the database; stop them first"
                )
            self.execute_sql("SELECT pg_sleep(0.05)")  # one that was killed has not gone yet

    def in_the_making(self) -> "Postgresql":
        return Postgresql(self._url, self._seam, IN_THE_MAKING)

    def clear(self) -> None:
        self.connect(reuse_if_open=True)
        self.execute_sql(f'DROP SCHEMA IF EXISTS "{self._schema}" CASCADE')

    def kept_as(self, stamp: str) -> str:
        return f"schema {_schema_of(stamp)}"

    def give_way(self, other: Engine, stamp: str) -> None:
        self.demand_alone()
        self.begin()
        (home,) = self.execute_sql("SELECT current_schema()").fetchone()
        found = self.execute_sql(FREE_SEQUENCES, (IN_THE_MAKING,)).fetchall()
        moved = [("TABLE", name) for name in self.get_tables(IN_THE_MAKING)]
        moved += [("SEQUENCE", name) for (name,) in found]
        kept = _schema_of(stamp)
        has_other = self.holds_something()
        has_led = has_other and self.table_exists("lease")
        if has_other:
            self.execute_sql(f'CREATE SCHEMA "{kept}"')
            for kind, name in moved:
                self._move(kind, name, home, kept)
        for kind, name in moved:
            self._move(kind, name, IN_THE_MAKING, home)
        if has_led:
            # The numbers go on: a core that was cut off meanwhile must not find its own again.
            self.execute_sql(
                f'INSERT INTO "{home}"."lease" ("area", "holder", "fence", "beat") '
                f'SELECT "area", \'\', "fence" + 1, 0 FROM "{kept}"."lease"'
            )
        self.commit()

    def _move(self, kind: str, name: str, schema: str, to: str) -> None:
        self.execute_sql(f'ALTER {kind} IF EXISTS "{schema}"."{name}" SET SCHEMA "{to}"')

    def damage(self, error: Exception) -> str:
        state = getattr(getattr(error, "orig", None), "sqlstate", None)
        return str(error) if state in DAMAGED else ""

    def _driver(self) -> "psycopg.Connection[Any]":
        connection: psycopg.Connection[Any] = self.connection()  # type: ignore[no-untyped-call]  # its stub has no types
        return connection


def _says_more_than_its_error(record: logging.LogRecord) -> bool:
    """Whether a record of psycopg is news: that a pipeline ended with the error raised is none."""
    return not record.getMessage().startswith("error ignored terminating")


def _without_details(error: IntegrityError) -> IntegrityError:
    """They are the row itself, contact data included, which no log may show (H-5)."""
    primary = getattr(getattr(error, "orig", None), "diag", None)
    return IntegrityError(getattr(primary, "message_primary", "refused"))


def _schema_of(stamp: str) -> str:
    return stamp.replace("-", "_").lower()


def _is_on(connection: "psycopg.Connection[Any]", setting: str) -> bool:
    row = connection.execute("SELECT current_setting(%s)", (setting,)).fetchone()
    return row is not None and row[0] != "off"


def _named(url: str) -> dict[str, str]:
    """What the URL says of the connection."""
    try:
        return {name: str(value) for name, value in conninfo_to_dict(url).items()}
    except psycopg.ProgrammingError as error:
        raise Unavailable(f"this is no address of a database: {error}") from None


def _options(named: Mapping[str, str], schema: str) -> str:
    """The URL's own, and then ours."""
    own = named.get("options", "")
    return f"{own} {OPTIONS}" + (f" -c search_path={schema}" if schema else "")


def _hosts(named: Mapping[str, str]) -> list[str]:
    """Where it connects to; what the URL leaves out the environment may say (`PGHOST`)."""
    found = {one.keyword.decode(): one.val.decode() for one in Conninfo.get_defaults() if one.val}
    found |= named
    return str(found.get("hostaddr") or found.get("host") or "").split(",")


def _tls(named: Mapping[str, str]) -> dict[str, str]:
    """What is asked of the connection beside the URL: over a network, a certificate (G-6)."""
    is_local = "service" not in named and all(  # a service's host stands in a file that libpq reads
        not host or host.startswith("/") or is_loopback(host) for host in _hosts(named)
    )
    if is_local:
        return {}
    mode = named.get("sslmode", CHECKED)
    if mode != CHECKED:
        raise Unavailable(
            f"sslmode={mode} does not prove which server answers: use sslmode={CHECKED}, with"
            " sslrootcert=FILE where the certificate is the site's own"
        )
    return {"sslmode": CHECKED}


def _primary(named: Mapping[str, str]) -> dict[str, str]:
    """Of several hosts the one that can be written: a connection to another would be kept."""
    if "target_session_attrs" in named or len(_hosts(named)) == 1:
        return {}
    return {"target_session_attrs": "read-write"}
