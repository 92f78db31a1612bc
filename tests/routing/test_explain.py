"""Why a contact is where it is, in words (RO-11)."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace_server.concepts import (
    UNROUTED,
    Destination,
    EscalationPoint,
    FlowControl,
    Match,
    OpeningHours,
    Queue,
    RoutingRule,
    Site,
    SiteFacts,
    SpecialDay,
    User,
    WaitingList,
)
from ace_server.contact import AgentState, Role, State
from ace_server.routing import explain as explaining
from ace_server.routing.constraints import Constraint, Load
from ace_server.routing.facts import AgentFacts, Case, Flood
from ace_server.routing.queues import Index, Presence
from ace_server.routing.serving import Profile
from ace_server.settings import SystemParameters

NOW = datetime(2026, 11, 20, 13, 3, tzinfo=UTC)  # 14:03 in Stockholm


def clock(text):
    """A time of the site's clock today, as a moment."""
    return datetime.fromisoformat(f"2026-11-20T{text}:00+01:00")


ANNA = AgentFacts(
    profile=Profile("anna", skills={"Loans": 7}),
    name="Anna Berg",
    state=AgentState.PAUSED,
    since=clock("13:50"),
)
BO = AgentFacts(
    profile=Profile("bo", skills={"Loans": 1}),
    name="Bo Ek",
    state=AgentState.READY,
    since=clock("13:00"),
)
SITE = Site(
    facts=SiteFacts(time_zone="Europe/Stockholm"),
    queues={
        "Loan decisions": Queue(name="Loan decisions", requires={"Loans": 3}),
        "Everyone": Queue(name="Everyone", priority=2),
        UNROUTED: Queue(name=UNROUTED, priority=9),
    },
    routing_rules=(
        RoutingRule(when={"cid": Match(any=True)}, to=[Destination(queue="Everyone")]),
        RoutingRule(
            when={"TaskType": "Loan application"},
            to=[
                Destination(queue="Loan decisions", until="wait(180)"),
                Destination(queue="Everyone"),
            ],
        ),
    ),
    users={
        "anna": User(login="anna", name="Anna Berg", role=Role.AGENT),
        "bo": User(login="bo", name="Bo Ek", role=Role.AGENT),
    },
)
QUEUED = Case(
    now=NOW,
    site=SITE,
    state=State.QUEUED,
    entrance="loans",
    data={"Entrance": "loans", "TaskType": "Loan application"},
    queue="Loan decisions",
    first_queued_at=clock("14:02"),
    moves_on_at=clock("14:05"),
    position=3,
    waiting={"Loan decisions": 12},
    agents=[ANNA, BO],
)


class Explanation(NamedTuple):
    """What is said, in English."""

    where: str
    why: tuple[str, ...]
    would_change: tuple[str, ...]


def explain(contact):
    said = explaining.explain(contact)
    why, would_change = (tuple(map(str, part)) for part in (said.why, said.would_change))
    return Explanation(str(said.where), why, would_change)


def case(like=QUEUED, **changes):
    return msgspec.structs.replace(like, **changes)


FACTS = ("name", "state", "since", "activity", "work_level")


def agent(like=ANNA, **changes):
    facts = {key: changes.pop(key) for key in FACTS if key in changes}
    return msgspec.structs.replace(like, profile=like.profile._replace(**changes), **facts)


def with_site(**changes):
    return msgspec.structs.replace(SITE, **changes)


def test_queued_contact():
    explanation = explain(QUEUED)
    assert explanation.where == ("It waits in queue Loan decisions as number 3 of 12 since 14:02.")
    assert explanation.why == (
        "Routing rule 2 (TaskType = Loan application) sends it to Loan decisions,"
        " then to Everyone.",
        "2 contacts waiting there go before it.",
        "Anna Berg fits, but is paused since 13:50.",
        "Bo Ek lacks skill Loans 3 (has 1).",
    )
    assert explanation.would_change == (
        "It can be booked when Anna Berg becomes ready.",
        "It moves on to Everyone at 14:05.",
    )
    assert [str(sentence) for sentence in explaining.explain(QUEUED).sentences()] == [
        explanation.where,
        *explanation.why,
        *explanation.would_change,
    ]


