"""A quiet bar across the window: one sentence about something that lasts, or that went wrong."""

from typing import Literal

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ace_agent import theme
from ace_agent.widgets.alert import alert
from ace_agent.widgets.buttons import IconButton
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.text import wrapped

Kind = Literal["calm", "caution", "alarm"]
LOOKS = {
    "calm": ("accent", "surface"),
    "caution": ("paused", "paused_tint"),
    "alarm": ("alarm", "alarm_tint"),
}


class Bar(QWidget):
    """Hidden until it has something to say; a screen reader is told at once."""

    closed = Signal()

    def __init__(
        self, kind: Kind, icon: str, parent: QWidget | None = None, *, closable: bool = False
    ) -> None:
        super().__init__(parent)
        ink, self._ground = LOOKS[kind]
        self.setAccessibleName(self.tr("Message"))
        self._text = wrapped()
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.LARGE, theme.SMALL, theme.SMALL, theme.SMALL)
        row.setSpacing(theme.MEDIUM)
        row.addWidget(Picture(icon, ink))
        row.addWidget(self._text, 1)
        if closable:
            row.addWidget(self._close_button())
        self.hide()

    @property
    def text(self) -> str:
        """What it says now; empty while it is hidden."""
        return self._text.text() if not self.isHidden() else ""

    def say(self, sentence: str) -> None:
        """Say it, or nothing: then it is gone."""
        if sentence == self.text:
            return
        self._text.setText(sentence)
        self.setAccessibleDescription(sentence)
        self.setVisible(bool(sentence))
        if sentence:
            alert(self)

    def paintEvent(self, event: QPaintEvent) -> None:
        chosen = theme.colours(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(getattr(chosen, self._ground)))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(chosen.hairline))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def _close_button(self) -> IconButton:
        button = IconButton("close", self.tr("Close this message (Esc)"), self)
        button.clicked.connect(self._close)
        return button

    def _close(self) -> None:
        self.say("")
        self.closed.emit()
