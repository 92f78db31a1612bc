"""What `concepts` and `settings` declare, in words: for problems and for the documentation.

Values are not looked at here.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Any

import msgspec
from msgspec import inspect


class Field(msgspec.Struct, frozen=True):
    """One field of a table, as a person reads about it."""

    name: str
    words: str  # what is expected
    required: bool
    default: Any
    description: str


def fields(table: type[msgspec.Struct]) -> Iterator[Field]:
    """The fields of a table, in the order of their declaration."""
    for field in msgspec.structs.fields(table):
        note = _note(inspect.type_info(field.type))
        yield Field(field.name, words(field.type), field.required, default(field), note)


def default(field: msgspec.structs.FieldInfo) -> Any:
    """What a field is that nobody gives; NODEFAULT where it must be given."""
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def description(table: type[msgspec.Struct]) -> str:
    """What a table is, in the sentence that its declaration begins with."""
    return str(table.__doc__).partition("\n\n")[0]


def words(expected: Any) -> str:
    """What a value of this type is: `a whole number from 1 to 9`."""
    return _words(inspect.type_info(expected))


def _note(node: inspect.Type) -> str:
    assert isinstance(node, inspect.Metadata)  # every field is declared with a description
    return str((node.extra_json_schema or {})["description"])


def _words(node: inspect.Type) -> str:
    if isinstance(node, inspect.Metadata):
        title = (node.extra_json_schema or {}).get("title")
        return str(title) if title else _words(node.type)
    if isinstance(node, inspect.UnionType):
        given = [one for one in node.types if not isinstance(one, inspect.NoneType)]
        return " or ".join(_words(one) for one in given)
    if isinstance(node, inspect.LiteralType | inspect.EnumType):
        return _choice(node)
    if isinstance(node, inspect.ListType | inspect.VarTupleType):
        return f"a list; each is {_words(node.item_type)}"
    if isinstance(node, inspect.DictType):
        return f"a table; each value is {_words(node.value_type)}"
    if isinstance(node, inspect.StructType):
        return f"a table with {_names(node)}"
    return _simple(node)


def _choice(node: inspect.LiteralType | inspect.EnumType) -> str:
    if isinstance(node, inspect.EnumType):
        values = [one.value for one in node.cls if isinstance(one, Enum)]
    else:
        values = [value for value in node.values if value != ""]
    quoted = [f'"{value}"' for value in values]
    return quoted[0] if len(quoted) == 1 else f"one of {', '.join(quoted)}"


def _names(node: inspect.StructType) -> str:
    return ", ".join(f"`{field.name}`" for field in node.fields)


def _simple(node: inspect.Type) -> str:
    if isinstance(node, inspect.StrType):
        return _text(node)
    if isinstance(node, inspect.IntType):
        return f"a whole number{_bounds(node)}"
    if isinstance(node, inspect.FloatType):
        return f"a number{_bounds(node)}"
    if isinstance(node, inspect.BoolType):
        return "`true` or `false`"
    assert isinstance(node, inspect.DateType)
    return "a date such as `2026-12-24`"


def _text(node: inspect.StrType) -> str:
    if node.min_length and node.max_length:
        return f"text of {node.min_length} to {node.max_length} characters"
    return f"text of at most {node.max_length} characters" if node.max_length else "text"


def _bounds(node: inspect.IntType | inspect.FloatType) -> str:
    if node.gt is not None:
        return f" above {node.gt} and up to {_number(node.le)}"
    return f" from {_number(node.ge)} to {_number(node.le)}"


def _number(bound: float | None) -> str:
    assert bound is not None  # every number is declared with both bounds
    return f"{bound:,}".replace(",", " ") if bound >= 10_000 else str(bound)
