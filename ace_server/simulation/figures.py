"""What a day came to: waiting times, service levels, and whether it was fair.

Counted from the record alone. The index has no part in it, so that it can be checked by this.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

import msgspec

from ace_server.concepts import PERSONAL, Queue, Site
from ace_server.contact import AgentState, State
from ace_server.routing import serving
from ace_server.routing.serving import Profile
from ace_server.simulation.record import Contact, Record, Stand, Step

_MINUTE = 60.0
_WORKING = (AgentState.BOOKED, AgentState.BUSY, AgentState.WRAP_UP)


class Waits(msgspec.Struct, frozen=True):
    """Seconds from first being queued until accepted; None where nothing was."""

    mean: float | None
    ninety: float | None  # nine of ten waited no longer
    longest: float | None


class PlaceFigures(msgspec.Struct, frozen=True):
    """One queue or waiting list; what waits for one agent alone is counted together."""

    name: str
    received: int  # every coming in, also from another place
    accepted: int  # for the first time, by whom they were waiting for there
    waits: Waits
    level_1: float | None  # of the accepted ones, the share within its minutes; None: not set
    level_2: float | None
    moved_on: int  # out of it, to the next destination
    waiting: int  # at the end of the day


class EntranceFigures(msgspec.Struct, frozen=True):
    """One entrance."""

    name: str
    came_in: int
    accepted: int
    waits: Waits
    buffered: int  # at first
    left_buffered: int  # at the end of the day


class AgentFigures(msgspec.Struct, frozen=True):
    """One agent; what is counted is the time without pauses."""

    login: str
    seconds: float  # at work
    working: float  # seconds with a contact, booked or in hand, or in wrap-up
    accepted: int


class Figures(msgspec.Struct, frozen=True):
    """A day."""

    contacts: int
    ended: int
    bookings: int
    timed_out: int
    moved_on: int
    waits: Waits
    idle_beside_waiting: float
    """Seconds that agents were ready while a contact waited in a queue they serve (RO-6): 0."""

    entrances_fair: float | None
    """Jain's index of the mean waits of the entrances: 1 where they are all the same."""

    agents_fair: float | None
    """Jain's index of the shares of the agents' time with work."""

    places: list[PlaceFigures]
    entrances: list[EntranceFigures]
    agents: list[AgentFigures]


def count(record: Record, contacts: Mapping[int, Contact], site: Site, end: datetime) -> Figures:
    """Count a record, which ends at this time."""
    steps = [entry for entry in record if isinstance(entry, Step)]
    stands = [entry for entry in record if isinstance(entry, Stand)]
    first = list(_first_accepts(steps))
    entrances = list(_entrances(steps, first, contacts))
    people = list(_agents(stands, first, end))
    shares = [one.working / one.seconds for one in people if one.seconds > 0]
    means = [one.waits.mean for one in entrances if one.waits.mean is not None]
    return Figures(
        contacts=len(contacts),
        ended=sum(contact.state is State.ENDED for contact in contacts.values()),
        bookings=sum(step.verb == "booked" for step in steps),
        timed_out=sum(step.verb == "timed out" for step in steps),
        moved_on=sum(step.verb == "moved on" for step in steps),
        waits=waits([_wait(step, contacts) for step in first]),
        idle_beside_waiting=idle_beside_waiting(record, site, end),
        entrances_fair=jain(means),
        agents_fair=jain(shares),
        places=list(_places(steps, first, contacts, site)),
        entrances=entrances,
        agents=people,
    )


# Waiting


def waits(seconds: Sequence[float]) -> Waits:
    """What these waits come to."""
    if not seconds:
        return Waits(None, None, None)
    ordered = sorted(seconds)
    ninety = ordered[math.ceil(0.9 * len(ordered)) - 1]
    return Waits(sum(ordered) / len(ordered), ninety, ordered[-1])


def jain(values: Sequence[float]) -> float | None:
    """(Σx)² ÷ (n·Σx²): 1 where all are the same, 1 ÷ n where one has everything."""
    squares = sum(value * value for value in values)
    if not squares:
        return 1.0 if values else None
    return sum(values) ** 2 / (len(values) * squares)


def _first_accepts(steps: Iterable[Step]) -> Iterator[Step]:
    """Queue time ends when somebody accepts, or picks, for the first time (RE-2)."""
    seen: set[int] = set()
    for step in steps:
        if step.verb in ("accepted", "picked") and step.contact not in seen:
            seen.add(step.contact)
            yield step


def _wait(step: Step, contacts: Mapping[int, Contact]) -> float:
    queued_at = contacts[step.contact].first_queued_at
    assert queued_at is not None  # it was accepted
    return (step.at - queued_at).total_seconds()


def _places(
    steps: Sequence[Step], first: Sequence[Step], contacts: Mapping[int, Contact], site: Site
) -> Iterator[PlaceFigures]:
    received: dict[str, int] = defaultdict(int)
    left: dict[str, int] = defaultdict(int)
    lies_in: dict[int, str] = {}
    for step in steps:
        if step.verb == "moved on":
            left[lies_in[step.contact]] += 1
        lies_in[step.contact] = _named(step.queue)
        received[_named(step.queue)] += step.enters
    waiting: dict[str, int] = defaultdict(int)
    for contact in contacts.values():
        waiting[_named(contact.queue)] += contact.state is State.QUEUED
    waited: dict[str, list[float]] = defaultdict(list)
    for step in first:
        waited[_named(step.queue)].append(_wait(step, contacts))
    for name in [*site.queues, *site.waiting_lists, PERSONAL]:
        if received[name]:
            place = site.personal if name == PERSONAL else site.place(name)
            seconds = waited[name]
            yield PlaceFigures(
                name,
                received[name],
                len(seconds),
                waits(seconds),
                level(seconds, None if place is None else place.service_level_1),
                level(seconds, None if place is None else place.service_level_2),
                left[name],
                waiting[name],
            )


