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
        self._group: dict[Key, int] = {}
        self._job: dict[Key, int] = {}

    def begin(self) -> None:
        """A transaction begins: nothing has changed."""
        self._group.clear()
        self._job.clear()

    def add(self, key: Key, by: int) -> None:
        """The job under way changes a figure by so much."""
        self._job[key] = self._job.get(key, 0) + by

    def keep(self) -> None:
        """The job is done: what it changed belongs to the group."""
        for key, by in self._job.items():
            self._group[key] = self._group.get(key, 0) + by
        self._job.clear()

    def drop(self) -> None:
        """The job is undone, and so is what it changed."""
        self._job.clear()

    def under_way(self, key: Key) -> int:
        """By how much a figure was changed, and is not written yet."""
        return self._group.get(key, 0) + self._job.get(key, 0)

    def changes(self) -> list[tuple[Key, int]]:
        """What the whole group changes; what came and went again is nothing."""
        return [(key, by) for key, by in self._group.items() if by]
