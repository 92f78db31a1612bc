"""Why a contact is where it is, who could have it, and what would change that (RO-11).

The reasons come from the functions that decide: conditions, routes, opening hours, limits and fits.
Sentences are plain English; gathering the facts is the caller's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from ace_server.concepts import Queue, Site
from ace_server.contact import AgentState, State
from ace_server.routing import conditions, flow, opening, queues, rules

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

    where: str
    why: tuple[str, ...]
    would_change: tuple[str, ...]

    def sentences(self) -> list[str]:
        """All of it, to be read from top to bottom."""
        return [self.where, *self.why, *self.would_change]


def explain(case: Case) -> Explanation:
    """Say where a contact is, why, and what would change it."""
    where, why, would_change = _BY_STATE[case.state]
    return Explanation(where(case), tuple(why(case)), tuple(would_change(case)))


# Buffered


def _where_buffered(case: Case) -> str:
    return f"It is buffered at entrance {case.entrance}{_since(case, case.received_at)}."


def _why_buffered(case: Case) -> Iterator[str]:
    reasons = [*_held_back(case)]
    yield from reasons
    if case.buffered_before:
        yield f"{_contacts(case.buffered_before)} buffered there before it {_go(case)} first."
    elif not reasons:
        yield "Nothing holds it back: it is about to be queued."


def _held_back(case: Case) -> Iterator[str]:
    if case.core_away:
        yield "ACE Server cannot be reached."
    if not _is_open(case):
        yield f"Entrance {case.entrance} is closed{_until_opening(case)}."
    yield from _full(case)
    route = _route(case)
    if not route.destinations:
        yield f"No queue of routing rule {_number(route)} exists any more."


def _go(case: Case) -> str:
    return "goes" if case.buffered_before == 1 else "go"


def _is_open(case: Case) -> bool:
    hours = case.site.opening_hours.get(case.entrance)
    return opening.is_open(hours, case.now, case.site.facts.time_zone)


def _opens_at(case: Case) -> datetime | None:
    hours = case.site.opening_hours.get(case.entrance)
    return opening.next_change(hours, case.now, case.site.facts.time_zone)


def _until_opening(case: Case) -> str:
    opens_at = _opens_at(case)
    return f" until {_time(case, opens_at)}" if opens_at else ", and no opening hours lie ahead"


def _full(case: Case) -> Iterator[str]:
    limits = flow.limits(case.site, case.entrance)
    if 0 < limits.most <= case.total:
        left = f"{_contacts(case.total)} not ended"
        yield f"Entrance {case.entrance} is full: {left}, and at most {limits.most} may be."
    if 0 < limits.most_active <= case.active:
        left = f"{_contacts(case.active)} in its queues"
        yield f"Entrance {case.entrance} is full: {left}, and at most {limits.most_active} may be."
    if _is_draining(case, limits):
        left = f"{_contacts(case.total)} not ended"
        yield f"Entrance {case.entrance} was full, and {left} are more than {limits.resume}."


def _is_draining(case: Case, limits: flow.Limits) -> bool:
    full = limits.full(case.total, case.active)
    return case.held_back and not full and not limits.drained(case.total)


def _changes_buffered(case: Case) -> Iterator[str]:
    if case.core_away:
        yield "It is queued when ACE Server is back."
    if not _is_open(case):
        opens_at = _opens_at(case)
        at = f"opens at {_time(case, opens_at)}" if opens_at else "is given opening hours"
        yield f"It is queued when entrance {case.entrance} {at}."
    limits = flow.limits(case.site, case.entrance)
    if limits.full(case.total, case.active) or _is_draining(case, limits):
        left = f"no more than {limits.resume} are left" if limits.resume else "there is room"
        yield f"Entrance {case.entrance} lets contacts in again as soon as {left}."
    if not _route(case).destinations:
        yield "It is queued when a routing rule sends it to a queue that exists."


# Queued


def _where_queued(case: Case) -> str:
    since = _since(case, case.first_queued_at)
    if case.personal:
        return f"It waits for {_name(case, case.personal)} alone{since}."
    number = f" as number {case.position} of {_count(case)}" if case.position else ""
    return f"It waits in queue {case.queue}{number}{since}."


def _count(case: Case) -> int:
    return max(case.waiting.get(case.queue, 0), case.position)


def _why_queued(case: Case) -> Iterator[str]:
    if case.personal:
        yield from _agents(case, _the_one(case))
        return
    yield _routed(case)
    if case.position > 1:
        yield f"{_contacts(case.position - 1)} waiting there {_before(case)} before it."
    yield from _better_queues(case)
    yield from _agents(case, case.agents)


def _before(case: Case) -> str:
    return "was there" if case.position == 2 else "were there"


def _the_one(case: Case) -> list[AgentFacts]:
    return [agent for agent in case.agents if agent.login == case.personal]


def _routed(case: Case) -> str:
    route = _route(case)
    stops = [stop.queue for stop in route.destinations]
    if case.queue not in stops:
        return "It was put there by hand, or by an earlier configuration."
    if route.rule is None:
        return f"No routing rule fits it, so it goes to {', then to '.join(stops)}."
    return f"Routing rule {_rule(case, route)} sends it to {', then to '.join(stops)}."


def _rule(case: Case, route: rules.Route) -> str:
    assert route.rule is not None
    when = case.site.routing_rules[route.rule].when
    return f"{_number(route)} ({conditions.words(when)})"


def _number(route: rules.Route) -> str:
    return str((route.rule or 0) + 1)


def _better_queues(case: Case) -> Iterator[str]:
    """The queues from which those who fit get their contacts first (RO-5)."""
    own = case.site.queues.get(case.queue)
    if own is None:
        return
    who = [agent for agent in case.agents if queues.fits(own, agent.skills)]
    for queue in case.site.queues.values():
        waiting = case.waiting.get(queue.name, 0)
        shared = waiting and any(queues.fits(queue, agent.skills) for agent in who)
        if queue.priority < own.priority and shared:
            yield (
                f"Queue {queue.name} is served first: it has priority {queue.priority},"
                f" {own.name} has {own.priority}; {_contacts(waiting)} there."
            )


def _agents(case: Case, agents: Iterable[AgentFacts]) -> Iterator[str]:
    fitting, others = _parted(case, agents)
    if not fitting:
        yield "No agent fits."
    for agent in fitting[:MOST_NAMED]:
        yield _fits(case, agent)
    if len(fitting) > MOST_NAMED:
        yield f"{len(fitting) - MOST_NAMED} more fit."
    for agent, lacking in others[:MOST_NAMED]:
        yield f"{agent.name} lacks {lacking}."
    if len(others) > MOST_NAMED:
        yield f"{len(others) - MOST_NAMED} more lack a skill."


def _parted(
    case: Case, agents: Iterable[AgentFacts]
) -> tuple[list[AgentFacts], list[tuple[AgentFacts, str]]]:
    """Who fits, the likeliest first; and who does not, with what each lacks."""
    queue = case.site.queues.get(case.queue, Queue(name=case.queue or "-"))
    fitting, others = [], []
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


def _lacking(queue: Queue, agent: AgentFacts) -> str:
    return _and(
        [
            f"skill {skill} {least} (has {level or 'none'})"
            for skill, least, level in queues.lacks(queue, agent.skills)
        ]
    )


def _fits(case: Case, agent: AgentFacts) -> str:
    since = _since(case, agent.since)
    if agent.state is AgentState.READY:
        return f"{agent.name} fits and is ready{since}: it is about to be booked."
    reason = f" ({agent.activity})" if agent.activity else ""
    return f"{agent.name} fits, but is {_IS[agent.state]}{reason}{since}."


_IS = {
    AgentState.LOGGED_OUT: "logged out",
    AgentState.PAUSED: "paused",
    AgentState.BOOKED: "booked for another contact",
    AgentState.BUSY: "busy",
    AgentState.WRAP_UP: "in wrap-up",
}


def _changes_queued(case: Case) -> Iterator[str]:
    agents = _the_one(case) if case.personal else case.agents
    fitting, _ = _parted(case, agents)
    absent = [agent.name for agent in fitting if agent.state is not AgentState.READY]
    if absent:
        more = [f"one of {len(absent) - MOST_NAMED} more"] if len(absent) > MOST_NAMED else []
        yield f"It can be booked when {_or(absent[:MOST_NAMED] + more)} becomes ready."
    elif not fitting:
        yield f"It can be booked when there is an agent {_wanted(case)}."
    if case.moves_on_at is not None:
        yield from _moves_on(case, case.moves_on_at)


def _wanted(case: Case) -> str:
    if case.personal:
        return f"with the login {case.personal}"
    queue = case.site.queues.get(case.queue)
    if queue is None:
        return f"for queue {case.queue}, which is not configured"
    needed = [f"{skill} {least}" for skill, least in queue.requires.items()]
    return f"with {_and(needed)} or higher" if needed else "at all"


def _moves_on(case: Case, at: datetime) -> Iterator[str]:
    following = _route(case).destinations[case.destination + 1 :]
    if following:
        yield f"It moves on to {following[0].queue} at {_time(case, at)}."


# In an agent's hands


def _where_booked(case: Case) -> str:
    until = f" until {_time(case, case.booked_until)}" if case.booked_until else ""
    return f"It is booked for {_name(case, case.agent)}{until}."


def _why_booked(case: Case) -> Iterator[str]:
    name = _name(case, case.agent)
    if case.personal:
        yield f"It waited for {name} alone."
        return
    yield _routed(case)
    queue = case.site.queues.get(case.queue)
    for agent in case.agents:
        if agent.login == case.agent and queue is not None and queues.fits(queue, agent.skills):
            yield f"{name} fits queue {queue.name}{_enough(queue, agent)}."


def _enough(queue: Queue, agent: AgentFacts) -> str:
    levels = [
        f"{skill} {agent.skills[skill]} ({least} is enough)"
        for skill, least in queue.requires.items()
    ]
    return f": {_and(levels)}" if levels else ", which asks for no skill"


def _changes_booked(case: Case) -> Iterator[str]:
    name = _name(case, case.agent)
    place = f"its place in queue {case.queue}" if case.queue else "its place"
    yield f"{name} accepts it."
    yield f"If nobody accepts it in time, it returns to {place}, and {name} is paused."


def _where_accepted(case: Case) -> str:
    return f"{_name(case, case.agent)} has it in hand{_since(case, case.accepted_at)}."


def _why_held(case: Case) -> Iterator[str]:
    held = [agent for agent in case.agents if agent.login == case.agent]
    for agent in held:
        if agent.state is AgentState.LOGGED_OUT:
            yield f"{agent.name} is logged out{_since(case, agent.since)}."


def _changes_accepted(case: Case) -> Iterator[str]:
    yield f"{_name(case, case.agent)} ends, parks or requeues it."
    seconds = case.site.system.lease
    yield f"If the link to the agent is lost for {seconds:g} seconds, it returns to its queue."


def _where_parked(case: Case) -> str:
    return f"{_name(case, case.agent)} has parked it{_since(case, case.parked_at)}."


def _changes_parked(case: Case) -> Iterator[str]:
    name, hours = _name(case, case.agent), case.site.system.parkedHours
    yield f"{name} resumes it."
    for agent in case.agents:
        if agent.login == case.agent and agent.state is AgentState.LOGGED_OUT:
            at = agent.since + timedelta(hours=hours)
            yield f"It returns to its queue at {_time(case, at)}, unless {name} logs in before."
            return
    yield f"It returns to its queue when {name} has been logged out for {hours:g} hours."


def _where_ended(case: Case) -> str:
    at = f" at {_time(case, case.ended_at)}" if case.ended_at else ""
    by = f"{_name(case, case.agent)} ended it" if case.agent else "It was ended"
    return f"{by}{at}."


def _nothing(case: Case) -> Iterator[str]:
    return iter(())


def _changes_ended(case: Case) -> Iterator[str]:
    yield "Nothing: an ended contact never moves again."


_Sentences = Callable[[Case], Iterator[str]]

_BY_STATE: Mapping[State, tuple[Callable[[Case], str], _Sentences, _Sentences]] = {
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


def _since(case: Case, moment: datetime | None) -> str:
    return f" since {_time(case, moment)}" if moment is not None else ""


def _contacts(number: int) -> str:
    return "1 contact" if number == 1 else f"{number} contacts"


def _and(names: Sequence[str]) -> str:
    return _joined(names, "and")


def _or(names: Sequence[str]) -> str:
    return _joined(names, "or")


def _joined(names: Sequence[str], word: str) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {word} {names[-1]}"
