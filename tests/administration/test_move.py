"""Backup and restore on every engine, and from one engine to another."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from ace_server import recovery
from ace_server.administration import backup
from ace_server.contact import State
from ace_server.errors import Refused, Unavailable
from ace_server.store import Fenced, Store, audit, contacts, lease
from ace_server.store.models import Contact, History
from tests.administration import stores
from tests.administration.stores import NOON
from tests.store.making import add

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def url(database_url):
    """Where the source is; each test runs on each engine."""
    return database_url


@pytest.fixture
def source(data, url):
    """A data folder with something in every table."""
    stores.make(data, url)
    return data


@pytest.fixture
def file(source, url, tmp_path):
    """A backup of it."""
    backup.take(source, url, tmp_path / "backup.zip", NOON)
    return tmp_path / "backup.zip"


@pytest.fixture
def bank(tmp_path):
    """A folder with a SQLite store and a backup of it."""
    folder = tmp_path / "bank"
    stores.make(folder / "data")
    backup.take(folder / "data", "", folder / "backup.zip", NOON)
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request, tmp_path):
    """An empty data folder, and the URL of what it is to hold."""
    if request.param == "sqlite":
        yield tmp_path / "target", ""
        return
    cluster = request.getfixturevalue("cluster")
    name = cluster.create()
    yield tmp_path / "target", cluster.url(name)
    cluster.drop(name)


@pytest.fixture
def opened(target):
    """The restored store; `perform` does jobs."""
    store = Store(target[0], url=target[1])
    yield store
    store.close()


def test_what_is_restored_equals_what_was_backed_up(source, url, file, target):
    backup.restore(*target, file, NOON)
    assert stores.content(*target) == stores.content(source, url)
    assert stores.lost(target[0] / "attachments", stores.content(*target)) == []
    assert not target[1] or stores.lost_at(target[1]) == []


def test_a_restored_store_goes_on(source, url, file, target, opened):
    backup.restore(*target, file, NOON)
    opened.open()
    assert opened.perform(audit.first_broken) is None
    before = opened.perform(_highest)
    added = add(opened, "NEW-1")
    assert (added.repeated, added.contact_id, added.place) == (False, 6, 5)
    assert opened.perform(_highest) > before
    found = opened.perform(recovery.after_restart, NOON)
    assert [(one.id, one.state) for one in found.open_contacts if one.state is State.BOOKED] == []


def _highest():
    """The greatest id of a contact and of a row of history."""
    ids = [row.id for row in Contact.select(Contact.id)]
    return max(ids), max(row.id for row in History.select(History.id))


def test_an_item_that_was_taken_in_before_is_known(source, file, target, opened):
    backup.restore(*target, file, NOON)
    opened.open()
    assert opened.perform(contacts.known, "loans", "LOAN-1").contact_id == 2


# PostgreSQL, where each machine has a folder of its own


@pytest.fixture
def away(postgresql_url, tmp_path):
    """The data folder of a machine that took nothing in, the URL, the folder of one that did."""
    stores.make(tmp_path / "near", postgresql_url)
    return tmp_path / "away", postgresql_url, tmp_path / "near"


def damage(attachments):
    for file in attachments.rglob("*"):
        if file.is_file():
            file.write_bytes(b"damaged")


def test_a_backup_has_the_files_that_lie_on_another_machine(away, tmp_path):
    folder, url, near = away
    backup.take(folder, url, tmp_path / "backup.zip", NOON)
    assert not (folder / "attachments").exists(), "a backup fills no folder"
    backup.restore(tmp_path / "new", "", tmp_path / "backup.zip", NOON)
    found = stores.content(tmp_path / "new")
    assert found == stores.content(near, url)
    assert stores.lost(tmp_path / "new" / "attachments", found) == []


def test_a_backup_takes_from_the_database_what_is_damaged_in_the_folder(away, tmp_path):
    _, url, near = away
    damage(near / "attachments")
    backup.take(near, url, tmp_path / "backup.zip", NOON)
    backup.restore(tmp_path / "new", "", tmp_path / "backup.zip", NOON)
    assert stores.lost(tmp_path / "new" / "attachments", stores.content(near, url)) == []


@pytest.mark.parametrize("harm", ["UPDATE piece SET content = 'damaged'", "DELETE FROM piece"])
def test_a_backup_takes_from_the_folder_what_is_damaged_in_the_database(away, tmp_path, harm):
    folder, url, near = away
    with psycopg.connect(url) as connection:
        connection.execute(harm)
    backup.take(near, url, tmp_path / "backup.zip", NOON)
    with pytest.raises(Refused, match=r"a file of mail 1 is damaged.* put .*away"):
        backup.take(folder, url, tmp_path / "none.zip", NOON)
    assert not (tmp_path / "none.zip").exists()


def test_a_file_that_is_nowhere_is_named_with_what_names_it(away, tmp_path):
    folder, url, _ = away
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM shared_file")
    with pytest.raises(Refused, match=r"a file of mail 1 cannot be read: No such file"):
        backup.take(folder, url, tmp_path / "none.zip", NOON)


# PostgreSQL, where a database is replaced


@pytest.fixture
def other(postgresql_url, tmp_path):
    """A data folder with another store on PostgreSQL, and its URL."""
    stores.make(tmp_path / "other", postgresql_url, files=(b"other" * 90,), name="OTHER")
    return tmp_path / "other", postgresql_url


def schemas(url):
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT nspname FROM pg_namespace").fetchall()
    return {name for (name,) in found if not name.startswith(("pg_", "information"))}


def test_what_is_replaced_is_kept_in_a_schema_of_its_own(other, bank):
    before = stores.content(*other)
    made = backup.restore(*other, bank / "backup.zip", NOON, replace=True)
    assert stores.content(*other) == stores.content(bank / "data")
    assert made.kept[0] == "schema replaced_20261120t120000z"
    kept = stores.tables_at(other[1], "replaced_20261120t120000z")
    assert {name: kept[name] for name in before} == before
    assert stores.lost(Path(made.kept[1]), before) == []
    assert stores.lost_at(other[1]) == []
    assert stores.lost_at(other[1], "replaced_20261120t120000z") == []
    assert schemas(other[1]) == {"public", "replaced_20261120t120000z"}


def test_a_core_that_was_cut_off_while_its_store_was_replaced_does_not_lead_the_new_one(
    other, bank
):
    cut_off = Store(other[0], url=other[1])
    cut_off.open()
    fence = cut_off.perform(lease.take, "north", None)
    cut_off.lead(fence)
    cut_off.close()
    backup.restore(*other, bank / "backup.zip", NOON, replace=True)
    south = Store(other[0], url=other[1])
    south.open()
    assert south.perform(lease.take, "south", south.perform(lease.look)) > fence
    with pytest.raises(Fenced):
        cut_off.perform(contacts.unbook, NOON)
    cut_off.close()
    south.close()


def test_a_database_that_another_program_uses_is_left_alone(other, bank, monkeypatch):
    monkeypatch.setattr("ace_server.store.postgresql.PATIENCE", 0.0)
    before = stores.content(*other)
    with (
        psycopg.connect(other[1]),
        pytest.raises(Unavailable, match="1 other programs are connected"),
    ):
        backup.restore(*other, bank / "backup.zip", NOON, replace=True)
    assert stores.content(*other) == before
    assert schemas(other[1]) == {"public"}


def test_whenever_it_is_killed_the_old_store_or_the_new_one_is_whole(
    postgresql_url, bank, tmp_path
):
    killing = [sys.executable, "-m", "tests.administration.killing", bank, tmp_path, postgresql_url]
    done = subprocess.run(killing, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["old"] >= 4
