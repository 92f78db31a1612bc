"""`DATA NOTES LOGIN VARIABLE`: the desktop program as `main.py` starts it, and what is noted of it.

VARIABLE names where the password of LOGIN stands; with `--looks` the agent works, and looks
at each contact for so many seconds.
"""

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path

import main
from ace_agent import child


def _run(arguments: argparse.Namespace) -> int:
    early = child.early(arguments.data, "")  # before anything of Qt is loaded, as there
    log_in = arguments.login, os.environ[arguments.variable]
    with main.loading():
        desk = import_module("benchmarks.children.noted_desk")
    return int(desk.run(arguments.data, arguments.notes, log_in, early, arguments.looks))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("notes", type=Path)
    parser.add_argument("login")
    parser.add_argument("variable")
    parser.add_argument("--looks", type=float, default=0.0)
    sys.exit(_run(parser.parse_args()))
