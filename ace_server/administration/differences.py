"""What differs between two configurations, in lines for a person and for the audit.

Secrets are not looked at: they are not part of a configuration in force.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ace_server.concepts import KINDS, Concept, Queue, RoutingRule, Site, TaskTypeRule
from ace_server.routing import conditions

_LONGEST = 60  # characters of a value in a line


class Difference(msgspec.Struct, frozen=True):
    """One change of one entry."""

    object: str  # `queue Loan decisions`
    change: str  # `added`

    def __str__(self) -> str:
        return f"{self.object}: {self.change}"


def find(before: Site, after: Site) -> list[Difference]:
    """What one has to do to get from the first to the second."""
    found = [*_fields("site", before.facts, after.facts)]
    found += _fields("system", before.system, after.system)
    for kind in KINDS:
        found += _entries(kind, _whole(before, kind), _whole(after, kind))
    return found


def _whole(site: Site, kind: str) -> Sequence[Concept]:
    """The entries of a kind; with the template of every agent's own, changed or not."""
    if kind == Queue.kind:
        return (*site.queues.values(), site.personal)
    return site.entries(kind)


def _entries(
    kind: str, before: Sequence[Concept], after: Sequence[Concept]
) -> Iterator[Difference]:
    old, new = _by_label(kind, before), _by_label(kind, after)
    for label in old:
        if label not in new:
            yield Difference(label, "removed")
    for label, entry in new.items():
        if label in old:
            yield from _fields(label, old[label], entry)
        else:
            yield Difference(label, "added")
    if not KINDS[kind].identity and old == new and list(before) != list(after):
        yield Difference(f"every {kind}", "order changed")


def _by_label(kind: str, entries: Sequence[Concept]) -> dict[str, Concept]:
    return {_label(kind, entry): entry for entry in entries}


def _label(kind: str, entry: Concept) -> str:
    """How an entry is called before and after: by its name, or by its area and conditions."""
    if isinstance(entry, TaskTypeRule | RoutingRule):
        kind_of = f"{kind} of {entry.area}" if entry.area else kind
        return f"{kind_of} ({conditions.words(entry.when)})"
    return f"{kind} {getattr(entry, KINDS[kind].identity)}".rstrip()


def _fields(label: str, before: msgspec.Struct, after: msgspec.Struct) -> Iterator[Difference]:
    secret = getattr(type(after), "secret_field", "")
    for name in after.__struct_fields__:
        old, new = getattr(before, name), getattr(after, name)
        if old != new and name != secret:
            yield Difference(label, _change(name, old, new))


def _change(name: str, old: Any, new: Any) -> str:
    if isinstance(new, Mapping | list | tuple):
        return f"{name} changed"
    return f"{name} {_shown(old)} -> {_shown(new)}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or value == "":
        return "none"
    text = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in str(value))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
