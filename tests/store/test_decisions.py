"""What a replay reads: what came in and became of it, and what every agent did."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from ace_server.contact import AgentState, State
from ace_server.desk.steps import Step, carry_out
from ace_server.store import Kind, Store, contacts, decisions, desks, history, serving
from ace_server.store.contacts import Placement
from ace_server.store.decisions import AgentChange, TakenIn
from ace_server.store.desks import DeskRow
from ace_server.store.serving import Serving
from tests.store.making import AT, BUFFERED, EVERYONE, LATER, add, in_state, move, new
from tests.store.seams import Watched

MINUTE = timedelta(minutes=1)
PAUSED = DeskRow("anna", AgentState.PAUSED, AT)
READY = replace(PAUSED, state=AgentState.READY, since=AT + MINUTE)


def changes(store: Store, start: datetime = AT, end: datetime = LATER) -> list[AgentChange]:
    return store.perform(lambda: list(decisions.agents_between(start, end)))


def taken_in(store: Store, start: datetime = AT, end: datetime = LATER) -> list[TakenIn]:
    return store.perform(lambda: list(decisions.contacts_between(start, end)))


# What agents did


def test_each_change_of_an_agents_state_is_told_with_its_time(store: Store) -> None:
    store.perform(desks.save, PAUSED)
    store.perform(desks.save, READY)
    assert changes(store) == [
        AgentChange("anna", AT, AgentState.PAUSED, "", {}),
        AgentChange("anna", AT + MINUTE, AgentState.READY, "", {}),
    ]


def test_what_changes_nothing_for_routing_is_no_change(store: Store) -> None:
    store.perform(desks.save, PAUSED)
    store.perform(desks.save, replace(PAUSED, since=LATER, activity="Lunch"))
    assert len(changes(store, AT, LATER + MINUTE)) == 1


def test_what_an_agent_chooses_to_serve_is_a_change(store: Store) -> None:
    store.perform(desks.save, PAUSED)
    chosen = Serving("anna", "Evening", {"Loans": False})
    store.perform(serving.save, chosen, AT + MINUTE)
    store.perform(serving.save, chosen, AT + 2 * MINUTE)
    assert changes(store)[1:] == [
        AgentChange("anna", AT + MINUTE, AgentState.PAUSED, "Evening", {"Loans": False})
    ]


def test_a_change_says_what_the_agent_has_chosen_to_serve(store: Store) -> None:
    store.perform(serving.save, Serving("anna", "Evening", {"Loans": False}), AT)
    store.perform(desks.save, PAUSED)
    assert changes(store) == [
        AgentChange("anna", AT, AgentState.PAUSED, "Evening", {"Loans": False})
    ]


def test_who_leaves_serves_what_the_work_level_says_from_the_next_log_in_on(store: Store) -> None:
    store.perform(desks.save, PAUSED)
    store.perform(serving.save, Serving("anna", "Evening", {"Loans": False}), AT + MINUTE)
    store.perform(serving.clear_logged, "anna")
    out = replace(PAUSED, state=AgentState.LOGGED_OUT, since=AT + 2 * MINUTE)
    store.perform(desks.save, out)
    store.perform(desks.save, replace(PAUSED, since=AT + 3 * MINUTE))
    assert [(one.state, one.logged) for one in changes(store)[2:]] == [
        (AgentState.LOGGED_OUT, {}),
        (AgentState.PAUSED, {}),
    ]


def test_agents_come_in_the_order_in_which_they_changed(store: Store) -> None:
    for row in (PAUSED, replace(PAUSED, login="bo"), READY, replace(READY, login="bo")):
        store.perform(desks.save, row)
    assert [(one.login, one.state) for one in changes(store)] == [
        ("anna", AgentState.PAUSED),
        ("bo", AgentState.PAUSED),
        ("anna", AgentState.READY),
        ("bo", AgentState.READY),
    ]


def test_a_time_begins_with_what_each_agent_did_last_before_it(store: Store) -> None:
    bo = replace(PAUSED, login="bo")
    for row in (PAUSED, READY, bo, replace(PAUSED, since=AT + 3 * MINUTE)):
        store.perform(desks.save, row)
    found = changes(store, AT + 2 * MINUTE, AT + 3 * MINUTE)
    assert [(one.login, one.state) for one in found] == [
        ("anna", AgentState.READY),
        ("bo", AgentState.PAUSED),
    ]


@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_every_change_is_told_once_whatever_the_page(
    store: Store, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(decisions, "PAGE", 2)
    for minute in range(number):
        state = [AgentState.PAUSED, AgentState.READY][minute % 2]
        store.perform(desks.save, DeskRow("anna", state, AT + minute * MINUTE))
    times = [one.at for one in changes(store, AT, AT + number * MINUTE)]
    assert times == [AT + minute * MINUTE for minute in range(number)]


def test_a_change_that_is_undone_is_none(store: Store) -> None:
    def save_and_fail() -> None:
        desks.save(PAUSED)
        raise LookupError("a bug of ours")

    with pytest.raises(LookupError):
        store.perform(save_and_fail)
    assert changes(store) == []


def test_what_an_agent_was_within_one_commit_is_told_state_by_state(store: Store) -> None:
    def be_several_things() -> None:
        desks.save(PAUSED)
        desks.save(READY)
        serving.save(Serving("anna", "Evening", {"Loans": True}), AT + 2 * MINUTE)
        desks.save(replace(PAUSED, state=AgentState.LOGGED_OUT, since=AT + 3 * MINUTE))
        serving.clear_logged("anna")

    store.perform(be_several_things)
    assert [(one.state, one.logged) for one in changes(store)] == [
        (AgentState.PAUSED, {}),
        (AgentState.READY, {}),
        (AgentState.READY, {"Loans": True}),
        (AgentState.LOGGED_OUT, {"Loans": True}),
    ]
    (row,) = store.perform(desks.everyone)
    assert row.state is AgentState.LOGGED_OUT


# What came in


def test_a_contact_is_told_as_it_came_in_and_with_all_that_happened(store: Store) -> None:
    added = add(store, data={"workItem": "x", "prio": "2"})
    move(store, added.contact_id, State.QUEUED, State.BOOKED)
    assert taken_in(store) == [
        TakenIn(
            added.contact_id,
            "loans",
            "loans",
            {"workItem": "x", "prio": "2"},
            AT,
            AT,
            added.place,
            tuple(store.perform(history.of, added.contact_id)),
        )
    ]


def test_what_was_taken_in_after_a_time_is_not_told(store: Store) -> None:
    add(store, received_at=LATER)
    assert taken_in(store, AT, LATER) == []


def test_what_was_there_already_is_told_as_well(store: Store) -> None:
    waiting = add(store, "1").contact_id
    ended = in_state(store, State.ACCEPTED, "2")
    move(store, ended, State.ACCEPTED, State.ENDED, ended_at=AT + MINUTE)
    over = in_state(store, State.ACCEPTED, "3")
    move(store, over, State.ACCEPTED, State.ENDED, ended_at=AT)
    assert [one.id for one in taken_in(store, AT + MINUTE)] == [waiting, ended]


@pytest.mark.parametrize("number", [0, 1, 2, 3, 5])
def test_every_contact_is_told_once_whatever_the_page(
    store: Store, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(decisions, "PAGE", 2)
    ids = [add(store, str(each)).contact_id for each in range(number)]
    assert [one.id for one in taken_in(store)] == ids


# The place in every line


def test_every_line_names_the_place_after_it(store: Store) -> None:
    contact = add(store, "1", BUFFERED).contact_id
    store.perform(contacts.release, "loans", 1, lambda _: ("", Placement("Loans")), AT)
    move(store, contact, State.QUEUED, State.BOOKED)
    move(store, contact, State.BOOKED, State.QUEUED)
    store.perform(contacts.move_on, contact, "Loans", EVERYONE, AT)
    store.perform(contacts.move_waiting, contact, Placement(personal="bo"), AT, "sven")
    store.perform(contacts.prioritise, contact, True, AT, "sven")
    move(store, contact, State.QUEUED, State.ACCEPTED)
    move(store, contact, State.ACCEPTED, State.QUEUED, queue="Loans", personal="")
    store.perform(contacts.close, contact, AT, "sven", "Sent twice.")
    places = [one.queue or one.personal for one in store.perform(history.of, contact)]
    assert places == ["", *["Loans"] * 3, "Everyone", *["bo"] * 3, "Loans", "Loans"]


def test_a_contact_that_comes_in_for_one_person_names_that_person(store: Store) -> None:
    contact = add(store, "1", Placement(personal="bo")).contact_id
    (first,) = store.perform(history.of, contact)
    assert (first.queue, first.personal) == ("", "bo")


# What it costs


async def test_an_intake_and_a_booking_cost_so_many_statements(
    running: Store, seam: Watched, engine: str
) -> None:
    async def statements(*job: object) -> int:
        seen: list[Kind] = []
        seam.before = seen.append
        await running.run(*job)  # type: ignore[arg-type]  # a job and its arguments
        seam.before = lambda kind: None
        return seen.count("statement")

    await running.run(desks.save, READY)
    booked = replace(READY, state=AgentState.BOOKED, since=LATER)
    book = Step(1, "booked", State.QUEUED, State.BOOKED, {"agent": "anna"}, held=False)
    place = engine == "sqlite"  # from the counter; the other gives it on the way
    # contact; history and figures, once for all jobs that share the commit
    assert await statements(contacts.add, new()) == 3 + place
    # contact; desk, its history, history and figures, once for all jobs that share the commit
    assert await statements(carry_out, booked, book, LATER) == 5
