"""What who watches is told, when, and what not."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from ace_server import wire
from ace_server.concepts import UNROUTED, OpeningHours, Queue, SiteFacts
from ace_server.contact import AgentState, Role
from ace_server.errors import Unavailable
from ace_server.statistics.live import EVERY, midnight
from ace_server.store import directory
from tests.core import NOON
from tests.statistics.conftest import DAGNY

LOANS = "Loan decisions"


def told(screen, kind=wire.Figures | wire.FiguresChange):
    return [event for event in screen.events if isinstance(event, kind)]


def queue(event, name=LOANS, personal=""):
    found = [q for q in event.queues if (q.queue, q.personal) == (name, personal)]
    return found[0] if found else None


def agent(event, login):
    return next((a for a in event.agents if a.login == login), None)


async def next_second(core):
    core.clock.advance(EVERY)
    await core.live.push()


async def test_who_begins_to_watch_is_told_everything(supervised, watch):
    contact = (await supervised.take_in()).contact_id
    await supervised.log_in()
    await supervised.settle()
    await supervised.take_in()
    screen = await watch()
    (figures,) = told(screen)
    assert isinstance(figures, wire.Figures)
    assert queue(figures) == wire.QueueFigures(queue=LOANS, waiting=1, oldest=NOON, in_hand=1)
    assert queue(figures, "Everyone") == wire.QueueFigures(queue="Everyone")
    assert agent(figures, "anna") == wire.AgentFigures(
        login="anna",
        name="Anna Berg",
        state=AgentState.BOOKED,
        since=NOON,
        contact=contact,
        task_type="Loan application",
    )
    assert agent(figures, "bo") == wire.AgentFigures(
        login="bo", name="Bo Ek", state=AgentState.LOGGED_OUT
    )


async def test_then_only_rows_that_changed_are_told(supervised, watch):
    screen = await watch()
    await supervised.take_in()
    await next_second(supervised)
    first, change = told(screen)
    assert isinstance(change, wire.FiguresChange)
    assert change.number == first.number + 1
    assert [row.queue for row in change.queues] == [LOANS]
    assert change.agents == []


async def test_nothing_is_told_where_nothing_changed(supervised, watch):
    screen = await watch()
    for _ in range(3):
        supervised.live.look()
        await next_second(supervised)
    assert len(told(screen)) == 1


async def test_it_is_told_at_most_once_a_second(supervised, watch):
    screen = await watch()
    for _ in range(20):
        await supervised.take_in()
        supervised.clock.advance(0.25)
        await supervised.live.push()
    changes = told(screen, wire.FiguresChange)
    assert len(changes) == 5
    assert all(
        later.now - earlier.now >= timedelta(seconds=EVERY)
        for earlier, later in zip(changes, changes[1:], strict=False)
    )
    assert queue(changes[-1]).waiting == 20


async def test_the_loop_tells_by_itself_what_happens(supervised, watch):
    screen = await watch()
    supervised.clock.advance(EVERY)
    await supervised.take_in()
    await supervised.live.start()
    async with asyncio.timeout(10):
        while len(told(screen)) < 2:
            await asyncio.sleep(0)
    await supervised.live.stop()
    assert queue(told(screen)[-1]).waiting == 1


@pytest.mark.parametrize("activity", ["", "Lunch"])
async def test_what_an_agent_is_doing_is_told(supervised, watch, activity):
    anna = await supervised.log_in()
    screen = await watch()
    supervised.clock.advance(30)
    await supervised.give("anna", wire.Pause(request=0, activity=activity))
    await next_second(supervised)
    row = agent(told(screen)[-1], "anna")
    assert (row.state, row.activity, row.since) == ("paused", activity, anna.agent.since)


async def test_parked_contacts_of_an_agent_are_counted(supervised, watch):
    anna = await supervised.log_in()
    contact = (await supervised.take_in()).contact_id
    await supervised.settle()
    await supervised.give("anna", wire.Accept(request=0, contact=contact))
    await supervised.give("anna", wire.Park(request=0, contact=contact))
    row = agent(told(await watch())[-1], "anna")
    assert (row.state, row.contact, row.parked) == (anna.agent.state, None, 1)


async def test_buffered_contacts_are_told(supervised, watch, configure):
    screen = await watch()
    await configure("opening_hours", OpeningHours(entrance="loans", mode="closed"))
    await supervised.take_in()
    await next_second(supervised)
    assert told(screen)[-1].buffered == 1


async def test_what_waits_in_a_queue_that_is_not_configured_is_a_row_while_it_does(
    supervised, watch, configure
):
    await configure("routing_rule")
    await supervised.take_in()
    screen = await watch()
    assert queue(told(screen)[-1], UNROUTED).waiting == 1


async def test_what_waits_for_one_person_is_a_row_while_it_does(supervised, watch):
    await supervised.log_in()
    contact = (await supervised.take_in()).contact_id
    await supervised.settle()
    await supervised.give("anna", wire.Accept(request=0, contact=contact))
    screen = await watch()
    await supervised.give("anna", wire.Requeue(request=0, contact=contact, colleague="bo"))
    await next_second(supervised)
    row = queue(told(screen)[-1], "", "bo")
    assert (row.waiting, row.oldest) == (1, NOON)


async def test_where_a_row_is_gone_everything_is_told(supervised, watch, configure):
    screen = await watch()
    await configure("queue", Queue(name=LOANS))
    await next_second(supervised)
    first, second = told(screen)
    assert isinstance(second, wire.Figures)
    assert second.number == first.number + 1
    assert queue(second, "Everyone") is None


async def test_who_is_no_agent_is_shown_while_working_as_one(supervised, watch):
    screen = await watch()
    assert agent(told(screen)[-1], "dagny") is None
    await supervised.give("dagny", wire.Activate(request=0))
    await next_second(supervised)
    assert agent(told(screen)[-1], "dagny").state == "ready"


async def test_two_who_watch_are_told_the_same(supervised, watch):
    first = await watch()
    second = await watch()
    await supervised.take_in()
    await next_second(supervised)
    assert told(first)[-1] == told(second)[-1]


async def test_who_no_longer_watches_is_told_nothing(supervised, watch):
    screen = await watch()
    supervised.live.unwatch(screen)
    await supervised.take_in()
    await next_second(supervised)
    assert len(told(screen)) == 1


@pytest.mark.parametrize("role", [Role.AGENT, Role.WALL])
async def test_who_may_no_longer_watch_is_told_nothing(supervised, watch, configure, role):
    screen = await watch()
    others = [u for u in supervised.current.site().users.values() if u != DAGNY]
    await configure("user", *others, msgspec.structs.replace(DAGNY, role=role))
    await supervised.take_in()
    await next_second(supervised)
    assert len(told(screen)) == 1
    assert not screen.watches


async def test_who_watches_is_at_work_and_stays_logged_in(supervised, watch):
    screen = await watch()
    supervised.clock.advance(3600)
    await supervised.agents.tick()
    assert not screen.ended
    supervised.live.unwatch(screen)
    await supervised.agents.tick()
    assert "logged out" in screen.ended


async def test_trouble_with_the_store_is_made_good_by_the_next_push(supervised, watch):
    screen = await watch()
    await supervised.take_in()
    supervised.clock.advance(EVERY)
    await supervised.store.stop()
    with pytest.raises(Unavailable):
        await supervised.live.push()
    supervised.store.start()
    await next_second(supervised)
    assert queue(told(screen)[-1]).waiting == 1
    assert told(screen)[-1].number == told(screen)[0].number + 1


async def test_today_begins_at_midnight_where_the_site_is(supervised, watch):
    def in_stockholm() -> None:
        directory.replace_single("site", SiteFacts(time_zone="Europe/Stockholm"))

    await supervised.store.run(in_stockholm)
    await supervised.current.reload()
    await _end_one(supervised)
    screen = await watch()
    assert queue(told(screen)[-1]).ended == 1
    until = datetime(2026, 11, 20, 23, 0, tzinfo=UTC) - supervised.clock.now()
    supervised.clock.advance(until.total_seconds() - 1)
    await supervised.live.push()
    assert len(told(screen)) == 1
    await next_second(supervised)
    assert queue(told(screen)[-1]).ended == 0


async def _end_one(core):
    await core.log_in()
    contact = (await core.take_in()).contact_id
    await core.settle()
    await core.give("anna", wire.Accept(request=0, contact=contact))
    await core.give("anna", wire.End(request=0, contact=contact, values={"Outcome": "Granted"}))


@pytest.mark.parametrize(
    ("at", "zone", "began"),
    [
        (datetime(2026, 11, 20, 12, tzinfo=UTC), "UTC", "2026-11-20T00:00+00:00"),
        (datetime(2026, 11, 20, 23, 30, tzinfo=UTC), "Europe/Stockholm", "2026-11-21T00:00+01:00"),
        (datetime(2026, 10, 25, 12, tzinfo=UTC), "Europe/Stockholm", "2026-10-25T00:00+02:00"),
        (datetime(2026, 11, 20, 12, tzinfo=UTC), "Asia/Kathmandu", "2026-11-20T00:00+05:45"),
    ],
)
def test_a_day_begins_at_its_own_midnight(at, zone, began):
    assert midnight(at, zone) == datetime.fromisoformat(began)


def test_nothing_of_a_contact_is_told_but_its_number_and_task_type():
    told = set(wire.AgentFigures.__struct_fields__) | set(wire.QueueFigures.__struct_fields__)
    assert told == {
        *("login", "name", "state", "since", "activity", "contact", "task_type", "parked"),
        *("queue", "personal", "waiting", "oldest", "in_hand", "ended"),
    }


async def test_with_nobody_watching_it_rests(supervised):
    looks = 0
    demand = supervised.live.seconds_left

    def counted():
        nonlocal looks
        looks += 1
        return demand()

    supervised.live.seconds_left = counted
    await supervised.live.start()
    await supervised.take_in()
    for _ in range(1000):  # turns of the loop, in each of which it could look again
        await asyncio.sleep(0)
    await supervised.live.stop()
    assert looks < 10
