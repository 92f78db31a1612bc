"""What the jobs of one transaction change in the figures, until it is written with them.

It knows no database and no contact: keys and sums only.
"""

from typing import NamedTuple


class Key(NamedTuple):
    """One figure of one thing; `at` is the start of its time, or 0 for what stands now."""

    at: int
    kind: str
    name: str
    figure: str


class Tally:
    """The changes of a group of jobs; those of a job that is undone are none."""

    def __init__(self) -> None:
        self._changes: dict[Key, int] = {}
        self._before: dict[Key, int] = {}

    def begin(self) -> None:
        """A transaction begins: nothing has changed."""
        self._changes.clear()

    def begin_job(self) -> None:
        """A job begins that may be undone without the others."""
        self._before = self._changes.copy()

    def undo_job(self) -> None:
        """Forget what has changed since the job began."""
        self._changes = self._before

    def add(self, key: Key, by: int) -> None:
        """Change a figure by so much."""
        self._changes[key] = self._changes.get(key, 0) + by

    def under_way(self, key: Key) -> int:
        """By how much a figure was changed, and is not written yet."""
        return self._changes.get(key, 0)

    def changes(self) -> list[tuple[Key, int]]:
        """What the whole group changes; what came and went again is nothing."""
        return [(key, by) for key, by in self._changes.items() if by]
