"""The only way in: store a contact, set its task type, queue or buffer it, and say which.

Work items and mail meet here for the first time (WI-5).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec

from ace_server.admission import Admission, Beside, nothing
from ace_server.attachments import Attachments
from ace_server.clock import Clock
from ace_server.concepts import Site, unrouted
from ace_server.routing import rules, task_types
from ace_server.routing.rules import Onward
from ace_server.store import Store, contacts, named
from ace_server.store.contacts import (
    Added,
    ContactRow,
    NewAttachment,
    NewContact,
    Placement,
)


class Arrival(msgspec.Struct, frozen=True):
    """A contact as it comes from outside, checked and with its attachments kept."""

    account: str
    external_id: str
    digest: str
    entrance: str
    subject: str
    body: str
    data: dict[str, str]
    attachments: tuple[NewAttachment, ...] = ()
    follows: int | None = None  # the contact that this mail follows up (EM-6)


class Intake:
    """Takes contacts in."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        admission: Admission,
        attachments: Attachments,
        clock: Clock,
    ) -> None:
        self._store = store
        self._site = site
        self._admission = admission
        self._attachments = attachments
        self._clock = clock

    async def known(self, account: str, external_id: str) -> Added | None:
        """What was taken in under this account and id."""
        return await self._store.run(contacts.known, account, external_id)

    async def take_in(
        self, arrival: Arrival, beside: Beside = nothing, *, behind: bool = False
    ) -> Added:
        """Take a contact in; it is durable when this returns, and so are its attachments (P1).

        `beside` is stored in the same transaction; `behind`: work items go first (WI-5).

        The same account, id and content again give the first answer, repeated (P2). Raises
        Refused("id-conflict") for other content, Unavailable when the store cannot take it now.
        """
        await self._attachments.share([one.digest for one in arrival.attachments])
        now = self._clock.now()
        task_type, placement = place(arrival.data, arrival.entrance, self._site(), now)
        new = NewContact(
            arrival.account,
            arrival.external_id,
            arrival.digest,
            arrival.entrance,
            arrival.subject,
            arrival.body,
            arrival.data,
            arrival.attachments,
            task_type,
            placement,
            now,
            arrival.follows,
        )
        return await self._admission.add(new, beside, behind=behind)

    async def release(self, digests: list[str]) -> None:
        """Remove kept files that nothing names: what they came with was refused.

        What is in the database stays for `Attachments.sweep`: another process may be taking in an
        item that came with the same.
        """

        def remove_unreferenced() -> None:
            for digest in named.unnamed(digests):
                self._store.files.remove(digest)

        await self._store.run(remove_unreferenced)


def place(
    data: Mapping[str, str], entrance: str, site: Site, at: datetime, *, area: str | None = None
) -> tuple[str, Placement]:
    """The task type and first place of a contact with this data (RO-2, RO-3).

    By the rules of the entrance's organisation area, unless another is given.
    """
    area = site.area_of(entrance) if area is None else area
    known = {**data, "Entrance": entrance}
    task_type = task_types.task_type(known, site.task_type_rules, area)
    onward = rules.onward({**known, "TaskType": task_type}, site, area, 0)
    return task_type, _first(onward, area, site, at)


def _first(onward: Onward | None, area: str, site: Site, at: datetime) -> Placement:
    if onward is None:
        return Placement(area=area)  # every destination is gone: buffered (WI-8)
    if onward.stop.waits:
        return placement(onward, at)
    # What only e-mail can do, it does from a queue: it moves on to its first stop at once.
    return Placement(unrouted(onward.area, site.system), -1, at, area=onward.area)


def placement(onward: Onward, at: datetime) -> Placement:
    """Where a contact waits that comes to this stop now."""
    seconds = onward.wait_seconds
    return Placement(
        onward.stop.place,
        onward.number,
        None if seconds is None else at + timedelta(seconds=seconds),
        onward.stop.personal,
        onward.area,
        "" if onward.until is None else str(onward.until),
    )


def next_stop(contact: ContactRow, site: Site) -> Onward | None:
    """Where a waiting contact's rule sends it after its destination; None: nowhere."""
    return rules.onward(contact.routing_data(), site, contact.area, contact.destination + 1)
