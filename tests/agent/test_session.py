"""The session by itself: no socket, a sender that answers as the test says."""

import asyncio
import itertools
from datetime import timedelta

import msgspec
import pytest

from ace_agent.session import Changed, LinkDown, Refused, Session
from ace_server import wire
from tests.agent.scripted import ANNA, NOW, contact, desk
from tests.agent.waiting import until


class Sender:
    """Notes the commands; answers Done, or what `answers` holds for their kind."""

    def __init__(self):
        self.commands = []
        self.answers = {}
        self.held = None  # a future: answers wait for it

    async def ask(self, command):
        self.commands.append(command)
        if self.held is not None:
            await self.held
        answer = self.answers.get(type(command), wire.Done(request=0))
        if callable(answer):
            answer = answer(command)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def attachment(self, contact, attachment, progress):
        raise AssertionError("not asked for")

    def said(self, kind):
        return [command for command in self.commands if isinstance(command, kind)]


@pytest.fixture
def sender():
    return Sender()


@pytest.fixture
def session(qapp, sender):
    session = Session()
    session.connect_to(sender)
    return session


@pytest.fixture
def changes(session):
    seen = []
    session.changed.connect(seen.append)
    return seen


def change(number, held=None, *, gone=(), why="accepted", agent=ANNA):
    return wire.Change(number=number, now=NOW, why=why, agent=agent, contact=held, gone=list(gone))


def refusal(code, reason="No."):
    return wire.Refusal(request=0, code=code, reason=wire.Sentence(reason))


def rejects(key):
    """An answer to Edit: this key's value is refused, the others are stored."""
    return lambda edit: refusal("bad-value") if key in edit.values else wire.Done(request=0)


# What the server says


def test_desk_replaces_everything(session, changes):
    session.receive(desk(contact(1)))
    session.receive(desk(contact(2)))
    assert list(session.contacts) == [2]
    assert session.agent == ANNA
    assert (session.queues, session.activities) == (["Loan decisions"], ["Lunch"])
    assert changes == [
        Changed("link"),
        Changed("desk", why="logged in"),
        Changed("desk", why="logged in"),
    ]


def test_change_brings_agent_and_contact_and_takes_away_what_left(session, changes):
    session.receive(desk(contact(1)))
    changes.clear()
    session.receive(change(2, contact(2), gone=[1], why="booked"))
    assert list(session.contacts) == [2]
    assert changes == [
        Changed("contact", 1, "booked"),
        Changed("contact", 2, "booked"),
        Changed("agent", why="booked"),
    ]


def test_missing_change_asks_for_everything_anew(run, session, sender, expect_log):
    expect_log("WARNING ace_agent.session: a change is missing")

    async def flow():
        session.receive(desk(contact(1)))
        session.receive(change(3, contact(3)))
        session.receive(change(4, contact(4)))
        await until(lambda: sender.commands)
        assert list(session.contacts) == [1]  # nothing half known is shown
        session.receive(desk(contact(4), number=4))
        session.receive(change(5, contact(5)))
        assert list(session.contacts) == [4, 5]
        assert len(sender.said(wire.Resync)) == 1
        await session.stop()

    run(flow())


def test_missing_change_is_asked_for_again_when_that_failed(run, session, sender, expect_log):
    expect_log("WARNING ace_agent.session: a change is missing")

    async def flow():
        numbers = itertools.count(3)
        session.receive(desk())
        sender.answers[wire.Resync] = refusal("unavailable")
        while len(sender.said(wire.Resync)) < 2:
            session.receive(change(next(numbers)))
            await asyncio.sleep(0)
        await session.stop()

    run(flow())


def test_lost_link_is_told_with_its_time_and_keeps_what_is_shown(session, changes):
    session.receive(desk(contact(1)))
    changes.clear()
    session.set_link(False)
    session.set_link(False)
    assert changes == [Changed("link")]
    assert session.link_lost_at is not None
    assert list(session.contacts) == [1]
    session.receive(desk(contact(1)))
    assert (session.link_up, session.link_lost_at) == (True, None)


