"""An e-mail at the desk: read, answered, sent and taken back, by keyboard alone."""

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QPushButton

from ace_agent.actions import Action
from ace_agent.desk import inline, pictures, source
from ace_agent.desk.cut import Cut
from ace_agent.desk.pictures import PictureView
from ace_agent.desk.source import SourceDialog
from ace_agent.sentences import said
from ace_agent.widgets.notice import Notice
from ace_server import wire
from ace_server.wire import AgentState, Attachment, State
from tests.agent import scenes
from tests.agent.post import EMAIL, MAIL, SECONDS, Post, outgoing
from tests.agent.scripted import NOW, contact, desk
from tests.agent.waiting import until

pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise)", extend=True)

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
BUSY = scenes.agent(AgentState.BUSY)


@pytest.fixture
def post(bench):
    """The mail at the other end of the bench."""
    return Post(bench.server)


@pytest.fixture
def pane(bench):
    return bench.desk.mail.pane


async def in_hand(bench, *others, **changes):
    """This e-mail is in hand, and was read."""
    await bench.say(desk(msgspec.structs.replace(EMAIL, **changes), *others, agent=BUSY))
    await until(lambda: bench.desk.mail_at_hand is not None)


async def replying(bench, text=""):
    await in_hand(bench)
    bench.press(Qt.Key.Key_R, CTRL)
    await until(bench.desk.mail.pane.isVisible)
    for letter in text:
        bench.press(Qt.Key(ord(letter.upper())))


async def choose_file(bench, file):
    """Write its path into the dialog that comes up, and press Enter; returns the title."""
    found = bench.window.findChildren
    await until(lambda: any(dialog.isVisible() for dialog in found(QFileDialog)))
    dialog = next(dialog for dialog in found(QFileDialog) if dialog.isVisible())
    dialog.findChild(QLineEdit).setText(str(file))
    title = dialog.windowTitle()
    dialog.accept()
    await back(bench)
    return title


async def back(bench):
    """The window is the one that keys go to, as on a screen after a dialog."""
    bench.window.activateWindow()
    await until(bench.window.isActiveWindow)


def refusal(code, reason):
    return wire.Refusal(request=0, code=code, reason=wire.Sentence(reason))


# Read


def test_mail_is_read_with_its_head_and_its_words(bench, run, post):
    async def flow():
        await in_hand(bench)
        mail = bench.desk.preview.mail
        assert mail.addresses.text("from") == "Karin Lindqvist <karin@home.example>"
        assert mail.addresses.text("to") == "support@bank.example"
        assert not mail.addresses.text("cc") and not mail.addresses.text("reply-to")
        assert mail.html.text.toPlainText() == "It was declined."
        assert len(bench.server.all(wire.ReadMail)) == 1
        bench.desk.refresh()
        assert len(bench.server.all(wire.ReadMail)) == 1

    run(flow())


def test_what_there_is_to_know_of_a_mail_is_said(bench, run):
    async def flow():
        await scenes.mail_of(bench)
        mail = bench.desk.preview.mail
        assert mail.remarks.text == "A part of this mail was damaged."
        assert mail.follows.text.endswith("at your desk: Work item.")
        assert mail.addresses.text("reply-to") == "office@home.example"
        assert [line.split(" – ")[0] for line in mail.lines.words] == [
            "Handed over",
            "Refused",
            "Not sent yet",
        ]
        mail.follows.button.click()
        assert bench.desk.chosen.id == 7

    run(flow())


def test_all_addresses_stay_shown_while_something_is_written(bench, run, post):
    async def flow():
        post.mail = msgspec.structs.replace(MAIL, to=[f"a{n}@b.example" for n in range(20)])
        await replying(bench)
        addresses = bench.desk.preview.mail.addresses
        assert addresses.text("to").endswith("and 8 more")
        addresses.more.click()
        bench.press(Qt.Key.Key_H, on=bench.desk.mail.pane.body)
        bench.desk.refresh()
        assert addresses.text("to").endswith("a19@b.example") and addresses.more.isHidden()

    run(flow())


