"""kill -9 of PostgreSQL under a server that goes on; what that told anybody is still true (T2).

    python -m tests.proofs.crash --kills 200 --seed 7

While it is away senders hear `unavailable` and when to come again, and agents see a notice. When it
is back work goes on by itself: our server is never started anew.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import ClassVar

from ace_server.server import CANNOT_STORE
from tests.proofs import kill
from tests.proofs.agent import ScriptedAgent
from tests.proofs.house import until
from tests.proofs.places import OnPostgresql
from tests.proofs.sender import Answer

ALL = 0.6
"""The part of kills that meet every process; the others meet one, and PostgreSQL ends the rest."""

Tasks = Sequence[asyncio.Task[None]]


class Crashing(kill.Life):
    """One place whose database goes away and comes back under a server that stays."""

    ENGINES: ClassVar[Sequence[str]] = ("postgresql",)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.agent = ScriptedAgent(self._agents_port, self.chance, may_be_unavailable=True)
        self.agent.on_ask = self._asked.set
        self._was_refused = False

    async def _kill_often(self, kills: int, tasks: Tasks) -> None:
        last = self.figures.kills + kills
        await self._until_all_work(tasks)
        while self.figures.kills < last:
            await self._until_aimed()
            kill.raise_failed(tasks)
            self.place.close()
            self.figures.kills += 1
            await self._crash(tasks)
            await self._until_all_work(tasks)
            self._look()
        assert self.figures.starts == self.figures.lives, "our server was started anew"

    async def _crash(self, tasks: Tasks) -> None:
        assert isinstance(self.place, OnPostgresql)
        cluster = self.place.cluster
        if self.chance.random() > ALL:
            await asyncio.to_thread(cluster.kill_one)
            return
        cluster.kill()
        await self._until_all_know(tasks)
        await asyncio.to_thread(cluster.start)

    async def _until_all_know(self, tasks: Tasks) -> None:
        """A sender was told to come again, and the agent that nothing can be stored."""
        self._was_refused = False
        await self._until(
            lambda: self._was_refused and self.agent.notice == str(CANNOT_STORE),
            tasks,
            "that it is away",
        )
        assert self._process is not None
        health = await self._process.health()
        assert health == (503, "cannot be used now"), health

    async def _until_all_work(self, tasks: Tasks) -> None:
        """Work items are taken in, the notice is taken back, and the agent gets something done."""
        receipts, answered = self.figures.receipts, self.agent.told.answered
        await self._until(
            lambda: (
                self.figures.receipts > receipts
                and self.agent.told.answered > answered
                and not self.agent.notice
            ),
            tasks,
            "that it is back",
        )

    async def _until(self, holds: Callable[[], bool], tasks: Tasks, what: str) -> None:
        async def is_known() -> bool:
            kill.raise_failed(tasks)
            return holds()

        await until(is_known, lambda: f"somebody does not notice {what}")

    async def _not_taken_in(self, answer: Answer) -> None:
        assert (answer.status, answer.code) == (503, "unavailable"), answer
        assert int(answer.retry_after) > 0
        self._was_refused = True
        await asyncio.sleep(kill.PAUSE)  # a sender's own, shorter than it was asked for


if __name__ == "__main__":
    sys.exit(kill.main(Crashing))
