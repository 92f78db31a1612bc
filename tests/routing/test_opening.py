"""Opening hours, also where the clock changes (RO-10)."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ace_server.concepts import OpeningHours, SpecialDay
from ace_server.routing import opening
from ace_server.routing.opening import DAYS

STOCKHOLM = "Europe/Stockholm"
ZONE = ZoneInfo(STOCKHOLM)


def schedule(week=None, special=()):
    return OpeningHours(
        entrance="loans",
        week=week or {},
        special=[SpecialDay(date=day, open=spans) for day, spans in special],
    )


def local(text, fold=0):
    """A time in Stockholm, as a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE, fold=fold).astimezone(UTC)


def is_open(hours, text, fold=0):
    return opening.is_open(hours, local(text, fold), STOCKHOLM)


def next_change(hours, text, fold=0):
    return opening.next_change(hours, local(text, fold), STOCKHOLM)


OFFICE = schedule(
    {"mon-thu": "08:00-12:00, 13:00-17:00", "fri": "08:00-15:00", "sat": ""},
    [(date(2026, 12, 24), "08:00-12:00"), (date(2026, 12, 25), "")],
)


def test_entrance_without_hours_is_always_open():
    assert is_open(None, "2026-11-20 03:00")
    assert next_change(None, "2026-11-20 03:00") is None


@pytest.mark.parametrize(("mode", "open_now"), [("open", True), ("closed", False)])
def test_entrance_may_be_always_open_or_closed(mode, open_now):
    hours = OpeningHours(entrance="loans", mode=mode, week={"mon-sun": "08:00-12:00"})
    assert is_open(hours, "2026-11-20 09:00") is open_now
    assert is_open(hours, "2026-11-20 13:00") is open_now
    assert next_change(hours, "2026-11-20 09:00") is None


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-19 07:59:59.999999", False),  # a Thursday
        ("2026-11-19 08:00", True),
        ("2026-11-19 11:59:59.999999", True),
        ("2026-11-19 12:00", False),
        ("2026-11-19 13:00", True),
        ("2026-11-20 16:00", False),  # a Friday
        ("2026-11-21 09:00", False),
        ("2026-11-22 09:00", False),
        ("2026-12-24 09:00", True),
        ("2026-12-24 14:00", False),  # a special day
        ("2026-12-25 09:00", False),
    ],
)
def test_schedule_decides(at, expected):
    assert is_open(OFFICE, at) is expected


@pytest.mark.parametrize(
    ("at", "changes_at"),
    [
        ("2026-11-19 07:00", "2026-11-19 08:00"),
        ("2026-11-19 08:00", "2026-11-19 12:00"),
        ("2026-11-20 15:00", "2026-11-23 08:00"),
        ("2026-12-23 17:00", "2026-12-24 08:00"),
        ("2026-12-24 12:00", "2026-12-28 08:00"),
    ],
)
def test_next_change_is_the_next_edge(at, changes_at):
    assert next_change(OFFICE, at) == local(changes_at)


def test_span_may_end_after_midnight():
    night = schedule({"fri": "22:00-06:00"})
    assert is_open(night, "2026-11-20 23:00")
    assert is_open(night, "2026-11-21 05:59")
    assert not is_open(night, "2026-11-21 06:00")
    assert not is_open(night, "2026-11-20 05:00")
    assert next_change(night, "2026-11-20 22:00") == local("2026-11-21 06:00")


def test_special_day_replaces_what_begins_on_it():
    night = schedule({"mon-sun": "22:00-06:00"}, [(date(2026, 12, 24), "")])
    assert is_open(night, "2026-12-24 05:00")  # began the day before
    assert not is_open(night, "2026-12-24 23:00")
    assert not is_open(night, "2026-12-25 05:00")
    assert is_open(night, "2026-12-25 22:00")


def test_days_that_touch_are_one_opening():
    always = schedule({"mon-sun": "00:00-24:00"})
    assert next_change(always, "2026-11-20 09:00") is None
    but_one = schedule({"mon-sun": "00:00-24:00"}, [(date(2031, 5, 1), "")])
    assert next_change(but_one, "2026-11-20 09:00") == local("2031-05-01 00:00")
    assert next_change(but_one, "2031-05-01 00:00") == local("2031-05-02 00:00")


def test_single_day_ahead_is_found():
    once = schedule(special=[(date(2031, 5, 1), "08:00-09:00"), (date(2020, 5, 1), "08:00-09:00")])
    assert next_change(once, "2026-11-20 09:00") == local("2031-05-01 08:00")
    assert next_change(once, "2031-05-01 08:30") == local("2031-05-01 09:00")
    assert next_change(once, "2031-05-01 09:00") is None


def test_three_closed_weeks_hide_the_usual_hours():
    closed = [(date(2026, 7, 6) + timedelta(days=n), "") for n in range(21)]
    hours = schedule({"tue": "08:00-09:00"}, closed)
    assert next_change(hours, "2026-07-06 00:00") == local("2026-07-28 08:00")


