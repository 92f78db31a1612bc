"""What a supervisor does about mails that went no further or did not arrive (EM-2, EM-10).

What is possible is said by `actions`; whether it is allowed the server decides again, and audits.
"""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication

from ace_agent.actions import Intervention
from ace_agent.desk.again import may_send_again
from ace_agent.desk.saving import ask_where
from ace_agent.desk.shown import one_line
from ace_agent.pulse import mail_models, models
from ace_agent.pulse.mail_source import MOST_SOURCE
from ace_agent.pulse.quarantine import Quarantine
from ace_agent.pulse.quarantine_view import QuarantineView
from ace_agent.sentences import filled
from ace_agent.session import Refused, Session
from ace_agent.tasks import Trouble
from ace_agent.widgets.question import Answer, Question, ask
from ace_server.wire import QuarantinedMail

translate = QCoreApplication.translate

DO_IT = 1
"""The place of the answer that does it; the first one leaves all as it is."""

AT_ONCE = 1_000
"""Mails that one command names at most."""


class MailInterventions:
    """Each command is done to what is chosen when it is given, whatever is chosen meanwhile."""

    def __init__(
        self,
        session: Session,
        quarantine: Quarantine,
        view: QuarantineView,
        say_done: Callable[[str], None],
    ) -> None:
        """`say_done` is given a sentence where what was done is not seen by itself."""
        self._session = session
        self._quarantine = quarantine
        self._view = view
        self._say_done = say_done

    def coroutines(self) -> dict[str, Callable[[], Coroutine[Any, Any, None]]]:
        """What each command does."""
        return {
            Intervention.SHOW_SOURCE: self._show_source,
            Intervention.RETRY: self._retry,
            Intervention.EXPORT: self._export,
            Intervention.DISCARD: self._discard,
            Intervention.SEND_AGAIN: self._send_again,
        }

    async def _show_source(self) -> None:
        for mail in self._view.chosen[:1]:
            content = await self._answer(self._session.quarantined_source(mail.id, MOST_SOURCE))
            self._view.detail.show_source(mail, content)

    async def _retry(self) -> None:
        chosen = self._view.chosen
        await self._do(chosen, self._session.retry_quarantined)
        self._say_done(
            translate("mails", "%n mails will be analysed again.", "", len(chosen)),
        )

    async def _discard(self) -> None:
        chosen = self._view.chosen
        if await ask(self._discard_question(chosen)) == DO_IT:
            await self._do(chosen, self._session.discard_quarantined)

    def _discard_question(self, chosen: Sequence[QuarantinedMail]) -> Question:
        return Question(
            self._view,
            translate("mails", "Discard %n mails?", "", len(chosen)),
            "\n".join([*_named(chosen), _what_becomes()]),
            [
                Answer(translate("mails", "Keep"), "primary"),
                Answer(translate("mails", "Discard")),
            ],
        )

    async def _do(
        self, chosen: Sequence[QuarantinedMail], do: Callable[[list[int]], Awaitable[None]]
    ) -> None:
        """Do it, then look how it is now."""
        ids = [mail.id for mail in chosen]
        for start in range(0, len(ids), AT_ONCE):
            await self._answer(do(ids[start : start + AT_ONCE]))
        self._quarantine.again()

    async def _answer(self, question: Awaitable[Any]) -> Any:
        """Where it is refused, the list shows how it is now."""
        try:
            return await question
        except Refused:
            self._quarantine.again()
            raise

    # What was not delivered

    async def _send_again(self) -> None:
        chosen = self._view.chosen_outgoing
        if not await may_send_again(chosen, self._view):
            return
        refused: list[str] = []
        for mail in chosen:
            try:
                await self._session.send_undelivered_again(mail.id)
            except Refused as refusal:
                refused.append(refusal.reason)
        self._quarantine.again()
        if refused:
            raise Trouble(_refused(refused, len(chosen)))
        self._say_done(translate("mails", "%n mails will be sent again.", "", len(chosen)))

    # Export

    async def _export(self) -> None:
        for mail in self._view.chosen[:1]:
            title, name = translate("mails", "Export mail"), f"mail-{mail.id}.eml"
            target = await ask_where(self._view, title, name)
            if target is not None:
                await self._answer(self._session.export_quarantined(mail.id, target))
                self._say_done(filled(translate("mails", "The mail is saved as %1."), target.name))


def _named(chosen: Sequence[QuarantinedMail]) -> list[str]:
    """Which mail it is, where it is one."""
    return [
        filled(translate("mails", "%1: %2"), one_line(mail.account), mail_models.reason(mail))
        for mail in chosen
        if len(chosen) == 1
    ]


def _what_becomes() -> str:
    return translate(
        "mails",
        "No contact is made, nobody is answered, and this list shows it no more. "
        "The audit keeps that you did it.",
    )


def _refused(reasons: Sequence[str], of: int) -> str:
    """Why the first was; and how many, where there was more than one."""
    if of == 1:
        return reasons[0]
    text = translate("mails", "%1 of %2 were refused. %3")
    return filled(text, models.count(len(reasons)), models.count(of), reasons[0])
