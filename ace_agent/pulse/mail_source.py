"""What is known of one mail that went no further, and its source as plain text."""

from collections.abc import Sequence

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QFormLayout, QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk import files, times
from ace_agent.desk.shown import one_line, shown
from ace_agent.pulse import mail_models, models
from ace_agent.sentences import filled
from ace_agent.widgets.text import Reading, hairline, label, wrapped
from ace_server.wire import OutgoingMail, QuarantinedMail

MOST_SOURCE = 256 * 1024
"""Bytes of a source that are shown; the whole is exported."""

Facts = Sequence[tuple[str, str]]


class MailSource(QWidget):
    """Why, when and where; and, once it was fetched, the source: never rendered, only read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("About this mail"))
        self._mail: int | None = None  # the quarantined one that is shown
        self._reason = Reading(self.tr("Reason"))
        self._facts = QFormLayout()
        self._said: list[str] = []
        self._note = wrapped(role="secondary")
        self.text = self._make_text()
        self._lay_out()
        self.show_nothing()

    @property
    def words(self) -> str:
        """What it says above the source."""
        return "\n".join([self._reason.toPlainText(), *self._said, self._note.text()])

    def show_nothing(self) -> None:
        """No mail is chosen, or several are."""
        self._mail = None
        self._say("", (), self.tr("Choose one mail to see what is known of it."))

    def show_mail(self, mail: QuarantinedMail) -> None:
        """A quarantined mail; its source stays where it is the same one."""
        if mail.id == self._mail:
            return
        self._mail = mail.id
        facts = [
            (self.tr("Mail account"), one_line(mail.account)),
            (self.tr("Folder"), one_line(mail.folder)),
            (self.tr("Came"), times.exact(mail_models.came(mail))),
            (self.tr("Size"), files.size(mail.size)),
            (self.tr("Attempts"), models.count(mail.attempts)),
            (self.tr("Number"), str(mail.id)),
        ]
        note = self.tr("Its source is not shown yet: press Enter in the list.")
        self._say(mail_models.reason(mail), facts, note)

    def show_outgoing(self, mail: OutgoingMail) -> None:
        """A mail that was not delivered."""
        self._mail = None
        facts = [
            (self.tr("To"), mail_models.addressed(mail)),
            (self.tr("Subject"), one_line(mail.subject)),
            (self.tr("What it is"), mail_models.kind(mail)),
            (self.tr("Written by"), one_line(mail.by) or self.tr("the server")),
            (self.tr("Written"), times.exact(mail.created_at)),
            (self.tr("State"), mail_models.outgoing_state(mail)),
        ]
        if mail.contact is not None:
            facts.append((self.tr("Contact"), str(mail.contact)))
        self._say(mail_models.why_not_delivered(mail), facts, "")

    def show_source(self, mail: QuarantinedMail, content: bytes) -> None:
        """Its first bytes, if this mail is still the one that is shown."""
        if mail.id != self._mail:
            return
        self.text.setPlainText(shown(content.decode("utf-8", "backslashreplace")))
        self.text.show()
        self._note.setText("")
        if len(content) >= MOST_SOURCE:
            text = self.tr("These are its first %1 of %2. Export it to see the rest.")
            self._note.setText(filled(text, files.size(len(content)), files.size(mail.size)))
        self._note.setVisible(bool(self._note.text()))

    def _say(self, reason: str, facts: Facts, note: str) -> None:
        self._reason.show_text(reason)
        self._reason.setVisible(bool(reason))
        while self._facts.rowCount():
            self._facts.removeRow(0)
        self._said = [f"{title}: {value}" for title, value in facts]
        for title, value in facts:
            shown_value = Reading(title)
            shown_value.show_text(value or models.NOTHING)
            self._facts.addRow(label(title, "secondary"), shown_value)
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self.text.clear()
        self.text.hide()

    def _make_text(self) -> QPlainTextEdit:
        text = QPlainTextEdit()
        text.setAccessibleName(self.tr("Source of the mail"))
        text.setReadOnly(True)
        text.setTabChangesFocus(True)
        text.setFrameShape(QFrame.Shape.NoFrame)
        text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        return text

    def _lay_out(self) -> None:
        self._facts.setContentsMargins(0, 0, 0, 0)
        self._facts.setHorizontalSpacing(theme.LARGE)
        self._facts.setVerticalSpacing(theme.TIGHT)
        top = QVBoxLayout()
        top.setContentsMargins(theme.LARGE, theme.MEDIUM, theme.LARGE, theme.MEDIUM)
        top.setSpacing(theme.SMALL)
        top.addWidget(self._reason)
        top.addLayout(self._facts)
        top.addWidget(self._note)
        inner = QVBoxLayout()
        inner.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.SMALL, theme.SMALL)
        inner.addWidget(self.text)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(hairline())
        column.addLayout(inner, 1)
        column.addStretch()
