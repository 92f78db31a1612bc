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
    FlowControl,
    Match,
    OpeningHours,
    Queue,
    RoutingRule,
    Site,
    SiteFacts,
    SpecialDay,
    User,
)
from ace_server.contact import AgentState, Role, State
from ace_server.routing import explain as explaining
from ace_server.routing.explain import AgentFacts, Case
from ace_server.routing.queues import Index

NOW = datetime(2026, 11, 20, 13, 3, tzinfo=UTC)  # 14:03 in Stockholm


def clock(text):
    """A time of the site's clock today, as a moment."""
    return datetime.fromisoformat(f"2026-11-20T{text}:00+01:00")


ANNA = AgentFacts(
    login="anna",
    name="Anna Berg",
    state=AgentState.PAUSED,
    since=clock("13:50"),
    skills={"Loans": 7},
)
BO = AgentFacts(
    login="bo", name="Bo Ek", state=AgentState.READY, since=clock("13:00"), skills={"Loans": 1}
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


def agent(like=ANNA, **changes):
    return msgspec.structs.replace(like, **changes)


def with_site(**changes):
    return msgspec.structs.replace(SITE, **changes)


def test_queued_contact():
    explanation = explain(QUEUED)
    assert explanation.where == ("It waits in queue Loan decisions as number 3 of 12 since 14:02.")
    assert explanation.why == (
        "Routing rule 2 (TaskType = Loan application) sends it to Loan decisions,"
        " then to Everyone.",
        "2 contacts waiting there were there before it.",
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
    assert "1 contact waiting there was there before it." in explain(case(position=2)).why
    assert not any("before it" in sentence for sentence in explain(case(position=1)).why)


def test_other_days_are_told_with_their_date():
    yesterday = clock("14:02") - timedelta(days=1)
    assert explain(case(first_queued_at=yesterday)).where.endswith("since 2026-11-19 14:02.")


def test_contact_that_no_rule_fits():
    contact = case(data={"TaskType": "Other"}, queue=UNROUTED, moves_on_at=None)
    assert "No routing rule fits it, so it goes to Unrouted." in explain(contact).why


def test_contact_that_was_put_elsewhere():
    contact = case(data={"TaskType": "Other"}, moves_on_at=clock("14:05"))
    assert "It was put there by hand, or by an earlier configuration." in explain(contact).why
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
        "It can be booked when there is an agent with Loans 3 or higher."
        in explanation.would_change
    )


def test_nobody_is_there():
    explanation = explain(case(agents=[], queue="Everyone", moves_on_at=None))
    assert explanation.would_change == ("It can be booked when there is an agent at all.",)


def test_queue_that_is_not_configured():
    explanation = explain(case(agents=[], queue="Gone", moves_on_at=None))
    assert explanation.would_change == (
        "It can be booked when there is an agent for queue Gone, which is not configured.",
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
    assert "2 more lack a skill." in explanation.why
    assert explanation.would_change[0].startswith("It can be booked when Anna Berg, Agent 0, ")
    assert explanation.would_change[0].endswith(" Agent 6, Agent 7 or one of 2 more becomes ready.")


def test_one_left_out_is_counted_as_one():
    crowd = [agent(login=f"a{n}", name=f"Agent {n}") for n in range(11)]
    short = [agent(BO, login=f"b{n}", name=f"Short {n}") for n in range(11)]
    explanation = explain(case(agents=[*crowd, *short]))
    assert {"1 more fits.", "1 more lacks a skill."} <= set(explanation.why)


def test_queue_that_is_served_first_is_named():
    contact = case(queue="Everyone", waiting={"Loan decisions": 5, "Everyone": 12})
    assert (
        "Queue Loan decisions is served first: it has priority 1, Everyone has 2;"
        " 5 contacts there." in explain(contact).why
    )
    only_bo = case(contact, agents=[BO])
    assert not any("served first" in sentence for sentence in explain(only_bo).why)


def test_contact_for_one_agent_alone():
    contact = case(queue="", personal="anna", position=1, moves_on_at=None)
    explanation = explain(contact)
    assert explanation.where == "It waits for Anna Berg alone since 14:02."
    assert explanation.why == ("Anna Berg fits, but is paused since 13:50.",)
    assert explanation.would_change == ("It can be booked when Anna Berg becomes ready.",)
    gone = explain(case(contact, personal="zoe"))
    assert gone.where == "It waits for zoe alone since 14:02."
    assert gone.would_change == ("It can be booked when there is an agent with the login zoe.",)


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


def test_accepted_contact():
    accepted = case(state=State.ACCEPTED, agent="anna", accepted_at=clock("13:55"))
    explanation = explain(accepted)
    assert explanation.where == "Anna Berg has it in hand since 13:55."
    assert explanation.why == ()
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
    assert explanation.why == ("Anna Berg is logged out since 13:50.",)
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
    anna = agent(skills=skills)
    why = explain(case(site=with_site(queues={queue.name: queue}), agents=[anna])).why
    fits = Index({queue.name: queue}, {"anna": skills}).fits("anna", queue.name)
    assert any(sentence.startswith("Anna Berg fits") for sentence in why) is fits
    assert any(sentence.startswith("Anna Berg lacks") for sentence in why) is not fits
