"""The first column: the contacts at hand, in sections, narrowed by typing; below them what waits.

Waiting lists and queues have their own place at the bottom: they stay where they are, whatever
comes into hand and goes.
"""

from collections.abc import Mapping

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk.delegates import CardRow
from ace_agent.desk.models import Contacts
from ace_agent.desk.places import Places
from ace_agent.desk.places_view import PlacesView
from ace_agent.widgets.pulse import Pulse
from ace_agent.widgets.search import SearchField
from ace_agent.widgets.text import hairline, wrapped

ROOM_FOR_CONTACTS = 320
"""In pixels; where there is less in all, they have half of it."""


class ContactsPane(QWidget):
    """The list and its filter, and the places."""

    selected = Signal(int)
    """This contact was chosen."""

    opened = Signal(int)
    """This contact was clicked twice."""

    def __init__(
        self,
        model: Contacts,
        places: Places,
        actions: Mapping[str, QAction],
        pulse: Pulse,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Contacts"))
        self.setProperty("role", "strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._model = model
        self.field = self._make_field()
        self.view = self._make_view(model, pulse)
        self.places = PlacesView(places, actions)
        self._line = hairline()
        self._nothing = wrapped(role="secondary")
        self._nothing.setContentsMargins(theme.LARGE, theme.SMALL, theme.LARGE, theme.SMALL)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.MEDIUM, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addLayout(self._padded(self.field))
        column.addWidget(self._nothing)
        column.addWidget(self.view, 1)
        column.addWidget(self._line)
        column.addWidget(self.places)
        model.updated.connect(self._follow)
        for told in (places.rowsInserted, places.rowsRemoved):
            told.connect(self._show_places)
        self._follow()
        self._show_places()

    def choose(self, contact: int | None) -> None:
        """Mark this contact, where the list shows it; else none, and the keyboard stays."""
        place = QModelIndex() if contact is None else self._model.place(contact)
        selection = self.view.selectionModel()
        if not place.isValid():
            selection.clearSelection()
        elif selection.currentIndex() != place or not selection.isSelected(place):
            selection.setCurrentIndex(place, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.view.scrollTo(place)

    def _padded(self, field: SearchField) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setContentsMargins(theme.MEDIUM, 0, theme.MEDIUM, 0)
        box.addWidget(field)
        return box

    def _make_field(self) -> SearchField:
        field = SearchField(self.tr("Filter contacts"), parent=self)
        field.setToolTip(self.tr("Show only contacts with these words (Ctrl+F)"))
        field.offer_to_clear()
        field.textChanged.connect(self._model.filter)
        field.moved.connect(lambda _: self.view.setFocus(Qt.FocusReason.ShortcutFocusReason))
        return field

    def _make_view(self, model: Contacts, pulse: Pulse) -> QListView:
        view = QListView(self)
        view.setModel(model)
        view.setItemDelegate(CardRow(pulse))
        view.setAccessibleName(self.tr("Contacts in hand"))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setMouseTracking(True)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.selectionModel().currentChanged.connect(self._chosen)
        view.clicked.connect(self._choose)
        view.activated.connect(self._choose)
        view.doubleClicked.connect(self._opened)
        pulse.moved.connect(view.viewport().update)
        return view

    def _chosen(self, index: QModelIndex) -> None:
        """Not where the keyboard only came by: that makes a row current, but marks none."""
        if self.view.selectionModel().isSelected(index) and not self._model.is_moving:
            self._choose(index)

    def _choose(self, index: QModelIndex) -> None:
        contact = self._model.contact_at(index)
        if contact is not None:
            self.selected.emit(contact)

    def _opened(self, index: QModelIndex) -> None:
        contact = self._model.contact_at(index)
        if contact is not None:
            self.opened.emit(contact)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The contacts have room for some of them, however many places there are."""
        super().resizeEvent(event)
        height = self.height()
        self.places.grant(max(height // 2, height - ROOM_FOR_CONTACTS))

    def _show_places(self) -> None:
        """Nothing is there for who serves no queue."""
        there = self.places.model().rowCount() > 0
        self.places.setVisible(there)
        self._line.setVisible(there)

    def _follow(self) -> None:
        empty = not self._model.rows
        filtered = bool(self.field.text())
        self._nothing.setVisible(empty)
        self._nothing.setText(
            self.tr("None of your contacts has these words.")
            if filtered
            else self.tr("Nothing in hand.")
        )
