"""Mails written and sent at a desk: drafts as typed, addresses, the outbox, undo (EM-9, EM-10)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from msgspec.structs import replace

from ace_server import wire
from ace_server.desk import drafting, recipients
from ace_server.desk.mail_history import PRESSED
from ace_server.email.mail import Address
from ace_server.email.message import parse
from ace_server.errors import Refused, Unavailable
from ace_server.events import MailChanged
from ace_server.settings import SystemParameters
from ace_server.store import directory, drafts, history, named, outgoing
from tests.core import NOON
from tests.desk.mailing import CARDS, PHOTO, SUPPORT, WRITTEN_TO

PLAIN = (
    b"From: Danielle <danielle@home.example>\r\nTo: support@bank.example, bo@home.example\r\n"
    b"Cc: cy@home.example\r\nSubject: Re: My card\r\nMessage-ID: <2@home.example>\r\n"
    b"References: <1@home.example>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0100\r\n\r\nIt is lost.\r\n"
)


async def pieces(*content: bytes) -> AsyncIterator[bytes]:
    for one in content:
        yield one


async def answered(office, raw=PLAIN, kind="reply"):
    """A contact in anna's hands, and a draft about it."""
    contact = await office.receive(raw)
    await office.handle(contact)
    return contact, await office.compose(contact, kind)


def sending(composed, **typed):
    return wire.SendMail(request=1, draft=replace(composed.draft, **typed))


async def sent(office, composed, **typed):
    """It was sent: the mail as its readers get it, its row in the outbox."""
    queued = (await office.ask("anna", sending(composed, **typed))).outgoing
    row = await office.store.run(outgoing.get, queued.id)
    return parse(office.store.files.path(row.digest).read_bytes()), row


async def mail_of(office, contact):
    return (await office.ask("anna", wire.ReadMail(request=1, contact=contact))).mail


# Beginning


async def test_a_reply_begins_with_who_wrote_what_where_to_and_who_signs(office):
    _, composed = await answered(office, PHOTO.read_bytes())
    draft = composed.draft
    assert draft.to == "Danielle <someone@somewhere.com>"
    assert (draft.subject, draft.cc) == ("Re: Subject", "")
    assert draft.text.startswith(
        "\n\n-- \nYours,\nAnna Berg\n\n"
        "2011-06-17 20:24, Danielle <someone@somewhere.com>:\n> Hello\n"
    )
    assert (draft.sender, composed.senders) == (
        WRITTEN_TO,
        [WRITTEN_TO, SUPPORT, "hello@bank.example", "zoe@bank.example"],
    )
    assert [(one.name, one.text) for one in composed.templates] == [
        ("Thanks", "Dear someone@somewhere.com, thank you. Anna Berg")
    ]
    assert composed.signatures == ["Yours,\nAnna Berg"] * 4


async def test_a_reply_to_all_leaves_ourselves_out(office):
    _, composed = await answered(office, kind="reply-all")
    draft = composed.draft
    assert draft.to == "Danielle <danielle@home.example>, bo@home.example"
    assert (draft.cc, draft.subject) == ("cy@home.example", "Re: My card")


async def test_a_forward_carries_the_files_along_without_copying_them(office):
    contact, composed = await answered(office, PHOTO.read_bytes(), "forward")
    carried = [(one.name, one.digest) for one in (await office.stored(contact)).attachments]
    kept = await office.store.run(drafts.files, composed.draft.id)
    assert [(one.name, one.digest) for one in kept] == carried
    assert [one.name for one in composed.files] == ["photo.JPG"]
    assert composed.draft.subject == "Fwd: Subject"
    assert "From: Danielle <someone@somewhere.com>\nDate: 2011-06-17 20:24" in composed.draft.text
    mail, _ = await sent(office, composed, to="bo@home.example")
    assert [one.digest for one in mail.parts] == [digest for _, digest in carried]


