"""A question before something that cannot be taken back. It never stops the window's loop."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from ace_agent import theme
from ace_agent.loop import closed
from ace_agent.widgets.buttons import Kind
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.text import Reading, wrapped

WIDTH = 480
CANCELLED = -1

MOST_DETAIL = 1000
"""Characters of what it is about: a longer link would push the answers off the screen."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One button of a question."""

    text: str
    kind: Kind = "plain"


class Question(QDialog):
    """A title, a sentence, what it is about in full, warnings, and the answers.

    The first answer has the focus; Esc answers nothing.
    """

    def __init__(
        self,
        parent: QWidget,
        title: str,
        text: str,
        answers: Sequence[Answer],
        *,
        detail: str = "",
        warnings: Sequence[str] = (),
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleDescription("\n".join([text, *warnings]))
        self.setMinimumWidth(WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.LARGE)
        column.setSpacing(theme.MEDIUM)
        column.addWidget(wrapped(title, "title"))
        if text:
            column.addWidget(wrapped(text))
        if detail:
            column.addWidget(_card(detail, title))
        for warning in warnings:
            column.addWidget(_warning(warning))
        column.addSpacing(theme.SMALL)
        column.addLayout(self._buttons(answers))

    def answer(self) -> int:
        """The place of the button pressed, or CANCELLED."""
        return self.result() - 1

    def _buttons(self, answers: Sequence[Answer]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.SMALL)
        row.addStretch()
        buttons = [self._button(place, answer) for place, answer in enumerate(answers)]
        for button in reversed(buttons):
            row.addWidget(button)
        buttons[0].setFocus()
        return row

    def _button(self, place: int, answer: Answer) -> QPushButton:
        button = QPushButton(answer.text, self)
        button.setProperty("kind", answer.kind)
        button.setAccessibleName(answer.text)
        button.setDefault(place == 0)
        button.clicked.connect(lambda: self.done(place + 1))
        return button


async def ask(question: Question) -> int:
    """Show it and wait; returns the place of the answer, or CANCELLED."""
    try:
        return await closed(question) - 1
    finally:
        if isValid(question):  # else it went with what it stood on
            question.deleteLater()


def _card(detail: str, name: str) -> QFrame:
    card = QFrame()
    card.setProperty("role", "quote")
    text = Reading(name)
    text.show_text(detail if len(detail) <= MOST_DETAIL else f"{detail[:MOST_DETAIL]} […]")
    row = QHBoxLayout(card)
    row.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
    row.addWidget(text)
    return card


def _warning(warning: str) -> QFrame:
    card = QFrame()
    card.setProperty("role", "warning")
    row = QHBoxLayout(card)
    row.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
    row.setSpacing(theme.SMALL)
    row.addWidget(Picture("warning", "paused"), 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(wrapped(warning), 1)
    return card
