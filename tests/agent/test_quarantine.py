"""What a supervisor sees and does about mail in Pulse, by keyboard in the real window (EM-2)."""

import msgspec
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


def test_accounts_stand_below_queues_and_agents_with_the_worst_first(bench, run):
    async def flow():
        panel = await mails.pulse_of(bench, DAGNY)
        assert panel.accounts.isVisible()
        shown = [row.figures.account for row in panel.account_model.rows]
        assert shown == [CARDS, SUPPORT, LOANS]
        assert panel._mail.words.startswith(f"{CARDS}: The mail server mail.example refuses")
        assert "Mails to see to: 5" in panel.headline.words

    run(flow())


def test_site_without_mail_shows_no_mail_accounts(bench, run):
    async def flow():
        panel = await mails.pulse_of(bench, DAGNY, accounts=())
        assert not panel.accounts.isVisible()
        assert not any("Mails" in words for words in panel.headline.words)

    run(flow())


def test_account_that_recovers_is_told_so(bench, run):
    async def flow():
        panel = await mails.pulse_of(bench, DAGNY)
        well = [msgspec.structs.replace(ACCOUNTS[2], state="idle", trouble=None), *ACCOUNTS[:1]]
        bench.session.receive(mails.figures(2, well))
        await until(lambda: panel.account_model.rowCount() == 2)
        assert panel._mail.words == ""
        assert not any("Mails" in words for words in panel.headline.words)

    run(flow())


def test_chosen_account_says_what_to_do(bench, run):
    async def flow():
        panel = await mails.pulse_of(bench, DAGNY)
        panel.accounts.setCurrentIndex(panel.account_model.place(SUPPORT))
        assert panel._mail.words == (
            f"{SUPPORT}: Look into quarantine to see the mails that went no further."
        )

    run(flow())


def test_enter_on_an_account_looks_into_its_quarantine_and_esc_comes_back(bench, run):
    async def flow():
        panel = await mails.pulse_of(bench, DAGNY, mails=[kept(1, account=LOANS), kept(2)])
        panel.accounts.setFocus()
        panel.accounts.setCurrentIndex(panel.account_model.place(SUPPORT))
        bench.press(Qt.Key.Key_Return)
        await until(lambda: panel.quarantine.is_known)
        view = panel.quarantine_view
        assert view.isVisible() and view.mails.hasFocus()
        assert chosen(view) == [2]
        bench.press(Qt.Key.Key_Escape)
        assert panel.accounts.isVisible() and panel.accounts.hasFocus()
        assert panel.quarantine.mails == ()

    run(flow())


def test_agent_has_no_quarantine(bench, run):
    async def flow():
        await bench.say(desk())
        assert not {c for c in can(bench) if not bench.window.commands[c].isVisible()}
        assert not bench.window.commands[Intervention.QUARANTINE].isVisible()
        assert "Look into quarantine" not in {entry.text for entry in bench.window._find("")}

    run(flow())


# What is kept


def test_all_pages_are_shown_the_first_mail_chosen(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY, mails=[kept(n) for n in range(1, 6)])
        assert ids(view.mail_model) == [1, 2, 3, 4, 5]
        assert ids(view.outgoing_model) == [1, 2]
        assert chosen(view) == [1]
        assert "It has more than 100 parts" in view.detail.words
        assert f"Mail account: {SUPPORT}" in view.detail.words
        assert can(bench) == {
            Intervention.SHOW_SOURCE,
            Intervention.RETRY,
            Intervention.EXPORT,
            Intervention.DISCARD,
        }

    run(flow())


def test_source_is_asked_for_by_enter_and_shown_as_plain_text(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY)
        assert bench.kept.asked == [] and not view.detail.text.isVisible()
        bench.press(Qt.Key.Key_Return)
        await until(view.detail.text.isVisible)
        shown = view.detail.text.toPlainText()
        assert shown == "Subject: hej\n\nKan n\\xe5gon [U+202E] hjälpa?\n"
        assert bench.kept.asked == [1]
        bench.press(Qt.Key.Key_Down)
        assert not view.detail.text.isVisible()
        assert bench.kept.asked == [1], "who only passes by has seen nothing"

    run(flow())


def test_long_source_is_shown_in_part_and_says_so(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY, mails=[kept(1, size=35_000_000)])
        bench.kept.source = b"<b>" * MOST_SOURCE
        bench.window.commands[Intervention.SHOW_SOURCE].trigger()
        await until(view.detail.text.isVisible)
        assert len(view.detail.text.toPlainText()) == MOST_SOURCE
        assert "first 262.1 kB of 35.0 MB" in view.detail.words

    run(flow())


def test_chosen_mails_are_retried(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY)
        bench.press(Qt.Key.Key_Down, SHIFT)
        bench.press(Qt.Key.Key_F8)
        await until(lambda: ids(view.mail_model) == [3])
        assert bench.server.last(wire.RetryMails).mails == [1, 2]
        assert bench.window.done_bar.text == "2 mails will be analysed again."
        assert chosen(view) == [], "nobody else becomes chosen"
        assert view.mails.hasFocus()

    run(flow())


