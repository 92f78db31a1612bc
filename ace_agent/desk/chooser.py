"""A panel to choose one of several by typing a few letters: a prepared text, a draft."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtWidgets import QFrame, QListView, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk.delegates import ChoiceRow
from ace_agent.desk.models import ROW, Choice, Choices
from ace_agent.widgets.panel import Panel
from ace_agent.widgets.search import SearchField
from ace_agent.widgets.text import label

WIDTH, ROWS = 520, 7


class Chooser(Panel):
    """Type to narrow, arrows to choose, Enter to take it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.model = Choices(self)
        self._chosen: Callable[[int], None] = lambda number: None
        self._title = label(role="title")
        self._title.setContentsMargins(theme.LARGE, theme.MEDIUM, theme.LARGE, 0)
        self.field = SearchField(self.tr("Type to find"), "ask", self)
        self.view = self._make_view()
        self._nothing = label(role="secondary")
        self._nothing.setContentsMargins(theme.LARGE, theme.SMALL, theme.LARGE, theme.MEDIUM)
        self.field.textChanged.connect(self._narrow)
        self.field.moved.connect(lambda key: self.view.keyPressEvent(key))
        self.field.returnPressed.connect(lambda: self._take(self.view.currentIndex()))
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, theme.SMALL)
        column.setSpacing(theme.TIGHT)
        for part in (self._title, self.field, self.view, self._nothing):
            column.addWidget(part)

    def ask(
        self, title: str, choices: Sequence[Choice], nothing: str, chosen: Callable[[int], None]
    ) -> None:
        """Offer these; `chosen` is given the number of the one that is taken.

        `nothing` is said where there is none.
        """
        self._chosen = chosen
        self._title.setText(title)
        self._nothing.setText(nothing)
        self.setAccessibleName(title)
        self.view.setAccessibleName(title)
        self.model.offer(choices)
        self.field.clear()
        self.field.setVisible(bool(choices))
        self._narrow("")
        self.open(self.field if choices else self)

    def place(self) -> None:
        parent = self.host
        row = self.view.sizeHintForRow(0) if self.model.rows else 0
        room = parent.height() * 3 // 4 - self.field.sizeHint().height()
        self.view.setFixedHeight(min(row * min(len(self.model.rows), ROWS), max(room, row)))
        width = min(WIDTH, parent.width() - 2 * theme.WIDE)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((parent.width() - width) // 2, parent.height() // 9)

    def _make_view(self) -> QListView:
        view = QListView(self)
        view.setModel(self.model)
        view.setItemDelegate(ChoiceRow(view))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setMouseTracking(True)
        view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.clicked.connect(self._take)
        return view

    def _narrow(self, typed: str) -> None:
        self.model.filter(typed)
        is_empty = not self.model.rows
        self.view.setHidden(is_empty)
        self._nothing.setVisible(is_empty)
        if not is_empty:
            self.view.selectionModel().setCurrentIndex(
                self.model.index(0), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
        if self.isVisible():
            self.place()

    def _take(self, index: QModelIndex) -> None:
        row = index.data(ROW) if index.isValid() else None
        if isinstance(row, Choice):
            self.leave()
            self._chosen(row.number)
