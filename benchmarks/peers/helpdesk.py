"""django-helpdesk: behind gunicorn, with tickets that say what our work items say, or fetching."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path

from benchmarks import bank, senders
from benchmarks.measuring import Missing
from benchmarks.peers.environments import environment
from benchmarks.processes import ROOT

PACKAGES = ("django-helpdesk==2.6.1", "gunicorn==27.0.1")

WORKERS = 2
THREADS = 16  # a worker's: together as many as the benchmark has clients

WITHIN = 60.0
LOOK_AGAIN = 0.1
"""Seconds."""


@contextmanager
def running(folder: Path) -> Iterator[tuple[int, Iterator[bytes]]]:
    """Run it on a folder of its own: its port, and requests that make tickets. Raises Missing."""
    programs = environment("django-helpdesk", PACKAGES)
    variables = {**os.environ, **_variables(folder)}
    token = _set_up(programs, folder, variables)
    port = free_port()
    log = folder / "log"
    with (
        log.open("ab") as output,
        subprocess.Popen(
            _serving(programs, port), env=variables, stdout=output, stderr=output
        ) as process,
    ):
        try:
            _wait_for(port, log)
            yield port, repeat(_ticket(token))
        finally:
            process.terminate()


class Fetcher:
    """A site of its own that fetches mail."""

    def __init__(self, folder: Path) -> None:
        """Make it. Raises Missing."""
        self._programs = environment("django-helpdesk", PACKAGES)
        self.variables = _variables(folder)
        _set_up(self._programs, folder, {**os.environ, **self.variables})

    def fetching(self, *where: str) -> list[str | Path]:
        """The command that fetches; `where`: host, port, user, password."""
        return [self._programs / "python", "-m", "benchmarks.children.helpdesk_fetch", *where]


def free_port() -> int:
    """A port on loopback that nobody used a moment ago."""
    with socket.socket() as probe:
        probe.bind((senders.HOST, 0))
        return int(probe.getsockname()[1])


def _variables(folder: Path) -> dict[str, str]:
    return {
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "benchmarks.children.helpdesk_settings",
        "HELPDESK_FOLDER": str(folder),
    }


def _set_up(programs: Path, folder: Path, variables: Mapping[str, str]) -> str:
    """Make its folder and its database; the token that logs in."""
    folder.mkdir()
    done = subprocess.run(
        [str(programs / "python"), "-m", "benchmarks.children.helpdesk_setup"],
        env=variables,
        capture_output=True,
        timeout=WITHIN,
        check=False,
    )
    if done.returncode:
        raise Missing(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    return done.stdout.decode().split()[-1]


def _serving(programs: Path, port: int) -> list[str | Path]:
    return [
        programs / "gunicorn",
        *("--bind", f"{senders.HOST}:{port}", "--worker-class", "gthread", "--keep-alive", "60"),
        *("--workers", str(WORKERS), "--threads", str(THREADS), "--log-level", "warning"),
        "django.core.wsgi:get_wsgi_application()",
    ]


def _wait_for(port: int, log: Path) -> None:
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        try:
            socket.create_connection((senders.HOST, port)).close()
            return
        except OSError:  # not yet: gunicorn has no other way to say when it listens
            time.sleep(LOOK_AGAIN)
    last = log.read_text(errors="replace").strip().splitlines()[-1:]
    raise Missing(f"gunicorn did not get ready: {' '.join(last)}")


def _ticket(token: str) -> bytes:
    (contact,) = bank.contacts(1, 1)
    lines = [f"{key}: {value}" for key, value in contact.data.items()]
    ticket = {
        "queue": 1,
        "title": contact.subject,
        "description": "\n".join([*lines, contact.body]),
        "priority": 3,
    }
    body = json.dumps(ticket).encode()
    return senders.head("POST", "/api/tickets/", "application/json", len(body), token=token) + body
