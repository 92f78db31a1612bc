"""The index of what waits and who is ready."""

from datetime import timedelta

import pytest

from ace_server.concepts import Queue, WaitingList
from ace_server.contact import AgentState
from ace_server.routing.queues import Index, Line, Presence
from ace_server.routing.serving import Profile
from tests.routing import making
from tests.routing.making import NOW, site, waiting

LOANS = Queue(name="Loan decisions", requires={"Loans": 3}, priority=2)
EVERYONE = Queue(name="Everyone", priority=3)
URGENT = Queue(name="Urgent", requires={"Loans": 1, "Swedish": 5})
AGENTS = [("anna", {"Loans": 7}), ("bo", {"Loans": 1}), ("cilla", {})]


@pytest.fixture
def index():
    return making.index(LOANS, EVERYONE, URGENT, agents=AGENTS)


def test_contacts_wait_in_order_of_place(index):
    for contact, place in ((1, 30), (2, 10), (3, 20)):
        index.add(waiting(contact, "Everyone", place=place))
    assert [one.contact for one in index.in_queue("Everyone")] == [2, 3, 1]
    assert [index.position(contact) for contact in (1, 2, 3)] == [3, 1, 2]
    assert index.count("Everyone") == 3
    assert index.waiting(2) == waiting(2, "Everyone", place=10)


def test_contact_that_is_gone_waits_nowhere(index):
    index.add(waiting(1, "Everyone"))
    index.discard(1)
    index.discard(1)
    assert index.waiting(1) is None
    assert index.position(1) == 0
    assert index.count("Everyone") == 0
    assert index.in_queue("Everyone") == []


def test_contact_that_returns_takes_its_old_place(index):
    for contact in (1, 2, 3):
        index.add(waiting(contact, "Everyone"))
    for _ in range(2):
        index.discard(1)
        index.add(waiting(1, "Everyone"))
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
        index.add(waiting(contact, "Everyone"))
    index.add(waiting(1, "Everyone", place=3))
    assert [one.contact for one in index.in_queue("Everyone")] == [2, 1]
    assert index.lines("bo")[1].first() == waiting(2, "Everyone")


def test_personal_contact_stands_in_no_queue(index):
    index.add(waiting(1, "", personal="anna"))
    assert index.in_queue("") == []
    assert index.position(1) == 1


def test_queue_that_is_not_known_holds_contacts_for_nobody(index):
    assert index.count("Gone") == 0
    assert index.in_queue("Gone") == []
    index.add(waiting(1, "Gone"))
    assert index.count("Gone") == 1
    index.ready("anna")
    assert index.serves("anna") == ("Loan decisions", "Everyone")
    assert index.next_agent(index.waiting(1)) is None


@pytest.mark.parametrize(
    ("login", "served"),
    [
        ("anna", ("Loan decisions", "Everyone")),
        ("bo", ("Everyone",)),
        ("cilla", ("Everyone",)),
        ("nobody", ()),
    ],
)
def test_agent_serves_the_queues_whose_demands_are_met(index, login, served):
    assert index.serves(login) == served


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
    index.configure(site(EVERYONE))
    assert index.ready_agents() == ["anna", "bo"]
    assert index.count("Loan decisions") == 1
    assert index.serves("bo") == ("Everyone",)
    index.configure(site(LOANS))
    index.agent(Profile("anna"), Presence.AT_WORK)
    index.agent(Profile("bo", skills={"Loans": 9}), Presence.AT_WORK)
    assert index.serves("bo") == ("Loan decisions",)
    assert index.next_agent(index.waiting(1)) == "bo"


def test_what_waits_no_more_does_not_fill_the_memory(index):
    index.add(waiting(0, "Everyone"))
    for contact in range(1, 10_000):
        index.add(waiting(contact, "Everyone"))
        index.discard(contact)
    line = index.line("Everyone")
    assert len(line._piles[""].heap) < 100  # the one place where lazy deletion could be seen
    assert [one.contact for one in index.in_queue("Everyone")] == [0]
    index.discard(0)
    assert not line._piles
    assert index.size == 0


# Sorting orders


@pytest.mark.parametrize(
    ("sort", "order"),
    [("longest waiting", [1, 2, 3]), ("priority", [2, 1, 3]), ("newest", [3, 2, 1])],
)
def test_sorting_order(sort, order):
    made = making.index(Queue(name="a"))
    for contact, prio in ((2, 1), (1, 5), (3, 5)):
        made.add(waiting(contact, prio=prio, minutes=10 - contact))
    made.configure(site(Queue(name="a", sort=sort)))
    assert [one.contact for one in made.in_queue("a")] == order
    assert [one.contact for one in made.line("a").page(1, 5)] == order[1:]
    assert made.line("a").first() == made.top("a") == made.waiting(order[0])
    assert [made.position(contact) for contact in order] == [1, 2, 3]
    assert made.line("a").oldest() == NOW - timedelta(minutes=9)


def test_prioritised_contact_stands_first_until_it_is_so_no_more():
    made = making.index(Queue(name="a"))
    for contact in (1, 2, 3):
        made.add(waiting(contact, prioritised=contact > 1))
    assert [one.contact for one in made.in_queue("a")] == [2, 3, 1]
    assert made.line("a").oldest() == NOW - timedelta(minutes=10)
    made.add(waiting(2))
    assert [one.contact for one in made.in_queue("a")] == [3, 1, 2]


@pytest.mark.parametrize("sort", ["longest waiting", "priority", "newest"])
def test_oldest_is_as_of_now(sort):
    made = making.index(Queue(name="a", sort=sort))
    line = made.line("a")
    for contact, minutes in ((1, 30), (2, 20), (3, 10)):
        made.add(waiting(contact, minutes=minutes, prioritised=contact == 3))
    looked_at = [line.oldest(), line.oldest()]
    made.discard(1)
    looked_at.append(line.oldest())
    made.discard(2)
    made.discard(3)
    assert [*looked_at, line.oldest()] == [
        *(NOW - timedelta(minutes=minutes) for minutes in (30, 30, 20)),
        None,
    ]


