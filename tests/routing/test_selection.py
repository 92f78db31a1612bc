"""Who gets what: RO-5 both ways, and nobody idle beside what fits (RO-6)."""

import pytest

from ace_server.concepts import Queue, WaitingList
from ace_server.routing import selection
from ace_server.routing.queues import Presence
from ace_server.routing.selection import Booking, Rank
from ace_server.routing.serving import Profile
from tests.routing.making import NOW, booked, index, site, waiting


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
        agents=[("anna", {"Loans": 3}), ("bo", {"Loans": 2})],
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
        agents=[("anna", {"Loans": 1}), ("bo", {"Swedish": 1}), ("cilla", {"Loans": 1})],
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
    made.configure(site(Queue(name="a")))
    assert booked(made) == []
    made.add(waiting(2, "a"))
    assert booked(made) == [Booking(2, "anna")]


def test_queue_that_demands_less_finds_who_is_idle():
    made = index(Queue(name="Loans", requires={"Loans": 3}))
    made.add(waiting(1, "Loans"))
    made.ready("anna")
    assert booked(made) == []
    made.configure(site(Queue(name="Loans")))
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


def test_new_skill_finds_what_waits():
    made = index(Queue(name="Loans", requires={"Loans": 3}))
    made.add(waiting(1, "Loans"))
    made.ready("anna")
    assert booked(made) == []
    assert made.agent(Profile("anna", skills={"Loans": 3}), Presence.AT_WORK)
    assert booked(made) == [Booking(1, "anna")]


def test_agent_whose_skills_change_keeps_the_time_of_being_ready():
    made = index(Queue(name="a"))
    for login in ("anna", "bo"):
        made.ready(login)
    assert booked(made) == []
    made.agent(Profile("anna", skills={"Loans": 1}), Presence.AT_WORK)
    made.add(waiting(1))
    assert selection.for_contact(made, 1) == "anna"
    assert booked(made) == [Booking(1, "anna")]


def test_agent_who_serves_it_from_now_on_and_is_ready_longer_goes_first():
    made = index(
        Queue(name="a", requires={"Loans": 1}), agents=[("anna", {}), ("bo", {"Loans": 1})]
    )
    for login in ("anna", "bo"):
        made.ready(login)
    assert booked(made) == []
    made.add(waiting(1))
    made.agent(Profile("anna", skills={"Loans": 1}), Presence.AT_WORK)
    assert booked(made) == [Booking(1, "anna")]
    made.add(waiting(2))
    assert booked(made) == [Booking(2, "bo")]


def test_agents_own_contact_has_the_priority_of_the_template():
    made = index(
        Queue(name="a", priority=1), Queue(name="b", priority=3), Queue(name="Personal", priority=2)
    )
    made.add(waiting(1, personal="anna", prio=0))
    made.add(waiting(2, "a", prio=9))
    made.add(waiting(3, "b", prio=0))
    found = []
    for _ in range(3):
        made.ready("anna")
        found += booked(made)
    assert [one.contact for one in found] == [2, 1, 3]


def test_nothing_is_booked_from_a_waiting_list_or_a_queue_without_distribution():
    made = index(WaitingList(name="list"), Queue(name="kept", distribution=False))
    made.add(waiting(1, "list"))
    made.add(waiting(2, "kept"))
    made.ready("anna")
    assert booked(made) == []
    assert selection.for_contact(made, 1) is selection.for_contact(made, 2) is None
    assert made.is_idle("anna")


def test_own_contact_is_not_booked_for_an_agent_who_picks():
    for system in ({"agentDistrOrderEmailIncoming": "waiting list"}, {}):
        made = index(Queue(name="a"), system=system)
        made.add(waiting(1, personal="anna"))
        made.ready("anna")
        assert booked(made) == ([] if system else [Booking(1, "anna")])


def test_own_contact_is_not_booked_where_the_template_is_not_distributed():
    made = index(Queue(name="Personal", distribution=False))
    made.add(waiting(1, personal="anna"))
    made.ready("anna")
    assert booked(made) == []


# The highest skill

EXPERTS = Queue(name="a", requires={"Loans": 1, "Swedish": 1}, agents="highest skill")


def experts(*queues, **skills):
    return index(*queues, agents=[(login, own) for login, own in skills.items()])


def test_contact_goes_to_the_highest_skill_where_the_queue_wants_it():
    made = experts(
        EXPERTS,
        anna={"Loans": 9, "Swedish": 1},
        bo={"Loans": 6, "Swedish": 6, "Dogs": 9},
        cilla={"Loans": 6, "Swedish": 6},
        dan={"Loans": 9},
    )
    for login in ("anna", "cilla", "bo", "dan"):
        made.ready(login)
    made.add(waiting(1))
    assert selection.for_contact(made, 1) == "cilla"
    made.not_ready("cilla")
    assert booked(made) == [Booking(1, "bo")]


