"""A PostgreSQL server of one's own, on loopback, below one folder: for tests and benchmarks.

Where PostgreSQL is not installed, tests that need it are skipped and say so.
"""

import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path

USER = "postgres"
"""Whose it is where this runs as root: PostgreSQL refuses root."""

WITHIN = 60.0
LOOK_AGAIN = 0.01
"""Seconds; not a measurement."""

MISSING = "PostgreSQL is not installed (Debian: postgresql): nothing was proved on this engine"

MEMORY = Path("/dev/shm")
DISK = Path("/var/tmp")  # root's own folders are closed to the user it runs as

SMALL_LOG = ("--wal-segsize=1",)
"""Of initdb: so that a limit of files of some MiB leaves its log alone."""

BY_MODE = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class Trouble(Exception):
    """It could not be made or started; the text says why."""


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
        self.data = folder / "data"
        self.port = _free_port()
        self._programs = programs
        self._user = USER if os.geteuid() == 0 else None
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def make(self, *options: str) -> None:
        """Make its data folder; `options` are of initdb. Raises Trouble."""
        if self._user:
            shutil.chown(self.folder, self._user)
        initdb = self._programs / "initdb"
        wanted = ("-A", "trust", "-U", USER, "-E", "UTF8", "--no-sync", *options)
        done = subprocess.run(
            [initdb, "-D", self.data, *wanted],
            capture_output=True,
            timeout=WITHIN,
            stdin=subprocess.DEVNULL,
            user=self._user,
            cwd=self._programs,  # ours may be closed to that user
        )
        if done.returncode:
            raise Trouble(done.stderr.decode(errors="replace"))

    def start(self, *settings: str, before: Sequence[str] = ()) -> None:
        """Start it; it takes connections when this returns. Raises Trouble.

        Each setting is given as `name=value`; `before` is a command that it is started under.
        """
        where = ("-p", str(self.port), "-k", self.folder, "-c", "listen_addresses=127.0.0.1")
        given = [part for setting in settings for part in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*before, self._programs / "postgres", "-D", self.data, *where, *given],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                cwd=self._programs,
            )
        deadline = time.monotonic() + WITHIN
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise Trouble((self.folder / "log").read_text(errors="replace")[-2000:])
            time.sleep(LOOK_AGAIN)  # it has no other way to say that it is ready

    def _is_ready(self) -> bool:
        assert self._process is not None
        with suppress(OSError, IndexError):  # it may just be being written
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return lines[0] == str(self._process.pid) and lines[-1].strip() == "ready"
        return False

    @property
    def is_running(self) -> bool:
        return self._process is not None

    def stop(self, mode: str = "fast") -> None:
        """Stop it where it runs: `fast` ends its connections, `immediate` is as a crash."""
        if self._process is not None:
            process, self._process = self._process, None
            process.send_signal(BY_MODE[mode])
            process.wait(WITHIN)

    def kill(self) -> None:
        """kill -9 of all its processes (Linux); the next start recovers."""
        assert self._process is not None
        process, self._process = self._process, None
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        with ExitStack() as stack:
            ends = []
            process.kill()  # first: it would end the others in order
            process.wait(WITHIN)
            for child in map(int, children):
                with suppress(ProcessLookupError):  # it ended by itself
                    ends.append(os.pidfd_open(child))
                    stack.callback(os.close, ends[-1])
                    signal.pidfd_send_signal(ends[-1], signal.SIGKILL)
            for end in ends:
                assert select.select([end], [], [], WITHIN)[0], "it outlives kill -9"

    def kill_one(self) -> None:
        """kill -9 of a process that serves a connection: it ends all others, and recovers.

        It takes connections again when this returns.
        """
        import psycopg  # only here: a run on one engine needs none

        query = (
            "SELECT pid FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY random()"
        )
        with psycopg.connect(self.url(), autocommit=True) as connection:
            for (pid,) in connection.execute(query).fetchall()[:1]:
                with suppress(ProcessLookupError, psycopg.OperationalError):
                    os.kill(pid, signal.SIGKILL)
                    connection.execute("SELECT pg_sleep(60)")  # until it is ended, too
        deadline = time.monotonic() + WITHIN
        while not self._takes_connections():
            assert time.monotonic() < deadline, "it does not recover"
            time.sleep(LOOK_AGAIN)

    def _takes_connections(self) -> bool:
        asks = (self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port))
        return subprocess.run(asks, timeout=WITHIN).returncode == 0

    def limit_files(self, pid: int, most: int | None) -> None:
        """Let no file grow past so many bytes by this process of it; None: lift that (Linux)."""
        limit = "unlimited" if most is None else most
        command = ["prlimit", f"--pid={pid}", f"--fsize={limit}:"]
        subprocess.run(command, check=True, timeout=WITHIN, user=self._user, cwd="/")

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


@contextmanager
def cluster(place: Path = MEMORY, *, started: bool = True) -> Iterator[Cluster | None]:
    """One on a disk, or in memory where that is to be had; None where it is not installed.

    Raises Trouble where it cannot be made or started.
    """
    found = programs()
    if found is None:
        yield None
        return
    usable = place.is_dir() and os.access(place, os.W_OK)
    folder = Path(tempfile.mkdtemp(prefix="ace-postgresql-", dir=place if usable else DISK))
    made = Cluster(folder, found)
    try:
        made.make(*(SMALL_LOG if place is MEMORY else ()))
        if started:
            made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
