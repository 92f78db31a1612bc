"""Which contact a ready agent gets, and which agent a waiting contact (RO-5, RO-6).

These decide over the index; making a booking true is the caller's.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ace_server.routing.queues import (
    IN_TURN,
    PASSED_BY,
    Index,
    Line,
    Top,
    Waiting,
    microseconds,
)


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
        head, weight = 0, 1.0
        for line in level:
            if not line.size:
                continue
            top = line.top if line.is_known else line.look()
            its = top.head
            if flood and top.entrance == flood:
                top, its = _passing_by(line, top, flood)
            if (
                best is None
                or its < head
                or (its == head and _aged(top, line.weight, at) < _aged(best, weight, at))
            ):
                best, head, weight = top, its, line.weight
        if best is not None:
            return index.waiting(best.contact)
    return None


def _passing_by(line: Line, top: Top, flood: str) -> tuple[Top, int]:
    """What an agent gets from a line whose top is of a flood, and what it is compared by (RO-6)."""
    if top.head < IN_TURN:
        return top, top.head  # a supervisor prioritised it
    other = line.beside(flood)
    return (top, top.head + PASSED_BY) if other is None else (other, other.head)


def _aged(top: Top, weight: float, at: int) -> tuple[float, int]:
    """A top by waiting time and weight, then by age; the lowest goes first."""
    return (top.since - at) * weight, top.contact


def rank_of(index: Index, login: str, line: Line, now: datetime) -> Rank:
    """How what this agent would get from a line compares with the same of other lines."""
    top, flood = line.look(), index.passes_by(login)
    head = top.head
    if flood and top.entrance == flood:
        top, head = _passing_by(line, top, flood)
    in_turn, rest = divmod(head, IN_TURN)
    is_passed_by, prio = divmod(rest, PASSED_BY)
    aged, contact = _aged(top, line.weight, microseconds(now))
    return Rank(bool(in_turn), bool(is_passed_by), prio, aged, contact)


def for_contact(index: Index, contact: int) -> str | None:
    """The agent that a waiting contact gets: of those who serve its queue and are ready (RO-5)."""
    waiting = index.waiting(contact)
    return index.next_agent(waiting) if waiting is not None else None
