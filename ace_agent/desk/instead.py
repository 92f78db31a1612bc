"""Where a file cannot be played or shown here: why, and what to do instead."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.widgets.buttons import IconButton, WordsButton
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.text import wrapped


class Instead(QFrame):
    """One quiet sentence, and the desktop's program."""

    wanted = Signal()
    """The desktop's program is wanted."""

    closing = Signal()
    """It goes away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "quote")
        self.setAccessibleName(self.tr("Not shown here"))
        self._sentence = wrapped()
        self.button = WordsButton(self.tr("Open with the desktop's program"), behind="open")
        self.button.setToolTip(self.tr("Open it outside of this window (Enter)"))
        self.close_button = IconButton("close", self.tr("Close (Esc)"))
        self.button.clicked.connect(self.wanted)
        self.close_button.clicked.connect(self.leave)
        above = QHBoxLayout()
        above.setSpacing(theme.SMALL)
        above.addWidget(Picture("info", "secondary"), 0, Qt.AlignmentFlag.AlignTop)
        above.addWidget(self._sentence, 1)
        above.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.SMALL, theme.SMALL)
        column.setSpacing(theme.SMALL)
        column.addLayout(above)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        QWidget.setTabOrder(self.button, self.close_button)
        self.hide()

    @property
    def text(self) -> str:
        """What it says now; empty while it is hidden."""
        return self._sentence.text() if not self.isHidden() else ""

    def say(self, sentence: str) -> None:
        """Say it; a screen reader reads it where the keyboard comes by."""
        self._sentence.setText(sentence)
        self.button.setAccessibleDescription(sentence)
        self.show()

    def leave(self) -> None:
        """There is nothing to say any more."""
        self.closing.emit()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)
