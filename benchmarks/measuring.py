"""What a benchmark finds: two things measured in turn, their ratio, and the goal it should meet.

Nothing here measures or prints.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import msgspec

ROUNDS = 7
"""How often each side is measured."""


class Failed(Exception):
    """A benchmark could not be run to its end; the text says why."""


class Missing(Failed):
    """Something that a benchmark needs is not there; the text says what."""


class Plan(msgspec.Struct, frozen=True):
    """How a benchmark is to be run, and the folder that it may fill."""

    folder: Path
    short: bool = False

    @property
    def rounds(self) -> int:
        """How often each side is measured."""
        return 1 if self.short else ROUNDS

    @property
    def warm_ups(self) -> int:
        """How often it is measured before that, for nothing."""
        return 0 if self.short else 1

    def size(self, full: int, short: int) -> int:
        """How much of something: `short` where only running is to be seen."""
        return short if self.short else full


class Side(msgspec.Struct, frozen=True):
    """One thing that was measured, a sample a round."""

    label: str
    samples: list[float]

    @property
    def median(self) -> float:
        return median(self.samples)


class Goal(msgspec.Struct, frozen=True):
    """What a ratio should be: at least, or at most."""

    least: float | None = None
    most: float | None = None

    def is_met(self, ratio: float) -> bool:
        above = self.least is None or ratio >= self.least
        return above and (self.most is None or ratio <= self.most)

    def __str__(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"


class Comparison(msgspec.Struct, frozen=True):
    """A ratio of two sides' medians, and its goal."""

    measured: Side
    against: Side
    goal: Goal | None = None

    @property
    def ratio(self) -> float:
        return self.measured.median / self.against.median

    @property
    def spread(self) -> tuple[float, float]:
        """The lowest and the highest ratio of one round."""
        each = [a / b for a, b in zip(self.measured.samples, self.against.samples, strict=True)]
        return min(each), max(each)

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return f"goal {self.goal}: {'met' if self.goal.is_met(self.ratio) else 'MISSED'}"


class Result(msgspec.Struct, frozen=True):
    """What one benchmark found."""

    title: str
    unit: str
    comparisons: list[Comparison]
    figures: list[Side] = []  # measured beside, for whoever reads
    notes: list[str] = []

    def text(self) -> str:
        """For a terminal."""
        lines = [f"{self.title} [{self.unit}]"]
        for side in self._sides().values():
            lines.append(_line(side.label, side.median, min(side.samples), max(side.samples)))
        for one in self.comparisons:
            ratio = _line(f"÷ {one.against.label}", one.ratio, *one.spread)
            lines.append(f"{ratio}   {one.verdict}".rstrip())
        return "\n".join(lines + [f"  note: {note}" for note in self.notes])

    def _sides(self) -> dict[str, Side]:
        compared = [side for one in self.comparisons for side in (one.measured, one.against)]
        return {side.label: side for side in [*compared, *self.figures]}

    def facts(self) -> dict[str, Any]:
        """For a file: everything, with what follows from it."""
        return {
            "title": self.title,
            "unit": self.unit,
            "comparisons": [
                {
                    "measured": _side(one.measured),
                    "against": _side(one.against),
                    "ratio": one.ratio,
                    "spread": one.spread,
                    "goal": str(one.goal) if one.goal else None,
                    "met": one.goal.is_met(one.ratio) if one.goal else None,
                }
                for one in self.comparisons
            ],
            "figures": [_side(side) for side in self.figures],
            "notes": self.notes,
        }


def in_turn(plan: Plan, sides: Mapping[str, Callable[[], float]]) -> dict[str, Side]:
    """Measure the sides in turn, A B A B …; by their labels."""
    samples: dict[str, list[float]] = {label: [] for label in sides}
    for _ in range(plan.warm_ups + plan.rounds):
        for label, measure in sides.items():
            samples[label].append(measure())
    return {label: Side(label, taken[plan.warm_ups :]) for label, taken in samples.items()}


def percentile(values: list[float], percent: int) -> float:
    """The value below which so many percent of them lie."""
    if len(values) < 2:
        return values[0]
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _side(side: Side) -> dict[str, Any]:
    return {"label": side.label, "median": side.median, "samples": side.samples}


def _line(what: str, value: float, least: float, most: float) -> str:
    return f"  {what:46} {_number(value):>8}   ({_number(least)} … {_number(most)})"


def _number(value: float) -> str:
    """Three digits that matter."""
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:#.3g}".rstrip(".")
