"""A database made beside the one in use, and put in its place in one step.

Until that step nothing of the old one is touched; after it the old one is there under another name.
What goes into it is its maker's matter, and so is that no server runs meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ace_server.errors import Refused, Unavailable
from ace_server.store import engine
from ace_server.store.seam import Seam
from ace_server.store.store import Store
from ace_server.store.trouble import TROUBLE


class Successor:
    """The one that is being made, and the one whose place it is to take."""

    def __init__(self, data: Path, url: str = "", seam: Seam | None = None) -> None:
        self._old = engine.connect(url, data, seam or Seam())
        self._new = self._old.in_the_making()
        self.store = Store(data, seam=seam, database=self._new)
        """Does jobs on the new one."""

    def folder(self) -> Path | None:
        """Where its files will lie, if on this machine."""
        return self._old.folder()

    def has_predecessor(self) -> bool:
        """Whether there is a database whose place it takes. Raises Unavailable."""
        with self._using("read"):
            return self._old.holds_something()

    def begin(self, upto: str) -> None:
        """Make it anew, with the schema as this migration left it. Raises Unavailable."""
        self.discard()
        with self._using("replaced"):
            self._old.demand_alone()
        self.store.open(upto)

    def complete(self) -> None:
        """Bring its schema up to date and see that it is sound. Raises Unavailable or Refused."""
        self.store.close()
        self.store.open()
        with self._using("read"):
            faults = self._new.faults()
        if faults:
            raise Refused("damaged", f"the backup is damaged: {faults[0]}")

    def discard(self) -> None:
        """Remove it, and what was left of an earlier one."""
        with self._using("cleared"):
            self.store.close()
            self._new.clear()
        self.store.close()

    def kept_as(self, stamp: str) -> str:
        """What the old one will be called."""
        return self._old.kept_as(stamp)

    def put_in_place(self, stamp: str) -> None:
        """Make it the database in use; the old one, if any, is kept under another name.

        Whenever this ends or is cut off, the one or the other is in place as a whole. Raises
        Unavailable, also where somebody else uses the old one.
        """
        self.store.close()
        with self._using("replaced"):
            self._old.give_way(self._new, stamp)

    @contextmanager
    def _using(self, what: str) -> Iterator[None]:
        try:
            yield
        except TROUBLE as error:
            raise Unavailable(f"the database cannot be {what}: {error}") from error
        finally:
            self._old.close()
