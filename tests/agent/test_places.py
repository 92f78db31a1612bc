"""Queues and waiting lists as rows: no window, and a session that is told what waits."""

from datetime import timedelta

import pytest
from PySide6.QtTest import QAbstractItemModelTester

from ace_agent.desk.models import DISPLAY, TOOL_TIP
from ace_agent.desk.places import Heading, Places
from ace_agent.session import Changed
from tests.agent.scripted import NOW, status

WARN = QAbstractItemModelTester.FailureReportingMode.Warning


class Told:
    """Holds what the server said."""

    def __init__(self):
        self.queue_status = []
        self.passed = timedelta()

    def now(self):
        return NOW + self.passed


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def places(qapp, told):
    model = Places(told)
    QAbstractItemModelTester(model, WARN, model)
    return model


def tell(told, places, *statuses):
    told.queue_status = list(statuses)
    places.follow(Changed("queues"))


def texts(places):
    return [places.data(places.index(row), DISPLAY) for row in range(places.rowCount())]


def test_lists_come_before_queues_each_with_what_waits(told, places):
    tell(told, places, status("Loans", 3), status("Disputes", 12, is_list=True))
    assert texts(places) == [
        "Waiting lists, 12 waiting, unfolded",
        "Disputes, 12 waiting, oldest 12 min\u00a0\u00a0·\u00a0 1 at work",
        "Queues, 3 waiting, unfolded",
        "Loans, 3 waiting, oldest 3 min\u00a0\u00a0·\u00a0 1 at work",
    ]


def test_order_of_the_server_is_kept(told, places):
    tell(told, places, status("Urgent"), status("Cards", 1), status("All", 9))
    assert [row.title for row in places.rows] == ["Queues", "Urgent", "Cards", "All"]


def test_what_waits_for_the_agent_alone_comes_first_while_something_does(told, places):
    tell(told, places, status("", 1), status("Loans"))
    assert texts(places)[0] == "Waiting for you, 1 waiting, oldest 1 min"
    tell(told, places, status("", 0), status("Loans"))
    assert texts(places)[0].startswith("Queues")


def test_queue_that_one_is_logged_out_of_says_so(told, places):
    tell(told, places, status("Loans", 3, logged_in=False))
    assert texts(places)[1] == "Loans, 3 waiting, You are logged out"
    assert "You are logged out of it." in places.data(places.index(1), TOOL_TIP)


def test_hint_says_it_in_sentences(told, places):
    tell(told, places, status("Loans", 2, agents=5, at_work=3))
    hint = places.data(places.index(1), TOOL_TIP)
    assert hint.startswith("2 contacts wait. The oldest has waited since 2026-11-20 ")
    assert hint.endswith("5 agents serve it and are logged in. 3 of them are not paused.")


def test_heading_folds_and_counts_what_is_below_it(told, places):
    statuses = status("Loans", 3), status("Cards", 4), status("Disputes", 1, is_list=True)
    tell(told, places, *statuses)
    places.turn("queues")
    assert texts(places)[-1] == "Queues, 7 waiting, folded"
    assert places.folded == {"queues"}
    tell(told, places, *statuses)
    assert texts(places)[-1] == "Queues, 7 waiting, folded"
    places.turn("queues")
    assert len(places.rows) == 5


def test_nothing_is_said_while_nothing_happens(told, places, qtbot):
    tell(told, places, status("Loans", 3))
    moved = []
    for signal in (places.dataChanged, places.rowsInserted, places.rowsRemoved):
        signal.connect(lambda *_: moved.append(1))
    told.passed = timedelta(seconds=59)
    places.update()
    tell(told, places, status("Loans", 3))
    assert not moved
    told.passed = timedelta(seconds=60)
    places.update()
    assert moved == [1]


def test_names_are_shown_as_they_are_and_on_one_line(told, places):
    tell(told, places, status("A\u202e<b>\nB", 1))
    row = places.place_at(places.index(1))
    assert (row.name, row.title) == ("A\u202e<b>\nB", "A[U+202E]<b> B")


def test_open_list_is_marked(told, places):
    tell(told, places, status("Disputes", 1, is_list=True), status("Deaths", 1, is_list=True))
    places.mark_open("Deaths")
    assert [row.is_open for row in places.rows if not isinstance(row, Heading)] == [False, True]
    places.mark_open(None)
    assert not any(row.is_open for row in places.rows if not isinstance(row, Heading))


def test_row_that_is_not_there_is_no_place(places):
    assert places.place_at(places.index(7)) is None
    assert places.heading_at(places.index(7)) is None