@pytest.mark.parametrize(
    ("known", "where"),
    [
        ({"position": 0}, "It waits in queue Loan decisions since 14:02."),
        ({"first_queued_at": None}, "It waits in queue Loan decisions as number 3 of 12."),
        ({"position": 0, "first_queued_at": None}, "It waits in queue Loan decisions."),
        ({"personal": "anna", "first_queued_at": None}, "It waits for Anna Berg alone."),
        ({"state": State.ACCEPTED, "agent": "anna"}, "Anna Berg has it in hand."),
        ({"state": State.PARKED, "agent": "anna"}, "Anna Berg has parked it."),
    ],
)
def test_what_is_not_known_is_not_told(known, where):
    assert explain(case(**known)).where == where


def test_second_in_the_queue_has_one_before_it():
    assert "1 contact waiting there goes before it." in explain(case(position=2)).why
    assert not any("before it" in sentence for sentence in explain(case(position=1)).why)


def test_other_days_are_told_with_their_date():
    yesterday = clock("14:02") - timedelta(days=1)
    assert explain(case(first_queued_at=yesterday)).where.endswith("since 2026-11-19 14:02.")


def test_contact_that_no_rule_fits():
    contact = case(data={"TaskType": "Other"}, queue=UNROUTED, moves_on_at=None)
    assert "No routing rule fits it, so it goes to Unrouted." in explain(contact).why


def test_contact_that_was_put_elsewhere():
    contact = case(data={"TaskType": "Other"}, moves_on_at=clock("14:05"))
    assert (
        "It was put into Loan decisions by hand, or by an earlier configuration."
        in explain(contact).why
    )
    assert not any("moves on" in sentence for sentence in explain(contact).would_change)


@pytest.mark.parametrize(
    ("state", "activity", "words"),
    [
        (
            AgentState.READY,
            "",
            "Anna Berg fits and is ready since 13:50: it is about to be booked.",
        ),
        (AgentState.PAUSED, "Lunch", "Anna Berg fits, but is paused (Lunch) since 13:50."),
        (AgentState.BOOKED, "", "Anna Berg fits, but is booked for another contact since 13:50."),
        (AgentState.BUSY, "", "Anna Berg fits, but is busy since 13:50."),
        (AgentState.WRAP_UP, "", "Anna Berg fits, but is in wrap-up since 13:50."),
        (AgentState.LOGGED_OUT, "", "Anna Berg fits, but is logged out since 13:50."),
    ],
)
def test_what_a_fitting_agent_is_doing(state, activity, words):
    contact = case(agents=[agent(state=state, activity=activity)])
    assert words in explain(contact).why


def test_ready_agent_who_fits_needs_no_change():
    contact = case(agents=[agent(state=AgentState.READY)], moves_on_at=None)
    assert explain(contact).would_change == ()


def test_every_lacking_skill_is_named():
    queue = Queue(name="Loan decisions", requires={"Loans": 3, "Swedish": 5, "Dogs": 1})
    site = with_site(queues={"Loan decisions": queue})
    expected = (
        "Bo Ek lacks skill Loans 3 (has 1), skill Swedish 5 (has none) and skill Dogs 1 (has none)."
    )
    assert expected in explain(case(site=site)).why


def test_nobody_fits():
    explanation = explain(case(agents=[BO]))
    assert "No agent fits." in explanation.why
    assert (
        "Somebody can have it when there is an agent with Loans 3 or higher."
        in explanation.would_change
    )


def test_nobody_is_there():
    explanation = explain(case(agents=[], queue="Everyone", moves_on_at=None))
    assert explanation.would_change == ("Somebody can have it when there is an agent at all.",)


