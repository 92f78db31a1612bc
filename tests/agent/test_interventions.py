"""What a supervisor does in Pulse, by keyboard in the real window: look, explain, act (PU-2)."""

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton

from ace_agent.actions import Intervention, Page
from ace_server import wire
from ace_server.wire import AgentFigures, AgentState, QueueFigures, Role
from tests.agent.scripted import ANNA, NOW, contact, desk
from tests.agent.standing import Line, waits
from tests.agent.waiting import until

pytestmark = pytest.mark.qt_log_ignore(
    "does not support (propagateSizeHints|raise|grabbing the keyboard)", extend=True
)

ALT, CTRL = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
DAGNY = msgspec.structs.replace(
    ANNA,
    login="dagny",
    name="Dagny Sund",
    role=Role.SUPERVISOR,
    rights=["close-waiting", "pick-not-ready"],
)
GONE = wire.Refusal(request=0, code="illegal-move", reason=wire.Sentence("It is gone."))


def figures(number=1, loans=3):
    return wire.Figures(
        number=number,
        now=NOW,
        buffered=0,
        queues=[
            QueueFigures(queue="Cards"),
            QueueFigures(queue="Loans", waiting=loans, oldest=NOW),
            QueueFigures(personal="bo", waiting=1, oldest=NOW),
        ],
        agents=[
            AgentFigures(
                login="anna",
                name="Anna Berg",
                state=AgentState.BUSY,
                since=NOW,
                contact=7,
                task_type="Mortgage",
            ),
            AgentFigures(login="bo", name="Bo Ek", state=AgentState.READY, since=NOW),
        ],
    )


async def watching(bench, agent=DAGNY):
    """Pulse, with something in its queues."""
    bench.line = Line(
        Loans=[waits(1), waits(2, subject="A boat"), waits(3, prioritised=True)],
        Cards=[],
        bo=[waits(9)],
    )
    bench.server.answers[wire.Look] = bench.line
    bench.server.answers[wire.Explain] = explained
    said = desk(agent=agent)
    await bench.say(
        msgspec.structs.replace(
            said,
            queues=["Cards", "Loans"],
            waiting_lists=["Complaints"],
            colleagues=[wire.Colleague(login=name, name=name.title()) for name in ("anna", "bo")],
        )
    )
    bench.window.panel.waiting._pause.setInterval(0)
    bench.window.show_page(Page.PULSE)
    await until(lambda: bench.server.last(wire.Watch))
    bench.session.receive(figures())
    await until(lambda: bench.window.panel.queue_model.rowCount() == 3)
    return bench.window.panel


def explained(command):
    about = wire.Sentence("Contact %1 waits.", (command.contact,))
    whom = [wire.Sentence("%1 lacks a skill.", (command.agent,))] if command.agent else []
    return wire.Explained(request=0, sentences=[about, *whom])


async def looking(bench, key=("Loans", ""), agent=DAGNY):
    """Into one of them, with the keyboard on its first contact."""
    panel = await watching(bench, agent)
    panel.queues.setCurrentIndex(panel.queue_model.place(key))
    bench.press(Qt.Key.Key_Return)
    await until(lambda: panel.waiting.is_known)
    return panel.queue_view


def ids(view):
    return [row.contact.id for row in view.model.rows]


def chosen(view):
    return [contact.id for contact in view.chosen]


def looks(bench):
    return len(bench.server.all(wire.Look))


def can(bench):
    return {each for each in Intervention if bench.window.commands[each].isEnabled()}


async def answered(bench, typed):
    """Type into the dialog that is up, and press Enter."""
    dialog = await bench.dialog()
    dialog.field.setText(typed)
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    await until(lambda: not bench.dialogs())


# Into a queue and out again


def test_enter_looks_into_a_queue_and_esc_leaves_it(bench, run):
    async def flow():
        view = await looking(bench)
        assert bench.server.last(wire.Look) == wire.Look(request=0, queue="Loans")
        assert view.isVisible() and view.table.hasFocus()
        assert ids(view) == [1, 2, 3] and chosen(view) == [1]
        assert view.words == "Loans: 3 waiting"
        bench.press(Qt.Key.Key_Escape)
        panel = bench.window.panel
        assert not view.isVisible() and panel.queues.hasFocus()
        assert panel.queues.currentIndex() == panel.queue_model.place(("Loans", ""))
        assert panel.waiting.place is None

    run(flow())


