"""A flood in one entrance starves no other, also over a restart (RO-6)."""

import msgspec
import pytest

from ace_server import wire
from ace_server.concepts import Destination, RoutingRule, WorkItemAccount
from ace_server.settings import SystemParameters
from ace_server.store import desks, directory


@pytest.fixture
async def flooded(core, configure):
    """More loans wait than the flood mark, before a single card matter; anna has had a loan."""
    await configure(
        "work_item_account", WorkItemAccount(name="loans"), WorkItemAccount(name="cards")
    )
    await configure("routing_rule", RoutingRule(to=[Destination(queue="Everyone")]))
    system = msgspec.structs.replace(SystemParameters(), floodMark=2)
    await core.store.run(directory.replace_single, "system", system)
    await configure("task_type_rule")
    loans = [(await core.take_in()).contact_id for _ in range(5)]
    card = (await core.take_in(account="cards", entrance="cards")).contact_id
    await core.log_in("anna")
    await core.settle()
    assert (await core.stored(loans[0])).agent == "anna"
    await core.give("anna", wire.Accept(request=1, contact=loans[0]))
    return core, loans, card


async def test_who_had_one_of_a_flood_gets_another_next_and_then_takes_in_turn(flooded):
    core, loans, card = flooded
    await core.give("anna", wire.End(request=2, contact=loans[0]))
    await core.settle()
    assert (await core.stored(card)).agent == "anna"
    await core.give("anna", wire.Accept(request=3, contact=card))
    await core.give("anna", wire.End(request=4, contact=card))
    await core.settle()
    assert (await core.stored(loans[1])).agent == "anna"


async def test_whose_contact_an_agent_had_last_is_known_after_a_restart(flooded):
    core, loans, card = flooded
    await core.give("anna", wire.Pause(request=2))  # wanted: it takes effect at the end
    await core.give("anna", wire.End(request=3, contact=loans[0]))
    await core.restart()
    (row,) = await core.store.run(desks.everyone)
    assert row.last_entrance == "loans"
    await core.log_in("anna")
    await core.settle()
    assert (await core.stored(card)).agent == "anna"
