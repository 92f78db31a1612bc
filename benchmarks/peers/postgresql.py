"""A PostgreSQL of one's own for the time of a benchmark, on the settings it comes with."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measuring import Missing

USER = "postgres"
"""Whose it is where this runs as root: PostgreSQL refuses root."""

WITHIN = 60.0
"""Seconds."""


@contextmanager
def running() -> Iterator[str]:
    """Start one; how to connect to it. Raises Missing where it is not installed."""
    programs = _programs()
    # Not in the cache folder: root's own folders are closed to the user it runs as.
    folder = Path(tempfile.mkdtemp(prefix="bench-postgresql-", dir="/var/tmp"))
    user = None
    if os.geteuid() == 0:
        user = USER
        shutil.chown(folder, USER)
    data, port = folder / "data", _free_port()
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    control: list[str | Path] = [programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    try:
        _do([programs / "initdb", "-D", data, *("-A", "trust", "-U", USER, "-E", "UTF8")], user)
        _do([*control, "-o", options, "start"], user)
        try:
            yield f"host=127.0.0.1 port={port} user={USER} dbname=postgres"
        finally:
            _do([*control, "-m", "fast", "stop"], user)
    finally:
        shutil.rmtree(folder)


def _programs() -> Path:
    """The folder of its programs; Debian keeps them off the path."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists():
            return folder
    raise Missing("PostgreSQL is not installed")


def _do(command: Sequence[str | Path], user: str | None) -> None:
    try:
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            timeout=WITHIN,
            stdin=subprocess.DEVNULL,
            user=user,
            cwd=Path(command[0]).parent,  # ours may be closed to that user
        )
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Missing(f"PostgreSQL: {' '.join(last)}") from None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
