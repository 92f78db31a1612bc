"""`routing`: decisions of the real router beside bare heaps, as the area grows.

A ready agent gets its contact, again and again, from so many that wait. The router weighs
priorities of queues and contacts, weights, waiting times, sorting orders, what waits for one agent
alone, floods, and where an agent's last contact came in; its contacts were placed by the routing
rules. The bare side has a heap for each queue, gives the agent the oldest of the tops, and keeps
what waits and who has what. Both have the same contacts, queues, and agents with 20 skills, who
become ready in turn. What is taken is made up for while no clock runs.
"""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from time import perf_counter

from ace_server import contact as contacts
from ace_server.concepts import (
    UNROUTED,
    Destination,
    Queue,
    RoutingRule,
    Site,
    SiteFacts,
    Skill,
    User,
)
from ace_server.contact import Role
from ace_server.routing import rules
from ace_server.routing.queues import Presence, Waiting
from ace_server.routing.router import Router
from ace_server.routing.serving import Profile
from benchmarks.measuring import Comparison, Goal, Plan, Result, Side, in_turn

SHARE = Goal(least=0.3)
FALL = Goal(most=2)

SIZES = ((1_000, 10), (10_000, 200), (100_000, 2_000))
"""Contacts that wait, and agents."""

SHORT = ((40, 2), (60, 3), (80, 4))

DECISIONS = 5_000
"""Decisions in one round, or as many as a fifth of what waits."""

SKILLS = 40
SKILLS_OF_AN_AGENT = 20
ENTRANCES = 8
FOR_ONE_ALONE = 0.02
"""The share of contacts that wait for one agent alone."""

SEED = 20
BEGINNING = datetime(2026, 11, 20, 8, tzinfo=UTC)
TICK = timedelta(milliseconds=1)

Area = tuple[int, int]


