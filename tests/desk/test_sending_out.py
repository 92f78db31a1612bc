"""A route that leads to an address sends the mail out and ends its contact (RO-3, EM-10)."""

import pytest

from ace_server.concepts import Destination, MailAccount, RoutingRule, SmtpServer
from ace_server.contact import State
from ace_server.email.analysis.own import (
    CAME_BACK,
    OWN_ADDRESS,
    OWN_ID,
    OWN_TRACE,
    TOO_MANY_HOPS,
)
from ace_server.errors import IllegalMove
from ace_server.events import MailDue
from ace_server.intake import Arrival
from ace_server.store import contacts, history, ledger, outgoing, pieces
from ace_server.store.ledger import NewMail, Outcome, Seen
from tests.core import NOON

SUPPORT = "support@bank.example"
AWAY = "back.office@bank.example"
DIGEST = "ab" * 32


@pytest.fixture
async def routed_out(core, configure):
    """Mail of this account goes to an address."""
    account = MailAccount(
        name=SUPPORT, fetch="maildir:/nowhere", return_address=SUPPORT, smtp="outgoing"
    )
    await configure("mail_account", account)
    await configure("smtp_server", SmtpServer(name="outgoing", url="smtp://127.0.0.1:2525"))
    to = [Destination(external=AWAY), Destination(queue="Everyone")]
    await configure("routing_rule", RoutingRule(when={"Entrance": SUPPORT}, to=to))
    return core


async def receive(core, *, is_oversized=False, own=None, **data):
    """A mail becomes a contact, as the Email Server makes it; its id."""
    new = NewMail("1", 100, NOON, DIGEST, is_oversized)
    if core.store.keeps_files:
        await core.store.run(pieces.put, DIGEST, b"Subject: Question\r\n\r\n")
    (mail,) = await core.store.run(ledger.note, Seen(SUPPORT, "INBOX", 1, 1, 1), [new], NOON)
    arrival = Arrival(SUPPORT, f"M-{mail}", DIGEST, SUPPORT, "Question", "Text", data)
    added = await core.intake.take_in(
        arrival,
        lambda added: ledger.settle(
            mail, Outcome.CONTACT, NOON, contact=added.contact_id, reason=own
        ),
    )
    return added.contact_id


async def test_the_mail_is_in_the_outbox_and_its_contact_ended(routed_out):
    core, due = routed_out, []
    core.events.subscribe(MailDue, due.append)
    contact = await receive(core)
    await core.dispatch.move_on()
    assert (await core.stored(contact)).state is State.ENDED
    (row,) = await core.store.run(outgoing.of_contact, contact)
    assert (row.kind, row.sender, row.digest) == ("external", SUPPORT, DIGEST)
    assert [one.address for one in row.recipients] == [AWAY]
    assert [one.account for one in due] == [SUPPORT]
    verbs = [one.verb for one in await core.store.run(history.of, contact)]
    assert verbs[-2:] == ["routed out", "sent out"]


async def test_a_mail_of_which_only_the_header_is_here_stays_with_people(routed_out):
    core = routed_out
    contact = await receive(core, is_oversized=True)
    await core.dispatch.move_on()
    assert (await core.stored(contact)).state is State.QUEUED
    assert await core.store.run(outgoing.of_contact, contact) == []


@pytest.mark.parametrize("sign", [CAME_BACK, OWN_TRACE, OWN_ID, TOO_MANY_HOPS])
async def test_what_came_back_is_not_sent_out_once_more(routed_out, sign):
    contact = await receive(routed_out, own=sign)
    await routed_out.dispatch.move_on()
    assert (await routed_out.stored(contact)).state is State.QUEUED
    assert await routed_out.store.run(outgoing.of_contact, contact) == []


async def test_what_its_address_wrote_itself_is_not_sent_there(routed_out):
    contact = await receive(routed_out, EmailFrom="Back.Office+out@bank.example")
    await routed_out.dispatch.move_on()
    assert (await routed_out.stored(contact)).state is State.QUEUED


async def test_what_a_web_form_writes_as_ourselves_is_sent_out(routed_out):
    contact = await receive(routed_out, own=OWN_ADDRESS, EmailFrom=SUPPORT)
    await routed_out.dispatch.move_on()
    assert (await routed_out.stored(contact)).state is State.ENDED


async def test_without_a_server_to_send_by_it_stays_with_people(routed_out, configure):
    core = routed_out
    await configure("smtp_server")
    contact = await receive(core)
    await core.dispatch.move_on()
    assert (await core.stored(contact)).state is State.QUEUED


async def test_a_work_item_is_never_sent_out(core):
    contact = (await core.take_in()).contact_id
    with pytest.raises(IllegalMove, match="work item"):
        await core.store.run(contacts.send_out, contact, NOON, AWAY)
