"""A mail as it was formatted, or its text: nothing runs, is fetched or is opened by itself (EM-12).

Three guards stand behind each other: what `html` has cleaned is shown by `MailPage`, which knows
no picture but those it is handed, and a link is followed only after a question.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QColor,
    QContextMenuEvent,
    QDesktopServices,
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
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from ace_agent import theme
from ace_agent.desk import links
from ace_agent.desk.cut import Cut
from ace_agent.desk.html import Cleaned, Cleaner
from ace_agent.desk.links import Link
from ace_agent.desk.remote_pictures import RemotePictures
from ace_agent.desk.showable import Unreadable, Why
from ace_agent.desk.shown import shown
from ace_agent.sentences import filled
from ace_agent.settings import Settings
from ace_agent.tasks import Tasks, Trouble
from ace_agent.widgets import tips
from ace_agent.widgets.buttons import WordsButton
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.question import ask
from ace_agent.widgets.switch import Switch
from ace_agent.widgets.text import Reading, wrapped

PictureOf = Callable[[str], QImage | None]
"""A picture that came with the mail, by its content id; None where there is none."""

Opener = Callable[[QUrl], bool]

PAUSE_MS = 250
"""The text is shown when the formatted mail is not there by then: two faces would flicker."""

WIDEST = 760
"""Of a mail that is laid out before it has its place, in pixels, as of any other text."""

NARROWEST = 320
WIDE_ENOUGH = 440
"""Of a notice, in pixels, for its sentence and its button beside each other."""

MOST_OF_A_TEXT = 100_000
"""Characters of a text that are laid out; more would hold the window up."""

SMALLEST_ZOOM, LARGEST_ZOOM, STEP = 50, 300, 10
"""Percent."""

WORDS_INSTEAD = re.compile(r'<span class="alt">[^<]*</span>')
"""For a picture that is not loaded; `html_process` writes them, and puts no < or > in a value."""

EMPTY_FRAME = re.compile(r'<img src="blocked:[^<>]*>')

FACE = "mail"
FORMATTED, TEXT = "formatted", "text"


class MailPage(QTextBrowser):
    """Cleaned HTML to read, select and copy, as high as it is long.

    It follows the theme, or is a sheet of paper where the mail has colours of its own: those were
    chosen for paper.
    """

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
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_to(self._zoom + (STEP if event.angleDelta().y() > 0 else -STEP))
        else:
            event.ignore()  # what is around it scrolls

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl with + − and 0 zooms; page keys move what is around it."""
        is_zoom = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if is_zoom and event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_to(self._zoom + STEP)
        elif is_zoom and event.key() == Qt.Key.Key_Minus:
            self.zoom_to(self._zoom - STEP)
        elif is_zoom and event.key() == Qt.Key.Key_0:
            self.zoom_to(100)
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
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


class Notice(QFrame):
    """One quiet sentence about what is shown, and what can be done about it."""

    wanted = Signal()

    def __init__(self, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "quote")
        self._sentence = wrapped()
        self.button = WordsButton()
        self.button.clicked.connect(self.wanted)
        middle = Qt.AlignmentFlag.AlignVCenter
        told = QHBoxLayout()
        told.setSpacing(theme.SMALL)
        told.addWidget(Picture(icon, "secondary"), 0, middle)
        told.addWidget(self._sentence, 1, middle)
        self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._row.setContentsMargins(theme.MEDIUM, theme.TIGHT, theme.TIGHT, theme.TIGHT)
        self._row.setSpacing(theme.SMALL)
        self._row.addLayout(told, 1)
        self._row.addWidget(self.button, 0, middle | Qt.AlignmentFlag.AlignLeft)
        self.hide()

    @property
    def text(self) -> str:
        """What it says now; empty while it is hidden."""
        return self._sentence.text() if not self.isHidden() else ""

    def say(self, sentence: str, offer: str = "") -> None:
        """Say it, and offer something; a screen reader reads it where the keyboard comes by."""
        self._sentence.setText(sentence)
        self.setAccessibleName(sentence)
        self.button.set_words(offer)
        self.button.setAccessibleDescription(sentence)
        self.button.setVisible(bool(offer))
        self.setVisible(bool(sentence))

    def minimumSizeHint(self) -> QSize:
        """The button goes below the sentence where there is no room beside it."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= WIDE_ENOUGH
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._row.setDirection(across if is_wide else down)


@dataclass(frozen=True, slots=True)
class _Mail:
    """What was handed in."""

    html: str
    text: str
    picture: PictureOf


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How it is to be prepared."""

    mail: _Mail
    whole: bool
    dark: bool


