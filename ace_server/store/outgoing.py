"""The outbox: every mail that is to be sent, and what truly became of it (EM-10).

A row is written in the transaction of its cause, once its bytes are durable. It says *sending*
before the server on the other side hears of it, so that after a crash nothing is sent twice (A-11).
Every function is a job.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, NamedTuple

import msgspec
from peewee import fn

from ace_server.email.domains import domain_of
from ace_server.errors import IllegalMove
from ace_server.sentences import Sentence, sentence
from ace_server.store import history, pieces
from ace_server.store.models import KnownDomain, Outgoing, database, rows, to_stored


class Sent(StrEnum):
    """How a mail that goes out stands."""

    QUEUED = "queued"
    SENDING = "sending"
    HANDED_OVER = "handed over"  # to the next server, which took it
    REFUSED = "refused"  # for good, or tried often enough
    UNKNOWN = "unknown"  # it may have been sent; never sent again by itself
    WITHDRAWN = "withdrawn"  # undone before anybody heard of it


Kind = Literal["answer", "delivery", "external", "reply", "reply-all", "forward", "new"]
"""Why it is sent: `delivery` to the agent's own program, `external` where a route leads (EM-7)."""


class Recipient(msgspec.Struct, frozen=True):
    """One address of the envelope."""

    address: str
    state: Sent = Sent.QUEUED
    said: Sentence | None = None  # what the server on the other side said, or what went wrong


class NewOutgoing(msgspec.Struct, frozen=True, kw_only=True):
    """A mail whose bytes are kept."""

    kind: Kind
    account: str
    sender: str  # of the envelope; empty: the null sender
    recipients: tuple[Recipient, ...]
    digest: str
    message_id: str = ""
    subject: str = ""
    contact: int | None = None
    by: str = ""  # a login
    correspondent: str = ""
    due_at: datetime | None = None  # not before


class OutgoingRow(NamedTuple):
    """One row of the outbox."""

    id: int
    kind: Kind
    contact: int | None
    account: str
    by: str
    sender: str
    recipients: list[Recipient]
    correspondent: str
    subject: str
    message_id: str
    digest: str
    state: Sent
    created_at: datetime
    due_at: datetime
    attempts: int
    holder: str
    settled_at: datetime | None


WRITTEN: tuple[Kind, ...] = ("reply", "reply-all", "forward", "new")
"""What a person wrote."""

PAGE = 500
"""Rows read at a time."""

VERBS: dict[str, str] = {
    "answer": "answered",
    "delivery": "delivered",
    "external": "sent out",
    "reply": "replied",
    "reply-all": "replied",
    "forward": "forwarded",
    "new": "written",
}
"""What the history of a contact says of each kind."""

MAY_HAVE_BEEN_SENT = sentence(
    "It may have been sent: the server stopped just then. It is not sent again by itself."
)

MAY_HAVE_BEEN_SENT_SINCE = sentence(
    "It may have been sent after the backup was made that was restored. It is not sent again by"
    " itself."
)

_TROUBLED = (Sent.REFUSED, Sent.UNKNOWN)
_ROW = tuple(getattr(Outgoing, name) for name in OutgoingRow._fields)
_RECIPIENTS = OutgoingRow._fields.index("recipients")
_recipients = msgspec.json.Decoder(list[Recipient]).decode


def add(new: NewOutgoing, at: datetime) -> int:
    """Put a mail into the outbox; its number. Raises Unavailable where its bytes are gone."""
    if database.keeps_files:  # PostgreSQL, where another process may have swept them
        pieces.demand({new.digest})
    row = (
        Outgoing.insert(
            kind=new.kind,
            contact=new.contact,
            account=new.account,
            by=new.by,
            sender=new.sender,
            recipients=_stored(new.recipients),
            correspondent=new.correspondent,
            subject=new.subject,
            message_id=new.message_id,
            digest=new.digest,
            created_at=at,
            due_at=new.due_at or at,
        )
        .returning(Outgoing.id)
        .tuples()
        .execute()
    )
    number = int(next(iter(row))[0])
    if new.by:
        for domain in sorted({domain_of(one.address) for one in new.recipients} - {""}):
            KnownDomain.insert(domain=domain, outgoing=number).execute()
    _tell(new.contact, VERBS[new.kind], Sent.QUEUED, at, new.by)
    return number


