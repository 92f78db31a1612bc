"""The assistant for a server without users: makes the first administrator, then says how to go on.

It can only be used on the server's own machine, whose data folder holds the secret it needs.
"""

import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QShowEvent, QTextOption
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ace_agent import theme
from ace_agent.link import Link
from ace_agent.login import PasswordPair, message_label, primary_button
from ace_agent.settings import Settings
from ace_agent.tasks import Tasks

LOGIN = re.compile(r"[A-Za-z0-9._@-]{1,64}")
"""What a login may be; the server checks it again."""


class FirstStart(QWidget):
    """Two pages: who the administrator is; how the site is configured."""

    finished = Signal(str, str)
    """The administrator is made: login and password, to log in with."""

    def __init__(
        self,
        link: Link,
        settings: Settings,
        secret: Callable[[], str],
        steps: str,
        parent: QWidget | None = None,
    ) -> None:
        """`secret` gives the server file's; `steps` are command lines, shown as they are."""
        super().__init__(parent)
        self._link = link
        self._settings = settings
        self._secret = secret
        self._tasks = Tasks(self._say)
        self.name = _field(self.tr("Your name"))
        self.login = _field(self.tr("Login"))
        self.password = PasswordPair()
        self.shown = QCheckBox(self.tr("&Show password"))
        self.message = message_label()
        self.create_button = primary_button(self.tr("Create administrator"))
        self.steps = QPlainTextEdit(steps, readOnly=True)
        self.copy_button = QPushButton(self.tr("&Copy"))
        self.go_on_button = primary_button(self.tr("Log in"))
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._who())
        self._pages.addWidget(self._how())
        for field in (self.name, self.login):
            field.textChanged.connect(self._refresh)
        for field in (self.name, self.login, self.password.first, self.password.second):
            field.returnPressed.connect(self.create_button.click)
        self.password.changed.connect(self._refresh)
        self.shown.toggled.connect(self.password.show_text)
        self.create_button.clicked.connect(self._create)
        self.copy_button.clicked.connect(self._copy)
        self.go_on_button.clicked.connect(self._go_on)
        self._refresh()

    def _who(self) -> QWidget:
        form = QFormLayout(rowWrapPolicy=QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(theme.SMALL)
        form.addRow(self.tr("Your &name"), self.name)
        form.addRow(self.tr("&Login"), self.login)
        return _page(
            _title(self.tr("Welcome to ACE")),
            _text(
                self.tr(
                    "This server has no users yet. Name its first administrator, who then adds "
                    "everybody else; the password is kept nowhere in clear and cannot be read back."
                )
            ),
            form,
            self.password,
            self.shown,
            self.message,
            self.create_button,
        )

    def _how(self) -> QWidget:
        self.steps.setProperty("kind", "field")
        self.steps.setAccessibleName(self.tr("Commands to configure this server"))
        self.steps.setTabChangesFocus(True)
        self.steps.setMinimumHeight(6 * theme.WIDE)
        self.steps.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)  # paths hold no words
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy_button)
        buttons.addStretch(1)
        buttons.addWidget(self.go_on_button)
        return _page(
            _title(self.tr("The administrator is created")),
            _text(
                self.tr(
                    "Entrances, queues and agents are set up in one text file. The first command "
                    "writes it; the second takes it in after you have changed it. The server can "
                    "go on meanwhile. docs/administrator.md says what the file may hold."
                )
            ),
            self.steps,
            buttons,
        )

    async def stop(self) -> None:
        """End what is under way."""
        await self._tasks.stop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.name.setFocus()

    # What is pressed

    def _create(self) -> None:
        if self.create_button.isEnabled():
            self.create_button.setEnabled(False)
            self.message.clear()
            self._tasks.start(self._create_administrator())

    async def _create_administrator(self) -> None:
        login = self.login.text().strip()
        try:
            await self._link.create_administrator(
                self._secret(), login, self.name.text().strip(), self.password.text()
            )
        finally:
            self._refresh()
        self._settings.last_login = login
        self._pages.setCurrentIndex(1)
        self.go_on_button.setFocus()

    def _go_on(self) -> None:
        login, password = self.login.text().strip(), self.password.text()
        self.password.clear()
        self.finished.emit(login, password)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.steps.toPlainText())
        self.copy_button.setText(self.tr("Copied"))

    def _say(self, sentence: str) -> None:
        self.message.setText(sentence)

    def _refresh(self) -> None:
        login = self.login.text().strip()
        fits = LOGIN.fullmatch(login) is not None
        if login and not fits:
            self._say(self.tr("A login has letters, digits and . _ @ - only."))
        elif fits:
            self.message.clear()
        self.create_button.setEnabled(
            fits and bool(self.name.text().strip()) and self.password.is_good
        )


def steps(program: Sequence[str], data: Path) -> str:
    """The command lines that write the configuration of this data folder, and take it in."""
    file = data / "site.toml"
    lines = (["export", str(file)], ["configure", str(file)])
    return "\n\n".join(_line([*program, *line, "--data", str(data)]) for line in lines)


def _line(arguments: list[str]) -> str:
    if sys.platform == "win32":
        return subprocess.list2cmdline(arguments)
    return shlex.join(arguments)


def _field(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setAccessibleName(name)
    return field


def _title(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "title")
    return label


def _text(text: str) -> QLabel:
    label = QLabel(text, wordWrap=True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def _page(*parts: QWidget | QFormLayout | QHBoxLayout) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.MEDIUM)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)
    column.addStretch(1)
    return page
