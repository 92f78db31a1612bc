"""One moment of a store as a file: all of it, nothing else, and whole or not at all."""

import json
import os
import shutil
import stat
import zipfile
from pathlib import Path

import pytest
from filelock import FileLock

from ace_server import VERSION
from ace_server.administration import backup, running
from ace_server.errors import Refused, Unavailable
from ace_server.store import Store, audit, engine, log_ins, tables
from ace_server.store.models import Base
from tests.administration import stores
from tests.administration.stores import NOON


@pytest.fixture
def source(data):
    """A data folder with something in every table."""
    stores.make(data)
    return data


@pytest.fixture
def file(tmp_path):
    """Where a backup goes."""
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "monday.zip"


def take(data, file):
    return backup.take(data, "", file, NOON)


def members(file):
    with zipfile.ZipFile(file) as found:
        return {name: found.read(name) for name in found.namelist()}


def audited(data):
    store = Store(data)
    store.open()
    found = store.perform(audit.rows), store.perform(audit.first_broken)
    store.close()
    return found


def test_what_is_restored_equals_what_was_backed_up(source, file, tmp_path):
    taken = take(source, file)
    assert (taken.contacts, taken.attachments) == (5, 3)
    made = backup.restore(tmp_path / "new", "", file, NOON)
    assert (made.contacts, made.attachments, made.made_at) == (5, 3, NOON)
    assert stores.content(tmp_path / "new") == stores.content(source)
    assert all(stores.content(source).values()), "a table without a row proves nothing"
    assert stores.lost(tmp_path / "new" / "attachments", stores.content(source)) == []
    assert stores.faults(stores.database(tmp_path / "new")) == []


def test_every_table_is_in_a_backup_or_left_out_with_a_reason(source, file):
    take(source, file)
    manifest = json.loads(members(file)["manifest.json"])
    every = {model._meta.table_name for model in Base.__subclasses__()}
    assert set(manifest["tables"]) == every - set(tables.LEFT_OUT)
    assert set(tables.LEFT_OUT) - every == {"schema_migration"}


def test_a_file_says_what_it_is(source, file):
    take(source, file)
    manifest = json.loads(members(file)["manifest.json"])
    assert manifest["format"] == 1
    assert manifest["program"] == VERSION
    assert manifest["engine"] == "sqlite"
    assert manifest["schema"] == engine.migrations()
    assert manifest["madeAt"] == "2026-11-20T12:00:00Z"
    assert manifest["tables"]["contact"]["rows"] == 5


def test_log_ins_are_in_no_backup_and_do_not_come_back(source, file, tmp_path):
    take(source, file)
    token = log_ins.digest(stores.TOKEN).encode()
    assert not any(token in content for content in members(file).values())
    backup.restore(tmp_path / "new", "", file, NOON)
    assert stores.tables(stores.database(tmp_path / "new"))["log_in"] == []


def test_secrets_are_in_a_backup_as_they_are_stored(source, file):
    take(source, file)
    rows = [json.loads(line) for line in members(file)["tables/secret.jsonl"].splitlines()]
    assert rows == [
        ["user", "anna", "hash", "$argon2id$made-up"],
        ["work_item_account", "loans", "env", "ACE_LOANS"],
    ]


@pytest.mark.skipif(os.name == "nt", reason="not proved: modes of files, which Windows has not")
def test_a_backup_is_for_its_owner_alone(source, file):
    before = os.umask(0o022)
    try:
        take(source, file)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_taking_a_backup_is_in_the_audit_of_its_source(source, file):
    assert take(source, file).not_in_audit == ""
    rows, broken = audited(source)
    assert (rows[-1].action, rows[-1].object) == ("backed up", str(file))
    assert rows[-1].detail == "5 contacts, 3 attachments"
    assert broken is None


def test_the_audit_goes_on_in_what_is_restored(source, file, tmp_path):
    take(source, file)
    backup.restore(tmp_path / "new", "", file, NOON)
    rows, broken = audited(tmp_path / "new")
    assert [row.action for row in rows] == ["configured", "restored"]
    assert broken is None


def test_an_audit_that_cannot_be_written_does_not_cost_the_backup(source, file, monkeypatch):
    monkeypatch.setattr(running, "PATIENCE", 0.0)
    with FileLock(source / running.LOCK):
        taken = take(source, file)
    assert "another process holds" in taken.not_in_audit
    assert file.exists()


def test_a_backup_leaves_an_older_schema_as_it_is(source, file, tmp_path, monkeypatch):
    folder = tmp_path / "migrations"
    shutil.copytree(engine.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    later = 'def up(migrator, db):\n    db.execute_sql("ALTER TABLE desk ADD COLUMN colour TEXT")\n'
    (folder / "9999_colour.py").write_text(later)
    older = engine.migrations()
    monkeypatch.setattr(engine, "MIGRATIONS", folder)
    assert take(source, file).not_in_audit == ""
    assert len(stores.tables(stores.database(source))["schema_migration"]) == len(older)
    assert json.loads(members(file)["manifest.json"])["schema"] == older


# What fails


def refusal(source, file):
    with pytest.raises(Refused) as refused:
        take(source, file)
    return refused.value.reason


def longest(source):
    files = [path for path in (source / "attachments").rglob("*") if path.is_file()]
    return max(files, key=lambda path: path.stat().st_size)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda path: path.unlink(), "cannot be read: No such file"),
        (lambda path: path.write_bytes(b"RIFX" * 900), "is damaged"),
    ],
)
def test_an_attachment_that_is_not_whole_is_named_and_leaves_no_backup(source, file, harm, said):
    path = longest(source)
    harm(path)
    reason = refusal(source, file)
    assert "contact 1" in reason and said in reason and str(path) in reason
    assert list(file.parent.iterdir()) == []


def test_a_backup_that_fails_leaves_the_one_of_yesterday(source, file):
    take(source, file)
    before = file.read_bytes()
    longest(source).unlink()
    refusal(source, file)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_backup_takes_the_place_of_another(source, file):
    take(source, file)
    store = Store(source)
    store.open()
    store.perform(audit.record, NOON, "anna", "looked")
    store.close()
    take(source, file)
    assert b'"looked"' in members(file)["tables/audit.jsonl"]


@pytest.mark.parametrize("other", ["text", "zip", "database"])
def test_a_backup_takes_the_place_of_nothing_else(source, file, other):
    if other == "text":
        file.write_text("a letter")
    elif other == "zip":
        with zipfile.ZipFile(file, "w") as letter:
            letter.writestr("letter.txt", "a letter")
    else:
        file = stores.database(source)
    before = file.read_bytes()
    assert "is no backup" in refusal(source, file)
    assert file.read_bytes() == before


def test_a_folder_without_a_store_has_no_backup(data, file):
    assert str(data) in refusal(data, file)
    assert list(file.parent.iterdir()) == []
    assert not data.exists()


def test_a_backup_into_a_folder_that_is_not_there_says_so(source, tmp_path):
    assert "No such file or directory" in refusal(source, tmp_path / "nowhere" / "monday.zip")


def test_a_full_disk_is_said_to_be_the_disk_of_the_backup(source):
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("not proved: a full disk, which only Linux plays")
    with full.open("wb", buffering=0) as out, backup.Writer(out) as writer:
        with pytest.raises(Unavailable, match="the backup cannot be written: No space left"):
            writer.attachment("0" * 64, [b"x" * 5_000_000])
        with pytest.raises(Unavailable):
            writer.finish("", "", [], NOON)
