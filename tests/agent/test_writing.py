"""The pane in which a mail is written: whose keys are whose, and what comes up over it."""

import asyncio
from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QSize, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragMoveEvent, QImage, QKeyEvent, QKeySequence

from ace_agent.desk import signatures
from ace_agent.desk.data_pane import Line
from ace_server import wire
from ace_server.wire import AgentState, Field, State
from tests.agent import scenes
from tests.agent.bench import Lists
from tests.agent.post import EMAIL, Post
from tests.agent.scripted import NOW, contact, desk, status, waiting
from tests.agent.waiting import until

pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise)", extend=True)

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
BUSY = scenes.agent(AgentState.BUSY)
BOOKED = contact(8, state=State.BOOKED, booked_until=NOW + timedelta(seconds=20))


@pytest.fixture
def post(bench):
    """The mail at the other end of the bench."""
    return Post(bench.server)


@pytest.fixture
def pane(bench):
    return bench.desk.mail.pane


async def writing(bench, *others, key=Qt.Key.Key_R, modifier=CTRL):
    """A reply is begun about the e-mail in hand."""
    await bench.say(desk(EMAIL, *others, agent=BUSY))
    await until(lambda: bench.desk.mail_at_hand is not None)
    pane, before = bench.desk.mail.pane, bench.desk.mail.pane.draft
    bench.press(key, modifier)
    await until(lambda: pane.isVisible() and pane.draft != before)


def held(bench, kind):
    """Answers to commands of this kind come when the event that is returned is set."""
    free, ask = asyncio.Event(), bench.server.ask

    async def wait(command):
        answer = await ask(command)
        if isinstance(command, kind):
            await free.wait()
        return answer

    bench.server.ask = wait
    return free


def refuse(bench, kind, code, reason):
    refusal = wire.Refusal(request=0, code=code, reason=wire.Sentence(reason))
    bench.server.answers[kind] = refusal


@pytest.fixture
def alerts(monkeypatch):
    """What a screen reader is told at once."""
    told = []
    monkeypatch.setattr(
        QAccessible, "updateAccessibility", lambda event: told.append(event.object())
    )
    return told


# Several drafts


def test_second_reply_is_the_first_and_another_kind_leaves_it_in_the_list(bench, run, post, pane):
    async def flow():
        await writing(bench)
        bench.press(Qt.Key.Key_H)
        bench.press(Qt.Key.Key_R, CTRL)
        bench.press(Qt.Key.Key_R, CTRL)
        await until(lambda: not bench.window.tasks.is_running("reply"))
        assert [*post.drafts] == [10] and pane.draft == 10 and pane.body.hasFocus()
        lines = bench.desk.preview.mail.lines
        assert not lines.words
        bench.press(Qt.Key.Key_F, CTRL | SHIFT)
        await until(lambda: pane.draft == 11)
        assert lines.words == ["Not sent yet – Reply to karin@home.example: Re: My card"]
        lines.go_on.emit(10)
        lines.go_on.emit(10)
        await until(lambda: pane.draft == 10)
        assert lines.words == ["Not sent yet – Forward: (no subject)"]

    run(flow())


def test_key_that_is_pressed_twice_begins_one_mail(bench, run, post, pane):
    async def flow():
        await bench.say(desk(EMAIL, agent=BUSY))
        await until(lambda: bench.desk.mail_at_hand is not None)
        free = held(bench, wire.Compose)
        for key, modifier in ((Qt.Key.Key_R, CTRL), (Qt.Key.Key_M, CTRL)):
            bench.press(key, modifier)
            bench.press(key, modifier)
        await until(lambda: len(post.drafts) == 2)
        free.set()
        await until(lambda: len(bench.desk.mail.drafts.open) == 2 and pane.isVisible())
        assert len(bench.server.all(wire.Compose)) == 2

    run(flow())


# What comes by itself


