"""What an agent serves: rights ∩ skills ∩ queues logged in to ∩ work level (RO-4, RO-4b, RO-7).

One list of hindrances decides it for the index, and says in words why not (RO-11).
"""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, Protocol

from ace_server.concepts import AGENT_KEY, Queue, Service, Site, User, WaitingList
from ace_server.contact import Role
from ace_server.sentences import Sentence, sentence

Place = Queue | WaitingList
"""Where contacts wait: the system picks from a queue, the agent from a waiting list."""


class Profile(NamedTuple):
    """What decides which places an agent serves."""

    login: str
    area: str = ""
    skills: Mapping[str, int] = {}
    groups: frozenset[str] = frozenset()
    services: frozenset[Service] = frozenset({"queue", "waiting list"})
    level: frozenset[str] | None = None  # places of the work level; None: there is none chosen
    personal: bool = True  # whether the work level has the agent's own
    logged: Mapping[str, bool] = {}  # places logged in to by a supervisor, or out of


Kind = Literal["area", "service", "logged out", "skill", "group", "work level", "gone", "another"]
"""What is in the way; the last two are of a contact: its place is gone, it is for another alone."""


class Hindrance(NamedTuple):
    """One reason why an agent does not serve a place."""

    kind: Kind
    name: str = ""  # of the skill, the group, the service
    least: int = 0  # level that is demanded
    has: int = 0  # the agent's, or 0


def profile(user: User, site: Site, chosen: str, logged: Mapping[str, bool]) -> Profile:
    """The profile of a user who chose this work level and these log-ins to places.

    A wall display serves nothing, whatever its user was given.
    """
    level = site.work_levels.get(work_level(user, chosen))
    return Profile(
        user.login,
        user.area,
        user.skills,
        frozenset(user.groups),
        frozenset() if user.role is Role.WALL else frozenset(user.services),
        None if level is None else frozenset(level.serves),
        level is None or level.personal,
        logged,
    )


def work_level(user: User, chosen: str) -> str:
    """The work level in force: the chosen one while the user has it, else the user's first.

    Empty where the user has none: then everything that the skills allow is served.
    """
    if chosen in user.work_levels:
        return chosen
    return user.work_levels[0] if user.work_levels else ""


def hindrances(place: Place, agent: Profile) -> Iterator[Hindrance]:
    """Every reason why the agent does not serve this place now; none where it is served.

    Whom a supervisor has logged in serves it without skills, groups and work level (PU-2).
    """
    if place.area != agent.area:
        yield Hindrance("area", place.area)
    service = service_of(place)
    if service not in agent.services:
        yield Hindrance("service", service)
    if agent.logged.get(place.name) is False:
        yield Hindrance("logged out")
    if agent.logged.get(place.name) is True:
        return
    yield from lacks(place, agent.skills)
    for group in place.groups:
        if group not in agent.groups:
            yield Hindrance("group", group)
    if agent.level is not None and place.name not in agent.level:
        yield Hindrance("work level")


def lacks(place: Place, skills: Mapping[str, int]) -> Iterator[Hindrance]:
    """Each skill that is missing, or whose level is too low."""
    for skill, least in place.requires.items():
        level = skills.get(skill, 0)
        if level < least:
            yield Hindrance("skill", skill, least, level)


def serves(place: Place, agent: Profile) -> bool:
    """Whether the agent serves this place now."""
    return next(hindrances(place, agent), None) is None


def service_of(place: Place) -> Service:
    """The service that carries what waits there, work items and e-mail alike (RO-4b)."""
    return "queue" if isinstance(place, Queue) else "waiting list"


# What waits for one agent alone


def own_service(services: frozenset[Service], site: Site) -> Service | None:
    """Whether an agent's own contacts are booked or picked (`agentDistrOrderEmailIncoming`).

    The service that the parameter names, where the agent has it, else the other; None: neither.
    """
    first: Service = site.system.agentDistrOrderEmailIncoming
    return first if first in services else next(iter(services), None)


def own_place(agent: Profile, site: Site) -> Service | None:
    """Whether what waits for this agent alone is booked or picked; None: it is not served now."""
    return own_service(agent.services, site) if agent.personal else None


class Placed(Protocol):
    """A contact, as far as it is asked where it waits."""

    @property
    def area(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def personal(self) -> str: ...


def is_given(contact: Placed, agent: Profile, site: Site) -> bool:
    """Whether the system may give this agent what waits where the contact does (RO-1)."""
    if contact.area != agent.area:
        return False
    place = site.personal if contact.personal else site.queues.get(contact.queue)
    if place is None or not place.distribution:
        return False
    if contact.personal:
        return contact.personal == agent.login and own_place(agent, site) == "queue"
    return serves(place, agent)


def can_be_waited_for(user: User | None, site: Site) -> bool:
    """Whether a contact may wait for this user alone."""
    if user is None or user.locked or user.role is Role.WALL:
        return False
    return own_service(frozenset(user.services), site) is not None


def named_agent(data: Mapping[str, str], site: Site) -> User | None:
    """Whom the key `AgentName` names, by login or by a name that nobody else has (RO-4)."""
    named = data.get(AGENT_KEY, "").strip()
    if not named:
        return None
    user = site.users.get(named)
    if user is None:
        found = [one for one in site.users.values() if one.name == named]
        user = found[0] if len(found) == 1 else None
    return user if can_be_waited_for(user, site) else None


# Words


def area_words(area: str) -> Sentence:
    """An organisation area, as a part of a sentence."""
    if not area:
        return sentence("the organisation area without a name")
    return sentence("organisation area %1", area)


def words(hindrance: Hindrance) -> Sentence:
    """What is missing, as it follows "lacks" or "needs"."""
    match hindrance.kind:
        case "skill":
            none = sentence("none")
            has = hindrance.has or none
            return sentence("skill %1 %2 (has %3)", hindrance.name, hindrance.least, has)
        case "group":
            return sentence("group %1", hindrance.name)
        case "service":
            return sentence("the service %1", hindrance.name)
        case "area":
            return area_words(hindrance.name)
        case "work level":
            return sentence("a work level with it")
        case _:
            return sentence("a log-in to it")
