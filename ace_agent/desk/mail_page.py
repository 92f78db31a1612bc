"""Cleaned HTML of a mail, shown: it knows no picture but those it is handed, and goes nowhere.

What it shows and what is said of it is `html_view`'s matter.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QFont,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFragment,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QTextBrowser, QWidget

from ace_agent import theme
from ace_agent.desk import links
from ace_agent.desk.shown import shown
from ace_agent.widgets import tips

SMALLEST_ZOOM, LARGEST_ZOOM = 50, 300
"""Percent."""

ZOOM_KEYS = (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_0)


class MailPage(QTextBrowser):
    """Cleaned HTML to read, select and copy, as high as it is long.

    It follows the theme, or is a sheet of paper where the mail has colours of its own: those were
    chosen for paper.
    """

    zoomed = Signal(int)
    """It is so large now, in percent."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """`name` is what a screen reader calls it."""
        super().__init__(parent)
        self._pictures: Callable[[str], QImage | None] = lambda name: None
        self._paper = QColor()  # of the sheet; invalid: the theme's ground
        self._html, self._zoom = "", 100
        self._dressing = QTimer(self)  # once the whole window has its new colours
        self._dressing.setSingleShot(True)
        self._dressing.timeout.connect(self._show)
        self.setProperty("kind", "reading")
        self.setAccessibleName(name)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        self.setUndoRedoEnabled(False)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextBrowserInteraction
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.highlighted.connect(self._tell_target)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def show_html(
        self, html: str, pictures: Callable[[str], QImage | None], paper: str = ""
    ) -> None:
        """Show it; `pictures` are asked for by the names in it.

        `paper` is the colour of the sheet it is shown on, if it is not to follow the theme.
        """
        self._html, self._pictures = html, pictures
        if paper and not QColor.isValidColorName(paper):
            paper = theme.PAPER
        self._paper = QColor(paper)
        self._show()

    @property
    def zoom(self) -> int:
        """How large it is, in percent."""
        return self._zoom

    def zoom_to(self, percent: int) -> None:
        """Show it larger or smaller."""
        percent = min(LARGEST_ZOOM, max(SMALLEST_ZOOM, percent))
        if percent != self._zoom:
            self._zoom = percent
            self._show()
            self.zoomed.emit(percent)

    def loadResource(self, kind: int, name: QUrl | str) -> QImage:
        """A picture that was handed in, or one pixel; what Qt does by itself opens files (E-3)."""
        if kind == QTextDocument.ResourceType.ImageResource.value:
            named = name.toString() if isinstance(name, QUrl) else name
            image = self._pictures(named)
            if image is not None and not image.isNull():
                return image
        empty = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
        empty.fill(Qt.GlobalColor.transparent)
        return empty

    def doSetSource(
        self,
        name: QUrl | str,
        type: QTextDocument.ResourceType = QTextDocument.ResourceType.UnknownResource,
    ) -> None:
        """It shows what it is handed and goes nowhere."""

    def text_of(self, target: QUrl) -> str:
        """The words that lead to this address."""
        found, end = "", -1
        for fragment in fragments(self.document()):
            if QUrl(fragment.charFormat().anchorHref()) == target:
                # a word of two forms is one word still
                found += fragment.text() if fragment.position() == end else f" {fragment.text()}"
                end = fragment.position() + fragment.length()
        return found.strip()

    # What a person does

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copies text, never HTML: where it is pasted, it might be less safe."""
        data = QMimeData()
        text = self.textCursor().selection().toPlainText()
        data.setText(shown(text.replace("\ufffc", "")))
        return data

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu(self.anchorAt(event.pos())).popup(event.globalPos())

    def menu(self, target: str = "") -> QMenu:
        """What can be done with the selection, and with the link that leads there."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction(self.tr("Copy"), self.copy)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setEnabled(self.textCursor().hasSelection())
        link = links.read(target)
        if link is not None:
            full = link.full
            menu.addAction(
                self.tr("Copy address"), lambda: QGuiApplication.clipboard().setText(full)
            )
        menu.addAction(self.tr("Select all"), self.selectAll).setShortcut(
            QKeySequence.StandardKey.SelectAll
        )
        return menu

    def focusNextPrevChild(self, next: bool) -> bool:
        """Tab goes from link to link, and then on."""
        is_here = super().focusNextPrevChild(next)
        href = self.textCursor().charFormat().anchorHref() if is_here else ""
        self._tell_target(QUrl(href))
        return is_here

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # what is around it scrolls, or zooms

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page keys move what is around it, and with Ctrl + − and 0 zoom that."""
        has_ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        pages = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        if event.key() in pages or (has_ctrl and event.key() in ZOOM_KEYS):
            event.ignore()
        else:
            super().keyPressEvent(event)

    # How it looks

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._paper.isValid():
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._paper)
            painter.drawRoundedRect(self.viewport().rect(), theme.RADIUS, theme.RADIUS)
            painter.end()
        super().paintEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange) and self._html:
            self._dressing.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def _show(self) -> None:
        document = self.document()
        on_paper = self._paper.isValid()
        is_dark = on_paper and self._paper.lightness() < 128
        paper = theme.DARK if is_dark else theme.LIGHT
        chosen = paper if on_paper else theme.colours(self.palette())
        document.setDocumentMargin(theme.LARGE if on_paper else 0)
        document.setDefaultStyleSheet(_style(chosen))
        font = QFont(self.font())
        if font.pixelSize() > 0:
            font.setPixelSize(max(1, round(font.pixelSize() * self._zoom / 100)))
        document.setDefaultFont(font)
        self.setHtml(f"<body>{self._html}</body>")
        if self._zoom != 100:
            _zoom(document, self._zoom / 100)
        self._fit()

    def _fit(self) -> None:
        height = self.document().size().height()
        bar = self.horizontalScrollBar()
        if self.document().size().width() > self.viewport().width() + 1:
            height += bar.sizeHint().height()
        self.setFixedHeight(max(int(height + 0.999) + 2, theme.CONTROL_HEIGHT))

    def _tell_target(self, target: QUrl) -> None:
        """Where the link leads that the mouse or the keyboard is on (E-8)."""
        link = links.read(target.toString(links.ENCODED)) if not target.isEmpty() else None
        full = shown(link.full) if link is not None else ""
        self.setToolTip(tips.plain(full))
        self.setAccessibleDescription(full)