def test_booking_leaves_the_mail_under_the_hands_that_write_it(bench, run, post, pane):
    async def flow():
        await writing(bench, contact(7, state=State.PARKED))
        bench.press(Qt.Key.Key_H)
        await bench.change("booked", scenes.agent(AgentState.BOOKED), BOOKED)
        bench.press(Qt.Key.Key_I)
        assert pane.body.hasFocus() and pane.body.toPlainText().startswith("hi")
        assert bench.desk.chosen.id == 1
        bench.press(Qt.Key.Key_Escape)  # and then it comes up
        await until(lambda: bench.desk.chosen.id == 8)

    run(flow())


def test_prepared_text_goes_into_the_mail_for_which_it_was_chosen(bench, run, post, pane):
    async def flow():
        await writing(bench)
        bench.press(Qt.Key.Key_F2)
        chooser = bench.desk.mail.chooser
        await until(chooser.isVisible)
        await bench.change("booked", scenes.agent(AgentState.BOOKED), BOOKED)
        assert not pane.isVisible()
        bench.press(Qt.Key.Key_Return, on=chooser.field)
        assert pane.draft == 10 and pane.body.toPlainText().startswith("Your card is open")

    run(flow())


def test_mail_stays_in_front_when_its_contact_leaves_the_desk(bench, run, post, pane):
    async def flow():
        await writing(bench, contact(7, state=State.PARKED))
        bench.press(Qt.Key.Key_H)
        await bench.change("lease over", scenes.agent(AgentState.READY), gone=[1])
        assert bench.desk.chosen.id == 7 and pane.draft == 10
        bench.press(Qt.Key.Key_I)
        assert pane.body.toPlainText().startswith("hi")

    run(flow())


def test_what_is_typed_never_goes_into_another_mail_that_comes_up(bench, run, post, pane):
    async def flow():
        await writing(bench, key=Qt.Key.Key_M)
        await writing(bench)
        assert pane.draft == 11
        bench.desk.mail.drafts._close(11)  # it was sent from elsewhere
        assert pane.draft == 10 and not bench.desk.mail.has_keyboard
        assert bench.window.focusWidget() is bench.desk.contacts.view

    run(flow())


def test_contact_that_is_accepted_while_one_writes_is_looked_at(bench, run, post, pane):
    async def flow():
        await writing(bench, key=Qt.Key.Key_M)
        bench.press(Qt.Key.Key_K)
        await bench.change("booked", scenes.agent(AgentState.BOOKED), BOOKED)
        bench.press(Qt.Key.Key_F10)
        await until(lambda: bench.server.last(wire.Accept))
        await until(lambda: bench.desk.chosen.id == 8)

    run(flow())


def test_list_that_is_looked_into_is_not_covered_by_what_is_written(bench, run, post, pane):
    async def flow():
        Lists(bench.server, Disputes=[waiting(1)])
        await writing(bench, key=Qt.Key.Key_M)
        bench.press(Qt.Key.Key_K)
        bench.tell(status("Disputes", 1, is_list=True))
        bench.desk.look("Disputes")
        await until(lambda: bench.desk.read is not None)
        await until(lambda: post.drafts[10].to == "k")  # it is stored meanwhile
        assert bench.desk.mail.drafts.open[10].is_stored and not pane.isVisible()
        bench.press(Qt.Key.Key_M, CTRL | SHIFT)
        await until(bench.desk.mail.chooser.isVisible)
        bench.press(Qt.Key.Key_Return, on=bench.desk.mail.chooser.field)
        await until(pane.isVisible)
        bench.desk.refresh()
        assert not bench.desk.looks and bench.desk.mail.has_keyboard

    run(flow())


# Sending


def test_keyboard_goes_to_undo_only_from_what_was_sent(bench, run, post, pane):
    async def flow():
        await writing(bench)
        free = held(bench, wire.SendMail)
        bench.press(Qt.Key.Key_Return, CTRL | SHIFT)
        await until(lambda: bench.server.last(wire.SendMail))
        field = bench.desk.contacts.field
        field.setFocus()
        free.set()
        await until(lambda: bench.desk.mail.undo_bar.text)
        assert field.hasFocus()

    run(flow())


