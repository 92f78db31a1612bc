"""What is counted of a record, by hand."""

from datetime import UTC, datetime, timedelta

import pytest

from ace_server.contact import AgentState, State
from ace_server.routing.serving import Profile
from ace_server.simulation import figures
from ace_server.simulation.record import Stand, Step
from ace_server.simulation.world import World
from tests.administration.sites import assembled

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)

SITE = assembled(
    '[[work_item_account]]\nname = "loans"\n[[work_item_account]]\nname = "cards"\n'
    '[[skill]]\nname = "Loans"\n'
    '[[queue]]\nname = "Loan decisions"\nrequires = { Loans = 1 }\n'
    "service_level_1 = 1\nservice_level_2 = 5\n"
    '[[queue]]\nname = "Drawer"\ndistribution = false\n'
    '[[waiting_list]]\nname = "Shelf"\n'
    '[[routing_rule]]\nto = [{ queue = "Loan decisions" }]\n'
    '[[user]]\nlogin = "anna"\nname = "Anna"\nrole = "agent"\nskills = { Loans = 5 }\n'
    '[[user]]\nlogin = "bo"\nname = "Bo"\nrole = "agent"\n'
)


def after(seconds):
    return NINE + timedelta(seconds=seconds)


def queued(seconds, queue="Loan decisions", personal="", contact=1):
    return Step(after(seconds), "taken in", contact, None, State.QUEUED, "", "", queue, personal)


def ready(seconds, **profile):
    return Stand(after(seconds), "anna", AgentState.READY, Profile("anna", **profile))


def paused(seconds):
    return Stand(after(seconds), "anna", AgentState.PAUSED, Profile("anna"))


def idle(*record):
    return figures.idle_beside_waiting(list(record), SITE, after(100))


def test_seconds_beside_what_fits_are_counted():
    assert idle(queued(0), ready(10, skills={"Loans": 1}), paused(40)) == 30


def test_they_are_counted_until_the_end():
    assert idle(queued(0), ready(10, skills={"Loans": 1})) == 90


@pytest.mark.parametrize(
    "record",
    [
        (queued(0), ready(10)),
        (queued(0, "Drawer"), ready(10)),
        (queued(0, "Shelf"), ready(10)),
        (queued(0, "", "bo"), ready(10)),
        (queued(0), ready(10, skills={"Loans": 1}), paused(10)),
        (queued(0), ready(10, skills={"Loans": 1}, services=frozenset({"waiting list"}))),
    ],
    ids=["no skill", "not distributed", "a list", "another's", "for no time", "no service"],
)
def test_what_does_not_fit_is_no_idleness(record):
    assert idle(*record) == 0


def test_what_waits_for_an_agent_alone_is_for_that_one():
    assert idle(queued(0, "", "anna"), ready(10)) == 90


def test_who_is_booked_is_not_idle():
    booked = Step(
        after(20), "booked", 1, State.QUEUED, State.BOOKED, "anna", "", "Loan decisions", ""
    )
    assert idle(queued(0), ready(10, skills={"Loans": 1}), booked) == 10


@pytest.mark.parametrize(
    ("values", "index"),
    [([], None), ([3.0], 1.0), ([2.0, 2.0], 1.0), ([1.0, 0.0], 0.5), ([0.0, 0.0], 1.0)],
)
def test_jains_index(values, index):
    assert figures.jain(values) == index


def test_waits_of_nothing_are_unknown():
    assert figures.waits([]) == figures.Waits(None, None, None)


def test_nine_of_ten_waited_no_longer():
    found = figures.waits([float(number) for number in range(10, 0, -1)])
    assert found == figures.Waits(5.5, 9.0, 10.0)


@pytest.mark.parametrize(("minutes", "share"), [(None, None), (1, 0.5), (2, 0.75), (525_600, 1.0)])
def test_service_level_is_the_share_within_its_minutes(minutes, share):
    assert figures.level([10.0, 60.0, 120.0, 121.0], minutes) == share


@pytest.fixture
def counted():
    world = World(SITE, NINE)
    world.log_in(after(0), "anna")
    for contact in range(3):
        world.arrive(after(contact), "loans" if contact else "cards", {})
    world.activate(after(30), "anna")
    world.accept(after(40), "anna")
    world.end(after(100), "anna", 0.0)
    world.accept(after(120), "anna")
    world.end(after(130), "anna", 20.0)
    world.advance(after(230))
    return figures.count(world.record, world.contacts, SITE, world.now)


def test_a_place_counts_what_it_received_and_how_long_that_waited(counted):
    (place,) = counted.places
    assert (place.name, place.received, place.accepted, place.waiting) == (
        "Loan decisions",
        3,
        2,
        1,
    )
    assert (place.level_1, place.level_2) == (0.5, 1.0)
    assert place.waits == figures.Waits(79.5, 119.0, 119.0)


def test_entrances_are_compared_by_their_mean_waits(counted):
    assert [one.waits.mean for one in counted.entrances] == [40.0, 119.0]
    assert counted.entrances_fair == pytest.approx(159**2 / (2 * (40**2 + 119**2)))


def test_an_agents_time_is_without_pauses(counted):
    (anna,) = counted.agents
    # Ready at 30; booked, busy, booked, busy, wrap-up until 150, booked until 210: timed out.
    assert (anna.seconds, anna.working, anna.accepted) == (180.0, 180.0, 2)


def test_bookings_and_what_became_of_them(counted):
    found = (counted.contacts, counted.ended, counted.bookings, counted.timed_out)
    assert found == (3, 2, 3, 1)
