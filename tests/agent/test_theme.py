"""Colours and icons: readable in light and in dark, one family, each meaning one thing."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QPushButton

from ace_agent import icons, theme
from ace_agent.commands import catalogue
from ace_server.wire import AgentState, Medium
from resources import path
from tests.agent.scripted import contact

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)

SETS = {"light": theme.LIGHT, "dark": theme.DARK}
SOURCES = Path(theme.__file__).parent


@pytest.fixture
def dressed(qapp):
    yield lambda choice: theme.apply(qapp, choice)
    theme.apply(qapp, "light")


@pytest.mark.parametrize("colours", SETS.values(), ids=SETS)
@pytest.mark.parametrize(("ink", "ground"), theme.TEXT_PAIRS)
def test_text_is_readable(colours, ink, ground):
    assert theme.contrast(getattr(colours, ink), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("colours", SETS.values(), ids=SETS)
@pytest.mark.parametrize(("ink", "ground"), theme.SHAPE_PAIRS)
def test_shape_is_seen(colours, ink, ground):
    assert theme.contrast(getattr(colours, ink), getattr(colours, ground)) >= 3


def test_contrast_is_measured_as_wcag_says():
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("state", AgentState)
def test_every_state_has_its_own_shape_and_a_colour(state):
    shapes = [icons.of_state(each) for each in AgentState]
    assert len(set(shapes)) == len(shapes)
    assert path(f"icons/{icons.of_state(state)}.svg").exists()
    assert hasattr(theme.LIGHT, theme.STATE_COLOURS[state])


@pytest.mark.parametrize("choice", SETS)
def test_program_wears_the_set_that_was_chosen(dressed, choice):
    dressed(choice)
    assert QApplication.palette().color(QPalette.ColorRole.Window) == QColor(SETS[choice].window)
    assert theme.colours(QApplication.palette()) is SETS[choice]


def test_widget_with_a_transparent_ground_still_knows_its_set(qtbot, dressed):
    dressed("light")
    button = QPushButton("Why is this mine?")
    button.setProperty("kind", "quiet")
    qtbot.addWidget(button)
    button.show()
    assert theme.colours(button.palette()) is theme.LIGHT


def test_system_is_followed_where_nothing_was_chosen(qapp):
    dark = qapp.styleHints().colorScheme() == Qt.ColorScheme.Dark
    assert theme.is_dark("system") is dark


def test_text_keeps_the_size_the_system_asks_for_but_is_never_tiny():
    large, tiny = QFont(), QFont()
    large.setPixelSize(20)
    tiny.setPixelSize(8)
    assert theme.text_pixels(large) == 20
    assert theme.text_pixels(tiny) == theme.TEXT
    assert theme.scaled(26, theme.SECONDARY) == 2 * theme.SECONDARY


def test_icon_has_the_colour_that_was_asked_for(qapp):
    picture = icons.pixmap("state-ready", 20, theme.LIGHT.ready).toImage()
    assert picture.pixelColor(10, 10) == QColor(theme.LIGHT.ready)


def test_icon_is_sharp_on_a_screen_of_twice_the_pixels(qapp):
    picture = icons.pixmap("work-item", 16, theme.DARK.text, 2.0)
    assert (picture.width(), picture.devicePixelRatio()) == (32, 2.0)


def test_every_drawing_is_of_the_family(qapp):
    for file in path("icons").glob("*.svg"):
        if file.stem == "ace-agent":
            continue
        source = file.read_text("utf-8")
        assert 'viewBox="0 0 20 20"' in source, file.name
        assert "currentColor" in source, file.name
        assert "#" not in source, f"{file.name} has a colour of its own"


def test_every_command_with_an_icon_has_its_drawing(qapp):
    for command in catalogue():
        if command.icon:
            assert path(f"icons/{command.icon}.svg").exists()


def test_work_item_has_an_icon_of_its_own():
    assert icons.of_contact(contact()) == "work-item"
    assert icons.of_contact(contact(medium=Medium.EMAIL)) == "email"
    assert icons.of_contact(contact(channel="facebook")) == "channel-facebook"
    assert icons.of_contact(contact(channel="x")) == "channel-x"


def test_work_item_icon_is_used_for_nothing_else(qapp):
    assert "work-item" not in {command.icon for command in catalogue()}
    said = {
        file.name: file.read_text("utf-8").count('"work-item"') for file in SOURCES.rglob("*.py")
    }
    assert {name for name, count in said.items() if count} == {"icons.py", "preview.py"}


def test_program_has_an_icon(qapp):
    assert not icons.application().pixmap(32).isNull()


@pytest.mark.parametrize(
    ("media_type", "icon"),
    [
        ("image/png", "picture"),
        ("audio/wav", "audio"),
        ("application/pdf", "document"),
        ("text/plain", "document"),
        ("application/zip", "file"),
        ("", "file"),
    ],
)
def test_attachment_shows_its_kind(media_type, icon):
    assert icons.of_media_type(media_type) == icon
    assert path(f"icons/{icon}.svg").exists()
