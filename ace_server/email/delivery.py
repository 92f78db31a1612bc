"""Mail to the agents' own programs: put into the outbox when its contact comes into hand (EM-7).

Once, however often the contact comes into the hands of the same agent; again when an agent says
that it did not arrive (EM-8). Whoever books a contact never waits for this. What travels is made by
the outbox, of the mail as it was fetched.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from ace_server.clock import Clock
from ace_server.concepts import Site
from ace_server.contact import IN_HAND, State, is_work_item
from ace_server.email.analysis import own
from ace_server.errors import Unavailable
from ace_server.events import Events, MailChanged, MailDue, Moved
from ace_server.rounds import Rounds
from ace_server.store import Store, contacts, ledger, outgoing
from ace_server.store.contacts import ContactRow
from ace_server.store.ledger import MailRow
from ace_server.store.outgoing import NewOutgoing, Recipient

log = logging.getLogger(__name__)

LOOK_EVERY = 300.0
"""Seconds between two rounds that nothing wakes."""


class Deliveries:
    """A service: delivers the mail of each contact that comes into the hands of such an agent."""

    def __init__(
        self, store: Store, site: Callable[[], Site], events: Events, clock: Clock
    ) -> None:
        self._store = store
        self._site = site
        self._events = events
        self._clock = clock
        self._wanted: dict[int, None] = {}  # in the order in which they came
        self._has_looked = False
        self._rounds = Rounds(
            "deliveries",
            self._round,
            every=lambda: LOOK_EVERY,
            meanwhile="mails for agents' own programs wait",
        )
        events.subscribe(Moved, self._on_moved)

    async def start(self) -> None:
        """Begin, with what came into hand while nobody delivered."""
        self._has_looked = False
        self._rounds.wake()
        await self._rounds.start()

    async def stop(self) -> None:
        """Deliver no more; what was not, is after the next start."""
        await self._rounds.stop()

    # What is delivered where

    def address(self, login: str, mail: MailRow | None) -> str:
        """Where this agent handles this mail; empty: in ACE Agent.

        That is also where a mail is handled that cannot be sent on: its account has no way out, it
        stayed on its server because it is too large (C-11), or it was sent before and came back
        (C-14).
        """
        return address(self._site(), login, mail)

    def delivery(self, row: ContactRow, mail: MailRow, to: str) -> NewOutgoing:
        """The mail of a contact as it is put into the outbox, for this address."""
        return delivery(self._site(), row, mail, to)

    def tell(self, new: NewOutgoing) -> None:
        """Such a mail is in the outbox now."""
        self._events.publish(MailDue(new.account))
        self._events.publish(MailChanged(new.account, new.contact))

    # By itself

    def want(self, contact: int) -> None:
        """Look soon whether the mail of this contact is to be delivered."""
        self._wanted[contact] = None
        self._rounds.wake()

    def _on_moved(self, moved: Moved) -> None:
        came_in_hand = moved.before is State.QUEUED and moved.after in IN_HAND
        if came_in_hand and moved.entrance in self._site().mail_accounts:
            self.want(moved.contact)

    async def _round(self) -> None:
        if not self._has_looked:
            held = await self._store.run_behind(contacts.in_hand)
            self._wanted |= {row.id: None for row in held}
            self._has_looked = True
        while self._wanted:
            contact = next(iter(self._wanted))
            del self._wanted[contact]
            try:
                new = await self._store.run_behind(
                    deliver, contact, self._site(), self._clock.now()
                )
            except Unavailable:
                self._wanted[contact] = None
                raise
            except Exception:  # noqa: BLE001  # edge: one mail
                log.exception("contact %s: its mail could not be delivered", contact)
                continue
            if new is not None:
                self.tell(new)


def address(site: Site, login: str, mail: MailRow | None) -> str:
    """Where this agent handles this mail; empty: in ACE Agent."""
    user = site.users.get(login)
    account = site.mail_accounts.get(mail.account) if mail is not None else None
    if user is None or mail is None or mail.is_oversized or account is None:
        return ""
    if own.goes_round(mail.why()):
        return ""
    return user.email if account.smtp in site.smtp_servers else ""


def delivery(site: Site, row: ContactRow, mail: MailRow, to: str) -> NewOutgoing:
    """The mail of a contact as it is put into the outbox, for this address."""
    return NewOutgoing(
        kind="delivery",
        account=mail.account,
        sender=site.mail_accounts[mail.account].return_address,
        recipients=(Recipient(to),),
        digest=mail.digest,
        subject=row.subject,
        contact=row.id,
    )


def deliver(contact: int, site: Site, at: datetime) -> NewOutgoing | None:
    """Put the mail of a contact into the outbox for who has it in hand; a job.

    None where there is nothing to do: it was delivered before, it is handled in ACE Agent, it is a
    work item and so has no mail (WI-4), or it is in nobody's hands any more.
    """
    row = contacts.get(contact)
    if row is None or row.agent is None or row.state not in IN_HAND or is_work_item(row.data):
        return None
    mail = ledger.of_contact(contact)
    to = address(site, row.agent, mail)
    if mail is None or not to or outgoing.delivered(contact, to) is not None:
        return None
    new = delivery(site, row, mail, to)
    outgoing.add(new, at)
    return new
