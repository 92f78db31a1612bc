"""A quiet row of words, of which one is on: it shows commands that exclude each other."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from ace_agent import theme


class Switch(QWidget):
    """There only while there is something to choose between."""

    def __init__(
        self, actions: Sequence[QAction], name: str, parent: QWidget | None = None
    ) -> None:
        """`name` is what a screen reader calls it."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self._actions = actions
        self.buttons = [self._button(action) for action in actions]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.TIGHT)
        for button in self.buttons:
            row.addWidget(button)
        for action in actions:
            action.changed.connect(self._follow)
        self._follow()

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton(self)
        button.setCheckable(True)
        button.setMinimumHeight(theme.CONTROL_HEIGHT)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.clicked.connect(action.trigger)
        return button

    def _follow(self) -> None:
        for button, action in zip(self.buttons, self._actions, strict=True):
            words = action.text().replace("&", "")
            button.setText(words)
            button.setAccessibleName(words)
            button.setToolTip(action.toolTip())
            button.setChecked(action.isChecked())
            button.setVisible(action.isVisible())
        choices = sum(action.isVisible() for action in self._actions)
        if choices < 2 or self.parentWidget() is not None:  # else it would be a window of its own
            self.setVisible(choices > 1)
