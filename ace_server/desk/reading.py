"""The mail of a contact, read at a desk; and what is done where it did not arrive (EM-7, EM-8).

It is read from its raw bytes each time, in a process that may be killed; nothing is kept of it.
"""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

import msgspec

from ace_server import wire
from ace_server.attachments import Attachments
from ace_server.clock import Clock
from ace_server.concepts import Site, User
from ace_server.contact import State, is_work_item
from ace_server.desk import mail_history, mail_view, senders
from ace_server.desk.agents import Agents
from ace_server.desk.mail_history import PRESSED
from ace_server.desk.waiting import WaitingContacts
from ace_server.email.mail import Mail
from ace_server.errors import Refused
from ace_server.sentences import Sentence
from ace_server.store import Store, drafts, history, ledger, outgoing
from ace_server.store.contacts import ContactRow
from ace_server.store.drafts import DraftRow
from ace_server.store.history import Happening
from ace_server.store.ledger import MailRow
from ace_server.store.outgoing import NewOutgoing, OutgoingRow

log = logging.getLogger(__name__)

PRESSES = 2
"""How often an agent presses until the mail is offered here."""


class Understands(Protocol):
    """What understands raw mails: `email.reading`."""

    async def read(self, source: Path) -> Mail:
        """Raises Refused where the mail cannot be understood, and Unavailable."""
        ...


class Delivers(Protocol):
    """What sends mail to agents' own programs: `email.delivery`."""

    def address(self, login: str, mail: MailRow | None) -> str:
        """Where this agent handles this mail; empty: here."""
        ...

    def delivery(self, row: ContactRow, mail: MailRow, to: str) -> NewOutgoing:
        """The mail as it is put into the outbox, for this address."""
        ...

    def tell(self, new: NewOutgoing) -> None:
        """It is in the outbox."""
        ...


class Beside(msgspec.Struct, frozen=True):
    """What the store knows about the mail of a contact."""

    mail: MailRow | None
    sent: list[OutgoingRow]
    drafts: list[DraftRow]
    happened: list[Happening]
    pressed: int


class Understood(msgspec.Struct, frozen=True):
    """A mail, as far as it could be read, and why no further."""

    mail: Mail
    size: int  # bytes, of its source; 0: there is none
    remarks: list[Sentence]


