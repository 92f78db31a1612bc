"""The whole window by keyboard: what is there, what it is called, what it does."""

from datetime import timedelta
from itertools import groupby

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QWidget,
)

from ace_agent import theme
from ace_agent.actions import MAIL_ONLY, Action, Intervention, Page, Verb
from ace_agent.commands import Entry, catalogue, find
from ace_agent.desk.requeue import RequeueDialog
from ace_agent.main_window import COLUMNS, SWITCHES, MainWindow
from ace_agent.offered import OF_DRAFT, READING
from ace_agent.widgets.buttons import ActionButton
from ace_server import wire
from ace_server.wire import AgentState, Attachment, Colleague, Field, State
from tests.agent import scenes
from tests.agent.scripted import ANNA, NOW, contact, desk
from tests.agent.standing import waits
from tests.agent.waiting import until

pytestmark = pytest.mark.qt_log_ignore(
    "does not support (propagateSizeHints|raise|grabbing the keyboard)", extend=True
)

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
RIGHTS = ["park", "requeue", "decline", "extend-wrap-up"]
INTERACTIVE = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
)


def agent(state, **other):
    return msgspec.structs.replace(ANNA, **({"state": state, "rights": RIGHTS} | other))


BUSY = agent(AgentState.BUSY)
LOAN = contact(
    1,
    task_type="Loan application",
    subject="A car",
    body="Decide in the bank's page.",
    target="https://bank.example/loans/1",
    attachments=[Attachment(position=0, name="call.wav", media_type="audio/wav", size=10)],
)
BOOKED = msgspec.structs.replace(LOAN, state=State.BOOKED, booked_until=NOW + timedelta(seconds=24))
PARKED = contact(7, state=State.PARKED, task_type="Dispute", external_id="CARD-7")


def busy(*others):
    return desk(LOAN, *others, agent=BUSY)


def booked(*others):
    until_then = NOW + timedelta(seconds=24)
    return desk(BOOKED, *others, agent=agent(AgentState.BOOKED, until=until_then))


def wrap_up(**other):
    ended = msgspec.structs.replace(LOAN, state=State.ENDED, ended_at=NOW)
    who = agent(AgentState.WRAP_UP, **({"wrap_up_contact": 1} | other))
    return desk(ended, PARKED, agent=who)


def offered(window):
    """The words on the buttons that can be pressed."""
    return {b.text() for b in window.findChildren(ActionButton) if b.isVisible()}


def named(window, name) -> QAction:
    return window.commands[name]


OF_NO_CONTACT = {"new-mail", "drafts"}
"""What an agent writes beside all contacts (EM-9); it stands in a menu of its own."""


# What is there


@pytest.mark.parametrize("said", [busy(), booked(), wrap_up(), desk(PARKED, agent=ANNA)])
def test_work_item_has_no_control_that_sends_mail(bench, run, said):
    async def flow():
        await bench.say(said)
        words = {"reply", "forward", "did not arrive", "arrive", "mail", "send", "source"}
        keys = set()
        there = [a for a in bench.window.findChildren(QAction) if a.isVisible()]
        for action in there:
            if action.objectName() in OF_NO_CONTACT or action.menu() is not None:
                continue
            assert action.objectName() not in MAIL_ONLY
            assert not any(word in action.text().lower() for word in words), action.text()
            keys |= {key.toString() for key in action.shortcuts()}
        for widget in bench.window.findChildren(QWidget):
            if isinstance(widget, QAbstractButton) and widget.isVisible():
                name = f"{widget.accessibleName()} {widget.text()}".lower()
                assert not any(word in name for word in words), name
        assert not {"Ctrl+R", "Ctrl+Shift+R", "Ctrl+Shift+D", "Ctrl+Shift+F"} & keys
        assert {a.objectName() for a in there} >= OF_NO_CONTACT

    run(flow())


def test_no_two_commands_have_the_same_words():
    words = [command.text.rstrip("…").casefold() for command in catalogue()]
    assert len(words) == len(set(words))


def test_key_that_is_held_down_repeats_nothing_but_the_zoom(bench):
    repeated = {name for name, action in bench.window.commands.items() if action.autoRepeat()}
    assert repeated == {"zoom-in", "zoom-out", "zoom-reset"}


def test_only_what_a_contact_allows_is_offered(bench, run):
    async def flow():
        await bench.say(busy(PARKED))
        assert offered(bench.desk.bar) == {"End", "Park", "Requeue…", "Why is this mine?"}
        bench.desk.choose(7)
        assert offered(bench.desk.bar) == {"Why is this mine?"}
        await bench.say(booked())
        assert offered(bench.desk.bar) == {"Accept", "Decline", "Why is this mine?"}
        await bench.say(wrap_up())
        assert offered(bench.desk.bar) == set()

    run(flow())


