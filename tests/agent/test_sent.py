"""What was sent and what became of it: read, listed, told, sent and written again (EM-10)."""

import msgspec
import pytest
from PySide6.QtCore import Qt

from ace_agent.sent import SentMails
from ace_agent.session import Session
from ace_server import wire
from ace_server.wire import AgentState
from tests.agent import scenes
from tests.agent.post import EMAIL, MAIL, Post, outgoing
from tests.agent.scripted import NOW, contact, desk
from tests.agent.waiting import until

pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise)", extend=True)

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
BUSY = scenes.agent(AgentState.BUSY)
READY = scenes.agent(AgentState.READY)
WHY = wire.Sentence("550 no such mailbox")


@pytest.fixture
def post(bench):
    made = Post(bench.server)
    made.sent_list = [
        outgoing(8, kind="new", contact=None, state="refused", subject="Hej", said=WHY),
        outgoing(7, subject="Re: My card"),
    ]
    bench.server.answers |= {
        wire.ListSent: lambda _: wire.SentListed(request=0, mails=made.sent_list),
        wire.ReadOutgoing: lambda command: _read(made, command.outgoing),
        wire.WriteAgain: lambda command: _again(made, command.outgoing),
    }
    return made


def _read(post, number):
    known = {one.id: one for one in [*post.mail.outgoing, *post.sent_list]}
    mail = wire.SentMail(
        outgoing=known[number],
        senders=["support@bank.example"],
        to=["karin@home.example"],
        bcc=["di@home.example"],
        subject="Re: My card",
        text="It is open <b>again</b>.",
        files=[wire.Attachment(position=0, name="a.pdf", media_type="application/pdf", size=9)],
    )
    return wire.OutgoingRead(request=0, mail=mail)


def _again(post, number):
    post.drafts[30] = wire.Draft(id=30, kind="new", to="gone@home.example", text="As before.")
    return post._composed(30)


async def in_hand(bench, post, *sent):
    post.mail = msgspec.structs.replace(MAIL, outgoing=list(sent))
    await bench.say(desk(EMAIL, agent=BUSY))
    await until(lambda: bench.desk.mail_at_hand is not None)
    return bench.desk.preview.mail


async def listed(bench):
    """The list of what was sent, with its first mail read."""
    await bench.say(desk(agent=READY))
    bench.press(Qt.Key.Key_H, CTRL | SHIFT)
    dialog = await bench.dialog()
    await until(lambda: dialog.view.outgoing is not None)
    return dialog


# In the pane where its contact is read


def test_what_was_answered_is_read_from_its_line_by_keyboard(bench, run, post):
    async def flow():
        mail = await in_hand(bench, post, outgoing())
        line = next(iter(mail.lines._lines.values()))
        line.reader.setFocus()
        bench.press(Qt.Key.Key_Space)
        await until(mail.sent.isVisible)
        assert mail.sent.html.text.toPlainText() == "It is open <b>again</b>."
        assert mail.sent.html.text.hasFocus()
        assert mail.sent.addresses.text("bcc") == "di@home.example"
        assert mail.sent.words.startswith("Handed over – Reply to karin@home.example")
        assert not mail.sent.again.isVisible() and mail.html.isVisible()
        bench.press(Qt.Key.Key_Escape)
        assert not mail.sent.isVisible() and mail.html.text.hasFocus()

    run(flow())


def test_mail_that_comes_late_takes_the_keyboard_from_nobody(bench, run, post):
    async def flow():
        mail = await in_hand(bench, post, outgoing())
        mail.lines._lines["sent", 7].reader.click()
        mail.source.setFocus()
        await until(mail.sent.isVisible)
        assert mail.source.hasFocus()

    run(flow())


def test_commands_show_the_mail_otherwise_that_has_the_keyboard(bench, run, post):
    async def flow():
        mail = await in_hand(bench, post, outgoing())
        mail.lines._lines["sent", 7].reader.setFocus()
        bench.press(Qt.Key.Key_Space)
        await until(mail.sent.isVisible)
        commands = bench.window.commands
        commands["zoom-in"].trigger()
        assert (mail.sent.html.zoom, mail.html.zoom) == (110, 100)
        mail.html.focus_first()
        commands["zoom-out"].trigger()
        assert (mail.sent.html.zoom, mail.html.zoom) == (110, 90)

    run(flow())


