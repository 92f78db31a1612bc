"""Why a contact waits, and what would change that (RO-11): a part of `explain`."""

from collections.abc import Iterable, Iterator, Sequence

from ace_server.concepts import PERSONAL, Queue, WaitingList
from ace_server.contact import AgentState
from ace_server.routing import conditions, constraints, facts, rules, serving
from ace_server.routing.constraints import Constraint, Load
from ace_server.routing.facts import AgentFacts, Case
from ace_server.routing.rules import Stop
from ace_server.routing.serving import Hindrance, Place
from ace_server.sentences import Sentence, Value, and_, or_, sentence

MOST_NAMED = 10
"""So many agents are named of those who fit, and of those who do not."""


# Where


def where(case: Case) -> Sentence:
    """Where it waits, in which place, and since when."""
    since = facts.time(case, case.first_queued_at) if case.first_queued_at else ""
    if case.personal:
        return _waits_for(facts.name(case, case.personal), since)
    is_list = isinstance(_place(case), WaitingList)
    if not case.position:
        return _waits_in(case.queue, since, is_list=is_list)
    place = case.queue, case.position, _count(case)
    if not since:
        if is_list:
            return sentence("It waits in waiting list %1 as number %2 of %3.", *place)
        return sentence("It waits in queue %1 as number %2 of %3.", *place)
    if is_list:
        return sentence("It waits in waiting list %1 as number %2 of %3 since %4.", *place, since)
    return sentence("It waits in queue %1 as number %2 of %3 since %4.", *place, since)


def _waits_for(name: str, since: str) -> Sentence:
    if not since:
        return sentence("It waits for %1 alone.", name)
    return sentence("It waits for %1 alone since %2.", name, since)


def _waits_in(place: str, since: str, *, is_list: bool) -> Sentence:
    if is_list:
        if not since:
            return sentence("It waits in waiting list %1.", place)
        return sentence("It waits in waiting list %1 since %2.", place, since)
    if not since:
        return sentence("It waits in queue %1.", place)
    return sentence("It waits in queue %1 since %2.", place, since)


def _count(case: Case) -> int:
    return max(case.waiting.get(case.queue, 0), case.position)


# Why


def why(case: Case) -> Iterator[Sentence]:
    """How it came there, what goes before it, and who could have it."""
    if case.personal:
        yield from _named(case)
        yield from _own(case)
        yield from _agents(case, _the_one(case))
        return
    yield routed(case)
    yield from _before(case)
    yield from _how_it_leaves(case)
    yield from _better_queues(case)
    yield from _agents(case, case.agents)


def _the_one(case: Case) -> list[AgentFacts]:
    return [agent for agent in case.agents if agent.login == case.personal]


def _named(case: Case) -> Iterator[Sentence]:
    named = serving.named_agent(case.data, case.site)
    if named is not None and named.login == case.personal:
        yield sentence("Its contact data name %1.", named.name)


def not_there(case: Case) -> Sentence:
    """Its place is gone, or belongs to another organisation area now."""
    return sentence("%1 is not configured in its organisation area: nobody serves it.", case.queue)


def _place(case: Case) -> Place | None:
    """Where it waits, if that is a place of its organisation area."""
    place = case.site.place(case.queue)
    return place if place is not None and place.area == case.area else None


def _own(case: Case) -> Iterator[Sentence]:
    """Who has it to pick it."""
    user = case.site.users.get(case.personal)
    if user is not None:
        service = serving.own_service(frozenset(user.services), case.site)
        if service == "waiting list":
            yield sentence("It waits until %1 picks it.", user.name)
        elif not case.site.personal.distribution:
            yield sentence("Queue %1 is not distributed: nobody is given its contacts.", PERSONAL)


def routed(case: Case) -> Sentence:
    """Which rule sent it there, and where else that leads."""
    route = facts.route(case)
    places = [stop.place for stop in route.stops]
    if case.queue not in places:
        return sentence("It was put into %1 by hand, or by an earlier configuration.", case.queue)
    way = _in_turn(case, route.stops)
    if route.rule is None:
        return sentence("No routing rule fits it, so it goes to %1.", way)
    when = conditions.words(case.site.routing_rules[route.rule].when)
    number = facts.said_number(route)
    return sentence("Routing rule %1 (%2) sends it to %3.", number, when, way)


def _in_turn(case: Case, stops: Sequence[Stop]) -> Value:
    first, *others = [_stop(case, stop) for stop in stops]
    result: Value = first
    if others:
        return sentence("%1, then to %2", result, _in_turn(case, stops[1:]))
    return result


def _stop(case: Case, stop: Stop) -> Value:
    if stop.personal:
        return sentence("%1 alone", facts.name(case, stop.personal))
    if stop.external:
        return stop.external
    if stop.area is not None:
        return serving.area_words(stop.area)
    return sentence("its end") if stop.ends else stop.place


