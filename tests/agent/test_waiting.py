"""A waiting list that is looked into, without a window: what is asked, what is kept."""

import msgspec
import pytest

from ace_agent.desk.waiting import WaitingList
from ace_agent.session import Refused, Session
from ace_server import wire
from ace_server.wire import AgentState
from tests.agent.bench import Lists, Server
from tests.agent.scripted import ANNA, NOW, desk, status, waiting
from tests.agent.waiting import until

READY = msgspec.structs.replace(ANNA, state=AgentState.READY)
LIST = status("Disputes", 3, is_list=True, change=1)


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def lists(server):
    return Lists(server, Disputes=[waiting(n) for n in (11, 12, 13)], Deaths=[waiting(21)])


@pytest.fixture
def session(qapp, server):
    session = Session()
    session.connect_to(server)
    session.receive(desk(agent=READY))
    session.receive(wire.Queues(now=NOW, queues=[LIST, status("Deaths", 1, is_list=True)]))
    return session


@pytest.fixture
def opened(session, lists, run):
    """A list that is stopped in the end."""
    waiting_list = WaitingList(session)
    yield waiting_list
    run(waiting_list.stop())


def tell(session, **changes):
    changed = msgspec.structs.replace(LIST, **changes)
    session.receive(wire.Queues(now=NOW, queues=[changed]))


def ids(opened):
    return [contact.id for contact in opened.contacts]


def looks(server):
    return [c for c in server.commands if isinstance(c, wire.Look)]


def test_first_contact_of_an_opened_list_is_read(opened, run):
    async def flow():
        opened.open("Disputes")
        await until(lambda: opened.contact is not None)
        assert (ids(opened), opened.count, opened.is_known) == ([11, 12, 13], 3, True)
        assert (opened.chosen, opened.contact.external_id) == (11, "CARD-11")
        assert opened.position(opened.chosen) == 1 and not opened.has_more

    run(flow())


def test_list_is_looked_at_anew_when_it_is_different_and_the_chosen_one_stays(
    opened, lists, session, server, run
):
    async def flow():
        opened.open("Disputes")
        await until(lambda: opened.contact is not None)
        opened.choose(13)
        await until(lambda: opened.contact.id == 13)
        lists.waiting["Disputes"].insert(0, waiting(10))
        tell(session, change=2)
        await until(lambda: ids(opened) == [10, 11, 12, 13])
        assert (opened.chosen, opened.contact.id, opened.position(opened.chosen)) == (13, 13, 4)
        asked = len(looks(server))
        tell(session, change=2, at_work=7)
        await until(lambda: opened.status.at_work == 7)
        assert len(looks(server)) == asked, "nothing waits that did not wait before"

    run(flow())


def test_contact_that_somebody_took_says_so(opened, lists, session, run):
    async def flow():
        opened.open("Disputes")
        await until(lambda: opened.contact is not None)
        lists.take(11)
        tell(session, change=2)
        await until(lambda: opened.gone)
        assert opened.gone.startswith("This contact no longer waits here: somebody took it")
        assert opened.contact is None and ids(opened) == [12, 13]
        opened.choose(12)
        assert not opened.gone
        await until(lambda: opened.contact is not None)

    run(flow())


def test_contact_that_was_moved_to_another_list_is_not_in_this_one(opened, lists, session, run):
    async def flow():
        opened.open("Disputes")
        await until(lambda: opened.contact is not None)
        lists.waiting["Deaths"].append(lists.waiting["Disputes"].pop(0))
        tell(session, change=2)
        await until(lambda: opened.gone)
        assert opened.gone == "This contact was moved: it waits elsewhere now."

    run(flow())


def test_picked_contact_closes_the_list(opened, server, run):
    async def flow():
        opened.open("Disputes")
        await until(lambda: opened.contact is not None)
        opened.choose(12)
        assert await opened.pick() == 12
        assert server.last(wire.Pick).contact == 12
        assert opened.name is None and not opened.contacts and opened.chosen is None

    run(flow())


def test_pick_that_comes_too_late_says_so_and_looks_anew(opened, lists, run):
    async def flow():
        opened.open("Disputes")
        await until(lambda: opened.contact is not None)
        lists.take(11)
        with pytest.raises(Refused, match="somebody took it, or it was moved"):
            await opened.pick()
        assert opened.gone and opened.contact is None
        await until(lambda: ids(opened) == [12, 13])

    run(flow())


def test_nothing_is_picked_where_nothing_is_chosen(opened, server, run):
    async def flow():
        assert await opened.pick() is None
        assert server.last(wire.Pick) is None

    run(flow())


