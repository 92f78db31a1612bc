"""What a supervisor does in Pulse: it asks what is needed, then the server, then looks anew (PU-2).

What is possible is said by `actions`; whether it is allowed the server decides again.
"""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from ace_agent.actions import Intervention
from ace_agent.desk.models import Target, Targets
from ace_agent.desk.shown import one_line
from ace_agent.pulse import choice, models, reason
from ace_agent.pulse.board import Board
from ace_agent.pulse.choice import ChoiceDialog
from ace_agent.pulse.reason import ReasonDialog
from ace_agent.pulse.waiting import Waiting
from ace_agent.pulse.why import Why
from ace_agent.sentences import filled
from ace_agent.session import Refused, Session
from ace_agent.tasks import Trouble
from ace_server.wire import AgentFigures, Colleague, WaitingContact

translate = QCoreApplication.translate

Contacts = Sequence[WaitingContact]


class Interventions:
    """Each command is done to what is chosen when it is given, whatever is chosen meanwhile."""

    def __init__(
        self,
        session: Session,
        board: Board,
        waiting: Waiting,
        why: Why,
        chosen: Callable[[], Contacts],
        chosen_agent: Callable[[], AgentFigures | None],
        say_done: Callable[[str], None],
    ) -> None:
        """`why` shows the answers; dialogs open over the page it stands on.

        `say_done` is given a sentence where what was done is not seen by itself.
        """
        self._session = session
        self._board = board
        self._waiting = waiting
        self._why = why
        self._chosen = chosen
        self._chosen_agent = chosen_agent
        self._say_done = say_done

    def coroutines(self) -> dict[str, Callable[[], Coroutine[Any, Any, None]]]:
        """What each command does; `pull` beside them leads to another page."""
        return {
            Intervention.EXPLAIN_WAITING: self._explain,
            Intervention.WHY_NOT: self._explain_why_not,
            Intervention.PRIORITISE: lambda: self._prioritise(True),
            Intervention.UNPRIORITISE: lambda: self._prioritise(False),
            Intervention.MOVE: self._move,
            Intervention.CLOSE: self._close,
            Intervention.EXPLAIN_IN_HAND: self._explain_in_hand,
            Intervention.LOG_IN_TO_QUEUE: lambda: self._log_in_to_queue(True),
            Intervention.LOG_OUT_OF_QUEUE: lambda: self._log_in_to_queue(False),
        }

    async def pull(self) -> int | None:
        """Take the chosen contact in hand; which one it was."""
        chosen = self._chosen()[:1]
        await self._do(chosen, lambda contact: self._session.pick(contact.id))
        return chosen[0].id if chosen else None

    # Why

    async def _explain(self) -> None:
        for contact in self._chosen()[:1]:
            sentences = await self._answer(self._session.explain(contact.id))
            title = translate("interventions", "Why does it wait?")
            self._why.tell(title, models.waiting_name(contact), sentences)

    async def _explain_why_not(self) -> None:
        for contact in self._chosen()[:1]:
            about = models.waiting_name(contact)
            dialog = ChoiceDialog(
                Targets([], [], self._people()),
                translate("interventions", "Why not …?"),
                filled(translate("interventions", "Choose who might have been given %1."), about),
                translate("interventions", "Explain"),
                self._page(),
            )
            agent = await choice.choose(dialog)
            if agent is not None:
                sentences = await self._answer(self._session.explain(contact.id, agent.name))
                title = filled(translate("interventions", "Why not %1?"), agent.text)
                self._why.tell(title, about, sentences)

    async def _explain_in_hand(self) -> None:
        row = self._chosen_agent()
        if row is not None and row.contact is not None:
            title = filled(translate("interventions", "What %1 has in hand"), one_line(row.name))
            sentences = await self._session.explain(row.contact)
            self._why.tell(title, models.in_hand(row), sentences)

    async def _answer(self, question: Awaitable[list[str]]) -> list[str]:
        """Where it is refused, the list shows how it is now."""
        try:
            return await question
        except Refused:
            self._waiting.again()
            raise

    # What is done to waiting contacts

    async def _prioritise(self, first: bool) -> None:
        chosen = [contact for contact in self._chosen() if contact.prioritised is not first]
        await self._do(chosen, lambda contact: self._session.prioritise(contact.id, first))

    async def _move(self) -> None:
        chosen = self._chosen()
        dialog = ChoiceDialog(
            self._elsewhere(),
            _move_title(chosen),
            _move_text(chosen),
            translate("interventions", "Move"),
            self._page(),
        )
        target = await choice.choose(dialog)
        if target is not None:
            queue, colleague = _queue_or_person(target)
            await self._do(chosen, lambda c: self._session.move(c.id, queue, colleague))

    async def _close(self) -> None:
        chosen = self._chosen()
        dialog = ReasonDialog(_close_title(chosen), _close_text(chosen), self._page())
        why = await reason.ask(dialog)
        if why:
            await self._do(chosen, lambda contact: self._session.close(contact.id, why))

    async def _do(self, chosen: Contacts, do: Callable[[WaitingContact], Awaitable[None]]) -> None:
        """Do it to each, then look how it is now; raises Trouble where some were refused."""
        refused: list[tuple[WaitingContact, str]] = []
        try:
            for contact in chosen:
                try:
                    await do(contact)
                except Refused as refusal:
                    refused.append((contact, refusal.reason))
        finally:
            self._waiting.again()
        if refused:
            raise Trouble(_refused(refused, len(chosen)))

    # What is done about agents

    async def _log_in_to_queue(self, logged_in: bool) -> None:
        row = self._chosen_agent()
        if row is None:
            return
        name = one_line(row.name)
        places = Targets(self._session.queues, self._session.waiting_lists, [])
        dialog = (_log_in if logged_in else _log_out)(places, name, self._page())
        target = await choice.choose(dialog)
        if target is not None:
            await self._session.log_in_to_queue(target.name, logged_in, row.login)
            done = _logged_in() if logged_in else _logged_out()
            self._say_done(filled(done, name, target.text))

    def _page(self) -> QWidget:
        """What a dialog opens over; the panel above it gives the keyboard back before."""
        self._why.leave()
        return self._why.host

    # What can be chosen

    def _elsewhere(self) -> Targets:
        """Where a contact of the queue that is looked into can be moved to."""
        queue, personal = self._waiting.place or ("", "")
        return Targets(
            [name for name in self._session.queues if name != queue],
            [name for name in self._session.waiting_lists if name != queue],
            [each for each in self._session.colleagues if each.login != personal],
        )

    def _people(self) -> list[Colleague]:
        return [Colleague(login=row.login, name=row.name) for row in self._board.agents.values()]