def test_right_that_is_missing_takes_its_control_away(bench, run):
    async def flow():
        await bench.say(desk(LOAN, agent=agent(AgentState.BUSY, rights=[])))
        assert offered(bench.desk.bar) == {"End", "Why is this mine?"}

    run(flow())


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        (AgentState.PAUSED, {"Activate"}),
        (AgentState.READY, {"Pause"}),
        (AgentState.BUSY, {"Pause"}),
        (AgentState.WRAP_UP, {"Activate", "Pause"}),
    ],
)
def test_strip_offers_the_verb_of_the_state(bench, run, state, wanted):
    async def flow():
        await bench.say(desk(agent=agent(state)))
        assert offered(bench.window.strip) == wanted

    run(flow())


def test_booked_strip_offers_accept_alone_and_says_how_long(bench, run):
    async def flow():
        await bench.say(booked())
        assert offered(bench.window.strip) == {"Accept"}
        assert "0:24 left to accept" in _labels(bench.window.strip)
        bench.passed = 4.0
        bench.window._tick()
        assert "0:20 left to accept" in _labels(bench.window.strip)

    run(flow())


def _labels(widget):
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def test_strip_says_state_and_clock(bench, run):
    async def flow():
        await bench.say(desk(agent=agent(AgentState.READY, since=NOW - timedelta(seconds=252))))
        assert {"Ready", "00:04:12"} <= set(_labels(bench.window.strip))
        assert bench.window.windowTitle() == "Ready – Anna Berg – ACE Agent"

    run(flow())


def test_booked_pulses_unless_motion_is_not_wanted(bench, run):
    async def flow():
        await bench.say(booked())
        assert not bench.window.pulse.is_moving and bench.window.pulse.strength > 0
        named(bench.window, "reduced-motion").trigger()
        assert bench.window.pulse.is_moving and not bench.settings.reduced_motion
        await bench.say(busy())
        assert not bench.window.pulse.is_moving and bench.window.pulse.strength == 0

    run(flow())


# By keyboard


@pytest.mark.parametrize("key", [Qt.Key.Key_F10, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_booked_contact_is_accepted(bench, run, key):
    async def flow():
        await bench.say(booked(PARKED))
        bench.press(key)
        await until(lambda: bench.server.last(wire.Accept))
        assert bench.server.last(wire.Accept).contact == 1

    run(flow())


def test_enter_accepts_nothing_where_nothing_is_booked(bench, run):
    async def flow():
        await bench.say(busy())
        bench.press(Qt.Key.Key_Return)
        bench.press(Qt.Key.Key_F10)
        bench.press(Qt.Key.Key_F8)
        await until(lambda: bench.server.last(wire.Park))
        assert bench.server.last(wire.Accept) is None

    run(flow())


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (AgentState.PAUSED, wire.Activate),
        (AgentState.READY, wire.Pause),
        (AgentState.BUSY, wire.Pause),
        (AgentState.WRAP_UP, wire.Activate),
    ],
)
def test_f9_activates_or_pauses(bench, run, state, command):
    async def flow():
        await bench.say(desk(agent=agent(state)))
        bench.press(Qt.Key.Key_F9)
        await until(lambda: bench.server.last(command))
        assert len(bench.server.commands) == 1

    run(flow())


def test_wrap_up_is_paused_out_of_and_extended(bench, run):
    async def flow():
        await bench.say(wrap_up(until=NOW + timedelta(seconds=30)))
        assert "0:30 left" in _labels(bench.window.strip)
        bench.press(Qt.Key.Key_E, CTRL)
        await until(lambda: bench.server.last(wire.ExtendWrapUp))
        bench.press(Qt.Key.Key_F9, SHIFT)
        await until(lambda: bench.server.last(wire.Pause))

    run(flow())


def test_wrap_up_says_what_can_be_done(bench, run):
    async def flow():
        await bench.say(busy())
        ended = wrap_up(until=NOW + timedelta(seconds=30))
        await bench.change("ended", ended.agent, ended.contacts[0])
        said = "Contact data can be changed until wrap-up is over; F9 ends it, Ctrl+E makes it"
        assert any(said in text for text in _labels(bench.desk.bar))
        await bench.say(wrap_up())
        assert any("is over; F9 ends it." in text for text in _labels(bench.desk.bar))

    run(flow())


def test_keyboard_goes_to_the_list_when_its_field_goes(bench, run):
    async def flow():
        await bench.say(busy())
        bench.desk.data.focus_first()
        assert bench.desk.data.isAncestorOf(bench.window.focusWidget())
        await bench.say(desk(agent=agent(AgentState.READY)))
        assert bench.window.focusWidget() is bench.desk.contacts.view

    run(flow())


def test_unlimited_wrap_up_counts_up_and_has_nothing_to_extend(bench, run):
    async def flow():
        await bench.say(wrap_up(since=NOW - timedelta(seconds=61)))
        assert "00:01:01" in _labels(bench.window.strip)
        assert not named(bench.window, Verb.EXTEND_WRAP_UP).isEnabled()

    run(flow())


