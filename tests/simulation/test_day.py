"""A day from a seed: repeatable, true to the rules, with nobody idle beside what fits."""

from datetime import date, timedelta
from random import Random

import pytest

from ace_server.contact import AgentState, State
from ace_server.routing import rules, task_types
from ace_server.simulation import arrivals, day, figures, sample
from ace_server.simulation.record import Stand, Step
from tests.administration.sites import assembled

WEDNESDAY = date(2026, 11, 18)

BANK = """
[[work_item_account]]
name = "loans"
[[mail_account]]
name = "support@bank.example"
fetch = "imaps://support@mail.bank.example"
[[task_type]]
name = "Dispute"
wrap_up = "unlimited"
[[task_type]]
name = "Question"
[[task_type_rule]]
when = { Entrance = "loans", cid = "77" }
task_type = "Dispute"
[[task_type_rule]]
when = { emailCategories = { has = "dispute" } }
task_type = "Dispute"
[[task_type_rule]]
when = { Entrance = "support@bank.example" }
task_type = "Question"
[[queue]]
name = "Disputes"
[[waiting_list]]
name = "Questions"
[[queue]]
name = "Others"
[[routing_rule]]
when = { TaskType = "Dispute" }
to = [{ queue = "Disputes" }]
[[routing_rule]]
when = { TaskType = "Question" }
to = [{ waiting_list = "Questions" }]
[[routing_rule]]
when = { Entrance = "loans", AgentName = { any = true } }
to = [{ agent = "AgentName" }]
[[routing_rule]]
when = { Entrance = "loans", cid = "" }
to = [{ queue = "Others" }]
[[user]]
login = "anna"
name = "Anna Berg"
role = "agent"
[[user]]
login = "bo"
name = "Bo Lindqvist"
role = "agent"
[[user]]
login = "dagny"
name = "Dagny Holm"
role = "supervisor"
"""


@pytest.fixture(scope="module")
def bank():
    return assembled(BANK)


def simulated(site, *, seed=1, contacts=150):
    staff = day.agents(site)
    return day.simulate(site, WEDNESDAY, Random(seed), contacts=contacts, staff=staff)


@pytest.fixture(scope="module")
def quiet(bank):
    return simulated(bank)


def test_the_same_seed_is_the_same_day(bank, quiet):
    assert simulated(bank).record == quiet.record


def test_another_seed_is_another_day(bank, quiet):
    assert simulated(bank, seed=2).record != quiet.record


def test_other_rules_are_tried_with_the_same_contacts_and_people(bank, quiet):
    rules = '[[routing_rule]]\nto = [{ queue = "Others" }]\n[[task_type]]\nname = "Short"\n'
    eva = '[[user]]\nlogin = "aaa"\nname = "A"\nrole = "agent"\n'
    people = BANK[BANK.index("[[user]]") :]
    other = assembled(
        rules + "[[task_type_rule]]\ntask_type = 'Short'\n" + eva + people, current=bank
    )
    staff = day.agents(other)
    world = day.simulate(other, WEDNESDAY, Random(1), contacts=150, staff=staff, like=bank)
    assert came_in(world) == came_in(quiet)
    assert began(world, "anna") == began(quiet, "anna")
    assert {one.queue for one in world.contacts.values()} <= {"Others", ""}


def came_in(world):
    return [(one.arrived_at, one.entrance, one.data) for one in world.contacts.values()]


def began(world, login):
    stands = (one for one in world.record if isinstance(one, Stand))
    return next(one.at for one in stands if one.agent == login)


def test_every_rule_has_contacts_that_fit_it(bank, quiet):
    met = {rules.route(one.routing_data(), bank).rule for one in quiet.contacts.values()}
    assert met == set(range(len(bank.routing_rules)))


def test_every_rule_of_task_types_has_contacts_that_fit_it(bank):
    found = [
        task_types.task_type({**data, "Entrance": entrance}, [rule], "")
        for rule in bank.task_type_rules
        for entrance in bank.entrances
        for data in arrivals.kinds_of_data(bank, entrance)
    ]
    assert {"Dispute", "Question"} <= set(found)


def test_conditions_that_one_value_cannot_meet_make_no_contact():
    site = assembled(
        '[[work_item_account]]\nname = "a"\n[[task_type]]\nname = "T"\n'
        '[[task_type_rule]]\nwhen = { cid = "1" }\ntask_type = "T"\n'
        '[[routing_rule]]\nwhen = { TaskType = "T", cid = "2" }\nto = [{ queue = "Unrouted" }]\n'
    )
    assert arrivals.kinds_of_data(site, "a") == [{"workItem": "simulated"}]


def test_contacts_of_a_work_item_account_are_work_items(quiet):
    of_loans = [one for one in quiet.contacts.values() if one.entrance == "loans"]
    of_mail = [one for one in quiet.contacts.values() if one.entrance != "loans"]
    assert all("workItem" in one.data for one in of_loans)
    assert not any("workItem" in one.data for one in of_mail)


def test_only_agents_come_to_work_and_all_of_them_go_home(quiet):
    assert set(quiet.agents) == {"anna", "bo"}
    assert {agent.state for agent in quiet.agents.values()} == {AgentState.LOGGED_OUT}


def test_agents_pick_from_the_lists_that_they_serve(quiet):
    picked = [entry for entry in quiet.record if isinstance(entry, Step) and entry.verb == "picked"]
    assert picked
    assert {entry.queue for entry in picked} == {"Questions"}


def test_a_shift_has_breaks_and_an_end(quiet):
    stands = [one for one in quiet.record if isinstance(one, Stand) and one.agent == "anna"]
    assert [one.state for one in stands].count(AgentState.PAUSED) >= 4
    assert stands[-1].at - stands[0].at >= timedelta(hours=7.9)


def test_no_contact_is_lost(quiet):
    waiting = [one for one in quiet.contacts.values() if one.state is State.QUEUED]
    ended = [one for one in quiet.contacts.values() if one.state is State.ENDED]
    assert len(quiet.contacts) == 150 == len(waiting) + len(ended)


@pytest.fixture(scope="module")
def busy():
    return simulated(sample.site(20), contacts=1500)


def test_nobody_is_idle_beside_what_fits(busy):
    assert figures.idle_beside_waiting(busy.record, busy.site, busy.now) == 0


def test_some_bookings_are_not_accepted_in_time_and_the_agent_comes_back(busy):
    steps = [entry for entry in busy.record if isinstance(entry, Step)]
    (first, *_) = [step for step in steps if step.verb == "timed out"]
    later = [step for step in steps if step.verb == "accepted" and step.at > first.at]
    assert first.agent in {step.agent for step in later}


def test_progress_is_told():
    told = []
    site = sample.site(5)
    day.simulate(
        site,
        WEDNESDAY,
        Random(1),
        contacts=1000,
        staff=day.agents(site),
        tell=lambda what, done, of: told.append((done, of)),
    )
    assert told == [(500, 1000), (1000, 1000)]


def test_a_day_has_as_many_hours_as_the_clock_says():
    site = assembled('[site]\ntime_zone = "Europe/Stockholm"\n' + BANK)
    staff = day.agents(site)
    world = day.simulate(site, date(2026, 10, 25), Random(1), contacts=5, staff=staff)
    assert world.now.isoformat() == "2026-10-25T23:00:00+00:00"
