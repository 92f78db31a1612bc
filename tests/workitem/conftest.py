"""What the tests of the WorkItem Server share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.workitem.bench import Bench


@pytest.fixture
async def bench(data: Path) -> AsyncIterator[Bench]:
    """A server that runs, and a site to change."""
    made = Bench(data)
    await made.start()
    yield made
    await made.stop()
