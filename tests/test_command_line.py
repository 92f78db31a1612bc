"""The command line, as other people's scripts rely on it."""

import hashlib
import io
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import main
from ace_server.administration import commands, place, running
from ace_server.contact import State
from ace_server.errors import Refused, Unavailable
from ace_server.store import Files, Seam, Store, audit, contacts, mail_accounts
from ace_server.store.contacts import NewAttachment, NewContact, Placement
from ace_server.store.engine import FILE_NAME
from ace_server.store.ledger import Outcome
from ace_server.store.mail_accounts import Wish
from ace_server.store.reading import reading
from tests.mails import RAW, SUPPORT, TOO_DEEP, keep, quarantine

MAIN = Path(main.__file__)
NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)

BANK = """
[[work_item_account]]
name = "loans"
secret = "a long enough secret"

[[queue]]
name = "Loan decisions"

[[routing_rule]]
to = [{ queue = "Loan decisions" }]

[system]
workItemPort = 0
"""

FIELDS = [
    "id",
    "external_id",
    "medium",
    "entrance",
    "state",
    "task_type",
    "queue",
    "agent",
    "first_queued_at",
    "data",
    "attachments",
]


@pytest.fixture
def bank(tmp_path):
    file = tmp_path / "bank.toml"
    file.write_text(BANK)
    return file


def new(external_id, at=NINE, *, queue="Loan decisions", data=None, attachments=()):
    return NewContact(
        account="loans",
        external_id=external_id,
        digest=external_id,
        entrance="loans",
        subject="",
        body="",
        data=data or {"workItem": "https://bank.example/loans/123"},
        attachments=attachments,
        task_type="Loan application",
        placement=Placement(queue=queue),
        received_at=at,
    )


@pytest.fixture
def stored(data):
    """`stored(contact, …)`: takes contacts into the data folder; their ids."""

    def stored(*found):
        store = Store(data)
        store.open()
        ids = [store.perform(contacts.add, one).contact_id for one in found]
        store.close()
        return ids

    return stored


# What may be said


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ([], ""),
        (["demo"], "demo"),
        (["server", "--listen", "127.0.0.1:0", "--role", "all"], "server"),
        (["agent", "--server", "https://ace.example:8764"], "agent"),
        (["configure", "bank.toml"], "configure"),
        (["configure", "-"], "configure"),
        (["export"], "export"),
        (["export", "bank.toml"], "export"),
        (["contacts", "--state", "queued", "--all", "--json"], "contacts"),
        (["mail", "--outcome", "quarantined", "--json"], "mail"),
        (["mail", "retry", "7", "9", "--data", "x"], "mail"),
        (["mail", "discard", "7"], "mail"),
        (["mail", "export", "7", "-"], "mail"),
        (["mail", "try", "one.eml", "--account", "a@b.example", "--with", "x.toml"], "mail"),
        (["keywords", "load", "password", "words.txt"], "keywords"),
        (["mail", "backfill", "a@b.example", "2026-11-01", "2026-11-05"], "mail"),
        (["explain", "17"], "explain"),
        (["simulate"], "simulate"),
        (["simulate", "bank.toml", "--contacts", "9", "--agents", "2", "--json"], "simulate"),
        (["simulate", "--seed", "7", "--day", "2026-12-24", "--data", "x"], "simulate"),
        (["replay"], "replay"),
        (["replay", "--from", "2026-11-20T08:00", "--to", "2026-11-20", "--json"], "replay"),
        (["replay", "--with", "bank.toml", "--data", "x"], "replay"),
        (["backup", "monday.zip"], "backup"),
        (["restore", "monday.zip"], "restore"),
        (["restore", "monday.zip", "--replace"], "restore"),
        (["check"], "check"),
        (["test"], "test"),
        (["bench", "ingest"], "bench"),
        (["screenshots"], "screenshots"),
    ],
)
def test_promised_command_is_understood(line, command):
    assert main._arguments(line).command == command


@pytest.mark.parametrize(
    "line", [["--data", "x", "contacts"], ["contacts", "--data", "x"], ["--data", "x"]]
)
def test_data_folder_is_named_before_or_after_the_command(line):
    assert main._arguments(line).data == Path("x")


