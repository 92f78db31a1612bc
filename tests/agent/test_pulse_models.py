"""What the rows of Pulse say of queues and agents, and the figures above them."""

from datetime import timedelta

import pytest

from ace_agent import icons
from ace_agent.desk.waiting_table import WaitingContacts
from ace_agent.pulse import models
from ace_agent.pulse.models import Agents, Queues, headlines
from ace_agent.tables import MARK, SHARE, TOOL_TIP
from ace_server.wire import AgentFigures, AgentState, Medium, QueueFigures
from resources import path
from tests.agent.scripted import NOW
from tests.agent.standing import waits


class Told:
    """A board of which the figures are known."""

    def __init__(self, *queues, agents=(), buffered=0):
        self.queues = {(row.queue, row.personal): row for row in queues}
        self.agents = {row.login: row for row in agents}
        self.mail_accounts = {}
        self.buffered = buffered


def ago(seconds):
    return NOW - timedelta(seconds=seconds)


def agent(login, state=AgentState.READY, seconds=0, **other):
    known = {"login": login, "name": login.title(), "state": state, "since": ago(seconds)}
    return AgentFigures(**(known | other))


def agents(*rows):
    table = Agents(lambda: NOW)
    table.follow(Told(agents=rows))
    return table


def queues(*rows, agents=()):
    table = Queues(lambda: NOW)
    table.follow(Told(*rows, agents=agents))
    return table


def cells(table, name, role=0):
    (number,) = [n for n, column in enumerate(table.columns) if column.name == name]
    return [table.index(row, number).data(role) for row in range(table.rowCount())]


def test_queues_stand_by_name_with_their_figures(qapp):
    table = queues(
        QueueFigures(queue="Loans", waiting=4, oldest=ago(80), in_hand=2, ended=1_234),
        QueueFigures(queue="cards", waiting=1, oldest=ago(3)),
        QueueFigures(queue="Disputes"),
    )
    assert cells(table, "queue") == ["cards", "Disputes", "Loans"]
    assert cells(table, "waiting") == ["1", "0", "4"]
    assert cells(table, "waiting", SHARE) == [0.25, 0.0, 1.0]
    assert cells(table, "oldest") == ["0:03", "–", "1:20"]
    assert cells(table, "in-hand") == ["0", "0", "2"]
    assert cells(table, "ended")[2] in ("1,234", "1234")


def test_oldest_sorts_by_how_long(qapp):
    table = queues(
        QueueFigures(queue="a", oldest=ago(3), waiting=1),
        QueueFigures(queue="b"),
        QueueFigures(queue="c", oldest=ago(200_000), waiting=1),
    )
    table.sort(2)
    assert cells(table, "oldest") == ["–", "0:03", "2 days"]


def test_times_are_those_of_now(qapp):
    now = [NOW]
    table = Queues(lambda: now[0])
    table.follow(Told(QueueFigures(queue="Loans", waiting=1, oldest=ago(5))))
    now[0] += timedelta(seconds=60)
    assert cells(table, "oldest") == ["1:05"]


def test_what_waits_for_one_person_has_that_persons_name(qapp):
    personal = QueueFigures(personal="bo", waiting=1)
    assert cells(queues(personal, agents=[agent("bo")]), "queue") == ["Bo (personal)"]
    assert cells(queues(personal), "queue") == ["bo (personal)"]


@pytest.mark.parametrize("state", AgentState)
def test_state_is_shape_word_and_colour(qapp, state):
    (mark,), (word,) = (cells(agents(agent("anna", state)), "state", role) for role in (MARK, 0))
    assert mark.icon == icons.of_state(state)
    assert path(f"icons/{mark.icon}.svg").exists()
    assert mark.colour
    assert word


def test_activity_stands_beside_the_pause(qapp):
    assert cells(agents(agent("a", AgentState.PAUSED, activity="Lunch")), "state") == [
        "Paused: Lunch"
    ]


def test_agents_stand_by_state_then_name(qapp):
    states = list(AgentState)
    table = agents(*(agent(f"x{n}", state) for n, state in enumerate(states)), agent("a"))
    table.sort(1)
    assert cells(table, "state") == [
        *("Ready", "Ready", "Booked", "Busy", "Wrap-up", "Paused", "Logged out")
    ]
    assert cells(table, "agent")[0] == "A"