def test_mail_that_is_being_sent_keeps_its_cursor_and_takes_no_keys(bench, run, post, pane):
    async def flow():
        await writing(bench)
        bench.press(Qt.Key.Key_H)
        free = held(bench, wire.SendMail)
        refuse(bench, wire.SendMail, "too-large", "Too large.")
        bench.press(Qt.Key.Key_Return, CTRL | SHIFT)
        bench.press(Qt.Key.Key_Return, CTRL | SHIFT)
        await until(lambda: bench.server.last(wire.SendMail))
        bench.press(Qt.Key.Key_X)
        pane.insert("Nor this.")
        assert pane.body.hasFocus() and pane.body.toPlainText().startswith("h\n")
        free.set()
        await until(lambda: bench.window.trouble_bar.text)
        bench.press(Qt.Key.Key_I)
        assert pane.body.toPlainText().startswith("hi\n")
        assert len(bench.server.all(wire.SendMail)) == 1

    run(flow())


@pytest.mark.parametrize(
    ("code", "reason", "part"),
    [
        ("bad-address", "bo@home.example is no e-mail address.", "cc"),
        ("bad-address", "x is no e-mail address.", "to"),
        ("no-recipient", "Say who the mail is for.", "to"),
        ("bad-sender", "You cannot write from here.", "from"),
    ],
)
def test_what_the_server_refuses_is_told_where_it_stands(
    bench, run, post, pane, alerts, code, reason, part
):
    async def flow():
        await writing(bench)
        bench.desk.mail.drafts.write(10, cc="bo@home.example")
        refuse(bench, wire.SendMail, code, reason)
        bench.press(Qt.Key.Key_Return, CTRL | SHIFT)
        await until(lambda: pane.wrong)
        field = pane.senders if part == "from" else pane.lines[part]
        assert pane.wrong == reason and field.hasFocus()
        assert field.accessibleDescription() == reason and pane._wrong in alerts

    run(flow())


def test_text_that_is_too_long_says_so_to_a_screen_reader(bench, run, post, pane, alerts):
    async def flow():
        await writing(bench)
        pane.demand("text", "It is too long.")
        assert pane.body.accessibleDescription() == "It is too long."
        assert pane.body.property("wrong") and pane._wrong in alerts
        bench.press(Qt.Key.Key_X)
        assert not pane.body.accessibleDescription()

    run(flow())


def test_text_that_is_not_stored_says_so_to_a_screen_reader_once(bench, run, post, pane, alerts):
    async def flow():
        await writing(bench)
        refuse(bench, wire.SaveDraft, "too-many", "There are too many drafts.")
        bench.press(Qt.Key.Key_H)
        bench.press(Qt.Key.Key_Escape)
        await until(lambda: bench.window.trouble_bar.text == "There are too many drafts.")
        assert pane.isVisible() and pane.body.toPlainText().startswith("h")
        bench.window._tick()
        assert alerts.count(pane._state) == 1

    run(flow())


@pytest.mark.parametrize("is_refused", [True, False])
def test_text_that_is_only_here_closes_with_the_window_after_a_question(
    bench, run, post, pane, is_refused
):
    async def flow():
        await writing(bench)
        if is_refused:
            refuse(bench, wire.SaveDraft, "gone", "It was sent.")
        else:
            bench.server.is_up = False
            bench.session.set_link(False)
        bench.press(Qt.Key.Key_H)
        await until(lambda: bench.desk.mail.drafts.only_here)
        for answer, stays in ((1, True), (2, False)):
            bench.desk.contacts.view.setFocus()
            bench.window.close()
            assert bench.window.isVisible()
            (await bench.dialog()).done(answer)
            await until(lambda: not bench.window.tasks.is_running("close the window"))
            assert bench.window.isVisible() is stays
            assert bench.desk.mail.has_keyboard or not stays
        assert pane.body.toPlainText().startswith("h")

    run(flow())


