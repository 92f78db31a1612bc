"""Why a contact is where it is, from what decides; the same with a server and without (RO-11)."""

import msgspec
import pytest

from ace_server import wire
from ace_server.concepts import Queue, User
from ace_server.contact import Role
from ace_server.desk import explaining
from ace_server.errors import Refused


async def said(core, contact, agent=""):
    found = await core.explaining.explain(contact, agent)
    return [str(one) for one in found.sentences()]


def said_by_the_store(core, contact, agent=""):
    site, now = core.current.site(), core.clock.now()
    return core.store.run(explaining.from_store, contact, site, now, agent)


async def test_waiting_contact_is_explained_alike_with_and_without_a_server(core):
    await core.log_in("bo")
    first = await core.take_in()
    second = await core.take_in()
    for contact in (first.contact_id, second.contact_id):
        for agent in ("", "anna", "bo"):
            alone = await said_by_the_store(core, contact, agent)
            assert await said(core, contact, agent) == [str(one) for one in alone.sentences()]
    lines = await said(core, second.contact_id)
    assert lines[0].startswith("It waits in queue Loan decisions as number 2 of 2 since ")
    assert "Bo Ek lacks skill Loans 3 (has none)." in lines


async def test_buffered_contact_is_explained(core, configure):
    with pytest.raises(Refused, match="no contact 99"):
        await core.explaining.explain(99)


async def test_who_has_never_logged_in_is_said_to_have_never(core):
    added = await core.take_in()
    assert "Anna Berg fits, but has never logged in." in await said(core, added.contact_id)
    lines = await said(core, added.contact_id, "anna")
    assert lines[1:] == [
        "Anna Berg has never logged in.",
        "It can be booked when Anna Berg becomes ready.",
    ]
    await core.log_in("anna", activate=False)
    await core.agents.log_out("anna")
    lines = await said(core, added.contact_id, "anna")
    assert lines[1].startswith("Anna Berg is logged out since ")


async def test_why_not_names_what_is_in_the_way(core):
    await core.log_in("bo")
    await core.log_in("anna", activate=False)
    added = await core.take_in()
    assert "Bo Ek lacks skill Loans 3 (has none)." in await said(core, added.contact_id, "bo")
    lines = await said(core, added.contact_id, "anna")
    assert any(line.startswith("Anna Berg is paused since ") for line in lines)
    assert "It can be booked when Anna Berg becomes ready." in lines
    with pytest.raises(Refused, match="no agent with the login zoe"):
        await core.explaining.explain(added.contact_id, "zoe")


async def test_who_is_logged_out_is_explained_by_what_would_be_served_now(core, configure):
    loans = {"Loans": 3}
    await configure(
        "queue", Queue(name="Loan decisions", priority=9), Queue(name="Everyone", requires=loans)
    )
    added = await core.take_in()
    other = (await core.take_in()).contact_id
    await core.waiting.move("sara", wire.Move(request=1, contact=other, queue="Everyone"))
    first = f"Contact {other}, which waits in Everyone, is the next one for Anna Berg."
    assert first in await said(core, added.contact_id, "anna")
    anna, *others = core.current.site().users.values()
    await configure("user", msgspec.structs.replace(anna, skills={}), *others)
    told = await said(core, added.contact_id, "anna")
    assert first not in told
    alone = await said_by_the_store(core, added.contact_id, "anna")
    assert told == [str(one) for one in alone.sentences()]


async def test_agent_asks_about_the_own_contacts_and_a_supervisor_about_any(core, configure):
    users = list(core.current.site().users.values())
    await configure("user", *users, User(login="sara", name="Sara", role=Role.SUPERVISOR))
    added = await core.take_in()
    await core.log_in("bo")
    core.waiting.demand_explanation("sara", added.contact_id)
    with pytest.raises(Refused, match="not in your hands"):
        core.waiting.demand_explanation("bo", added.contact_id)
    await core.log_in("anna")
    await core.settle()
    core.waiting.demand_explanation("anna", added.contact_id)


async def test_command_is_read_with_and_without_an_agent():
    command = wire.decode_command('{"type":"explain","request":1,"contact":7,"agent":"bo"}')
    assert command == wire.Explain(request=1, contact=7, agent="bo")
