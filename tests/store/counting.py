"""The kept figures, and the same by counting: jobs of which each two must have equal results."""

from collections import Counter
from datetime import datetime

from ace_server.contact import IN_HAND, State
from ace_server.store import contacts, figures
from ace_server.store.contacts import ContactRow
from ace_server.store.figures import NO_LEVELS, Levels
from ace_server.store.models import EPOCH, Contact, History, rows, to_stored

DONE = (
    figures.RECEIVED,
    figures.ESTABLISHED,
    figures.REESTABLISHED,
    figures.QUEUE_TIME,
    figures.DWELL,
    *figures.LEVELS,
    figures.HANDLING,
    figures.CLOSED,
)

Figures = dict[tuple[str, str, str], int]
"""By kind, name and figure; what is nothing is not in it."""


def kept(since: datetime = EPOCH) -> Figures:
    """A job: the figures as they are kept."""
    return {tuple(one[:3]): one.value for one in figures.kept(since) if one.value}


def counted(since: datetime = EPOCH) -> Figures:
    """A job: the same by looking at every contact."""
    found: Counter[tuple[str, str, str]] = Counter()
    for row in contacts.listing(list(State)):
        place = ("queue", row.queue) if row.queue else ("personal", row.personal)
        if row.state is State.ENDED:
            assert row.ended_at is not None
            if row.ended_at >= since:
                found[*place, "ended"] += 1
            continue
        found["entrance", row.entrance, _stands(row)] += 1
        if row.state is not State.BUFFERED:
            found[*place, _stands(row)] += 1
    return dict(found)


def _stands(row: ContactRow) -> str:
    if row.state in IN_HAND:
        return "in hand"
    return "waiting" if row.state is State.QUEUED else "buffered"


def kept_done(since: datetime = EPOCH) -> Figures:
    """A job: what was done, as it is kept."""
    return {tuple(one[:3]): one.value for one in figures.kept(since, DONE) if one.value}


def counted_done(levels: Levels = NO_LEVELS) -> Figures:
    """A job: the same by reading the history of every contact, whose task type never changes."""
    columns = (
        History.contact,
        History.at,
        History.before,
        History.after,
        History.queue,
        History.personal,
        Contact.first_queued_at,
    )
    found: Counter[tuple[str, str, str]] = Counter()
    lives: dict[int, _Life] = {}
    query = History.select(*columns).join(Contact).order_by(History.id)
    for contact, at, before, after, queue, personal, first_queued_at in rows(query):
        if not queue and not personal:  # an edit, or it is buffered
            continue
        place = ("queue", queue) if queue else ("personal", personal)
        life = lives.setdefault(contact, _Life())
        for figure, value in life.happens(to_stored(at), before, after, place).items():
            found[*place, figure] += value
        if after == State.ACCEPTED and before != State.PARKED:
            queued_for = to_stored(at) - to_stored(first_queued_at)
            found[*place, "queue time"] += queued_for
            for figure, level in zip(figures.LEVELS, levels, strict=True):
                found[*place, figure] += level is not None and queued_for <= level * 1_000_000
    return {key: value for key, value in found.items() if value}


class _Life:
    """One contact, from line to line of its history; times as stored."""

    def __init__(self) -> None:
        self._place = ("", "")
        self._entered_at = 0
        self._accepts = 0
        self._since = 0
        self._handled_for = 0

    def happens(
        self, at: int, before: str | None, after: str | None, place: tuple[str, str]
    ) -> dict[str, int]:
        """What a line adds to the figures of its place, by figure; and the contact goes on."""
        found: dict[str, int] = {}
        was, self._place = self._place, place
        waits_elsewhere = after is None and was != place
        if before == State.ACCEPTED:
            self._handled_for += at - self._since
        if waits_elsewhere or (after == State.QUEUED and before != State.BOOKED):
            self._entered_at = at
            found["received"] = 1
        elif after == State.ACCEPTED:
            self._since = at
            if before != State.PARKED:
                found["reestablished" if self._accepts else "established"] = 1
                found["dwell"] = at - self._entered_at
                self._accepts += 1
        elif after == State.ENDED:
            is_closed = before == State.QUEUED
            found |= {"closed": 1} if is_closed else {"handling": self._handled_for}
        return found
