"""The harness: what every test may use, and what no test may leave behind.

A warning, a log record of level WARNING or above that nobody expected, a Qt warning, a task or a
thread that goes on: each fails the test that caused it. Nothing here imports Qt for a test that
does not ask for it.
"""

import asyncio
import gc
import logging
import os
import re
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import hypothesis
import pytest

import main
from tests import postgresql

T = TypeVar("T")

# before anything imports Qt
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")
os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*=false")  # it lists what it does not find

hypothesis.settings.register_profile("shared machine", deadline=None, print_blob=True)
hypothesis.settings.load_profile("shared machine")

SECONDS = 30.0
"""How long one run on Qt's loop may take before it is given up; not a measurement."""

ENDING = 2.0
"""Seconds that a thread which was told to end may take for it."""


class Records(logging.Handler):
    """Log records of level WARNING and above, and which of them are expected."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.seen: list[str] = []
        self.expected: list[re.Pattern[str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = f"{record.levelname} {record.name}: {record.getMessage()}"
        if record.exc_info and record.exc_info[1] is not None:
            text += f" [{record.exc_info[1]!r}]"
        self.seen.append(text)

    def faults(self) -> list[str]:
        unexpected = [
            text for text in self.seen if not any(one.search(text) for one in self.expected)
        ]
        unseen = [
            one.pattern for one in self.expected if not any(one.search(text) for text in self.seen)
        ]
        return [
            *(f"nobody expected this log record: {text}" for text in unexpected),
            *(f"this log record was expected and did not come: {text}" for text in unseen),
        ]


@pytest.fixture(autouse=True)
def strict(monkeypatch: pytest.MonkeyPatch) -> Iterator[Records]:
    """Set up first, torn down last of all fixtures: fails a test that leaves something behind.

    Garbage is collected between tests only, and so on this thread: a cycle that holds widgets or
    timers, collected while another thread happens to allocate, destroys them there, and Qt takes
    the whole run down some time later (`ace_agent.loop.collecting_here`).
    """
    records = Records()
    tasks: list[str] = []
    threads = set(threading.enumerate())
    cancel_all = asyncio.runners._cancel_all_tasks  # type: ignore[attr-defined]  # no public hook

    def note_and_cancel(loop: asyncio.AbstractEventLoop) -> None:
        tasks.extend(repr(task) for task in asyncio.all_tasks(loop))
        cancel_all(loop)

    monkeypatch.setattr(asyncio.runners, "_cancel_all_tasks", note_and_cancel)
    logging.getLogger().addHandler(records)
    gc.disable()
    yield records
    gc.collect()
    gc.freeze()  # what outlives a test is not looked at after each of the next two thousand
    logging.getLogger().removeHandler(records)
    faults = [
        *records.faults(),
        *(f"a task was left behind: {task}" for task in tasks),
        *(f"a thread was left behind: {name}" for name in _still_running(threads)),
    ]
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


def _still_running(before: set[threading.Thread]) -> list[str]:
    started = set(threading.enumerate()) - before
    ours = [thread for thread in started if not thread.name.startswith("Dummy-")]  # Qt's own
    for thread in ours:
        thread.join(ENDING)
    return [thread.name for thread in ours if thread.is_alive()]


@pytest.fixture
def expect_log(strict: Records) -> Callable[[str], None]:
    """`expect_log(r"ERROR .*store.*")`: a record that matches is right, and must come.

    The regular expression is searched for in `LEVEL logger: message [exception]`.
    """

    def expect(pattern: str) -> None:
        strict.expected.append(re.compile(pattern))

    return expect


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Iterator[Callable[..., Any]]:
    """`run(coroutine)`: run it on Qt's loop and return its result; may be called repeatedly.

    Fails the test on any error that reaches the loop, and on tasks left at its end.
    """
    app = request.getfixturevalue("qapp")
    from qasync import QEventLoop  # only here: most tests need no Qt

    app.setQuitOnLastWindowClosed(False)
    loop = QEventLoop(app)
    faults: list[str] = []
    loop.set_exception_handler(lambda _, context: faults.append(f"reached the loop: {context}"))

    def run(main: Coroutine[Any, Any, T], *, seconds: float = SECONDS) -> T:
        result: T = loop.run_until_complete(_within(main, seconds))
        return result

    yield run
    faults += [f"a task was left behind: {task!r}" for task in asyncio.all_tasks(loop)]
    loop.run_until_complete(_end_what_is_left(loop))
    loop.close()
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


async def _within(main: Coroutine[Any, Any, T], seconds: float) -> T:
    async with asyncio.timeout(seconds):
        return await main


async def _end_what_is_left(loop: asyncio.AbstractEventLoop) -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()


@pytest.fixture
def spoken(request: pytest.FixtureRequest) -> Iterator[Callable[..., None]]:
    """`spoken(locale)`: every text that is made from now on is in this language."""
    app = request.getfixturevalue("qapp")
    from PySide6.QtCore import QLocale  # only here: most tests need no Qt

    from ace_agent import language

    before = QLocale()
    yield lambda locale: language.speak(app, locale)
    language.speak(app, before)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder of its own, not made yet."""
    return tmp_path / "data"


@pytest.fixture
def umask() -> Iterator[None]:
    """What a command sets it to is not for other tests."""
    mask = os.umask(0o022)
    yield
    os.umask(mask)


@pytest.fixture
def ace(capsys: pytest.CaptureFixture[str], umask: None) -> Callable[..., tuple[int, str, str]]:
    """`ace("contacts", "--json")`: the exit code, standard output and standard error."""

    def ace(*arguments: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main.main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return ace


@pytest.fixture
def free_port() -> int:
    """A port on loopback that nobody used a moment ago; prefer port 0 where it can be had."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# Engines


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgresql.Cluster]:
    """A PostgreSQL server for the whole run; skips, and says so, where there is none."""
    with postgresql.cluster() as made:
        if made is None:
            pytest.skip(postgresql.MISSING)
        yield made


@pytest.fixture
def postgresql_url(cluster: postgresql.Cluster) -> Iterator[str]:
    """An empty database of its own."""
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """Every test that asks for it runs on each engine."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, engine: str) -> str:
    """What `--database` says on each engine; nothing for SQLite: a file in the data folder."""
    return "" if engine == "sqlite" else str(request.getfixturevalue("postgresql_url"))
