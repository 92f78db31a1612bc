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


def send(request, draft=7, contact=None):
    return wire.SendMail(request=request, draft=wire.Draft(id=draft, kind="new", contact=contact))


def pressed(request, contact):
    return wire.DidNotArrive(request=request, contact=contact)


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


LETS_GO = (wire.Decline, wire.Park, wire.End, wire.Requeue)


@pytest.mark.parametrize("kind", LETS_GO)
async def test_a_contact_is_let_go_of_when_what_was_sent_about_it_has_left(kind):
    served = Served()
    served.begin(read(1, contact=5), pressed(2, contact=5), send(3, contact=5))
    served.begin(kind(request=4, contact=5))
    for request in (1, 2, 3):
        await served.settle()
        assert 4 not in served.begun
        served.gates[request].set()
    await served.settle()
    assert served.begun[-1] == 4
    served.gates[4].set()
    await served.turns.stop()


@pytest.mark.parametrize("kind", LETS_GO)
async def test_no_contact_waits_for_who_only_reads_it_or_for_another_one(kind):
    served = Served()
    served.begin(read(1, contact=5), send(2, contact=6), pressed(3, contact=7))
    assert not served.turns.takes(kind(request=4, contact=5))
    assert not served.turns.takes(wire.Accept(request=5, contact=7))  # it stays in hand
    for gate in served.gates.values():
        gate.set()
    await served.turns.stop()


async def test_nothing_overtakes_what_waits_in_order_and_no_slow_reader_holds_it_up():
    served = Served()
    served.begin(send(1, contact=5), *(read(one) for one in (2, 3, 4)))
    served.begin(wire.Park(request=5, contact=5), wire.Resume(request=6, contact=6), read(7))
    for request in (1, 5, 6):
        await served.settle()
        served.gates[request].set()
    await served.settle()
    assert served.begun == [1, 2, 3, 4, 5, 6] and served.done == [1, 5, 6]
    assert not served.turns.takes(wire.Activate(request=8))
    for gate in served.gates.values():
        gate.set()
    await served.turns.stop()


async def test_who_logs_out_waits_for_what_was_sent_and_is_not_logged_out_once_the_link_is_lost():
    served = Served()
    assert not served.turns.takes(wire.LogOut(request=9))
    served.begin(send(1), wire.LogOut(request=2))
    await served.settle()
    assert served.begun == [1]
    stopping = asyncio.create_task(served.turns.stop())
    served.gates[1].set()
    await stopping
    assert served.done == [1]


async def test_a_log_in_that_has_ended_begins_nothing_more():
    served = Served()
    served.begin(send(1), wire.SaveDraft(request=2, draft=wire.Draft(id=7, kind="new")))
    served.begin(*(send(one, draft=one) for one in (3, 4, 5)))
    await served.settle()
    served.turns.give_up()
    for gate in served.gates.values():
        gate.set()
    await served.turns.stop()
    assert served.done == [1, 3, 4]


async def test_no_more_waits_than_memory_has_room_for():
    served = Served()
    half = turns.MOST_CHARACTERS // 2
    served.turns.begin(read(1), half)
    served.turns.begin(read(2), half)
    with pytest.raises(Refused, match="too-many"):
        served.turns.begin(read(3), 1)
    await served.turns.stop()
    served.turns.begin(read(4), half)  # what is done takes no room
    await served.turns.stop()


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
