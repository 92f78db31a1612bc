"""Waiting in a test for what will happen, without saying how long it takes."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], object]) -> None:
    """Return when the condition holds; the limit of `run` is the only one."""
    while not condition():
        await asyncio.sleep(0.005)
