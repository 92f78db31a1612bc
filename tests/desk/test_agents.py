"""What agents do, and what happens by itself (domain.md §5)."""

import asyncio
from datetime import timedelta

import pytest
from msgspec.structs import replace

from ace_server import recovery, wire
from ace_server.concepts import User, WorkItemAccount
from ace_server.contact import AgentState, Role, State
from ace_server.desk.dispatcher import TOGETHER
from ace_server.errors import Refused
from ace_server.events import Moved, Queued
from ace_server.routing.selection import Booking
from ace_server.store import contacts, desks, directory
from tests.core import NOON, Screen

GRANTED = {"Outcome": "Granted"}


async def booked(core):
    screen = await core.log_in()
    added = await core.take_in()
    await core.settle()
    return screen, added.contact_id


async def accepted(core):
    screen, contact = await booked(core)
    await core.give("anna", wire.Accept(request=1, contact=contact))
    return screen, contact


async def test_after_log_in_an_agent_is_paused(core):
    screen = await core.log_in(activate=False)
    assert screen.agent.state is AgentState.PAUSED
    assert screen.desk.queues == ["Unrouted", "Loan decisions", "Everyone"]
    assert [colleague.login for colleague in screen.desk.colleagues] == ["bo"]


async def test_ready_agent_with_the_skill_gets_the_contact(core):
    bo, anna = await core.log_in("bo"), await core.log_in("anna")
    added = await core.take_in()
    await core.settle()
    assert anna.change.why == "booked"
    assert anna.change.contact.id == added.contact_id
    assert anna.agent.until == NOON + timedelta(seconds=60)
    assert bo.agent.state is AgentState.READY
    assert (await core.stored(added.contact_id)).agent == "anna"


async def test_the_whole_way_to_end_and_wrap_up(core, clock):
    screen, contact = await accepted(core)
    assert screen.agent.state is AgentState.BUSY
    await core.give("anna", wire.End(request=2, contact=contact, values=GRANTED))
    assert screen.agent.state is AgentState.WRAP_UP
    assert screen.change.contact.state is State.ENDED
    row = await core.stored(contact)
    assert (row.state, row.agent, row.data["Outcome"]) == (State.ENDED, "anna", "Granted")
    clock.advance(30)
    await core.agents.tick()
    assert screen.agent.state is AgentState.READY
    assert screen.change.gone == [contact]


async def test_data_stay_editable_until_wrap_up_is_over(core, clock):
    screen, contact = await accepted(core)
    await core.give("anna", wire.End(request=2, contact=contact, values=GRANTED))
    await core.give("anna", wire.Edit(request=3, contact=contact, values={"cid": "42"}))
    assert (await core.stored(contact)).data["cid"] == "42"
    clock.advance(30)
    await core.agents.tick()
    with pytest.raises(Refused, match="not-found"):
        await core.give("anna", wire.Edit(request=4, contact=contact, values={"cid": "43"}))


async def test_end_demands_the_mandatory_outcome(core):
    _, contact = await accepted(core)
    with pytest.raises(Refused, match="Still to be filled in: Outcome"):
        await core.give("anna", wire.End(request=2, contact=contact))
    assert (await core.stored(contact)).state is State.ACCEPTED


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"Outcome": "Perhaps"}, "one of the values"),
        ({"workItem": ""}, "cannot be changed"),
        ({"Entrance": "other"}, "cannot be changed"),
        ({"cid": "9" * 4001}, "at most 4000 characters"),
    ],
)
async def test_an_agent_cannot_write_what_a_key_does_not_allow(core, values, reason):
    _, contact = await accepted(core)
    with pytest.raises(Refused, match=reason):
        await core.give("anna", wire.Edit(request=2, contact=contact, values=values))


async def test_booking_not_accepted_in_time_returns_to_its_place_and_pauses(core, clock):
    screen, contact = await booked(core)
    place = (await core.stored(contact)).place
    younger = await core.take_in()
    clock.advance(60)
    await core.agents.tick()
    assert (screen.change.why, screen.agent.state) == ("timed out", AgentState.PAUSED)
    assert (await core.stored(contact)).place == place
    await core.give("anna", wire.Activate(request=2))
    await core.settle()
    assert screen.change.contact.id == contact != younger.contact_id


