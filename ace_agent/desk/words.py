"""What the desk says about the agent's state, and what to do where there is nothing to see.

Pure: what to say is decided here, how it looks elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from ace_agent import theme
from ace_agent.actions import Hindrance
from ace_agent.desk import times
from ace_agent.desk.shown import one_line
from ace_agent.sentences import filled
from ace_server.wire import Agent, AgentState, Contact, QueueStatus, State

translate = QCoreApplication.translate


@dataclass(frozen=True, slots=True)
class Hint:
    """What is shown where no contact is: an icon, what will come, what to do."""

    icon: str
    colour: str
    title: str
    text: str
    offers: bool = True  # whether a button does what can be done


def state(agent_state: AgentState) -> str:
    """The word for an agent's state."""
    match agent_state:
        case AgentState.LOGGED_OUT:
            return translate("words", "Logged out")
        case AgentState.PAUSED:
            return translate("words", "Paused")
        case AgentState.READY:
            return translate("words", "Ready")
        case AgentState.BOOKED:
            return translate("words", "Booked")
        case AgentState.BUSY:
            return translate("words", "Busy")
        case AgentState.WRAP_UP:
            return translate("words", "Wrap-up")


def clock(agent: Agent, now: datetime) -> str:
    """How long the state has lasted; of a limited wrap-up, how much is left."""
    if agent.state == AgentState.WRAP_UP and agent.until is not None:
        return translate("words", "%1 left").replace(
            "%1", times.short(times.seconds(now, agent.until))
        )
    return times.clock(times.seconds(agent.since, now))


def beside_state(agent: Agent, now: datetime) -> str:
    """What more there is to say about the state; empty where the word and the clock are enough."""
    if agent.state == AgentState.BOOKED and agent.until is not None:
        left = times.short(times.seconds(now, agent.until))
        return translate("words", "%1 left to accept").replace("%1", left)
    if agent.pause_wanted:
        return _pause_follows(agent.wanted_activity)
    if agent.state == AgentState.PAUSED and agent.activity:
        return translate("words", "Activity: %1").replace("%1", one_line(agent.activity))
    return ""


def _pause_follows(activity: str) -> str:
    if activity:
        return translate("words", "Pause follows: %1").replace("%1", one_line(activity))
    return translate("words", "Pause follows")


def share_left(agent: Agent, now: datetime) -> float | None:
    """How much of a limited time is left, 1 to 0; None where there is no end."""
    if agent.until is None:
        return None
    whole = (agent.until - agent.since).total_seconds()
    left = (agent.until - now).total_seconds()
    return min(1.0, max(0.0, left / whole)) if whole > 0 else 0.0


def nothing_here(agent: Agent | None, contacts: int, activate_key: str) -> Hint:
    """What the preview says while no contact is chosen; `contacts` counts those at hand."""
    if contacts:
        return Hint(
            "empty",
            "secondary",
            translate("words", "No contact is chosen"),
            translate("words", "Choose one at the left."),
        )
    agent_state = agent.state if agent else AgentState.LOGGED_OUT
    colour = theme.STATE_COLOURS[agent_state]
    match agent_state:
        case AgentState.PAUSED:
            text = translate("words", "Activate to receive contacts – %1.").replace(
                "%1", activate_key
            )
            return Hint("state-paused", colour, translate("words", "You are paused"), text)
        case AgentState.READY:
            text = translate("words", "The next contact that fits you comes here by itself.")
            return Hint("state-ready", colour, translate("words", "You are ready"), text)
        case AgentState.WRAP_UP:
            text = translate("words", "Activate when you are done – %1.").replace(
                "%1", activate_key
            )
            return Hint("state-wrap-up", colour, translate("words", "Wrap-up"), text)
        case _:
            text = translate("words", "Your contacts are shown here as soon as you are logged in.")
            return Hint("state-logged-out", colour, translate("words", "You are logged out"), text)


def nothing_read(gone: str, trouble: str, waiting: int) -> Hint:
    """What the preview says while no contact of a waiting list is read.

    `gone`: why the chosen one is not; `trouble`: why none is; `waiting` counts those in the list.
    """
    if trouble:
        title = translate("words", "This list cannot be shown")
        return Hint("warning", "secondary", title, trouble, False)
    if gone:
        return Hint("empty", "secondary", translate("words", "No longer here"), gone, False)
    if not waiting:
        text = translate("words", "What comes into this list is shown above.")
        return Hint("empty", "secondary", translate("words", "Nothing waits here"), text, False)
    text = translate("words", "Choose one above to read it.")
    return Hint("empty", "secondary", translate("words", "No contact is chosen"), text, False)