async def test_a_mail_about_no_contact_is_seen_by_its_writer_alone(office):
    await office.log_in("anna")
    composed = await office.compose(None, "new")
    assert composed.draft.sender == SUPPORT
    assert composed.draft.text == "\n\n-- \nYours,\nAnna Berg"
    assert [one.text for one in composed.templates] == ["Dear {EmailFrom}, thank you. Anna Berg"]
    listed = await office.ask("anna", wire.ListDrafts(request=1))
    assert [one.id for one in listed.drafts] == [composed.draft.id]
    number = composed.draft.id
    for command in (
        wire.OpenDraft(request=1, draft=number),
        wire.DiscardDraft(request=1, draft=number),
        wire.Detach(request=1, draft=number, position=0),
        wire.SaveDraft(request=1, draft=composed.draft),
        wire.SendMail(request=1, draft=composed.draft),
    ):
        assert (await office.refusal("dan", command)).code == "gone"
    _, row = await sent(office, composed, to="bo@home.example")
    assert (row.contact, row.by, row.kind, row.account) == (None, "anna", "new", SUPPORT)
    reply = wire.Compose(request=1, kind="reply")
    assert (await office.refusal("anna", reply)).code == "bad-value"


async def test_what_was_typed_is_kept_and_gone_on_with(office):
    contact, composed = await answered(office)
    typed = replace(composed.draft, text="Dear D", bcc="cy@home.example", contact=7, kind="new")
    await office.ask("anna", wire.SaveDraft(request=1, draft=typed))
    again = await office.ask("anna", wire.OpenDraft(request=1, draft=typed.id))
    assert again.draft == replace(typed, contact=contact, kind="reply")
    (head,) = (await mail_of(office, contact)).drafts
    assert (head.id, head.subject, head.kind) == (typed.id, "Re: My card", "reply")
    await office.ask("anna", wire.DiscardDraft(request=1, draft=typed.id))
    assert (await mail_of(office, contact)).drafts == []


async def test_a_draft_says_nothing_of_a_contact_that_is_another_s_now(office):
    contact, composed = await answered(office)
    await office.give("anna", wire.Requeue(request=0, contact=contact, queue="Everyone"))
    again = await office.ask("anna", wire.OpenDraft(request=1, draft=composed.draft.id))
    assert again.templates[0].text == "Dear {EmailFrom}, thank you. Anna Berg"
    refused = await office.refusal("anna", sending(composed))
    assert (refused.code, refused.reason) == (
        "not-in-hand",
        "This contact is no longer in your hands. The draft is kept.",
    )
    assert [one.id for one in await office.store.run(drafts.of, "anna")] == [composed.draft.id]


# Files


async def test_a_file_is_durable_before_the_draft_names_it_and_its_name_is_plain(office):
    _, composed = await answered(office)
    number = composed.draft.id
    attached = await office.mailroom.attach(
        "anna", number, "../../terms.pdf", "application/octet-stream", pieces(b"te", b"rms")
    )
    (file,) = attached.files
    assert (file.name, file.media_type, file.size) == ("terms.pdf", "application/pdf", 5)
    (kept,) = await office.store.run(drafts.files, number)
    assert office.store.files.path(kept.digest).read_bytes() == b"terms"
    assert await office.store.run(named.unnamed, [kept.digest]) == []
    left = await office.ask("anna", wire.Detach(request=1, draft=number, position=0))
    assert left.files == []


async def test_a_file_that_is_too_large_leaves_nothing_behind(office, monkeypatch):
    monkeypatch.setattr(wire, "MOST_DRAFT_FILE", 4)
    _, composed = await answered(office)
    with pytest.raises(Refused, match="too-large"):
        await office.mailroom.attach("anna", composed.draft.id, "a", "", pieces(b"abc", b"de"))
    assert list((office.data / "incoming").iterdir()) == []
    with pytest.raises(Refused, match="gone"):
        await office.mailroom.attach("dan", composed.draft.id, "a", "", pieces(b"abc"))


# Sending


