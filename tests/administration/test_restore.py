"""A store made of a backup: in the place of another in one step, of nothing that is not whole."""

import errno
import json
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from filelock import FileLock

from ace_server.administration import archive, backup, running
from ace_server.errors import Refused, Unavailable
from ace_server.server import Server
from ace_server.store import Seam, Store, audit, engine, history, outgoing
from ace_server.store.outgoing import MAY_HAVE_BEEN_SENT_SINCE, NewOutgoing, Recipient, Sent
from tests.administration import stores
from tests.administration.stores import NOON

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    """A data folder, a backup of it, and a data folder with another store; read only."""
    folder = tmp_path_factory.mktemp("bank")
    stores.make(folder / "data")
    stores.make(folder / "other", files=(b"other" * 90,), name="OTHER")
    backup.take(folder / "data", "", folder / "backup.zip", NOON)
    return folder


@pytest.fixture
def file(bank, tmp_path):
    """A backup of one's own."""
    return Path(shutil.copy(bank / "backup.zip", tmp_path))


@pytest.fixture
def other(bank, data):
    """A data folder that holds another store."""
    return shutil.copytree(bank / "other", data)


def restore(data, file, **options):
    return backup.restore(data, "", file, NOON, **options)


def refusal(data, file, **options):
    with pytest.raises(Refused) as refused:
        restore(data, file, **options)
    return refused.value.reason


@contextmanager
def unchanged(data):
    """What happens in here leaves the store as it is, and nothing beside it."""
    before = stores.tables(stores.database(data)), named(data)
    yield
    assert (stores.tables(stores.database(data)), named(data)) == before


def named(data):
    beside = ("-wal", "-shm")
    files = (path for path in data.rglob("*") if not path.name.endswith(beside))
    return {
        path for path in files if path.name not in running.LOCKS and "attachments/" not in str(path)
    }


# Into what


def test_a_store_that_is_there_is_not_replaced_unasked(other, file):
    with unchanged(other):
        assert "--replace" in refusal(other, file)


def test_what_is_replaced_is_kept_as_a_whole(other, file, bank):
    before = stores.content(other)
    made = restore(other, file, replace=True)
    database, attachments = map(Path, made.kept)
    assert stores.content(other) == stores.content(bank / "data")
    kept = stores.tables(database)
    assert {name: kept[name] for name in before} == before
    assert stores.lost(attachments, before) == []
    assert stores.faults(database) == []


async def test_what_is_kept_stays_when_a_server_has_started(other, file):
    before = stores.content(other)
    made = restore(other, file, replace=True)
    server = Server(other)
    await server.start()
    await server.stop()
    assert stores.lost(Path(made.kept[1]), before) == []
    assert stores.lost(other / "attachments", stores.content(other)) == []
    assert not any("other" in path.read_text("latin1") for path in files_in(other / "attachments"))


