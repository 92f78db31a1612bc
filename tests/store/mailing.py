"""Mails for tests: found on a server, or to be sent, with files that are kept where that counts."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

import pytest

from ace_server.store import Store, ledger, outgoing, pieces
from ace_server.store.contacts import NewAttachment
from ace_server.store.ledger import MailRow, NewMail, Outcome, Seen
from ace_server.store.models import database
from ace_server.store.outgoing import NewOutgoing, OutgoingRow, Recipient
from tests.store.making import AT

T = TypeVar("T")

ON_POSTGRESQL = pytest.mark.parametrize("engine", ["postgresql"])
"""There several processes write at once; SQLite has one writer."""

ACCOUNT = "loans@bank.example"
OTHER = "cards@bank.example"
INBOX = Seen(ACCOUNT, "INBOX", uidvalidity=7)


def digest(content: str) -> str:
    """The digest of these bytes."""
    return hashlib.sha256(content.encode()).hexdigest()


def found(uid: str, content: str = "", *, size: int = 100, is_oversized: bool = False) -> NewMail:
    """A mail that was fetched; each uid has bytes of its own unless they are given."""
    return NewMail(uid, size, AT, digest(content or f"mail {uid}"), is_oversized)


def note(store: Store, *mails: NewMail, seen: Seen = INBOX, at: datetime = AT) -> list[int]:
    """Note mails whose bytes are kept; the ids of the new ones."""
    share(store, [one.digest for one in mails])
    return store.perform(ledger.note, seen, mails, at)


def settled(store: Store, mail: int, outcome: Outcome = Outcome.CONTACT, **said: Any) -> MailRow:
    """Say what became of a mail; the row then."""
    store.perform(ledger.settle, mail, outcome, AT, **said)
    return row(store, mail)


def row(store: Store, mail: int) -> MailRow:
    """A row of the ledger that exists."""
    found = store.perform(ledger.get, mail)
    assert found is not None
    return found


def to_send(*addresses: str, **facts: Any) -> NewOutgoing:
    """A reply to these addresses, or what the facts say."""
    made: dict[str, Any] = {
        "kind": "reply",
        "account": ACCOUNT,
        "sender": ACCOUNT,
        "recipients": tuple(map(Recipient, addresses or ("maria@customer.example",))),
        "digest": digest("reply"),
        "by": "anna",
    }
    return NewOutgoing(**(made | facts))


def put_out(store: Store, *addresses: str, at: datetime = AT, **facts: Any) -> int:
    """Put `to_send(...)` into the outbox; its number."""
    new = to_send(*addresses, **facts)
    share(store, [new.digest])
    return store.perform(outgoing.add, new, at)


def sent(store: Store, number: int) -> OutgoingRow:
    """A row of the outbox that exists."""
    found = store.perform(outgoing.get, number)
    assert found is not None
    return found


def file(name: str = "offer.pdf") -> NewAttachment:
    """A file for a draft."""
    return NewAttachment(name, "application/pdf", 90, digest(name))


def share(store: Store, digests: Sequence[str]) -> None:
    """Let the database have these files, empty, where it keeps files."""
    if store.keeps_files:
        store.perform(_share, digests)


def _share(digests: Sequence[str]) -> None:
    for one in digests:
        if (copy := pieces.begin(one)) is not None:
            pieces.complete(copy)


async def at_once(running: Store, first: Callable[[], object], second: Callable[[], T]) -> T:
    """Do a job on the store's thread while another is under way on a connection of its own.

    The first one commits when the second is done, or waits for it. What the second gives.
    """
    connection = running._database  # this thread's own, as of another process
    connection.begin()
    first()
    connection.write_lines()
    call = running.run(second)
    waits = "SELECT 1 FROM pg_locks WHERE NOT granted"
    while not call.done() and database.execute_sql(waits).fetchone() is None:
        await asyncio.sleep(0)
    connection.commit()
    return await call
