"""Where contacts wait, since when, and what a supervisor or a route does with them there."""

from typing import Any

import pytest

from ace_server.contact import State
from ace_server.errors import IllegalMove
from ace_server.store import Store, contacts, history
from ace_server.store.contacts import Placement
from tests.store.making import AT, BUFFERED, EVERYONE, LATER, LOANS, add, in_state, move, row

MAIL = {"cid": "19701122-4499"}
NOT_QUEUED = [state for state in State if state is not State.QUEUED]


def last(store: Store, contact: int) -> dict[str, Any]:
    """The last line of a contact's history."""
    found = store.perform(history.of, contact)[-1]
    return {name: getattr(found, name) for name in found.__struct_fields__}


def unchanged(store: Store, contact: int) -> Any:
    """Everything that is kept of a contact."""
    return row(store, contact), store.perform(history.of, contact)


# Since when


def test_a_contact_enters_its_first_queue_when_it_is_taken_in(store: Store) -> None:
    assert row(store, add(store).contact_id).entered_at == AT


def test_what_is_buffered_has_entered_nothing(store: Store) -> None:
    assert row(store, add(store, "1", BUFFERED).contact_id).entered_at is None


def test_what_is_released_enters_its_queue_then(store: Store) -> None:
    contact = add(store, "1", BUFFERED).contact_id
    store.perform(contacts.release, "loans", 1, lambda _: ("", LOANS), LATER)
    assert row(store, contact).entered_at == LATER


def test_what_moves_on_enters_the_next_queue_then(store: Store) -> None:
    contact = add(store).contact_id
    store.perform(contacts.move_on, contact, "Loans", EVERYONE, LATER)
    assert row(store, contact).entered_at == LATER


def test_what_has_nowhere_else_to_wait_has_been_there_all_along(store: Store) -> None:
    contact = add(store, "1", Placement("Loans", 0, LATER)).contact_id
    store.perform(contacts.move_on, contact, "Loans", LOANS, LATER)
    found = row(store, contact)
    assert (found.entered_at, found.moves_on_at) == (AT, None)


@pytest.mark.parametrize("state", [State.ACCEPTED, State.PARKED])
def test_what_leaves_an_agents_hands_enters_its_queue_then(store: Store, state: State) -> None:
    contact = in_state(store, state)
    move(store, contact, state, State.QUEUED, at=LATER)
    assert row(store, contact).entered_at == LATER


def test_a_booking_that_comes_to_nothing_leaves_the_contact_where_it_was(store: Store) -> None:
    contact = in_state(store, State.BOOKED)
    move(store, contact, State.BOOKED, State.QUEUED, at=LATER)
    assert row(store, contact).entered_at == AT


# The organisation area


def test_a_contact_is_in_the_area_of_its_placement(store: Store) -> None:
    contact = add(store, "1", Placement("Loans", area="North")).contact_id
    assert row(store, contact).area == "North"


def test_what_is_buffered_is_in_an_area_too(store: Store) -> None:
    contact = add(store, "1", Placement(area="North")).contact_id
    found = row(store, contact)
    assert (found.state, found.area) == (State.BUFFERED, "North")


def test_what_is_released_is_in_the_area_where_it_goes(store: Store) -> None:
    contact = add(store, "1", BUFFERED).contact_id
    placement = Placement("Loans", area="North")
    store.perform(contacts.release, "loans", 1, lambda _: ("", placement), LATER)
    assert row(store, contact).area == "North"


def test_what_moves_on_is_in_the_area_where_it_goes(store: Store) -> None:
    contact = add(store).contact_id
    placement = Placement("Loans north", area="North")
    store.perform(contacts.move_on, contact, "Loans", placement, LATER)
    assert row(store, contact).area == "North"


# Moving on, again: for whom it waits


def test_what_waits_for_one_person_moves_on_as_well(store: Store) -> None:
    contact = add(store, "1", Placement(personal="bo")).contact_id
    store.perform(contacts.move_on, contact, "", LOANS, LATER, personal="bo")
    found = row(store, contact)
    assert (found.queue, found.personal) == ("Loans", "")