def no_pick(hindrance: Hindrance, activate_key: str, log_in_key: str) -> str:
    """Why nothing can be picked from a list now, and what to do about it."""
    match hindrance:
        case Hindrance.BOOKED:
            return translate("words", "A contact is booked for you: accept that one first.")
        case Hindrance.IN_HAND:
            return translate(
                "words", "You have a contact in hand: end, park or requeue that one first."
            )
        case Hindrance.WRAP_UP:
            text = translate("words", "Your wrap-up runs. Activate to pick – %1.")
            return text.replace("%1", activate_key)
        case Hindrance.LOGGED_OUT_OF_LIST:
            text = translate("words", "You are logged out of this list. Log in to pick – %1.")
            return text.replace("%1", log_in_key)
        case _:
            text = translate("words", "You are paused. Activate to pick – %1.")
            return text.replace("%1", activate_key)


def no_work_level(hindrance: Hindrance) -> str:
    """Why no other work level can be chosen now."""
    if hindrance is Hindrance.PARKED:
        return translate(
            "words", "The work level can be changed when nothing of yours is parked any more."
        )
    return translate("words", "The work level can be changed while you are paused or ready.")


def queue_status(status: QueueStatus, now: datetime) -> str:
    """What one line says of a queue: the oldest, and who is at work; or that one serves it not."""
    if not status.logged_in:
        return translate("words", "You are logged out")
    parts = []
    if status.oldest is not None and status.waiting:
        waited = times.rough(times.seconds(status.oldest, now))
        parts.append(translate("words", "oldest %1").replace("%1", waited))
    if status.name:
        parts.append(translate("words", "%n at work", "", status.at_work))
    return listed(parts)


def queue_hint(status: QueueStatus) -> str:
    """The same in whole sentences, for who points at it."""
    if not status.name:
        return translate("words", "%n contacts wait for you alone.", "", status.waiting)
    parts = [
        translate("words", "%n contacts wait.", "", status.waiting),
        translate("words", "%n agents serve it and are logged in.", "", status.agents),
        translate("words", "%n of them are not paused.", "", status.at_work),
    ]
    if status.oldest is not None and status.waiting:
        text = translate("words", "The oldest has waited since %1.")
        parts.insert(1, text.replace("%1", times.exact(status.oldest)))
    if not status.logged_in:
        parts.append(translate("words", "You are logged out of it."))
    return " ".join(parts)


def waits(name: str, position: int, count: int) -> str:
    """Where a waiting contact stands; `name` is empty where it waits for this agent alone."""
    if not name:
        text = translate("words", "Waits for you as number %1 of %2")
        return filled(text, str(position), str(count))
    text = translate("words", "Waits in %1 as number %2 of %3")
    return filled(text, one_line(name), str(position), str(count))


def came(contact: Contact, now: datetime) -> str:
    """Where the contact came in, when, where it waited and how long."""
    parts = [
        translate("words", "Entrance %1").replace("%1", one_line(contact.entrance)),
        translate("words", "Received %1").replace("%1", times.moment(contact.received_at, now)),
    ]
    if contact.queue and contact.state != State.QUEUED:  # else it is said where it waits
        parts.append(translate("words", "Queue %1").replace("%1", one_line(contact.queue)))
    if contact.first_queued_at and contact.accepted_at:
        waited = times.age(times.seconds(contact.first_queued_at, contact.accepted_at))
        parts.append(translate("words", "Waited %1").replace("%1", waited))
    return listed(parts)


def listed(parts: Iterable[str]) -> str:
    """Several things in one line; where it breaks, the dot stays with what is before it."""
    return "\u00a0\u00a0·\u00a0 ".join(part for part in parts if part)


def about_state(contact: Contact, now: datetime, activate_key: str, extend_key: str) -> str:
    """What can still be done about an ended contact; `extend_key` is empty where that cannot be."""
    if contact.state != State.ENDED or contact.ended_at is None:
        return ""
    text = translate(
        "words", "Ended %1. Contact data can be changed until wrap-up is over; %2 ends it."
    )
    if extend_key:
        text = translate(
            "words",
            "Ended %1. Contact data can be changed until wrap-up is over; %2 ends it, "
            "%3 makes it longer.",
        )
    return filled(text, times.moment(contact.ended_at, now), activate_key, extend_key)


def link_down(since: datetime | None, now: datetime) -> str:
    """That the link is down, since when, and what is kept (AG-6)."""
    if since is None:
        return translate(
            "words", "The link is down. What you type is kept and stored when it returns."
        )
    text = translate(
        "words", "The link is down since %1. What you type is kept and stored when it returns."
    )
    return text.replace("%1", times.moment(since, now))