def test_pause_carries_the_activity_that_was_chosen(bench, run):
    async def flow():
        await bench.say(desk(agent=agent(AgentState.READY)))
        menu = bench.window.strip._activity_menu
        assert [entry.text() for entry in menu.actions()] == ["Lunch"]
        menu.actions()[0].trigger()
        await until(lambda: bench.server.last(wire.Pause))
        assert bench.server.last(wire.Pause).activity == "Lunch"

    run(flow())


def test_f8_parks_what_is_in_hand_and_resumes_what_is_parked(bench, run):
    async def flow():
        await bench.say(busy())
        bench.press(Qt.Key.Key_F8)
        await until(lambda: bench.server.last(wire.Park))
        await bench.change("parked", agent(AgentState.PAUSED), contact(1, state=State.PARKED))
        bench.press(Qt.Key.Key_F8)
        await until(lambda: bench.server.last(wire.Resume))
        assert bench.server.last(wire.Resume).contact == 1

    run(flow())


def test_contact_is_requeued_by_keyboard_with_a_note(bench, run):
    async def flow():
        said = busy()
        queues = ["Everyone", "Loan decisions"]
        colleagues = [Colleague(login="bo", name="Bo Ek")]
        await bench.say(msgspec.structs.replace(said, queues=queues, colleagues=colleagues))
        bench.press(Qt.Key.Key_F7)
        dialog = await bench.dialog()
        assert dialog.chosen.queue == "Everyone"
        bench.press(Qt.Key.Key_Down, on=dialog.findChild(QLineEdit))
        assert dialog.chosen.queue == "Loan decisions"
        QTest.keyClicks(dialog.findChild(QLineEdit), "bo")
        assert (dialog.chosen.queue, dialog.chosen.colleague) == ("", "bo")
        dialog.findChild(QPlainTextEdit).setPlainText(" Call her ")
        bench.press(Qt.Key.Key_Return, on=dialog.findChild(QLineEdit))
        await until(lambda: bench.server.last(wire.Requeue))
        assert bench.server.last(wire.Requeue) == wire.Requeue(
            request=0, contact=1, colleague="bo", note="Call her"
        )

    run(flow())


def test_nothing_is_requeued_nowhere(bench, run):
    async def flow():
        await bench.say(busy())
        bench.press(Qt.Key.Key_F7)
        dialog = await bench.dialog()
        assert isinstance(dialog, RequeueDialog)
        QTest.keyClicks(dialog.findChild(QLineEdit), "nobody of this name")
        pressed = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Requeue")
        assert not pressed.isEnabled()
        dialog.reject()
        await until(lambda: not bench.dialogs())
        assert bench.server.last(wire.Requeue) is None

    run(flow())


def test_end_goes_to_what_is_missing_and_says_so(bench, run):
    async def flow():
        await bench.say(busy())
        named(bench.window, "column-3").trigger()
        bench.press(Qt.Key.Key_Return, CTRL)
        outcome = bench.desk.data.editor("Outcome")
        await until(lambda: bench.window.focusWidget() is outcome)
        assert bench.desk.data.isVisible()
        assert "Outcome is needed before the contact can be ended." in _labels(bench.desk.bar)
        assert outcome.accessibleDescription() == "Needed before the contact can be ended."
        QTest.keyClicks(outcome, "G")
        assert outcome.accessibleDescription() == "Mandatory"
        assert bench.server.last(wire.End) is None

    run(flow())


def test_end_takes_what_was_typed_last_along(bench, run):
    async def flow():
        await bench.say(busy())
        QTest.keyClicks(bench.desk.data.editor("Outcome"), "Granted")
        bench.press(Qt.Key.Key_Return, CTRL)
        await until(lambda: bench.server.last(wire.End))
        assert bench.server.last(wire.End) == wire.End(
            request=0, contact=1, values={"Outcome": "Granted"}
        )

    run(flow())


def test_several_missing_fields_are_counted(bench, run):
    async def flow():
        fields = [Field(key=k, display=k.upper(), rule="mandatory") for k in "abc"]
        await bench.say(desk(msgspec.structs.replace(LOAN, fields=fields), agent=BUSY))
        bench.press(Qt.Key.Key_Return, CTRL)
        await until(lambda: bench.window.focusWidget() is bench.desk.data.editor("a"))
        assert "A and 2 more are needed before the contact can be ended." in _labels(bench.desk.bar)

    run(flow())


def test_booked_contact_is_declined(bench, run):
    async def flow():
        await bench.say(booked())
        bench.press(Qt.Key.Key_F10, CTRL)
        await until(lambda: bench.server.last(wire.Decline))

    run(flow())


