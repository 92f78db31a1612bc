"""What a supervisor sees and does about mail in Pulse, by keyboard in the real window (EM-2)."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton

from ace_agent.actions import Intervention
from ace_agent.pulse.mail_source import MOST_SOURCE
from ace_server import wire
from tests.agent import mails, scenes
from tests.agent.mails import ACCOUNTS, CARDS, LOANS, SOURCE, SUPPORT, kept, unsent
from tests.agent.scripted import desk
from tests.agent.test_accessibility import nameless
from tests.agent.test_main_window import doubled
from tests.agent.waiting import until

pytestmark = pytest.mark.qt_log_ignore(
    "does not support (propagateSizeHints|raise|grabbing the keyboard)", extend=True
)

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
DAGNY = scenes.SUPERVISOR


def ids(model):
    return [row.mail.id for row in model.rows]


def chosen(view):
    return [mail.id for mail in view.chosen]


def can(bench):
    return {each for each in Intervention if bench.window.commands[each].isEnabled()}


async def answer(bench, text):
    """Press this button of the question that is up."""
    dialog = await bench.dialog()
    (button,) = [b for b in dialog.findChildren(QPushButton) if b.text() == text]
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    await until(lambda: not bench.dialogs())
    await back(bench)


async def back(bench):
    """The keyboard is over the window again."""
    bench.window.activateWindow()
    await until(bench.window.isActiveWindow)


# Accounts


def test_accounts_stand_below_queues_and_agents_and_say_what_is_to_be_done(bench, run):
    async def flow():
        panel = await mails.pulse_of(bench, DAGNY)
        assert panel.accounts.isVisible()
        shown = [row.figures.account for row in panel.account_model.rows]
        assert shown == [CARDS, SUPPORT, LOANS], "the worst first"
        assert panel._mail.words.startswith(f"{CARDS}: The mail server mail.example refuses")
        assert "Mails to see to: 5" in panel.headline.words
        panel.accounts.setCurrentIndex(panel.account_model.place(SUPPORT))
        look = "Look into quarantine to see the mails that went no further."
        assert panel._mail.words == f"{SUPPORT}: {look}"
        bench.session.receive(mails.figures(2, ACCOUNTS[:1]))
        await until(lambda: panel.account_model.rowCount() == 1)
        assert panel._mail.words == ""
        assert not any("Mails" in words for words in panel.headline.words)
        bench.session.receive(mails.figures(3, ()))
        await until(lambda: not panel.accounts.isVisible())

    run(flow())


def test_enter_on_an_account_looks_into_its_quarantine_and_esc_comes_back(bench, run):
    async def flow():
        found = [kept(1, account=LOANS), *(kept(number) for number in range(2, 6))]
        panel = await mails.pulse_of(bench, DAGNY, mails=found)
        panel.accounts.setFocus()
        panel.accounts.setCurrentIndex(panel.account_model.place(SUPPORT))
        bench.press(Qt.Key.Key_Return)
        await until(lambda: panel.quarantine.is_known)
        view = panel.quarantine_view
        assert view.isVisible() and view.mails.hasFocus()
        assert ids(view.mail_model) == [1, 2, 3, 4, 5], "every page"
        assert ids(view.outgoing_model) == [1, 2]
        assert chosen(view) == [2], "the first of that account"
        assert "It has more than 100 parts" in view.detail.words
        assert f"Mail account: {SUPPORT}" in view.detail.words
        one = (Intervention.SHOW_SOURCE, Intervention.EXPORT)
        assert can(bench) == {*one, Intervention.RETRY, Intervention.DISCARD}
        bench.press(Qt.Key.Key_Escape)
        assert panel.accounts.isVisible() and panel.accounts.hasFocus()
        assert panel.quarantine.mails == ()

    run(flow())


def test_agent_has_no_quarantine(bench, run):
    async def flow():
        await bench.say(desk())
        assert not bench.window.commands[Intervention.QUARANTINE].isVisible()
        assert "Look into quarantine" not in {entry.text for entry in bench.window._find("")}

    run(flow())


# What is kept


def test_source_is_asked_for_by_enter_and_shown_as_plain_text(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY)
        assert bench.kept.asked == [] and not view.detail.text.isVisible()
        bench.press(Qt.Key.Key_Return)
        await until(view.detail.text.isVisible)
        shown = view.detail.text.toPlainText()
        assert shown == "Subject: hej\n\nKan n\\xe5gon [U+202E] hjälpa?\n"
        bench.press(Qt.Key.Key_Down)
        assert not view.detail.text.isVisible()
        assert bench.kept.asked == [1], "who only passes by has seen nothing"
        bench.kept.source = b"<b>" * MOST_SOURCE
        bench.press(Qt.Key.Key_U, CTRL)
        await until(view.detail.text.isVisible)
        assert len(view.detail.text.toPlainText()) == MOST_SOURCE
        assert "its first 262.1 kB of 8.4 kB. Export it" in view.detail.words

    run(flow())


def test_chosen_mails_are_retried_and_leave_the_list(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY)
        bench.press(Qt.Key.Key_Down, SHIFT)
        bench.press(Qt.Key.Key_F8)
        await until(lambda: ids(view.mail_model) == [3])
        assert bench.server.last(wire.RetryMails).mails == [1, 2]
        assert bench.window.done_bar.text == "2 mails will be analysed again."
        assert chosen(view) == [], "nobody else becomes chosen"
        assert view.mails.hasFocus()
        view.mails.selectAll()
        bench.kept.mails = [kept(4)]  # somebody else saw to number 3 just now
        bench.press(Qt.Key.Key_F8)
        await until(lambda: ids(view.mail_model) == [4])
        assert bench.window.trouble_bar.text == "This mail is no longer in quarantine."

    run(flow())


def test_mail_is_discarded_only_after_a_question(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY)
        bench.press(Qt.Key.Key_Delete)
        dialog = await bench.dialog()
        assert dialog.windowTitle().startswith("Discard 1 mail")
        assert f"{SUPPORT}: It has more than 100 parts" in dialog.accessibleDescription()
        QTest.keyClick(dialog, Qt.Key.Key_Return)  # the first answer keeps it
        await until(lambda: not bench.dialogs())
        await back(bench)
        assert bench.server.last(wire.DiscardMails) is None
        bench.press(Qt.Key.Key_Delete)
        await answer(bench, "Discard")
        await until(lambda: ids(view.mail_model) == [2, 3])
        assert bench.server.last(wire.DiscardMails).mails == [1]

    run(flow())


def test_mail_is_exported_where_the_person_says(bench, run, tmp_path):
    target = tmp_path / "one.eml"

    async def export():
        bench.press(Qt.Key.Key_S, CTRL | SHIFT)
        dialog = await bench.dialog()
        assert isinstance(dialog, QFileDialog)
        assert dialog.selectedFiles()[0].endswith("mail-1.eml")
        dialog.findChild(QLineEdit, "fileNameEdit").setText(str(target))
        dialog.accept()

    async def flow():
        await mails.quarantine_of(bench, DAGNY)
        await export()
        await until(lambda: bench.window.done_bar.text)
        assert target.read_bytes() == SOURCE
        assert bench.window.done_bar.text == "The mail is saved as one.eml."
        target.write_bytes(b"before")
        await back(bench)
        await export()
        await until(lambda: any(not isinstance(d, QFileDialog) for d in bench.dialogs()))
        assert target.read_bytes() == b"before"
        await answer(bench, "Replace")
        await until(lambda: bench.window.done_bar.text)
        assert target.read_bytes() == SOURCE

    run(flow())


# What was not delivered


def test_refused_mail_is_sent_again_and_one_that_may_have_been_sent_after_a_question(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY)
        view.outgoing.setFocus()
        view.outgoing.setCurrentIndex(view.outgoing_model.place(1))
        assert chosen(view) == [], "something is chosen in one list, never in both"
        assert can(bench) == {Intervention.SEND_AGAIN}
        assert "The other server said: 550 no such mailbox" in view.detail.words
        assert "To: gone@home.example" in view.detail.words
        bench.press(Qt.Key.Key_F7)
        await until(lambda: ids(view.outgoing_model) == [2])
        assert bench.server.last(wire.SendAgain).outgoing == 1
        assert bench.window.done_bar.text.startswith("1 mail")
        view.outgoing.setCurrentIndex(view.outgoing_model.place(2))
        bench.press(Qt.Key.Key_F7)
        await answer(bench, "Leave it")
        assert len(bench.server.all(wire.SendAgain)) == 1
        bench.press(Qt.Key.Key_F7)
        await answer(bench, "Send again")
        await until(lambda: ids(view.outgoing_model) == [])
        view.mails.setCurrentIndex(view.mail_model.place(2))
        assert (chosen(view), view.chosen_outgoing) == ([2], [])

    run(flow())


# As things change


def test_list_follows_the_figures_and_keeps_what_is_chosen(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY)
        bench.press(Qt.Key.Key_Down)
        bench.kept.mails = [kept(2), kept(4)]
        bench.session.receive(mails.figures(2, [mails.account(SUPPORT, quarantined=2)]))
        await until(lambda: ids(view.mail_model) == [2, 4])
        assert chosen(view) == [2]
        bench.session.set_link(False)
        bench.kept.mails = [kept(9)]
        await bench.say(desk(agent=DAGNY))
        await until(lambda: ids(view.mail_model) == [9])
        bench.session.leave("")
        assert not bench.window.panel.looks_into_quarantine
        assert ids(view.mail_model) == [] == ids(view.outgoing_model), "not for who comes next"

    run(flow())


def test_empty_quarantine_says_that_all_is_well(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY, mails=(), undelivered=[unsent(1)])
        assert view.outgoing.hasFocus(), "the only list with something in it"
        bench.kept.undelivered = []
        bench.window.panel.quarantine.again()
        await until(view._empty.isVisible)
        assert "No mail waits for a person" in view._empty.words
        assert not view.mails.isVisible()
        assert view._back.hasFocus()

    run(flow())


def test_typed_words_narrow_both_lists(bench, run):
    async def flow():
        undelivered = [unsent(1), unsent(2, subject="A boat")]
        view = await mails.quarantine_of(bench, DAGNY, undelivered=undelivered)
        bench.window.panel.field.setText("boat")
        assert (ids(view.mail_model), ids(view.outgoing_model)) == ([], [2])
        bench.window.panel.field.setText("zzz")
        assert "No mail here has these words" in view._empty.words

    run(flow())


def test_every_control_is_reached_and_has_a_name_and_every_key_one_meaning(bench, run):
    async def flow():
        panel = await mails.pulse_of(bench, DAGNY)
        panel.accounts.setCurrentIndex(panel.account_model.place(SUPPORT))
        assert not nameless(bench.window) and not doubled(bench)
        bench.press(Qt.Key.Key_F8, CTRL)
        await until(lambda: panel.quarantine.is_known)
        view = panel.quarantine_view
        bench.press(Qt.Key.Key_Return)
        await until(view.detail.text.isVisible)
        assert not nameless(bench.window) and not doubled(bench)
        visited = []
        for _ in range(4):
            bench.press(Qt.Key.Key_F6)
            visited.append(bench.window.focusWidget())
        assert visited[0] is view.outgoing
        assert view.detail.isAncestorOf(visited[1]) and view.bar.isAncestorOf(visited[2])

    run(flow())
