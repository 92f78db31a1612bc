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


def bookings(index: Index, now: datetime) -> Iterator[Booking]:
    """Every booking that is possible now; each is out of the index as it is yielded.

    Of all agents for whom something waits, the one who has been ready longest goes first. When this
    is exhausted no ready agent stands beside a contact that fits (RO-6).
    """
    while (login := index.candidate()) is not None:
        waiting = for_agent(index, login, now)
        if waiting is None:
            index.rest(login)
        else:
            index.take(waiting, login)
            yield Booking(waiting.contact, login)


def for_agent(index: Index, login: str, now: datetime) -> Waiting | None:
    """The contact that a ready agent gets: one that waits for this agent alone; else of the tops of
    the served queues of the best priority the one with the lowest `prio`, then with the most
    waiting time times weight, then the oldest.
    """
    best: Waiting | None = None
    best_rank: tuple[int, float, int] | None = None
    best_priority = 0
    for line in index.lines(login):
        if not line.size:
            continue
        priority = line.queue.priority if line.queue else 0  # 0: the agent's own
        if best is not None and priority > best_priority:
            break
        top = line.first()
        rank = _rank(top, line, now)
        if best_rank is None or rank < best_rank:
            best, best_rank, best_priority = top, rank, priority
    return best


def _rank(top: Waiting, line: Line, now: datetime) -> tuple[int, float, int]:
    weight = line.queue.weight if line.queue else 1.0
    return top.prio, -(now - top.first_queued_at).total_seconds() * weight, top.contact


def for_contact(index: Index, contact: int) -> str | None:
    """The agent that a waiting contact gets: of those who fit, the one ready longest."""
    waiting = index.waiting(contact)
    return index.longest_ready(waiting) if waiting is not None else None
