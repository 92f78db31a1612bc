"""The mail of a contact at a desk: who reads it, what is said of it, did not arrive (EM-8)."""

import hashlib
import re
from pathlib import Path

import pytest

from ace_server import wire
from ace_server.concepts import MailAccount
from ace_server.desk import mail_view
from ace_server.email import answers, message
from ace_server.email.analysis import Findings, automatic, own, telling
from ace_server.email.mail import Address, Mail, MailPart
from ace_server.email.reading import MailReader
from ace_server.email.workers import Workers
from ace_server.errors import Refused, Unavailable
from ace_server.sentences import Sentence, sentence
from ace_server.store import audit, directory, history, ledger, outgoing
from ace_server.store.outgoing import OutgoingRow, Recipient, Sent
from tests.core import NOON
from tests.desk.mailing import EVA, PHOTO, SUPPORT, opened

PLAIN = (
    b"From: Danielle <danielle@home.example>\r\nTo: support@bank.example\r\nSubject: My card\r\n"
    b"Message-ID: <1@home.example>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\n\r\nIt is lost.\r\n"
)
DEEP = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(200)
)


def read(contact):
    return wire.ReadMail(request=1, contact=contact)


def pressed(contact):
    return wire.DidNotArrive(request=1, contact=contact)


async def test_a_mail_in_hand_is_read_whole(office):
    contact = await office.receive(PHOTO.read_bytes())
    await office.handle(contact)
    mail = (await office.ask("anna", read(contact))).mail
    assert mail.senders == ["Danielle <someone@somewhere.com>"]
    assert mail.to == ["Ewan McGregor <example@example.com>"]
    assert (mail.subject, mail.text[:6]) == ("Subject", "Hello\n")
    assert mail.size == len(PHOTO.read_bytes())
    assert (mail.arrived_at, mail.external, mail.writes) == (NOON, "", None)


async def test_the_source_is_what_was_fetched(office):
    contact = await office.receive(PHOTO.read_bytes())
    await office.handle(contact)
    path = await office.mailroom.source("anna", contact)
    assert path.read_bytes() == PHOTO.read_bytes()


async def test_somebody_elses_mail_is_as_one_that_does_not_exist(office):
    contact = await office.receive(PLAIN)
    await office.handle(contact)
    await office.log_in("dan")
    for command in (read, pressed):
        foreign = await office.refusal("dan", command(contact))
        unknown = await office.refusal("dan", command(999))
        assert (foreign.code, foreign.reason) == (unknown.code, unknown.reason)
    with pytest.raises(Refused, match="not-found"):
        await office.mailroom.source("dan", contact)
    compose = wire.Compose(request=1, kind="reply", contact=contact)
    assert (await office.refusal("dan", compose)).code == "not-found"


async def test_a_booked_mail_is_read_and_not_answered_yet(office):
    contact = await office.receive(PLAIN)
    await office.log_in("anna")
    await office.settle()
    mail = (await office.ask("anna", read(contact))).mail
    assert mail.text.strip() == "It is lost."
    assert str(mail.writes) == "Accept the contact to write about it."


async def test_who_previews_a_waiting_mail_reads_it_and_is_in_the_audit(office):
    contact = await office.receive(PLAIN)
    await office.log_in("sara", activate=False)
    mail = (await office.ask("sara", read(contact))).mail
    assert mail.subject == "My card"
    assert str(mail.writes) == "Take the contact in hand to write about it."
    rows = await office.store.run(audit.rows)
    assert [(one.actor, one.action) for one in rows] == [("sara", "saw")]
    assert (await office.refusal("sara", pressed(contact))).code == "not-found"


async def test_a_work_item_refuses_everything_about_mail(office):
    contact = (await office.take_in()).contact_id
    await office.handle(contact)
    commands = [
        read(contact),
        pressed(contact),
        *(wire.Compose(request=1, kind=kind, contact=contact) for kind in ("reply", "new")),
    ]
    assert {(await office.refusal("anna", one)).code for one in commands} == {"no-mail"}
    with pytest.raises(Refused, match="no-mail"):
        await office.mailroom.source("anna", contact)


async def test_an_account_that_cannot_send_says_why_nothing_is_written(office):
    fetch = "imaps://support@mail.bank.example"
    contact = await office.receive(PLAIN)
    await office.handle(contact)
    said = []
    for account in (
        MailAccount(name=SUPPORT, fetch=fetch, smtp="out"),
        MailAccount(name=SUPPORT, fetch=fetch, return_address=SUPPORT),
    ):
        await office.store.run(directory.replace, "mail_account", [account])
        await office.current.reload()
        said.append(str((await office.ask("anna", read(contact))).mail.writes))
    assert said == [
        "Nothing can be answered: support@bank.example has no return address.",
        "Nothing can be answered: support@bank.example has no SMTP server.",
    ]


