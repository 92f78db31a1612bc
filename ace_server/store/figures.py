"""Figures that are kept, never counted: how many contacts stand where, and what was done when.

They change in the transaction of the move that changes them (PU-1, PU-3: a work item counts as an
e-mail contact). Jobs gather what they change in the database's tally; the store writes it once for
all jobs that share a commit. Each process has rows of its own, so that two never wait for each
other's; who reads sums them up. What a figure means for a screen or a report is decided elsewhere.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from peewee import fn

from ace_server.contact import IN_HAND, State
from ace_server.store.models import Figure, database, rows, to_stored
from ace_server.store.tally import Key

QUEUE, PERSONAL, ENTRANCE = "queue", "personal", "entrance"
"""Kinds: a queue, what waits for one person alone, an entrance."""

WAITING, IN_HANDS, ENDED, BUFFERED = "waiting", "in hand", "ended", "buffered"

BUCKET = timedelta(minutes=15)
"""How finely it is kept what happened when; every time zone begins its days with a bucket."""

_BUCKET = BUCKET // timedelta(microseconds=1)


class Kept(NamedTuple):
    """One figure as it is kept, over all processes."""

    kind: str
    name: str
    figure: str
    value: int


class Place(NamedTuple):
    """Where a contact counts: its queue or the person it waits for, and its entrance."""

    queue: str
    personal: str
    entrance: str


def bucket(at: int) -> int:
    """The start of the time that a moment, as stored, belongs to."""
    return at - at % _BUCKET


def enter(place: Place, state: State, at: int) -> None:
    """A contact comes into a state at a place; `at`, as stored, counts where it is ended."""
    _count(place, state, at, +1)


def leave(place: Place, state: State) -> None:
    """A contact leaves a state at a place; what is ended never does."""
    _count(place, state, 0, -1)


def _count(place: Place, state: State, at: int, by: int) -> None:
    tally = database.tally
    kind, name = (QUEUE, place.queue) if place.queue else (PERSONAL, place.personal)
    if state is State.ENDED:
        tally.add(Key(bucket(at), kind, name, ENDED), by)
        return
    figure = _STANDS[state]
    tally.add(Key(0, ENTRANCE, place.entrance, figure), by)
    if state is not State.BUFFERED:
        tally.add(Key(0, kind, name, figure), by)


_STANDS = {
    State.BUFFERED: BUFFERED,
    State.QUEUED: WAITING,
    **dict.fromkeys(IN_HAND, IN_HANDS),
}


def write(changes: Iterable[tuple[Key, int]], writer: str) -> None:
    """Add what a group of jobs changed to this process's rows: part of the group's transaction."""
    for key, by in changes:
        database.execute_sql(_upsert(database.param), (*key, writer, by))


@cache
def _upsert(mark: str) -> str:
    """Written once (see `models.insertion`)."""
    marks = ", ".join([mark] * 6)
    return (
        'INSERT INTO "figure" ("at", "kind", "name", "figure", "writer", "value") '
        f"VALUES ({marks}) "
        'ON CONFLICT ("at", "kind", "name", "figure", "writer") '
        'DO UPDATE SET "value" = "figure"."value" + excluded."value"'
    )


class Standing(NamedTuple):
    """How many contacts of one entrance stand where now."""

    buffered: int
    waiting: int
    in_hand: int


def entrance(name: str) -> Standing:
    """An entrance's contacts, with what the jobs of this transaction changed so far."""
    of = (Figure.at == 0) & (Figure.kind == ENTRANCE) & (Figure.name == name)
    query = Figure.select(Figure.figure, fn.SUM(Figure.value)).where(of).group_by(Figure.figure)
    stands = dict(rows(query))
    changed = database.tally.under_way
    return Standing(
        *(
            int(stands.get(figure, 0)) + changed(Key(0, ENTRANCE, name, figure))
            for figure in (BUFFERED, WAITING, IN_HANDS)
        )
    )


def kept(since: datetime) -> list[Kept]:
    """What stands now, and what was done since a moment, at the start of whose bucket it begins."""
    stands = Figure.at == 0
    done = Figure.at >= bucket(to_stored(since))
    columns = (Figure.kind, Figure.name, Figure.figure)
    summed = Figure.select(*columns, fn.SUM(Figure.value)).where(stands | done).group_by(*columns)
    return [Kept(kind, name, figure, int(value)) for kind, name, figure, value in rows(summed)]
