"""Why a contact is where it is, who could have it, and what would change that (RO-11).

The reasons come from the functions that decide: conditions, routes, opening hours, limits, serving
and the index. What waits is explained in `explain_waiting`, an agent beside a contact in `why_not`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from ace_server.concepts import WaitingList
from ace_server.contact import AgentState, State
from ace_server.routing import explain_waiting, facts, flow, opening, serving
from ace_server.routing.facts import AgentFacts, Case, Explanation
from ace_server.routing.serving import Place
from ace_server.sentences import Sentence, and_, sentence


def explain(case: Case) -> Explanation:
    """Say where a contact is, why, and what would change it."""
    where, why, would_change = _BY_STATE[case.state]
    return Explanation(where(case), tuple(why(case)), tuple(would_change(case)))


# Buffered


def _where_buffered(case: Case) -> Sentence:
    if case.received_at is None:
        return sentence("It is buffered at entrance %1.", case.entrance)
    since = facts.time(case, case.received_at)
    return sentence("It is buffered at entrance %1 since %2.", case.entrance, since)


def _why_buffered(case: Case) -> Iterator[Sentence]:
    reasons = [*_held_back(case)]
    yield from reasons
    before = case.buffered_before
    if before == 1:
        yield sentence("1 contact buffered there before it goes first.")
    elif before:
        yield sentence("%1 contacts buffered there before it go first.", before)
    elif not reasons:
        yield sentence("Nothing holds it back: it is about to be queued.")


def _held_back(case: Case) -> Iterator[Sentence]:
    if case.core_away:
        yield sentence("ACE Server cannot be reached.")
    if not _is_open(case):
        yield _closed(case)
    yield from _full(case)
    route = facts.route(case)
    if not route.stops:
        yield sentence("No queue of routing rule %1 exists any more.", facts.said_number(route))


def _is_open(case: Case) -> bool:
    hours = case.site.opening_hours.get(case.entrance)
    return opening.is_open(hours, case.now, case.site.facts.time_zone)


def _opens_at(case: Case) -> datetime | None:
    hours = case.site.opening_hours.get(case.entrance)
    return opening.next_change(hours, case.now, case.site.facts.time_zone)


def _closed(case: Case) -> Sentence:
    opens_at = _opens_at(case)
    if opens_at is None:
        return sentence("Entrance %1 is closed, and no opening hours lie ahead.", case.entrance)
    return sentence("Entrance %1 is closed until %2.", case.entrance, facts.time(case, opens_at))


def _full(case: Case) -> Iterator[Sentence]:
    limits = flow.limits(case.site, case.entrance)
    if 0 < limits.most <= case.total:
        yield sentence(
            "Entrance %1 is full: %2 not ended, and at most %3 may be.",
            case.entrance,
            facts.contacts(case.total),
            limits.most,
        )
    if 0 < limits.most_active <= case.active:
        yield sentence(
            "Entrance %1 is full: %2 in its queues, and at most %3 may be.",
            case.entrance,
            facts.contacts(case.active),
            limits.most_active,
        )
    if _is_draining(case, limits):
        yield sentence(
            "Entrance %1 was full, and %2 not ended are more than %3.",
            case.entrance,
            facts.contacts(case.total),
            limits.resume,
        )


def _is_draining(case: Case, limits: flow.Limits) -> bool:
    full = limits.full(case.total, case.active)
    return case.held_back and not full and not limits.drained(case.total)


def _changes_buffered(case: Case) -> Iterator[Sentence]:
    if case.core_away:
        yield sentence("It is queued when ACE Server is back.")
    if not _is_open(case):
        yield _opening(case)
    limits = flow.limits(case.site, case.entrance)
    if limits.full(case.total, case.active) or _is_draining(case, limits):
        yield _room(case, limits)
    if not facts.route(case).stops:
        yield sentence("It is queued when a routing rule sends it to a queue that exists.")


def _opening(case: Case) -> Sentence:
    opens_at = _opens_at(case)
    if opens_at is None:
        return sentence("It is queued when entrance %1 is given opening hours.", case.entrance)
    at = facts.time(case, opens_at)
    return sentence("It is queued when entrance %1 opens at %2.", case.entrance, at)


def _room(case: Case, limits: flow.Limits) -> Sentence:
    if not limits.resume:
        return sentence(
            "Entrance %1 lets contacts in again as soon as there is room.", case.entrance
        )
    return sentence(
        "Entrance %1 lets contacts in again as soon as no more than %2 are left.",
        case.entrance,
        limits.resume,
    )


# In an agent's hands


def _where_booked(case: Case) -> Sentence:
    name = facts.name(case, case.agent)
    if case.booked_until is None:
        return sentence("It is booked for %1.", name)
    return sentence("It is booked for %1 until %2.", name, facts.time(case, case.booked_until))


def _why_booked(case: Case) -> Iterator[Sentence]:
    name = facts.name(case, case.agent)
    if case.personal:
        yield sentence("It waited for %1 alone.", name)
        return
    yield explain_waiting.routed(case)
    place = case.site.place(case.queue)
    for agent in case.agents:
        if agent.login == case.agent and place is not None:
            yield from _enough(name, place, agent)


def _enough(name: str, place: Place, agent: AgentFacts) -> Iterator[Sentence]:
    skills = agent.profile.skills
    if not serving.serves(place, agent.profile):
        return  # the skills, the queues or the work level are others now
    if isinstance(place, WaitingList):
        yield sentence("%1 picked it from waiting list %2.", name, place.name)
        return
    if any(serving.lacks(place, skills)):
        yield sentence("A supervisor has logged %1 in to %2.", name, place.name)
        return
    levels = [
        sentence("%1 %2 (%3 is enough)", skill, skills[skill], least)
        for skill, least in place.requires.items()
    ]
    if not levels:
        yield sentence("%1 fits queue %2, which asks for no skill.", name, place.name)
    else:
        yield sentence("%1 fits queue %2: %3.", name, place.name, and_(levels))


def _changes_booked(case: Case) -> Iterator[Sentence]:
    name = facts.name(case, case.agent)
    yield sentence("%1 accepts it.", name)
    if case.queue:
        yield sentence(
            "If nobody accepts it in time, it returns to its place in queue %1, and %2 is paused.",
            case.queue,
            name,
        )
    else:
        yield sentence(
            "If nobody accepts it in time, it returns to its place, and %1 is paused.", name
        )


def _where_accepted(case: Case) -> Sentence:
    name = facts.name(case, case.agent)
    if case.accepted_at is None:
        return sentence("%1 has it in hand.", name)
    return sentence("%1 has it in hand since %2.", name, facts.time(case, case.accepted_at))


def _why_held(case: Case) -> Iterator[Sentence]:
    yield from _why_booked(case)  # it came the same way
    held = [agent for agent in case.agents if agent.login == case.agent]
    for agent in held:
        if agent.state is AgentState.LOGGED_OUT:
            yield sentence("%1 is logged out since %2.", agent.name, facts.time(case, agent.since))


def _changes_accepted(case: Case) -> Iterator[Sentence]:
    yield sentence("%1 ends, parks or requeues it.", facts.name(case, case.agent))
    yield sentence(
        "If the link to the agent is lost for %1 seconds, it returns to its queue.",
        f"{case.site.system.lease:g}",
    )


def _where_parked(case: Case) -> Sentence:
    name = facts.name(case, case.agent)
    if case.parked_at is None:
        return sentence("%1 has parked it.", name)
    return sentence("%1 has parked it since %2.", name, facts.time(case, case.parked_at))


def _changes_parked(case: Case) -> Iterator[Sentence]:
    name, hours = facts.name(case, case.agent), case.site.system.parkedHours
    yield sentence("%1 resumes it.", name)
    for agent in case.agents:
        if agent.login == case.agent and agent.state is AgentState.LOGGED_OUT:
            at = facts.time(case, agent.since + timedelta(hours=hours))
            yield sentence("It returns to its queue at %1, unless %2 logs in before.", at, name)
            return
    yield sentence(
        "It returns to its queue when %1 has been logged out for %2 hours.", name, f"{hours:g}"
    )


def _where_ended(case: Case) -> Sentence:
    at = facts.time(case, case.ended_at) if case.ended_at else ""
    if case.agent:
        name = facts.name(case, case.agent)
        return sentence("%1 ended it at %2.", name, at) if at else sentence("%1 ended it.", name)
    return sentence("It was ended at %1.", at) if at else sentence("It was ended.")


def _nothing(case: Case) -> Iterator[Sentence]:
    return iter(())


def _changes_ended(case: Case) -> Iterator[Sentence]:
    yield sentence("Nothing: an ended contact never moves again.")


_Sentences = Callable[[Case], Iterator[Sentence]]

_BY_STATE: Mapping[State, tuple[Callable[[Case], Sentence], _Sentences, _Sentences]] = {
    State.BUFFERED: (_where_buffered, _why_buffered, _changes_buffered),
    State.QUEUED: (explain_waiting.where, explain_waiting.why, explain_waiting.changes),
    State.BOOKED: (_where_booked, _why_booked, _changes_booked),
    State.ACCEPTED: (_where_accepted, _why_held, _changes_accepted),
    State.PARKED: (_where_parked, _why_held, _changes_parked),
    State.ENDED: (_where_ended, _nothing, _changes_ended),
}
