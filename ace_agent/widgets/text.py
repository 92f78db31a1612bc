"""Labels and texts: what does not fit is shortened and told on hover, foreign text stays plain."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QTextBlockFormat,
    QTextCursor,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QTextEdit, QWidget

from ace_agent.widgets import tips

AIRY = 125.0
"""Percent of a line's height, for texts of more than a few lines."""


def label(text: str = "", role: str = "", parent: QWidget | None = None) -> QLabel:
    """A plain-text label; `role` is one the style sheet knows, such as `secondary` or `title`."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    return made


def wrapped(text: str = "", role: str = "", parent: QWidget | None = None) -> QLabel:
    """A plain-text label that breaks its line where there is no room."""
    made = label(text, role, parent)
    made.setWordWrap(True)
    return made


def hairline(parent: QWidget | None = None) -> QFrame:
    """One line between two parts."""
    line = QFrame(parent)
    line.setProperty("role", "line")
    line.setFixedHeight(1)
    return line


class ElidedLabel(QLabel):
    """One line that ends in … where there is no room; then the whole is its tooltip."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if role:
            self.setProperty("role", role)
        self.setText(text)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        return QSize(min(hint.width(), 24), hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        room = self.contentsRect()
        shown = QFontMetrics(self.font()).elidedText(
            self.text(), Qt.TextElideMode.ElideRight, room.width()
        )
        self.setToolTip(tips.plain(self.text()) if shown != self.text() else "")
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(room, int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)


class Reading(QTextEdit):
    """Foreign text to read, select and copy: plain, never HTML, as high as it is long."""

    _percent = 100

    def __init__(self, name: str, parent: QWidget | None = None, *, airy: bool = False) -> None:
        """`name` is what a screen reader calls it; `airy` lines stand further apart."""
        super().__init__(parent)
        self._airy = airy
        self.setProperty("kind", "reading")
        self.setAccessibleName(name)
        self.setReadOnly(True)
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setLineWrapMode(QTextEdit.LineWrapMode.WidgetWidth)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def show_text(self, text: str) -> None:
        """Show it; a selection somebody made stays where the text is the same."""
        if text != self.toPlainText():
            self.setPlainText(text)
            self._space_lines()
            self._fit()

    def enlarge(self, percent: int) -> None:
        """Show it so much larger than other texts, or smaller."""
        self._percent = percent
        self._dress()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._dress()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # what is around it scrolls

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page keys move what is around it."""
        if event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _dress(self) -> None:
        font = self.font()
        if font.pixelSize() > 0 and self._percent != 100:
            font.setPixelSize(max(1, round(font.pixelSize() * self._percent / 100)))
        if font != self.document().defaultFont():
            self.document().setDefaultFont(font)
            self._fit()

    def _space_lines(self) -> None:
        if self._airy:
            cursor = self.textCursor()
            cursor.select(QTextCursor.SelectionType.Document)
            spaced = QTextBlockFormat()
            spaced.setLineHeight(AIRY, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            cursor.mergeBlockFormat(spaced)

    def _fit(self) -> None:
        self.document().setTextWidth(self.viewport().width())
        height = max(self.document().size().height(), QFontMetrics(self.font()).lineSpacing())
        self.setFixedHeight(int(height + 0.999) + 2)
