"""kill -9 of PostgreSQL under load, while our server goes on (T2).

The long run is a command: `python -m tests.proofs.crash --kills 200`.
"""

import sys
from collections.abc import Iterator

import pytest

from tests.postgresql import Cluster
from tests.proofs import kill
from tests.proofs.crash import Crashing
from tests.proofs.places import Places

SEEDS = [20261126]
"""Of the short run; a seed that once failed is added here and stays."""

KILLS = 4


@pytest.fixture(autouse=True)
def running(cluster: Cluster) -> Iterator[None]:
    """Others use it after this, whatever happens."""
    yield
    if not cluster.is_running:
        cluster.start()


@pytest.mark.skipif(
    sys.platform != "linux", reason="not proved here: that PostgreSQL may be killed (no /proc)"
)
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True, scope="module")
@pytest.mark.parametrize("seed", SEEDS)
async def test_the_server_goes_on_and_what_it_told_is_true_whenever_postgresql_is_killed(
    places: Places, seed: int
) -> None:
    figures = await kill.run(KILLS, seed, places, of=Crashing)
    print(*figures.lines(), sep="\n")
    assert figures.kills == KILLS
    assert figures.unanswered, "no sender heard of it"
