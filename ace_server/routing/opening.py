"""Opening hours: whether an entrance is open at a moment, and when that changes (RO-10).

Hours are written in local time. A span belongs to the day on which it begins, also when it ends
after midnight; a special day replaces what begins on it. Where the clock is put forward, a time
that does not exist is the moment of the change; where it is put back, a span opens at the first and
closes at the last of two equal times: an entrance is open whenever the clock on the wall shows a
time within its hours. The clock itself is an argument.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from ace_server.concepts import OpeningHours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SPAN = re.compile(r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)", re.ASCII)
_DAY = 24 * 60  # minutes
_TICK = timedelta(microseconds=1)

_LONGEST_DAYS = 2
"""A span ends at most this many local days after the one it begins on."""

_PERIOD_DAYS = 9
"""Whatever changes in a plain week does so within this many days of any moment."""

_FIRST_YEAR, _LAST_YEAR = 1970, 2999

Span = tuple[int, int]
"""Minutes after midnight of its day; the end may lie on the next."""


class Malformed(ValueError):
    """What is wrong with written opening hours, as a sentence."""


@dataclass(frozen=True, eq=False, slots=True)
class _Plan:
    """Opening hours as read: the spans that begin on each day. Equal to itself only: a key."""

    week: tuple[tuple[Span, ...], ...]
    special: Mapping[date, tuple[Span, ...]]

    def spans(self, day: date) -> tuple[Span, ...]:
        found = self.special.get(day)
        return self.week[day.weekday()] if found is None else found


def is_open(hours: OpeningHours | None, at: datetime, zone: str) -> bool:
    """Whether an entrance with these hours (None: always open) is open at this moment."""
    if hours is None or hours.mode != "schedule":
        return hours is None or hours.mode == "open"
    return _is_open(_read(hours), at, ZoneInfo(zone))


def next_change(hours: OpeningHours | None, at: datetime, zone: str) -> datetime | None:
    """The first moment after `at`, in UTC, when the entrance opens or closes; None: never."""
    if hours is None or hours.mode != "schedule":
        return None
    plan, local = _read(hours), ZoneInfo(zone)
    now = _is_open(plan, at, local)
    for moment in _edges(plan, at, local):
        if moment > at and _is_open(plan, moment, local) != now:
            return moment
    return None


def check(hours: OpeningHours) -> str | None:
    """What is wrong with these hours, as a sentence; None if nothing is."""
    try:
        _read(hours)
    except Malformed as malformed:
        return str(malformed)
    if hours.mode == "schedule" and not hours.week and not hours.special:
        return (
            'a schedule needs week or special; to keep the entrance closed, write mode = "closed"'
        )
    return None


# What an instant is in


def _is_open(plan: _Plan, at: datetime, zone: ZoneInfo) -> bool:
    today = at.astimezone(zone).date()
    return any(
        start <= at < end
        for back in range(_LONGEST_DAYS + 1)
        for start, end in _opened(plan, today - timedelta(days=back), zone)
    )


def _edges(plan: _Plan, at: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """The ends of all spans among which the next change must be, in order."""
    today = at.astimezone(zone).date()
    looked_at: set[date] = set()
    for first in sorted({today, *(day for day in plan.special if day > today)}):
        days = _around(first) - looked_at
        looked_at |= days
        yield from sorted(
            edge for day in days for span in _opened(plan, day, zone) for edge in span
        )


def _around(day: date) -> set[date]:
    return {day + timedelta(days=n) for n in range(-_LONGEST_DAYS, _PERIOD_DAYS + 1)}


@lru_cache(maxsize=4096)
def _opened(plan: _Plan, day: date, zone: ZoneInfo) -> tuple[tuple[datetime, datetime], ...]:
    """The spans that begin on a day, as moments."""
    return tuple(
        (_first_moment(day, start, zone), _last_moment(day, end, zone))
        for start, end in plan.spans(day)
    )


def _first_moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    return _moment(day, minutes, zone, fold=0)


def _last_moment(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    return _moment(day, minutes, zone, fold=1)


def _moment(day: date, minutes: int, zone: ZoneInfo, *, fold: int) -> datetime:
    """When a local clock shows this time; the first or the last such moment where it does twice."""
    shown = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
    moment = shown.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == shown:
        return moment
    return _change_of_clock(shown, zone)


def _change_of_clock(shown: datetime, zone: ZoneInfo) -> datetime:
    """The moment when the clock jumped over the time `shown`."""
    before = shown.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = shown.replace(tzinfo=zone, fold=0).astimezone(UTC)
    old = before.astimezone(zone).utcoffset()
    while after - before > _TICK:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


# Reading what an administrator wrote


def _read(hours: OpeningHours) -> _Plan:
    return _plan(
        tuple(hours.week.items()), tuple((special.date, special.open) for special in hours.special)
    )


@lru_cache(maxsize=1024)
def _plan(week: tuple[tuple[str, str], ...], special: tuple[tuple[date, str], ...]) -> _Plan:
    days = _week(dict(week))
    return _Plan(tuple(days.get(day, ()) for day in range(len(DAYS))), _special(special))


def _special(written: Iterable[tuple[date, str]]) -> dict[date, tuple[Span, ...]]:
    days: dict[date, tuple[Span, ...]] = {}
    for day, text in written:
        if day in days:
            raise Malformed(f"the special day {day} stands twice")
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise Malformed(f"the special day {day} is not within {_FIRST_YEAR} to {_LAST_YEAR}")
        days[day] = _spans(f"special day {day}", text)
    return days


def _week(written: Mapping[str, str]) -> dict[int, tuple[Span, ...]]:
    days: dict[int, tuple[Span, ...]] = {}
    for name, text in written.items():
        spans = _spans(name, text)
        for day in _days(name):
            if day in days:
                raise Malformed(f"{DAYS[day]} stands twice in week")
            days[day] = spans
    return days


def _days(name: str) -> Iterable[int]:
    first, dash, last = name.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        raise Malformed(f"'{name}' is no day; write one of {', '.join(DAYS)}, or mon-fri")
    start = DAYS.index(first)
    count = (DAYS.index(last) - start) % len(DAYS) + 1 if dash else 1
    return [(start + n) % len(DAYS) for n in range(count)]


def _spans(where: str, text: str) -> tuple[Span, ...]:
    """The spans of one day, in order."""
    written = sorted(_span(where, part.strip()) for part in text.split(",")) if text.strip() else []
    for (_, end), (start, _) in zip(written, written[1:], strict=False):
        if start < end:
            raise Malformed(f"{where}: the spans '{text.strip()}' overlap")
    return tuple(written)


def _span(where: str, text: str) -> Span:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise Malformed(
            f"{where}: '{text}' is no span; write 08:00-17:00, with a comma between two"
        )
    hour, minute, end_hour, end_minute = map(int, found.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if max(minute, end_minute) > 59 or start >= _DAY or end > _DAY:
        raise Malformed(f"{where}: '{text}' holds a time that no clock shows")
    if start == end:
        raise Malformed(f"{where}: '{text}' is empty; for the whole day write 00:00-24:00")
    return (start, end) if start < end else (start, end + _DAY)
