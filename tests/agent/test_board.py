"""What Pulse shows: told whole, then by changes; asked for anew after a gap and after a loss."""

import asyncio

import pytest

from ace_agent.pulse.board import Board
from ace_agent.session import Session
from ace_server import wire
from ace_server.wire import AgentFigures, AgentState, QueueFigures
from tests.agent.bench import Server
from tests.agent.scripted import NOW, desk
from tests.agent.waiting import until


def figures(number=1, *queues, agents=(), buffered=0):
    return wire.Figures(
        number=number, now=NOW, buffered=buffered, queues=list(queues), agents=list(agents)
    )


def change(number, *queues, agents=(), buffered=0):
    return wire.FiguresChange(
        number=number, now=NOW, buffered=buffered, queues=list(queues), agents=list(agents)
    )


class Watching:
    """A board somebody looks at."""

    def __init__(self):
        self.server = Server()
        self.session = Session()
        self.session.connect_to(self.server)
        self.board = Board(self.session)
        self.session.receive(desk())

    def asked(self):
        return [type(command).__name__ for command in self.server.commands]

    async def look(self, told):
        self.board.want(True)
        await until(lambda: "Watch" in self.asked())
        self.session.receive(told)


@pytest.fixture
def watching(qapp, run):
    made = Watching()
    yield made

    async def stop():
        await made.board.stop()
        await made.session.stop()

    run(stop())


LOANS = QueueFigures(queue="Loans", waiting=3, oldest=NOW, in_hand=1, ended=7)
CARDS = QueueFigures(queue="Cards", waiting=1)
ANNA = AgentFigures(login="anna", name="Anna Berg", state=AgentState.READY, since=NOW)


def test_nothing_is_asked_for_until_somebody_looks(watching, run):
    async def flow():
        await asyncio.sleep(0)
        assert watching.asked() == []
        await watching.look(figures(1, LOANS))
        assert watching.board.is_known
        watching.board.want(False)
        await until(lambda: watching.asked() == ["Watch", "Unwatch"])
        assert not watching.board.is_known

    run(flow())


def test_what_comes_and_goes_at_once_is_not_told_the_server(watching, run):
    async def flow():
        watching.board.want(True)
        watching.board.want(False)
        await asyncio.sleep(0)
        watching.board.want(True)
        await until(lambda: watching.asked() == ["Watch"])

    run(flow())


def test_changes_replace_the_rows_they_name(watching, run):
    async def flow():
        await watching.look(figures(4, LOANS, CARDS, agents=[ANNA]))
        watching.session.receive(change(5, QueueFigures(queue="Loans", waiting=2), buffered=6))
        board = watching.board
        assert [row.waiting for row in board.queues.values()] == [2, 1]
        assert (board.buffered, list(board.agents)) == (6, ["anna"])

    run(flow())


def test_everything_told_anew_takes_rows_away(watching, run):
    async def flow():
        await watching.look(figures(4, LOANS, CARDS))
        watching.session.receive(figures(5, CARDS))
        assert list(watching.board.queues) == [("Cards", "")]

    run(flow())


def test_after_a_gap_everything_is_asked_for(watching, run, expect_log):
    async def flow():
        expect_log("a change of figures is missing after 4")
        await watching.look(figures(4, LOANS))
        watching.session.receive(change(6, CARDS))
        watching.session.receive(change(7, CARDS))
        assert not watching.board.is_known
        assert list(watching.board.queues) == [("Loans", "")]
        await until(lambda: watching.asked() == ["Watch", "Watch"])
        watching.session.receive(figures(7, LOANS, CARDS))
        assert watching.board.is_known

    run(flow())


def test_after_a_loss_of_the_link_it_is_watched_again(watching, run):
    async def flow():
        await watching.look(figures(4, LOANS))
        watching.session.set_link(False)
        assert not watching.board.is_known
        assert watching.board.queues, "the last ones are still seen"
        watching.session.receive(desk(number=2))
        await until(lambda: watching.asked() == ["Watch", "Watch"])

    run(flow())


def test_a_desk_told_anew_over_the_same_link_asks_for_nothing(watching, run):
    async def flow():
        await watching.look(figures(4, LOANS))
        watching.session.receive(desk(number=2))
        await asyncio.sleep(0)
        assert watching.asked() == ["Watch"]
        watching.session.receive(change(5, CARDS))
        assert len(watching.board.queues) == 2

    run(flow())


def test_what_was_seen_is_not_for_who_comes_next(watching, run):
    async def flow():
        await watching.look(figures(4, LOANS, agents=[ANNA], buffered=2))
        watching.session.leave("")
        board = watching.board
        assert (board.queues, board.agents, board.buffered) == ({}, {}, 0)

    run(flow())


def test_what_changes_soon_is_shown_together(watching, run):
    async def flow():
        shown = []
        watching.board.changed.connect(lambda: shown.append(len(watching.board.queues)))
        await watching.look(figures(4))
        watching.session.receive(change(5, LOANS))
        watching.session.receive(change(6, CARDS))
        await until(lambda: shown)
        assert shown == [2]

    run(flow())


def test_the_servers_clock_is_taken_from_the_figures(watching, run):
    async def flow():
        await watching.look(figures(4))
        assert (watching.board.now() - NOW).total_seconds() < 10

    run(flow())
