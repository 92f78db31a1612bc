"""When a contact leaves a stop of its routing rule for the next one (RO-3).

A constraint is asked about a `Load`, which the caller counts; time spent waiting is the store's.
"""

import math
import re
from typing import NamedTuple

_WRITTEN = re.compile(r"(wait|eqt|agentConRatio|minAvailAgents|loggedIn)\((\d+(?:\.\d+)?)\)")


class Constraint(NamedTuple):
    """A base constraint and its parameter."""

    base: str  # wait, eqt, agentConRatio, minAvailAgents; loggedIn, which nobody writes
    parameter: float  # seconds, seconds, contacts for each agent, agents

    def __str__(self) -> str:
        return f"{self.base}({self.number})"

    @property
    def number(self) -> str:
        """The parameter as it is configured: up to nine digits, none of them rounded away."""
        return f"{self.parameter:.9g}"


class Load(NamedTuple):
    """What there is at a place, for one contact that waits there."""

    before: int  # contacts that go before it
    waiting: int  # contacts that wait there, this one among them
    logged_in: int  # agents who serve it
    at_work: int  # of these, who are not paused
    pace: float  # seconds of handling for each contact


def read(written: str) -> Constraint | None:
    """The constraint that a destination's `until` says; None where it says none."""
    found = _WRITTEN.fullmatch(written)
    return None if found is None else Constraint(found[1], float(found[2]))


def wait_seconds(constraint: Constraint | None) -> float | None:
    """After how many seconds a contact moves on from this stop; None: time does not move it."""
    is_wait = constraint is not None and constraint.base == "wait"
    return constraint.parameter if constraint is not None and is_wait else None


def depends_on_load(constraint: Constraint | None) -> bool:
    """Whether others than the contact itself can make it move on."""
    return constraint is not None and constraint.base != "wait"


def queue_time(load: Load) -> float:
    """The estimated queue time in seconds; infinite where nobody is at work."""
    if not load.at_work:
        return math.inf
    return load.pace * (load.before + 1) / load.at_work


def ratio(load: Load) -> float:
    """Contacts that wait for each agent who is logged in; infinite where nobody is."""
    return load.waiting / load.logged_in if load.logged_in else math.inf


def is_exceeded(constraint: Constraint, load: Load) -> bool:
    """Whether a contact leaves for the next stop under this load."""
    match constraint.base:
        case "eqt":
            return queue_time(load) > constraint.parameter
        case "agentConRatio":
            return ratio(load) > constraint.parameter
        case "minAvailAgents":
            return load.at_work < constraint.parameter
        case "loggedIn":
            return load.logged_in < constraint.parameter
        case _:  # wait: time decides, not the load
            return False
