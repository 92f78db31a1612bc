"""An icon by itself, in a colour of the theme."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ace_agent import icons, theme


class Picture(QWidget):
    """An icon that follows the palette; it says nothing that words beside it do not say."""

    def __init__(
        self, name: str, colour: str = "text", size: int = theme.ICON, parent: QWidget | None = None
    ) -> None:
        """`colour` is the name of one of the theme's."""
        super().__init__(parent)
        self._name, self._colour, self._size = name, colour, size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFixedSize(size, size)

    @property
    def name(self) -> str:
        """Which icon is shown."""
        return self._name

    def show_icon(self, name: str, colour: str = "") -> None:
        """Show another, in this colour or as before."""
        self._name, self._colour = name, colour or self._colour
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def paintEvent(self, event: QPaintEvent) -> None:
        ink = QColor(getattr(theme.colours(self.palette()), self._colour)).name()
        picture = icons.pixmap(self._name, self._size, ink, self.devicePixelRatioF())
        QPainter(self).drawPixmap(0, 0, picture)
