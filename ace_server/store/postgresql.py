"""PostgreSQL: the engine of many machines, reached through psycopg 3.

Where it differs from its twin in `sqlite`, the reason stands here.
"""

from typing import Any

from peewee import OperationalError, PostgresqlDatabase

from ace_server.errors import Unavailable
from ace_server.store.contract import Engine
from ace_server.store.seam import Seam
from ace_server.tls import is_loopback

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict
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
        "idle_in_transaction_session_timeout=60s",  # who hangs does not hold others up for long
        "tcp_keepalives_idle=10",  # seconds: the server notices, too, who vanished
        "tcp_keepalives_interval=5",
        "tcp_keepalives_count=3",
    )
)

CONNECTION = {
    "connect_timeout": 5,  # seconds, like those below: a server that vanished is noticed
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,  # milliseconds; of what was sent and is not confirmed
}

CHECKED = "verify-full"
"""The `sslmode` that proves who answers, and the only one without doubt over a network (G-6)."""

MIGRATING = 2_026_112_601
"""The advisory lock of the process that brings the schema up to date."""

DAMAGED = ("XX001", "XX002")
"""SQLSTATE of a damaged table, and of a damaged index."""


class Postgresql(Engine, PostgresqlDatabase):
    """One database of a PostgreSQL server, in its default schema."""

    def __init__(self, url: str, seam: Seam) -> None:
        """Raises Unavailable for a URL that cannot, or must not, be used."""
        if not IS_INSTALLED:
            raise Unavailable(
                "psycopg is not installed; it comes with"
                " pip install 'ace-contact-handling[postgresql]'"
            )
        super().__init__(
            url, seam, prefer_psycopg3=True, options=OPTIONS, **CONNECTION, **_tls(url)
        )

    def _connect(self) -> Any:
        connection = super()._connect()  # type: ignore[misc]  # its stub leaves it out
        if not _is_on(connection, "synchronous_commit"):  # a session's own, so it is ours to set
            connection.execute("SET synchronous_commit = on")
        return connection

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

    def exists(self) -> bool:
        self.connect(reuse_if_open=True)
        return self.table_exists("contact")

    def make(self) -> None:
        """A database of a server is made by whoever keeps that server."""

    def before_migration(self, *, is_new: bool) -> None:
        """Let one process at a time migrate. No copy: each step is one transaction, DDL included,
        and what keeps the server keeps its backups.
        """
        self.execute_sql("SELECT pg_advisory_lock(%s)", (MIGRATING,))

    def after_migration(self) -> None:
        self.execute_sql("SELECT pg_advisory_unlock(%s)", (MIGRATING,))

    def damage(self, error: Exception) -> str:
        state = getattr(getattr(error, "orig", None), "sqlstate", None)
        return str(error) if state in DAMAGED else ""

    def _driver(self) -> "psycopg.Connection[Any]":
        connection: psycopg.Connection[Any] = self.connection()  # type: ignore[no-untyped-call]  # its stub has no types
        return connection


def _is_on(connection: "psycopg.Connection[Any]", setting: str) -> bool:
    row = connection.execute("SELECT current_setting(%s)", (setting,)).fetchone()
    return row is not None and row[0] != "off"


def _tls(url: str) -> dict[str, str]:
    """What is asked of the connection beside the URL: over a network, a certificate (G-6)."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise Unavailable(f"this is no address of a database: {error}") from None
    hosts = str(parts.get("hostaddr") or parts.get("host") or "").split(",")
    if all(not host or host.startswith("/") or is_loopback(host) for host in hosts):
        return {}
    mode = parts.get("sslmode", CHECKED)
    if mode != CHECKED:
        raise Unavailable(
            f"sslmode={mode} does not prove which server answers: use sslmode={CHECKED}, with"
            " sslrootcert=FILE where the certificate is the site's own"
        )
    return {"sslmode": CHECKED}
