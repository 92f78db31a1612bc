"""What `main.py mail try` says of a mail, and that it is what would become of it (EM-3)."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ace_server.concepts import Site
from ace_server.email import trial, trial_report
from ace_server.email.analysis import STEPS, prepare
from ace_server.store.ledger import Followed
from tests.administration.sites import assembled
from tests.email.making import DATA
from tests.email.serving import plain, with_path

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
SUPPORT = "support@bank.example"
ACCOUNT = f"""
[[smtp_server]]
name = "out"
url = "smtp://127.0.0.1:1025"

[[mail_account]]
name = "{SUPPORT}"
fetch = "maildir:/nowhere"
return_address = "{SUPPORT}"
smtp = "out"
"""
BANK = (
    ACCOUNT
    + """
[[queue]]
name = "Letters"

[[keyword_category]]
name = "test"
keywords = ["test*", "pdf"]

[[pattern]]
name = "Case number"
keys = ["number"]
parts = [{ type = "digit" }]
save_to = "cid"

[[task_type]]
name = "Trial"

[[task_type_rule]]
when = { emailCategories = { has = "test" } }
task_type = "Trial"

[[routing_rule]]
when = { TaskType = "Trial" }
to = [{ queue = "Letters" }]

[[answer_text]]
name = "Received"
text = "We have {EmailSubject}."

