"""The page of Pulse in the real window, by keyboard, and who sees it."""

from datetime import timedelta

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton

from ace_agent import actions
from ace_agent.actions import Action, Page
from ace_agent.main_window import COLUMNS, MainWindow
from ace_server import wire
from ace_server.wire import AgentFigures, AgentState, QueueFigures, Role, State
from tests.agent.scripted import ANNA, NOW, contact, desk
from tests.agent.waiting import until

pytestmark = pytest.mark.qt_log_ignore(
    "does not support (propagateSizeHints|raise|grabbing the keyboard)", extend=True
)

ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
DAGNY = msgspec.structs.replace(ANNA, login="dagny", name="Dagny Sund", role=Role.SUPERVISOR)
ERIK = msgspec.structs.replace(ANNA, login="erik", name="Erik Holm", role=Role.ADMINISTRATOR)
BOOKED = contact(1, state=State.BOOKED, booked_until=NOW + timedelta(seconds=24))


def figures(number=1):
    return wire.Figures(
        number=number,
        now=NOW,
        buffered=2,
        queues=[
            QueueFigures(queue="Loans", waiting=3, oldest=NOW - timedelta(seconds=80), in_hand=1),
            QueueFigures(queue="Cards", ended=5),
        ],
        agents=[
            AgentFigures(login="anna", name="Anna Berg", state=AgentState.READY, since=NOW),
            AgentFigures(login="bo", name="Bo Ek", state=AgentState.PAUSED, since=NOW),
        ],
    )


async def watching(bench, agent=DAGNY):
    """A supervisor's window, with the figures told."""
    await bench.say(desk(agent=agent))
    bench.window.show_page(Page.PULSE)
    await until(lambda: bench.server.last(wire.Watch))
    bench.session.receive(figures())
    await until(lambda: bench.window.panel.queue_model.rowCount() == 2)
    return bench.window.panel


def switch(bench):
    return [b for b in bench.window.strip.pages.findChildren(QToolButton) if b.isVisible()]


def words(panel, table, column):
    model = {"queues": panel.queue_model, "agents": panel.agent_model}[table]
    return [model.index(row, column).data() for row in range(model.rowCount())]


# Who sees it


def test_supervisor_without_contacts_lands_on_the_panel(bench, run):
    async def flow():
        await bench.say(desk(agent=DAGNY))
        assert bench.window.panel.isVisible()
        assert bench.window.panel.queues.hasFocus()
        await until(lambda: bench.server.last(wire.Watch))

    run(flow())


def test_supervisor_with_contacts_lands_on_the_desk(bench, run):
    async def flow():
        await bench.say(desk(contact(1), agent=DAGNY))
        assert bench.desk.isVisible()
        assert [button.text() for button in switch(bench)] == ["Desk", "Pulse"]

    run(flow())


def test_agent_sees_nothing_of_it(bench, run):
    async def flow():
        await bench.say(desk(contact(1)))
        assert bench.desk.isVisible()
        assert switch(bench) == []
        bench.press(Qt.Key.Key_2, ALT)
        assert bench.desk.isVisible()
        assert not bench.window.commands[Page.PULSE].isVisible()
        assert "Pulse" not in {entry.text for entry in bench.window._find("")}
        assert bench.server.last(wire.Watch) is None

    run(flow())


def test_administrator_begins_at_the_desk_and_may_look(bench, run):
    async def flow():
        await bench.say(desk(agent=ERIK))
        assert bench.desk.isVisible()
        bench.press(Qt.Key.Key_2, ALT)
        assert bench.window.panel.isVisible()

    run(flow())


def test_who_may_no_longer_look_is_at_the_desk(bench, run):
    async def flow():
        await watching(bench)
        await bench.say(desk(agent=msgspec.structs.replace(DAGNY, role=Role.AGENT)))
        assert bench.desk.isVisible()

    run(flow())