def test_what_waits_for_another_by_now_does_not_move_on(store: Store) -> None:
    contact = add(store, "1", Placement(personal="anna")).contact_id
    with pytest.raises(IllegalMove):
        store.perform(contacts.move_on, contact, "", LOANS, LATER, personal="bo")
    assert row(store, contact).personal == "anna"


# Moved by a supervisor (PU-2)


def test_a_moved_contact_waits_elsewhere_with_its_age(store: Store) -> None:
    contact = add(store).contact_id
    before = row(store, contact)
    store.perform(contacts.move_waiting, contact, Placement(personal="bo"), LATER, "sven")
    after = row(store, contact)
    assert (after.queue, after.personal, after.entered_at) == ("", "bo", LATER)
    assert (after.place, after.first_queued_at) == (before.place, before.first_queued_at)


def test_the_record_of_it_names_who_moved_it_and_where_to(store: Store) -> None:
    contact = add(store).contact_id
    store.perform(contacts.move_waiting, contact, Placement(personal="bo"), LATER, "sven")
    found = last(store, contact)
    assert (found["verb"], found["by"], found["queue"], found["personal"], found["at"]) == (
        "moved",
        "sven",
        "",
        "bo",
        LATER,
    )


def test_what_waits_there_already_is_not_moved(store: Store) -> None:
    contact = add(store).contact_id
    before = unchanged(store, contact)
    with pytest.raises(IllegalMove):
        store.perform(contacts.move_waiting, contact, LOANS, LATER, "sven")
    assert unchanged(store, contact) == before


@pytest.mark.parametrize("state", NOT_QUEUED)
def test_what_does_not_wait_is_not_moved(store: Store, state: State) -> None:
    contact = in_state(store, state)
    before = unchanged(store, contact)
    with pytest.raises(IllegalMove):
        store.perform(contacts.move_waiting, contact, EVERYONE, LATER, "sven")
    assert unchanged(store, contact) == before


# Prioritised by a supervisor (PU-2)


def test_a_prioritised_contact_is_so_until_it_is_not(store: Store) -> None:
    contact = add(store).contact_id
    store.perform(contacts.prioritise, contact, True, AT, "sven")
    (told,) = store.perform(contacts.still_open)
    assert told.prioritised is row(store, contact).prioritised is True
    assert (last(store, contact)["verb"], last(store, contact)["by"]) == ("prioritised", "sven")
    store.perform(contacts.prioritise, contact, False, LATER, "sven")
    assert row(store, contact).prioritised is False
    assert last(store, contact)["verb"] == "unprioritised"


@pytest.mark.parametrize("first", [True, False])
def test_what_is_so_already_is_not_prioritised_again(store: Store, first: bool) -> None:
    contact = add(store).contact_id
    if first:
        store.perform(contacts.prioritise, contact, True, AT, "sven")
    before = unchanged(store, contact)
    with pytest.raises(IllegalMove):
        store.perform(contacts.prioritise, contact, first, LATER, "sven")
    assert unchanged(store, contact) == before


@pytest.mark.parametrize("state", NOT_QUEUED)
def test_what_does_not_wait_is_not_prioritised(store: Store, state: State) -> None:
    contact = in_state(store, state)
    before = unchanged(store, contact)
    with pytest.raises(IllegalMove):
        store.perform(contacts.prioritise, contact, True, LATER, "sven")
    assert unchanged(store, contact) == before


def test_a_booking_that_comes_to_nothing_leaves_it_prioritised(store: Store) -> None:
    contact = add(store).contact_id
    store.perform(contacts.prioritise, contact, True, AT, "sven")
    move(store, contact, State.QUEUED, State.BOOKED)
    move(store, contact, State.BOOKED, State.QUEUED)
    assert row(store, contact).prioritised


def test_it_stays_prioritised_where_it_moves_on_to(store: Store) -> None:
    contact = add(store).contact_id
    store.perform(contacts.prioritise, contact, True, AT, "sven")
    store.perform(contacts.move_on, contact, "Loans", EVERYONE, LATER)
    assert row(store, contact).prioritised