def test_it_says_for_how_long(qapp):
    table = agents(
        agent("a", AgentState.BUSY, 75),
        agent("b", AgentState.LOGGED_OUT, 75),
        agent("c", AgentState.LOGGED_OUT, since=None),
    )
    assert cells(table, "since") == ["1:15", "1 min", "–"]
    assert "2026" in cells(table, "since", TOOL_TIP)[0]


def test_contact_is_a_number_and_a_task_type(qapp):
    table = agents(
        agent("a", contact=7, task_type="Loan application"),
        agent("b", contact=8),
        agent("c", contact=9, task_type="Loan", parked=2),
        agent("d"),
    )
    said = cells(table, "contact")
    assert said[:2] == ["Loan application 7", "No. 8"]
    assert said[2].startswith("Loan 9") and said[2].endswith("2 parked")
    assert said[3] == ""


def test_names_from_outside_are_shown_on_one_line(qapp):
    table = queues(QueueFigures(queue="a\nb\u202ec"))
    assert cells(table, "queue") == ["a b[U+202E]c"]


def test_headlines_are_over_everything(qapp):
    board = Told(
        QueueFigures(queue="Loans", waiting=4, oldest=ago(80), ended=5),
        QueueFigures(personal="bo", waiting=1, oldest=ago(90), ended=1),
        agents=[
            agent("a"),
            agent("b", AgentState.BUSY),
            agent("c", AgentState.LOGGED_OUT),
        ],
        buffered=3,
    )
    assert [(one.title, one.value) for one in headlines(board, NOW)] == [
        ("Waiting", "5"),
        ("Oldest", "1:30"),
        ("Ready agents", "1 of 2"),
        ("Buffered", "3"),
        ("Ended today", "6"),
    ]
    assert all(one.hint for one in headlines(board, NOW))


def test_headlines_of_nothing(qapp):
    assert [one.value for one in headlines(Told(), NOW)] == ["0", "–", "0 of 0", "0", "0"]


def test_every_state_has_its_place_in_the_order():
    assert set(models.ORDER) == set(AgentState)


# What waits


def waiting(*contacts):
    table = WaitingContacts(models.waiting_columns(lambda: NOW))
    table.show_contacts(contacts)
    return table


def test_waiting_contact_says_where_it_stands_and_what_it_is(qapp):
    table = waiting(waits(7, position=2, first_queued_at=ago(80)))
    (said,) = [[table.index(0, n).data() for n in range(table.columnCount())]]
    assert said == ["2", "Loan application", "LOAN-7", "A car", "loans", "1:20", "5"]
    assert cells(table, "contact", MARK)[0].icon == "work-item"
    assert cells(table, "contact", TOOL_TIP) == ["Work item: Loan application, number 7"]
    assert cells(table, "prio", MARK) == [None]


def test_waiting_email_has_its_medium_and_its_number(qapp):
    table = waiting(waits(7, medium=Medium.EMAIL, external_id="", task_type=""))
    assert cells(table, "contact") == ["Email"]
    assert cells(table, "id") == ["7"]
    assert cells(table, "contact", MARK)[0].icon == "email"


def test_prioritised_contact_says_so_in_shape_and_word(qapp):
    table = waiting(waits(1), waits(2, prio=3), waits(3, prioritised=True, prio=7))
    table.sort(6)
    assert cells(table, "prio") == ["First", "3", "5"]
    assert path(f"icons/{cells(table, 'prio', MARK)[0].icon}.svg").exists()
    assert "Its prio is 7." in cells(table, "prio", TOOL_TIP)[0]


def test_foreign_words_of_a_waiting_contact_cannot_turn_a_line(qapp):
    table = waiting(waits(1, subject="a\u202eb", external_id="x\ny", task_type="t\u2066"))
    assert cells(table, "subject") == ["a[U+202E]b"]
    assert cells(table, "id") == ["x y"]
    assert models.waiting_name(waits(1, external_id="x\u202e")) == "Loan application x[U+202E]"


@pytest.mark.parametrize(
    ("shown", "there", "typed", "words"),
    [
        (0, 0, False, "0 waiting"),
        (50, 50, True, "50 waiting"),
        (50, 120, False, "120 waiting; scroll down for more than the first 50"),
        (50, 120, True, "120 waiting; searched are the first 50"),
    ],
)
def test_how_many_wait_and_how_the_others_are_seen(qapp, shown, there, typed, words):
    assert models.how_many(shown, there, typed=typed) == words
