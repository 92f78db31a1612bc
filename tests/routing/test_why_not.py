"""Why this agent has not got that contact (RO-11)."""

from datetime import timedelta

import msgspec
import pytest

from ace_server.concepts import Queue, User, WaitingList
from ace_server.contact import AgentState, Role, State
from ace_server.routing import selection, why_not
from ace_server.routing.facts import AgentFacts, Case
from ace_server.routing.queues import Presence
from ace_server.routing.router import Router
from ace_server.routing.serving import Profile
from tests.routing.making import NOW, site, waiting

NAMES = {"anna": "Anna", "bo": "Bo"}
USERS = {login: User(login=login, name=name, role=Role.AGENT) for login, name in NAMES.items()}
PLACES = (
    Queue(name="a"),
    Queue(name="b"),
    Queue(name="late", priority=2, weight=2.0),
    Queue(name="loans", requires={"Loans": 3}, groups=["Night"]),
    Queue(name="kept", distribution=False),
    WaitingList(name="list"),
)


class Desk:
    """A router, and the facts of its agents, who are ready unless they are not."""

    def __init__(self, *places, states=None, **more):
        self.site = site(*(places or PLACES), users=USERS, **more)
        self.router = Router(self.site)
        self.agents = {}
        for login, name in NAMES.items():
            self.agent(Profile(login), name, (states or {}).get(login, AgentState.READY))

    def agent(self, profile, name, state):
        self.agents[profile.login] = AgentFacts(
            profile=profile, name=name, state=state, since=NOW - timedelta(minutes=5)
        )
        presence = Presence.OUT if state is AgentState.LOGGED_OUT else Presence.AT_WORK
        self.router.agent(profile, presence, ready=state is AgentState.READY)

    def be(self, **changes):
        self.agent(Profile("anna", **changes), "Anna", AgentState.READY)

    def case(self, contact, **changes):
        held = self.router.index.waiting(contact)
        facts = {
            "now": NOW,
            "site": self.site,
            "state": State.QUEUED,
            "entrance": "x",
            "data": {},
            "contact": contact,
            "agents": tuple(self.agents.values()),
        }
        if held is not None:
            facts |= {
                "queue": held.queue,
                "personal": held.personal,
                "position": self.router.index.position(contact),
                "waiting": {held.queue: self.router.index.count(held.queue)},
            }
        return Case(**(facts | changes))

    def said(self, contact, login="anna", **changes):
        """Where, why and what would change it, in English."""
        case = self.case(contact, **changes)
        where, why, change, _ = why_not.explain(self.router.index, case, self.agents[login])
        return str(where), [*map(str, why)], [*map(str, change)]


def test_contact_that_is_about_to_be_booked():
    desk = Desk()
    desk.router.add(waiting(1))
    assert desk.said(1) == (
        "It waits in queue a as number 1 of 1.",
        ["It is about to be booked for Anna."],
        [],
    )
    assert desk.said(1, "bo")[1:] == (["Anna gets it first."], [])


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (AgentState.PAUSED, "paused"),
        (AgentState.LOGGED_OUT, "logged out"),
        (AgentState.BOOKED, "booked for another contact"),
        (AgentState.BUSY, "busy"),
        (AgentState.WRAP_UP, "in wrap-up"),
    ],
)
def test_agent_who_is_not_ready(state, words):
    desk = Desk(states={"anna": state, "bo": AgentState.PAUSED})
    desk.router.add(waiting(1))
    assert desk.said(1)[1:] == (
        [f"Anna is {words} since 11:55."],
        ["It can be booked when Anna becomes ready."],
    )


def test_agent_who_lacks_something_and_what_would_help():
    desk = Desk()
    desk.router.add(waiting(1, "loans"))
    assert desk.said(1)[1:] == (
        ["Anna lacks skill Loans 3 (has none) and group Night."],
        [
            "Skill Loans 3 would help.",
            "Being in group Night would help.",
            "A supervisor may log Anna in to loans.",
        ],
    )


@pytest.mark.parametrize(
    ("lacking", "why", "change"),
    [
        (
            {"logged": {"a": False}},
            "Anna lacks a log-in to it.",
            ["Anna may log in to a."],
        ),
        (
            {"level": frozenset({"b"})},
            "Anna lacks a work level with it.",
            ["Anna may choose a work level with a.", "A supervisor may log Anna in to a."],
        ),
        (
            {"services": frozenset({"waiting list"})},
            "Anna lacks the service queue.",
            ["The service queue would help."],
        ),
        ({"area": "North"}, "Anna lacks the organisation area without a name.", []),
    ],
)
def test_agent_who_does_not_serve_the_place(lacking, why, change):
    desk = Desk()
    desk.be(**lacking)
    desk.router.add(waiting(1))
    assert desk.said(1)[1:] == ([why], change)


def test_contact_that_is_picked():
    desk = Desk()
    desk.router.add(waiting(1, "list"))
    assert desk.said(1)[1:] == (["Nobody is given it there: it waits until Anna picks it."], [])
    desk.router.add(waiting(2, "kept"))
    assert desk.said(2)[1:] == (["It is not distributed there: nobody is given it."], [])