def _stored(recipients: Sequence[Recipient]) -> str:
    return msgspec.json.encode(list(recipients)).decode()


def _tell(contact: int | None, verb: str, state: Sent, at: datetime, by: str = "") -> None:
    if contact is not None:
        history.record(contact, to_stored(at), verb, by=by, detail=str(state))


def claim(accounts: Sequence[str], holder: str, now: datetime, most: int) -> list[OutgoingRow]:
    """Take mails that are due into this Email Server's hands, one attempt counted for each.

    Those that are due longest, in that order; what another one is claiming just now is left to it.
    From the commit on, each may have been sent.
    """
    query = Outgoing.select(Outgoing.id).where(
        Outgoing.state == Sent.QUEUED,
        Outgoing.due_at <= now,
        Outgoing.account.in_(list(accounts)),
    )
    query = query.order_by(Outgoing.due_at, Outgoing.id).limit(most)
    if database.for_update:  # PostgreSQL; SQLite already holds the write lock (BEGIN IMMEDIATE)
        query = query.for_update("FOR UPDATE SKIP LOCKED")  # type: ignore[arg-type]  # its stub
    ids = [number for (number,) in rows(query)]
    if not ids:
        return []
    Outgoing.update(state=Sent.SENDING, holder=holder, attempts=Outgoing.attempts + 1).where(
        Outgoing.id.in_(ids)
    ).execute()
    taken = {row[0]: _row(row) for row in rows(_all().where(Outgoing.id.in_(ids)))}
    return [taken[number] for number in ids]


def give_back(holder: str, in_hand: Sequence[int]) -> None:
    """What `holder` claimed without hearing of it is due as before: it was no attempt.

    That is all but what it has in hand: the commit of a claim may be one of unknown outcome.
    """
    Outgoing.update(state=Sent.QUEUED, holder="", attempts=Outgoing.attempts - 1).where(
        Outgoing.state == Sent.SENDING,
        Outgoing.holder == holder,
        Outgoing.id.not_in(list(in_hand)),
    ).execute()


def next_due(accounts: Sequence[str]) -> datetime | None:
    """When the next of these accounts' mails is due."""
    query = Outgoing.select(Outgoing.due_at).where(
        Outgoing.state == Sent.QUEUED, Outgoing.account.in_(list(accounts))
    )
    found = rows(query.order_by(Outgoing.due_at).limit(1))
    return found[0][0] if found else None


def unsettled() -> frozenset[str]:
    """The accounts whose outgoing mail is not settled: it waits, or is being handed over."""
    states = [Sent.QUEUED, Sent.SENDING]
    query = Outgoing.select(Outgoing.account).where(Outgoing.state.in_(states)).distinct()
    return frozenset(account for (account,) in rows(query))


def settle(
    number: int, holder: str, recipients: Sequence[Recipient], at: datetime, *, retry_at: datetime
) -> Sent:
    """Say what became of a mail that `holder` had in hand; how it stands then.

    Whom it was put off for is tried again at `retry_at`. Raises IllegalMove where somebody else
    has said so meanwhile.
    """
    state = standing(recipients)
    is_over = state is not Sent.QUEUED
    changed = rows(
        Outgoing.update(
            state=state,
            holder="",
            recipients=_stored(recipients),
            due_at=at if is_over else retry_at,
            settled_at=at if is_over else None,
        )
        .where(Outgoing.id == number, Outgoing.state == Sent.SENDING, Outgoing.holder == holder)
        .returning(Outgoing.contact, Outgoing.kind)
    )
    if not changed:
        raise IllegalMove(f"outgoing mail {number} is no longer in these hands")
    ((contact, kind),) = changed
    _tell(contact, VERBS[kind], state, at)
    return state


