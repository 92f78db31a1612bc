"""What the desk says about the agent's state, and what to do where there is nothing to see.

Pure: what to say is decided here, how it looks elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from ace_agent import theme
from ace_agent.desk import times
from ace_agent.desk.shown import one_line
from ace_server.wire import Agent, AgentState, Contact, State


@dataclass(frozen=True, slots=True)
class Hint:
    """What is shown where no contact is: an icon, what will come, what to do."""

    icon: str
    colour: str
    title: str
    text: str


def state(agent_state: AgentState) -> str:
    """The word for an agent's state."""
    match agent_state:
        case AgentState.LOGGED_OUT:
            return _tr("Logged out")
        case AgentState.PAUSED:
            return _tr("Paused")
        case AgentState.READY:
            return _tr("Ready")
        case AgentState.BOOKED:
            return _tr("Booked")
        case AgentState.BUSY:
            return _tr("Busy")
        case AgentState.WRAP_UP:
            return _tr("Wrap-up")


def clock(agent: Agent, now: datetime) -> str:
    """How long the state has lasted; of a limited wrap-up, how much is left."""
    if agent.state == AgentState.WRAP_UP and agent.until is not None:
        return _tr("%1 left").replace("%1", times.short(times.seconds(now, agent.until)))
    return times.clock(times.seconds(agent.since, now))


def beside_state(agent: Agent, now: datetime) -> str:
    """What more there is to say about the state; empty where the word and the clock are enough."""
    if agent.state == AgentState.BOOKED and agent.until is not None:
        left = times.short(times.seconds(now, agent.until))
        return _tr("%1 left to accept").replace("%1", left)
    if agent.pause_wanted:
        return _pause_follows(agent.wanted_activity)
    return one_line(agent.activity) if agent.state == AgentState.PAUSED else ""


def _pause_follows(activity: str) -> str:
    if activity:
        return _tr("Pause follows: %1").replace("%1", one_line(activity))
    return _tr("Pause follows")


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
            "empty", "secondary", _tr("No contact is chosen"), _tr("Choose one at the left.")
        )
    agent_state = agent.state if agent else AgentState.LOGGED_OUT
    colour = theme.STATE_COLOURS[agent_state]
    match agent_state:
        case AgentState.PAUSED:
            text = _tr("Activate to receive contacts – %1.").replace("%1", activate_key)
            return Hint("state-paused", colour, _tr("You are paused"), text)
        case AgentState.READY:
            text = _tr("The next contact that fits you comes here by itself.")
            return Hint("state-ready", colour, _tr("You are ready"), text)
        case AgentState.WRAP_UP:
            text = _tr("Activate when you are done – %1.").replace("%1", activate_key)
            return Hint("state-wrap-up", colour, _tr("Wrap-up"), text)
        case _:
            text = _tr("Your contacts are shown here as soon as you are logged in.")
            return Hint("state-logged-out", colour, _tr("You are logged out"), text)


def came(contact: Contact, now: datetime) -> str:
    """Where the contact came in, when, where it waited and how long."""
    parts = [
        _tr("Entrance %1").replace("%1", one_line(contact.entrance)),
        _tr("Received %1").replace("%1", times.moment(contact.received_at, now)),
    ]
    if contact.queue:
        parts.append(_tr("Queue %1").replace("%1", one_line(contact.queue)))
    if contact.first_queued_at and contact.accepted_at:
        waited = times.age(times.seconds(contact.first_queued_at, contact.accepted_at))
        parts.append(_tr("Waited %1").replace("%1", waited))
    return listed(parts)


def listed(parts: Iterable[str]) -> str:
    """Several things in one line; where it breaks, the dot stays with what is before it."""
    return "\u00a0\u00a0·\u00a0 ".join(part for part in parts if part)


def about_state(contact: Contact, now: datetime) -> str:
    """A sentence in the action bar about a contact that can only be read, or edited a little."""
    if contact.state == State.ENDED and contact.ended_at is not None:
        text = _tr("Ended %1. Contact data can be changed until wrap-up is over.")
        return text.replace("%1", times.moment(contact.ended_at, now))
    return ""


def link_down(since: datetime | None, now: datetime) -> str:
    """That the link is down, since when, and what is kept (AG-6)."""
    if since is None:
        return _tr("The link is down. What you type is kept and stored when it returns.")
    text = _tr("The link is down since %1. What you type is kept and stored when it returns.")
    return text.replace("%1", times.moment(since, now))


def _tr(text: str) -> str:
    return QCoreApplication.translate("words", text)
