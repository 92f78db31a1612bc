"""How the schema comes to be what it is today, whatever happens on the way (A-4)."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from ace_server.contact import IN_HAND, AgentState
from ace_server.errors import Unavailable
from ace_server.store import NewerSchema, Store, decisions, disposals, ledger, outgoing
from ace_server.store import engine as engines
from ace_server.store.decisions import AgentChange
from ace_server.store.engine import FILE_NAME
from ace_server.store.models import Base, database, to_stored
from tests.store.making import AT, LATER, add, row

MakeStore = Callable[[], Store]
ExpectLog = Callable[[str], None]

OF_A_FILE = pytest.mark.parametrize("engine", ["sqlite"])
"""The copy before a migration is SQLite's alone (`Postgresql.before_migration`)."""

COPY = FILE_NAME + ".before-migration"

RIGHT = """
import peewee as pw

def up(migrator, db):
    migrator.migrate(migrator.add_column("contact", "colour", pw.TextField(default="blue")))
    db.execute_sql("UPDATE contact SET colour = 'red'")
"""
WRONG = RIGHT + '    db.execute_sql("UPDATE contact SET shape = 1")\n'


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with today's migrations, in which a test puts later ones."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for file in engines.MIGRATIONS.glob("*.py"):
        (folder / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(engines, "MIGRATIONS", folder)
    return folder


@pytest.fixture
def old(store: Store, migrations: Path) -> int:
    """A contact in a closed store of today's schema; its id."""
    contact = add(store).contact_id
    store.close()
    return contact


def _query(store: Store, sql: str) -> list[tuple[object, ...]]:
    return store.perform(lambda: list(database.execute_sql(sql)))


def _tables(store: Store) -> set[str]:
    return store.perform(lambda: set(store._database.get_tables()))


def _everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    return {table: _query(store, f'SELECT * FROM "{table}"') for table in _tables(store)}


def test_an_empty_folder_becomes_a_store(store: Store) -> None:
    assert not add(store).repeated


def test_every_table_and_column_of_today_is_made(store: Store) -> None:
    for model in Base.__subclasses__():
        columns = {column.name for column in database.get_columns(model._meta.table_name)}
        assert columns == {field.column_name for field in model._meta.sorted_fields}, model


def test_every_index_of_today_is_made(store: Store) -> None:
    for model in Base.__subclasses__():
        declared = {tuple(index._expressions) for index in model._meta.fields_to_index()}
        names = {tuple(field.column_name for field in fields) for fields in declared}
        made = {tuple(index.columns) for index in database.get_indexes(model._meta.table_name)}
        assert names <= made, model


def test_opening_again_changes_nothing(store: Store, make_store: MakeStore) -> None:
    contact = add(store).contact_id
    before = row(store, contact), _tables(store)
    store.close()
    store = make_store()
    store.open()
    assert (row(store, contact), _tables(store)) == before


def test_no_copy_is_made_where_nothing_is_migrated(
    store: Store, make_store: MakeStore, data: Path
) -> None:
    store.close()
    make_store().open()
    assert not (data / COPY).exists()


def test_a_later_migration_is_applied_to_what_is_there(
    old: int, migrations: Path, make_store: MakeStore
) -> None:
    (migrations / "0902_colour.py").write_text(RIGHT)
    store = make_store()
    store.open()
    assert _query(store, "SELECT id, colour FROM contact") == [(old, "red")]
    assert row(store, old).external_id == "LOAN-1"


@OF_A_FILE
def test_a_copy_is_made_before_a_later_migration(
    old: int, migrations: Path, make_store: MakeStore, data: Path
) -> None:
    (migrations / "0902_colour.py").write_text(RIGHT)
    make_store().open()
    copy = sqlite3.connect(data / COPY)
    assert copy.execute("SELECT external_id FROM contact").fetchall() == [("LOAN-1",)]
    assert copy.execute("SELECT name FROM schema_migration WHERE name > '0900'").fetchall() == []
    assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    copy.close()


@OF_A_FILE
def test_the_copy_is_whole_while_somebody_reads(
    store: Store, migrations: Path, make_store: MakeStore, data: Path
) -> None:
    reader = sqlite3.connect(data / FILE_NAME, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM contact").fetchone()
    add(store)  # stays in the log for as long as the reader looks at what was before
    store.close()
    (migrations / "0902_colour.py").write_text(RIGHT)
    make_store().open()
    reader.close()
    copy = sqlite3.connect(data / COPY)
    assert copy.execute("SELECT external_id FROM contact").fetchall() == [("LOAN-1",)]
    copy.close()


@OF_A_FILE
def test_only_the_owner_may_read_the_copy(
    old: int, migrations: Path, make_store: MakeStore, data: Path
) -> None:
    (migrations / "0902_colour.py").write_text(RIGHT)
    make_store().open()
    assert (data / COPY).stat().st_mode & 0o777 == 0o600


def test_a_migration_that_fails_changes_nothing(
    old: int, migrations: Path, make_store: MakeStore, expect_log: ExpectLog
) -> None:
    expect_log('the database cannot be used now: .*column.* "?shape"?')
    (migrations / "0902_colour.py").write_text(WRONG)
    with pytest.raises(Unavailable):
        make_store().open()
    (migrations / "0902_colour.py").unlink()
    store = make_store()
    store.open()
    assert row(store, old).external_id == "LOAN-1"
    assert "colour" not in {column.name for column in database.get_columns("contact")}


def test_a_migration_that_was_interrupted_is_completed_by_the_next_start(
    old: int, migrations: Path, make_store: MakeStore, expect_log: ExpectLog
) -> None:
    expect_log("the database cannot be used now")
    (migrations / "0902_colour.py").write_text(WRONG)
    with pytest.raises(Unavailable):
        make_store().open()
    (migrations / "0902_colour.py").write_text(RIGHT)
    store = make_store()
    store.open()
    assert _query(store, "SELECT id, colour FROM contact") == [(old, "red")]


def test_a_step_that_was_done_is_not_done_again_when_the_next_one_failed(
    old: int, migrations: Path, make_store: MakeStore, expect_log: ExpectLog
) -> None:
    expect_log("the database cannot be used now")
    (migrations / "0902_colour.py").write_text(RIGHT)
    (migrations / "0903_shape.py").write_text(WRONG)
    with pytest.raises(Unavailable):
        make_store().open()
    (migrations / "0903_shape.py").write_text(RIGHT.replace("colour", "shape"))
    store = make_store()
    store.open()
    assert _query(store, "SELECT id, colour, shape FROM contact") == [(old, "red", "red")]


def test_the_database_of_a_newer_program_is_refused_and_left_as_it_is(
    old: int, migrations: Path, make_store: MakeStore, data: Path, engine: str
) -> None:
    (migrations / "0902_colour.py").write_text(RIGHT)
    store = make_store()
    store.open()
    before = _everything(store)
    store.close()
    content = (data / FILE_NAME).read_bytes() if engine == "sqlite" else b""
    (migrations / "0902_colour.py").unlink()
    store = make_store()
    with pytest.raises(NewerSchema, match="0902_colour"):
        store.open()
    store.close()
    assert not content or (data / FILE_NAME).read_bytes() == content
    (migrations / "0902_colour.py").write_text(RIGHT)
    store.open()
    assert _everything(store) == before


# Each step, on what was there before it


def _insert_of_version_4(state: str, **columns: object) -> int:
    """A job: a contact as version 4 kept it; its id."""
    times = {"received_at": to_stored(AT), "first_queued_at": to_stored(AT)}
    values = {
        "account": "loans",
        "external_id": state,
        "digest": "d",
        "entrance": "loans",
        "state": state,
        "received_as": "queued",
        "task_type": "Loan application",
        "queue": "Loans",
        "destination": 0,
        "personal": "",
        "place": 7,
        "prio": 5,
        "agent": "anna" if state in IN_HAND else None,
        **dict.fromkeys(("subject", "body", "note", "note_by"), ""),
        "data": "{}",
        **times,
        **columns,
    }
    names, marks = ", ".join(values), ", ".join([database.param] * len(values))
    sql = f"INSERT INTO contact ({names}) VALUES ({marks}) RETURNING id"
    return int(database.execute_sql(sql, tuple(values.values())).fetchone()[0])


@pytest.fixture
def version_4(make_store: MakeStore) -> Store:
    """A store of the schema before areas and waiting lists."""
    store = make_store()
    store.open("0004_attachments")
    return store


def test_what_waited_before_came_into_its_queue_when_it_was_first_queued(
    version_4: Store, make_store: MakeStore
) -> None:
    contact = version_4.perform(_insert_of_version_4, "queued")
    version_4.close()
    store = make_store()
    store.open()
    found = row(store, contact)
    assert (found.entered_at, found.area, found.prioritised) == (AT, "", False)
    assert (found.accepted_as, found.handled_for, found.in_hand_since) == (None, 0, None)


def test_what_was_in_hand_before_is_handled_since_its_accept(
    version_4: Store, make_store: MakeStore
) -> None:
    at, later = to_stored(AT), to_stored(LATER)
    accepted = version_4.perform(_insert_of_version_4, "accepted", accepted_at=at)
    parked = version_4.perform(_insert_of_version_4, "parked", accepted_at=at, parked_at=later)
    version_4.close()
    store = make_store()
    store.open()
    now = row(store, accepted), row(store, parked)
    assert [one.accepted_as for one in now] == ["Loan application"] * 2
    assert [one.in_hand_since for one in now] == [AT, None]
    assert [one.handled_for for one in now] == [0, later - at]


def test_what_every_agent_did_last_is_where_a_replay_begins(
    version_4: Store, make_store: MakeStore
) -> None:
    def insert() -> None:
        columns = "login, state, since, activity, pause_wanted, wanted_activity"
        values = ("anna", "ready", to_stored(AT), "", False, "")
        marks = ", ".join([database.param] * len(values))
        database.execute_sql(f"INSERT INTO desk ({columns}) VALUES ({marks})", values)

    version_4.perform(insert)
    version_4.close()
    store = make_store()
    store.open()
    found = store.perform(lambda: list(decisions.agents_between(LATER, LATER)))
    assert found == [AgentChange("anna", AT, AgentState.READY, "", {})]


def test_whom_somebody_had_written_to_is_known(make_store: MakeStore) -> None:
    store = make_store()
    store.open("0006_mail")

    def insert(by: str, *addresses: str) -> None:
        columns = 'kind, account, "by", sender, recipients, correspondent, subject, message_id'
        columns += ", digest, state, created_at, due_at, attempts, is_again, holder"
        to = json.dumps([{"address": one} for one in addresses])
        values = ("reply", "a", by, "", to, "", "", "", "", "queued", 0, 0, 0, False, "")
        marks = ", ".join([database.param] * len(values))
        database.execute_sql(f"INSERT INTO outgoing ({columns}) VALUES ({marks})", values)

    store.perform(insert, "anna", "Mia@Customer.Example", "bo@customer.example", "nobody")
    store.perform(insert, "anna", "bo@Bücher.example")
    store.perform(insert, "", "desk@away.example")
    store.close()
    store = make_store()
    store.open()
    known = ("customer.example", "xn--bcher-kva.example")
    found = [
        one
        for one in (*known, "away.example", "nobody")
        if store.perform(outgoing.knows_domain, one)
    ]
    assert found == list(known)


def _insert(table: str, **columns: object) -> None:
    """A job: a row as an older version kept it."""
    names, marks = ", ".join(columns), ", ".join([database.param] * len(columns))
    database.execute_sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(columns.values()))


def _mail_of_version_6(account: str, uid: str, outcome: str) -> None:
    settled_at = None if outcome == "pending" else to_stored(AT)
    texts = dict.fromkeys(("message_id", "digest", "reason"), "")
    numbers = {"uidvalidity": 7, "size": 1, "fetched_at": 1, "attempts": 0, "is_oversized": False}
    place = {"account": account, "folder": "INBOX", "uid": uid}
    _insert("mail", **place, outcome=outcome, settled_at=settled_at, **texts, **numbers)


def test_what_was_marked_as_read_before_is_not_marked_again_and_the_rest_is_seen_to(
    make_store: MakeStore,
) -> None:
    store = make_store()
    store.open("0006_mail")

    def insert() -> None:
        for position, way in enumerate(("seen", "move", "keep")):
            body = json.dumps({"name": way, "fetch": "maildir:/x", "afterwards": way})
            _insert("entry", kind="mail_account", name=way, position=position, body=body)
            for uid, outcome in enumerate(("contact", "quarantined", "pending")):
                _mail_of_version_6(way, str(uid), outcome)
            folder = {"account": way, "folder": "INBOX", "uidvalidity": 7, "last_uid": 2}
            _insert("mail_folder", **folder, on_server=3, noted=3)

    store.perform(insert)
    store.close()
    store = make_store()
    store.open()
    here = [store.perform(ledger.folder, way, "INBOX") for way in ("seen", "move", "keep")]
    assert here[0] == ledger.Seen("seen", "INBOX", 7, 2, 3), "its mailbox is not known"
    assert [len(store.perform(disposals.due, one, 9)) for one in here if one] == [0, 1, 1]
