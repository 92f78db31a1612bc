"""The dialog in which a person changes their password.

Whether the old one is right and the new one good enough the server says; nothing typed is kept.
"""

from collections.abc import Awaitable, Callable

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ace_agent import theme
from ace_agent.login import PasswordPair, message_label, password_field, primary_button, show_text
from ace_agent.session import Refused
from ace_agent.tasks import Tasks, Trouble
from ace_agent.widgets.text import label, wrapped

WIDTH = 440

Change = Callable[[str, str], Awaitable[None]]
"""Given the old and the new password; raises Trouble where it was not changed."""


class PasswordDialog(QDialog):
    """Asks for the old password and twice for the new; stays until it is changed, or Esc."""

    def __init__(self, change: Change, parent: QWidget) -> None:
        super().__init__(parent)
        self._change = change
        self._busy = False
        self._tasks = Tasks(self._say)
        self.setWindowTitle(self.tr("Change password"))
        self.setMinimumWidth(WIDTH)
        self.old = password_field(self.tr("Password now"))
        self.new = PasswordPair()
        self.shown = QCheckBox(self.tr("&Show passwords"))
        self.message = message_label()
        self.message.hide()
        self.button = primary_button(self.tr("Change password"))
        self._lay_out()
        self._connect()
        self._refresh()

    async def stop(self) -> None:
        """End what is under way."""
        await self._tasks.stop()

    def _lay_out(self) -> None:
        form = QFormLayout(rowWrapPolicy=QFormLayout.RowWrapPolicy.WrapAllRows)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(theme.SMALL)
        form.addRow(self.tr("Password &now"), self.old)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.LARGE)
        column.setSpacing(theme.MEDIUM)
        column.addWidget(label(self.tr("Change password"), "title"))
        column.addWidget(
            wrapped(
                self.tr("You stay logged in here, and are logged out everywhere else."),
                "secondary",
            )
        )
        column.addLayout(form)
        for part in (self.new, self.shown, self.message):
            column.addWidget(part)
        column.addSpacing(theme.TIGHT)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        cancel = QPushButton(self.tr("Cancel"), self)
        cancel.clicked.connect(self.reject)
        self.button.setDefault(True)
        row = QHBoxLayout()
        row.setSpacing(theme.SMALL)
        row.addStretch()
        row.addWidget(cancel)
        row.addWidget(self.button)
        return row

    def _connect(self) -> None:
        self.old.textChanged.connect(self._refresh)
        self.new.changed.connect(self._refresh)
        self.shown.toggled.connect(self._show_text)
        self.button.clicked.connect(self._press)

    def _press(self) -> None:
        if self.button.isEnabled():
            self._set_busy(True)
            self._say("")
            self._tasks.start(self._ask())

    async def _ask(self) -> None:
        try:
            await self._change(self.old.text(), self.new.text())
        except Refused as refusal:
            self._say(refusal.reason)
            field = self.new.first if refusal.code == "weak-password" else self.old
            field.setFocus()
            field.selectAll()
        except Trouble as trouble:
            self._say(trouble.reason)
        else:
            self.accept()
        finally:
            self._set_busy(False)

    def _show_text(self, shown: bool) -> None:
        show_text(self.old, shown)
        self.new.show_text(shown)

    def _say(self, sentence: str) -> None:
        self.message.setText(sentence)
        self.message.setVisible(bool(sentence))
        self.setAccessibleDescription(sentence)

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self._refresh()

    def _refresh(self) -> None:
        typed = bool(self.old.text())
        self.button.setEnabled(typed and self.new.is_good and not self._busy)
