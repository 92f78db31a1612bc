"""A bank that has mail: the core with its mailroom, and mails put into it as the product does.

anna answers mail in ACE Agent, eva in her own program; dan works in another organisation area.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ace_server import wire
from ace_server.clock import ManualClock
from ace_server.concepts import (
    Destination,
    MailAccount,
    MailTemplate,
    OrganisationArea,
    Queue,
    RoutingRule,
    SmtpServer,
    User,
)
from ace_server.contact import Role
from ace_server.desk.mailroom import Mailroom
from ace_server.email.delivery import Deliveries
from ace_server.email.mail import Mail
from ace_server.email.message import parse
from ace_server.errors import Refused
from ace_server.events import MailDue
from ace_server.intake import Arrival
from ace_server.sentences import Sentence
from ace_server.store import Store, directory, ledger
from ace_server.store.contacts import NewAttachment
from ace_server.store.ledger import NewMail, Outcome, Seen
from tests.core import NOON, Core, Screen, site

DATA = Path("tests/data/mail")
PHOTO = DATA / "flanker" / "iphone.eml"
"""Danielle wrote to example@example.com, and attached a photo."""

SUPPORT = "support@bank.example"
WRITTEN_TO = "example@example.com"
CARDS = "cards@bank.example"
EVA = "eva@home.example"


class Here:
    """Understands mails in this process: the smallest way that there is."""

    async def read(self, source: Path) -> Mail:
        return parse(source.read_bytes())


class Office(Core):
    """A core with its mailroom and deliveries, wired as `server` wires them."""

    def __init__(self, data: Path, clock: ManualClock, understanding: Any = None) -> None:
        super().__init__(data, clock)
        self.understanding = understanding or Here()
        self._uid = 0

    async def start(self) -> None:
        await super().start()
        self.due: asyncio.Queue[MailDue] = asyncio.Queue()
        self.events.subscribe(MailDue, self.due.put_nowait)
        self.deliveries = Deliveries(self.store, self.current.site, self.events, self.clock)
        self.mailroom = Mailroom(
            self.store,
            self.current.site,
            self.agents,
            self.waiting,
            self.attachments,
            self.understanding,
            self.deliveries,
            self.events,
            self.clock,
        )
        await self.deliveries.start()
        await self.mailroom.start()

    async def stop(self) -> None:
        await self.mailroom.stop()
        await self.deliveries.stop()
        await super().stop()

    async def ask(self, login: str, command: wire.Command) -> Any:
        """What the link answers."""
        self.agents.demand(login, type(command))
        return await self.mailroom.answer(login, command)

    async def refusal(self, login: str, command: wire.Command) -> Refused:
        """Why the link refuses it."""
        try:
            answer = await self.ask(login, command)
        except Refused as refused:
            return refused
        raise AssertionError(f"not refused: {answer}")

    async def receive(
        self,
        raw: bytes,
        account: str = SUPPORT,
        *,
        own: Sentence | None = None,
        **changes: Any,
    ) -> int:
        """A mail was fetched, and became a contact; its number."""
        self._uid += 1
        digest = await self.attachments.keep(raw)
        found = NewMail(str(self._uid), len(raw), NOON, digest, **changes)
        (mail,) = await self.store.run(ledger.note, Seen(account, "INBOX", 7), [found], NOON)
        contents: list[bytes] = []
        said = self._said(raw, contents)
        files = [
            NewAttachment(
                one.name,
                one.media_type,
                one.size,
                await self.attachments.keep(content),
                one.content_id,
            )
            for one, content in zip(said.parts, contents, strict=True)
        ]
        arrival = Arrival(
            account,
            f"{account}/{self._uid}",
            digest,
            account,
            said.subject,
            said.text,
            {"EmailFrom": said.senders[0].address if said.senders else ""},
            tuple(files),
        )
        added = await self.intake.take_in(
            arrival,
            lambda added: ledger.settle(
                mail,
                Outcome.CONTACT,
                NOON,
                contact=added.contact_id,
                message_id=said.message_id,
                reason=own,
            ),
        )
        return added.contact_id

    def _said(self, raw: bytes, contents: list[bytes]) -> Mail:
        try:
            return parse(raw, keep=contents.append)
        except Refused:  # it came out of quarantine
            return Mail(subject="Too deep", text="What the header says.")

    async def handle(self, contact: int, login: str = "anna") -> Screen:
        """Somebody is logged in, ready, and accepts this contact."""
        screen = await self.log_in(login)
        await self.settle()
        await self.give(login, wire.Accept(request=0, contact=contact))
        return screen

    async def next_due(self) -> MailDue:
        """Wait until another mail is in the outbox."""
        async with asyncio.timeout(10):
            return await self.due.get()

    async def compose(
        self, contact: int | None, kind: wire.Writing = "reply", login: str = "anna"
    ) -> wire.Composed:
        composed: wire.Composed = await self.ask(
            login, wire.Compose(request=1, kind=kind, contact=contact)
        )
        return composed


@asynccontextmanager
async def opened(
    data: Path, clock: ManualClock, understanding: Any = None
) -> AsyncIterator[Office]:
    """The bank, from its morning to its evening; on SQLite, since the store matters little here."""
    store = Store(data)
    store.open()
    store.perform(bank)
    store.close()
    made = Office(data, clock, understanding)
    await made.start()
    yield made
    await made.stop()


def bank() -> None:
    """A job: the bank of `tests.core`, with mail."""
    site()
    directory.replace("organisation_area", [OrganisationArea(name="Cards")])
    directory.replace("smtp_server", [SmtpServer(name="out", url="smtp://127.0.0.1:2525")])
    directory.replace(
        "mail_account",
        [
            MailAccount(
                name=SUPPORT,
                fetch="imaps://support@mail.bank.example",
                return_address=SUPPORT,
                alternative_addresses=["zoe@bank.example", WRITTEN_TO, "hello@bank.example"],
                smtp="out",
                signature="Yours,\n{AgentName}",
            ),
            MailAccount(
                name=CARDS,
                area="Cards",
                fetch="imaps://cards@mail.bank.example",
                return_address=CARDS,
                smtp="out",
            ),
        ],
    )
    directory.replace(
        "mail_template",
        [
            MailTemplate(name="Thanks", text="Dear {EmailFrom}, thank you. {AgentName}"),
            MailTemplate(name="Elsewhere", text="No.", area="Cards"),
        ],
    )
    directory.replace("queue", [Queue(name="Everyone"), Queue(name="Card desk", area="Cards")])
    directory.replace(
        "routing_rule",
        [
            RoutingRule(to=[Destination(queue="Everyone")]),
            RoutingRule(area="Cards", to=[Destination(queue="Card desk")]),
        ],
    )
    directory.replace(
        "user",
        [
            User(login="anna", name="Anna Berg", role=Role.AGENT),
            User(login="eva", name="Eva Ros", role=Role.AGENT, email=EVA),
            User(login="dan", name="Dan Ek", role=Role.AGENT, area="Cards"),
            User(login="sara", name="Sara Lind", role=Role.SUPERVISOR),
        ],
    )