[[automatic_answer]]
name = "Support"
mode = "conditional"
rows = [{ when = { TaskType = "Trial" }, text = "Received" }]
"""
)
PDF = DATA / "mikel-mail" / "attachment_emails__attachment_pdf_non_ascii.eml"


def tried(site: Site, file: Path | str, *, most: int = 10**6, **known: object) -> list[str]:
    """What is said of a mail to support."""
    attempt = trial.attempt(str(file), prepare(site, "", trace_key=b"k"), most)
    found = trial.outcome(attempt, SUPPORT, site, NINE, **known)  # type: ignore[arg-type]
    return list(trial_report.lines(trial_report.report(found, site), site))


@pytest.fixture
def letter(tmp_path):
    """`letter(raw)`: a file with this mail."""

    def letter(raw):
        file = tmp_path / "one.eml"
        file.write_bytes(raw)
        return file

    return letter


def folder(data):
    """Every file of a data folder, with a digest of what is in it."""
    files = [one for one in data.rglob("*") if one.is_file() and one.suffix not in (".lock",)]
    return {one: hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


def test_a_real_mail_is_tried_and_nothing_changes(ace, data, tmp_path):
    (tmp_path / "site.toml").write_text(ACCOUNT)
    (tmp_path / "rules.toml").write_text(BANK)
    assert ace("configure", tmp_path / "site.toml", "--data", data)[0] == 0
    before = folder(data)
    given = ("mail", "try", PDF, "--data", data, "--with", tmp_path / "rules.toml")
    code, out, err = ace(*given)
    assert (code, err) == (0, "")
    for line in (
        "From: Test Tester <xxxx@xxxx.com>",
        "Subject: Another PDF with 🎉 Unicode chars in it 🍿",
        "What is wrong with it: wrong charset",
        "  keyword categories: test",
        "  automatic: nothing",
        "  emailCategories = test",
        "Task type: Trial (task type rule 1: emailCategories contains test)",
        "First stop: queue Letters (routing rule 1: TaskType = Trial)",
        "Automatic answer: Support, with the text Received",
        "  To: xxxx@xxxx.com",
        "  We have Another PDF with 🎉 Unicode chars in it 🍿.",
    ):
        assert line in out.splitlines(), line
    told = json.loads(ace(*given, "--json", "--account", SUPPORT)[1])
    assert told["answer"]["rule"] == "Support" and told["task_type_rule"] == 1
    assert [step["step"] for step in told["analysis"]][0] == "header"
    assert folder(data) == before


@pytest.mark.parametrize(
    ("file", "more", "reason"),
    [
        ("nowhere.eml", (), "nowhere.eml is no file"),
        (PDF, ("--account", "x"), f"there is no mail account x; there are: {SUPPORT}"),
        (PDF, ("--with", "nowhere.toml"), "nowhere.toml cannot be read"),
    ],
)
def test_what_cannot_be_tried_says_what_would_be_right(ace, data, tmp_path, file, more, reason):
    (tmp_path / "site.toml").write_text(ACCOUNT)
    ace("configure", tmp_path / "site.toml", "--data", data)
    code, out, err = ace("mail", "try", file, "--data", data, *more)
    assert (code, out) == (1, "") and reason in err


def test_a_mail_that_nobody_can_read_would_be_quarantined(ace, data, tmp_path, letter):
    (tmp_path / "site.toml").write_text(ACCOUNT)
    ace("configure", tmp_path / "site.toml", "--data", data)
    parts = "".join(
        f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n'
        for level in range(500)
    )
    code, _, err = ace("mail", "try", letter(parts.encode()), "--data", data)
    assert code == 1
    assert "would be quarantined: It has more parts inside each other than can be read." in err


def test_every_step_of_the_analysis_is_spoken_of():
    assert len(trial_report._STEPS) == len(STEPS)


def test_machines_bounces_and_what_is_flagged_are_named_with_their_sign():
    lines = tried(assembled(BANK), DATA / "cpython-test_email" / "msg_16.eml")
    assert "  automatic: its envelope sender is empty" in lines
    assert "  bounce: of <002001c144a6$8752e060$56104586@oxy.edu>" in lines
    assert "  flags: bounce; automatic" in lines
    assert lines[-1].startswith("Automatic answer: none.")


def test_a_pattern_is_named_with_what_it_found(letter):
    lines = tried(assembled(BANK), letter(plain(7)))
    assert "  patterns: Case number: cid = 7" in lines
    assert "  cid = 7" in lines


def test_a_follow_up_names_its_contact_and_who_has_it(letter):
    raw = plain(7, In_Reply_To="<6@customer.example>")
    assert "  follow-up: names mails that are not known here: <6@customer.example>" in tried(
        assembled(BANK), letter(raw)
    )
    lines = tried(assembled(BANK), letter(raw), followed=Followed(17, "anna"))
    assert "  follow-up: follows contact 17; offered to anna first, who has it" in lines
    assert "  AgentName = anna" in lines


def test_our_own_mail_is_known_by_its_message_id(letter):
    lines = tried(assembled(BANK), letter(with_path(plain("test"))), is_own=True)
    assert "  own mail: its Message-ID is one of ours" in lines
    assert "  flags: own mail" in lines
    assert lines[-1].endswith("Our own mail is not answered: its Message-ID is one of ours.")


def test_a_mail_without_its_envelope_is_not_answered_and_says_why(letter):
    lines = tried(assembled(BANK), letter(plain("test")))
    assert lines[-1].endswith("The file has no Return-Path, which the last mail server writes.")


def test_of_a_mail_that_is_too_long_the_header_alone_counts(letter):
    lines = tried(assembled(BANK), letter(plain("of a kind") + b"test " * 100), most=400)
    assert "It is longer than emailMaxBytes: its header alone would be fetched." in lines
    assert "  keyword categories: nothing" in lines


def test_a_mail_that_a_rule_discards_says_which(letter):
    rule = '[[discard_rule]]\nname = "Trials"\nwhen = { emailCategories = "test" }\n'
    lines = tried(assembled(BANK + rule), letter(plain("test")))
    assert lines[-1] == "It becomes no contact: the rule Trials discards it."


# Keywords


def test_keywords_are_saved_to_a_text_file_and_loaded_from_one(ace, data, tmp_path):
    (tmp_path / "site.toml").write_text(BANK)
    ace("configure", tmp_path / "site.toml", "--data", data)
    words = tmp_path / "words.txt"
    assert ace("keywords", "save", "test", words, "--data", data) == (0, "", "")
    assert words.read_text("utf-8") == "test*\npdf\n"
    words.write_text("\ufeffpassword\n\n  log   in*\nlösenord\n-unsubscribe\n", "utf-8")
    code, out, _ = ace("keywords", "load", "test", words, "--data", data)
    assert (code, out) == (0, "keyword_category test: keywords changed\n")
    _, out, _ = ace("keywords", "save", "test", "-", "--data", data)
    assert out == "password\nlog in*\nlösenord\n-unsubscribe\n"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("test", "good\nb*d\n", "words.txt, line 2: A star stands at the end of a word"),
        ("test", "\n", "words.txt holds no keyword: write one a line"),
        ("test", "-never\n", "words.txt: keyword_category test, keywords: nothing but prohibited"),
        ("loan", "good\n", "there is no keyword_category loan; there are: test"),
    ],
)
def test_keywords_that_cannot_be_loaded_change_nothing(ace, data, tmp_path, name, content, reason):
    (tmp_path / "site.toml").write_text(BANK)
    ace("configure", tmp_path / "site.toml", "--data", data)
    (tmp_path / "words.txt").write_text(content, "utf-8")
    code, out, err = ace("keywords", "load", name, tmp_path / "words.txt", "--data", data)
    assert (code, out) == (1, "") and reason in err
    assert ace("keywords", "save", "test", "-", "--data", data)[1] == "test*\npdf\n"