def _before(case: Case) -> Iterator[Sentence]:
    if case.prioritised:
        yield sentence("A supervisor has prioritised it.")
    if case.flood is not None:
        yield sentence(
            "Entrance %1 is a flood: %2 wait, more than %3. Who had one of them last gets one of"
            " another entrance next.",
            case.entrance,
            facts.contacts(case.flood.waiting),
            case.flood.mark,
        )
    before = case.position - 1
    if before == 1:
        yield sentence("1 contact waiting there goes before it.")
    elif before > 1:
        yield sentence("%1 contacts waiting there go before it.", before)


def _how_it_leaves(case: Case) -> Iterator[Sentence]:
    place = _place(case)
    if place is None:
        yield not_there(case)
    elif isinstance(place, WaitingList):
        yield sentence("It waits until an agent picks it.")
    elif isinstance(place, Queue) and not place.distribution:
        yield sentence("Queue %1 is not distributed: nobody is given its contacts.", place.name)


def _better_queues(case: Case) -> Iterator[Sentence]:
    """The queues from which those who serve this one get their contacts first (RO-5)."""
    own = _place(case)
    if not isinstance(own, Queue) or not own.distribution:
        return
    who = [agent.profile for agent in case.agents if serving.serves(own, agent.profile)]
    for queue in case.site.queues.values():
        waiting = case.waiting.get(queue.name, 0)
        is_better = queue.distribution and queue.priority < own.priority
        if is_better and waiting and any(serving.serves(queue, agent) for agent in who):
            yield sentence(
                "Queue %1 is served first: it has priority %2, %3 has %4; %5 there.",
                queue.name,
                queue.priority,
                own.name,
                own.priority,
                facts.contacts(waiting),
            )


# Who


def _agents(case: Case, agents: Iterable[AgentFacts]) -> Iterator[Sentence]:
    if not case.personal and _place(case) is None:
        return  # nobody serves it
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


def _unfit(others: Sequence[tuple[AgentFacts, list[Hindrance]]]) -> Iterator[Sentence]:
    for agent, found in others[:MOST_NAMED]:
        yield lacking(agent.name, found)
    more = len(others) - MOST_NAMED
    if more == 1:
        yield sentence("1 more does not serve it.")
    elif more > 1:
        yield sentence("%1 more do not serve it.", more)


def lacking(name: str, found: Sequence[Hindrance]) -> Sentence:
    """What keeps an agent from serving a place."""
    return sentence("%1 lacks %2.", name, and_([serving.words(one) for one in found]))


def _parted(
    case: Case, agents: Iterable[AgentFacts]
) -> tuple[list[AgentFacts], list[tuple[AgentFacts, list[Hindrance]]]]:
    """Who serves the place, the likeliest first; and who does not, with what each lacks.

    Who serves another organisation area is not named: nobody expects them to.
    """
    fitting: list[AgentFacts] = []
    others: list[tuple[AgentFacts, list[Hindrance]]] = []
    for agent in agents:
        found = hindrances(case, agent)
        if not found:
            fitting.append(agent)
        elif all(one.kind != "area" for one in found):
            others.append((agent, found))
    fitting.sort(key=lambda agent: (_LIKELIEST.index(agent.state), agent.since, agent.login))
    return fitting, others


def hindrances(case: Case, agent: AgentFacts) -> list[Hindrance]:
    """What keeps an agent from having the contact where it waits, whatever the agent is doing."""
    if case.personal:
        return list(_from_the_own(case, agent))
    place = _place(case)
    if place is None:
        return [Hindrance("gone", case.queue)]
    return list(serving.hindrances(place, agent.profile))


def _from_the_own(case: Case, agent: AgentFacts) -> Iterator[Hindrance]:
    """What keeps an agent from having what waits for one agent alone."""
    if agent.login != case.personal:
        yield Hindrance("another")
        return
    if agent.profile.area != case.area:
        yield Hindrance("area", case.area)
    if serving.own_service(agent.profile.services, case.site) is None:
        yield Hindrance("service", case.site.system.agentDistrOrderEmailIncoming)
    if not agent.profile.personal:
        yield Hindrance("work level")


_LIKELIEST = (
    AgentState.READY,
    AgentState.WRAP_UP,
    AgentState.BOOKED,
    AgentState.BUSY,
    AgentState.PAUSED,
    AgentState.LOGGED_OUT,
)
"""The states of an agent, the sooner ready the earlier."""


