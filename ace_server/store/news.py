"""Contacts that another process took in, and that the core has not heard of yet.

A row is written in the transaction of the contact, so that neither is there without the other.
Every function is a job.
"""

from typing import NamedTuple

from ace_server.contact import State
from ace_server.store import contacts
from ace_server.store.contacts import OpenContact
from ace_server.store.contract import Sign
from ace_server.store.models import Contact, News, database, rows

BATCH = 500
"""Most that is told at a time."""


class Told(NamedTuple):
    """A contact that came in; `contact` is None where it is ended already."""

    entrance: str
    received_as: State
    contact: OpenContact | None


def tell(contact_id: int) -> None:
    """The core has to hear of this contact."""
    News.insert(contact=contact_id).execute()
    database.tell(Sign.NEWS)


def take() -> list[Told]:
    """What there is to hear, the oldest first; it is told once."""
    found = rows(News.select(News.id, News.contact).order_by(News.id).limit(BATCH))
    if not found:
        return []
    News.delete().where(News.id.in_([number for number, _ in found])).execute()
    ids = [contact_id for _, contact_id in found]
    columns = Contact.id, Contact.entrance, Contact.received_as
    return [
        Told(entrance, State(received_as), contacts.open_one(contact_id))
        for contact_id, entrance, received_as in rows(
            Contact.select(*columns).where(Contact.id.in_(ids)).order_by(Contact.id)
        )
    ]


def clear() -> None:
    """Everything is about to be read: what stands in it is no news any more.

    What other processes are taking in waits until this transaction is over, and is news then.
    """
    if database.for_update:  # PostgreSQL; SQLite already holds the write lock (BEGIN IMMEDIATE)
        database.execute_sql('LOCK TABLE "news" IN SHARE ROW EXCLUSIVE MODE')
    News.delete().execute()
