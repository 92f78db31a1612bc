"""What waits is looked at, picked, moved, prioritised and closed (RO-7, PU-2)."""

import asyncio

import pytest

from ace_server import wire
from ace_server.concepts import (
    Destination,
    Group,
    Queue,
    RoutingRule,
    User,
    WaitingList,
    WorkItemAccount,
)
from ace_server.contact import AgentState, Role, State
from ace_server.errors import Refused
from ace_server.store import audit, history
from tests.core import NOON


@pytest.fixture
async def desks(core, configure):
    """Contacts wait in a list that anna serves and bo does not; sara is a supervisor."""
    await configure("group", Group(name="Seniors"))
    await configure("waiting_list", WaitingList(name="Disputes", groups=["Seniors"]))
    await configure("routing_rule", RoutingRule(to=[Destination(waiting_list="Disputes")]))
    users = core.current.site().users.values()
    anna, bo, wall = users
    await configure(
        "user",
        User(
            login="anna",
            name=anna.name,
            role=Role.AGENT,
            groups=["Seniors"],
            skills=anna.skills,
            rights=("park", "requeue", "close-waiting"),
        ),
        bo,
        wall,
        User(login="sara", name="Sara Lind", role=Role.SUPERVISOR, rights=("close-waiting",)),
    )
    return core


async def waiting_in(core, *contacts):
    """Three contacts wait in the list; their ids."""
    return [(await core.take_in(subject=f"Number {n}")).contact_id for n in contacts or (1, 2, 3)]


async def look(core, login, queue="Disputes", **changes):
    return await core.waiting.look(login, wire.Look(request=1, queue=queue, **changes))


async def test_list_shows_what_waits_in_order(desks):
    ids = await waiting_in(desks)
    await desks.log_in("anna")
    seen = await look(desks, "anna")
    assert (seen.waiting, [one.id for one in seen.contacts]) == (3, ids)
    first = seen.contacts[0]
    assert (first.position, first.subject, first.medium) == (1, "Number 1", "work item")
    assert first.first_queued_at == NOON


async def test_look_goes_on_where_it_ended(desks):
    ids = await waiting_in(desks)
    await desks.log_in("anna")
    rest = await look(desks, "anna", start=2)
    assert (rest.waiting, [one.id for one in rest.contacts]) == (3, ids[2:])
    assert rest.contacts[0].position == 3
    assert (await look(desks, "anna", start=-2)).contacts[0].position == 1


async def test_list_shows_who_wrote_and_on_which_channel(desks, configure):
    x = WorkItemAccount(name="x", channel="x", page="@bank", author_key="who", link_key="where")
    loans = desks.current.site().work_item_accounts["loans"]
    await configure("work_item_account", loans, x)
    await waiting_in(desks, 1)
    data = {"workItem": "2", "who": "@jonas", "where": "https://x.example/jonas/2"}
    second = await desks.take_in(account="x", entrance="x", data=data)
    await desks.log_in("anna")
    seen = [(one.channel, one.sender) for one in (await look(desks, "anna")).contacts]
    assert seen == [("", ""), ("x", "@jonas")]
    preview = wire.Preview(request=2, contact=second.contact_id)
    shown = (await desks.waiting.preview("anna", preview)).contact
    assert (shown.channel, shown.sender, shown.thread) == ("x", "@jonas", data["where"])


@pytest.mark.parametrize("queue", ["Disputes", "Everyone", "Nowhere"])
async def test_who_does_not_serve_a_list_does_not_see_it(desks, queue):
    await waiting_in(desks)
    await desks.log_in("bo")
    with pytest.raises(Refused, match="queue|serve"):
        await look(desks, "bo", queue)


async def test_waiting_contact_is_previewed_by_who_may_pick_it(desks):
    (contact,) = await waiting_in(desks, 1)
    for login in ("anna", "bo", "sara"):
        await desks.log_in(login)
    shown = await desks.waiting.preview("anna", wire.Preview(request=1, contact=contact))
    assert (shown.contact.subject, shown.contact.state) == ("Number 1", State.QUEUED)
    assert (await desks.waiting.preview("sara", wire.Preview(request=1, contact=contact))).contact
    seen = [(row.actor, row.action, row.object) for row in await desks.store.run(audit.rows)]
    assert seen[-2:] == [(login, "saw", f"contact {contact}") for login in ("anna", "sara")]
    with pytest.raises(Refused, match="does not wait there"):
        await desks.waiting.preview("bo", wire.Preview(request=1, contact=contact))