def test_highest_skill_is_found_among_those_who_looked_and_those_who_did_not():
    made = experts(EXPERTS, anna={"Loans": 1, "Swedish": 1}, bo={"Loans": 2, "Swedish": 1})
    made.ready("anna")
    assert booked(made) == []
    made.add(waiting(1))
    made.ready("bo")
    assert booked(made) == [Booking(1, "bo")]


def test_agent_of_the_highest_skill_gets_what_goes_first_for_that_agent():
    made = experts(
        Queue(name="a", requires={"Loans": 1}, agents="highest skill", priority=2),
        Queue(name="b", requires={"Swedish": 1}),
        anna={"Loans": 1},
        bo={"Loans": 9, "Swedish": 1},
    )
    made.ready("anna")
    made.ready("bo")
    made.add(waiting(1, "a"))
    made.add(waiting(2, "b"))
    assert booked(made) == [Booking(2, "bo"), Booking(1, "anna")]


def test_better_contact_of_the_most_skilled_goes_to_whoever_is_ready_longest_for_it():
    made = experts(
        Queue(name="a", requires={"Loans": 1}, agents="highest skill", priority=2),
        Queue(name="b", requires={"Swedish": 1}),
        anna={"Loans": 1},
        bo={"Swedish": 1},
        cilla={"Loans": 9, "Swedish": 1},
    )
    for login in ("anna", "bo", "cilla"):
        made.ready(login)
    made.add(waiting(1, "a"))
    made.add(waiting(2, "b"))
    assert booked(made) == [Booking(2, "bo"), Booking(1, "cilla")]


# A supervisor's will, and floods


def test_prioritised_contact_goes_before_all_of_its_priority():
    made = index(Queue(name="a"), Queue(name="b"), Queue(name="c", priority=2))
    made.add(waiting(1, "a", prio=0))
    made.add(waiting(2, "b", prio=9, minutes=1))
    made.add(waiting(3, "b", prio=9, minutes=0, prioritised=True))
    made.add(waiting(4, "c", prioritised=True))
    made.ready("anna")
    assert booked(made) == [Booking(3, "anna")]


def flooded(*queues, most):
    made = index(*queues, system={"floodMark": most})
    for contact in range(1, most + 2):
        made.add(waiting(contact, queues[0].name, prio=0, minutes=99, entrance="flood"))
    return made


def test_who_had_one_of_a_flood_gets_another_next_whatever_its_priority_digit():
    made = flooded(Queue(name="a", sort="priority"), most=2)
    made.add(waiting(9, prio=9, minutes=0, entrance="other"))
    made.had("anna", "flood")
    made.ready("anna")
    assert [one.contact for one in made.in_queue("a")] == [1, 2, 3, 9]
    assert booked(made) == [Booking(9, "anna")]


def test_whoever_had_another_one_last_takes_in_turn():
    made = flooded(Queue(name="a"), most=2)
    made.add(waiting(9, minutes=0, entrance="other"))
    made.had("anna", "other")
    made.ready("anna")
    made.ready("bo")
    assert booked(made) == [Booking(1, "anna"), Booking(2, "bo")]


def test_flood_is_passed_by_between_queues_of_one_priority():
    made = flooded(Queue(name="a"), Queue(name="b"), Queue(name="c", priority=2), most=2)
    made.add(waiting(8, "b", prio=9, minutes=0, entrance="other"))
    made.add(waiting(9, "c", prio=0, entrance="other"))
    made.had("anna", "flood")
    rank = selection.rank_of(made, "anna", made.line("a"), NOW)
    assert rank == Rank(True, True, 0, -99 * 60_000_000, 1)
    for login in ("anna", "bo"):
        made.ready(login)
    assert booked(made) == [Booking(8, "anna"), Booking(1, "bo")]


def test_flood_goes_on_where_nothing_else_waits():
    made = flooded(Queue(name="a"), most=2)
    made.had("anna", "flood")
    made.ready("anna")
    assert booked(made) == [Booking(1, "anna")]


def test_flood_ends_with_the_mark():
    made = flooded(Queue(name="a"), most=2)
    made.had("anna", "flood")
    assert made.passes_by("anna") == "flood"
    made.discard(1)
    assert made.passes_by("anna") == ""


def test_prioritised_contact_of_a_flood_is_not_passed_by():
    made = flooded(Queue(name="a"), most=2)
    made.add(waiting(2, prio=0, minutes=99, entrance="flood", prioritised=True))
    made.add(waiting(9, minutes=0, entrance="other"))
    made.had("anna", "flood")
    made.ready("anna")
    assert booked(made) == [Booking(2, "anna")]
