"""Areas have dispatchers of their own; contacts leave one only through an escalation point."""

import msgspec
import pytest

from ace_server import wire
from ace_server.concepts import (
    Destination,
    EscalationPoint,
    OrganisationArea,
    Queue,
    RoutingRule,
    User,
    WorkItemAccount,
)
from ace_server.contact import Role, State
from ace_server.errors import Refused


@pytest.fixture
async def areas(core, configure):
    """Loans escalate to the back office after a minute; dan works there."""
    await configure("organisation_area", OrganisationArea(name="Back office"))
    await configure(
        "work_item_account",
        WorkItemAccount(name="loans"),
        WorkItemAccount(name="audits", area="Back office"),
    )
    await configure("queue", Queue(name="Everyone"), Queue(name="Experts", area="Back office"))
    await configure("escalation_point", EscalationPoint(name="Up", to="Back office"))
    await configure(
        "routing_rule",
        RoutingRule(
            to=[Destination(queue="Everyone", until="wait(60)"), Destination(escalation="Up")]
        ),
        RoutingRule(area="Back office", to=[Destination(queue="Experts")]),
    )
    await configure(
        "user",
        User(login="anna", name="Anna Berg", role=Role.AGENT),
        User(login="dan", name="Dan Ek", role=Role.AGENT, area="Back office"),
        User(login="sara", name="Sara Lind", role=Role.SUPERVISOR),
    )
    return core


async def test_contact_waits_in_the_area_of_its_entrance(areas):
    await areas.log_in("anna")
    added = await areas.take_in(account="audits", entrance="audits")
    await areas.settle()
    row = await areas.stored(added.contact_id)
    assert (row.state, row.area, row.queue) == (State.QUEUED, "Back office", "Experts")


async def test_agents_get_contacts_of_their_own_area_only(areas):
    await areas.log_in("anna")
    await areas.log_in("dan")
    ours = await areas.take_in()
    theirs = await areas.take_in(account="audits", entrance="audits")
    await areas.settle()
    assert (await areas.stored(ours.contact_id)).agent == "anna"
    assert (await areas.stored(theirs.contact_id)).agent == "dan"


async def test_escalated_contact_takes_its_data_and_age_along(areas, clock):
    await areas.log_in("dan")
    added = await areas.take_in(data={"workItem": "x", "cid": "4711"})
    before = await areas.stored(added.contact_id)
    clock.advance(61)
    await areas.dispatch.move_on()
    await areas.settle()
    row = await areas.stored(added.contact_id)
    assert (row.state, row.agent, row.area, row.queue) == (
        State.BOOKED,
        "dan",
        "Back office",
        "Experts",
    )
    assert (row.data["cid"], row.first_queued_at) == ("4711", before.first_queued_at)
    assert areas.dispatch.dispatcher().index.waiting(added.contact_id) is None


async def test_escalated_contact_is_in_its_new_area_after_a_restart(areas, clock):
    added = await areas.take_in()
    clock.advance(61)
    await areas.dispatch.move_on()
    await areas.restart()
    assert areas.dispatch.dispatcher().index.waiting(added.contact_id) is None
    assert areas.dispatch.dispatcher("Back office").index.count("Experts") == 1


async def test_supervisor_moves_a_contact_within_its_area(areas):
    added = await areas.take_in()
    with pytest.raises(Refused, match="in its area"):
        await areas.waiting.move(
            "sara", wire.Move(request=1, contact=added.contact_id, queue="Experts")
        )


async def test_colleagues_and_queues_to_requeue_to_are_of_the_own_area(areas):
    screen = await areas.log_in("anna")
    assert screen.desk.queues == ["Unrouted", "Everyone"]
    assert [one.login for one in screen.desk.colleagues] == ["sara"]


async def test_agent_who_changes_the_area_serves_the_other_one(areas, configure):
    await areas.log_in("anna")
    added = await areas.take_in(account="audits", entrance="audits")
    anna = User(login="anna", name="Anna Berg", role=Role.AGENT, area="Back office")
    await configure("user", anna)
    await areas.settle()
    assert (await areas.stored(added.contact_id)).agent == "anna"


