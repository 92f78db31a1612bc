"""What becomes of a contact that comes in: queued, buffered, or known already (WI-6 … WI-8)."""

import asyncio

import pytest

from ace_server.concepts import Destination, RoutingRule, TaskTypeRule
from ace_server.contact import State
from ace_server.errors import Refused
from ace_server.store import contacts, history


async def test_contact_gets_its_task_type_and_first_queue(core):
    row = await core.stored((await core.take_in()).contact_id)
    assert (row.state, row.task_type, row.queue) == (
        State.QUEUED,
        "Loan application",
        "Loan decisions",
    )


async def test_contact_without_a_rule_goes_to_the_queue_for_contacts_without_routing(
    core, configure
):
    await configure("routing_rule")
    row = await core.stored((await core.take_in()).contact_id)
    assert row.queue == "Unrouted"


async def test_contact_whose_destinations_are_gone_is_buffered(core, configure):
    rule = RoutingRule(when={"TaskType": "Loan application"}, to=[Destination(queue="Gone")])
    await configure("routing_rule", rule)
    added = await core.take_in()
    assert added.state is State.BUFFERED


async def test_same_id_and_content_is_the_same_contact_with_the_first_answer(core, clock):
    first = await core.take_in(external_id="A")
    clock.advance(3600)
    again = await core.take_in(external_id="A")
    assert (again.contact_id, again.state, again.received_at, again.repeated) == (
        first.contact_id,
        first.state,
        first.received_at,
        True,
    )
    assert core.dispatch.dispatcher().index.count("Loan decisions") == 1
    assert core.entrances.figures()["loans"] == (0, 1, 0)


async def test_same_id_with_other_content_is_a_conflict(core):
    await core.take_in(external_id="A")
    with pytest.raises(Refused, match="id-conflict"):
        await core.take_in(external_id="A", digest="1" * 64)


async def test_same_id_of_another_account_is_another_contact(core):
    first = await core.take_in(external_id="A")
    second = await core.take_in(external_id="A", account="cards", entrance="loans")
    assert second.contact_id != first.contact_id


async def test_contacts_taken_in_together_keep_the_order_in_which_they_came(core):
    added = await asyncio.gather(*(core.take_in() for _ in range(100)))
    waiting = core.dispatch.dispatcher().index.in_queue("Loan decisions")
    assert [one.contact for one in waiting] == [one.contact_id for one in added]


async def test_task_type_and_routing_of_a_changed_configuration_count_at_once(core, configure):
    await configure("task_type_rule", TaskTypeRule(when={"cid": "1"}, task_type="Other"))
    row = await core.stored((await core.take_in()).contact_id)
    assert (row.task_type, row.queue) == ("", "Unrouted")


async def test_history_begins_with_taking_in(core):
    added = await core.take_in()
    events = await core.store.run(history.of, added.contact_id)
    assert [(one.verb, one.before, one.after) for one in events] == [("taken in", None, "queued")]


async def test_attachments_of_a_refused_contact_are_removed_and_those_in_use_stay(core):
    files = core.store.files

    def keep(content):
        draft = files.draft()
        draft.write(content)
        return draft.keep()

    used, unused = keep(b"used"), keep(b"unused")
    attachment = contacts.NewAttachment("a.txt", "text/plain", 4, used)
    await core.take_in(attachments=(attachment,))
    await core.intake.release([used, unused])
    assert (files.path(used).exists(), files.path(unused).exists()) == (True, False)