async def test_decline_keeps_the_age_and_pauses(core):
    screen, contact = await booked(core)
    await core.give("anna", wire.Decline(request=2, contact=contact))
    assert screen.agent.state is AgentState.PAUSED
    row = await core.stored(contact)
    assert (row.state, row.first_queued_at) == (State.QUEUED, NOON)


async def test_social_contact_cannot_be_declined(core, configure):
    facebook = WorkItemAccount(name="loans", channel="facebook")
    await configure("work_item_account", facebook)
    _, contact = await booked(core)
    with pytest.raises(Refused, match="social media"):
        await core.give("anna", wire.Decline(request=2, contact=contact))


async def test_parking_frees_the_agent_and_resuming_takes_it_back(core):
    screen, contact = await accepted(core)
    await core.give("anna", wire.Park(request=2, contact=contact))
    assert screen.agent.state is AgentState.READY
    await core.give("anna", wire.Resume(request=3, contact=contact))
    assert screen.agent.state is AgentState.BUSY
    assert screen.change.contact.state is State.ACCEPTED


async def test_resuming_ends_wrap_up(core):
    screen, parked = await accepted(core)
    await core.give("anna", wire.Park(request=2, contact=parked))
    second = (await core.take_in()).contact_id
    await core.settle()
    await core.give("anna", wire.Accept(request=3, contact=second))
    await core.give("anna", wire.End(request=4, contact=second, values=GRANTED))
    await core.give("anna", wire.Resume(request=5, contact=parked))
    assert screen.agent.state is AgentState.BUSY
    assert screen.change.gone == [second]


async def test_only_one_contact_is_in_hand(core):
    _, parked = await accepted(core)
    await core.give("anna", wire.Park(request=2, contact=parked))
    await core.take_in()
    await core.settle()
    with pytest.raises(Refused, match="in hand first"):
        await core.give("anna", wire.Resume(request=3, contact=parked))


async def test_requeue_to_a_queue_pauses_and_gives_no_wrap_up(core):
    screen, contact = await accepted(core)
    command = wire.Requeue(request=2, contact=contact, queue="Everyone", note="Wants a callback")
    await core.give("anna", command)
    assert screen.agent.state is AgentState.PAUSED
    row = await core.stored(contact)
    assert (row.queue, row.note, row.note_by) == ("Everyone", "Wants a callback", "anna")
    assert row.first_queued_at == NOON
    bo = await core.log_in("bo")
    await core.settle()
    assert bo.change.contact.note == "Wants a callback"


async def test_requeue_to_a_colleague_waits_for_that_colleague_alone(core):
    _, contact = await accepted(core)
    await core.give("anna", wire.Requeue(request=2, contact=contact, colleague="bo"))
    await core.give("anna", wire.Activate(request=3))
    await core.settle()
    assert (await core.stored(contact)).personal == "bo"
    bo = await core.log_in("bo")
    await core.settle()
    assert bo.change.contact.id == contact


@pytest.mark.parametrize(
    "target",
    [{}, {"queue": "Everyone", "colleague": "bo"}, {"queue": "None"}, {"colleague": "anna"}],
)
async def test_requeue_goes_to_exactly_one_place_that_exists(core, target):
    _, contact = await accepted(core)
    with pytest.raises(Refused, match="bad-value"):
        await core.give("anna", wire.Requeue(request=2, contact=contact, **target))


async def test_pause_during_a_contact_takes_effect_at_its_end(core):
    screen, contact = await accepted(core)
    await core.give("anna", wire.Pause(request=2, activity="Lunch"))
    assert (screen.agent.state, screen.agent.pause_wanted) == (AgentState.BUSY, True)
    await core.give("anna", wire.End(request=3, contact=contact, values=GRANTED))
    assert (screen.agent.state, screen.agent.activity) == (AgentState.PAUSED, "Lunch")