def test_letters_that_are_typed_change_nothing_of_the_mail_above(bench, run, post):
    async def flow():
        await replying(bench)
        mail, shown = bench.desk.preview.mail, []
        mail.lines.show_mails = lambda *told: shown.append(told)
        bench.press(Qt.Key.Key_H, on=bench.desk.mail.pane.body)
        assert not shown
        await bench.desk.mail.put_aside()
        assert len(shown) == 1

    run(flow())


def test_mail_is_shown_otherwise_by_command(bench, run, post):
    async def flow():
        html = '<p>Hi</p><img src="http://a.example/x.png">'
        post.mail = msgspec.structs.replace(MAIL, html=html)
        await in_hand(bench)
        mail, commands = bench.desk.preview.mail, bench.window.commands
        await until(lambda: mail.html.is_settled and not mail.html.shows_text)
        assert commands["load-pictures"].isEnabled() and not commands["whole-mail"].isEnabled()
        assert not commands["try-again"].isVisible()
        bench.press(Qt.Key.Key_E, CTRL | SHIFT)
        assert mail.html.shows_text and commands["as-text"].isChecked()
        bench.press(Qt.Key.Key_Plus, CTRL)
        assert mail.html.zoom == 110
        bench.desk.choose(None)
        assert not commands["zoom-in"].isVisible()

    run(flow())


def test_mail_that_cannot_be_read_is_read_when_it_is_tried_again(bench, run, post):
    async def flow():
        read = bench.server.answers[wire.ReadMail]
        bench.server.answers[wire.ReadMail] = refusal("unavailable", "Not now.")
        await bench.say(desk(EMAIL, agent=BUSY))
        mail = bench.desk.preview.mail
        await until(lambda: mail.trouble.text)
        assert mail.html.text.toPlainText() == "It was declined."  # as the contact says
        assert not bench.window.commands[Action.REPLY].isVisible()
        bench.server.answers[wire.ReadMail] = read
        bench.window.commands["try-again"].trigger()
        await until(lambda: bench.desk.mail_at_hand is not None)
        assert not mail.trouble.text

    run(flow())


def test_how_a_mail_stands_follows_the_news(bench, run, post):
    async def flow():
        await in_hand(bench)
        lines = bench.desk.preview.mail.lines
        for state, word in (("sending", "Being sent"), ("refused", "Refused")):
            news = wire.MailNews(contact=1, outgoing=[outgoing(state=state)])
            bench.session.receive(news)
            assert lines.words[0].startswith(word)
        button = next(b for b in lines.findChildren(QPushButton) if b.isVisible())
        button.click()
        await until(lambda: bench.server.last(wire.SendAgain))
        assert bench.server.last(wire.SendAgain).outgoing == 7

    run(flow())


def test_what_may_have_been_sent_is_sent_again_after_a_question(bench, run, post):
    async def flow():
        post.mail = msgspec.structs.replace(MAIL, outgoing=[outgoing(state="unknown")])
        await in_hand(bench)
        lines = bench.desk.preview.mail.lines
        button = next(b for b in lines.findChildren(QPushButton) if b.isVisible())
        for answer, sent in ((1, 0), (2, 1)):
            button.click()
            button.click()  # a second click asks no second question
            dialog = await bench.dialog()
            assert "arrives twice" in dialog.accessibleDescription()
            dialog.done(answer)
            await until(lambda: not bench.window.tasks.is_running("send mail 7 again"))
            assert len(bench.server.all(wire.SendAgain)) == sent and not bench.dialogs()

    run(flow())


def test_mail_is_read_anew_after_the_link_was_lost(bench, run, post):
    async def flow():
        await in_hand(bench)
        bench.session.set_link(False)
        post.mail = msgspec.structs.replace(MAIL, outgoing=[outgoing()])
        await bench.say(desk(EMAIL, agent=BUSY))
        await until(lambda: bench.desk.preview.mail.lines.words)

    run(flow())


def test_why_nothing_can_be_written_is_said(bench, run, post):
    async def flow():
        why = wire.Sentence("The account has no return address.")
        post.mail = msgspec.structs.replace(MAIL, writes=why)
        await in_hand(bench)
        assert bench.desk.preview.mail.remarks.text == said(why)
        assert not bench.window.commands[Action.REPLY].isVisible()

    run(flow())