def test_double_click_looks_into_a_queue_and_the_arrow_leaves_it(bench, run):
    async def flow():
        panel = await watching(bench)
        view, place = panel.queues, panel.queue_model.place(("", "bo"))
        at = view.visualRect(place).center()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        await until(lambda: ids(panel.queue_view) == [9])
        assert panel.queue_view.words == "Bo Ek (personal): 1 waiting"
        QTest.mouseClick(panel.queue_view._back, Qt.MouseButton.LeftButton)
        assert panel.queues.isVisible()

    run(flow())


def test_empty_queue_says_so_and_keeps_the_keyboard(bench, run):
    async def flow():
        view = await looking(bench, ("Cards", ""))
        assert view._empty.words.startswith("Nothing waits here")
        assert not view.table.isVisible() and not can(bench)
        bench.line.queues["Cards"] = [waits(5)]
        row = QueueFigures(queue="Cards", waiting=1)
        bench.session.receive(wire.FiguresChange(number=2, now=NOW, buffered=0, queues=[row]))
        await until(lambda: ids(view) == [5])
        assert view.table.hasFocus() and chosen(view) == [5]
        bench.line.queues["Cards"] = []
        bench.window.panel.waiting.again()
        await until(lambda: ids(view) == [])
        bench.press(Qt.Key.Key_Escape)
        assert bench.window.panel.queues.isVisible()

    run(flow())


def test_words_narrow_what_waits(bench, run):
    async def flow():
        view = await looking(bench)
        bench.press(Qt.Key.Key_F, CTRL)
        QTest.keyClicks(bench.window.focusWidget(), "boat")
        assert ids(view) == [2]
        QTest.keyClicks(bench.window.focusWidget(), " house")
        assert view._empty.isVisible() and "these words" in view._empty.words
        bench.press(Qt.Key.Key_Escape)
        assert ids(view) == [1, 2, 3]
        bench.press(Qt.Key.Key_Down)
        assert view.table.hasFocus()

    run(flow())


def test_words_do_not_follow_into_a_queue_or_out_of_it(bench, run):
    async def flow():
        panel = await watching(bench)
        panel.field.setText("loans")
        panel.queues.setCurrentIndex(panel.queue_model.index(0, 0))
        bench.press(Qt.Key.Key_Return, on=panel.queues)
        await until(lambda: ids(panel.queue_view) == [1, 2, 3])
        panel.field.setText("boat")
        bench.window.commands["all-queues"].trigger()
        assert panel.field.text() == "" and panel.queue_model.rowCount() == 3

    run(flow())


def test_end_of_the_list_fetches_more(bench, run):
    async def flow():
        view = await looking(bench)
        bench.line.queues["Loans"] = [waits(n) for n in range(1, 121)]
        bench.session.receive(figures(2, loans=120))
        await until(lambda: len(ids(view)) == 50)
        assert view.words.startswith("Loans: 120 waiting; scroll down")
        bench.press(Qt.Key.Key_End)
        await until(lambda: len(ids(view)) == 100)

    run(flow())


def test_selection_stays_with_its_contact(bench, run):
    async def flow():
        view = await looking(bench)
        bench.press(Qt.Key.Key_Down)
        order = enumerate((4, 2, 3), start=1)
        bench.line.queues["Loans"] = [waits(n, position=place) for place, n in order]
        bench.session.receive(figures(2, loans=4))
        await until(lambda: ids(view) == [4, 2, 3])
        assert chosen(view) == [2]

    run(flow())


def test_nothing_is_chosen_by_itself_when_the_chosen_one_left(bench, run):
    async def flow():
        view = await looking(bench)
        bench.line.queues["Loans"] = [waits(2), waits(3)]
        bench.session.receive(figures(2, loans=2))
        await until(lambda: ids(view) == [2, 3])
        assert chosen(view) == [] and not can(bench)
        bench.press(Qt.Key.Key_Down)
        assert chosen(view)

    run(flow())


def test_queue_is_looked_up_anew_when_pulse_is_shown_again(bench, run):
    async def flow():
        await looking(bench)
        bench.window.show_page(Page.DESK)
        assert not can(bench)
        before = looks(bench)
        bench.window.show_page(Page.PULSE)
        await until(lambda: looks(bench) > before)
        assert bench.window.panel.queue_view.table.hasFocus()

    run(flow())