def test_contacts_that_follow_the_desk_are_shown_as_they_come(session, changes):
    session.receive(desk(contact(1), following=[2, 3]))
    assert list(session.contacts) == [1]
    changes.clear()
    session.receive(change(2, contact(2), why="shown"))
    assert list(session.contacts) == [1, 2]
    assert changes == [Changed("contact", 2, "shown"), Changed("agent", why="shown")]


def test_what_is_still_to_come_is_shown_as_it_was(session):
    session.receive(desk(contact(1), contact(2), contact(3)))
    session.set_link(False)
    session.receive(desk(contact(1), following=[2]))
    assert list(session.contacts) == [1, 2]
    session.receive(change(2, gone=[2]))
    assert list(session.contacts) == [1]


def test_what_was_typed_waits_for_what_is_still_to_come(session):
    session.receive(desk(contact(1), contact(2)))
    session.edit(2, "loanAmount", "1 kr")
    session.edit(1, "loanAmount", "2 kr")
    reasons = []
    session.refused.connect(lambda contact, reason: reasons.append(contact))
    session.set_link(False)
    session.receive(desk(following=[2]))
    assert (list(session.typed), reasons) == ([2], [1])
    session.receive(change(2, contact(2), why="shown"))
    assert session.value(2, "loanAmount") == "1 kr"
    session.receive(change(3, gone=[2], why="returned"))
    assert (session.typed, reasons) == ({}, [1, 2])


def test_notice_is_shown_and_taken_back(session, changes):
    session.receive(desk())
    changes.clear()
    session.receive(wire.Notice(about="store", text=wire.Sentence("The disk is full.")))
    assert session.notice == "The disk is full."
    session.receive(wire.Notice(about="store", text=None))
    assert session.notice == ""
    assert changes == [Changed("notice")] * 2


def test_clock_is_the_servers_and_never_this_machines(qapp):
    seconds = [100.0]
    session = Session(monotonic=lambda: seconds[0])
    session.receive(desk())
    seconds[0] += 62.5
    assert session.now() == NOW + timedelta(seconds=62.5)


def test_end_of_the_log_in_empties_the_desk_and_says_why(session):
    reasons = []
    session.logged_out.connect(reasons.append)
    session.receive(desk(contact(1)))
    session.receive(wire.LoggedOut(reason=wire.Sentence("You were logged out.")))
    assert (session.agent, session.contacts) == (None, {})
    assert reasons == ["You were logged out."]


# Commands


@pytest.mark.parametrize(
    ("act", "command"),
    [
        (lambda s: s.activate(), wire.Activate(request=0)),
        (lambda s: s.pause("Lunch"), wire.Pause(request=0, activity="Lunch")),
        (lambda s: s.accept(1), wire.Accept(request=0, contact=1)),
        (lambda s: s.decline(1), wire.Decline(request=0, contact=1)),
        (lambda s: s.park(1), wire.Park(request=0, contact=1)),
        (lambda s: s.resume(1), wire.Resume(request=0, contact=1)),
        (
            lambda s: s.requeue(1, colleague="bo", note="For you"),
            wire.Requeue(request=0, contact=1, colleague="bo", note="For you"),
        ),
        (lambda s: s.end(1), wire.End(request=0, contact=1)),
        (lambda s: s.extend_wrap_up(), wire.ExtendWrapUp(request=0)),
        (lambda s: s.log_out(), wire.LogOut(request=0)),
    ],
)
def test_each_verb_is_one_command(run, session, sender, act, command):
    async def flow():
        session.receive(desk(contact(1)))
        await act(session)
        assert sender.commands == [command]

    run(flow())