def test_range_of_days_may_pass_the_weekend():
    hours = schedule({"fri-mon": "8:00-09:00"})
    assert [day for day in range(16, 23) if is_open(hours, f"2026-11-{day} 08:30")] == [
        16, 20, 21, 22,
    ]  # fmt: skip


# The clock is put forward on 2026-03-29 at 02:00, and back on 2026-10-25 at 03:00.


def test_time_that_does_not_exist_is_the_change_of_the_clock():
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    opens = schedule({"sun": "02:30-05:00"})
    assert next_change(opens, "2026-03-29 00:00") == change
    assert is_open(opens, "2026-03-29 03:00")
    closes = schedule({"sun": "00:00-02:30"})
    assert next_change(closes, "2026-03-29 00:00") == change
    assert not is_open(closes, "2026-03-29 03:00")


def test_span_within_the_hour_that_does_not_exist_never_opens():
    hours = schedule(special=[(date(2026, 3, 29), "02:15-02:45")])
    assert next_change(hours, "2026-03-28 12:00") is None


def test_night_is_an_hour_shorter_or_longer():
    night = schedule({"sat": "22:00-06:00"})
    spring, autumn = local("2026-03-28 22:00"), local("2026-10-24 22:00")
    assert opening.next_change(night, spring, STOCKHOLM) - spring == timedelta(hours=7)
    assert opening.next_change(night, autumn, STOCKHOLM) - autumn == timedelta(hours=9)


def test_time_that_comes_twice_opens_at_the_first_and_closes_at_the_last():
    hours = schedule({"sun": "02:30-02:45"})
    assert next_change(hours, "2026-10-25 00:00") == local("2026-10-25 02:30", fold=0)
    assert next_change(hours, "2026-10-25 02:30", fold=0) == local("2026-10-25 02:45", fold=1)


# Properties, over years, wherever the clock is changed: by an hour, by half of one, by a whole day

ZONES = st.sampled_from(
    [
        STOCKHOLM,
        "America/New_York",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "Pacific/Apia",  # had no 30th of December 2011
        "UTC",
    ]
)
QUARTER = timedelta(minutes=15)
FIRST = datetime(2010, 1, 1, tzinfo=UTC)
YEARS = 28
MOMENTS = st.builds(lambda n: FIRST + n * QUARTER, st.integers(0, YEARS * 365 * 96))
CLOCKS = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")


@st.composite
def spans(draw):
    """One day's hours: up to three spans, the last perhaps past midnight."""
    edges = sorted(draw(st.sets(CLOCKS, max_size=6)))
    if len(edges) % 2:
        edges.pop()
    if edges and draw(st.booleans()):
        edges = [*edges[1:], "24:00"] if draw(st.booleans()) else [*edges[1:], edges[0]]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return ", ".join(f"{start}-{end}" for start, end in pairs)


WEEKS = st.dictionaries(st.sampled_from(DAYS), spans(), max_size=7)
CHANGES_OF_CLOCK = [
    date(2024, 3, 31),  # Europe
    date(2025, 10, 26),
    date(2026, 3, 8),  # North America
    date(2026, 11, 1),
    date(2026, 4, 5),  # Lord Howe
    date(2026, 10, 4),
    date(2011, 12, 30),  # Samoa
    date(2010, 3, 14),  # Newfoundland, a minute after midnight
    date(2010, 11, 7),
]
DATES = st.sampled_from(CHANGES_OF_CLOCK) | st.dates(date(2010, 1, 1), date(2037, 12, 31))


@st.composite
def schedules(draw):
    special = draw(st.dictionaries(DATES, spans(), max_size=4))
    return schedule(draw(WEEKS), sorted(special.items()))


def moments_near(hours, draw):
    """Any moment, but often one near a special day or a change of the clock."""
    days = [one.date for one in hours.special] + CHANGES_OF_CLOCK
    near = st.builds(
        lambda day, n: datetime(day.year, day.month, day.day, tzinfo=UTC) + n * QUARTER,
        st.sampled_from(days),
        st.integers(-96, 192),
    )
    return draw(MOMENTS | near)


def shown_on_the_wall(hours, at, zone):
    """Whether the clock on the wall shows a time within the hours: the rule without its edges."""
    shown = at.astimezone(ZoneInfo(zone))
    written = {day: text for day, text in hours.week.items()}
    minutes = shown.hour * 60 + shown.minute
    found = False
    for day, minute in (
        (shown.date(), minutes),
        (shown.date() - timedelta(days=1), minutes + 1440),
    ):
        special = {one.date: one.open for one in hours.special}
        text = special.get(day, written.get(DAYS[day.weekday()], ""))
        for span in text.split(", ") if text else []:
            start, end = (int(edge[:2]) * 60 + int(edge[3:]) for edge in span.split("-"))
            found |= start <= minute < (end if end > start else end + 1440)
    return found


