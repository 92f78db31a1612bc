"""Saying to a screen reader at once what has just come up on the screen."""

from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QWidget


def alert(widget: QWidget) -> None:
    """Let it be read: its name, and its description where it has one."""
    QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.Alert))
