"""kill -9 of a restore at its N-th commit, write, sync and rename, for every N.

    python -m tests.administration.killing BANK FOLDER [URL]

BANK has a `data` folder and a `backup.zip` of it; the other store is made in FOLDER, with a URL on
PostgreSQL, where the commits alone decide. Each N has a process of its own, forked off, which kills
itself; the next one works on what it left. Prints how often the old and how often the new store was
found, as JSON; a store that is neither is an error, and so is a restore that does not go well after
all that.
"""

import json
import os
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

IN_FILES: frozenset[Kind] = frozenset({"commit", "write", "fsync", "rename"})
IN_DATABASE: frozenset[Kind] = frozenset({"commit"})


class Killing(Seam):
    """Ends the process at the call with this number."""

    def __init__(self, number: int, kinds: frozenset[Kind]) -> None:
        self._left = number
        self._kinds = kinds

    def call(self, kind: Kind, action: Callable[[], T]) -> T:
        self._left -= kind in self._kinds
        if kind in self._kinds and not self._left:
            os.kill(os.getpid(), signal.SIGKILL)
        return action()


def was_killed(data: Path, url: str, file: Path, seam: Seam) -> bool:
    """Restore in a process of its own; whether that was killed. Any other failure is an error."""
    child = os.fork()
    if not child:
        backup.restore(data, url, file, NOON, replace=True, seam=seam)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the restore failed"
    return os.WIFSIGNALED(status)


def found(data: Path, url: str, old: stores.Tables, new: stores.Tables) -> str:
    """Which of the two is in place, as a whole."""
    assert url or stores.faults(stores.database(data)) == []
    there = stores.content(data, url)
    assert there in (old, new), "neither the old store nor the new one"
    assert stores.lost(data / "attachments", there) == [], "attachments are lost"
    assert not url or stores.lost_at(url) == [], "attachments are lost in the database"
    return "old" if there == old else "new"


def main(bank: Path, folder: Path, url: str = "") -> None:
    """The command."""
    file, data, told = bank / "backup.zip", folder / "data", Counter[str]()
    stores.make(data, url, files=(b"other" * 90,), name="OTHER")
    old, new = stores.content(data, url), stores.content(bank / "data")
    kinds = IN_DATABASE if url else IN_FILES
    for number in count(1):
        if not was_killed(data, url, file, Killing(number, kinds)):
            break
        told[found(data, url, old, new)] += 1
    assert found(data, url, old, new) == "new"
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
