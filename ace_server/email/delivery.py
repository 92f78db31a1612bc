"""Mail to the agents' own programs: sent on, unchanged, when its contact is in hand (EM-7).

Once, however often the contact comes into the hands of the same agent; again when an agent says
that it did not arrive (EM-8). Whoever books a contact never waits for any of this.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from ace_server.attachments import Attachments
from ace_server.clock import Clock
from ace_server.concepts import MailAccount, Site
from ace_server.contact import IN_HAND, State, is_work_item
from ace_server.email import writing
from ace_server.email.mail import Address
from ace_server.email.resent import resend
from ace_server.errors import Refused, Unavailable
from ace_server.events import Events, MailChanged, MailDue, Moved
from ace_server.rounds import Rounds
from ace_server.sentences import sentence
from ace_server.store import Store, contacts, ledger, outgoing
from ace_server.store.outgoing import NewOutgoing, Recipient

log = logging.getLogger(__name__)

LOOK_EVERY = 300.0
"""Seconds between two rounds that nothing wakes."""


class Due(msgspec.Struct, frozen=True):
    """A contact whose mail an agent is to get at an address."""

    contact: int
    account: str
    address: str
    digest: str  # of the raw mail
    subject: str


class Deliveries:
    """A service: delivers the mail of each contact that comes into the hands of such an agent."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        attachments: Attachments,
        events: Events,
        clock: Clock,
        *,
        token: Callable[[], str] = secrets.token_hex,
    ) -> None:
        """`token`: what makes a Message-ID the only one."""
        self._store = store
        self._site = site
        self._attachments = attachments
        self._events = events
        self._clock = clock
        self._token = token
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
            held = await self._store.run(contacts.in_hand)
            self._wanted |= {row.id: None for row in held}
            self._has_looked = True
        while self._wanted:
            contact = next(iter(self._wanted))
            del self._wanted[contact]
            try:
                await self._deliver(contact)
            except Unavailable:
                self._wanted[contact] = None
                raise
            except Refused as refused:
                log.error("contact %s: its mail cannot be delivered: %s", contact, refused.code)
            except Exception:  # noqa: BLE001  # edge: one mail
                log.exception("contact %s: its mail could not be delivered", contact)

    def _addresses(self) -> dict[str, str]:
        """Where those handle mail who do so in their own programs, by login."""
        return {user.login: user.email for user in self._site().users.values() if user.email}

    async def _deliver(self, contact: int) -> None:
        addresses = self._addresses()
        found = await self._store.run(due, contact, addresses)
        if found is None:
            return
        new = await self._prepare(found)
        now = self._clock.now()

        def job() -> bool:
            is_still_due = due(contact, addresses) == found
            if is_still_due:
                outgoing.add(new, now)
            return is_still_due

        if await self._store.run(job):
            self.tell(new)

    async def again(self, contact: int) -> NewOutgoing | None:
        """The mail of a contact once more for whom has it in hand, its bytes durable (EM-8).

        It is put into the outbox with what it is sent again for, and then `tell` is called. None
        where it is handled here. Raises Refused: `no-server`, `gone` (the source), `bad-address`;
        and Unavailable.
        """
        found = await self._store.run(due, contact, self._addresses(), again=True)
        return None if found is None else await self._prepare(found)

    async def _prepare(self, found: Due) -> NewOutgoing:
        account = self._site().mail_accounts.get(found.account)
        if account is None or account.smtp not in self._site().smtp_servers:
            raise Refused(
                "no-server",
                sentence(
                    "The mail cannot be sent to %1: its account has no SMTP server.", found.address
                ),
            )
        source = await self._attachments.whole(found.digest)
        if source is None:
            raise Refused("gone", "The server does not have this mail as it was fetched.")
        now, token = self._clock.now(), self._token()
        made = await asyncio.to_thread(_resent, source, account, found.address, now, token)
        return NewOutgoing(
            kind="delivery",
            contact=found.contact,
            account=found.account,
            sender=account.return_address,
            recipients=(Recipient(found.address),),
            subject=found.subject,
            digest=await self._attachments.keep(made),
        )

    def tell(self, new: NewOutgoing) -> None:
        """Such a mail is in the outbox now."""
        self._events.publish(MailDue(new.account))
        self._events.publish(MailChanged(new.account, new.contact))


def due(contact: int, addresses: Mapping[str, str], *, again: bool = False) -> Due | None:
    """What is to be delivered now to whom has this contact in hand; a job.

    `addresses`: of the agents who handle mail in their own programs, by login. `again`: also what
    was delivered before. None for a work item, which has no mail (WI-4).
    """
    row = contacts.get(contact)
    held = (*IN_HAND, State.ENDED) if again else IN_HAND  # in wrap-up, too
    if row is None or row.state not in held or is_work_item(row.data):
        return None
    address, mail = addresses.get(row.agent or "", ""), ledger.of_contact(contact)
    if not address or mail is None:
        return None
    if not again and outgoing.delivered(contact, address) is not None:
        return None
    return Due(contact, mail.account, address, mail.digest, row.subject)


def resent_from(account: MailAccount, to: str) -> str:
    """Whom a delivered mail names as the one who sent it on: the account, as far as it can."""
    named = (account.return_address, account.name)
    return next(filter(writing.is_address, named), to)


def _resent(source: Path, account: MailAccount, to: str, at: datetime, token: str) -> bytes:
    """The bytes that go out. Raises Refused (`bad-address`), Unavailable."""
    sender = resent_from(account, to)
    domain = writing.ascii_address(sender).rpartition("@")[2]
    try:
        raw = source.read_bytes()
    except OSError as error:
        raise Unavailable("the data folder cannot be read") from error
    return resend(
        raw,
        sender=Address(sender),
        to=Address(to),
        date=at,
        message_id=writing.new_message_id(domain, token),
    )
