"""Why a contact is where it is, who could have it, and what would change that (RO-11).

The reasons come from the functions that decide: conditions, routes, opening hours, limits and fits.
Gathering the facts is the caller's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from ace_server.concepts import Queue, Site
from ace_server.contact import AgentState, State
from ace_server.routing import conditions, flow, opening, queues, rules
from ace_server.sentences import Sentence, Value, and_, or_, sentence

MOST_NAMED = 10
"""So many agents are named of those who fit, and of those who do not."""


class AgentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as the explanation needs to know one."""

    login: str
    name: str
    state: AgentState
    since: datetime
    skills: Mapping[str, int] = {}
    activity: str = ""  # why paused


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A contact, and what is known around it; 0, empty and None where something is not known."""

    now: datetime
    site: Site
    state: State
    entrance: str
    data: Mapping[str, str]  # with Entrance and TaskType
    queue: str = ""
    destination: int = 0  # which stop of its routing rule
    personal: str = ""
    agent: str = ""
    received_at: datetime | None = None
    first_queued_at: datetime | None = None
    moves_on_at: datetime | None = None
    booked_until: datetime | None = None
    accepted_at: datetime | None = None
    parked_at: datetime | None = None
    ended_at: datetime | None = None
    position: int = 0  # where it waits; the first is 1
    waiting: Mapping[str, int] = {}  # queue = contacts in it
    buffered_before: int = 0  # contacts of its entrance that were buffered earlier
    total: int = 0  # contacts of its entrance not ended, the buffered ones apart
    active: int = 0  # of these, contacts waiting in a queue
    held_back: bool = False  # its entrance was full, and lets in again only when drained (RO-9)
    core_away: bool = False  # ACE Server cannot be reached
    agents: Sequence[AgentFacts] = ()


class Explanation(NamedTuple):
    """Sentences: where a contact is, the reasons, and what would move it."""

    where: Sentence
    why: tuple[Sentence, ...]
    would_change: tuple[Sentence, ...]

    def sentences(self) -> list[Sentence]:
        """All of it, to be read from top to bottom."""
        return [self.where, *self.why, *self.would_change]


def explain(case: Case) -> Explanation:
    """Say where a contact is, why, and what would change it."""
    where, why, would_change = _BY_STATE[case.state]
    return Explanation(where(case), tuple(why(case)), tuple(would_change(case)))


# Buffered


def _where_buffered(case: Case) -> Sentence:
    if case.received_at is None:
        return sentence("It is buffered at entrance %1.", case.entrance)
    since = _time(case, case.received_at)
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
    route = _route(case)
    if not route.destinations:
        yield sentence("No queue of routing rule %1 exists any more.", _number(route))


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
    return sentence("Entrance %1 is closed until %2.", case.entrance, _time(case, opens_at))


def _full(case: Case) -> Iterator[Sentence]:
    limits = flow.limits(case.site, case.entrance)
    if 0 < limits.most <= case.total:
        yield sentence(
            "Entrance %1 is full: %2 not ended, and at most %3 may be.",
            case.entrance,
            _contacts(case.total),
            limits.most,
        )
    if 0 < limits.most_active <= case.active:
        yield sentence(
            "Entrance %1 is full: %2 in its queues, and at most %3 may be.",
            case.entrance,
            _contacts(case.active),
            limits.most_active,
        )
    if _is_draining(case, limits):
        yield sentence(
            "Entrance %1 was full, and %2 not ended are more than %3.",
            case.entrance,
            _contacts(case.total),
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
    if not _route(case).destinations:
        yield sentence("It is queued when a routing rule sends it to a queue that exists.")


def _opening(case: Case) -> Sentence:
    opens_at = _opens_at(case)
    if opens_at is None:
        return sentence("It is queued when entrance %1 is given opening hours.", case.entrance)
    at = _time(case, opens_at)
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


# Queued


def _where_queued(case: Case) -> Sentence:
    since = _time(case, case.first_queued_at) if case.first_queued_at else ""
    if case.personal:
        return _waits_for(_name(case, case.personal), since)
    if not case.position:
        return _waits_in(case.queue, since)
    place = case.queue, case.position, _count(case)
    if not since:
        return sentence("It waits in queue %1 as number %2 of %3.", *place)
    return sentence("It waits in queue %1 as number %2 of %3 since %4.", *place, since)


def _waits_for(name: str, since: str) -> Sentence:
    if not since:
        return sentence("It waits for %1 alone.", name)
    return sentence("It waits for %1 alone since %2.", name, since)


def _waits_in(queue: str, since: str) -> Sentence:
    if not since:
        return sentence("It waits in queue %1.", queue)
    return sentence("It waits in queue %1 since %2.", queue, since)


def _count(case: Case) -> int:
    return max(case.waiting.get(case.queue, 0), case.position)


def _why_queued(case: Case) -> Iterator[Sentence]:
    if case.personal:
        yield from _agents(case, _the_one(case))
        return
    yield _routed(case)
    before = case.position - 1
    if before == 1:
        yield sentence("1 contact waiting there was there before it.")
    elif before > 1:
        yield sentence("%1 contacts waiting there were there before it.", before)
    yield from _better_queues(case)
    yield from _agents(case, case.agents)


def _the_one(case: Case) -> list[AgentFacts]:
    return [agent for agent in case.agents if agent.login == case.personal]


def _routed(case: Case) -> Sentence:
    route = _route(case)
    stops = [stop.queue for stop in route.destinations]
    if case.queue not in stops:
        return sentence("It was put there by hand, or by an earlier configuration.")
    if route.rule is None:
        return sentence("No routing rule fits it, so it goes to %1.", _in_turn(stops))
    when = conditions.words(case.site.routing_rules[route.rule].when)
    return sentence("Routing rule %1 (%2) sends it to %3.", _number(route), when, _in_turn(stops))


def _in_turn(stops: Sequence[str]) -> Value:
    first, *others = stops
    return sentence("%1, then to %2", first, _in_turn(others)) if others else first


def _number(route: rules.Route) -> int:
    return (route.rule or 0) + 1


def _better_queues(case: Case) -> Iterator[Sentence]:
    """The queues from which those who fit get their contacts first (RO-5)."""
    own = case.site.queues.get(case.queue)
    if own is None:
        return
    who = [agent for agent in case.agents if queues.fits(own, agent.skills)]
    for queue in case.site.queues.values():
        waiting = case.waiting.get(queue.name, 0)
        shared = waiting and any(queues.fits(queue, agent.skills) for agent in who)
        if queue.priority < own.priority and shared:
            yield sentence(
                "Queue %1 is served first: it has priority %2, %3 has %4; %5 there.",
                queue.name,
                queue.priority,
                own.name,
                own.priority,
                _contacts(waiting),
            )


def _agents(case: Case, agents: Iterable[AgentFacts]) -> Iterator[Sentence]:
    fitting, others = _parted(case, agents)
    if not fitting:
        yield sentence("No agent fits.")
    for agent in fitting[:MOST_NAMED]:
        yield _fits(case, agent)
    more = len(fitting) - MOST_NAMED
    if more == 1:
        yield sentence("1 more fits.")
    elif more > 1:
        yield sentence("%1 more fit.", more)
    yield from _unfit(others)


def _unfit(others: Sequence[tuple[AgentFacts, Value]]) -> Iterator[Sentence]:
    for agent, lacking in others[:MOST_NAMED]:
        yield sentence("%1 lacks %2.", agent.name, lacking)
    more = len(others) - MOST_NAMED
    if more == 1:
        yield sentence("1 more lacks a skill.")
    elif more > 1:
        yield sentence("%1 more lack a skill.", more)


def _parted(
    case: Case, agents: Iterable[AgentFacts]
) -> tuple[list[AgentFacts], list[tuple[AgentFacts, Value]]]:
    """Who fits, the likeliest first; and who does not, with what each lacks."""
    queue = case.site.queues.get(case.queue, Queue(name=case.queue or "-"))
    fitting: list[AgentFacts] = []
    others: list[tuple[AgentFacts, Value]] = []
    for agent in agents:
        lacking = _lacking(queue, agent)
        if lacking:
            others.append((agent, lacking))
        else:
            fitting.append(agent)
    fitting.sort(key=lambda agent: (_LIKELIEST.index(agent.state), agent.since, agent.login))
    return fitting, others


_LIKELIEST = (
    AgentState.READY,
    AgentState.WRAP_UP,
    AgentState.BOOKED,
    AgentState.BUSY,
    AgentState.PAUSED,
    AgentState.LOGGED_OUT,
)
"""The states of an agent, the sooner ready the earlier."""


def _lacking(queue: Queue, agent: AgentFacts) -> Value:
    """The skills that are missing; empty where the agent fits."""
    return and_(
        [
            sentence("skill %1 %2 (has %3)", skill, least, level or sentence("none"))
            for skill, least, level in queues.lacks(queue, agent.skills)
        ]
    )


def _fits(case: Case, agent: AgentFacts) -> Sentence:
    name, since = agent.name, _time(case, agent.since)
    if agent.state is AgentState.READY:
        return sentence("%1 fits and is ready since %2: it is about to be booked.", name, since)
    state = _IS[agent.state]
    if agent.activity:
        return sentence("%1 fits, but is %2 (%3) since %4.", name, state, agent.activity, since)
    return sentence("%1 fits, but is %2 since %3.", name, state, since)


_IS = {
    AgentState.LOGGED_OUT: sentence("logged out"),
    AgentState.PAUSED: sentence("paused"),
    AgentState.BOOKED: sentence("booked for another contact"),
    AgentState.BUSY: sentence("busy"),
    AgentState.WRAP_UP: sentence("in wrap-up"),
}


def _changes_queued(case: Case) -> Iterator[Sentence]:
    agents = _the_one(case) if case.personal else case.agents
    fitting, _ = _parted(case, agents)
    absent: list[Value] = [a.name for a in fitting if a.state is not AgentState.READY]
    if absent:
        left = len(absent) - MOST_NAMED
        more = [sentence("one of %1 more", left)] if left > 0 else []
        names = or_([*absent[:MOST_NAMED], *more])
        yield sentence("It can be booked when %1 becomes ready.", names)
    elif not fitting:
        yield _wanted(case)
    if case.moves_on_at is not None:
        yield from _moves_on(case, case.moves_on_at)


def _wanted(case: Case) -> Sentence:
    if case.personal:
        return sentence("It can be booked when there is an agent with the login %1.", case.personal)
    queue = case.site.queues.get(case.queue)
    if queue is None:
        return sentence(
            "It can be booked when there is an agent for queue %1, which is not configured.",
            case.queue,
        )
    needed = [f"{skill} {least}" for skill, least in queue.requires.items()]
    if not needed:
        return sentence("It can be booked when there is an agent at all.")
    return sentence("It can be booked when there is an agent with %1 or higher.", and_(needed))


def _moves_on(case: Case, at: datetime) -> Iterator[Sentence]:
    following = _route(case).destinations[case.destination + 1 :]
    if following:
        yield sentence("It moves on to %1 at %2.", following[0].queue, _time(case, at))


# In an agent's hands


def _where_booked(case: Case) -> Sentence:
    name = _name(case, case.agent)
    if case.booked_until is None:
        return sentence("It is booked for %1.", name)
    return sentence("It is booked for %1 until %2.", name, _time(case, case.booked_until))


def _why_booked(case: Case) -> Iterator[Sentence]:
    name = _name(case, case.agent)
    if case.personal:
        yield sentence("It waited for %1 alone.", name)
        return
    yield _routed(case)
    queue = case.site.queues.get(case.queue)
    for agent in case.agents:
        if agent.login == case.agent and queue is not None and queues.fits(queue, agent.skills):
            yield _enough(name, queue, agent)


def _enough(name: str, queue: Queue, agent: AgentFacts) -> Sentence:
    levels = [
        sentence("%1 %2 (%3 is enough)", skill, agent.skills[skill], least)
        for skill, least in queue.requires.items()
    ]
    if not levels:
        return sentence("%1 fits queue %2, which asks for no skill.", name, queue.name)
    return sentence("%1 fits queue %2: %3.", name, queue.name, and_(levels))


def _changes_booked(case: Case) -> Iterator[Sentence]:
    name = _name(case, case.agent)
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
    name = _name(case, case.agent)
    if case.accepted_at is None:
        return sentence("%1 has it in hand.", name)
    return sentence("%1 has it in hand since %2.", name, _time(case, case.accepted_at))


def _why_held(case: Case) -> Iterator[Sentence]:
    held = [agent for agent in case.agents if agent.login == case.agent]
    for agent in held:
        if agent.state is AgentState.LOGGED_OUT:
            yield sentence("%1 is logged out since %2.", agent.name, _time(case, agent.since))


def _changes_accepted(case: Case) -> Iterator[Sentence]:
    yield sentence("%1 ends, parks or requeues it.", _name(case, case.agent))
    yield sentence(
        "If the link to the agent is lost for %1 seconds, it returns to its queue.",
        f"{case.site.system.lease:g}",
    )


def _where_parked(case: Case) -> Sentence:
    name = _name(case, case.agent)
    if case.parked_at is None:
        return sentence("%1 has parked it.", name)
    return sentence("%1 has parked it since %2.", name, _time(case, case.parked_at))


def _changes_parked(case: Case) -> Iterator[Sentence]:
    name, hours = _name(case, case.agent), case.site.system.parkedHours
    yield sentence("%1 resumes it.", name)
    for agent in case.agents:
        if agent.login == case.agent and agent.state is AgentState.LOGGED_OUT:
            at = _time(case, agent.since + timedelta(hours=hours))
            yield sentence("It returns to its queue at %1, unless %2 logs in before.", at, name)
            return
    yield sentence(
        "It returns to its queue when %1 has been logged out for %2 hours.", name, f"{hours:g}"
    )


def _where_ended(case: Case) -> Sentence:
    at = _time(case, case.ended_at) if case.ended_at else ""
    if case.agent:
        name = _name(case, case.agent)
        return sentence("%1 ended it at %2.", name, at) if at else sentence("%1 ended it.", name)
    return sentence("It was ended at %1.", at) if at else sentence("It was ended.")


def _nothing(case: Case) -> Iterator[Sentence]:
    return iter(())


def _changes_ended(case: Case) -> Iterator[Sentence]:
    yield sentence("Nothing: an ended contact never moves again.")


_Sentences = Callable[[Case], Iterator[Sentence]]

_BY_STATE: Mapping[State, tuple[Callable[[Case], Sentence], _Sentences, _Sentences]] = {
    State.BUFFERED: (_where_buffered, _why_buffered, _changes_buffered),
    State.QUEUED: (_where_queued, _why_queued, _changes_queued),
    State.BOOKED: (_where_booked, _why_booked, _changes_booked),
    State.ACCEPTED: (_where_accepted, _why_held, _changes_accepted),
    State.PARKED: (_where_parked, _why_held, _changes_parked),
    State.ENDED: (_where_ended, _nothing, _changes_ended),
}

# Words


def _route(case: Case) -> rules.Route:
    return rules.route(case.data, case.site)


def _name(case: Case, login: str) -> str:
    user = case.site.users.get(login)
    return user.name if user is not None else login


def _time(case: Case, moment: datetime) -> str:
    """A time of the site's clock; with its date, where that is not today's."""
    zone = ZoneInfo(case.site.facts.time_zone)
    local, today = moment.astimezone(zone), case.now.astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def _contacts(number: int) -> Sentence:
    return sentence("1 contact") if number == 1 else sentence("%1 contacts", number)