def test_keyboard_goes_round_the_parts_of_a_queue(bench, run):
    async def flow():
        view = await looking(bench)
        seen = []
        for _ in range(4):
            bench.press(Qt.Key.Key_F6)
            now = bench.window.focusWidget()
            parts = (bench.window.strip, view.pane, view.bar)
            seen += [part.accessibleName() for part in parts if part.isAncestorOf(now)]
        bar = "Actions on waiting contacts"
        assert seen == [bar, "Status", "Waiting contacts", bar]

    run(flow())


def test_who_comes_next_sees_all_queues(bench, run):
    async def flow():
        view = await looking(bench)
        bench.session.leave("")
        await bench.settle()
        assert not bench.window.panel.looks_into_queue and ids(view) == []

    run(flow())


# Why


def test_contact_is_explained_and_so_is_an_agent_beside_it(bench, run):
    async def flow():
        view = await looking(bench)
        why = bench.window.panel.why
        bench.press(Qt.Key.Key_I, CTRL)
        await until(why.isVisible)
        assert why.accessibleName() == "Why does it wait?"
        assert why.words == "Contact 1 waits."
        bench.press(Qt.Key.Key_I, CTRL | SHIFT)
        await answered(bench, "bo")
        await until(why.isVisible)
        assert bench.server.last(wire.Explain) == wire.Explain(request=0, contact=1, agent="bo")
        assert why.accessibleName() == "Why not Bo Ek?"
        assert why.words == "Contact 1 waits.\n\nbo lacks a skill."
        QTest.keyClick(why._text, Qt.Key.Key_Escape)
        assert not why.isVisible() and bench.window.focusWidget() is view.table

    run(flow())


def test_keyboard_is_back_in_the_table_after_a_dialog_that_the_panel_opened(bench, run):
    async def flow():
        view = await looking(bench)
        why = bench.window.panel.why
        bench.press(Qt.Key.Key_Return)
        await until(why.isVisible)
        QTest.mouseClick(why._why_not, Qt.MouseButton.LeftButton)
        dialog = await bench.dialog()
        QTest.keyClick(dialog.field, Qt.Key.Key_Escape)
        await until(lambda: not bench.dialogs())
        assert not why.isVisible() and bench.window.focusWidget() is view.table

    run(flow())


def test_long_explanation_stays_within_the_page(bench, run):
    async def flow():
        await looking(bench)
        many = [wire.Sentence("%1 agents lack a skill.", (n,)) for n in range(80)]
        bench.server.answers[wire.Explain] = wire.Explained(request=0, sentences=many)
        bench.press(Qt.Key.Key_Return)
        why = bench.window.panel.why
        await until(why.isVisible)
        assert bench.window.panel.rect().contains(why.geometry())

    run(flow())


def test_what_an_agent_has_in_hand_is_explained(bench, run):
    async def flow():
        panel = await watching(bench)
        panel.agents.setFocus()
        panel.agents.setCurrentIndex(panel.agent_model.place("anna"))
        bench.press(Qt.Key.Key_Return)
        await until(panel.why.isVisible)
        assert panel.why.accessibleName() == "What Anna Berg has in hand"
        assert bench.server.last(wire.Explain) == wire.Explain(request=0, contact=7)
        panel.why.leave()
        panel.agents.setCurrentIndex(panel.agent_model.place("bo"))
        assert Intervention.EXPLAIN_IN_HAND not in can(bench)

    run(flow())


# What is done


def test_contact_is_prioritised_and_put_back_by_key(bench, run):
    async def flow():
        view = await looking(bench)
        before = looks(bench)
        bench.press(Qt.Key.Key_Up, CTRL)
        await until(lambda: looks(bench) > before)
        assert bench.server.last(wire.Prioritise) == wire.Prioritise(request=0, contact=1)
        bench.press(Qt.Key.Key_End)
        assert chosen(view) == [3] and Intervention.PRIORITISE not in can(bench)
        bench.press(Qt.Key.Key_Down, CTRL)
        await until(lambda: bench.server.last(wire.Prioritise).contact == 3)
        assert bench.server.last(wire.Prioritise).first is False

    run(flow())


