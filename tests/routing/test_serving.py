"""What an agent serves, and what is missing where one does not (RO-4, RO-4b, RO-7)."""

from typing import NamedTuple

import pytest

from ace_server.concepts import Queue, User, WaitingList, WorkLevel
from ace_server.contact import Role
from ace_server.routing import serving
from ace_server.routing.serving import Hindrance, Profile
from tests.routing import making

URGENT = Queue(name="Urgent", area="North", requires={"Loans": 3, "Swedish": 5}, groups=["Night"])
FITS = Profile(
    "anna", area="North", skills={"Loans": 3, "Swedish": 9}, groups=frozenset({"Night", "Day"})
)

MISSING = [
    ({"area": ""}, Hindrance("area", "North"), "organisation area North"),
    (
        {"services": frozenset({"waiting list"})},
        Hindrance("service", "queue"),
        "the service queue",
    ),
    ({"logged": {"Urgent": False}}, Hindrance("logged out"), "a log-in to it"),
    (
        {"skills": {"Loans": 2, "Swedish": 5}},
        Hindrance("skill", "Loans", 3, 2),
        "skill Loans 3 (has 2)",
    ),
    (
        {"skills": {"Loans": 9}},
        Hindrance("skill", "Swedish", 5, 0),
        "skill Swedish 5 (has none)",
    ),
    ({"groups": frozenset({"Day"})}, Hindrance("group", "Night"), "group Night"),
    ({"level": frozenset({"Other"})}, Hindrance("work level"), "a work level with it"),
]


def test_agent_who_lacks_nothing_serves_it():
    assert [*serving.hindrances(URGENT, FITS)] == []
    assert serving.serves(URGENT, FITS._replace(level=frozenset({"Urgent"})))


@pytest.mark.parametrize(("changes", "hindrance", "words"), MISSING)
def test_each_thing_that_is_missing_is_named(changes, hindrance, words):
    agent = FITS._replace(**changes)
    assert [*serving.hindrances(URGENT, agent)] == [hindrance]
    assert str(serving.words(hindrance)) == words
    assert not serving.serves(URGENT, agent)


def test_all_that_is_missing_is_named():
    kinds = [one.kind for one in serving.hindrances(URGENT, Profile("bo", level=frozenset()))]
    assert kinds == ["area", "skill", "skill", "group", "work level"]


def test_who_was_logged_in_by_a_supervisor_needs_no_skill_group_or_level():
    agent = Profile("bo", area="North", level=frozenset(), logged={"Urgent": True})
    assert serving.serves(URGENT, agent)
    kept = agent._replace(services=frozenset({"waiting list"}), area="")
    assert [one.kind for one in serving.hindrances(URGENT, kept)] == ["area", "service"]


def test_the_nameless_area_is_told_as_such():
    assert str(serving.words(Hindrance("area", ""))) == "the organisation area without a name"


def test_waiting_list_is_carried_by_the_service_of_its_name():
    place = WaitingList(name="Disputes")
    assert serving.service_of(place) == "waiting list"
    assert serving.serves(place, Profile("anna", services=frozenset({"waiting list"})))
    assert not serving.serves(place, Profile("anna", services=frozenset({"queue"})))


# What the system may give somebody


class Somewhere(NamedTuple):
    """Where a contact waits."""

    area: str = ""
    queue: str = ""
    personal: str = ""


OFFICE = making.site(
    Queue(name="Urgent"), Queue(name="Kept", distribution=False), WaitingList(name="Disputes")
)


@pytest.mark.parametrize(
    ("somewhere", "is_given"),
    [
        (Somewhere(queue="Urgent"), True),
        (Somewhere(queue="Kept"), False),
        (Somewhere(queue="Disputes"), False),
        (Somewhere(queue="Gone"), False),
        (Somewhere(queue="Urgent", area="North"), False),
        (Somewhere(personal="anna"), True),
        (Somewhere(personal="bo"), False),
        (Somewhere(personal="anna", area="North"), False),
    ],
)
def test_agent_is_given_what_waits_where_the_agent_serves(somewhere, is_given):
    assert serving.is_given(somewhere, Profile("anna"), OFFICE) == is_given


def test_own_contacts_are_not_given_to_who_picks_them():
    picks = Profile("anna", services=frozenset({"waiting list"}))
    assert not serving.is_given(Somewhere(personal="anna"), picks, OFFICE)


# Profiles

ANNA = User(
    login="anna",
    name="Anna",
    role=Role.AGENT,
    area="North",
    skills={"Loans": 3},
    groups=["Night"],
    services=("queue",),
    work_levels=["Morning", "All"],
)
LEVELS = {"work_levels": {"Morning": WorkLevel(name="Morning", serves=["a"], personal=False)}}


def test_profile_is_what_the_user_and_the_chosen_work_level_say():
    site = making.site(**LEVELS)
    assert serving.profile(ANNA, site, "Morning", {"b": True}) == Profile(
        "anna",
        "North",
        {"Loans": 3},
        frozenset({"Night"}),
        frozenset({"queue"}),
        frozenset({"a"}),
        False,
        {"b": True},
    )


@pytest.mark.parametrize("chosen", ["", "Evening"])
def test_without_a_choice_or_after_its_end_the_first_work_level_is_in_force(chosen):
    assert serving.work_level(ANNA, chosen) == "Morning"
    assert serving.profile(ANNA, making.site(**LEVELS), chosen, {}).level == frozenset({"a"})


def test_work_level_that_is_not_configured_narrows_nothing():
    found = serving.profile(ANNA, making.site(**LEVELS), "All", {})
    assert (found.level, found.personal) == (None, True)


def test_user_without_work_levels_serves_all_that_the_skills_allow():
    bo = User(login="bo", name="Bo", role=Role.AGENT)
    assert serving.work_level(bo, "Morning") == ""
    assert serving.profile(bo, making.site(**LEVELS), "Morning", {}).level is None


# What waits for one agent alone


@pytest.mark.parametrize("first", ["queue", "waiting list"])
@pytest.mark.parametrize("services", [(), ("queue",), ("waiting list",), ("queue", "waiting list")])
def test_own_contacts_go_by_the_service_that_comes_first_else_by_the_other(first, services):
    site = making.site(system={"agentDistrOrderEmailIncoming": first})
    expected = first if first in services else (services or (None,))[0]
    assert serving.own_service(frozenset(services), site) == expected
    agent = Profile("anna", services=frozenset(services))
    assert serving.own_place(agent, site) == expected
    assert serving.own_place(agent._replace(personal=False), site) is None
