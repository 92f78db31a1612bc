"""How a desk shows a contact, and what may be written into it (AG-4)."""

import pytest

from ace_server import wire
from ace_server.concepts import (
    ContactDataKey,
    Layout,
    LayoutField,
    Site,
    TaskType,
    User,
    ValueSet,
    WorkItemAccount,
)
from ace_server.contact import Medium, Role, State
from ace_server.desk import view
from ace_server.errors import Refused
from ace_server.store import directory
from ace_server.store.contacts import ContactRow
from tests.core import NOON


def row(**changes):
    fields = dict.fromkeys(ContactRow.__struct_fields__)
    fields |= {
        "id": 1,
        "account": "loans",
        "external_id": "L-1",
        "entrance": "loans",
        "state": State.ACCEPTED,
        "task_type": "Loan",
        "subject": "s",
        "body": "b",
        "queue": "",
        "note": "",
        "note_by": "",
        "data": {"workItem": "https://bank.example/1", "cid": "42"},
        "received_at": NOON,
        "attachments": (),
    }
    return ContactRow(**(fields | changes))


def site(**entries) -> Site:
    return directory.site(entries, Site().facts, Site().system)


def by_key(fields):
    return {field.key: field for field in fields}


def test_contact_is_a_work_item_exactly_when_its_key_has_a_value():
    assert view.contact(row(), site()).medium is Medium.WORK_ITEM
    assert view.contact(row(data={"workItem": ""}), site()).medium is Medium.EMAIL


def test_channel_is_the_accounts():
    account = WorkItemAccount(name="loans", channel="facebook")
    assert view.contact(row(), site(work_item_account=[account])).channel == "facebook"


FACEBOOK = WorkItemAccount(
    name="loans", channel="facebook", page="bank", author_key="who", link_key="where"
)
THREAD = "https://facebook.example/bank/posts/1"


def test_author_and_thread_of_a_channel_are_what_its_account_says():
    data = {"workItem": "1", "who": "Lovisa Hammar", "where": THREAD, "EmailFrom": "a@b.example"}
    found = view.contact(row(data=data), site(work_item_account=[FACEBOOK]))
    assert (found.medium, found.sender, found.thread) == (
        Medium.WORK_ITEM,
        "Lovisa Hammar",
        THREAD,
    )


def test_channel_without_author_and_thread_shows_none():
    found = view.contact(row(), site(work_item_account=[FACEBOOK]))
    assert (found.channel, found.sender, found.thread) == ("facebook", "", "")


def test_work_item_of_no_channel_has_no_author():
    data = {"workItem": "1", "author": "Lovisa Hammar", "thread": THREAD}
    found = view.contact(row(data=data), site(work_item_account=[WorkItemAccount(name="loans")]))
    assert (found.channel, found.sender, found.thread) == ("", "", "")


def test_email_is_written_by_its_sender():
    found = view.contact(row(account="support", data={"EmailFrom": "a@b.example"}), site())
    assert (found.channel, found.sender, found.thread) == ("", "a@b.example", "")


def test_keys_stand_in_the_order_of_the_layout():
    layout = Layout(task_type="Loan", fields=[LayoutField(key="amount"), LayoutField(key="cid")])
    amount = ContactDataKey(name="amount", display="Amount")
    found = view.contact(row(), site(layout=[layout], contact_data_key=[amount])).fields
    assert [(field.display, field.value) for field in found] == [
        ("Amount", ""),
        ("Customer no.", "42"),
    ]


def test_task_types_own_layout_goes_before_the_common_one():
    own = Layout(task_type="Loan", fields=[LayoutField(key="cid")])
    common = Layout(fields=[LayoutField(key="prio")])
    fields = view.contact(row(), site(layout=[own, common])).fields
    assert [field.key for field in fields] == ["cid"]
    fields = view.contact(row(task_type="Other"), site(layout=[own, common])).fields
    assert [field.key for field in fields] == ["prio"]


def test_unknown_keys_are_shown_apart():
    data = {"workItem": "x", "colour": "red"}
    layout = Layout(fields=[LayoutField(key="cid")])
    last = view.contact(row(data=data), site(layout=[layout])).fields[-1]
    assert (last.key, last.known, last.rule) == ("colour", False, "locked")


