"""The panel that explains a contact in Pulse: where it is, why, what would change it (RO-11)."""

from collections.abc import Sequence

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk.shown import shown
from ace_agent.widgets.buttons import ActionButton, IconButton
from ace_agent.widgets.panel import Panel
from ace_agent.widgets.scrolling import scrolled
from ace_agent.widgets.text import ElidedLabel, Reading, wrapped

WIDTH = 440


class Why(Panel):
    """The sentences at the right of the page, and a button to ask about one agent."""

    def __init__(self, why_not: QAction, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = wrapped(role="title")
        self._about = ElidedLabel(role="secondary")
        self._text = Reading(self.tr("Explanation"))
        self._close = IconButton("close", self.tr("Close (Esc)"))
        self._close.clicked.connect(lambda: self.leave())
        self._why_not = ActionButton(why_not, "plain", self)
        self._sentences = self._make_sentences()
        self._lay_out()

    @property
    def words(self) -> str:
        """What it says."""
        return self._text.toPlainText()

    def tell(self, title: str, about: str, sentences: Sequence[str]) -> None:
        """Show the sentences; `about` names the contact."""
        self.setAccessibleName(title)
        self._title.setText(title)
        self._about.setText(about)
        self._text.show_text("\n\n".join(shown(sentence) for sentence in sentences))
        self.open(self._text)
        self.place()

    def place(self) -> None:
        """Beside the right edge, as high as what it says but never higher than the page."""
        parent = self.host
        width = min(WIDTH, parent.width() - 2 * theme.LARGE)
        self.setFixedWidth(width)
        self._sentences.setFixedHeight(0)
        self.adjustSize()
        room = parent.height() - self.height() - 2 * theme.LARGE
        self._sentences.setFixedHeight(max(0, min(self._text.height() + 1, room)))
        self.adjustSize()
        top = parent.height() - self.height() - theme.LARGE
        self.move(parent.width() - width - theme.LARGE, max(theme.SMALL, top))

    def _make_sentences(self) -> QWidget:
        page = QWidget()
        page.setProperty("role", "surface")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, theme.SMALL, 0)
        column.addWidget(self._text)
        column.addStretch()
        return scrolled(page)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._close)
        foot = QHBoxLayout()
        foot.addWidget(self._why_not)
        foot.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.LARGE, theme.SMALL, theme.SMALL, theme.LARGE)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._about)
        column.addSpacing(theme.MEDIUM)
        column.addWidget(self._sentences)
        column.addSpacing(theme.SMALL)
        column.addLayout(foot)
        self.setTabOrder(self._text, self._why_not)
        self.setTabOrder(self._why_not, self._close)
