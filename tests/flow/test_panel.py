"""A supervisor's panel over a real server, beside an agent at work: the whole program."""

import pytest
from PySide6.QtCore import Qt

from ace_server.wire import AgentState
from tests.agent.waiting import until
from tests.flow.bank import Wire, bank

# a window without a screen has no frame
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)

ALT = Qt.KeyboardModifier.AltModifier


def queue(window, name="Loan decisions"):
    """Waiting, in hand and ended, as the panel shows them."""
    model = window.main.panel.queue_model
    place = model.place((name, ""))
    cells = [model.index(place.row(), column).data() for column in (1, 3, 4)]
    return [int(cell) for cell in cells] if place.isValid() else None


def agent(window, login="anna"):
    """State and contact, as the panel shows them."""
    model = window.main.panel.agent_model
    place = model.place(login)
    return [model.index(place.row(), column).data() for column in (1, 3)]


def test_supervisor_sees_a_work_item_come_and_go(run, data):
    """This takes a second: the server tells at most once in one."""

    async def flow():
        async with bank(data) as site, site.window() as anna:
            await site.send("LOAN-1")
            contact = await anna.accepted()
            await site.send("LOAN-2")
            async with site.window("dagny") as dagny:
                assert dagny.main.panel.isVisible()
                await until(lambda: queue(dagny) == [1, 1, 0])
                assert agent(dagny) == ["Busy", f"Loan application {contact.id}"]
                await anna.session.pause("Lunch")
                anna.session.edit(contact.id, "Outcome", "Granted")
                await anna.session.end(contact.id)
                await until(lambda: queue(dagny) == [1, 0, 1])
                assert agent(dagny) == ["Paused: Lunch", ""]
                await dagny.press(Qt.Key.Key_1, ALT)
                assert dagny.main.desk.isVisible()

    run(flow())


def test_panel_comes_back_with_the_link_and_is_true_again(run, data):
    async def flow():
        async with bank(data) as site:
            wire = await Wire(site.facts["agents"]).plug()
            async with site.window("dagny", wire.port) as dagny:
                await until(lambda: queue(dagny) == [0, 0, 0])
                await wire.pull()
                await until(lambda: not dagny.session.link_up)
                assert queue(dagny) == [0, 0, 0]
                await site.send("LOAN-1")
                await wire.plug()
                await until(lambda: queue(dagny) == [1, 0, 0])
                assert dagny.state == AgentState.PAUSED
            await wire.pull()

    run(flow())


def test_agent_is_refused_by_the_server_itself(run, data):
    async def flow():
        async with bank(data) as site, site.window() as anna:
            told = []
            anna.session.told.connect(told.append)
            anna.main.board.want(True)
            await until(lambda: not anna.main.board._tasks.is_running("watch"))
            assert told == []
            assert not anna.main.board.is_known

    run(flow())
