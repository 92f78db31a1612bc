"""What Pulse shows, as one object: figures come in while somebody looks, and `changed` says so.

No socket and no widget here: `session` carries commands and brings what the server says.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from ace_agent.session import Changed, Session
from ace_agent.tasks import Tasks
from ace_server import wire

log = logging.getLogger(__name__)

BATCH_MS = 30
"""What changed within this time is shown at once."""


class Board(QObject):
    """The figures of this moment; empty until the server has told them."""

    changed = Signal()
    """The figures below are others now."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.buffered = 0
        self.queues: dict[tuple[str, str], wire.QueueFigures] = {}  # by queue and person
        self.agents: dict[str, wire.AgentFigures] = {}  # by login
        self.mail_accounts: dict[str, wire.MailAccountFigures] = {}
        self.now: Callable[[], datetime] = session.now
        self._session = session
        self._wanted = False
        self._asked = False  # the server tells, or will soon
        self._behind = True  # a change was missed: only everything helps
        self._number = 0
        self._tasks = Tasks(lambda reason: log.debug("not watched: %s", reason))
        self._batch = QTimer(self)
        self._batch.setSingleShot(True)
        self._batch.setInterval(BATCH_MS)
        self._batch.timeout.connect(self.changed)
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.timeout.connect(self._settle)
        session.told.connect(self._take)
        session.changed.connect(self._follow)

    @property
    def is_known(self) -> bool:
        """Whether the figures are those of this moment; else they are the last there were."""
        return not self._behind

    def want(self, wanted: bool) -> None:
        """Somebody looks at the figures now, or nobody does: then none are sent.

        The server is told once the event under way is over; what comes and goes at once is nothing.
        """
        self._wanted = wanted
        self._settling.start()

    async def stop(self) -> None:
        """End what is under way, and begin nothing more."""
        self._wanted = self._asked = False
        self._settling.stop()
        self._batch.stop()
        await self._tasks.stop()

    def _settle(self) -> None:
        """Ask the server for what is wanted, if it does otherwise and can be asked."""
        can_be_asked = self._session.link_up and self._session.agent is not None
        if self._wanted == self._asked or not can_be_asked:
            return
        if self._wanted:
            self._ask()
        else:
            self._asked, self._behind = False, True
            self._tasks.start(self._session.unwatch(), name="unwatch")

    def _ask(self) -> None:
        """Ask for everything anew."""
        self._asked = self._behind = True
        self._tasks.start(self._session.watch(), name="watch")

    def _follow(self, changed: Changed) -> None:
        if changed.what == "link" and not self._session.link_up:
            self._asked, self._behind = False, True
            self.changed.emit()
        elif changed.what == "desk" and self._session.agent is None:
            self._forget()
        elif changed.what == "desk":
            self._settle()

    def _forget(self) -> None:
        """Nobody is logged in any more: what was seen is not for who comes next."""
        self._asked, self._behind = False, True
        self.buffered, self.queues, self.agents, self.mail_accounts = 0, {}, {}, {}
        self.changed.emit()

    def _take(self, told: wire.Figures | wire.FiguresChange) -> None:
        if isinstance(told, wire.FiguresChange):
            if not self._follows(told):
                return
        else:
            self.queues, self.agents, self.mail_accounts = {}, {}, {}
            self._behind = False
        self._number = told.number
        self.buffered = told.buffered
        self.queues |= {(row.queue, row.personal): row for row in told.queues}
        self.agents |= {row.login: row for row in told.agents}
        self.mail_accounts |= {row.account: row for row in told.mail_accounts}
        if not self._batch.isActive():
            self._batch.start()

    def _follows(self, change: wire.FiguresChange) -> bool:
        """Whether a change is the next one; where one is missing, everything is asked for."""
        if self._behind:
            return False
        if change.number == self._number + 1:
            return True
        log.warning("a change of figures is missing after %s, asking for everything", self._number)
        self._ask()
        return False
