"""Queued or buffered, in a process that only takes contacts in (WI-8, RO-9)."""

import asyncio

import pytest

from ace_server.concepts import FlowControl, OpeningHours
from ace_server.contact import State
from ace_server.store import contacts, lease
from tests.intake.conftest import LEASE, news_of
from tests.store.seams import Barrier


async def test_with_the_core_there_it_is_queued_and_the_core_books_it(core, apart):
    anna = await core.log_in()
    added = await core.take_in()
    assert added.state is State.QUEUED
    assert core.dispatch.dispatcher().index.waiting(added.contact_id) is None
    await apart.look()
    await core.settle()
    assert anna.change.contact.id == added.contact_id
    assert core.entrances.figures()["loans"] == (0, 0, 1)


async def test_a_closed_entrance_buffers(core, configure, apart):
    await configure("opening_hours", OpeningHours(entrance="loans", mode="closed"))
    assert (await core.take_in()).state is State.BUFFERED


async def test_without_a_core_it_is_buffered_until_there_is_one(core, clock, presence, apart):
    clock.advance(LEASE)
    for _ in range(4):
        clock.advance(LEASE / 4)
        await presence.look()
    assert not presence.is_there()
    assert (await core.take_in()).state is State.BUFFERED
    await core.store.run(lease.beat)
    await presence.look()
    assert presence.is_there()
    assert (await core.take_in()).state is State.BUFFERED, "nothing overtakes what is buffered"


async def test_a_core_that_has_stopped_is_away_at_once(core, presence, apart):
    await core.store.run(lease.give_up)
    await presence.look()
    assert (await core.take_in()).state is State.BUFFERED


async def test_a_store_that_was_away_is_no_silence_of_the_core(core, clock, presence):
    clock.advance(100 * LEASE)  # nobody could look, and nobody could beat
    await presence.look()
    assert presence.is_there()


@pytest.mark.parametrize("limit", ["emailBufferMax", "emailBufferMaxActive"])
async def test_a_full_entrance_buffers(core, configure, apart, limit):
    await configure("flow_control", FlowControl(entrance="loans", **{limit: 2}))
    states = [(await core.take_in()).state for _ in range(4)]
    assert states == [State.QUEUED, State.QUEUED, State.BUFFERED, State.BUFFERED]


async def test_items_that_share_a_commit_do_not_pass_the_limit_together(core, configure, apart):
    await configure("flow_control", FlowControl(entrance="loans", emailBufferMax=2))
    barrier = Barrier()
    core.store.run(barrier.wait)
    await asyncio.to_thread(barrier.until_reached)
    calls = [asyncio.ensure_future(core.take_in()) for _ in range(4)]
    while core.store.waiting() < 4:
        await asyncio.sleep(0)
    before = core.store.groups
    barrier.open()
    states = [added.state for added in await asyncio.gather(*calls)]
    assert core.store.groups - before == 2
    assert sorted(states) == [State.BUFFERED] * 2 + [State.QUEUED] * 2


async def test_the_same_again_is_the_same_and_no_news(core, apart):
    first = await core.take_in(external_id="LOAN-1")
    again = await core.take_in(external_id="LOAN-1")
    assert (again.contact_id, again.repeated) == (first.contact_id, True)
    await apart.look()
    assert core.entrances.figures()["loans"] == (0, 1, 0)


async def test_what_was_released_before_the_core_heard_of_it_is_counted_once(core, clock, apart):
    clock.advance(LEASE)
    await core.store.run(lease.give_up)
    await core.intake._admission._presence.look()
    added = await core.take_in()
    core.entrances.count("loans", None, State.BUFFERED)  # heard of by another way, as at a start
    core.entrances.count("loans", State.BUFFERED, None)
    released = await core.store.run(
        contacts.release,
        "loans",
        10,
        lambda data: ("", contacts.Placement("Everyone")),
        clock.now(),
    )
    assert [one.id for one in released] == [added.contact_id]
    core.entrances.count("loans", State.BUFFERED, State.QUEUED)
    await apart.look()
    assert core.entrances.figures()["loans"] == (0, 1, 0)


async def test_memory_read_anew_does_not_count_the_news_twice(core, apart):
    await core.take_in()
    await core.restart()
    await news_of(core).look()
    assert core.entrances.figures()["loans"] == (0, 1, 0)


async def test_what_came_later_has_the_later_time_though_it_was_read_before(core, clock, apart):
    await core.store.run(lease.give_up)
    await core.intake._admission._presence.look()
    await core.take_in()  # buffered
    await core.store.run(lease.beat)
    barrier = Barrier()
    core.store.run(barrier.wait)
    await asyncio.to_thread(barrier.until_reached)
    clock.advance(1)
    later = asyncio.ensure_future(core.take_in())  # read while the first is being released
    await asyncio.sleep(0)
    clock.advance(1)
    barrier.open()
    assert (await later).received_at == clock.now()
