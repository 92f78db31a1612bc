"""What the tests of the window share."""

from pathlib import Path

import pytest

from ace_agent import theme
from ace_agent.settings import Settings
from tests.agent.bench import Bench


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    kept = Settings(tmp_path / "settings.ini")
    kept.reduced_motion = True
    return kept


@pytest.fixture
def bench(qapp, qtbot, run, settings):
    """`bench.window` shows a desk; end with nothing under way."""
    if theme.colours(qapp.palette()) is not theme.LIGHT or not qapp.styleSheet():
        theme.apply(qapp, "light")
    made = Bench(settings)

    async def stop() -> None:
        await made.window.stop()
        await made.session.stop()

    # stopped before it is closed, as the program does: what is hidden may tell the server so
    qtbot.addWidget(made.window, before_close_func=lambda _: run(stop()))
    made.window.show()
    made.window.activateWindow()
    yield made
