"""A panel inside the window, above its other parts: gone with Esc, or when one goes elsewhere."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QWidget

from ace_agent import theme
from ace_agent.widgets.keys import keeps_enter


class Panel(QFrame):
    """Shown by `open`; gives the focus back to where it came from."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.host = parent
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._came_from: QWidget | None = None
        self._shade()
        self.hide()

    def open(self, focus: QWidget) -> None:
        """Show it where `place` puts it, with the focus on `focus`."""
        self._came_from = self.window().focusWidget()  # it may not be the active window yet
        self.place()
        self.show()
        self.raise_()
        focus.setFocus()
        self.window().installEventFilter(self)
        _app().focusObjectChanged.connect(self._follow_focus)

    def place(self) -> None:
        """Put it in its place within its parent; again whenever the window changes its size."""

    def leave(self, *, focus_back: bool = True) -> None:
        """Hide it."""
        if self.isHidden():
            return
        self.window().removeEventFilter(self)
        _app().focusObjectChanged.disconnect(self._follow_focus)
        self.hide()
        if focus_back and self._came_from is not None:
            self._came_from.setFocus()
        self._came_from = None
        self.closed.emit()

    def event(self, event: QEvent) -> bool:
        """Enter takes what is chosen here, whatever waits to be accepted."""
        return keeps_enter(event) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._shade()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return False

    def _follow_focus(self, target: QObject | None) -> None:
        if isinstance(target, QWidget) and target is not self and not self.isAncestorOf(target):
            self.leave(focus_back=False)

    def _shade(self) -> None:
        shade = QGraphicsDropShadowEffect(self)
        shade.setBlurRadius(32)
        shade.setOffset(0, 8)
        shade.setColor(theme.shade(self.palette()))
        self.setGraphicsEffect(shade)


def _app() -> QGuiApplication:
    app = QGuiApplication.instance()
    assert isinstance(app, QGuiApplication)
    return app