def files_in(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_was_put_aside_before_is_not_replaced(other, file):
    first = restore(other, file, replace=True)
    second = restore(other, file, replace=True)
    assert len({*first.kept, *second.kept}) == 4
    assert all(Path(one).exists() for one in (*first.kept, *second.kept))


def test_the_audit_says_what_was_kept(other, file):
    made = restore(other, file, replace=True)
    store = Store(other)
    store.open()
    last = store.perform(audit.rows)[-1]
    store.close()
    assert (last.actor, last.action) == ("restore", "restored")
    assert "2026-11-20 12:00:00Z" in last.detail
    assert Path(made.kept[0]).name.endswith(last.detail.rpartition(" ")[2])


def test_a_damaged_store_is_replaced_and_kept(other, file, bank):
    stores.database(other).write_bytes(damage := b"no database at all" * 500)
    made = restore(other, file, replace=True)
    assert stores.content(other) == stores.content(bank / "data")
    assert Path(made.kept[0]).read_bytes() == damage


def test_a_damaged_store_is_kept_with_what_was_only_in_its_log(other, file):
    assert keep_log(other)
    harm(stores.database(other), "history")
    made = restore(other, file, replace=True)
    with pytest.raises(sqlite3.DatabaseError, match="malformed"):
        stores.faults(made.kept[0])
    assert ("anna", "only in the log") in [row[2:4] for row in audit_of(made.kept[0])]
    assert not Path(f"{made.kept[0]}-wal").exists()


def harm(path, table):
    """Write nonsense over the root of a table."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        ((page,),) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", [table]
        )
        ((size,),) = connection.execute("PRAGMA page_size")
    with path.open("r+b") as raw:
        raw.seek((page - 1) * size)
        raw.write(b"nonsense" * (size // 8))


def audit_of(path):
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT * FROM audit").fetchall()


def test_what_was_only_in_the_log_is_kept(other, file):
    kept = keep_log(other)
    assert kept, "nothing was in the log"
    made = restore(other, file, replace=True)
    assert ("anna", "only in the log") in [row[2:4] for row in audit_of(made.kept[0])]


def keep_log(data):
    """Leave a database as a kill leaves it: with a row that is in its log alone."""
    path = stores.database(data)
    write = (
        "import sqlite3, os; c = sqlite3.connect({!r}, isolation_level=None);"
        "c.execute(\"INSERT INTO audit VALUES (9, 0, 'anna', 'only in the log', '', '', '', '')\");"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", write.format(str(path))], check=True)
    return path.with_name(path.name + "-wal").stat().st_size


def test_a_store_that_somebody_reads_is_left_alone(other, file, monkeypatch):
    monkeypatch.setattr("ace_server.store.sqlite.PATIENCE", 0.0)
    with closing(sqlite3.connect(stores.database(other), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM contact").fetchone()
        with unchanged(other), pytest.raises(Unavailable, match="somebody reads"):
            restore(other, file, replace=True)


def test_a_store_with_a_server_is_left_alone(other, file, monkeypatch):
    monkeypatch.setattr(running, "PROBED", 0.0)
    with FileLock(other / running.LOCK), unchanged(other):
        assert "stop it first" in refusal(other, file, replace=True)


def test_no_server_starts_meanwhile(data, file):
    held = []

    def look(*_: object) -> None:
        held.append(running._is_taken(data / running.LOCK))

    restore(data, file, tell=look)
    assert held and all(held)


def test_an_empty_database_is_no_store(data, file):
    data.mkdir()
    stores.database(data).touch()
    assert restore(data, file).kept == []


def test_another_database_is_made_where_it_is_named(data, file, tmp_path, bank):
    place = tmp_path / "elsewhere.sqlite"
    backup.restore(data, f"sqlite:///{place}", file, NOON)
    found = stores.tables(place)
    assert found["contact"] == stores.content(bank / "data")["contact"]
    assert not stores.database(data).exists()


def test_drafts_of_a_restore_that_was_cut_off_are_dropped(data, file):
    (data / "incoming").mkdir(parents=True)
    (data / "incoming" / "left").write_bytes(b"half")
    (data / "ace.sqlite.restoring").write_bytes(b"half")
    restore(data, file)
    assert list((data / "incoming").iterdir()) == []
    assert not (data / "ace.sqlite.restoring").exists()


# An older schema


def test_an_older_schema_is_brought_up_to_date(data, file, tmp_path, monkeypatch, bank):
    folder = tmp_path / "migrations"
    shutil.copytree(engine.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    later = "def up(migrator, db):\n    db.execute_sql(\"UPDATE contact SET note = 'migrated'\")\n"
    (folder / "9999_note.py").write_text(later)
    monkeypatch.setattr(engine, "MIGRATIONS", folder)
    restore(data, file)
    found = stores.tables(stores.database(data))
    assert len(found["schema_migration"]) == len(engine.migrations())
    assert len(found["contact"]) == 5
    assert all("migrated" in row for row in found["contact"])
    assert [path.name for path in data.glob("*before-migration")] == []


# Files that are no backups, or not whole


def rewrite(file, change):
    """Write a backup anew, with its members changed."""
    with zipfile.ZipFile(file) as found:
        members = {info.filename: found.read(info) for info in found.infolist()}
    change(members)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)


def manifest(change):
    def rewritten(members):
        found = json.loads(members["manifest.json"])
        change(found)
        members["manifest.json"] = json.dumps(found).encode()

    return rewritten


def table(name, change):
    """Change the rows of a table, and what the manifest says of them."""

    def rewritten(members):
        rows = change([json.loads(line) for line in members[f"tables/{name}.jsonl"].splitlines()])
        raw = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
        members[f"tables/{name}.jsonl"] = raw
        facts = {"rows": len(rows), "bytes": len(raw), "sha256": sha256(raw).hexdigest()}
        manifest(lambda found: found["tables"][name].update(facts))(members)

    return rewritten


THERE = sum(map(len, (*stores.FILES, stores.mail_file())))
"""Bytes of the files in a backup."""


def attach(name, content):
    def rewritten(members):
        members[name] = content
        sizes = {"attachments": 4, "attachmentBytes": THERE + len(content)}
        manifest(lambda found: found.update(sizes))(members)

    return rewritten


def longest(members):
    return max((name for name in members if name.startswith("att")), key=lambda n: len(members[n]))


def first(change):
    return lambda rows: [change(rows[0]), *rows[1:]]


EVIL = "attachments/../../evil"
STRAY = f"attachments/{sha256(b'stray').hexdigest()}"

CHANGES = {
    "a name that climbs": (attach(EVIL, b"evil"), "not what its manifest says"),
    "an absolute name": (attach("/tmp/evil", b"evil"), "not what its manifest says"),
    "a file more": (attach(STRAY, b"stray"), "other attachments than its contacts"),
    "a file less": (lambda m: m.pop(longest(m)), "attachments are missing"),
    "a file with other content": (
        lambda m: m.update({longest(m): b"RIFX" * 900}),
        "is damaged: attachment",
    ),
    "a table less": (lambda m: m.pop("tables/desk.jsonl"), "not what its manifest says"),
    "a table more": (
        lambda m: m.update({"tables/log_in.jsonl": b""}),
        "not what its manifest says",
    ),
    "a table that nobody knows": (
        manifest(lambda found: found["tables"].pop("desk")),
        "not what its manifest says",
    ),
    "a row changed": (
        lambda m: m.update(
            {"tables/contact.jsonl": m["tables/contact.jsonl"].replace(b"LOAN-1", b"LOAN-9")}
        ),
        "table contact is not as it was written",
    ),
    "a row that is none": (table("desk", lambda rows: [{"login": "x"}]), "holds what cannot be"),
    "a row too short": (table("desk", lambda rows: [rows[0][:-1]]), "holds what cannot be"),
    "a text for a number": (
        table("contact", first(lambda row: ["one", *row[1:]])),
        "holds what cannot be",
    ),
    "a number past every number": (
        table("contact", first(lambda row: [2**70, *row[1:]])),
        "holds what cannot be",
    ),
    "nothing where something must be": (
        table("contact", first(lambda row: [row[0], None, *row[2:]])),
        "holds what cannot be",
    ),
    "a state that is none": (
        table("contact", first(lambda row: [*row[:5], "lost", *row[6:]])),
        "table contact holds rows that cannot be",
    ),
    "a configuration that nobody reads": (
        table("entry", first(lambda row: [*row[:3], '{"colour": 1}'])),
        "its configuration cannot be read",
    ),
    "a contact twice": (
        table("contact", lambda rows: [*rows, rows[0]]),
        "table contact holds rows that cannot be",
    ),
    "history of no contact": (
        table("history", first(lambda row: [row[0], 99, *row[2:]])),
        "rows that cannot be",
    ),
    "a column by another name": (
        manifest(lambda found: found["tables"]["desk"]["columns"].__setitem__(0, 'x" --')),
        "other columns than it should",
    ),
    "a column twice": (
        manifest(lambda found: found["tables"]["desk"]["columns"].__setitem__(0, "since")),
        "other columns than it should",
    ),
    "a newer form": (manifest(lambda found: found.update(format=2)), "newer program"),
    "a newer schema": (
        manifest(lambda found: found.update(schema=["0001_spine", "0099_later"], program="9.1")),
        "0099_later); restore it with version 9.1",
    ),
    "no schema": (manifest(lambda found: found.update(schema=[])), "names no schema"),
    "a manifest that is none": (
        lambda m: m.update({"manifest.json": b"[]"}),
        "holds what cannot be",
    ),
    "no manifest": (lambda m: m.pop("manifest.json"), "is not a backup"),
    "a manifest too long": (
        manifest(lambda found: found.update(program="x" * archive.MOST_MANIFEST)),
        "is not a backup",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_backup_that_is_not_whole_is_refused_and_changes_nothing(other, file, change, tmp_path):
    changed, said = CHANGES[change]
    rewrite(file, changed)
    with unchanged(other):
        assert said in refusal(other, file, replace=True)
    assert not (tmp_path / "evil").exists() and not Path("/tmp/evil").exists()


def test_a_file_that_is_no_zip_is_refused_and_makes_nothing(data, file):
    file.write_bytes(b"PK" + b"\0" * 500)
    assert "is not a backup" in refusal(data, file)
    assert not data.exists()


def test_a_file_that_is_not_there_says_so(data, tmp_path):
    assert "No such file" in refusal(data, tmp_path / "nowhere.zip")
    assert not data.exists()


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_backup_that_was_cut_off_is_refused(data, file, part):
    raw = file.read_bytes()
    file.write_bytes(raw[: int(len(raw) * part)])
    assert "is not a backup" in refusal(data, file)


def test_no_changed_byte_gets_into_a_store(bank, file, data):
    """Whichever it is: the backup is refused, or it is a byte that means nothing."""
    raw = bank.joinpath("backup.zip").read_bytes()
    expected = stores.content(bank / "data")
    for position in range(0, len(raw), 199):
        changed = bytearray(raw)
        changed[position] ^= 0x15
        file.write_bytes(changed)
        try:
            restore(data, file)
        except Refused:
            assert not stores.database(data).exists()
        else:
            assert stores.content(data) == expected, f"byte {position}"
        shutil.rmtree(data, ignore_errors=True)


def test_something_twice_is_refused(data, file):
    with zipfile.ZipFile(file, "a") as found, pytest.warns(UserWarning, match="Duplicate"):
        found.writestr("tables/desk.jsonl", b"")
    assert "twice" in refusal(data, file)


def test_a_bomb_is_refused_before_it_is_unfolded(data, file):
    """What says truly that it is larger than the disk."""

    def swell(members):
        huge = {"rows": 1, "bytes": 2**60, "sha256": "0" * 64}
        manifest(lambda found: found["tables"]["desk"].update(huge))(members)

    rewrite(file, swell)
    promise(file, "tables/desk.jsonl", 2**60)
    assert "bytes free, the backup needs up to" in refusal(data, file)
    assert not stores.database(data).exists()
    assert not (data / "ace.sqlite.restoring").exists()


def promise(file, name, size):
    """Let the directory of a zip say that a member has another size."""
    with zipfile.ZipFile(file, "a") as found:
        found.getinfo(name).file_size = size
        found._didModify = True


def test_what_unfolds_to_more_than_it_says_is_cut_off(data, file):
    """A megabyte that says to be as long as the row that was there."""
    with zipfile.ZipFile(file) as found:
        length = found.getinfo("tables/desk.jsonl").file_size
    rewrite(file, lambda members: members.update({"tables/desk.jsonl": b" " * 2**20}))
    promise(file, "tables/desk.jsonl", length)
    assert "is damaged" in refusal(data, file)
    assert not stores.database(data).exists()


def test_an_audit_that_was_changed_is_told(data, file):
    rewrite(file, table("audit", first(lambda row: [*row[:2], "somebody", *row[3:]])))
    (note,) = restore(data, file).notes
    assert "row 1 was changed" in note


# Cut off, and out of order


def test_whenever_it_is_killed_the_old_store_or_the_new_one_is_whole(bank, tmp_path):
    """kill -9 at every write, sync, rename and commit; then a second try completes it."""
    killing = [sys.executable, "-m", "tests.administration.killing", str(bank), str(tmp_path)]
    done = subprocess.run(killing, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["old"] > 10 and told["new"] >= 1, told


class Order(Seam):
    """Notes what was called."""

    def __init__(self):
        self.kinds = []

    def call(self, kind, action):
        self.kinds.append(kind)
        return action()


def test_the_new_database_is_durable_before_it_gets_its_name(data, file):
    seam = Order()
    restore(data, file, seam=seam)
    assert seam.kinds[-3:] == ["fsync", "rename", "fsync"]


class Full(Seam):
    """Fails at the first call of a kind that comes after so many of them."""

    def __init__(self, kind, after):
        self.kind, self.left = kind, after

    def call(self, kind, action):
        self.left -= kind == self.kind
        if kind == self.kind and self.left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return action()


@pytest.mark.parametrize(("kind", "after"), [("write", 0), ("fsync", 3), ("rename", 1)])
def test_a_full_disk_leaves_the_old_store_as_it_was(other, file, kind, after):
    with unchanged(other), pytest.raises(Unavailable):
        restore(other, file, replace=True, seam=Full(kind, after))


# What waited to be sent


def test_mail_that_may_have_been_sent_since_is_not_sent_again_by_itself(bank, data, tmp_path):
    source = shutil.copytree(bank / "data", tmp_path / "source")
    store = Store(source)
    store.open()
    _, sending = (store.perform(outgoing.add, to_two(store), NOON) for _ in range(2))
    store.perform(outgoing.claim, ["loans@bank.example"], "north", NOON, 1)
    queued = store.perform(outgoing.add, to_two(store), NOON)
    store.close()
    backup.take(source, "", tmp_path / "later.zip", NOON)
    (note,) = restore(data, tmp_path / "later.zip").notes
    assert note.startswith("3 mails were waiting to be sent")
    restored = Store(data)
    restored.open()
    rows = [restored.perform(outgoing.get, number) for number in (sending, queued)]
    assert [row.state for row in rows] == [Sent.UNKNOWN] * 2
    assert {one.said for row in rows for one in row.recipients} == {MAY_HAVE_BEEN_SENT_SINCE}
    assert restored.perform(outgoing.next_due, ["loans@bank.example"]) is None
    assert restored.perform(history.of, 1)[-1].detail == "unknown"
    restored.perform(outgoing.send_again, queued, NOON, "sara")
    restored.close()


def to_two(store):
    digest = next(iter(store.files.kept()))
    to = (Recipient("eva@customer.example"), Recipient("ulf@customer.example"))
    return NewOutgoing(
        kind="reply",
        account="loans@bank.example",
        sender="loans@bank.example",
        recipients=to,
        digest=digest,
        contact=1,
    )
