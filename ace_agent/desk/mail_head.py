"""The head of a mail: who wrote it to whom, and when."""

from collections.abc import Hashable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from ace_agent import theme
from ace_agent.desk.shown import one_line
from ace_agent.widgets.buttons import WordsButton
from ace_agent.widgets.text import Reading, wrapped

MOST_ADDRESSES = 12
"""Of one header line, before somebody asks for all."""


class Addresses(QWidget):
    """From, To and the others, each in full; of very many the first, until all are wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.MEDIUM)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(1, 1)
        self._parts: dict[str, tuple[QWidget, Reading]] = {}
        self._shown: tuple[Hashable, dict[str, list[str]]] | None = None
        self._unfolded: set[Hashable] = set()  # of which all were wanted
        self.more = WordsButton(self.tr("Show all addresses"), "plain")
        self.more.clicked.connect(self._show_all)
        self._grid.addWidget(self.more, 10, 1, Qt.AlignmentFlag.AlignLeft)
        for row, (part, words) in enumerate(self._names().items()):
            caption, text = wrapped(words, "secondary"), Reading(words)
            caption.setWordWrap(False)
            self._parts[part] = caption, text
            self._grid.addWidget(caption, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, row, 1)

    @property
    def stops(self) -> list[QWidget]:
        """What can have the keyboard here, in order."""
        return [*(text for _, text in self._parts.values()), self.more]

    def text(self, part: str) -> str:
        """What is shown of this part; empty where it is not."""
        _, text = self._parts[part]
        return "" if text.isHidden() else text.toPlainText()

    def show_lists(self, of: Hashable, lists: Mapping[str, Sequence[str]]) -> None:
        """Show these of this mail; a part without addresses is not there."""
        wanted = of, {part: [*people] for part, people in lists.items()}
        if wanted != self._shown:
            self._shown = wanted
            self._show()

    def _show(self) -> None:
        of, lists = self._shown or (None, {})
        is_long = any(len(people) > MOST_ADDRESSES for people in lists.values())
        is_folded = is_long and of not in self._unfolded
        for part, (caption, text) in self._parts.items():
            people = lists.get(part, [])
            text.show_text(self._some(people) if is_folded else _line(people))
            text.setVisible(bool(people))
            caption.setVisible(bool(people))
        self.more.setVisible(is_folded)

    def _some(self, people: Sequence[str]) -> str:
        shown = _line(people[:MOST_ADDRESSES])
        if len(people) <= MOST_ADDRESSES:
            return shown
        text = self.tr("%1 and %n more", "", len(people) - MOST_ADDRESSES)
        return text.replace("%1", shown)

    def _show_all(self) -> None:
        if self._shown is not None:
            self._unfolded.add(self._shown[0])
            self._parts["from"][1].setFocus()
            self._show()

    def _names(self) -> dict[str, str]:
        return {
            "from": self.tr("From"),
            "reply-to": self.tr("Answers to"),
            "to": self.tr("To"),
            "cc": self.tr("Cc"),
            "bcc": self.tr("Bcc"),
            "subject": self.tr("Subject"),
            "date": self.tr("Date"),
        }


def _line(people: Sequence[str]) -> str:
    return ", ".join(one_line(one) for one in people)
