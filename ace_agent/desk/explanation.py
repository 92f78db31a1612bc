"""The panel that answers "why is this mine?" in sentences (RO-11)."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk.shown import shown
from ace_agent.widgets.buttons import IconButton
from ace_agent.widgets.panel import Panel
from ace_agent.widgets.scrolling import scrolled
from ace_agent.widgets.text import Reading, label

WIDTH = 400


class Explanation(Panel):
    """The sentences, above the button that asked for them."""

    def __init__(self, anchor: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._anchor = anchor
        self.setAccessibleName(self.tr("Why is this mine?"))
        self._text = Reading(self.tr("Why is this mine?"))
        page = QWidget()
        page.setProperty("role", "surface")
        inner = QVBoxLayout(page)
        inner.setContentsMargins(0, 0, theme.MEDIUM, 0)
        inner.addWidget(self._text)
        self._scroll = scrolled(page)
        close = IconButton("close", self.tr("Close (Esc)"))
        close.clicked.connect(lambda: self.leave())
        self._head = head = QHBoxLayout()
        head.addWidget(label(self.tr("Why is this mine?"), "title"), 1)
        head.addWidget(close)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(theme.LARGE, theme.SMALL, theme.SMALL, theme.LARGE)
        column.setSpacing(theme.TIGHT)
        column.addLayout(head)
        column.addWidget(self._scroll)
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
        corner = self._anchor.mapTo(parent, QPoint(self._anchor.width(), 0))
        self._fit(corner.y() - theme.LARGE - theme.SMALL)
        top = corner.y() - self.height() - theme.LARGE
        self.move(min(corner.x(), parent.width() - theme.SMALL) - width, max(theme.SMALL, top))

    def _fit(self, highest: int) -> None:
        """As high as the sentences, where there is room for them; else they scroll."""
        self._column.activate()
        margins = self._column.contentsMargins()
        around = self._head.sizeHint().height() + self._column.spacing()
        around += margins.top() + margins.bottom() + 2 * self.frameWidth()
        self._scroll.setFixedHeight(max(1, min(self._text.height(), highest - around)))
        self._column.activate()
        self.adjustSize()