def test_mail_that_was_read_while_booked_can_be_answered_once_it_is_accepted(bench, run, post):
    async def flow():
        why = wire.Sentence("Accept the contact to write about it.")
        post.mail = msgspec.structs.replace(MAIL, writes=why)
        await in_hand(bench)
        assert not bench.window.commands[Action.REPLY].isVisible()
        post.mail = MAIL
        accepted = wire.Change(number=2, now=NOW, why="accepted", agent=BUSY, contact=EMAIL)
        await bench.say(accepted)
        await until(bench.window.commands[Action.REPLY].isVisible)

    run(flow())


def test_mail_is_handled_elsewhere_until_it_did_not_arrive_twice(bench, run, post):
    async def flow():
        post.mail = msgspec.structs.replace(
            MAIL,
            external="anna@bank.example",
            outgoing=[outgoing(kind="delivery", to=["anna@bank.example"])],
        )
        await in_hand(bench)
        elsewhere = bench.desk.preview.mail.elsewhere
        assert elsewhere.text.startswith("Sent to anna@bank.example ")
        assert "your own address" in elsewhere.text
        names = {a for a in Action if bench.window.commands[a].isVisible()}
        assert Action.DID_NOT_ARRIVE in names
        assert not names & {Action.REPLY, Action.REPLY_ALL, Action.FORWARD}
        bench.press(Qt.Key.Key_D, CTRL | SHIFT)
        await until(lambda: bench.window.done_bar.text)
        assert bench.window.done_bar.text == "The mail is sent to anna@bank.example once more."
        bench.press(Qt.Key.Key_D, CTRL | SHIFT)
        await until(lambda: bench.window.commands[Action.REPLY].isVisible())
        assert not elsewhere.text
        await until(lambda: bench.window.done_bar.text == "Read and answer the mail here now.")

    run(flow())


def test_mail_that_did_not_arrive_is_reported_once_by_a_key_that_is_pressed_twice(bench, run, post):
    async def flow():
        post.mail = msgspec.structs.replace(MAIL, external="anna@bank.example")
        await in_hand(bench)
        for _ in range(2):
            bench.press(Qt.Key.Key_D, CTRL | SHIFT)
        await until(lambda: bench.window.done_bar.text)
        assert post.mail.pressed == 1

    run(flow())


def test_picture_that_the_words_show_is_not_listed_again(bench, run, post, tmp_path):
    async def flow():
        picture = QImage(QSize(8, 8), QImage.Format.Format_RGB32)
        picture.fill(Qt.GlobalColor.red)
        picture.save(str(tmp_path / "logo.png"))
        bench.server.files = {0: tmp_path / "logo.png"}
        post.mail = msgspec.structs.replace(MAIL, html='<p>Hi</p><img src="cid:L@x">')
        files = [
            Attachment(position=0, name="l.png", media_type="image/png", size=9, content_id="l@x"),
            Attachment(position=1, name="a.pdf", media_type="application/pdf", size=9),
        ]
        await in_hand(bench, attachments=files)
        mail = bench.desk.preview.mail
        await until(lambda: mail.html.is_settled and not mail.html.shows_text)
        listed = bench.desk.attachments.model
        assert [row.name for row in listed.rows] == ["a.pdf"]
        await until(lambda: mail._pictures.of("L@X") is not None)
        mail.html.text_action.trigger()
        assert [row.name for row in listed.rows] == ["l.png", "a.pdf"]
        await until(lambda: bench.desk.attachments.findChildren(PictureView))

    run(flow())


