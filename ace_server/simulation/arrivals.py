"""Contacts made up for a site: which data they have, and when they come in.

What data can be is read from the site's own rules, so that every rule has contacts that fit it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from ace_server.concepts import AGENT_KEY, Condition, Match, Site
from ace_server.contact import WORK_ITEM_KEY
from ace_server.routing import conditions, serving
from ace_server.simulation.driving import ACCEPTING

ENTRANCE, TASK_TYPE = "Entrance", "TaskType"

PEAKS = ((10.0, 1.25, 4), (13.5, 1.5, 4), (17.0, 2.0, 1))
"""Hour of the day, its spread in hours, and how much of the day comes with it."""

NOT_THERE = 0.004
"""The share of contacts whose first booking is not accepted in time: the agent is away."""

_WITHOUT_DIGIT = 0.8
"""The share of contacts without a `prio` digit."""

_FREE = "simulated"
"""A value for a key that may have any."""


class Arrival(NamedTuple):
    """A contact that comes in, and what will be true of it whoever has it."""

    at: datetime
    entrance: str
    data: Mapping[str, str]
    accepting: float  # seconds until it is accepted
    is_missed: bool  # the first agent is not there just then
    length: float  # of its handling: how far from the middle, normally distributed


def arrivals(site: Site, midnight: datetime, contacts: int, random: Random) -> list[Arrival]:
    """So many contacts within a day, in order, with peaks; `midnight` is when the day begins."""
    entrances = sorted(site.entrances)
    if not entrances:
        return []
    times, contents, lengths = (apart(random) for _ in range(3))
    shares = [times.uniform(0.5, 2.0) for _ in entrances]
    shifts = {entrance: times.uniform(-0.5, 0.5) for entrance in entrances}
    kinds = {entrance: kinds_of_data(site, entrance) for entrance in entrances}
    found = []
    for entrance in times.choices(entrances, shares, k=contacts):
        at = midnight + timedelta(hours=_hour(shifts[entrance], times))
        data = _data(site, kinds[entrance], entrance, contents)
        accepting = lengths.expovariate(1 / ACCEPTING)
        is_missed = lengths.random() < NOT_THERE
        found.append(Arrival(at, entrance, data, accepting, is_missed, lengths.gauss(0, 1)))
    return sorted(found, key=lambda one: one.at)


def apart(random: Random) -> Random:
    """A generator of its own, so that what one decides changes nothing of what others do."""
    return Random(random.getrandbits(64))


def _hour(shift: float, random: Random) -> float:
    """An hour of the day at which a contact comes, most often near a peak."""
    middle, spread, _ = random.choices(PEAKS, [weight for *_, weight in PEAKS])[0]
    hour = random.gauss(middle + shift, spread)
    return hour if 0 <= hour < 24 else random.uniform(0, 24)


def _data(
    site: Site, kinds: Sequence[Mapping[str, str]], entrance: str, random: Random
) -> dict[str, str]:
    data = dict(random.choice(kinds))
    if random.random() >= _WITHOUT_DIGIT:
        data.setdefault("prio", str(random.randint(0, 9)))
    if data.get(AGENT_KEY) == _FREE:
        area = site.area_of(entrance)
        users = [user for user in site.users.values() if user.area == area]
        logins = [user.login for user in users if serving.can_be_waited_for(user, site)]
        data[AGENT_KEY] = random.choice(logins) if logins else ""
    return data


# What the rules look at


def kinds_of_data(site: Site, entrance: str) -> list[dict[str, str]]:
    """Contact data that fit each of the rules that contacts of an entrance can meet."""
    area = site.area_of(entrance)
    own = {WORK_ITEM_KEY: _FREE} if entrance in site.work_item_accounts else {}
    whens = [rule.when for rule in site.routing_rules if rule.area == area]
    found = [own | data for when in whens for data in _fitting(site, area, entrance, when)]
    return found or [own]


def _fitting(
    site: Site, area: str, entrance: str, when: Mapping[str, Condition]
) -> Iterator[dict[str, str]]:
    """The data that conditions ask for, with what gives the task type that they ask for."""
    if not _may_come_from(entrance, when):
        return
    task_type = when.get(TASK_TYPE)
    if task_type is None:
        yield _values(when)
        return
    for rule in site.task_type_rules:
        asked = {TASK_TYPE: task_type}
        if rule.area == area and conditions.holds(asked, {TASK_TYPE: rule.task_type}):
            both = _both(when, rule.when)
            if both is not None and _may_come_from(entrance, rule.when):
                yield _values(both)


def _may_come_from(entrance: str, when: Mapping[str, Condition]) -> bool:
    asked = {key: condition for key, condition in when.items() if key == ENTRANCE}
    return conditions.holds(asked, {ENTRANCE: entrance})


def _both(
    one: Mapping[str, Condition], other: Mapping[str, Condition]
) -> dict[str, Condition] | None:
    """Conditions of two rules together; None where one value cannot fit both."""
    found = dict(one)
    for key, condition in other.items():
        if key in found and key not in (ENTRANCE, TASK_TYPE):
            value = _value(found[key])
            if not conditions.holds({key: condition}, {key: value}):
                return None
        else:
            found[key] = condition
    return found


def _values(when: Mapping[str, Condition]) -> dict[str, str]:
    found = {key: _value(one) for key, one in when.items() if key not in (ENTRANCE, TASK_TYPE)}
    return {key: value for key, value in found.items() if value}


def _value(condition: Condition) -> str:
    if isinstance(condition, Match):
        return condition.has or _FREE
    return condition