def test_contact_in_a_place_that_is_not_configured():
    desk = Desk(Queue(name="north", area="North"))
    for number, place in enumerate(("Gone", "north"), start=1):
        desk.router.add(waiting(number, place))
        why = f"{place} is not configured in its organisation area: nobody serves it."
        assert desk.said(number)[1:] == ([why], [])


# For one agent alone


def test_contact_for_another_agent_alone():
    desk = Desk()
    desk.router.add(waiting(1, personal="bo"))
    assert desk.said(1) == ("It waits for Bo alone.", ["It waits for Bo alone."], [])


def test_contact_for_this_agent_alone_whose_work_level_has_it_not():
    desk = Desk()
    desk.be(personal=False)
    desk.router.add(waiting(1, personal="anna"))
    assert desk.said(1)[1:] == (
        ["Anna lacks a work level with it."],
        ["Anna may choose a work level that has what is for Anna alone."],
    )


def test_contact_for_this_agent_alone_who_picks_or_whom_nobody_gives_it():
    desk = Desk(system={"agentDistrOrderEmailIncoming": "waiting list"})
    desk.router.add(waiting(1, personal="anna"))
    assert desk.said(1)[1:] == (["Nobody is given it there: it waits until Anna picks it."], [])
    desk = Desk(Queue(name="Personal", distribution=False))
    desk.router.add(waiting(1, personal="anna"))
    assert desk.said(1)[1:] == (["It is not distributed there: nobody is given it."], [])


# Another contact goes first

PUT_FIRST = ["A supervisor may prioritise it, or move it."]


def first_of(desk, first, own):
    """Why `own` is not what Anna gets, after the sentence that says what she gets."""
    for one in (first, own):
        desk.router.add(one)
    assert selection.for_agent(desk.router.index, "anna", NOW) == first
    _, why, change = desk.said(own.contact)
    assert change == PUT_FIRST
    place = f"in {first.queue}" if first.queue else "for Anna alone"
    assert why[0] == f"Contact {first.contact}, which waits {place}, is the next one for Anna."
    return why[1:]


def test_contact_that_stands_behind_another():
    assert first_of(Desk(), waiting(1), waiting(2)) == ["It stands before this one there."]


def test_contact_whose_queue_has_less_priority():
    why = first_of(Desk(), waiting(1, "a"), waiting(2, "late", prio=0))
    assert why == ["It has priority 1 where it waits, this one 2."]


def test_contact_of_a_queue_beside_one_for_the_agent_alone():
    why = first_of(Desk(), waiting(1, personal="anna"), waiting(2, "a", prio=0))
    assert why == ["Of one priority, what waits for an agent alone goes first."]


@pytest.mark.parametrize(
    ("first", "own", "why"),
    [
        (
            waiting(2, "a", prio=9, prioritised=True),
            waiting(1, "b", prio=0),
            "A supervisor has prioritised it.",
        ),
        (
            waiting(2, "a", prio=4, minutes=1),
            waiting(1, "b", prio=5),
            "It has priority digit 4, this one 5.",
        ),
        (
            waiting(2, "a", minutes=2),
            waiting(1, "b", minutes=1),
            "Waiting time times weight is 120 seconds for it, 60 for this one.",
        ),
        (waiting(1, "a"), waiting(2, "b"), "It is the older one."),
    ],
)
def test_tops_of_one_priority(first, own, why):
    assert first_of(Desk(), first, own) == [why]


def test_contact_of_a_flood():
    desk = Desk(system={"floodMark": 1})
    desk.router.add(waiting(3, "late", entrance="flood"))
    desk.router.index.had("anna", "flood")
    why = first_of(
        desk,
        waiting(2, "a", prio=9, minutes=0, entrance="calm"),
        waiting(1, "b", prio=0, entrance="flood"),
    )
    assert why == [
        "The last contact of Anna came from entrance flood, which is a flood: another goes first."
    ]


def test_only_the_first_of_each_queue_is_compared():
    desk = Desk()
    desk.router.add(waiting(1, "b", minutes=1))
    assert first_of(desk, waiting(2, "a", minutes=2), waiting(3, "b", minutes=99)) == [
        "Only the first of each queue is compared, and here that is contact 1.",
        "Waiting time times weight is 120 seconds for it, 60 for this one.",
    ]


# Where it does not wait


def test_contact_that_somebody_has():
    desk = Desk()
    changes = {"state": State.ACCEPTED, "agent": "bo"}
    assert desk.said(1, "bo", **changes) == ("Bo has this contact.", [], [])
    assert desk.said(1, **changes) == (
        "Bo has this contact.",
        ["It does not wait, so nobody else gets it."],
        [],
    )


def test_contact_that_nobody_has():
    desk = Desk()
    assert desk.said(1, state=State.BUFFERED) == (
        "It does not wait, so nobody gets it.",
        [],
        [],
    )


def test_contact_that_leaves_just_now():
    desk = Desk()
    assert desk.said(1, queue="a")[1:] == (["It is being booked, picked or moved just now."], [])


def test_the_facts_may_be_behind_the_index():
    desk = Desk()
    desk.router.add(waiting(1))
    desk.router.index.not_ready("anna")
    desk.agents["bo"] = msgspec.structs.replace(desk.agents["bo"], state=AgentState.READY)
    assert desk.said(1)[1:] == (
        ["Bo gets it first."],
        ["It can be booked when Anna becomes ready."],
    )