def test_only_the_last_of_many_choices_is_read(opened, server, run):
    async def flow():
        opened.open("Disputes")
        await until(lambda: opened.contact is not None)
        for number in (12, 11, 12, 13):
            opened.choose(number)
        await until(lambda: opened.contact.id == 13)
        read = [c.contact for c in server.commands if isinstance(c, wire.Preview)]
        assert read == [11, 13]

    run(flow())


def test_long_list_comes_page_by_page(opened, lists, session, server, run):
    async def flow():
        lists.waiting["Disputes"] = [waiting(n) for n in range(1, 121)]
        opened.open("Disputes")
        await until(lambda: opened.is_known)
        assert (len(opened.contacts), opened.count, opened.has_more) == (50, 120, True)
        opened.more()
        await until(lambda: len(opened.contacts) == 100)
        lists.take(1)
        tell(session, change=2)
        await until(lambda: opened.count == 119)
        assert ids(opened) == [*range(2, 102)], "as many as there were before"
        opened.more()
        await until(lambda: not opened.has_more)
        assert ids(opened) == [*range(2, 121)]
        asked = len(looks(server))
        opened.more()
        assert len(looks(server)) == asked

    run(flow())


def test_contact_that_is_further_behind_now_is_not_gone(opened, lists, session, run):
    async def flow():
        lists.waiting["Disputes"] = [waiting(n) for n in range(1, 52)]
        opened.open("Disputes")
        await until(lambda: opened.contact is not None)
        opened.choose(50)
        lists.waiting["Disputes"].insert(0, waiting(99))
        tell(session, change=2)
        await until(lambda: 99 in ids(opened))
        await until(lambda: opened.contact is not None and opened.contact.id == 50)
        assert not opened.gone and opened.position(opened.chosen) is None

    run(flow())


def test_list_that_is_refused_says_why(opened, server, session, run):
    async def flow():
        no = wire.Refusal(request=0, code="forbidden", reason=wire.Sentence("It is not yours."))
        server.answers[wire.Look] = no
        opened.open("Disputes")
        await until(lambda: opened.trouble)
        assert opened.trouble == "It is not yours." and not opened.contacts

    run(flow())


def test_list_is_tried_again_when_the_server_could_not_look(opened, lists, server, session, run):
    async def flow():
        look = server.answers[wire.Look]
        server.answers[wire.Look] = wire.Refusal(
            request=0, code="unavailable", reason=wire.Sentence("Not now.")
        )
        opened.open("Disputes")
        await until(lambda: opened.trouble)
        server.answers[wire.Look] = look
        tell(session)
        await until(lambda: opened.contacts)
        assert not opened.trouble

    run(flow())


def test_what_was_seen_stays_while_the_link_is_down_and_is_looked_at_when_it_is_back(
    opened, lists, server, session, run
):
    async def flow():
        opened.open("Disputes")
        await until(lambda: opened.contact is not None)
        server.is_up = False
        session.set_link(False)
        opened.choose(12)
        await until(lambda: opened.contact is None)
        assert ids(opened) == [11, 12, 13] and not opened.gone
        lists.take(13)
        server.is_up = True
        session.receive(desk(agent=READY, number=2))
        await until(lambda: ids(opened) == [11, 12])
        await until(lambda: opened.contact is not None)
        assert opened.contact.id == 12

    run(flow())


def test_list_closes_when_it_is_no_longer_served_or_nobody_is_logged_in(opened, session, run):
    async def flow():
        opened.open("Disputes")
        await until(lambda: opened.contact is not None)
        session.receive(wire.Queues(now=NOW, queues=[status("Loans")]))
        assert opened.name is None
        tell(session)
        opened.open("Disputes")
        await until(lambda: opened.contact is not None)
        session.leave("")
        assert opened.name is None and opened.contact is None

    run(flow())


def test_other_list_is_read_in_place_of_the_first(opened, run):
    async def flow():
        opened.open("Disputes")
        opened.open("Deaths")
        await until(lambda: opened.contact is not None)
        assert ids(opened) == [21] and opened.contact.id == 21

    run(flow())


def test_own_list_is_asked_for_by_login(opened, lists, server, session, run):
    async def flow():
        lists.personal["anna"] = [waiting(31)]
        session.receive(wire.Queues(now=NOW, queues=[status("", 1, is_list=True)]))
        opened.open("")
        await until(lambda: opened.contacts)
        assert server.last(wire.Look) == wire.Look(request=0, personal="anna")

    run(flow())


def test_list_into_which_something_comes_chooses_nothing_by_itself(opened, lists, session, run):
    async def flow():
        lists.waiting["Disputes"] = []
        opened.open("Disputes")
        await until(lambda: opened.is_known)
        lists.waiting["Disputes"] = [waiting(14)]
        tell(session, change=2)
        await until(lambda: ids(opened) == [14])
        assert opened.chosen is None and opened.contact is None

    run(flow())