def comes_twice(at, zone):
    shown = at.astimezone(ZoneInfo(zone))
    return shown.replace(fold=0).utcoffset() != shown.replace(fold=1).utcoffset()


@given(data=st.data(), hours=schedules(), zone=ZONES)
def test_open_is_what_the_clock_on_the_wall_shows(data, hours, zone):
    at = moments_near(hours, data.draw)
    shown = shown_on_the_wall(hours, at, zone)
    open_now = opening.is_open(hours, at, zone)
    assert open_now or not shown
    if not comes_twice(at, zone):
        assert open_now is shown


@given(data=st.data(), hours=schedules(), zone=ZONES)
def test_nothing_changes_before_the_next_change(data, hours, zone):
    at = moments_near(hours, data.draw)
    now = opening.is_open(hours, at, zone)
    change = opening.next_change(hours, at, zone)
    last = at + timedelta(days=10) if change is None else min(change, at + timedelta(days=10))
    moment = at
    while moment < last:
        assert opening.is_open(hours, moment, zone) is now
        moment += QUARTER
    if change is not None:
        assert change > at
        assert change.utcoffset() == timedelta(0)
        assert opening.is_open(hours, change, zone) is not now
        assert opening.is_open(hours, change - timedelta(microseconds=1), zone) is now


@given(hours=schedules(), zone=ZONES, at=MOMENTS)
def test_changes_alternate_in_every_zone(hours, zone, at):
    now = opening.is_open(hours, at, zone)
    for _ in range(30):
        change = opening.next_change(hours, at, zone)
        if change is None:
            return
        assert change > at
        assert opening.is_open(hours, change, zone) is not now
        at, now = change, not now


@given(week=WEEKS, year=st.integers(2010, 2037), zone=ZONES)
@settings(max_examples=15)
def test_a_year_is_open_as_long_as_its_clocks_on_the_wall_show(week, year, zone):
    """Walked from change to change, beside every quarter of an hour of that year."""
    hours = schedule(week)
    at, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    walked = timedelta()
    while at < end:
        change = min(opening.next_change(hours, at, zone) or end, end)
        if opening.is_open(hours, at, zone):
            walked += change - at
        at = change
    quarters = [datetime(year, 1, 1, tzinfo=UTC) + n * QUARTER for n in range(366 * 96)]
    shown = sum(shown_on_the_wall(hours, one, zone) for one in quarters if one < end) * QUARTER
    twice = timedelta(hours=1) + QUARTER  # where the clock is put back; not all of it in quarters
    assert shown <= walked <= shown + twice


# What an administrator may write


@pytest.mark.parametrize(
    "hours",
    [
        OFFICE,
        schedule({"sat": ""}),
        schedule({"mon": " 8:00 - 12:00 ,13:00-24:00"}),
        schedule(special=[(date(2026, 12, 24), "")]),
        OpeningHours(entrance="loans", mode="closed"),
    ],
)
def test_right_hours(hours):
    assert opening.check(hours) is None


@pytest.mark.parametrize(
    ("hours", "reason"),
    [
        (schedule({"monday": "08:00-12:00"}), "'monday' is no day; write one of mon, tue"),
        (schedule({"mon-": "08:00-12:00"}), "'mon-' is no day"),
        (schedule({"mon-fri": "08:00-12:00", "wed": ""}), "wed stands twice in week"),
        (schedule({"mon": "08:00"}), "mon: '08:00' is no span; write 08:00-17:00"),
        (schedule({"mon": "08:00-12:00,"}), "mon: '' is no span"),
        (schedule({"mon": "08:00-12:60"}), "holds a time that no clock shows"),
        (schedule({"mon": "24:00-06:00"}), "holds a time that no clock shows"),
        (schedule({"mon": "08:00-25:00"}), "holds a time that no clock shows"),
        (schedule({"mon": "08:00-24:01"}), "holds a time that no clock shows"),
        (schedule({"mon": "08:00-08:00"}), "for the whole day write 00:00-24:00"),
        (schedule({"mon": "08:00-12:00, 11:00-13:00"}), "the spans .* overlap"),
        (schedule({"mon": "22:00-06:00, 23:00-24:00"}), "the spans .* overlap"),
        (
            schedule({"mon": ""}, [(date(2026, 12, 24), ""), (date(2026, 12, 24), "")]),
            "the special day 2026-12-24 stands twice",
        ),
        (schedule(special=[(date(9999, 12, 31), "")]), "9999-12-31 is not within 1970 to 2999"),
        (schedule(special=[(date(2026, 12, 24), "x")]), "special day 2026-12-24: 'x' is no span"),
        (OpeningHours(entrance="loans"), "a schedule needs week or special"),
    ],
)
def test_wrong_hours_are_told_with_the_reason(hours, reason):
    said = opening.check(hours)
    assert said is not None
    assert re.search(reason, said)
