"""`python -m benchmarks NAME …`: what `main.py bench` does, in the environment at hand."""

import argparse
import sys
from pathlib import Path

from benchmarks import command, run


def main() -> int:
    """Do what the arguments say; the exit code."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure.")
    parser.add_argument("names", nargs="+", metavar="NAME", help=", ".join([*command.NAMES, "all"]))
    parser.add_argument("--short", action="store_true", help="only see that each runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there, too")
    arguments = parser.parse_args()
    return run(arguments.names, short=arguments.short, json_file=arguments.json)


if __name__ == "__main__":
    sys.exit(main())
