"""The page where a person logs in, and sets a first password with a one-time code.

Whether it is right the server says; this page keeps no password after it was sent.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ace_agent import theme
from ace_agent.link import Link
from ace_agent.session import Refused
from ace_agent.settings import Settings
from ace_agent.tasks import Tasks, Trouble
from ace_server import wire

MIN_PASSWORD = 8
"""Characters; the server checks this and more (trust.md G-1)."""


class PasswordPair(QWidget):
    """A new password, typed twice, with what is still wrong about it."""

    changed = Signal()

    def __init__(self, why: str = "") -> None:
        """`why` says for what it is asked."""
        super().__init__()
        self.first = password_field(self.tr("New password"))
        self.second = password_field(self.tr("New password again"))
        self.hint = QLabel(wordWrap=True)
        self.hint.setProperty("role", "secondary")
        form = QFormLayout(self, rowWrapPolicy=QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(theme.SMALL)
        if why:
            form.addRow(QLabel(why, wordWrap=True))
        form.addRow(self.tr("New &password"), self.first)
        form.addRow(self.tr("New password a&gain"), self.second)
        form.addRow(self.hint)
        for field in (self.first, self.second):
            field.textChanged.connect(self._changed)
        self._changed()

    @property
    def is_good(self) -> bool:
        """Whether both are the same and long enough."""
        return not self._fault()

    def text(self) -> str:
        """The new password."""
        return self.first.text()

    def clear(self) -> None:
        """Forget what was typed."""
        self.first.clear()
        self.second.clear()

    def show_text(self, shown: bool) -> None:
        """Show the characters, or dots."""
        for field in (self.first, self.second):
            show_text(field, shown)

    def _changed(self) -> None:
        self.hint.setText(self._fault() or self.tr("Both are the same."))
        self.changed.emit()

    def _fault(self) -> str:
        if len(self.first.text()) < MIN_PASSWORD:
            return self.tr(
                "At least %1 characters, of any kind. A short sentence is good."
            ).replace("%1", str(MIN_PASSWORD))
        if self.first.text() != self.second.text():
            return self.tr("Type the same password once more.")
        return ""


class LogInPage(QWidget):
    """Login and password; with a one-time code also a new password."""

    logged_in = Signal()

    def __init__(self, link: Link, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._link = link
        self._settings = settings
        self._busy = False
        self._is_up = False
        self._tasks = Tasks(self._say)

        self.title = QLabel(self.tr("Log in"))
        self.title.setProperty("role", "title")
        self.login = QLineEdit(settings.last_login)
        self.login.setAccessibleName(self.tr("Login"))
        self.password = password_field(self.tr("Password or one-time code"))
        self.shown = QCheckBox(self.tr("&Show password"))
        self.new_password = PasswordPair(
            self.tr("This is a one-time code. Choose a password of your own.")
        )
        self.new_password.hide()
        self.message = message_label()
        self.connection = message_label()
        self.connection.setProperty("role", "secondary")
        self.button = primary_button(self.tr("Log in"))
        self._lay_out()

        for field in (self.login, self.password):
            field.textChanged.connect(self._refresh)
        for field in (
            self.login,
            self.password,
            self.new_password.first,
            self.new_password.second,
        ):
            field.returnPressed.connect(self.button.click)
        self.new_password.changed.connect(self._refresh)
        self.login.textChanged.connect(self._forget_code)
        self.shown.toggled.connect(self._show_text)
        self.button.clicked.connect(self._press)
        link.welcomed.connect(self._welcomed)
        link.lost.connect(self._lost)
        if link.welcome is not None:
            self._welcomed(link.welcome)
        self._refresh()

    def _lay_out(self) -> None:
        form = QFormLayout(rowWrapPolicy=QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(theme.SMALL)
        form.addRow(self.tr("&Login"), self.login)
        form.addRow(self.tr("P&assword or one-time code"), self.password)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(theme.MEDIUM)
        page.addWidget(self.title)
        page.addLayout(form)
        page.addWidget(self.new_password)
        page.addWidget(self.shown)
        page.addWidget(self.message)
        page.addWidget(self.button)
        page.addWidget(self.connection)
        page.addStretch(1)

    # What app calls

    def say(self, sentence: str) -> None:
        """Why the person is here (again)."""
        self._say(sentence)

    def enter(self, login: str, password: str) -> None:
        """Log in with these, as if they had been typed."""
        self.login.setText(login)
        self.password.setText(password)
        self._press()

    async def stop(self) -> None:
        """End what is under way."""
        await self._tasks.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        (self.password if self.login.text() else self.login).setFocus()

    # The link

    def _welcomed(self, welcome: wire.Welcome) -> None:
        self._is_up = True
        if welcome.site:
            self.title.setText(self.tr("Log in to %1").replace("%1", welcome.site))
        self.connection.clear()
        self._refresh()

    def _lost(self, reason: str) -> None:
        self._is_up = False
        text = self.tr("%1 It is tried again all the while.").replace("%1", reason)
        self.connection.setText(text)
        self._refresh()

    # Logging in

    def _press(self) -> None:
        if self.button.isEnabled():
            self._set_busy(True)
            self._tasks.start(self._log_in())

    async def _log_in(self) -> None:
        self.message.clear()
        try:
            await self._link.log_in(
                self.login.text().strip(),
                self.password.text(),
                self.new_password.text() if self._wants_new_password() else "",
            )
        except Refused as refusal:
            self._refused(refusal)
        except Trouble as trouble:
            self._say(trouble.reason)
        else:
            self._done()
        finally:
            self._set_busy(False)

    def _done(self) -> None:
        self._settings.last_login = self.login.text().strip()
        self._forget_code()
        self.password.clear()
        self.message.clear()
        self.logged_in.emit()

    def _refused(self, refusal: Refused) -> None:
        if refusal.code == "new-password" and not self._wants_new_password():
            self.new_password.show()
            self.new_password.first.setFocus()
            return
        self._say(refusal.reason)
        weak = refusal.code in ("new-password", "weak-password")
        field = self.new_password.first if weak else self.password
        field.setFocus()
        field.selectAll()

    def _forget_code(self) -> None:
        self.new_password.hide()
        self.new_password.clear()

    def _wants_new_password(self) -> bool:
        return not self.new_password.isHidden()

    # What is shown

    def _show_text(self, shown: bool) -> None:
        show_text(self.password, shown)
        self.new_password.show_text(shown)

    def _say(self, sentence: str) -> None:
        self.message.setText(sentence)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self._refresh()

    def _refresh(self) -> None:
        typed = bool(self.login.text().strip() and self.password.text())
        good = not self._wants_new_password() or self.new_password.is_good
        self.button.setEnabled(self._is_up and not self._busy and typed and good)


def password_field(name: str) -> QLineEdit:
    """A line whose characters are hidden; `name` is what a screen reader says."""
    field = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
    field.setAccessibleName(name)
    return field


def show_text(field: QLineEdit, shown: bool) -> None:
    """Show the characters, or dots."""
    field.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)


def message_label() -> QLabel:
    """Where a sentence stands that the person needs to read; it can be copied."""
    label = QLabel(wordWrap=True)
    label.setProperty("role", "alarm")
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def primary_button(text: str) -> QPushButton:
    """The one thing to do on a page; Enter does it."""
    button = QPushButton(text)
    button.setProperty("kind", "primary")
    button.setAutoDefault(True)
    return button
