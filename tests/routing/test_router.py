"""One area's routing: what has happened, and what follows (RO-3, RO-6, RO-8)."""

from datetime import timedelta

from ace_server.concepts import Queue
from ace_server.routing.constraints import Constraint, Load
from ace_server.routing.queues import Presence
from ace_server.routing.router import Router
from ace_server.routing.selection import Booking
from ace_server.routing.serving import Profile
from tests.routing.making import AT_ONCE, NOW, site, waiting

SECOND = timedelta(seconds=1)


def router(*queues, agents=("anna", "bo"), **more):
    made = Router(site(*(queues or (Queue(name="a"), Queue(name="b"))), **more))
    for login in agents:
        made.agent(Profile(login), Presence.AT_WORK, ready=False)
    made.moving_on(NOW)
    return made


def ready(made, *logins):
    for login in logins:
        made.agent(Profile(login), Presence.AT_WORK, ready=True)


def test_booking_that_is_not_accepted_returns_to_its_place():
    made = router()
    for contact in (1, 2):
        made.add(waiting(contact))
    ready(made, "anna")
    assert [*made.bookings(NOW)] == [Booking(1, "anna")]
    made.agent(Profile("anna"), Presence.PAUSED, ready=False)
    made.add(waiting(1))
    assert [one.contact for one in made.index.in_queue("a")] == [1, 2]
    assert [*made.bookings(NOW)] == []


def test_what_an_agent_had_last_is_told_with_the_agent():
    made = router()
    made.agent(Profile("anna"), Presence.AT_WORK, ready=False, last="loans")
    assert made.index.had_last("anna") == "loans"


def test_what_was_closed_is_forgotten():
    made = router()
    made.add(waiting(1))
    made.discard(1)
    ready(made, "anna")
    assert [*made.bookings(NOW)] == []


# Moving on by time


def test_contact_moves_on_when_its_time_has_come_and_is_told_once():
    made = router()
    made.add(waiting(1, moves_on_at=NOW + 2 * SECOND))
    made.add(waiting(2, moves_on_at=NOW + SECOND))
    assert made.next_at() == NOW + SECOND
    assert made.moving_on(NOW) == []
    assert made.moving_on(NOW + 2 * SECOND) == [2, 1]
    assert made.moving_on(NOW + 2 * SECOND) == []
    assert made.next_at() is None


def test_time_of_a_contact_that_waits_elsewhere_or_no_more_is_nobodys():
    made = router()
    for contact in (1, 2, 3):
        made.add(waiting(contact, moves_on_at=NOW + contact * SECOND))
    made.discard(1)
    made.add(waiting(2, "b"))
    assert made.next_at() == NOW + 3 * SECOND
    assert made.moving_on(NOW + 9 * SECOND) == [3]


def test_contact_that_could_not_be_moved_on_is_told_again():
    made = router()
    made.add(waiting(1, moves_on_at=NOW))
    assert made.moving_on(NOW) == [1]
    made.ask_again(1, NOW + SECOND)
    made.ask_again(2, NOW + SECOND)
    assert made.moving_on(NOW) == []
    assert made.moving_on(NOW + SECOND) == [1]


def test_times_that_are_true_no_more_do_not_fill_the_memory():
    made = router()
    for second in range(10_000):
        made.add(waiting(1, moves_on_at=NOW + (20_000 - second) * SECOND))
    assert len(made._timed) < 100  # the one place where they could be seen
    assert made.next_at() == NOW + 10_001 * SECOND


# Moving on by load


def test_contact_moves_on_when_too_many_wait_for_those_who_are_there():
    made = router()
    until = Constraint("agentConRatio", 1)
    for contact in (1, 2, 3, 4):
        made.add(waiting(contact, until=until))
    assert made.moving_on(NOW) == [4, 3]
    assert made.moving_on(NOW) == []  # each is told once
    for contact in (3, 4):
        made.add(waiting(contact, "b"))
    made.agent(Profile("anna"), Presence.OUT, ready=False)
    assert made.moving_on(NOW) == [2]


def test_contact_moves_on_when_its_queue_time_would_be_too_long():
    made = router(system={"expectedHandlingSeconds": 100.0})
    for contact in (1, 2, 3, 4):
        made.add(waiting(contact, until=Constraint("eqt", 150) if contact != 2 else None))
    assert made.load(made.index.waiting(3)) == Load(2, 4, 2, 2, 100.0)
    assert made.moving_on(NOW) == [4]
    made.add(waiting(4, "b"))
    made.take_pace({"a": 101.0, "b": 1.0})
    assert made.moving_on(NOW) == [3]
    assert made.pace("b") == 1.0


def test_contact_moves_on_when_too_few_are_at_work():
    made = router()
    made.add(waiting(1, until=Constraint("minAvailAgents", 2)))
    assert made.moving_on(NOW) == []
    made.agent(Profile("anna"), Presence.PAUSED, ready=False)
    assert made.moving_on(NOW) == [1]


def test_contact_of_a_named_agent_moves_on_when_the_agent_logs_out():
    made = router()
    made.add(waiting(1, personal="anna", until=Constraint("loggedIn", 1)))
    made.agent(Profile("anna"), Presence.PAUSED, ready=False)
    assert made.moving_on(NOW) == []
    made.agent(Profile("anna"), Presence.OUT, ready=False)
    assert made.moving_on(NOW) == [1]


def test_new_configuration_may_move_contacts_on_from_what_nobody_serves_now():
    made = router()
    made.add(waiting(1, until=Constraint("minAvailAgents", 1)))
    assert made.moving_on(NOW) == []
    made.configure(site(Queue(name="b")))
    assert made.moving_on(NOW) == [1]


def test_place_is_watched_as_long_as_something_there_may_be_moved_on():
    made = router()
    made.add(waiting(1, until=AT_ONCE))
    assert made.moving_on(NOW) == [1]
    made.add(waiting(2))
    made.add(waiting(3, until=AT_ONCE))
    assert made.moving_on(NOW) == [3, 1]
    made.discard(1)
    made.discard(3)
    made.add(waiting(4))
    assert made.moving_on(NOW) == []
    assert made.load(made.index.waiting(4)).before == 1


def test_sorting_order_decides_who_has_less_before_it():
    made = router(Queue(name="a", sort="newest"), system={"expectedHandlingSeconds": 100.0})
    for contact in (1, 2, 3):
        made.add(waiting(contact, until=Constraint("eqt", 120)))
    assert made.moving_on(NOW) == [1]
    made.discard(1)
    made.configure(site(Queue(name="a"), system={"expectedHandlingSeconds": 300.0}))
    assert made.moving_on(NOW) == [3, 2]
