"""Flow control: how many contacts of an entrance may be in its queues and hands (RO-9).

Counting them, and keeping what is held back in order, is done by the caller.
"""

from typing import NamedTuple

from ace_server.concepts import FlowControl, Site

_AS_THE_SYSTEM = FlowControl(entrance="-")


class Limits(NamedTuple):
    """An entrance's bounds; 0 is none."""

    most: int = 0  # contacts not ended, the buffered ones apart
    most_active: int = 0  # of these, contacts waiting in a queue
    resume: int = 0  # once full: lets in again at this many; 0: as soon as there is room

    def full(self, total: int, active: int) -> bool:
        """Whether a bound is reached."""
        return 0 < self.most <= total or 0 < self.most_active <= active

    def drained(self, total: int) -> bool:
        """Whether so few are left that a full entrance lets in again."""
        return self.resume == 0 or total <= self.resume


def limits(site: Site, entrance: str) -> Limits:
    """The entrance's own bounds, and the system's where it has none."""
    own = site.flow_controls.get(entrance, _AS_THE_SYSTEM)
    system = site.system
    return Limits(
        _first(own.emailBufferMax, system.emailBufferMax),
        _first(own.emailBufferMaxActive, system.emailBufferMaxActive),
        _first(own.emailBufferMin, system.emailBufferMin),
    )


def _first(own: int | None, otherwise: int) -> int:
    return otherwise if own is None else own


class Gate:
    """Remembers that an entrance was full, so that it does not flicker at a bound."""

    __slots__ = ("is_shut", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.is_shut = False

    def admit(self, total: int, active: int) -> bool:
        """Whether one more contact may be queued, with these not ended and these waiting.

        Once a bound was reached the answer is no until no more than `resume` are left.
        """
        self.is_shut = self.limits.full(total, active) or (
            self.is_shut and not self.limits.drained(total)
        )
        return not self.is_shut
