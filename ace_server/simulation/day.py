"""A day made up from a seed: contacts come in, people work their shifts, routing does the rest.

The only chance is the generator that is passed in: the same site, numbers and seed give the same
day. How people work is a simple model; who gets what is decided as in the server.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from ace_server.concepts import Site, User
from ace_server.contact import AgentState, Role, State
from ace_server.simulation.arrivals import Arrival, apart, arrivals
from ace_server.simulation.driving import MAY_ACTIVATE, Driver
from ace_server.simulation.record import Agent, Contact, Stand, Step
from ace_server.simulation.world import World

SHIFT = timedelta(hours=8)
LUNCH = timedelta(minutes=40)
BREAK = timedelta(minutes=15)

FIRST_SHIFT, LAST_SHIFT = 7.5, 10.5
"""Hours of the day between which shifts begin."""

AWAY = 180.0
"""Seconds after which such an agent is ready again."""

LOOKING = 20.0
"""Seconds between two looks of a ready agent into the waiting lists."""

SPREAD = 0.6
"""Of the logarithm of handling times."""

_FEWEST, _TELL_EVERY = 1.0, 500  # seconds of handling; contacts between two signs of progress

Tell = Callable[[str, int, int], None]
"""What is done, how many, of how many."""


@dataclass(slots=True)
class Person:
    """Somebody who works that day."""

    login: str
    on_break: bool = False
    going: bool = False  # the shift is over


def agents(site: Site) -> list[User]:
    """Who works: every agent who may log in."""
    return [one for one in site.users.values() if one.role is Role.AGENT and not one.locked]


def simulate(
    site: Site,
    on: date,
    random: Random,
    *,
    contacts: int,
    staff: Sequence[User],
    like: Site | None = None,
    tell: Tell = lambda what, done, of: None,
) -> World:
    """Let a day pass, from midnight to midnight by the site's clock; what it came to.

    `like`: the site whose rules say what data contacts have, so that another configuration is
    tried with the same contacts.
    """
    zone = ZoneInfo(site.facts.time_zone)
    start = datetime(on.year, on.month, on.day, tzinfo=zone).astimezone(UTC)
    following = on + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)
    day = Day(World(site, start), random, tell)
    day.expect(arrivals(like or site, start, contacts, apart(random)))
    for user in staff:
        day.come(user.login, start)
    day.run(end)
    return day.world


class Day(Driver):
    """People who work their shifts as well as they can."""

    def __init__(self, world: World, random: Random, tell: Tell) -> None:
        super().__init__(world)
        self._tell = tell
        self._arrivals: dict[int, Arrival] = {}
        self._factors: dict[str, float] = {}  # by task type
        self._seed = random.getrandbits(64)
        self._people: dict[str, Person] = {}
        self._come_in = self._expected = 0

    def expect(self, found: Sequence[Arrival]) -> None:
        """These contacts come in."""
        self._expected = len(found)
        for arrival in found:
            self.plan(arrival.at, partial(self._arrive, arrival))

    def come(self, login: str, midnight: datetime) -> None:
        """This agent works a shift with a lunch and two breaks."""
        person, own = Person(login), self._own(login)
        self._people[login] = person
        quarter = own.randint(int(FIRST_SHIFT * 4), int(LAST_SHIFT * 4))
        begins = midnight + timedelta(hours=quarter / 4, seconds=own.uniform(0, 120))
        self.plan(begins, partial(self._begin, person))
        for hours, lasts in ((2.0, BREAK), (4.0, LUNCH), (6.25, BREAK)):
            at = begins + timedelta(hours=hours + own.uniform(-0.5, 0.5))
            self.plan(at, partial(self._take_break, person))
            self.plan(at + lasts, partial(self._return, person))
        self.plan(begins + SHIFT, partial(self._go, person))

    def _arrive(self, arrival: Arrival, at: datetime) -> None:
        self._arrivals[self.world.arrive(at, arrival.entrance, arrival.data)] = arrival
        self._come_in += 1
        if self._come_in % _TELL_EVERY == 0:
            self._tell("simulated", self._come_in, self._expected)

    # Shifts

    def _begin(self, person: Person, at: datetime) -> None:
        self.world.log_in(at, person.login)
        self.world.activate(at, person.login)

    def _take_break(self, person: Person, at: datetime) -> None:
        person.on_break = True
        self.world.pause(at, person.login)

    def _return(self, person: Person, at: datetime) -> None:
        person.on_break = False
        self._be_ready(person, at)

    def _go(self, person: Person, at: datetime) -> None:
        person.going = True
        self.world.pause(at, person.login)

    def _be_ready(self, person: Person, at: datetime) -> None:
        """Back at work, or not pausing after all."""
        state = self._state(person, at)
        if not person.on_break and not person.going and state in MAY_ACTIVATE:
            self.world.activate(at, person.login)

    def _leave(self, person: Person, at: datetime) -> None:
        if self._state(person, at) is AgentState.PAUSED:
            self.world.log_out(at, person.login)

    def _state(self, person: Person, at: datetime) -> AgentState:
        self.world.advance(at)
        return self.world.agents[person.login].state

    # What people do when something happens to them

    def on_step(self, step: Step) -> None:
        person = self._people.get(step.agent)
        if person is None:
            return
        contact = self.world.contacts[step.contact]
        if step.after is State.BOOKED:
            self._on_booking(person, contact)
        elif step.after is State.ACCEPTED:
            seconds = self._handling_seconds(contact)
            self.plan_after(seconds, partial(self._end, person, contact))
        elif step.verb == "timed out":
            self.plan_after(AWAY, partial(self._be_ready, person))

    def _on_booking(self, person: Person, contact: Contact) -> None:
        arrival = self._arrivals[contact.id]
        if arrival.is_missed:  # the next agent is there
            self._arrivals[contact.id] = arrival._replace(is_missed=False)
            return
        self.plan_to_accept(arrival.accepting, partial(self._accept, person, contact))

    def _handling_seconds(self, contact: Contact) -> float:
        """Log-normal: most are short, a few are very long; some task types take longer."""
        mean = self.world.site.system.expectedHandlingSeconds
        middle = math.log(mean * self._factor(contact.task_type)) - SPREAD**2 / 2
        return max(_FEWEST, math.exp(middle + SPREAD * self._arrivals[contact.id].length))

    def _factor(self, task_type: str) -> float:
        found = self._factors.get(task_type)
        if found is None:
            found = self._factors[task_type] = self._own(task_type).uniform(0.6, 1.4)
        return found

    def _own(self, name: str) -> Random:
        """What is by chance of a person or a task type is the same whoever else there is."""
        return Random(f"{self._seed} {name}")

    def _accept(self, person: Person, contact: Contact, at: datetime) -> None:
        self.world.accept(at, person.login)

    def _end(self, person: Person, contact: Contact, at: datetime) -> None:
        self.world.end(at, person.login)

    def on_stand(self, stand: Stand) -> None:
        person = self._people[stand.agent]
        agent = self.world.agents[stand.agent]
        if stand.state is AgentState.PAUSED and person.going:
            self.plan_after(0, partial(self._leave, person))
        elif stand.state is AgentState.WRAP_UP and agent.until is None:
            seconds = self.world.site.system.wrapUpSeconds
            self.plan_after(seconds, partial(self._be_ready, person))
        elif stand.state is AgentState.READY:
            self.plan_after(LOOKING, partial(self._look, person, agent, stand.at))

    def _look(self, person: Person, agent: Agent, ready_since: datetime, at: datetime) -> None:
        """An agent who has been ready for a while takes the first of a waiting list."""
        self.world.advance(at)
        if agent.state is not AgentState.READY or agent.since != ready_since:
            return
        lists = self.world.lists(person.login)
        first = next((found[0] for found in lists if found), None)
        if first is not None:
            self.world.pick(at, person.login, first)
        elif lists:
            self.plan_after(LOOKING, partial(self._look, person, agent, ready_since))
