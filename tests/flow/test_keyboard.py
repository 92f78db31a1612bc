"""The whole day by keyboard alone: from the log-in to the log-out, with a real server (AG-7)."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from ace_server.wire import AgentState, State
from tests.agent.waiting import until
from tests.flow.bank import CALL, Window, bank

# a window without a screen has no frame
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
MOST_STOPS = 60
"""Presses of the Tab key that go round any window."""


def where():
    """What has the keyboard."""
    return QApplication.focusWidget()


def press(key, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(where(), key, modifier)


def write(text):
    QTest.keyClicks(where(), text)


def tab_to(name):
    """Go on with the Tab key until it is reached."""
    for _ in range(MOST_STOPS):
        if where().accessibleName() == name:
            return
        press(Qt.Key.Key_Tab)
    raise AssertionError(f"the Tab key does not reach {name}")


def test_a_day_at_the_desk_without_a_mouse(run, data):
    opened = []

    def opener(url):
        opened.append(url)
        return True

    async def flow():
        async with bank(data) as site, site.program(elsewhere=True, opener=opener) as program:
            await site.send("LOAN-1", attachment=CALL)
            anna = await logs_in(program, opened)
            await accepts(anna)
            await fills_in_and_opens(anna)
            await requeues_and_takes_it_back(anna)
            await parks_and_resumes(anna)
            await ends_and_pauses(anna)
            await arranges(anna)
            press(Qt.Key.Key_L, CTRL | SHIFT)
            await until(program.door.isVisible)

    run(flow())


async def logs_in(program, opened):
    await until(lambda: program.link.welcome and program.door.log_in_page.isVisible())
    program.door.activateWindow()
    await until(lambda: where() is program.door.log_in_page.login)
    write("anna")
    press(Qt.Key.Key_Tab)
    write("secret of anna")
    press(Qt.Key.Key_Return)
    await until(lambda: program.window is not None and program.window.isVisible())
    program.window.activateWindow()
    await until(lambda: where() is program.window.desk.contacts.view)
    return Window(program, opened)


async def accepts(anna):
    await key_for("activate", anna, Qt.Key.Key_F9)
    await anna.has(State.BOOKED)
    await key_for("accept", anna, Qt.Key.Key_F10)
    await anna.has(State.ACCEPTED)
    await anna.reaches(AgentState.BUSY)


async def fills_in_and_opens(anna):
    await until(lambda: anna.main.desk.data.editor("remark"))
    tab_to("Remark")
    write("Call back at four.")
    await until(lambda: not anna.session.typed)
    tab_to("Attachments")
    press(Qt.Key.Key_Return, SHIFT)
    await until(lambda: anna.opened)


async def requeues_and_takes_it_back(anna):
    await key_for("requeue", anna, Qt.Key.Key_F7)
    await until(lambda: where() and where().window() is not anna.main)
    write("loan")
    tab_to("Note to who gets it")
    write("Again, from the beginning.")
    tab_to("Requeue")
    press(Qt.Key.Key_Return)
    await anna.reaches(AgentState.PAUSED)
    await back(anna)
    await accepts(anna)
    assert anna.contact(State.ACCEPTED).note == "Again, from the beginning."


async def parks_and_resumes(anna):
    await key_for("park", anna, Qt.Key.Key_F8)
    await anna.has(State.PARKED)
    await key_for("resume", anna, Qt.Key.Key_F8)
    await anna.has(State.ACCEPTED)


async def ends_and_pauses(anna):
    await until(lambda: anna.main.desk.data.editor("Outcome"))
    await key_for("end", anna, Qt.Key.Key_Return, CTRL)
    await until(anna.main.desk.data.editor("Outcome").hasFocus)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Return, CTRL)
    await anna.reaches(AgentState.WRAP_UP)
    await key_for("pause", anna, Qt.Key.Key_F9, SHIFT)
    await anna.reaches(AgentState.PAUSED)


async def arranges(anna):
    await until(lambda: not anna.session.contacts)
    press(Qt.Key.Key_3, CTRL)
    assert not anna.main.desk.data.isVisible()
    press(Qt.Key.Key_3, CTRL)
    assert anna.main.desk.data.isVisible()
    press(Qt.Key.Key_K, CTRL)
    await until(anna.main.command_list.isVisible)
    write("reduced")
    press(Qt.Key.Key_Return)
    assert anna.program.settings.reduced_motion
    before = where()
    press(Qt.Key.Key_F6)
    assert where() is not before


async def key_for(name, anna, key, modifier=Qt.KeyboardModifier.NoModifier):
    """Press it once the command can be done."""
    await until(anna.main.commands[name].isEnabled)
    press(key, modifier)


async def back(anna):
    """The desk has the keyboard again, after a dialog."""
    anna.main.activateWindow()
    await until(lambda: where() and where().window() is anna.main)
