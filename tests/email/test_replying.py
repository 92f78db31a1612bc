"""Replies and forwards begin as they should (EM-9)."""

import msgspec
import pytest

from ace_server.email.mail import Address, Mail, MailPart
from ace_server.email.replying import (
    MOST_QUOTED,
    bare_subject,
    forward,
    quoted,
    reply,
    sender_choices,
)
from ace_server.email.writing import MOST_REFERENCES

SERVICE = Address("service@bank.example", "Bank")
ANN = Address("ann@example.com", "Ann Example")
BOB = Address("bob@example.com")

ASKED = Mail(
    message_id="<q@example.com>",
    references=("<p@example.com>",),
    senders=(ANN,),
    to=(SERVICE, BOB),
    cc=(Address("carl@example.com"), Address("BOB@example.com")),
    subject="AW: Re[2]: Kredit",
    text="Wann?\n\n> Morgen\n>> Heute\n-- \nAnn",
)
OWN = {"Service@Bank.example"}


def asked(**changes: object) -> Mail:
    return msgspec.structs.replace(ASKED, **changes)


def test_reply_begins_with_the_thread_and_the_quoted_original():
    prepared = reply(ASKED, OWN, to_all=False, attribution="Ann wrote:")
    assert (prepared.to, prepared.cc) == ((ANN,), ())
    assert prepared.subject == "Re: Kredit"
    assert prepared.in_reply_to == "<q@example.com>"
    assert prepared.references == ("<p@example.com>", "<q@example.com>")
    assert prepared.text == "Ann wrote:\n> Wann?\n>\n>> Morgen\n>>> Heute"


def test_reply_to_all_leaves_out_ourselves_and_doubles():
    prepared = reply(ASKED, OWN, to_all=True)
    assert prepared.to == (ANN, BOB)
    assert prepared.cc == (Address("carl@example.com"),)


def test_reply_goes_where_it_is_wanted():
    wanted = Address("desk@example.com")
    assert reply(asked(reply_to=(wanted,)), OWN, to_all=False).to == (wanted,)
    assert reply(asked(reply_to=(SERVICE,)), OWN, to_all=False).to == (ANN,)
    assert reply(asked(senders=(SERVICE,)), OWN, to_all=False).to == (BOB,)
    assert reply(asked(senders=(Address(""),), to=()), OWN, to_all=True).to == ()


@pytest.mark.parametrize(
    ("mail", "references"),
    [
        (Mail(message_id="<q@x>"), ("<q@x>",)),
        (Mail(message_id="<q@x>", in_reply_to=("<p@x>",)), ("<p@x>", "<q@x>")),
        (Mail(message_id="<q@x>", in_reply_to=("<o@x>", "<p@x>")), ("<q@x>",)),
        (Mail(references=("<p@x>", "<p@x>")), ("<p@x>",)),
        (Mail(), ()),
    ],
)
def test_references_follow_the_standard(mail: Mail, references: tuple[str, ...]):
    assert reply(mail, set(), to_all=False).references == references


def test_long_thread_keeps_its_first_and_its_latest():
    thread = tuple(f"<{n}@x>" for n in range(100))
    references = reply(asked(references=thread), OWN, to_all=False).references
    assert len(references) == MOST_REFERENCES
    assert references[:2] == ("<0@x>", "<62@x>")
    assert references[-1] == "<q@example.com>"


@pytest.mark.parametrize(
    "subject",
    ["Kredit", "Re: Kredit", "RE: SV: VS: Kredit", "Antw: Kredit", "Ang.: Kredit", "Aw : Kredit"]
    + ["Fwd: WG: Kredit", "re[3]: Kredit", "Re(2): Kredit", "回复：Kredit", " TR: RE :  Kredit"],
)
def test_subject_has_one_prefix_in_whatever_language(subject: str):
    assert bare_subject(subject) == "Kredit"
    assert reply(asked(subject=subject), OWN, to_all=False).subject == "Re: Kredit"
    assert forward(asked(subject=subject), []).subject == "Fwd: Kredit"


@pytest.mark.parametrize("subject", ["Report: May", "Regarding: x", "Angebot", "12:30 Uhr", "Re"])
def test_subject_that_only_looks_like_a_reply_stays(subject: str):
    assert bare_subject(subject) == subject


def test_empty_subject_is_answered_too():
    assert reply(Mail(), set(), to_all=False).subject == "Re:"


def test_long_original_is_cut_at_a_line():
    lines = quoted("line\n" * MOST_QUOTED).split("\n")
    assert lines[-2:] == ["> line", "> […]"]
    assert len(lines) == MOST_QUOTED // 5 + 1
    assert quoted("-- \nonly a signature") == "> --\n> only a signature"
    assert quoted("text\n \n\n-- \nAnn") == "> text"
    assert quoted("") == ">"


def test_forward_carries_the_attachments():
    part = MailPart("plan.pdf", "application/pdf", 4, "ab")
    prepared = forward(asked(parts=(part,), text="Hi"), ["From: Ann", "Subject: Kredit"])
    assert prepared.text == "From: Ann\nSubject: Kredit\n\nHi"
    assert prepared.parts == (part,)
    assert (prepared.to, prepared.in_reply_to, prepared.references) == ((), "", ())


@pytest.mark.parametrize(
    ("mail", "first"),
    [
        (Mail(to=(ANN, Address("LOANS@bank.example"))), "loans@bank.example"),
        (Mail(cc=(Address("Cards@bank.example"),)), "Cards@bank.example"),
        (Mail(headers=(("Delivered-To", "<loans@bank.example>"),)), "loans@bank.example"),
        (Mail(to=(ANN,)), "service@bank.example"),
    ],
)
def test_answer_comes_from_the_address_the_customer_wrote_to(mail: Mail, first: str):
    alternatives = ["loans@bank.example", "Cards@bank.example", "SERVICE@bank.example"]
    choices = sender_choices(mail, "service@bank.example", alternatives)
    assert choices[0] == first
    rest = ["service@bank.example", "Cards@bank.example", "loans@bank.example"]
    assert choices == [first, *(one for one in rest if one != first)]
