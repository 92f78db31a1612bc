"""The process that fetches: a thread for each account, and nothing of the server's beside it.

So a large mail, or ten thousand small ones, take no turn of the loop and no lock from what takes
work items in (WI-5). It opens no database: what it asks and tells goes through a pipe (`books`). It
ends when that is closed, whether the server stops or is killed.
"""

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue

import msgspec

from ace_server import logs
from ace_server.clock import SystemClock
from ace_server.email.books import Account, Question
from ace_server.email.fetching import Fetcher
from ace_server.email.priority import give_way
from ace_server.errors import Unavailable
from ace_server.store import Files, Seam

if sys.platform != "win32":
    import resource

log = logging.getLogger(__name__)

SPAWN = multiprocessing.get_context("spawn")  # the server has threads, which a fork would break

ENDING = 5.0
"""Seconds that the threads may take to end before the process does without them."""


class Asked(msgspec.Struct, frozen=True, tag=True):
    """From the process: a question, by the number of who asks."""

    asker: int
    question: Question


class Answered(msgspec.Struct, frozen=True, tag=True):
    """To the process: the answer; `is_right` is False where the store cannot be used."""

    asker: int
    is_right: bool
    answer: object = None


class Assign(msgspec.Struct, frozen=True, tag=True):
    """To the process: fetch from these accounts, and from no others."""

    accounts: Sequence[Account]


class Ready(msgspec.Struct, frozen=True, tag=True):
    """From the process, as its first word: it can be spoken to."""


class Wake(msgspec.Struct, frozen=True, tag=True):
    """To the process: look into every mailbox now."""


class Stop(msgspec.Struct, frozen=True, tag=True):
    """To the process: end."""


class _Pipe:
    """This end of the pipe, for several threads."""

    def __init__(self, connection: "Connection[object, object]") -> None:
        self._connection = connection
        self._sending = threading.Lock()
        self._answers: dict[int, SimpleQueue[Answered]] = {}

    def of(self, asker: int) -> "_Asker":
        self._answers[asker] = SimpleQueue()
        return _Asker(self, asker, self._answers[asker])

    def ask(self, asked: Asked) -> None:
        try:
            with self._sending:
                self._connection.send(asked)
        except OSError:
            raise Unavailable("the server ends") from None

    def give(self, answered: Answered) -> None:
        self._answers[answered.asker].put(answered)

    def close(self) -> None:
        """Nobody gets an answer any more."""
        for asker, answers in self._answers.items():
            answers.put(Answered(asker, False))


class _Asker:
    """One thread's way to the books."""

    def __init__(self, pipe: _Pipe, number: int, answers: "SimpleQueue[Answered]") -> None:
        self._pipe = pipe
        self._number = number
        self._answers = answers

    def ask(self, question: Question) -> object:
        self._pipe.ask(Asked(self._number, question))
        answered = self._answers.get()
        if not answered.is_right:
            raise Unavailable("the store cannot be used now")
        return answered.answer


class _Fetchers:
    """The accounts that are fetched from."""

    def __init__(self, pipe: _Pipe, files: Files) -> None:
        self._pipe = pipe
        self._files = files
        self._running: dict[str, tuple[Account, Fetcher]] = {}
        self._ending: dict[str, Fetcher] = {}  # the last one of each account that was stopped
        self._given = 0

    def assign(self, accounts: Sequence[Account]) -> None:
        """Fetch from these; one that is configured otherwise now begins anew.

        It begins when the one before has ended, and nobody waits for that but itself.
        """
        wanted = {account.name: account for account in accounts}
        for name, (account, fetcher) in list(self._running.items()):
            if wanted.get(name) != account:
                fetcher.stop()
                self._ending[name] = fetcher
                del self._running[name]
        for name, account in wanted.items():
            if name not in self._running:
                self._begin(account)

    def _begin(self, account: Account) -> None:
        self._given += 1
        books = self._pipe.of(self._given)
        before = self._ending.pop(account.name, None)
        fetcher = Fetcher(account, books, self._files, SystemClock(), before=before)
        self._running[account.name] = (account, fetcher)
        fetcher.start()

    def wake(self) -> None:
        for _, fetcher in self._running.values():
            fetcher.wake()

    def stop(self) -> None:
        for _, fetcher in self._running.values():
            fetcher.stop()

    def join(self) -> None:
        until = time.monotonic() + ENDING
        for _, fetcher in self._running.values():
            fetcher.join(max(0.0, until - time.monotonic()))


def _let_files_be_open() -> None:
    """Each account keeps a batch of files open at a time: as many as the system lets us."""
    if sys.platform != "win32":
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        with suppress(ValueError, OSError):  # a system that says more than it gives
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def run(connection: "Connection[object, object]", data: str) -> None:
    """Fetch until the pipe is closed: what runs in the process."""
    os.umask(0o077)
    for name in (signal.SIGINT, signal.SIGTERM):  # the server's matter, whose end ends this
        signal.signal(name, signal.SIG_IGN)
    give_way()
    logs.to_stream(sys.stderr)
    _let_files_be_open()
    files = Files(Path(data), Seam())
    pipe = _Pipe(connection)
    fetchers = _Fetchers(pipe, files)
    try:
        connection.send(Ready())
        while True:
            match connection.recv():
                case Answered() as answered:
                    pipe.give(answered)
                case Assign(accounts):
                    fetchers.assign(accounts)
                case Wake():
                    fetchers.wake()
                case Stop():
                    break
    except (EOFError, OSError):
        log.debug("the server ends, and so does fetching")
    fetchers.stop()
    pipe.close()
    fetchers.join()
    os._exit(0)  # whatever a thread of a library still does