def test_booked_contact_that_is_clicked_twice_is_accepted(bench, run):
    async def flow():
        await bench.say(booked(PARKED))
        bench.desk.contacts.opened.emit(7)
        bench.desk.contacts.opened.emit(1)
        await until(lambda: bench.server.last(wire.Accept))
        assert bench.server.last(wire.Accept).contact == 1

    run(flow())


def test_why_it_is_mine_is_told_in_sentences(bench, run):
    async def flow():
        bench.server.answers[wire.Explain] = wire.Explained(
            request=0,
            sentences=[
                wire.Sentence("It waited longest."),
                wire.Sentence("You have the skill\u202e."),
            ],
        )
        await bench.say(busy())
        bench.press(Qt.Key.Key_I, CTRL)
        panel = bench.desk.explanation
        await until(panel.isVisible)
        assert panel.words == "It waited longest.\n\nYou have the skill[U+202E]."
        bench.press(Qt.Key.Key_Escape)
        assert not panel.isVisible()

    run(flow())


def test_long_explanation_stays_in_the_window_and_scrolls(bench, run):
    async def flow():
        await bench.say(busy())
        panel = bench.desk.explanation
        for count in (40, 2):
            panel.tell([f"Sentence {number}, and what follows from it." for number in range(count)])
            assert panel.y() >= 0 and panel.geometry().bottom() < bench.desk.bar.y()
            scrolls = panel._scroll.verticalScrollBar().maximum() > 0
            assert scrolls is (count == 40)

    run(flow())


def test_link_opens_by_key_after_the_question(bench, run):
    async def flow():
        await bench.say(busy())
        bench.press(Qt.Key.Key_O, CTRL)
        bench.press(Qt.Key.Key_Return, on=(await bench.dialog()).focusWidget())
        await until(lambda: bench.opened == ["https://bank.example/loans/1"])

    run(flow())


def test_contact_data_is_copied(bench, run):
    async def flow():
        await bench.say(busy())
        bench.press(Qt.Key.Key_C, CTRL | SHIFT)
        assert QGuiApplication.clipboard().text() == "Amount: 245 000 kr\nOutcome: "

    run(flow())


def test_contact_is_chosen_with_the_arrows(bench, run):
    async def flow():
        await bench.say(busy(PARKED))
        bench.desk.contacts.view.setFocus()
        bench.press(Qt.Key.Key_Down)
        assert bench.desk.chosen.id == 7
        bench.press(Qt.Key.Key_Up)
        assert bench.desk.chosen.id == 1

    run(flow())


def test_choice_stays_when_its_contact_moves_to_another_section(bench, run):
    async def flow():
        await bench.say(busy(PARKED))
        await bench.change("parked", agent(AgentState.PAUSED), contact(1, state=State.PARKED))
        assert bench.desk.chosen.id == 1

    run(flow())


def test_booked_contact_is_shown_at_once(bench, run):
    async def flow():
        await bench.say(desk(PARKED, agent=agent(AgentState.READY)))
        assert bench.desk.chosen.id == 7
        await bench.change("booked", agent(AgentState.BOOKED), BOOKED)
        assert bench.desk.chosen.id == 1

    run(flow())


def test_filter_takes_the_keyboard_and_narrows_the_list(bench, run):
    async def flow():
        await bench.say(busy(PARKED))
        named(bench.window, "column-1").trigger()
        bench.press(Qt.Key.Key_F, CTRL)
        assert bench.window.focusWidget() is bench.desk.contacts.field
        QTest.keyClicks(bench.desk.contacts.field, "card")
        assert [row.text.split(",")[0] for row in bench.desk.model.rows] == ["Parked", "Dispute"]
        QTest.keyClicks(bench.desk.contacts.field, "zzz")
        assert "None of your contacts has these words." in _labels(bench.desk.contacts)
        assert bench.desk.chosen.id == 1, "what is read stays"

    run(flow())


def test_filter_is_left_with_escape_and_with_an_arrow(bench, run):
    async def flow():
        await bench.say(busy(PARKED))
        bench.press(Qt.Key.Key_F, CTRL)
        QTest.keyClicks(bench.desk.contacts.field, "card")
        bench.press(Qt.Key.Key_Escape)
        assert bench.desk.contacts.field.text() == ""
        bench.press(Qt.Key.Key_Down)
        assert bench.window.focusWidget() is bench.desk.contacts.view

    run(flow())


def test_menus_open_below_their_buttons_and_the_loop_goes_on(bench, run):
    async def flow():
        await bench.say(desk(agent=agent(AgentState.READY)))
        strip = bench.window.strip
        strip._person.click()
        await until(bench.window.agent_menu.isVisible)
        bench.window.agent_menu.close()
        strip._activities.click()
        await until(strip._activity_menu.isVisible)
        await bench.say(desk(agent=agent(AgentState.READY), number=2))
        assert strip._activity_menu.isVisible(), "news do not close an open menu"
        strip._activity_menu.close()

    run(flow())


