"""The index of everything that waits in one organisation area, and of who is there for it.

It keeps order and says who serves what (RO-4, RO-7); which contact goes to whom is decided in
`selection`. What is true is in the store: this is built anew from there after a start.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from heapq import heapify, heappop, heappush, merge
from itertools import count, groupby, islice
from typing import NamedTuple

from ace_server.concepts import Queue, Service, Site, WaitingList
from ace_server.contact import AgentState
from ace_server.routing import serving
from ace_server.routing.constraints import Constraint
from ace_server.routing.floods import Floods
from ace_server.routing.serving import Place, Profile
from ace_server.routing.watching import Entry, Watch

_SLACK = 64
"""A heap may hold this many entries, and as many as wait, of contacts that wait no more."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Top(NamedTuple):
    """What waits first in one place, and what it is compared by with that of others (RO-5)."""

    head: int  # its priority digit, and IN_TURN unless a supervisor prioritised it
    since: int  # when it was first queued, in microseconds
    contact: int
    entrance: str


IN_TURN, PASSED_BY = 100, 10
"""What stands before the priority digit in a `head`: one number is compared instead of three."""

_NOTHING = Top(0, 0, 0, "")


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
    # In its line's heap, and as the top of it; others each time that it is put there.
    entry: Entry | None = field(default=None, compare=False, repr=False)
    top: Top = field(default=_NOTHING, compare=False, repr=False)


class Presence(IntEnum):
    """Whether an agent is there."""

    OUT = 0  # logged out
    PAUSED = 1
    AT_WORK = 2  # logged in and not paused

    @classmethod
    def of(cls, state: AgentState) -> "Presence":
        """The presence of an agent in this state."""
        return _PRESENCE.get(state, cls.AT_WORK)


_PRESENCE = {AgentState.LOGGED_OUT: Presence.OUT, AgentState.PAUSED: Presence.PAUSED}


class Pile:
    """What waits in one place from one entrance; so the top of the others is known, too (RO-6).

    The heap is cleared of what waits no more when that comes up, or when it is most of it.
    """

    __slots__ = ("heap", "is_known", "least", "size", "top")

    def __init__(self) -> None:
        self.heap: list[Entry] = []
        self.size = 0
        self.is_known = False  # whether the next two are
        self.least: Entry = (True, 0, 0, 0)
        self.top = _NOTHING


