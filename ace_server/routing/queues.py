"""The index of everything that waits in one organisation area, and of who is there for it.

It keeps order and says who serves what (RO-4, RO-7); which contact goes to whom is decided in
`selection`. What is true is in the store: this is built anew from there after a start.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from heapq import heapify, heappop, heappush, nsmallest
from itertools import count

from ace_server.concepts import Queue, Service, Site, WaitingList
from ace_server.routing import serving
from ace_server.routing.constraints import Constraint
from ace_server.routing.serving import Place, Profile
from ace_server.routing.sharing import Shares

_SLACK = 64
"""A heap may hold this many entries, and as many as wait, of contacts that wait no more."""

Entry = tuple[bool, int, int, int]
"""Prioritised first, then by the sorting order, then by place; and the contact."""


@dataclass(slots=True)
class Waiting:
    """A contact that waits in a queue or waiting list, or (with `personal`) for one agent alone."""

    contact: int
    queue: str  # or waiting list; empty for a personal one
    place: int  # order of first being queued; the contact's for good
    prio: int  # 0 goes first (RO-5)
    first_queued_at: datetime
    personal: str = ""  # login
    entrance: str = ""
    prioritised: bool = False  # by a supervisor: it goes before all others there
    moves_on_at: datetime | None = None  # to the next stop of its route
    until: Constraint | None = None  # when the load makes it move on
    entry: Entry | None = field(default=None, compare=False, repr=False)  # in its line's heap


class Presence(IntEnum):
    """Whether an agent is there."""

    OUT = 0  # logged out
    PAUSED = 1
    AT_WORK = 2  # logged in and not paused


class Line:
    """What waits in one place, in its order, and who is ready for it and has found nothing.

    Each entrance has a heap of its own, so that the top of the others is known when one steps back.
    """

    __slots__ = (
        "_heaps",
        "_shares",
        "_sizes",
        "_waiting",
        "at_work",
        "change",
        "idle",
        "is_due",
        "key",
        "logged_in",
        "place",
        "size",
        "sort",
        "watched",
    )

    def __init__(
        self, key: tuple[str, str], waiting: Mapping[int, Waiting], shares: Shares
    ) -> None:
        self.key = key  # queue and personal, as its contacts have them
        self.place: Place | None = None  # None: it is not configured
        self.sort = "longest waiting"
        self.size = 0
        self.change = 0  # grows when what waits here is different
        self.logged_in = 0  # agents who serve it
        self.at_work = 0  # of these
        self.is_due = False  # something arrived that an idle agent may be offered
        self.idle: OrderedDict[str, int] = OrderedDict()  # login, since which number of being ready
        self.watched: dict[int, Constraint] = {}  # contacts that the load may move on
        self._heaps: dict[str, list[Entry]] = {}  # by entrance; deleted lazily
        self._sizes: dict[str, int] = {}
        self._waiting = waiting
        self._shares = shares

    @property
    def rank(self) -> tuple[int, bool]:
        """Who serves it takes from it in this order: by priority, the agent's own before others."""
        priority = self.place.priority if isinstance(self.place, Queue) else 9
        return priority, not self.key[1]

    @property
    def weight(self) -> float:
        """What waiting time is multiplied by."""
        return self.place.weight if isinstance(self.place, Queue) else 1.0

    def push(self, waiting: Waiting) -> None:
        """Put a contact in its place."""
        entrance = waiting.entrance
        self.size += 1
        self.change += 1
        self._sizes[entrance] = self._sizes.get(entrance, 0) + 1
        waiting.entry = self._entry(waiting)
        heappush(self._heaps.setdefault(entrance, []), waiting.entry)
        if waiting.until is not None:
            self.watched[waiting.contact] = waiting.until

    def drop(self, waiting: Waiting) -> None:
        """One of its contacts waits no more; its heap forgets it when it comes up."""
        entrance = waiting.entrance
        self.size -= 1
        self.change += 1
        self.watched.pop(waiting.contact, None)
        left = self._sizes[entrance] = self._sizes[entrance] - 1
        if not left:
            del self._heaps[entrance], self._sizes[entrance]
        elif len(self._heaps[entrance]) > 2 * left + _SLACK:
            self._heaps[entrance] = [one for one in self._heaps[entrance] if self._holds(one)]
            heapify(self._heaps[entrance])

    def _entry(self, waiting: Waiting) -> Entry:
        """Where a contact stands by the sorting order (RO-4)."""
        first = not waiting.prioritised
        if self.sort == "newest":
            return first, 0, -waiting.place, waiting.contact
        prio = waiting.prio if self.sort == "priority" else 0
        return first, prio, waiting.place, waiting.contact

    def resort(self, sort: str) -> None:
        """Keep another sorting order from now on."""
        if sort == self.sort:
            return
        held = [self._waiting[entry[-1]] for entry in self._entries()]
        self.sort = sort
        self._heaps = {entrance: [] for entrance in self._sizes}
        for waiting in held:
            waiting.entry = self._entry(waiting)
            heappush(self._heaps[waiting.entrance], waiting.entry)

    def first(self) -> Waiting:
        """The contact that waits at the top; there is one, as long as `size` is not 0."""
        heaps = self._heaps
        if len(heaps) == 1:
            return self._waiting[self._top(next(iter(heaps.values())))[-1]]
        best = min(
            (self._top(heap)[0], self._shares.steps_back(entrance), heap[0])
            for entrance, heap in heaps.items()
        )
        return self._waiting[best[-1][-1]]

    def oldest(self) -> datetime | None:
        """The first queue time of what has waited longest here; None where nothing waits."""
        tops = [self._waiting[self._top(heap)[-1]] for heap in self._heaps.values()]
        if self.sort == "longest waiting" and not any(top.prioritised for top in tops):
            return min((top.first_queued_at for top in tops), default=None)
        return min(self._waiting[entry[-1]].first_queued_at for entry in self._entries())

    def page(self, start: int, most: int) -> list[Waiting]:
        """So many of what waits here, in order, after the first ones."""
        waiting, back = self._waiting, self._shares.steps_back
        first = nsmallest(
            start + most,
            self._entries(),
            key=lambda entry: (entry[0], back(waiting[entry[-1]].entrance), entry),
        )
        return [waiting[entry[-1]] for entry in first[start:]]

    def in_order(self) -> list[Waiting]:
        """Everything that waits here as it would be taken now, the top first."""
        waiting, back = self._waiting, self._shares.steps_back
        entries = sorted(
            (entry[0], back(waiting[entry[-1]].entrance), entry) for entry in self._entries()
        )
        return [waiting[entry[-1]] for _, _, entry in entries]

    def sorted(self) -> list[Waiting]:
        """Everything that waits here by the sorting order alone, whoever steps back."""
        return [self._waiting[entry[-1]] for entry in sorted(self._entries())]

    def before(self, waiting: Waiting) -> int:
        """How many of its contacts go before one of them."""
        own, back = waiting.entry, self._shares.steps_back
        assert own is not None  # it waits
        place = own[0], back(waiting.entrance), own
        return sum(
            (entry[0], back(self._waiting[entry[-1]].entrance), entry) < place
            for entry in self._entries()
        )

    def _top(self, heap: list[Entry]) -> Entry:
        while not self._holds(heap[0]):
            heappop(heap)
        return heap[0]

    def _entries(self) -> Iterator[Entry]:
        return (entry for heap in self._heaps.values() for entry in heap if self._holds(entry))

    def _holds(self, entry: Entry) -> bool:
        """Whether this is where its contact still stands."""
        waiting = self._waiting.get(entry[-1])
        return waiting is not None and waiting.entry is entry