async def test_wall_serves_nothing_and_counts_for_nothing(core, configure):
    await configure("waiting_list", WaitingList(name="Open to all"))
    await configure("routing_rule", RoutingRule(to=[Destination(waiting_list="Open to all")]))
    (contact,) = await waiting_in(core, 1)
    await core.log_in("wall", activate=False)
    line = core.dispatch.line("Open to all")
    assert (line.size, line.logged_in) == (1, 0)
    with pytest.raises(Refused, match="does not wait there"):
        await core.waiting.seen("wall", contact)


async def test_picked_contact_is_in_hand_at_once(desks):
    first, second, _ = await waiting_in(desks)
    screen = await desks.log_in("anna")
    await desks.give("anna", wire.Pick(request=1, contact=second))
    assert (screen.change.why, screen.agent.state) == ("picked", AgentState.BUSY)
    assert screen.change.contact is not None
    assert (await desks.stored(second)).state is State.ACCEPTED
    assert [one.contact for one in desks.dispatch.dispatcher().index.in_queue("Disputes")] == [
        first,
        second + 1,
    ]


async def test_picked_contact_whose_agent_is_gone_goes_on_with_its_rule(desks, configure, clock):
    stops = [Destination(waiting_list="Disputes", until="wait(180)"), Destination(queue="Everyone")]
    await configure("routing_rule", RoutingRule(to=stops))
    (contact,) = await waiting_in(desks, 1)
    screen = await desks.log_in("anna")
    await desks.give("anna", wire.Pick(request=1, contact=contact))
    await desks.agents.detach("anna", screen)
    clock.advance(60)
    await desks.agents.tick()
    assert (await desks.stored(contact)).state is State.QUEUED
    clock.advance(120)
    await desks.dispatch.move_on()
    assert (await desks.stored(contact)).queue == "Everyone"


async def test_contact_is_picked_once_and_one_at_a_time(desks):
    contact, other = await waiting_in(desks, 1, 2)
    await desks.log_in("anna")
    await desks.log_in("sara")
    await desks.give("anna", wire.Pick(request=1, contact=contact))
    with pytest.raises(Refused, match="does not wait any more"):
        await desks.give("sara", wire.Pick(request=1, contact=contact))
    with pytest.raises(Refused, match="contact in hand"):
        await desks.give("anna", wire.Pick(request=1, contact=other))


async def test_picking_while_paused_takes_a_right(desks):
    (contact,) = await waiting_in(desks, 1)
    await desks.log_in("anna", activate=False)
    with pytest.raises(Refused, match="Be ready first"):
        await desks.give("anna", wire.Pick(request=1, contact=contact))


async def test_who_does_not_serve_a_list_picks_nothing_there(desks):
    (contact,) = await waiting_in(desks, 1)
    await desks.log_in("bo")
    with pytest.raises(Refused, match="where you may pick it"):
        await desks.give("bo", wire.Pick(request=1, contact=contact))


async def test_supervisor_pulls_from_any_queue_and_the_audit_says_so(desks, configure):
    await configure("routing_rule", RoutingRule(to=[Destination(queue="Loan decisions")]))
    (contact,) = await waiting_in(desks, 1)
    screen = await desks.log_in("sara", activate=False)
    await desks.give("sara", wire.Pick(request=1, contact=contact))
    assert screen.agent.state is AgentState.BUSY
    rows = await desks.store.run(audit.rows)
    assert (rows[-1].actor, rows[-1].action, rows[-1].object) == (
        "sara",
        "picked",
        f"contact {contact}",
    )


async def test_moved_contact_keeps_its_age(desks):
    first, second, _ = await waiting_in(desks)
    await desks.log_in("sara", activate=False)
    await desks.waiting.move("sara", wire.Move(request=1, contact=second, queue="Everyone"))
    await desks.waiting.move("sara", wire.Move(request=2, contact=first, queue="Everyone"))
    index = desks.dispatch.dispatcher().index
    assert [one.contact for one in index.in_queue("Everyone")] == [first, second]
    await desks.waiting.move("sara", wire.Move(request=3, contact=first, colleague="bo"))
    assert [one.contact for one in index.in_queue("", "bo")] == [first]
    assert (await desks.store.run(audit.rows))[-1].action == "moved"


