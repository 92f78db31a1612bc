"""Every colour, distance and size of text on the screen, light and dark.

Nowhere else is a colour. Which of the two sets a widget uses is read from its palette, so nothing
here is remembered; what the system or the person wants is handed in.
"""

from dataclasses import dataclass, fields
from string import Template
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from ace_server.wire import AgentState
from resources import path

Choice = Literal["system", "light", "dark"]

# Distances: a grid of 4

TIGHT, SMALL, MEDIUM, LARGE, WIDE = 4, 8, 12, 16, 24
RADIUS = 6
CONTROL_HEIGHT = 32
PRIMARY_HEIGHT = 36
ICON, SMALL_ICON, LARGE_ICON, EMPTY_ICON = 20, 16, 28, 48

# Text, in pixels at 100 %: the system's size, but never below these

TEXT, SECONDARY, TITLE, FIGURE = 13, 11, 17, 28

PAPER = "#ffffff"
"""What a page is printed on, light or dark."""

PULSE_MS = 1600
"""Once up and down, where something waits for the agent."""


@dataclass(frozen=True, slots=True)
class Colours:
    """One set; `PAIRS` says which stands on which."""

    window: str  # behind everything, and the strips
    surface: str  # where is read and written
    hover: str
    selected: str
    hairline: str
    thumb: str  # of a scroll bar at rest
    outline: str  # of what can be pressed or filled in
    text: str
    secondary: str
    disabled: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_tint: str
    ready: str
    busy: str
    wrap_up: str
    paused: str
    paused_tint: str
    logged_out: str
    alarm: str
    alarm_tint: str
    shadow: str


LIGHT = Colours(
    window="#f5f6f8",
    surface="#ffffff",
    hover="#eef1f4",
    selected="#e9f0fe",
    hairline="#e1e4ea",
    thumb="#c5cbd4",
    outline="#7f8896",
    text="#1a1f28",
    secondary="#565f6e",
    disabled="#8a93a1",
    accent="#2563eb",
    accent_hover="#1d4fd0",
    on_accent="#ffffff",
    accent_tint="#d9e6fd",
    ready="#15763a",
    busy="#0b6e69",
    wrap_up="#6d3bd8",
    paused="#96500a",
    paused_tint="#fdf1dc",
    logged_out="#565f6e",
    alarm="#b91c1c",
    alarm_tint="#fdeaea",
    shadow="#1a1f28",
)

DARK = Colours(
    window="#14171c",
    surface="#1b1f26",
    hover="#262b34",
    selected="#1f3050",
    hairline="#2b313b",
    thumb="#3d4552",
    outline="#768191",
    text="#e6e9ef",
    secondary="#a3adbc",
    disabled="#697383",
    accent="#60a5fa",
    accent_hover="#85bbfc",
    on_accent="#0b1526",
    accent_tint="#1d2f4e",
    ready="#4cc97c",
    busy="#3cc8ba",
    wrap_up="#b196fb",
    paused="#f0b13c",
    paused_tint="#33291a",
    logged_out="#a3adbc",
    alarm="#f98080",
    alarm_tint="#3a2024",
    shadow="#000000",
)

Pair = tuple[str, str]

TEXT_PAIRS: tuple[Pair, ...] = (
    *((ink, ground) for ink in ("text", "secondary") for ground in ("window", "surface", "hover")),
    *((ink, "selected") for ink in ("text", "secondary", "accent")),
    *((ink, "accent_tint") for ink in ("text", "secondary")),
    *((ink, ground) for ink in ("accent", "alarm") for ground in ("window", "surface", "hover")),
    *(
        (ink, ground)
        for ink in ("ready", "busy", "wrap_up", "paused", "logged_out")
        for ground in ("window", "surface", "hover", "selected")
    ),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("text", "paused_tint"),
    ("paused", "paused_tint"),
    ("text", "alarm_tint"),
    ("alarm", "alarm_tint"),
)
"""What is written on what: 4.5:1 at least."""

SHAPE_PAIRS: tuple[Pair, ...] = (
    *(("outline", ground) for ground in ("window", "surface", "selected")),
    *(("accent", ground) for ground in ("window", "surface", "accent_tint", "selected")),
)
"""What is drawn on what, where its shape must be seen: 3:1 at least."""

STATE_COLOURS = {
    AgentState.LOGGED_OUT: "logged_out",
    AgentState.PAUSED: "paused",
    AgentState.READY: "ready",
    AgentState.BOOKED: "accent",
    AgentState.BUSY: "busy",
    AgentState.WRAP_UP: "wrap_up",
}


def colours(palette: QPalette) -> Colours:
    """The set that a widget with this palette uses."""
    # not Window: a style sheet that makes a ground transparent makes that one black
    return DARK if palette.color(QPalette.ColorRole.Light).lightness() < 128 else LIGHT


