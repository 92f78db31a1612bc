"""Below what a supervisor looks into: a button for everything that can be done with it."""

from collections.abc import Iterable, Mapping

from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ace_agent import theme
from ace_agent.widgets.buttons import ActionButton


class CommandBar(QWidget):
    """What changes something at the left, what only tells at the right."""

    def __init__(
        self,
        name: str,
        commands: Mapping[str, QAction],
        changing: Iterable[str],
        telling: Iterable[str],
    ) -> None:
        """`name` is what a screen reader calls it."""
        super().__init__()
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.LARGE, theme.SMALL + 1, theme.SMALL, theme.SMALL)
        row.setSpacing(theme.SMALL)
        for each in changing:
            row.addWidget(ActionButton(commands[each], "plain", self))
        row.addStretch(1)
        for each in telling:
            row.addWidget(ActionButton(commands[each], "quiet", self))
        self.setMinimumHeight(theme.PRIMARY_HEIGHT + 2 * theme.SMALL + 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        chosen = theme.colours(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(chosen.window))
        painter.fillRect(0, 0, self.width(), 1, QColor(chosen.hairline))
