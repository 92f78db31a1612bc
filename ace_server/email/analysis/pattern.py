"""Patterns: a key, a separator and a value of a fixed layout, saved as contact data (EM-3).

Where a key stands is found by a regular expression without anything to try again; the value behind
it is matched part by part, longest first, as a regular expression would do it, but each part is
tried only once at each place. So the cost is bounded whatever a text and a pattern are like.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from ace_server.concepts import PatternPart
from ace_server.email.analysis.findings import Findings, searched, with_data
from ace_server.email.analysis.rules import MOST_SEARCHED, Form, Part, Rules
from ace_server.email.mail import Mail

MOST_STEPS = 50_000
"""Parts tried in one text for one pattern; a text that needs more has no value for it."""

_TYPES = {
    "digit": "[0-9]",
    "capital": "[A-Z]",
    "letter": "[A-Za-z]",
    "alphanumeric": "[A-Za-z0-9]",
    "whitespace": r"\s",
    "any": r"[^\r\n]",
}
_SPACE = r"\s{1,8}"
_AROUND = r"\s{0,8}"

Spans = tuple[slice, ...]


def step(mail: Mail, findings: Findings, rules: Rules) -> Findings:
    """Adds what the patterns find in the mail to its contact data."""
    return with_data(findings, found(searched(mail), rules))


def found(text: str, rules: Rules) -> dict[str, str]:
    """Contact data key = value. Of several patterns for one key the first that finds one wins."""
    return {form.save_to: value for form, value in hits(text, rules)}


def hits(text: str, rules: Rules) -> Iterator[tuple[Form, str]]:
    """The patterns that find a value for their key, with it."""
    taken: set[str] = set()
    for form in rules.forms:
        value = None if form.save_to in taken else find(form, text[:MOST_SEARCHED])
        if value is not None:
            taken.add(form.save_to)
            yield form, value


def part(entry: PatternPart) -> Part:
    """A configured part, made ready."""
    most = entry.most if entry.most is not None else entry.least
    return Part(entry.type, entry.text, entry.least, most, entry.optional, entry.save)


def find(form: Form, text: str) -> str | None:
    """The first value in a text that the contact data key takes; None: there is none."""
    search = Search(form.parts, text)
    for at in _starts(form, text):
        value = search.value(at)
        if value and _is_taken(form, value):
            return value
        if search.steps > MOST_STEPS:
            break
    return None


def _is_taken(form: Form, value: str) -> bool:
    return len(value) <= form.longest and (form.values is None or value in form.values)


class Search:
    """Looks for values of these parts at places of one text, and counts what that takes."""

    def __init__(self, parts: tuple[Part, ...], text: str) -> None:
        self._parts = parts
        self._text = text
        self._failed: set[tuple[int, int]] = set()  # part and place, from where nothing fits
        self.steps = 0

    def value(self, at: int) -> str | None:
        """What is saved of the value that begins here; None: none does, or it takes too long."""
        spans = self._match(0, at)
        if spans is None:
            return None
        saved = zip(self._parts, spans, strict=True)
        return "".join(self._text[span] for part, span in saved if part.save).strip()

    def _match(self, number: int, at: int) -> Spans | None:
        """Where the parts from this number on stand, if they fit from here."""
        if number == len(self._parts):
            return () if _is_end(self._text, at) else None
        self.steps += 1
        if (number, at) in self._failed or self.steps > MOST_STEPS:
            return None
        for end in _ends(self._parts[number], self._text, at):
            rest = self._match(number + 1, end)
            if rest is not None:
                return (slice(at, end), *rest)
        self._failed.add((number, at))
        return None


def _is_end(text: str, at: int) -> bool:
    """Whether no word or number goes on here: a longer one than the pattern's is another one."""
    return not (text[at - 1 : at].isalnum() and text[at : at + 1].isalnum())


def _ends(part: Part, text: str, at: int) -> Iterator[int]:
    """Where a part that begins here may end, the furthest first."""
    width = len(part.text) if part.type == "literal" else 1
    run = _run(part).match(text, at)
    there = (run.end() - at) // width if run is not None else 0
    yield from (at + count * width for count in range(there, part.least - 1, -1))
    if part.optional and part.least > 0:
        yield at


@lru_cache(maxsize=1024)
def _run(part: Part) -> re.Pattern[str]:
    one = re.escape(part.text) if part.type == "literal" else _TYPES[part.type]
    return re.compile(f"(?:{one}){{0,{part.most}}}+", re.IGNORECASE if part.text else 0)


def _starts(form: Form, text: str) -> Iterator[int]:
    """Where a value may begin: behind each key and its separator."""
    at = _start(form)
    found = at.search(text)
    while found is not None:
        yield found.end()
        found = at.search(text, found.start() + 1)


@lru_cache(maxsize=1024)
def _start(form: Form) -> re.Pattern[str]:
    keys = sorted(form.keys, key=len, reverse=True)
    key = "|".join(_literal(one) for one in keys)
    separators = [_separator(one) for one in form.separators]
    separator = "|".join(separators or [f"{_AROUND}:{_AROUND}", _SPACE])
    return re.compile(f"(?:{key})(?:{separator})", re.IGNORECASE)


def _literal(key: str) -> str:
    """A key: its words with space between, and not the end of another word."""
    inside = _SPACE.join(re.escape(word) for word in key.split())
    return f"(?<![^\\W_]){inside}" if key.strip()[:1].isalnum() else inside


def _separator(one: str) -> str:
    return f"{_AROUND}{re.escape(one.strip())}{_AROUND}" if one.strip() else _SPACE