def standing(recipients: Sequence[Recipient]) -> Sent:
    """How a mail stands as a whole: the worst of what is known of its recipients."""
    states = {one.state for one in recipients}
    for state in (Sent.QUEUED, Sent.UNKNOWN, Sent.REFUSED):
        if state in states:
            return state
    return Sent.HANDED_OVER


def recover(holder: str, at: datetime) -> list[int]:
    """What an Email Server had in hand when it was killed may have been sent (A-11); the ids.

    For itself after a restart, or for whoever sees that it is not at work any more (EM-11).
    """
    query = _all().where(Outgoing.state == Sent.SENDING, Outgoing.holder == holder)
    found = [_row(row) for row in rows(_locked(query.order_by(Outgoing.id)))]
    for row in found:
        settle(row.id, holder, _unsure(row, MAY_HAVE_BEEN_SENT), at, retry_at=at)
    return [row.id for row in found]


def doubt(at: datetime) -> int:
    """Nothing that waits in a store that was restored is sent by itself; how many mails that is.

    Whoever had them after the backup may have sent them.
    """
    found = rows(
        _all().where(Outgoing.state.in_([Sent.QUEUED, Sent.SENDING])).order_by(Outgoing.id)
    )
    for row in map(_row, found):
        unsure = _unsure(row, MAY_HAVE_BEEN_SENT_SINCE)
        state = standing(unsure)
        changes = {"state": state, "holder": "", "recipients": _stored(unsure), "settled_at": at}
        Outgoing.update(changes).where(Outgoing.id == row.id).execute()
        _tell(row.contact, VERBS[row.kind], state, at)
    return len(found)


def _unsure(row: OutgoingRow, why: Sentence) -> list[Recipient]:
    """Its recipients, those unknown who were not known to have it."""
    return [
        msgspec.structs.replace(one, state=Sent.UNKNOWN, said=why)
        if one.state is Sent.QUEUED
        else one
        for one in row.recipients
    ]


def withdraw(number: int, by: str, at: datetime) -> OutgoingRow:
    """Undo a mail that nobody has heard of yet. Raises IllegalMove where it is too late.

    It is, too, for one that a person has let be sent once more: somebody may have it.
    """
    changed = rows(
        Outgoing.update(state=Sent.WITHDRAWN, settled_at=at)
        .where(
            Outgoing.id == number,
            Outgoing.by == by,
            Outgoing.state == Sent.QUEUED,
            Outgoing.attempts == 0,
            ~Outgoing.is_again,
        )
        .returning(Outgoing.contact, Outgoing.kind)
    )
    if not changed:
        raise IllegalMove(f"outgoing mail {number} is on its way, or is another's")
    ((contact, kind),) = changed
    _tell(contact, VERBS[kind], Sent.WITHDRAWN, at, by)
    found = get(number)
    assert found is not None
    return found


def send_again(number: int, at: datetime, by: str) -> None:
    """Let a mail that was refused, or may have been sent, be sent once more, as a person says.

    Only to whom it has not been handed over. Raises IllegalMove where it is in another state.
    """
    query = _all().where(Outgoing.id == number, Outgoing.state.in_(_TROUBLED))
    found = rows(_locked(query))
    if not found:
        raise IllegalMove(f"outgoing mail {number} is not one to be sent again")
    row = _row(found[0])
    again = [
        one if one.state is Sent.HANDED_OVER else Recipient(one.address) for one in row.recipients
    ]
    Outgoing.update(
        state=Sent.QUEUED,
        recipients=_stored(again),
        due_at=at,
        attempts=0,
        is_again=True,
        settled_at=None,
    ).where(Outgoing.id == number).execute()
    _tell(row.contact, "sent again", Sent.QUEUED, at, by)