@pytest.mark.parametrize(
    ("typed", "queue", "colleague"),
    [("car", "Cards", ""), ("compl", "Complaints", ""), ("anna", "", "anna")],
)
def test_contact_is_moved(bench, run, typed, queue, colleague):
    async def flow():
        await looking(bench)
        bench.press(Qt.Key.Key_F7)
        await answered(bench, typed)
        await until(lambda: bench.server.last(wire.Move))
        moved = wire.Move(request=0, contact=1, queue=queue, colleague=colleague)
        assert bench.server.last(wire.Move) == moved

    run(flow())


@pytest.mark.parametrize("place", [("Loans", ""), ("", "bo")])
def test_contact_is_not_moved_to_where_it_is(bench, run, place):
    async def flow():
        await looking(bench, place)
        bench.press(Qt.Key.Key_F7)
        dialog = await bench.dialog()
        names = {row.name for row in dialog._picker._model.rows if row.name}
        assert names == {"Cards", "Loans", "Complaints", "anna", "bo"} - set(place)
        dialog.reject()
        await until(lambda: not bench.dialogs())

    run(flow())


def test_nothing_is_moved_where_nothing_was_found_or_chosen(bench, run):
    async def flow():
        await looking(bench)
        bench.press(Qt.Key.Key_F7)
        dialog = await bench.dialog()
        dialog.field.setText("nowhere")
        assert dialog.chosen is None and not dialog._do.isEnabled()
        QTest.keyClick(dialog.field, Qt.Key.Key_Escape)
        QTest.keyClick(dialog.field, Qt.Key.Key_Escape)
        await until(lambda: not bench.dialogs())
        assert bench.server.last(wire.Move) is None

    run(flow())


def test_contact_is_pulled_and_looked_at(bench, run):
    async def flow():
        await looking(bench)
        bench.press(Qt.Key.Key_F10)
        await until(bench.desk.isVisible)
        assert bench.server.last(wire.Pick) == wire.Pick(request=0, contact=1)
        await bench.change("picked", msgspec.structs.replace(DAGNY, state=AgentState.BUSY))
        await bench.change("picked", DAGNY, contact(1))
        assert bench.desk.chosen.id == 1

    run(flow())


def test_booked_contact_is_accepted_and_nothing_is_pulled(bench, run):
    async def flow():
        await looking(bench)
        booked = contact(5, state=wire.State.BOOKED, booked_until=NOW)
        await bench.change(
            "booked", msgspec.structs.replace(DAGNY, state=AgentState.BOOKED), booked
        )
        assert Intervention.PULL not in can(bench)
        bench.press(Qt.Key.Key_F10)
        await until(bench.desk.isVisible)
        assert bench.server.last(wire.Accept).contact == 5
        assert bench.server.last(wire.Pick) is None

    run(flow())


def test_contact_is_closed_with_a_reason_alone(bench, run):
    async def flow():
        await looking(bench)
        bench.press(Qt.Key.Key_Delete)
        dialog = await bench.dialog()
        assert "LOAN-1" in dialog.accessibleDescription()
        dialog.field.setText("  ")
        assert not dialog.button.isEnabled()
        QTest.keyClick(dialog.field, Qt.Key.Key_Return)
        assert bench.dialogs()
        await answered(bench, " Sent twice ")
        await until(lambda: bench.server.last(wire.Close))
        closed = wire.Close(request=0, contact=1, reason="Sent twice")
        assert bench.server.last(wire.Close) == closed

    run(flow())


@pytest.mark.parametrize("way", ["Esc", "Enter on Cancel"])
def test_nothing_is_closed_where_the_person_thought_better_of_it(bench, run, way):
    async def flow():
        await looking(bench)
        bench.press(Qt.Key.Key_Delete)
        dialog, answers = await bench.dialog(), []
        dialog.finished.connect(answers.append)
        dialog.field.setText("Sent twice")
        if way == "Esc":
            QTest.keyClick(dialog.field, Qt.Key.Key_Escape)
        else:
            buttons = dialog.findChildren(QPushButton)
            (cancel,) = [one for one in buttons if one.text() == "Cancel"]
            QTest.keyClick(cancel, Qt.Key.Key_Return)
        await until(lambda: not bench.dialogs())
        assert answers == [QDialog.DialogCode.Rejected]
        assert bench.server.last(wire.Close) is None

    run(flow())


def test_what_was_chosen_is_moved_whatever_is_chosen_meanwhile(bench, run):
    async def flow():
        view = await looking(bench)
        bench.press(Qt.Key.Key_F7)
        await bench.dialog()
        view.table.setCurrentIndex(view.model.place(2))
        await answered(bench, "cards")
        await until(lambda: bench.server.last(wire.Move))
        assert [move.contact for move in bench.server.all(wire.Move)] == [1]

    run(flow())


