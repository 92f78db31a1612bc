"""Queue status is told to each desk as it changes, and only then (AG-5)."""

import pytest

from ace_server import wire
from ace_server.concepts import Destination, Queue, RoutingRule, User, WaitingList
from ace_server.contact import Role
from tests.core import NOON


@pytest.fixture
async def desk(core, configure):
    await configure("waiting_list", WaitingList(name="Disputes"))
    return core


def told(screen):
    """The last status, by name."""
    last = next(event for event in reversed(screen.events) if isinstance(event, wire.Queues))
    return {row.name: row for row in last.queues}


async def test_desk_sees_what_it_serves_queues_first_then_lists(desk):
    screen = await desk.log_in("anna")
    desk.queue_status.push()
    assert list(told(screen)) == ["", "Loan decisions", "Everyone", "Unrouted", "Disputes"]
    assert [row.is_list for row in told(screen).values()] == [False] * 4 + [True]


async def test_desk_does_not_see_what_it_has_no_skill_for(desk):
    screen = await desk.log_in("bo")
    desk.queue_status.push()
    assert "Loan decisions" not in told(screen)


async def test_status_says_how_many_wait_since_when_and_who_is_there(desk, clock):
    screen = await desk.log_in("anna", activate=False)
    await desk.log_in("bo")
    await desk.take_in()
    desk.queue_status.push()
    loans, everyone = told(screen)["Loan decisions"], told(screen)["Everyone"]
    assert (loans.waiting, loans.oldest, loans.agents, loans.at_work) == (1, NOON, 1, 0)
    assert (everyone.waiting, everyone.oldest) == (0, None)
    assert (everyone.agents, everyone.at_work) == (2, 1)


async def test_nothing_is_told_where_nothing_is_different(desk):
    screen = await desk.log_in("anna", activate=False)
    desk.queue_status.push()
    desk.queue_status.push()
    assert sum(isinstance(event, wire.Queues) for event in screen.events) == 1
    await desk.take_in()
    desk.queue_status.push()
    assert sum(isinstance(event, wire.Queues) for event in screen.events) == 2


async def test_list_says_that_it_is_different_though_as_many_wait(desk, configure):
    await configure("routing_rule", RoutingRule(to=[Destination(waiting_list="Disputes")]))
    screen = await desk.log_in("anna", activate=False)
    first = await desk.take_in()
    desk.queue_status.push()
    before = told(screen)["Disputes"]
    await desk.waiting.close("anna", wire.Close(request=1, contact=first.contact_id, reason="x"))
    await desk.take_in()
    desk.queue_status.push()
    after = told(screen)["Disputes"]
    assert before.waiting == after.waiting == 1
    assert after.change > before.change


async def test_queue_that_was_logged_out_of_stays_to_be_logged_in_to(desk):
    screen = await desk.log_in("anna")
    await desk.agents.log_in_to_queue(
        "anna", wire.LogInToQueue(request=1, queue="Everyone", logged_in=False)
    )
    desk.queue_status.push()
    assert not told(screen)["Everyone"].logged_in
    assert told(screen)["Loan decisions"].logged_in


async def test_whole_status_follows_a_whole_desk(desk):
    screen = await desk.log_in("anna", activate=False)
    desk.queue_status.push()
    desk.agents.tell_desk("anna")
    desk.queue_status.push()
    assert isinstance(screen.events[-1], wire.Queues)


async def test_oldest_is_told_whatever_the_sorting_order(desk, configure, clock):
    await configure("queue", Queue(name="Loan decisions", sort="newest"))
    screen = await desk.log_in("anna", activate=False)
    await desk.take_in()
    clock.advance(60)
    await desk.take_in()
    desk.queue_status.push()
    assert told(screen)["Loan decisions"].oldest == NOON


async def test_agent_without_a_service_sees_nothing_of_it(desk, configure):
    anna = User(login="anna", name="Anna", role=Role.AGENT, services=("waiting list",))
    await configure("user", anna)
    screen = await desk.log_in("anna")
    desk.queue_status.push()
    assert list(told(screen)) == ["", "Disputes"]
    assert told(screen)[""].is_list
