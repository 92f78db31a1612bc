"""What a world does beside what the examples show: what is refused, lost, or gone."""

from datetime import UTC, datetime, timedelta

import pytest

from ace_server.contact import AgentState, State
from ace_server.errors import Refused
from ace_server.simulation.record import Agent, Contact, Stand, Step
from ace_server.simulation.world import World
from tests.administration.sites import assembled

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)

BANK = """
[[organisation_area]]
name = "Nordic"
[[work_item_account]]
name = "loans"
[[task_type]]
name = "Loan application"
wrap_up = "unlimited"
[[task_type_rule]]
task_type = "Loan application"
[[queue]]
name = "Loan decisions"
[[queue]]
name = "Lån"
area = "Nordic"
[[routing_rule]]
to = [{ queue = "Loan decisions" }]
[[work_level]]
name = "Nothing"
serves = ["Unrouted"]
[[user]]
login = "anna"
name = "Anna Berg"
role = "agent"
work_levels = ["Nothing"]
[[user]]
login = "bo"
name = "Bo Lindqvist"
role = "agent"
[[user]]
login = "nils"
name = "Nils Moe"
role = "agent"
area = "Nordic"
[[user]]
login = "dagny"
name = "Dagny Holm"
role = "supervisor"
"""

SITE = assembled(BANK)


def at(seconds):
    return NINE + timedelta(seconds=seconds)


@pytest.fixture
def world():
    made = World(SITE, NINE)
    for login in ("bo", "nils"):
        made.log_in(NINE, login)
    return made


@pytest.fixture
def busy(world):
    """Bo has a contact in hand."""
    contact = world.arrive(NINE, "loans", {})
    world.activate(NINE, "bo")
    world.accept(NINE, "bo")
    return world, contact


def state(world, login):
    return world.agents[login].state


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda world: world.activate(NINE, "anna"), "unauthorised"),
        (lambda world: world.accept(NINE, "bo"), "not-found"),
        (lambda world: world.end(NINE, "bo"), "not-found"),
        (lambda world: world.resume(NINE, "bo", 7), "not-found"),
        (lambda world: world.pick(NINE, "bo", 7), "not-found"),
        (lambda world: world.log_in(NINE, "nobody"), "forbidden"),
        (lambda world: world.choose_work_level(NINE, "bo", "Nothing"), "bad-value"),
        (lambda world: world.log_in_to(NINE, "bo", "Lån"), "bad-value"),
        (lambda world: world.log_in_to(NINE, "bo", "Nowhere"), "bad-value"),
    ],
)
def test_what_cannot_be_is_refused(world, act, code):
    with pytest.raises(Refused) as refused:
        act(world)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ({}, "bad-value"),
        ({"queue": "Loan decisions", "colleague": "anna"}, "bad-value"),
        ({"queue": "Lån"}, "bad-value"),
        ({"colleague": "nils"}, "bad-value"),
        ({"colleague": "nobody"}, "bad-value"),
    ],
)
def test_a_contact_is_requeued_within_its_area(busy, target, code):
    world, contact = busy
    with pytest.raises(Refused) as refused:
        world.requeue(at(1), "bo", **target)
    assert refused.value.code == code
    assert world.contacts[contact].state is State.ACCEPTED


def test_nobody_leaves_with_a_contact_in_hand(busy):
    world, _ = busy
    with pytest.raises(Refused):
        world.log_out(at(1), "bo")


def test_what_waits_is_neither_moved_to_where_it_is_nor_prioritised_twice(world):
    contact = world.arrive(NINE, "loans", {})
    world.prioritise(NINE, contact)
    with pytest.raises(Refused):
        world.prioritise(NINE, contact)
    with pytest.raises(Refused):
        world.move(NINE, contact, queue="Loan decisions")


def test_a_lost_link_returns_a_booking(world):
    contact = world.arrive(NINE, "loans", {})
    world.activate(NINE, "bo")
    world.lose(at(5), "bo")
    assert world.waiting("Loan decisions") == [contact]
    assert state(world, "bo") is AgentState.PAUSED


def test_who_vanishes_leaves_the_contact_behind(busy):
    world, contact = busy
    world.vanish(at(60), "bo")
    assert world.waiting("Loan decisions") == [contact]
    assert state(world, "bo") is AgentState.LOGGED_OUT


