"""The benchmarks: each compares two things measured in turn, and says whether a goal is met.

Nothing is imported here but the standard library: the programs that a benchmark starts live in
this package too, and what they import is part of what is measured.
"""

from importlib import import_module
from pathlib import Path


def run(names: list[str], *, short: bool = False, json_file: Path | None = None) -> int:
    """Run benchmarks by name, `all` for every one. 0: they ran; 1: one could not; 2: no such name.

    `short` only sees that each runs. The results are also written to `json_file`.
    """
    return int(import_module("benchmarks.command").run(names, short=short, json_file=json_file))