@pytest.mark.parametrize(
    "target",
    [
        {},
        {"queue": "Everyone", "colleague": "bo"},
        {"queue": "Gone"},
        {"colleague": "x"},
        {"colleague": "wall"},
    ],
)
async def test_contact_is_moved_to_one_place_that_is_there(desks, target):
    (contact,) = await waiting_in(desks, 1)
    await desks.log_in("sara", activate=False)
    with pytest.raises(Refused):
        await desks.waiting.move("sara", wire.Move(request=1, contact=contact, **target))
    assert (await desks.stored(contact)).queue == "Disputes"


async def test_prioritised_contact_goes_first_until_it_is_taken_back(desks):
    first, second, third = await waiting_in(desks)
    await desks.log_in("sara", activate=False)
    await desks.waiting.prioritise("sara", wire.Prioritise(request=1, contact=third))
    seen = await look(desks, "sara")
    assert [one.id for one in seen.contacts] == [third, first, second]
    assert seen.contacts[0].prioritised
    command = wire.Prioritise(request=1, contact=third, first=False)
    await desks.waiting.prioritise("sara", command)
    assert [one.id for one in (await look(desks, "sara")).contacts] == [first, second, third]


async def test_prioritised_contact_is_still_first_after_a_restart(desks):
    first, second, _ = await waiting_in(desks)
    await desks.waiting.prioritise("sara", wire.Prioritise(request=1, contact=second))
    await desks.restart()
    index = desks.dispatch.dispatcher().index
    assert [one.contact for one in index.in_queue("Disputes")][:2] == [second, first]


async def test_closed_contact_is_ended_with_a_reason_and_a_line_in_the_audit(desks):
    (contact,) = await waiting_in(desks, 1)
    await desks.log_in("anna")
    await desks.waiting.close("anna", wire.Close(request=1, contact=contact, reason="Twice sent."))
    row = await desks.stored(contact)
    assert (row.state, row.agent) == (State.ENDED, None)
    last = (await desks.store.run(history.of, contact))[-1]
    assert (last.verb, last.by, last.detail) == ("closed", "anna", "Twice sent.")
    assert (await desks.store.run(audit.rows))[-1].action == "closed"
    assert desks.dispatch.dispatcher().index.count("Disputes") == 0
    with pytest.raises(Refused, match="does not wait"):
        await desks.waiting.close("sara", wire.Close(request=1, contact=contact, reason="Again"))


async def test_close_takes_the_right(desks):
    await desks.log_in("bo")
    with pytest.raises(Refused, match="right"):
        desks.agents.demand("bo", wire.Close)
    for command in (wire.Move, wire.Prioritise):
        with pytest.raises(Refused, match="role"):
            desks.agents.demand("anna", command)


# What others do at the same moment


@pytest.fixture
async def moving(desks):
    """A contact waits in the list, and is being moved out of it; its id, and the move."""
    (contact,) = await waiting_in(desks, 1)
    await desks.log_in("anna")
    command = wire.Move(request=1, contact=contact, colleague="bo")
    move = asyncio.ensure_future(desks.waiting.move("sara", command))
    await asyncio.sleep(0)  # it is handed to the store, and this process does not know of it yet
    return contact, move


async def test_contact_that_is_being_moved_away_is_not_picked(desks, moving):
    contact, move = moving
    with pytest.raises(Refused, match="waits elsewhere"):
        await desks.give("anna", wire.Pick(request=1, contact=contact))
    await move
    row = await desks.stored(contact)
    assert (row.state, row.personal, row.agent) == (State.QUEUED, "bo", None)


async def test_contact_that_is_being_moved_away_is_not_shown(desks, moving):
    contact, move = moving
    with pytest.raises(Refused, match="does not wait there"):
        await desks.waiting.preview("anna", wire.Preview(request=1, contact=contact))
    await move


async def test_contact_that_is_being_moved_away_is_not_closed(desks, moving):
    contact, move = moving
    command = wire.Close(request=1, contact=contact, reason="Twice sent.")
    with pytest.raises(Refused, match="does not wait there"):
        await desks.waiting.close("anna", command)
    await move
    assert (await desks.stored(contact)).state is State.QUEUED


