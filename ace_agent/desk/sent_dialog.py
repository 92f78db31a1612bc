"""Everything that this person sent lately, and what became of each; one of them to read (EM-10).

It asks `sent` for what it shows; what can be done about a mail is done by `sent_commands`.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QItemSelectionModel, QObject, QSize, Qt, QTimer
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk import mail_words, times
from ace_agent.desk.sent_view import SentView
from ace_agent.desk.shown import one_line
from ace_agent.sent import SentMails
from ace_agent.tables import Column, Table
from ace_agent.tasks import Tasks, Trouble
from ace_agent.widgets.buttons import dialog_button
from ace_agent.widgets.notice import Notice
from ace_agent.widgets.scrolling import scrolled
from ace_agent.widgets.table import TableView
from ace_agent.widgets.text import label, wrapped
from ace_server.wire import OutgoingMail, SentMail

translate = QCoreApplication.translate

WIDTH, HEIGHT = 860, 640
PARTS = (16, 22, 30, 32)
"""How wide the columns are, in hundredths of the table."""

LIST_AND_MAIL = (240, 320)
EVERY_MS = 5_000
"""How often it is asked how the mails stand, while somebody looks."""

_CHOOSE = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows


@dataclass(frozen=True, slots=True)
class SentRow:
    """One mail that was sent."""

    mail: OutgoingMail

    @property
    def key(self) -> Hashable:
        return self.mail.id


class SentTable(Table[SentRow]):
    """What was sent, the last first unless asked otherwise."""

    def __init__(self, now: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(_columns(now), parent)

    def show_mails(self, mails: Sequence[OutgoingMail]) -> None:
        """Show these."""
        self.show(SentRow(mail) for mail in mails)


def _columns(now: Callable[[], datetime]) -> tuple[Column[SentRow], ...]:
    return (
        Column(
            "at",
            translate("sent", "Sent"),
            text=lambda row: times.moment(row.mail.created_at, now()),
            order=lambda row: (row.mail.created_at, row.mail.id),
            hint=lambda row: times.exact(row.mail.created_at),
        ),
        Column(
            "state",
            translate("sent", "State"),
            text=lambda row: mail_words.state(row.mail.state).word,
            order=lambda row: row.mail.state,
            hint=lambda row: mail_words.about_outgoing(row.mail),
            mark=lambda row: mail_words.mark(row.mail),
        ),
        Column(
            "to",
            translate("sent", "To"),
            text=lambda row: mail_words.people(row.mail.to),
            order=lambda row: mail_words.people(row.mail.to).casefold(),
            hint=lambda row: ", ".join(one_line(one) for one in row.mail.to),
        ),
        Column(
            "subject",
            translate("sent", "Subject"),
            text=lambda row: one_line(row.mail.subject),
            order=lambda row: row.mail.subject.casefold(),
            hint=lambda row: one_line(row.mail.subject),
        ),
    )


class SentDialog(QDialog):
    """A list, and below it the mail that is chosen there."""

    def __init__(
        self,
        sent: SentMails,
        view: SentView,
        tasks: Tasks,
        now: Callable[[], datetime],
        parent: QWidget,
    ) -> None:
        """`view` becomes a part of it."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Sent"))
        self._sent, self._tasks, self._now = sent, tasks, now
        self._is_open = True
        self._wanted: int | None = None  # what is to be read
        self._is_reading = False
        self.view = view
        self.model = SentTable(now, self)
        self.table = TableView(self.model, self.tr("Mails sent"), PARTS)
        self.table.setSelectionMode(TableView.SelectionMode.SingleSelection)
        self.table.sort_by(0, Qt.SortOrder.DescendingOrder)
        self._says = wrapped(self.tr("What you sent is being looked up …"), "secondary")
        self.trouble = Notice("warning")  # why the one that is chosen cannot be read
        self._again = QTimer(self)
        self._again.setInterval(EVERY_MS)
        self._lay_out(parent.window().size())
        self._again.timeout.connect(self.look)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.table.activated.connect(view.focus_first)
        sent.changed.connect(self.look)
        self.finished.connect(self._leave)

    def begin(self) -> None:
        """Ask for what was sent, and follow how it stands."""
        self._again.start()
        self.look()
        self.table.setFocus()

    def look(self) -> None:
        """Ask how everything stands now."""
        if self._is_open and not self._tasks.is_running("look at sent"):
            self._tasks.start(self._look(), name="look at sent")

    @property
    def words(self) -> str:
        """What is said instead of the list."""
        return "" if self._says.isHidden() else self._says.text()

    async def _look(self) -> None:
        try:
            mails = await self._sent.list_all()
        except Trouble as trouble:
            if self._is_open:
                self._say(trouble.reason)
            return
        if self._is_open:
            self._show(mails)

    def _show(self, mails: Sequence[OutgoingMail]) -> None:
        self.model.show_mails(mails)
        self._say("" if mails else self.tr("In the last two weeks you have sent no mail."))
        self.view.follow(mails, self._now())
        if mails and not self.table.currentIndex().isValid():
            self.table.selectionModel().setCurrentIndex(self.model.index(0, 0), _CHOOSE)
        else:
            self._choose()

    def _say(self, sentence: str) -> None:
        self._says.setText(sentence)
        self._says.setVisible(bool(sentence))

    def _choose(self) -> None:
        """What is chosen is read, unless it was; what could not be read is tried again."""
        index, read = self.table.currentIndex(), self.view.outgoing
        if not index.isValid():
            self._wanted = None
            self._show_read(None, "")
            return
        chosen = self.model.rows[index.row()].mail.id
        self._wanted = chosen if read is None or read.id != chosen else None
        if self._wanted is not None and not self._is_reading:
            self._is_reading = True
            self._tasks.start(self._read())

    async def _read(self) -> None:
        """The last one chosen, however many were chosen meanwhile."""
        try:
            while (wanted := self._wanted) is not None and self._is_open:
                read, why = await self._try_to_read(wanted)
                if wanted == self._wanted:
                    self._wanted = None
                    if self._is_open:
                        self._show_read(read, why)
        finally:
            self._is_reading = False

    async def _try_to_read(self, wanted: int) -> tuple[SentMail | None, str]:
        try:
            return await self._sent.read(wanted), ""
        except Trouble as trouble:
            return None, trouble.reason

    def _show_read(self, mail: SentMail | None, why: str) -> None:
        self.trouble.say(why)
        if mail is None:
            self.view.clear()
        else:
            self.view.show_mail(mail, self._now())

    def _leave(self) -> None:
        self._is_open = False
        self._again.stop()
        self._sent.changed.disconnect(self.look)

    def _lay_out(self, room: QSize) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.LARGE)
        column.setSpacing(theme.SMALL)
        column.addWidget(label(self.tr("Sent"), "title"))
        column.addWidget(self._says)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        below = QWidget()
        inner = QVBoxLayout(below)
        inner.setContentsMargins(0, theme.SMALL, 0, 0)
        inner.addWidget(self.trouble)
        inner.addWidget(self.view)
        inner.addStretch(1)
        parts.addWidget(self.table)
        parts.addWidget(scrolled(below))
        parts.setSizes(list(LIST_AND_MAIL))
        column.addWidget(parts, 1)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(dialog_button(self.tr("Close"), self.reject, self))
        column.addLayout(row)
        self.resize(
            min(WIDTH, room.width() - theme.WIDE), min(HEIGHT, room.height() - 2 * theme.WIDE)
        )
