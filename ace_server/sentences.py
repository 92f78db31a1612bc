"""What is said to a person: a template and its values, so that each can read it in their language.

No language but English is known here: the English template is the key of its translations.
"""

import re
from collections.abc import Callable, Sequence

import msgspec

PLACE = re.compile(r"%([1-9])")
"""Where a value goes: `%1` stands for the first."""

Translate = Callable[[str], str]
Number = Callable[[int], str]


class Sentence(msgspec.Struct, frozen=True):
    """A whole sentence, or a phrase that is a value of one. `str()` is what it says in English.

    Names that people gave (of a queue, an activity, a person) are values, and stay as they are.
    """

    text: str
    values: "tuple[str | int | Sentence, ...]" = ()

    def said(self, translate: Translate = str, number: Number = str) -> str:
        """Every template translated, every number written, every value in its place."""
        values = [_said(value, translate, number) for value in self.values]

        def value(place: re.Match[str]) -> str:
            which = int(place[1])
            return values[which - 1] if which <= len(values) else place[0]

        return PLACE.sub(value, translate(self.text))

    def __str__(self) -> str:
        return self.said()


Value = str | int | Sentence


def sentence(template: str, *values: Value) -> Sentence:
    """The template with these values. It stands in the call itself: there it is collected."""
    return Sentence(template, values)


def commas(names: Sequence[Value]) -> Value:
    """`a, b, c`; empty where there is none. By halves: a thousand names nest ten deep."""
    if len(names) < 2:
        return names[0] if names else ""
    half = len(names) // 2
    return sentence("%1, %2", commas(names[:half]), commas(names[half:]))


def and_(names: Sequence[Value]) -> Value:
    """`a, b and c`; empty where there is none."""
    if len(names) < 2:
        return commas(names)
    return sentence("%1 and %2", commas(names[:-1]), names[-1])


def or_(names: Sequence[Value]) -> Value:
    """`a, b or c`; empty where there is none."""
    if len(names) < 2:
        return commas(names)
    return sentence("%1 or %2", commas(names[:-1]), names[-1])


def _said(value: Value, translate: Translate, number: Number) -> str:
    if isinstance(value, Sentence):
        return value.said(translate, number)
    return number(value) if isinstance(value, int) else value