def test_several_are_moved_and_those_refused_are_told(bench, run):
    async def flow():
        view = await looking(bench)
        bench.press(Qt.Key.Key_Down, SHIFT)
        assert chosen(view) == [1, 2] and Intervention.PULL not in can(bench)
        bench.server.answers[wire.Move] = lambda c: GONE if c.contact == 2 else wire.Done(request=0)
        bench.press(Qt.Key.Key_F7)
        await answered(bench, "cards")
        await until(lambda: bench.window.trouble_bar.text)
        assert [move.contact for move in bench.server.all(wire.Move)] == [1, 2]
        assert bench.window.trouble_bar.text.startswith(
            "1 of 2 were refused. Loan application LOAN-2: This contact no longer waits here"
        )

    run(flow())


@pytest.mark.parametrize(
    ("key", "modifier", "kind"),
    [
        (Qt.Key.Key_Up, CTRL, wire.Prioritise),
        (Qt.Key.Key_F10, Qt.KeyboardModifier.NoModifier, wire.Pick),
        (Qt.Key.Key_I, CTRL, wire.Explain),
    ],
)
def test_refusal_is_said_and_the_list_shows_how_it_is(bench, run, key, modifier, kind):
    async def flow():
        view = await looking(bench)
        bench.server.answers[kind] = GONE
        bench.line.queues["Loans"] = [waits(2)]
        bench.press(key, modifier)
        await until(lambda: ids(view) == [2])
        assert "no longer" in bench.window.trouble_bar.text
        assert view.isVisible()

    run(flow())


@pytest.mark.parametrize(
    ("key", "logged_in"), [(Qt.Key.Key_Insert, True), (Qt.Key.Key_Delete, False)]
)
def test_agent_is_logged_in_to_a_queue_and_out_of_it(bench, run, key, logged_in):
    async def flow():
        panel = await watching(bench)
        panel.agents.setFocus()
        panel.agents.setCurrentIndex(panel.agent_model.place("bo"))
        bench.press(key)
        await answered(bench, "compl")
        await until(lambda: bench.server.last(wire.LogInToQueue))
        assert bench.server.last(wire.LogInToQueue) == wire.LogInToQueue(
            request=0, queue="Complaints", logged_in=logged_in, agent="bo"
        )
        said = "in to" if logged_in else "out of"
        assert bench.window.done_bar.text == f"Bo Ek is logged {said} Complaints."

    run(flow())


# Who sees it


def test_agent_sees_none_of_it(bench, run):
    async def flow():
        await bench.say(desk())
        assert not bench.window._menus["pulse"].menuAction().isVisible()
        assert not can(bench)
        texts = {entry.text for entry in bench.window._find("")}
        assert "Move…" not in texts and "Look into queue" not in texts

    run(flow())


def test_supervisor_without_the_right_sees_no_close(bench, run):
    async def flow():
        view = await looking(bench, agent=msgspec.structs.replace(DAGNY, rights=[]))
        assert can(bench) == {
            Intervention.EXPLAIN_WAITING,
            Intervention.WHY_NOT,
            Intervention.PRIORITISE,
            Intervention.MOVE,
            Intervention.PULL,
        }
        assert "Close…" not in {entry.text for entry in bench.window._find("")}
        assert "Close…" not in texts(menu_of(view.table))

    run(flow())


def test_menu_of_a_row_offers_what_can_be_done(bench, run):
    async def flow():
        view = await looking(bench)
        assert texts(menu_of(view.table))[:7] == [
            "Why does it wait?",
            "Why not …?",
            "Prioritise",
            "Move…",
            "Pull to me",
            "Close…",
            "Copy as text",
        ]
        bench.press(Qt.Key.Key_Escape)
        panel = bench.window.panel
        panel.agents.setCurrentIndex(panel.agent_model.place("anna"))
        assert texts(menu_of(panel.agents))[:4] == [
            "What is in hand?",
            "Log in to queue…",
            "Log out of queue…",
            "Copy as text",
        ]

    run(flow())


def menu_of(table):
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint())
    QApplication.sendEvent(table, event)
    menu = QApplication.activePopupWidget()
    menu.close()
    return menu


def texts(menu):
    return [action.text() for action in menu.actions() if not action.isSeparator()]