async def test_activate_during_a_contact_takes_a_wanted_pause_back(core):
    screen, contact = await accepted(core)
    await core.give("anna", wire.Pause(request=2))
    await core.give("anna", wire.Activate(request=3))
    await core.give("anna", wire.End(request=4, contact=contact, values=GRANTED))
    assert screen.agent.state is AgentState.WRAP_UP


async def test_wrap_up_is_extended(core, clock):
    screen, contact = await accepted(core)
    await core.give("anna", wire.End(request=2, contact=contact, values=GRANTED))
    await core.give("anna", wire.ExtendWrapUp(request=3))
    assert screen.agent.until == NOON + timedelta(seconds=90)


async def test_unlimited_wrap_up_lasts_until_the_agent_ends_it(core, configure, clock):
    anna = User(
        login="anna", name="Anna Berg", role=Role.AGENT, skills={"Loans": 7}, wrap_up="unlimited"
    )
    await configure("user", anna)
    screen, contact = await accepted(core)
    await core.give("anna", wire.End(request=2, contact=contact, values=GRANTED))
    clock.advance(100_000)
    await core.agents.tick()
    assert (screen.agent.state, screen.agent.until) == (AgentState.WRAP_UP, None)


async def test_lost_link_returns_a_booking_at_once(core):
    screen, contact = await booked(core)
    await core.agents.detach("anna", screen)
    row = await core.stored(contact)
    assert (row.state, row.agent) == (State.QUEUED, None)


async def test_accepted_contact_stays_for_the_lease_and_comes_back_with_the_link(core, clock):
    screen, contact = await accepted(core)
    await core.agents.detach("anna", screen)
    clock.advance(59)
    await core.agents.tick()
    again = await core.log_in(activate=False)
    assert again.agent.state is AgentState.BUSY
    assert [one.id for one in again.desk.contacts] == [contact]


async def test_accepted_contact_returns_when_the_lease_is_over(core, clock):
    screen, contact = await accepted(core)
    await core.agents.detach("anna", screen)
    clock.advance(60)
    await core.agents.tick()
    assert (await core.stored(contact)).state is State.QUEUED
    again = await core.log_in(activate=False)
    assert (again.agent.state, again.desk.contacts) == (AgentState.PAUSED, [])


async def test_parked_contacts_stay_a_day_after_logging_out(core, clock):
    _, contact = await accepted(core)
    await core.give("anna", wire.Park(request=2, contact=contact))
    await core.agents.log_out("anna")
    clock.advance(24 * 3600 - 1)
    await core.agents.tick()
    assert (await core.stored(contact)).state is State.PARKED
    clock.advance(1)
    await core.agents.tick()
    assert (await core.stored(contact)).state is State.QUEUED


async def test_nobody_logs_out_with_a_contact_in_hand(core):
    await accepted(core)
    with pytest.raises(Refused, match="in-hand"):
        await core.agents.log_out("anna")


async def test_paused_agent_who_does_nothing_is_logged_out(core, clock):
    screen = await core.log_in(activate=False)
    clock.advance(30 * 60)
    await core.agents.tick()
    assert "logged out because" in screen.ended


async def test_paused_agent_who_gives_commands_is_not_idle(core, clock):
    screen = await core.log_in(activate=False)
    clock.advance(20 * 60)
    core.agents.demand("anna", wire.Preview)
    clock.advance(20 * 60)
    await core.agents.tick()
    assert not screen.ended
    core.agents.demand("anna", wire.Look)  # a list that is shown is looked at by itself
    clock.advance(20 * 60)
    await core.agents.tick()
    assert "logged out because" in screen.ended


async def test_command_that_comes_too_late_does_not_log_in_again(core):
    await core.log_in(activate=False)
    log_out = asyncio.ensure_future(core.agents.log_out("anna"))
    await asyncio.sleep(0)  # it has the desk
    with pytest.raises(Refused, match="Log in first"):
        await core.give("anna", wire.Pause(request=1))
    await log_out
    assert core.agents.desk("anna").row.state is AgentState.LOGGED_OUT