def test_columns_are_hidden_and_shown_but_never_all(bench, run):
    async def flow():
        await bench.say(busy())
        for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3):
            bench.press(key, CTRL, on=bench.window)
        assert [pane.isVisible() for pane in bench.desk.panes()] == [False, False, True]
        bench.press(Qt.Key.Key_1, CTRL, on=bench.window)
        assert [pane.isVisible() for pane in bench.desk.panes()] == [True, False, True]

    run(flow())


def test_window_comes_back_as_it_was_left(bench, run, qtbot):
    async def flow():
        bench.window.resize(720, 520)  # smaller than the screen
        named(bench.window, "column-3").trigger()
        bench.desk.columns.setSizes([250, 450, 0])
        sizes = bench.desk.columns.sizes()
        bench.window.close()
        again = MainWindow(bench.session, bench.settings)
        qtbot.addWidget(again)
        again.show()
        assert again.size() == bench.window.size()
        assert again.desk.columns.sizes() == pytest.approx(sizes, abs=2)
        assert [again.commands[name].isChecked() for name in COLUMNS] == [True, True, False]
        await again.stop()

    run(flow())


def test_f6_goes_round_the_parts_of_the_window(bench, run):
    async def flow():
        await bench.say(busy())
        bench.desk.contacts.view.setFocus()
        visited = []
        for _ in range(5):
            bench.press(Qt.Key.Key_F6)
            parts = (bench.window.strip, *bench.desk.panes(), bench.desk.bar)
            now = bench.window.focusWidget()
            visited.append(next(n for n, part in enumerate(parts) if part.isAncestorOf(now)))
        assert visited == [2, 3, 4, 0, 1]

    run(flow())


def test_command_list_finds_and_does(bench, run):
    async def flow():
        await bench.say(busy())
        bench.press(Qt.Key.Key_K, CTRL)
        listed = bench.window.command_list
        assert listed.isVisible()
        in_pulse = sum(command.menu == "pulse" for command in catalogue())
        # The list itself, the pages, of which an agent has one, work levels, Pulse; and mail.
        one = {"undo-send", "go-to-writing", "source", "open-thread", "send-again", "write-again"}
        mail = len(MAIL_ONLY) + len(OF_DRAFT) + len(READING) + len(one)
        without = 2 + len(Page) + in_pulse + mail
        assert len(listed.model.rows) == len(catalogue()) - without
        QTest.keyClicks(bench.window.focusWidget(), "par")
        assert [row.entry.text for row in listed.model.rows][:1] == ["Park"]
        bench.press(Qt.Key.Key_Return)
        assert not listed.isVisible()
        await until(lambda: bench.server.last(wire.Park))

    run(flow())


def test_command_list_chooses_with_arrows_and_passes_over_what_cannot_be_done(bench, run):
    async def flow():
        await bench.say(busy())
        bench.press(Qt.Key.Key_K, CTRL)
        listed = bench.window.command_list
        seen = set()
        for _ in range(len(listed.model.rows) + 1):
            bench.press(Qt.Key.Key_Down)
            row = listed.model.rows[listed._list.currentIndex().row()]
            assert row.entry.enabled
            seen.add(row.entry.name)
        assert seen == {row.entry.name for row in listed.model.rows if row.entry.enabled}
        bench.press(Qt.Key.Key_Escape)
        assert not listed.isVisible()

    run(flow())


def test_command_list_says_when_nothing_fits(bench, run):
    async def flow():
        await bench.say(busy())
        bench.press(Qt.Key.Key_K, CTRL)
        QTest.keyClicks(bench.window.focusWidget(), "zzz")
        assert "No command has these words." in _labels(bench.window.command_list)
        bench.press(Qt.Key.Key_Return)
        bench.window.resize(1000, 650)
        bench.desk.contacts.field.setFocus()
        assert not bench.window.command_list.isVisible(), "it goes when one goes elsewhere"

    run(flow())


def test_best_command_comes_first():
    entries = [
        Entry("a", "Compare", "park beside"),
        Entry("b", "Unpark", ""),
        Entry("c", "Park", "", "F8"),
    ]
    assert [e.name for e in find(entries, "park")] == ["c", "b", "a"]
    assert [e.name for e in find(entries, "f8")] == ["c"]
    assert find(entries, "park now") == []
    assert find(entries, "") == entries


# Messages


def test_lost_link_is_told_and_what_is_typed_is_kept(bench, run):
    async def flow():
        await bench.say(busy())
        bench.server.is_up = False
        bench.session.set_link(False)
        assert bench.window.link_bar.text.startswith("The link is down since ")
        QTest.keyClicks(bench.desk.data.editor("Outcome"), "Granted")
        assert bench.session.typed == {1: {"Outcome": "Granted"}}
        bench.press(Qt.Key.Key_F8)
        await until(lambda: bench.window.trouble_bar.text == "There is no link to the server.")
        bench.server.is_up = True
        await bench.say(busy())
        assert bench.window.link_bar.text == ""
        assert bench.desk.data.editor("Outcome").text() == "Granted"

    run(flow())


