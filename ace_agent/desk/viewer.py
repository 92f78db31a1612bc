"""Where one picture or PDF is shown large: its pages, its zoom. What it shows is a `Showable`."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk.canvas import Canvas
from ace_agent.desk.showable import Showable, Unreadable
from ace_agent.sentences import filled
from ace_agent.tasks import Tasks
from ace_agent.widgets.buttons import IconButton
from ace_agent.widgets.text import ElidedLabel, label

DRAW_PAUSE_MS = 60
"""Zooming in steps, or a window that is being resized, is drawn when it pauses for so long."""


TURNS = {int(Qt.Key.Key_PageDown): 1, int(Qt.Key.Key_PageUp): -1}


class Viewer(QWidget):
    """One file at a time; there while it is shown."""

    appeared = Signal()
    """A file, or another page of it, has come up."""

    failed = Signal(object)
    """The file cannot be shown after all: carries a `Why`, and closes."""

    closing = Signal()
    """What is shown goes away."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Viewer"))
        self._tasks = tasks
        self._shown: Showable | None = None
        self._page = 0
        self._drawn: tuple[int, QSize] | None = None  # the page and the size of what is drawn
        self._laid_out: int | None = None  # the page whose size the canvas knows
        self._name = ElidedLabel(role="section")
        self._pages = QWidget()
        self._count = label(role="secondary")
        self.canvas = Canvas()
        self.back = IconButton("chevron-left", self.tr("Page before (Page Up)"))
        self.on = IconButton("chevron-right", self.tr("Next page (Page Down)"))
        self.smaller = IconButton("zoom-out", self.tr("Smaller (−)"))
        self.percent = QToolButton()
        self.larger = IconButton("zoom-in", self.tr("Larger (+)"))
        self.fit = IconButton("fit", self.tr("Fit (0)"))
        self.close_button = IconButton("close", self.tr("Close (Esc)"))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(DRAW_PAUSE_MS)
        self._lay_out()
        self._connect()
        self.hide()

    @property
    def is_drawn(self) -> bool:
        """Whether the page is there, as sharp as it can be."""
        return self._shown is not None and self._drawn == self._wanted()

    @property
    def page(self) -> int:
        """Which page is shown, from 0."""
        return self._page

    @property
    def words(self) -> str:
        """What it says of the page."""
        return self._count.text()

    def show_file(self, name: str, file: Showable) -> None:
        """Show this file, which is open, from its first page; it is closed here."""
        self.clear()
        self._shown = file
        self._name.setText(name)
        self.canvas.setAccessibleName(name)
        self._turn_to(0)

    def clear(self) -> None:
        """Close what is shown."""
        self._pause.stop()
        shown, self._shown = self._shown, None
        self._page, self._drawn, self._laid_out = 0, None, None
        self.canvas.clear()
        if shown is not None:
            shown.close()
            self.closing.emit()
        self.hide()

    def turn(self, pages: int) -> None:
        """Go so many pages on, or back."""
        if self._shown is not None:
            self._turn_to(min(self._shown.pages - 1, max(0, self._page + pages)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear()
        elif event.key() in TURNS and self._shown is not None and self._shown.pages > 1:
            self.turn(TURNS[event.key()])
        else:
            super().keyPressEvent(event)

    # Parts

    def _lay_out(self) -> None:
        self.percent.setFixedHeight(theme.CONTROL_HEIGHT)
        self.percent.setFont(theme.figures(self.percent.font()))
        self.percent.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        above = QHBoxLayout()
        above.setSpacing(0)  # quiet buttons have air around their icons
        above.addWidget(self._name, 1)
        for button in (self.smaller, self.percent, self.larger, self.fit, self.close_button):
            above.addWidget(button)
        pages = QHBoxLayout(self._pages)
        pages.setContentsMargins(0, 0, 0, 0)
        pages.setSpacing(theme.SMALL)
        pages.addStretch(1)
        turning: tuple[QWidget, ...] = (self.back, self._count, self.on)
        for part in turning:
            pages.addWidget(part)
        pages.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SMALL, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addLayout(above)
        column.addWidget(self._pages)
        column.addWidget(self.canvas)

    def _connect(self) -> None:
        canvas = self.canvas
        steps: tuple[tuple[QToolButton, Callable[[], None]], ...] = (
            (self.back, lambda: self.turn(-1)),
            (self.on, lambda: self.turn(1)),
            (self.smaller, canvas.zoom_out),
            (self.percent, lambda: canvas.zoom_to(1.0)),
            (self.larger, canvas.zoom_in),
            (self.fit, lambda: canvas.zoom_to(None)),
            (self.close_button, self.clear),
        )
        for button, step in steps:
            button.clicked.connect(step)
        canvas.zoomed.connect(self._say)
        canvas.wanted.connect(self._draw_later)
        self._pause.timeout.connect(self._draw_soon)

    def _say(self) -> None:
        """Which page of how many, and how large."""
        shown = self._shown
        if shown is None:
            return
        text = self.tr("%1 of %2 and more") if shown.has_more else self.tr("%1 of %2")
        self._count.setText(filled(text, str(self._page + 1), str(shown.pages)))
        self._pages.setVisible(shown.pages > 1)
        self._enable(self.back, self._page > 0)
        self._enable(self.on, self._page < shown.pages - 1)
        percent = self.tr("%1 %").replace("%1", str(round(100 * self.canvas.zoom)))
        self.percent.setText(percent)
        self.percent.setAccessibleName(self.tr("%1, show at 100 %").replace("%1", percent))
        self.percent.setToolTip(self.tr("Show at 100 % (1)"))

    def _enable(self, button: IconButton, enabled: bool) -> None:
        """The keyboard never stays on a button that does nothing."""
        if not enabled and button.hasFocus():
            self.canvas.setFocus()
        button.setEnabled(enabled)

    # Drawing

    def _turn_to(self, page: int) -> None:
        self._page = page
        self._say()
        self._draw_soon()

    def _wanted(self) -> tuple[int, QSize]:
        return self._page, self.canvas.size_wanted()

    def _draw_later(self) -> None:
        if not self.is_drawn:
            self._pause.start()

    def _draw_soon(self) -> None:
        is_due = self._shown is not None and not self.is_drawn
        if is_due and not self._tasks.is_running("draw"):
            self._tasks.start(self._draw(), name="draw")

    async def _draw(self) -> None:
        """One picture after the other, until what is shown is what is wanted."""
        while (shown := self._shown) is not None and self._drawn != self._wanted():
            try:
                await self._draw_once(shown)
            except Unreadable as trouble:
                if shown is self._shown:
                    self.failed.emit(trouble.why)
                    self.clear()

    async def _draw_once(self, shown: Showable) -> None:
        page = self._page
        if page != self._laid_out:
            size = await shown.size(page)
            if shown is not self._shown or page != self._page:
                return
            self._laid_out = page
            self.show()
            self.canvas.show_page(size, enlarges=shown.enlarges)
            self._say()
        wanted = self._wanted()
        image = await shown.image(*wanted)
        if shown is self._shown and page == self._page:
            is_new = self._drawn is None or self._drawn[0] != page
            self._drawn = wanted
            self.canvas.show_image(image)
            if is_new:
                self.appeared.emit()