async def test_link_of_who_was_logged_out_in_doubt_ends_when_that_is_known(core):
    """The log-out was committed, and nobody was told so."""
    screen = await core.log_in(activate=False)
    row = replace(core.agents.desk("anna").row, state=AgentState.LOGGED_OUT)
    await core.store.run(desks.save, row)
    found = await core.store.run(recovery.read_and_write)
    core.agents.recover(found.desks, found.in_hand, found.served)
    assert screen.ended == "You were logged out."
    assert core.agents.linked() == 0
    with pytest.raises(Refused, match="Log in first"):
        await core.give("anna", wire.Pause(request=1))


async def test_ready_agent_who_waits_is_not_idle(core, clock):
    screen = await core.log_in()
    clock.advance(30 * 60)
    await core.agents.tick()
    assert (screen.ended, screen.agent.state) == ("", AgentState.READY)


async def test_second_desk_of_the_same_agent_ends_the_first(core):
    first = await core.log_in()
    second = await core.log_in(activate=False)
    assert "another desk" in first.ended
    assert second.agent.state is AgentState.READY


async def test_program_that_comes_back_early_is_not_taken_for_a_second_desk(core):
    first = await core.log_in()
    second = await core.log_in(activate=False, token=first.token)
    assert (first.dropped, first.ended) == (True, "")
    assert second.agent.state is AgentState.READY


async def test_locked_user_is_logged_out_at_once(core, configure):
    screen = await core.log_in()
    anna = User(login="anna", name="Anna Berg", role=Role.AGENT, locked=True)
    await configure("user", anna)
    assert "removed or locked" in screen.ended


async def test_restart_keeps_what_was_accepted_and_returns_what_was_booked(core, clock):
    _, held = await accepted(core)
    waiting = (await core.take_in()).contact_id
    clock.advance(180)
    await core.dispatch.move_on()
    await core.log_in("bo")
    await core.settle()
    assert (await core.stored(waiting)).state is State.BOOKED
    await core.restart()
    assert (await core.stored(waiting)).state is State.QUEUED
    anna = await core.log_in("anna", activate=False)
    assert (anna.agent.state, [one.id for one in anna.desk.contacts]) == (AgentState.BUSY, [held])
    bo = await core.log_in("bo", activate=False)
    await core.settle()
    assert bo.change.contact.id == waiting


async def test_restart_during_wrap_up_keeps_it(core):
    _, contact = await accepted(core)
    await core.give("anna", wire.End(request=2, contact=contact, values=GRANTED))
    await core.restart()
    again = await core.log_in("anna", activate=False)
    assert again.agent.state is AgentState.WRAP_UP
    assert [one.id for one in again.desk.contacts] == [contact]


async def test_waiting_contact_moves_on_when_its_time_is_over(core, clock):
    added = await core.take_in()
    clock.advance(180)
    await core.dispatch.move_on()
    row = await core.stored(added.contact_id)
    assert (row.queue, row.destination, row.first_queued_at) == ("Everyone", 1, NOON)
    bo = await core.log_in("bo")
    await core.settle()
    assert bo.change.contact.id == added.contact_id


async def test_bookings_are_made_while_many_contacts_move_on(core, clock):
    added = await asyncio.gather(*(core.take_in() for _ in range(3 * TOGETHER)))
    await core.log_in("bo")  # who serves where they go next
    moved, booked_after, are_moved = [], [], asyncio.Event()

    def hear(event):
        if isinstance(event, Queued):
            moved.append(event.contact.id)
        elif event.after is State.BOOKED:
            booked_after.append(len(moved))
        if len(moved) == len(added):
            are_moved.set()

    core.events.subscribe(Queued, hear)
    core.events.subscribe(Moved, hear)
    clock.advance(180)
    await core.log_in("anna", activate=False)  # something happens
    async with asyncio.timeout(10):
        await are_moved.wait()
    await core.settle()
    assert booked_after[0] < len(added)


async def test_pause_wanted_while_booked_outlives_a_restart(core):
    await booked(core)
    await core.give("anna", wire.Pause(request=2, activity="Lunch"))
    await core.restart()
    again = await core.log_in(activate=False)
    assert (again.agent.state, again.agent.activity) == (AgentState.PAUSED, "Lunch")


