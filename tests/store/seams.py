"""Seams for tests: the store's every call can be watched, held up or made to fail."""

import threading
from collections.abc import Callable
from typing import TypeVar

from ace_server.store import Kind, Seam

T = TypeVar("T")

Hook = Callable[[Kind], None]


class Watched(Seam):
    """Lets everything through; `before` and `after` may raise, or wait."""

    def __init__(self) -> None:
        self.before: Hook = lambda kind: None
        self.after: Hook = lambda kind: None

    def call(self, kind: Kind, action: Callable[[], T]) -> T:
        self.before(kind)
        result = action()
        self.after(kind)
        return result


class Barrier:
    """Holds one thread up until another has seen it there and lets it go on."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._open = threading.Event()

    def wait(self) -> None:
        """In the thread that is held up."""
        self._reached.set()
        self._open.wait(30)

    def until_reached(self) -> None:
        """In the other thread: return when the first one waits here."""
        assert self._reached.wait(30), "nothing came to the barrier"

    def open(self) -> None:
        """Let it go on, now and ever after."""
        self._open.set()
