"""The whole program runs on each engine."""

from pathlib import Path

import pytest

from ace_server.administration import commands


@pytest.fixture
def data(tmp_path: Path, database_url: str) -> Path:
    """A data folder that remembers its database, and is not made yet where that lies in it."""
    folder = tmp_path / "data"
    commands.database(folder, database_url, remember=True)
    return folder