def test_all_that_is_wanted_is_named():
    queue = Queue(name="Loan decisions", requires={"Loans": 3, "Dogs": 9}, groups=["Night", "Day"])
    explanation = explain(case(site=with_site(queues={queue.name: queue}), moves_on_at=None))
    assert explanation.would_change == (
        "Somebody can have it when there is an agent with Loans 3 or higher, Dogs 9 or higher,"
        " group Night and group Day.",
    )


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({"logged": {"Loan decisions": False}}, "a log-in to it"),
        ({"level": frozenset()}, "a work level with it"),
        ({"services": frozenset({"waiting list"})}, "the service queue"),
    ],
)
def test_who_could_serve_it_is_named_before_anybody_is_hired(changes, lacks):
    explanation = explain(case(agents=[agent(**changes)], moves_on_at=None))
    assert explanation.why[-2:] == ("No agent fits.", f"Anna Berg lacks {lacks}.")
    assert explanation.would_change == ("Somebody can have it when Anna Berg serves it.",)


def test_who_was_logged_in_by_a_supervisor_fits():
    contact = case(agents=[agent(BO, logged={"Loan decisions": True})])
    assert "Bo Ek fits and is ready since 13:00: it is about to be booked." in explain(contact).why


def test_agents_of_other_areas_are_not_named():
    explanation = explain(case(agents=[agent(area="North")]))
    assert explanation.why[-1] == "No agent fits."


def test_place_that_is_not_configured():
    explanation = explain(case(queue="Gone", moves_on_at=None))
    assert explanation.why == (
        "It was put into Gone by hand, or by an earlier configuration.",
        "2 contacts waiting there go before it.",
        "Gone is not configured in its organisation area: nobody serves it.",
    )
    assert explanation.would_change == (
        "Somebody can have it when it is moved, or Gone is configured again.",
    )


def test_likely_agents_are_named_first_and_not_all():
    crowd = [
        agent(login=f"a{n}", name=f"Agent {n}", state=AgentState.LOGGED_OUT) for n in range(11)
    ]
    short = [agent(BO, login=f"b{n}", name=f"Short {n}") for n in range(12)]
    busy = agent(state=AgentState.BUSY)
    explanation = explain(case(agents=[*crowd, *short, busy]))
    assert explanation.why[2] == "Anna Berg fits, but is busy since 13:50."
    assert "2 more fit." in explanation.why
    assert "2 more do not serve it." in explanation.why
    assert explanation.would_change[0].startswith("It can be booked when Anna Berg, Agent 0, ")
    assert explanation.would_change[0].endswith(" Agent 6, Agent 7 or one of 2 more becomes ready.")


def test_one_left_out_is_counted_as_one():
    crowd = [agent(login=f"a{n}", name=f"Agent {n}") for n in range(11)]
    short = [agent(BO, login=f"b{n}", name=f"Short {n}") for n in range(11)]
    explanation = explain(case(agents=[*crowd, *short]))
    assert {"1 more fits.", "1 more does not serve it."} <= set(explanation.why)


def test_queue_that_is_served_first_is_named():
    contact = case(queue="Everyone", waiting={"Loan decisions": 5, "Everyone": 12})
    assert (
        "Queue Loan decisions is served first: it has priority 1, Everyone has 2;"
        " 5 contacts there." in explain(contact).why
    )
    only_bo = case(contact, agents=[BO])
    assert not any("served first" in sentence for sentence in explain(only_bo).why)


def test_queue_that_nobody_is_given_anything_from_is_not_served_first():
    kept = Queue(name="Kept", priority=1, distribution=False)
    queues = {**SITE.queues, "Kept": kept}
    contact = case(queue="Everyone", waiting={"Kept": 5}, site=with_site(queues=queues))
    assert not any("served first" in sentence for sentence in explain(contact).why)
    there = explain(case(contact, queue="Kept", agents=[agent(state=AgentState.READY)]))
    assert there.why[-2:] == (
        "Queue Kept is not distributed: nobody is given its contacts.",
        "Anna Berg fits and is ready since 13:50.",
    )
    assert not any("served first" in sentence for sentence in there.why)


