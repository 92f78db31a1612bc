"""The places that proofs run on: each proof on each engine."""

from collections.abc import Iterator

import pytest

from tests import dovecot as servers
from tests.proofs.places import Place, Places


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    """Of one engine all of a module's proofs, then of the other."""
    return str(request.param)


@pytest.fixture(scope="module")
def places(
    request: pytest.FixtureRequest, engine: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Places]:
    """Makes places on the engine; removed at the end."""
    cluster = request.getfixturevalue("cluster") if engine == "postgresql" else None
    made = Places(tmp_path_factory.mktemp("places"), cluster)
    yield made
    made.close()


@pytest.fixture
def place(places: Places) -> Iterator[Place]:
    """An empty one."""
    made = places.empty()
    yield made
    places.remove(made)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[servers.Dovecot]:
    """A real mail server for the whole run; skips, and says so, where there is none."""
    with servers.dovecot() as made:
        if made is None:
            pytest.skip(servers.MISSING)
        yield made
