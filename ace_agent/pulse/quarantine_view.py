"""The mails that wait for a person: what is quarantined, what was not delivered, and why.

It follows `quarantine` and decides nothing; what is possible is said by `actions`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.actions import Intervention
from ace_agent.pulse import models
from ace_agent.pulse.command_bar import CommandBar
from ace_agent.pulse.mail_models import QuarantinedMails, Undelivered
from ace_agent.pulse.mail_source import MailSource
from ace_agent.pulse.quarantine import MOST, Quarantine
from ace_agent.sentences import filled
from ace_agent.tables import Table
from ace_agent.widgets.buttons import IconButton, key_text
from ace_agent.widgets.empty import Empty
from ace_agent.widgets.table import TableView
from ace_agent.widgets.text import ElidedLabel, hairline, label
from ace_server.wire import OutgoingMail, QuarantinedMail

MAIL_PARTS = (14, 26, 44, 16)
OUTGOING_PARTS = (17, 25, 28, 30)
"""How wide the columns are, in hundredths of their table."""

LISTS_AND_DETAIL = (580, 420)
LISTS = (300, 200)

ON_MAIL = (
    Intervention.SHOW_SOURCE,
    Intervention.RETRY,
    Intervention.EXPORT,
    Intervention.DISCARD,
)
ON_OUTGOING = (Intervention.SEND_AGAIN,)
"""In the order of the menus."""

_CHANGING = (Intervention.RETRY, Intervention.DISCARD, Intervention.SEND_AGAIN)
_TELLING = (Intervention.SHOW_SOURCE, Intervention.EXPORT)

_ROWS = QItemSelectionModel.SelectionFlag.Rows
_CLEAR_AND_SELECT = QItemSelectionModel.SelectionFlag.ClearAndSelect


class QuarantineView(QWidget):
    """Two lists, in one of which something is chosen, and what is known of the chosen mail."""

    chosen_changed = Signal()
    """Other mails are chosen, or the chosen ones are different."""

    def __init__(
        self,
        quarantine: Quarantine,
        now: Callable[[], datetime],
        commands: Mapping[str, QAction],
        back: QAction,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._quarantine = quarantine
        self._typed = False
        self._is_new = True  # nothing was shown yet since somebody looked in
        self._account = ""  # of which a mail is chosen first
        self.setAccessibleName(self.tr("Quarantine"))
        self.mail_model = QuarantinedMails(now, self)
        self.outgoing_model = Undelivered(now, self)
        self.mails = TableView(self.mail_model, self.tr("Quarantined mails"), MAIL_PARTS)
        self.outgoing = TableView(
            self.outgoing_model, self.tr("Mails not delivered"), OUTGOING_PARTS
        )
        self.mails.offer([commands[name] for name in ON_MAIL])
        self.outgoing.offer([commands[name] for name in ON_OUTGOING])
        self.mails.activated.connect(commands[Intervention.SHOW_SOURCE].trigger)
        self._mail_list = _List(self.tr("Quarantined mails"), self.mails)
        self._outgoing_list = _List(self.tr("Mails not delivered"), self.outgoing)
        self.detail = MailSource()
        self.bar = CommandBar(self.tr("Actions on mails"), commands, _CHANGING, _TELLING)
        self._back = IconButton("chevron-left", f"{back.text()} ({key_text(back)})")
        self._back.clicked.connect(back.trigger)
        self._empty = Empty()
        self._empty.hide()
        self._lists = QSplitter(Qt.Orientation.Vertical)
        self.columns = QSplitter(Qt.Orientation.Horizontal)
        self._lay_out()
        self._connect()

    def panes(self) -> Sequence[QWidget]:
        """The two lists, what is known of a mail, and what can be done."""
        return (self._mail_list, self._outgoing_list, self.detail, self.bar)

    @property
    def chosen(self) -> Sequence[QuarantinedMail]:
        """The quarantined mails of the chosen rows, in their order."""
        return [self.mail_model.rows[number].mail for number in _chosen_rows(self.mails)]

    @property
    def chosen_outgoing(self) -> Sequence[OutgoingMail]:
        """The undelivered mails of the chosen rows, in their order."""
        return [self.outgoing_model.rows[number].mail for number in _chosen_rows(self.outgoing)]

    def begin(self, account: str = "") -> None:
        """Somebody looks in, perhaps because of this account."""
        self._is_new, self._account = True, account

    def filter(self, typed: str) -> None:
        """Show only mails with these words."""
        self._typed = bool(typed.split())
        self.mail_model.filter(typed)
        self.outgoing_model.filter(typed)
        self._say_how_many()

    def focus(self) -> None:
        """Move the keyboard to what is chosen; where nothing is there, to the way back."""
        tables = [table for table in (self.mails, self.outgoing) if not table.isHidden()]
        chosen = [table for table in tables if _chosen_rows(table)]
        part = next(iter((*chosen, *tables)), self._back) if self._empty.isHidden() else self._back
        part.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def tick(self) -> None:
        """Move the times on."""
        self.mail_model.tick()
        self.outgoing_model.tick()

    def _follow(self) -> None:
        """Who was chosen stays chosen; nobody else becomes so because others left."""
        mails = {mail.id for mail in self.chosen}
        outgoing = {mail.id for mail in self.chosen_outgoing}
        self.mail_model.show_mails(self._quarantine.mails)
        self.outgoing_model.show_mails(self._quarantine.undelivered)
        _choose(self.mails, self.mail_model, mails)
        _choose(self.outgoing, self.outgoing_model, outgoing)
        self._say_how_many()
        if self._is_new and self._quarantine.is_known:
            self._is_new = False
            self._choose_first()
        self._show_chosen()

    def _choose_first(self) -> None:
        """Of the account that led here, if it has one."""
        if not self.mail_model.rows and not self.outgoing_model.rows:
            return
        table, model = self.mails, self.mail_model
        accounts = [row.mail.account for row in self.mail_model.rows]
        first = accounts.index(self._account) if self._account in accounts else 0
        index = self.mail_model.index(first, 0)
        if not model.rows:
            table, index = self.outgoing, self.outgoing_model.index(0, 0)
        had_keyboard = self._back.hasFocus() or self.mails.hasFocus()
        table.selectionModel().setCurrentIndex(index, _ROWS | _CLEAR_AND_SELECT)
        if had_keyboard:
            table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _choose_only(self, other: TableView, selected: QItemSelection) -> None:
        """In one of the two lists something is chosen, never in both."""
        if not selected.isEmpty():
            other.clearSelection()
        self._show_chosen()

    def _show_chosen(self) -> None:
        mails, outgoing = self.chosen, self.chosen_outgoing
        if len(mails) == 1:
            self.detail.show_mail(mails[0])
        elif len(outgoing) == 1:
            self.detail.show_outgoing(outgoing[0])
        else:
            self.detail.show_nothing()
        self.chosen_changed.emit()

    def _say_how_many(self) -> None:
        known = self._quarantine.is_known
        self._mail_list.say(self._count(self._quarantine.mails) if known else "")
        self._outgoing_list.say(self._count(self._quarantine.undelivered) if known else "")
        any_kept = bool(self._quarantine.mails or self._quarantine.undelivered)
        any_shown = bool(self.mail_model.rows or self.outgoing_model.rows)
        if self._typed and any_kept:
            self._empty.say(
                "search",
                self.tr("No mail here has these words"),
                self.tr("Empty the line above to see all of them."),
            )
        else:
            self._empty.say(
                "tick",
                self.tr("No mail waits for a person"),
                self.tr("What cannot be made a contact of, or is not delivered, is shown here."),
                "ready",
            )
        self._show_lists(any_shown or not known)

    def _count(self, mails: Sequence[object]) -> str:
        if len(mails) >= MOST:
            text = self.tr("The first %1; there may be more")
            return filled(text, models.count(MOST))
        return models.count(len(mails))

    def _show_lists(self, shown: bool) -> None:
        """Or what is said instead; the keyboard stays in this part of the window."""
        if shown == self.columns.isHidden():
            now = self.window().focusWidget()
            had = now is not None and self.isAncestorOf(now)
            self._empty.setVisible(not shown)
            self.columns.setVisible(shown)
            if had:
                self.focus()

    def _lay_out(self) -> None:
        for splitter in (self._lists, self.columns):
            splitter.setHandleWidth(1)
            splitter.setChildrenCollapsible(False)
        self._lists.addWidget(self._mail_list)
        self._lists.addWidget(self._outgoing_list)
        self._lists.setSizes(list(LISTS))
        self.columns.addWidget(self._lists)
        self.columns.addWidget(self.detail)
        self.columns.setSizes(list(LISTS_AND_DETAIL))
        head = QHBoxLayout()
        head.setContentsMargins(theme.SMALL, theme.SMALL, theme.LARGE, theme.SMALL)
        head.setSpacing(theme.SMALL)
        head.addWidget(self._back)
        head.addWidget(ElidedLabel(self.tr("Quarantine"), role="title"), 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(hairline())
        column.addWidget(self.columns, 1)
        column.addWidget(self._empty, 1)
        column.addWidget(self.bar)

    def _connect(self) -> None:
        self._quarantine.changed.connect(self._follow)
        for one, other in ((self.mails, self.outgoing), (self.outgoing, self.mails)):
            one.selectionModel().selectionChanged.connect(
                lambda selected, _, other=other: self._choose_only(other, selected)
            )


class _List(QWidget):
    """A table under what it is called, and how much is in it."""

    def __init__(self, title: str, view: TableView) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self._count = label(role="secondary")
        head = QHBoxLayout()
        head.setContentsMargins(theme.LARGE, theme.SMALL, theme.LARGE, 0)
        head.setSpacing(theme.SMALL)
        head.addWidget(ElidedLabel(title, role="section"), 1)
        head.addWidget(self._count)
        inner = QHBoxLayout()
        inner.setContentsMargins(theme.SMALL, theme.TIGHT, theme.SMALL, theme.TIGHT)
        inner.addWidget(view)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(inner, 1)

    def say(self, count: str) -> None:
        """Say how many there are."""
        self._count.setText(count)


def _chosen_rows(view: TableView) -> list[int]:
    return sorted(index.row() for index in view.selectionModel().selectedRows())


def _choose(view: TableView, model: Table[Any], ids: Iterable[int]) -> None:
    places: list[QModelIndex] = [model.place(one) for one in ids]
    wanted = [place for place in places if place.isValid()]
    if sorted(place.row() for place in wanted) == _chosen_rows(view):
        return
    chosen = QItemSelection()
    for place in wanted:
        chosen.select(place, place)
    view.selectionModel().select(chosen, _ROWS | _CLEAR_AND_SELECT)
