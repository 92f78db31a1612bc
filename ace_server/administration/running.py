"""The server that runs on a data folder: found, waited for, and asked, from the same machine.

What is asked of it, and what is done where none runs, is the caller's.
"""

import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from filelock import FileLock, Timeout

from ace_server.errors import Refused, Unavailable

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds that a server which is starting or stopping is waited for."""
LOOK_AGAIN = 0.1
ANSWER_WITHIN = 60.0
"""Seconds that a running server may take to answer."""

PROBED = 1.0
"""Seconds for which the folder may be held by somebody who only looks whether a server runs."""

LOCK = "server.lock"
FACTS = "server.json"
"""Of the process that is the core of a data folder, whatever else it is."""

WORK_ITEM_LOCK = "workitem.lock"
WORK_ITEM_FACTS = "workitem.json"
"""Of the process that is its WorkItem Server; the facts where it is nothing else."""

EMAIL_LOCK = "email.lock"
EMAIL_FACTS = "email.json"
"""Of the process that is its Email Server."""

LOCKS = (LOCK, WORK_ITEM_LOCK, EMAIL_LOCK)
ANYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}
"""Where a server that listens on every address is reached from its own machine."""


class Running(msgspec.Struct, rename="camel", frozen=True):
    """What a running server says of itself in its data folder."""

    pid: int
    secret: str = ""
    agents: int = 0  # the port; 0: it is no core
    work_item: int = 0  # the port; 0: it takes nothing in
    standby: bool = False  # it waits for another core's lease, and is asked for nothing
    host: str = "127.0.0.1"
    tls: bool = False


def find(data: Path) -> Running | None:
    """The core that runs on the data folder, once it takes work."""
    return facts(data) if _is_taken(data / LOCK) else None


def find_all(data: Path) -> list[Running]:
    """Every process that serves the data folder, once it takes work; the core first."""
    core = find(data)
    others = facts(data, WORK_ITEM_FACTS) if _is_taken(data / WORK_ITEM_LOCK) else None
    return [one for one in (core, others) if one is not None]


def through_or_alone(data: Path, through: Callable[[Running], T], alone: Callable[[], T]) -> T:
    """Ask the running server, or do it `alone` where there is none: no server starts meanwhile.

    One that starts or stops is waited for. Beside a standby it is done alone, too: the core that
    leads hears of it from the store. Raises Unavailable where a start or a stop lasts.
    """
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with FileLock(data / LOCK).acquire(timeout=0):
                return alone()
        except Timeout:
            server = facts(data)
        if server is not None:
            return alone() if server.standby else through(server)
        time.sleep(LOOK_AGAIN)
    raise Unavailable(f"another process holds {data}; try again when it has ended")


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Have the data folder, while no server runs on it or starts. Raises Refused where one runs."""
    with ExitStack() as held:
        try:
            for name in LOCKS:
                held.enter_context(FileLock(data / name).acquire(timeout=PROBED))
        except Timeout:
            server = facts(data) or facts(data, WORK_ITEM_FACTS) or facts(data, EMAIL_FACTS)
            who = f"a server (process {server.pid}) runs" if server else "another process works"
            raise Refused("running", f"{who} on {data}; stop it first") from None
        yield


def ask(server: Running, method: str, path: str, text: str = "") -> tuple[int, Any]:
    """The status and the JSON of the server's answer. Raises Unavailable."""
    connection = _connection(server)
    try:
        connection.request(
            method, path, text.encode(), {"Authorization": f"Bearer {server.secret}"}
        )
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except (OSError, HTTPException, ValueError) as error:
        raise Unavailable(f"the running server does not answer: {error}") from error
    finally:
        connection.close()


def _connection(server: Running) -> HTTPConnection:
    host, port = ANYWHERE.get(server.host, server.host), server.agents or server.work_item
    if not server.tls:
        return HTTPConnection(host, port, timeout=ANSWER_WITHIN)
    # Who listens there is known from a file that only its owner can write; the certificate names
    # another host than the address by which this machine reaches itself.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return HTTPSConnection(host, port, timeout=ANSWER_WITHIN, context=context)


def _is_taken(lock: Path) -> bool:
    if not lock.exists():
        return False
    try:
        with FileLock(lock).acquire(timeout=0):
            return False
    except Timeout:
        return True


def facts(data: Path, name: str = FACTS) -> Running | None:
    """What a process says of itself in the data folder, whether or not it still runs."""
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode((data / name).read_bytes(), type=Running)
    return None
