"""kill -9 of the real server while mail comes in and is answered (T2).

The long run is a command: `python -m tests.proofs.mail_kill --kills 200`.
"""

import pytest

from tests.dovecot import Dovecot
from tests.proofs import mail_kill
from tests.proofs.places import Places

SEEDS = [20261127]
"""Of the short run; a seed that once failed is added here and stays."""

KILLS = {"sqlite": 2, "postgresql": 1}


@pytest.mark.parametrize("seed", SEEDS)
async def test_every_mail_is_there_once_and_no_answer_twice_whenever_the_server_is_killed(
    places: Places, engine: str, dovecot: Dovecot, seed: int
) -> None:
    figures = await mail_kill.run(KILLS[engine], seed, places, dovecot)
    print(*figures.lines(), sep="\n")
    assert figures.kills == KILLS[engine]
    assert figures.answers
