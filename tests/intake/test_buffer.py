"""Closed and full entrances: buffered, and released in order (WI-8, RO-9, RO-10)."""

import asyncio

import pytest

from ace_server import wire
from ace_server.concepts import FlowControl, OpeningHours
from ace_server.contact import State

CLOSED = OpeningHours(entrance="loans", mode="closed")
OPEN = OpeningHours(entrance="loans", mode="open")


@pytest.fixture
async def closed(core, configure):
    await configure("opening_hours", CLOSED)
    return core


async def take_in(core, number):
    return [(await core.take_in()).contact_id for _ in range(number)]


def waiting(core, queue="Loan decisions"):
    return [one.contact for one in core.dispatch.dispatcher().index.in_queue(queue)]


async def test_hundred_items_wait_for_the_entrance_and_are_routed_in_order(closed, configure):
    ids = await take_in(closed, 100)
    assert waiting(closed) == []
    await configure("opening_hours", OPEN)
    await closed.buffer.release()
    assert waiting(closed) == ids


async def test_restart_changes_nothing_about_it(closed, configure):
    ids = await take_in(closed, 100)
    await closed.restart()
    assert await closed.buffer.release() == 0
    await configure("opening_hours", OPEN)
    assert await closed.buffer.release() == 100
    assert waiting(closed) == ids


async def test_running_buffer_releases_by_itself_when_the_configuration_changes(closed, configure):
    ids = await take_in(closed, 3)
    anna = await closed.log_in()
    await closed.buffer.start()
    await configure("opening_hours", OPEN)
    await anna.heard("booked")
    await closed.buffer.stop()
    assert anna.change.contact.id == ids[0]


async def test_what_is_buffered_while_others_are_released_follows_at_once(closed, configure):
    await take_in(closed, 2)
    await configure("opening_hours", OPEN)
    anna = await closed.log_in()
    await closed.buffer.start()
    late = (await closed.take_in()).contact_id  # buffered behind the two, if it was quicker
    await anna.heard("booked")
    async with asyncio.timeout(5):  # far less than the slow poll
        while (await closed.stored(late)).state is State.BUFFERED:
            pass
    await closed.buffer.stop()


async def test_what_comes_later_does_not_overtake_what_is_buffered(closed, configure):
    early = await take_in(closed, 2)
    await configure("opening_hours", OPEN)
    late = await take_in(closed, 1)
    assert (await closed.stored(late[0])).state is State.BUFFERED
    await closed.buffer.release()
    assert waiting(closed) == early + late


async def test_released_contact_is_as_old_as_its_release_and_its_receipt_stays_true(
    closed, configure, clock
):
    (contact,) = await take_in(closed, 1)
    clock.advance(600)
    await configure("opening_hours", OPEN)
    await closed.buffer.release()
    row = await closed.stored(contact)
    assert row.first_queued_at == clock.now()
    again = await closed.intake.known("loans", row.external_id)
    assert again.state is State.BUFFERED


async def test_what_is_queued_already_stays_when_the_entrance_closes(core, configure):
    ids = await take_in(core, 2)
    await configure("opening_hours", CLOSED)
    await core.restart()
    assert waiting(core) == ids


async def test_full_entrance_buffers_and_lets_in_again_when_drained(core, configure):
    full = FlowControl(entrance="loans", emailBufferMax=3, emailBufferMin=1)
    await configure("flow_control", full)
    ids = await take_in(core, 5)
    assert waiting(core) == ids[:3]
    assert await core.buffer.release() == 0
    for contact in ids[:2]:
        await end(core, contact)
    assert await core.buffer.release() == 2
    assert waiting(core) == ids[2:]


async def end(core, contact):
    """An agent handles the contact."""
    anna = await core.log_in()
    await core.settle()
    assert anna.change.contact.id == contact
    await core.give("anna", wire.Accept(request=1, contact=contact))
    values = {"Outcome": "Granted"}
    await core.give("anna", wire.End(request=2, contact=contact, values=values))


async def test_another_entrance_is_not_held_back(closed):
    added = await closed.take_in(entrance="cards")
    assert added.state is State.QUEUED
