"""A Dovecot of one's own for the time of a benchmark: the one of the tests, in memory.

What is measured is who fetches from it; so it keeps what it has as cheaply as it can.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.measuring import Missing
from tests.dovecot import MISSING, Dovecot, Trouble, dovecot


@contextmanager
def running() -> Iterator[Dovecot]:
    """Start one. Raises Missing where it is not installed, or does not start."""
    try:
        with dovecot() as made:
            if made is None:
                raise Missing(MISSING)
            yield made
    except Trouble as trouble:
        raise Missing(f"Dovecot: {' '.join(str(trouble).splitlines()[-1:])}") from None