def test_contact_in_a_waiting_list():
    site = with_site(waiting_lists={"Disputes": WaitingList(name="Disputes")})
    contact = case(site=site, queue="Disputes", waiting={"Disputes": 12}, moves_on_at=None)
    explanation = explain(contact)
    assert explanation.where == "It waits in waiting list Disputes as number 3 of 12 since 14:02."
    assert explanation.why[2:] == (
        "It waits until an agent picks it.",
        "Bo Ek fits and is ready since 13:00.",
        "Anna Berg fits, but is paused since 13:50.",
    )
    assert explanation.would_change == ()


@pytest.mark.parametrize(
    ("known", "where"),
    [
        ({"position": 0}, "It waits in waiting list Disputes since 14:02."),
        ({"first_queued_at": None}, "It waits in waiting list Disputes as number 3 of 3."),
        ({"position": 0, "first_queued_at": None}, "It waits in waiting list Disputes."),
    ],
)
def test_where_it_waits_in_a_waiting_list(known, where):
    site = with_site(waiting_lists={"Disputes": WaitingList(name="Disputes")})
    assert explain(case(site=site, queue="Disputes", **known)).where == where


def test_prioritised_contact_of_a_flood():
    why = explain(case(prioritised=True, flood=Flood(70, 50))).why
    assert why[1:3] == (
        "A supervisor has prioritised it.",
        "Entrance loans is a flood: 70 contacts wait, more than 50. Who had one of them last gets"
        " one of another entrance next.",
    )


# For one agent alone

ALONE = case(queue="", personal="anna", position=1, moves_on_at=None)


def test_contact_for_one_agent_alone():
    explanation = explain(ALONE)
    assert explanation.where == "It waits for Anna Berg alone since 14:02."
    assert explanation.why == ("Anna Berg fits, but is paused since 13:50.",)
    assert explanation.would_change == ("It can be booked when Anna Berg becomes ready.",)
    gone = explain(case(ALONE, personal="zoe"))
    assert gone.where == "It waits for zoe alone since 14:02."
    assert gone.why == ("No agent fits.",)
    assert gone.would_change == ("Somebody can have it when there is an agent with the login zoe.",)


@pytest.mark.parametrize("named", ["anna", "Anna Berg"])
def test_contact_that_names_the_agent(named):
    contact = case(ALONE, data={"AgentName": named})
    assert explain(contact).why[0] == "Its contact data name Anna Berg."
    assert not any("name" in one for one in explain(case(contact, personal="bo")).why)


def test_contact_for_one_agent_alone_who_picks():
    site = with_site(system=SystemParameters(agentDistrOrderEmailIncoming="waiting list"))
    explanation = explain(case(ALONE, site=site))
    assert explanation.why == (
        "It waits until Anna Berg picks it.",
        "Anna Berg fits, but is paused since 13:50.",
    )
    assert explanation.would_change == ()


def test_contact_for_one_agent_alone_whom_nobody_gives_it():
    site = with_site(personal=Queue(name="Personal", distribution=False))
    ready = agent(state=AgentState.READY)
    explanation = explain(case(ALONE, site=site, agents=[ready]))
    assert explanation.why == (
        "Queue Personal is not distributed: nobody is given its contacts.",
        "Anna Berg fits and is ready since 13:50.",
    )
    assert explanation.would_change == ()


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({"personal": False}, "Anna Berg lacks a work level with it."),
        ({"services": frozenset()}, "Anna Berg lacks the service queue."),
    ],
)
def test_contact_for_one_agent_alone_who_does_not_serve_it(changes, lacks):
    explanation = explain(case(ALONE, agents=[agent(**changes)]))
    assert explanation.why == ("No agent fits.", lacks)
    assert explanation.would_change == ("Somebody can have it when Anna Berg serves it.",)


def test_contact_for_one_agent_alone_of_another_area():
    explanation = explain(case(ALONE, area="North"))
    assert explanation.why == ("No agent fits.",)


# Where it came from, and where it goes


def routed(*destinations, **more):
    rule = RoutingRule(when={}, to=list(destinations))
    return with_site(routing_rules=(rule,), **more)


