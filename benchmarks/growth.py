"""`python -m benchmarks.growth`: the latest result of `routing` as a picture for the documents.

A line for each side over the sizes, both axes by tens; the bars are the lowest and highest round.
"""

import math
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from benchmarks.command import RESULTS

PICTURE = Path(__file__).parent.parent / "docs" / "pictures" / "routing.svg"

WIDTH, HEIGHT = 720, 380
LEFT, RIGHT, TOP, BOTTOM = 90, 60, 36, 62
INK, GRID = "#7a858f", "#9aa3ab66"  # read on white and on black
COLOURS = {"router": "#1f7a8c", "bare heaps": "#c46a1b"}

_LABEL = re.compile(r"(router|bare heaps), ([\d,]+) × ([\d,]+)")


class Point(NamedTuple):
    """What one side did at one size."""

    waiting: int
    agents: int
    median: float
    least: float
    most: float


def points(facts: Mapping[str, Any]) -> dict[str, list[Point]]:
    """The sides of a result of `routing`, each over the sizes."""
    found: dict[str, dict[int, Point]] = {side: {} for side in COLOURS}
    for comparison in facts["comparisons"]:
        for side in (comparison["measured"], comparison["against"]):
            label = _LABEL.fullmatch(side["label"])
            if label is not None:
                waiting, agents = (int(one.replace(",", "")) for one in label.groups()[1:])
                samples = side["samples"]
                point = Point(waiting, agents, side["median"], min(samples), max(samples))
                found[label[1]][waiting] = point
    return {side: [one[size] for size in sorted(one)] for side, one in found.items()}


def svg(sides: Mapping[str, list[Point]]) -> str:
    """The picture."""
    every = [point for side in sides.values() for point in side]
    scale = _Scale(
        [point.waiting for point in every],
        [value for point in every for value in (point.least, point.most)],
    )
    body = [*_axes(scale, sides["router"])]
    for side, line in sides.items():
        body += _line(scale, side, line)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' font-family="sans-serif" font-size="13">\n'
        "<title>Decisions per second by size</title>\n" + "\n".join(body) + "\n</svg>\n"
    )


class _Scale:
    """Where a size and a number of decisions lie, by their logarithms."""

    def __init__(self, sizes: list[int], values: list[float]) -> None:
        self._sizes = math.log10(min(sizes)), math.log10(max(sizes))
        self.tens = range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))))

    def x(self, size: int) -> float:
        first, last = self._sizes
        share = (math.log10(size) - first) / (last - first)
        return LEFT + 20 + share * (WIDTH - LEFT - RIGHT - 40)

    def y(self, value: float) -> float:
        share = (math.log10(value) - self.tens.start) / (self.tens.stop - self.tens.start)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _axes(scale: _Scale, line: list[Point]) -> Iterator[str]:
    for power in (*scale.tens, scale.tens.stop):
        y = scale.y(10**power)
        yield _stroke(LEFT, y, WIDTH - RIGHT, y, GRID, 1)
        yield _text(LEFT - 8, y + 4, f"{10**power:,}", INK, "end")
    for point in line:
        x, bottom = scale.x(point.waiting), HEIGHT - BOTTOM
        yield _text(x, bottom + 20, f"{point.waiting:,} × {point.agents:,}", INK, "middle")
    yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 18, "waiting × agents", INK, "middle")
    yield _text(LEFT - 8, TOP - 14, "decisions/s", INK, "end")


def _line(scale: _Scale, side: str, line: list[Point]) -> Iterator[str]:
    colour = COLOURS[side]
    places = [(scale.x(point.waiting), scale.y(point.median)) for point in line]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    for point, (x, y) in zip(line, places, strict=True):
        yield _stroke(x, scale.y(point.least), x, scale.y(point.most), colour, 1.5)
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
        yield _text(x + 8, y - 8, f"{point.median:,.0f}", colour, "start")
    x, y = places[0]
    yield _text(x + 8, y + 20, side, colour, "start")


def _stroke(x1: float, y1: float, x2: float, y2: float, colour: str, width: float) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}" stroke-width="{width:g}"/>'


def _text(x: float, y: float, text: str, colour: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{text}</text>'


def main() -> int:
    """Write the picture; the exit code."""
    files = sorted(RESULTS.glob("routing-*.json"))
    if not files:
        print("there is no result: run the benchmark `routing` first", file=sys.stderr)
        return 1
    PICTURE.write_text(svg(points(msgspec.json.decode(files[-1].read_bytes()))), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