async def test_a_mail_that_is_sent_is_what_was_typed_and_belongs_to_its_thread(office):
    contact, composed = await answered(office)
    mail, row = await sent(
        office,
        composed,
        to='"Ros, D" <d@home.example>; bo@home.example',
        bcc="cy@home.example",
        subject="Your card\r\nBcc: evil@home.example",
        text="It is blocked.",
    )
    assert mail.to == (Address("d@home.example", "Ros, D"), Address("bo@home.example"))
    assert (mail.subject, mail.text) == (
        "Your card Bcc: evil@home.example",
        "It is blocked.\n",
    )
    assert mail.senders == (Address(SUPPORT),)
    assert mail.in_reply_to == ("<2@home.example>",)
    assert mail.references == ("<1@home.example>", "<2@home.example>")
    assert mail.header("Bcc") is None
    assert [one.address for one in row.recipients] == [
        "d@home.example",
        "bo@home.example",
        "cy@home.example",
    ]
    assert (row.sender, row.message_id) == (SUPPORT, mail.message_id)
    assert row.message_id.endswith("@bank.example>")
    assert (row.due_at, row.state) == (NOON + timedelta(seconds=10), "queued")
    happened = await office.store.run(history.of, contact)
    assert [(one.verb, one.by, one.detail) for one in happened[-1:]] == [
        ("replied", "anna", "queued")
    ]
    assert (await office.next_due()).account == SUPPORT


async def test_a_mail_is_sent_once_however_often_that_is_asked(office):
    contact, composed = await answered(office)
    both = await asyncio.gather(*(office.ask("anna", sending(composed)) for _ in range(2)))
    again = await office.ask("anna", sending(composed))  # who did not hear the answer
    assert {one.outgoing.id for one in (*both, again)} == {again.outgoing.id}
    assert again.outgoing.state == "queued"
    assert (await office.refusal("anna", sending(composed, text="More."))).code == "gone"
    assert (await office.refusal("dan", sending(composed))).code == "gone"
    shown = await mail_of(office, contact)
    assert (len(shown.outgoing), shown.drafts) == (1, [])


@pytest.mark.parametrize(
    ("typed", "code", "says"),
    [
        ({"to": "anna, bo@home.example", "cc": "x@"}, "bad-address", "addresses: anna, x@."),
        ({"to": "a@home.example b@home.example"}, "bad-address", "a@home.example b@home.example"),
        ({"to": " ,; "}, "no-recipient", "Say who the mail is for."),
        ({"to": ",".join("abcdefghijk")}, "bad-address", "i, j, and 1 more."),
        ({"to": ",".join(f"a{n}@x.example" for n in range(501))}, "too-many", "500"),
        ({"sender": CARDS}, "bad-sender", "You cannot write from cards@bank.example."),
        ({"sender": ""}, "bad-sender", "Choose the address to write from."),
        ({"text": "x" * 2000}, "too-large", "This mail has 1 MB"),
    ],
)
async def test_what_cannot_be_sent_says_why_and_stays_a_draft(office, typed, code, says):
    limits = SystemParameters(emailMaxBytes=1024)
    await office.store.run(directory.replace_single, "system", limits)
    await office.current.reload()
    contact, composed = await answered(office)
    refused = await office.refusal("anna", sending(composed, **typed))
    assert refused.code == code
    assert says in refused.reason
    assert await office.store.run(outgoing.of_contact, contact) == []
    assert len(await office.store.run(drafts.of, "anna")) == 1


async def test_what_was_sent_and_not_heard_of_is_a_draft_again_as_typed(office):
    contact, composed = await answered(office, PHOTO.read_bytes(), "forward")
    typed = {"to": "bo@home.example,", "subject": "See", "text": "Look."}
    _, row = await sent(office, composed, **typed)
    await office.give("anna", wire.End(request=0, contact=contact))
    undone = await office.ask("anna", wire.UndoSend(request=1, outgoing=row.id))
    assert undone.draft == replace(composed.draft, **typed)
    assert [one.name for one in undone.files] == ["photo.JPG"]
    (stands,) = await office.store.run(outgoing.of_contact, contact)
    assert stands.state == "withdrawn"
    assert await office.store.run(outgoing.claim, [SUPPORT], "one", NOON, 10) == []
    refused = await office.refusal("anna", wire.UndoSend(request=1, outgoing=row.id))
    assert (refused.code, refused.reason) == (
        "too-late",
        "This mail was taken back before: it is among your drafts.",
    )
    _, again = await sent(office, undone)  # by who ended the contact
    assert again.state == "queued"


