"""The core of a server for every test of this folder, and one that has mail."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ace_server.clock import ManualClock
from tests.core import clock, configure, core
from tests.desk.mailing import Office, opened

__all__ = ["clock", "configure", "core", "office"]


@pytest.fixture
async def office(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Office]:
    """A bank that has mail."""
    async with opened(tmp_path, clock) as made:
        yield made