# What cannot be read


async def test_a_mail_is_understood_in_a_process_of_its_own(tmp_path, clock):
    reader = MailReader(Workers(1, 60.0, 512 * 1024 * 1024))
    async with opened(tmp_path, clock, reader) as office:
        ordinary, deep = await office.receive(PLAIN), await office.receive(DEEP)
        await office.log_in("sara", activate=False)
        assert (await office.ask("sara", read(ordinary))).mail.subject == "My card"
        mail = (await office.ask("sara", read(deep))).mail
        assert (mail.subject, mail.text) == ("Too deep", "What the header says.")
        assert [str(one) for one in mail.remarks] == [
            "This mail cannot be shown: it has too many parts within parts."
        ]
        assert mail.size == len(DEEP)
    await reader.stop()


async def test_a_mail_that_takes_too_long_is_given_up(tmp_path, expect_log):
    expect_log("WARNING .*workers: a worker has ended in the middle of a job")
    reader = MailReader(Workers(1, 0.0, 512 * 1024 * 1024))
    (tmp_path / "mail").write_bytes(PLAIN)
    with pytest.raises(Refused) as refused:
        await reader.read(tmp_path / "mail")
    assert refused.value.code == "too-slow"
    await reader.stop()
    with pytest.raises(Unavailable):
        await reader.read(tmp_path / "mail")


async def test_a_source_that_is_damaged_is_not_shown_as_the_mail(office, expect_log):
    expect_log("WARNING ace_server.attachments: the file of attachment .* is damaged")
    contact = await office.receive(PLAIN)
    await office.handle(contact)
    path = office.store.files.path(hashlib.sha256(PLAIN).hexdigest())
    path.write_bytes(PLAIN.replace(b"lost", b"here"))
    mail = (await office.ask("anna", read(contact))).mail
    assert (mail.subject, mail.text.strip(), mail.size) == ("My card", "It is lost.", 0)
    assert mail.senders == ["danielle@home.example"]
    assert mail.remarks == [mail_view.NO_SOURCE]
    path.unlink()
    with pytest.raises(Refused, match="gone"):
        await office.mailroom.source("anna", contact)


async def test_of_an_oversized_mail_the_header_is_read(office):
    contact = await office.receive(PLAIN.partition(b"It is")[0], is_oversized=True)
    await office.handle(contact)
    mail = (await office.ask("anna", read(contact))).mail
    assert (mail.subject, mail.text, mail.remarks) == ("My card", "", [mail_view.OVERSIZED])


async def test_html_that_is_too_long_stays_in_the_source(office, monkeypatch):
    monkeypatch.setattr(wire, "MOST_HTML", 10)
    contact = await office.receive(b"Content-Type: text/html\r\n" + PLAIN)
    await office.handle(contact)
    mail = (await office.ask("anna", read(contact))).mail
    assert (mail.html, mail.text.strip()) == ("", "It is lost.")
    assert mail_view.NO_HTML in mail.remarks


def test_what_is_wrong_with_a_mail_is_said_once_in_sentences():
    faults = ("wrong charset", "unknown charset", "no message id", "several senders")
    assert [str(one) for one in mail_view.remarks(Mail(faults=faults))] == [
        "Some characters of this mail may be wrong.",
        "This mail names several senders; the first is taken for it.",
    ]


def test_files_that_are_damaged_are_named():
    parts = [MailPart(name, "", 1, "", damaged=name != "b.pdf") for name in ("a.pdf", "b.pdf", "c")]
    mail = Mail(faults=("damaged transfer encoding",), parts=tuple(parts))
    assert [str(one) for one in mail_view.remarks(mail)] == [
        "Something in this mail is damaged.",
        "Only a part of these files could be read: a.pdf, c.",
    ]


TOO_MANY = sentence("No automatic answer to %1: %2", "robot@x.example", "it got enough")


