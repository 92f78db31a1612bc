"""The figures of a day as lines for a terminal."""

from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from ace_server.simulation.comparison import Comparison
from ace_server.simulation.figures import Figures, PlaceFigures, Waits
from ace_server.simulation.recorded import Booked

Row = Sequence[str]

_NOTHING = "-"

MOST_LISTED = 20
"""Differences that are listed for a person; all of them are in the JSON."""


def lines(figures: Figures) -> Iterator[str]:
    """Queues, entrances, and what is true of the whole."""
    yield from table(PLACES, (_place(one) for one in figures.places))
    yield ""
    entrances = (
        (
            one.name,
            f"{one.came_in:,}",
            f"{one.accepted:,}",
            *waits(one.waits),
            f"{one.buffered:,}",
            f"{one.left_buffered:,}",
        )
        for one in figures.entrances
    )
    yield from table(ENTRANCES, entrances)
    yield ""
    yield (
        f"{figures.bookings:,} bookings, {figures.timed_out:,} of them not accepted in time; "
        f"{figures.moved_on:,} contacts moved on; {figures.ended:,} of {figures.contacts:,} ended"
    )
    idle = figures.idle_beside_waiting
    yield f"seconds that an agent was ready beside a contact that would fit: {idle:,.0f}"
    yield f"fairness (Jain's index, 1 is even): {_fairness(figures)}"


def _fairness(figures: Figures) -> str:
    shares = [one.working / one.seconds for one in figures.agents if one.seconds]
    between = f"waits of entrances {_index(figures.entrances_fair)}"
    if not shares:
        return between
    busy = f"{share(min(shares))} to {share(max(shares))} of their time"
    return f"{between}, work of agents {_index(figures.agents_fair)} ({busy})"


def _index(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.2f}"


PLACES = (
    "queue or list",
    "received",
    "accepted",
    "mean wait",
    "90 %",
    "longest",
    "level 1",
    "level 2",
    "moved on",
    "waiting",
)
ENTRANCES = (
    "entrance",
    "came in",
    "accepted",
    "mean wait",
    "90 %",
    "longest",
    "buffered",
    "still",
)


def _place(one: PlaceFigures) -> Row:
    return (
        one.name,
        f"{one.received:,}",
        f"{one.accepted:,}",
        *waits(one.waits),
        share(one.level_1),
        share(one.level_2),
        f"{one.moved_on:,}",
        f"{one.waiting:,}",
    )


def waits(found: Waits) -> tuple[str, str, str]:
    """Mean, nine of ten, longest."""
    return duration(found.mean), duration(found.ninety), duration(found.longest)


def duration(seconds: float | None) -> str:
    """As a clock shows it: `4:05` or `1:04:05`."""
    if seconds is None:
        return _NOTHING
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def share(value: float | None) -> str:
    """In per cent, rounded down: 100 % is all of them."""
    return _NOTHING if value is None else f"{int(value * 100)} %"


def table(titles: Row, rows: Iterable[Row]) -> Iterator[str]:
    """The first column to the left, the others to the right; nothing moves the cursor."""
    found = [titles, *([_printable(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*found, strict=True)]
    for first, *others in found:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join((first.ljust(widths[0]), *cells))


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


# A log beside its replay


def comparison(found: Comparison, zone: ZoneInfo) -> Iterator[str]:
    """What is the same, what differs, and the places of both, the recorded figure first."""
    was, would_be = found.recorded, found.replayed
    yield (
        f"{was.bookings:,} bookings recorded, {would_be.bookings:,} replayed, "
        f"{found.same:,} the same"
    )
    yield (
        f"contacts that another queue or list would deliver: {len(found.other_place):,}; "
        f"that another agent would accept: {len(found.other_agent):,}"
    )
    for one in found.differences[:MOST_LISTED]:
        there, here = _booking(one.recorded, zone), _booking(one.replayed, zone)
        yield f"  contact {one.contact}: recorded {there}, replayed {here}"
    if len(found.differences) > MOST_LISTED:
        yield f"  and {len(found.differences) - MOST_LISTED:,} more"
    yield ""
    yield from table(BESIDE, _beside(was, would_be))


def _booking(one: Booked | None, zone: ZoneInfo) -> str:
    if one is None:
        return "not booked"
    return f"for {_printable(one.agent)} at {one.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"


BESIDE = (
    "queue or list",
    "accepted",
    "replayed",
    "mean wait",
    "replayed",
    "90 %",
    "replayed",
    "level 1",
    "replayed",
    "level 2",
    "replayed",
)


def _beside(was: Figures, would_be: Figures) -> Iterator[Row]:
    here = {one.name: one for one in was.places}
    there = {one.name: one for one in would_be.places}
    for name in {**here, **there}:
        pairs = zip(_short(here.get(name)), _short(there.get(name)), strict=True)
        yield name, *(cell for pair in pairs for cell in pair)


def _short(one: PlaceFigures | None) -> Row:
    if one is None:
        return (_NOTHING,) * 5
    mean, ninety, _ = waits(one.waits)
    return f"{one.accepted:,}", mean, ninety, share(one.level_1), share(one.level_2)