def test_refusal_is_told_until_the_next_command_or_escape(bench, run):
    async def flow():
        refusal = wire.Refusal(
            request=0, code="forbidden", reason=wire.Sentence("You may not park.")
        )
        bench.server.answers[wire.Park] = refusal
        await bench.say(busy())
        bench.press(Qt.Key.Key_F8)
        await until(lambda: bench.window.trouble_bar.text == "You may not park.")
        bench.press(Qt.Key.Key_Escape)
        assert bench.window.trouble_bar.text == ""
        bench.window.say_trouble("old")
        bench.press(Qt.Key.Key_F9)
        assert bench.window.trouble_bar.text == ""
        await until(lambda: bench.server.last(wire.Pause))

    run(flow())


def test_trouble_of_the_server_is_told_while_it_lasts(bench, run):
    async def flow():
        await bench.say(busy())
        bench.session.receive(
            wire.Notice(about="store", text=wire.Sentence("Nothing can be stored."))
        )
        assert bench.window.notice_bar.text == "Nothing can be stored."
        bench.session.receive(wire.Notice(about="store", text=None))
        assert bench.window.notice_bar.text == ""

    run(flow())


def test_value_that_was_not_taken_is_told_with_its_contact(bench, run):
    async def flow():
        await bench.say(busy())
        bench.session.refused.emit(1, "Amount is a number.")
        assert bench.window.trouble_bar.text == "Loan application: Amount is a number."
        bench.session.refused.emit(99, "It left this desk.")
        assert bench.window.trouble_bar.text == "It left this desk."

    run(flow())


def test_task_type_that_holds_a_place_stays_as_it_is(bench, run):
    async def flow():
        foreign = contact(task_type="100%2 sure %1")
        await bench.say(desk(foreign, agent=agent(AgentState.BUSY)))
        bench.session.refused.emit(1, "Amount is a number.")
        assert bench.window.trouble_bar.text == "100%2 sure %1: Amount is a number."

    run(flow())


def test_empty_desk_says_what_will_come_and_what_to_do(bench, run):
    async def flow():
        await bench.say(desk(agent=agent(AgentState.PAUSED)))
        assert "Activate to receive contacts – F9." in _labels(bench.desk.preview)
        await bench.change("activated", agent(AgentState.READY))
        assert "The next contact that fits you comes here by itself." in _labels(bench.desk.preview)

    run(flow())


def test_person_can_log_out_and_read_about_the_program(bench, run):
    async def flow():
        await bench.say(desk(agent=agent(AgentState.PAUSED)))
        named(bench.window, "about").trigger()
        question = await bench.dialog()
        assert "The bank" in question.accessibleDescription()
        question.reject()
        await until(lambda: not bench.dialogs())
        bench.window.activateWindow()
        await until(bench.window.isActiveWindow)
        bench.press(Qt.Key.Key_L, CTRL | SHIFT)
        await until(lambda: bench.session.agent is None)
        await until(lambda: bench.window.windowTitle() == "ACE Agent")
        assert "You are logged out" in _labels(bench.desk.preview)

    run(flow())


def test_light_and_dark_can_be_chosen(bench, run, qapp):
    async def flow():
        await bench.say(busy())
        named(bench.window, "theme-dark").trigger()
        assert bench.settings.theme == "dark"
        assert theme.colours(bench.window.palette()) is theme.DARK
        window = bench.window.palette().color(QPalette.ColorRole.Window).name()
        assert window == theme.DARK.window
        named(bench.window, "theme-light").trigger()
        assert theme.colours(bench.window.palette()) is theme.LIGHT

    run(flow())


# What can be switched


@pytest.mark.parametrize("name", SWITCHES)
def test_each_switch_is_kept_and_acts_at_once(bench, run, qtbot, name):
    async def flow():
        await bench.say(busy())
        setting = SWITCHES[name]
        was = getattr(bench.settings, setting)
        switch = named(bench.window, name)
        assert switch.isChecked() == was
        switch.trigger()
        assert getattr(bench.settings, setting) != was
        again = MainWindow(bench.session, bench.settings)
        qtbot.addWidget(again)
        assert named(again, name).isChecked() != was
        await again.stop()

    run(flow())


def test_command_list_says_what_is_on(bench, run):
    async def flow():
        await bench.say(busy())
        bench.press(Qt.Key.Key_K, CTRL)
        QTest.keyClicks(bench.window.focusWidget(), "sound")
        listed = bench.window.command_list
        assert [row.text for row in listed.model.rows] == ["Sound for a booked contact, On"]
        bench.press(Qt.Key.Key_Return)
        assert not bench.settings.sound
        bench.press(Qt.Key.Key_K, CTRL)
        QTest.keyClicks(bench.window.focusWidget(), "sound")
        assert [row.text for row in listed.model.rows] == ["Sound for a booked contact, Off"]

    run(flow())


