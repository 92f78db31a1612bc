"""Contacts for tests, made in the ways in which the product makes them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ace_server.contact import State
from ace_server.store import Store, contacts, pieces
from ace_server.store.contacts import Added, ContactRow, NewAttachment, NewContact, Placement

AT = datetime(2026, 11, 20, 9, 14, 3, 512345, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)

BUFFERED = Placement()
LOANS = Placement(queue="Loans")
EVERYONE = Placement(queue="Everyone", destination=1)

RECORDING = NewAttachment("call.wav", "audio/wav", 1200, "ab" * 32)
ID_CARD = NewAttachment("id-card.pdf", "application/pdf", 80, "cd" * 32)


def new(
    external_id: str = "LOAN-1",
    placement: Placement = LOANS,
    *,
    data: Mapping[str, str] | None = None,
    attachments: Sequence[NewAttachment] = (),
    account: str = "loans",
    entrance: str = "loans",
    digest: str = "d" * 64,
    received_at: datetime = AT,
) -> NewContact:
    """A contact as it comes in."""
    return NewContact(
        account=account,
        external_id=external_id,
        digest=digest,
        entrance=entrance,
        subject="Loan application 123",
        body="The automatic check wants a person.",
        data={"workItem": "https://bank.example/loans/123"} if data is None else data,
        attachments=attachments,
        task_type="Loan application",
        placement=placement,
        received_at=received_at,
    )


def add(store: Store, *args: Any, **kwargs: Any) -> Added:
    """Take in `new(...)`; its files are shared, and empty."""
    made = new(*args, **kwargs)
    if store.keeps_files:
        store.perform(_share, [one.digest for one in made.attachments])
    return store.perform(contacts.add, made)


def _share(digests: Sequence[str]) -> None:
    for digest in digests:
        if (file := pieces.begin(digest)) is not None:
            pieces.complete(file)


def row(store: Store, contact_id: int) -> ContactRow:
    """A contact that exists."""
    found = store.perform(contacts.get, contact_id)
    assert found is not None
    return found


WAY_TO: Mapping[State, Sequence[State]] = {
    State.BUFFERED: [State.BUFFERED],
    State.QUEUED: [State.QUEUED],
    State.BOOKED: [State.QUEUED, State.BOOKED],
    State.ACCEPTED: [State.QUEUED, State.BOOKED, State.ACCEPTED],
    State.PARKED: [State.QUEUED, State.BOOKED, State.ACCEPTED, State.PARKED],
    State.ENDED: [State.QUEUED, State.BOOKED, State.ACCEPTED, State.ENDED],
}
"""The states a contact passes through on its shortest way."""


def changes(before: State, to: State, agent: str = "anna") -> dict[str, Any]:
    """The columns that a move to this state needs."""
    if before is State.BUFFERED:
        return {"queue": "Loans", "place": 1000, "first_queued_at": AT}
    if to is State.BOOKED:
        return {"agent": agent, "booked_until": AT + timedelta(seconds=60)}
    if to is State.ACCEPTED:
        return {"agent": agent, "accepted_at": AT}
    if to is State.ENDED:
        return {"ended_at": AT}
    return {}


def move(
    store: Store,
    contact_id: int,
    before: State,
    to: State,
    *,
    at: datetime = AT,
    held_by: str | None = None,
    **more: Any,
) -> None:
    """Move a contact with the columns that the move needs."""
    needed = changes(before, to) | more
    store.perform(contacts.move, contact_id, before, to, "moved", at, held_by=held_by, **needed)


def in_state(store: Store, state: State, external_id: str = "LOAN-1", **facts: Any) -> int:
    """A new contact that has come into this state; its id."""
    first, *rest = WAY_TO[state]
    queued = facts.pop("placement", LOANS)
    placement = BUFFERED if first is State.BUFFERED else queued
    contact_id = add(store, external_id, placement, **facts).contact_id
    before = first
    for to in rest:
        move(store, contact_id, before, to)
        before = to
    return contact_id
