"""The core of a server for every test of this folder, alone or with another process beside it."""

import pytest

from ace_server.admission import InStore
from ace_server.hearing import News
from ace_server.intake import Intake
from ace_server.leading import Presence
from ace_server.store import lease
from tests.core import Core, clock, configure, core

__all__ = ["clock", "configure", "core"]

LEASE = 8.0
"""Seconds."""


@pytest.fixture
async def presence(core):
    """The core of the house, seen from outside; it leads and is at work."""
    core.store.lead(await core.store.run(lease.take, "north", None))
    made = Presence(core.store, lambda: LEASE, core.clock)
    await made.look()
    return made


@pytest.fixture
def apart(core, presence):
    """Takes in beside the core, as another process would; what is told is heard when asked."""
    site = core.current.site
    admission = InStore(core.store, site, presence, core.clock)
    core.intake = Intake(core.store, site, admission, core.attachments, core.clock)
    return news_of(core)


def news_of(core: Core) -> News:
    return News(core.store, core.entrances, core.current._events)
