"""What every statement, commit and file write passes, so that faults can be injected."""

from collections.abc import Callable
from typing import Literal, TypeVar

T = TypeVar("T")

Kind = Literal["statement", "begin", "commit", "write", "fsync", "rename"]


class Seam:
    """Lets everything through."""

    def call(self, kind: Kind, action: Callable[[], T]) -> T:
        """Do `action`, which is of this kind; a test's seam may fail before or after it."""
        return action()