class Line:
    """What waits in one place, in its order, and who is ready for it and has found nothing."""

    __slots__ = (
        "_ages",
        "_oldest",
        "_oldest_at",
        "_piles",
        "_waiting",
        "_watch",
        "at_work",
        "change",
        "due_at",
        "idle",
        "is_known",
        "key",
        "logged_in",
        "place",
        "rank",
        "size",
        "sort",
        "top",
        "wants_skill",
        "watched",
        "weight",
    )

    def __init__(self, key: tuple[str, str], waiting: Mapping[int, Waiting]) -> None:
        self.key = key  # queue and personal, as its contacts have them
        self.size = 0
        self.change = 0  # grows when what waits here is different
        self.logged_in = 0  # agents who serve it
        self.at_work = 0  # of these
        self.due_at = 0  # the number in the index by which it is found to be due; 0: it is not
        self.idle: OrderedDict[str, int] = OrderedDict()  # login, since which number of being ready
        self.watched: dict[int, Constraint] = {}  # contacts that the load may move on
        self.is_known = False  # whether the top is
        self.top = _NOTHING
        self.sort = "longest waiting"
        # A heap of place and contact, made when the top does not say what has waited longest.
        self._ages: list[tuple[int, int]] | None = None
        self._oldest: datetime | None = None
        self._oldest_at = 0, self.sort  # the change and the sorting order as of which it is known
        self._piles: dict[str, Pile] = {}  # by entrance
        self._waiting = waiting
        self._watch: Watch | None = None  # made when it is asked for
        self.put(None)

    def put(self, place: Place | None) -> None:
        """It is this place from now on; None: it is not configured."""
        queue = place if isinstance(place, Queue) else None
        self.place = place
        self.weight = 1.0 if queue is None else queue.weight  # multiplies waiting time
        self.wants_skill = queue is not None and queue.agents == "highest skill"
        # Who serves it takes from it in this order: by priority, the agent's own before others.
        self.rank = (9 if queue is None else queue.priority, not self.key[1])
        self._resort("longest waiting" if place is None else place.sort)

    def push(self, waiting: Waiting) -> None:
        """Put a contact in its place."""
        entrance, until = waiting.entrance, waiting.until
        pile = self._piles.get(entrance)
        if pile is None:
            pile = self._piles[entrance] = Pile()
        entry = self._stand(waiting)
        heappush(pile.heap, entry)
        if not pile.size or (pile.is_known and entry < pile.least):
            pile.least, pile.top, pile.is_known = entry, waiting.top, True
            self.is_known = False
        pile.size += 1
        self.size += 1
        self.change += 1
        if self._ages is not None:
            heappush(self._ages, (waiting.place, waiting.contact))
        if until is not None:
            self.watched[waiting.contact] = until
        if self._watch is not None:
            self._watch.add(entry, until)

    def drop(self, waiting: Waiting) -> None:
        """One of its contacts waits no more; its heap forgets it when it comes up."""
        pile, entry = self._piles[waiting.entrance], waiting.entry
        assert entry is not None  # it waits
        if not pile.is_known or entry is pile.least:
            pile.is_known = self.is_known = False
        pile.size -= 1
        self.size -= 1
        self.change += 1
        until = self.watched.pop(waiting.contact, None) if self.watched else None
        if self._watch is not None:
            self._watch.remove(entry, until)
            if not self.watched:
                self._watch = None
        if not pile.size:
            del self._piles[waiting.entrance]
        elif len(pile.heap) > 2 * pile.size + _SLACK:
            pile.heap = [one for one in pile.heap if self._holds(one)]
            heapify(pile.heap)
        if self._ages is not None and len(self._ages) > 2 * self.size + _SLACK:
            self._ages = None

    def _stand(self, waiting: Waiting) -> Entry:
        """Where a contact stands from now on; what stands elsewhere in a heap is no longer it."""
        entry = waiting.entry = self._entry(waiting)
        since = microseconds(waiting.first_queued_at)
        head = waiting.prio + IN_TURN * entry[0]
        waiting.top = Top(head, since, waiting.contact, waiting.entrance)
        return entry

    def _entry(self, waiting: Waiting) -> Entry:
        """Where a contact stands by the sorting order (RO-4)."""
        first = not waiting.prioritised
        if self.sort == "newest":
            return first, 0, -waiting.place, waiting.contact
        prio = waiting.prio if self.sort == "priority" else 0
        return first, prio, waiting.place, waiting.contact

    def _resort(self, sort: str) -> None:
        """Keep another sorting order from now on."""
        if sort == self.sort:
            return
        held = [self._waiting[entry[-1]] for entry in self._entries()]
        self.sort = sort
        self._watch = None
        self.is_known = False
        for pile in self._piles.values():
            pile.heap, pile.is_known = [], False
        for waiting in held:
            heappush(self._piles[waiting.entrance].heap, self._stand(waiting))

    def first(self) -> Waiting:
        """The contact that waits at the top; there is one, as long as `size` is not 0."""
        return self._waiting[self.look().contact]

    def look(self) -> Top:
        """The top, and what it is compared by; there is one, as long as `size` is not 0."""
        if not self.is_known:
            self.top = self._first_of(self._piles.values()).top
            self.is_known = True
        return self.top

    def beside(self, entrance: str) -> Top | None:
        """The top of what is not from this entrance; None where there is nothing else."""
        others = [pile for name, pile in self._piles.items() if name != entrance]
        return self._first_of(others).top if others else None

    def _first_of(self, piles: Iterable[Pile]) -> Pile:
        """The pile whose top goes first."""
        best: Pile | None = None
        for pile in piles:
            if not pile.is_known:
                self._look_at(pile)
            if best is None or pile.least < best.least:
                best = pile
        assert best is not None  # something waits
        return best

    def _look_at(self, pile: Pile) -> None:
        heap, waiting = pile.heap, self._waiting
        while (held := waiting.get(heap[0][-1])) is None or held.entry is not heap[0]:
            heappop(heap)
        pile.least, pile.top, pile.is_known = heap[0], held.top, True

    def oldest(self) -> datetime | None:
        """The first queue time of what was queued first of all here; None where nothing waits.

        Every desk asks for it, so it is kept until the place changes.
        """
        if self._oldest_at != (self.change, self.sort):
            self._oldest, self._oldest_at = self._find_oldest(), (self.change, self.sort)
        return self._oldest

    def _find_oldest(self) -> datetime | None:
        if self.sort == "longest waiting":
            for pile in self._piles.values():
                if not pile.is_known:
                    self._look_at(pile)
            tops = [self._waiting[pile.top.contact] for pile in self._piles.values()]
            if not any(top.prioritised for top in tops):
                oldest = min(tops, key=lambda top: top.place, default=None)
                return None if oldest is None else oldest.first_queued_at
        if self._ages is None:
            held = (self._waiting[entry[-1]] for entry in self._entries())
            self._ages = [(one.place, one.contact) for one in held]
            heapify(self._ages)
        while self._ages:
            waiting = self._waiting.get(self._ages[0][1])
            if waiting is not None and (waiting.queue, waiting.personal) == self.key:
                return waiting.first_queued_at
            heappop(self._ages)
        return None

    def page(self, start: int, most: int) -> list[Waiting]:
        """So many of what waits here, in order, after the first ones."""
        found = islice(merge(*map(self._ordered, self._piles.values())), start, start + most)
        return [self._waiting[entry[-1]] for entry in found]

    def _ordered(self, pile: Pile) -> Iterator[Entry]:
        """A pile in order, as far as it is asked for: what follows in a heap stands below."""
        heap = pile.heap
        ahead = [(heap[0], 0)]
        while ahead:
            entry, at = heappop(ahead)
            if self._holds(entry):
                yield entry
            for below in (2 * at + 1, 2 * at + 2):
                if below < len(heap):
                    heappush(ahead, (heap[below], below))

    def in_order(self) -> list[Waiting]:
        """Everything that waits here, the top first (RO-4)."""
        return [self._waiting[entry[-1]] for entry in sorted(self._entries())]

    def before(self, waiting: Waiting) -> int:
        """How many of its contacts stand before one of them."""
        own = waiting.entry
        assert own is not None  # it waits
        return sum(entry < own for entry in self._entries())

    def watch(self) -> Watch:
        """Everything that waits here in its order, and whom the load may move on.

        To be asked while there are such: what is made is kept as long as there are.
        """
        if self._watch is None:
            self._watch = Watch(self._entries(), self.watched)
        return self._watch

    def enter(self, login: str, number: int) -> None:
        """A ready agent who serves it has found nothing, and waits for what arrives."""
        idle = self.idle
        comes_last = not idle or idle[next(reversed(idle))] < number
        idle[login] = number
        if not comes_last:
            self.idle = OrderedDict(sorted(idle.items(), key=lambda one: one[1]))

    def _entries(self) -> Iterator[Entry]:
        return (entry for pile in self._piles.values() for entry in pile.heap if self._holds(entry))

    def _holds(self, entry: Entry) -> bool:
        """Whether this is where its contact still stands."""
        waiting = self._waiting.get(entry[-1])
        return waiting is not None and waiting.entry is entry