def _fits(case: Case, agent: AgentFacts) -> Sentence:
    name, since = agent.name, facts.time(case, agent.since)
    if agent.state is AgentState.READY:
        if not is_booked_from(case, agent):
            return sentence("%1 fits and is ready since %2.", name, since)
        return sentence("%1 fits and is ready since %2: it is about to be booked.", name, since)
    if not agent.has_been_here:
        return sentence("%1 fits, but has never logged in.", name)
    state = facts.IS[agent.state]
    if agent.activity:
        return sentence("%1 fits, but is %2 (%3) since %4.", name, state, agent.activity, since)
    return sentence("%1 fits, but is %2 since %3.", name, state, since)


def is_booked_from(case: Case, agent: AgentFacts) -> bool:
    """Whether what waits there is booked for this agent by itself, and not picked."""
    if case.personal:
        is_booked = serving.own_service(agent.profile.services, case.site) == "queue"
        return is_booked and case.site.personal.distribution
    place = _place(case)
    return isinstance(place, Queue) and place.distribution


def is_picked(case: Case, agent: AgentFacts) -> bool:
    """Whether what waits there waits for this agent to pick it."""
    if case.personal:
        return serving.own_service(agent.profile.services, case.site) == "waiting list"
    return isinstance(_place(case), WaitingList)


# What would change it


def changes(case: Case) -> Iterator[Sentence]:
    """Who may become ready for it, and when it moves on."""
    agents = _the_one(case) if case.personal else case.agents
    fitting, others = _parted(case, agents)
    booked = [agent for agent in fitting if is_booked_from(case, agent)]
    absent: list[Value] = [a.name for a in booked if a.state is not AgentState.READY]
    if absent:
        yield sentence("It can be booked when %1 becomes ready.", _one_of(absent))
    elif not fitting:
        yield from _wanted(case, others)
    yield from _moves_on(case)


def _one_of(names: Sequence[Value]) -> Value:
    left = len(names) - MOST_NAMED
    more = [sentence("one of %1 more", left)] if left > 0 else []
    return or_([*names[:MOST_NAMED], *more])


_GIVEN = frozenset({"skill", "group"})
"""The hindrances that only an administrator takes away."""


def _wanted(case: Case, others: Sequence[tuple[AgentFacts, list[Hindrance]]]) -> Iterator[Sentence]:
    """Who would have to be there, since nobody who is serves it."""
    able: list[Value] = [
        agent.name for agent, found in others if not any(one.kind in _GIVEN for one in found)
    ]
    place = _place(case)
    if case.personal:
        if able:
            yield sentence("Somebody can have it when %1 serves it.", _one_of(able))
        else:
            yield sentence(
                "Somebody can have it when there is an agent with the login %1.", case.personal
            )
    elif place is None:
        yield sentence(
            "Somebody can have it when it is moved, or %1 is configured again.", case.queue
        )
    elif able:
        yield sentence("Somebody can have it when %1 serves it.", _one_of(able))
    else:
        needed: list[Value] = [
            sentence("%1 %2 or higher", skill, least) for skill, least in place.requires.items()
        ]
        needed += [sentence("group %1", group) for group in place.groups]
        if needed:
            yield sentence("Somebody can have it when there is an agent with %1.", and_(needed))
        else:
            yield sentence("Somebody can have it when there is an agent at all.")


def _moves_on(case: Case) -> Iterator[Sentence]:
    """When it leaves for the next stop, and where that is."""
    onward = rules.onward(case.data, case.site, case.area, case.destination + 1)
    if onward is None:
        return
    to = _stop(case, onward.stop)
    if case.moves_on_at is not None:
        yield sentence("It moves on to %1 at %2.", to, facts.time(case, case.moves_on_at))
    if case.until is not None and case.load is not None:
        yield _when(case.until, case.load, to)


def _when(until: Constraint, load: Load, to: Value) -> Sentence:
    limit = until.number
    match until.base:
        case "eqt" if not load.at_work:
            return sentence(
                "It moves on to %1 when its estimated queue time is above %2 seconds; nobody who"
                " serves it is at work.",
                to,
                limit,
            )
        case "eqt":
            return sentence(
                "It moves on to %1 when its estimated queue time is above %2 seconds; it is %3.",
                to,
                limit,
                f"{constraints.queue_time(load):.0f}",
            )
        case "agentConRatio" if not load.logged_in:
            return sentence(
                "It moves on to %1 when more than %2 contacts wait there for each agent who is"
                " logged in; nobody is.",
                to,
                limit,
            )
        case "agentConRatio":
            return sentence(
                "It moves on to %1 when more than %2 contacts wait there for each agent who is"
                " logged in; there are %3.",
                to,
                limit,
                f"{round(constraints.ratio(load), 1):.9g}",
            )
        case "minAvailAgents":
            return sentence(
                "It moves on to %1 when fewer than %2 agents who serve it are at work; %3 are.",
                to,
                limit,
                load.at_work,
            )
        case _:
            return sentence("It moves on to %1 when the agent logs out.", to)
