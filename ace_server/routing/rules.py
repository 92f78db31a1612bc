"""Where a contact goes, by the site's routing rules (RO-3).

When it moves on is kept where time is known; here is only how long a stop lasts.
"""

from collections.abc import Mapping
from typing import NamedTuple

from ace_server.concepts import UNROUTED, Destination, Site
from ace_server.routing import conditions

NO_RULE = (Destination(queue=UNROUTED),)
"""Where contacts go that no rule fits."""


class Route(NamedTuple):
    """The stops of a contact, in order; none where every one of its queues is gone (WI-8)."""

    rule: int | None
    """Which of the site's routing rules it was, counted from 0; None: no rule fits."""

    destinations: tuple[Destination, ...]


def route(data: Mapping[str, str], site: Site) -> Route:
    """The first rule that fits this contact data, which holds `Entrance` and `TaskType` too."""
    for number, rule in enumerate(site.routing_rules):
        if conditions.holds(rule.when, data):
            return Route(number, tuple(stop for stop in rule.to if stop.queue in site.queues))
    return Route(None, NO_RULE)


def wait_seconds(destination: Destination) -> int | None:
    """After how many seconds a contact moves on from this stop; None: it stays."""
    until = destination.until
    return int(until.removeprefix("wait(").removesuffix(")")) if until else None