class Reading:
    """Answers who reads the mail of a contact."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        agents: Agents,
        waiting: WaitingContacts,
        attachments: Attachments,
        understanding: Understands,
        deliveries: Delivers,
        clock: Clock,
    ) -> None:
        self._store = store
        self._site = site
        self._agents = agents
        self._waiting = waiting
        self._attachments = attachments
        self._understanding = understanding
        self._deliveries = deliveries
        self._clock = clock

    # Whose it is

    async def seen(self, login: str, contact: int) -> ContactRow:
        """A contact in this user's hands, or one that waits where the user may look.

        The audit tells of the latter. Raises Refused, also where it is no email; Unavailable.
        """
        return demand_email(await self._waiting.in_hand_or_seen(login, contact))

    def in_hand(self, login: str, contact: int) -> ContactRow:
        """An email in this user's hands. Raises Refused."""
        return demand_email(self._agents.contact_in_hand(login, contact))

    def user(self, login: str) -> User:
        """Who that is. Raises Refused."""
        user = self._site().users.get(login)
        if user is None or user.locked:
            raise Refused("forbidden", "This user does not exist any more, or is locked.")
        return user

    # Reading

    async def read(self, login: str, command: wire.ReadMail) -> wire.MailRead:
        """The mail, and what became of what was sent about it. Raises Refused, Unavailable."""
        row = await self.seen(login, command.contact)
        return wire.MailRead(request=command.request, mail=await self._mail(login, row))

    async def read_outgoing(self, login: str, command: wire.ReadOutgoing) -> wire.OutgoingRead:
        """What was sent, as its readers got it. Raises Refused, Unavailable."""
        row = await self._store.run(outgoing.get, command.outgoing)
        if row is None or not await self._may_read(login, row):
            raise Refused("not-found", "There is no such mail.")
        source = await self._attachments.whole(row.digest)
        if source is None:
            raise Refused("gone", mail_view.NO_SOURCE)
        mail = await self._understanding.read(source)
        return wire.OutgoingRead(
            request=command.request, mail=mail_view.sent(row, mail, mail_view.remarks(mail))
        )

    async def _may_read(self, login: str, row: OutgoingRow) -> bool:
        """Its writer reads it; of what is about a contact, also who may read that (EM-9)."""
        if row.by == login:
            return True
        if row.contact is None:
            return False
        try:
            await self.seen(login, row.contact)
        except Refused:
            return False
        return True

    async def source(self, login: str, contact: int) -> Path:
        """Where the raw mail lies, as it was fetched. Raises Refused (`gone`), Unavailable."""
        await self.seen(login, contact)
        found = await self._store.run(ledger.of_contact, contact)
        path = None if found is None else await self._attachments.whole(found.digest)
        if path is None:
            raise Refused("gone", mail_view.NO_SOURCE)
        return path

    async def understood(self, row: ContactRow, mail: MailRow | None) -> Understood:
        """The mail of a contact, or what the contact keeps of it. Raises Unavailable."""
        source = None if mail is None else await self._attachments.whole(mail.digest)
        if source is None:
            return Understood(mail_view.from_contact(row), 0, [mail_view.NO_SOURCE])
        size = source.stat().st_size
        try:
            read = await self._understanding.read(source)
        except Refused as refused:
            log.info("the mail of contact %s is not shown: %s", row.id, refused.code)
            return Understood(mail_view.from_contact(row), size, [refused.sentence])
        remarks = mail_view.remarks(read)
        if len(read.html) > wire.MOST_HTML:
            remarks.append(mail_view.NO_HTML)
            read = msgspec.structs.replace(read, html="")
        return Understood(read, size, remarks)

    async def _mail(self, login: str, row: ContactRow) -> wire.Mail:
        beside = await self._store.run(_beside, row.id, login)
        found = await self.understood(row, beside.mail)
        row = self._as_now(login, row)
        external = self.external(login, row, beside.mail, beside.pressed)
        known, mail = beside.mail, found.mail
        remarks = [*found.remarks, *mail_history.remarks(beside.happened)]
        if known is not None and known.is_oversized:
            remarks.insert(0, mail_view.OVERSIZED)
        return wire.Mail(
            contact=row.id,
            senders=mail_view.shown_all(mail.senders),
            reply_to=mail_view.shown_all(mail.reply_to),
            to=mail_view.shown_all(mail.to),
            cc=mail_view.shown_all(mail.cc),
            subject=mail.subject,
            sent_at=mail.sent_at,
            arrived_at=None if known is None else known.arrived_at,
            text=mail.text,
            html=mail.html,
            size=found.size,
            remarks=list(dict.fromkeys(remarks)),
            external=external,
            pressed=beside.pressed,
            writes=senders.hindrance(
                row,
                self._site(),
                self.user(login),
                in_hand=self._is_in_hand(login, row.id),
                external=external,
            ),
            outgoing=[mail_view.outgoing(one) for one in beside.sent],
            drafts=[mail_view.head(one) for one in beside.drafts],
        )

    def _as_now(self, login: str, row: ContactRow) -> ContactRow:
        """The contact as it is by now: while its mail was read it may have been accepted."""
        desk = self._agents.desk(login)
        return row if desk is None else desk.contacts.get(row.id, row)

    def _is_in_hand(self, login: str, contact: int) -> bool:
        desk = self._agents.desk(login)
        return desk is not None and contact in desk.contacts

    def external(self, login: str, row: ContactRow, mail: MailRow | None, pressed: int) -> str:
        """The address at which this agent handles the mail; empty: here (EM-7, EM-8)."""
        is_elsewhere = row.agent == login and pressed < PRESSES
        return self._deliveries.address(login, mail) if is_elsewhere else ""

    # Did not arrive

    async def did_not_arrive(self, login: str, command: wire.DidNotArrive) -> wire.MailRead:
        """Send, or fetch, the mail again; at the second press it is read and answered here.

        Each press is in the history. Raises Refused, Unavailable.
        """
        row, now = self.in_hand(login, command.contact), self._clock.now()

        def job() -> NewOutgoing | None:
            pressed = presses(row.id, login) + 1
            mail = ledger.of_contact(row.id)
            history.note(row.id, now, PRESSED, by=login)
            to = self.external(login, row, mail, pressed)
            if mail is None or not to:
                return None
            new = self._deliveries.delivery(row, mail, to)
            outgoing.add(new, now)
            return new

        new = await self._store.run(job)
        if new is not None:
            self._deliveries.tell(new)
        return wire.MailRead(request=command.request, mail=await self._mail(login, row))


def demand_email(row: ContactRow) -> ContactRow:
    """The same contact. Raises Refused where it is a work item: it has no mail (WI-4, AG-1)."""
    if is_work_item(row.data):
        raise Refused("no-mail", "This contact is a work item: it has no mail, and sends none.")
    return row


def presses(contact: int, login: str) -> int:
    """How often this agent said that the mail of this contact did not arrive; a job."""
    return _presses(history.of(contact), login)


def _presses(happened: Iterable[Happening], login: str) -> int:
    return sum(one.verb == PRESSED and one.by == login for one in happened)


def may_write(row: ContactRow | None, login: str) -> bool:
    """Whether what this user wrote about a contact may be sent: it is in hand, or was to its end.

    Who ended it may send what was taken back just before.
    """
    writable = (State.ACCEPTED, State.PARKED, State.ENDED)
    return row is not None and row.agent == login and row.state in writable


def _beside(contact: int, login: str) -> Beside:
    own = [one for one in drafts.of(login) if one.contact == contact]
    mail, sent = ledger.of_contact(contact), outgoing.of_contact(contact)
    happened = history.of(contact)
    return Beside(mail, sent, own, happened, _presses(happened, login))
