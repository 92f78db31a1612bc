"""A slow pulse for what waits for the agent; it stands still where motion is not wanted."""

import math

from PySide6.QtCore import QObject, QVariantAnimation, Signal

from ace_agent import theme

RESTING = 0.6
"""How strong what does not move is shown."""


class Pulse(QObject):
    """One pulse for every part of a window, so that they breathe together."""

    moved = Signal(float)
    """How strong to show the accent now, 0 to 1."""

    def __init__(self, parent: QObject | None = None, *, still: bool = False) -> None:
        super().__init__(parent)
        self._still = still
        self._beating = False
        self.strength = 0.0
        self._clock = QVariantAnimation(self)
        self._clock.setStartValue(0.0)
        self._clock.setEndValue(1.0)
        self._clock.setDuration(theme.PULSE_MS)
        self._clock.setLoopCount(-1)
        self._clock.valueChanged.connect(self._move)

    @property
    def is_moving(self) -> bool:
        """Whether anything moves on the screen because of it."""
        return self._clock.state() == QVariantAnimation.State.Running

    def set_still(self, still: bool) -> None:
        """No motion, or motion again."""
        self._still = still
        self._follow()

    def beat(self, beating: bool) -> None:
        """Something waits for the agent, or no longer does."""
        if beating != self._beating:
            self._beating = beating
            self._follow()

    def _follow(self) -> None:
        if self._beating and not self._still:
            self._clock.start()
            return
        self._clock.stop()
        self._say(RESTING if self._beating else 0.0)

    def _move(self, phase: float) -> None:
        self._say(0.5 - 0.5 * math.cos(2 * math.pi * phase))

    def _say(self, strength: float) -> None:
        self.strength = strength
        self.moved.emit(strength)
