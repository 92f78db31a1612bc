"""What the viewer shows: pages that are drawn as large as they are wanted, within limits.

How they are drawn is said by `pictures` and `pdf`.
"""

import math
from enum import StrEnum
from typing import Protocol

from PySide6.QtCore import QSize, QSizeF
from PySide6.QtGui import QImage

MOST_PIXELS = 16_000_000
"""Of one page as it is drawn: some 60 MB. Past it a page is enlarged, and not drawn finer."""


class Why(StrEnum):
    """Why a file cannot be shown here."""

    LOCKED = "locked"  # it wants a password
    BROKEN = "broken"  # damaged, or not what it claims to be
    TOO_LARGE = "too large"
    SLOW = "slow"  # it takes too long


class Unreadable(Exception):
    """The file, or one of its pages, cannot be shown; `why` says what kind of trouble it is."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


class Showable(Protocol):
    """A file of one or more pages that is open."""

    pages: int

    has_more: bool
    """There are more pages than are shown."""

    enlarges: bool
    """Whether it is as sharp when it is larger than 100 %; what is not is never fitted so large."""

    async def size(self, page: int) -> QSizeF:
        """How large a page is at 100 %, in pixels; raises Unreadable."""
        ...

    async def image(self, page: int, size: QSize) -> QImage:
        """A page about this large, its empty places transparent; raises Unreadable."""
        ...

    def close(self) -> None:
        """Let it go; whoever waits for a page is told that there is none."""
        ...


def within(size: QSize) -> QSize:
    """The size, or the largest one of this shape that is drawn."""
    width, height = max(1, size.width()), max(1, size.height())
    share = math.sqrt(MOST_PIXELS / (width * height))
    if share >= 1:
        return QSize(width, height)
    return QSize(_part(width, share), _part(height, share))


def _part(length: int, share: float) -> int:
    return max(1, min(MOST_PIXELS, int(length * share)))
