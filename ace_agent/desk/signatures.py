"""The signature in a mail that is being written: it is the one of the address it is written from.

Pure. What somebody changed is theirs, and stays (EM-9).
"""

from typing import NamedTuple

MARK = "-- \n"
"""The line above a signature (RFC 3676 §4.3)."""


class Swap(NamedTuple):
    """What to put in the place of some characters of the text."""

    start: int
    end: int
    text: str


def swap(
    text: str, old: str, new: str, *, is_untouched: bool, taken_from: int | None = None
) -> Swap | None:
    """Put the new signature in the place of the old one; None where that is not there as it was.

    `is_untouched`: nobody wrote into the text, so that a first signature has its place, too.
    `taken_from`: there stood the last one, and nobody wrote into the text since it was taken out.
    """
    if old == new:
        return None
    if not old and taken_from is not None:
        return Swap(taken_from, taken_from, f"{MARK}{new}")
    if not old:
        return Swap(0, 0, f"\n\n{MARK}{new}") if is_untouched else None
    start = _place(text, f"{MARK}{old}")
    if start is None:
        return None
    return Swap(start, start + len(MARK + old), f"{MARK}{new}" if new else "")


def _place(text: str, signed: str) -> int | None:
    """Where these lines stand as whole lines, the first time."""
    start = f"\n{text}\n".find(f"\n{signed}\n")
    return start if start >= 0 else None
