"""A configuration file as text, read into entries, or refused with every problem at once.

Each entry is looked at by itself; how entries fit together is in `checks`.
"""

import difflib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec

from ace_server.administration.declarations import words
from ace_server.concepts import KINDS, Concept, SiteFacts
from ace_server.errors import Refused
from ace_server.settings import SystemParameters

SINGLE: Mapping[str, type[msgspec.Struct]] = {"site": SiteFacts, "system": SystemParameters}
"""The tables that stand once."""

_AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
T = TypeVar("T", SiteFacts, SystemParameters)

_SHOWN = 60  # characters of a value that a problem repeats


class Problem(msgspec.Struct, frozen=True):
    """What is wrong, and where: file and line, or table, entry and field."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


class Problems(Refused):
    """A configuration that is not taken; nothing was changed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("invalid", "\n".join(str(problem) for problem in self.problems))


class Document(msgspec.Struct, frozen=True):
    """What stands in a configuration file; kinds that do not are not in `entries`."""

    name: str = "configuration"
    entries: Mapping[str, tuple[Concept, ...]] = {}
    facts: SiteFacts | None = None
    system: SystemParameters | None = None


def read(text: str, *, name: str = "configuration") -> Document:
    """Read a configuration file. Raises Problems."""
    tables = _parse(text, name)
    problems = [problem for key, value in tables.items() for problem in _table_faults(key, value)]
    if problems:
        raise Problems(problems)
    return Document(
        name,
        {kind: _entries(kind, tables[kind]) for kind in KINDS if kind in tables},
        _single(tables, SiteFacts, "site"),
        _single(tables, SystemParameters, "system"),
    )


# Syntax


def _parse(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise Problems([_syntax(str(error), text, name)]) from error
    except (ValueError, RecursionError):  # a number or a nesting beyond all measure
        raise Problems([Problem(name, "a number is too long, or tables nest too deep")]) from None


def _syntax(message: str, text: str, name: str) -> Problem:
    match = _AT_LINE.search(message)
    line = (match[1] if match else None) or len(text.splitlines())
    return Problem(f"{name}, line {line}", f"not TOML: {_AT_LINE.sub('', message)}")


# Tables and entries


def _table_faults(key: str, value: Any) -> Iterator[Problem]:
    if key in SINGLE:
        if isinstance(value, list):
            yield Problem(key, f"stands once: write [{key}], not [[{key}]]")
        else:
            yield from _faults(SINGLE[key], value, key)
    elif key in KINDS:
        yield from _kind_faults(key, value)
    else:
        yield Problem(key, f"there is no such table{_guess(key, [*SINGLE, *KINDS])}")


def _kind_faults(kind: str, value: Any) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield Problem(kind, f"is a list of entries: write [[{kind}]], not [{kind}]")
        return
    for number, entry in enumerate(value, start=1):
        yield from _faults(KINDS[kind], entry, _raw_label(kind, entry, number))
    yield from _repeated(kind, value)


def _raw_label(kind: str, entry: Any, number: int) -> str:
    name = entry.get(KINDS[kind].identity) if isinstance(entry, dict) else None
    return f"{kind} {name if isinstance(name, str) and name.isprintable() and name else number}"


def _repeated(kind: str, entries: list[Any]) -> Iterator[Problem]:
    identity = KINDS[kind].identity
    names = [entry.get(identity, "") for entry in entries if isinstance(entry, dict)]
    counts = Counter(name for name in names if identity and isinstance(name, str))
    for name, count in counts.items():
        if count > 1:
            yield Problem(
                f"{kind} {name}".rstrip(), f"stands {count} times; {identity} must differ"
            )


def _entries(kind: str, tables: list[Any]) -> tuple[Concept, ...]:
    return tuple(msgspec.convert(table, KINDS[kind]) for table in tables)


def _single(tables: Mapping[str, Any], single: type[T], key: str) -> T | None:
    return msgspec.convert(tables[key], single) if key in tables else None


# Fields


def _faults(expected: Any, value: Any, where: str) -> Iterator[Problem]:
    """What keeps a value from being of this type, down to the single field."""
    plain = _plain(expected)
    struct = _struct(plain, value)
    if struct is not None:
        yield from _struct_faults(struct, value, where)
        return
    inner = list(_inner_faults(plain, value, where))
    yield from inner or _leaf_faults(expected, value, where)


def _plain(expected: Any) -> Any:
    return _plain(get_args(expected)[0]) if get_origin(expected) is Annotated else expected


def _struct(plain: Any, value: Any) -> type[msgspec.Struct] | None:
    """The kind of table that this one should be, if any."""
    choices = get_args(plain) if get_origin(plain) in (Union, UnionType) else (plain,)
    for choice in choices:
        if isinstance(choice, type) and issubclass(choice, msgspec.Struct):
            return choice if isinstance(value, dict) else None
    return None


def _struct_faults(
    struct: type[msgspec.Struct], table: Mapping[str, Any], where: str
) -> Iterator[Problem]:
    fields = {field.name: field for field in msgspec.structs.fields(struct)}
    for name in table:
        if name not in fields:
            yield Problem(where, f"there is no field '{name}'{_guess(name, fields)}")
    for name, field in fields.items():
        if name not in table:
            if field.required:
                yield Problem(where, f"{name} is missing")
        elif name == getattr(struct, "secret_field", ""):
            if not isinstance(table[name], str):
                yield Problem(f"{where}, {name}", "must be text")
        else:
            yield from _faults(field.type, table[name], f"{where}, {name}")


def _inner_faults(plain: Any, value: Any, where: str) -> Iterator[Problem]:
    origin, arguments = get_origin(plain), get_args(plain)
    if origin in (list, tuple) and isinstance(value, list):
        for number, item in enumerate(value, start=1):
            yield from _faults(arguments[0], item, f"{where} {number}")
    elif origin is dict and isinstance(value, dict):
        for key, item in value.items():
            yield from _faults(arguments[1], item, f"{where}.{key}")


def _leaf_faults(expected: Any, value: Any, where: str) -> Iterator[Problem]:
    try:
        msgspec.convert(value, expected)
    except msgspec.ValidationError:
        empty = "is empty; one is needed at least"
        yield Problem(where, empty if value == [] else f"{_shown(value)} is not {words(expected)}")
        return
    if isinstance(value, str) and "\0" in value:
        yield Problem(where, "holds a NUL character")


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _guess(name: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(names), n=1)
    return f"; did you mean '{close[0]}'?" if close else ""
