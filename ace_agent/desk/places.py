"""Queues and waiting lists as the first column shows them, under headings that can be folded.

The rows know nothing but what the server said of the places (AG-5).
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from PySide6.QtCore import QCoreApplication, QObject

from ace_agent.desk import words
from ace_agent.desk.models import Index, Rows
from ace_agent.desk.shown import one_line
from ace_agent.session import Changed
from ace_server.wire import QueueStatus

translate = QCoreApplication.translate

Kind = Literal["lists", "queues"]
KINDS: tuple[Kind, ...] = ("lists", "queues")


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the waiting lists, or above the queues."""

    kind: Kind
    title: str
    waiting: int
    is_folded: bool

    @property
    def key(self) -> Hashable:
        return ("heading", self.kind)

    @property
    def text(self) -> str:
        folded = translate("rows", "folded") if self.is_folded else translate("rows", "unfolded")
        return ", ".join((self.title, waiting(self.waiting), folded))


@dataclass(frozen=True, slots=True)
class Place:
    """A queue or a waiting list, or what waits for this agent alone."""

    name: str  # empty: for this agent alone
    title: str
    icon: str
    detail: str
    waiting: int
    is_list: bool
    logged_in: bool
    is_open: bool  # its contacts are shown now
    hint: str

    @property
    def key(self) -> Hashable:
        return ("place", self.name)

    @property
    def text(self) -> str:
        return ", ".join(part for part in (self.title, waiting(self.waiting), self.detail) if part)


PlaceRow = Heading | Place


def waiting(count: int) -> str:
    """How many wait, as it is read aloud."""
    return translate("rows", "%n waiting", "", count)


class Holder(Protocol):
    """What the model of the places reads: the session."""

    queue_status: list[QueueStatus]

    def now(self) -> datetime: ...


class Places(Rows[PlaceRow]):
    """What waits for this agent alone, the waiting lists, the queues; in the server's order."""

    def __init__(self, session: Holder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._folded: frozenset[Kind] = frozenset()
        self._open: str | None = None

    @property
    def folded(self) -> frozenset[Kind]:
        """The headings under which nothing is shown."""
        return self._folded

    def fold(self, kinds: Iterable[Kind]) -> None:
        """Fold these headings, and no others."""
        self._folded = frozenset(kinds)
        self.update()

    def turn(self, kind: Kind) -> None:
        """Fold a heading, or unfold it."""
        self.fold(self._folded ^ {kind})

    def mark_open(self, name: str | None) -> None:
        """The contacts of this list are shown now."""
        if name != self._open:
            self._open = name
            self.update()

    def follow(self, changed: Changed) -> None:
        """Something changed: the server tells what waits at most once a second."""
        if changed.what in ("queues", "desk"):
            self.update()

    def update(self) -> None:
        """Show the places as the session has them now; also as time passes."""
        self.show(_rows(self._session.queue_status, self._session.now(), self._folded, self._open))

    def hint(self, row: PlaceRow) -> str:
        return row.hint if isinstance(row, Place) else ""

    def place_at(self, index: Index) -> Place | None:
        """The place of a row, where it is one."""
        row = self._rows[index.row()] if index.isValid() else None
        return row if isinstance(row, Place) else None

    def heading_at(self, index: Index) -> Heading | None:
        """The heading of a row, where it is one."""
        row = self._rows[index.row()] if index.isValid() else None
        return row if isinstance(row, Heading) else None


def _rows(
    statuses: Sequence[QueueStatus],
    now: datetime,
    folded: frozenset[Kind],
    opened: str | None,
) -> list[PlaceRow]:
    own = [status for status in statuses if not status.name and status.waiting]
    rows: list[PlaceRow] = [_place(status, now, opened) for status in own]
    for kind in KINDS:
        found = [s for s in statuses if s.name and s.is_list == (kind == "lists")]
        if found:
            count = sum(status.waiting for status in found)
            rows.append(Heading(kind, _title(kind), count, kind in folded))
            if kind not in folded:
                rows += [_place(status, now, opened) for status in found]
    return rows


def _title(kind: Kind) -> str:
    if kind == "lists":
        return translate("rows", "Waiting lists")
    return translate("rows", "Queues")


def _place(status: QueueStatus, now: datetime, opened: str | None) -> Place:
    kind = "waiting-list" if status.is_list else "queue"
    return Place(
        name=status.name,
        title=one_line(status.name) or translate("rows", "Waiting for you"),
        icon=kind if status.name else "person",
        detail=words.queue_status(status, now),
        waiting=status.waiting,
        is_list=status.is_list,
        logged_in=status.logged_in,
        is_open=status.name == opened,
        hint=words.queue_hint(status),
    )
