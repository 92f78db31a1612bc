"""The panel that answers "why is this mine?" in sentences (RO-11)."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk.shown import shown
from ace_agent.widgets.buttons import IconButton
from ace_agent.widgets.panel import Panel
from ace_agent.widgets.text import Reading, label

WIDTH = 400


class Explanation(Panel):
    """The sentences, above the button that asked for them."""

    def __init__(self, anchor: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._anchor = anchor
        self.setAccessibleName(self.tr("Why is this mine?"))
        self._text = Reading(self.tr("Why is this mine?"))
        close = IconButton("close", self.tr("Close (Esc)"))
        close.clicked.connect(lambda: self.leave())
        head = QHBoxLayout()
        head.addWidget(label(self.tr("Why is this mine?"), "title"), 1)
        head.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.LARGE, theme.SMALL, theme.SMALL, theme.LARGE)
        column.setSpacing(theme.TIGHT)
        column.addLayout(head)
        column.addWidget(self._text)
        self.setTabOrder(self._text, close)

    def tell(self, sentences: Sequence[str]) -> None:
        """Show the sentences."""
        self._text.show_text("\n\n".join(shown(sentence) for sentence in sentences))
        self.open(self._text)
        self.place()

    @property
    def words(self) -> str:
        """What it says."""
        return self._text.toPlainText()

    def place(self) -> None:
        parent = self.host
        width = min(WIDTH, parent.width() - 2 * theme.LARGE)
        self.setFixedWidth(width)
        self.adjustSize()
        corner = self._anchor.mapTo(parent, QPoint(self._anchor.width(), 0))
        top = corner.y() - self.height() - theme.LARGE
        self.move(min(corner.x(), parent.width() - theme.SMALL) - width, max(theme.SMALL, top))
