"""What waits in a queue: fetched page by page, looked up anew when something is different there."""

import asyncio

import pytest

from ace_agent.pulse.board import Board
from ace_agent.pulse.waiting import Waiting
from ace_agent.session import Session
from ace_server import wire
from ace_server.wire import QueueFigures
from tests.agent.bench import Server
from tests.agent.scripted import NOW, desk
from tests.agent.standing import Line, waits
from tests.agent.waiting import until

LOANS, CARDS = ("Loans", ""), ("Cards", "")


def figures(waiting, number=1):
    return wire.Figures(
        number=number,
        now=NOW,
        buffered=0,
        queues=[QueueFigures(queue="Loans", waiting=waiting), QueueFigures(queue="Cards")],
        agents=[],
    )


class Looking:
    """Somebody who looks at the board, and may look into its queues."""

    def __init__(self):
        self.line = Line(Loans=[waits(n) for n in range(1, 121)], Cards=[], bo=[waits(500)])
        self.server = Server()
        self.server.answers[wire.Look] = self.line
        self.session = Session()
        self.session.connect_to(self.server)
        self.board = Board(self.session)
        self.told = []
        self.waiting = Waiting(self.session, self.board, self.told.append, pause_ms=0)
        self.session.receive(desk())

    async def watch(self):
        self.board.want(True)
        await until(lambda: self.server.last(wire.Watch))
        self.session.receive(figures(120))
        await until(lambda: self.board.is_known)

    async def look_into(self, place):
        self.waiting.look_into(place)
        await until(lambda: self.waiting.is_known)

    def ids(self):
        return [contact.id for contact in self.waiting.contacts]

    def starts(self):
        return [look.start for look in self.server.all(wire.Look)]


@pytest.fixture
def looking(qapp, run):
    made = Looking()
    yield made

    async def stop():
        await made.waiting.stop()
        await made.board.stop()
        await made.session.stop()

    run(stop())


def test_first_page_is_fetched_and_how_many_there_are(looking, run):
    async def flow():
        await looking.look_into(LOANS)
        assert looking.ids() == list(range(1, 51))
        assert looking.waiting.count == 120 and looking.waiting.has_more
        assert looking.starts() == [0]

    run(flow())


def test_next_page_is_fetched_when_it_is_wanted(looking, run):
    async def flow():
        await looking.look_into(LOANS)
        for expected in (100, 120):
            looking.waiting.more()
            await until(lambda expected=expected: len(looking.ids()) == expected)
        looking.waiting.more()
        assert looking.ids() == list(range(1, 121)) and not looking.waiting.has_more
        assert looking.starts() == [0, 50, 100]

    run(flow())


def test_contact_that_moved_between_two_pages_is_there_once(looking, run):
    async def flow():
        await looking.look_into(LOANS)
        looking.line.queues["Loans"].insert(0, waits(900, prioritised=True))
        looking.waiting.more()
        await until(lambda: len(looking.ids()) > 50)
        assert len(set(looking.ids())) == len(looking.ids())

    run(flow())


def test_what_waits_for_one_person_is_looked_into(looking, run):
    async def flow():
        await looking.look_into(("", "bo"))
        assert looking.ids() == [500]
        assert looking.server.last(wire.Look).personal == "bo"

    run(flow())


def test_other_figures_of_the_queue_are_followed(looking, run):
    async def flow():
        await looking.watch()
        await looking.look_into(LOANS)
        looking.waiting.more()
        await until(lambda: len(looking.ids()) == 100)
        del looking.line.queues["Loans"][0]
        looking.session.receive(figures(119, number=2))
        await until(lambda: looking.waiting.count == 119)
        assert looking.ids() == list(range(2, 102))  # as many as were fetched before
        assert looking.starts()[-2:] == [0, 50]

    run(flow())


def test_figures_of_other_queues_change_nothing(looking, run):
    async def flow():
        await looking.watch()
        await looking.look_into(LOANS)
        row = QueueFigures(queue="Cards", waiting=4)
        change = wire.FiguresChange(number=2, now=NOW, buffered=0, queues=[row])
        seen = asyncio.Event()
        looking.board.changed.connect(seen.set)
        looking.session.receive(change)
        await seen.wait()
        assert looking.starts() == [0]

    run(flow())


def test_many_changes_within_the_pause_lead_to_one_look(looking, run):
    async def flow():
        await looking.watch()
        looking.waiting._pause.setInterval(600_000)
        await looking.look_into(LOANS)
        for number in (2, 3, 4):
            seen = asyncio.Event()
            looking.board.changed.connect(seen.set)
            looking.session.receive(figures(120 + number, number=number))
            await seen.wait()
        assert looking.starts() == [0]
        looking.waiting._pause.start(0)
        await until(lambda: looking.starts() == [0, 0])

    run(flow())


def test_own_deed_is_looked_up_at_once(looking, run):
    async def flow():
        looking.waiting._pause.setInterval(600_000)
        await looking.look_into(LOANS)
        looking.waiting.again()
        await until(lambda: looking.starts() == [0, 0])

    run(flow())


def test_answer_for_a_queue_that_was_left_is_not_shown(looking, run):
    async def flow():
        looking.waiting.look_into(LOANS)
        looking.waiting.look_into(CARDS)
        await until(lambda: looking.waiting.is_known)
        assert looking.ids() == [] and looking.waiting.count == 0
        assert looking.server.last(wire.Look).queue == "Cards"
        looking.waiting.leave()
        looking.waiting.again()
        assert not looking.waiting.is_known and looking.starts() == [0, 0]

    run(flow())


def test_refusal_is_told_and_nothing_is_shown_any_more(looking, run):
    async def flow():
        await looking.look_into(LOANS)
        looking.server.answers[wire.Look] = wire.Refusal(
            request=0, code="no-queue", reason=wire.Sentence("There is no such queue.")
        )
        looking.waiting.again()
        await until(lambda: looking.told)
        assert looking.told == ["There is no such queue."] and looking.ids() == []

    run(flow())


def test_what_was_fetched_stays_while_the_server_cannot_tell(looking, run):
    async def flow():
        await looking.look_into(LOANS)
        looking.server.answers[wire.Look] = wire.Refusal(
            request=0, code="unavailable", reason=wire.Sentence("No room.")
        )
        looking.waiting.again()
        await until(lambda: looking.told)
        assert len(looking.ids()) == 50 and looking.waiting.is_known

    run(flow())


def test_nothing_is_asked_while_the_link_is_down_and_anew_when_it_is_back(looking, run):
    async def flow():
        await looking.watch()
        await looking.look_into(LOANS)
        looking.session.set_link(False)
        looking.waiting.again()
        assert looking.starts() == [0] and len(looking.ids()) == 50
        looking.session.receive(desk(number=2))
        await until(lambda: len(looking.server.all(wire.Watch)) == 2)
        looking.session.receive(figures(120))  # the same as before
        await until(lambda: looking.starts() == [0, 0])

    run(flow())


def test_what_was_seen_is_not_for_who_comes_next(looking, run):
    async def flow():
        await looking.look_into(LOANS)
        looking.session.leave("")
        assert looking.waiting.place is None and looking.ids() == []

    run(flow())