async def test_restart_does_not_log_out_who_is_paused(core, clock):
    await core.log_in(activate=False)
    clock.advance(3600)  # the machine has been up for long
    await core.restart()
    again = await core.log_in(activate=False)
    await core.agents.tick()
    assert (again.ended, again.agent.state) == ("", AgentState.PAUSED)


async def test_who_was_ready_longest_is_so_after_a_restart(core, clock):
    for login in ("bo", "anna"):
        await core.log_in(login)
        clock.advance(1)
    await core.restart()
    anna, bo = await core.log_in("anna", activate=False), await core.log_in("bo", activate=False)
    assert (anna.agent.state, bo.agent.state) == (AgentState.READY, AgentState.READY)


async def test_mandatory_outcome_of_an_ended_contact_cannot_be_cleared(core):
    _, contact = await accepted(core)
    await core.give("anna", wire.End(request=2, contact=contact, values=GRANTED))
    with pytest.raises(Refused, match="Still to be filled in"):
        await core.give("anna", wire.Edit(request=3, contact=contact, values={"Outcome": ""}))


async def test_nothing_is_done_for_an_agent_who_has_logged_out(core):
    _, contact = await accepted(core)
    await core.give("anna", wire.Park(request=2, contact=contact))
    await core.agents.log_out("anna")
    with pytest.raises(Refused, match="Log in first"):
        await core.give("anna", wire.Resume(request=3, contact=contact))
    assert (await core.stored(contact)).state is State.PARKED


async def test_contact_whose_queue_was_removed_is_placed_anew(core, configure):
    added = await core.take_in()
    await configure("routing_rule")
    await configure("queue")
    await core.dispatch.rescue()
    row = await core.stored(added.contact_id)
    assert (row.state, row.queue, row.first_queued_at) == (State.QUEUED, "Unrouted", NOON)
    assert core.dispatch.dispatcher().index.count("Unrouted") == 1


async def test_many_contacts_are_placed_anew_a_few_at_a_time(core, configure):
    """Others come to the store between: a receipt waits for some of them, not for all."""
    added = await asyncio.gather(*(core.take_in() for _ in range(2 * TOGETHER + 1)))
    await core.store.run(directory.replace, "routing_rule", [])
    await core.store.run(directory.replace, "queue", [])
    commits = []
    core.events.subscribe(Queued, lambda _: commits.append(core.store.groups))
    await core.current.reload()
    await core.dispatch.rescue()
    assert len(commits) == len(added)
    assert len(set(commits)) == 3
    ids = [one.contact for one in core.dispatch.line("Unrouted").in_order()]
    assert ids == sorted(one.contact_id for one in added)


async def test_contact_for_a_person_who_was_removed_is_placed_anew(core, configure):
    _, contact = await accepted(core)
    await core.give("anna", wire.Requeue(request=2, contact=contact, colleague="bo"))
    await configure("user", User(login="anna", name="Anna Berg", role=Role.AGENT))
    await core.dispatch.rescue()
    assert (await core.stored(contact)).queue == "Loan decisions"


async def test_changes_are_numbered_without_gaps(core):
    screen, contact = await accepted(core)
    await core.give("anna", wire.End(request=2, contact=contact, values=GRANTED))
    numbers = [event.number for event in screen.events if isinstance(event, wire.Change)]
    assert numbers == list(range(screen.desk.number + 1, screen.desk.number + 1 + len(numbers)))


async def test_nobody_hears_of_another_agents_contact(core):
    bo = await core.log_in("bo")
    heard = len(bo.events)
    await accepted(core)
    assert len(bo.events) == heard


async def test_another_agents_contact_is_as_if_it_did_not_exist(core):
    await core.log_in("bo")
    _, contact = await accepted(core)
    with pytest.raises(Refused, match="not-found"):
        await core.give("bo", wire.Edit(request=2, contact=contact, values={"cid": "1"}))


