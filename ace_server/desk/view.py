"""A contact and an agent as a desk shows them, and what an agent may write into contact data.

Pure: rows and configuration in, messages out.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from ace_server import wire
from ace_server.concepts import (
    SERVER_KEYS,
    ContactDataKey,
    Layout,
    LayoutField,
    Site,
    TaskType,
    User,
    WorkItemAccount,
)
from ace_server.contact import WORK_ITEM_KEY, medium
from ace_server.errors import Refused
from ace_server.routing import serving
from ace_server.sentences import commas, sentence
from ace_server.store.contacts import ContactRow
from ace_server.store.desks import DeskRow

OUTCOME = "Outcome"
EMAIL_FROM = "EmailFrom"
LOCKED = frozenset({WORK_ITEM_KEY, *SERVER_KEYS})
"""Keys that no agent sets, whatever a layout says (WI-2)."""


def agent(row: DeskRow, user: User, chosen: str = "") -> wire.Agent:
    """The person at a desk, who has chosen this work level."""
    return wire.Agent(
        login=user.login,
        name=user.name,
        role=user.role,
        state=row.state,
        since=row.since,
        until=row.until,
        activity=row.activity,
        pause_wanted=row.pause_wanted,
        wanted_activity=row.wanted_activity,
        wrap_up_contact=row.wrap_up_contact,
        rights=list(user.rights),
        work_level=serving.work_level(user, chosen),
        work_levels=list(user.work_levels),
    )


def contact(row: ContactRow, site: Site) -> wire.Contact:
    """A contact in an agent's hands."""
    account = site.work_item_accounts.get(row.account)
    return wire.Contact(
        id=row.id,
        external_id=row.external_id,
        medium=medium(row.data),
        channel=account.channel if account else "",
        sender=writer(row.data, account),
        thread=row.data.get(account.link_key, "") if account and account.link_key else "",
        follows=row.follows,
        state=row.state,
        entrance=row.entrance,
        received_at=row.received_at,
        task_type=row.task_type,
        queue=row.queue,
        subject=row.subject,
        body=row.body,
        target=row.data.get(WORK_ITEM_KEY, ""),
        fields=fields(row.routing_data(), row.task_type, site),
        attachments=[
            wire.Attachment(
                position=n,
                name=one.name,
                media_type=one.media_type,
                size=one.size,
                content_id=one.content_id,
            )
            for n, one in enumerate(row.attachments)
        ],
        first_queued_at=row.first_queued_at,
        booked_until=row.booked_until,
        accepted_at=row.accepted_at,
        parked_at=row.parked_at,
        ended_at=row.ended_at,
        note=row.note,
        note_by=row.note_by,
    )


def writer(data: Mapping[str, str], account: WorkItemAccount | None) -> str:
    """Who wrote it: the sender of an email, or the author on a social media channel (WI-10)."""
    return data.get(account.author_key if account else EMAIL_FROM, "")


def at_once(shown: Sequence[wire.Contact]) -> list[wire.Contact]:
    """Those that one message carries: the first, and what has room beside it."""
    found: list[wire.Contact] = []
    room = wire.MAX_DESK_BYTES
    for one in shown:
        room -= wire.size(one)
        if found and room < 0:
            break
        found.append(one)
    return found


def fields(data: Mapping[str, str], task_type: str, site: Site) -> list[wire.Field]:
    """The contact data pane: the layout's keys in order, then unknown ones with a value (AG-4)."""
    label = site.task_types.get(task_type)
    shown = [_field(line, data, label, site) for line in _lines(data, task_type, site)]
    listed = {field.key for field in shown}
    return shown + [
        wire.Field(key=key, display=key, value=value, known=False)
        for key, value in sorted(data.items())
        if key not in listed and key not in site.contact_data_keys
    ]


def _lines(data: Mapping[str, str], task_type: str, site: Site) -> list[LayoutField]:
    layout = site.layouts.get(task_type) or site.layouts.get("") or _plain(data)
    lines = list(layout.fields)
    label = site.task_types.get(task_type)
    if label is not None and label.outcomes and OUTCOME not in {line.key for line in lines}:
        lines.append(LayoutField(key=OUTCOME))
    return lines


