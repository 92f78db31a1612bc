"""A line to narrow a list with: the arrows belong to the list, Esc empties the line."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolButton, QWidget

from ace_agent.widgets.line import OneLine

ARROWS = {
    int(Qt.Key.Key_Down),
    int(Qt.Key.Key_Up),
    int(Qt.Key.Key_PageDown),
    int(Qt.Key.Key_PageUp),
}


class SearchField(OneLine):
    """Type to narrow."""

    moved = Signal(QKeyEvent)
    """An arrow or a page key was pressed."""

    def __init__(self, name: str, kind: str = "search", parent: QWidget | None = None) -> None:
        """`name` says what is found; it is the placeholder and what a screen reader says."""
        super().__init__(parent)
        self.setProperty("kind", kind)
        self.setPlaceholderText(name)
        self.setAccessibleName(name)

    def offer_to_clear(self) -> None:
        """Show what empties the line, while there is something in it."""
        self.setClearButtonEnabled(True)
        for button in self.findChildren(QToolButton):
            button.setAccessibleName(self.tr("Clear"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in ARROWS:
            self.moved.emit(event)
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)
