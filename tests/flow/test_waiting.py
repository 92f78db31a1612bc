"""What waits, in the whole program: told live, opened, picked; queues and work levels."""

import pytest
from PySide6.QtCore import Qt

from ace_server.wire import AgentState, State
from tests.agent.waiting import until
from tests.flow.bank import BANK, CALL, bank

pytestmark = pytest.mark.qt_log_ignore(
    "does not support (propagateSizeHints|raise|grabbing the keyboard)", extend=True
)

SHIFT = Qt.KeyboardModifier.ShiftModifier
WITH_A_LIST = (
    BANK.replace(
        "skills = { Loans = 7 }", 'skills = { Loans = 7 }\nwork_levels = ["All", "List"]'
    ).replace('to = [{ queue = "Loan decisions" }]', 'to = [{ waiting_list = "Old loans" }]')
    + """
[[waiting_list]]
name = "Old loans"
requires = { Loans = 3 }

[[work_level]]
name = "All"
serves = ["Loan decisions", "Old loans"]

[[work_level]]
name = "List"
serves = ["Old loans"]
"""
)


def status(agent, name):
    """What this agent was told last of a place."""
    return next((s for s in agent.session.queue_status if s.name == name), None)


async def waits(agent, name, count):
    await until(lambda: (told := status(agent, name)) is not None and told.waiting == count)


def test_contact_is_picked_from_a_list_by_one_and_the_other_sees_it_go(run, data):
    async def flow():
        async with bank(data) as site:
            await site.configure(WITH_A_LIST)
            async with site.window() as anna, site.window("bo") as bo:
                for reference in ("LOAN-1", "LOAN-2"):
                    await site.send(reference, attachment=CALL)
                await waits(anna, "Old loans", 2)
                await anna.press(Qt.Key.Key_F4)
                await anna.press(Qt.Key.Key_Return)
                await until(lambda: anna.main.desk.read is not None)
                assert anna.main.desk.read.external_id == "LOAN-1"
                assert not anna.main.commands["pick"].isEnabled(), "she is paused"
                call = await anna.session.attachment(anna.main.desk.read.id, 0)
                assert call.read_bytes() == CALL

                bo.main.desk.look("Old loans")
                await until(lambda: bo.main.desk.read is not None)
                await bo.ready()
                await until(bo.main.desk.bar.pick.isEnabled)
                await bo.press(Qt.Key.Key_F10)
                picked = await bo.has(State.ACCEPTED)
                assert picked.external_id == "LOAN-1" and bo.state == AgentState.BUSY

                await until(lambda: anna.main.desk.waiting.gone)
                await anna.ready()
                await anna.press(Qt.Key.Key_Down)
                await until(lambda: anna.main.desk.read is not None)
                await until(anna.main.desk.bar.pick.isEnabled)
                await anna.press(Qt.Key.Key_F10)
                assert (await anna.has(State.ACCEPTED)).external_id == "LOAN-2"
                await waits(anna, "Old loans", 0)
                assert not anna.main.desk.looks

    run(flow())


def test_agent_logs_out_of_a_queue_and_chooses_a_work_level(run, data):
    async def flow():
        async with bank(data) as site:
            await site.configure(WITH_A_LIST)
            async with site.window() as anna:
                await until(lambda: status(anna, "Old loans") is not None)
                assert anna.session.agent.work_level == "All"
                anna.main.desk.contacts.places.choose("Old loans")
                await anna.press(Qt.Key.Key_F4, SHIFT)
                await until(lambda: not status(anna, "Old loans").logged_in)
                anna.main.desk.look("Old loans")
                await until(lambda: anna.main.desk.waiting.trouble)
                assert anna.main.desk.waiting.trouble == "You do not serve this waiting list."
                await anna.press(Qt.Key.Key_F4, SHIFT)
                await until(lambda: status(anna, "Old loans").logged_in)
                await until(lambda: not anna.main.desk.waiting.trouble)

                assert status(anna, "Loan decisions") is not None
                anna.main.strip.work_level_chosen.emit("List")
                await until(lambda: anna.session.agent.work_level == "List")
                await until(lambda: status(anna, "Loan decisions") is None)

    run(flow())
