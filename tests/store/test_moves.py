"""The guarded step, over the whole state table; and the database as its second guard."""

from itertools import product

import pytest
from peewee import IntegrityError

from ace_server.contact import IN_HAND, MOVES, State
from ace_server.errors import IllegalMove
from ace_server.store import Store, contacts, history
from ace_server.store.models import database, to_stored
from tests.store.making import AT, LATER, RECORDING, changes, in_state, move, row

PAIRS = list(product(State, State))
LEGAL = [(before, to) for before, to in PAIRS if to in MOVES[before]]
ILLEGAL = [(before, to) for before, to in PAIRS if to not in MOVES[before]]


@pytest.mark.parametrize(("before", "to"), LEGAL)
def test_a_move_of_the_table_is_made_and_recorded(store: Store, before: State, to: State) -> None:
    contact = in_state(store, before)
    move(store, contact, before, to, at=LATER)
    assert row(store, contact).state is to
    last = store.perform(history.of, contact)[-1]
    assert (last.at, last.verb, last.before, last.after) == (LATER, "moved", before, to)


@pytest.mark.parametrize(("before", "to"), LEGAL)
def test_a_move_gives_the_contact_as_it_is_then(store: Store, before: State, to: State) -> None:
    contact = in_state(store, before, attachments=[RECORDING])
    needed = changes(before, to)
    moved = store.perform(contacts.move, contact, before, to, "moved", LATER, **needed)
    assert moved == row(store, contact)
    assert moved.attachments == (RECORDING,)


@pytest.mark.parametrize(("before", "to"), ILLEGAL)
def test_a_move_that_is_not_in_the_table_is_refused_and_changes_nothing(
    store: Store, before: State, to: State
) -> None:
    contact = in_state(store, before)
    unchanged = row(store, contact), store.perform(history.of, contact)
    with pytest.raises(IllegalMove):
        move(store, contact, before, to)
    assert (row(store, contact), store.perform(history.of, contact)) == unchanged


@pytest.mark.parametrize(("before", "to"), ILLEGAL)
def test_the_database_itself_refuses_the_record_of_such_a_move(
    store: Store, before: State, to: State
) -> None:
    contact = in_state(store, before)

    def insert() -> None:
        database.execute_sql(
            f"""INSERT INTO history (contact_id, at, verb, "by", "before", "after", queue, detail)
            VALUES ({contact}, {to_stored(AT)}, 'moved', '', '{before}', '{to}', '', '')"""
        )

    with pytest.raises(IntegrityError):
        store.perform(insert)


@pytest.mark.parametrize("before", State)
def test_the_database_knows_no_state_but_ours(store: Store, before: State) -> None:
    contact = in_state(store, before)

    def update() -> None:
        database.execute_sql(f"UPDATE contact SET state = 'lost' WHERE id = {contact}")

    with pytest.raises(IntegrityError):
        store.perform(update)


@pytest.mark.parametrize("seen", [state for state in State if state is not State.QUEUED])
def test_who_saw_another_state_moves_nothing(store: Store, seen: State) -> None:
    contact = in_state(store, State.QUEUED)
    for to in MOVES[seen]:
        with pytest.raises(IllegalMove):
            move(store, contact, seen, to)
    assert row(store, contact).state is State.QUEUED


@pytest.mark.parametrize("state", IN_HAND)
def test_an_agent_moves_what_is_in_his_own_hands(store: Store, state: State) -> None:
    contact = in_state(store, state)
    move(store, contact, state, State.QUEUED, held_by="anna")
    assert row(store, contact).state is State.QUEUED


@pytest.mark.parametrize("state", IN_HAND)
def test_an_agent_does_not_move_what_is_in_another_ones_hands(store: Store, state: State) -> None:
    contact = in_state(store, state)
    for to in MOVES[state]:
        with pytest.raises(IllegalMove):
            move(store, contact, state, to, held_by="bengt")
    assert row(store, contact).state is state


@pytest.mark.parametrize("state", IN_HAND)
def test_a_contact_that_waits_again_is_in_nobodys_hands(store: Store, state: State) -> None:
    contact = in_state(store, state)
    assert row(store, contact).agent == "anna"
    move(store, contact, state, State.QUEUED)
    assert row(store, contact).agent is None


def test_an_ended_contact_keeps_the_name_of_who_ended_it(store: Store) -> None:
    contact = in_state(store, State.ENDED)
    assert row(store, contact).agent == "anna"


def test_a_contact_that_does_not_exist_is_not_moved(store: Store) -> None:
    with pytest.raises(IllegalMove):
        move(store, 4711, State.QUEUED, State.BOOKED)


def test_the_record_of_a_move_names_who_made_it_and_the_queue_it_leads_to(store: Store) -> None:
    contact = in_state(store, State.ACCEPTED)
    store.perform(
        contacts.move,
        contact,
        State.ACCEPTED,
        State.QUEUED,
        "requeued",
        LATER,
        by="anna",
        held_by="anna",
        detail="for Monday",
        queue="Everyone",
    )
    last = store.perform(history.of, contact)[-1]
    assert (last.by, last.queue, last.detail) == ("anna", "Everyone", "for Monday")


def test_a_move_sets_the_columns_it_was_given(store: Store) -> None:
    contact = in_state(store, State.QUEUED)
    move(store, contact, State.QUEUED, State.BOOKED)
    found = row(store, contact)
    assert {"agent": found.agent, "booked_until": found.booked_until} == changes(
        State.QUEUED, State.BOOKED
    )