def test_fifty_pictures_take_no_gigabyte(run, qapp, tmp_path, monkeypatch):
    """They unfold when the mail is opened, without a click."""
    monkeypatch.setattr(pictures, "MOST_TOGETHER", 3 * 640 * 640)
    picture = QImage(QSize(640, 640), QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    picture.save(str(tmp_path / "bomb.png"))

    class Desk:
        async def attachment(self, contact, position):
            return tmp_path / "bomb.png"

    files = [
        Attachment(position=n, name="a", media_type="image/png", size=9, content_id=f"{n}@x")
        for n in range(5)
    ]
    found = inline.InlinePictures(Desk())
    assert run(found.fetch(1, files))
    assert [found.of(f"{n}@x").width() for n in range(5)] == [640, 640, 640, 320, 320]


def test_only_pictures_that_the_html_names_are_shown_in_it():
    def file(**other):
        known = {"position": 0, "name": "a", "media_type": "image/png", "size": 9}
        return Attachment(**(known | {"content_id": "a@x"} | other))

    html = "<img src=cid:A@x>"
    assert inline.named(html, [file()])
    for changes in ({"content_id": "b@x"}, {"content_id": ""}, {"media_type": "image/svg+xml"}):
        assert not inline.named(html, [file(**changes)])
    assert not inline.named(html, [file(size=100_000_000)])


@pytest.mark.parametrize(("width", "is_below"), [(360, True), (600, False)])
def test_button_of_a_notice_goes_below_its_sentence_where_there_is_little_room(
    qtbot, width, is_below
):
    notice = Notice("picture")
    qtbot.addWidget(notice)
    notice.say("7 remote pictures are not loaded.", "Load them for this mail")
    notice.resize(width, 80)
    qtbot.waitUntil(lambda: (notice.button.x() < width // 2) == is_below)
    assert notice.button.width() == notice.button.sizeHint().width()


def test_source_is_shown_as_text_and_saved(bench, run, post, tmp_path):
    async def flow():
        await in_hand(bench)
        bench.press(Qt.Key.Key_U, CTRL)
        await until(lambda: bench.window.findChildren(SourceDialog))
        dialog = bench.window.findChildren(SourceDialog)[0]
        await until(lambda: "no link" in dialog.words)  # it is not to be had
        dialog.reject()
        raw = tmp_path / "raw"
        raw.write_bytes(b"Subject: x\r\n\r\n<script>alert(1)</script>\xff")
        bench.server.files["source"] = raw
        await bench.desk.show_source()
        dialog = [d for d in bench.window.findChildren(SourceDialog) if d.isVisible()][0]
        assert "<script>alert(1)</script>" in dialog.text.toPlainText()
        assert not dialog.findChild(Cut).isVisible()
        dialog.save.click()
        target = tmp_path / "kept.eml"
        await choose_file(bench, target)
        await until(target.exists)
        assert target.read_bytes() == raw.read_bytes()
        dialog.reject()

    run(flow())


def test_of_a_long_source_the_beginning_is_shown_and_all_is_copied(bench, run, post, tmp_path):
    async def flow():
        await in_hand(bench)
        raw = bench.server.files["source"] = tmp_path / "raw"
        raw.write_bytes(b"x" * (source.MOST_SHOWN + 1))
        await bench.desk.show_source()
        dialog = next(d for d in bench.window.findChildren(SourceDialog) if d.isVisible())
        assert len(dialog.text.toPlainText()) == source.MOST_SHOWN
        dialog.findChild(Cut).findChild(QPushButton).click()
        await until(lambda: len(QGuiApplication.clipboard().text()) == source.MOST_SHOWN + 1)
        dialog.reject()

    run(flow())


# Written


def test_mail_is_answered_by_keyboard_alone(bench, run, post, pane, tmp_path):
    """Read, reply, insert a text, attach, send, undo, send again."""

    async def flow():
        await in_hand(bench)
        bench.press(Qt.Key.Key_R, CTRL)
        await until(pane.isVisible)
        assert pane.body.hasFocus() and bench.desk.preview.mail.isVisible()
        bench.press(Qt.Key.Key_H)
        bench.press(Qt.Key.Key_I)
        bench.press(Qt.Key.Key_Return)
        bench.press(Qt.Key.Key_F2)
        chooser = bench.desk.mail.chooser
        await until(chooser.isVisible)
        for letter in "open":
            bench.press(Qt.Key(ord(letter.upper())), on=chooser.field)
        bench.press(Qt.Key.Key_Return, on=chooser.field)
        assert pane.body.toPlainText().startswith("hi\nYour card is open again.\n")
        assert pane.body.hasFocus()
        bench.press(Qt.Key.Key_A, CTRL | SHIFT)
        file = tmp_path / "terms.txt"
        file.write_bytes(b"abc")
        assert "35 MB" in await choose_file(bench, file)
        await until(lambda: [row.name for row in pane.model.rows] == ["terms.txt"])
        bench.press(Qt.Key.Key_Return, CTRL | SHIFT, on=pane.body)
        await until(lambda: bench.desk.mail.undo_bar.text)
        assert not pane.isVisible() and bench.desk.mail.undo_bar.button.hasFocus()
        assert bench.desk.preview.mail.lines.words[0].startswith("Waits to be sent")
        bench.press(Qt.Key.Key_Z, CTRL)
        await until(pane.isVisible)
        assert pane.body.hasFocus() and not bench.desk.mail.undo_bar.text
        bench.press(Qt.Key.Key_Return, CTRL | SHIFT)
        await until(lambda: len(bench.server.all(wire.SendMail)) == 2)
        assert post.sent[10].text.startswith("hi\nYour card is open again.\n")
        assert post.sent[10].contact == 1

    run(flow())


def test_what_was_sent_cannot_be_taken_back_after_its_time(bench, run, post):
    async def flow():
        await replying(bench)
        bench.press(Qt.Key.Key_Return, CTRL | SHIFT)
        await until(lambda: bench.desk.mail.undo_bar.text)
        bench.passed = SECONDS - 1.0
        bench.window._tick()
        assert bench.desk.mail.undo_bar.text.endswith("is sent in 2 s.")
        bench.passed = SECONDS + 1.0
        bench.window._tick()
        assert not bench.desk.mail.undo_bar.text
        assert not bench.window.commands["undo-send"].isEnabled()
        assert bench.window.focusWidget() is bench.desk.contacts.view  # not nowhere

    run(flow())


def test_wrong_address_is_named_before_anything_is_sent(bench, run, post, pane):
    async def flow():
        await replying(bench)
        pane.lines["to"].setText("karin")
        pane.lines["to"].textEdited.emit("karin")
        bench.press(Qt.Key.Key_Return, CTRL | SHIFT)
        await until(lambda: pane.wrong)
        assert pane.wrong.startswith("karin is no e-mail address.")
        assert pane.lines["to"].hasFocus() and not bench.server.all(wire.SendMail)
        bench.press(Qt.Key.Key_X)
        assert not pane.wrong

    run(flow())


def test_copies_are_hidden_until_they_are_wanted(bench, run, post, pane):
    async def flow():
        await replying(bench)
        assert not pane.lines["cc"].isVisible()
        bench.press(Qt.Key.Key_B, CTRL | SHIFT)
        assert pane.lines["cc"].hasFocus() and pane.lines["bcc"].isVisible()
        for letter in "a@b":
            bench.press(Qt.Key.Key_At if letter == "@" else Qt.Key(ord(letter.upper())))
        bench.press(Qt.Key.Key_B, CTRL | SHIFT)
        assert pane.lines["cc"].isVisible() and not pane.lines["bcc"].isVisible()

    run(flow())


def test_draft_is_kept_with_its_contact_while_another_is_shown(bench, run, post, pane):
    async def flow():
        parked = contact(7, state=State.PARKED)
        await in_hand(bench, parked)
        bench.press(Qt.Key.Key_R, CTRL)
        await until(pane.isVisible)
        bench.press(Qt.Key.Key_H)
        bench.desk.choose(7)
        assert not pane.isVisible()
        assert not bench.window.commands["send"].isVisible()
        bench.desk.choose(1)
        assert pane.isVisible() and pane.body.toPlainText().startswith("h")

    run(flow())


@pytest.mark.parametrize(
    ("key", "modifier", "command"),
    [(Qt.Key.Key_Return, CTRL, wire.End), (Qt.Key.Key_F8, None, wire.Park)],
)
def test_contact_with_a_mail_that_is_not_sent_is_left_after_a_question(
    bench, run, post, pane, key, modifier, command
):
    async def flow():
        await replying(bench, "h")
        bench.press(key, modifier or Qt.KeyboardModifier.NoModifier)
        dialog = await bench.dialog()
        dialog.done(1)  # show the mail
        await until(lambda: not bench.dialogs())
        await back(bench)
        await until(pane.body.hasFocus)
        assert not bench.server.all(command)
        bench.press(key, modifier or Qt.KeyboardModifier.NoModifier)
        (await bench.dialog()).done(2)  # keep the draft
        await until(lambda: bench.server.all(command))
        assert post.drafts[10].text.startswith("h") and not pane.isVisible()

    run(flow())


def test_contact_is_left_without_a_question_where_nothing_was_written(bench, run, post, pane):
    async def flow():
        await replying(bench)
        bench.press(Qt.Key.Key_Return, CTRL)
        await until(lambda: bench.server.all(wire.End))
        assert not post.drafts and not bench.dialogs()

    run(flow())


def test_draft_is_thrown_away_after_a_question(bench, run, post, pane):
    async def flow():
        await replying(bench, "h")
        bench.press(Qt.Key.Key_Delete, CTRL | SHIFT)
        (await bench.dialog()).done(1)
        await until(lambda: not bench.window.tasks.is_running("discard"))
        assert [*post.drafts] == [10] and pane.isVisible()
        bench.window.commands["discard"].trigger()
        (await bench.dialog()).done(2)
        await until(lambda: not post.drafts and not pane.isVisible())

    run(flow())


def test_new_mail_belongs_to_no_contact_and_is_found_again(bench, run, post, pane):
    async def flow():
        await bench.say(desk(agent=scenes.agent(AgentState.READY)))
        bench.press(Qt.Key.Key_M, CTRL)
        await until(pane.isVisible)
        assert pane.lines["to"].hasFocus()
        bench.press(Qt.Key.Key_K)
        bench.press(Qt.Key.Key_Escape)
        await until(lambda: not pane.isVisible())
        assert post.drafts[10].contact is None and post.drafts[10].to == "k"
        bench.press(Qt.Key.Key_M, CTRL | SHIFT)
        await until(bench.desk.mail.chooser.isVisible)
        assert bench.desk.mail.chooser.model.rows[0].name == "New mail to k: (no subject)"
        bench.press(Qt.Key.Key_Return, on=bench.desk.mail.chooser.field)
        await until(pane.isVisible)
        assert pane.lines["to"].text() == "k"

    run(flow())


def test_dropped_files_go_along_and_are_taken_out_again(bench, run, post, pane, tmp_path):
    async def flow():
        await replying(bench)
        file = tmp_path / "a.txt"
        file.write_bytes(b"abc")
        dropped = QMimeData()
        dropped.setUrls([QUrl.fromLocalFile(str(file)), QUrl("https://bank.example/")])
        copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        none = Qt.KeyboardModifier.NoModifier
        pane.dropEvent(QDropEvent(QPoint(5, 5).toPointF(), copy, dropped, left, none))
        await until(lambda: [row.name for row in pane.model.rows] == ["a.txt"])
        assert "a.txt" not in pane.body.toPlainText()
        bench.press(Qt.Key.Key_Delete, on=pane.files)
        await until(lambda: not pane.model.rows)

    run(flow())


def test_whether_a_draft_is_stored_is_seen(bench, run, post, pane):
    async def flow():
        await replying(bench, "h")
        assert pane.state == "Storing …"
        await until(lambda: pane.state.startswith("Stored as a draft "))
        bench.server.is_up = False
        bench.session.set_link(False)
        bench.press(Qt.Key.Key_I)
        assert pane.state == "Kept here until the link is back"
        bench.server.is_up = True
        await bench.say(desk(EMAIL, agent=BUSY))
        await until(lambda: post.drafts[10].text.startswith("hi"))

    run(flow())


def test_address_that_may_be_written_from_is_chosen(bench, run, post, pane):
    async def flow():
        await replying(bench)
        assert pane.senders.currentText() == "support@bank.example"
        pane.senders.setCurrentIndex(1)
        pane.senders.activated.emit(1)
        await until(lambda: post.drafts[10].sender == "cards@bank.example")

    run(flow())


# Social


def test_social_contact_shows_its_author_and_the_way_to_its_thread(bench, run):
    async def flow():
        await scenes.social_of(bench)
        preview = bench.desk.preview
        assert preview._author.toPlainText() == "Written by Elin Ek"
        assert preview.mail is None
        bench.press(Qt.Key.Key_O, CTRL | SHIFT)
        dialog: QDialog = await bench.dialog()
        dialog.done(2)  # copy the address
        await until(lambda: QGuiApplication.clipboard().text() == "https://facebook.com/t/1")

    run(flow())