async def test_what_is_moved_just_now_is_not_booked_for_who_does_not_serve_it(desks, configure):
    await configure("queue", Queue(name="Everyone"), Queue(name="Complaints", groups=["Seniors"]))
    await configure("routing_rule", RoutingRule(to=[Destination(queue="Everyone")]))
    (contact,) = await waiting_in(desks, 1)
    await desks.log_in("bo")
    command = wire.Move(request=1, contact=contact, queue="Complaints")
    move = asyncio.ensure_future(desks.waiting.move("sara", command))
    await asyncio.sleep(0)
    await desks.settle()
    await move
    assert (await desks.stored(contact)).state is State.QUEUED
    await desks.log_in("anna")
    await desks.settle()
    assert (await desks.stored(contact)).agent == "anna"
    assert desks.dispatch.dispatcher().index.is_ready("bo")


async def test_what_was_decided_under_another_configuration_waits_on(desks, configure):
    await configure("routing_rule", RoutingRule(to=[Destination(queue="Everyone")]))
    (contact,) = await waiting_in(desks, 1)
    await desks.log_in("bo")
    async with desks.agents.desk("bo").lock:  # the booking is decided, and waits for the desk
        desks.dispatch.round()
        await configure("queue", Queue(name="Everyone", groups=["Seniors"]))
    await desks.settle()
    assert (await desks.stored(contact)).state is State.QUEUED
    await desks.log_in("anna")
    await desks.settle()
    assert (await desks.stored(contact)).agent == "anna"


# What an agent serves


@pytest.fixture
async def queued(core, configure):
    await configure("queue", Queue(name="Loan decisions", requires={"Loans": 3}))
    await configure("routing_rule", RoutingRule(to=[Destination(queue="Loan decisions")]))
    return core


async def test_agent_logs_out_of_a_queue_and_in_again(queued):
    screen = await queued.log_in("anna")
    out = wire.LogInToQueue(request=1, queue="Loan decisions", logged_in=False)
    await queued.agents.log_in_to_queue("anna", out)
    assert screen.change.why == "queues"
    added = await queued.take_in()
    await queued.settle()
    assert (await queued.stored(added.contact_id)).state is State.QUEUED
    back = wire.LogInToQueue(request=2, queue="Loan decisions", logged_in=True)
    await queued.agents.log_in_to_queue("anna", back)
    await queued.settle()
    assert (await queued.stored(added.contact_id)).state is State.BOOKED


async def test_log_out_of_a_queue_ends_with_the_log_out(queued):
    await queued.log_in("anna", activate=False)
    out = wire.LogInToQueue(request=1, queue="Loan decisions", logged_in=False)
    await queued.agents.log_in_to_queue("anna", out)
    await queued.restart()
    assert "Loan decisions" not in queued.dispatch.dispatcher().index.serves("anna")
    await queued.log_in("anna", activate=False)
    await queued.agents.log_out("anna")
    await queued.log_in("anna")
    assert "Loan decisions" in queued.dispatch.dispatcher().index.serves("anna")


async def test_nobody_is_logged_in_to_a_queue_who_is_logging_out(desks):
    await desks.log_in("bo", activate=False)
    log_out = asyncio.ensure_future(desks.agents.log_out("bo"))
    await asyncio.sleep(0)  # it has the desk
    command = wire.LogInToQueue(request=1, queue="Everyone", logged_in=False, agent="bo")
    with pytest.raises(Refused, match="logged out"):
        await desks.agents.log_in_to_queue("sara", command)
    await log_out
    await desks.log_in("bo", activate=False)
    assert "Everyone" in desks.dispatch.dispatcher().index.serves("bo")


async def test_agent_without_the_skill_does_not_log_in(queued):
    await queued.log_in("bo")
    with pytest.raises(Refused, match="skill Loans 3"):
        await queued.agents.log_in_to_queue(
            "bo", wire.LogInToQueue(request=1, queue="Loan decisions", logged_in=True)
        )


async def test_supervisor_logs_an_agent_in_without_the_skill(desks, queued):
    await desks.log_in("sara", activate=False)
    await desks.log_in("bo")
    added = await desks.take_in()
    await desks.settle()
    assert (await desks.stored(added.contact_id)).state is State.QUEUED
    command = wire.LogInToQueue(request=1, queue="Loan decisions", logged_in=True, agent="bo")
    with pytest.raises(Refused, match="role"):
        await desks.agents.log_in_to_queue("anna", command)
    await desks.agents.log_in_to_queue("sara", command)
    await desks.settle()
    assert (await desks.stored(added.contact_id)).agent == "bo"
    assert (await desks.store.run(audit.rows))[-1].actor == "sara"
