"""One waiting list that is looked into, as one object: who waits, and the contact that is read.

No widget here. What waits is asked for anew whenever the server says that it is different; the
contact that is read stays the chosen one, and is told apart from one that is gone.
"""

import logging

from PySide6.QtCore import QObject, Signal

from ace_agent.session import Changed, LinkDown, Refused, Session
from ace_agent.tasks import Tasks
from ace_server.wire import Contact, QueueStatus, WaitingContact

log = logging.getLogger(__name__)

MOVED = frozenset({"illegal-move", "not-found"})
"""The codes of a refusal that say: the contact is no longer where it was."""


class WaitingList(QObject):
    """Empty until one is opened."""

    changed = Signal()
    """What is below is different now."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name: str | None = None  # None: no list is open; empty: this agent's own
        self.count = 0  # of all that wait in it
        self.contacts: list[WaitingContact] = []  # the first of them, in order
        self.is_known = False  # they have come
        self.trouble = ""  # why they are not known, or no longer
        self.chosen: int | None = None
        self.contact: Contact | None = None  # the chosen one, to read
        self.gone = ""  # that the chosen one no longer waits here
        self._session = session
        self._wanted = 1  # how many of them at least
        self._change: int | None = None  # the server's number for what was asked for last
        self._stale = self._looking = False
        self._unread = self._reading = False
        self._tasks = Tasks(lambda reason: log.debug("not looked at: %s", reason))
        session.changed.connect(self._follow)

    @property
    def status(self) -> QueueStatus | None:
        """What the server said of the open list last."""
        statuses = self._session.queue_status
        return next((s for s in statuses if s.is_list and s.name == self.name), None)

    @property
    def has_more(self) -> bool:
        """Whether more wait than have come."""
        return len(self.contacts) < self.count

    def position(self, contact: int | None) -> int | None:
        """Where this one stands; None where that is not known."""
        return next((c.position for c in self.contacts if c.id == contact), None)

    def open(self, name: str) -> None:
        """Look into this list; its first contact is read."""
        if name == self.name:
            return
        self._forget()
        self.name = name
        self._look_soon()
        self.changed.emit()

    def close(self) -> None:
        """Look into none."""
        if self.name is not None:
            self._forget()
            self.changed.emit()

    def more(self) -> None:
        """Fetch those that follow."""
        if self.has_more and not self._stale:
            self._wanted = len(self.contacts) + 1
            self._look_soon()

    def choose(self, contact: int | None) -> None:
        """Read this one."""
        if contact != self.chosen:
            self.chosen, self.gone = contact, ""
            if contact is None:
                self.contact = None
            self._read_soon()
            self.changed.emit()

    async def pick(self) -> int | None:
        """Take the chosen one in hand, and look no longer; its number. Raises Refused, LinkDown."""
        chosen = self.chosen
        if chosen is None:
            return None
        try:
            await self._session.pick(chosen)
        except Refused as refusal:
            if refusal.code in MOVED and self.chosen == chosen:
                self._say_gone(refusal.reason)
                self._look_soon()
            raise
        self.close()
        return chosen

    async def stop(self) -> None:
        """End what is under way."""
        await self._tasks.stop()

    def _forget(self) -> None:
        self.name, self.count, self.contacts = None, 0, []
        self.is_known, self.trouble = False, ""
        self.chosen, self.contact, self.gone = None, None, ""
        self._wanted, self._change = 1, None

    # What the server says

    def _follow(self, changed: Changed) -> None:
        if self.name is None:
            return
        if changed.what == "desk":
            if self._session.agent is None:
                self.close()
            else:
                self._look_soon()
        elif changed.what == "queues":
            self._follow_status()

    def _follow_status(self) -> None:
        """It is looked at anew where it is different; it closes where it is no longer this one's.

        What waits for the agent alone is told only while something does.
        """
        status = self.status
        if status is None and self.name:
            self.close()
            return
        if status is None or status.change != self._change:
            self._look_soon()
        self.changed.emit()

    # Who waits

    def _look_soon(self) -> None:
        self._stale = True
        if not self._looking:
            self._looking = True
            self._tasks.start(self._look(), name="look")

    async def _look(self) -> None:
        try:
            await self._look_while_stale()
        finally:
            self._looking = False

    async def _look_while_stale(self) -> None:
        while self._stale and self.name is not None:
            self._stale = False
            name, status = self.name, self.status
            self._change = status.change if status is not None else None
            try:
                found = await self._pages(name)
            except Refused as refusal:
                if name == self.name:
                    self._fail(refusal)
            except LinkDown:
                return  # with the link a Desk comes, and all of it is asked for again
            else:
                if name == self.name:
                    self._take(*found)

    async def _pages(self, name: str) -> tuple[int, list[WaitingContact]]:
        """All that is wanted, page by page; what moves meanwhile comes twice, and is taken once."""
        found: dict[int, WaitingContact] = {}
        start = 0
        while True:
            looked = await self._session.look(name, start=start)
            found |= {contact.id: contact for contact in looked.contacts}
            start += len(looked.contacts)
            if not looked.contacts or start >= min(self._wanted, looked.waiting):
                return looked.waiting, list(found.values())

    def _fail(self, refusal: Refused) -> None:
        self.trouble = refusal.reason
        self._change = None  # whatever is told next, it is tried again
        if refusal.code != "unavailable":
            self.count, self.contacts = 0, []
        self.changed.emit()

    def _take(self, count: int, contacts: list[WaitingContact]) -> None:
        begins = not self.is_known
        self.count, self.contacts = count, contacts
        self.is_known, self.trouble = True, ""
        self._wanted = max(self._wanted, len(contacts))
        if begins and self.chosen is None and contacts:
            self.chosen = contacts[0].id
            self._read_soon()
        elif self._is_to_read():
            self._read_soon()
        self.changed.emit()

    # The one that is read

    def _is_to_read(self) -> bool:
        """The chosen one has not come; or it stands no longer where it did, and may be gone."""
        is_read = self.contact is not None and self.contact.id == self.chosen
        stands = self.position(self.chosen) is not None
        return self.chosen is not None and not self.gone and not (is_read and stands)

    def _read_soon(self) -> None:
        self._unread = True
        if not self._reading:
            self._reading = True
            self._tasks.start(self._read(), name="read")

    async def _read(self) -> None:
        try:
            await self._read_while_unread()
        finally:
            self._reading = False

    async def _read_while_unread(self) -> None:
        """The last one chosen, however many were chosen meanwhile."""
        while self._unread and self.chosen is not None:
            self._unread = False
            name, chosen = self.name, self.chosen
            try:
                contact = await self._session.preview(chosen)
            except Refused as refusal:
                if chosen == self.chosen:
                    self._say_gone(refusal.reason)
            except LinkDown:
                if chosen == self.chosen:
                    self.contact = None
                    self.changed.emit()
                return
            else:
                if (name, chosen) == (self.name, self.chosen):
                    self._show(contact)

    def _show(self, contact: Contact) -> None:
        if self.is_known and self.position(contact.id) is None and contact.queue != self.name:
            self._say_gone(self.tr("This contact was moved: it waits elsewhere now."))
            return
        self.contact = contact
        self.changed.emit()

    def _say_gone(self, reason: str) -> None:
        self.contact, self.gone = None, reason
        self.changed.emit()
