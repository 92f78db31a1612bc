"""Which controls a contact and its agent have, in which state.

Pure: no widget, no clock, no session. The one place that knows AG-1: a work item has no reply and
no *Did not arrive*. The server decides again; what is hidden here is not thereby forbidden.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from ace_server.wire import (
    Agent,
    AgentFigures,
    AgentState,
    Contact,
    Field,
    Mail,
    Medium,
    OutgoingMail,
    QuarantinedMail,
    Role,
    State,
    WaitingContact,
)


class Action(StrEnum):
    """What an agent can do with one contact."""

    ACCEPT = "accept"
    DECLINE = "decline"
    END = "end"
    PARK = "park"
    RESUME = "resume"
    REQUEUE = "requeue"
    EXPLAIN = "explain"
    REPLY = "reply"
    REPLY_ALL = "reply-all"
    FORWARD = "forward"
    DID_NOT_ARRIVE = "did-not-arrive"


class Page(StrEnum):
    """What the window can show."""

    DESK = "page-desk"
    PULSE = "page-pulse"


class Intervention(StrEnum):
    """What a supervisor can do in Pulse (PU-2, RO-11, EM-2, EM-10)."""

    LOOK = "look-into-queue"
    EXPLAIN_WAITING = "explain-waiting"
    WHY_NOT = "why-not"
    PRIORITISE = "prioritise"
    UNPRIORITISE = "unprioritise"
    MOVE = "move"
    PULL = "pull"
    CLOSE = "close-waiting"
    EXPLAIN_IN_HAND = "explain-in-hand"
    LOG_IN_TO_QUEUE = "log-agent-in-to-queue"
    LOG_OUT_OF_QUEUE = "log-agent-out-of-queue"
    QUARANTINE = "look-into-quarantine"
    SHOW_SOURCE = "show-mail-source"
    RETRY = "retry-mail"
    EXPORT = "export-mail"
    DISCARD = "discard-mail"
    SEND_AGAIN = "send-undelivered-again"


class Verb(StrEnum):
    """What an agent can do with their own state."""

    ACTIVATE = "activate"
    PAUSE = "pause"
    EXTEND_WRAP_UP = "extend-wrap-up"
    LOG_OUT = "log-out"


class Hindrance(StrEnum):
    """Why something cannot be done now; `desk.words` says it."""

    BOOKED = "booked"
    IN_HAND = "in hand"
    PAUSED = "paused"
    WRAP_UP = "wrap-up"
    PARKED = "parked"
    LOGGED_OUT_OF_LIST = "logged out of list"


MAIL_ONLY = frozenset({Action.REPLY, Action.REPLY_ALL, Action.FORWARD, Action.DID_NOT_ARRIVE})
"""What sends mail, or sends it again."""

ANSWERS = MAIL_ONLY - {Action.DID_NOT_ARRIVE}
"""What is written here; where the mail is handled elsewhere (EM-7), it is written there."""

IN_STATE: Mapping[State, frozenset[Action]] = {
    State.BUFFERED: frozenset(),
    State.QUEUED: frozenset({Action.EXPLAIN}),
    State.BOOKED: frozenset({Action.ACCEPT, Action.DECLINE, Action.EXPLAIN, Action.DID_NOT_ARRIVE}),
    State.ACCEPTED: frozenset({Action.END, Action.PARK, Action.REQUEUE, Action.EXPLAIN})
    | MAIL_ONLY,
    State.PARKED: frozenset({Action.RESUME, Action.EXPLAIN, Action.DID_NOT_ARRIVE}),
    State.ENDED: frozenset({Action.DID_NOT_ARRIVE}),  # the one whose wrap-up runs
}
"""What a contact's state leaves room for."""

RIGHTS: Mapping[Action, str] = {
    Action.PARK: "park",
    Action.REQUEUE: "requeue",
    Action.DECLINE: "decline",
}
"""The right an action needs; the others need none."""

FREE_HANDED = frozenset({AgentState.PAUSED, AgentState.READY, AgentState.WRAP_UP})
"""The states in which an agent can take a parked contact in hand again."""


PAGES: Mapping[Role, tuple[Page, ...]] = {
    Role.AGENT: (Page.DESK,),
    Role.SUPERVISOR: (Page.DESK, Page.PULSE),
    Role.ADMINISTRATOR: (Page.DESK, Page.PULSE),
    Role.WALL: (Page.DESK,),
}
"""The pages that each role sees."""


def may_write(agent: Agent) -> bool:
    """Whether this person writes mail about no contact, and has mail of the own: no wall does."""
    return agent.role is not Role.WALL


def first_page(role: Role, contacts: int) -> Page:
    """The page to begin with: Pulse for a supervisor with no contacts at hand."""
    return Page.PULSE if role is Role.SUPERVISOR and not contacts else Page.DESK


def granted(agent: Agent) -> frozenset[Intervention]:
    """What this person may do in Pulse at all; the rest is neither in menus nor in lists."""
    if Page.PULSE not in PAGES[agent.role]:
        return frozenset()
    may_close = Intervention.CLOSE.value in agent.rights
    return frozenset(Intervention) - (frozenset() if may_close else {Intervention.CLOSE})


def on_waiting(chosen: Sequence[WaitingContact], agent: Agent) -> frozenset[Intervention]:
    """What this person can do with these waiting contacts now; some of it with one at a time."""
    if not chosen:
        return frozenset()
    possible = {Intervention.MOVE, Intervention.CLOSE}
    if not all(contact.prioritised for contact in chosen):
        possible.add(Intervention.PRIORITISE)
    if any(contact.prioritised for contact in chosen):
        possible.add(Intervention.UNPRIORITISE)
    if len(chosen) == 1:
        possible |= {Intervention.EXPLAIN_WAITING, Intervention.WHY_NOT}
        if _can_pick(agent):
            possible.add(Intervention.PULL)
    return granted(agent) & possible


