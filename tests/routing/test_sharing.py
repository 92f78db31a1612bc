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


def test_the_more_wait_the_further_an_entrance_steps_back():
    made = shares(mark=2)
    found = []
    for _ in range(17):
        made.wait("a")
        found.append(made.steps_back("a"))
    assert found == [0, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 4]
    for steps in reversed(found):
        assert made.steps_back("a") == steps
        made.wait_no_more("a")
    assert made.change == 8


def test_what_is_in_hand_is_counted():
    made = shares()
    for entrance in ("a", "b", "b"):
        made.take(entrance)
    made.give_back("a")
    assert (made.in_hand("a"), made.in_hand("b"), made.all_in_hand) == (0, 2, 2)


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
        for one in "abc":
            bounds = [now << step for step in range(9)] if now else []
            assert made.steps_back(one) == sum(waits.count(one) > bound for bound in bounds)
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
    """A mark, what waits, and what comes and goes after."""
    mark = draw(st.integers(1, 4))
    before = draw(st.lists(st.sampled_from("abbcccccc"), max_size=40))
    after = draw(st.lists(st.sampled_from([*"abc", "book", "book", "end"]), max_size=60))
    return mark, [*before, "a"], after


@given(morning=mornings(), agents=st.integers(1, 3))
@pytest.mark.parametrize("sort", ["longest waiting", "priority"])
def test_contact_waits_for_no_flood_but_its_own(sort, morning, agents):
    """It is booked after those before it of its entrance, and the mark or twice that of others."""
    mark, before, after = morning
    router = Router(making.site(Queue(name="q", sort=sort), system={"floodMark": mark}))
    shares, entrances = router.index.shares, {}

    def arrive(entrance):
        contact = len(entrances) + 1
        entrances[contact] = entrance
        prio = 5 if entrance == "a" else 0  # of no use to a flood
        router.add(waiting(contact, "q", minutes=-contact, prio=prio, entrance=entrance))

    for entrance in before:
        arrive(entrance)
    looked_at, most = len(before), before.count("a")
    taken, held, idle = [], [], [f"agent {n}" for n in range(agents)]
    for event in after + ["book", "end"] * (len(before) + len(after)):
        if event == "end" and held:
            contact, login = held.pop(0)
            router.let_go(contact)
            idle.append(login)
        elif event == "book":
            for login in idle:
                router.agent(Profile(login), Presence.AT_WORK, ready=True)
            found = router.bookings(NOW)
            while True:
                steps = {one: shares.steps_back(one) for one in "abc"}
                booking = next(found, None)
                if booking is None or looked_at in taken:
                    break
                assert steps[entrances[booking.contact]] <= steps["a"]
                taken.append(booking.contact)
                held.append((booking.contact, booking.agent))
                idle.remove(booking.agent)
        elif event in ("a", "b", "c"):
            arrive(event)
        most = max(most, shares.waiting("a"))
        if looked_at in taken:
            break
    assert looked_at in taken
    if sort == "longest waiting":
        others = [entrances[one] for one in taken[: taken.index(looked_at)]]
        assert others.count("a") == before.count("a") - 1
        for entrance in "bc":
            assert others.count(entrance) <= max(mark, 2 * most)