def shade(palette: QPalette) -> QColor:
    """The shadow of what lies above the rest."""
    colour = QColor(colours(palette).shadow)
    colour.setAlphaF(0.28 if colours(palette) is LIGHT else 0.6)
    return colour


def mixed(first: str, second: str, share: float) -> QColor:
    """A colour between two: 0 is the first, 1 the second."""
    one, two = QColor(first), QColor(second)
    return QColor.fromRgbF(
        one.redF() + (two.redF() - one.redF()) * share,
        one.greenF() + (two.greenF() - one.greenF()) * share,
        one.blueF() + (two.blueF() - one.blueF()) * share,
    )


def contrast(ink: str, ground: str) -> float:
    """How far two colours are apart, 1 to 21 (WCAG 2.2)."""
    bright, dim = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: str) -> float:
    parts = (QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF())
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def is_dark(choice: Choice) -> bool:
    """Whether dark is wanted: chosen, or what the system shows."""
    if choice == "system":
        return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
    return choice == "dark"


def apply(app: QApplication, choice: Choice = "system") -> None:
    """Dress the whole program; called again when the choice or the system changes."""
    _tell_the_system(choice)
    chosen = DARK if is_dark(choice) else LIGHT
    app.setStyle("Fusion")
    font = app.font()
    font.setPixelSize(text_pixels(font))
    app.setFont(font)
    app.setPalette(_palette(chosen))
    app.setStyleSheet(_style_sheet(chosen, font.pixelSize()))


def _tell_the_system(choice: Choice) -> None:
    """Title bars and the system's own dialogs follow."""
    schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    hints = QGuiApplication.styleHints()
    wanted = schemes.get(choice)
    if wanted is None:
        hints.unsetColorScheme()
    elif hints.colorScheme() != wanted:
        hints.setColorScheme(wanted)


# Text


def text_pixels(font: QFont) -> int:
    """The system's size of text, but no less than ours."""
    return max(TEXT, QFontInfo(font).pixelSize())


def sized(font: QFont, size: int, *, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The font at one of the sizes above, in the proportion the system's size asks for."""
    other = QFont(font)
    other.setPixelSize(scaled(QGuiApplication.font().pixelSize(), size))
    other.setWeight(weight)
    return other


def scaled(text: int, size: int) -> int:
    """A size in pixels, where the program's text has `text` pixels."""
    return round(size * max(text, TEXT) / TEXT)


def figures(font: QFont) -> QFont:
    """Figures of one width, so that a running clock does not tremble."""
    other = QFont(font)
    other.setFeature(QFont.Tag("tnum"), 1)
    return other


# What Fusion is told


def _palette(chosen: Colours) -> QPalette:
    role = QPalette.ColorRole
    roles = {
        role.Window: chosen.window,
        role.WindowText: chosen.text,
        role.Base: chosen.surface,
        role.AlternateBase: chosen.window,
        role.Text: chosen.text,
        role.Button: chosen.surface,
        role.ButtonText: chosen.text,
        role.BrightText: chosen.on_accent,
        role.Highlight: chosen.accent,
        role.HighlightedText: chosen.on_accent,
        role.Accent: chosen.accent,
        role.Link: chosen.accent,
        role.LinkVisited: chosen.accent,
        role.ToolTipBase: chosen.surface,
        role.ToolTipText: chosen.text,
        role.PlaceholderText: chosen.secondary,
        role.Light: chosen.surface,
        role.Midlight: chosen.hover,
        role.Mid: chosen.hairline,
        role.Dark: chosen.outline,
        role.Shadow: chosen.shadow,
    }
    palette = QPalette()
    for each, colour in roles.items():
        palette.setColor(each, QColor(colour))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(chosen.disabled))
    return palette


def _style_sheet(chosen: Colours, text: int) -> str:
    values = {field.name: getattr(chosen, field.name) for field in fields(chosen)}
    sizes = {
        "secondary_size": scaled(text, SECONDARY),
        "title_size": scaled(text, TITLE),
        "radius": RADIUS,
        "tick": path("icons/tick.svg").as_posix(),
        "control": CONTROL_HEIGHT - 2,
        "primary": PRIMARY_HEIGHT - 2,
    }
    return Template(_STYLE).substitute(values | sizes)


