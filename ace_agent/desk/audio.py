"""Plays one audio file at a time, and says why where it cannot be heard.

The one module of the desk that needs the system's sound library. A file is given to it only after
its first bytes said that it is audio (`files.kind`): what names other files is never read.
"""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl, Signal

try:  # needs the system's sound library
    from PySide6.QtMultimedia import (
        QAudioBufferOutput,
        QAudioOutput,
        QMediaDevices,
        QMediaPlayer,
    )
except ImportError:
    HAS_SOUND = False
else:
    HAS_SOUND = True

STEP_MS = 5_000
"""How far one step back or forward goes."""

SPEEDS = (0.75, 1.0, 1.25, 1.5, 2.0)
NORMAL = 1.0

PATIENCE_MS = 10_000
"""A file that is not understood after so long is not waited for: Qt reports no error."""


class Unheard(StrEnum):
    """Why a file cannot be played here."""

    NO_DEVICE = "no device"  # nothing to hear it with, or no sound library
    NOT_AUDIO = "not audio"  # broken, or in a form that is not known


Ear = Callable[["QMediaPlayer"], bool]
"""Gives a player something to be heard with; false where there is nothing."""


def loudspeaker(player: "QMediaPlayer") -> bool:
    """The system's device. Without one Qt "plays" in silence and reports no error: ask before."""
    device = QMediaDevices.defaultAudioOutput()
    if device.isNull():
        return False
    output = player.audioOutput()
    if output is None:
        player.setAudioOutput(QAudioOutput(device, player))
    else:
        output.setDevice(device)
    return True


def buffers(player: "QMediaPlayer") -> bool:
    """Nobody hears it: what is decoded is handed to whoever asks, on a machine without a device."""
    if player.audioBufferOutput() is None:
        player.setAudioBufferOutput(QAudioBufferOutput(player))
    return True


class Audio(QObject):
    """One file that plays, is paused, or is over; silent and empty at first."""

    changed = Signal()
    """It plays or no longer does, is somewhere else, or its length is known."""

    failed = Signal(object)
    """It cannot be heard: carries an `Unheard`, and nothing is loaded any more."""

    def __init__(self, parent: QObject | None = None, *, ear: Ear = loudspeaker) -> None:
        super().__init__(parent)
        self.ear = ear
        self._player: QMediaPlayer | None = None
        self._speed = NORMAL
        self._is_wanted = False  # to play as soon as it is understood
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(lambda: self._fail(Unheard.NOT_AUDIO))

    @property
    def is_loaded(self) -> bool:
        """Whether there is a file."""
        return self._player is not None and not self._player.source().isEmpty()

    @property
    def is_playing(self) -> bool:
        """Whether it runs."""
        return self._is_wanted or (
            self._player is not None
            and self._player.playbackState() == QMediaPlayer.PlaybackState.PlayingState
        )

    @property
    def duration(self) -> int:
        """The length in milliseconds; 0 while it is not known."""
        return self._player.duration() if self._player is not None else 0

    @property
    def position(self) -> int:
        """Where it is, in milliseconds from the beginning."""
        return self._player.position() if self._player is not None else 0

    def play(self, file: Path) -> None:
        """Play this file from its beginning, instead of any other."""
        self.stop()
        player = self._made()
        if player is None or not player.isAvailable() or not self.ear(player):
            self._fail(Unheard.NO_DEVICE)
            return
        self._is_wanted = True
        self._patience.start()
        player.setSource(QUrl.fromLocalFile(str(file)))
        player.setPlaybackRate(self._speed)
        self.changed.emit()

    def toggle(self) -> None:
        """Pause, or go on; at the end, begin again."""
        if self._player is None or not self.is_loaded or self._is_wanted:
            return
        if self.is_playing:
            self._player.pause()
        elif self.ear(self._player):  # the device may have changed meanwhile
            self._player.play()
        else:
            self._fail(Unheard.NO_DEVICE)

    def seek(self, position: int) -> None:
        """Go to this place, in milliseconds; no further than its beginning and its end."""
        if self._player is not None and self.is_loaded:
            self._player.setPosition(max(0, min(position, self.duration)))

    def set_speed(self, speed: float) -> None:
        """Play so many times as fast; it stays for the files that follow."""
        self._speed = speed
        if self._player is not None:
            self._player.setPlaybackRate(speed)

    def stop(self) -> None:
        """Silence; the file is let go."""
        self._is_wanted = False
        self._patience.stop()
        if self._player is not None and self.is_loaded:
            self._player.stop()
            self._player.setSource(QUrl())
            self.changed.emit()

    # The player

    def _made(self) -> "QMediaPlayer | None":
        """The player, made when first wanted: it loads the system's part."""
        if self._player is None and HAS_SOUND:
            self._player = QMediaPlayer(self)
            self._player.mediaStatusChanged.connect(self._follow)
            self._player.playbackStateChanged.connect(lambda _: self.changed.emit())
            self._player.positionChanged.connect(lambda _: self.changed.emit())
            self._player.durationChanged.connect(lambda _: self.changed.emit())
        return self._player

    def _follow(self, status: "QMediaPlayer.MediaStatus") -> None:
        assert self._player is not None  # it is the one who tells
        if status == QMediaPlayer.MediaStatus.InvalidMedia:
            self._fail(Unheard.NOT_AUDIO)
        elif status == QMediaPlayer.MediaStatus.LoadedMedia and self._is_wanted:
            self._patience.stop()
            if not self._player.hasAudio():
                self._fail(Unheard.NOT_AUDIO)
                return
            self._is_wanted = False
            self._player.play()

    def _fail(self, why: Unheard) -> None:
        self.stop()
        self.failed.emit(why)