class HtmlView(QWidget):
    """One mail at a time, formatted where it has HTML; as text where a person prefers that.

    Formatted comes first, since what cannot be shown safely is left out of it already, and a
    table or a quotation is hardly read as text. The choice is the person's, and is remembered.
    """

    settled = Signal()
    """What is shown is what was asked for."""

    face_changed = Signal()
    """The formatted mail is shown instead of its text, or the other way round."""

    def __init__(
        self,
        tasks: Tasks,
        cleaner: Cleaner,
        remote: RemotePictures,
        *,
        open_outside: Opener = QDesktopServices.openUrl,
        parent: QWidget | None = None,
    ) -> None:
        """`cleaner` and `remote` are the window's, and closed by it."""
        super().__init__(parent)
        self.setAccessibleName(self.tr("Mail"))
        self._tasks = tasks
        self._cleaner = cleaner
        self._remote = remote
        self._open_outside = open_outside
        self._mail: _Mail | None = None
        self._wanted: _Wanted | None = None
        self._done: _Wanted | None = None
        self._cleaned: Cleaned | None = None
        self._is_preparing = False
        self._loading: _Mail | None = None  # the mail whose pictures are under way
        self._loaded: dict[str, QImage] = {}
        self._prefers_text = False
        self._trouble: Why | None = None
        self.page = MailPage(self.tr("Formatted mail"))
        self.text = Reading(self.tr("Text of the mail"), airy=True)
        self._cut = Cut(self.tr("Text of the mail"))
        self.pictures = Notice("picture")
        self.more = Notice("info")
        self.trouble = Notice("info")
        self.formatted_action, self.text_action = self._make_actions()
        self.faces = Switch([self.formatted_action, self.text_action], self.tr("Shown as"))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._dressing = QTimer(self)
        self._dressing.setSingleShot(True)
        self._dressing.timeout.connect(self._prepare_soon)
        self._lay_out()
        self._connect()
        self.hide()

    @property
    def is_settled(self) -> bool:
        """Whether what is shown is what was asked for."""
        return self._wanted == self._done and self._loading is None

    def show_html(self, html: str, picture: PictureOf, text: str) -> None:
        """Show a mail; `text` is the same without its form, for whoever prefers that.

        `picture` is asked for those that came with the mail, by their content ids. The same mail
        again changes nothing.
        """
        if self._mail is not None and (self._mail.html, self._mail.text) == (html, text):
            return
        self.clear()
        self._mail = _Mail(html, text, picture)
        self.show()
        if not html.strip():
            self._show_face()
            return
        self._pause.start()
        self._prepare_soon()

    def show_text(self, text: str) -> None:
        """Show a mail that has nothing but text."""
        self.show_html("", _no_picture, text)

    def clear(self) -> None:
        """Show nothing, and forget what was loaded."""
        self._pause.stop()
        self._mail = self._wanted = self._done = self._cleaned = self._trouble = None
        self._loading = None
        self._loaded = {}
        self.page.show_html("", _no_picture)
        self.text.show_text("")
        for part in (self.page, self.text, self._cut, self.pictures, self.more, self.trouble):
            part.hide()
        self.formatted_action.setVisible(False)
        self.hide()

    @property
    def shows_text(self) -> bool:
        """Whether the words alone are shown."""
        return self.page.isHidden()

    def pictures_came(self) -> None:
        """More of the pictures that came with the mail can be had now."""
        if self._cleaned is not None:
            self._show_formatted()

    def focus_first(self) -> None:
        """Move the keyboard to what is read."""
        (self.text if self.page.isHidden() else self.page).setFocus()

    def remember(self, settings: Settings) -> None:
        """Keep which face the person prefers."""
        settings.keep_view(FACE, (TEXT if self._prefers_text else FORMATTED).encode())

    def restore(self, settings: Settings) -> None:
        """As it was remembered; formatted where nothing was."""
        self._prefers_text = settings.view(FACE) == TEXT.encode()
        self._show_face()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._wanted is not None:
            self._dressing.start()

    # Parts

    def _make_actions(self) -> tuple[QAction, QAction]:
        group = QActionGroup(self)
        made = []
        for words, tip in (
            (self.tr("Formatted"), self.tr("As it was written, without what could do harm")),
            (self.tr("Text"), self.tr("Its words alone")),
        ):
            action = QAction(words, group)
            action.setToolTip(tip)
            action.setCheckable(True)
            made.append(action)
        made[0].setVisible(False)
        return made[0], made[1]

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.addStretch(1)
        above.addWidget(self.faces)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SMALL, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addLayout(above)
        for part in (self.pictures, self.trouble, self.page, self.text, self._cut, self.more):
            column.addWidget(part)

    def _connect(self) -> None:
        self.formatted_action.triggered.connect(lambda: self._prefer(text=False))
        self.text_action.triggered.connect(lambda: self._prefer(text=True))
        self._pause.timeout.connect(self._show_face)
        self.page.anchorClicked.connect(self._follow)
        self.pictures.wanted.connect(self._load_soon)
        self.more.wanted.connect(self._show_whole)
        self.trouble.wanted.connect(self._show_source)

    # Preparing

    def _prepare_soon(self, *, whole: bool = False) -> None:
        if self._mail is None:
            return
        whole = whole or (self._wanted is not None and self._wanted.whole)
        dark = theme.colours(self.palette()) is theme.DARK
        self._wanted = _Wanted(self._mail, whole, dark)
        if not self._is_preparing:
            self._tasks.start(self._prepare(), name="prepare mail")

    async def _prepare(self) -> None:
        """One mail after the other, until what is shown is what is wanted."""
        if self._is_preparing:
            return
        self._is_preparing = True
        try:
            while (wanted := self._wanted) is not None and wanted != self._done:
                cleaned, trouble = await self._clean(wanted)
                if wanted == self._wanted:
                    self._done, self._cleaned, self._trouble = wanted, cleaned, trouble
                    self._pause.stop()
                    self._show_formatted()
        finally:
            self._is_preparing = False
        self.settled.emit()

    async def _clean(self, wanted: _Wanted) -> tuple[Cleaned | None, Why | None]:
        width = max(NARROWEST, self.page.viewport().width() if self.isVisible() else WIDEST)
        html = wanted.mail.html
        try:
            return (
                await self._cleaner.clean(html, width, whole=wanted.whole, dark=wanted.dark),
                None,
            )
        except Unreadable as trouble:
            return None, trouble.why

    # Showing

    def _prefer(self, *, text: bool) -> None:
        self._prefers_text = text
        self._show_face()

    def _show_formatted(self) -> None:
        cleaned = self._cleaned
        if cleaned is not None:
            paper = (cleaned.ground or theme.PAPER) if self._needs_paper(cleaned) else ""
            html = (WORDS_INSTEAD if self._loaded else EMPTY_FRAME).sub("", cleaned.html)
            self.page.show_html(html, self._picture, paper)
        self._show_face()

    def _needs_paper(self, cleaned: Cleaned) -> bool:
        """Its colours were chosen for paper; our own light ground is as white."""
        if not cleaned.is_coloured:
            return False
        is_dark = theme.colours(self.palette()) is theme.DARK
        return is_dark or bool(cleaned.ground)

    def _show_face(self) -> None:
        """The formatted mail or its text, and what there is to say about it."""
        mail = self._mail
        if mail is None:
            return
        has_form = self._cleaned is not None
        is_text = self._prefers_text or not has_form
        self.formatted_action.setVisible(has_form)
        self.formatted_action.setChecked(not is_text)
        self.text_action.setChecked(is_text)
        if is_text:
            self._show_text(mail.text)
        self.page.setVisible(not is_text)
        self.text.setVisible(is_text)
        self._cut.setVisible(is_text and len(mail.text) > MOST_OF_A_TEXT)
        self._say_what_is_left_out(is_text=is_text)
        self.face_changed.emit()

    def _show_text(self, text: str) -> None:
        self.text.show_text(shown(text[:MOST_OF_A_TEXT]))
        self._cut.follow(text, MOST_OF_A_TEXT)

    def _say_what_is_left_out(self, *, is_text: bool) -> None:
        cleaned = None if is_text else self._cleaned
        self.pictures.say(*self._about_pictures(cleaned))
        is_cut = cleaned is not None and cleaned.is_cut
        if is_cut and self._done is not None and not self._done.whole:
            self.more.say(self.tr("Only the beginning of this mail is shown."), self.tr("Show all"))
        elif is_cut:
            self.more.say(self.tr("This mail is too long or too intricate to be shown to its end."))
        else:
            self.more.say("")
        trouble = self._trouble
        if trouble is None:
            self.trouble.say("")
        else:
            self.trouble.say(self._about_trouble(trouble), self.tr("Show the source"))

    def _about_pictures(self, cleaned: Cleaned | None) -> tuple[str, str]:
        if cleaned is None:
            return "", ""
        count = len(cleaned.pictures)
        if self._loaded and len(self._loaded) < count:
            text = self.tr("%1 of %2 remote pictures could be loaded.")
            return filled(text, str(len(self._loaded)), str(count)), ""
        if count and not self._loaded:
            text = self.tr("%n remote pictures are not loaded.", "", count)
            return text, self.tr("Load them for this mail")
        return "", ""

    def _about_trouble(self, why: Why) -> str:
        match why:
            case Why.SLOW:
                return self.tr("This mail takes too long to prepare. Its text is shown instead.")
            case Why.TOO_LARGE:
                return self.tr("This mail is too large to be formatted. Its text is shown instead.")
            case _:
                return self.tr("This mail cannot be formatted. Its text is shown instead.")

    def _show_whole(self) -> None:
        self.page.setFocus()
        self._prepare_soon(whole=True)

    def _show_source(self) -> None:
        """What cannot be formatted can still be looked at, letter by letter (E-7)."""
        if self._mail is not None:
            self._show_text(self._mail.html)
            self._cut.setVisible(len(self._mail.html) > MOST_OF_A_TEXT)
            self.trouble.say(self.tr("This is the source of the mail."))
            self.text.setFocus()

    # Pictures

    def _picture(self, name: str) -> QImage | None:
        """One of the mail on show, by the name it has there."""
        kind, _, number = name.partition(":")
        cleaned, mail = self._cleaned, self._mail
        if cleaned is None or mail is None or not number.isdecimal():
            return None
        names = {"cid": cleaned.parts, "blocked": cleaned.pictures}.get(kind, ())
        if int(number) >= len(names):
            return None
        named = names[int(number)]
        return mail.picture(named) if kind == "cid" else self._loaded.get(named)

    def _load_soon(self) -> None:
        cleaned, mail = self._cleaned, self._mail
        if cleaned is None or mail is None or self._loading is mail:
            return
        self._loading = mail
        self.page.setFocus()
        self.pictures.say(self.tr("The pictures of this mail are being loaded."))
        self._tasks.start(self._load(cleaned, mail), name="load pictures")

    async def _load(self, cleaned: Cleaned, mail: _Mail) -> None:
        loaded = await self._remote.load(cleaned.pictures)
        if mail is not self._loading:
            return
        self._loading, self._loaded = None, loaded
        self._show_formatted()
        if not loaded:
            self.pictures.say(self.tr("None of the remote pictures could be loaded."))
        self.settled.emit()

    # Links

    def _follow(self, target: QUrl) -> None:
        link = links.read(target.toString(links.ENCODED))
        if link is not None:
            self._tasks.start(self._ask(link, self.page.text_of(target)))

    async def _ask(self, link: Link, text: str) -> None:
        answer = await ask(links.question(link, text, self))
        if answer == links.COPY:
            QGuiApplication.clipboard().setText(link.full)
        elif answer == links.OPEN and not self._open_outside(link.url):
            raise Trouble(self.tr("No program opened it. Copy the address instead."))


def _no_picture(name: str) -> None:
    """A mail without pictures."""