@pytest.mark.parametrize("way", [[State.ACCEPTED], [State.BOOKED, State.ACCEPTED], [State.ENDED]])
def test_what_is_accepted_or_ended_is_prioritised_no_more(store: Store, way: list[State]) -> None:
    contact = add(store).contact_id
    store.perform(contacts.prioritise, contact, True, AT, "sven")
    before = State.QUEUED
    for to in way:
        move(store, contact, before, to)
        before = to
    assert not row(store, contact).prioritised


def test_a_closed_contact_is_ended_by_name_and_with_the_reason(store: Store) -> None:
    contact = add(store).contact_id
    store.perform(contacts.close, contact, LATER, "sven", "Sent twice.")
    found = row(store, contact)
    assert (found.state, found.ended_at, found.agent) == (State.ENDED, LATER, None)
    line = last(store, contact)
    assert (line["verb"], line["by"], line["detail"]) == ("closed", "sven", "Sent twice.")


@pytest.mark.parametrize("state", NOT_QUEUED)
def test_what_does_not_wait_is_not_closed(store: Store, state: State) -> None:
    contact = in_state(store, state)
    before = unchanged(store, contact)
    with pytest.raises(IllegalMove):
        store.perform(contacts.close, contact, LATER, "sven", "Sent twice.")
    assert unchanged(store, contact) == before


def test_an_end_route_ends_what_is_no_work_item(store: Store) -> None:
    contact = add(store, data=MAIL).contact_id
    store.perform(contacts.end_route, contact, LATER)
    found = row(store, contact)
    assert (found.state, found.ended_at) == (State.ENDED, LATER)
    assert (last(store, contact)["verb"], last(store, contact)["by"]) == ("end route", "")


def test_no_end_route_ends_a_work_item(store: Store) -> None:
    contact = add(store).contact_id
    before = unchanged(store, contact)
    with pytest.raises(IllegalMove, match="work item"):
        store.perform(contacts.end_route, contact, LATER)
    assert unchanged(store, contact) == before


@pytest.mark.parametrize("state", NOT_QUEUED)
def test_an_end_route_ends_nothing_that_does_not_wait(store: Store, state: State) -> None:
    contact = in_state(store, state, data=MAIL)
    before = unchanged(store, contact)
    with pytest.raises(IllegalMove):
        store.perform(contacts.end_route, contact, LATER)
    assert unchanged(store, contact) == before


@pytest.mark.parametrize("job", [contacts.close, contacts.end_route, contacts.prioritise])
def test_nothing_is_done_to_what_does_not_exist(store: Store, job: Any) -> None:
    arguments = {
        contacts.close: (LATER, "sven", "Sent twice."),
        contacts.end_route: (LATER,),
        contacts.prioritise: (True, LATER, "sven"),
    }
    with pytest.raises(IllegalMove):
        store.perform(job, 4711, *arguments[job])


# Looked at


def test_several_come_in_the_order_that_was_asked_for(store: Store) -> None:
    ids = [add(store, str(number)).contact_id for number in range(4)]
    asked = [ids[2], ids[0], ids[3]]
    assert [one.id for one in store.perform(contacts.several, asked)] == asked


def test_what_waits_no_more_is_left_out(store: Store) -> None:
    waiting, booked = add(store, "1").contact_id, in_state(store, State.BOOKED, "2")
    asked = [booked, waiting, 4711]
    assert [one.id for one in store.perform(contacts.several, asked)] == [waiting]


def test_one_of_several_is_told_as_it_is_stored(store: Store) -> None:
    contact = add(store, "1", EVERYONE, data={"workItem": "x", "prio": "2"}).contact_id
    store.perform(contacts.prioritise, contact, True, AT, "sven")
    (told,) = store.perform(contacts.several, [contact])
    found = row(store, contact)
    for field in told._fields:
        if field != "prio":
            assert getattr(told, field) == getattr(found, field)
    assert (told.prio, told.prioritised) == (2, True)


# In an agent's hands


def test_an_accept_tells_under_which_task_type_it_was(store: Store) -> None:
    contact = in_state(store, State.ACCEPTED)
    found = row(store, contact)
    assert (found.accepted_as, found.in_hand_since, found.handled_for) == (found.task_type, AT, 0)
