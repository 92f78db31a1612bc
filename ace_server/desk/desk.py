"""One agent's desk in this process: what the store holds of it, and the link to its program.

It changes nothing by itself: `agents` decides, the store is asked first.
"""

import asyncio
from typing import Protocol

from ace_server import wire
from ace_server.contact import IN_HAND, State
from ace_server.sentences import Sentence, sentence
from ace_server.store.contacts import ContactRow
from ace_server.store.desks import DeskRow
from ace_server.store.serving import Serving


class Outlet(Protocol):
    """The link to one agent's program."""

    token: str
    """Of the log-in; the same one on two links is one program that lost the first."""

    watches: bool
    """Whether its program shows figures, which come by themselves."""

    def send(self, event: wire.Event) -> None:
        """Send soon, in order."""
        ...

    async def taken(self) -> None:
        """Return when nothing waits to be sent any more, or nothing will be sent."""
        ...

    def end(self, reason: Sentence | None) -> None:
        """End the log-in and the link, and say why; None where the person asked for it."""
        ...

    def drop(self) -> None:
        """Close the link; the log-in goes on over another."""
        ...


class Desk:
    """One agent as this process knows one: the state, the contacts, the link."""

    def __init__(self, row: DeskRow) -> None:
        self.row = row
        self.serving = Serving(row.login)  # the work level chosen, the queues logged in to
        self.contacts: dict[int, ContactRow] = {}  # in hand, and the one whose wrap-up runs
        self.outlet: Outlet | None = None
        self.lost_at: float | None = None  # monotonic; None while the link is up
        self.seen_at = 0.0  # monotonic; of the last command
        self.number = 0  # of the last Change
        self.told_queues: list[wire.QueueStatus] | None = None  # of the last queue status
        self.following: list[int] = []  # had no room in the last full picture, not yet sent
        self.showing: asyncio.Task[None] | None = None  # sends them
        self.lock = asyncio.Lock()  # one step at a time

    def accepted(self) -> ContactRow | None:
        """The contact that the agent is handling."""
        return next((row for row in self.contacts.values() if row.state is State.ACCEPTED), None)

    def booked(self) -> ContactRow | None:
        """The contact that is booked for the agent."""
        return next((row for row in self.contacts.values() if row.state is State.BOOKED), None)

    def nearest_first(self) -> list[ContactRow]:
        """What is in hand, or what wrap-up is for; then what is parked, the oldest first."""
        return sorted(self.contacts.values(), key=lambda row: (row.state is State.PARKED, row.id))

    def keep(self, changed: ContactRow | None) -> list[int]:
        """Keep what is in hand and what wrap-up is for; returns the ids of what left."""
        if changed is not None:
            self.contacts[changed.id] = changed
        gone = [
            row.id
            for row in self.contacts.values()
            if row.state not in IN_HAND and row.id != self.row.wrap_up_contact
        ]
        for contact_id in gone:
            del self.contacts[contact_id]
        return gone

    def supersede(self, outlet: Outlet) -> None:
        """Another link takes the place of the one there was."""
        old = self.outlet
        if old is None or old is outlet:
            return
        if old.token == outlet.token:  # its program came back before this side noticed the loss
            old.drop()
        else:
            old.end(sentence("You have logged in at another desk."))