async def test_booked_contact_that_vanished_leaves_the_agent_ready(core):
    screen = await core.log_in("anna")
    added = await core.take_in()
    await core.store.run(
        contacts.move, added.contact_id, State.QUEUED, State.ENDED, "closed", NOON, ended_at=NOON
    )
    await core.settle()
    assert screen.agent.state is AgentState.READY
    following = await core.take_in()
    await core.settle()
    assert screen.change.contact.id == following.contact_id


async def test_what_is_booked_waits_no_more_whatever_memory_was_read_meanwhile(core):
    await core.dispatch.stop()  # nobody decides anything but this test
    await core.log_in()
    added = await core.take_in()
    assert core.dispatch.dispatcher().index.waiting(added.contact_id) is not None
    await core.agents.book(Booking(added.contact_id, "anna"))
    assert core.dispatch.dispatcher().index.waiting(added.contact_id) is None


# Contacts of any size


class Slow(Screen):
    """A program that takes what follows one by one, each when it is told to."""

    def __init__(self, token):
        super().__init__(token)
        self.takes = asyncio.Semaphore(0)

    async def taken(self):
        await self.takes.acquire()

    @property
    def changes(self):
        return [event for event in self.events if isinstance(event, wire.Change)]


async def parked(core, count):
    """That many contacts, each too long to stand beside another."""
    await core.log_in()
    found = []
    for _ in range(count):
        added = await core.take_in(body="x" * (wire.MAX_DESK_BYTES // 2))
        await core.settle()
        await core.give("anna", wire.Accept(request=1, contact=added.contact_id))
        await core.give("anna", wire.Park(request=1, contact=added.contact_id))
        found.append(added.contact_id)
    return found


async def shown(core, slow, number):
    """The next that follows; it must be the so many-th change."""
    slow.takes.release()
    async with asyncio.timeout(10):
        while len(slow.changes) < number:
            await asyncio.sleep(0)
    return slow.changes[number - 1]


async def test_what_has_no_room_beside_the_first_follows_when_that_is_taken(core):
    contacts = await parked(core, 3)
    await core.give("anna", wire.Resume(request=1, contact=contacts[2]))
    slow = Slow("token")
    await core.agents.attach("anna", slow)
    assert [one.id for one in slow.desk.contacts] == [contacts[2]]  # in hand goes first
    assert slow.desk.following == contacts[:2]
    assert slow.changes == []
    for number, contact in enumerate(contacts[:2], 1):
        change = await shown(core, slow, number)
        assert (change.why, change.number) == ("shown", slow.desk.number + number)
        assert change.contact.id == contact


async def test_what_is_told_of_or_leaves_meanwhile_does_not_follow(core):
    contacts = await parked(core, 4)
    slow = Slow("token")
    await core.agents.attach("anna", slow)
    assert slow.desk.following == contacts[1:]
    await core.give("anna", wire.Resume(request=1, contact=contacts[1]))
    await core.give("anna", wire.Requeue(request=1, contact=contacts[1], queue="Everyone"))
    await core.give("anna", wire.Resume(request=1, contact=contacts[2]))
    last = await shown(core, slow, 4)
    assert (last.why, last.contact.id) == ("shown", contacts[3])
    assert [change.why for change in slow.changes] == ["resumed", "requeued", "resumed", "shown"]
    assert core.agents.desk("anna").following == []


async def test_new_picture_ends_what_followed_the_one_before(core):
    contacts = await parked(core, 2)
    slow = Slow("token")
    await core.agents.attach("anna", slow)
    core.agents.tell_desk("anna")
    change = await shown(core, slow, 1)
    assert (change.why, change.contact.id) == ("shown", contacts[1])
    slow.takes.release()
    await core.give("anna", wire.Pause(request=1))
    assert [change.why for change in slow.changes] == ["shown", "paused"]


async def test_nothing_follows_over_a_link_that_is_gone(core):
    await parked(core, 2)
    slow = Slow("token")
    await core.agents.attach("anna", slow)
    await core.agents.detach("anna", slow)
    slow.takes.release()
    await core.agents.desk("anna").showing
    assert slow.changes == []
