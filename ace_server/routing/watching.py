"""The contacts of one place that its load may move on to the next stop of their rule (RO-3).

What a load is, and when it is too much, is said in `constraints`; telling it to those who carry it
out is the router's.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Mapping

from ace_server.routing.constraints import Constraint, Load, is_exceeded

Entry = tuple[bool, int, int, int]
"""Prioritised first, then by the sorting order, then by place; and the contact."""

Measure = Callable[[int, int], Load]
"""The load for a contact, given how many go before it and how many wait, it among them."""


class Watch:
    """Everything that waits in one place in its sorting order, and whom the load may move on."""

    def __init__(self, entries: Iterable[Entry], watched: Mapping[int, Constraint]) -> None:
        self._order = sorted(entries)
        self._until: dict[Constraint, list[Entry]] = {}  # each in the sorting order
        for entry in self._order:
            until = watched.get(entry[-1])
            if until is not None:
                self._until.setdefault(until, []).append(entry)

    def add(self, entry: Entry, until: Constraint | None) -> None:
        """One more contact waits."""
        insort(self._order, entry)
        if until is not None:
            insort(self._until.setdefault(until, []), entry)

    def remove(self, entry: Entry, until: Constraint | None) -> None:
        """One contact waits no more."""
        del self._order[bisect_left(self._order, entry)]
        if until is not None:
            same = self._until[until]
            del same[bisect_left(same, entry)]
            if not same:
                del self._until[until]

    def before(self, entry: Entry) -> int:
        """How many stand before this one."""
        return bisect_left(self._order, entry)

    def leaving(self, measure: Measure) -> list[int]:
        """Those whom the load moves on: from the last one up, until the rest may stay.

        So whatever changed and in whatever order, the same ones stay: a restart changes nothing. Of
        those with one constraint only the last need be asked: where it may stay, so may the others,
        which have no more before them.
        """
        found: list[int] = []
        last = {until: len(same) - 1 for until, same in self._until.items()}
        while last:
            until = max(last, key=lambda one: self._until[one][last[one]])
            entry = self._until[until][last[until]]
            if is_exceeded(until, measure(self.before(entry), len(self._order) - len(found))):
                found.append(entry[-1])
                last[until] -= 1
            else:
                last[until] = -1
            if last[until] < 0:
                del last[until]
        return found
