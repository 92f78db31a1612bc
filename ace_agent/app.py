"""The desktop program: finds its server, lets a person in, shows the desk, and ends it all.

What a page or the desk shows is their own matter; here is only which of them shows when.
"""

import asyncio
import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import (
    QCoreApplication,
    QLocale,
    QMessageLogContext,
    Qt,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)
from PySide6.QtGui import QDesktopServices, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ace_agent import icons, language, loop, theme
from ace_agent.child import Child, command
from ace_agent.desk.links import Opener
from ace_agent.embedded import Embedded
from ace_agent.first_start import FirstStart, steps
from ace_agent.link import Link, address
from ace_agent.login import LogInPage, primary_button
from ace_agent.main_window import MainWindow
from ace_agent.notices import Notices, Sound, Tray
from ace_agent.session import Changed, Session
from ace_agent.settings import Settings
from ace_agent.tasks import Tasks, Trouble
from ace_server import wire

log = logging.getLogger(__name__)

WIDTH, HEIGHT = 480, 680
"""Of the window before the desk, in pixels at 100 %."""

NO_FRAME = "This plugin does not support propagateSizeHints()"
"""What Qt says of every window where there is no screen."""

LEAVE_TIMEOUT = 3.0
"""Seconds that storing what was typed and logging out may take when the window is closed."""


def run(
    data: Path | None,
    server: str | None,
    database: str = "",
    early: Child | None = None,
    log_in: tuple[str, str] | None = None,
) -> int:
    """The desktop program, until its last window is closed; returns the exit code.

    `server` is one elsewhere (`https://host:port`); without it the one on the data folder is
    joined, or `early` is it, or one is started. `log_in` (login, password) goes straight in.
    """
    app = application()
    settings = Settings()
    dress(app, settings)

    async def main(close: asyncio.Event) -> int:
        program = Program(settings, data, server or "", database, early=early, log_in=log_in)
        return await program.run(close)

    return loop.run(app, main)


def application() -> QApplication:
    """The one QApplication of this process."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    qInstallMessageHandler(_log_qt)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("ACE Agent")
    app.setOrganizationName("ACE")
    app.setDesktopFileName("ace-agent")
    app.setWindowIcon(icons.application())
    return app


def dress(app: QApplication, settings: Settings) -> None:
    """The language and the look that the person chose, or the system's."""
    language.speak(app, language.chosen(settings.language, QLocale.system()))

    def look() -> None:
        theme.apply(app, settings.theme)

    app.styleHints().colorSchemeChanged.connect(look)
    look()


def _log_qt(kind: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
    if text == NO_FRAME:
        return
    levels = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO}
    logging.getLogger("qt").log(levels.get(kind, logging.WARNING), "%s", text)


