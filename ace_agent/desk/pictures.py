"""Pictures among the attachments, read within limits and never on the window's thread.

Only bitmap formats are read: a drawing (SVG) could ask for more.
"""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ace_agent import theme
from ace_agent.widgets import tips

FORMATS = (
    (b"\x89PNG\r\n\x1a\n", 0, b"png"),
    (b"\xff\xd8\xff", 0, b"jpeg"),
    (b"GIF8", 0, b"gif"),
    (b"WEBP", 8, b"webp"),
    (b"BM", 0, b"bmp"),
)
"""How a file begins, and the one reader that is tried then; no other is asked."""

MEDIA_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp"})
MOST_BYTES = 20 * 1024 * 1024  # larger ones are opened or saved
MOST_PIXELS = 64_000_000
WIDEST, HIGHEST = 1600, 2400  # pixels that are kept
SHOWN_HEIGHT = 320


class Unreadable(Exception):
    """It is no picture, or one too large to show."""


def read(file: Path) -> QImage:
    """The picture, no larger than needed; raises Unreadable. Slow: call it on another thread."""
    reader = QImageReader(str(file))
    reader.setAutoDetectImageFormat(False)
    reader.setFormat(QByteArray(_format(file)))
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid():
        raise Unreadable
    if size.width() * size.height() > MOST_PIXELS:
        raise Unreadable
    if size.width() > WIDEST or size.height() > HIGHEST:
        reader.setScaledSize(
            size.scaled(QSize(WIDEST, HIGHEST), Qt.AspectRatioMode.KeepAspectRatio)
        )
    image = reader.read()
    if image.isNull():
        raise Unreadable
    return image


def _format(file: Path) -> bytes:
    with file.open("rb") as opened:
        head = opened.read(16)
    for sign, place, name in FORMATS:
        if head.startswith(sign, place):
            return name
    raise Unreadable


class PictureView(QWidget):
    """One picture, as wide as there is room, never larger than it is."""

    def __init__(self, name: str, image: QImage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = image
        self.setAccessibleName(name)
        self.setToolTip(tips.plain(name))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._size(width).height()

    def sizeHint(self) -> QSize:
        return self._size(self._image.width())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.WIDE, theme.WIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self._size(self.width())
        painter.drawImage(self.rect().adjusted(0, 0, size.width() - self.width(), 0), self._image)
        painter.setPen(theme.colours(self.palette()).hairline)
        painter.drawRect(0, 0, size.width() - 1, size.height() - 1)

    def _size(self, width: int) -> QSize:
        whole = self._image.size()
        room = QSize(min(width, whole.width()), min(SHOWN_HEIGHT, whole.height()))
        return whole.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
