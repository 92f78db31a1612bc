"""Which mails are kept at a desk, and when one is read anew."""

import msgspec
import pytest

from ace_agent.mails import Mails
from ace_agent.session import Session
from ace_server import wire
from ace_server.wire import AgentState, State
from tests.agent import scenes
from tests.agent.bench import Server
from tests.agent.post import EMAIL, MAIL
from tests.agent.scripted import NOW, desk
from tests.agent.waiting import until

BUSY = scenes.agent(AgentState.BUSY)


@pytest.fixture
def server():
    """Has the mail of every contact, and lets every contact be previewed."""
    made = Server()
    made.answers |= {
        wire.ReadMail: lambda command: wire.MailRead(
            request=0, mail=msgspec.structs.replace(MAIL, contact=command.contact)
        ),
        wire.Preview: lambda command: wire.Previewed(
            request=0, contact=msgspec.structs.replace(EMAIL, id=command.contact)
        ),
    }
    return made


@pytest.fixture
def session(qapp, run, server):
    made = Session()
    made.connect_to(server, server)
    yield made
    run(made.stop())


def test_of_previewed_mails_the_last_is_kept_and_read_anew_when_it_is_opened(run, session, server):
    async def flow():
        mails = Mails.of_session(session)
        session.receive(desk(EMAIL, agent=BUSY))

        async def look(number):
            await session.preview(number)
            before = len(server.all(wire.ReadMail))
            mails.want(number)
            await until(lambda: len(server.all(wire.ReadMail)) > before)
            await until(lambda: not mails._tasks._running)

        await look(9)
        await look(10)
        assert mails.of(9) is None and mails.of(10) is not None
        gone = wire.Change(number=2, now=NOW, why="ended", agent=BUSY, gone=[1])
        session.receive(gone)
        mails.want(10)
        assert not mails._tasks._running, "it is here: nobody is audited for seeing it again"
        await look(10)
        assert len(server.all(wire.ReadMail)) == 3

    run(flow())


def test_mail_that_was_asked_for_before_its_contact_was_accepted_is_read_once_more(
    run, session, server
):
    async def flow():
        mails = Mails.of_session(session)
        session.receive(desk(msgspec.structs.replace(EMAIL, state=State.BOOKED), agent=BUSY))
        accepted = wire.Change(number=2, now=NOW, why="accepted", agent=BUSY, contact=EMAIL)
        early = msgspec.structs.replace(MAIL, writes=wire.Sentence("Accept the contact."))

        def answer(_):
            if len(server.all(wire.ReadMail)) > 1:
                return wire.MailRead(request=0, mail=MAIL)
            session.receive(accepted)  # before what answers is taken in
            return wire.MailRead(request=0, mail=early)

        server.answers[wire.ReadMail] = answer
        mails.want(1)
        await until(lambda: mails.of(1) == MAIL)

    run(flow())
