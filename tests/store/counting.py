"""The kept figures, and the same by counting: two jobs of which the results must be equal."""

from collections import Counter
from datetime import datetime

from ace_server.contact import IN_HAND, State
from ace_server.store import contacts, figures
from ace_server.store.contacts import ContactRow
from ace_server.store.models import EPOCH

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
