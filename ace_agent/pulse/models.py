"""Rows for the views of Pulse: queues, agents, what waits, and the figures above them.

Models hold rows and know nothing else; what the server told is in `board` and `waiting`.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QLocale, QObject

from ace_agent import icons, theme
from ace_agent.desk import times, waiting_table, words
from ace_agent.desk.models import medium, title
from ace_agent.desk.shown import one_line
from ace_agent.desk.waiting_table import WaitingRow
from ace_agent.pulse.board import Board
from ace_agent.sentences import filled
from ace_agent.tables import Column, Mark, Table
from ace_server.wire import AgentFigures, AgentState, QueueFigures, WaitingContact

translate = QCoreApplication.translate

NOTHING = "–"
DAY = 24 * 3600

ORDER = (
    AgentState.READY,
    AgentState.BOOKED,
    AgentState.BUSY,
    AgentState.WRAP_UP,
    AgentState.PAUSED,
    AgentState.LOGGED_OUT,
)
"""Agents by their state: who could take a contact first, who is not here last."""


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One queue, or what waits for one person alone."""

    figures: QueueFigures
    name: str
    share: float  # of the most that wait in one queue

    @property
    def key(self) -> Hashable:
        return (self.figures.queue, self.figures.personal)


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent."""

    figures: AgentFigures
    name: str

    @property
    def key(self) -> Hashable:
        return self.figures.login


class Queues(Table[QueueRow]):
    """The queues, by name unless asked otherwise."""

    def __init__(self, now: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(_queue_columns(now), parent)

    def follow(self, board: Board) -> None:
        """Show the board's queues as they are now."""
        most = max((row.waiting for row in board.queues.values()), default=0)
        self.show(
            QueueRow(row, queue_name(row, board.agents), row.waiting / most if most else 0.0)
            for row in board.queues.values()
        )


def queue_name(row: QueueFigures, agents: Mapping[str, AgentFigures]) -> str:
    """What a queue is called; what waits for one person, by that person's name."""
    if row.queue:
        return one_line(row.queue)
    held = agents.get(row.personal)
    person = one_line(held.name if held is not None else row.personal)
    return translate("pulse", "%1 (personal)").replace("%1", person)


def _queue_columns(now: Callable[[], datetime]) -> tuple[Column[QueueRow], ...]:
    return (
        Column(
            "queue",
            translate("pulse", "Queue"),
            text=lambda row: row.name,
            order=lambda row: (bool(row.figures.personal), row.name.casefold()),
            hint=lambda row: row.name,
        ),
        Column(
            "waiting",
            translate("pulse", "Waiting"),
            text=lambda row: count(row.figures.waiting),
            order=lambda row: row.figures.waiting,
            share=lambda row: row.share,
            figures=True,
        ),
        Column(
            "oldest",
            translate("pulse", "Oldest"),
            text=lambda row: age(row.figures.oldest, now()),
            order=lambda row: _age_order(row.figures.oldest),
            hint=lambda row: _since(row.figures.oldest),
            figures=True,
            ticks=True,
        ),
        Column(
            "in-hand",
            translate("pulse", "In hand"),
            text=lambda row: count(row.figures.in_hand),
            order=lambda row: row.figures.in_hand,
            figures=True,
        ),
        Column(
            "ended",
            translate("pulse", "Ended today"),
            text=lambda row: count(row.figures.ended),
            order=lambda row: row.figures.ended,
            figures=True,
        ),
    )


class Agents(Table[AgentRow]):
    """The agents, by their state unless asked otherwise."""

    def __init__(self, now: Callable[[], datetime], parent: QObject | None = None) -> None:
        super().__init__(_agent_columns(now), parent)

    def follow(self, board: Board) -> None:
        """Show the board's agents as they are now."""
        self.show(AgentRow(row, one_line(row.name)) for row in board.agents.values())


def _agent_columns(now: Callable[[], datetime]) -> tuple[Column[AgentRow], ...]:
    return (
        Column(
            "agent",
            translate("pulse", "Agent"),
            text=lambda row: row.name,
            order=lambda row: row.name.casefold(),
            hint=lambda row: row.name,
        ),
        Column(
            "state",
            translate("pulse", "State"),
            text=lambda row: _state(row.figures),
            order=lambda row: ORDER.index(row.figures.state),
            hint=lambda row: _state(row.figures),
            mark=lambda row: Mark(
                icons.of_state(row.figures.state), theme.STATE_COLOURS[row.figures.state]
            ),
        ),
        Column(
            "since",
            translate("pulse", "For"),
            text=lambda row: _lasts(row.figures, now()),
            order=lambda row: _age_order(row.figures.since),
            hint=lambda row: _since(row.figures.since),
            figures=True,
            ticks=True,
        ),
        Column(
            "contact",
            translate("pulse", "Contact"),
            text=lambda row: in_hand(row.figures),
            order=lambda row: in_hand(row.figures).casefold(),
            hint=lambda row: in_hand(row.figures),
        ),
    )


def _state(row: AgentFigures) -> str:
    if row.state == AgentState.PAUSED and row.activity:
        text = translate("pulse", "Paused: %1")
        return text.replace("%1", one_line(row.activity))
    return words.state(row.state)


def _lasts(row: AgentFigures, now: datetime) -> str:
    """How long somebody has been away is not said to the second."""
    if row.since is None:
        return NOTHING
    if row.state == AgentState.LOGGED_OUT:
        return times.rough(times.seconds(row.since, now))
    return age(row.since, now)


