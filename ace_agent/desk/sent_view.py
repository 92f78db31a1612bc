"""One mail that was sent, to read: to whom it went, its words, and how it stands (EM-10).

What can be done about it is offered here and done elsewhere.
"""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk import files, mail_words, times
from ace_agent.desk.html import Cleaner
from ace_agent.desk.html_view import HtmlView
from ace_agent.desk.links import Opener
from ace_agent.desk.mail_head import Addresses
from ace_agent.desk.remote_pictures import RemotePictures
from ace_agent.desk.shown import one_line
from ace_agent.sentences import filled, said
from ace_agent.tasks import Tasks
from ace_agent.widgets.buttons import WordsButton
from ace_agent.widgets.notice import Notice
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.text import wrapped
from ace_server.wire import Attachment, OutgoingMail, SentMail


class SentView(QFrame):
    """Hidden until there is something to read."""

    send_again = Signal(object)
    """Carries the `OutgoingMail`, as it stands."""

    write_again = Signal(object)
    """Carries it, too."""

    closed = Signal()

    def __init__(
        self,
        tasks: Tasks,
        cleaner: Cleaner,
        remote: RemotePictures,
        opener: Opener,
        parent: QWidget | None = None,
        *,
        closable: bool = False,
    ) -> None:
        """`cleaner` is closed by whoever made it; a `closable` one goes by Esc and a button."""
        super().__init__(parent)
        self.setAccessibleName(self.tr("What was sent"))
        self.setProperty("role", "quote")
        self._mail: SentMail | None = None
        self._closable = closable
        self._picture = Picture("mail-queued", "secondary", theme.SMALL_ICON)
        self._text = wrapped()
        self._more = wrapped(role="secondary")
        self.addresses = Addresses()
        self.remarks = Notice("info")
        self.html = HtmlView(tasks, cleaner, remote, open_outside=opener)
        self._files = wrapped(role="secondary")
        self.again = WordsButton(self.tr("Send again"))
        self.anew = WordsButton(self.tr("Write again"))
        self.close_button = WordsButton(self.tr("Close"))
        self._lay_out()
        self.again.clicked.connect(self._send_again)
        self.anew.clicked.connect(self._write_again)
        self.close_button.clicked.connect(self._close)
        self.close_button.setVisible(closable)
        self.hide()

    @property
    def outgoing(self) -> OutgoingMail | None:
        """The mail that is read, as it stands."""
        return None if self._mail is None else self._mail.outgoing

    @property
    def words(self) -> str:
        """How it stands, as it is said."""
        return f"{self._text.text()} {self._more.text()}".strip()

    @property
    def stops(self) -> list[QWidget]:
        """What can have the keyboard here, in order, whether it is seen now or not."""
        return [
            *self.addresses.stops,
            *self.html.stops,
            self.again,
            self.anew,
            self.close_button,
        ]

    def show_mail(self, mail: SentMail, now: datetime) -> None:
        """Show this mail."""
        self._mail = mail
        self.addresses.show_lists(mail.outgoing.id, _lists(mail))
        self.remarks.say("\n".join(one_line(said(remark)) for remark in mail.remarks))
        self.html.clear()
        self.html.show_html(mail.html, _no_picture, mail.text)
        self._files.setText(self._about_files(mail.files))
        self._files.setVisible(bool(mail.files))
        self._show_state(mail.outgoing, now)
        self.show()

    def follow(self, sent: Sequence[OutgoingMail], now: datetime) -> None:
        """Say how it stands now, if it is one of these."""
        for one in sent:
            if self._mail is not None and self._mail.outgoing.id == one.id:
                self._show_state(one, now)

    def clear(self) -> None:
        """Show nothing."""
        self._mail = None
        self.html.clear()
        self.hide()

    def focus_first(self) -> None:
        """Move the keyboard to its words."""
        self.html.focus_first()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._closable:
            self._close()
        else:
            super().keyPressEvent(event)

    def _show_state(self, outgoing: OutgoingMail, now: datetime) -> None:
        look = mail_words.state(outgoing.state)
        self._picture.show_icon(look.icon, look.colour)
        line = mail_words.outgoing(outgoing, now)
        self._text.setText(filled(self.tr("%1 – %2"), look.word, line))
        self._more.setText(mail_words.about_outgoing(outgoing))
        self._more.setVisible(bool(self._more.text()))
        self.setAccessibleDescription(self.words)
        self.again.setVisible(mail_words.can_be_sent_again(outgoing))
        self.anew.setVisible(mail_words.can_be_written_again(outgoing))

    def _about_files(self, sent: Sequence[Attachment]) -> str:
        text = self.tr("%1 (%2)")
        named = [filled(text, one_line(one.name), files.size(one.size)) for one in sent]
        return filled(self.tr("Files that went along: %1"), ", ".join(named))

    def _send_again(self) -> None:
        if self._mail is not None:
            self.send_again.emit(self._mail.outgoing)

    def _write_again(self) -> None:
        if self._mail is not None:
            self.write_again.emit(self._mail.outgoing)

    def _close(self) -> None:
        self.clear()
        self.closed.emit()

    def _lay_out(self) -> None:
        state = QHBoxLayout()
        state.setSpacing(theme.SMALL)
        state.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._text)
        words.addWidget(self._more)
        state.addLayout(words, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SMALL)
        for button in (self.again, self.anew, self.close_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
        column.setSpacing(theme.SMALL)
        column.addLayout(state)
        for part in (self.addresses, self.remarks, self.html, self._files):
            column.addWidget(part)
        column.addLayout(buttons)


def _lists(mail: SentMail) -> dict[str, Sequence[str]]:
    return {
        "from": mail.senders,
        "to": mail.to,
        "cc": mail.cc,
        "bcc": mail.bcc,
        "subject": [mail.subject] if mail.subject else [],
        "date": [times.exact(mail.sent_at)] if mail.sent_at else [],
    }


def _no_picture(name: str) -> QImage | None:
    """What was sent from here carries no pictures among its words."""
    return None
