"""What is promised of SQLite alone: its settings, its lock, a damaged file (A-5, A-8)."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from ace_server.errors import Unavailable
from ace_server.store import Corrupt, Store, contacts
from ace_server.store.engine import FILE_NAME
from tests.store.making import add, new
from tests.store.seams import Barrier

ExpectLog = Callable[[str], None]


@pytest.fixture
def engine() -> str:
    """These tests are for one engine."""
    return "sqlite"


def _assert_safe(settings: dict[str, object]) -> None:
    assert settings["journal_mode"] == "wal"
    assert settings["synchronous"] == 2, "FULL: NORMAL may lose acknowledged items at power loss"
    assert settings["foreign_keys"] == 1
    assert settings["secure_delete"] == 1
    timeout = settings["busy_timeout"]
    assert isinstance(timeout, int) and timeout >= 5000


def test_the_connection_of_start_up_has_the_settings(store: Store) -> None:
    _assert_safe(store.settings())


async def test_the_connection_of_the_stores_thread_has_the_settings(running: Store) -> None:
    _assert_safe(await running.run(running.settings))


async def test_every_later_connection_has_the_settings(
    running: Store, expect_log: ExpectLog
) -> None:
    expect_log("the database cannot be used now")

    def lose_the_connection() -> None:
        running.close()
        raise sqlite3.OperationalError("disk I/O error")

    with pytest.raises(Unavailable):
        await running.run(lose_the_connection)
    _assert_safe(await running.run(running.settings))


async def test_a_job_holds_the_write_lock_before_it_has_written(running: Store, data: Path) -> None:
    barrier = Barrier()
    call = running.run(barrier.wait)
    await asyncio.to_thread(barrier.until_reached)
    other = sqlite3.connect(data / FILE_NAME, timeout=0, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    barrier.open()
    await call
    other.execute("BEGIN IMMEDIATE")
    other.close()


def test_a_store_that_another_program_has_locked_is_unavailable_until_it_lets_go(
    store: Store, data: Path, expect_log: ExpectLog
) -> None:
    expect_log("the database cannot be used now: database is locked")
    store.perform(lambda: store._database.pragma("busy_timeout", 1))  # not to wait for 5 s
    other = sqlite3.connect(data / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        add(store)
    other.close()
    assert not add(store).repeated


def test_a_reader_beside_it_sees_what_was_committed(store: Store, data: Path) -> None:
    add(store)
    other = sqlite3.connect(f"file:{data / FILE_NAME}?mode=ro", uri=True)
    assert other.execute("SELECT count(*) FROM contact").fetchone() == (1,)
    other.close()


def test_a_file_that_is_no_database_is_corrupt_and_left_as_it_is(
    make_store: Callable[[], Store], data: Path, expect_log: ExpectLog
) -> None:
    expect_log("the database is damaged")
    data.mkdir()
    (data / FILE_NAME).write_bytes(b"This was a letter." * 300)
    with pytest.raises(Corrupt):
        make_store().open()
    assert (data / FILE_NAME).read_bytes() == b"This was a letter." * 300


def test_a_damaged_page_is_corrupt(
    make_store: Callable[[], Store], store: Store, data: Path, expect_log: ExpectLog
) -> None:
    expect_log("the database is damaged")
    for number in range(200):
        add(store, str(number))
    store.close()
    path = data / FILE_NAME
    content = bytearray(path.read_bytes())
    content[8192:-8192] = b"\xa5" * len(content[8192:-8192])
    path.write_bytes(bytes(content))
    store = make_store()
    with pytest.raises(Corrupt):
        store.open()
        store.perform(lambda: list(contacts.listing()))
    assert store.corrupt


def test_a_store_elsewhere_is_named_by_its_url(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.sqlite"
    store = Store(data, url=f"sqlite:///{path}")
    store.open()
    store.perform(contacts.add, new())
    store.close()
    assert path.exists()
    assert not (data / FILE_NAME).exists()


def test_a_url_of_an_unknown_kind_is_refused_with_what_would_be_right(data: Path) -> None:
    with pytest.raises(Unavailable, match="sqlite:///"):
        Store(data, url="oracle://here")