class Index:
    """What waits in an area, who is ready, and who serves what.

    Adding, discarding and finding the top are O(log n). `selection.bookings` keeps one thing true
    between its calls: no agent that `is_idle` serves a queue in which a contact waits (RO-6).
    """

    def __init__(self, site: Site, area: str = "") -> None:
        self.area = area
        self.shares = Shares(site.system.floodMark)
        self._waiting: dict[int, Waiting] = {}
        self._lines: dict[tuple[str, str], Line] = {}
        self._profiles: dict[str, Profile] = {}
        self._presence: dict[str, Presence] = {}
        self._in_hand: dict[int, str] = {}  # contact, and its entrance
        self._ready: dict[str, int] = {}  # login, and a number that grows with each
        self._numbers = count(1)
        self._fresh: OrderedDict[str, int] = OrderedDict()  # ready, and not yet offered anything
        self._due: list[tuple[int, tuple[str, str]]] = []  # lines in which something arrived
        self._served: dict[str, tuple[Line, ...]] = {}
        self._lists: dict[str, tuple[Line, ...]] = {}
        self._disturbed: dict[tuple[str, str], None] = {}  # places whose load may move some on
        self.configure(site)

    def configure(self, site: Site) -> None:
        """Take over another configuration; what waits and who is ready stay."""
        self._site = site
        self.shares.configure(site.system.floodMark)
        for line in self._lines.values():
            self._place(line)
        for place in site.places():
            if place.area == self.area:
                self.line(place.name)
        self._forget_who_serves()

    def _place(self, line: Line) -> None:
        queue, personal = line.key
        line.place = self._site.personal if personal else self._site.place(queue)
        line.resort(line.place.sort if line.place is not None else "longest waiting")

    def _forget_who_serves(self) -> None:
        self._served.clear()
        self._lists.clear()
        self._due.clear()
        for line in self._lines.values():
            line.is_due = False
            line.idle.clear()
            line.logged_in = line.at_work = 0
        for login in self._presence:
            self._count(login, +1)
        self._fresh = OrderedDict(self._ready)

    # What waits

    def add(self, waiting: Waiting) -> None:
        """A contact waits; where it waited before, if anywhere, it waits no more."""
        if waiting.contact in self._waiting:
            self.discard(waiting.contact)
        line = self._lines.get((waiting.queue, waiting.personal))
        if line is None:
            line = self.line(waiting.queue, waiting.personal)
        self.let_go(waiting.contact)
        self._waiting[waiting.contact] = waiting
        self.shares.wait(waiting.entrance)
        line.push(waiting)
        if line.watched:
            self._disturbed[line.key] = None
        if line.idle and not line.is_due:
            self._make_due(line)

    def discard(self, contact: int) -> Waiting | None:
        """A contact waits no more, if it did."""
        waiting = self._waiting.pop(contact, None)
        if waiting is not None:
            self.shares.wait_no_more(waiting.entrance)
            self._lines[waiting.queue, waiting.personal].drop(waiting)
        return waiting

    def waiting(self, contact: int) -> Waiting | None:
        """The contact, where it waits."""
        return self._waiting.get(contact)

    def everything(self) -> list[Waiting]:
        """Everything that waits, in no order."""
        return list(self._waiting.values())

    def in_queue(self, queue: str, personal: str = "") -> list[Waiting]:
        """What waits in a place, the top first."""
        line = self._lines.get((queue, personal))
        return line.in_order() if line else []

    def count(self, queue: str, personal: str = "") -> int:
        """How many contacts wait in a place."""
        line = self._lines.get((queue, personal))
        return line.size if line else 0

    def top(self, queue: str, personal: str = "") -> Waiting | None:
        """What waits first in a place; None where nothing does."""
        line = self._lines.get((queue, personal))
        return line.first() if line is not None and line.size else None

    def position(self, contact: int) -> int:
        """Which number a contact is where it waits, from 1; 0: it does not wait."""
        waiting = self._waiting.get(contact)
        if waiting is None:
            return 0
        return 1 + self._lines[waiting.queue, waiting.personal].before(waiting)

    # What agents have in hand

    def hold(self, contact: int, entrance: str) -> None:
        """Some agent has this contact: booked, accepted or parked."""
        if contact not in self._in_hand:
            self._in_hand[contact] = entrance
            self.shares.take(entrance)

    def let_go(self, contact: int) -> None:
        """No agent has this contact any more, if one had."""
        entrance = self._in_hand.pop(contact, None)
        if entrance is not None:
            self.shares.give_back(entrance)

    # Who is there

    def agent(self, profile: Profile, presence: Presence) -> bool:
        """An agent serves other places now, or comes or goes; whether that changed anything."""
        login = profile.login
        old = self._profiles.get(login), self._presence.get(login, Presence.OUT)
        if old == (profile, presence):
            return False
        if login in self._presence:
            self._count(login, -1)
        if old[0] != profile:
            self._leave_lines(login)
        self._profiles[login] = profile
        self._presence[login] = presence
        self._count(login, +1)
        return True

    def _leave_lines(self, login: str) -> None:
        """The agent is offered anew what there is, from the places that are served from now on."""
        if login in self._ready and login not in self._fresh:
            for line in self.lines(login):
                line.idle.pop(login, None)
            self._fresh[login] = self._ready[login]
            self._fresh = OrderedDict(sorted(self._fresh.items(), key=lambda one: one[1]))
        self._served.pop(login, None)
        self._lists.pop(login, None)

    def _count(self, login: str, by: int) -> None:
        presence = self._presence[login]
        if presence is Presence.OUT:
            return
        for line in (*self.lines(login), *self.lists(login)):
            line.logged_in += by
            line.at_work += by * (presence is Presence.AT_WORK)
            if line.watched:
                self._disturbed[line.key] = None

    def disturb_all(self) -> None:
        """The load may be another one everywhere."""
        self._disturbed.update((key, None) for key, line in self._lines.items() if line.watched)

    def take_disturbed(self) -> list[tuple[str, str]]:
        """The places whose load may move contacts on, once; what changed first comes first."""
        found = list(self._disturbed)
        self._disturbed.clear()
        return found

    def presence(self, login: str) -> Presence:
        """Whether an agent is there."""
        return self._presence.get(login, Presence.OUT)

    def profile(self, login: str) -> Profile | None:
        """What decides which places an agent serves; None for who was never here."""
        return self._profiles.get(login)

    def ready(self, login: str) -> None:
        """An agent is ready from now on; one who was keeps the time since."""
        if login not in self._ready:
            self._ready[login] = self._fresh[login] = next(self._numbers)

    def not_ready(self, login: str) -> None:
        """An agent is no longer ready."""
        if self._ready.pop(login, None) is None:
            return
        if self._fresh.pop(login, None) is None:
            for line in self.lines(login):
                line.idle.pop(login, None)

    def is_ready(self, login: str) -> bool:
        """Whether an agent is ready."""
        return login in self._ready

    def ready_since(self, login: str) -> int:
        """A number that is lower the longer an agent has been ready; 0: the agent is not."""
        return self._ready.get(login, 0)

    def is_idle(self, login: str) -> bool:
        """Whether an agent is ready, was offered what there is, and found nothing."""
        return login in self._ready and login not in self._fresh

    def ready_agents(self) -> list[str]:
        """Who is ready, the one who has been so longest first."""
        return list(self._ready)

    # Who serves what

    def serves(self, login: str) -> tuple[str, ...]:
        """The queues and then the waiting lists that an agent serves, priority 1 first."""
        lines = (*self.lines(login), *self.lists(login))
        return tuple(line.key[0] for line in lines if line.key[0])

    def lines(self, login: str) -> tuple[Line, ...]:
        """Where an agent's contacts are booked from, in the order in which they are looked at."""
        served = self._served.get(login)
        if served is None:
            found = self._find(login, "queue")
            served = self._served[login] = tuple(
                line
                for line in sorted(found, key=lambda line: line.rank)
                if not isinstance(line.place, Queue) or line.place.distribution
            )
        return served

    def lists(self, login: str) -> tuple[Line, ...]:
        """Where an agent picks from: the agent's own list first."""
        served = self._lists.get(login)
        if served is None:
            served = self._lists[login] = tuple(self._find(login, "waiting list"))
        return served

    def _find(self, login: str, service: Service) -> Iterator[Line]:
        agent = self._profiles.get(login)
        if agent is None:
            return
        if agent.personal and serving.own_service(agent.services, self._site) == service:
            yield self.line("", login)
        site = self._site
        places: Mapping[str, Queue] | Mapping[str, WaitingList]
        places = site.queues if service == "queue" else site.waiting_lists
        for place in places.values():
            if serving.serves(place, agent):
                yield self.line(place.name)

    def line(self, queue: str, personal: str = "") -> Line:
        """The line of a place; a new one where there was none."""
        key = queue, personal
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Line(key, self._waiting, self.shares)
            self._place(line)
        return line

    def known_line(self, queue: str, personal: str = "") -> Line | None:
        """The line of a place that is configured, or where something waited; else None."""
        return self._lines.get((queue, personal))

    def all_lines(self) -> list[Line]:
        """Every place that is configured, or where something waited."""
        return list(self._lines.values())

    # For selection

    def chosen(self, line: Line) -> str | None:
        """Of the idle agents who serve a line the one who gets its next contact (RO-5)."""
        by_skill = isinstance(line.place, Queue) and line.place.agents == "highest skill"
        if not by_skill or len(line.idle) < 2:
            return next(iter(line.idle), None)
        return min(line.idle, key=lambda login: (-self.level(login, line), line.idle[login]))

    def level(self, login: str, line: Line) -> int:
        """How skilled an agent is for a line: the levels of the skills it demands, together."""
        agent, place = self._profiles.get(login), line.place
        if agent is None or place is None:
            return 0
        return sum(agent.skills.get(skill, 0) for skill in place.requires)

    def next_agent(self, waiting: Waiting) -> str | None:
        """Who gets this contact of those who are ready for it."""
        line = self.line(waiting.queue, waiting.personal)
        chosen = self.chosen(line)
        if chosen is not None:
            return chosen
        return next((login for login in self._fresh if line in self.lines(login)), None)

    def candidate(self) -> str | None:
        """Who has been ready longest of those for whom something may wait."""
        while self._due:
            number, key = self._due[0]
            line = self._lines[key]
            login = self.chosen(line)
            if login is not None and line.size and line.idle[login] == number:
                return login
            heappop(self._due)
            line.is_due = False
            if login is not None and line.size:
                self._make_due(line)
        return next(iter(self._fresh), None)

    def rest(self, login: str) -> None:
        """Nothing waits for this ready agent now; what arrives later will find the agent."""
        number = self._fresh.pop(login)
        for line in self.lines(login):
            line.idle[login] = number

    def take(self, waiting: Waiting, login: str) -> None:
        """The contact is this agent's: it waits no more, and the agent is no longer ready."""
        self.discard(waiting.contact)
        self.hold(waiting.contact, waiting.entrance)
        self.not_ready(login)

    def _make_due(self, line: Line) -> None:
        login = self.chosen(line)
        if login is not None:
            line.is_due = True
            heappush(self._due, (line.idle[login], line.key))
