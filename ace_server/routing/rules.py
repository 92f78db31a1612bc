"""Where a contact goes, by the routing rules of its organisation area (RO-3).

Rules are asked in the area's search order. When a contact moves on is kept where time is known;
here is a pure function of its data and the configuration.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ace_server.concepts import AGENT_KEY, Destination, RoutingRule, Site, unrouted
from ace_server.contact import is_work_item
from ace_server.routing import conditions, constraints, serving
from ace_server.routing.constraints import Constraint

WHILE_LOGGED_IN = Constraint("loggedIn", 1)
"""How long a contact stays at the place of an agent whom only its data name."""


class Stop(NamedTuple):
    """One stop of a route: exactly one of the ways to be somewhere, and when to go on."""

    place: str = ""  # a queue or waiting list
    personal: str = ""  # the login of the agent it waits for alone
    external: str = ""  # the mail address it is sent to
    ends: bool = False  # an end route
    area: str | None = None  # of an escalation: whose rules go on
    until: Constraint | None = None
    within: float | None = None  # seconds after which to go on, whatever else holds

    @property
    def waits(self) -> bool:
        """Whether the contact waits there for an agent."""
        return bool(self.place or self.personal)


class Route(NamedTuple):
    """The stops of a contact, in order; none where every one of its places is gone (WI-8)."""

    rule: int | None
    """Which of the site's routing rules it was, counted from 0; None: no rule fits."""

    stops: tuple[Stop, ...]


class Onward(NamedTuple):
    """The next stop of a contact that counts, and where it stands in which area's route."""

    stop: Stop
    number: int  # of the stop in its route
    area: str
    is_last: bool  # it stays, whatever its constraint says

    @property
    def wait_seconds(self) -> float | None:
        """After how many seconds it moves on; None: time does not move it."""
        if self.is_last:
            return None
        seconds = constraints.wait_seconds(self.stop.until)
        return self.stop.within if seconds is None else seconds

    @property
    def until(self) -> Constraint | None:
        """What makes it move on, if it is the load."""
        asks = not self.is_last and constraints.depends_on_load(self.stop.until)
        return self.stop.until if asks else None


def route(data: Mapping[str, str], site: Site, area: str = "") -> Route:
    """The rule of the area that fits this data, which holds `Entrance` and `TaskType` too."""
    for number, rule in in_search_order(site, area):
        if conditions.holds(rule.when, data):
            stops = tuple(_stops(rule, data, site))
            if not stops and any(map(_is_for_some, rule.to)):
                stops = (Stop(unrouted(area, site.system)),)
            return Route(number, stops)
    return Route(None, (*_named(data, site, area), Stop(unrouted(area, site.system))))


def in_search_order(site: Site, area: str = "") -> list[tuple[int, RoutingRule]]:
    """The rules of an area with their numbers, as they are asked: combination by combination."""
    rules = [(n, rule) for n, rule in enumerate(site.routing_rules) if rule.area == area]
    order = site.search_orders.get(area)
    if order is None:
        return rules
    places = {frozenset(keys): place for place, keys in reversed([*enumerate(order.keys)])}
    return sorted(rules, key=lambda one: places.get(frozenset(one[1].when), len(places)))


def _is_for_some(destination: Destination) -> bool:
    """Whether a destination may be none of a contact's without being gone.

    It is for e-mail alone, or for contacts that name an agent.
    """
    return bool(destination.external) or destination.end or destination.agent == AGENT_KEY


def _stops(rule: RoutingRule, data: Mapping[str, str], site: Site) -> Iterator[Stop]:
    if not any(destination.agent for destination in rule.to):
        yield from _named(data, site, rule.area)
    for destination in rule.to:
        stop = _stop(destination, data, site, rule.area)
        if stop is not None:
            yield stop


def _named(data: Mapping[str, str], site: Site, area: str) -> Iterator[Stop]:
    """The place of the agent whom the contact data name goes before all others (RO-4).

    An agent of another area has none in this one. An e-mail is offered to that agent first, and not
    alone (EM-6): who is paused all day keeps it from nobody.
    """
    agent = serving.named_agent(data, site)
    if agent is not None and agent.area == area:
        within = None if is_work_item(data) else site.system.followUpSeconds
        yield Stop(personal=agent.login, until=WHILE_LOGGED_IN, within=within)


def _stop(destination: Destination, data: Mapping[str, str], site: Site, area: str) -> Stop | None:
    """The destination for this contact; None where it is gone, or not for what the contact is."""
    until = constraints.read(destination.until)
    name = destination.queue or destination.waiting_list
    if name:
        return Stop(name, until=until) if site.place(name) is not None else None
    if destination.agent:
        user = (
            serving.named_agent(data, site)
            if destination.agent == AGENT_KEY
            else site.users.get(destination.agent)
        )
        if user is None or user.area != area or not serving.can_be_waited_for(user, site):
            return None
        return Stop(personal=user.login, until=until)
    if destination.escalation:
        point = site.escalation_points.get(destination.escalation)
        return None if point is None else Stop(area=point.to, until=until)
    if is_work_item(data):  # neither sent out (WI-10) nor ended but by an agent (WI-7)
        return None
    return Stop(external=destination.external, ends=destination.end, until=until)


def onward(data: Mapping[str, str], site: Site, area: str, number: int) -> Onward | None:
    """The stop of this number in the area's route, through escalation points into others.

    None where there is no such stop. An escalation that leads to nothing but escalations ends in
    the place for contacts without routing, so that no contact goes in circles.
    """
    been = set()
    while area not in been:
        stops = route(data, site, area).stops
        if number >= len(stops):
            return None
        stop = stops[number]
        if stop.area is None:
            return Onward(stop, number, area, number == len(stops) - 1)
        been.add(area)
        area, number = stop.area, 0
    return Onward(Stop(unrouted(area, site.system)), 0, area, True)