# What is asked


def get(number: int) -> OutgoingRow | None:
    """One row."""
    found = rows(_all().where(Outgoing.id == number))
    return _row(found[0]) if found else None


def of_contact(contact_id: int) -> list[OutgoingRow]:
    """What was sent about a contact, the oldest first."""
    query = _all().where(Outgoing.contact == contact_id).order_by(Outgoing.id)
    return [_row(row) for row in rows(query)]


def delivered(contact_id: int, address: str) -> OutgoingRow | None:
    """The last delivery of a contact's mail to an agent's own address (EM-7)."""
    found = [
        row
        for row in of_contact(contact_id)
        if row.kind == "delivery" and row.recipients[0].address == address
    ]
    return found[-1] if found else None


def troubled(most: int = PAGE) -> list[OutgoingRow]:
    """What was refused, or may have been sent, the newest first."""
    query = _all().where(Outgoing.state.in_(_TROUBLED)).order_by(Outgoing.id.desc()).limit(most)
    return [_row(row) for row in rows(query)]


def written(by: str, since: datetime, most: int = PAGE) -> list[OutgoingRow]:
    """What this user wrote since then, whatever became of it, the newest first."""
    query = _all().where(Outgoing.by == by, Outgoing.kind.in_(WRITTEN), Outgoing.created_at > since)
    return [_row(row) for row in rows(query.order_by(Outgoing.id.desc()).limit(most))]


def undelivered(by: str, since: datetime, most: int = PAGE) -> list[OutgoingRow]:
    """What this user wrote since then, and was refused or may have been sent; the newest first."""
    query = _all().where(
        Outgoing.state.in_(_TROUBLED), Outgoing.by == by, Outgoing.created_at > since
    )
    return [_row(row) for row in rows(query.order_by(Outgoing.id.desc()).limit(most))]


def answers(
    since: datetime,
    *,
    account: str | None = None,
    correspondent: str | None = None,
    domain: str | None = None,
) -> int:
    """How many automatic answers there were since then, whatever became of them (D-1).

    All, or those of an account, to a correspondent, to a domain; as `NewOutgoing` writes them.
    """
    query = Outgoing.select(fn.COUNT(Outgoing.id)).where(
        Outgoing.kind == "answer", Outgoing.created_at > since
    )
    if account is not None:
        query = query.where(Outgoing.account == account)
    if correspondent is not None:
        query = query.where(Outgoing.correspondent == correspondent)
    if domain is not None:
        query = query.where(Outgoing.correspondent.endswith(f"@{domain}"))
    return int(rows(query)[0][0])


def known(message_ids: Sequence[str]) -> set[str]:
    """Those of these Message-IDs that mails of ours have."""
    wanted = [message_id for message_id in message_ids if message_id]
    query = Outgoing.select(Outgoing.message_id).where(Outgoing.message_id.in_(wanted))
    return {message_id for (message_id,) in rows(query)}


def knows_domain(domain: str) -> bool:
    """Whether somebody here has written to an address of this domain, as `domain_of` has it (D-2).

    That is a person: a mail that is answered, or sent on, by itself makes nobody known.
    """
    query = KnownDomain.select(KnownDomain.outgoing).where(KnownDomain.domain == domain)
    return bool(domain) and bool(rows(query.limit(1)))


def _all() -> Any:
    return Outgoing.select(*_ROW)


def _locked(query: Any) -> Any:
    """The same, so that nobody else changes what it finds before the commit."""
    # PostgreSQL; SQLite already holds the write lock (BEGIN IMMEDIATE)
    return query.for_update() if database.for_update else query


def _row(values: Sequence[Any]) -> OutgoingRow:
    row = OutgoingRow(*values)
    return row._replace(recipients=_recipients(values[_RECIPIENTS]), state=Sent(row.state))
