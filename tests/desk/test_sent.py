"""What became of what was sent: read, listed, told to its writer, written again (EM-9, EM-10)."""

import asyncio

import pytest

from ace_server import wire
from ace_server.desk.sent import SentMails
from ace_server.events import MailChanged
from ace_server.sentences import sentence
from ace_server.store import drafts, outgoing
from ace_server.store.outgoing import NewOutgoing, Recipient, Sent
from tests.core import NOON
from tests.desk.mailing import PHOTO, SUPPORT
from tests.desk.test_writing_mail import PLAIN, answered, sending

WHY = sentence("The other server said: %1", "550 <gone@home.example> is not here")


async def sent(office, composed, **typed):
    return (await office.ask("anna", sending(composed, **typed))).outgoing.id


async def new_mail(office, **typed):
    """A mail about no contact."""
    composed = await office.compose(None, "new")
    return await sent(office, composed, **({"to": "gone@home.example", "subject": "Hej"} | typed))


async def becomes(office, number, state):
    """Its Email Server says what became of it."""

    def job():
        row = outgoing.get(number)
        outgoing.claim([SUPPORT], "one", row.due_at, 10)
        became = [Recipient(one.address, state, WHY) for one in row.recipients]
        outgoing.settle(number, "one", became, NOON, retry_at=NOON)
        return row

    row = await office.store.run(job)
    office.events.publish(MailChanged(row.account, row.contact, row.by))


def read(number):
    return wire.ReadOutgoing(request=1, outgoing=number)


def again(number, **other):
    return wire.WriteAgain(request=1, outgoing=number, **other)


# Read


async def test_what_was_sent_is_read_as_its_readers_got_it(office):
    _, composed = await answered(office, PHOTO.read_bytes(), "forward")
    typed = {"to": "Bo <bo@home.example>", "cc": "cy@home.example", "bcc": "di@home.example"}
    number = await sent(office, composed, **typed, subject="See", text="Look.")
    mail = (await office.ask("anna", read(number))).mail
    assert (mail.to, mail.cc) == (["Bo <bo@home.example>"], ["cy@home.example"])
    assert (mail.bcc, mail.senders) == (["di@home.example"], [composed.draft.sender])
    assert (mail.subject, mail.text.strip()) == ("See", "Look.")
    assert [one.name for one in mail.files] == ["photo.JPG"]
    assert mail.outgoing.state == "queued"


async def test_who_gets_a_requeued_contact_reads_what_was_answered(office):
    contact, composed = await answered(office)
    number = await sent(office, composed, text="It is open again.")
    await office.log_in("eva", activate=False)
    assert (await office.refusal("eva", read(number))).code == "not-found"
    requeue = wire.Requeue(request=0, contact=contact, colleague="eva")
    await office.give("anna", requeue)
    await office.give("eva", wire.Activate(request=0))
    await office.settle()
    assert (await office.ask("eva", read(number))).mail.text.strip() == "It is open again."
    assert (await office.ask("anna", read(number))).mail.text  # its writer


async def test_a_mail_about_no_contact_is_read_by_its_writer_alone(office):
    await office.log_in("anna")
    number = await new_mail(office)
    assert (await office.ask("anna", read(number))).mail.subject == "Hej"
    for login in ("dan", "sara"):
        assert (await office.refusal(login, read(number))).code == "not-found"
    assert (await office.refusal("anna", read(999))).code == "not-found"


async def test_a_sent_mail_whose_bytes_are_gone_says_so(office):
    await office.log_in("anna")
    number = await new_mail(office)
    row = await office.store.run(outgoing.get, number)
    office.store.files.path(row.digest).unlink()
    assert (await office.refusal("anna", read(number))).code == "gone"


# Listed


async def test_a_writer_sees_what_became_of_all_that_was_sent_lately(office, clock):
    await office.log_in("anna")
    first = await new_mail(office)
    await becomes(office, first, Sent.REFUSED)
    second = await new_mail(office, subject="Hej igen")
    await office.log_in("dan")
    listed = (await office.ask("anna", wire.ListSent(request=1))).mails
    assert [(one.id, one.state) for one in listed] == [(second, "queued"), (first, "refused")]
    assert (await office.ask("dan", wire.ListSent(request=1))).mails == []
    clock.advance(drafts.KEPT.total_seconds() + 1)
    assert (await office.ask("anna", wire.ListSent(request=1))).mails == []


# Told


async def test_a_writer_is_told_of_a_mail_that_was_not_delivered(office):
    anna, dan = await office.log_in("anna"), await office.log_in("dan")
    number = await new_mail(office)
    await becomes(office, number, Sent.REFUSED)
    news = await anna.hears(wire.SentNews)
    assert [(one.id, one.state, one.to) for one in news.undelivered] == [
        (number, "refused", ["gone@home.example"])
    ]
    await office.quarantine.send_again("anna", number)
    anna.events.clear()
    assert (await anna.hears(wire.SentNews)).undelivered == []
    assert not [one for one in dan.events if isinstance(one, wire.SentNews)]


