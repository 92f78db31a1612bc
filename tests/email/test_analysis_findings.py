"""What else is found in a mail: its headers, what it follows, whether it is a bounce, its flags."""

import ast
from pathlib import Path

import pytest

import ace_server.email.analysis
from ace_server.email import answers
from ace_server.email.analysis import STEPS, Findings, Rules, analyse
from ace_server.email.analysis.addresses import local_part, normalised
from ace_server.email.analysis.follow_up import MOST_IDS
from ace_server.email.analysis.headers import MOST
from ace_server.email.mail import Address, Mail, MailPart, one_line
from tests.email.making import DATA, mail, parsed

RULES = Rules()


def analysed(**given):
    return analyse(mail(**given), RULES)


# Headers


def test_headers_become_contact_data():
    found = analysed(
        subject="Loan",
        senders=(Address("anna@example.com", "Anna"), Address("bo@example.com")),
        to=(Address("support@bank.example", "Support"), Address(""), Address("x@y.example")),
        reply_to=(Address("else@example.com"),),
    )
    assert found.data == {
        "EmailFrom": "anna@example.com",
        "EmailTo": "support@bank.example, x@y.example",
        "EmailReplyTo": "else@example.com",
        "EmailSubject": "Loan",
    }


def test_what_has_no_value_is_no_contact_data():
    assert analyse(Mail(), RULES).data == {}


def test_as_many_whole_addresses_as_a_value_takes():
    many = tuple(Address(f"{number:04}@bank.example") for number in range(1000))
    value = analysed(to=many).data["EmailTo"]
    assert MOST - 20 < len(value) <= MOST
    assert value.endswith("@bank.example")
    assert analysed(subject="x" * 5000).data["EmailSubject"] == "x" * MOST


# What it follows


def test_in_reply_to_comes_before_references_and_the_newest_first():
    found = analysed(
        message_id="<5@x>",
        in_reply_to=("<3@x>",),
        references=("<1@x>", "<2@x>", "<3@x>", "<4@x>", "<5@x>"),
    )
    assert found.follows == ("<3@x>", "<4@x>", "<2@x>", "<1@x>")


def test_what_is_no_message_id_is_followed_nowhere():
    wrong = ("<>", "1@x", "<1@x", "<a b>", "<a\r\nb>", "< >", "<<1@x>>", f"<{'x' * 901}>")
    assert analysed(in_reply_to=wrong, references=(" <1@x> ",)).follows == ("<1@x>",)


def test_only_the_nearest_ids_are_looked_for():
    many = tuple(f"<{number}@x>" for number in range(500))
    found = analysed(references=many).follows
    assert len(found) == MOST_IDS
    assert found[0] == "<499@x>"


# Bounces

REPORT = {"Content-Type": 'multipart/report; Report-Type="delivery-status"; boundary=x'}


@pytest.mark.parametrize(
    "given",
    [
        {"media_type": "multipart/report", "headers": REPORT},
        {"media_type": "multipart/report"},
        {"parts": (MailPart("status", "message/delivery-status", 1, ""),)},
        {"headers": {"X-Failed-Recipients": "x@example.com"}},
        {"sender": "Mail-Daemon@example.com"},
    ],
)
def test_bounce(given):
    found = analysed(**given)
    assert found.is_bounce
    assert "bounce" in found.flags


@pytest.mark.parametrize(
    "given",
    [
        {
            "media_type": "multipart/report",
            "headers": {"Content-Type": "multipart/report; report-type=disposition-notification"},
        },
        {
            "media_type": "multipart/report",
            "headers": {"Content-Type": "multipart/report; report-type=feedback-report"},
        },
        {"return_path": ""},
        {"sender": "noreply@example.com"},
        {"subject": "Undeliverable: a loan"},
    ],
)
def test_no_bounce(given):
    assert not analysed(**given).is_bounce


def test_bounce_names_what_did_not_arrive():
    found = analysed(
        sender="mailer-daemon@example.com",
        message_id="<9@x>",
        in_reply_to=("<2@x>",),
        references=("<2@x>",),
        headers={"X-Original-Message-ID": "<1@x>"},
        text="It said:\n> Message-ID: <3@x>\nMessage-Id:<2@x>\nMessage-ID: <9@x>\nis <4@x>",
    )
    assert found.bounce_of == ("<1@x>", "<2@x>", "<3@x>")
    assert analysed(text="Message-ID: <3@x>").bounce_of == ()


def test_real_bounce_names_what_did_not_arrive():
    found = analyse(parsed((DATA / "flanker/bounce__gmail-no-dns.eml").read_bytes()), RULES)
    assert found.is_bounce
    assert found.bounce_of == found.follows[:1]


# Flags


@pytest.mark.parametrize(
    ("one", "flags"),
    [
        (mail(), ()),
        (Mail(), ("unknown sender",)),
        (mail(senders=(Address(""),)), ("unknown sender",)),
        (mail(senders=(Address("a@b"), Address("c@d"))), ("several senders", "automatic")),
        (
            Mail(headers=(("From", "x"), ("FROM", "y"))),
            (
                "unknown sender",
                "several senders",
                "automatic",
            ),
        ),
    ],
)
def test_flags(one, flags):
    assert analyse(one, RULES).flags == flags


# Addresses


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("Anna@Example.COM", "anna@example.com"),
        (" anna+loans@example.com. ", "anna@example.com"),
        ("+46701@example.com", "+46701@example.com"),
        ("a@b@c", "a@b@c"),
        ("Anna+x@Bücher.example", "anna@xn--bcher-kva.example"),
        ("anna", "anna"),
        ("", ""),
    ],
)
def test_one_correspondent(address, same):
    assert normalised(address) == same
    assert normalised(same) == same


def test_local_part_of_an_address():
    assert (local_part("Anna+x@Bank.Example"), local_part("Anna")) == ("anna+x", "anna")


# Headers that are safe


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        ("a\r\nBcc: b@example.com", "a Bcc: b@example.com"),
        ("a\nb\rc\0d\x85e\u2028f\u2029g\x7fh\ti", "a b cd e f gh i"),
        ("a\ud800b\udfffc", "a\ufffdb\ufffdc"),
        ("\u202eexe.txt\u2066", "exe.txt"),
        ("  Frånvaro \u200d 👩\u200d💻  ", "Frånvaro \u200d 👩\u200d💻"),
        ("", ""),
    ],
)
def test_header_is_one_line_without_controls(value, clean):
    assert one_line(value) == clean
    assert one_line(clean) == clean


# The steps


def test_steps_keep_what_others_found():
    before = Findings(data={"cid": "7"})
    for step in STEPS:
        assert step(mail("Loan"), before, RULES).data["cid"] == "7"


MODULES = [*Path(ace_server.email.analysis.__file__).parent.glob("*.py"), Path(answers.__file__)]
COMPUTES = {"collections", "datetime", "functools", "hashlib", "hmac", "msgspec", "re", "typing"}
COMPUTES |= {"unicodedata", "zoneinfo", "ace_server"}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_module_imports_only_what_computes(module):
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        assert {name.partition(".")[0] for name in names} <= COMPUTES
