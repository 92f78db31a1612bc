"""A quiet sentence beside what it is about, and a button where something can be done about it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ace_agent import theme
from ace_agent.widgets.buttons import WordsButton
from ace_agent.widgets.folding import Folding
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.text import wrapped


class Notice(Folding):
    """One quiet sentence about what is shown, and what can be done about it."""

    wanted = Signal()

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "quote")
        self._sentence = wrapped()
        self.button = WordsButton()
        self.button.clicked.connect(self.wanted)
        middle = Qt.AlignmentFlag.AlignVCenter
        told = QHBoxLayout()
        told.setSpacing(theme.SMALL)
        told.addWidget(Picture(icon, "secondary"), 0, middle)
        told.addWidget(self._sentence, 1, middle)
        self.row.setContentsMargins(theme.MEDIUM, theme.TIGHT, theme.TIGHT, theme.TIGHT)
        self.row.addLayout(told, 1)
        self.row.addWidget(self.button, 0, middle | Qt.AlignmentFlag.AlignLeft)
        self.hide()

    @property
    def text(self) -> str:
        """What it says now; empty while it is hidden."""
        return self._sentence.text() if not self.isHidden() else ""

    def say(self, sentence: str, offer: str = "") -> None:
        """Say it, and offer something; a screen reader reads it where the keyboard comes by."""
        self._sentence.setText(sentence)
        self.setAccessibleName(sentence)
        self.button.set_words(offer)
        self.button.setAccessibleDescription(sentence)
        self.button.setVisible(bool(offer))
        self.setVisible(bool(sentence))