def test_changed_password_is_logged_in_with_at_once(run, session, sender):
    async def flow():
        session.receive(desk())
        await session.change_password("old", "new")
        assert sender.commands == [
            wire.ChangePassword(request=0, old="old", new="new"),
            wire.LogIn(request=0, login="anna", password="new"),
        ]

    run(flow())


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("illegal-move", "This contact is no longer where it was."),
        ("unavailable", "The server cannot do this at present."),
        ("mandatory", "Outcome is missing."),
    ],
)
def test_refusal_is_a_sentence_for_the_person(run, session, sender, code, sentence):
    async def flow():
        session.receive(desk(contact(1)))
        sender.answers[wire.Accept] = refusal(code, "Outcome is missing.")
        with pytest.raises(Refused) as refused:
            await session.accept(1)
        assert sentence in refused.value.reason
        assert refused.value.code == code

    run(flow())


def test_explanation_comes_as_sentences(run, session, sender):
    async def flow():
        sender.answers[wire.Explain] = wire.Explained(
            request=0, sentences=[wire.Sentence("Because.")]
        )
        assert await session.explain(1) == ["Because."]
        await session.explain(1, "bo")
        assert sender.commands[-1] == wire.Explain(request=0, contact=1, agent="bo")

    run(flow())


def test_waiting_contact_is_previewed(run, session, sender):
    async def flow():
        sender.answers[wire.Preview] = wire.Previewed(request=0, contact=contact(4))
        assert (await session.preview(4)).id == 4

    run(flow())


def test_picking_stores_what_was_typed_in_wrap_up_first(run, session, sender):
    async def flow():
        ended = contact(1, state=wire.State.ENDED)
        wrapping = msgspec.structs.replace(ANNA, state=wire.AgentState.WRAP_UP, wrap_up_contact=1)
        session.receive(desk(ended, agent=wrapping))
        session.edit(1, "Outcome", "Granted")
        await session.pick(4)
        assert [type(command) for command in sender.commands] == [wire.Edit, wire.Pick]

    run(flow())


def test_attachment_of_a_contact_that_left_is_refused(run, session):
    async def flow():
        with pytest.raises(Refused):
            await session.attachment(1, 0)

    run(flow())


# What is typed


def test_typed_value_is_shown_at_once_and_sent_when_typing_pauses(run, session, sender):
    async def flow():
        session.receive(desk(contact(1)))
        for typed in ("3", "30", "300"):
            session.edit(1, "loanAmount", typed)
        assert session.value(1, "loanAmount") == "300"
        assert session.typed == {1: {"loanAmount": "300"}}
        await until(lambda: not session.typed)
        assert sender.commands == [wire.Edit(request=0, contact=1, values={"loanAmount": "300"})]
        assert session.value(1, "loanAmount") == "300"
        await session.stop()

    run(flow())


def test_value_that_is_there_already_is_not_sent(session):
    session.receive(desk(contact(1)))
    session.edit(1, "loanAmount", "245 000 kr")
    session.edit(2, "loanAmount", "nobody's")
    assert session.typed == {}


def test_what_is_typed_while_it_is_sent_stays_a_draft(run, session, sender):
    async def flow():
        session.receive(desk(contact(1)))
        sender.held = asyncio.get_running_loop().create_future()
        session.edit(1, "loanAmount", "1")
        await until(lambda: sender.commands)
        session.edit(1, "loanAmount", "12")
        sender.held.set_result(None)
        await until(lambda: not session.typed)
        assert [edit.values for edit in sender.commands] == [
            {"loanAmount": "1"},
            {"loanAmount": "12"},
        ]
        await session.stop()

    run(flow())


def test_end_takes_along_what_was_typed_last(run, session, sender):
    async def flow():
        session.receive(desk(contact(1)))
        session.edit(1, "Outcome", "Granted")
        await session.end(1)
        assert sender.commands == [wire.End(request=0, contact=1, values={"Outcome": "Granted"})]
        assert session.typed == {}
        await session.stop()

    run(flow())


def test_end_that_is_refused_keeps_what_was_typed(run, session, sender):
    async def flow():
        session.receive(desk(contact(1)))
        sender.answers[wire.End] = refusal("mandatory")
        session.edit(1, "loanAmount", "1")
        with pytest.raises(Refused):
            await session.end(1)
        assert session.typed == {1: {"loanAmount": "1"}}
        await session.stop()

    run(flow())


