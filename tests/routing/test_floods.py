"""A flood in one entrance starves no other (RO-6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace_server.concepts import Queue
from ace_server.routing.floods import Floods
from ace_server.routing.queues import Presence
from ace_server.routing.router import Router
from ace_server.routing.serving import Profile
from tests.routing import making
from tests.routing.making import NOW, waiting


def floods(mark=2, **entrances):
    made = Floods(mark)
    for entrance, count in entrances.items():
        for _ in range(count):
            made.wait(entrance)
    return made


def test_entrance_is_a_flood_with_more_waiting_than_the_mark():
    made = floods(a=2, b=1)
    assert not made.is_flood("a")
    made.wait("a")
    assert made.is_flood("a")
    assert not made.is_flood("b")
    made.wait_no_more("a")
    assert not made.is_flood("a")
    assert (made.waiting("a"), made.waiting("b"), made.waiting("c")) == (2, 1, 0)
    for _ in range(2):
        made.wait_no_more("a")
    assert made.waiting("a") == 0


def test_without_a_mark_nothing_is_a_flood():
    made = floods(mark=0, a=9)
    assert not made.is_flood("a")


def test_another_mark_makes_other_floods():
    made = floods(mark=2, a=3, b=5)
    made.mark = 4
    assert (made.is_flood("a"), made.is_flood("b")) == (False, True)


# Nobody starves

MARK = 2


class Office:
    """Some agents at one queue, who end what they have in turn and are ready again."""

    def __init__(self, agents, sort="longest waiting"):
        self.router = Router(making.site(Queue(name="q", sort=sort), system={"floodMark": MARK}))
        self.idle = [f"agent {n}" for n in range(agents)]
        self.held = []
        self.entrances = {}
        self.taken = []  # the entrances of what was booked, in order
        self.booked = []

    def arrive(self, entrance):
        contact = len(self.entrances) + 1
        self.entrances[contact] = entrance
        self.router.add(waiting(contact, "q", minutes=-contact, entrance=entrance))
        return contact

    def book(self):
        for login in self.idle:
            last = self.router.index.had_last(login)
            self.router.agent(Profile(login), Presence.AT_WORK, ready=True, last=last)
        for booking in self.router.bookings(NOW):
            self.taken.append(self.entrances[booking.contact])
            self.booked.append(booking.contact)
            self.held.append(booking.agent)
            self.idle.remove(booking.agent)

    def end(self):
        if self.held:
            self.idle.append(self.held.pop(0))


@given(agents=st.integers(1, 4), ends=st.lists(st.integers(1, 3), min_size=30, max_size=30))
@pytest.mark.parametrize("sort", ["longest waiting", "priority"])
def test_contact_waits_for_one_of_the_flood_at_each_agent_at_most(sort, agents, ends):
    """However large the flood is, and however many contacts of it come after."""
    office = Office(agents, sort)
    for _ in range(60):
        office.arrive("flood")
    office.book()
    looked_at, before = office.arrive("calm"), len(office.taken)
    for number in ends:
        for _ in range(number):
            office.arrive("flood")
            office.end()
        office.book()
    place = office.booked.index(looked_at)
    assert office.taken[before:place].count("flood") <= agents


@given(agents=st.integers(1, 4), steady=st.integers(1, MARK))
def test_flood_is_not_starved_by_what_comes_in_elsewhere(agents, steady):
    """Others always have something waiting, and never a flood: every second one is still its."""
    office = Office(agents)
    for _ in range(60):
        office.arrive("flood")
    for _ in range(40):
        while office.router.index.floods.waiting("calm") < steady:
            office.arrive("calm")
        office.book()
        office.end()
    assert office.taken.count("flood") >= len(office.taken) // 2 - agents
    assert office.taken.count("calm") >= len(office.taken) // 2 - agents


@given(agents=st.integers(1, 3))
def test_two_floods_take_turns(agents):
    office = Office(agents)
    for entrance in ("first", "second"):
        for _ in range(30):
            office.arrive(entrance)
    for _ in range(30):
        office.book()
        office.end()
    counts = [office.taken.count(entrance) for entrance in ("first", "second")]
    assert abs(counts[0] - counts[1]) <= agents


EVENTS = st.lists(st.tuples(st.booleans(), st.sampled_from("abc")), max_size=60)


@given(events=EVENTS, mark=st.integers(0, 3))
def test_counts_are_what_they_would_be_from_scratch(events, mark):
    made, waits = Floods(mark), []
    for comes, entrance in events:
        if comes:
            made.wait(entrance)
            waits.append(entrance)
        elif entrance in waits:
            made.wait_no_more(entrance)
            waits.remove(entrance)
    for one in "abc":
        assert made.waiting(one) == waits.count(one)
        assert made.is_flood(one) == (0 < mark < waits.count(one))
