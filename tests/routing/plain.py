"""Routing in its plainest form: dicts, sorts and rules read off the domain, nothing remembered.

Every decision is worked out from scratch from the facts that the store keeps. It is slow, and what
the router that decides has to agree with (`test_router_proofs`).
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from ace_server.concepts import Queue, Site
from ace_server.routing.constraints import Constraint, Load, is_exceeded
from ace_server.routing.queues import Presence, Waiting
from ace_server.routing.serving import Profile

ALONE = "for one agent alone"


@dataclass
class Facts:
    """What is true of one area: nothing else may have a part in what is decided."""

    site: Site
    now: datetime
    waits: dict[int, Waiting] = field(default_factory=dict)
    held: dict[int, tuple[str, str]] = field(default_factory=dict)  # entrance, agent
    profiles: dict[str, Profile] = field(default_factory=dict)
    presence: dict[str, Presence] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)  # agent, and the entrance of the last one
    ready: list[str] = field(default_factory=list)  # the one who has been so longest first
    pace: dict[str, float] = field(default_factory=dict)

    # Who serves what

    def serves(self, login: str, place: str) -> str:
        """How an agent has what waits in a place: booked, picked, kept there; empty: not at all."""
        agent = self.profiles[login]
        if agent.area:
            return ""
        found = self.site.queues.get(place) or self.site.waiting_lists.get(place)
        if place == ALONE:
            if not agent.personal:
                return ""
            first = self.site.system.agentDistrOrderEmailIncoming
            service = first if first in agent.services else "".join(agent.services)
            distributed = self.site.personal.distribution
        elif found is None or found.area:
            return ""
        else:
            service = "queue" if isinstance(found, Queue) else "waiting list"
            distributed = isinstance(found, Queue) and found.distribution
            by_hand = agent.logged.get(place)
            enough = all(agent.skills.get(s, 0) >= least for s, least in found.requires.items())
            in_groups = set(found.groups) <= agent.groups
            chosen = agent.level is None or place in agent.level
            fits = enough and in_groups and chosen if by_hand is None else by_hand
            if not fits or service not in agent.services:
                return ""
        if service == "waiting list":
            return "picked"
        return ("booked" if distributed else "kept") if service else ""

    def has(self, login: str, waiting: Waiting) -> str:
        """How an agent has a waiting contact."""
        if waiting.personal:
            return self.serves(login, ALONE) if waiting.personal == login else ""
        return self.serves(login, waiting.queue)

    # What goes first

    def is_flood(self, entrance: str) -> bool:
        """Whether so many wait of an entrance that it is a flood."""
        count = sum(one.entrance == entrance for one in self.waits.values())
        return 0 < self.site.system.floodMark < count

    def passes_by(self, login: str) -> str:
        """The flood that goes after other entrances for an agent."""
        last = self.last.get(login, "")
        return last if self.is_flood(last) else ""

    def in_order(self, queue: str, personal: str) -> list[Waiting]:
        """What waits in a place by its sorting order; what is prioritised goes before."""
        place = self.site.personal if personal else self.site.queues.get(queue)
        if place is None:
            place = self.site.waiting_lists.get(queue)
        sort = place.sort if place is not None else "longest waiting"
        there = [
            one for one in self.waits.values() if (one.queue, one.personal) == (queue, personal)
        ]
        there.sort(key=lambda one: -one.place if sort == "newest" else one.place)
        if sort == "priority":
            there.sort(key=lambda one: one.prio)
        return sorted(there, key=lambda one: not one.prioritised)

    def _rank(self, one: Waiting, flood: str) -> tuple[object, ...]:
        queue = self.site.personal if one.personal else self.site.queues[one.queue]
        waited = (self.now - one.first_queued_at).total_seconds() * queue.weight
        return (
            queue.priority,
            not one.personal,
            not one.prioritised,
            one.entrance == flood != "" and not one.prioritised,
            one.prio,
            -waited,
            one.contact,
        )

    def best(self, login: str) -> Waiting | None:
        """The contact that an agent gets: of each place the first, or the first beside a flood."""
        flood = self.passes_by(login)
        mine = [one for one in self.waits.values() if self.has(login, one) == "booked"]
        tops = []
        for place in {(one.queue, one.personal) for one in mine}:
            there = self.in_order(*place)
            others = [one for one in there if one.entrance != flood]
            passes = there[0].entrance == flood and not there[0].prioritised and others
            tops.append(others[0] if passes else there[0])
        return min(tops, key=lambda one: self._rank(one, flood), default=None)

    def goes_to(self, waiting: Waiting) -> str | None:
        """The ready agent whom a contact goes to."""
        able = [login for login in self.ready if self.has(login, waiting) == "booked"]
        queue = self.site.personal if waiting.personal else self.site.queues.get(waiting.queue)
        if queue is not None and queue.agents == "highest skill":
            able.sort(
                key=lambda login: (
                    -sum(self.profiles[login].skills.get(s, 0) for s in queue.requires)
                )
            )
        return able[0] if able else None

    def decision(self) -> tuple[int, str] | None:
        """The next booking."""
        way = self.way()
        if not way:
            return None
        goes_round = self.goes_to(way[-1][1]) != way[-1][0]
        login, contact = way[0 if goes_round else -1]
        return contact.contact, login

    def way(self) -> list[tuple[str, Waiting]]:
        """Who has been ready longest and gets something; whom that would go to, and so on."""
        found: list[tuple[str, Waiting]] = []
        login = next((one for one in self.ready if self.best(one) is not None), None)
        while login is not None and login not in [one for one, _ in found]:
            contact = self.best(login)
            assert contact is not None
            found.append((login, contact))
            login = self.goes_to(contact)
        return found

    # What moves on

    def load(self, waiting: Waiting, before: int, wait: int) -> Load:
        """What there is where a contact waits."""
        serving = [
            login
            for login, presence in self.presence.items()
            if presence is not Presence.OUT and self.has(login, waiting)
        ]
        at_work = sum(self.presence[login] is Presence.AT_WORK for login in serving)
        pace = self.pace.get(waiting.queue, self.site.system.expectedHandlingSeconds)
        return Load(before, wait, len(serving), at_work, pace)

    def leaving(self) -> set[int]:
        """Who moves on now, by time and by load."""
        found = {
            one.contact
            for one in self.waits.values()
            if one.moves_on_at is not None and one.moves_on_at <= self.now
        }
        for place in {(one.queue, one.personal) for one in self.waits.values()}:
            there = self.in_order(*place)
            stay = len(there)
            for before in reversed(range(len(there))):
                one = there[before]
                if one.until and is_exceeded(one.until, self.load(one, before, stay)):
                    stay -= 1
                    found.add(one.contact)
        return found

    def copy_of(self, contact: int) -> Waiting:
        """A contact as the store would give it."""
        return replace(self.waits[contact])


def until(written: str) -> Constraint:
    """A constraint as a rule has it."""
    base, _, parameter = written.rstrip(")").partition("(")
    return Constraint(base, float(parameter))