async def test_what_was_found_when_it_came_in_is_said_at_the_desk_and_explained(office):
    contact = await office.receive(PLAIN)
    findings = Findings(
        automatic=automatic.SUBJECT.text, own=own.OWN_ADDRESS.text, flags=("own mail", "bounce")
    )
    withheld = [answers.NOT_CONFIGURED, Sentence(answers.OWN_MAIL.text, ("x",)), TOO_MANY]

    def tell():
        for verb, detail in telling.lines(findings):
            history.note(contact, NOON, verb, detail=detail)
        for reason in withheld:
            detail = ledger.write_sentence(reason)
            history.note(contact, NOON, telling.WITHHELD, detail=detail)

    await office.store.run(tell)
    await office.handle(contact)
    await office.ask("anna", pressed(contact))
    found = [
        "A machine may have sent this mail: its subject begins as that of an absence note or a"
        " bounce.",
        "This is our own mail: its sender is one of our own addresses.",
        "This mail says that another one did not arrive.",
        "It was not answered automatically. No automatic answer to robot@x.example: it got enough",
    ]
    mail = (await office.ask("anna", read(contact))).mail
    assert [str(one) for one in mail.remarks] == found
    explained = await office.explaining.explain(contact)
    said = [str(one) for one in explained.mail]
    assert said[:3] == found[:3] and said[5] == found[3]
    assert said[3].endswith("No automatic answer is configured for this mail.")
    assert said[-1] == "Anna Berg said at 12:00 that the mail did not arrive."
    assert explained.sentences()[-len(said) :] == list(explained.mail)


def test_every_fault_that_parsing_names_has_a_sentence():
    """But for a Message-ID that is missing, which no reader has to know of."""
    named = {
        phrase
        for file in Path(message.__file__).parent.glob("*.py")
        for line in file.read_text("utf-8").splitlines()
        if re.search(r'_fault\(|yield "|\.faults\[', line)
        for phrase in re.findall(r'"([a-z ]+)"', line)
    }
    assert named - {"no message id", "date"} == set(mail_view.FAULTS)


def test_an_outgoing_mail_says_what_happened_to_whom_it_went_worst_with():
    said = {state: sentence("It is %1.", str(state)) for state in Sent}
    states = (Sent.HANDED_OVER, Sent.REFUSED, Sent.UNKNOWN)
    recipients = [Recipient(f"{state}@x", state, said[state]) for state in states]
    row = OutgoingRow(
        1, "reply", 7, SUPPORT, "anna", SUPPORT, recipients, "", "Re", "<1@x>", "d" * 64,
        Sent.UNKNOWN, NOON, NOON, 1, "", NOON,
    )  # fmt: skip
    shown = mail_view.outgoing(row)
    assert (shown.said, shown.to[0]) == (said[Sent.UNKNOWN], "handed over@x")


def test_a_name_is_written_so_that_it_can_be_read_back():
    assert mail_view.shown(Address("a@x", 'Berg, "A"')) == '"Berg, \\"A\\"" <a@x>'
    assert mail_view.shown(Address("", "Anna")) == "Anna"
    assert mail_view.line([Address("a@x"), Address("b@x"), Address("c@x")], 8) == "a@x, b@x"


# Did not arrive


async def test_a_mail_that_is_handled_here_is_fetched_again(office):
    contact = await office.receive(PLAIN)
    await office.handle(contact)
    for count in (1, 2):
        mail = (await office.ask("anna", pressed(contact))).mail
        assert (mail.pressed, mail.external, mail.text.strip()) == (count, "", "It is lost.")
    assert await office.store.run(outgoing.of_contact, contact) == []
    happened = await office.store.run(history.of, contact)
    assert [one.by for one in happened if one.verb == "did not arrive"] == ["anna", "anna"]


async def test_a_mail_that_is_handled_elsewhere_is_sent_again_and_then_offered_here(office):
    contact = await office.receive(PLAIN)
    await office.handle(contact, "eva")
    await office.next_due()
    mail = (await office.ask("eva", read(contact))).mail
    assert (mail.external, mail.pressed) == (EVA, 0)
    assert str(mail.writes) == f"This mail is answered in your own mail program, at {EVA}."
    compose = wire.Compose(request=1, kind="reply", contact=contact)
    assert (await office.refusal("eva", compose)).code == "not-now"

    once = (await office.ask("eva", pressed(contact))).mail
    assert (once.external, once.pressed) == (EVA, 1)
    assert [(one.kind, one.to) for one in once.outgoing] == [("delivery", [EVA])] * 2

    twice = (await office.ask("eva", pressed(contact))).mail
    assert (twice.external, twice.pressed, twice.writes) == ("", 2, None)
    assert len(twice.outgoing) == 2
    assert (await office.ask("eva", compose)).draft.to == "Danielle <danielle@home.example>"


async def test_a_mail_that_cannot_be_sent_on_is_handled_here(office):
    contact = await office.receive(PLAIN)
    await office.handle(contact, "eva")
    await office.next_due()
    await office.store.run(directory.replace, "smtp_server", [])
    await office.current.reload()
    mail = (await office.ask("eva", pressed(contact))).mail
    assert (mail.external, len(mail.outgoing)) == ("", 1)
    assert str(mail.writes).endswith("has no SMTP server.")
