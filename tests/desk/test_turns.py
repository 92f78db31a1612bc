"""Slow commands take turns beside the ordered ones, and nothing overtakes what it depends on."""

import asyncio

import pytest

from ace_server import wire
from ace_server.desk import turns
from ace_server.desk.turns import Turns
from ace_server.errors import Refused


class Served:
    """Answers each command when it is let go."""

    def __init__(self):
        self.begun, self.done = [], []
        self.gates = {}
        self.turns = Turns(self._serve)

    def begin(self, *commands):
        for command in commands:
            assert self.turns.takes(command)
            self.gates[command.request] = asyncio.Event()
            self.turns.begin(command)

    async def settle(self):
        """Return when everybody who can begin has."""
        for _ in range(5):
            await asyncio.sleep(0)

    async def _serve(self, command):
        self.begun.append(command.request)
        await self.gates[command.request].wait()
        self.done.append(command.request)


def read(request, contact=None):
    return wire.ReadMail(request=request, contact=contact or request)


def send(request, draft=7):
    return wire.SendMail(request=request, draft=wire.Draft(id=draft, kind="new"))


async def test_what_changes_a_desk_takes_no_turn_and_a_slow_command_does():
    waiting = Turns(None)
    assert not waiting.takes(wire.Accept(request=1, contact=1))
    assert not waiting.takes(wire.SaveDraft(request=1, draft=wire.Draft(id=7, kind="new")))
    assert waiting.takes(read(1)) and waiting.takes(wire.Compose(request=1, kind="new"))


async def test_few_of_a_link_are_done_at_once_and_no_more_than_many_wait():
    served = Served()
    served.begin(*map(read, range(1, turns.MOST + 1)))
    await served.settle()
    assert served.begun == [1, 2, 3]
    with pytest.raises(Refused, match="too-many"):
        served.turns.begin(read(99))
    served.gates[2].set()
    await served.settle()
    assert served.begun == [1, 2, 3, 4]
    await served.turns.stop()


async def test_nothing_about_a_draft_overtakes_what_sends_it():
    served = Served()
    served.begin(send(1))
    served.begin(wire.DiscardDraft(request=2, draft=7), send(3, draft=8))
    await served.settle()
    assert served.begun == [1, 3]
    served.gates[1].set()
    await served.settle()
    assert served.begun == [1, 3, 2]
    for gate in served.gates.values():
        gate.set()
    await served.turns.stop()
    assert not served.turns.takes(wire.DiscardDraft(request=4, draft=7))


async def test_with_the_link_goes_what_only_reads_and_nothing_that_sends():
    served = Served()
    served.begin(read(1), send(2))
    await served.settle()
    stopping = asyncio.create_task(served.turns.stop())
    await served.settle()
    served.gates[2].set()
    await stopping
    assert served.done == [2]


async def test_a_server_that_stops_waits_for_nobody():
    served = Served()
    served.begin(send(1))
    stopping = asyncio.create_task(served.turns.stop())
    await served.settle()
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    assert served.begun == [1] and not served.done
