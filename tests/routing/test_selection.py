"""Who gets what: RO-5 both ways, and nobody idle beside what fits (RO-6)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ace_server.concepts import Queue
from ace_server.routing import queues, selection
from ace_server.routing.queues import Index, Waiting
from ace_server.routing.selection import Booking

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def waiting(contact, queue, *, minutes=10, prio=5, place=None, personal=""):
    since = NOW - timedelta(minutes=minutes)
    return Waiting(contact, queue, contact if place is None else place, prio, since, personal)


def index(*configured, skills=None):
    return Index({queue.name: queue for queue in configured}, skills or {"anna": {}, "bo": {}})


def booked(an_index):
    return list(selection.bookings(an_index, NOW))


def one_queue_each(**contacts):
    """An index with these contacts alone at the top of queues of the same priority."""
    made = index(*(Queue(name=name) for name in contacts))
    for contact in contacts.values():
        made.add(contact)
    return made


def test_queue_of_better_priority_goes_first_whatever_waits_longer():
    made = index(Queue(name="slow", priority=2), Queue(name="fast", priority=1))
    made.add(waiting(1, "slow", minutes=600, prio=0))
    made.add(waiting(2, "fast", minutes=1, prio=9))
    made.ready("anna")
    assert booked(made) == [Booking(2, "anna")]


def test_empty_queues_are_passed_over():
    made = index(Queue(name="fast", priority=1), Queue(name="slow", priority=2))
    made.add(waiting(1, "slow"))
    made.ready("anna")
    assert booked(made) == [Booking(1, "anna")]


def test_only_the_top_of_each_queue_is_compared():
    made = index(Queue(name="a"), Queue(name="b"))
    made.add(waiting(1, "a", prio=5, minutes=5))
    made.add(waiting(2, "a", prio=0, minutes=99, place=3))
    made.add(waiting(4, "b", prio=5, minutes=10))
    made.ready("anna")
    assert booked(made) == [Booking(4, "anna")]


@pytest.mark.parametrize(
    ("first", "second", "winner"),
    [
        (waiting(1, "a", minutes=99, prio=5), waiting(2, "b", minutes=1, prio=4), 2),
        (waiting(1, "a", minutes=10), waiting(2, "b", minutes=11), 2),
        (waiting(2, "a", minutes=10), waiting(1, "b", minutes=10), 1),
        (waiting(1, "a", minutes=1, prio=4), waiting(2, "b", minutes=99, prio=5), 1),
    ],
    ids=["prio", "waiting time", "age", "prio, whoever comes first"],
)
def test_tops_are_compared_by(first, second, winner):
    made = one_queue_each(a=first, b=second)
    made.ready("anna")
    assert booked(made) == [Booking(winner, "anna")]


def test_weight_multiplies_waiting_time():
    made = index(Queue(name="a", weight=1.0), Queue(name="b", weight=3.0))
    made.add(waiting(1, "a", minutes=20))
    made.add(waiting(2, "b", minutes=10))
    made.ready("anna")
    assert booked(made) == [Booking(2, "anna")]


def test_new_contact_goes_to_the_agent_who_has_been_ready_longest():
    made = index(Queue(name="a"))
    made.ready("bo")
    made.ready("anna")
    assert booked(made) == []
    made.add(waiting(1, "a"))
    assert selection.for_contact(made, 1) == "bo"
    assert booked(made) == [Booking(1, "bo")]
    assert made.ready_agents() == ["anna"]
    assert selection.for_contact(made, 1) is None


def test_new_contact_goes_only_to_an_agent_who_fits():
    made = index(
        Queue(name="Loans", requires={"Loans": 3}),
        skills={"anna": {"Loans": 3}, "bo": {"Loans": 2}},
    )
    made.ready("bo")
    made.ready("anna")
    made.add(waiting(1, "Loans"))
    assert selection.for_contact(made, 1) == "anna"
    assert booked(made) == [Booking(1, "anna")]
    assert selection.for_agent(made, "bo", NOW) is None


def test_contact_for_one_agent_alone_goes_before_every_queue_of_that_agent():
    made = index(Queue(name="a", priority=1))
    made.add(waiting(1, "a", minutes=600, prio=0))
    made.add(waiting(2, "", prio=9, personal="anna"))
    made.ready("bo")
    made.ready("anna")
    assert booked(made) == [Booking(1, "bo"), Booking(2, "anna")]


def test_contact_for_one_agent_alone_waits_for_that_agent():
    made = index(Queue(name="a"))
    made.ready("bo")
    made.add(waiting(1, "", personal="anna"))
    assert booked(made) == []
    made.ready("anna")
    assert booked(made) == [Booking(1, "anna")]


def test_idle_agent_is_found_by_a_contact_for_that_agent_alone():
    made = index(Queue(name="a"))
    made.ready("anna")
    assert booked(made) == []
    assert made.is_idle("anna")
    made.add(waiting(1, "", personal="anna"))
    assert booked(made) == [Booking(1, "anna")]


def test_agent_ready_longest_chooses_first():
    made = index(Queue(name="a", priority=1), Queue(name="b", priority=2))
    made.add(waiting(1, "b"))
    made.add(waiting(2, "a"))
    made.ready("bo")
    made.ready("anna")
    assert booked(made) == [Booking(2, "bo"), Booking(1, "anna")]


def test_returned_contact_is_offered_to_an_idle_agent():
    made = index(Queue(name="a"))
    made.add(waiting(1, "a"))
    made.ready("anna")
    assert booked(made) == [Booking(1, "anna")]
    made.ready("bo")
    assert booked(made) == []
    made.add(waiting(1, "a"))
    assert booked(made) == [Booking(1, "bo")]


def test_next_idle_agent_is_offered_what_the_first_has_left():
    made = index(Queue(name="a"))
    for login in ("anna", "bo"):
        made.ready(login)
    assert booked(made) == []
    made.add(waiting(1, "a"))
    made.not_ready("anna")
    assert booked(made) == [Booking(1, "bo")]


def test_idle_agents_of_several_queues_go_in_order_of_being_ready():
    made = index(
        Queue(name="a", requires={"Loans": 1}),
        Queue(name="b", requires={"Swedish": 1}),
        skills={"anna": {"Loans": 1}, "bo": {"Swedish": 1}, "cilla": {"Loans": 1}},
    )
    for login in ("anna", "bo", "cilla"):
        made.ready(login)
    assert booked(made) == []
    made.add(waiting(1, "a"))
    made.add(waiting(2, "b"))
    made.not_ready("anna")
    assert booked(made) == [Booking(2, "bo"), Booking(1, "cilla")]


def test_idle_agents_find_what_arrives_after_a_new_configuration():
    made = index(Queue(name="a"))
    made.ready("anna")
    assert booked(made) == []
    made.add(waiting(1, "a"))
    made.discard(1)
    made.configure({"a": Queue(name="a")}, {"anna": {}})
    assert booked(made) == []
    made.add(waiting(2, "a"))
    assert booked(made) == [Booking(2, "anna")]


def test_new_skill_finds_what_waits():
    made = index(Queue(name="Loans", requires={"Loans": 3}))
    made.add(waiting(1, "Loans"))
    made.ready("anna")
    assert booked(made) == []
    made.configure({"Loans": Queue(name="Loans")}, {"anna": {}})
    assert booked(made) == [Booking(1, "anna")]


def test_bookings_taken_one_at_a_time_see_what_happens_between():
    made = index(Queue(name="a"))
    for contact in (1, 2):
        made.add(waiting(contact, "a"))
    for login in ("anna", "bo"):
        made.ready(login)
    found = selection.bookings(made, NOW)
    assert next(found) == Booking(1, "anna")
    made.not_ready("bo")
    made.discard(2)
    made.ready("anna")
    made.add(waiting(3, "a"))
    assert list(found) == [Booking(3, "anna")]


# Whatever happens, in whatever order

LOGINS = ("anna", "bo", "cilla", "dan")
NAMES = ("a", "b", "c")
DEMANDS = st.sampled_from([{}, {}, {"Loans": 1}, {"Loans": 2}, {"Swedish": 1}])
LEVELS = st.sampled_from([{}, {"Loans": 1}, {"Loans": 2, "Swedish": 1}, {"Loans": 9, "Swedish": 9}])
QUEUES = st.fixed_dictionaries(
    {},
    optional={
        name: st.builds(
            Queue,
            name=st.just(name),
            requires=DEMANDS,
            priority=st.integers(1, 2),
            weight=st.sampled_from([0.5, 1.0, 2.0]),
        )
        for name in NAMES
    },
)
SKILLS = st.fixed_dictionaries({}, optional={login: LEVELS for login in LOGINS})


class Router(RuleBasedStateMachine):
    """An index beside its plainest model: a dict of what waits, a list of who is ready."""

    def __init__(self):
        super().__init__()
        self.index = Index({}, {})
        self.waiting = {}
        self.ready = []
        self.queues = {}
        self.skills = {}
        self.place = 0
        self.settled = True

    @initialize(queues=QUEUES, skills=SKILLS)
    def first_configuration(self, queues, skills):
        self.configure(queues, skills)

    @precondition(lambda self: self.place % 5 == 4)  # seldom: it makes everybody fresh again
    @rule(queues=QUEUES, skills=SKILLS)
    def configure(self, queues, skills):
        self.queues, self.skills = queues, skills
        self.index.configure(queues, skills)
        self.settled = False

    @rule(
        queue=st.sampled_from(NAMES),
        prio=st.integers(0, 2),
        minutes=st.integers(0, 3),
        personal=st.sampled_from(["", "", *LOGINS]),
    )
    def add(self, queue, prio, minutes, personal):
        self.place += 1
        one = waiting(
            self.place, "" if personal else queue, minutes=minutes, prio=prio, personal=personal
        )
        self._put(one)

    @rule(data=st.data(), queue=st.sampled_from(NAMES), prio=st.integers(0, 2))
    def move_on(self, data, queue, prio):
        if self.waiting:
            one = data.draw(st.sampled_from(list(self.waiting.values())))
            self._put(Waiting(one.contact, queue, one.place, prio, one.first_queued_at))

    def _put(self, one):
        self.waiting[one.contact] = one
        self.index.add(one)
        self.settled = False

    @rule(data=st.data())
    def discard(self, data):
        if self.waiting:
            contact = data.draw(st.sampled_from(list(self.waiting)))
            del self.waiting[contact]
            self.index.discard(contact)

    @rule(login=st.sampled_from(LOGINS))
    def become_ready(self, login):
        self.index.ready(login)
        if login not in self.ready:
            self.ready.append(login)
            self.settled = False

    @rule(login=st.sampled_from(LOGINS))
    def become_not_ready(self, login):
        self.index.not_ready(login)
        if login in self.ready:
            self.ready.remove(login)

    @rule()
    def book_one(self):
        booking = next(selection.bookings(self.index, NOW), None)
        if booking is not None:
            self._carry_out(booking)

    @rule()
    def book_all(self):
        for booking in selection.bookings(self.index, NOW):
            self._carry_out(booking)
        self.settled = True

    def _carry_out(self, booking):
        """What was booked is what the rules say, worked out from scratch."""
        login, contact = next((agent, best) for agent in self.ready if (best := self._best(agent)))
        assert booking == Booking(contact.contact, login)
        del self.waiting[contact.contact]
        self.ready.remove(login)

    def _fits(self, login, one):
        if one.personal:
            return one.personal == login
        queue = self.queues.get(one.queue)
        return queue is not None and queues.fits(queue, self.skills.get(login, {}))

    def _best(self, login):
        mine = [one for one in self.waiting.values() if self._fits(login, one)]
        tops = {}
        for one in sorted(mine, key=lambda one: one.place):
            tops.setdefault((one.queue, one.personal), one)
        return min(tops.values(), key=self._rank, default=None)

    def _rank(self, one):
        if one.personal:
            return (0,)
        queue = self.queues[one.queue]
        minutes = (NOW - one.first_queued_at).total_seconds() / 60
        return (queue.priority, one.prio, -minutes * queue.weight, one.contact)

    @invariant()
    def nobody_stands_beside_what_fits(self):
        if self.settled:
            beside = [
                (login, one.contact)
                for login in self.ready
                for one in self.waiting.values()
                if self._fits(login, one)
            ]
            assert not beside

    @invariant()
    def index_is_what_a_new_one_would_be(self):
        anew = Index(self.queues, self.skills)
        for one in self.waiting.values():
            anew.add(one)
        for queue in NAMES:
            in_order = sorted(
                (one for one in self.waiting.values() if one.queue == queue),
                key=lambda one: one.place,
            )
            assert self.index.in_queue(queue) == anew.in_queue(queue) == in_order
            assert self.index.count(queue) == len(in_order)
        for contact in self.waiting:
            assert self.index.position(contact) == anew.position(contact) > 0
        for login in LOGINS:
            assert self.index.serves(login) == anew.serves(login)
        assert self.index.ready_agents() == self.ready

    @invariant()
    def contact_and_agent_agree(self):
        for contact, one in self.waiting.items():
            fitting = [login for login in self.ready if self._fits(login, one)]
            assert selection.for_contact(self.index, contact) == (fitting[0] if fitting else None)


Router.TestCase.settings = settings(max_examples=200, stateful_step_count=40)
test_no_fitting_ready_agent_ever_stands_beside_a_fitting_contact = Router.TestCase
