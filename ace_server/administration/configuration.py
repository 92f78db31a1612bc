"""The configuration as one text file: read, checked, compared, applied in one step, and written.

This is the public face. Syntax is the matter of `document`, meaning of `checks`, secrets of
`credentials`, the change itself of `applying`.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from ace_server.administration import credentials, declarations, toml
from ace_server.administration.applying import Applied, Prepared, apply, assemble, prepare
from ace_server.administration.checks import check
from ace_server.administration.differences import find
from ace_server.administration.document import Document, Problem, Problems, read
from ace_server.concepts import KINDS, Concept, Site
from ace_server.store import directory
from ace_server.store.directory import Secrets

__all__ = [
    "Applied",
    "Document",
    "Prepared",
    "Problem",
    "Problems",
    "apply",
    "assemble",
    "check",
    "differences",
    "export",
    "prepare",
    "read",
    "write",
    "write_kind",
]

HEADER = """\
# The configuration, as `main.py configure` takes it in again. Every table and field, with examples,
# is in docs/configuration.md. Each kind of entry that stands here is the whole truth for its kind;
# kinds that do not stand here stay as they are.
"""


def differences(before: Site, after: Site) -> list[str]:
    """What changes between two configurations, a line each; secrets apart."""
    return [str(difference) for difference in find(before, after)]


def export() -> str:
    """The stored configuration as a file; a job."""
    return write(directory.load(), directory.secrets())


def write(site: Site, secrets: Secrets) -> str:
    """The configuration as a file of which `read` and `assemble` make the same again.

    Hashes come out as hashes, references as references, what is still to be entered as "ask".
    """
    tables = [toml.table("[site]", _plain(site.facts)), toml.table("[system]", _plain(site.system))]
    for kind in KINDS:
        tables += [
            toml.table(f"[[{kind}]]", _entry(kind, entry, secrets))
            for entry in directory.configured(site, kind)
        ]
    return "\n".join([HEADER, *tables])


def write_kind(kind: str, entries: Iterable[Concept]) -> str:
    """A file with these entries of one kind, which has no secrets, and nothing else."""
    return "\n".join(toml.table(f"[[{kind}]]", _entry(kind, entry, {})) for entry in entries)


def _entry(kind: str, entry: Concept, secrets: Secrets) -> dict[str, Any]:
    concept, table = KINDS[kind], _plain(entry)
    if concept.secret_field:
        stored = secrets.get((kind, table[concept.identity]))
        table[concept.secret_field] = credentials.written(stored)
        if not table[concept.secret_field]:
            del table[concept.secret_field]
    return {field: table[field] for field in entry.__struct_fields__ if field in table}


def _plain(struct: msgspec.Struct) -> dict[str, Any]:
    """What a file needs to say of it: everything but the defaults."""
    given = {
        field.name: getattr(struct, field.name)
        for field in msgspec.structs.fields(struct)
        if getattr(struct, field.name) != declarations.default(field)
    }
    return {name: _value(value) for name, value in given.items()}


def _value(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return _plain(value)
    if isinstance(value, list | tuple):
        return [_value(one) for one in value]
    if isinstance(value, Mapping):
        return {key: _value(one) for key, one in value.items()}
    return str(value) if isinstance(value, StrEnum) else value
