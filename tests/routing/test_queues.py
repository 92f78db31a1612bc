"""The index of what waits and who is ready."""

from datetime import UTC, datetime

import pytest

from ace_server.concepts import Queue
from ace_server.routing import queues
from ace_server.routing.queues import Index, Waiting

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

LOANS = Queue(name="Loan decisions", requires={"Loans": 3}, priority=2)
EVERYONE = Queue(name="Everyone", priority=3)
URGENT = Queue(name="Urgent", requires={"Loans": 1, "Swedish": 5})
SKILLS = {"anna": {"Loans": 7}, "bo": {"Loans": 1}, "cilla": {}}


@pytest.fixture
def index():
    return Index({queue.name: queue for queue in (LOANS, EVERYONE, URGENT)}, SKILLS)


def waiting(contact, queue="Everyone", place=None, personal=""):
    number = contact if place is None else place
    return Waiting(contact, queue, number, 5, NOON, personal)


def test_contacts_wait_in_order_of_place(index):
    for contact, place in ((1, 30), (2, 10), (3, 20)):
        index.add(waiting(contact, place=place))
    assert [one.contact for one in index.in_queue("Everyone")] == [2, 3, 1]
    assert [index.position(contact) for contact in (1, 2, 3)] == [3, 1, 2]
    assert index.count("Everyone") == 3
    assert index.waiting(2) == waiting(2, place=10)


def test_contact_that_is_gone_waits_nowhere(index):
    index.add(waiting(1))
    index.discard(1)
    index.discard(1)
    assert index.waiting(1) is None
    assert index.position(1) == 0
    assert index.count("Everyone") == 0
    assert index.in_queue("Everyone") == []


def test_contact_that_returns_takes_its_old_place(index):
    for contact in (1, 2, 3):
        index.add(waiting(contact))
    for _ in range(2):
        index.discard(1)
        index.add(waiting(1))
    assert [one.contact for one in index.in_queue("Everyone")] == [1, 2, 3]


def test_contact_waits_in_one_queue_only(index):
    index.add(waiting(1, "Loan decisions"))
    index.add(waiting(1, "Everyone"))
    assert index.count("Loan decisions") == 0
    assert [one.contact for one in index.in_queue("Everyone")] == [1]
    index.add(waiting(1, "Loan decisions"))
    assert [one.contact for one in index.in_queue("Loan decisions")] == [1]


def test_contact_that_is_given_another_place_stands_there(index):
    for contact in (1, 2):
        index.add(waiting(contact))
    index.add(waiting(1, place=3))
    assert [one.contact for one in index.in_queue("Everyone")] == [2, 1]
    assert index.lines("bo")[1].first() == waiting(2)


def test_personal_contact_stands_in_no_queue(index):
    index.add(waiting(1, "", personal="anna"))
    assert index.in_queue("") == []
    assert index.position(1) == 1


def test_queue_that_is_not_known_holds_contacts_for_nobody(index):
    assert index.count("Gone") == 0
    assert index.in_queue("Gone") == []
    index.add(waiting(1, "Gone"))
    assert index.count("Gone") == 1
    assert not index.fits("anna", "Gone")
    assert index.longest_ready(index.waiting(1)) is None


@pytest.mark.parametrize(
    ("login", "served"),
    [
        ("anna", ("Loan decisions", "Everyone")),
        ("bo", ("Everyone",)),
        ("cilla", ("Everyone",)),
        ("nobody", ("Everyone",)),
    ],
)
def test_agent_serves_the_queues_whose_demands_are_met(index, login, served):
    assert index.serves(login) == served
    assert tuple(name for name in served if index.fits(login, name)) == served


def test_what_an_agent_lacks_is_named():
    assert list(queues.lacks(URGENT, {"Loans": 1})) == [("Swedish", 5, 0)]
    assert list(queues.lacks(URGENT, {"Swedish": 4})) == [("Loans", 1, 0), ("Swedish", 5, 4)]
    assert queues.fits(URGENT, {"Loans": 1, "Swedish": 9})


def test_agents_are_ready_in_order(index):
    for login in ("bo", "anna", "cilla", "bo"):
        index.ready(login)
    assert index.ready_agents() == ["bo", "anna", "cilla"]
    index.not_ready("bo")
    index.not_ready("bo")
    index.ready("bo")
    assert index.ready_agents() == ["anna", "cilla", "bo"]
    assert index.is_ready("anna")
    index.not_ready("anna")
    assert not index.is_ready("anna")


def test_new_configuration_keeps_what_waits_and_who_is_ready(index):
    index.add(waiting(1, "Loan decisions"))
    index.ready("anna")
    index.ready("bo")
    index.configure({"Everyone": EVERYONE}, {"anna": {}, "bo": {"Loans": 9}})
    assert index.ready_agents() == ["anna", "bo"]
    assert index.count("Loan decisions") == 1
    assert index.serves("bo") == ("Everyone",)
    index.configure({"Loan decisions": LOANS}, {"bo": {"Loans": 9}})
    assert index.serves("bo") == ("Loan decisions",)
    assert index.longest_ready(index.waiting(1)) == "bo"


def test_what_waits_no_more_does_not_fill_the_memory(index):
    index.add(waiting(0))
    for contact in range(1, 10_000):
        index.add(waiting(contact))
        index.discard(contact)
    line = index.lines("anna")[2]
    assert line.key == ("Everyone", "")
    assert len(line._heap) < 100  # the one place where lazy deletion could be seen
    assert [one.contact for one in index.in_queue("Everyone")] == [0]