def _style(chosen: theme.Colours) -> str:
    """What the mail is written on and with where it does not say so itself."""
    return f"""
        body {{ color: {chosen.text}; line-height: 125%; }}
        a {{ color: {chosen.accent}; text-decoration: underline; }}
        img {{ max-width: 100%; }}
        table.quote {{ margin-top: {theme.SMALL}px; margin-bottom: {theme.SMALL}px; }}
        td.quote {{ border-left: 2px solid {chosen.outline}; padding-left: {theme.MEDIUM}px;
                    color: {chosen.secondary}; }}
        span.alt {{ color: {chosen.secondary}; }}
    """


def fragments(document: QTextDocument) -> list[QTextFragment]:
    """Every run of one format, in order."""
    found = []
    block = document.begin()
    while block.isValid():
        place = block.begin()
        while not place.atEnd():
            found.append(place.fragment())
            place += 1
        block = block.next()
    return found


def _zoom(document: QTextDocument, share: float) -> None:
    """Enlarge what has a size of its own; the rest follows the font of the document."""
    size = QTextFormat.Property.FontPixelSize
    sized = [
        (fragment.position(), fragment.length(), fragment.charFormat().intProperty(size))
        for fragment in fragments(document)
        if fragment.charFormat().hasProperty(size)
    ]
    cursor = QTextCursor(document)
    for position, length, pixels in sized:
        cursor.setPosition(position)
        cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
        larger = QTextCharFormat()
        larger.setProperty(size, max(1, round(pixels * share)))
        cursor.mergeCharFormat(larger)
