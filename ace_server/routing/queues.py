"""The index of everything that waits and of everybody who is ready, in memory.

It keeps order and says who fits what; which contact goes to whom is decided in `selection`. What is
true is in the store: this is built anew from there after a start.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import count

from ace_server.concepts import Queue

_SLACK = 64
"""A heap may hold this many entries, and as many as wait, of contacts that wait no more."""


@dataclass(slots=True)
class Waiting:
    """A contact that waits in a queue, or (with `personal`) for one agent alone."""

    contact: int
    queue: str  # empty for a personal one
    place: int  # order of first being queued; the contact's for good
    prio: int  # 0 goes first (RO-5)
    first_queued_at: datetime
    personal: str = ""  # login


def lacks(queue: Queue, skills: Mapping[str, int]) -> Iterator[tuple[str, int, int]]:
    """Each skill an agent lacks for a queue: its name, the least level, and the agent's (or 0)."""
    for skill, least in queue.requires.items():
        level = skills.get(skill, 0)
        if level < least:
            yield skill, least, level


def fits(queue: Queue, skills: Mapping[str, int]) -> bool:
    """Whether an agent with these skills can have what waits in this queue (RO-4)."""
    return next(lacks(queue, skills), None) is None


class Line:
    """What waits in one queue, in order of place, and who is ready for it and has found nothing."""

    __slots__ = ("_heap", "_waiting", "idle", "is_due", "key", "queue", "size")

    def __init__(self, key: tuple[str, str], waiting: Mapping[int, Waiting]) -> None:
        self.key = key  # queue and personal, as its contacts have them
        self.queue: Queue | None = None  # None: it is not configured, or is one agent's alone
        self.size = 0
        self.is_due = False  # something arrived that an idle agent may be offered
        self.idle: OrderedDict[str, int] = OrderedDict()  # login, since which number of being ready
        self._heap: list[tuple[int, int]] = []  # place, contact; deleted lazily
        self._waiting = waiting

    def push(self, waiting: Waiting) -> None:
        """Put a contact in its place."""
        self.size += 1
        heappush(self._heap, (waiting.place, waiting.contact))

    def drop(self) -> None:
        """One of its contacts waits no more; the heap forgets it when it comes up."""
        self.size -= 1
        if len(self._heap) > 2 * self.size + _SLACK:
            self._heap = [entry for entry in set(self._heap) if self._holds(entry)]
            heapify(self._heap)

    def first(self) -> Waiting:
        """The contact that waits at the top; there is one, as long as `size` is not 0."""
        while not self._holds(self._heap[0]):
            heappop(self._heap)
        return self._waiting[self._heap[0][1]]

    def in_order(self) -> list[Waiting]:
        """Everything that waits here, the top first."""
        entries = sorted(entry for entry in set(self._heap) if self._holds(entry))
        return [self._waiting[contact] for _, contact in entries]

    def _holds(self, entry: tuple[int, int]) -> bool:
        """Whether an entry's contact still waits here, and in that place."""
        waiting = self._waiting.get(entry[1])
        return (
            waiting is not None
            and waiting.place == entry[0]
            and (waiting.queue, waiting.personal) == self.key
        )


