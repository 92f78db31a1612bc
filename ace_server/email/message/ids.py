"""Ids and times of a mail: Message-ID, References, Date. All of them are hints (C-2, C-9)."""

import re
from datetime import UTC, datetime, timedelta

from ace_server.email.mail import one_line

MOST = 100
"""Ids that are kept of one header: the last ones, which are the nearest."""

LONGEST = 998  # characters

_ANGLED = re.compile(r"<([^<>]*)>")
_BLANKS = re.compile(r"\s+")
_COMMENTS = re.compile(r"\([^()]*\)")

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_ZONES = {
    "edt": -4, "est": -5, "cdt": -5, "cst": -6, "mdt": -6, "mst": -7, "pdt": -7, "pst": -8,
    "bst": 1, "wet": 0, "west": 1, "cet": 1, "met": 1, "mez": 1, "cest": 2, "mest": 2, "mesz": 2,
    "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9,
}  # fmt: skip
"""Hours east; those of RFC 5322 §4.3 and a few that are written all the same. Others mean UTC."""

_ZONE = r"(?P<zone>[+-]\s?\d{1,2}:?\d{2}|[A-Za-z]{1,5})?"
_CLOCK = r"(?P<hour>\d{1,2})[:.](?P<minute>\d{1,2})(?:[:.](?P<second>\d{1,2}))?(?:[.,]\d+)?"
_MAIL_DATE = re.compile(
    r"(?P<day>\d{1,2})[\s.-]+(?P<month>[A-Za-z]{3})[a-z]*[\s.,-]+(?P<year>\d{2,4})[\s,]+"
    rf"{_CLOCK}\s*(?P<half>[AP]M\b)?\s*{_ZONE}",
    re.ASCII | re.IGNORECASE,
)
_ASCTIME = re.compile(
    rf"(?P<month>[A-Za-z]{{3}})[a-z]*\s+(?P<day>\d{{1,2}}),?\s+{_CLOCK}\s+"
    r"(?:(?P<zone>[A-Za-z]{3,4}|[+-]\d{4})\s+)?(?P<year>\d{4})",
    re.ASCII | re.IGNORECASE,
)
_SPOKEN = re.compile(
    r"(?P<month>[A-Za-z]{3})[a-z]*\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4}),?\s+"
    rf"{_CLOCK}\s*(?P<half>[AP]M\b)?\s*(?:GMT)?{_ZONE}",
    re.ASCII | re.IGNORECASE,
)
_ISO = re.compile(
    rf"(?P<year>\d{{4}})-(?P<number>\d{{2}})-(?P<day>\d{{2}})[T\s]+{_CLOCK}\s*{_ZONE}", re.ASCII
)


def ids(value: str) -> tuple[str, ...]:
    """The ids of a value that is text, each with its angle brackets."""
    found = [_BLANKS.sub("", one) for one in _ANGLED.findall(value)]
    if not found:
        words = _COMMENTS.sub(" ", value).replace(",", " ").split()
        found = [word.strip("<>\"'") for word in words if "@" in word]
    clean = [f"<{text}>" for one in found if (text := one_line(one)) and len(text) <= LONGEST]
    return tuple(dict.fromkeys(clean))[-MOST:]


def message_id(value: str) -> str:
    """The one id of a Message-ID, with its angle brackets; empty where there is none."""
    found = ids(value)
    if found:
        return found[0]
    word = one_line(_BLANKS.sub("", _COMMENTS.sub("", value))).strip("<>")
    return f"<{word}>" if word and len(word) <= LONGEST else ""


def sent_at(value: str) -> datetime | None:
    """The time of a Date header in UTC, or None where no time can be read from it."""
    text = _COMMENTS.sub(" ", value[:200])
    for form in (_MAIL_DATE, _ASCTIME, _SPOKEN, _ISO):
        if found := form.search(text):
            return _time(found.groupdict())
    return None


def _time(said: dict[str, str | None]) -> datetime | None:
    number = said.get("number")
    month = (said.get("month") or "").lower()
    if number is None and month not in _MONTHS:
        return None
    hour = int(said["hour"] or 0)
    half = (said.get("half") or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        local = datetime(
            _year(said["year"] or ""),
            int(number) if number else _MONTHS.index(month) + 1,
            int(said["day"] or 0),
            hour,
            int(said["minute"] or 0),
            min(int(said["second"] or 0), 59),  # a leap second
            tzinfo=UTC,
        )
        return local - _offset(said.get("zone") or "")
    except (ValueError, OverflowError):  # there is no such day, or none that can be written
        return None


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (2000 if len(digits) == 2 and year < 50 else 1900)  # RFC 5322 §4.3


def _offset(zone: str) -> timedelta:
    if zone[:1] not in ("+", "-"):
        return timedelta(hours=_ZONES.get(zone.lower(), 0))
    digits = zone[1:].replace(":", "").strip()
    east = timedelta(hours=int(digits[:-2]), minutes=int(digits[-2:]))
    return -east if zone.startswith("-") else east
