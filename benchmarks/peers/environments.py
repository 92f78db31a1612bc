"""Environments that peers run in: made once, below the user's cache folder, outside the sources."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from benchmarks.measuring import Missing

INSTALLED_WITHIN = 600.0
"""Seconds."""


def cache() -> Path:
    """The folder for what benchmarks make and may make again."""
    folder = platformdirs.user_cache_path("ACE", appauthor=False) / "benchmarks"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def environment(name: str, packages: Sequence[str]) -> Path:
    """The folder of the programs of an environment with these packages, as pip knows them.

    Raises Missing where it cannot be made, as without a network.
    """
    key = hashlib.sha256(repr((sys.version, *packages)).encode()).hexdigest()[:12]
    folder = cache() / f"{name}-{key}"
    complete = folder / "complete"
    if not complete.exists():
        print(f"installing {name} into {folder}", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _make(folder, packages)
        complete.touch()
    return _programs(folder)


def _programs(folder: Path) -> Path:
    return folder / ("Scripts" if os.name == "nt" else "bin")


def _make(folder: Path, packages: Sequence[str]) -> None:
    make: list[str | Path] = [sys.executable, "-m", "venv", folder]
    python = _programs(folder) / "python"
    install: list[str | Path] = [python, "-m", "pip", "install", "--quiet", *packages]
    try:
        for command in (make, install):
            subprocess.run(command, check=True, capture_output=True, timeout=INSTALLED_WITHIN)
    except subprocess.CalledProcessError as error:
        last = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Missing(f"it could not be installed: {' '.join(last)}") from None
    except subprocess.TimeoutExpired:
        raise Missing("it could not be installed in time") from None
