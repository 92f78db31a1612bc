"""Pictures among the attachments, read within limits and never on the window's thread.

Only bitmap formats are read: a drawing (SVG) could ask for more.
"""

import asyncio
from pathlib import Path

from PySide6.QtCore import QByteArray, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QImageIOHandler,
    QImageReader,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ace_agent import theme
from ace_agent.desk.showable import Unreadable, Why, within
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
MOST_BYTES = 20 * 1024 * 1024  # larger ones are shown when they are asked for
MOST_PIXELS = 64_000_000
WIDEST, HIGHEST = 1600, 2400  # pixels that are kept of one that is shown small
SHOWN_HEIGHT = 320

MOST_TOGETHER = 40_000_000
"""Pixels that are kept of the pictures in one mail: fifty small files may unfold to a gigabyte."""

SMALL = QSize(320, 320)
"""What is kept of each that comes after."""

LARGE = QSize(WIDEST, HIGHEST)
TURNED = QImageIOHandler.Transformation.TransformationRotate90


def read(file: Path, wanted: QSize = LARGE) -> QImage:
    """The picture, no larger than wanted; raises Unreadable. Slow: call it on another thread."""
    reader = _reader(file)
    size = reader.size()
    room = wanted.transposed() if _is_turned(reader) else wanted
    if size.width() > room.width() or size.height() > room.height():
        reader.setScaledSize(
            size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))
        )
    image = reader.read()
    if image.isNull():
        raise Unreadable(Why.BROKEN)
    return image


def whole(file: Path) -> QSize:
    """How large it says it is, upright, in pixels; raises Unreadable where that is too large."""
    reader = _reader(file)
    return reader.size().transposed() if _is_turned(reader) else reader.size()


def _reader(file: Path) -> QImageReader:
    """A reader that has looked at the head alone, and found it to be no bomb."""
    reader = QImageReader(str(file))
    reader.setAutoDetectImageFormat(False)
    reader.setFormat(QByteArray(_format(file)))
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid() or size.isEmpty():
        raise Unreadable(Why.BROKEN)
    if size.width() * size.height() > MOST_PIXELS:
        raise Unreadable(Why.TOO_LARGE)
    return reader


def _is_turned(reader: QImageReader) -> bool:
    return bool(reader.transformation() & TURNED)


def _format(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            head = opened.read(16)
    except OSError as error:  # it went with its contact
        raise Unreadable(Why.BROKEN) from error
    for sign, place, name in FORMATS:
        if head.startswith(sign, place):
            return name
    raise Unreadable(Why.BROKEN)


class Share:
    """What the pictures of one mail may take together."""

    def __init__(self) -> None:
        self._left = MOST_TOGETHER

    def room(self, wanted: QSize) -> QSize:
        """For the next one, which nobody would see smaller while there is room."""
        return wanted if self._left > 0 else SMALL

    def take(self, image: QImage) -> None:
        """This one is kept."""
        self._left -= image.width() * image.height()


class Picture:
    """One picture as the viewer shows it: read anew, as fine as it is wanted."""

    pages = 1
    has_more = False
    enlarges = False

    def __init__(self, file: Path) -> None:
        self._file = file

    async def size(self, page: int) -> QSizeF:
        """How large it is, in pixels; raises Unreadable."""
        return QSizeF(await asyncio.to_thread(whole, self._file))

    async def image(self, page: int, size: QSize) -> QImage:
        """The picture, no larger than this; raises Unreadable."""
        return await asyncio.to_thread(read, self._file, within(size))

    def close(self) -> None:
        """Nothing is held."""


class PictureView(QAbstractButton):
    """One picture, as wide as there is room, never larger than it is; pressed, it is enlarged."""

    def __init__(self, name: str, image: QImage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = image
        enlarge = self.tr("Enlarge %1 (Enter)").replace("%1", name)
        self.setAccessibleName(name)
        self.setAccessibleDescription(enlarge)
        self.setToolTip(tips.plain(enlarge))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
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
        chosen = theme.colours(self.palette())
        painter.setPen(QPen(QColor(chosen.accent), 2) if self.hasFocus() else chosen.hairline)
        inset = 1 if self.hasFocus() else 0
        painter.drawRect(inset, inset, size.width() - 1 - 2 * inset, size.height() - 1 - 2 * inset)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what Space and a click do; the other keys scroll what is around it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() == Qt.Key.Key_Space:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def _size(self, width: int) -> QSize:
        whole = self._image.size()
        room = QSize(min(width, whole.width()), min(SHOWN_HEIGHT, whole.height()))
        return whole.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
