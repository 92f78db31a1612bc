"""One queue, list or person is chosen of many: type to narrow, arrows to choose."""

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtWidgets import QFrame, QListView, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk.delegates import TargetRow
from ace_agent.desk.models import ROW, Target, Targets
from ace_agent.widgets.search import SearchField

LEAST_LIST = 132


class TargetPicker(QWidget):
    """A line to type in, and below it the targets that it leaves."""

    changed = Signal()
    """Another one is chosen now, or none."""

    picked = Signal()
    """The chosen one was clicked twice."""

    def __init__(self, targets: Targets, find: str, name: str, parent: QWidget) -> None:
        """`find` says what to type, `name` what is listed."""
        super().__init__(parent)
        self._model = targets
        self.field = SearchField(find, "field", self)
        self._list = self._make_list(name)
        self.field.textChanged.connect(self._narrow)
        self.field.moved.connect(lambda key: self._list.keyPressEvent(key))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addWidget(self.field)
        column.addWidget(self._list, 1)
        self._choose_first()

    @property
    def chosen(self) -> Target | None:
        """What is chosen now; None where nothing is left to choose."""
        row = self._list.currentIndex().data(ROW)
        return row if isinstance(row, Target) and row.name else None

    def _make_list(self, name: str) -> QListView:
        view = QListView(self)
        view.setModel(self._model)
        view.setItemDelegate(TargetRow(view))
        view.setAccessibleName(name)
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setMouseTracking(True)
        view.setMinimumHeight(LEAST_LIST)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.doubleClicked.connect(lambda _: self.picked.emit())
        view.selectionModel().currentChanged.connect(lambda *_: self.changed.emit())
        return view

    def _narrow(self, typed: str) -> None:
        self._model.filter(typed)
        self._choose_first()

    def _choose_first(self) -> None:
        for number, row in enumerate(self._model.rows):
            if row.name:
                self._list.selectionModel().setCurrentIndex(
                    self._model.index(number), QItemSelectionModel.SelectionFlag.ClearAndSelect
                )
                return
        self.changed.emit()
