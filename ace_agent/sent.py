"""What this person wrote and sent, and what became of it: also of a mail about no contact (EM-10).

No widget here. What was sent about a contact at this desk is in its mail, too (`mails`).
"""

from PySide6.QtCore import QObject, Signal

from ace_agent.session import Changed, Session
from ace_agent.settings import Settings
from ace_server import wire
from ace_server.wire import OutgoingMail, SentMail


class SentMails(QObject):
    """Asked for when they are wanted; what was not delivered is told by the server."""

    changed = Signal()
    """Other mails were not delivered, or they are known by now."""

    @classmethod
    def of(cls, session: Session) -> "SentMails":
        """Those of this session, which outlive a window that is made anew."""
        return session.findChild(cls) or cls(session)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._undelivered: list[OutgoingMail] = []
        self._known: set[tuple[int, str]] = set()  # number and state
        self._settings: Settings | None = None
        session.sent_news.connect(self._take_news)
        session.changed.connect(self._follow)

    def keep_in(self, settings: Settings) -> None:
        """What a person knows is remembered there: the server tells it anew at every start."""
        self._settings = settings
        if self._session.agent is not None:
            self._known |= settings.told_of(self._session.site, self._session.agent.login)

    @property
    def news(self) -> list[OutgoingMail]:
        """What was not delivered and is not known yet, the newest first."""
        return [one for one in self._undelivered if (one.id, one.state) not in self._known]

    def know(self) -> None:
        """The person has seen what was not delivered."""
        if self.news:
            self._remember(self._known | {(one.id, one.state) for one in self._undelivered})
            self.changed.emit()

    async def list_all(self) -> list[OutgoingMail]:
        """What was sent lately, the newest first; raises Refused or LinkDown."""
        answer = await self._session.ask(wire.ListSent(request=0))
        assert isinstance(answer, wire.SentListed)
        return answer.mails

    async def read(self, outgoing: int) -> SentMail:
        """A mail as its readers got it; raises Refused or LinkDown."""
        answer = await self._session.ask(wire.ReadOutgoing(request=0, outgoing=outgoing))
        assert isinstance(answer, wire.OutgoingRead)
        return answer.mail

    async def send_again(self, outgoing: int) -> None:
        """Send once more what was refused, or may have been sent; raises Refused or LinkDown."""
        await self._session.ask(wire.SendAgain(request=0, outgoing=outgoing))

    def _take_news(self, news: wire.SentNews) -> None:
        self._undelivered = news.undelivered
        self._remember(self._known & {(one.id, one.state) for one in news.undelivered})
        self.changed.emit()

    def _remember(self, known: set[tuple[int, str]]) -> None:
        agent, is_other = self._session.agent, known != self._known
        self._known = known
        if is_other and agent is not None and self._settings is not None:
            self._settings.keep_told_of(self._session.site, agent.login, known)

    def _follow(self, changed: Changed) -> None:
        """Who logs in may be somebody else; what is not delivered now is told anew."""
        agent = self._session.agent
        if changed.what == "desk" and agent is not None:
            settings, site = self._settings, self._session.site
            self._known = settings.told_of(site, agent.login) if settings is not None else set()
            self._undelivered = []
            self.changed.emit()