async def test_who_was_away_is_told_at_the_next_desk(office):
    await office.log_in("anna")
    number = await new_mail(office)
    await office.give("anna", wire.Pause(request=0))
    await office.agents.log_out("anna")
    await becomes(office, number, Sent.UNKNOWN)
    anna = await office.log_in("anna", activate=False)
    office.mailroom.greet("anna")  # as the link does
    news = await anna.hears(wire.SentNews)
    assert [(one.id, one.state) for one in news.undelivered] == [(number, "unknown")]


def undelivered(by, count):
    """A job: mails of this writer that may have been sent; nobody is told of them."""
    mail = NewOutgoing(
        kind="new",
        account=SUPPORT,
        sender=SUPPORT,
        recipients=(Recipient("gone@home.example"),),
        digest="0" * 64,
        by=by,
    )
    numbers = [outgoing.add(mail, NOON) for _ in range(count)]
    outgoing.doubt(NOON)
    return numbers


async def test_a_writer_is_told_however_much_of_others_was_not_delivered(office):
    anna, _ = await office.log_in("anna"), await office.log_in("dan")
    numbers = await office.store.run(undelivered, "anna", 1)
    await office.store.run(undelivered, "dan", outgoing.PAGE)
    for login in ("anna", "dan"):
        office.mailroom.greet(login)
    assert [one.id for one in (await anna.hears(wire.SentNews)).undelivered] == numbers


async def test_a_desk_that_comes_while_its_mails_are_looked_up_is_told_too(office):
    first = await office.log_in("anna", activate=False)
    numbers = await office.store.run(undelivered, "anna", 1)
    mails = SentMails(office.store, office.agents, None, office.clock)
    mails.greet("anna")
    telling = asyncio.create_task(mails.tell())
    await asyncio.sleep(0)  # the store is asked
    second = await office.log_in("anna", activate=False, token=first.token)
    mails.greet("anna")  # as the link does
    await telling
    await mails.tell()
    assert [one.id for one in (await second.hears(wire.SentNews)).undelivered] == numbers
    assert not [one for one in first.events if isinstance(one, wire.SentNews)]


async def test_others_learn_of_a_mail_about_no_contact_who_wrote_it_and_why_it_failed(office):
    await office.log_in("anna")
    number = await new_mail(office)
    await becomes(office, number, Sent.REFUSED)
    look = wire.LookIntoQuarantine(request=1)
    (seen,) = (await office.quarantine.look(look, "sara")).undelivered
    assert (seen.id, seen.by, seen.is_private) == (number, "anna", True)
    assert (seen.to, seen.subject) == ([], "")
    assert str(seen.said) == "The other server said: 550 <…> is not here"
    (own,) = (await office.quarantine.look(look, "anna")).undelivered
    assert (own.to, own.subject) == (["gone@home.example"], "Hej")


# Written again


async def test_a_refused_mail_is_written_again_as_it_was_typed(office):
    contact, composed = await answered(office, PHOTO.read_bytes(), "forward")
    typed = {"to": "gone@home.example", "bcc": "di@home.example", "text": "Look."}
    number = await sent(office, composed, **typed)
    assert (await office.refusal("anna", again(number))).code == "not-now"  # it may yet arrive
    await becomes(office, number, Sent.REFUSED)
    anew = await office.ask("anna", again(number))
    assert anew.draft.id != composed.draft.id
    assert (anew.draft.to, anew.draft.bcc, anew.draft.text) == tuple(typed.values())
    assert anew.draft.contact == contact and [one.name for one in anew.files] == ["photo.JPG"]
    assert await sent(office, anew, to="bo@home.example")


async def test_what_may_have_been_sent_is_written_again_by_who_is_sure(office):
    await office.log_in("anna")
    number = await new_mail(office)
    await becomes(office, number, Sent.UNKNOWN)
    assert (await office.refusal("anna", again(number))).code == "not-now"
    assert (await office.ask("anna", again(number, sure=True))).draft.subject == "Hej"


@pytest.mark.parametrize("login", ["dan", "sara"])
async def test_a_mail_about_no_contact_is_written_again_by_its_writer_alone(office, login):
    await office.log_in("anna")
    number = await new_mail(office)
    await becomes(office, number, Sent.REFUSED)
    assert (await office.refusal(login, again(number))).code == "not-found"


async def test_who_has_the_contact_by_now_writes_again_and_its_writer_no_more(office):
    contact, composed = await answered(office, PLAIN)
    number = await sent(office, composed, to="gone@home.example")
    await becomes(office, number, Sent.REFUSED)
    await office.log_in("sara", activate=False)
    await office.give("anna", wire.Requeue(request=0, contact=contact, colleague="sara"))
    await office.give("sara", wire.Activate(request=0))
    await office.settle()
    await office.give("sara", wire.Accept(request=0, contact=contact))
    assert (await office.refusal("anna", again(number))).code == "not-in-hand"
    assert (await office.ask("sara", again(number))).draft.to == "gone@home.example"
