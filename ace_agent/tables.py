"""Rows with columns: sorted, narrowed, and told to views in few steps.

A table holds rows and knows nothing else; what a column says of a row is a function. Roles are
plain ints. Selection and scrolling stay, whatever comes, goes and differs.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from ace_agent.widgets import tips

Index = QModelIndex | QPersistentModelIndex

DISPLAY = int(Qt.ItemDataRole.DisplayRole)
TOOL_TIP = int(Qt.ItemDataRole.ToolTipRole)
ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
MARK = int(Qt.ItemDataRole.UserRole) + 1
"""An icon before the words, and the name of their colour: a `Mark`, or None."""
SHARE = int(Qt.ItemDataRole.UserRole) + 2
"""How long the bar beside the words is, 0 to 1; None without one."""

RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class HasKey(Protocol):
    """What a row must tell: which one it is, whatever else becomes different."""

    @property
    def key(self) -> Hashable: ...


R = TypeVar("R", bound=HasKey)


@dataclass(frozen=True, slots=True)
class Mark:
    """A shape and a colour for what the words say."""

    icon: str
    colour: str  # the name of one of the theme's


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """What a column is called, and what it says of a row."""

    name: str  # under which it is remembered
    title: str
    text: Callable[[R], str]
    order: Callable[[R], Any]  # what it is sorted by
    hint: Callable[[R], str] = lambda row: ""
    mark: Callable[[R], Mark | None] = lambda row: None
    share: Callable[[R], float | None] = lambda row: None
    figures: bool = False  # at the right, in figures of one width
    ticks: bool = False  # it says another thing as time passes


def _cell(column: Column[R], row: R) -> str:
    """One cell as it is copied: in one line, and never the beginning of a formula."""
    text = " ".join(column.text(row).split())
    is_formula = not column.figures and text.startswith(("=", "+", "-", "@"))
    return f"'{text}" if is_formula else text


class Table(QAbstractTableModel, Generic[R]):
    """Rows, each with a key, in the order and with the words that the person asked for."""

    def __init__(self, columns: Sequence[Column[R]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = columns
        self._all: list[R] = []
        self._rows: list[R] = []
        self._words: list[str] = []
        self._column = 0
        self._descending = False

    @property
    def rows(self) -> Sequence[R]:
        """The rows as shown now."""
        return self._rows

    def show(self, rows: Iterable[R]) -> None:
        """Show these rows instead."""
        self._all = list(rows)
        self._update()

    def filter(self, typed: str) -> None:
        """Show only rows in which every typed word is found."""
        self._words = typed.lower().split()
        self._update()

    def tick(self) -> None:
        """Time has passed: say anew what says another thing now."""
        if self._rows:
            for number, column in enumerate(self.columns):
                if column.ticks:
                    last = self.index(len(self._rows) - 1, number)
                    self.dataChanged.emit(self.index(0, number), last, [DISPLAY, ACCESSIBLE])

    def place(self, key: Hashable) -> QModelIndex:
        """Where the row with this key stands; invalid where there is none."""
        for number, row in enumerate(self._rows):
            if row.key == key:
                return self.index(number, 0)
        return QModelIndex()

    def as_text(self, numbers: Iterable[int]) -> str:
        """These rows as they are copied: a line each, columns parted by tabs, the titles first.

        What others wrote is no formula where it is pasted (E-10).
        """
        lines = [[column.title for column in self.columns]]
        lines += [[_cell(column, self._rows[n]) for column in self.columns] for n in numbers]
        return "".join("\t".join(line) + "\n" for line in lines)

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = DISPLAY) -> object:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], self.columns[index.column()]
        if role == DISPLAY:
            return column.text(row)
        if role == ACCESSIBLE:
            return f"{column.title}: {column.text(row)}"
        if role == TOOL_TIP:
            return tips.plain(column.hint(row))
        if role == ALIGNMENT:
            return RIGHT if column.figures else LEFT
        if role == MARK:
            return column.mark(row)
        return column.share(row) if role == SHARE else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == DISPLAY:
            return self.columns[section].title
        if role == ALIGNMENT:
            return RIGHT if self.columns[section].figures else LEFT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; a view asks for none with -1, which changes nothing."""
        if 0 <= column < len(self.columns):
            self._column = column
            self._descending = order == Qt.SortOrder.DescendingOrder
            self._update()

    # One list becomes another

    def _update(self) -> None:
        self._become([row for row in self._sorted() if self._fits(row)])

    def _sorted(self) -> list[R]:
        """By the first column where the chosen one does not tell them apart."""
        first, chosen = self.columns[0], self.columns[self._column]
        rows = sorted(self._all, key=first.order)
        rows.sort(key=chosen.order, reverse=self._descending)
        return rows

    def _fits(self, row: R) -> bool:
        if not self._words:
            return True
        said = "\n".join(column.text(row) for column in self.columns).lower()
        return all(word in said for word in self._words)

    def _become(self, rows: list[R]) -> None:
        self._remove_all_but({row.key for row in rows})
        here = {row.key for row in self._rows}
        kept = [row for row in rows if row.key in here]
        if [row.key for row in kept] == [row.key for row in self._rows]:
            self._replace(kept)
        else:
            self._reorder(kept)
        for number, row in enumerate(rows):
            if row.key not in here:
                self.beginInsertRows(QModelIndex(), number, number)
                self._rows.insert(number, row)
                self.endInsertRows()

    def _remove_all_but(self, wanted: set[Hashable]) -> None:
        for number in reversed(range(len(self._rows))):
            if self._rows[number].key not in wanted:
                self.beginRemoveRows(QModelIndex(), number, number)
                del self._rows[number]
                self.endRemoveRows()

    def _replace(self, rows: list[R]) -> None:
        """The same rows in the same order: say which of them differ."""
        last = len(self.columns) - 1
        for number, row in enumerate(rows):
            if self._rows[number] != row:
                self._rows[number] = row
                self.dataChanged.emit(self.index(number, 0), self.index(number, last))

    def _reorder(self, rows: list[R]) -> None:
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        keys = [self._rows[index.row()].key for index in before]
        self._rows = rows
        place = {row.key: number for number, row in enumerate(rows)}
        after = [
            self.index(place[key], index.column()) for key, index in zip(keys, before, strict=True)
        ]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()
