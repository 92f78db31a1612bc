"""The dialog that asks why contacts are closed that nobody has handled (WI-7)."""

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.loop import closed
from ace_agent.widgets.buttons import dialog_button
from ace_agent.widgets.text import label, wrapped

WIDTH = 480
LONGEST = 1_000
"""Characters of a reason, as `wire.Close` takes them."""


class ReasonDialog(QDialog):
    """Says what is closed, and closes nothing without a reason."""

    def __init__(self, title: str, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleDescription(text)
        self.setMinimumWidth(WIDTH)
        self.field = QLineEdit(self)
        self.field.setAccessibleName(self.tr("Reason"))
        self.field.setMaxLength(LONGEST)
        self.field.textChanged.connect(self._follow)
        self.button = dialog_button(self.tr("Close"), self.accept, self, primary=True)
        self._lay_out(title, text)
        self.field.setFocus()
        self._follow()

    @property
    def reason(self) -> str:
        """What was typed; without a NUL, which not every database keeps."""
        return self.field.text().replace("\0", "").strip()

    def _lay_out(self, title: str, text: str) -> None:
        caption = label(self.tr("Reason, kept with the contact"), "secondary")
        caption.setBuddy(self.field)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.LARGE)
        column.setSpacing(theme.SMALL)
        column.addWidget(wrapped(title, "title"))
        column.addWidget(wrapped(text))
        column.addSpacing(theme.TIGHT)
        column.addWidget(caption)
        column.addWidget(self.field)
        column.addSpacing(theme.SMALL)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.SMALL)
        row.addStretch()
        row.addWidget(dialog_button(self.tr("Cancel"), self.reject, self))
        row.addWidget(self.button)
        return row

    def _follow(self) -> None:
        self.button.setEnabled(bool(self.reason))


async def ask(dialog: ReasonDialog) -> str:
    """Show it and wait for the reason; empty where the person thought better of it."""
    try:
        accepted = await closed(dialog) == QDialog.DialogCode.Accepted
        return dialog.reason if accepted else ""
    finally:
        dialog.deleteLater()