@pytest.mark.parametrize(
    "act", [lambda s: s.activate(), lambda s: s.pause(), lambda s: s.resume(2)]
)
def test_what_was_typed_in_wrap_up_is_stored_before_it_ends(run, session, sender, act):
    async def flow():
        wrapping = msgspec.structs.replace(ANNA, state=wire.AgentState.WRAP_UP, wrap_up_contact=1)
        session.receive(desk(contact(1, state=wire.State.ENDED), agent=wrapping))
        session.edit(1, "loanAmount", "1")
        await act(session)
        assert isinstance(sender.commands[0], wire.Edit)
        assert len(sender.commands) == 2
        await session.stop()

    run(flow())


@pytest.mark.parametrize("act", [lambda s: s.park(1), lambda s: s.requeue(1, queue="Loans")])
def test_what_was_typed_is_stored_before_the_contact_goes(run, session, sender, act):
    async def flow():
        session.receive(desk(contact(1)))
        session.edit(1, "loanAmount", "1")
        await act(session)
        assert isinstance(sender.commands[0], wire.Edit)
        assert len(sender.commands) == 2
        await session.stop()

    run(flow())


def test_value_that_is_refused_is_told_once_and_kept(run, session, sender):
    async def flow():
        told = []
        session.refused.connect(lambda contact, reason: told.append((contact, reason)))
        session.receive(desk(contact(1)))
        sender.answers[wire.Edit] = rejects("Outcome")
        session.edit(1, "Outcome", "Perhaps")
        await until(lambda: told)
        assert session.typed == {1: {"Outcome": "Perhaps"}}
        session.edit(1, "loanAmount", "1")
        await until(lambda: len(sender.commands) == 2)
        assert sender.commands[1].values == {"loanAmount": "1"}
        assert told == [(1, "No.")]
        await session.stop()

    run(flow())


def test_one_bad_value_keeps_no_other_from_being_stored(run, session, sender):
    async def flow():
        session.receive(desk(contact(1)))
        sender.answers[wire.Edit] = rejects("Outcome")
        session.edit(1, "loanAmount", "1")
        session.edit(1, "Outcome", "Perhaps")
        with pytest.raises(Refused):
            await session.flush()
        assert session.typed == {1: {"Outcome": "Perhaps"}}
        await session.stop()

    run(flow())


def test_drafts_outlive_a_lost_link_and_are_sent_again(run, session, sender):
    async def flow():
        session.receive(desk(contact(1)))
        sender.answers[wire.Edit] = LinkDown("down")
        session.edit(1, "loanAmount", "1")
        await until(lambda: sender.commands)
        session.set_link(False)
        session.edit(1, "Outcome", "Granted")
        assert session.typed == {1: {"loanAmount": "1", "Outcome": "Granted"}}
        del sender.answers[wire.Edit]
        session.receive(desk(contact(1)))
        await until(lambda: not session.typed)
        assert sender.commands[-1].values == {"loanAmount": "1", "Outcome": "Granted"}
        await session.stop()

    run(flow())


def test_drafts_of_a_contact_that_is_gone_are_dropped_and_that_is_said(run, session):
    async def flow():
        told = []
        session.refused.connect(lambda contact, reason: told.append(contact))
        session.receive(desk(contact(1), contact(2)))
        session.edit(1, "loanAmount", "1")
        session.set_link(False)
        session.receive(desk(contact(2)))
        assert (session.typed, told) == ({}, [1])
        await session.stop()

    run(flow())


def test_ended_contact_may_be_gone_before_the_answer_comes(run, session, sender):
    async def flow():
        told = []
        session.refused.connect(lambda contact, reason: told.append(contact))
        session.receive(desk(contact(1)))
        session.edit(1, "Outcome", "Granted")
        sender.held = asyncio.get_running_loop().create_future()
        ending = asyncio.ensure_future(session.end(1))
        await until(lambda: sender.commands)
        session.receive(change(2, gone=[1], why="ended"))
        sender.held.set_result(None)
        await ending
        assert (session.typed, told) == ({}, [])
        await session.stop()

    run(flow())