def _named(queue: str) -> str:
    return queue or PERSONAL


def level(seconds: Sequence[float], minutes: int | None) -> float | None:
    """The share of waits within these minutes; None where there are none, or nothing is set."""
    if minutes is None or not seconds:
        return None
    return sum(one <= minutes * _MINUTE for one in seconds) / len(seconds)


def _entrances(
    steps: Iterable[Step], first: Iterable[Step], contacts: Mapping[int, Contact]
) -> Iterator[EntranceFigures]:
    came_in: dict[str, int] = defaultdict(int)
    buffered: dict[str, int] = defaultdict(int)
    for step in steps:
        if step.verb == "taken in":
            entrance = contacts[step.contact].entrance
            came_in[entrance] += 1
            buffered[entrance] += step.after is State.BUFFERED
    waited: dict[str, list[float]] = defaultdict(list)
    for step in first:
        waited[contacts[step.contact].entrance].append(_wait(step, contacts))
    left: dict[str, int] = defaultdict(int)
    for contact in contacts.values():
        left[contact.entrance] += contact.state is State.BUFFERED
    for name in sorted(came_in):
        seconds = waited[name]
        yield EntranceFigures(
            name, came_in[name], len(seconds), waits(seconds), buffered[name], left[name]
        )


def _agents(
    stands: Iterable[Stand], first: Iterable[Step], end: datetime
) -> Iterator[AgentFigures]:
    seconds: dict[str, float] = defaultdict(float)
    working: dict[str, float] = defaultdict(float)
    last: dict[str, Stand] = {}

    def add(stand: Stand, until: datetime) -> None:
        lasted = (until - stand.at).total_seconds()
        if stand.state in _WORKING:
            working[stand.agent] += lasted
        if stand.state not in (AgentState.LOGGED_OUT, AgentState.PAUSED):
            seconds[stand.agent] += lasted

    for stand in stands:
        if stand.agent in last:
            add(last[stand.agent], stand.at)
        last[stand.agent] = stand
    for stand in last.values():
        add(stand, end)
    accepted: dict[str, int] = defaultdict(int)
    for step in first:
        accepted[step.agent] += 1
    for login in sorted(last):
        yield AgentFigures(login, seconds[login], working[login], accepted[login])


# Nobody idle beside what fits


def idle_beside_waiting(record: Record, site: Site, end: datetime) -> float:
    """Seconds of agents who were ready while something waited that they would be given (RO-6).

    What happens at one moment counts as it stands when all of it has happened.
    """
    room = _Room(site)
    seconds, before = 0.0, None
    for at, entries in groupby(record, key=lambda entry: entry.at):
        if before is not None:
            seconds += room.idle() * (at - before).total_seconds()
        for entry in entries:
            room.take(entry)
        before = at
    return seconds + (room.idle() * (end - before).total_seconds() if before else 0.0)


class _Room:
    """Who is ready and what waits, kept as plainly as can be."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._ready: set[str] = set()
        self._serves: dict[str, tuple[Profile, frozenset[str]]] = {}
        self._where: dict[int, str] = {}
        self._waiting: dict[str, int] = {}  # only what somebody can be given

    def take(self, entry: Step | Stand) -> None:
        if isinstance(entry, Step):
            self._leave(entry.contact)
            if entry.after is State.QUEUED and self._is_given(entry):
                place = _key(entry.queue, entry.personal)
                self._where[entry.contact] = place
                self._waiting[place] = self._waiting.get(place, 0) + 1
            return
        if entry.state is AgentState.READY:
            self._ready.add(entry.agent)
        else:
            self._ready.discard(entry.agent)
        known = self._serves.get(entry.agent)
        if known is None or known[0] != entry.profile:
            self._serves[entry.agent] = entry.profile, frozenset(self._served(entry.profile))

    def idle(self) -> int:
        """How many agents are ready though something waits for them."""
        if not self._waiting:
            return 0
        return sum(
            not self._waiting.keys().isdisjoint(self._serves[login][1]) for login in self._ready
        )

    def _leave(self, contact: int) -> None:
        place = self._where.pop(contact, None)
        if place is not None:
            self._waiting[place] -= 1
            if not self._waiting[place]:
                del self._waiting[place]

    def _is_given(self, step: Step) -> bool:
        if step.personal:
            return self._site.personal.distribution
        place = self._site.place(step.queue)
        return isinstance(place, Queue) and place.distribution

    def _served(self, profile: Profile) -> Iterator[str]:
        for queue in self._site.queues.values():
            if serving.serves(queue, profile):
                yield _key(queue.name, "")
        own = serving.own_service(profile.services, self._site)
        if profile.personal and own == "queue":
            yield _key("", profile.login)


def _key(queue: str, personal: str) -> str:
    return f"queue {queue}" if queue else f"agent {personal}"
