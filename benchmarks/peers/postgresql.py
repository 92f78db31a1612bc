"""A PostgreSQL of one's own for the time of a benchmark: on the disk, with its own settings.

It is the one of the tests, which lies in memory there.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from benchmarks.measuring import Missing
from tests.postgresql import DISK, Cluster, Trouble, cluster


def urls(stack: ExitStack, notes: list[str]) -> dict[str, str]:
    """The database of each engine by what a label ends in: SQLite's in a data folder, and this.

    Where there is none, a note says so.
    """
    found = {"": ""}
    try:
        found[", PostgreSQL"] = stack.enter_context(running()).url()
    except Missing as missing:
        notes.append(f"PostgreSQL: left out: {missing}")
    return found


@contextmanager
def running() -> Iterator[Cluster]:
    """Start one. Raises Missing where it is not installed, or does not start."""
    try:
        with cluster(DISK) as made:
            if made is None:
                raise Missing("PostgreSQL is not installed")
            yield made
    except Trouble as trouble:
        raise Missing(f"PostgreSQL: {' '.join(str(trouble).splitlines()[-1:])}") from None
