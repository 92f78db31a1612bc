"""Mail at the desks: one door to what is read, written and sent there, and news of what was sent.

Who may give which command was asked before (`rights`); whose contact and draft it is, is asked
here. What could not be sent or analysed is seen to elsewhere.
"""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

from ace_server import wire
from ace_server.attachments import Attachments
from ace_server.clock import Clock
from ace_server.concepts import Site
from ace_server.desk import mail_view
from ace_server.desk.agents import Agents
from ace_server.desk.desk import Outlet
from ace_server.desk.drafting import Drafting
from ace_server.desk.reading import Delivers, Reading, Understands
from ace_server.desk.sending import Sending
from ace_server.desk.sent import SentMails
from ace_server.desk.waiting import WaitingContacts
from ace_server.errors import Unavailable
from ace_server.events import Events, MailChanged
from ace_server.rounds import Rounds
from ace_server.store import Store, outgoing
from ace_server.store.outgoing import OutgoingRow

LOOK_EVERY = 3600.0
"""Seconds between two looks for drafts that can be forgotten, if nothing is sent."""


class Mailroom:
    """A service: answers commands about mail, and tells desks how what was sent stands."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        agents: Agents,
        waiting: WaitingContacts,
        attachments: Attachments,
        understanding: Understands,
        deliveries: Delivers,
        events: Events,
        clock: Clock,
    ) -> None:
        self._store = store
        self._agents = agents
        self._reading = Reading(
            store, site, agents, waiting, attachments, understanding, deliveries, clock
        )
        self._drafting = Drafting(store, site, self._reading, attachments, clock)
        self._sending = Sending(
            store, site, self._reading, self._drafting, attachments, events, clock
        )
        self._sent = SentMails(store, agents, self._drafting, clock)
        self._changed: dict[int, None] = {}  # contacts about which something sent stands otherwise
        self._rounds = Rounds(
            "mailroom",
            self._round,
            every=lambda: LOOK_EVERY,
            meanwhile="desks are not told how their mails stand",
        )
        events.subscribe(MailChanged, self._on_changed)

    async def start(self) -> None:
        """Begin to tell the desks."""
        self._rounds.wake()
        await self._rounds.start()

    async def stop(self) -> None:
        """Tell them nothing more."""
        await self._rounds.stop()

    async def answer(self, login: str, command: wire.Command) -> wire.Event | None:
        """What answers a command about mail; None: it is about none.

        Raises Refused, Unavailable.
        """
        match command:
            case wire.ReadMail():
                return await self._reading.read(login, command)
            case wire.ReadOutgoing():
                return await self._reading.read_outgoing(login, command)
            case wire.DidNotArrive():
                return await self._reading.did_not_arrive(login, command)
            case wire.Compose():
                return await self._drafting.compose(login, command)
            case wire.OpenDraft():
                return await self._drafting.open(login, command)
            case wire.SaveDraft():
                return await self._drafting.save(login, command)
            case wire.DiscardDraft():
                return await self._drafting.discard(login, command)
            case wire.Detach():
                return await self._drafting.detach(login, command)
            case wire.ListDrafts():
                return await self._drafting.listed(login, command)
            case wire.SendMail():
                return await self._sending.send(login, command)
            case wire.UndoSend():
                return await self._sending.undo(login, command)
            case wire.ListSent():
                return await self._sent.listed(login, command)
            case wire.WriteAgain():
                return await self._sent.write_again(login, command)
        return None

    async def source(self, login: str, contact: int) -> Path:
        """Where the raw mail of a contact lies. Raises Refused, Unavailable."""
        self._agents.demand(login, wire.ReadMail)
        return await self._reading.source(login, contact)

    async def attach(
        self, login: str, draft: int, name: str, media_type: str, content: AsyncIterator[bytes]
    ) -> wire.Attached:
        """Put a file into a draft. Raises Refused, Unavailable."""
        self._agents.demand(login, wire.SaveDraft)
        return await self._drafting.attach(login, draft, name, media_type, content)

    # News

    def greet(self, login: str) -> None:
        """This agent's desk has just come: it hears soon what was not delivered."""
        self._sent.greet(login)
        self._rounds.wake()

    def _on_changed(self, changed: MailChanged) -> None:
        if changed.contact is not None:
            self._changed[changed.contact] = None
        if changed.by:
            self._sent.note(changed.by)
        if changed.contact is not None or changed.by:
            self._rounds.wake()

    async def _round(self) -> None:
        while self._changed:
            contact = next(iter(self._changed))
            del self._changed[contact]
            if not self._outlets(contact):
                continue
            try:
                self._tell(contact, await self._store.run(outgoing.of_contact, contact))
            except Unavailable:
                self._changed[contact] = None
                raise
        await self._sent.tell()
        await self._sending.forget_sent()

    def _outlets(self, contact: int) -> list[Outlet]:
        return [
            desk.outlet
            for desk in self._agents.desks()
            if contact in desk.contacts and desk.outlet is not None
        ]

    def _tell(self, contact: int, sent: list[OutgoingRow]) -> None:
        news = wire.MailNews(contact=contact, outgoing=[mail_view.outgoing(one) for one in sent])
        for outlet in self._outlets(contact):
            outlet.send(news)
