"""Which contact a ready agent gets, and which agent a waiting contact (RO-5, RO-6).

These decide over the index; making a booking true is the caller's.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ace_server.routing.queues import Index, Line, Waiting, microseconds


class Booking(NamedTuple):
    """A contact for an agent."""

    contact: int
    agent: str


class Rank(NamedTuple):
    """What the tops of queues of one priority are compared by; the lowest goes first (RO-5)."""

    in_turn: bool  # False: a supervisor prioritised it
    steps_back: int  # its entrance is a flood (RO-6)
    prio: int
    aged: float  # waiting microseconds times weight, negative
    contact: int


def bookings(index: Index, now: datetime) -> Iterator[Booking]:
    """Every booking that is possible now; each is out of the index as it is yielded.

    Of all agents for whom something waits, the one who has been ready longest goes first; but what
    that agent would get from a queue that wants the highest skill finds whoever has that. When this
    is exhausted no ready agent stands beside a contact of a queue that the agent serves (RO-6).
    """
    while (login := index.candidate()) is not None:
        waiting = for_agent(index, login, now)
        if waiting is None:
            index.rest(login)
            continue
        if index.line(waiting.queue, waiting.personal).wants_skill:
            login, waiting = _settled(index, login, waiting, now)
        index.take(waiting, login)
        yield Booking(waiting.contact, login)


def _settled(index: Index, login: str, waiting: Waiting, now: datetime) -> tuple[str, Waiting]:
    """An agent and a contact each of whom gets the other, found from a pair where that may not be.

    The agent whom the contact would go to may get a better one, which would go to somebody else.
    Each step leads to a better contact, so there is a last one.
    """
    while (other := index.next_agent(waiting)) is not None and other != login:
        better = for_agent(index, other, now)
        assert better is not None  # this one waits where the other comes first
        login, waiting = other, better
    return login, waiting


def for_agent(index: Index, login: str, now: datetime) -> Waiting | None:
    """The contact that a ready agent gets (RO-5).

    From the queues that the agent serves, those of the best priority that have something: of their
    tops the one with the lowest rank. Of one priority the agent's own goes before the others.
    """
    best: Line | None = None
    at, change = microseconds(now), index.shares.change
    for line in index.lines(login):
        if not line.size:
            continue
        if line.looked_at != change:
            line.look(change)
        if best is None:
            best = line
        elif line.rank != best.rank:
            break
        elif line.head < best.head or (
            line.head == best.head and _aged(line, at) < _aged(best, at)
        ):
            best = line
    return index.waiting(best.top) if best is not None else None


def _aged(line: Line, at: int) -> tuple[float, int]:
    """The top of a line by waiting time and weight, then by age; the lowest goes first."""
    return (line.since - at) * line.weight, line.top


def rank_of(line: Line, now: datetime) -> Rank:
    """How the top of a line compares with those of other lines of the same priority."""
    line.first()
    return Rank(*line.head, *_aged(line, microseconds(now)))


def for_contact(index: Index, contact: int) -> str | None:
    """The agent that a waiting contact gets: of those who serve its queue and are ready (RO-5)."""
    waiting = index.waiting(contact)
    return index.next_agent(waiting) if waiting is not None else None