class Index:
    """What waits, who is ready, and who serves what.

    Adding, discarding and finding the top are O(log n). `selection.bookings` keeps one thing true
    between its calls: no agent that `is_idle` fits a contact that waits.
    """

    def __init__(
        self, queues: Mapping[str, Queue], skills: Mapping[str, Mapping[str, int]]
    ) -> None:
        self._waiting: dict[int, Waiting] = {}
        self._lines: dict[tuple[str, str], Line] = {}
        self._ready: dict[str, int] = {}  # login, and a number that grows with each
        self._numbers = count(1)
        self._fresh: OrderedDict[str, int] = OrderedDict()  # ready, and not yet offered anything
        self._due: list[tuple[int, tuple[str, str]]] = []  # lines in which something arrived
        self.configure(queues, skills)

    def configure(
        self, queues: Mapping[str, Queue], skills: Mapping[str, Mapping[str, int]]
    ) -> None:
        """Take over another configuration; what waits and who is ready stay."""
        self._queues = queues
        self._skills = skills
        self._served: dict[str, tuple[Line, ...]] = {}
        self._due.clear()
        for line in self._lines.values():
            line.is_due = False
            line.idle.clear()
            line.queue = None
        for name, queue in queues.items():
            self._line(name, "").queue = queue
        self._fresh = OrderedDict(self._ready)

    # What waits

    def add(self, waiting: Waiting) -> None:
        """A contact waits; where it waited before, if anywhere, it waits no more."""
        if waiting.contact in self._waiting:
            self.discard(waiting.contact)
        line = self._lines.get((waiting.queue, waiting.personal))
        if line is None:
            line = self._line(waiting.queue, waiting.personal)
        self._waiting[waiting.contact] = waiting
        line.push(waiting)
        if line.idle and not line.is_due:
            self._make_due(line)

    def discard(self, contact: int) -> None:
        """A contact waits no more, if it did."""
        waiting = self._waiting.pop(contact, None)
        if waiting is not None:
            self._lines[waiting.queue, waiting.personal].drop()

    def waiting(self, contact: int) -> Waiting | None:
        """The contact, where it waits."""
        return self._waiting.get(contact)

    def in_queue(self, queue: str) -> list[Waiting]:
        """What waits in a queue, the top first."""
        line = self._lines.get((queue, ""))
        return line.in_order() if line else []

    def count(self, queue: str) -> int:
        """How many contacts wait in a queue."""
        line = self._lines.get((queue, ""))
        return line.size if line else 0

    def top(self, queue: str, personal: str = "") -> Waiting | None:
        """What waits first in a queue, or for one agent alone; None where nothing does."""
        line = self._lines.get((queue, personal))
        return line.first() if line is not None and line.size else None

    def position(self, contact: int) -> int:
        """Which number a contact is where it waits, from 1; 0: it does not wait."""
        waiting = self._waiting.get(contact)
        if waiting is None:
            return 0
        line = self._lines[waiting.queue, waiting.personal]
        return 1 + line.in_order().index(waiting)

    # Who is ready

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

    def is_idle(self, login: str) -> bool:
        """Whether an agent is ready, was offered what there is, and found nothing."""
        return login in self._ready and login not in self._fresh

    def ready_agents(self) -> list[str]:
        """Who is ready, the one who has been so longest first."""
        return list(self._ready)

    # Who serves what

    def fits(self, login: str, queue: str) -> bool:
        """Whether an agent can have what waits in a queue; no, where it is not configured."""
        configured = self._queues.get(queue)
        return configured is not None and fits(configured, self._skills.get(login, {}))

    def serves(self, login: str) -> tuple[str, ...]:
        """The queues an agent serves, priority 1 first."""
        return tuple(line.queue.name for line in self.lines(login) if line.queue is not None)

    def lines(self, login: str) -> tuple[Line, ...]:
        """Where an agent's contacts come from: what waits for the agent alone, then the queues."""
        served = self._served.get(login)
        if served is None:
            served = self._served[login] = tuple(self._find_lines(login))
        return served

    def _find_lines(self, login: str) -> Iterator[Line]:
        yield self._line("", login)
        for queue in sorted(self._queues.values(), key=lambda queue: queue.priority):
            if self.fits(login, queue.name):
                yield self._line(queue.name, "")

    def _line(self, queue: str, personal: str) -> Line:
        key = queue, personal
        if key not in self._lines:
            self._lines[key] = Line(key, self._waiting)
        return self._lines[key]

    # For selection

    def longest_ready(self, waiting: Waiting) -> str | None:
        """The fitting agent who has been ready longest."""
        line = self._line(waiting.queue, waiting.personal)
        if line.idle:
            return next(iter(line.idle))
        return next((login for login in self._fresh if line in self.lines(login)), None)

    def candidate(self) -> str | None:
        """Who has been ready longest of those for whom something may wait."""
        while self._due:
            number, key = self._due[0]
            line = self._lines[key]
            login = next(iter(line.idle), None)
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
        self.not_ready(login)

    def _make_due(self, line: Line) -> None:
        line.is_due = True
        heappush(self._due, (next(iter(line.idle.values())), line.key))