def _plain(data: Mapping[str, str]) -> Layout:
    """Without a layout: the customer number, then what has a value, in the order it came."""
    keys = ["cid", *(key for key in data if key not in {"cid", *LOCKED})]
    return Layout(fields=[LayoutField(key=key) for key in keys])


def _field(
    line: LayoutField, data: Mapping[str, str], label: TaskType | None, site: Site
) -> wire.Field:
    key = site.contact_data_keys.get(line.key, ContactDataKey(name=line.key))
    return wire.Field(
        key=line.key,
        display=key.display or line.key,
        value=data.get(line.key, ""),
        rule=_rule(line, label),
        choices=_choices(line, key, label, site),
        lines=line.lines,
        max_length=key.max_length,
        known=line.key in site.contact_data_keys,
    )


def _rule(line: LayoutField, label: TaskType | None) -> wire.Rule:
    if line.key in LOCKED:
        return "locked"
    if line.key == OUTCOME and label is not None and label.outcome == "mandatory":
        return "mandatory"
    return line.rule


def _choices(
    line: LayoutField, key: ContactDataKey, label: TaskType | None, site: Site
) -> list[str]:
    """The value set, narrowed to the task type: by its outcomes, or by its layout."""
    if line.key == OUTCOME and label is not None and label.outcomes:
        return list(label.outcomes)
    if line.values:
        return list(line.values)
    values = site.value_sets.get(key.value_set)
    return list(values.values) if values else []


def check_edit(values: Mapping[str, str], row: ContactRow, site: Site) -> None:
    """Raise Refused unless the agent may set these keys of this contact to these values."""
    editable = {
        field.key: field
        for field in fields(row.routing_data(), row.task_type, site)
        if field.rule != "locked"
    }
    for key, value in values.items():
        field = editable.get(key)
        if field is None:
            raise Refused("bad-value", sentence("%1 cannot be changed.", key))
        name = field.display
        if value and field.choices and value not in field.choices:
            reason = sentence("%1 must be one of the values in its list.", name)
            raise Refused("bad-value", reason)
        if len(value) > field.max_length:
            reason = sentence("%1 has at most %2 characters.", name, field.max_length)
            raise Refused("bad-value", reason)
        if key == "prio" and value and (len(value) != 1 or value not in "0123456789"):
            raise Refused("bad-value", sentence("%1 is one digit, 0 to 9.", name))


def check_length(values: Mapping[str, str], row: ContactRow, site: Site) -> None:
    """Raise Refused where the contact would grow longer than an agent's program reads."""
    edited = msgspec.structs.replace(row, data={**row.data, **values})
    length = wire.size(contact(edited, site))
    if length > wire.MAX_CONTACT_BYTES and length > wire.size(contact(row, site)):
        raise Refused("bad-value", "This contact has no room for so much more text.")


def check_complete(values: Mapping[str, str], row: ContactRow, site: Site) -> None:
    """Raise Refused("mandatory") unless every mandatory key would have a value at End (AG-3)."""
    data = {**row.routing_data(), **values}
    missing = [
        field.display
        for field in fields(data, row.task_type, site)
        if field.rule == "mandatory" and not field.value
    ]
    if missing:
        raise Refused("mandatory", sentence("Still to be filled in: %1.", commas(missing)))


class Labelled(Protocol):
    """A contact, as far as its task type is asked for."""

    @property
    def task_type(self) -> str: ...


def wrap_up_seconds(contact: Labelled, user: User, site: Site) -> float | None:
    """How long wrap-up lasts after this contact: 0 for none, None for unlimited (AG-2)."""
    label = site.task_types.get(contact.task_type)
    if label is None:
        return 0.0
    for length in (user.wrap_up, label.wrap_up):
        if length == "unlimited":
            return None
        if length is not None:
            return length
    return site.system.wrapUpSeconds
