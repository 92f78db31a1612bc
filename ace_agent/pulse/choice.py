"""A dialog in which one queue, list or person is chosen: type to narrow, arrows, Enter."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ace_agent import theme
from ace_agent.desk.delegates import TargetRow
from ace_agent.desk.models import ROW, Target, Targets
from ace_agent.loop import closed
from ace_agent.widgets.search import SearchField
from ace_agent.widgets.text import wrapped

WIDTH, HEIGHT, LEAST_LIST = 440, 480, 132


class ChoiceDialog(QDialog):
    """Says what it is about, and offers the targets."""

    def __init__(self, targets: Targets, title: str, text: str, verb: str, parent: QWidget) -> None:
        """`text` says what will be done to whom; `verb` is on the button that does it."""
        super().__init__(parent)
        targets.setParent(self)
        self.setWindowTitle(title)
        self.setAccessibleDescription(text)
        self.setMinimumWidth(WIDTH)
        self._model = targets
        self.field = self._make_field()
        self._list = self._make_list()
        self._do = self._make_button(verb, "primary", self.accept)
        self._lay_out(title, text)
        self.resize(WIDTH, min(HEIGHT, parent.window().height() - 2 * theme.WIDE))
        self.field.setFocus()
        self._select_first()

    @property
    def chosen(self) -> Target | None:
        """What is chosen now."""
        row = self._list.currentIndex().data(ROW)
        return row if isinstance(row, Target) and row.name else None

    # Parts

    def _lay_out(self, title: str, text: str) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.SMALL)
        row.addStretch()
        row.addWidget(self._make_button(self.tr("Cancel"), "plain", self.reject))
        row.addWidget(self._do)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.LARGE)
        column.setSpacing(theme.SMALL)
        column.addWidget(wrapped(title, "title"))
        column.addWidget(wrapped(text, "secondary"))
        column.addSpacing(theme.TIGHT)
        column.addWidget(self.field)
        column.addWidget(self._list, 1)
        column.addSpacing(theme.SMALL)
        column.addLayout(row)

    def _make_field(self) -> SearchField:
        field = SearchField(self.tr("Type to find one"), "field", self)
        field.textChanged.connect(self._narrow)
        field.moved.connect(lambda key: self._list.keyPressEvent(key))
        return field

    def _make_list(self) -> QListView:
        view = QListView(self)
        view.setModel(self._model)
        view.setItemDelegate(TargetRow(view))
        view.setAccessibleName(self.tr("What can be chosen"))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setMouseTracking(True)
        view.setMinimumHeight(LEAST_LIST)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.doubleClicked.connect(self.accept)
        view.selectionModel().currentChanged.connect(self._follow)
        return view

    def _make_button(self, text: str, kind: str, pressed: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setProperty("kind", kind)
        button.setAccessibleName(text)
        button.setDefault(kind == "primary")
        button.clicked.connect(pressed)
        return button

    def _narrow(self, typed: str) -> None:
        self._model.filter(typed)
        self._select_first()

    def _select_first(self) -> None:
        for number, row in enumerate(self._model.rows):
            if row.name:
                self._list.selectionModel().setCurrentIndex(
                    self._model.index(number), QItemSelectionModel.SelectionFlag.ClearAndSelect
                )
                return
        self._follow()

    def _follow(self, index: QModelIndex = QModelIndex()) -> None:
        self._do.setEnabled(index.isValid() and bool(index.data(ROW).name))


async def choose(dialog: ChoiceDialog) -> Target | None:
    """Show it and wait for the choice; None where the person thought better of it."""
    try:
        accepted = await closed(dialog) == QDialog.DialogCode.Accepted
        return dialog.chosen if accepted else None
    finally:
        dialog.deleteLater()