def test_what_is_read_follows_the_news_and_goes_with_its_contact(bench, run, post):
    async def flow():
        mail = await in_hand(bench, post, outgoing(state="sending"))
        bench.session.receive(desk(EMAIL, contact(5), agent=BUSY, number=2))
        mail.lines.read.emit(7)
        await until(mail.sent.isVisible)
        refused = outgoing(state="refused", said=WHY)
        bench.session.receive(wire.MailNews(contact=1, outgoing=[refused]))
        assert mail.sent.words.endswith("550 no such mailbox") and mail.sent.again.isVisible()
        bench.desk.choose(5)
        assert not mail.sent.isVisible()

    run(flow())


def test_the_mail_itself_sent_elsewhere_is_not_offered_once_more(bench, run, post):
    async def flow():
        lost = outgoing(kind="delivery", state="refused", to=["anna@bank.example"])
        mail = await in_hand(bench, post, lost)
        (line,) = mail.lines._lines.values()
        assert line.button.isVisible() and not line.reader.isVisible()

    run(flow())


def test_what_did_not_arrive_is_sent_again_from_its_line_while_another_is_read(bench, run, post):
    async def flow():
        mail = await in_hand(bench, post, outgoing(), outgoing(8, state="refused"))
        mail.lines.read.emit(7)
        await until(mail.sent.isVisible)
        mail.lines._lines["sent", 8].button.click()
        await until(lambda: bench.server.last(wire.SendAgain))
        assert bench.server.last(wire.SendAgain).outgoing == 8

    run(flow())


# Listed


def test_everything_that_was_sent_is_listed_with_its_state_in_words(bench, run, post):
    async def flow():
        dialog = await listed(bench)
        model = dialog.model
        states = [model.index(row, 1).data() for row in range(model.rowCount())]
        assert states == ["Refused", "Handed over"]
        assert dialog.view.outgoing.id == 8 and "550" in dialog.view.words
        bench.press(Qt.Key.Key_Down, on=dialog.table)
        await until(lambda: dialog.view.outgoing.id == 7)
        assert not dialog.view.anew.isVisible()
        dialog.reject()

    run(flow())


def test_mail_that_could_not_be_read_says_why_until_it_is_read(bench, run, post):
    async def flow():
        answers = bench.server.answers
        reads = answers[wire.ReadOutgoing]
        why = wire.Sentence("The mail cannot be read now.")
        answers[wire.ReadOutgoing] = wire.Refusal(request=0, code="unavailable", reason=why)
        await bench.say(desk(agent=READY))
        bench.window.commands["sent"].trigger()
        dialog = await bench.dialog()
        await until(lambda: dialog.trouble.text)
        asked = len(bench.server.all(wire.ListSent))
        dialog.look()
        await until(lambda: len(bench.server.all(wire.ListSent)) > asked)
        assert dialog.trouble.text and not dialog.words
        answers[wire.ReadOutgoing] = reads
        dialog.look()
        await until(lambda: dialog.view.outgoing is not None)
        assert not dialog.trouble.text
        post.sent_list = []
        dialog.look()
        await until(lambda: dialog.words)
        assert not dialog.view.isVisible()
        dialog.reject()

    run(flow())


def test_a_list_that_is_empty_says_so(bench, run, post):
    async def flow():
        post.sent_list = []
        await bench.say(desk(agent=READY))
        bench.window.commands["sent"].trigger()
        dialog = await bench.dialog()
        await until(lambda: "no mail" in dialog.words)
        dialog.reject()

    run(flow())


def test_refused_mail_is_written_again_from_the_list(bench, run, post):
    async def flow():
        dialog = await listed(bench)
        dialog.view.anew.click()
        pane = bench.desk.mail.pane
        await until(pane.isVisible)
        assert not bench.dialogs() and bench.server.last(wire.WriteAgain).outgoing == 8
        assert pane.body.toPlainText() == "As before."

    run(flow())


@pytest.mark.parametrize(
    ("button", "command", "task"),
    [
        ("again", wire.SendAgain, "send mail 8 again"),
        ("anew", wire.WriteAgain, "write mail 8 again"),
    ],
)
def test_what_may_have_been_sent_goes_out_a_second_time_after_a_question(
    bench, run, post, button, command, task
):
    async def flow():
        post.sent_list[0] = msgspec.structs.replace(post.sent_list[0], state="unknown")
        dialog = await listed(bench)
        for answer, count in ((1, 0), (2, 1)):
            getattr(dialog.view, button).click()
            getattr(dialog.view, button).click()  # a second click asks no second question
            await until(lambda: [d for d in bench.dialogs() if d is not dialog])
            (question,) = (d for d in bench.dialogs() if d is not dialog)
            question.done(answer)
            await until(lambda: not bench.window.tasks.is_running(task))
            assert len(bench.server.all(command)) == count
        for left in bench.dialogs():
            left.reject()

    run(flow())


