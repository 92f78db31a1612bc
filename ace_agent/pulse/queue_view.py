"""What waits in one queue, as a table, and what a supervisor can do about it.

It follows `waiting` and decides nothing; what is possible is said by `actions`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.actions import Intervention
from ace_agent.desk.waiting_table import WaitingContacts
from ace_agent.pulse import models
from ace_agent.pulse.command_bar import CommandBar
from ace_agent.pulse.waiting import Waiting
from ace_agent.widgets.buttons import IconButton, key_text
from ace_agent.widgets.empty import Empty
from ace_agent.widgets.table import TableView
from ace_agent.widgets.text import ElidedLabel, hairline, label
from ace_server.wire import WaitingContact

PARTS = (8, 18, 16, 22, 16, 10, 10)
"""How wide the columns are, in hundredths of the table."""

ON_CHOSEN = (
    Intervention.EXPLAIN_WAITING,
    Intervention.WHY_NOT,
    Intervention.PRIORITISE,
    Intervention.UNPRIORITISE,
    Intervention.MOVE,
    Intervention.PULL,
    Intervention.CLOSE,
)
"""In the order of the menu."""


class QueueView(QWidget):
    """One queue from the inside."""

    chosen_changed = Signal()
    """Other contacts are chosen, or the chosen ones are different."""

    def __init__(
        self,
        waiting: Waiting,
        now: Callable[[], datetime],
        commands: Mapping[str, QAction],
        back: QAction,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._waiting = waiting
        self._typed = False
        self._is_new = True  # nothing was shown yet of what is looked into
        self.setAccessibleName(self.tr("Waiting contacts"))
        self.model = WaitingContacts(models.waiting_columns(now), self)
        self.table = TableView(self.model, self.tr("Waiting contacts"), PARTS)
        self.table.offer([commands[name] for name in ON_CHOSEN])
        self.table.activated.connect(commands[Intervention.EXPLAIN_WAITING].trigger)
        self.pane = QWidget()
        self.pane.setAccessibleName(self.tr("Waiting contacts"))
        self.bar = CommandBar(self.tr("Actions on waiting contacts"), commands, _CHANGING, _TELLING)
        self._back = IconButton("chevron-left", f"{back.text()} ({key_text(back)})")
        self._back.clicked.connect(back.trigger)
        self._title = ElidedLabel(role="title")
        self._count = label(role="secondary")
        self._empty = Empty()
        self._empty.hide()
        self._lay_out()
        self._connect()

    @property
    def chosen(self) -> Sequence[WaitingContact]:
        """The contacts of the chosen rows, in their order."""
        numbers = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.rows[number].contact for number in numbers]

    @property
    def words(self) -> str:
        """What it says above the table."""
        return f"{self._title.text()}: {self._count.text()}"

    def begin(self, name: str) -> None:
        """Another queue is looked into: this is what it is called."""
        self._is_new = True
        self.setAccessibleName(name)
        self._title.setText(name)
        self.model.show_contacts(())
        self._say_how_many()

    def filter(self, typed: str) -> None:
        """Show only contacts with these words."""
        self._typed = bool(typed.split())
        self.model.filter(typed)
        self._say_how_many()

    def focus(self) -> None:
        """Move the keyboard into the table; where nothing is in it, to the way back."""
        part = self._back if self.table.isHidden() else self.table
        part.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _follow(self) -> None:
        """Who was chosen stays chosen; nobody else becomes so because others left."""
        before = {contact.id for contact in self.chosen}
        self.model.show_contacts(self._waiting.contacts)
        self._choose(before)
        if self._is_new and self.model.rows:
            self._is_new = False
            self._choose_first()
        self._say_how_many()
        self.chosen_changed.emit()

    def _choose(self, contacts: set[int]) -> None:
        if {contact.id for contact in self.chosen} == contacts:
            return
        chosen = QItemSelection()
        for contact in contacts:
            place = self.model.place(contact)
            if place.isValid():
                chosen.select(place, place)
        self.table.selectionModel().select(chosen, _ROWS | _CLEAR_AND_SELECT)

    def _choose_first(self) -> None:
        self.table.selectionModel().setCurrentIndex(
            self.model.index(0, 0), _ROWS | _CLEAR_AND_SELECT
        )

    def _say_how_many(self) -> None:
        known, rows = self._waiting.is_known, bool(self.model.rows)
        fetched = len(self._waiting.contacts)
        words = models.how_many(fetched, self._waiting.count, typed=self._typed)
        self._count.setText(words if known else "")
        if self._typed and fetched:
            self._empty.say(
                "search",
                self.tr("No contact here has these words"),
                self.tr("Empty the line above to see all of them."),
            )
        else:
            self._empty.say(
                "empty",
                self.tr("Nothing waits here"),
                self.tr("What comes is shown here by itself."),
            )
        self._show_table(rows or not known)

    def _show_table(self, shown: bool) -> None:
        """Or what is said instead; the keyboard stays in this part of the window."""
        if shown == self.table.isHidden():
            had = self.table.hasFocus() or self._back.hasFocus()
            self._empty.setVisible(not shown)
            self.table.setVisible(shown)
            if had:
                self.focus()

    def _look_on(self) -> None:
        """Near the end of what is fetched, fetch more; not while words are looked for."""
        bar = self.table.verticalScrollBar()
        if not self._typed and bar.value() >= bar.maximum() - bar.pageStep():
            self._waiting.more()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(theme.SMALL, theme.SMALL, theme.LARGE, theme.SMALL)
        head.setSpacing(theme.SMALL)
        head.addWidget(self._back)
        head.addWidget(self._title, 1)
        head.addWidget(self._count)
        inner = QHBoxLayout(self.pane)
        inner.setContentsMargins(theme.SMALL, theme.TIGHT, theme.SMALL, theme.TIGHT)
        inner.addWidget(self.table)
        inner.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(hairline())
        column.addWidget(self.pane, 1)
        column.addWidget(self.bar)

    def _connect(self) -> None:
        self._waiting.changed.connect(self._follow)
        self.table.selectionModel().selectionChanged.connect(lambda: self.chosen_changed.emit())
        bar = self.table.verticalScrollBar()
        bar.valueChanged.connect(self._look_on)
        bar.rangeChanged.connect(self._look_on)


_ROWS = QItemSelectionModel.SelectionFlag.Rows
_CLEAR_AND_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect


_CHANGING = (
    Intervention.PRIORITISE,
    Intervention.UNPRIORITISE,
    Intervention.MOVE,
    Intervention.PULL,
    Intervention.CLOSE,
)
_TELLING = (Intervention.EXPLAIN_WAITING, Intervention.WHY_NOT)
