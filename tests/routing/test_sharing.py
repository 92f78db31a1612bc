"""A flood in one entrance starves no other (RO-6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace_server.concepts import Queue
from ace_server.routing.queues import Presence
from ace_server.routing.router import Router
from ace_server.routing.serving import Profile
from ace_server.routing.sharing import Shares
from tests.routing import making
from tests.routing.making import NOW, waiting


def shares(mark=2, **entrances):
    made = Shares(mark)
    for entrance, count in entrances.items():
        for _ in range(count):
            made.wait(entrance)
    return made


def steps(made, *entrances):
    return [made.steps_back(one) for one in entrances]


def test_entrance_is_a_flood_with_more_waiting_than_the_mark():
    made = shares(a=2, b=1)
    assert not made.is_flood("a")
    made.wait("a")
    assert made.is_flood("a")
    assert steps(made, "a", "b", "c") == [1, 0, 0]
    made.wait_no_more("a")
    assert not made.is_flood("a")
    assert (made.waiting("a"), made.waiting("b"), made.waiting("c")) == (2, 1, 0)
    for _ in range(2):
        made.wait_no_more("a")
    assert made.waiting("a") == 0


def test_without_a_mark_nothing_is_a_flood():
    made = shares(mark=0, a=1)
    assert not made.is_flood("a")
    made.wait_no_more("a")
    assert steps(made, "a") == [0]


def test_another_mark_makes_other_floods():
    made = shares(mark=2, a=3, b=5)
    before = made.change
    made.configure(4)
    assert (made.mark, steps(made, "a", "b")) == (4, [0, 1])
    assert made.change > before
    made.configure(0)
    assert steps(made, "a", "b") == [0, 0]


def test_of_several_floods_the_one_with_more_than_its_share_steps_back_further():
    made = shares(a=3, b=3, c=1)
    assert steps(made, "a", "b") == [1, 1]
    made.take("c")
    assert steps(made, "a", "b") == [1, 1]
    made.take("a")
    assert steps(made, "a", "b", "c") == [2, 1, 0]
    made.take("b")
    assert steps(made, "a", "b") == [1, 1]
    made.give_back("a")
    assert steps(made, "a", "b") == [1, 2]
    assert (made.in_hand("a"), made.in_hand("b"), made.all_in_hand) == (0, 1, 2)
    made.wait_no_more("a")
    assert steps(made, "a", "b") == [0, 1]


EVENTS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from("abc")), max_size=60)


@given(events=EVENTS, mark=st.integers(0, 3), other=st.integers(0, 3))
def test_counts_are_what_they_would_be_from_scratch(events, mark, other):
    made, waits, held = Shares(mark), [], []
    for kind, entrance in events:
        if kind == 0:
            made.wait(entrance)
            waits.append(entrance)
        elif kind == 1 and entrance in waits:
            made.wait_no_more(entrance)
            waits.remove(entrance)
        elif kind == 2:
            made.take(entrance)
            held.append(entrance)
        elif kind == 3 and entrance in held:
            made.give_back(entrance)
            held.remove(entrance)
    for now in (mark, other):
        made.configure(now)
        floods = [one for one in "abc" if 0 < now < waits.count(one)]
        average = sum(held.count(one) for one in floods) / max(len(floods), 1)
        for one in "abc":
            expected = (one in floods) + (one in floods and held.count(one) > average)
            assert made.steps_back(one) == expected
            assert made.waiting(one) == waits.count(one)
            assert made.in_hand(one) == held.count(one)


def test_a_flood_starves_nobody_however_few_agents_there_are():
    """Shares of what is in hand alone would not do: one agent has nothing in hand when asked."""
    router = Router(making.site(Queue(name="a", sort="priority"), system={"floodMark": 5}))
    for contact in range(1, 100):
        router.add(waiting(contact, prio=0, minutes=99, entrance="flood"))
    router.add(waiting(100, prio=9, minutes=0, entrance="other"))
    router.agent(Profile("anna"), Presence.AT_WORK, ready=True)
    assert next(router.bookings(NOW)).contact == 100


@st.composite
def mornings(draw):
    """A mark, one contact to look at, what waited before it, and what comes and goes after."""
    mark = draw(st.integers(1, 4))
    before = draw(st.lists(st.sampled_from("abc"), max_size=25))
    before.append("a")
    while before.count("a") > mark:
        before.remove("a")
    after = draw(st.lists(st.sampled_from([*"bc", "book", "book", "end"]), max_size=60))
    return mark, before, after


@given(morning=mornings(), agents=st.integers(1, 3))
@pytest.mark.parametrize("sort", ["longest waiting", "priority"])
def test_contact_is_booked_after_no_more_than_those_before_it_and_the_mark_of_each_other(
    sort, morning, agents
):
    mark, before, after = morning
    router = Router(making.site(Queue(name="q", sort=sort), system={"floodMark": mark}))
    entrances = {}

    def arrive(entrance):
        contact = len(entrances) + 1
        entrances[contact] = entrance
        prio = 5 if entrance == "a" else 0  # of no use to a flood
        router.add(waiting(contact, "q", minutes=-contact, prio=prio, entrance=entrance))

    for entrance in before:
        arrive(entrance)
    looked_at = max(one for one, entrance in entrances.items() if entrance == "a")
    taken, held, idle = [], [], [f"agent {n}" for n in range(agents)]
    for event in after + ["book", "end"] * (len(before) + len(after)):
        if event == "end" and held:
            contact, login = held.pop(0)
            router.let_go(contact)
            idle.append(login)
        elif event == "book":
            for login in idle:
                router.agent(Profile(login), Presence.AT_WORK, ready=True)
            for booking in router.bookings(NOW):
                of_others = router.index.shares.is_flood(entrances[booking.contact])
                assert not of_others or router.index.waiting(looked_at) is None
                taken.append(booking.contact)
                held.append((booking.contact, booking.agent))
                idle.remove(booking.agent)
        elif event in ("b", "c"):
            arrive(event)
        if looked_at in taken:
            break
    assert looked_at in taken
    if sort == "longest waiting":
        own = before.count("a") - 1
        assert taken.index(looked_at) <= own + 2 * mark
