"""The core of a server with somebody who watches it."""

import pytest

from ace_server.concepts import User
from ace_server.contact import Role
from tests.core import Core, Screen, clock, configure, core

__all__ = ["clock", "configure", "core"]

DAGNY = User(login="dagny", name="Dagny Sund", role=Role.SUPERVISOR)


@pytest.fixture
async def supervised(core, configure):
    """The core, with a supervisor among its users."""
    await configure("user", *core.current.site().users.values(), DAGNY)
    return core


@pytest.fixture
async def watch(supervised):
    """`await watch()`: a supervisor's program that was told everything."""

    async def begin(core: Core = supervised) -> Screen:
        screen = await core.log_in("dagny", activate=False)
        core.live.watch("dagny", screen)
        core.clock.advance(1.0)
        await core.live.push()
        return screen

    return begin
