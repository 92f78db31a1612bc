"""One line of text beside the window's commands."""

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit

CUTS = (QKeySequence.StandardKey.DeleteCompleteLine, QKeySequence.StandardKey.DeleteEndOfLine)


class OneLine(QLineEdit):
    """A line to type into; on X11 Ctrl+U and Ctrl+K would cut it instead of being commands."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and _cuts(event):
            event.ignore()
            return False
        return super().event(event)


def _cuts(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and any(event.matches(key) for key in CUTS)