def test_what_follows_test_goes_to_pytest():
    assert main._arguments(["test", "-k", "harness", "tests/x.py"]).rest == [
        "-k",
        "harness",
        "tests/x.py",
    ]


@pytest.mark.parametrize(
    "line",
    [
        ["serve"],
        ["contacts", "--jsn"],
        ["contacts", "--state", "done"],
        ["explain", "first"],
        ["agent"],
        ["configure"],
        ["simulate", "--contacts", "0"],
        ["simulate", "--agents", "many"],
        ["simulate", "--day", "tomorrow"],
        ["backup"],
        ["restore"],
        ["restore", "monday.zip", "--repl"],
        ["server", "--listen", "8764"],
        ["server", "--listen", "localhost:http"],
        ["server", "--listen", "localhost:70000"],
        ["server", "--role", "some"],
    ],
)
def test_wrong_usage_is_exit_code_2(line, capsys):
    with pytest.raises(SystemExit) as stopped:
        main._arguments(line)
    assert stopped.value.code == 2
    assert "usage:" in capsys.readouterr().err


# Which database


def test_a_data_folder_has_its_own_database_unless_told_otherwise(data):
    assert commands.database(data, "") == ""


def test_a_data_folder_remembers_its_database(data, tmp_path):
    given = f"sqlite:///{tmp_path}/elsewhere.sqlite"
    commands.database(data, given, remember=True)
    assert commands.database(data, "") == given


