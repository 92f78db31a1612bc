"""The stores that the contract is checked on: every test runs on each engine.

What is true of one engine only stands in a module of its name.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from ace_server.store import Store
from tests.store.seams import Watched


@pytest.fixture
def seam() -> Watched:
    """What the store's calls pass; lets all through until a test says otherwise."""
    return Watched()


@pytest.fixture
def make_store(data: Path, database_url: str, seam: Watched) -> Iterator[Callable[[], Store]]:
    """`make_store()`: one more store on the same data, not yet open; closed at the end."""
    made: list[Store] = []

    def make() -> Store:
        made.append(Store(data, url=database_url, seam=seam))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(make_store: Callable[[], Store]) -> Store:
    """An open, empty store; `perform` does jobs in the calling thread."""
    store = make_store()
    store.open()
    return store


@pytest.fixture
async def running(store: Store) -> AsyncIterator[Store]:
    """An open, empty store with its thread; `run` does jobs on it."""
    store.start()
    yield store
    await store.stop()