def on_agent(chosen: AgentFigures, agent: Agent) -> frozenset[Intervention]:
    """What this person can do about an agent in Pulse."""
    possible = {Intervention.LOG_IN_TO_QUEUE, Intervention.LOG_OUT_OF_QUEUE}
    if chosen.state == AgentState.LOGGED_OUT:
        possible.clear()  # being logged in to a queue lasts no longer than being logged in
    if chosen.contact is not None:
        possible.add(Intervention.EXPLAIN_IN_HAND)
    return granted(agent) & possible


def on_quarantined(chosen: Sequence[QuarantinedMail], agent: Agent) -> frozenset[Intervention]:
    """What this person can do with these quarantined mails; one at a time is read or exported."""
    if not chosen:
        return frozenset()
    possible = {Intervention.RETRY, Intervention.DISCARD}
    if len(chosen) == 1:
        possible |= {Intervention.SHOW_SOURCE, Intervention.EXPORT}
    return granted(agent) & possible


def on_undelivered(chosen: Sequence[OutgoingMail], agent: Agent) -> frozenset[Intervention]:
    """What this person can do with mails that were not delivered (EM-10)."""
    possible = {Intervention.SEND_AGAIN} if chosen else frozenset()
    return granted(agent) & possible


def _can_pick(agent: Agent) -> bool:
    """A supervisor pulls whenever the own hands are free."""
    return agent.state in FREE_HANDED


def has_mail(contact: Contact) -> bool:
    """Whether the contact came out of a mailbox: no work item did, nor a social one (WI-10)."""
    return contact.medium == Medium.EMAIL and not contact.channel


def visible(*, work_item: bool) -> frozenset[Action]:
    """A work item shows every action of an email except those that send or re-send mail (AG-1)."""
    return frozenset(Action) - MAIL_ONLY if work_item else frozenset(Action)


def enabled(contact: Contact, agent: Agent, mail: Mail | None = None) -> frozenset[Action]:
    """What this agent can do with this contact now; an action not in it is not shown.

    `mail` is the contact's, once it was read: nothing is answered before.
    """
    possible = visible(work_item=not has_mail(contact)) & IN_STATE[contact.state]
    return frozenset(action for action in possible if _allowed(action, contact, agent, mail))


def _allowed(action: Action, contact: Contact, agent: Agent, mail: Mail | None) -> bool:
    if action in RIGHTS and RIGHTS[action] not in agent.rights:
        return False
    if action is Action.DECLINE:
        return not contact.channel  # never a social contact (RO-8)
    if action is Action.RESUME:
        return agent.state in FREE_HANDED
    if action in ANSWERS:
        return mail is not None and not mail.external and mail.writes is None
    return True


def verbs(agent: Agent) -> frozenset[Verb]:
    """What this agent can do with their own state now (AG-2)."""
    match agent.state:
        case AgentState.LOGGED_OUT:
            return frozenset()
        case AgentState.PAUSED:
            return frozenset({Verb.ACTIVATE, Verb.LOG_OUT})
        case AgentState.WRAP_UP:
            return frozenset({Verb.ACTIVATE, Verb.PAUSE, Verb.LOG_OUT}) | _extension(agent)
        case AgentState.BUSY if agent.pause_wanted:
            return frozenset({Verb.ACTIVATE, Verb.LOG_OUT})
        case AgentState.BOOKED if agent.pause_wanted:
            return frozenset({Verb.LOG_OUT})  # taken back once the contact is accepted
        case _:
            return frozenset({Verb.PAUSE, Verb.LOG_OUT})


def _extension(agent: Agent) -> frozenset[Verb]:
    """Only a limited wrap-up can be made longer."""
    granted = "extend-wrap-up" in agent.rights and agent.until is not None
    return frozenset({Verb.EXTEND_WRAP_UP}) if granted else frozenset()


def hindrance_to_pick(agent: Agent, *, serves: bool) -> Hindrance | None:
    """What keeps this agent from picking from a list (RO-7); `serves`: is logged in to it."""
    if not serves:
        return Hindrance.LOGGED_OUT_OF_LIST
    not_ready = "pick-not-ready" not in agent.rights
    match agent.state:
        case AgentState.BOOKED:
            return Hindrance.BOOKED
        case AgentState.BUSY:
            return Hindrance.IN_HAND
        case AgentState.PAUSED | AgentState.LOGGED_OUT if not_ready:
            return Hindrance.PAUSED
        case AgentState.WRAP_UP if not_ready:
            return Hindrance.WRAP_UP
        case _:
            return None


def hindrance_to_choose_work_level(agent: Agent, contacts: Iterable[Contact]) -> Hindrance | None:
    """What keeps this agent from another work level: only paused or ready, nothing parked."""
    match agent.state:
        case AgentState.BOOKED:
            return Hindrance.BOOKED
        case AgentState.BUSY:
            return Hindrance.IN_HAND
        case AgentState.WRAP_UP:
            return Hindrance.WRAP_UP
        case _:
            parked = any(contact.state == State.PARKED for contact in contacts)
            return Hindrance.PARKED if parked else None


def editable(contact: Contact, agent: Agent) -> bool:
    """Whether contact data can be written: in hand, and until its wrap-up is over (AG-2)."""
    return contact.state == State.ACCEPTED or (
        contact.state == State.ENDED and agent.wrap_up_contact == contact.id
    )


def missing(contact: Contact, drafts: Mapping[str, str]) -> list[Field]:
    """The mandatory fields without a value, in order: they keep a contact from being ended."""
    return [
        field
        for field in contact.fields
        if field.rule == "mandatory" and not drafts.get(field.key, field.value).strip()
    ]
