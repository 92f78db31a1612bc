"""What waits, in the window and by keyboard: seen, opened, read, picked; queues; work level."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from ace_agent.desk.models import ROW
from ace_agent.main_window import MainWindow
from ace_server import wire
from ace_server.wire import AgentState, State
from tests.agent.bench import Lists
from tests.agent.scripted import ANNA, NOW, contact, desk, status, waiting
from tests.agent.waiting import until

pytestmark = pytest.mark.qt_log_ignore(
    "does not support (propagateSizeHints|raise|grabbing the keyboard)", extend=True
)

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
RIGHTS = ["park", "requeue"]
DISPUTES = status("Disputes", 3, is_list=True, change=1)
LOANS = status("Loans", 4)
PARKED = contact(7, state=State.PARKED)


def agent(state, **other):
    return msgspec.structs.replace(ANNA, **({"state": state, "rights": RIGHTS} | other))


def ready(*contacts, **other):
    return desk(*contacts, agent=agent(AgentState.READY, **other))


def booked():
    from_now = NOW.replace(minute=NOW.minute + 1)
    one = contact(1, state=State.BOOKED, booked_until=from_now)
    return agent(AgentState.BOOKED, until=from_now), one


@pytest.fixture
def lists(bench):
    return Lists(bench.server, Disputes=[waiting(n) for n in (11, 12, 13)])


async def opened(bench, said=None):
    """By keyboard, and its first contact is read."""
    await bench.say(said or ready())
    bench.tell(DISPUTES, LOANS)
    bench.press(Qt.Key.Key_F4)
    bench.press(Qt.Key.Key_Return)
    await until(lambda: bench.desk.read is not None)


def labels(widget):
    return [part.text() for part in widget.findChildren(QLabel) if part.isVisible()]


def shown(bench):
    model = bench.desk.page.model
    return [model.contact_at(row) for row in range(model.rowCount())]


def has_keyboard(bench, part):
    now = bench.window.focusWidget()
    return now is not None and (part is now or part.isAncestorOf(now))


def place(bench):
    """The row of the first column that the keyboard is on."""
    return bench.desk.contacts.places.currentIndex().data(ROW)


# Seen


def test_what_waits_stands_below_the_contacts_and_goes_with_the_log_in(bench, lists, run):
    async def flow():
        await bench.say(ready(PARKED))
        assert not bench.desk.contacts.places.isVisible()
        bench.tell(DISPUTES, LOANS)
        places = bench.desk.contacts.places
        assert places.isVisible() and len(bench.desk.places.rows) == 4
        before = places.mapTo(bench.window, places.rect().topLeft())
        await bench.change("resumed", agent(AgentState.BUSY), contact(7))
        assert places.mapTo(bench.window, places.rect().topLeft()) == before, "nothing moves"
        bench.session.leave("")
        assert not places.isVisible()

    run(flow())


def test_many_queues_leave_room_for_the_contacts(bench, run):
    async def flow():
        await bench.say(ready(PARKED))
        bench.tell(*(status(f"Queue {n}", n) for n in range(40)))
        await until(lambda: bench.desk.contacts.places.height() > 200)
        assert bench.desk.contacts.view.height() > 200

    run(flow())


def test_heading_folds_by_keyboard_and_is_remembered(bench, lists, run, qtbot):
    async def flow():
        await bench.say(ready())
        bench.tell(DISPUTES, LOANS)
        bench.press(Qt.Key.Key_F4)
        assert place(bench).title == "Disputes"
        bench.press(Qt.Key.Key_Up)
        assert place(bench).title == "Waiting lists"
        for key, folded in (
            (Qt.Key.Key_Left, True),
            (Qt.Key.Key_Left, True),
            (Qt.Key.Key_Right, False),
            (Qt.Key.Key_Space, True),
        ):
            bench.press(key)
            assert ("lists" in bench.desk.places.folded) is folded
        bench.window.close()
        again = MainWindow(bench.session, bench.settings)
        qtbot.addWidget(again)
        assert again.desk.places.folded == {"lists"}
        await again.stop()

    run(flow())


def test_heading_is_folded_by_a_click(bench, lists, run):
    async def flow():
        await bench.say(ready())
        bench.tell(DISPUTES, LOANS)
        view = bench.desk.contacts.places
        at = view.visualRect(bench.desk.places.index(2)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert bench.desk.places.folded == {"queues"}

    run(flow())


# Queues


def test_agent_logs_out_of_a_queue_and_in_again(bench, lists, run):
    async def flow():
        await bench.say(ready())
        bench.tell(DISPUTES, LOANS)
        commands = bench.window.commands
        assert not commands["queue-log-in"].isEnabled(), "none is chosen"
        assert not commands["queue-log-out"].isEnabled()
        bench.press(Qt.Key.Key_F4)
        bench.press(Qt.Key.Key_End)
        assert place(bench).title == "Loans"
        bench.press(Qt.Key.Key_F4, SHIFT)
        await until(lambda: bench.server.last(wire.LogInToQueue))
        assert bench.server.last(wire.LogInToQueue) == wire.LogInToQueue(
            request=0, queue="Loans", logged_in=False
        )
        bench.tell(DISPUTES, msgspec.structs.replace(LOANS, logged_in=False))
        bench.press(Qt.Key.Key_F4, SHIFT)
        await until(lambda: bench.server.last(wire.LogInToQueue).logged_in)

    run(flow())


def test_menu_of_a_place_offers_what_can_be_done(bench, lists, run):
    async def flow():
        await bench.say(ready())
        bench.tell(DISPUTES, msgspec.structs.replace(LOANS, logged_in=False))
        places = bench.desk.contacts.places
        places.choose("Disputes")
        menu = places.menu()
        assert [a.text() for a in menu.actions()] == ["Show what waits", "Log out of the queue"]
        menu.actions()[0].trigger()
        await until(lambda: bench.desk.read is not None)
        places.choose("Loans")
        assert [a.text() for a in places.menu().actions()] == ["Log in to the queue"]

    run(flow())


def test_queue_is_not_opened_since_the_system_picks(bench, lists, run):
    async def flow():
        await bench.say(ready())
        bench.tell(LOANS)
        bench.press(Qt.Key.Key_F4)
        bench.press(Qt.Key.Key_Return)
        assert not bench.desk.looks

    run(flow())


# A list is read


def test_list_is_opened_and_its_contacts_are_read_by_keyboard(bench, lists, run):
    async def flow():
        await opened(bench)
        assert has_keyboard(bench, bench.desk.page.table)
        assert "Waits in Disputes as number 1 of 3" in labels(bench.desk.preview)
        bench.press(Qt.Key.Key_Down)
        await until(lambda: bench.desk.read.id == 12)
        assert "Waits in Disputes as number 2 of 3" in labels(bench.desk.preview)
        bench.press(Qt.Key.Key_Return)
        assert has_keyboard(bench, bench.desk.preview)
        bench.press(Qt.Key.Key_Escape)
        assert has_keyboard(bench, bench.desk.page.table)
        bench.press(Qt.Key.Key_Escape)
        assert not bench.desk.looks and not bench.desk.page.isVisible()
        assert has_keyboard(bench, bench.desk.contacts.view)

    run(flow())


def test_list_is_opened_by_a_click(bench, lists, run):
    async def flow():
        await bench.say(ready())
        bench.tell(DISPUTES, LOANS)
        view = bench.desk.contacts.places
        at = view.visualRect(bench.desk.places.index(1)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        await until(lambda: bench.desk.read is not None)

    run(flow())


def test_data_of_a_contact_that_waits_are_only_read(bench, lists, run):
    async def flow():
        await opened(bench)
        assert bench.desk.data.values() and not bench.desk.data.editor("loanAmount")
        bench.window.commands["copy-data"].trigger()
        assert "Amount: 245 000 kr" in QGuiApplication.clipboard().text()

    run(flow())


def test_what_is_in_hand_is_not_touched_while_a_list_is_read(bench, lists, run):
    async def flow():
        await opened(bench, desk(contact(1), agent=agent(AgentState.BUSY)))
        assert bench.desk.chosen is None
        for name in ("end", "park", "requeue", "explain"):
            assert not bench.window.commands[name].isEnabled(), name
        bench.desk.contacts.selected.emit(1)
        assert bench.desk.chosen.id == 1 and not bench.desk.looks
        assert bench.window.commands["end"].isEnabled()

    run(flow())


def test_letters_narrow_the_list(bench, lists, run):
    async def flow():
        await opened(bench)
        QTest.keyClicks(bench.window.focusWidget(), "p")
        QTest.keyClicks(bench.window.focusWidget(), "urchase 13")
        assert bench.desk.page.field.text() == "purchase 13"
        await until(lambda: shown(bench) == [13] and bench.desk.read.id == 13)
        QTest.keyClicks(bench.window.focusWidget(), " nowhere")
        assert "None of these contacts has these words." in labels(bench.desk.page)
        bench.press(Qt.Key.Key_Escape)
        assert len(shown(bench)) == 3 and bench.desk.looks

    run(flow())


def test_filter_key_goes_to_the_list_that_is_open(bench, lists, run):
    async def flow():
        await opened(bench)
        bench.press(Qt.Key.Key_F, CTRL)
        assert bench.desk.page.field.hasFocus()
        bench.press(Qt.Key.Key_Down)
        assert has_keyboard(bench, bench.desk.page.table)
        await until(lambda: bench.desk.read.id == 12)

    run(flow())


def test_chosen_contact_stays_chosen_when_the_list_is_different(bench, lists, run):
    async def flow():
        await opened(bench)
        bench.press(Qt.Key.Key_End)
        await until(lambda: bench.desk.read.id == 13)
        lists.take(11)
        bench.tell(msgspec.structs.replace(DISPUTES, change=2), LOANS)
        await until(lambda: shown(bench) == [12, 13])
        assert bench.desk.page.table.currentIndex().row() == 1
        assert bench.desk.read.id == 13
        assert "Waits in Disputes as number 2 of 2" in labels(bench.desk.preview)

    run(flow())


def test_contact_that_somebody_took_says_so_and_the_next_is_one_key_away(bench, lists, run):
    async def flow():
        await opened(bench)
        bench.press(Qt.Key.Key_Down)
        await until(lambda: bench.desk.read.id == 12)
        lists.take(12)
        bench.tell(msgspec.structs.replace(DISPUTES, change=2), LOANS)
        await until(lambda: "No longer here" in labels(bench.desk.preview))
        assert bench.desk.read is None, "no other contact comes under the eyes by itself"
        assert not bench.window.commands["pick"].isEnabled()
        assert not bench.desk.page.table.selectionModel().hasSelection()
        bench.tell(msgspec.structs.replace(DISPUTES, change=3), LOANS)
        bench.press(Qt.Key.Key_Down)
        await until(lambda: bench.desk.read is not None)
        assert bench.desk.read.id == 13

    run(flow())


def test_more_is_shown_on_demand_and_on_scrolling(bench, lists, run):
    async def flow():
        lists.waiting["Disputes"] = [waiting(n) for n in range(1, 131)]
        await opened(bench)
        page = bench.desk.page
        assert "50 of 130 are shown." in labels(page)
        page.more_button.click()
        await until(lambda: len(shown(bench)) == 100)
        bench.press(Qt.Key.Key_End)
        await until(lambda: len(shown(bench)) == 130)
        assert not page.more_button.isVisible()
        await until(lambda: bench.desk.read.id == 100)

    run(flow())


def test_empty_list_and_one_that_cannot_be_looked_into_say_so(bench, lists, run):
    async def flow():
        lists.waiting["Disputes"] = []
        await bench.say(ready())
        bench.tell(DISPUTES)
        bench.desk.look("Disputes")
        await until(lambda: "Nothing waits here." in labels(bench.desk.page))
        assert "Nothing waits here" in labels(bench.desk.preview)
        bench.desk.waiting.close()
        bench.server.answers[wire.Look] = wire.Refusal(
            request=0, code="forbidden", reason=wire.Sentence("It is not yours.")
        )
        bench.desk.look("Disputes")
        await until(lambda: "It is not yours." in labels(bench.desk.preview))
        assert "This list cannot be shown" in labels(bench.desk.preview)
        assert "Nothing waits here." not in labels(bench.desk.page)

    run(flow())


def test_contact_put_first_by_a_supervisor_says_so(bench, lists, run):
    async def flow():
        lists.waiting["Disputes"][0] = waiting(11, prioritised=True, prio=7)
        await opened(bench)
        model = bench.desk.page.model
        assert model.data(model.index(0, 4)) == "First"
        assert (
            model.as_text([0, 1])
            .splitlines()[1]
            .endswith("Dispute\tPurchase 11\t1 h 39 min\tFirst")
        )
        assert model.as_text([1]).endswith("\t5\n")

    run(flow())


def test_tab_goes_through_the_places_and_the_list_and_nothing_closes(bench, lists, run):
    async def flow():
        await opened(bench, ready(PARKED))
        bench.desk.contacts.view.setFocus(Qt.FocusReason.TabFocusReason)
        visited = []
        while (now := bench.window.focusWidget()) not in visited:
            visited.append(now)
            bench.press(Qt.Key.Key_Tab)
        assert bench.desk.looks
        page, desk = bench.desk.page, bench.desk
        parts = [desk.contacts.view, desk.contacts.places, page.field, page.close_button]
        parts += [page.table, desk.data.values()[0], desk.bar.pick]
        assert [part for part in visited if part in parts] == parts

    run(flow())


def test_contact_at_hand_is_shown_again_by_enter_and_by_a_click(bench, lists, run):
    async def flow():
        await opened(bench, ready(PARKED))
        view = bench.desk.contacts.view
        view.setFocus()
        bench.press(Qt.Key.Key_Return)
        assert not bench.desk.looks and bench.desk.chosen.id == 7
        bench.desk.look("Disputes")
        at = view.visualRect(bench.desk.model.place(7)).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert not bench.desk.looks and bench.desk.chosen.id == 7

    run(flow())


# Picking


def test_contact_is_picked_and_taken_in_hand(bench, lists, run):
    async def flow():
        await opened(bench)
        bench.press(Qt.Key.Key_Down)
        bench.press(Qt.Key.Key_F10)
        await until(lambda: bench.server.last(wire.Pick))
        assert bench.server.last(wire.Pick).contact == 12
        await bench.change("picked", agent(AgentState.BUSY), contact(12))
        await until(lambda: bench.desk.chosen is not None and bench.desk.chosen.id == 12)
        assert not bench.desk.looks and has_keyboard(bench, bench.desk.contacts.view)
        assert not bench.desk.bar.pick.isVisible()

    run(flow())


def test_contact_is_picked_by_a_double_click(bench, lists, run):
    async def flow():
        await opened(bench)
        table = bench.desk.page.table
        at = table.visualRect(bench.desk.page.model.index(1, 1)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        await until(lambda: bench.server.last(wire.Pick))
        assert bench.server.last(wire.Pick).contact == 12

    run(flow())


def test_contact_is_picked_from_the_menu_of_its_row_while_that_can_be_done(bench, lists, run):
    async def flow():
        await opened(bench)
        menu = bench.desk.page.table.menu()
        assert menu.actions()[0].text() == "Pick"
        menu.actions()[0].trigger()
        await until(lambda: bench.server.last(wire.Pick))
        await opened(bench, desk(agent=agent(AgentState.PAUSED), number=2))
        assert "Pick" not in [action.text() for action in bench.desk.page.table.menu().actions()]

    run(flow())


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (AgentState.PAUSED, "You are paused. Activate to pick – F9."),
        (AgentState.WRAP_UP, "Your wrap-up runs. Activate to pick – F9."),
        (AgentState.BUSY, "You have a contact in hand: end, park or requeue that one first."),
    ],
)
def test_pick_that_cannot_be_says_why_beside_the_button(bench, lists, run, state, reason):
    async def flow():
        await opened(bench, desk(agent=agent(state)))
        button = bench.desk.bar.pick
        assert button.isVisible() and not button.isEnabled()
        assert reason in labels(bench.desk.bar)
        assert reason in button.toolTip() and reason in button.accessibleDescription()
        bench.press(Qt.Key.Key_F10)
        assert bench.server.last(wire.Pick) is None

    run(flow())


def test_right_to_pick_while_not_ready_is_honoured(bench, lists, run):
    async def flow():
        await opened(bench, desk(agent=agent(AgentState.PAUSED, rights=["pick-not-ready"])))
        assert bench.desk.bar.pick.isEnabled()

    run(flow())


def test_list_that_one_is_logged_out_of_is_read_but_not_picked_from(bench, lists, run):
    async def flow():
        await opened(bench)
        bench.tell(msgspec.structs.replace(DISPUTES, logged_in=False), LOANS)
        assert not bench.desk.bar.pick.isEnabled()
        reason = "You are logged out of this list. Log in to pick – Shift+F4."
        assert reason in labels(bench.desk.bar)
        bench.press(Qt.Key.Key_F4, SHIFT)
        await until(lambda: bench.server.last(wire.LogInToQueue))
        assert bench.server.last(wire.LogInToQueue).queue == "Disputes"

    run(flow())


def test_pick_that_comes_too_late_says_so_and_nothing_else_is_picked(bench, lists, run):
    async def flow():
        await opened(bench)
        lists.take(11)
        bench.press(Qt.Key.Key_F10)
        await until(lambda: bench.window.trouble_bar.text)
        assert "somebody took it" in bench.window.trouble_bar.text
        bench.press(Qt.Key.Key_F10)
        picked = [c for c in bench.server.commands if isinstance(c, wire.Pick)]
        assert len(picked) == 1

    run(flow())


def test_booking_closes_the_list_and_may_be_followed_by_another_look(bench, lists, run):
    async def flow():
        await opened(bench)
        who, one = booked()
        await bench.change("booked", who, one)
        assert not bench.desk.looks and bench.desk.chosen.id == 1
        bench.desk.look("Disputes")
        await until(lambda: bench.desk.read is not None)
        await bench.change("work level", who)
        assert bench.desk.looks
        assert not bench.desk.bar.pick.isEnabled()
        bench.press(Qt.Key.Key_F10)
        await until(lambda: bench.server.last(wire.Accept))

    run(flow())


def test_columns_of_the_list_are_remembered(bench, lists, run, qtbot):
    async def flow():
        await opened(bench)
        bench.desk.page.table.setColumnHidden(4, True)
        bench.window.close()
        again = MainWindow(bench.session, bench.settings)
        qtbot.addWidget(again)
        assert again.desk.page.table.isColumnHidden(4)
        await again.stop()

    run(flow())


# The work level


def test_work_level_is_chosen_by_key(bench, run):
    async def flow():
        levels = {"work_level": "Loans", "work_levels": ["Loans", "Cards & more"]}
        await bench.say(ready(**levels))
        strip = bench.window.strip
        assert strip._work_levels.isVisible() and strip._work_levels.isEnabled()
        assert strip._work_levels.accessibleName() == "Work level: Loans"
        bench.press(Qt.Key.Key_F9, CTRL)
        menu = strip._work_level_menu
        await until(menu.isVisible)
        assert [a.text() for a in menu.actions()] == ["Loans", "Cards && more"]
        assert [a.isChecked() for a in menu.actions()] == [True, False]
        bench.press(Qt.Key.Key_Down, on=menu)
        bench.press(Qt.Key.Key_Return, on=menu)
        await until(lambda: bench.server.last(wire.ChooseWorkLevel))
        assert bench.server.last(wire.ChooseWorkLevel).work_level == "Cards & more"

    run(flow())


def test_work_level_is_not_there_without_a_choice(bench, run):
    async def flow():
        await bench.say(ready())
        assert not bench.window.strip._work_levels.isVisible()
        assert not bench.window.commands["work-level"].isVisible()

    run(flow())


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (desk(agent=agent(AgentState.BUSY)), "changed while you are paused or ready."),
        (ready(PARKED), "changed when nothing of yours is parked any more."),
    ],
)
def test_work_level_that_cannot_be_changed_says_why(bench, run, said, reason):
    async def flow():
        who = msgspec.structs.replace(said.agent, work_level="A", work_levels=["A", "B"])
        await bench.say(msgspec.structs.replace(said, agent=who))
        button = bench.window.strip._work_levels
        assert button.isVisible() and not button.isEnabled()
        assert reason in button.toolTip() and reason in button.accessibleDescription()
        assert not bench.window.commands["work-level"].isEnabled()

    run(flow())


@pytest.mark.parametrize("state", [AgentState.BOOKED, AgentState.WRAP_UP])
def test_work_level_gives_way_to_a_time_that_runs_down(bench, run, state):
    async def flow():
        await bench.say(desk(agent=agent(state, work_level="A", work_levels=["A", "B"])))
        assert not bench.window.strip._work_levels.isVisible()
        assert bench.window.commands["work-level"].isVisible(), "the menu says why it cannot be"

    run(flow())


# Requeueing


def test_contact_is_requeued_to_a_waiting_list(bench, run):
    async def flow():
        said = desk(contact(1), agent=agent(AgentState.BUSY))
        await bench.say(msgspec.structs.replace(said, waiting_lists=["Disputes"]))
        bench.press(Qt.Key.Key_F7)
        dialog = await bench.dialog()
        QTest.keyClicks(dialog.findChild(QLineEdit), "disp")
        bench.press(Qt.Key.Key_Return, on=dialog.findChild(QLineEdit))
        await until(lambda: bench.server.last(wire.Requeue))
        assert bench.server.last(wire.Requeue) == wire.Requeue(
            request=0, contact=1, queue="Disputes"
        )

    run(flow())