# The agent whom the contact data name


async def test_contact_goes_to_the_agent_it_names_while_that_agent_is_logged_in(areas):
    await areas.log_in("anna", activate=False)
    added = await areas.take_in(data={"workItem": "x", "AgentName": "Anna Berg"})
    row = await areas.stored(added.contact_id)
    assert (row.queue, row.personal) == ("", "anna")
    await areas.agents.log_out("anna")
    await areas.dispatch.move_on()
    assert (await areas.stored(added.contact_id)).queue == "Everyone"


async def test_contact_that_names_an_absent_agent_goes_by_the_rules(areas):
    added = await areas.take_in(data={"workItem": "x", "AgentName": "anna"})
    await areas.dispatch.move_on()
    assert (await areas.stored(added.contact_id)).queue == "Everyone"


async def test_contact_pulled_from_another_area_goes_back_to_that_area_only(areas, configure):
    sara = User(login="sara", name="Sara Lind", role=Role.SUPERVISOR, rights=("requeue",))
    anna, dan, _ = areas.current.site().users.values()
    await configure("user", anna, dan, sara)
    contact = (await areas.take_in(account="audits", entrance="audits")).contact_id
    await areas.log_in("sara", activate=False)
    await areas.give("sara", wire.Pick(request=1, contact=contact))
    for target in ({"queue": "Everyone"}, {"colleague": "anna"}):
        with pytest.raises(Refused, match="in its area"):
            await areas.give("sara", wire.Requeue(request=2, contact=contact, **target))
    await areas.give("sara", wire.Requeue(request=3, contact=contact, queue="Experts"))
    await areas.log_in("dan")
    await areas.settle()
    assert (await areas.stored(contact)).agent == "dan"


async def test_contact_for_a_person_who_serves_another_area_now_is_placed_anew(areas, configure):
    contact = (await areas.take_in()).contact_id
    await areas.waiting.move("sara", wire.Move(request=1, contact=contact, colleague="anna"))
    anna, *others = areas.current.site().users.values()
    await configure("user", msgspec.structs.replace(anna, area="Back office"), *others)
    await areas.dispatch.rescue()
    row = await areas.stored(contact)
    assert (row.queue, row.personal, row.area) == ("Everyone", "", "")


async def test_contact_that_returns_for_a_person_of_another_area_is_placed_anew(areas, configure):
    """The configuration changes while it is booked, and waits for nobody."""
    contact = (await areas.take_in()).contact_id
    await areas.waiting.move("sara", wire.Move(request=1, contact=contact, colleague="anna"))
    screen = await areas.log_in("anna")
    await areas.settle()
    assert (await areas.stored(contact)).state is State.BOOKED
    anna, *others = areas.current.site().users.values()
    await configure("user", msgspec.structs.replace(anna, area="Back office"), *others)
    await areas.dispatch.rescue()
    await areas.agents.detach("anna", screen)
    await areas.dispatch.rescue()
    row = await areas.stored(contact)
    assert (row.state, row.queue, row.personal) == (State.QUEUED, "Everyone", "")


async def test_own_list_is_that_of_the_own_area(areas, configure):
    """A person changes areas; what waits for that person alone is found where it is now."""
    contact = (await areas.take_in()).contact_id
    await areas.waiting.move("sara", wire.Move(request=1, contact=contact, colleague="anna"))
    anna, *others = areas.current.site().users.values()
    await configure("user", msgspec.structs.replace(anna, area="Back office"), *others)
    await areas.dispatch.rescue()
    other = (await areas.take_in(account="audits", entrance="audits")).contact_id
    await areas.waiting.move("sara", wire.Move(request=2, contact=other, colleague="anna"))
    looked = await areas.waiting.look("sara", wire.Look(request=3, personal="anna"))
    assert [one.id for one in looked.contacts] == [other]
