"""A mail as it was formatted, or its text: nothing runs, is fetched or is opened by itself (EM-12).

Three guards stand behind each other: what `html` has cleaned is shown by `MailPage`, which knows
no picture but those it is handed, and a link is followed only after a question.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QAction,
    QActionGroup,
    QDesktopServices,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from ace_agent import theme
from ace_agent.desk import links
from ace_agent.desk.cut import Cut
from ace_agent.desk.html import Cleaned, Cleaner
from ace_agent.desk.links import Link, Opener
from ace_agent.desk.mail_page import ZOOM_KEYS, MailPage
from ace_agent.desk.remote_pictures import RemotePictures
from ace_agent.desk.showable import Unreadable, Why
from ace_agent.desk.shown import shown
from ace_agent.sentences import filled
from ace_agent.settings import Settings
from ace_agent.tasks import Tasks, Trouble
from ace_agent.widgets.notice import Notice
from ace_agent.widgets.question import ask
from ace_agent.widgets.switch import Switch
from ace_agent.widgets.text import Reading

PictureOf = Callable[[str], QImage | None]
"""A picture that came with the mail, by its content id; None where there is none."""

PAUSE_MS = 250
"""The text is shown when the formatted mail is not there by then: two faces would flicker."""

WIDEST = 760
"""Of a mail that is laid out before it has its place, in pixels, as of any other text."""

NARROWEST = 320

MOST_OF_A_TEXT = 100_000
"""Characters of a text that are laid out; more would hold the window up."""

WORDS_INSTEAD = re.compile(r'<span class="alt">[^<]*</span>')
"""For a picture that is not loaded; `html_process` writes them, and puts no < or > in a value."""

EMPTY_FRAME = re.compile(r'<img src="blocked:[^<>]*>')

STEP = 10
"""Percent that it becomes larger or smaller at once."""

FACE, ZOOM = "mail", "mail-zoom"
"""Under which are remembered: whether its words alone are shown, and how large."""
FORMATTED, TEXT = "formatted", "text"


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
    def stops(self) -> list[QWidget]:
        """What can have the keyboard here, in order, whether it is seen now or not."""
        above = [*self.faces.buttons, self.pictures.button, self.trouble.button]
        return [*above, self.page, self.text, self.more.button]

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
        """Keep which face the person prefers, and how large."""
        settings.keep_view(ZOOM, str(self.page.zoom).encode())
        settings.keep_view(FACE, (TEXT if self._prefers_text else FORMATTED).encode())

    def restore(self, settings: Settings) -> None:
        """As it was remembered; formatted where nothing was."""
        zoom = settings.view(ZOOM)
        if zoom.isdigit():
            self.zoom_to(int(zoom[:4]))
        self._prefers_text = settings.view(FACE) == TEXT.encode()
        self._show_face()

    # How large

    @property
    def zoom(self) -> int:
        """How large the mail is shown, in percent, formatted or not."""
        return self.page.zoom

    def zoom_to(self, percent: int) -> None:
        """Show it larger or smaller."""
        self.page.zoom_to(percent)

    def zoom_by(self, steps: int) -> None:
        """Show it so many steps larger, or smaller."""
        self.zoom_to(self.zoom + steps * STEP)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl and the wheel zoom."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_by(1 if event.angleDelta().y() > 0 else -1)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl with + − and 0 zooms, also in a window that has no commands for it."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        elif event.key() == Qt.Key.Key_0:
            self.zoom_to(100)
        elif event.key() in ZOOM_KEYS:
            self.zoom_by(-1 if event.key() == Qt.Key.Key_Minus else 1)
        else:
            event.ignore()

    # What can be asked for

    @property
    def can_load(self) -> bool:
        """Whether there are remote pictures that nobody has asked for yet."""
        return bool(self.pictures.button.isVisibleTo(self) and self.pictures.text)

    @property
    def can_show_whole(self) -> bool:
        """Whether there is more of this mail to be shown."""
        return bool(self.more.button.isVisibleTo(self) and self.more.text)

    @property
    def has_two_faces(self) -> bool:
        """Whether it can be shown formatted, and as text."""
        return self._cleaned is not None

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
        self.formatted_action.triggered.connect(lambda: self.prefer(text=False))
        self.text_action.triggered.connect(lambda: self.prefer(text=True))
        self._pause.timeout.connect(self._show_face)
        self.page.anchorClicked.connect(self._follow)
        self.page.zoomed.connect(self.text.enlarge)
        self.pictures.wanted.connect(self.load_pictures)
        self.more.wanted.connect(self.show_whole)
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

    def prefer(self, *, text: bool) -> None:
        """Show this mail, and those that follow, as text or formatted."""
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
        seen, other = (self.text, self.page) if is_text else (self.page, self.text)
        had = self.window().focusWidget() is other
        seen.show()  # before the other goes: else the keyboard goes somewhere else in between
        if had:
            seen.setFocus(Qt.FocusReason.OtherFocusReason)
        other.hide()
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

    def show_whole(self) -> None:
        """Show also what lies behind the beginning."""
        self._read_on_from(self.more)
        self._prepare_soon(whole=True)

    def _read_on_from(self, notice: Notice) -> None:
        """Its button goes; a command does the same for who is elsewhere, and stays there."""
        if self.window().focusWidget() is notice.button:
            self.page.setFocus()

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

    def load_pictures(self) -> None:
        """Load the remote pictures of this mail."""
        cleaned, mail = self._cleaned, self._mail
        if cleaned is None or mail is None or self._loading is mail:
            return
        self._loading = mail
        self._read_on_from(self.pictures)
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