def microseconds(moment: datetime) -> int:
    """A moment as a whole number, since comparing those is quick and exact."""
    return (moment - _EPOCH) // _MICROSECOND


class Index:
    """What waits in an area, who is ready, and who serves what.

    Adding, discarding and finding the top are O(log n). `selection.bookings` keeps one thing true
    between its calls: no agent that `is_idle` serves a queue in which a contact waits (RO-6).
    """

    def __init__(self, site: Site, area: str = "") -> None:
        self.area = area
        self.floods = Floods(site.system.floodMark)
        self._waiting: dict[int, Waiting] = {}
        self._lines: dict[tuple[str, str], Line] = {}
        self._profiles: dict[str, Profile] = {}
        self._presence: dict[str, Presence] = {}
        self._last: dict[str, str] = {}  # login, and the entrance of the agent's last contact
        self._ready: dict[str, int] = {}  # login, and a number that grows with each
        self._numbers = count(1)
        # Ready, and not yet offered anything; all of them later than those who were.
        self._fresh: OrderedDict[str, int] = OrderedDict()
        self._due: list[tuple[int, tuple[str, str]]] = []  # lines with something for the idle
        self._served: dict[str, _Served] = {}
        self._disturbed: dict[tuple[str, str], None] = {}  # places whose load may move some on
        self.configure(site)

    def configure(self, site: Site) -> None:
        """Take over another configuration; what waits and who is ready stay."""
        self._site = site
        self.floods.mark = site.system.floodMark
        for line in self._lines.values():
            self._place(line)
        for place in site.places():
            if place.area == self.area:
                self.line(place.name)
        self._forget_who_serves()
        self.disturb_all()

    def _place(self, line: Line) -> None:
        queue, personal = line.key
        line.put(self._site.personal if personal else self._site.place(queue))

    def _forget_who_serves(self) -> None:
        self._served.clear()
        self._due.clear()
        for line in self._lines.values():
            line.due_at = 0
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
        self._waiting[waiting.contact] = waiting
        self.floods.wait(waiting.entrance)
        line.push(waiting)
        if line.watched:
            self._disturbed[line.key] = None
        if line.idle:
            self._make_due(line)

    def discard(self, contact: int) -> Waiting | None:
        """A contact waits no more, if it did."""
        waiting = self._waiting.pop(contact, None)
        if waiting is not None:
            self.floods.wait_no_more(waiting.entrance)
            self._lines[waiting.queue, waiting.personal].drop(waiting)
        return waiting

    def waiting(self, contact: int) -> Waiting | None:
        """The contact, where it waits."""
        return self._waiting.get(contact)

    @property
    def size(self) -> int:
        """How many contacts wait."""
        return len(self._waiting)

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

    # Who is there

    def agent(self, profile: Profile, presence: Presence) -> bool:
        """An agent serves other places now, or comes or goes; whether that changed anything."""
        login = profile.login
        old = self._profiles.get(login), self._presence.get(login, Presence.OUT)
        if old == (profile, presence):
            return False
        if login in self._presence:
            self._count(login, -1)
        has_entered = login in self._ready and login not in self._fresh
        if has_entered:
            self._leave(login)
        self._profiles[login] = profile
        self._presence[login] = presence
        if old[0] != profile:
            self._served.pop(login, None)
        self._count(login, +1)
        if has_entered:
            self._enter(login, self._ready[login])
        return True

    def had(self, login: str, entrance: str) -> None:
        """The contact that this agent had last, or has, came in there."""
        self._last[login] = entrance

    def had_last(self, login: str) -> str:
        """Where the agent's last contact came in; empty where that is not known."""
        return self._last.get(login, "")

    def passes_by(self, login: str) -> str:
        """The flood that goes after other entrances for this agent; empty: none does (RO-6)."""
        last = self._last.get(login, "")
        return last if self.floods.is_flood(last) else ""

    def _count(self, login: str, by: int) -> None:
        presence = self._presence[login]
        if presence is Presence.OUT:
            return
        for line in self._serving(login).everything:
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
            self._leave(login)

    def is_ready(self, login: str) -> bool:
        """Whether an agent is ready."""
        return login in self._ready

    def ready_agents(self) -> list[str]:
        """Who is ready, the one who has been so longest first."""
        return list(self._ready)

    def is_idle(self, login: str) -> bool:
        """Whether an agent is ready, and nothing waits where the agent's contacts come from."""
        return login in self._ready and not any(line.size for line in self.lines(login))

    # Who serves what

    def serves(self, login: str) -> tuple[str, ...]:
        """The queues and then the waiting lists that an agent serves, priority 1 first."""
        return tuple(line.key[0] for line in self._serving(login).everything if line.key[0])

    def lines(self, login: str) -> tuple[Line, ...]:
        """Where an agent's contacts are booked from, in the order in which they are looked at."""
        return self._serving(login).booked

    def levels(self, login: str) -> tuple[tuple[Line, ...], ...]:
        """The same lines, those together that are compared by their tops (RO-5)."""
        return self._serving(login).levels

    def lists(self, login: str) -> tuple[Line, ...]:
        """Where an agent picks from: the agent's own list first."""
        return self._serving(login).picked

    def _serving(self, login: str) -> "_Served":
        served = self._served.get(login)
        if served is None:
            queues = sorted(self._find(login, "queue"), key=lambda line: line.rank)
            lists = tuple(self._find(login, "waiting list"))
            booked = tuple(line for line in queues if _is_distributed(line.place))
            levels = tuple(tuple(same) for _, same in groupby(booked, lambda line: line.rank))
            served = self._served[login] = _Served(booked, levels, lists, (*queues, *lists))
        return served

    def _find(self, login: str, service: Service) -> Iterator[Line]:
        agent, site = self._profiles.get(login), self._site
        if agent is None or agent.area != self.area:
            return
        if serving.own_place(agent, site) == service:
            yield self.line("", login)
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
            line = self._lines[key] = Line(key, self._waiting)
            self._place(line)
        return line

    def known_line(self, queue: str, personal: str = "") -> Line | None:
        """The line of a place that is configured, or where something waited; else None."""
        return self._lines.get((queue, personal))

    def all_lines(self) -> list[Line]:
        """Every place that is configured, or where something waited."""
        return list(self._lines.values())

    # For selection

    def level(self, login: str, line: Line) -> int:
        """How skilled an agent is for a line: the levels of the skills it demands, together."""
        agent, place = self._profiles.get(login), line.place
        if agent is None or place is None:
            return 0
        return sum(agent.skills.get(skill, 0) for skill in place.requires)

    def next_agent(self, waiting: Waiting) -> str | None:
        """Who gets this contact of those who serve it and are ready (RO-5)."""
        line = self.line(waiting.queue, waiting.personal)
        while self._fresh:
            self.rest(next(iter(self._fresh)))
        if not line.wants_skill:
            return next(iter(line.idle), None)
        return min(
            line.idle,
            key=lambda login: (-self.level(login, line), line.idle[login]),
            default=None,
        )

    def candidate(self) -> str | None:
        """Who has been ready longest of those for whom something may wait."""
        if self._due and (due := self._first_due()) is not None:
            return due
        return next(iter(self._fresh), None)

    def _first_due(self) -> str | None:
        while self._due:
            number, key = self._due[0]
            line = self._lines[key]
            login = next(iter(line.idle)) if line.size and line.idle else None
            if login is not None and line.due_at == line.idle[login] == number:
                return login
            heappop(self._due)
            if line.due_at == number:
                line.due_at = 0
                if login is not None:
                    self._make_due(line)
        return None

    def rest(self, login: str) -> None:
        """This ready agent has looked; what arrives from now on finds the agent."""
        self._enter(login, self._fresh.pop(login))

    def _enter(self, login: str, number: int) -> None:
        for line in self.lines(login):
            line.enter(login, number)
            if line.size:
                self._make_due(line)

    def _leave(self, login: str) -> None:
        for line in self.lines(login):
            line.idle.pop(login, None)

    def take(self, waiting: Waiting, login: str) -> None:
        """The contact is this agent's: it waits no more, and the agent is no longer ready."""
        self.discard(waiting.contact)
        self.had(login, waiting.entrance)
        self.not_ready(login)

    def _make_due(self, line: Line) -> None:
        """Something waits there, and somebody who serves it is idle."""
        number = line.idle[next(iter(line.idle))]
        if not 0 < line.due_at <= number:
            line.due_at = number
            heappush(self._due, (number, line.key))


class _Served(NamedTuple):
    """The lines that an agent serves."""

    booked: tuple[Line, ...]  # distributed, in the order in which they are looked at
    levels: tuple[tuple[Line, ...], ...]  # the same, those of one rank together
    picked: tuple[Line, ...]  # the agent's own first
    everything: tuple[Line, ...]  # and what nobody is given


def _is_distributed(place: Place | None) -> bool:
    return isinstance(place, Queue) and place.distribution