def test_way_of_a_contact_is_told_to_its_end():
    points = {"up": EscalationPoint(name="up", to="North"), "on": EscalationPoint(name="on", to="")}
    site = routed(
        Destination(queue="Loan decisions", until="wait(180)"),
        Destination(agent="anna", until="wait(60)"),
        Destination(external="desk@bank.example"),
        Destination(escalation="up"),
        Destination(escalation="on"),
        Destination(end=True),
        escalation_points=points,
    )
    assert explain(case(site=site)).why[0] == (
        "Routing rule 1 (every contact) sends it to Loan decisions, then to Anna Berg alone, then"
        " to desk@bank.example, then to organisation area North, then to the organisation area"
        " without a name, then to its end."
    )


LOAD = Load(before=2, waiting=12, logged_in=4, at_work=2, pace=100.0)
NOBODY = LOAD._replace(logged_in=0, at_work=0)


@pytest.mark.parametrize(
    ("until", "load", "words"),
    [
        (
            "eqt(300)",
            LOAD,
            "when its estimated queue time is above 300 seconds; it is 150.",
        ),
        (
            "eqt(1000000)",
            LOAD._replace(pace=123_456.0),
            "when its estimated queue time is above 1000000 seconds; it is 185184.",
        ),
        (
            "eqt(300)",
            NOBODY,
            "when its estimated queue time is above 300 seconds; nobody who serves it is at work.",
        ),
        (
            "agentConRatio(2.5)",
            LOAD,
            "when more than 2.5 contacts wait there for each agent who is logged in; there are 3.",
        ),
        (
            "agentConRatio(2.5)",
            LOAD._replace(waiting=9_999, logged_in=7),
            "when more than 2.5 contacts wait there for each agent who is logged in; there are"
            " 1428.4.",
        ),
        (
            "agentConRatio(2.5)",
            NOBODY,
            "when more than 2.5 contacts wait there for each agent who is logged in; nobody is.",
        ),
        (
            "minAvailAgents(2)",
            LOAD,
            "when fewer than 2 agents who serve it are at work; 2 are.",
        ),
    ],
)
def test_load_that_moves_it_on(until, load, words):
    site = routed(Destination(queue="Loan decisions", until=until), Destination(queue="Everyone"))
    base, _, parameter = until.rstrip(")").partition("(")
    contact = case(site=site, until=Constraint(base, float(parameter)), load=load, moves_on_at=None)
    assert explain(contact).would_change[-1] == f"It moves on to Everyone {words}"


def test_load_that_is_not_known_is_not_told():
    contact = case(until=Constraint("eqt", 1), moves_on_at=None)
    assert explain(contact).would_change == ("It can be booked when Anna Berg becomes ready.",)


def test_contact_of_a_named_agent_moves_on_when_the_agent_logs_out():
    contact = case(
        ALONE,
        data={"AgentName": "anna", "TaskType": "Loan application"},
        until=Constraint("loggedIn", 1),
        load=LOAD,
    )
    assert explain(contact).would_change[-1] == (
        "It moves on to Loan decisions when the agent logs out."
    )


BUFFERED = case(
    state=State.BUFFERED,
    queue="",
    first_queued_at=None,
    moves_on_at=None,
    position=0,
    received_at=clock("14:02"),
)


def opening(**hours):
    return with_site(opening_hours={"loans": OpeningHours(entrance="loans", **hours)})


def limited(**limits):
    return with_site(flow_controls={"loans": FlowControl(entrance="loans", **limits)})


def test_buffered_because_the_entrance_is_closed():
    explanation = explain(case(BUFFERED, site=opening(week={"mon-fri": "15:00-17:00"})))
    assert explanation.where == "It is buffered at entrance loans since 14:02."
    assert explanation.why == ("Entrance loans is closed until 15:00.",)
    assert explanation.would_change == ("It is queued when entrance loans opens at 15:00.",)


