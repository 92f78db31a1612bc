"""The first column: the contacts at hand, in sections, narrowed by typing."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtWidgets import QFrame, QListView, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk.delegates import CardRow
from ace_agent.desk.models import Contacts
from ace_agent.widgets.pulse import Pulse
from ace_agent.widgets.search import SearchField
from ace_agent.widgets.text import wrapped


class ContactsPane(QWidget):
    """The list and its filter."""

    selected = Signal(int)
    """This contact was chosen."""

    opened = Signal(int)
    """This contact was clicked twice."""

    def __init__(self, model: Contacts, pulse: Pulse, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Contacts"))
        self.setProperty("role", "strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._model = model
        self.field = self._make_field()
        self.view = self._make_view(model, pulse)
        self._nothing = wrapped(role="secondary")
        self._nothing.setContentsMargins(theme.LARGE, theme.SMALL, theme.LARGE, theme.SMALL)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.MEDIUM, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addLayout(self._padded(self.field))
        column.addWidget(self._nothing)
        column.addWidget(self.view, 1)
        model.updated.connect(self._follow)
        self._follow()

    def choose(self, contact: int | None) -> None:
        """Mark this contact, where the list shows it."""
        place = QModelIndex() if contact is None else self._model.place(contact)
        selection = self.view.selectionModel()
        if not place.isValid():
            selection.clear()
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
        view.doubleClicked.connect(self._opened)
        pulse.moved.connect(view.viewport().update)
        return view

    def _chosen(self, index: QModelIndex) -> None:
        contact = self._model.contact_at(index)
        if contact is not None and not self._model.is_moving:
            self.selected.emit(contact)

    def _opened(self, index: QModelIndex) -> None:
        contact = self._model.contact_at(index)
        if contact is not None:
            self.opened.emit(contact)

    def _follow(self) -> None:
        empty = not self._model.rows
        filtered = bool(self.field.text())
        self._nothing.setVisible(empty)
        self._nothing.setText(
            self.tr("None of your contacts has these words.")
            if filtered
            else self.tr("Nothing in hand.")
        )