def in_hand(row: AgentFigures) -> str:
    """The contact an agent has, and how many are parked beside it."""
    parts = []
    if row.contact is not None:
        text = translate("pulse", "%1 %2") if row.task_type else translate("pulse", "No. %2")
        parts.append(filled(text, one_line(row.task_type), str(row.contact)))
    if row.parked:
        parts.append(translate("pulse", "%1 parked").replace("%1", count(row.parked)))
    return words.listed(parts)


def count(number: int) -> str:
    """How many, as people of this language write it."""
    return QLocale().toString(number)


def age(since: datetime | None, now: datetime) -> str:
    """How long something has lasted or waited; days without their seconds."""
    if since is None:
        return NOTHING
    lasted = times.seconds(since, now)
    return times.short(lasted) if lasted < DAY else times.age(lasted)


def _age_order(since: datetime | None) -> float:
    """The longer ago, the more."""
    return float("-inf") if since is None else -since.timestamp()


def _since(at: datetime | None) -> str:
    if at is None:
        return ""
    return translate("pulse", "Since %1").replace("%1", times.exact(at))


# What waits in one queue


def waiting_columns(now: Callable[[], datetime]) -> tuple[Column[WaitingRow], ...]:
    """The columns of what waits in the queue that somebody looks into."""
    return (
        Column(
            "position",
            translate("pulse", "Position"),
            text=lambda row: count(row.contact.position),
            order=lambda row: row.contact.position,
            figures=True,
        ),
        Column(
            "contact",
            translate("pulse", "Contact"),
            text=lambda row: title(row.contact),
            order=lambda row: title(row.contact).casefold(),
            hint=lambda row: _whole_title(row.contact),
            mark=lambda row: Mark(icons.of_contact(row.contact), "text"),
        ),
        Column(
            "id",
            translate("pulse", "Id"),
            text=lambda row: identity(row.contact),
            order=lambda row: identity(row.contact).casefold(),
            hint=lambda row: identity(row.contact),
        ),
        Column(
            "subject",
            translate("pulse", "Subject"),
            text=lambda row: one_line(row.contact.subject),
            order=lambda row: row.contact.subject.casefold(),
            hint=lambda row: one_line(row.contact.subject),
        ),
        Column(
            "entrance",
            translate("pulse", "Entrance"),
            text=lambda row: one_line(row.contact.entrance),
            order=lambda row: row.contact.entrance.casefold(),
            hint=lambda row: one_line(row.contact.entrance),
        ),
        Column(
            "waited",
            translate("pulse", "Waited"),
            text=lambda row: age(row.contact.first_queued_at, now()),
            order=lambda row: _age_order(row.contact.first_queued_at),
            hint=lambda row: _since(row.contact.first_queued_at),
            figures=True,
            ticks=True,
        ),
        waiting_table.prio(),
    )


def waiting_name(contact: WaitingContact) -> str:
    """What a waiting contact is called in one line, with what tells it from others."""
    text = translate("pulse", "%1 %2")
    return filled(text, title(contact), identity(contact))


def identity(contact: WaitingContact) -> str:
    """What its sender calls it, else its number here."""
    return one_line(contact.external_id) or str(contact.id)


def _whole_title(contact: WaitingContact) -> str:
    text = translate("pulse", "%1: %2, number %3")
    return filled(text, medium(contact), title(contact), str(contact.id))


def how_many(shown: int, waiting: int, *, typed: bool) -> str:
    """How many wait; where not all are fetched, what is to be done to see the others."""
    if shown >= waiting:
        return translate("pulse", "%1 waiting").replace("%1", count(waiting))
    if typed:
        text = translate("pulse", "%1 waiting; searched are the first %2")
    else:
        text = translate("pulse", "%1 waiting; scroll down for more than the first %2")
    return filled(text, count(waiting), count(shown))


# The figures above


@dataclass(frozen=True, slots=True)
class Headline:
    """One figure that matters now."""

    title: str
    value: str
    hint: str


def headlines(board: Board, now: datetime) -> tuple[Headline, ...]:
    """The figures above the tables: over all queues and agents."""
    queues, agents = board.queues.values(), board.agents.values()
    present = [row for row in agents if row.state != AgentState.LOGGED_OUT]
    ready = sum(row.state == AgentState.READY for row in present)
    oldest = min((row.oldest for row in queues if row.oldest is not None), default=None)
    of_those = translate("pulse", "%1 of %2")
    return (
        Headline(
            translate("pulse", "Waiting"),
            count(sum(row.waiting for row in queues)),
            translate("pulse", "Contacts that wait in a queue or for one person"),
        ),
        Headline(
            translate("pulse", "Oldest"),
            age(oldest, now),
            translate("pulse", "How long the contact has waited that was queued first"),
        ),
        Headline(
            translate("pulse", "Ready agents"),
            filled(of_those, count(ready), count(len(present))),
            translate("pulse", "Agents who can be given a contact now, of those who are logged in"),
        ),
        Headline(
            translate("pulse", "Buffered"),
            count(board.buffered),
            translate("pulse", "Contacts held back because their entrance is closed or full"),
        ),
        Headline(
            translate("pulse", "Ended today"),
            count(sum(row.ended for row in queues)),
            translate("pulse", "Contacts ended since midnight, where the site is"),
        ),
        *_mails_to_see_to(board),
    )


def _mails_to_see_to(board: Board) -> tuple[Headline, ...]:
    """Said until a person has seen to all of them (EM-2)."""
    accounts = board.mail_accounts.values()
    number = sum(row.quarantined + row.undelivered for row in accounts)
    if not number:
        return ()
    return (
        Headline(
            translate("pulse", "Mails to see to"),
            count(number),
            translate("pulse", "Mails that went no further or were not delivered"),
        ),
    )