class Program:
    """One run: its session, link, server and windows, and which of them hears which."""

    def __init__(
        self,
        settings: Settings,
        data: Path | None,
        server: str = "",
        database: str = "",
        *,
        early: Child | None = None,
        log_in: tuple[str, str] | None = None,
        opener: Opener = QDesktopServices.openUrl,
        made: Callable[[MainWindow], None] = lambda window: None,
    ) -> None:
        """`server` is one elsewhere; else the one on the data folder is joined or started.

        `early`: the child that `main.py` has started for the data folder.
        `made` is given the agent's window, before it is shown for the first time.
        """
        self.settings = settings
        self.session = Session()
        self.link = Link(self.session, authority=settings.authority)
        self.embedded = None if data is None else Embedded(data, database, early=early)
        self.door = self._make_door()
        self.window: MainWindow | None = None
        self._ahead: MainWindow | None = None  # made before it is needed, and not yet shown
        self.tray: Tray | None = None
        self._server = server
        self._log_in = log_in
        self._opener = opener
        self._made = made
        self._tasks = Tasks(lambda reason: log.warning("%s", reason))
        self._connect()

    def _connect(self) -> None:
        self.link.welcomed.connect(self._welcomed)
        self.link.lost.connect(self._lost)
        self.session.changed.connect(self._changed)
        self.session.logged_out.connect(self._logged_out)
        if self.embedded is not None:
            self.embedded.moved.connect(self.link.move)
            self.embedded.failed.connect(self._not_back)

    async def run(self, close: asyncio.Event) -> int:
        """Until `close` is set; returns the exit code."""
        self.door.show()
        self._open()
        try:
            await close.wait()
        finally:
            await self._end()
        return 1 if self.door.in_trouble else 0

    # The server

    def _open(self) -> None:
        self.door.wait()
        self._tasks.start(self._find_server(), name="open")

    async def _find_server(self) -> None:
        try:
            if self.embedded is None:
                found = address(self._server)
            else:
                found = await self.embedded.start()
            self.link.start(found)
        except Trouble as trouble:
            log.error("%s", trouble.reason)
            self.door.say_trouble(trouble.reason)

    def _lost(self, reason: str) -> None:
        log.info("no link: %s", reason)
        if self.session.agent is None and not self.door.in_trouble:
            self.door.log_in()  # there it says why, and that it is tried again
        if self.embedded is not None:
            self.embedded.look_after()

    def _not_back(self, reason: str) -> None:
        if self.session.agent is None or self.window is None:
            self.door.say_trouble(reason)
        else:
            self.window.say_trouble(reason)

    # Who is at the desk

    def _welcomed(self, welcome: wire.Welcome) -> None:
        if welcome.first_start:
            self.door.begin()
            return
        self.door.log_in()
        if self._log_in is not None:
            self.door.log_in_page.enter(*self._log_in)
            self._log_in = None

    def _changed(self, changed: Changed) -> None:
        if changed.what == "desk" and self.session.agent is not None and self.door.isVisible():
            self._show_desk()

    def _show_desk(self) -> None:
        if self.window is None:
            self.window, self._ahead = self._ahead or self._make_window(), None
            self._announce(self.window)
            self._made(self.window)
        self.window.show()
        self.door.hide()

    def _prepare(self) -> None:
        """The desk is made while the server gets ready or a person logs in, not after that."""
        if self.window is None and self._ahead is None and not self._tasks.is_running("desk"):
            self._tasks.start(self._make_ahead(), name="desk")

    async def _make_ahead(self) -> None:
        if self.window is None:  # else somebody was quicker
            self._ahead = self._make_window()

    def _make_door(self) -> "Door":
        door = Door(self.link, self.settings, self.embedded)
        door.again.connect(self._open)
        door.seen.connect(self._prepare)
        return door

    def _make_window(self) -> MainWindow:
        window = MainWindow(self.session, self.settings, opener=self._opener)
        window.language_chosen.connect(self._change_language)
        return window

    def _announce(self, window: MainWindow) -> None:
        """From now on this window makes bookings known."""
        self.tray = Tray(window, icons.application())
        sound = Sound("sounds/booked.wav")
        Notices(self.session, self.settings, window, sound=sound, show=self.tray)

    def _change_language(self) -> None:
        self._tasks.start(self._renew(), name="language")

    async def _renew(self) -> None:
        """Make both windows anew in the language that is chosen now; the session goes on."""
        app, old_window, old_door, old_tray = _app(), self.window, self.door, self.tray
        if old_window is None:
            return
        old_window.remember()
        language.speak(app, language.chosen(self.settings.language, QLocale.system()))
        self.door = self._make_door()
        self.door.log_in()
        self.window = self._make_window()
        self._announce(self.window)
        chosen = old_window.desk.chosen
        if chosen is not None:
            self.window.desk.choose(chosen.id)
        self.window.show()
        self.window.activateWindow()
        if old_tray is not None:
            old_tray.hide()
        for window in (old_window, old_door):
            await window.stop()
            window.hide()
            window.deleteLater()

    def _logged_out(self, reason: str) -> None:
        self.door.log_in()
        self.door.log_in_page.say(reason)
        self.door.show()
        if self.window is not None:
            self.window.hide()

    # The end

    async def _end(self) -> None:
        self.door.seen.disconnect(self._prepare)
        with suppress(Trouble, TimeoutError):
            async with asyncio.timeout(LEAVE_TIMEOUT):
                await self._leave()
        for window in (self.window, self._ahead):
            if window is not None:
                await window.stop()
        for part in (self._tasks, self.door, self.session, self.link):
            await part.stop()
        if self.embedded is not None:
            await self.embedded.stop()
        self._close_windows()
        self.settings.sync()

    async def _leave(self) -> None:
        self.session.logged_out.disconnect(self._logged_out)
        if self.session.link_up and self.session.agent is not None:
            await self.session.log_out()

    def _close_windows(self) -> None:
        if self.tray is not None:
            self.tray.hide()
        for window in (self.window, self.door):
            if window is not None:
                window.close()
                window.deleteLater()
        if self._ahead is not None:  # never shown: nothing of it is to be remembered
            self._ahead.deleteLater()


