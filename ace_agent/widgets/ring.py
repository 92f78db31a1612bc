"""A ring that runs down, or a clock that counts up where there is no end."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from ace_agent import theme

SIDE, WIDTH = 28, 3


class Ring(QWidget):
    """How much of a time is left; without an end only its track is seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left: float | None = None
        self.setFixedSize(SIDE, SIDE)

    @property
    def left(self) -> float | None:
        """The share that is left, 1 to 0; None without an end."""
        return self._left

    def show_left(self, left: float | None) -> None:
        """Show how much is left."""
        if left != self._left:
            self._left = left
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        chosen = theme.colours(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inset = WIDTH / 2 + 1
        room = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        self._arc(painter, room, chosen.hairline, 1.0)
        self._arc(painter, room, chosen.wrap_up, 0.0 if self._left is None else self._left)

    def _arc(self, painter: QPainter, room: QRectF, colour: str, share: float) -> None:
        pen = QPen(QColor(colour), WIDTH)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap if share < 1 else Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        if share > 0:
            painter.drawArc(room, 90 * 16, round(share * 360 * 16))