def test_mail_that_left_without_an_answer_is_closed_and_its_contact_s_mail_read_anew(
    bench, run, post, pane
):
    async def flow():
        await writing(bench)
        post.drafts.clear()
        refuse(bench, wire.SendMail, "gone", "This draft was sent.")
        bench.press(Qt.Key.Key_Return, CTRL | SHIFT)
        await until(lambda: len(bench.server.all(wire.ReadMail)) == 2)
        assert not pane.isVisible() and bench.window.trouble_bar.text == "This draft was sent."

    run(flow())


# Keys


def test_enter_accepts_nothing_while_somebody_writes(bench, run, post, pane):
    async def flow():
        await writing(bench)
        await bench.change("booked", scenes.agent(AgentState.BOOKED), BOOKED)
        for part in (pane.lines["to"], pane.lines["subject"], pane.senders, pane.files):
            part.setFocus()
            bench.press(Qt.Key.Key_Return)
            assert not bench.window.tasks.is_running("accept")
        bench.desk.contacts.view.setFocus()
        bench.press(Qt.Key.Key_Return)
        await until(lambda: bench.server.all(wire.Accept))

    run(flow())


class OnX11(QKeyEvent):
    """Ctrl+U where the desktop cuts a line with it."""

    def matches(self, key):
        return key == QKeySequence.StandardKey.DeleteCompleteLine


def test_key_that_cuts_a_line_on_x11_is_left_to_the_command(bench, pane):
    remark = Line(Field(key="remark", display="Remark"), lambda text: None)
    for line in (pane.lines["to"], bench.desk.contacts.field, remark):
        asks = OnX11(QEvent.Type.ShortcutOverride, Qt.Key.Key_U, CTRL)
        asks.accept()
        line.event(asks)
        assert not asks.isAccepted()


@pytest.mark.parametrize("part", ["to", "text"])
def test_what_was_sent_is_taken_back_from_within_another_mail(bench, run, post, pane, part):
    async def flow():
        await writing(bench, key=Qt.Key.Key_M)
        await writing(bench)
        bench.press(Qt.Key.Key_Return, CTRL | SHIFT)
        await until(lambda: bench.desk.mail.undo_bar.text)
        (pane.body if part == "text" else pane.lines[part]).setFocus()
        free = held(bench, wire.UndoSend)
        bench.press(Qt.Key.Key_Z, ALT)
        bench.press(Qt.Key.Key_Z, ALT)
        await until(lambda: bench.server.last(wire.UndoSend))
        free.set()
        await until(lambda: pane.draft == 11)
        assert len(bench.server.all(wire.UndoSend)) == 1 and not bench.window.trouble_bar.text

    run(flow())


def test_what_is_written_is_a_part_of_the_window_and_has_a_key(bench, run, post, pane):
    async def flow():
        await writing(bench)
        pane.lines["subject"].setFocus()
        bench.desk.focus(bench.desk.centre)
        bench.press(Qt.Key.Key_F6)
        assert pane.lines["subject"].hasFocus()
        bench.press(Qt.Key.Key_F6)
        assert not bench.desk.mail.has_keyboard
        bench.desk.choose(None)
        bench.press(Qt.Key.Key_F6, CTRL)
        assert bench.desk.chosen.id == 1 and bench.desk.mail.has_keyboard
        bench.press(Qt.Key.Key_Return, CTRL | SHIFT)
        await until(lambda: bench.desk.mail.undo_bar.text)
        assert not bench.window.commands["go-to-writing"].isVisible()
        passed = set()
        for _ in range(8):
            bench.press(Qt.Key.Key_F6)
            passed.add(bench.window.focusWidget())
        assert bench.desk.mail.undo_bar.button in passed

    run(flow())


# Files and pictures


def test_picture_that_is_pasted_goes_along_as_a_file(bench, run, post, pane):
    async def flow():
        await writing(bench)
        taken = []

        async def attach(draft, name, path, progress):
            taken.append(QImage(str(path)).size())
            return post._attach(draft, name, path)

        bench.server.attach = attach
        picture = QImage(QSize(9, 8), QImage.Format.Format_RGB32)
        picture.fill(Qt.GlobalColor.red)
        pasted = QMimeData()
        pasted.setImageData(picture)
        assert pane.body.canInsertFromMimeData(pasted)
        pane.body.insertFromMimeData(pasted)
        await until(lambda: [row.name for row in pane.model.rows] == ["picture-1.png"])
        assert taken == [QSize(9, 8)]
        pasted.setText("A table, which is a picture, too.")
        pane.body.insertFromMimeData(pasted)
        assert pane.body.toPlainText().startswith("A table")

    run(flow())


