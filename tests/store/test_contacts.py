"""Taking contacts in, letting them wait, and reading them back."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from ace_server.contact import IN_HAND, State
from ace_server.errors import IllegalMove, Refused
from ace_server.store import Store, contacts, history, named
from ace_server.store.contacts import ContactRow, NewAttachment, Placement
from tests.store.making import (
    AT,
    BUFFERED,
    EVERYONE,
    ID_CARD,
    LATER,
    LOANS,
    RECORDING,
    add,
    in_state,
    move,
    row,
)

# Taking in


def test_a_contact_is_read_back_as_it_came(store: Store) -> None:
    data = {"workItem": "https://bank.example/loans/1", "cid": "19701122-4499", "prio": "3"}
    added = add(store, "LOAN-1", LOANS, data=data, attachments=[RECORDING, ID_CARD])
    assert row(store, added.contact_id) == ContactRow(
        id=added.contact_id,
        account="loans",
        external_id="LOAN-1",
        entrance="loans",
        state=State.QUEUED,
        task_type="Loan application",
        queue="Loans",
        destination=0,
        personal="",
        place=added.place,
        agent=None,
        subject="Loan application 123",
        body="The automatic check wants a person.",
        data=data,
        note="",
        note_by="",
        received_at=AT,
        first_queued_at=AT,
        moves_on_at=None,
        booked_until=None,
        accepted_at=None,
        parked_at=None,
        ended_at=None,
        area="",
        prioritised=False,
        entered_at=AT,
        accepted_as=None,
        reestablished=False,
        in_hand_since=None,
        handled_for=0,
        attachments=(RECORDING, ID_CARD),
    )


def test_what_is_taken_in_is_told_with_its_state_and_time(store: Store) -> None:
    added = add(store)
    assert (added.state, added.received_at, added.repeated) == (State.QUEUED, AT, False)


def test_what_cannot_wait_in_a_queue_is_buffered_without_a_place(store: Store) -> None:
    found = row(store, add(store, "LOAN-1", BUFFERED).contact_id)
    assert (found.state, found.place, found.first_queued_at) == (State.BUFFERED, None, None)


def test_a_contact_may_wait_for_one_agent_alone(store: Store) -> None:
    found = row(store, add(store, "LOAN-1", Placement(personal="anna")).contact_id)
    assert (found.state, found.queue, found.personal) == (State.QUEUED, "", "anna")


def test_places_are_given_in_the_order_of_being_queued(store: Store) -> None:
    places = [add(store, f"LOAN-{n}").place for n in range(5)]
    assert places == sorted(set(places))


def test_a_place_that_was_given_is_not_given_again_after_its_contact_ended(store: Store) -> None:
    ended = row(store, in_state(store, State.ENDED)).place
    assert ended is not None
    assert add(store, "LOAN-2").place > ended


def test_the_time_to_move_on_is_kept(store: Store) -> None:
    added = add(store, "LOAN-1", Placement(queue="Loans", moves_on_at=LATER))
    assert row(store, added.contact_id).moves_on_at == LATER


@pytest.mark.parametrize(
    "text",
    ["'; DROP TABLE contact; --", "%s %(a)s {} {0}", "\u202eabc", "å\U0001f98a\u0301", 'a"b\\c\n'],
)
def test_text_is_stored_literally(store: Store, text: str) -> None:
    added = add(store, "LOAN-1", LOANS, data={"workItem": text, "free key": text})
    assert row(store, added.contact_id).data == {"workItem": text, "free key": text}


def test_taking_in_is_the_first_line_of_the_history(store: Store) -> None:
    contact = add(store).contact_id
    (first,) = store.perform(history.of, contact)
    assert (first.at, first.verb, first.before, first.after, first.queue) == (
        AT,
        "taken in",
        None,
        "queued",
        "Loans",
    )


# Again


def test_the_same_again_gives_the_first_answer_and_no_second_contact(store: Store) -> None:
    first = add(store)
    again = add(store, received_at=LATER)
    assert again.repeated
    assert (again.contact_id, again.state, again.received_at, again.digest) == (
        first.contact_id,
        first.state,
        first.received_at,
        first.digest,
    )
    assert len(store.perform(lambda: list(contacts.listing(list(State))))) == 1


def test_the_same_again_with_files_attaches_them_once(store: Store) -> None:
    contact = add(store, attachments=[RECORDING]).contact_id
    add(store, attachments=[RECORDING])
    assert row(store, contact).attachments == (RECORDING,)


@pytest.mark.parametrize("state", State)
def test_the_state_first_given_is_told_again_whatever_came_of_it(
    store: Store, state: State
) -> None:
    contact = in_state(store, state)
    again = add(store)
    assert again.contact_id == contact
    assert again.state is (State.BUFFERED if state is State.BUFFERED else State.QUEUED)


def test_the_same_id_with_other_content_is_refused_and_the_first_stays(store: Store) -> None:
    contact = add(store).contact_id
    unchanged = row(store, contact)
    with pytest.raises(Refused) as refused:
        add(store, data={"workItem": "another"}, digest="e" * 64)
    assert refused.value.code == "id-conflict"
    assert row(store, contact) == unchanged


def test_another_account_may_use_the_same_id(store: Store) -> None:
    first = add(store)
    assert add(store, account="cards").contact_id != first.contact_id


def test_what_was_taken_in_is_known_with_its_digest(store: Store) -> None:
    added = add(store)
    known = store.perform(contacts.known, "loans", "LOAN-1")
    assert known is not None
    assert (known.contact_id, known.digest, known.repeated) == (
        added.contact_id,
        "d" * 64,
        True,
    )


@pytest.mark.parametrize("other", [("loans", "LOAN-2"), ("cards", "LOAN-1"), ("loans", "loan-1")])
def test_what_was_not_taken_in_is_not_known(store: Store, other: tuple[str, str]) -> None:
    add(store)
    assert store.perform(contacts.known, *other) is None


# Place and first queue time (WI-7, RO-8)


def test_a_contact_keeps_place_and_first_queue_time_when_its_booking_comes_to_nothing(
    store: Store,
) -> None:
    contact = in_state(store, State.BOOKED)
    before = row(store, contact)
    move(store, contact, State.BOOKED, State.QUEUED, at=LATER, booked_until=None)
    after = row(store, contact)
    assert (after.place, after.first_queued_at) == (before.place, before.first_queued_at)


def test_a_contact_keeps_them_when_it_is_requeued_elsewhere(store: Store) -> None:
    contact = in_state(store, State.ACCEPTED)
    before = row(store, contact)
    move(store, contact, State.ACCEPTED, State.QUEUED, at=LATER, queue="Everyone")
    after = row(store, contact)
    assert after.queue == "Everyone"
    assert (after.place, after.first_queued_at) == (before.place, before.first_queued_at)


@pytest.mark.parametrize("state", [state for state in State if state is not State.BUFFERED])
def test_a_contact_keeps_them_over_a_restart(
    make_store: Callable[[], Store], store: Store, state: State
) -> None:
    contact = in_state(store, state)
    before = row(store, contact)
    store.close()
    store = make_store()
    store.open()
    assert row(store, contact) == before


def test_after_a_restart_what_was_booked_waits_in_its_old_place(store: Store) -> None:
    first, booked, last = add(store, "1"), in_state(store, State.BOOKED, "2"), add(store, "3")
    assert store.perform(contacts.unbook, LATER) == 1
    order = [one.id for one in store.perform(contacts.still_open)]
    assert order == [first.contact_id, booked, last.contact_id]
    assert row(store, booked).booked_until is None


@pytest.mark.parametrize("state", [State.ACCEPTED, State.PARKED])
def test_after_a_restart_what_was_accepted_or_parked_stays_in_hand(
    store: Store, state: State
) -> None:
    contact = in_state(store, state)
    assert store.perform(contacts.unbook, LATER) == 0
    assert (row(store, contact).state, row(store, contact).agent) == (state, "anna")


# Released from the buffer (WI-8)


def _to_loans(data: Mapping[str, str]) -> tuple[str, Placement]:
    return "Loan application", LOANS


def test_the_oldest_buffered_contacts_are_released_in_order(store: Store) -> None:
    ids = [add(store, str(n), BUFFERED).contact_id for n in range(5)]
    released = store.perform(contacts.release, "loans", 3, _to_loans, LATER)
    assert [one.id for one in released] == ids[:3]
    assert [row(store, contact).state for contact in ids] == [State.QUEUED] * 3 + [
        State.BUFFERED
    ] * 2


def test_what_is_released_waits_from_then_on_behind_what_waited_already(store: Store) -> None:
    buffered = add(store, "1", BUFFERED).contact_id
    waiting = add(store, "2").contact_id
    store.perform(contacts.release, "loans", 10, _to_loans, LATER)
    assert [one.id for one in store.perform(contacts.still_open)] == [waiting, buffered]
    assert row(store, buffered).first_queued_at == LATER
    assert row(store, buffered).received_at == AT


def test_what_release_tells_is_what_is_stored(store: Store) -> None:
    add(store, "1", BUFFERED, data={"workItem": "x", "prio": "2"})
    placement = Placement("Loans", 0, LATER)
    released = store.perform(
        contacts.release, "loans", 10, lambda _: ("Loan application", placement), LATER
    )
    assert released == store.perform(contacts.still_open)


def test_another_entrance_stays_buffered(store: Store) -> None:
    other = add(store, "1", BUFFERED, entrance="cards").contact_id
    assert store.perform(contacts.release, "loans", 10, _to_loans, LATER) == []
    assert row(store, other).state is State.BUFFERED


def test_what_still_has_no_queue_holds_back_everything_behind_it(store: Store) -> None:
    ids = [add(store, n, BUFFERED, data={"workItem": n}).contact_id for n in "abc"]

    def decide(data: Mapping[str, str]) -> tuple[str, Placement]:
        return "", BUFFERED if data["workItem"] == "b" else LOANS

    released = store.perform(contacts.release, "loans", 10, decide, LATER)
    assert [one.id for one in released] == ids[:1]


def test_release_sets_the_task_type_it_was_told(store: Store) -> None:
    contact = add(store, "1", BUFFERED).contact_id
    store.perform(contacts.release, "loans", 1, lambda _: ("Night", EVERYONE), LATER)
    found = row(store, contact)
    assert (found.task_type, found.queue, found.destination) == ("Night", "Everyone", 1)


# Moving on (RO-3)


def test_a_waiting_contact_moves_on_and_keeps_its_age(store: Store) -> None:
    contact = add(store, "1", Placement("Loans", 0, LATER)).contact_id
    before = row(store, contact)
    store.perform(contacts.move_on, contact, "Loans", EVERYONE, LATER)
    after = row(store, contact)
    assert (after.queue, after.destination, after.moves_on_at) == ("Everyone", 1, None)
    assert (after.place, after.first_queued_at) == (before.place, before.first_queued_at)


@pytest.mark.parametrize("state", [state for state in State if state is not State.QUEUED])
def test_what_does_not_wait_does_not_move_on(store: Store, state: State) -> None:
    contact = in_state(store, state)
    with pytest.raises(IllegalMove):
        store.perform(contacts.move_on, contact, "Loans", EVERYONE, LATER)


def test_what_waits_elsewhere_by_now_does_not_move_on(store: Store) -> None:
    contact = add(store, "1", EVERYONE).contact_id
    with pytest.raises(IllegalMove):
        store.perform(contacts.move_on, contact, "Loans", LOANS, LATER)


# Contact data


def test_an_edit_sets_and_clears_keys_and_leaves_the_others(store: Store) -> None:
    contact = add(store, data={"workItem": "x", "cid": "1", "old": "2"}).contact_id
    store.perform(contacts.edit, contact, {"cid": "9", "old": "", "new": "3"}, LATER, "anna")
    assert row(store, contact).data == {"workItem": "x", "cid": "9", "new": "3"}


def test_an_edit_of_prio_changes_what_goes_first(store: Store) -> None:
    contact = add(store).contact_id
    store.perform(contacts.edit, contact, {"prio": "0"}, LATER, "anna")
    (found,) = store.perform(contacts.still_open)
    assert found.prio == 0


def test_the_record_of_an_edit_names_its_keys_and_never_their_values(store: Store) -> None:
    contact = add(store).contact_id
    store.perform(contacts.edit, contact, {"b": "secret", "a": "secret"}, LATER, "anna")
    last = store.perform(history.of, contact)[-1]
    assert (last.verb, last.by, last.detail) == ("edited", "anna", "a, b")


# Reading


def test_a_contact_that_does_not_exist_is_none(store: Store) -> None:
    assert store.perform(contacts.get, 4711) is None
    assert store.perform(contacts.open_one, 4711) is None


def test_what_is_open_comes_in_the_order_of_being_queued_and_what_is_buffered_last(
    store: Store,
) -> None:
    states = [State.BUFFERED, State.PARKED, State.QUEUED, State.BUFFERED, State.BOOKED]
    ids = [in_state(store, state, str(n)) for n, state in enumerate(states)]
    in_state(store, State.ENDED, "ended")
    found = store.perform(contacts.still_open)
    assert [one.id for one in found] == [ids[1], ids[2], ids[4], ids[0], ids[3]]


@pytest.mark.parametrize("state", [state for state in State if state is not State.ENDED])
def test_one_that_is_open_is_told_as_among_all(store: Store, state: State) -> None:
    data = {"workItem": "x", "prio": "2"}
    contact = in_state(store, state, placement=Placement("Loans", 0, LATER), data=data)
    (among_all,) = store.perform(contacts.still_open)
    assert store.perform(contacts.open_one, contact) == among_all
    assert row(store, contact).as_open() == among_all


def test_one_that_is_ended_is_not_open(store: Store) -> None:
    assert store.perform(contacts.open_one, in_state(store, State.ENDED)) is None


def test_in_hand_is_what_belongs_to_an_agent(store: Store) -> None:
    ids = {state: in_state(store, state, state) for state in State}
    found = store.perform(contacts.in_hand)
    assert {one.id: one.state for one in found} == {ids[state]: state for state in IN_HAND}


PAGE = 2


def _listed(store: Store, states: list[State] | None = None) -> list[int]:
    return store.perform(lambda: [one.id for one in contacts.listing(states)])


@pytest.mark.parametrize("number", [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 3 * PAGE + 1])
def test_the_listing_has_every_contact_once_whatever_the_page(
    store: Store, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(contacts, "PAGE", PAGE)
    ids = [add(store, str(n)).contact_id for n in range(number)]  # all at one time
    assert _listed(store) == ids


def test_the_listing_is_in_order_of_first_queue_time_and_what_was_never_queued_comes_last(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contacts, "PAGE", PAGE)
    buffered = [add(store, f"b{n}", BUFFERED).contact_id for n in range(3)]
    times = [3, 1, 2, 1, 3]
    ids = [
        add(store, str(n), received_at=AT + timedelta(minutes=minutes)).contact_id
        for n, minutes in enumerate(times)
    ]
    queued = [ids[1], ids[3], ids[2], ids[0], ids[4]]
    assert _listed(store) == queued + buffered


def test_the_listing_is_of_what_is_not_ended_unless_states_are_named(store: Store) -> None:
    ids = {state: in_state(store, state, state) for state in State}
    assert set(_listed(store)) == {ids[state] for state in State if state is not State.ENDED}
    assert _listed(store, [State.ENDED, State.PARKED]) == [ids[State.PARKED], ids[State.ENDED]]


def test_in_use_is_what_contacts_that_are_not_ended_refer_to(store: Store) -> None:
    add(store, "1", LOANS, entrance="loans")
    add(store, "2", Placement(personal="bengt"), entrance="cards")
    in_state(store, State.PARKED, "3")
    in_state(store, State.ENDED, "4", placement=EVERYONE, entrance="gone")
    found = store.perform(contacts.in_use)
    assert found.queues == {"Loans"}
    assert found.entrances == {"loans", "cards"}
    assert found.task_types == {"Loan application"}
    assert found.agents == {"anna", "bengt"}


def test_nothing_is_in_use_in_an_empty_store(store: Store) -> None:
    found = store.perform(contacts.in_use)
    assert not (found.queues or found.entrances or found.task_types or found.agents)


def test_unreferenced_are_the_files_that_no_contact_has(store: Store) -> None:
    add(store, "1", attachments=[RECORDING])
    add(store, "2", attachments=[RECORDING, ID_CARD])
    stray = "ef" * 32
    found = store.perform(named.unnamed, [RECORDING.digest, stray, ID_CARD.digest])
    assert found == [stray]


def test_one_file_may_be_with_a_contact_twice(store: Store) -> None:
    again = NewAttachment("copy.wav", "audio/wav", RECORDING.size, RECORDING.digest)
    contact = add(store, attachments=[RECORDING, again]).contact_id
    assert row(store, contact).attachments == (RECORDING, again)


def test_the_history_is_told_oldest_first(store: Store) -> None:
    contact = in_state(store, State.ENDED)
    found = store.perform(history.of, contact)
    assert [one.after for one in found] == ["queued", "booked", "accepted", "ended"]
    assert store.perform(history.of, 4711) == []
