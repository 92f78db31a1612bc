"""Figures that are kept, never counted: how many contacts stand where, and what was done when.

They change in the transaction of the move that changes them (PU-1, PU-3: a work item counts as an
e-mail contact). Jobs gather what they change in the database's tally; the store writes it once for
all jobs that share a commit. Each process has rows of its own, so that two never wait for each
other's; who reads sums them up. What a figure means for a screen or a report is decided elsewhere.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from peewee import fn

from ace_server.contact import IN_HAND, State
from ace_server.store.models import Figure, database, from_stored, rows, to_stored
from ace_server.store.tally import Key

QUEUE, PERSONAL, ENTRANCE = "queue", "personal", "entrance"
"""Kinds: a queue, what waits for one person alone, an entrance."""

WAITING, IN_HANDS, ENDED, BUFFERED = "waiting", "in hand", "ended", "buffered"
SHOWN = (WAITING, IN_HANDS, ENDED, BUFFERED)

RECEIVED = "received"
"""Entries into a queue, a waiting list, or what one person alone is to have."""

ESTABLISHED, REESTABLISHED = "established", "reestablished"
"""Accepts there: the first or under another task type than the one before; under the same."""

QUEUE_TIME, DWELL = "queue time", "dwell"
"""Microseconds from first queued to these accepts, and from the last entry to them."""

LEVELS = ("level 1", "level 2")
"""Of these accepts, those whose queue time was within the service level."""

HANDLING = "handling"
"""Microseconds that contacts ended there were in hand and not parked, at every agent together."""

CLOSED = "closed"
"""Those of what ended that ended while they waited, and were handled by nobody."""

Levels = tuple[float | None, float | None]
"""Seconds of queue time within which a place's contacts should be accepted; None: no such level."""

NO_LEVELS: Levels = (None, None)

BUCKET = timedelta(minutes=15)
"""How finely it is kept what happened when; every time zone begins its days with a bucket."""

_BUCKET = BUCKET // timedelta(microseconds=1)
_SECOND = 1_000_000  # microseconds

AT_A_TIME = 100
"""Rows written by one statement: an older SQLite takes no more than 999 values."""

PACE_BUCKETS = 4
"""Whole ones, over which it is told how fast contacts are handled."""


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


def receive(place: Place, at: int) -> None:
    """A contact enters a place, to wait there."""
    database.tally.add(Key(bucket(at), *_kind(place), RECEIVED), 1)


def accept(
    place: Place, at: int, queued_for: int, dwelt_for: int, again: bool, levels: Levels
) -> None:
    """A contact is accepted after so many microseconds in all, and at its place.

    `again`: under the task type under which it was accepted before.
    """
    changes = {REESTABLISHED if again else ESTABLISHED: 1, QUEUE_TIME: queued_for, DWELL: dwelt_for}
    for figure, level in zip(LEVELS, levels, strict=True):
        if level is not None and queued_for <= level * _SECOND:
            changes[figure] = 1
    kind, name = _kind(place)
    for figure, by in changes.items():
        database.tally.add(Key(bucket(at), kind, name, figure), by)


def handle(place: Place, at: int, handled_for: int) -> None:
    """A contact is ended by who had it in hand; it was in hand for so many microseconds."""
    database.tally.add(Key(bucket(at), *_kind(place), HANDLING), handled_for)


def close(place: Place, at: int) -> None:
    """A contact is ended while it waits."""
    database.tally.add(Key(bucket(at), *_kind(place), CLOSED), 1)


def _kind(place: Place) -> tuple[str, str]:
    return (QUEUE, place.queue) if place.queue else (PERSONAL, place.personal)


def _count(place: Place, state: State, at: int, by: int) -> None:
    tally = database.tally
    if state is State.ENDED:
        kind, name = _kind(place)
        tally.add(Key(bucket(at), kind, name, ENDED), by)
        return
    for key in _standing(place, state):
        tally.add(key, by)


@cache
def _standing(place: Place, state: State) -> tuple[Key, ...]:
    """What a contact counts in while it stands there; kept, for every move asks twice."""
    kind, name = _kind(place)
    figure = _STANDS[state]
    of_entrance = Key(0, ENTRANCE, place.entrance, figure)
    return (of_entrance,) if state is State.BUFFERED else (of_entrance, Key(0, kind, name, figure))


_STANDS = {
    State.BUFFERED: BUFFERED,
    State.QUEUED: WAITING,
    **dict.fromkeys(IN_HAND, IN_HANDS),
}


def write(changes: Sequence[tuple[Key, int]], writer: str) -> None:
    """Add what a group of jobs changed to this process's rows: part of the group's transaction."""
    for start in range(0, len(changes), AT_A_TIME):
        some = changes[start : start + AT_A_TIME]
        values = [value for key, by in some for value in (*key, writer, by)]
        database.execute_sql(_upsert(database.param, len(some)), values)


@cache
def _upsert(mark: str, number: int) -> str:
    """Written once for so many rows (see `models.insertion`)."""
    marks = f"({', '.join([mark] * 6)})"
    return (
        'INSERT INTO "figure" ("at", "kind", "name", "figure", "writer", "value") '
        f"VALUES {', '.join([marks] * number)} "
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


def kept(since: datetime, wanted: Collection[str] = SHOWN) -> list[Kept]:
    """What stands now, and what was done since a moment, at the start of whose bucket it begins.

    Of these the figures that are `wanted`.
    """
    stands = Figure.at == 0
    done = Figure.at >= bucket(to_stored(since))
    columns = (Figure.kind, Figure.name, Figure.figure)
    summed = (
        Figure.select(*columns, fn.SUM(Figure.value))
        .where(stands | done, Figure.figure.in_(list(wanted)))
        .group_by(*columns)
    )
    return [Kept(kind, name, figure, int(value)) for kind, name, figure, value in rows(summed)]


def next_bucket(now: datetime) -> datetime:
    """When the next quarter of an hour begins."""
    return from_stored(bucket(to_stored(now)) + _BUCKET)


def pace(now: datetime) -> dict[str, float]:
    """Seconds of handling for each contact that was handled, by queue, over the last whole hour.

    That is four whole buckets. A queue where none was handled is not in it.
    """
    end = bucket(to_stored(now))
    within = (Figure.at >= end - PACE_BUCKETS * _BUCKET) & (Figure.at < end)
    wanted = Figure.figure.in_([HANDLING, ENDED, CLOSED])
    summed = (
        Figure.select(Figure.name, Figure.figure, fn.SUM(Figure.value))
        .where(within, Figure.kind == QUEUE, wanted)
        .group_by(Figure.name, Figure.figure)
    )
    of = {(name, figure): int(value) for name, figure, value in rows(summed)}
    found = {}
    for name in {name for name, _ in of}:
        handled = of.get((name, ENDED), 0) - of.get((name, CLOSED), 0)
        if handled > 0:
            found[name] = of.get((name, HANDLING), 0) / _SECOND / handled
    return found
