"""A waiting list above the preview: its contacts to choose from, like the mails of a folder.

It follows the open list (`waiting`) and decides nothing.
"""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk.shown import one_line
from ace_agent.desk.waiting import WaitingList
from ace_agent.desk.waiting_table import WaitingContacts, columns
from ace_agent.sentences import filled
from ace_agent.widgets.buttons import IconButton, WordsButton
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.search import SearchField
from ace_agent.widgets.table import TableView
from ace_agent.widgets.text import ElidedLabel, wrapped

PARTS = (12, 24, 31, 21, 12)
"""How wide the columns are, in hundredths of the table."""

FIELD_ROOM = 40
"""Around the words in the field, in pixels."""
ENTER = {int(Qt.Key.Key_Return), int(Qt.Key.Key_Enter)}
CHOSEN = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


class WaitingPage(QWidget):
    """The title and what waits; typing narrows, arrows choose, Enter reads, Esc leaves."""

    reading_wanted = Signal()
    """The keyboard goes to the text of the chosen contact."""

    picked = Signal()
    """The chosen contact was clicked twice."""

    def __init__(
        self,
        waiting: WaitingList,
        now: Callable[[], datetime],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._waiting = waiting
        self._following = False  # what the table calls current meanwhile is nobody's choice
        self.model = WaitingContacts(columns(now), self)
        self._title = ElidedLabel(role="title")
        self.field = self._make_field()
        self.close_button = IconButton("close", self.tr("Back to your contacts (Esc)"))
        self.close_button.clicked.connect(waiting.close)
        self.table = _Table(self.model, self.tr("Contacts that wait"), PARTS)
        self._nothing = wrapped(role="secondary")
        self._nothing.setMargin(theme.SMALL)
        self.more_button = WordsButton(self.tr("Show more"), "quiet")
        self.more_button.clicked.connect(waiting.more)
        self._shown = ElidedLabel(role="secondary")
        self._foot = self._make_foot()
        self._lay_out()
        self._connect()
        self.hide()

    def focus(self) -> None:
        """Move the keyboard into the table."""
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def filter(self) -> None:
        """Move the keyboard to where is typed what to find."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def follow(self) -> None:
        """Show the list as it is now; the chosen one stays chosen while it waits here."""
        self._say()
        row = self.table.currentIndex().row()
        contact = self.model.contact_at(row)
        self._following = True
        try:
            self.model.show_contacts(self._waiting.contacts)
            self._mark(row, contact)
        finally:
            self._following = False
        self._say_rest()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._waiting.close()
        else:
            super().keyPressEvent(event)

    # What is seen

    def _say(self) -> None:
        name = one_line(self._waiting.name or "") or self.tr("Waiting for you")
        self._title.setText(name)
        self.setAccessibleName(name)

    def _mark(self, row: int = -1, contact: int | None = None) -> None:
        """Mark the chosen one; where that is gone, the keyboard stays in its place.

        It was at this row, on this contact.
        """
        chosen = self._waiting.chosen
        place = self.model.place(chosen) if chosen is not None else QModelIndex()
        selection = self.table.selectionModel()
        if place.isValid():
            if selection.currentIndex().row() != place.row() or not selection.isSelected(place):
                selection.setCurrentIndex(place, CHOSEN)
                self.table.scrollTo(place)
            return
        selection.clearSelection()
        stays = self.model.place(contact) if contact is not None else QModelIndex()
        if not stays.isValid() and row > 0:
            stays = self.model.index(row - 1, 0)  # so that Down goes to what follows
        selection.setCurrentIndex(stays, QItemSelectionModel.SelectionFlag.NoUpdate)

    def _say_rest(self) -> None:
        """What stands below the rows: that there are none, or that there are more."""
        waiting, come = self._waiting, len(self._waiting.contacts)
        text = ""
        if waiting.is_known and not waiting.contacts and not waiting.trouble:
            text = self.tr("Nothing waits here.")
        elif come and not self.model.rows:
            text = self.tr("None of these contacts has these words.")
        self._nothing.setText(text)
        self._nothing.setVisible(bool(text))
        self._foot.setVisible(waiting.has_more)
        shown = filled(self.tr("%1 of %2 are shown."), str(come), str(waiting.count))
        self._shown.setText(shown)

    # What the person does

    def _connect(self) -> None:
        self.table.selectionModel().currentChanged.connect(self._choose)
        self.table.doubleClicked.connect(lambda _: self.picked.emit())
        self.table.entered_text.connect(self._type)
        self.table.enter_pressed.connect(self.reading_wanted)
        bar = self.table.verticalScrollBar()
        bar.valueChanged.connect(self._scrolled)

    def _choose(self, index: QModelIndex) -> None:
        contact = self.model.contact_at(index.row())
        if contact is not None and not self._following:
            self._waiting.choose(contact)

    def _filter(self, typed: str) -> None:
        """The chosen one stays chosen while it is found; else the first that is."""
        self._following = True
        try:
            self.model.filter(typed)
            self._mark()
        finally:
            self._following = False
        chosen = self._waiting.chosen
        if self.model.rows and (chosen is None or not self.model.place(chosen).isValid()):
            self.table.selectionModel().setCurrentIndex(self.model.index(0, 0), CHOSEN)
        self._say_rest()

    def _type(self, text: str) -> None:
        """What is typed over the table narrows it."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.setText(self.field.text() + text)

    def _scrolled(self, value: int) -> None:
        """At the last row those that follow are fetched; Qt leaves a pixel of it below."""
        left = self.table.verticalScrollBar().maximum() - value
        if value > 0 and left < theme.CONTROL_HEIGHT and not self._following:
            self._waiting.more()

    # Parts

    def _make_field(self) -> SearchField:
        field = SearchField(self.tr("Filter this list"), parent=self)
        field.setToolTip(self.tr("Show only contacts with these words (Ctrl+F)"))
        field.offer_to_clear()
        words = field.fontMetrics().horizontalAdvance(field.placeholderText())
        field.setMinimumWidth(words + FIELD_ROOM)
        field.textChanged.connect(self._filter)
        field.moved.connect(lambda key: self._move(key))
        return field

    def _move(self, key: QKeyEvent) -> None:
        self.focus()
        self.table.keyPressEvent(key)

    def _make_foot(self) -> QWidget:
        foot = QWidget()
        row = QHBoxLayout(foot)
        row.setContentsMargins(theme.LARGE, theme.TIGHT, theme.SMALL, theme.TIGHT)
        row.addWidget(self._shown, 1)
        row.addWidget(self.more_button)
        return foot

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(theme.LARGE, theme.SMALL, theme.SMALL, theme.TIGHT)
        head.setSpacing(theme.SMALL)
        head.addWidget(Picture("waiting-list", "secondary"))
        head.addWidget(self._title, 2)
        head.addWidget(self.field, 1)
        head.addWidget(self.close_button)
        inner = QHBoxLayout()
        inner.setContentsMargins(theme.SMALL, 0, theme.SMALL, 0)
        inner.addWidget(self.table)
        in_table = QVBoxLayout(self.table.viewport())
        in_table.setContentsMargins(0, 0, 0, 0)
        in_table.addWidget(self._nothing)
        in_table.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(inner, 1)
        column.addWidget(self._foot)


class _Table(TableView):
    """A letter narrows what is shown, Enter reads."""

    entered_text = Signal(str)
    enter_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ENTER and not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            self.enter_pressed.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """What is typed is looked for in all columns, by the page."""
        if search.strip():
            self.entered_text.emit(search)
