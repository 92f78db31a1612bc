"""What an agent chooses to serve, or is told to: a work level, and log-ins to queues (RO-4b, PU-2).

Pure: what is right is decided here, and `agents` makes it true.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from ace_server.concepts import Site, User
from ace_server.contact import AgentState, State
from ace_server.errors import Refused
from ace_server.routing import serving
from ace_server.routing.serving import Profile
from ace_server.sentences import and_, sentence
from ace_server.store.serving import Serving


def profile(user: User, site: Site, chosen: Serving) -> Profile:
    """What decides which places a user serves who has made these choices."""
    return serving.profile(user, site, chosen.work_level, chosen.logged)


def work_level(
    user: User, chosen: Serving, work_level: str, state: AgentState, in_hand: Iterable[State]
) -> Serving:
    """The choices with another work level. Raises Refused unless it may be chosen now."""
    if work_level not in user.work_levels:
        raise Refused("bad-value", "You cannot choose this work level.")
    if state not in (AgentState.PAUSED, AgentState.READY):
        raise Refused("not-now", "The work level can be changed while you are paused or ready.")
    if State.PARKED in in_hand:
        raise Refused("not-now", "End or requeue what you have parked first.")
    return replace(chosen, work_level=work_level)


def log_in(
    user: User, site: Site, chosen: Serving, queue: str, *, logged_in: bool, by_supervisor: bool
) -> Serving:
    """The choices with one place served, or no longer.

    A supervisor may log somebody in without skills, groups and work level. Raises Refused.
    """
    place = site.place(queue)
    if place is None or place.area != user.area:
        raise Refused("bad-value", "There is no such queue.")
    others = {name: on for name, on in chosen.logged.items() if name != queue}
    if not logged_in:
        return replace(chosen, logged=others | {queue: False})
    plain = replace(chosen, logged=others)
    lacking = list(serving.hindrances(place, profile(user, site, plain)))
    if not lacking:
        return plain
    if not by_supervisor or any(one.kind == "service" for one in lacking):
        words = and_([serving.words(one) for one in lacking])
        raise Refused("forbidden", sentence("%1 lacks %2.", user.name, words))
    return replace(chosen, logged=others | {queue: True})
