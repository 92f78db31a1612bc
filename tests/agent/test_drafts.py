"""What is written is kept at once and stored soon, whatever happens to the link."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from ace_agent.drafts import Drafts
from ace_agent.session import LinkDown, Refused, Session
from ace_server import wire
from tests.agent.bench import Server
from tests.agent.post import EMAIL, MAIL, Post, outgoing
from tests.agent.scripted import ANNA, NOW, desk
from tests.agent.waiting import until


class Desk:
    """A session with mail, and no window."""

    def __init__(self) -> None:
        self.server = Server()
        self.post = Post(self.server)
        self.session = Session(monotonic=lambda: 0.0)
        self.session.connect_to(self.server, self.server)
        self.drafts = Drafts.of(self.session)
        self.session.receive(desk(EMAIL))


@pytest.fixture
def at(qapp, run):
    made = Desk()
    yield made
    run(made.session.stop())


def refusal(code, reason="No."):
    return wire.Refusal(request=0, code=code, reason=wire.Sentence(reason))


def test_what_is_typed_is_stored_when_the_typing_pauses(at, run):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        for text in ("D", "De", "Dear Karin"):
            at.drafts.write(number, text=text)
        assert not at.drafts.open[number].is_stored
        await until(lambda: at.drafts.open[number].is_stored)
        assert at.post.drafts[number].text == "Dear Karin"
        assert len(at.server.all(wire.SaveDraft)) == 1

    run(flow())


def test_what_is_typed_without_a_link_is_stored_when_it_is_back(at, run):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        at.server.is_up = False
        at.session.set_link(False)
        at.drafts.write(number, text="Dear Karin")
        with pytest.raises(LinkDown):
            await at.drafts.flush()
        at.server.is_up = True
        at.session.receive(desk(EMAIL))
        await until(lambda: at.drafts.open[number].is_stored)
        assert at.post.drafts[number].text == "Dear Karin"

    run(flow())


def test_server_that_cannot_store_now_is_asked_again(at, run, monkeypatch):
    monkeypatch.setattr("ace_agent.drafts.RETRY_PAUSE_MS", 1)

    async def flow():
        number = await at.drafts.compose("reply", 1)
        store = at.server.answers[wire.SaveDraft]
        at.server.answers[wire.SaveDraft] = refusal("unavailable")
        at.drafts.write(number, text="Dear Karin")
        await until(lambda: at.drafts.open[number].trouble)
        at.server.answers[wire.SaveDraft] = store
        await until(lambda: at.drafts.open[number].is_stored)
        assert not at.drafts.open[number].trouble

    run(flow())


def test_what_the_server_refuses_is_kept_here_and_not_sent_again(at, run):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        at.server.answers[wire.SaveDraft] = refusal("not-found", "The draft is gone.")
        at.drafts.write(number, text="Dear Karin")
        for _ in range(2):
            with pytest.raises(Refused, match="The draft is gone."):
                await at.drafts.put_aside(number)
            with pytest.raises(Refused, match="The draft is gone."):
                await at.session.log_out()
        one = at.drafts.open[number]
        assert (one.draft.text, one.trouble) == ("Dear Karin", "The draft is gone.")
        assert len(at.server.all(wire.SaveDraft)) == 1
        assert not at.server.all(wire.LogOut)
        at.drafts.write(number, text="Dear Karin,")  # what is typed now is stored again
        at.server.answers[wire.SaveDraft] = wire.Done(request=0)
        await at.drafts.flush()

    run(flow())


def test_draft_is_stored_before_its_writer_logs_out(at, run):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        at.drafts.write(number, text="Dear Karin")
        await at.session.log_out()
        kinds = [type(command) for command in at.server.commands[-2:]]
        assert kinds == [wire.SaveDraft, wire.LogOut]
        assert number in at.drafts.open  # until somebody else logs in
        bo = msgspec.structs.replace(ANNA, login="bo")
        at.session.receive(desk(agent=bo))
        assert not at.drafts.open and not at.drafts.about(1)

    run(flow())


def test_draft_that_is_not_stored_is_named_to_who_logs_out(at, run):
    async def flow():
        at.drafts.write(await at.drafts.compose("reply", 1), text="Dear Karin")
        at.server.answers[wire.SaveDraft] = refusal("too-many", "There are too many.")
        with pytest.raises(Refused, match="The mail Re: My card is not stored. There are too"):
            await at.session.log_out()
        assert not at.server.all(wire.LogOut)

    run(flow())


def test_nothing_empty_is_left_behind_by_who_logs_out(at, run):
    async def flow():
        await at.drafts.compose("reply", 1)
        await at.drafts.list_all()  # which stores, too, and throws nothing away
        assert at.drafts.open and at.post.drafts
        await at.session.log_out()
        assert not at.drafts.open and not at.post.drafts

    run(flow())


def test_several_drafts_are_written_at_a_time(at, run):
    async def flow():
        first, second = await at.drafts.compose("reply", 1), await at.drafts.compose("new")
        at.drafts.write(first, text="one")
        at.drafts.write(second, text="two")
        await at.drafts.flush()
        assert [at.post.drafts[number].text for number in (first, second)] == ["one", "two"]
        assert [head.id for head in at.drafts.about(1)] == [first]
        assert {head.id for head in await at.drafts.list_all()} == {first, second}

    run(flow())


def test_draft_nobody_wrote_into_goes_away_when_it_is_put_aside(at, run):
    async def flow():
        empty, written = await at.drafts.compose("reply", 1), await at.drafts.compose("forward", 1)
        at.drafts.write(written, text="Dear Karin")
        await at.drafts.put_aside(empty)
        await at.drafts.put_aside(written)
        assert not at.drafts.open
        assert [*at.post.drafts] == [written]
        assert [head.id for head in at.drafts.about(1)] == [written]
        await at.drafts.go_on(written)
        assert at.drafts.open[written].is_touched  # it was gone on with, so it is never empty

    run(flow())


def test_what_is_sent_is_what_was_typed_last_and_can_be_taken_back(at, run):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        at.drafts.write(number, text="Dear Karin")
        sent = await at.drafts.send(number)
        assert at.post.sent[number].text == "Dear Karin" and not at.drafts.open
        assert at.drafts.undoable(NOW) == sent
        assert at.drafts.undoable(sent.due_at) is None
        again = await at.drafts.undo(sent)
        assert at.drafts.open[again].draft.text == "Dear Karin"
        assert at.drafts.undoable(NOW) is None

    run(flow())


async def sent_without_an_answer(at):
    """A reply that the server has in its outbox, and this desk does not know it."""
    number = await at.drafts.compose("reply", 1)
    at.drafts.write(number, text="Dear Karin")
    take = at.server.answers[wire.SendMail]

    def lose(command):
        take(command)
        at.session.set_link(False)
        raise LinkDown("The link was lost.")

    at.server.answers[wire.SendMail] = lose
    with pytest.raises(LinkDown):
        await at.drafts.send(number)
    at.server.answers[wire.SendMail] = take
    return number


def test_mail_that_left_without_an_answer_can_be_taken_back_when_the_link_is_back(at, run):
    async def flow():
        number = await sent_without_an_answer(at)
        assert number in at.drafts.open
        take, takes_keys = at.server.answers[wire.SendMail], []

        def again(command):
            takes_keys.append(not at.drafts.open[number].is_closing)
            return take(command)

        at.server.answers[wire.SendMail] = again
        at.session.receive(desk(EMAIL))
        await until(lambda: at.drafts.undoable(NOW))
        assert not at.drafts.open and not at.drafts.about(1)
        assert takes_keys == [False]  # what is typed meanwhile would be lost
        await at.drafts.undo(at.drafts.undoable(NOW))
        assert at.drafts.open[number].draft.text == "Dear Karin"

    run(flow())


def test_draft_that_left_while_it_was_put_aside_is_in_no_list_any_more(at, run):
    async def flow():
        await at.drafts.compose("forward", 1)
        aside = await at.drafts.compose("new")
        at.drafts.write(aside, text="Dear Bo")
        await at.drafts.put_aside(aside)
        del at.post.drafts[aside]
        at.session.receive(desk(EMAIL))
        await until(lambda: not at.drafts.about(None))
        assert len(at.drafts.about(1)) == 1

    run(flow())


def test_what_was_typed_after_a_mail_left_without_an_answer_is_kept(at, run):
    async def flow():
        number = await sent_without_an_answer(at)
        at.drafts.write(number, text="Dear Karin, and more")
        at.session.receive(desk(EMAIL))
        one = at.drafts.open[number]
        await until(lambda: one.trouble.startswith("This draft was sent or thrown away"))
        at.server.answers[wire.SendMail] = refusal("gone", "It was sent.")
        with pytest.raises(Refused, match="It was sent."):
            await at.drafts.send(number)
        with pytest.raises(Refused, match="only here"):
            await at.drafts.put_aside(number)
        assert at.drafts.open[number].draft.text == "Dear Karin, and more"
        at.server.answers[wire.DiscardDraft] = refusal("gone")
        with pytest.raises(Refused):  # that it may have left is said
            await at.drafts.discard(number)
        assert not at.drafts.open

    run(flow())


@pytest.mark.parametrize("command", [wire.SendMail, wire.DiscardDraft])
def test_draft_that_the_server_does_not_have_any_more_is_closed_and_its_mail_read_anew(
    at, run, command
):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        gone = []
        at.drafts.gone.connect(gone.append)
        at.server.answers[command] = refusal("gone", "It was sent.")
        if command is wire.SendMail:
            with pytest.raises(Refused, match="It was sent."):
                await at.drafts.send(number)
        else:
            await at.drafts.discard(number)
        assert not at.drafts.open and not at.drafts.about(1) and gone == [1]

    run(flow())


def test_nothing_is_taken_back_once_somebody_has_heard_of_it(at, run):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        sent = await at.drafts.send(number)
        handed_over = outgoing(sent.id)
        at.session.receive(wire.MailNews(contact=1, outgoing=[handed_over]))
        assert at.drafts.undoable(NOW - timedelta(seconds=1)) is None
        for tell in ("read", "refuse"):  # no news came of it
            number = await at.drafts.compose("reply", 1)
            sent = await at.drafts.send(number)
            if tell == "read":
                at.drafts.learn(msgspec.structs.replace(MAIL, outgoing=[outgoing(sent.id)]))
            else:
                at.server.answers[wire.UndoSend] = refusal("too-late")
                with pytest.raises(Refused):
                    await at.drafts.undo(sent)
            assert at.drafts.undoable(NOW) is None

    run(flow())


def test_mail_that_is_refused_stays_open_to_be_written_on(at, run):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        at.server.answers[wire.SendMail] = refusal("bad-address", "Nobody is called x.")
        with pytest.raises(Refused, match="Nobody is called x."):
            await at.drafts.send(number)
        at.drafts.write(number, to="y@home.example")
        assert at.drafts.open[number].draft.to == "y@home.example"

    run(flow())


def test_nothing_is_stored_while_it_is_being_sent(at, run):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        at.drafts.write(number, text="Dear Karin")
        sending = asyncio.ensure_future(at.drafts.send(number))
        flushing = asyncio.ensure_future(at.drafts.flush())
        await asyncio.gather(sending, flushing)
        assert not at.server.all(wire.SaveDraft)

    run(flow())


def test_what_is_done_twice_at_once_is_done_once(at, run):
    async def flow():
        drafts = at.drafts
        sent, aside, gone = [await drafts.compose(kind, 1) for kind in ("reply", "forward", "new")]
        drafts.write(aside, text="Later")
        both = await asyncio.gather(*(drafts.send(sent) for _ in range(2)))
        assert [one is None for one in both] == [False, True]
        await asyncio.gather(*(drafts.put_aside(aside) for _ in range(2)))
        await asyncio.gather(*(drafts.discard(gone) for _ in range(2)))
        await asyncio.gather(*(drafts.go_on(aside) for _ in range(2)))
        counts = [len(at.server.all(kind)) for kind in (wire.SendMail, wire.DiscardDraft)]
        assert counts == [1, 1] and [*drafts.open] == [aside]

    run(flow())


def test_nothing_is_typed_into_what_is_being_put_aside(at, run):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        at.drafts.write(number, text="Dear Karin")
        one = at.drafts.open[number]

        def store(command):
            at.drafts.write(number, text="Dear Karin, and what nobody would store")
            return at.post._save(command)

        at.server.answers[wire.SaveDraft] = store
        await at.drafts.put_aside(number)
        assert one.draft == at.post.drafts[number]

    run(flow())


def test_draft_opened_twice_keeps_what_is_typed_into_it(at, run):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        at.drafts.write(number, text="Dear Karin")
        await at.drafts.put_aside(number)
        open_it = at.server.answers[wire.OpenDraft]

        def answer(command):
            if number not in at.drafts.open:
                at.drafts._take(open_it(command))  # another go_on was quicker
                at.drafts.write(number, text="Dear Karin, and more")
            return open_it(command)

        at.server.answers[wire.OpenDraft] = answer
        await at.drafts.go_on(number)
        assert at.drafts.open[number].draft.text == "Dear Karin, and more"

    run(flow())


def test_reply_is_gone_on_with_and_a_new_mail_is_another_one(at, run):
    async def flow():
        compose = at.drafts.compose
        reply, forward = await compose("reply", 1), await compose("forward", 1)
        assert reply != forward and await compose("reply", 1) == reply
        new = await compose("new")
        assert await compose("new") == new  # nobody wrote into it
        at.drafts.write(new, text="Dear Bo")
        assert await compose("new") != new

    run(flow())


def test_files_go_along_and_come_out_again(at, run, tmp_path):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        files = [tmp_path / "a.txt", tmp_path / "b.txt"]
        for file in files:
            file.write_bytes(b"abc")
        await at.drafts.attach(number, files)
        one = at.drafts.open[number]
        assert [file.name for file in one.files] == ["a.txt", "b.txt"]
        assert one.is_touched and not one.sending
        await at.drafts.detach(number, 0)
        assert [file.name for file in one.files] == ["b.txt"]

    run(flow())


def test_file_over_35_mb_is_not_begun(at, run, tmp_path):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        large = tmp_path / "film.mp4"
        with large.open("wb") as file:
            file.truncate(wire.MOST_DRAFT_FILE + 1)
        with pytest.raises(Refused, match=r"film.mp4 was not attached: .* 35 MB"):
            await at.drafts.attach(number, [large])
        assert not at.drafts.open[number].files

    run(flow())


def test_file_that_cannot_be_attached_says_why(at, run, tmp_path):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        for file in (tmp_path / "gone.txt", tmp_path):
            with pytest.raises(Refused, match=f"{file.name} was not attached: it is no file"):
                await at.drafts.attach(number, [file])
        there = tmp_path / "a.txt"
        there.touch()
        await at.drafts.discard(number)
        with pytest.raises(Refused, match="closed meanwhile"):
            await at.drafts.attach(number, [there])

    run(flow())


def test_nothing_is_sent_before_both_of_two_files_of_one_name_are_there(at, run, tmp_path):
    async def flow():
        number = await at.drafts.compose("reply", 1)
        files = [tmp_path / "a" / "scan.pdf", tmp_path / "b" / "scan.pdf"]
        for file in files:
            file.parent.mkdir()
            file.write_bytes(b"abc")
        going, free = [], asyncio.Event()

        async def attach(draft, name, path, progress):
            progress(1, 3)
            going.append(sorted(at.drafts.open[number].sending.values()))
            if path == files[1]:
                await free.wait()
            return at.post._attach(draft, name, path)

        at.server.attach = attach
        attaching = [asyncio.ensure_future(at.drafts.attach(number, [file])) for file in files]
        await until(lambda: len(at.post.files.get(number, [])) == 1)
        await at.drafts.put_aside(number)
        await at.drafts.go_on(number)  # it is the same draft, whoever opened it when
        with pytest.raises(Refused, match="still on its way"):
            await at.drafts.send(number)
        free.set()
        await asyncio.gather(*attaching)
        assert ("scan.pdf", 33) in going[-1] and not at.drafts.open[number].sending
        assert len(at.drafts.open[number].files) == 2
        await at.drafts.send(number)

    run(flow())


def test_drafts_about_a_contact_are_learned_with_its_mail(at):
    head = wire.DraftHead(id=5, kind="forward", contact=1, subject="", to="", saved_at=NOW)
    at.drafts.learn(msgspec.structs.replace(MAIL, drafts=[head]))
    assert at.drafts.about(1) == [head]
    at.drafts.learn(MAIL)
    assert not at.drafts.about(1)
