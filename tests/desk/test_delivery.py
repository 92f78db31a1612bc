"""Mail to the agents' own programs: once, unchanged, and never in the way of a booking (EM-7)."""

import asyncio
import threading

import pytest

from ace_server import wire
from ace_server.concepts import User
from ace_server.contact import Role
from ace_server.email.analysis.own import CAME_BACK
from ace_server.email.delivery import deliver
from ace_server.errors import Unavailable
from ace_server.store import directory, history, outgoing
from ace_server.store.models import Contact
from tests.core import NOON
from tests.desk.mailing import EVA, SUPPORT

PLAIN = (
    b"From: Danielle <danielle@home.example>\r\nTo: support@bank.example\r\nSubject: My card\r\n"
    b"Message-ID: <1@home.example>\r\n\r\nIt is lost.\r\n"
)


async def sent(office, contact):
    return await office.store.run(outgoing.of_contact, contact)


async def test_a_mail_goes_to_its_agents_own_program_when_it_is_booked(office):
    contact = await office.receive(PLAIN)
    await office.log_in("eva")
    await office.settle()
    assert (await office.next_due()).account == SUPPORT
    (row,) = await sent(office, contact)
    assert (row.kind, row.sender, row.by, row.subject) == ("delivery", SUPPORT, "", "My card")
    assert [one.address for one in row.recipients] == [EVA]
    assert office.store.files.path(row.digest).read_bytes() == PLAIN
    happened = await office.store.run(history.of, contact)
    assert [one.verb for one in happened] == ["taken in", "booked", "delivered"]


async def test_a_mail_is_delivered_once_however_often_it_is_booked_for_the_same_agent(office):
    first = await office.receive(PLAIN)
    await office.log_in("eva")
    await office.settle()
    await office.next_due()
    await office.give("eva", wire.Accept(request=0, contact=first))
    await office.give("eva", wire.Requeue(request=0, contact=first, queue="Everyone"))
    await office.give("eva", wire.Activate(request=0))
    await office.settle()
    await office.give("eva", wire.Accept(request=0, contact=first))
    await office.give("eva", wire.Park(request=0, contact=first))
    second = await office.receive(PLAIN)
    await office.settle()
    await office.next_due()  # of the second: the first, in front of it, was not sent again
    assert (len(await sent(office, first)), len(await sent(office, second))) == (1, 1)


async def test_each_agent_who_gets_it_has_it_delivered(office, configure_office):
    await configure_office(
        User(login="eva", name="Eva Ros", role=Role.AGENT, email=EVA),
        User(login="ulf", name="Ulf Ek", role=Role.AGENT, email="ulf@home.example"),
    )
    contact = await office.receive(PLAIN)
    await office.handle(contact, "eva")
    await office.next_due()
    await office.give("eva", wire.Requeue(request=0, contact=contact, queue="Everyone"))
    await office.log_in("ulf")
    await office.settle()
    await office.next_due()
    assert [one.recipients[0].address for one in await sent(office, contact)] == [
        EVA,
        "ulf@home.example",
    ]


async def test_what_is_handled_here_and_what_cannot_be_sent_on_is_not_delivered(office):
    here = await office.receive(PLAIN)
    await office.handle(here, "anna")
    item = (await office.take_in()).contact_id
    await office.handle(item, "eva")
    await office.give("eva", wire.Park(request=0, contact=item))
    oversized = await office.receive(PLAIN, is_oversized=True)
    await office.settle()
    site = office.current.site()
    for contact in (here, item, oversized, 999):
        assert await office.store.run(deliver, contact, site, NOON) is None
    assert (await office.stored(oversized)).agent == "eva"
    mail = (await office.ask("eva", wire.ReadMail(request=1, contact=oversized))).mail
    assert mail.external == ""


async def test_what_was_sent_on_and_came_back_is_handled_here(office):
    contact = await office.receive(PLAIN, own=CAME_BACK)
    await office.handle(contact, "eva")
    assert await office.store.run(deliver, contact, office.current.site(), NOON) is None
    mail = (await office.ask("eva", wire.ReadMail(request=1, contact=contact))).mail
    assert (mail.external, mail.outgoing) == ("", [])


async def test_what_came_into_hand_while_nobody_delivered_is_delivered_after_the_start(office):
    await office.deliveries.stop()
    contact = await office.receive(PLAIN)
    await office.handle(contact, "eva")
    assert await sent(office, contact) == []
    await office.restart()
    await office.next_due()
    await office.deliveries.stop()
    await office.deliveries.start()
    assert len(await sent(office, contact)) == 1


async def test_a_mail_that_cannot_be_put_there_does_not_keep_others_waiting(office, expect_log):
    expect_log(r"ERROR ace_server.email.delivery: contact \d+: its mail could not be delivered")
    bad = await office.receive(PLAIN)
    await office.handle(bad, "eva")
    await office.next_due()
    await office.give("eva", wire.Park(request=0, contact=bad))
    await office.store.run(Contact.update(data="?").where(Contact.id == bad).execute)
    office.deliveries.want(bad)
    contact = await office.receive(PLAIN)
    await office.settle()
    await office.next_due()
    assert (len(await sent(office, bad)), len(await sent(office, contact))) == (1, 1)


async def test_in_the_store_a_delivery_lets_others_go_first(office):
    """WI-5: nobody waits for it at a screen."""
    await office.deliveries.stop()
    await office.deliveries._round()  # what was in hand before
    contact = await office.receive(PLAIN)
    await office.handle(contact, "eva")
    goes_on = threading.Event()
    busy = office.store.run(goes_on.wait)
    delivering = asyncio.create_task(office.deliveries._round())
    await asyncio.sleep(0)
    other = office.store.run(outgoing.of_contact, contact)
    await asyncio.sleep(0)  # it is handed over
    goes_on.set()
    assert await other == []
    await asyncio.gather(busy, delivering)
    assert len(await sent(office, contact)) == 1


async def test_without_a_store_a_delivery_waits(office):
    contact = await office.receive(PLAIN)
    await office.handle(contact, "eva")
    await office.next_due()
    await office.store.stop()
    office.deliveries.want(contact)
    with pytest.raises(Unavailable):
        await office.deliveries._round()
    assert contact in office.deliveries._wanted
    office.store.start()


@pytest.fixture
def configure_office(office):
    async def configure(*users):
        await office.store.run(directory.replace, "user", users)
        await office.current.reload()

    return configure