class Asked(dict):
    """Contacts that wait; it counts how often one of them is looked at."""

    times = 0

    def __getitem__(self, contact):
        self.times += 1
        return super().__getitem__(contact)

    def get(self, contact, default=None):
        self.times += 1
        return super().get(contact, default)


@pytest.mark.parametrize("sort", ["priority", "newest"])
def test_oldest_is_found_without_a_look_at_everything_at_each_change(sort):
    asked = Asked()
    line = Line(("a", ""), asked)
    line.put(Queue(name="a", sort=sort))
    for contact in range(1000):
        asked[contact] = waiting(contact, minutes=2000 - contact)
        line.push(asked[contact])
    line.oldest()
    asked.times = 0
    for contact in range(10):
        line.drop(asked.pop(contact))
        assert line.oldest() == NOW - timedelta(minutes=1999 - contact)
    assert asked.times < 100


def test_empty_place_has_no_top():
    made = making.index(Queue(name="a"), Queue(name="b", sort="newest"))
    assert made.top("a") is made.top("Gone") is None
    assert made.line("a").oldest() is made.line("b").oldest() is None
    assert made.known_line("Gone") is None
    places = {("a", ""), ("b", ""), ("", "anna"), ("", "bo")}
    assert {line.key for line in made.all_lines()} == places


# Who is there


def counted(index, name):
    line = index.line(name)
    return line.logged_in, line.at_work


def test_agents_who_serve_a_place_are_counted(index):
    assert [counted(index, one) for one in ("Loan decisions", "Everyone")] == [(1, 1), (3, 3)]
    assert index.agent(Profile("anna", skills={"Loans": 7}), Presence.PAUSED)
    assert not index.agent(Profile("anna", skills={"Loans": 7}), Presence.PAUSED)
    assert [counted(index, one) for one in ("Loan decisions", "Everyone")] == [(1, 0), (3, 2)]
    assert index.agent(Profile("anna"), Presence.OUT)
    assert [counted(index, one) for one in ("Loan decisions", "Everyone")] == [(0, 0), (2, 2)]
    assert index.profile("anna") == Profile("anna")
    assert index.profile("nobody") is None


def test_those_who_serve_lists_and_queues_without_distribution_are_counted_too():
    made = making.index(WaitingList(name="list"), Queue(name="kept", distribution=False))
    assert counted(made, "list") == counted(made, "kept") == (2, 2)
    assert made.serves("anna") == ("kept", "list")
    assert [line.key for line in made.lines("anna")] == [("", "anna")]
    assert [line.key for line in made.lists("anna")] == [("list", "")]


def test_own_place_is_a_list_where_the_system_says_so():
    made = making.index(
        WaitingList(name="list"), system={"agentDistrOrderEmailIncoming": "waiting list"}
    )
    assert [line.key for line in made.lists("anna")] == [("", "anna"), ("list", "")]
    made.agent(Profile("anna", services=frozenset({"queue"})), Presence.AT_WORK)
    assert [line.key for line in made.lines("anna")] == [("", "anna")]
    made.agent(Profile("anna", personal=False), Presence.AT_WORK)
    assert [line.key for line in made.lists("anna")] == [("list", "")]


def test_agents_serve_their_own_area_only():
    both = [Queue(name="a"), Queue(name="north", area="North")]
    made = Index(site(*both), "North")
    made.agent(Profile("anna", area="North"), Presence.AT_WORK)
    made.agent(Profile("bo"), Presence.AT_WORK)
    assert (made.serves("anna"), made.serves("bo")) == (("north",), ())
    assert {line.key for line in made.all_lines()} == {("north", ""), ("", "anna")}


def test_idle_agents_stand_in_the_order_of_being_ready(index):
    for login in ("anna", "bo", "cilla"):
        index.ready(login)
    for login in ("cilla", "anna", "bo"):
        index.rest(login)
    assert list(index.line("Everyone").idle) == ["anna", "bo", "cilla"]


def test_level_of_who_is_not_known_is_none(index):
    assert index.level("anna", index.line("Loan decisions")) == 7
    assert index.level("nobody", index.line("Loan decisions")) == 0
    assert index.level("anna", index.line("Gone")) == 0


# What an agent had last


def test_entrance_of_the_last_contact_is_known_from_the_booking_on(index):
    assert (index.had_last("bo"), index.passes_by("bo")) == ("", "")
    index.add(waiting(1, "Everyone", entrance="loans"))
    index.take(index.waiting(1), "bo")
    assert index.had_last("bo") == "loans"


def test_places_whose_load_changed_are_told_once(index):
    index.add(waiting(1, "Everyone"))
    assert index.take_disturbed() == []
    index.add(waiting(2, "Everyone", until=making.AT_ONCE))
    assert index.take_disturbed() == [("Everyone", "")]
    assert index.take_disturbed() == []
    for change in (
        lambda: index.agent(Profile("bo"), Presence.PAUSED),
        lambda: index.configure(site(EVERYONE)),
        index.disturb_all,
        lambda: index.add(waiting(1, "Everyone")),
    ):
        change()
        assert index.take_disturbed() == [("Everyone", "")]


@pytest.mark.parametrize("state", AgentState)
def test_who_is_logged_in_and_not_paused_is_at_work(state):
    others = {AgentState.LOGGED_OUT: Presence.OUT, AgentState.PAUSED: Presence.PAUSED}
    assert Presence.of(state) is others.get(state, Presence.AT_WORK)
