"""The command list: type a few letters, press Enter."""

from collections.abc import Callable, Iterable, Iterator

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import QFrame, QListView, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.commands import Entry
from ace_agent.desk.delegates import EntryRow
from ace_agent.desk.models import ROW, Commands
from ace_agent.widgets.panel import Panel
from ace_agent.widgets.search import SearchField
from ace_agent.widgets.text import label

WIDTH, ROWS = 520, 9


class CommandList(Panel):
    """Every command with its key, found by typing."""

    chosen = Signal(str)
    """The name of the command to do."""

    def __init__(self, find: Callable[[str], Iterable[Entry]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("All commands"))
        self.model = Commands(find, self)
        self._field = self._make_field()
        self._list = self._make_list()
        self._nothing = label(self.tr("No command has these words."), "secondary")
        self._nothing.setContentsMargins(theme.LARGE, theme.SMALL, theme.LARGE, theme.MEDIUM)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, theme.SMALL)
        column.setSpacing(theme.TIGHT)
        column.addWidget(self._field)
        column.addWidget(self._list)
        column.addWidget(self._nothing)

    def ask(self) -> None:
        """Show all commands and wait for letters."""
        self._field.clear()
        self._narrow("")
        self.open(self._field)

    def place(self) -> None:
        parent = self.host
        row = self._list.sizeHintForRow(0) if self.model.rows else 0
        room = parent.height() * 3 // 4 - self._field.sizeHint().height()
        self._list.setFixedHeight(min(row * min(len(self.model.rows), ROWS), max(room, 2 * row)))
        width = min(WIDTH, parent.width() - 2 * theme.WIDE)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((parent.width() - width) // 2, parent.height() // 9)

    def _make_field(self) -> SearchField:
        field = SearchField(self.tr("Find a command"), "ask", self)
        field.textChanged.connect(self._narrow)
        field.returnPressed.connect(lambda: self._choose(self._list.currentIndex()))
        field.moved.connect(lambda key: self._move(_MOVES[key.key()]))
        return field

    def _make_list(self) -> QListView:
        view = QListView(self)
        view.setModel(self.model)
        view.setItemDelegate(EntryRow(view))
        view.setAccessibleName(self.tr("Commands"))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setMouseTracking(True)
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.clicked.connect(self._choose)
        return view

    def _narrow(self, typed: str) -> None:
        self.model.filter(typed)
        self._list.setVisible(bool(self.model.rows))
        self._nothing.setVisible(not self.model.rows)
        self._select(next(self._possible(), None))
        if self.isVisible():
            self.place()

    def _possible(self) -> Iterator[int]:
        return (n for n, row in enumerate(self.model.rows) if row.entry.enabled)

    def _move(self, step: int) -> None:
        possible = list(self._possible())
        if possible:
            now = self._list.currentIndex().row()
            here = possible.index(now) if now in possible else -step
            self._select(possible[(here + step) % len(possible)])

    def _select(self, number: int | None) -> None:
        if number is None:
            self._list.clearSelection()
            self._list.setCurrentIndex(QModelIndex())
            return
        index = self.model.index(number)
        self._list.selectionModel().setCurrentIndex(
            index, QItemSelectionModel.SelectionFlag.ClearAndSelect
        )
        self._list.scrollTo(index)

    def _choose(self, index: QModelIndex) -> None:
        row = index.data(ROW) if index.isValid() else None
        if row is not None and row.entry.enabled:
            self.leave()
            self.chosen.emit(row.entry.name)


_MOVES = {
    int(Qt.Key.Key_Down): 1,
    int(Qt.Key.Key_Up): -1,
    int(Qt.Key.Key_PageDown): ROWS,
    int(Qt.Key.Key_PageUp): -ROWS,
}
