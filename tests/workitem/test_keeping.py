"""Files between the disk and the row that names them."""

import asyncio
import logging

import pytest

from ace_server.errors import Refused, Unavailable
from ace_server.workitem.keeping import Keeping


class Store:
    """Says what it was told to release, and may be away, or slow."""

    def __init__(self) -> None:
        self.released: list[list[str]] = []
        self.is_away = False
        self.may_go_on = asyncio.Event()
        self.may_go_on.set()

    async def release(self, digests: list[str]) -> None:
        await self.may_go_on.wait()
        if self.is_away:
            raise Unavailable("away")
        self.released.append(digests)


async def fail(keeping: Keeping, *digests: str) -> None:
    with pytest.raises(Refused):
        async with keeping.holding(digests):
            raise Refused("id-conflict", "other content")


async def test_what_went_well_is_not_released():
    store = Store()
    async with Keeping(store.release).holding(["a"]):
        pass
    assert store.released == []


async def test_what_failed_is_released():
    store = Store()
    await fail(Keeping(store.release), "b", "a", "a")
    assert store.released == [["a", "b"]]


async def test_what_another_counts_on_is_not_released_before_it_ends():
    store = Store()
    keeping = Keeping(store.release)
    async with keeping.holding(["a"]):
        await fail(keeping, "a", "b")
        assert store.released == [["b"]]
    assert store.released == [["b"], ["a"]]  # the store looks whether a row names it


async def test_nobody_counts_on_what_is_being_released():
    store = Store()
    keeping = Keeping(store.release)
    store.may_go_on.clear()
    failing = asyncio.create_task(fail(keeping, "a"))
    await asyncio.sleep(0)
    order: list[str] = []

    async def hold() -> None:
        async with keeping.holding(["a"]):
            order.append(f"held after {len(store.released)}")

    holding = asyncio.create_task(hold())
    async with keeping.holding(["other"]):
        order.append("other")
    store.may_go_on.set()
    await asyncio.gather(failing, holding)
    assert order == ["other", "held after 1"]


async def test_what_cannot_be_released_now_is_released_later(caplog):
    caplog.set_level(logging.INFO)
    store = Store()
    keeping = Keeping(store.release)
    store.is_away = True
    await fail(keeping, "a")
    assert "stay until the store can be used" in caplog.text
    store.is_away = False
    async with keeping.holding(["b"]):
        pass
    assert store.released == [["a"]]
