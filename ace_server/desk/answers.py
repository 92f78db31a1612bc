"""What answers a command that is about waiting contacts or mail: who is asked about what.

What each does is its own matter; who may give which command was asked before (`rights`).
"""

from ace_server import wire
from ace_server.desk.explaining import Explaining
from ace_server.desk.mailroom import Mailroom
from ace_server.desk.quarantine import Quarantine
from ace_server.desk.waiting import WaitingContacts
from ace_server.errors import Refused


class Answers:
    """Hands each command to what it is about."""

    def __init__(
        self,
        waiting: WaitingContacts,
        explaining: Explaining,
        mailroom: Mailroom | None = None,
        quarantine: Quarantine | None = None,
    ) -> None:
        """Without a `mailroom` no mail is read or written, without a `quarantine` none cleared."""
        self._waiting = waiting
        self._explaining = explaining
        self._mailroom = mailroom
        self._quarantine = quarantine

    @property
    def mails(self) -> Mailroom:
        """What is asked about mail. Raises Refused where this server has nothing to do with it."""
        if self._mailroom is None:
            raise _does_nothing()
        return self._mailroom

    @property
    def kept(self) -> Quarantine:
        """What is asked about mails that went no further. Raises Refused where there is none."""
        if self._quarantine is None:
            raise _does_nothing()
        return self._quarantine

    async def answer(self, login: str, command: wire.Command) -> wire.Event | None:
        """The answer to what is about waiting contacts or mail; None: it is about neither."""
        for about in (self._about_waiting, self._about_own_mail, self._about_kept_mail):
            answer = await about(login, command)
            if answer is not None:
                return answer
        return None

    async def _about_waiting(self, login: str, command: wire.Command) -> wire.Event | None:
        """What is asked of contacts that wait, or done with them; None: it is about none."""
        match command:
            case wire.Look():
                return await self._waiting.look(login, command)
            case wire.Preview():
                return await self._waiting.preview(login, command)
            case wire.Move():
                await self._waiting.move(login, command)
            case wire.Prioritise():
                await self._waiting.prioritise(login, command)
            case wire.Close():
                await self._waiting.close(login, command)
            case _:
                return None
        return wire.Done(request=command.request)

    async def _about_own_mail(self, login: str, command: wire.Command) -> wire.Event | None:
        """What is read, written or sent at the desks; None: it is about no mail."""
        return None if self._mailroom is None else await self._mailroom.answer(login, command)

    def greet(self, login: str) -> None:
        """Tell a desk that has just come what became of what its agent wrote."""
        if self._mailroom is not None:
            self._mailroom.greet(login)

    async def _about_kept_mail(self, login: str, command: wire.Command) -> wire.Event | None:
        """What is asked of mails that went no further, or done with them; None: of none."""
        match command:
            case wire.LookIntoQuarantine():
                return await self.kept.look(command, login)
            case wire.RetryMails():
                await self.kept.retry(command.mails, login)
            case wire.DiscardMails():
                await self.kept.discard(command.mails, login)
            case wire.SendAgain():
                await self.kept.send_again(login, command.outgoing)
            case _:
                return None
        return wire.Done(request=command.request)

    async def explain(self, login: str, command: wire.Explain) -> wire.Explained:
        """Why a contact is where it is, in sentences (RO-11): the own ones; a supervisor's, any."""
        self._waiting.demand_explanation(login, command.contact)
        found = await self._explaining.explain(command.contact, command.agent)
        return wire.Explained(request=command.request, sentences=found.sentences())


def _does_nothing() -> Refused:
    return Refused("not-now", "This server does nothing about e-mail.")
