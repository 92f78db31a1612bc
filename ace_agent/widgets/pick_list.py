"""A pick list that a passing wheel does not change."""

from PySide6.QtGui import QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QStyledItemDelegate, QWidget

from ace_agent import icons, theme


class PickList(QComboBox):
    """One of several, with the program's own arrow."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(QStyledItemDelegate(self))  # Fusion's own takes no style sheet

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        ink = theme.colours(self.palette()).secondary
        side = theme.SMALL_ICON
        arrow = icons.pixmap("chevron-down", side, ink, self.devicePixelRatioF())
        QPainter(self).drawPixmap(
            self.width() - side - theme.SMALL, (self.height() - side) // 2, arrow
        )
