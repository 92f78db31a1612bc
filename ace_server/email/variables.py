"""Texts with variables: templates and signatures (EM-9), automatic answers (EM-4).

A variable stands in the text as `{Name}`; `{{` and `}}` stand for a brace. Nothing here knows which
names there are.
"""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{\{|\}\}|\{([^{}\r\n]{1,128})\}")
_BRACES = {"{{": "{", "}}": "}"}


def fill(template: str, values: Mapping[str, str], *, unknown: str | None = None) -> str:
    """The text with every known variable's value in its place, and `unknown` for the others.

    None: a name without a value stays as it was typed, so that whoever reads the text sees what is
    missing. What a value says is never filled in again.
    """

    def value(place: re.Match[str]) -> str:
        typed = place[0]
        return _BRACES.get(typed) or values.get(place[1], typed if unknown is None else unknown)

    return _PLACE.sub(value, template)


def variables(template: str) -> list[str]:
    """The names that stand in the text, known or not, in their order and each once."""
    found = (place[1] for place in _PLACE.finditer(template))
    return list(dict.fromkeys(name for name in found if name is not None))


def has_lone_brace(template: str) -> bool:
    """Whether a brace stands in it that is neither doubled nor part of a variable."""
    return re.search(r"[{}]", _PLACE.sub("", template)) is not None