@pytest.mark.parametrize(
    "hours",
    [{"mode": "closed"}, {"special": [SpecialDay(date=date(2020, 1, 1), open="08:00-09:00")]}],
)
def test_buffered_because_the_entrance_never_opens(hours):
    explanation = explain(case(BUFFERED, site=opening(**hours)))
    assert explanation.why == ("Entrance loans is closed, and no opening hours lie ahead.",)
    assert explanation.would_change == ("It is queued when entrance loans is given opening hours.",)


def test_buffered_because_the_entrance_is_full():
    site = limited(emailBufferMax=100, emailBufferMaxActive=40, emailBufferMin=20)
    explanation = explain(case(BUFFERED, site=site, total=100, active=41))
    assert explanation.why == (
        "Entrance loans is full: 100 contacts not ended, and at most 100 may be.",
        "Entrance loans is full: 41 contacts in its queues, and at most 40 may be.",
    )
    assert explanation.would_change == (
        "Entrance loans lets contacts in again as soon as no more than 20 are left.",
    )


def test_buffered_because_the_entrance_was_full():
    site = limited(emailBufferMax=100, emailBufferMin=20)
    explanation = explain(case(BUFFERED, site=site, total=57, active=50, held_back=True))
    assert explanation.why == (
        "Entrance loans was full, and 57 contacts not ended are more than 20.",
    )
    assert explanation.would_change == (
        "Entrance loans lets contacts in again as soon as no more than 20 are left.",
    )


def test_full_entrance_without_a_mark_needs_room():
    explanation = explain(case(BUFFERED, site=limited(emailBufferMax=1), total=1))
    assert explanation.why == (
        "Entrance loans is full: 1 contact not ended, and at most 1 may be.",
    )
    assert explanation.would_change == (
        "Entrance loans lets contacts in again as soon as there is room.",
    )


def test_buffered_because_every_destination_is_gone():
    explanation = explain(case(BUFFERED, site=with_site(queues={})))
    assert explanation.why == ("No queue of routing rule 2 exists any more.",)
    assert explanation.would_change == (
        "It is queued when a routing rule sends it to a queue that exists.",
    )


def test_buffered_because_the_core_is_away():
    explanation = explain(case(BUFFERED, core_away=True))
    assert explanation.why == ("ACE Server cannot be reached.",)
    assert explanation.would_change == ("It is queued when ACE Server is back.",)


def test_buffered_behind_others():
    assert explain(case(BUFFERED, buffered_before=1)).why == (
        "1 contact buffered there before it goes first.",
    )
    assert explain(case(BUFFERED, buffered_before=2)).why == (
        "2 contacts buffered there before it go first.",
    )


def test_buffered_by_nothing():
    explanation = explain(case(BUFFERED, received_at=None))
    assert explanation.where == "It is buffered at entrance loans."
    assert explanation.why == ("Nothing holds it back: it is about to be queued.",)
    assert explanation.would_change == ()


BOOKED = case(state=State.BOOKED, agent="anna", booked_until=clock("14:04"), position=0)


def test_booked_contact():
    explanation = explain(BOOKED)
    assert explanation.where == "It is booked for Anna Berg until 14:04."
    assert explanation.why == (
        "Routing rule 2 (TaskType = Loan application) sends it to Loan decisions,"
        " then to Everyone.",
        "Anna Berg fits queue Loan decisions: Loans 7 (3 is enough).",
    )
    assert explanation.would_change == (
        "Anna Berg accepts it.",
        "If nobody accepts it in time, it returns to its place in queue Loan decisions,"
        " and Anna Berg is paused.",
    )


def test_booked_from_a_queue_that_asks_for_nothing():
    explanation = explain(case(BOOKED, queue="Everyone", booked_until=None))
    assert explanation.where == "It is booked for Anna Berg."
    assert explanation.why[1] == "Anna Berg fits queue Everyone, which asks for no skill."


def test_booked_contact_that_waited_for_one_agent_alone():
    explanation = explain(case(BOOKED, queue="", personal="anna"))
    assert explanation.why == ("It waited for Anna Berg alone.",)
    assert explanation.would_change[1] == (
        "If nobody accepts it in time, it returns to its place, and Anna Berg is paused."
    )