def test_mail_is_discarded_only_after_a_question(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY)
        bench.press(Qt.Key.Key_Delete)
        dialog = await bench.dialog()
        assert dialog.windowTitle().startswith("Discard 1 mail")
        QTest.keyClick(dialog, Qt.Key.Key_Return)  # the first answer keeps it
        await until(lambda: not bench.dialogs())
        await back(bench)
        assert bench.server.last(wire.DiscardMails) is None
        bench.press(Qt.Key.Key_Delete)
        await answer(bench, "Discard")
        await until(lambda: ids(view.mail_model) == [2, 3])
        assert bench.server.last(wire.DiscardMails).mails == [1]

    run(flow())


def test_what_somebody_else_saw_to_is_told_and_leaves_the_list(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY)
        bench.kept.mails = [kept(3)]
        bench.press(Qt.Key.Key_F8)
        await until(lambda: ids(view.mail_model) == [3])
        assert bench.window.trouble_bar.text == "This mail is no longer in quarantine."

    run(flow())


@pytest.mark.parametrize("is_taken", [False, True])
def test_mail_is_exported_where_the_person_says(bench, run, tmp_path, is_taken):
    target = tmp_path / "one.eml"
    if is_taken:
        target.write_bytes(b"before")

    async def flow():
        await mails.quarantine_of(bench, DAGNY)
        bench.press(Qt.Key.Key_S, CTRL | SHIFT)
        dialog = await bench.dialog()
        assert isinstance(dialog, QFileDialog)
        assert dialog.selectedFiles()[0].endswith("mail-1.eml")
        dialog.findChild(QLineEdit, "fileNameEdit").setText(str(target))
        dialog.accept()
        if is_taken:
            await until(lambda: any(not isinstance(d, QFileDialog) for d in bench.dialogs()))
            assert target.read_bytes() == b"before"
            await answer(bench, "Replace")
        await until(lambda: bench.window.done_bar.text)
        assert target.read_bytes() == SOURCE
        assert bench.window.done_bar.text == "The mail is saved as one.eml."

    run(flow())


# What was not delivered


def test_one_list_has_what_is_chosen_and_never_both(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY)
        view.outgoing.setFocus()
        view.outgoing.setCurrentIndex(view.outgoing_model.place(1))
        assert chosen(view) == []
        assert can(bench) == {Intervention.SEND_AGAIN}
        assert "The other server said: 550 no such mailbox" in view.detail.words
        assert "To: gone@home.example" in view.detail.words
        view.mails.setCurrentIndex(view.mail_model.place(2))
        assert view.chosen_outgoing == []
        assert chosen(view) == [2]

    run(flow())


def test_refused_mail_is_sent_again(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY)
        view.outgoing.setFocus()
        view.outgoing.setCurrentIndex(view.outgoing_model.place(1))
        bench.press(Qt.Key.Key_F7)
        await until(lambda: ids(view.outgoing_model) == [2])
        assert bench.server.last(wire.SendAgain).outgoing == 1
        assert bench.window.done_bar.text.startswith("1 mail")

    run(flow())


def test_what_may_have_been_sent_is_sent_again_only_after_a_question(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY, mails=())
        assert view.outgoing.hasFocus(), "the only list with something in it"
        view.outgoing.setCurrentIndex(view.outgoing_model.place(2))
        bench.press(Qt.Key.Key_F7)
        await answer(bench, "Leave it")
        assert bench.server.last(wire.SendAgain) is None
        bench.press(Qt.Key.Key_F7)
        await answer(bench, "Send again")
        await until(lambda: ids(view.outgoing_model) == [1])

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

    run(flow())


def test_empty_quarantine_says_that_all_is_well(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY, mails=(), undelivered=())
        assert "No mail waits for a person" in view._empty.words
        assert view._empty.isVisible() and not view.mails.isVisible()
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


def test_what_was_seen_is_not_for_who_comes_next(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY)
        bench.session.leave("")
        assert not bench.window.panel.looks_into_quarantine
        assert ids(view.mail_model) == [] == ids(view.outgoing_model)

    run(flow())


def test_link_that_comes_back_is_asked_anew(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY)
        bench.session.set_link(False)
        bench.kept.mails = [kept(9)]
        await bench.say(desk(agent=DAGNY))
        await until(lambda: ids(view.mail_model) == [9])

    run(flow())


def test_next_part_goes_through_lists_and_actions(bench, run):
    async def flow():
        view = await mails.quarantine_of(bench, DAGNY)
        bench.press(Qt.Key.Key_F6)
        assert view.outgoing.hasFocus()
        for _ in range(6):
            if view.bar.isAncestorOf(bench.window.focusWidget()):
                break
            bench.press(Qt.Key.Key_F6)
        assert view.bar.isAncestorOf(bench.window.focusWidget())

    run(flow())
