"""TOML as people write it: each entry under its own header, small tables in one line.

Escaping is the library's. What is written is not looked at here.
"""

from collections.abc import Mapping
from typing import Any

import tomli_w

_WIDTH = 100  # characters of a line, from where on a list has one for each of its values


def table(header: str, fields: Mapping[str, Any]) -> str:
    """A table with its header, one line a field, small tables and short lists within their line."""
    lines = [_field(name, given) for name, given in fields.items()]
    return "".join(f"{line}\n" for line in [header, *lines])


def _field(name: str, given: Any) -> str:
    line = f"{key(name)} = {value(given)}"
    if len(line) <= _WIDTH or not isinstance(given, list | tuple):
        return line
    return "\n".join([f"{key(name)} = [", *(f"    {value(one)}," for one in given), "]"])


def value(given: Any) -> str:
    """A value in one line."""
    if isinstance(given, dict):
        inner = ", ".join(f"{key(name)} = {value(one)}" for name, one in given.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(given, list | tuple):
        return f"[{', '.join(map(value, given))}]"
    return tomli_w.dumps({"x": given}).removeprefix("x = ").rstrip("\n")


def key(name: str) -> str:
    """A key, in quotes where it needs them."""
    return tomli_w.dumps({name: 0}).removesuffix(" = 0\n")