def test_list_and_what_is_asked_there_go_with_who_was_logged_in(bench, run, post):
    async def flow():
        post.sent_list[0] = msgspec.structs.replace(post.sent_list[0], state="unknown")
        dialog = await listed(bench)
        dialog.view.again.click()
        await until(lambda: len(bench.dialogs()) == 2)
        again = dialog._again
        bench.session.leave("")
        assert not bench.dialogs() and not again.isActive()
        await until(lambda: not bench.window.tasks.is_running("send mail 8 again"))
        assert not bench.server.all(wire.SendAgain)

    run(flow())


def test_question_about_a_mail_at_the_desk_leaves_the_list_alone(bench, run, post):
    async def flow():
        await in_hand(bench, post, outgoing(9, state="unknown"))
        bench.window.commands["sent"].trigger()
        dialog = await bench.dialog()
        await until(lambda: dialog.view.outgoing is not None)
        bench.window.commands["write-again"].trigger()
        await until(lambda: len(bench.dialogs()) == 2)
        (question,) = (one for one in bench.dialogs() if one is not dialog)
        assert question.parent() is bench.desk
        question.done(2)
        await until(bench.desk.mail.pane.isVisible)
        assert bench.dialogs() == [dialog]
        dialog.reject()

    run(flow())


# Told


def test_its_writer_is_told_of_a_mail_that_did_not_arrive_until_that_is_known(bench, run, post):
    async def flow():
        await bench.say(desk(agent=READY))
        bar = bench.window.sent_bar
        news = wire.SentNews(undelivered=post.sent_list[:1])
        bench.session.receive(news)
        assert bar.text == "Your mail to karin@home.example was refused. Ctrl+Shift+H shows why."
        bench.window.commands["sent"].trigger()
        (await bench.dialog()).reject()
        assert not bar.text
        bench.session.receive(news)
        assert not bar.text
        other = outgoing(9, state="unknown", contact=None)
        bench.session.receive(wire.SentNews(undelivered=[other, *post.sent_list[:1]]))
        assert bar.text.startswith("Your mail to karin@home.example may not have been sent.")
        bench.press(Qt.Key.Key_Escape, on=bench.window)
        assert not bar.text
        someone = msgspec.structs.replace(READY, login="bo")
        bench.session.receive(wire.SentNews(undelivered=[outgoing(10, state="refused")]))
        assert bar.text
        await bench.say(desk(agent=someone, number=2))
        assert not bar.text and not SentMails.of(bench.session).news

    run(flow())


def test_what_is_known_is_not_told_again_at_the_next_start(bench, run, post):
    async def flow():
        await bench.say(desk(agent=READY))
        news = wire.SentNews(undelivered=post.sent_list[:1])
        bench.session.receive(news)
        bench.window.commands["sent"].trigger()
        (await bench.dialog()).reject()
        for login, is_told in (("anna", False), ("bo", True)):
            started = Session(monotonic=lambda: 0.0)
            started.receive(wire.Welcome(version=1, site="The bank", first_start=False))
            mails = SentMails.of(started)
            mails.keep_in(bench.settings)
            started.receive(desk(agent=msgspec.structs.replace(READY, login=login)))
            started.receive(news)
            assert bool(mails.news) is is_told
            started.receive(desk(agent=READY, number=2))
            assert not mails.news  # until the server says it anew

    run(flow())


# By command


def test_last_mail_that_did_not_arrive_is_sent_and_written_again_by_command(bench, run, post):
    async def flow():
        await in_hand(bench, post, outgoing(), outgoing(8, state="refused", created_at=NOW))
        commands = bench.window.commands
        assert commands["send-again"].isEnabled() and commands["write-again"].isEnabled()
        commands["send-again"].trigger()
        await until(lambda: bench.server.last(wire.SendAgain))
        assert bench.server.last(wire.SendAgain).outgoing == 8
        commands["write-again"].trigger()
        await until(lambda: bench.server.last(wire.WriteAgain))
        news = wire.MailNews(contact=1, outgoing=[outgoing()])
        bench.session.receive(news)
        assert not commands["send-again"].isVisible() and not commands["write-again"].isVisible()

    run(flow())


def test_a_wall_is_offered_no_mail_of_its_own(bench, run):
    async def flow():
        await bench.say(desk(agent=msgspec.structs.replace(READY, role=wire.Role.WALL)))
        for name in ("new-mail", "drafts", "sent"):
            assert not bench.window.commands[name].isEnabled()

    run(flow())
