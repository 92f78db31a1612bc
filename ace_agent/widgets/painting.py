"""What the rows of all lists have in common when they are painted."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from ace_agent import icons, theme

Index = QModelIndex | QPersistentModelIndex

MARGIN = theme.SMALL
"""Between a row's shape and the edge of its list."""


def is_selected(option: QStyleOptionViewItem) -> bool:
    """Whether the row is the chosen one."""
    return bool(option.state & QStyle.StateFlag.State_Selected)


def shape(option: QStyleOptionViewItem, margin: int = MARGIN) -> QRect:
    """The rounded shape of a row within its place."""
    return option.rect.adjusted(margin, 1, -margin, -1)


def ground(
    painter: QPainter,
    option: QStyleOptionViewItem,
    colour: QColor | None = None,
    *,
    margin: int = MARGIN,
    framed: bool = False,
) -> None:
    """The row's ground: `colour`, or what being chosen or pointed at asks for; and the focus."""
    room = QRectF(shape(option, margin))
    chosen = theme.colours(option.palette)
    fill = colour or _ground(option, chosen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if fill is not None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(room, theme.RADIUS, theme.RADIUS)
    if framed or is_selected(option) and option.state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(QColor(chosen.accent), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        frame = room.adjusted(0.75, 0.75, -0.75, -0.75)
        painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)


def _ground(option: QStyleOptionViewItem, chosen: theme.Colours) -> QColor | None:
    if is_selected(option):
        return QColor(chosen.selected)
    if option.state & QStyle.StateFlag.State_MouseOver and option.state & _ENABLED:
        return QColor(chosen.hover)
    return None


_ENABLED = QStyle.StateFlag.State_Enabled


def text(
    painter: QPainter,
    room: QRect,
    words: str,
    colour: QColor | str,
    font: QFont,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """One line, shortened to its room."""
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, int(align | Qt.AlignmentFlag.AlignVCenter), shown)


def icon(painter: QPainter, room: QRect, name: str, colour: QColor | str) -> None:
    """An icon as large as its room."""
    ratio = painter.device().devicePixelRatioF()
    painter.drawPixmap(
        room.topLeft(), icons.pixmap(name, room.width(), QColor(colour).name(), ratio)
    )


def line_height(font: QFont) -> int:
    """The height of one line of this font."""
    return QFontMetrics(font).height()
