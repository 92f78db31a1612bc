"""What is about to be sent, how long it can be taken back, and a button that does."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ace_agent import theme
from ace_agent.widgets.buttons import ActionButton
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.text import ElidedLabel


class UndoBar(QWidget):
    """Hidden where nothing can be taken back."""

    def __init__(self, undo: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("About to be sent"))
        self._text = ElidedLabel()
        self.button = ActionButton(undo, "plain", self)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.LARGE, theme.TIGHT, theme.SMALL, theme.TIGHT)
        row.setSpacing(theme.SMALL)
        row.addWidget(Picture("send", "accent"), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._text, 1)
        row.addWidget(self.button)
        self.hide()

    @property
    def text(self) -> str:
        """What it says now; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    def say(self, sentence: str) -> None:
        """Say it, or nothing: then it is gone."""
        self._text.setText(sentence)
        self.setVisible(bool(sentence))

    def paintEvent(self, event: QPaintEvent) -> None:
        chosen = theme.colours(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(chosen.accent_tint))
        painter.fillRect(0, 0, self.width(), 1, QColor(chosen.hairline))