def test_page_stays_when_the_link_comes_back(bench, run):
    async def flow():
        await watching(bench)
        bench.window.show_page(Page.DESK)
        bench.session.set_link(False)
        await bench.say(desk(agent=DAGNY, number=2))
        assert bench.desk.isVisible()

    run(flow())


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_desk(role):
    assert actions.PAGES[role][0] is Page.DESK
    assert (Page.PULSE in actions.PAGES[role]) == (role in (Role.SUPERVISOR, Role.ADMINISTRATOR))
    assert actions.first_page(role, 0) in actions.PAGES[role]


# By keyboard


def test_pages_are_changed_by_key(bench, run):
    async def flow():
        await watching(bench)
        bench.press(Qt.Key.Key_1, ALT)
        assert bench.desk.isVisible()
        assert bench.window.commands[Page.DESK].isChecked()
        await until(lambda: bench.server.last(wire.Unwatch))
        bench.press(Qt.Key.Key_2, ALT)
        assert bench.window.panel.queues.hasFocus()
        assert [button.isChecked() for button in switch(bench)] == [False, True]

    run(flow())


def test_switch_changes_the_page(bench, run):
    async def flow():
        await watching(bench)
        QTest.mouseClick(switch(bench)[0], Qt.MouseButton.LeftButton)
        assert bench.desk.isVisible()
        assert [button.isChecked() for button in switch(bench)] == [True, False]

    run(flow())


def test_figures_are_shown_and_followed(bench, run):
    async def flow():
        panel = await watching(bench)
        assert words(panel, "queues", 0) == ["Cards", "Loans"]
        assert words(panel, "agents", 1) == ["Ready", "Paused"]
        assert panel.headline.words == [
            *("Waiting: 3", "Oldest: 1:20", "Ready agents: 1 of 2", "Buffered: 2"),
            "Ended today: 5",
        ]
        row = QueueFigures(queue="Loans", waiting=2, ended=1)
        bench.session.receive(wire.FiguresChange(number=2, now=NOW, buffered=0, queues=[row]))
        await until(lambda: words(panel, "queues", 1) == ["0", "2"])
        assert panel.headline.words[0] == "Waiting: 2"

    run(flow())


def test_times_tick_by_themselves(bench, run):
    async def flow():
        panel = await watching(bench)
        bench.passed += 60
        bench.window._tick()
        assert words(panel, "queues", 2) == ["–", "2:20"]
        assert panel.headline.words[1] == "Oldest: 2:20"

    run(flow())


def test_time_stands_still_while_the_link_is_down(bench, run):
    async def flow():
        panel = await watching(bench)
        bench.session.set_link(False)
        assert not panel.headline.isEnabled()
        bench.passed += 60
        bench.window._tick()
        assert panel.headline.words[1] == "Oldest: 1:20"
        assert "link is down" in bench.window.link_bar.text

    run(flow())


def test_typing_narrows_both_tables(bench, run):
    async def flow():
        panel = await watching(bench)
        bench.press(Qt.Key.Key_F, CTRL)
        assert panel.field.hasFocus()
        QTest.keyClicks(panel.field, "paused")
        assert words(panel, "agents", 0) == ["Bo Ek"]
        assert words(panel, "queues", 0) == []
        assert panel.panes()[0]._nothing.isVisible()
        assert not panel.panes()[1]._nothing.isVisible()
        bench.press(Qt.Key.Key_Down)
        assert panel.queues.hasFocus()
        panel.field.clear()
        assert words(panel, "queues", 0) == ["Cards", "Loans"]

    run(flow())


def test_rows_are_copied_as_text(bench, run):
    async def flow():
        panel = await watching(bench)
        bench.press(Qt.Key.Key_Down)
        bench.press(Qt.Key.Key_End)
        bench.press(Qt.Key.Key_C, CTRL)
        copied = QGuiApplication.clipboard().text()
        assert copied.splitlines()[1].split("\t") == ["Loans", "3", "1:20", "1", "0"]
        assert panel.queues.hasFocus()

    run(flow())