async def test_what_is_on_its_way_is_not_taken_back(office):
    _, composed = await answered(office)
    _, row = await sent(office, composed)
    later = NOON + timedelta(seconds=10)
    assert len(await office.store.run(outgoing.claim, [SUPPORT], "one", later, 10)) == 1
    undo = wire.UndoSend(request=1, outgoing=row.id)
    refused = await office.refusal("anna", undo)
    assert (refused.code, refused.reason) == (
        "too-late",
        "This mail cannot be taken back any more: it is on its way.",
    )
    assert (await office.refusal("eva", undo)).code == "too-late"


async def test_a_draft_that_was_sent_is_there_for_undo_after_a_restart(office):
    _, composed = await answered(office, PHOTO.read_bytes(), "forward")
    _, row = await sent(office, composed, to="bo@home.example")
    await office.restart()
    await office.log_in("anna")
    undone = await office.ask("anna", wire.UndoSend(request=1, outgoing=row.id))
    assert undone.draft.to == "bo@home.example"


async def test_a_file_that_is_gone_keeps_a_mail_from_being_sent_without_it(office):
    _, composed = await answered(office, PHOTO.read_bytes(), "forward")
    (kept,) = await office.store.run(drafts.files, composed.draft.id)
    office.store.files.path(kept.digest).unlink()
    refused = await office.refusal("anna", sending(composed, to="bo@home.example"))
    assert (refused.code, refused.reason) == (
        "no-file",
        "The server does not have the file photo.JPG any more.",
    )


async def test_nothing_is_said_to_be_queued_before_it_is(office):
    contact, composed = await answered(office)
    await office.store.stop()
    with pytest.raises(Unavailable):
        await office.ask("anna", sending(composed))
    office.store.start()
    assert await office.store.run(outgoing.of_contact, contact) == []


# News


async def test_the_desk_that_has_the_contact_hears_how_its_mail_stands(office):
    contact = await office.receive(PLAIN)
    screen = await office.handle(contact)
    other = await office.log_in("dan")
    composed = await office.compose(contact)
    heard = screen.hears(wire.MailNews)
    _, row = await sent(office, composed)
    for _ in range(3):
        office.events.publish(MailChanged(SUPPORT, contact))
    news = await heard
    assert [(one.id, one.state) for one in news.outgoing] == [(row.id, "queued")]
    assert not [one for one in other.events if isinstance(one, wire.MailNews)]


# Addresses as typed


@pytest.mark.parametrize(
    ("typed", "right", "wrong"),
    [
        ("a@x.example; Bo <b@x.example>\nc@x.example,", ["a@x", "b@x", "c@x"], []),
        ('"Ek, \\"Bo\\"" <b@x.example>', ["b@x"], []),
        ("Anna Berg, <>, a@x.example", ["a@x"], ["Anna Berg", "<>"]),
        ('"a@x.example', [], ['"a@x.example']),
        ("a@x.example <b@x.example> c@x.example", [], ["a@x.example <b@x.example> c@x.example"]),
        ("  ", [], []),
    ],
)
def test_nothing_that_was_typed_is_passed_over(typed, right, wrong):
    found, rest = recipients.read(typed)
    assert ([one.address.removesuffix(".example") for one in found], rest) == (right, wrong)


def test_a_press_is_a_word_that_the_history_has_room_for():
    assert len(PRESSED) <= 24


async def test_a_new_mail_about_a_contact_begins_empty_and_from_where_it_came_in(office):
    _, composed = await answered(office, PHOTO.read_bytes(), "new")
    draft = composed.draft
    assert (draft.to, draft.subject, draft.sender) == ("", "", WRITTEN_TO)
    assert draft.text == "\n\n-- \nYours,\nAnna Berg"


async def test_of_a_very_long_mail_the_beginning_is_forwarded(office, monkeypatch):
    monkeypatch.setattr(drafting, "MOST_CARRIED", 5)
    _, composed = await answered(office, kind="forward")
    assert composed.draft.text.endswith("\n\nIt is\n[…]")


async def test_an_area_without_addresses_writes_nothing(office):
    await office.store.run(directory.replace, "smtp_server", [])
    await office.current.reload()
    await office.log_in("anna")
    refused = await office.refusal("anna", wire.Compose(request=1, kind="new"))
    assert refused.reason == "Your organisation area has no address to write from."