def test_file_that_cannot_be_attached_is_told_to_its_writer(bench, run, post, pane, tmp_path):
    async def flow():
        await writing(bench)
        over, dropped = QMimeData(), QMimeData()
        over.setUrls([QUrl("https://bank.example/")])
        dropped.setUrls([QUrl.fromLocalFile(str(tmp_path / "on a share that is gone.txt"))])
        copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        for data, fits in ((over, False), (dropped, True)):  # and no disk is asked on the way
            move = QDragMoveEvent(QPoint(5, 5), copy, data, left, Qt.KeyboardModifier.NoModifier)
            move.ignore()
            pane.dragMoveEvent(move)
            assert move.isAccepted() is fits
        pane.body.insertFromMimeData(dropped)
        await until(lambda: bench.window.trouble_bar.text)
        assert "was not attached: it is no file" in bench.window.trouble_bar.text

    run(flow())


# The signature of the address that it is written from (EM-9)


def test_signature_follows_the_address_it_is_written_from(bench, run, post, pane):
    async def flow():
        post.signatures = ["Yours 😀,\nAnna", "The cards"]
        await writing(bench)
        for letter in "HI":
            bench.press(getattr(Qt.Key, f"Key_{letter}"))
        pane.senders.setCurrentIndex(1)
        pane.senders.activated.emit(1)
        assert pane.body.toPlainText() == "hi\n\n-- \nThe cards\n\n> It was declined."
        bench.desk.mail.pane.body.setFocus()
        bench.press(Qt.Key.Key_X)
        assert pane.body.toPlainText().startswith("hix\n\n-- \n")
        pane.senders.activated.emit(0)
        assert pane.body.toPlainText() == "hix\n\n-- \nYours 😀,\nAnna\n\n> It was declined."
        await until(lambda: post.drafts[10].text == pane.body.toPlainText())

    run(flow())


def test_signature_comes_back_with_the_address_unless_somebody_wrote_meanwhile(
    bench, run, post, pane
):
    async def flow():
        post.signatures = ["Anna", ""]
        await writing(bench)
        bench.press(Qt.Key.Key_H)
        signed = "h\n\n-- \nAnna\n\n> It was declined."
        for place, text in ((1, "h\n\n\n\n> It was declined."), (0, signed), (1, None)):
            pane.senders.setCurrentIndex(place)
            pane.senders.activated.emit(place)
            assert text is None or pane.body.toPlainText() == text
        pane.body.setFocus()
        bench.press(Qt.Key.Key_I)
        pane.senders.activated.emit(0)
        assert pane.body.toPlainText() == "hi\n\n\n\n> It was declined."

    run(flow())


@pytest.mark.parametrize(
    ("text", "old", "new", "untouched", "becomes"),
    [
        ("a\n\n-- \nOld\n\n> q", "Old", "New", False, "a\n\n-- \nNew\n\n> q"),
        ("a\n-- \nOld", "Old", "New\nx", False, "a\n-- \nNew\nx"),
        ("a\n\n-- \nOld", "Old", "", False, "a\n\n"),
        ("a\n\n-- \nOlder", "Old", "New", False, None),  # somebody changed it
        ("a\n\n> -- \n> Old", "Old", "New", False, None),  # it is quoted
        ("> q", "", "New", True, "\n\n-- \nNew> q"),
        ("a\n> q", "", "New", False, None),
        ("a\n\n-- \nOld", "Old", "Old", True, None),
    ],
)
def test_only_a_signature_that_nobody_changed_is_another_one(text, old, new, untouched, becomes):
    swap = signatures.swap(text, old, new, is_untouched=untouched)
    found = None if swap is None else text[: swap.start] + swap.text + text[swap.end :]
    assert found == becomes