def test_booked_for_an_agent_whom_a_supervisor_logged_in():
    by_hand = agent(BO, logged={"Loan decisions": True})
    assert explain(case(BOOKED, agent="bo", agents=[ANNA, by_hand])).why[1] == (
        "A supervisor has logged Bo Ek in to Loan decisions."
    )


def test_booked_for_an_agent_who_would_not_fit_any_more():
    for changed in (case(BOOKED, agent="bo"), case(BOOKED, queue="Gone")):
        assert len(explain(changed).why) == 1


ROUTED = (
    "Routing rule 2 (TaskType = Loan application) sends it to Loan decisions, then to Everyone."
)
FITS = "Anna Berg fits queue Loan decisions: Loans 7 (3 is enough)."


def test_contact_that_was_picked():
    site = with_site(
        waiting_lists={"Disputes": WaitingList(name="Disputes")},
        routing_rules=(RoutingRule(to=[Destination(waiting_list="Disputes")]),),
    )
    picked = case(site=site, state=State.ACCEPTED, agent="anna", queue="Disputes")
    assert explain(picked).why == (
        "Routing rule 1 (every contact) sends it to Disputes.",
        "Anna Berg picked it from waiting list Disputes.",
    )


def test_accepted_contact():
    accepted = case(state=State.ACCEPTED, agent="anna", accepted_at=clock("13:55"))
    explanation = explain(accepted)
    assert explanation.where == "Anna Berg has it in hand since 13:55."
    assert explanation.why == (ROUTED, FITS)
    assert explanation.would_change == (
        "Anna Berg ends, parks or requeues it.",
        "If the link to the agent is lost for 60 seconds, it returns to its queue.",
    )


def test_parked_contact():
    parked = case(state=State.PARKED, agent="anna", parked_at=clock("13:55"))
    explanation = explain(parked)
    assert explanation.where == "Anna Berg has parked it since 13:55."
    assert explanation.would_change == (
        "Anna Berg resumes it.",
        "It returns to its queue when Anna Berg has been logged out for 24 hours.",
    )


def test_parked_contact_of_an_agent_who_is_logged_out():
    away = agent(state=AgentState.LOGGED_OUT)
    parked = case(state=State.PARKED, agent="anna", parked_at=clock("13:45"), agents=[BO, away])
    explanation = explain(parked)
    assert explanation.why == (ROUTED, FITS, "Anna Berg is logged out since 13:50.")
    assert explanation.would_change == (
        "Anna Berg resumes it.",
        "It returns to its queue at 2026-11-21 13:50, unless Anna Berg logs in before.",
    )


@pytest.mark.parametrize(
    ("by", "at", "where"),
    [
        ("anna", clock("14:00"), "Anna Berg ended it at 14:00."),
        ("anna", None, "Anna Berg ended it."),
        ("", clock("14:00"), "It was ended at 14:00."),
        ("", None, "It was ended."),
    ],
)
def test_ended_contact(by, at, where):
    explanation = explain(case(state=State.ENDED, agent=by, ended_at=at))
    assert explanation.where == where
    assert explanation.why == ()
    assert explanation.would_change == ("Nothing: an ended contact never moves again.",)


LEVELS = st.dictionaries(st.sampled_from(["Loans", "Swedish"]), st.integers(1, 9))


@given(demands=LEVELS, skills=LEVELS)
def test_explanation_says_who_fits_as_the_index_decides(demands, skills):
    queue = Queue(name="Loan decisions", requires=demands)
    site, anna = with_site(queues={queue.name: queue}), agent(skills=skills)
    why = explain(case(site=site, agents=[anna])).why
    index = Index(site)
    index.agent(anna.profile, Presence.AT_WORK)
    fits = queue.name in index.serves("anna")
    assert any(sentence.startswith("Anna Berg fits") for sentence in why) is fits
    assert any(sentence.startswith("Anna Berg lacks") for sentence in why) is not fits
