"""What is promised of PostgreSQL alone: its settings, its connection, who may answer (A-6, G-6)."""

import asyncio
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import peewee
import psycopg
import pytest

from ace_server import recovery
from ace_server.errors import Unavailable
from ace_server.store import Corrupt, Seam, Store, contacts, lease
from ace_server.store.models import database
from ace_server.store.postgresql import Postgresql
from tests.postgresql import Cluster
from tests.store.making import add, new
from tests.store.seams import Barrier, Watched

ExpectLog = Callable[[str], None]

NOT_NOW = "the database cannot be used now"


@pytest.fixture
def engine() -> str:
    """These tests are for one engine."""
    return "postgresql"


@pytest.fixture
def other(postgresql_url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Another program, connected to the same database."""
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        yield connection


def test_every_connection_commits_durably(store: Store) -> None:
    safe = {"synchronous_commit": True, "fsync": True, "full_page_writes": True}
    assert store.settings() == safe
    assert store.weaknesses == []


def test_a_database_that_would_not_wait_for_its_disk_is_made_to(
    make_store: Callable[[], Store], other: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    name = other.info.dbname
    other.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
    store = make_store()
    store.open()
    assert store.settings()["synchronous_commit"]


def test_a_standby_that_is_waited_for_stays_waited_for(
    make_store: Callable[[], Store], other: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    other.execute(f"ALTER DATABASE {other.info.dbname} SET synchronous_commit = remote_apply")
    store = make_store()
    store.open()
    shown = store.perform(lambda: database.execute_sql("SHOW synchronous_commit").fetchone())
    assert shown == ("remote_apply",)


def test_settings_of_the_server_that_are_not_safe_are_told(
    make_store: Callable[[], Store], cluster: Cluster, expect_log: ExpectLog
) -> None:
    expect_log("PostgreSQL runs with full_page_writes off: a power cut may lose contacts")
    cluster.execute("ALTER SYSTEM SET full_page_writes = off")
    cluster.execute("SELECT pg_reload_conf()")
    try:
        store = make_store()
        _until_reloaded(store)
        store.open()
        assert len(store.weaknesses) == 1
        assert not add(store).repeated, "told, and no reason to refuse"
    finally:
        cluster.execute("ALTER SYSTEM RESET full_page_writes")
        cluster.execute("SELECT pg_reload_conf()")


def _until_reloaded(store: Store) -> None:
    """A reload is told to each process of the server, and read by each in its own time."""
    connection = store._database
    for _ in range(1000):
        connection.connect(reuse_if_open=True)
        if not connection.settings()["full_page_writes"]:
            return
        connection.close()
    raise AssertionError("the setting is not taken over")


async def test_the_thread_connects_anew_when_the_server_ended_its_connection(
    running: Store, other: "psycopg.Connection[tuple[object, ...]]", expect_log: ExpectLog
) -> None:
    expect_log(NOT_NOW)
    await running.run(contacts.add, new("1"))
    other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with pytest.raises(Unavailable):
        await running.run(contacts.add, new("2"))
    assert not (await running.run(contacts.add, new("2"))).repeated
    assert (await running.run(contacts.add, new("1"))).repeated


async def test_a_commit_whose_connection_is_cut_is_in_doubt(
    running: Store,
    seam: Watched,
    other: "psycopg.Connection[tuple[object, ...]]",
    expect_log: ExpectLog,
) -> None:
    expect_log(NOT_NOW)
    doubts: list[bool] = []
    running.on_doubt = lambda: doubts.append(True)
    pid = await running.run(lambda: running._database.connection().info.backend_pid)

    def cut(kind: str) -> None:
        if kind == "commit":
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    seam.before = cut
    with pytest.raises(Unavailable):
        await running.run(contacts.add, new("1"))
    seam.before = lambda kind: None
    assert not (await running.run(contacts.add, new("1"))).repeated
    assert doubts == [True]


async def test_a_row_that_another_program_holds_is_waited_for_and_then_unavailable(
    running: Store, other: "psycopg.Connection[tuple[object, ...]]", expect_log: ExpectLog
) -> None:
    expect_log(f"{NOT_NOW}: canceling statement due to lock timeout")
    await running.run(contacts.add, new("1"))
    other.execute("BEGIN")
    other.execute("LOCK TABLE contact")
    await running.run(lambda: None)

    def impatient() -> None:
        database.execute_sql("SET LOCAL lock_timeout = 1")
        contacts.add(new("2"))

    with pytest.raises(Unavailable):
        await running.run(impatient)
    other.execute("ROLLBACK")
    assert not (await running.run(contacts.add, new("2"))).repeated


def test_a_commit_of_a_failed_transaction_is_not_taken_for_one(
    store: Store, expect_log: ExpectLog
) -> None:
    expect_log(f"{NOT_NOW}: the transaction ended in ROLLBACK")
    connection = store._database
    connection.begin()
    with pytest.raises(peewee.ProgrammingError):
        database.execute_sql("SELECT colour FROM contact")
    with pytest.raises(peewee.OperationalError, match="ended in ROLLBACK"):
        connection.commit()
    store._trouble(peewee.OperationalError("the transaction ended in ROLLBACK"))


def test_two_that_start_at_once_on_an_empty_database_make_it_once(
    make_store: Callable[[], Store],
) -> None:
    stores = [make_store() for _ in range(3)]
    threads = [threading.Thread(target=_open_and_close, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = make_store()
    store.open()
    assert not add(store).repeated


def _open_and_close(store: Store) -> None:
    store.open()
    store.close()


async def test_giving_out_a_place_holds_no_row_that_another_process_needs(
    running: Store, other: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    barrier = Barrier()

    def add_and_wait() -> None:
        contacts.add(new("1"))
        barrier.wait()

    call = running.run(add_and_wait)
    await asyncio.to_thread(barrier.until_reached)
    other.execute("SELECT value FROM counter FOR UPDATE NOWAIT")
    barrier.open()
    await call


async def test_memory_is_read_anew_after_what_a_lost_connection_still_commits(
    running: Store, other: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    lost = running._database  # this thread's own connection, in the part of one that is lost
    lost.begin()
    added = contacts.add(new("1"))
    reading = running.run(recovery.read_and_write)
    waits = "SELECT 1 FROM pg_locks WHERE NOT granted"
    while not reading.done() and other.execute(waits).fetchone() is None:
        await asyncio.sleep(0)
    lost.commit()
    assert [one.id for one in (await reading).open_contacts] == [added.contact_id]


async def test_an_error_says_nothing_of_what_a_contact_holds(running: Store) -> None:
    def break_a_rule() -> None:
        added = contacts.add(new("1", data={"cid": "19701122-4499"}))
        database.execute_sql(f"UPDATE contact SET place = NULL WHERE id = {added.contact_id}")

    with pytest.raises(peewee.IntegrityError, match="violates check constraint") as broken:
        await running.run(break_a_rule)
    assert "19701122" not in "".join(traceback.format_exception(broken.value))


async def test_damage_is_told_apart_and_remembered(
    running: Store, seam: Watched, expect_log: ExpectLog
) -> None:
    expect_log(r"ERROR ace_server\.store\.store: the database is damaged: invalid page")

    def damaged(kind: str) -> None:
        raise peewee.InternalError(psycopg.errors.DataCorrupted("invalid page"), "invalid page")

    seam.before = damaged
    with pytest.raises(Corrupt):
        await running.run(contacts.add, new("1"))
    seam.before = lambda kind: None
    assert running.corrupt == "invalid page"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "", quote("/var/run/postgresql", safe="")]
)
def test_on_this_machine_a_connection_needs_no_certificate(host: str) -> None:
    assert "sslmode" not in Postgresql(f"postgresql://ace@{host}/ace", Seam()).connect_params


@pytest.mark.parametrize("end", ["", "?sslmode=verify-full"])
def test_over_a_network_the_servers_certificate_is_checked(end: str) -> None:
    made = Postgresql(f"postgresql://ace@db.bank.example/ace{end}", Seam())
    assert made.connect_params["sslmode"] == "verify-full"


@pytest.mark.parametrize("mode", ["disable", "prefer", "require", "verify-ca"])
@pytest.mark.parametrize("hosts", ["db.bank.example", "127.0.0.1,db.bank.example"])
def test_over_a_network_nothing_weaker_will_do(mode: str, hosts: str) -> None:
    with pytest.raises(Unavailable, match="verify-full"):
        Postgresql(f"postgresql://ace@{hosts}/ace?sslmode={mode}", Seam())


def test_a_host_that_the_environment_names_is_over_a_network(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PGHOST", "db.bank.example")
    assert Postgresql("postgresql:///ace", Seam()).connect_params["sslmode"] == "verify-full"
    assert "sslmode" not in Postgresql("postgresql://127.0.0.1/ace", Seam()).connect_params


def test_a_host_that_a_service_file_names_may_be_over_a_network() -> None:
    with pytest.raises(Unavailable, match="verify-full"):
        Postgresql("postgresql:///ace?service=bank&sslmode=prefer", Seam())


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_either_scheme_names_the_same_database(
    data: Path, postgresql_url: str, scheme: str
) -> None:
    url = f"{scheme}://{postgresql_url.partition('://')[2]}"
    store = Store(data, url=url)
    store.open()
    assert store.perform(lambda: database.get_tables())
    store.close()


def test_options_of_the_url_are_kept_beside_ours(data: Path, postgresql_url: str) -> None:
    store = Store(data, url=f"{postgresql_url}?options=-c%20work_mem%3D7MB")
    store.open()
    shown = [
        store.perform(lambda name=name: database.execute_sql(f"SHOW {name}").fetchone())
        for name in ("work_mem", "lock_timeout", "tcp_user_timeout")
    ]
    store.close()
    assert shown == [("7MB",), ("5s",), ("25000",)]


def test_a_server_that_vanishes_while_it_is_asked_is_noticed(store: Store) -> None:
    asked = store.perform(lambda: store._database.connection().info.get_parameters())
    assert asked["tcp_user_timeout"] == "25000", "milliseconds; else a quarter of an hour"


@pytest.mark.parametrize(
    ("hosts", "end", "wanted"),
    [
        ("127.0.0.1", "", None),
        ("127.0.0.1,localhost", "", "read-write"),
        ("127.0.0.1,localhost", "?target_session_attrs=any", None),
    ],
)
def test_of_several_hosts_the_one_that_can_be_written_is_wanted(
    hosts: str, end: str, wanted: str | None
) -> None:
    made = Postgresql(f"postgresql://ace@{hosts}/ace{end}", Seam())
    assert made.connect_params.get("target_session_attrs") == wanted


def test_an_address_that_cannot_be_read_is_refused_without_showing_its_password() -> None:
    with pytest.raises(Unavailable, match="no address of a database") as refused:
        Postgresql("postgresql://ace:open-sesame@127.0.0.1:port/ace?colour=red", Seam())
    assert "open-sesame" not in str(refused.value)


async def test_who_would_lead_waits_for_what_is_done_under_the_lease(
    running: Store, other: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    running.lead(await running.run(lease.take, "north", None) or 0)
    barrier = Barrier()

    def add_and_wait() -> None:
        contacts.add(new("1"))
        barrier.wait()

    call = running.run(add_and_wait)
    await asyncio.to_thread(barrier.until_reached)
    take_it = "SELECT pg_try_advisory_xact_lock(%s)"
    assert other.execute(take_it, (lease.HELD,)).fetchone() == (False,)
    barrier.open()
    await call
    assert other.execute(take_it, (lease.HELD,)).fetchone() == (True,)


async def test_what_only_reads_under_a_lease_writes_nothing(running: Store) -> None:
    running.lead(await running.run(lease.take, "north", None) or 0)
    current = "SELECT pg_current_xact_id_if_assigned()"
    assert await running.run(lambda: database.execute_sql(current).fetchone()) == (None,)