# Changing the password


async def password_dialog(bench, old="old one", new="a new sentence", again=None):
    named(bench.window, "change-password").trigger()
    dialog = await bench.dialog()
    QTest.keyClicks(dialog.old, old)
    QTest.keyClicks(dialog.new.first, new)
    QTest.keyClicks(dialog.new.second, new if again is None else again)
    return dialog


def test_password_is_changed_by_keyboard(bench, run):
    async def flow():
        await bench.say(desk(agent=ANNA))
        dialog = await password_dialog(bench)
        assert all(widget.accessibleName() for widget in dialog.findChildren(QLineEdit))
        bench.press(Qt.Key.Key_Return, on=dialog.new.second)
        await until(lambda: bench.server.last(wire.ChangePassword))
        assert bench.server.last(wire.ChangePassword) == wire.ChangePassword(
            request=0, old="old one", new="a new sentence"
        )
        await until(lambda: not bench.dialogs())
        await until(lambda: bench.window.done_bar.text.startswith("Your password is changed."))
        bench.window._unsay()
        assert bench.window.done_bar.text == ""

    run(flow())


def test_password_is_not_changed_by_enter_on_cancel(bench, run):
    async def flow():
        await bench.say(busy())
        dialog = await password_dialog(bench)
        buttons = dialog.findChildren(QPushButton)
        (cancel,) = [one for one in buttons if one.text() == "Cancel"]
        cancel.setFocus()
        QTest.keyClick(cancel, Qt.Key.Key_Return)
        await until(lambda: not bench.dialogs())
        assert bench.server.last(wire.ChangePassword) is None

    run(flow())


def test_password_that_will_not_do_cannot_be_sent(bench, run):
    async def flow():
        await bench.say(desk(agent=ANNA))
        dialog = await password_dialog(bench, again="another sentence")
        assert not dialog.button.isEnabled()
        assert dialog.new.hint.text() == "Type the same password once more."
        dialog.reject()
        await until(lambda: not bench.dialogs())
        assert bench.server.last(wire.ChangePassword) is None

    run(flow())


def test_refused_password_is_told_in_the_dialog_and_can_be_tried_again(bench, run):
    async def flow():
        reason = "The old password is wrong."
        refusal = wire.Refusal(request=0, code="unauthorised", reason=wire.Sentence(reason))
        bench.server.answers[wire.ChangePassword] = refusal
        await bench.say(desk(agent=ANNA))
        dialog = await password_dialog(bench)
        dialog.button.click()
        await until(lambda: dialog.message.text() == reason)
        await until(dialog.button.isEnabled)
        assert dialog.isVisible() and dialog.old.selectedText() == dialog.old.text()
        dialog.reject()
        await until(lambda: not bench.dialogs())
        assert bench.window.done_bar.text == ""

    run(flow())


# For everybody


def controls(window):
    """Everything that can be pressed, chosen or filled in; not the parts Qt makes of one."""
    for widget in window.findChildren(QWidget):
        if not isinstance(widget, INTERACTIVE) or not widget.isVisible():
            continue
        if not widget.objectName().startswith("qt_") and not isinstance(
            widget.parent(), QLineEdit | QComboBox
        ):
            yield widget


def walk(window):
    """The widgets that the Tab key visits, in order."""
    window.desk.contacts.view.setFocus()
    visited = []
    while (now := window.focusWidget()) not in visited:
        visited.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    return visited


@pytest.mark.parametrize("said", [busy(PARKED), booked(), wrap_up(), desk(agent=ANNA)])
def test_every_control_has_a_name(bench, run, said):
    async def flow():
        await bench.say(said)
        for widget in controls(bench.window):
            assert widget.accessibleName(), f"{widget} in {widget.parent()} has no name"

    run(flow())


@pytest.mark.parametrize("said", [busy(PARKED), booked(), wrap_up(), desk(agent=ANNA)])
def test_every_control_is_reached_with_the_tab_key(bench, run, said):
    async def flow():
        await bench.say(said)
        visited = walk(bench.window)
        for widget in controls(bench.window):
            assert widget in visited, f"{widget.accessibleName()} is not reached"

    run(flow())


def test_tab_goes_from_the_strip_through_the_columns_to_the_actions(bench, run):
    async def flow():
        await bench.say(busy(PARKED))
        parts = (bench.window.strip, *bench.desk.panes(), bench.desk.bar)
        order = [
            next((n for n, part in enumerate(parts) if part.isAncestorOf(w)), -1)
            for w in walk(bench.window)
        ]
        start = next(
            n for n, part in enumerate(order) if (order[n - 1], part) != (0, 0) and part == 0
        )
        order = [*order[start:], *order[:start]]
        assert [part for part, _ in groupby(order)] == [0, 1, 2, 3, 4]

    run(flow())