def test_what_is_parked_stays_with_who_comes_back_in_time(busy):
    world, contact = busy
    world.park(at(1), "bo")
    world.pause(at(2), "bo")
    world.log_out(at(3), "bo")
    world.log_in(at(3600), "bo")
    world.advance(at(86_400 * 2))
    assert world.contacts[contact].state is State.PARKED


def test_unlimited_wrap_up_ends_when_the_agent_says_so(busy):
    world, _ = busy
    world.end(at(60), "bo")
    world.advance(at(86_400))
    assert state(world, "bo") is AgentState.WRAP_UP
    world.activate(at(86_401), "bo")
    assert state(world, "bo") is AgentState.READY


def test_a_wrap_up_that_was_ended_does_not_end_what_comes_after(busy):
    world, _ = busy
    world.end(at(60), "bo", 30.0)
    world.pause(at(70), "bo")
    world.advance(at(100))
    assert state(world, "bo") is AgentState.PAUSED


def test_a_wish_to_pause_outlives_the_acceptance_and_can_be_taken_back(world):
    world.arrive(NINE, "loans", {})
    world.activate(NINE, "bo")
    world.pause(at(1), "bo")
    world.accept(at(2), "bo")
    assert world.agents["bo"].pause_wanted
    world.activate(at(3), "bo")
    world.end(at(4), "bo", 0.0)
    assert state(world, "bo") is AgentState.READY


def test_a_place_that_is_gone_gives_back_what_waits_there(world):
    contact = world.arrive(NINE, "loans", {})
    other = BANK.replace("Loan decisions", "Decisions")
    world.configure(at(10), assembled(other))
    assert world.waiting("Decisions") == [contact]
    assert world.record[-1].verb == "moved on"


def test_without_any_place_in_the_rule_it_waits_unrouted(world):
    contact = world.arrive(NINE, "loans", {})
    gone = assembled('[[work_item_account]]\nname = "loans"\n')
    world.configure(at(10), gone)
    assert world.waiting("Unrouted") == [contact]


def test_what_waited_for_somebody_who_is_gone_waits_for_everybody(world):
    contact = world.arrive(NINE, "loans", {"AgentName": "bo"})
    assert world.waiting("", "bo") == [contact]
    world.configure(at(10), assembled(BANK.replace('login = "bo"', 'login = "bob"')))
    assert world.waiting("Loan decisions") == [contact]


def test_an_agent_of_another_area_now_serves_what_is_there(world):
    contact = world.arrive(NINE, "loans", {})
    world.activate(NINE, "nils")
    assert world.contacts[contact].state is State.QUEUED
    moved = BANK.replace('role = "agent"\narea = "Nordic"', 'role = "agent"')
    world.configure(at(10), assembled(moved))
    assert world.contacts[contact].agent == "nils"


def test_a_world_may_begin_in_the_middle(world):
    contacts = [
        Contact(3, "loans", {}, NINE, state=State.BUFFERED),
        Contact(
            4, "loans", {}, NINE, state=State.QUEUED, queue="Gone", place=9, first_queued_at=NINE
        ),
        Contact(5, "loans", {}, NINE, state=State.BOOKED, agent="bo", first_queued_at=NINE),
    ]
    bo = Agent("bo", AgentState.BOOKED, NINE, at(60), contact=5)
    world = World(SITE, NINE)
    world.begin(contacts, [bo])
    assert world.buffered("loans") == []  # nothing holds it back
    assert world.waiting("Loan decisions") == [4, 3]
    world.accept(at(59), "bo")
    assert world.arrive(at(61), "loans", {}) == 6
    assert world.waiting("Loan decisions") == [4, 3, 6]


def test_the_record_says_what_happened_in_order(busy):
    world, contact = busy
    world.end(at(60), "bo", 0.0)
    steps = [entry for entry in world.record if isinstance(entry, Step)]
    assert [(step.verb, step.agent) for step in steps] == [
        ("taken in", ""),
        ("booked", "bo"),
        ("accepted", "bo"),
        ("ended", "bo"),
    ]
    stands = [entry for entry in world.record if isinstance(entry, Stand) and entry.agent == "bo"]
    assert [stand.state for stand in stands] == [
        AgentState.PAUSED,
        AgentState.READY,
        AgentState.BOOKED,
        AgentState.BUSY,
        AgentState.READY,
    ]
    assert world.contacts[contact].handled == timedelta(seconds=60)
