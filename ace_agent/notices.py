"""A booked contact makes itself known: by a sound, on the desktop and in the taskbar.

Nothing of the contact's content leaves the window: a desktop may keep and show what it was told.
"""

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from ace_agent.session import Session
from ace_agent.settings import Settings
from ace_server import wire
from resources import path

try:  # needs the system's sound library
    from PySide6.QtMultimedia import QMediaDevices, QSoundEffect
except ImportError:
    HAS_SOUND = False
else:
    HAS_SOUND = True

log = logging.getLogger(__name__)

VOLUME = 0.8


class Sound:
    """One short sound, loaded when first wanted; the system's beep where it cannot be heard."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._effect: QSoundEffect | None = None

    def __call__(self) -> None:
        """Play it once."""
        # Without a device Qt "plays" in silence and reports no error: ask before.
        if not HAS_SOUND or QMediaDevices.defaultAudioOutput().isNull():
            QApplication.beep()
            return
        if self._effect is None:
            self._effect = QSoundEffect()
            self._effect.setSource(QUrl.fromLocalFile(str(path(self._name))))
            self._effect.setVolume(VOLUME)
            self._effect.statusChanged.connect(self._beep_if_broken)
        self._effect.play()

    def _beep_if_broken(self) -> None:
        if self._effect is not None and self._effect.status() == QSoundEffect.Status.Error:
            log.warning("%s cannot be played", self._name)
            QApplication.beep()


class Tray(QObject):
    """The icon in the system's tray, through which the desktop shows a message."""

    def __init__(self, window: QWidget, icon: QIcon) -> None:
        super().__init__(window)
        self._window = window
        self._tray: QSystemTrayIcon | None = None
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._tray = QSystemTrayIcon(icon, self)
            self._tray.messageClicked.connect(self._show_window)
            self._tray.activated.connect(self._show_window)
            self._tray.show()

    def __call__(self, title: str, text: str) -> None:
        """Show it, where this desktop can."""
        if self._tray is not None:
            self._tray.showMessage(title, text, QSystemTrayIcon.MessageIcon.Information)

    def _show_window(self) -> None:
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.raise_()
        self._window.activateWindow()

    def hide(self) -> None:
        """Take the icon away."""
        if self._tray is not None:
            self._tray.hide()


class Notices(QObject):
    """Follows the session and announces every booking once; the settings say by what."""

    def __init__(
        self,
        session: Session,
        settings: Settings,
        window: QWidget,
        *,
        sound: Callable[[], None],
        show: Callable[[str, str], None],
    ) -> None:
        super().__init__(window)
        self._session = session
        self._settings = settings
        self._window = window
        self._sound = sound
        self._show = show
        self._announced: tuple[int, object] | None = None
        session.changed.connect(self._look)

    def _look(self) -> None:
        booked = self._booked()
        booking = (booked.id, booked.booked_until) if booked is not None else None
        if booking == self._announced:
            return
        self._announced = booking
        if booked is not None:
            self._announce(booked)

    def _booked(self) -> wire.Contact | None:
        contacts = self._session.contacts.values()
        return next((c for c in contacts if c.state == wire.State.BOOKED), None)

    def _announce(self, contact: wire.Contact) -> None:
        if self._settings.sound:
            self._sound()
        if self._settings.alert:
            QApplication.alert(self._window)
        if self._settings.notification and not self._window.isActiveWindow():
            self._show(self._title(contact), self.tr("Accept with F10."))

    def _title(self, contact: wire.Contact) -> str:
        what = contact.task_type or contact.entrance
        if contact.medium == wire.Medium.WORK_ITEM:
            return self.tr("A work item is booked for you: %1").replace("%1", what)
        return self.tr("An e-mail is booked for you: %1").replace("%1", what)