def test_every_command_stands_in_a_menu_with_its_key_and_says_what_it_does(bench, run):
    async def flow():
        in_menus = [
            action for top in bench.window.menuBar().actions() for action in top.menu().actions()
        ]
        for command in catalogue():
            action = named(bench.window, command.name)
            assert action in in_menus
            assert command.hint in action.toolTip()
            if command.keys:
                assert action.shortcut().toString() in (*command.keys, *command.keys[1:])
                assert "(" in action.toolTip()

    run(flow())


def test_no_key_means_two_things_at_once():
    keys = [(key, command.name) for command in catalogue() for key in command.keys]
    shared = {key for key, _ in keys if [k for k, _ in keys].count(key) > 1}
    assert shared == {"F8", "F9", "Shift+F4"} | IN_PULSE, "of each two only one can be done"


IN_PULSE = {"F7", "F10", "Ctrl+I", "Ctrl+U", "Del"}
"""Keys that mean one thing here and another there: see below."""


@pytest.mark.parametrize("said", scenes.DESKS.values(), ids=scenes.DESKS)
def test_no_key_has_two_commands_that_can_be_done_at_the_desk(bench, run, said):
    async def flow():
        await bench.say(said)
        assert not doubled(bench)

    run(flow())


def test_no_key_has_two_commands_that_can_be_done_in_pulse(bench, run):
    async def flow():
        view = await scenes.queue_of(bench, waits(1), waits(2, prioritised=True))
        assert not doubled(bench)
        view.table.selectAll()
        assert not doubled(bench)
        panel = bench.window.panel
        panel.leave()
        panel.agents.setCurrentIndex(panel.agent_model.index(0, 0))
        assert bench.window.commands[Intervention.LOG_OUT_OF_QUEUE].isEnabled()
        assert not doubled(bench)

    run(flow())


def doubled(bench):
    able = [action for action in bench.window.commands.values() if action.isEnabled()]
    keys = [key.toString() for action in able for key in action.shortcuts()]
    return {key for key in keys if keys.count(key) > 1}


OWNED = """Ctrl+A Ctrl+C Ctrl+V Ctrl+X Ctrl+Z Ctrl+Y Ctrl+Shift+Z Ctrl+Left Ctrl+Right
Ctrl+Home Ctrl+End Ctrl+T Ctrl+Shift+T Ctrl+W Ctrl+N Ctrl+R Ctrl+L Ctrl+D Ctrl+H Ctrl+J Ctrl+P
Ctrl+S Ctrl+Tab F1 F5 F11 F12 Ctrl+Q Alt+F4 Alt+Tab Alt+Left Alt+Right Ctrl+Alt+Del Ctrl+Esc
Ctrl+Space Print"""
"""Keys that belong to the system, to writing, or to the habits of who uses a browser all day."""


def test_no_key_is_anybody_elses():
    owned = {QKeySequence(key) for key in OWNED.split()}
    assert len(owned) == len(OWNED.split())
    meant = {("reply", "Ctrl+R"), ("undo-send", "Ctrl+Z")}  # as in every mail program
    taken = [
        key
        for one in catalogue()
        for key in one.keys
        if QKeySequence(key) in owned and (one.name, key) not in meant
    ]
    assert not taken


@pytest.mark.parametrize("key", ["cid", "remark", "loanAmount"])
def test_keys_of_commands_act_from_inside_a_field(bench, run, qtbot, key):
    fields = [
        Field(key="cid", display="Customer", value="K-1"),
        Field(key="remark", display="Remark", value="She called.", rule="optional", lines=3),
        Field(key="loanAmount", display="Amount", value="245 000 kr", rule="optional"),
    ]
    held = msgspec.structs.replace(LOAN, fields=fields)

    async def flow():
        await bench.say(desk(held, agent=BUSY))
        field = bench.desk.data._views[key].value
        for letter, name in ((Qt.Key.Key_K, "commands"), (Qt.Key.Key_I, Action.EXPLAIN)):
            field.setFocus()
            with qtbot.waitSignal(named(bench.window, name).triggered, timeout=1000):
                bench.press(letter, CTRL)
            bench.press(Qt.Key.Key_Escape)
        assert bench.session.value(1, key) == next(f.value for f in fields if f.key == key)

    run(flow())


@pytest.mark.parametrize("state", AgentState)
def test_f9_never_means_two_things(bench, run, state):
    async def flow():
        await bench.say(desk(agent=agent(state)))
        able = [a for a in (Verb.ACTIVATE, Verb.PAUSE) if named(bench.window, a).isEnabled()]
        keys = [s.toString() for a in able for s in named(bench.window, a).shortcuts()]
        assert keys.count("F9") == min(1, len(able))

    run(flow())


def test_every_action_of_the_desk_has_a_command():
    names = {command.name for command in catalogue()}
    assert {*Action, *Verb} <= names
