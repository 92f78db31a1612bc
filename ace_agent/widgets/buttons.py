"""Buttons that show a command: its words, its key, whether it can be done now."""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QAction, QColor, QFont, QFontMetrics, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from ace_agent import icons, theme

Kind = Literal["primary", "plain", "quiet"]

PADDING = 28
"""Left and right of a button's words together, in pixels."""


def key_text(action: QAction) -> str:
    """The key of a command as this system writes it; empty where it has none."""
    native = QKeySequence.SequenceFormat.NativeText
    enter = QKeySequence(Qt.Key.Key_Return).toString(native)
    return action.shortcut().toString(native).replace(enter, "↵")


class WordsButton(QPushButton):
    """Words with an icon before or behind them, and a key beside them."""

    def __init__(
        self,
        text: str = "",
        kind: Kind = "plain",
        parent: QWidget | None = None,
        *,
        before: str = "",
        behind: str = "",
    ) -> None:
        """`before` and `behind` name icons; they have the colour of the words."""
        super().__init__(text, parent)
        self._before, self._behind = before, behind
        self._key = ""
        self._longest = 0
        self.setProperty("kind", kind)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def set_words(self, text: str, name: str = "", key: str = "") -> None:
        """Show other words; `name` is what a screen reader says, the words unless given."""
        self.setText(text)
        self.setAccessibleName(name or text)
        self._key = key
        self.updateGeometry()

    def set_longest(self, pixels: int) -> None:
        """Shorten the words at their beginning where they are longer; their end tells more."""
        self._longest = pixels
        self.updateGeometry()

    @property
    def words(self) -> str:
        """The words as they are seen."""
        metrics = QFontMetrics(self.font())
        if not self._longest:
            return self.text()
        return metrics.elidedText(self.text(), Qt.TextElideMode.ElideLeft, self._longest)

    def sizeHint(self) -> QSize:
        return self._size(self._words_width() + self._key_width())

    def minimumSizeHint(self) -> QSize:
        """Where there is little room, the key is left out; it stands in the tooltip."""
        return self._size(self._words_width())

    def _size(self, content: int) -> QSize:
        return QSize(content + PADDING, super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        key = self._key if self.width() >= self.sizeHint().width() else ""
        content = self._words_width() + (self._key_width() if key else 0)
        left = (self.width() - content) // 2
        if self._before:
            left = self._paint_icon(painter, left, self._before) + theme.SMALL
        left = self._paint(painter, left, self.words, self._ink(), self.font())
        if key:
            left = self._paint(painter, left + theme.SMALL, key, self._key_ink(), self._key_font())
        if self._behind:
            self._paint_icon(painter, left + theme.SMALL, self._behind)

    def _words_width(self) -> int:
        width = QFontMetrics(self.font()).horizontalAdvance(self.words)
        for icon in (self._before, self._behind):
            width += theme.SMALL_ICON + theme.SMALL if icon else 0
        return width

    def _key_width(self) -> int:
        if not self._key:
            return 0
        return theme.SMALL + QFontMetrics(self._key_font()).horizontalAdvance(self._key)

    def _key_font(self) -> QFont:
        return theme.sized(self.font(), theme.SECONDARY)

    def _ink(self) -> QColor:
        chosen = theme.colours(self.palette())
        if not self.isEnabled():
            return QColor(chosen.disabled)
        return QColor(chosen.on_accent if self.property("kind") == "primary" else chosen.text)

    def _key_ink(self) -> QColor:
        if self.property("kind") == "primary" or not self.isEnabled():
            return self._ink()
        return QColor(theme.colours(self.palette()).secondary)

    def _paint_icon(self, painter: QPainter, left: int, name: str) -> int:
        side = theme.SMALL_ICON
        picture = icons.pixmap(name, side, self._ink().name(), self.devicePixelRatioF())
        painter.drawPixmap(left, (self.height() - side) // 2, picture)
        return left + side

    def _paint(self, painter: QPainter, left: int, text: str, ink: QColor, font: QFont) -> int:
        painter.setFont(font)
        painter.setPen(ink)
        width = QFontMetrics(font).horizontalAdvance(text)
        room = QRect(left, 0, width + 2, self.height())
        painter.drawText(
            room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), text
        )
        return left + width


def dialog_button(
    text: str, pressed: Callable[[], object], parent: QWidget, *, primary: bool = False
) -> QPushButton:
    """A button at the foot of a dialog; Enter presses the primary one."""
    button = QPushButton(text, parent)
    button.setProperty("kind", "primary" if primary else "plain")
    button.setAccessibleName(text)
    button.setDefault(primary)
    button.clicked.connect(pressed)
    return button


class ActionButton(WordsButton):
    """One command as a button, its key beside its words.

    It is there only while the command can be done, unless it `stays`; and does the same.
    """

    def __init__(
        self,
        action: QAction,
        kind: Kind = "plain",
        parent: QWidget | None = None,
        *,
        with_key: bool = True,
        stays: bool = False,
    ) -> None:
        """Where there is little room, the key can be left to the tooltip."""
        super().__init__(kind=kind, parent=parent)
        self._action = action
        self._with_key = with_key
        self._stays = stays
        self._offered = True
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    @property
    def command(self) -> QAction:
        """The command it stands for."""
        return self._action

    def offer(self, offered: bool) -> None:
        """Whether to show the command here at all, while it can be done."""
        self._offered = offered
        self._follow()

    def _follow(self) -> None:
        words = self._action.text().replace("&", "")
        self.set_words(words, key=key_text(self._action) if self._with_key else "")
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(self._action.toolTip())
        self.setAccessibleDescription(self._action.toolTip())
        can_be_done = self._action.isEnabled() or self._stays
        there = self._offered and self._action.isVisible() and can_be_done
        if not there or self.parentWidget() is not None:  # else it would be a window of its own
            self.setVisible(there)


class IconButton(QToolButton):
    """A small button with an icon only; its name is its tooltip and what a screen reader says."""

    def __init__(self, icon: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = icon
        self.setIconSize(QSize(theme.ICON, theme.ICON))
        self.setFixedSize(theme.CONTROL_HEIGHT, theme.CONTROL_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_name(name)
        self._dress()

    def set_name(self, name: str) -> None:
        """Say what it does."""
        self.setToolTip(name)
        self.setAccessibleName(name)

    def show_icon(self, icon: str) -> None:
        """Show another icon."""
        if icon != self._icon:
            self._icon = icon
            self._dress()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        self.setIcon(icons.icon(self._icon, self.palette()))


class IconAction(IconButton):
    """One command as an icon, for where there is little room; there while it can be done."""

    def __init__(self, icon: str, action: QAction, parent: QWidget) -> None:
        super().__init__(icon, action.text(), parent)
        self._action = action
        self._offered = True
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def offer(self, offered: bool) -> None:
        """Whether to show the command here at all, while it can be done."""
        self._offered = offered
        self._follow()

    def _follow(self) -> None:
        self.setAccessibleName(self._action.text().replace("&", ""))
        self.setAccessibleDescription(self._action.toolTip())
        self.setToolTip(self._action.toolTip())
        self.setEnabled(self._action.isEnabled())
        self.setVisible(self._offered and self._action.isVisible() and self._action.isEnabled())
