"""One page under a glass: fitted or enlarged, moved by keys, wheel and hand. It reads no file."""

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QWidget

from ace_agent import theme

SMALLEST, LARGEST = 0.05, 8.0
STEP = 1.25
"""How much larger or smaller one step makes it."""

HIGHEST_FIT = 1_200
"""Of a page that is fitted to the width, in pixels."""

HIGHEST = 560
"""Of what is enlarged, in pixels, unless it was higher when it was fitted."""

ARROW = 48  # pixels that one arrow key moves

SLACK = 16
"""Pixels of more width that a fitted page does not follow: where it grew with the room that a
scroll bar leaves, it would need that scroll bar again."""


def fitted(page: QSizeF, room: QSizeF, *, enlarges: bool) -> float:
    """The zoom at which a page of this size fills its room; at most 1 where it may not enlarge."""
    zoom = min(room.width() / page.width(), room.height() / page.height())
    return zoom if enlarges else min(zoom, 1.0)


class Canvas(QAbstractScrollArea):
    """Shows a page, as large as `zoom` says; asks for the picture that this takes."""

    wanted = Signal()
    """A picture of another size than the one shown would be sharper."""

    zoomed = Signal()
    """It is shown at another zoom."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.viewport().setAutoFillBackground(False)
        self._page = QSizeF()
        self._image = QImage()
        self._enlarges = False
        self._zoom: float | None = None  # None: fitted
        self._held: QPointF | None = None
        self._room = 1  # the width that a page is fitted to

    @property
    def zoom(self) -> float:
        """How large it is shown; 1 is 100 %."""
        return self._fit() if self._zoom is None else self._zoom

    @property
    def is_fitted(self) -> bool:
        """Whether it follows the room there is."""
        return self._zoom is None

    def size_wanted(self) -> QSize:
        """How many of the screen's pixels the page takes at this zoom."""
        ratio = self.devicePixelRatioF()
        size = self._content()
        return QSize(round(size.width() * ratio), round(size.height() * ratio))

    def show_page(self, page: QSizeF, *, enlarges: bool) -> None:
        """Show a page of this size at 100 %, fitted or zoomed as before; its picture follows."""
        self._page, self._enlarges, self._image = page, enlarges, QImage()
        self._lay_out()
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.setValue(0)

    def show_image(self, image: QImage) -> None:
        """Show this picture of the page."""
        self._image = image
        self.viewport().update()

    def clear(self) -> None:
        """Show nothing, and fit what comes next."""
        self._zoom = None
        self._page, self._image = QSizeF(), QImage()

    def zoom_in(self) -> None:
        """One step larger."""
        self.zoom_to(self.zoom * STEP)

    def zoom_out(self) -> None:
        """One step smaller."""
        self.zoom_to(self.zoom / STEP)

    def zoom_to(self, zoom: float | None, at: QPointF | None = None) -> None:
        """Show it so large, with the point `at` of the viewport in its place; None: fitted."""
        if self._page.isEmpty():
            return
        at = at or QPointF(self.viewport().rect().center())
        before = self._frame()
        share = (at - QPointF(before.topLeft())) / max(1, before.width())
        self._zoom = None if zoom is None else min(LARGEST, max(SMALLEST, zoom))
        self._lay_out()
        size = self._content()
        self.horizontalScrollBar().setValue(round(share.x() * size.width() - at.x()))
        self.verticalScrollBar().setValue(round(share.y() * size.width() - at.y()))
        self.zoomed.emit()

    # Where everything is

    def _fit(self) -> float:
        if self._page.isEmpty():
            return 1.0
        highest = HIGHEST_FIT if self._enlarges else HIGHEST
        room = QSizeF(self._room, highest)
        return fitted(self._page, room, enlarges=self._enlarges)

    def _content(self) -> QSize:
        width, height = self._page.width() * self.zoom, self._page.height() * self.zoom
        return QSize(max(1, round(width)), max(1, round(height)))

    def _frame(self) -> QRect:
        """Where the page is in the viewport: in the middle, where there is room for all of it."""
        room, size = self.viewport().size(), self._content()
        left = -self.horizontalScrollBar().value()
        top = -self.verticalScrollBar().value()
        if size.width() < room.width():
            left = 0 if self.is_fitted else (room.width() - size.width()) // 2
        if size.height() < room.height():
            top = (room.height() - size.height()) // 2
        return QRect(QPoint(left, top), size)

    def _lay_out(self) -> None:
        """As high as the page where it is fitted; what is beyond is scrolled to."""
        size = self._content()
        fit = round(self._page.height() * self._fit())
        self.setFixedHeight(max(1, fit, min(size.height(), HIGHEST)))
        self._set_bars()
        self._show_hand()
        self.viewport().update()
        self.wanted.emit()

    def _set_bars(self) -> None:
        room, size = self.viewport().size(), self._content()
        for bar, length, there in (
            (self.horizontalScrollBar(), size.width(), room.width()),
            (self.verticalScrollBar(), size.height(), room.height()),
        ):
            beyond = 0 if self.is_fitted else max(0, length - there)
            bar.setRange(0, beyond)
            bar.setPageStep(there)
            bar.setSingleStep(ARROW)

    def _can_be_moved(self) -> bool:
        return self.horizontalScrollBar().maximum() > 0 or self.verticalScrollBar().maximum() > 0

    def _show_hand(self) -> None:
        shape = Qt.CursorShape.OpenHandCursor
        if self._held is not None:
            shape = Qt.CursorShape.ClosedHandCursor
        elif not self._can_be_moved():
            shape = Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)

    # What the person does

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.Resize:  # not before the viewport has its own new size
            self._follow_room()
        return done

    def _follow_room(self) -> None:
        if not self._room <= self.width() <= self._room + SLACK:
            self._room = max(1, self.width())
        if not self._page.isEmpty():
            self._lay_out()
            self.zoomed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The viewport has another size, also where a scroll bar came or went."""
        super().resizeEvent(event)
        self._set_bars()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_in()
            case Qt.Key.Key_Minus:
                self.zoom_out()
            case Qt.Key.Key_0:
                self.zoom_to(None)
            case Qt.Key.Key_1:
                self.zoom_to(1.0)
            case Qt.Key.Key_PageDown | Qt.Key.Key_PageUp:
                event.ignore()  # the viewer turns pages
            case _ if self._can_be_moved():
                super().keyPressEvent(event)
            case _:
                event.ignore()  # what is around it scrolls

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl it zooms where the pointer is; else it moves what is enlarged."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            steps = event.angleDelta().y() / 120
            self.zoom_to(self.zoom * STEP**steps, event.position())
            event.accept()
        elif self._can_be_moved():
            super().wheelEvent(event)
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._can_be_moved():
            self._held = event.position()
            self._show_hand()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is None:
            return
        moved = (event.position() - self._held).toPoint()
        self._held = event.position()
        for bar, by in (
            (self.horizontalScrollBar(), moved.x()),
            (self.verticalScrollBar(), moved.y()),
        ):
            bar.setValue(bar.value() - by)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = None
        self._show_hand()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._page.isEmpty():
            return
        chosen = theme.colours(self.palette())
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        frame = self._frame()
        painter.fillRect(frame, QColor(theme.PAPER))
        painter.drawImage(frame, self._image)
        painter.setPen(QColor(chosen.hairline))
        painter.drawRect(frame.adjusted(0, 0, -1, -1))
        if self.hasFocus():
            painter.setPen(QPen(QColor(chosen.accent), 2))
            painter.drawRect(self.viewport().rect().intersected(frame).adjusted(1, 1, -1, -1))