def test_work_item_key_stays_locked_whatever_a_layout_says():
    layout = Layout(fields=[LayoutField(key="workItem", rule="mandatory")])
    assert view.contact(row(), site(layout=[layout])).fields[0].rule == "locked"


def test_value_set_is_narrowed_to_the_task_type():
    colours = ValueSet(name="colours", values=["red", "green", "blue"])
    key = ContactDataKey(name="colour", value_set="colours")
    narrow = Layout(task_type="Loan", fields=[LayoutField(key="colour", values=["red", "blue"])])
    wide = Layout(fields=[LayoutField(key="colour")])
    made = site(value_set=[colours], contact_data_key=[key], layout=[narrow, wide])
    assert view.contact(row(), made).fields[0].choices == ["red", "blue"]
    other = view.contact(row(task_type="Other"), made)
    assert other.fields[0].choices == ["red", "green", "blue"]


def test_task_type_with_outcomes_shows_the_outcome_even_if_the_layout_does_not():
    loan = TaskType(name="Loan", outcomes=["Granted"], outcome="mandatory")
    layout = Layout(fields=[LayoutField(key="cid")])
    fields = by_key(view.contact(row(), site(task_type=[loan], layout=[layout])).fields)
    assert (fields["Outcome"].rule, fields["Outcome"].choices) == ("mandatory", ["Granted"])


def test_mandatory_key_must_have_a_value_at_end():
    layout = Layout(fields=[LayoutField(key="cid", rule="mandatory")])
    with pytest.raises(Refused, match="Customer no"):
        view.check_complete({"cid": ""}, row(), site(layout=[layout]))
    view.check_complete({}, row(), site(layout=[layout]))


def test_priority_is_one_digit():
    layout = Layout(fields=[LayoutField(key="prio")])
    with pytest.raises(Refused, match="one digit"):
        view.check_edit({"prio": "10"}, row(), site(layout=[layout]))
    view.check_edit({"prio": "3"}, row(), site(layout=[layout]))


@pytest.mark.parametrize(
    ("of_user", "of_task_type", "expected"),
    [
        (None, None, 30.0),
        (None, 10.0, 10.0),
        (None, "unlimited", None),
        (5.0, "unlimited", 5.0),
        ("unlimited", 10.0, None),
        (None, 0.0, 0.0),
    ],
)
def test_wrap_up_is_the_users_then_the_task_types_then_the_sites(of_user, of_task_type, expected):
    anna = User(login="anna", name="Anna", role=Role.AGENT, wrap_up=of_user)
    made = site(task_type=[TaskType(name="Loan", wrap_up=of_task_type)])
    assert view.wrap_up_seconds(row(), anna, made) == expected


def test_contact_without_task_type_has_no_wrap_up():
    anna = User(login="anna", name="Anna", role=Role.AGENT, wrap_up=60.0)
    assert view.wrap_up_seconds(row(task_type=""), anna, site()) == 0.0


def test_what_would_be_longer_than_a_program_reads_is_not_taken():
    longest = "\x01" * 1_000_000  # six bytes each, as it travels
    data = {f"key-{number}": longest for number in range(wire.MAX_CONTACT_BYTES // 6_000_000)}
    view.check_length({"cid": "1"}, row(data=data), site())
    with pytest.raises(Refused, match="no room"):
        view.check_length({"cid": longest}, row(data=data), site())
    view.check_length({"cid": longest, "key-0": ""}, row(data=data), site())
    view.check_length({"cid": "1"}, row(data={**data, "cid": longest}), site())  # grows no more


def test_one_message_carries_the_first_contact_and_what_has_room_beside_it():
    def lengths(*bodies):
        contacts = [view.contact(row(body="x" * length), site()) for length in bodies]
        return [len(contact.body) for contact in view.at_once(contacts)]

    most = wire.MAX_DESK_BYTES
    assert lengths() == []
    assert lengths(2 * most, 1) == [2 * most]
    assert lengths(1, most // 2, most, 2) == [1, most // 2]  # in order
