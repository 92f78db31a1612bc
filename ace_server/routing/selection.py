"""Which contact a ready agent gets, and which agent a waiting contact (RO-5, RO-6).

These decide over the index; making a booking true is the caller's.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ace_server.routing.queues import Index, Line, Waiting


class Booking(NamedTuple):
    """A contact for an agent."""

    contact: int
    agent: str


class Rank(NamedTuple):
    """What the tops of queues of one priority are compared by; the lowest goes first (RO-5)."""

    in_turn: bool  # False: a supervisor prioritised it
    steps_back: bool  # its entrance is a flood that has its share (RO-6)
    prio: int
    aged: float  # waiting seconds times weight, negative
    contact: int


def bookings(index: Index, now: datetime) -> Iterator[Booking]:
    """Every booking that is possible now; each is out of the index as it is yielded.

    Of all agents for whom something waits, the one who has been ready longest goes first; a new
    contact of a queue that wants the highest skill finds that agent. When this is exhausted no
    ready agent stands beside a contact of a queue that the agent serves (RO-6).
    """
    while (login := index.candidate()) is not None:
        waiting = for_agent(index, login, now)
        if waiting is None:
            index.rest(login)
        else:
            index.take(waiting, login)
            yield Booking(waiting.contact, login)


def for_agent(index: Index, login: str, now: datetime) -> Waiting | None:
    """The contact that a ready agent gets (RO-5).

    From the queues that the agent serves, those of the best priority that have something: of their
    tops the one with the lowest rank. Of one priority the agent's own goes before the others.
    """
    best: Waiting | None = None
    best_rank: Rank | None = None
    level: tuple[int, bool] | None = None
    for line in index.lines(login):
        if not line.size:
            continue
        if best is not None and line.rank != level:
            break
        top = line.first()
        rank = rank_of(index, top, line, now)
        if best_rank is None or rank < best_rank:
            best, best_rank, level = top, rank, line.rank
    return best


def rank_of(index: Index, top: Waiting, line: Line, now: datetime) -> Rank:
    """How the top of a line compares with those of other lines of the same priority."""
    return Rank(
        not top.prioritised,
        index.shares.steps_back(top.entrance),
        top.prio,
        -(now - top.first_queued_at).total_seconds() * line.weight,
        top.contact,
    )


def for_contact(index: Index, contact: int) -> str | None:
    """The agent that a waiting contact gets: of those who serve its queue and are ready (RO-5)."""
    waiting = index.waiting(contact)
    return index.next_agent(waiting) if waiting is not None else None
