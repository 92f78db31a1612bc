"""The decision log of a store as a simulation reads it: how things stood, what was done.

What the log does not hold is the configuration of that time, lost links and restarts of the server;
contact data are as they are today.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from ace_server import intake
from ace_server.concepts import Site
from ace_server.contact import IN_HAND, AgentState, State
from ace_server.desk import choices
from ace_server.routing import constraints, rules, serving
from ace_server.simulation.record import Agent, Contact, Record, Stand, Step
from ace_server.store.decisions import AgentChange, TakenIn
from ace_server.store.history import Happening
from ace_server.store.serving import Serving

BEGIN = frozenset({"accepted", "picked", "resumed"})
"""The verbs after which somebody works on a contact."""

_OF_RULES = frozenset({"taken in", "released", "moved on"})
_NOTHING = frozenset({"edited"})
"""The verbs that say nothing of where a contact is."""


_MOMENT = timedelta(seconds=0.5)
"""In which one step reads the clock for the agent's state, and then for what was done."""


class Log(NamedTuple):
    """What was recorded between two moments, and how things stood at the first."""

    start: datetime
    end: datetime
    contacts: Sequence[TakenIn]
    changes: Sequence[AgentChange]
    earlier: Sequence[TakenIn] = ()  # what had ended shortly before

    def within(self, taken: TakenIn) -> Iterator[Happening]:
        """What happened to a contact in this time, as far as it says where the contact is."""
        for happening in taken.happenings:
            is_within = self.start <= happening.at < self.end
            if is_within and happening.verb not in _NOTHING:
                yield happening

    def until_last(self) -> "Log":
        """The same, which ends just after the last thing that was recorded in it.

        Then nothing happened any more, be it that the server was stopped.
        """
        times = [one.at for taken in self.contacts for one in self.within(taken)]
        times += [change.at for change in self.changes if change.at < self.end]
        last = max([self.start, *times])
        return self._replace(end=min(self.end, last + timedelta(microseconds=1)))


def has_ended(taken: TakenIn, at: datetime) -> bool:
    """Whether a contact was ended before a moment."""
    return any(one.after == State.ENDED and one.at < at for one in taken.happenings)


class Booked(msgspec.Struct, frozen=True):
    """For whom a contact was booked, and when."""

    agent: str
    at: datetime


class Stretches(NamedTuple):
    """How long people took for a contact; None where the log does not say."""

    accepting: float | None  # seconds from booking to acceptance
    handling: float | None  # seconds in hand until End, less parked


# How things stood


def standing(log: Log, site: Site) -> tuple[list[Contact], list[Agent]]:
    """The contacts that were there when the log begins, and the agents by how long they stood."""
    before = [taken for taken in log.contacts if taken.received_at < log.start]
    contacts = [_as_of(taken, log.start, site) for taken in before]
    earlier = [change for change in log.changes if change.at < log.start]
    agents = {change.login: _agent(change, log, site) for change in earlier}
    for contact in contacts:
        if contact.state in IN_HAND:
            unknown = Agent(contact.agent, AgentState.BUSY, contact.arrived_at)
            agent = agents.setdefault(contact.agent, unknown)
            if contact.state is State.PARKED:
                agent.parked.append(contact.id)
            else:
                agent.contact = contact.id
    last = _last_entrances(log)
    for agent in agents.values():
        agent.last_entrance = last.get(agent.login, "")
        if agent.contact is None and agent.state in (AgentState.BOOKED, AgentState.BUSY):
            agent.state, agent.until = AgentState.PAUSED, None
    return contacts, sorted(agents.values(), key=lambda agent: agent.since)


def _last_entrances(log: Log) -> dict[str, str]:
    """From which entrance each agent had the last contact before the log begins."""
    had = sorted(
        (one.at, one.by, taken.entrance)
        for taken in (*log.earlier, *log.contacts)
        for one in taken.happenings
        if one.verb in ("booked", "picked") and one.at < log.start
    )
    return {login: entrance for _, login, entrance in had}


def _agent(change: AgentChange, log: Log, site: Site) -> Agent:
    """An agent as a change left one."""
    agent = Agent(change.login, change.state, change.at, chosen=chosen(change))
    if change.state is AgentState.BOOKED:
        agent.until = change.at + timedelta(seconds=site.system.bookingTimeout)
    elif change.state is AgentState.WRAP_UP:
        own = (one for one in log.changes if one.login == change.login and one.at > change.at)
        agent.until = _over_at(own, log.end)
    return agent


def _as_of(taken: TakenIn, at: datetime, site: Site) -> Contact:
    """A contact as it stood just before a moment."""
    contact = new(taken, site)
    entered: Happening | None = None
    for happening in taken.happenings:
        if happening.at < at and happening.verb not in _NOTHING:
            apply(happening, contact, taken, site)
            came = happening.after == State.QUEUED or happening.verb == "moved on"
            if came and happening.verb in {*_OF_RULES, "requeued", "moved"}:
                entered = happening
    if entered is not None and entered.verb in _OF_RULES:
        _moves_on(contact, entered.at, site)
    return contact


def new(taken: TakenIn, site: Site) -> Contact:
    """A contact before anything happened to it."""
    area = site.area_of(taken.entrance)
    task_type, _ = intake.place(taken.data, taken.entrance, site, taken.received_at, area=area)
    return Contact(
        taken.id, taken.entrance, taken.data, taken.received_at, task_type=task_type, area=area
    )


