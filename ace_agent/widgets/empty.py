"""What is shown where there is nothing: what will come, and what to do."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.widgets.buttons import ActionButton
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.text import label, wrapped


class Empty(QWidget):
    """An icon, a line and a sentence in the middle, and at most one thing to do."""

    def __init__(self, action: QAction | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = Picture("empty", "secondary", theme.EMPTY_ICON)
        self._title = label(role="title")
        self._text = wrapped(role="hint")
        self._button = ActionButton(action, "primary") if action else None
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE)
        column.setSpacing(theme.SMALL)
        column.addStretch(2)
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(theme.SMALL)
        for text in (self._title, self._text):
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            text.setWordWrap(True)
            column.addWidget(text)
        if self._button is not None:
            row = QHBoxLayout()
            row.setContentsMargins(0, theme.SMALL, 0, 0)
            row.addStretch()
            row.addWidget(self._button)
            row.addStretch()
            column.addLayout(row)
        column.addStretch(3)

    @property
    def words(self) -> str:
        """What it says."""
        return f"{self._title.text()}\n{self._text.text()}"

    def say(
        self,
        icon: str,
        title: str,
        text: str,
        colour: str = "secondary",
        *,
        offers: bool = True,
    ) -> None:
        """Say what will come and what to do; `offers` the button, while it can be done."""
        self._picture.show_icon(icon, colour)
        self._title.setText(title)
        self._text.setText(text)
        if self._button is not None:
            self._button.offer(offers)
