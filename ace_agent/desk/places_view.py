"""Queues and waiting lists below the contacts: seen at a glance, opened, logged in to and out of.

Nothing is decided here: what a row says is in `places`.
"""

from collections.abc import Mapping

from PySide6.QtCore import QItemSelectionModel, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QListView, QMenu, QSizePolicy, QWidget

from ace_agent import theme
from ace_agent.desk.delegates import PlaceLine
from ace_agent.desk.models import Index
from ace_agent.desk.places import Place, Places

LEAST = 96
"""Of its height, in pixels, where there is little room: a heading and a place."""

ENTER = {int(Qt.Key.Key_Return), int(Qt.Key.Key_Enter), int(Qt.Key.Key_Space)}
FOLD = {int(Qt.Key.Key_Left): True, int(Qt.Key.Key_Right): False}


class PlacesView(QListView):
    """As high as its rows, up to what it is granted; it scrolls beyond."""

    opened = Signal(str)
    """The contacts of this list are to be shown; empty: what waits for this agent alone."""

    chosen_changed = Signal()
    """Another place is chosen, or the chosen one is different."""

    def __init__(
        self, model: Places, actions: Mapping[str, QAction], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._actions = actions
        self._most = LEAST
        self.setModel(model)
        self.setItemDelegate(PlaceLine(self))
        self.setAccessibleName(self.tr("Waiting lists and queues"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.clicked.connect(self._press)
        self.selectionModel().currentChanged.connect(self.chosen_changed)
        for told in (model.rowsInserted, model.rowsRemoved):
            told.connect(self.updateGeometry)
        model.dataChanged.connect(self._follow)

    @property
    def chosen(self) -> Place | None:
        """The place that the keyboard is on."""
        return self._model.place_at(self.currentIndex())

    def choose(self, name: str) -> None:
        """Go to this place, where it is shown."""
        place = self._model.place(("place", name))
        if place.isValid():
            self.selectionModel().setCurrentIndex(
                place, QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

    def focus_first(self) -> None:
        """Move the keyboard here, to where it was before."""
        if not self.currentIndex().isValid() and self._model.rows:
            first = next((n for n, r in enumerate(self._model.rows) if isinstance(r, Place)), 0)
            self.selectionModel().setCurrentIndex(
                self._model.index(first), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def grant(self, height: int) -> None:
        """Be no higher than this, in pixels."""
        if height != self._most:
            self._most = max(height, LEAST)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        rows = range(self._model.rowCount())
        height = sum(self.sizeHintForRow(row) for row in rows)
        return QSize(super().sizeHint().width(), min(height, self._most))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, min(self.sizeHint().height(), LEAST))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        heading = self._model.heading_at(self.currentIndex())
        if event.key() in ENTER:
            self._press(self.currentIndex())
        elif heading is not None and event.key() in FOLD:
            if heading.is_folded != FOLD[event.key()]:
                self._model.turn(heading.kind)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with the place; the menu key opens this too."""
        if self.chosen is None:
            return
        at = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            row = self.visualRect(self.currentIndex())
            at = self.viewport().mapToGlobal(QPoint(theme.LARGE, row.bottom()))
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def menu(self) -> QMenu:
        """What can be done with the chosen place."""
        menu = QMenu(self)
        chosen = self.chosen
        if chosen is not None and chosen.is_list:
            show = menu.addAction(self.tr("Show what waits"))
            show.triggered.connect(lambda: self.opened.emit(chosen.name))
        for name in ("queue-log-in", "queue-log-out"):
            if self._actions[name].isEnabled():
                menu.addAction(self._actions[name])
        return menu

    def _press(self, index: Index) -> None:
        """A heading folds, a list is opened; of a queue the system picks."""
        heading, place = self._model.heading_at(index), self._model.place_at(index)
        if heading is not None:
            self._model.turn(heading.kind)
        elif place is not None and place.is_list:
            self.opened.emit(place.name)

    def _follow(self, first: Index, last: Index) -> None:
        if first.row() <= self.currentIndex().row() <= last.row():
            self.chosen_changed.emit()
