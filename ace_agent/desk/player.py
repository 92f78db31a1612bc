"""The row in which an audio attachment plays: where it is, how fast, and how to go elsewhere."""

from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from ace_agent import theme
from ace_agent.desk import times
from ace_agent.desk.audio import NORMAL, SPEEDS, STEP_MS, Audio
from ace_agent.sentences import filled
from ace_agent.widgets.buttons import IconButton
from ace_agent.widgets.pick_list import PickList
from ace_agent.widgets.picture import Picture
from ace_agent.widgets.text import ElidedLabel, label

LINE, KNOB = 4, 12
"""How thick the line is, and what is dragged along it, in pixels."""

PAGE_MS = 30_000


class Player(QFrame):
    """Play and pause, the place, the length, the speed; there while a file is loaded."""

    closing = Signal()
    """It goes away, and the keyboard needs another place."""

    def __init__(self, audio: Audio, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "quote")
        self.setAccessibleName(self.tr("Player"))
        self.audio = audio
        self._name = ElidedLabel()
        self.button = IconButton("activate", self.tr("Play"))
        self.track = Track()
        self._gone = _clock()
        self._whole = _clock()
        self.speed = self._make_speed()
        self.close_button = IconButton("close", self.tr("Stop and close the player (Esc)"))
        self._lay_out()
        self._connect()
        self.hide()

    def play(self, name: str, file: Path) -> None:
        """Play this file, and show that it does."""
        self._name.setText(name)
        self.setAccessibleDescription(name)
        self.audio.play(file)

    def stop(self) -> None:
        """Silence; the row is gone."""
        self.audio.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.stop()
        else:
            super().keyPressEvent(event)

    # Parts

    def _make_speed(self) -> PickList:
        speed = PickList()
        speed.setAccessibleName(self.tr("Speed"))
        speed.setToolTip(self.tr("Speed (Up, Down)"))
        for factor in SPEEDS:
            number = self.locale().toString(factor, "g", 3)
            speed.addItem(self.tr("%1 ×").replace("%1", number), factor)
        speed.setCurrentIndex(SPEEDS.index(NORMAL))
        return speed

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(theme.SMALL)
        above.addWidget(Picture("audio", "secondary"))
        above.addWidget(self._name, 1)
        above.addWidget(self.speed)
        above.addWidget(self.close_button)
        below = QHBoxLayout()
        below.setSpacing(theme.SMALL)
        below.addWidget(self.button)
        below.addWidget(self._gone)
        below.addWidget(self.track, 1)
        below.addWidget(self._whole)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SMALL, theme.SMALL, theme.SMALL, theme.SMALL)
        column.setSpacing(theme.TIGHT)
        column.addLayout(above)
        column.addLayout(below)
        QWidget.setTabOrder(self.button, self.track)
        QWidget.setTabOrder(self.track, self.speed)
        QWidget.setTabOrder(self.speed, self.close_button)

    def _connect(self) -> None:
        self.button.clicked.connect(self.audio.toggle)
        self.track.moved.connect(self.audio.seek)
        self.track.toggled.connect(self.audio.toggle)
        self.speed.currentIndexChanged.connect(lambda place: self.audio.set_speed(SPEEDS[place]))
        self.close_button.clicked.connect(self.stop)
        self.audio.changed.connect(self._follow)

    def _follow(self) -> None:
        audio = self.audio
        if not audio.is_loaded and not self.isHidden():
            self.closing.emit()
        self.setVisible(audio.is_loaded)
        gone, whole = times.short(audio.position // 1000), times.short(audio.duration // 1000)
        self._gone.setText(gone)
        self._whole.setText(whole)
        self.track.show_place(audio.position, audio.duration)
        self.track.setAccessibleDescription(filled(self.tr("%1 of %2"), gone, whole))
        if audio.is_playing:
            self.button.show_icon("pause")
            self.button.set_name(self.tr("Pause (Space)"))
        else:
            self.button.show_icon("activate")
            self.button.set_name(self.tr("Play (Space)"))


class Track(QSlider):
    """The line along which a file plays: arrows go five seconds, the page keys thirty."""

    moved = Signal(int)
    """The person wants another place, in milliseconds."""

    toggled = Signal()
    """The person pressed Space: pause, or go on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setAccessibleName(self.tr("Place"))
        self.setToolTip(self.tr("Five seconds back or on (Left, Right)"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSingleStep(STEP_MS)
        self.setPageStep(PAGE_MS)
        self.actionTriggered.connect(lambda _: self.moved.emit(self.sliderPosition()))

    def show_place(self, position: int, duration: int) -> None:
        """Show how much of how much has played, in milliseconds; not while it is dragged."""
        if not self.isSliderDown():
            self.setMaximum(duration)
            self.setValue(position)

    def sizeHint(self) -> QSize:
        return QSize(160, theme.CONTROL_HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * theme.WIDE, theme.CONTROL_HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.toggled.emit()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()  # what is around it scrolls
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # what is around it scrolls

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setValue(self._at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setValue(self._at(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderDown(False)
            self.moved.emit(self.value())

    def paintEvent(self, event: QPaintEvent) -> None:
        chosen = theme.colours(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, left, right = self.height() / 2, KNOB / 2 + 1, self.width() - KNOB / 2 - 1
        here = left + (right - left) * self._share()
        for until, colour in ((right, chosen.outline), (here, chosen.accent)):
            painter.setBrush(QColor(colour))
            line = QRectF(left, middle - LINE / 2, until - left, LINE)
            painter.drawRoundedRect(line, LINE / 2, LINE / 2)
        painter.setBrush(QColor(chosen.accent))
        painter.drawEllipse(QPointF(here, middle), KNOB / 2, KNOB / 2)
        if self.hasFocus():
            painter.setPen(QPen(QColor(chosen.accent), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            frame = QRectF(self.rect()).adjusted(0.75, 3.75, -0.75, -3.75)
            painter.drawRoundedRect(frame, theme.RADIUS, theme.RADIUS)

    def _share(self) -> float:
        return self.value() / self.maximum() if self.maximum() else 0.0

    def _at(self, x: float) -> int:
        room = max(1.0, self.width() - KNOB - 2)
        return round(self.maximum() * min(1.0, max(0.0, (x - KNOB / 2 - 1) / room)))


def _clock() -> QLabel:
    made = label("0:00", role="secondary")
    made.setFont(theme.figures(made.font()))
    made.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return made
