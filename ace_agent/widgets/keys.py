"""Keys that belong to where one types, though a command of the window has them, too."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def keeps_enter(event: QEvent) -> bool:
    """Keep Enter, pressed alone, from the window's commands; whether this was about it.

    Qt asks first, by an event that goes from the field outwards, whether anybody wants the key.
    """
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    others = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    is_enter = event.key() in ENTER and others == Qt.KeyboardModifier.NoModifier
    if is_enter:
        event.accept()
    return is_enter