def measure(plan: Plan) -> Result:
    """Run it."""
    sizes = SHORT if plan.short else SIZES
    sides: dict[Area, tuple[Side, Side]] = {}
    placed: list[Side] = []
    for size in sizes:
        router, bare = _Routed(*size), _Bare(*size)
        ours, plain = f"router, {_words(size)}", f"bare heaps, {_words(size)}"
        number = min(DECISIONS, size[0] // 5)
        found = in_turn(
            plan,
            {ours: lambda: router.decide(number), plain: lambda: bare.decide(number)},  # noqa: B023
        )
        sides[size] = found[ours], found[plain]
        placed.append(Side(f"placed by the rules, {_words(size)}", router.placed_a_second))
    smallest, largest = sides[sizes[0]][0], sides[sizes[-1]][0]
    return Result(
        title="routing: a ready agent gets its contact",
        unit="decisions per second",
        comparisons=[
            *(
                Comparison(*both, SHARE if size == sizes[-1] else None)
                for size, both in sides.items()
            ),
            Comparison(smallest, largest, FALL),
        ],
        figures=placed,
        notes=[
            f"{SKILLS} queues, agents with {SKILLS_OF_AN_AGENT} of as many skills, {ENTRANCES}"
            " entrances; the last ratio is the fall from the smallest to the largest"
        ],
    )


def _words(size: Area) -> str:
    waiting, agents = size
    return f"{waiting:,} × {agents:,}"


# What both sides have


def _site(agents: int) -> Site:
    """Queues that demand a skill each, of three priorities, and a rule for each and for agents."""
    queues = [Queue(name=UNROUTED, priority=9)]
    for number in range(SKILLS):
        queues.append(
            Queue(
                name=f"Queue {number}",
                requires={f"Skill {number}": 1},
                priority=1 + number % 3,
                weight=(0.5, 1.0, 2.0)[number % 3],
                sort=("longest waiting", "priority", "longest waiting", "newest")[number % 4],
            )
        )
    to_queues = [
        RoutingRule(
            when={"MenuChoice": str(number)},
            to=[
                Destination(queue=f"Queue {number}", until="wait(86400)"),
                Destination(queue=UNROUTED),
            ],
        )
        for number in range(SKILLS)
    ]
    return Site(
        facts=SiteFacts(name="Benchmark"),
        skills={f"Skill {number}": Skill(name=f"Skill {number}") for number in range(SKILLS)},
        queues={queue.name: queue for queue in queues},
        routing_rules=tuple(to_queues),
        users={
            login: User(login=login, name=login, role=Role.AGENT, skills=_skills(login))
            for login in map(_login, range(agents))
        },
    )


def _login(number: int) -> str:
    return f"agent{number}"


def _skills(login: str) -> dict[str, int]:
    chosen = random.Random(login).sample(range(SKILLS), SKILLS_OF_AN_AGENT)
    return {f"Skill {number}": 5 for number in sorted(chosen)}


def _arriving(agents: int) -> Iterator[dict[str, str]]:
    """The data of one contact after another."""
    chance = random.Random(SEED)
    while True:
        data = {
            "Entrance": f"entrance{chance.randrange(ENTRANCES)}",
            "MenuChoice": str(chance.randrange(SKILLS)),
            "prio": str(chance.randrange(10)),
        }
        if chance.random() < FOR_ONE_ALONE:
            data["AgentName"] = _login(chance.randrange(agents))
        yield data


def _becoming_ready(agents: int) -> Iterator[str]:
    """One agent after another, each again only after all others."""
    logins = [_login(number) for number in range(agents)]
    random.Random(SEED).shuffle(logins)
    while True:
        yield from logins


class _Routed:
    """The router, with everything placed by the rules."""

    def __init__(self, waiting: int, agents: int) -> None:
        self.placed_a_second: list[float] = []
        self._site = _site(agents)
        self._router = Router(self._site)
        self._data = _arriving(agents)
        self._ready = _becoming_ready(agents)
        self._in_hand: dict[str, int] = {}
        self._place = 0
        self._now = BEGINNING
        self._profiles = {
            user.login: Profile(user.login, skills=user.skills)
            for user in self._site.users.values()
        }
        for profile in self._profiles.values():
            self._router.agent(profile, Presence.AT_WORK, ready=False)
        self._fill(waiting)

    def _fill(self, number: int) -> None:
        began_at = perf_counter()
        for _ in range(number):
            self._put(next(self._data))
        self.placed_a_second.append(number / (perf_counter() - began_at))

    def _put(self, data: dict[str, str]) -> None:
        """Place one contact, as an intake does."""
        self._place += 1
        first = rules.onward(data, self._site, "", 0)
        assert first is not None  # no place is ever gone
        seconds = first.wait_seconds
        self._router.add(
            Waiting(
                self._place,
                first.stop.place,
                self._place,
                contacts.prio(data),
                self._now,
                first.stop.personal,
                data["Entrance"],
                moves_on_at=None if seconds is None else self._now + timedelta(seconds=seconds),
                until=first.until,
            )
        )
        self._now += TICK

    def decide(self, number: int) -> float:
        """Let so many agents become ready, one after another; decisions per second."""
        router, ready, in_hand, profiles = self._router, self._ready, self._in_hand, self._profiles
        had_last = router.index.had_last
        now = self._now
        began_at = perf_counter()
        for _ in range(number):
            login = next(ready)
            now += TICK
            router.agent(profiles[login], Presence.AT_WORK, ready=True, last=had_last(login))
            for booking in router.bookings(now):
                in_hand[booking.agent] = booking.contact
        took = perf_counter() - began_at
        self._now = now
        self._fill(number)
        return number / took


class _Bare:
    """A heap a queue, and no rule but the oldest."""

    def __init__(self, waiting: int, agents: int) -> None:
        self._heaps: dict[str, list[tuple[float, int]]] = {
            f"Skill {number}": [] for number in range(SKILLS)
        }
        self._waiting: dict[int, str] = {}  # contact, and its entrance
        self._in_hand: dict[str, int] = {}
        self._data = _arriving(agents)
        self._ready = _becoming_ready(agents)
        self._place = 0
        self._served = {
            login: [self._heaps[skill] for skill in _skills(login)]
            for login in map(_login, range(agents))
        }
        self._fill(waiting)

    def _fill(self, number: int) -> None:
        for _ in range(number):
            data = next(self._data)
            self._place += 1
            self._waiting[self._place] = data["Entrance"]
            heap = self._heaps[f"Skill {data['MenuChoice']}"]
            heappush(heap, (float(self._place), self._place))

    def decide(self, number: int) -> float:
        """The same with nothing but heaps."""
        ready, served, waiting, in_hand = self._ready, self._served, self._waiting, self._in_hand
        began_at = perf_counter()
        for _ in range(number):
            login = next(ready)
            best: list[tuple[float, int]] | None = None
            for heap in served[login]:
                if heap and (best is None or heap[0] < best[0]):
                    best = heap
            if best is not None:
                _, contact = heappop(best)
                del waiting[contact]
                in_hand[login] = contact
        took = perf_counter() - began_at
        self._fill(number)
        return number / took
