"""What is quarantined and what was not delivered, as it is now, while somebody looks (EM-2, EM-10).

No socket and no widget here: `session` asks the server, `board` says when something is different.
"""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from ace_agent.pulse.board import Board
from ace_agent.session import Changed, Session
from ace_agent.tasks import Tasks
from ace_server.wire import OutgoingMail, QuarantinedMail

PAUSE_MS = 1_000
"""What is different in the figures is looked up again after so long at the earliest."""

MOST = 2_000
"""Mails that are fetched: more than anybody goes through one by one."""

Figures = tuple[tuple[str, int, int], ...]


class Quarantine(QObject):
    """The mails that wait for a person; none while nobody looks."""

    changed = Signal()
    """The mails below are others now."""

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
        self.mails: Sequence[QuarantinedMail] = ()
        self.undelivered: Sequence[OutgoingMail] = ()
        self.is_known = False  # whether the server has told yet
        self._session = session
        self._board = board
        self._tasks = Tasks(tell)
        self._wanted = False  # somebody looks
        self._seen: Figures = ()  # at the last look
        self._due = False
        self._looking = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(pause_ms)
        self._pause.timeout.connect(self._go_on)
        board.changed.connect(self._follow)
        session.changed.connect(self._follow_session)

    def look(self) -> None:
        """Look into it from now on."""
        self._wanted = True
        self._forget()
        self.again()

    def leave(self) -> None:
        """Look no more."""
        self._wanted = False
        self._forget()

    def again(self) -> None:
        """Look anew, at once: something is different there."""
        if self._wanted:
            self._seen = self._figures()
            self._due = True
            self._pause.stop()
            self._go_on()

    async def stop(self) -> None:
        """End what is under way, and begin nothing more."""
        self._wanted = False
        self._pause.stop()
        await self._tasks.stop()

    def _forget(self) -> None:
        self.mails, self.undelivered, self.is_known, self._due = (), (), False, False
        self.changed.emit()

    def _figures(self) -> Figures:
        accounts = self._board.mail_accounts.values()
        return tuple((row.account, row.quarantined, row.undelivered) for row in accounts)

    def _follow(self) -> None:
        if self._wanted and self._board.is_known and self._figures() != self._seen:
            self._seen = self._figures()
            self._due = True
            self._go_on()

    def _follow_session(self, changed: Changed) -> None:
        """What was seen is not for who comes next; what a lost link kept back is looked up."""
        if changed.what == "desk" and self._session.agent is None:
            self.leave()
        elif changed.what == "desk":
            self.again()

    def _go_on(self) -> None:
        can_look = self._wanted and self._session.link_up and not self._looking
        if can_look and self._due and not self._pause.isActive():
            self._due, self._looking = False, True
            self._pause.start()
            self._tasks.start(self._fetch_then_go_on())

    async def _fetch_then_go_on(self) -> None:
        try:
            await self._fetch()
        finally:
            self._looking = False
            self._go_on()

    async def _fetch(self) -> None:
        """Page by page, until one is empty."""
        page = await self._session.look_into_quarantine()
        mails, undelivered = list(page.mails), page.undelivered
        while page.mails and len(mails) < MOST:
            page = await self._session.look_into_quarantine(mails[-1].id)
            mails += page.mails
        if self._wanted:
            self.mails, self.undelivered, self.is_known = mails[:MOST], undelivered, True
            self.changed.emit()