def test_a_remembered_database_is_found_from_every_folder(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands.database(data, "sqlite:///near.sqlite", remember=True)
    assert commands.database(data, "") == f"sqlite:///{tmp_path}/near.sqlite"


def test_commands_that_only_read_leave_no_memory(data, tmp_path):
    commands.database(data, f"sqlite:///{tmp_path}/elsewhere.sqlite")
    assert not data.exists()


@pytest.mark.parametrize(
    ("given", "is_there"),
    [
        ("", False),
        ("sqlite:////var/lib/ace/postgresql", False),
        ("postgresql://ace@127.0.0.1/ace", True),
        ("postgres://ace@127.0.0.1/ace", True),
    ],
)
def test_a_database_on_postgresql_is_known_before_it_is_opened(data, given, is_there):
    assert place.is_on_postgresql(data, given) is is_there
    commands.database(data, given, remember=True)
    assert place.is_on_postgresql(data, "") is is_there


@pytest.mark.parametrize("secret", ["ace:open-sesame@db.example/ace", "db.example/?password=x"])
def test_a_password_does_not_belong_on_the_command_line(data, secret):
    with pytest.raises(Refused, match="PGPASSWORD") as refused:
        commands.database(data, f"postgresql://{secret}", remember=True)
    assert "open-sesame" not in refused.value.reason
    assert not data.exists()


def test_a_database_that_cannot_be_opened_is_not_remembered(data):
    with pytest.raises(Unavailable, match="sqlite"):
        commands.database(data, "oracle://db.example/ace", remember=True)
    assert not data.exists()


# configure and export


def test_configure_applies_a_file_and_says_what_changed(ace, data, bank):
    code, out, err = ace("configure", bank, "--data", data)
    assert (code, err) == (0, "")
    assert "Loan decisions" in out
    code, out, _ = ace("export", "--data", data)
    assert code == 0
    assert 'name = "Loan decisions"' in out
    assert "a long enough secret" not in out


def test_configure_of_an_export_changes_nothing(ace, data, bank, tmp_path):
    ace("configure", bank, "--data", data)
    file = tmp_path / "export.toml"
    assert ace("export", file, "--data", data)[0] == 0
    before = file.read_text()
    assert ace("configure", file, "--data", data) == (0, "nothing changes\n", "")
    ace("export", file, "--data", data)
    assert file.read_text() == before


def test_configure_reads_standard_input(ace, data, bank, monkeypatch):
    with bank.open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert ace("configure", "-", "--data", data)[0] == 0
    assert "Loan decisions" in ace("export", "--data", data)[1]


def test_configure_names_the_line_of_a_syntax_error_and_applies_nothing(ace, data, bank):
    ace("configure", bank, "--data", data)
    before = ace("export", "--data", data)
    bank.write_text('[[queue]]\nname = "A"\n\n[[queue]]\nname = \n')
    code, out, err = ace("configure", bank, "--data", data)
    assert (code, out) == (1, "")
    assert str(bank) in err and "line 5" in err
    assert ace("export", "--data", data) == before


def test_configure_names_table_entry_and_field_of_a_wrong_meaning(ace, data, bank):
    bank.write_text('[[queue]]\nname = "Loan decisions"\nrequires = { Loans = 12 }\n')
    code, _, err = ace("configure", bank, "--data", data)
    assert code == 1
    assert "queue" in err and "Loan decisions" in err and "requires" in err


def test_configure_of_a_file_that_is_not_there_says_which(ace, data, tmp_path):
    code, _, err = ace("configure", tmp_path / "nowhere.toml", "--data", data)
    assert code == 1
    assert "nowhere.toml" in err
    assert not data.exists()


def test_configure_of_a_file_in_another_encoding_names_the_line(ace, data, bank):
    bank.write_bytes('[[queue]]\nname = "Lån"\n'.encode("iso-8859-1"))
    code, _, err = ace("configure", bank, "--data", data)
    assert code == 1
    assert "line 2" in err and "UTF-8" in err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_what_is_made_is_for_its_owner_alone(ace, data, bank, tmp_path):
    ace("configure", bank, "--data", data)
    ace("export", tmp_path / "export.toml", "--data", data)
    for path in [data, *data.rglob("*"), tmp_path / "export.toml"]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


# contacts and explain


def test_contacts_as_json_have_the_promised_fields(ace, data, stored):
    digest = "ab" * 32
    stored(new("LOAN-1", attachments=[NewAttachment("call.wav", "audio/wav", 42, digest)]))
    code, out, _ = ace("contacts", "--json", "--data", data)
    assert code == 0
    (line,) = out.splitlines()
    found = json.loads(line)
    assert list(found) == FIELDS
    assert found == {
        "id": 1,
        "external_id": "LOAN-1",
        "medium": "work item",
        "entrance": "loans",
        "state": "queued",
        "task_type": "Loan application",
        "queue": "Loan decisions",
        "agent": None,
        "first_queued_at": "2026-11-20T09:00:00Z",
        "data": {"workItem": "https://bank.example/loans/123"},
        "attachments": [
            {
                "name": "call.wav",
                "size": 42,
                "digest": digest,
                "file": f"attachments/ab/{digest}",
                "present": False,
            }
        ],
    }


def test_contacts_come_in_the_order_of_being_queued_first(ace, data, stored):
    stored(
        new("third", NINE + timedelta(minutes=2)),
        new("first", NINE),
        new("buffered", NINE - timedelta(minutes=5), queue=""),
        new("second", NINE + timedelta(minutes=1)),
    )
    _, out, _ = ace("contacts", "--json", "--data", data)
    assert [json.loads(line)["external_id"] for line in out.splitlines()] == [
        "first",
        "second",
        "third",
        "buffered",
    ]


def test_ended_contacts_are_listed_when_asked_for(ace, data, stored):
    ended, _ = stored(new("done"), new("open"))
    end(data, ended)

    def listed(*options):
        _, out, _ = ace("contacts", "--json", *options, "--data", data)
        return [json.loads(line)["external_id"] for line in out.splitlines()]

    assert listed() == ["open"]
    assert listed("--all") == ["done", "open"]
    assert listed("--state", "ended") == ["done"]


def end(data, contact):
    store = Store(data)
    store.open()
    store.perform(contacts.move, contact, State.QUEUED, State.ENDED, "closed", NINE, ended_at=NINE)
    store.close()


def test_contacts_for_people_are_a_line_each_and_show_no_values(ace, data, stored):
    stored(new("LOAN-1"), new("LOAN-2"))
    _, out, _ = ace("contacts", "--data", data)
    assert len(out.splitlines()) == 3
    assert "LOAN-2" in out and "Loan decisions" in out
    assert "bank.example" not in out


def test_what_is_printed_cannot_move_the_cursor():
    assert commands.printable("a\x1b[2Jb\nc") == "a�[2Jb�c"


@pytest.mark.parametrize(
    "command",
    [
        ["contacts"],
        ["export"],
        ["explain", "1"],
        ["backup", "monday.zip"],
        ["mail"],
        ["mail", "retry", "1"],
        ["mail", "export", "1", "one.eml"],
    ],
)
def test_reading_a_folder_without_a_store_is_refused_and_makes_nothing(ace, data, command):
    code, out, err = ace(*command, "--data", data)
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1 and str(data) in err
    assert not data.exists()


def test_explain_says_where_a_contact_is(ace, data, bank, stored):
    ace("configure", bank, "--data", data)
    (contact,) = stored(new("LOAN-1"))
    code, out, _ = ace("explain", contact, "--data", data)
    assert code == 0
    assert "Loan decisions" in out.splitlines()[0]


def test_explain_of_an_agent_who_is_not_there_is_refused(ace, data, bank, stored):
    ace("configure", bank, "--data", data)
    (contact,) = stored(new("LOAN-1"))
    code, _, err = ace("explain", contact, "--data", data, "--agent", "nobody")
    assert code == 1
    assert "There is no agent with the login nobody." in err


def test_explain_gives_its_sentences_as_data(ace, data, bank, stored):
    ace("configure", bank, "--data", data)
    (contact,) = stored(new("LOAN-1"))
    _, out, _ = ace("explain", contact, "--data", data)
    _, line, _ = ace("explain", contact, "--data", data, "--json")
    found = json.loads(line)
    assert [found["where"], *found["why"], *found["would_change"]] == out.splitlines()


def test_explain_says_as_json_why_an_agent_has_not_got_a_contact(ace, data, bank, stored):
    bank.write_text(BANK + ANNA)
    ace("configure", bank, "--data", data)
    (contact,) = stored(new("LOAN-1"))
    code, out, _ = ace("explain", contact, "--agent", "anna", "--json", "--data", data)
    assert code == 0
    (line,) = out.splitlines()
    found = json.loads(line)
    assert list(found) == ["where", "why", "would_change", "mail"]
    assert found["where"].startswith("It waits in queue Loan decisions as number 1 of 1 since ")
    assert found["why"] == ["Anna Berg has never logged in."]
    assert found["would_change"] == ["It can be booked when Anna Berg becomes ready."]


def test_explain_of_an_unknown_contact_is_refused(ace, data, bank):
    ace("configure", bank, "--data", data)
    code, _, err = ace("explain", 99, "--data", data)
    assert code == 1
    assert "99" in err


# mail


@pytest.fixture
def mails(data):
    """Three mails in quarantine, in the data folder; their ids."""
    store = Store(data)
    store.open()
    digest = keep(store)
    found = [store.perform(quarantine, digest, uid=uid) for uid in ("1", "2", "3")]
    store.close()
    return found


def test_mail_as_json_has_the_promised_fields(ace, data, mails):
    code, out, _ = ace("mail", "--json", "--data", data)
    assert code == 0
    assert json.loads(out.splitlines()[1]) == {
        "id": mails[1],
        "account": SUPPORT,
        "folder": "INBOX",
        "uidvalidity": 7,
        "uid": "2",
        "message_id": "<2@x>",
        "digest": hashlib.sha256(RAW).hexdigest(),
        "outcome": "quarantined",
        "contact": None,
        "reason": str(TOO_DEEP),
    }


def test_mail_for_people_is_a_line_each_with_its_reason(ace, data, mails):
    _, out, _ = ace("mail", "--data", data)
    assert len(out.splitlines()) == 4
    assert str(TOO_DEEP) in out and "<1@x>" not in out


def test_mails_are_retried_and_discarded_without_a_server(ace, data, mails):
    first, second, third = mails
    assert ace("mail", "retry", first, second, "--data", data) == (
        0,
        f"mail {first} is analysed again\nmail {second} is analysed again\n",
        "",
    )
    code, out, err = ace("mail", "discard", second, third, "--data", data)
    assert (code, out) == (1, f"mail {third} is discarded\n")
    assert err == f"ace: mail {second} is not in quarantine; nothing was done with it\n"
    listed = {
        outcome: [
            json.loads(line)["id"]
            for line in ace("mail", "--json", "--outcome", outcome, "--data", data)[1].splitlines()
        ]
        for outcome in main.OUTCOMES
    }
    assert listed == {
        "pending": [first, second],
        "contact": [],
        "discarded": [third],
        "quarantined": [],
    }


def test_what_is_not_in_quarantine_is_refused(ace, data, mails):
    code, out, err = ace("mail", "retry", 99, "--data", data)
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1 and "99" in err


def test_mail_is_exported_as_it_was_fetched(umask, data, mails, tmp_path, capsysbinary):
    file = tmp_path / "one.eml"
    assert main.main(["mail", "export", str(mails[0]), str(file), "--data", str(data)]) == 0
    assert file.read_bytes() == RAW
    assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0 or os.name == "nt"
    capsysbinary.readouterr()
    assert main.main(["mail", "export", str(mails[0]), "-", "--data", str(data)]) == 0
    assert capsysbinary.readouterr().out == RAW


def test_mail_that_is_kept_otherwise_than_it_was_fetched_is_not_exported(
    ace, data, mails, tmp_path
):
    digest = hashlib.sha256(RAW).hexdigest()
    Files(data, Seam()).path(digest).write_bytes(b"something else")
    code, _, err = ace("mail", "export", mails[0], tmp_path / "one.eml", "--data", data)
    assert code == 1 and "as it was fetched" in err
    assert list(tmp_path.glob("one.eml*")) == []


def test_days_before_what_was_fetched_are_wanted(ace, data, tmp_path):
    file = tmp_path / "site.toml"
    file.write_text(f'[[mail_account]]\nname = "{SUPPORT}"\nfetch = "maildir:/nowhere"\n')
    assert ace("configure", file, "--data", data)[0] == 0
    days = ("2026-11-01", "2026-11-05")
    code, out, _ = ace("mail", "backfill", SUPPORT, *days, "--data", data)
    assert code == 0 and "in its next round" in out
    with reading(data, ""):
        assert mail_accounts.wanted(SUPPORT) == Wish(date(2026, 11, 1), date(2026, 11, 6))
        assert "2026-11-01 to 2026-11-05" in [one.detail for one in audit.rows()]
    code, _, err = ace("mail", "backfill", "nobody@x.example", *days, "--data", data)
    assert code == 1 and "no mail account nobody@x.example" in err
    code, _, err = ace("mail", "backfill", SUPPORT, *reversed(days), "--data", data)
    assert code == 1 and "comes before" in err


def test_outcomes_of_the_command_line_are_those_of_the_ledger():
    assert [str(one) for one in Outcome] == main.OUTCOMES


# simulate

ANNA = '[[user]]\nlogin = "anna"\nname = "Anna Berg"\nrole = "agent"\n'
WEDNESDAY = ("--day", "2026-11-18")


def test_simulate_shows_a_day_of_a_built_in_site(ace):
    code, out, err = ace("simulate", "--contacts", "300", "--agents", "20", *WEDNESDAY)
    assert (code, err) == (0, "")
    assert out.startswith("A simulated site, 2026-11-18 (UTC), seed 1: 300 contacts, 20 agents\n")
    assert "Queue 07" in out
    assert "seconds that an agent was ready beside a contact that would fit: 0\n" in out


def test_simulate_says_the_same_of_the_same_day_and_something_else_of_another(ace):
    line = "simulate", "--contacts", "300", "--agents", "20", *WEDNESDAY
    same = ace(*line)
    assert ace(*line) == same
    assert ace(*line, "--seed", "2") != same


def test_simulate_as_json_has_the_figures(ace):
    line = "simulate", "--contacts", "300", "--agents", "20", "--json", *WEDNESDAY
    told = json.loads(ace(*line)[1])
    assert (told["day"], told["seed"]) == ("2026-11-18", 1)
    assert told["figures"]["contacts"] == 300
    assert len(told["figures"]["agents"]) == 20
    assert sum(one["came_in"] for one in told["figures"]["entrances"]) == 300


def test_simulate_of_a_file_alone(ace, bank):
    bank.write_text(BANK + ANNA)
    code, out, _ = ace("simulate", bank, "--contacts", "20", *WEDNESDAY)
    assert code == 0
    assert "Loan decisions" in out


def test_simulate_lays_a_file_over_what_is_stored_and_changes_nothing(ace, data, bank, tmp_path):
    bank.write_text(BANK + ANNA)
    ace("configure", bank, "--data", data)
    before = ace("export", "--data", data)
    file = tmp_path / "new.toml"
    file.write_text('[[queue]]\nname = "Express"\n[[routing_rule]]\nto = [{ queue = "Express" }]\n')
    assert "Loan decisions" in ace("simulate", "--data", data, "--contacts", "20")[1]
    out = ace("simulate", file, "--data", data, "--contacts", "20")[1]
    assert "Express" in out
    assert "Loan decisions" not in out
    assert ace("export", "--data", data) == before


def test_simulate_names_what_is_wrong_with_a_file(ace, bank):
    bank.write_text(BANK.replace("to = [{ queue", "to = [{ queues"))
    code, out, err = ace("simulate", bank)
    assert (code, out) == (1, "")
    assert f"ace: {bank}: routing_rule 1, to 1: there is no field 'queues'" in err


@pytest.mark.parametrize(
    ("configured", "line", "reason"),
    [
        (BANK, ["--agents", "1"], "the site has 0 agents, not 1"),
        (ANNA, [], "the site has no entrance"),
    ],
)
def test_simulate_needs_somebody_and_something(ace, bank, configured, line, reason):
    bank.write_text(configured)
    code, _, err = ace("simulate", bank, *line)
    assert code == 1
    assert reason in err


# backup and restore


def test_a_backup_is_restored_elsewhere(ace, data, bank, stored, tmp_path):
    ace("configure", bank, "--data", data)
    stored(new("LOAN-1"), new("LOAN-2"))
    file, elsewhere = tmp_path / "monday.zip", tmp_path / "elsewhere"
    code, out, err = ace("backup", file, "--data", data)
    assert (code, err) == (0, "")
    assert out.startswith(f"{file}: 2 contacts and 0 attachments as of ")
    code, out, err = ace("restore", file, "--data", elsewhere)
    assert (code, err) == (0, "")
    assert out.startswith(f"{elsewhere}: 2 contacts and 0 attachments as of ")
    for command in (["contacts", "--json"], ["export"]):
        assert ace(*command, "--data", elsewhere) == ace(*command, "--data", data)


def test_restore_says_where_it_keeps_what_was_there(ace, data, stored, tmp_path):
    stored(new("LOAN-1"))
    ace("backup", tmp_path / "monday.zip", "--data", data)
    code, _, err = ace("restore", tmp_path / "monday.zip", "--data", data)
    assert code == 1
    assert len(err.splitlines()) == 1 and "--replace" in err
    code, out, _ = ace("restore", tmp_path / "monday.zip", "--replace", "--data", data)
    assert code == 0
    kept = [line.partition("is kept as ")[2] for line in out.splitlines()[1:]]
    assert len(kept) == 2 and all(Path(one).exists() for one in kept)


def test_a_backup_does_not_go_to_standard_output(ace, data, stored):
    stored(new("LOAN-1"))
    code, out, err = ace("backup", "-", "--data", data)
    assert (code, out) == (1, "")
    assert "give its name" in err


def test_a_restored_folder_remembers_its_database_once_it_is_there(ace, data, stored, tmp_path):
    url = f"sqlite:///{tmp_path}/elsewhere.sqlite"
    stored(new("LOAN-1"))
    ace("backup", tmp_path / "monday.zip", "--data", data)
    other = tmp_path / "other"
    assert ace("restore", tmp_path / "no.zip", "--data", other, "--database", url)[0] == 1
    assert not other.exists()
    assert ace("restore", tmp_path / "monday.zip", "--data", other, "--database", url)[0] == 0
    assert commands.database(other, "") == url


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize("seen", [True, False])
def test_progress_of_what_takes_a_while_is_shown_on_a_terminal(monkeypatch, seen):
    screen = Terminal() if seen else io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    now = iter([0.0, 1.9, 2.0, 2.1])
    monkeypatch.setattr(commands.time, "monotonic", lambda: next(now))
    progress = commands.Progress()
    for done in (1, 5000):
        progress.tell("contact", done, 12000)
    assert screen.getvalue() == ("contact: 5,000 of 12,000\n" if seen else "")


# Beside a running server


@pytest.fixture
def server(data, bank):
    """A server process on the data folder, ready; what it said."""
    command = [sys.executable, str(MAIN), "configure", str(bank), "--data", str(data)]
    subprocess.run(command, check=True, capture_output=True)
    command = [sys.executable, str(MAIN), "server", "--data", str(data), "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)


def test_a_server_says_when_it_is_ready(server):
    assert server["ready"] is True
    assert server["agents"] and server["workItem"]


def test_check_names_each_part_of_a_running_server(ace, data, server):
    code, out, err = ace("check", "--data", data)
    assert (code, err) == (0, "")
    assert "store: ok" in out.splitlines()


def test_check_without_a_server_says_what_to_do(ace, data):
    code, out, err = ace("check", "--data", data)
    assert (code, out) == (1, "")
    assert "no server runs" in err
    assert not data.exists()


def test_configure_goes_through_the_running_server(ace, data, server, tmp_path):
    file = tmp_path / "skills.toml"
    file.write_text('[[skill]]\nname = "Loans"\n')
    code, out, err = ace("configure", file, "--data", data)
    assert (code, err) == (0, "")
    assert "Loans" in out
    assert 'name = "Loans"' in ace("export", "--data", data)[1]
    assert ace("configure", file, "--data", data) == (0, "nothing changes\n", "")


def test_what_a_running_server_refuses_is_told_like_what_is_refused_without(
    ace, data, server, bank
):
    bank.write_text("[[queue]]\nnam = 1\n")
    code, out, err = ace("configure", bank, "--data", data)
    assert (code, out) == (1, "")
    assert str(bank) in err and "nam" in err


def test_contacts_are_listed_while_the_server_runs(ace, data, server):
    assert ace("contacts", "--json", "--data", data) == (0, "", "")


def test_a_mail_is_tried_while_the_server_runs(ace, data, server, tmp_path):
    file, rules = tmp_path / "one.eml", tmp_path / "rules.toml"
    file.write_bytes(b"From: anna@x.example\r\nSubject: Hello\r\n\r\nHello.\r\n")
    rules.write_text(f'[[mail_account]]\nname = "{SUPPORT}"\nfetch = "maildir:/nowhere"\n')
    code, out, err = ace("mail", "try", file, "--with", rules, "--data", data)
    assert (code, err) == (0, "")
    assert "  EmailFrom = anna@x.example" in out.splitlines()
    assert ace("mail", "--json", "--data", data) == (0, "", "")


def test_a_running_server_is_backed_up_and_takes_note(ace, data, server, tmp_path):
    code, _, err = ace("backup", tmp_path / "monday.zip", "--data", data)
    assert (code, err) == (0, "")
    with closing(sqlite3.connect(f"file:{data / FILE_NAME}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT action, object FROM audit ORDER BY id").fetchall()
    assert rows[-1] == ("backed up", str(tmp_path / "monday.zip"))


def test_a_running_server_is_not_restored_over(ace, data, server, tmp_path):
    ace("backup", tmp_path / "monday.zip", "--data", data)
    code, out, err = ace("restore", tmp_path / "monday.zip", "--replace", "--data", data)
    assert (code, out) == (1, "")
    assert (
        err == f"ace: a server (process {running.facts(data).pid}) runs on {data}; stop it first\n"
    )


def test_a_second_server_on_a_folder_says_who_has_it(data, server):
    command = [sys.executable, str(MAIN), "server", "--data", str(data), "--listen", "127.0.0.1:0"]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (second.returncode, second.stdout) == (1, "")
    assert str(data) in second.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_reader_that_has_had_enough_is_no_failure_of_ours(data, stored):
    stored(*(new(f"LOAN-{number}") for number in range(400)))
    command = [sys.executable, str(MAIN), "contacts", "--json", "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
