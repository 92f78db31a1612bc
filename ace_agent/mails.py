"""The mails of the contacts at this desk: read when they are wanted, and kept as they stand.

Beside those in hand, that of the waiting contact looked at last is kept. No widget here. What is
being written is `drafts`' matter.
"""

import logging

import msgspec
from PySide6.QtCore import QObject, Signal

from ace_agent.session import Changed, Refused, Session
from ace_agent.tasks import Tasks, Trouble
from ace_server import wire
from ace_server.wire import Mail, OutgoingMail

log = logging.getLogger(__name__)


INTO_HAND = ("accepted", "picked")
"""After these a mail that was read before is read anew: now something can be written about it."""


class Mails(QObject):
    """What is known of the mails of this desk."""

    changed = Signal(int)
    """The mail of this contact was read, stands otherwise, or could not be read."""

    read = Signal(object)
    """Carries a `wire.Mail`, as the server has it now."""

    @classmethod
    def of_session(cls, session: Session) -> "Mails":
        """Those of this session, which outlive a window that is made anew."""
        return session.findChild(cls) or cls(session)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._tasks = Tasks(lambda reason: log.debug("a mail was not read: %s", reason))
        self._mails: dict[int, Mail] = {}
        self._troubles: dict[int, str] = {}
        self._old: set[int] = set()  # read before the link was lost: what was sent may have moved
        session.changed.connect(self._follow)
        session.looked_at.connect(self._make_room)
        session.mail_news.connect(self._take_news)
        session.keep(nothing_typed, self.stop)

    def of(self, contact: int) -> Mail | None:
        """The mail of this contact, once it was read."""
        return self._mails.get(contact)

    def trouble(self, contact: int) -> str:
        """Why it could not be read: a sentence; empty where it was, or is being read."""
        return self._troubles.get(contact, "")

    def want(self, contact: int) -> None:
        """Read it, unless it was read already, is being read, or could not be."""
        is_known = contact in self._mails and contact not in self._old
        if not is_known and contact not in self._troubles:
            self._read_soon(contact)

    def try_again(self, contact: int) -> None:
        """Read it now, though it could not be read before."""
        self._troubles.pop(contact, None)
        self._read_soon(contact)
        self.changed.emit(contact)

    async def did_not_arrive(self, contact: int) -> Mail:
        """Have it sent, or fetched, again (EM-8); raises Refused or LinkDown."""
        answer = await self._session.ask(wire.DidNotArrive(request=0, contact=contact))
        assert isinstance(answer, wire.MailRead)
        self._take(answer.mail)
        return answer.mail

    def note(self, outgoing: OutgoingMail) -> None:
        """This was put into the outbox from here."""
        mail = self._mails.get(outgoing.contact) if outgoing.contact is not None else None
        if mail is not None:
            others = [one for one in mail.outgoing if one.id != outgoing.id]
            self._replace(mail, [*others, outgoing])

    async def stop(self) -> None:
        """End what is under way."""
        await self._tasks.stop()

    # What the session says

    def _follow(self, changed: Changed) -> None:
        if changed.what == "link" and not self._session.link_up:
            self._old.update(self._mails)
        elif changed.what == "desk":
            if self._session.agent is None:
                self._mails.clear()  # who logs in next may be somebody else
            self._troubles.clear()
            self._forget_the_gone()
        elif changed.contact is not None and changed.contact not in self._session.contacts:
            self._forget_the_gone()
        elif changed.contact is not None and changed.why in INTO_HAND:
            self._read_anew(changed.contact)

    def _read_anew(self, contact: int) -> None:
        """Also where it is being read just now: the answer may be from before."""
        if contact in self._mails or self._tasks.is_running(_task(contact)):
            self._old.add(contact)
            self._read_soon(contact)

    def _make_room(self, previewed: int) -> None:
        """Another waiting contact is looked at, or the same one anew: its mail may have moved."""
        self._forget_the_gone()
        if previewed in self._mails and previewed not in self._session.contacts:
            self._old.add(previewed)

    def _is_kept(self, contact: int) -> bool:
        return contact in self._session.contacts or contact == self._session.previewed

    def _forget_the_gone(self) -> None:
        self._mails = {n: mail for n, mail in self._mails.items() if self._is_kept(n)}
        self._troubles = {n: why for n, why in self._troubles.items() if self._is_kept(n)}
        self._old.intersection_update(self._mails)

    def _take_news(self, news: wire.MailNews) -> None:
        mail = self._mails.get(news.contact)
        if mail is not None:
            self._replace(mail, news.outgoing)

    def _replace(self, mail: Mail, outgoing: list[OutgoingMail]) -> None:
        self._mails[mail.contact] = msgspec.structs.replace(mail, outgoing=outgoing)
        self.changed.emit(mail.contact)

    # Reading

    def _read_soon(self, contact: int) -> None:
        if not self._tasks.is_running(_task(contact)):
            self._tasks.start(self._read_while_old(contact), name=_task(contact))

    async def _read_while_old(self, contact: int) -> None:
        """Once, and once more where what came may be from before something happened."""
        self._old.discard(contact)
        await self._read(contact)
        is_doubtful = contact in self._old and contact not in self._troubles
        if is_doubtful and self._is_kept(contact) and self._session.link_up:
            self._old.discard(contact)
            await self._read(contact)

    async def _read(self, contact: int) -> None:
        try:
            answer = await self._session.ask(wire.ReadMail(request=0, contact=contact))
        except Trouble as trouble:
            if isinstance(trouble, Refused) or contact not in self._mails:
                self._troubles[contact] = trouble.reason
            else:
                self._old.add(contact)
            self.changed.emit(contact)
            return
        assert isinstance(answer, wire.MailRead)
        self._take(answer.mail)

    def _take(self, mail: Mail) -> None:
        if not self._is_kept(mail.contact):
            return
        self._mails[mail.contact] = mail
        self._troubles.pop(mail.contact, None)
        self.read.emit(mail)
        self.changed.emit(mail.contact)


def _task(contact: int) -> str:
    return f"read mail {contact}"


async def nothing_typed() -> None:
    """Mails are only read."""
