"""An agent chooses what to serve by work level (RO-4b)."""

import pytest

from ace_server import wire
from ace_server.concepts import User, WorkLevel
from ace_server.contact import Role, State
from ace_server.errors import Refused


@pytest.fixture
async def levels(core, configure):
    """Anna may serve loans or everything, and begins with loans."""
    await configure(
        "work_level",
        WorkLevel(name="Loans", serves=["Loan decisions"]),
        WorkLevel(name="All", serves=["Loan decisions", "Everyone"]),
    )
    await configure(
        "user",
        User(
            login="anna",
            name="Anna Berg",
            role=Role.AGENT,
            skills={"Loans": 7},
            work_levels=["Loans", "All"],
        ),
    )
    return core


def choose(level):
    return wire.ChooseWorkLevel(request=1, work_level=level)


def served(core):
    return core.dispatch.dispatcher().index.serves("anna")


async def test_first_work_level_is_in_force_until_another_is_chosen(levels):
    screen = await levels.log_in("anna")
    assert (screen.agent.work_level, screen.agent.work_levels) == ("Loans", ["Loans", "All"])
    assert served(levels) == ("Loan decisions",)
    await levels.give("anna", choose("All"))
    assert (screen.change.why, screen.agent.work_level) == ("work level", "All")
    assert served(levels) == ("Loan decisions", "Everyone")


async def test_chosen_work_level_is_kept_over_log_out_and_restart(levels):
    await levels.log_in("anna")
    await levels.give("anna", choose("All"))
    await levels.agents.log_out("anna")
    await levels.restart()
    screen = await levels.log_in("anna")
    assert screen.agent.work_level == "All"
    assert served(levels) == ("Loan decisions", "Everyone")


async def test_contact_of_a_queue_outside_the_work_level_waits(levels, configure):
    await levels.log_in("anna", activate=False)
    added = await levels.take_in(data={"workItem": "x"})
    await levels.waiting.move(
        "anna", wire.Move(request=1, contact=added.contact_id, queue="Everyone")
    )
    await levels.give("anna", wire.Activate(request=2))
    await levels.settle()
    assert (await levels.stored(added.contact_id)).state is State.QUEUED
    await levels.give("anna", choose("All"))
    await levels.settle()
    assert (await levels.stored(added.contact_id)).state is State.BOOKED


async def test_work_level_that_is_not_the_agents_is_refused(levels):
    await levels.log_in("anna")
    with pytest.raises(Refused, match="cannot choose"):
        await levels.give("anna", choose("Cards"))


async def test_work_level_stays_while_something_is_in_hand_or_parked(levels):
    await levels.log_in("anna")
    added = await levels.take_in()
    await levels.settle()
    await levels.give("anna", wire.Accept(request=1, contact=added.contact_id))
    with pytest.raises(Refused, match="paused or ready"):
        await levels.give("anna", choose("All"))
    await levels.give("anna", wire.Park(request=2, contact=added.contact_id))
    with pytest.raises(Refused, match="parked"):
        await levels.give("anna", choose("All"))


async def test_work_level_that_is_no_more_leaves_the_first_one(levels, configure):
    screen = await levels.log_in("anna")
    await levels.give("anna", choose("All"))
    anna = User(
        login="anna", name="Anna", role=Role.AGENT, skills={"Loans": 7}, work_levels=["Loans"]
    )
    await configure("user", anna)
    assert screen.agent.work_level == "Loans"
    assert served(levels) == ("Loan decisions",)
