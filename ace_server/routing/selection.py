"""Which contact a ready agent gets, and which agent a waiting contact (RO-5, RO-6).

These decide over the index; making a booking true is the caller's.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ace_server.routing.queues import Index, Line, Top, Waiting, microseconds


class Booking(NamedTuple):
    """A contact for an agent."""

    contact: int
    agent: str


class Rank(NamedTuple):
    """What the tops of queues of one priority are compared by; the lowest goes first (RO-5)."""

    in_turn: bool  # False: a supervisor prioritised it
    is_passed_by: bool  # the agent's last contact came from its entrance, a flood (RO-6)
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

    The agent whom the contact would go to may get a better one, which would go to somebody else,
    and so on. Since a flood goes after others for some agents only (RO-6), that may come round to
    one who was asked before: then the first agent gets what goes first for that agent.
    """
    first, asked = (login, waiting), {login}
    while (other := index.next_agent(waiting)) is not None and other != login:
        better = for_agent(index, other, now)
        assert better is not None  # this one waits where the other comes first
        if other in asked:
            return first
        asked.add(other)
        login, waiting = other, better
    return login, waiting


def for_agent(index: Index, login: str, now: datetime) -> Waiting | None:
    """The contact that a ready agent gets (RO-5).

    From the queues that the agent serves, those of the best priority that have something: of their
    tops the one with the lowest rank. Of one priority the agent's own goes before the others.
    """
    at, flood = microseconds(now), index.passes_by(login)
    for level in index.levels(login):
        best: Top | None = None
        head: tuple[bool, bool, int] | None = None
        best_aged = 0.0
        for line in level:
            if not line.size:
                continue
            top = line.top if line.is_known else line.look()
            is_passed_by = False
            if flood and top.entrance == flood:
                top, is_passed_by = _passing_by(line, top, flood)
            its = top.in_turn, is_passed_by, top.prio
            if head is not None and its > head:
                continue
            aged = (top.since - at) * line.weight
            if best is None or its != head or (aged, top.contact) < (best_aged, best.contact):
                best, head, best_aged = top, its, aged
        if best is not None:
            return index.waiting(best.contact)
    return None


def _passing_by(line: Line, top: Top, flood: str) -> tuple[Top, bool]:
    """What an agent gets from a line whose top is of a flood, and if that is passed by (RO-6)."""
    if not top.in_turn:
        return top, False  # a supervisor prioritised it
    other = line.beside(flood)
    return (top, True) if other is None else (other, False)


def rank_of(index: Index, login: str, line: Line, now: datetime) -> Rank:
    """How what this agent would get from a line compares with the same of other lines."""
    top, flood, is_passed_by = line.look(), index.passes_by(login), False
    if flood and top.entrance == flood:
        top, is_passed_by = _passing_by(line, top, flood)
    aged = (top.since - microseconds(now)) * line.weight
    return Rank(top.in_turn, is_passed_by, top.prio, aged, top.contact)


def for_contact(index: Index, contact: int) -> str | None:
    """The agent that a waiting contact gets: of those who serve its queue and are ready (RO-5)."""
    waiting = index.waiting(contact)
    return index.next_agent(waiting) if waiting is not None else None
