"""Texts with variables: templates, signatures and automatic answers (EM-4, EM-9).

A variable stands in the text as `{Name}`. Nothing here knows which names there are.
"""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}\r\n]{1,128})\}")
_BRACES = {"{{": "{", "}}": "}"}


def fill(template: str, values: Mapping[str, str]) -> str:
    """The text with every known variable's value in its place.

    `{{` and `}}` stand for a brace. A name without a value stays as it was typed, so that whoever
    reads the text sees what is missing. What a value says is never filled in again.
    """

    def value(place: re.Match[str]) -> str:
        typed = place[0]
        return _BRACES.get(typed) or values.get(place[1], typed)

    return _PLACE.sub(value, template)


def variables(template: str) -> set[str]:
    """The names that stand in the text, known or not."""
    return {place[1] for place in _PLACE.finditer(template) if place[1] is not None}
