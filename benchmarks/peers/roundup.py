"""roundup's classic tracker on SQLite, and its mail gateway."""

import subprocess
from pathlib import Path

from benchmarks.measuring import Missing
from benchmarks.peers.environments import environment
from benchmarks.processes import ROOT

PACKAGES = ("roundup==2.6.0",)

WITHIN = 60.0
"""Seconds that making the tracker may take."""

_LOCKED = "#db.security.addPermissionToRole('Anonymous', 'Email Access')"
"""In its schema: with this line as a comment, it takes mail only from people that it knows."""

_SETTINGS = "tracker_web=http://127.0.0.1/,mail_domain=bank.example,mail_host=127.0.0.1"


class Roundup:
    """One tracker. It tells nobody of a new issue: that is its own default."""

    def __init__(self, folder: Path) -> None:
        """Make it. Raises Missing."""
        self._programs = environment("roundup", PACKAGES)
        self._folder = folder
        self.variables = {"PYTHONPATH": str(ROOT)}
        self._administer("install", "classic", "sqlite", _SETTINGS)
        schema = folder / "schema.py"
        schema.write_text(schema.read_text().replace(_LOCKED, _LOCKED[1:]))
        self._administer("initialise", "not a secret")

    def _administer(self, *arguments: str) -> None:
        command = [self._programs / "roundup-admin", "-i", self._folder, *arguments]
        done = subprocess.run(command, capture_output=True, timeout=WITHIN, check=False)
        if done.returncode:
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise Missing(f"no tracker could be made: {' '.join(last)}")

    def fetching(self, *where: str) -> list[str | Path]:
        """The command that fetches; `where`: host, port, user, password."""
        python = self._programs / "python"
        return [python, "-m", "benchmarks.children.roundup_fetch", self._folder, *where]