def test_title_sorts_and_turns(bench, run):
    async def flow():
        panel = await watching(bench)
        header = panel.queues.header()
        place = QPoint(header.sectionViewportPosition(1) + 8, header.height() // 2)
        for expected in (["0", "3"], ["3", "0"]):
            QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
            assert words(panel, "queues", 1) == expected

    run(flow())


def test_menu_key_opens_what_can_be_done_with_a_table(bench, run):
    async def flow():
        panel = await watching(bench)
        bench.press(Qt.Key.Key_Down)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
        QApplication.sendEvent(panel.queues, event)
        menu = QApplication.activePopupWidget()
        texts = [action.text() for action in menu.actions() if not action.isSeparator()]
        assert texts == ["Look into queue", "Copy as text", "Sort by", "Columns"]
        by, shown = (action.menu() for action in menu.actions()[-2:])
        by.actions()[4].trigger()
        assert words(panel, "queues", 0) == ["Loans", "Cards"]
        by.actions()[4].trigger()
        assert words(panel, "queues", 0) == ["Cards", "Loans"]
        shown.actions()[0].trigger()
        assert panel.queues.isColumnHidden(1)
        menu.close()

    run(flow())


def test_what_was_chosen_is_there_in_the_next_window(bench, run, settings, qtbot):
    async def flow():
        panel = await watching(bench)
        panel.queues.sort_by(4, Qt.SortOrder.DescendingOrder)
        panel.queues.setColumnHidden(3, True)
        bench.window.remember()
        other = MainWindow(bench.session, settings)
        qtbot.addWidget(other)
        assert other.panel.queues.isColumnHidden(3)
        header = other.panel.queues.header()
        assert header.sortIndicatorSection() == 4
        other.panel.queue_model.follow(bench.window.board)
        assert words(other.panel, "queues", 0) == ["Cards", "Loans"]
        await other.stop()

    run(flow())


def test_columns_fill_their_table(bench, run):
    async def flow():
        panel = await watching(bench)
        for width in (1280, 960, 1500):
            bench.window.resize(width, 700)
            for view in (panel.queues, panel.agents):
                await until(lambda view=view: view.header().length() == view.viewport().width())

    run(flow())


def test_keyboard_goes_round_the_parts(bench, run):
    async def flow():
        panel = await watching(bench)
        seen = []
        for _ in range(3):
            bench.press(Qt.Key.Key_F6)
            now = bench.window.focusWidget()
            parts = (bench.window.strip, *panel.panes())
            seen += [part.accessibleName() for part in parts if part.isAncestorOf(now)]
        assert seen == ["Agents", "Status", "Queues"]

    run(flow())


# Together with the desk


def test_nothing_is_done_to_a_contact_that_is_not_seen(bench, run):
    async def flow():
        held = contact(1, state=State.ACCEPTED)
        await bench.say(desk(held, agent=msgspec.structs.replace(DAGNY, state=AgentState.BUSY)))
        able = {name for name in (*Action, *COLUMNS) if _can(bench, name)}
        assert {Action.END, Action.PARK, "column-1"} <= able
        bench.window.show_page(Page.PULSE)
        assert not {name for name in (*Action, *COLUMNS) if _can(bench, name)}
        bench.window.show_page(Page.DESK)
        assert {name for name in (*Action, *COLUMNS) if _can(bench, name)} == able

    run(flow())


def _can(bench, name):
    return name in bench.window.commands and bench.window.commands[name].isEnabled()


def test_booked_contact_is_accepted_from_the_panel_and_then_seen(bench, run):
    async def flow():
        await watching(bench)
        booked = msgspec.structs.replace(DAGNY, state=AgentState.BOOKED)
        await bench.change("booked", booked, BOOKED)
        assert bench.window.panel.isVisible()
        bench.press(Qt.Key.Key_F10)
        await until(lambda: bench.server.last(wire.Accept))
        await until(bench.desk.isVisible)

    run(flow())


def test_every_control_has_a_name(bench, run):
    async def flow():
        panel = await watching(bench)
        for part in (
            panel,
            panel.queues,
            panel.agents,
            panel.field,
            *panel.panes(),
            *switch(bench),
        ):
            assert part.accessibleName(), part

    run(flow())
