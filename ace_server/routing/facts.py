"""The facts around one contact that an explanation rests on, and how they are said (RO-11).

Gathering them is the caller's: from the router that decides, and from the store.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from ace_server.concepts import Site
from ace_server.contact import AgentState, State
from ace_server.routing import rules
from ace_server.routing.constraints import Constraint, Load
from ace_server.routing.serving import Profile
from ace_server.sentences import Sentence, sentence


class AgentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An agent as an explanation needs to know one."""

    profile: Profile
    name: str
    state: AgentState
    since: datetime
    has_been_here: bool = True  # else the agent has never logged in, and `since` says nothing
    activity: str = ""  # why paused
    last_entrance: str = ""  # of the contact that the agent has, or had last

    @property
    def login(self) -> str:
        return self.profile.login


class Flood(NamedTuple):
    """An entrance of which so many wait that it is a flood (RO-6)."""

    waiting: int
    mark: int  # more than this many are a flood


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A contact, and what is known around it; 0, empty and None where something is not known."""

    now: datetime
    site: Site
    state: State
    entrance: str
    data: Mapping[str, str]  # with Entrance and TaskType
    contact: int = 0
    area: str = ""
    queue: str = ""
    destination: int = 0  # which stop of its route
    personal: str = ""
    agent: str = ""
    received_at: datetime | None = None
    first_queued_at: datetime | None = None
    moves_on_at: datetime | None = None
    until: Constraint | None = None  # when the load makes it move on
    load: Load | None = None  # where it waits
    prioritised: bool = False
    flood: Flood | None = None  # where its entrance is one
    booked_until: datetime | None = None
    accepted_at: datetime | None = None
    parked_at: datetime | None = None
    ended_at: datetime | None = None
    position: int = 0  # where it waits; the first is 1
    waiting: Mapping[str, int] = {}  # queue = contacts in it
    buffered_before: int = 0  # contacts of its entrance that were buffered earlier
    total: int = 0  # contacts of its entrance not ended, the buffered ones apart
    active: int = 0  # of these, contacts waiting in a queue
    held_back: bool = False  # its entrance was full, and lets in again only when drained (RO-9)
    core_away: bool = False  # ACE Server cannot be reached
    agents: Sequence[AgentFacts] = ()


class Explanation(NamedTuple):
    """Sentences: where a contact is, the reasons, what would move it, and what its mail was."""

    where: Sentence
    why: tuple[Sentence, ...]
    would_change: tuple[Sentence, ...]
    mail: tuple[Sentence, ...] = ()  # what the history tells of the mail it was made of

    def sentences(self) -> list[Sentence]:
        """All of it, to be read from top to bottom."""
        return [self.where, *self.why, *self.would_change, *self.mail]


def route(case: Case) -> rules.Route:
    """The route of the contact, as its area's rules are now."""
    return rules.route(case.data, case.site, case.area)


def name(case: Case, login: str) -> str:
    """What a person is called on the screen."""
    user = case.site.users.get(login)
    return user.name if user is not None else login


def time(case: Case, moment: datetime) -> str:
    """A time of the site's clock; with its date, where that is not today's."""
    zone = ZoneInfo(case.site.facts.time_zone)
    local, today = moment.astimezone(zone), case.now.astimezone(zone).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def contacts(number: int) -> Sentence:
    """So many contacts, as a part of a sentence."""
    return sentence("1 contact") if number == 1 else sentence("%1 contacts", number)


IS: Mapping[AgentState, Sentence] = {
    AgentState.LOGGED_OUT: sentence("logged out"),
    AgentState.PAUSED: sentence("paused"),
    AgentState.BOOKED: sentence("booked for another contact"),
    AgentState.BUSY: sentence("busy"),
    AgentState.WRAP_UP: sentence("in wrap-up"),
}
"""What an agent is who is not ready."""


def said_number(route: rules.Route) -> int:
    """The number of a routing rule as people count."""
    return (route.rule or 0) + 1
