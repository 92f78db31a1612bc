"""A PostgreSQL server of the tests' own: started once a run, on loopback, below one folder.

Where PostgreSQL is not installed, tests that need it are skipped and say so.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

USER = "postgres"
"""Whose it is where the tests run as root: PostgreSQL refuses root."""

WITHIN = 60.0
"""Seconds; not a measurement."""

MISSING = "PostgreSQL is not installed (Debian: postgresql): nothing was proved on this engine"


def programs() -> Path | None:
    """The folder of its programs; Debian keeps them off the path."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


class Cluster:
    """One server with the settings that PostgreSQL comes with, durable ones included."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._programs = programs
        self._user = USER if os.geteuid() == 0 else None
        self._numbers = count(1)
        self.port = _free_port()

    def make(self) -> None:
        """Make its data folder."""
        if self._user:
            shutil.chown(self.folder, self._user)
        self._do("initdb", "-D", self._data, "-A", "trust", "-U", USER, "-E", "UTF8", "--no-sync")

    def start(self, *settings: str) -> None:
        """Start it, each setting given as `name=value`; it takes connections when this returns."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        options += "".join(f" -c {setting}" for setting in settings)
        log = self.folder / "log"
        self._do("pg_ctl", "-D", self._data, "-w", "-l", log, "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop it: `fast` ends its connections, `immediate` is as a crash."""
        self._do("pg_ctl", "-D", self._data, "-w", "-m", mode, "stop")

    def kill(self) -> None:
        """kill -9 of all its processes; the next start recovers."""
        first = int((self._data / "postmaster.pid").read_text().split()[0])
        os.kill(first, signal.SIGKILL)
        self._do("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop", check=False)

    def url(self, database: str = "postgres") -> str:
        """The URL of one of its databases."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template1") -> str:
        """Create a database, as a copy of another that nobody uses; its name."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever uses it."""
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def without_users(self, name: str) -> Iterator[None]:
        """Nobody is connected to this database meanwhile: who was has lost the connection."""
        self.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        self.execute(
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"
        )
        try:
            yield
        finally:
            self.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    def execute(self, sql: str, database: str = "postgres") -> None:
        """Execute a statement as whoever keeps the server."""
        import psycopg  # only here: a run on one engine needs none

        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(sql)

    def _do(self, program: str, *arguments: str | Path, check: bool = True) -> None:
        command: Sequence[str | Path] = [self._programs / program, *arguments]
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=WITHIN,
            stdin=subprocess.DEVNULL,
            user=self._user,
            cwd=self._programs,  # ours may be closed to that user
        )
        assert not check or done.returncode == 0, done.stderr.decode(errors="replace")


@contextmanager
def cluster() -> Iterator[Cluster | None]:
    """A running one; None where PostgreSQL is not installed."""
    found = programs()
    if found is None:
        yield None
        return
    # In memory where that is to be had; root's own folders are closed to the user it runs as.
    memory = Path("/dev/shm")
    place = memory if memory.is_dir() and os.access(memory, os.W_OK) else Path("/var/tmp")
    folder = Path(tempfile.mkdtemp(prefix="ace-postgresql-", dir=place))
    made = Cluster(folder, found)
    try:
        made.make()
        made.start()
        try:
            yield made
        finally:
            made.stop("immediate")
    finally:
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