class Door(QWidget):
    """The window before the desk: waiting, trouble, the first start, the log-in."""

    again = Signal()
    """Try once more to find or start the server."""

    seen = Signal()
    """It is on the screen: what takes a while may be done now."""

    def __init__(self, link: Link, settings: Settings, embedded: Embedded | None) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("ACE Agent"))
        self.in_trouble = False
        self._log_file = embedded.log_file if embedded is not None else None
        self.log_in_page = LogInPage(link, settings)
        self.first_start = _first_start(link, settings, embedded)
        self.waiting = QLabel(self.tr("Starting the server…"), wordWrap=True)
        self.waiting.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.trouble = _Trouble(self._log_file)
        self.trouble.again.connect(self.again)
        self.trouble.quit.connect(self.close)
        self._pages = QStackedWidget()
        self._pages.setObjectName("pages")
        for page in (self.waiting, self.trouble, self.log_in_page, self.first_start):
            if page is not None:
                self._pages.addWidget(page)
        if self.first_start is not None:
            self.first_start.finished.connect(self._enter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*4 * (2 * theme.WIDE,))
        layout.setSpacing(theme.LARGE)
        layout.addWidget(self._mark())
        layout.addWidget(self._pages)
        self.resize(WIDTH, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.seen.emit()

    def _mark(self) -> QLabel:
        mark = QLabel()
        mark.setPixmap(icons.application().pixmap(theme.EMPTY_ICON))
        mark.setAccessibleName(self.tr("ACE Agent"))
        return mark

    def wait(self) -> None:
        """The server is being found, or started."""
        self.in_trouble = False
        self._pages.setCurrentWidget(self.waiting)

    def say_trouble(self, reason: str) -> None:
        """It cannot go on, and why."""
        self.in_trouble = True
        self.trouble.say(reason)
        self._pages.setCurrentWidget(self.trouble)

    def log_in(self) -> None:
        """Somebody may log in, or sees there why not yet."""
        self.in_trouble = False
        self._pages.setCurrentWidget(self.log_in_page)

    def begin(self) -> None:
        """The server has no user yet."""
        if self.first_start is not None:
            self._pages.setCurrentWidget(self.first_start)
            return
        self.say_trouble(
            self.tr(
                "This server has no users yet. Start ACE Agent on the server's own machine: "
                "there it asks for the first administrator."
            )
        )

    async def stop(self) -> None:
        """End what its pages have under way."""
        await self.log_in_page.stop()
        if self.first_start is not None:
            await self.first_start.stop()

    def _enter(self, login: str, password: str) -> None:
        self.log_in()
        self.log_in_page.enter(login, password)


def _first_start(link: Link, settings: Settings, embedded: Embedded | None) -> FirstStart | None:
    if embedded is None:
        return None
    return FirstStart(link, settings, embedded.secret, steps(command(), embedded.data))


class _Trouble(QWidget):
    """What happened, what is kept, what to do."""

    again = Signal()
    quit = Signal()

    def __init__(self, log_file: Path | None) -> None:
        super().__init__()
        title = QLabel(self.tr("ACE Agent cannot start"))
        title.setProperty("role", "title")
        self.reason = QLabel(wordWrap=True)
        self.reason.setTextFormat(Qt.TextFormat.PlainText)
        self.reason.setTextInteractionFlags(_SELECTABLE)
        kept = QLabel(
            self.tr("No contact is lost by this: try again once it is mended."), wordWrap=True
        )
        kept.setProperty("role", "secondary")
        self.log_file = QLabel(wordWrap=True)
        self.log_file.setProperty("role", "secondary")
        self.log_file.setTextInteractionFlags(_SELECTABLE)
        if log_file is not None:
            self.log_file.setText(
                self.tr("What the server wrote is in %1.").replace("%1", str(log_file))
            )
        again = primary_button(self.tr("Try again"))
        again.clicked.connect(self.again)
        leave = QPushButton(self.tr("Quit"))
        leave.clicked.connect(self.quit)
        buttons = QHBoxLayout()
        buttons.addWidget(leave)
        buttons.addStretch(1)
        buttons.addWidget(again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.MEDIUM)
        for part in (title, self.reason, kept, self.log_file):
            column.addWidget(part)
        column.addStretch(1)
        column.addLayout(buttons)

    def say(self, reason: str) -> None:
        """Show this sentence."""
        self.reason.setText(reason)


def _app() -> QCoreApplication:
    app = QCoreApplication.instance()
    assert app is not None
    return app


_SELECTABLE = (
    Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
)
