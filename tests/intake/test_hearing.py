"""What other processes stored is taken over, and it is told where that failed half-way."""

import asyncio

import pytest

from ace_server.admission import InStore
from ace_server.concepts import Destination, Queue, RoutingRule
from ace_server.errors import Unavailable
from ace_server.events import Queued
from ace_server.hearing import Hearing
from ace_server.intake import Intake
from ace_server.store import Sign, directory
from tests.store.seams import Barrier


class Listener:
    """Hears of contacts, as the dispatcher does; may fail at what it hears."""

    def __init__(self, core, news) -> None:
        self.heard: list[int] = []
        self.fails_with: Exception | None = None
        self.failed = asyncio.Event()
        self._heard_one = asyncio.Event()
        core.current._events.subscribe(Queued, self._hear)
        self.hearing = Hearing(core.store, [Sign.NEWS], [news.look], on_failure=self.failed.set)

    def _hear(self, queued: Queued) -> None:
        self.heard.append(queued.contact.id)
        self._heard_one.set()
        if self.fails_with is not None:
            raise self.fails_with

    async def until(self, count: int) -> None:
        async with asyncio.timeout(10):
            while len(self.heard) < count:
                self._heard_one.clear()
                await self._heard_one.wait()


@pytest.fixture
def listener(core, apart):
    return Listener(core, apart)


async def take_in_together(core, count):
    """In one commit, and so taken from the news at once."""
    barrier = Barrier()
    core.store.run(barrier.wait)
    await asyncio.to_thread(barrier.until_reached)
    calls = [asyncio.ensure_future(core.take_in()) for _ in range(count)]
    while core.store.waiting() < count:
        await asyncio.sleep(0)
    barrier.open()
    return [added.contact_id for added in await asyncio.gather(*calls)]


async def test_what_was_stored_before_it_listened_is_heard_of_at_once(core, listener):
    ids = await take_in_together(core, 2)
    await listener.hearing.start()
    await listener.until(2)
    await listener.hearing.stop()
    assert listener.heard == ids
    assert not listener.failed.is_set()


async def test_what_is_stored_while_it_listens_is_heard_of(core, listener):
    await listener.hearing.start()
    contact = (await core.take_in()).contact_id
    await listener.until(1)
    await listener.hearing.stop()
    assert listener.heard == [contact]


async def test_an_error_after_the_news_were_taken_is_told(core, listener, expect_log):
    expect_log(r"ERROR ace_server\.rounds: .*'hearing' failed \[KeyError")
    ids = await take_in_together(core, 2)
    listener.fails_with = KeyError("x")
    await listener.hearing.start()
    await listener.failed.wait()
    await listener.hearing.stop()
    assert listener.heard == ids[:1], "the other is news no more, and nobody heard of it"


async def test_a_store_that_is_away_is_no_failure(core, listener):
    asked = asyncio.Event()

    async def look() -> None:
        asked.set()
        raise Unavailable("the database cannot be used now")

    hearing = Hearing(core.store, [Sign.NEWS], [look], on_failure=listener.failed.set)
    await hearing.start()
    await asked.wait()
    await hearing.stop()
    assert not listener.failed.is_set()


async def test_what_was_placed_by_a_configuration_not_heard_of_yet_stays(core, apart, presence):
    old = core.current.site()
    cards = [Destination(queue="Cards")]
    await core.store.run(directory.replace, "queue", [*old.queues.values(), Queue(name="Cards")])
    await core.store.run(directory.replace, "routing_rule", [RoutingRule(to=cards)])
    new = await core.store.run(directory.load)
    admission = InStore(core.store, lambda: new, presence, core.clock)
    core.intake = Intake(core.store, lambda: new, admission, core.attachments, core.clock)
    contact = (await core.take_in()).contact_id
    await apart.look()
    await core.dispatch.rescue()
    assert (await core.stored(contact)).queue == "Cards"
    await core.current.reload()
    await core.dispatch.rescue()
    assert (await core.stored(contact)).queue == "Cards"
    assert [one.contact for one in core.dispatch.line("Cards").page(0, 5)] == [contact]