def test_another_person_does_not_get_what_the_one_before_typed(run, session):
    async def flow():
        session.receive(desk(contact(1)))
        session.edit(1, "loanAmount", "1")
        session.leave("Log in again.")
        session.receive(desk(contact(1), agent=msgspec.structs.replace(ANNA, login="bo")))
        assert session.typed == {}
        await session.stop()

    run(flow())


# What waits


QUEUE = wire.QueueStatus(name="Loans", waiting=3)


def test_queue_status_is_kept_as_it_was_told_and_goes_with_the_log_in(session, changes):
    session.receive(desk())
    changes.clear()
    session.receive(wire.Queues(now=NOW, queues=[QUEUE]))
    assert session.queue_status == [QUEUE] and changes == [Changed("queues")]
    assert session.now() - NOW < timedelta(seconds=1)
    session.leave("")
    assert session.queue_status == []


def test_waiting_lists_of_the_desk_are_known(session):
    session.receive(msgspec.structs.replace(desk(), waiting_lists=["Disputes"]))
    assert session.waiting_lists == ["Disputes"]


def test_commands_about_queues_say_what_they_are_for(session, sender, run):
    looked = wire.Looked(request=0, now=NOW, waiting=0, contacts=[])
    sender.answers = {
        wire.Look: looked,
        wire.Preview: wire.Previewed(request=0, contact=contact(5)),
    }

    async def flow():
        session.receive(desk())
        await session.choose_work_level("Cards")
        await session.log_in_to_queue("Loans", False)
        assert await session.look("Disputes", start=50) == looked
        await session.look("")
        assert (await session.preview(5)).id == 5
        await session.pick(5)
        assert sender.commands == [
            wire.ChooseWorkLevel(request=0, work_level="Cards"),
            wire.LogInToQueue(request=0, queue="Loans", logged_in=False),
            wire.Look(request=0, queue="Disputes", start=50),
            wire.Look(request=0, personal="anna"),
            wire.Preview(request=0, contact=5),
            wire.Pick(request=0, contact=5),
        ]

    run(flow())


@pytest.mark.parametrize("kind", [wire.Preview, wire.Pick])
def test_contact_that_waits_no_more_is_told_in_words_of_its_own(session, sender, run, kind):
    async def flow():
        session.receive(desk())
        sender.answers[kind] = refusal("illegal-move")
        ask = session.preview if kind is wire.Preview else session.pick
        with pytest.raises(Refused, match="no longer waits here: somebody took it"):
            await ask(5)

    run(flow())


def test_pick_out_of_wrap_up_takes_along_what_was_typed(session, sender, run):
    async def flow():
        who = msgspec.structs.replace(ANNA, wrap_up_contact=1)
        session.receive(desk(contact(1, state=wire.State.ENDED), agent=who))
        session.edit(1, "Outcome", "Granted")
        await session.pick(5)
        assert [type(command) for command in sender.commands] == [wire.Edit, wire.Pick]

    run(flow())


def test_attachment_of_a_previewed_contact_can_be_fetched(session, sender, run, tmp_path):
    file = wire.Attachment(position=0, name="a.txt", media_type="text/plain", size=1)

    async def attachment(number, wanted, progress):
        assert (number, wanted) == (5, file)
        return tmp_path

    sender.attachment = attachment
    session.connect_to(sender, sender)
    waits = contact(5, attachments=[file])
    sender.answers[wire.Preview] = wire.Previewed(request=0, contact=waits)

    async def flow():
        session.receive(desk())
        await session.preview(5)
        assert await session.attachment(5, 0) == tmp_path
        with pytest.raises(Refused, match="no longer here"):
            await session.attachment(6, 0)

    run(flow())


def test_list_that_cannot_be_looked_into_says_why_in_the_words_of_the_server(session, sender, run):
    async def flow():
        session.receive(desk())
        sender.answers[wire.Look] = refusal("not-found", "You do not serve this waiting list.")
        with pytest.raises(Refused, match="You do not serve this waiting list."):
            await session.look("Disputes")

    run(flow())
