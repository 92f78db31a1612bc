"""What waits in the queue somebody looks into, page by page, as it is now.

No socket and no widget here: `session` asks the server, `board` says when something is different.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from ace_agent.pulse.board import Board
from ace_agent.session import Changed, Refused, Session
from ace_agent.tasks import Tasks
from ace_server.wire import QueueFigures, WaitingContact

PAUSE_MS = 1_000
"""What is different in the figures is looked up again after so long at the earliest."""

Place = tuple[str, str]
"""A queue or list; or no queue, and the login of the one person it waits for."""


class Waiting(QObject):
    """The contacts that wait in one place, in order; none while no place is looked into."""

    changed = Signal()
    """The contacts below are others now, or are those of another place."""

    def __init__(
        self,
        session: Session,
        board: Board,
        tell: Callable[[str], None],
        parent: QObject | None = None,
        *,
        pause_ms: int = PAUSE_MS,
    ) -> None:
        """`tell` is given the reason why something could not be looked up."""
        super().__init__(parent)
        self.place: Place | None = None
        self.contacts: Sequence[WaitingContact] = ()
        self.count = 0  # of all that wait there, fetched or not
        self.is_known = False  # whether the server has told yet
        self._session = session
        self._board = board
        self._tasks = Tasks(tell)
        self._seen: QueueFigures | None = None  # the figures at the last look
        self._lost = False  # the figures were unknown since: everything may be different
        self._due = False  # what was fetched may be different
        self._wants_more = False
        self._looking = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(pause_ms)
        self._pause.timeout.connect(self._go_on)
        board.changed.connect(self._follow)
        session.changed.connect(self._follow_session)

    @property
    def has_more(self) -> bool:
        """Whether more wait there than were fetched."""
        return len(self.contacts) < self.count

    def look_into(self, place: Place) -> None:
        """Look into another place from now on."""
        self._begin(place)
        self.again()

    def leave(self) -> None:
        """Look into none."""
        self._begin(None)

    def more(self) -> None:
        """Fetch the next ones, where there are."""
        if self.has_more:
            self._wants_more = True
            self._go_on()

    def again(self) -> None:
        """Look anew, at once: something is different there."""
        if self.place is not None:
            self._seen = self._board.queues.get(self.place)
            self._due = True
            self._pause.stop()
            self._go_on()

    async def stop(self) -> None:
        """End what is under way, and begin nothing more."""
        self.place = None
        self._pause.stop()
        await self._tasks.stop()

    def _begin(self, place: Place | None) -> None:
        self.place = place
        self._forget()

    def _forget(self) -> None:
        self.contacts, self.count, self.is_known = (), 0, False
        self._due = self._wants_more = False
        self.changed.emit()

    def _follow(self) -> None:
        """Other figures of this place: others wait there, or in another order."""
        if self.place is None or not self._board.is_known:
            self._lost = True
            return
        figures = self._board.queues.get(self.place)
        if figures != self._seen or self._lost:
            self._seen, self._lost = figures, False
            self._due = True
            self._go_on()

    def _follow_session(self, changed: Changed) -> None:
        """What was seen is not for who comes next."""
        if changed.what == "desk" and self._session.agent is None:
            self.leave()

    def _go_on(self) -> None:
        """Fetch what is to be fetched, one thing after the other."""
        if self.place is None or self._looking or not self._session.link_up:
            return
        if self._due and not self._pause.isActive():
            self._due = False
            self._pause.start()
            self._start(self.place, (), len(self.contacts))
        elif self._wants_more:
            self._wants_more = False
            self._start(self.place, self.contacts, len(self.contacts) + 1)

    def _start(self, place: Place, found: Sequence[WaitingContact], least: int) -> None:
        self._looking = True
        self._tasks.start(self._fetch_then_go_on(place, found, least))

    async def _fetch_then_go_on(
        self, place: Place, found: Sequence[WaitingContact], least: int
    ) -> None:
        try:
            await self._fetch(place, found, least)
        except Refused as refusal:
            if place == self.place and refusal.code != "unavailable":
                self._forget()  # there is nothing to see here any more
            raise
        finally:
            self._looking = False
            self._go_on()

    async def _fetch(self, place: Place, found: Sequence[WaitingContact], least: int) -> None:
        """Page by page after what is found, until there are so many, or no more.

        Between two pages contacts come and go: none is shown twice, and one that was passed over
        changes the figures, so that it is found by the next look.
        """
        queue, personal = place
        contacts = {contact.id: contact for contact in found}
        start, count = len(found), 0
        while True:
            looked = await self._session.look(queue, personal, start)
            if place != self.place:
                return
            contacts |= {contact.id: contact for contact in looked.contacts}
            start, count = start + len(looked.contacts), looked.waiting
            if not looked.contacts or start >= min(max(least, 1), count):
                break
        self.contacts, self.count, self.is_known = tuple(contacts.values()), count, True
        self.changed.emit()