_STYLE = """
QToolTip { background: $surface; color: $text; border: 1px solid $hairline; padding: 4px 8px; }

QDialog { background: $surface; }
*[role="secondary"] { color: $secondary; font-size: ${secondary_size}px; }
*[role="hint"] { color: $secondary; }
*[role="section"] { color: $secondary; font-size: ${secondary_size}px; font-weight: 600; }
*[role="title"] { color: $text; font-size: ${title_size}px; font-weight: 600; }
*[role="alarm"] { color: $alarm; font-size: ${secondary_size}px; }
*[role="surface"] { background: $surface; }
*[role="strip"] { background: $window; }
*[role="quote"] { background: $window; border: none; border-radius: ${radius}px; }
*[role="warning"] { background: $paused_tint; border: none; border-radius: ${radius}px; }
*[role="panel"] { background: $surface; border: 1px solid $outline; border-radius: 10px; }
*[role="line"] { background: $hairline; border: none; }

QMenuBar { background: $window; color: $text; padding: 2px 8px; spacing: 0; }
QMenuBar::item { background: transparent; padding: 4px 8px; border-radius: 4px; }
QMenuBar::item:selected, QMenuBar::item:pressed { background: $hover; }
QMenu { background: $surface; color: $text; border: 1px solid $hairline; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 8px; border-radius: 4px; }
QMenu::item:selected { background: $selected; color: $text; }
QMenu::item:disabled { color: $disabled; }
QMenu::separator { height: 1px; background: $hairline; margin: 4px 8px; }
QMenu::icon { padding-left: 4px; }

QPushButton {
  background: $surface; color: $text; border: 1px solid $outline; border-radius: ${radius}px;
  min-height: ${control}px; padding: 0 12px;
}
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $selected; }
QPushButton:focus {
  border: 2px solid $accent; padding: 0 11px; min-height: 28px; outline: none;
}
QPushButton:disabled { color: $disabled; border-color: $hairline; background: transparent; }
QPushButton[kind="primary"] {
  background: $accent; color: $on_accent; border: 1px solid $accent; font-weight: 600;
  min-height: ${primary}px; padding: 0 16px;
}
QPushButton[kind="primary"]:hover, QPushButton[kind="primary"]:pressed {
  background: $accent_hover; border-color: $accent_hover;
}
QPushButton[kind="primary"]:focus {
  border: 2px solid $text; padding: 0 15px; min-height: 32px;
}
QPushButton[kind="primary"]:disabled {
  background: $hover; color: $disabled; border-color: $hairline;
}
QPushButton[kind="quiet"] { background: transparent; border: 1px solid transparent; }
QPushButton[kind="quiet"]:hover { background: $hover; }
QPushButton[kind="quiet"]:pressed { background: $selected; }
QPushButton[kind="quiet"]:focus { border: 2px solid $accent; }
QPushButton::menu-indicator { image: none; width: 0; }

QToolButton {
  background: transparent; color: $text; border: 1px solid transparent;
  border-radius: ${radius}px; padding: 3px;
}
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $selected; }
QToolButton:focus { border: 2px solid $accent; padding: 2px; }
QToolButton::menu-indicator { image: none; width: 0; }

QLineEdit, QPlainTextEdit[kind="field"], QComboBox {
  background: $surface; color: $text; border: 1px solid $outline; border-radius: ${radius}px;
  padding: 0 8px; selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit, QComboBox { min-height: ${control}px; }
QPlainTextEdit[kind="field"] { padding: 4px; }
QLineEdit:focus, QPlainTextEdit[kind="field"]:focus, QComboBox:focus {
  border: 2px solid $accent; padding: 0 7px;
}
QLineEdit:focus, QComboBox:focus { min-height: 28px; }
QPlainTextEdit[kind="field"]:focus { padding: 3px; }
QLineEdit[wrong="true"], QPlainTextEdit[wrong="true"], QComboBox[wrong="true"] {
  border: 2px solid $alarm; padding: 0 7px; min-height: 28px;
}
QLineEdit, QPlainTextEdit { placeholder-text-color: $secondary; }
QLineEdit[kind="ask"] {
  border: none; border-bottom: 1px solid $hairline; border-radius: 0; background: transparent;
  min-height: 40px; padding: 0 16px;
}
QComboBox[empty="true"] { color: $secondary; }
QCheckBox { spacing: 8px; }
QCheckBox::indicator {
  width: 14px; height: 14px; border: 1px solid $outline; border-radius: 4px; background: $surface;
}
QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url($tick); }

QComboBox::drop-down { border: none; width: 28px; }
QComboBox QAbstractItemView {
  background: $surface; color: $text; border: 1px solid $hairline; padding: 4px; outline: none;
  selection-background-color: $selected; selection-color: $text;
}
QComboBox QAbstractItemView::item { min-height: 28px; padding: 0 4px; }

QTextEdit[kind="reading"] {
  background: transparent; color: $text; border: none; padding: 0;
  selection-background-color: $accent; selection-color: $on_accent;
}

QListView, QTreeView { background: transparent; border: none; outline: none; color: $text; }
QHeaderView { background: transparent; border: none; }
QScrollArea, QScrollArea > QWidget > QWidget[role="surface"] { border: none; }

QSplitter::handle { background: $hairline; }
QSplitter::handle:hover, QSplitter::handle:pressed { background: $accent; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $thumb; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $outline; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
"""
