"""kill -9 of a restore at its N-th write, sync, rename and commit, for every N.

    python -m tests.administration.killing BANK FOLDER

BANK has a `data` folder, a `backup.zip` of it, and in `other` another store. Each N has a process
of its own, forked off, which kills itself; a second restore then has to go well. Prints how often
the old and how often the new store was found, as JSON; a store that is neither is an error.
"""

import json
import os
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TypeVar

from ace_server.administration import backup
from ace_server.store import Kind, Seam
from tests.administration import stores
from tests.administration.stores import NOON

T = TypeVar("T")

COUNTED: frozenset[Kind] = frozenset({"commit", "write", "fsync", "rename"})


class Killing(Seam):
    """Ends the process at the call with this number."""

    def __init__(self, number: int) -> None:
        self._left = number

    def call(self, kind: Kind, action: Callable[[], T]) -> T:
        self._left -= kind in COUNTED
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)
        return action()


def was_killed(data: Path, file: Path, seam: Seam) -> bool:
    """Restore in a process of its own; whether that was killed. Any other failure is an error."""
    child = os.fork()
    if not child:
        backup.restore(data, "", file, NOON, replace=True, seam=seam)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the restore failed"
    return os.WIFSIGNALED(status)


def found(data: Path, old: stores.Tables, new: stores.Tables) -> str:
    """Which of the two is in place, as a whole."""
    assert stores.faults(stores.database(data)) == []
    there = stores.content(data)
    assert there in (old, new), "neither the old store nor the new one"
    assert stores.lost(data / "attachments", there) == [], "attachments are lost"
    return "old" if there == old else "new"


def main(bank: Path, folder: Path) -> None:
    """The command."""
    new, told = stores.content(bank / "data"), Counter[str]()
    old = stores.content(bank / "other")
    for number in count(1):
        data = folder / "data"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(bank / "other", data)
        if not was_killed(data, bank / "backup.zip", Killing(number)):
            print(json.dumps(told))
            return
        told[found(data, old, new)] += 1
        made = backup.restore(data, "", bank / "backup.zip", NOON, replace=True)
        assert found(data, old, new) == "new"
        assert all(path.exists() for path in made.kept)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