def _queue_or_person(target: Target) -> tuple[str, str]:
    return ("", target.name) if target.icon == "person" else (target.name, "")


# What is said


def _move_title(chosen: Contacts) -> str:
    if len(chosen) == 1:
        return translate("interventions", "Move contact")
    return translate("interventions", "Move %n contacts", "", len(chosen))


def _move_text(chosen: Contacts) -> str:
    if len(chosen) == 1:
        text = translate("interventions", "%1 keeps its age where it waits next.")
        return filled(text, models.waiting_name(chosen[0]))
    return translate("interventions", "They keep their age where they wait next.")


def _close_title(chosen: Contacts) -> str:
    if len(chosen) == 1:
        return translate("interventions", "Close contact")
    return translate("interventions", "Close %n contacts", "", len(chosen))


def _close_text(chosen: Contacts) -> str:
    if len(chosen) == 1:
        text = translate("interventions", "%1 ends, and nobody will have handled it.")
        return filled(text, models.waiting_name(chosen[0]))
    return translate("interventions", "They end, and nobody will have handled them.")


def _refused(refused: Sequence[tuple[WaitingContact, str]], of: int) -> str:
    """Why the first was; and how many, where there was more than one."""
    contact, why = refused[0]
    if of == 1:
        return why
    text = translate("interventions", "%1 of %2 were refused. %3: %4")
    number = models.count(len(refused))
    return filled(text, number, models.count(of), models.waiting_name(contact), why)


def _log_in(places: Targets, name: str, parent: QWidget) -> ChoiceDialog:
    return ChoiceDialog(
        places,
        filled(translate("interventions", "Log %1 in to a queue"), name),
        translate(
            "interventions", "The agent serves it until the next log-out, even without its skills."
        ),
        translate("interventions", "Log in"),
        parent,
    )


def _log_out(places: Targets, name: str, parent: QWidget) -> ChoiceDialog:
    return ChoiceDialog(
        places,
        filled(translate("interventions", "Log %1 out of a queue"), name),
        translate("interventions", "The agent serves it no longer, until the next log-in."),
        translate("interventions", "Log out"),
        parent,
    )


def _logged_in() -> str:
    return translate("interventions", "%1 is logged in to %2.")


def _logged_out() -> str:
    return translate("interventions", "%1 is logged out of %2.")