def apply(happening: Happening, contact: Contact, taken: TakenIn, site: Site) -> None:
    """Let a contact be as it was after something that happened to it."""
    if happening.after is not None:
        contact.state = State(happening.after)
    if contact.state is State.QUEUED:  # since when, and in which order, is kept for good
        contact.first_queued_at, contact.place = taken.first_queued_at, taken.place or 0
    contact.queue, contact.personal = happening.queue, happening.personal
    contact.area = _area(contact, site)
    contact.agent = (happening.by or contact.agent) if contact.state in IN_HAND else ""
    if happening.verb in ("prioritised", "unprioritised"):
        contact.prioritised = happening.verb == "prioritised"
    if happening.verb in BEGIN:
        contact.prioritised = False
        contact.in_hand_since = happening.at
    elif contact.state is not State.ACCEPTED:
        contact.lay_aside(happening.at)


def _area(contact: Contact, site: Site) -> str:
    place, user = site.place(contact.queue), site.users.get(contact.personal)
    if place is not None:
        return place.area
    return user.area if user is not None else site.area_of(contact.entrance)


def _moves_on(contact: Contact, entered_at: datetime, site: Site) -> None:
    """When the stop of its route at which a contact stands makes it move on."""
    route = rules.route(contact.routing_data(), site, contact.area)
    for number, stop in enumerate(route.stops):
        if (stop.place, stop.personal) == (contact.queue, contact.personal):
            onward = rules.onward(contact.routing_data(), site, contact.area, number)
            if onward is not None:
                target = intake.placement(onward, entered_at)
                contact.stop, contact.moves_on_at = target.destination, target.moves_on_at
                contact.until = constraints.read(target.until)
            return


# What happened


def record(log: Log, site: Site) -> tuple[Record, dict[int, Contact]]:
    """The log as the record of a world, and the contacts as they stood at its end."""
    found: list[tuple[datetime, int, Step | Stand]] = []
    contacts = {}
    for taken in log.contacts:
        contact = contacts[taken.id] = _as_of(taken, log.start, site)
        if taken.received_at < log.start:
            was_there = _step(log.start, "was there", contact, None, contact.agent)
            found.append((log.start, 0, was_there))
        for happening in log.within(taken):
            before = None if happening.verb == "taken in" else contact.state
            holder = contact.agent
            apply(happening, contact, taken, site)
            agent = contact.agent or holder
            found.append(
                (happening.at, 1, _step(happening.at, happening.verb, contact, before, agent))
            )
    for change in log.changes:
        at = max(change.at, log.start)
        found.append((at, 2, Stand(at, change.login, change.state, _profile(change, site))))
    found.sort(key=lambda one: one[:2])
    return [entry for *_, entry in found], contacts


def _step(at: datetime, verb: str, contact: Contact, before: State | None, agent: str) -> Step:
    where = contact.area, contact.queue, contact.personal
    return Step(at, verb, contact.id, before, contact.state, agent, *where)


def _profile(change: AgentChange, site: Site) -> serving.Profile:
    user = site.users.get(change.login)
    if user is None:
        return serving.Profile(change.login, services=frozenset())
    return choices.profile(user, site, chosen(change))


def chosen(change: AgentChange) -> Serving:
    """What an agent serves from a change on."""
    return Serving(change.login, change.work_level, change.logged)


# What people took


def stretches(taken: TakenIn) -> Stretches:
    """How long a contact took, all of its history included."""
    accepting, handling = None, 0.0
    booked_at: datetime | None = None
    since: datetime | None = None
    is_ended = False
    for happening in taken.happenings:
        if happening.verb == "booked":
            booked_at = happening.at
        elif happening.verb == "accepted" and accepting is None and booked_at is not None:
            accepting = (happening.at - booked_at).total_seconds()
        if happening.verb in BEGIN:
            since = happening.at
        elif since is not None and happening.verb not in _NOTHING:
            handling += (happening.at - since).total_seconds()
            since = None
        is_ended |= happening.verb == "ended"
    return Stretches(accepting, handling if is_ended else None)


class Desks:
    """What the log says of each agent's states."""

    def __init__(self, log: Log) -> None:
        self._end = log.end
        self._changes: dict[str, list[AgentChange]] = {}
        for change in log.changes:
            self._changes.setdefault(change.login, []).append(change)

    def pairs(self) -> Iterator[tuple[AgentChange | None, AgentChange]]:
        """Each change with the one of the same agent before it."""
        for changes in self._changes.values():
            yield from zip([None, *changes], changes, strict=False)

    def wrap_up_seconds(self, login: str, ended_at: datetime) -> float:
        """How long an agent was in wrap-up after a contact that ended then.

        The agent's state changes in the same transaction, at a time that is read a moment before.
        """
        changes = self._changes.get(login, [])
        number = bisect_right(changes, ended_at, key=lambda change: change.at) - 1
        if number < 0 or changes[number].state is not AgentState.WRAP_UP:
            return 0.0
        over_at = _over_at(changes[number + 1 :], self._end)
        return max((over_at - ended_at).total_seconds(), 0.0)


def _over_at(following: Iterable[AgentChange], end: datetime) -> datetime:
    """When a wrap-up is over, with these changes of the agent after it.

    What cuts it short comes first.
    """
    for change in following:
        if change.state is AgentState.READY:
            return change.at
        if change.state is not AgentState.WRAP_UP:  # else the agent serves something else
            return change.at + _MOMENT
    return end + _MOMENT


def bookings(log: Log) -> dict[int, list[Booked]]:
    """The bookings of each contact in this time, in order."""
    return {
        taken.id: [Booked(one.by, one.at) for one in log.within(taken) if one.verb == "booked"]
        for taken in log.contacts
    }
