"""Whether what routes contacts fits together: areas, places, work levels, rules and who serves.

This is the part of `checks` about routing. What a rule means for a contact is in `routing`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ace_server.administration import faults
from ace_server.administration.document import Problem
from ace_server.concepts import (
    AGENT_KEY,
    KINDS,
    PERSONAL,
    Concept,
    Condition,
    Destination,
    EscalationPoint,
    Match,
    Queue,
    RoutingRule,
    SearchOrder,
    Site,
    TaskTypeRule,
    User,
    WaitingList,
    WorkLevel,
)
from ace_server.contact import WORK_ITEM_KEY, Role
from ace_server.routing import conditions
from ace_server.store import directory


def check(site: Site) -> Iterator[Problem]:
    """Everything that is wrong with what routes contacts."""
    for part in _PARTS:
        yield from part(site)


# Areas


def _areas(site: Site) -> Iterator[Problem]:
    for kind, concept in KINDS.items():
        for number, entry in enumerate(site.entries(kind), start=1):
            label = getattr(entry, concept.identity) if concept.identity else number
            where, area = f"{kind} {label}".rstrip(), getattr(entry, "area", "")
            yield from faults.unknown(f"{where}, area", "organisation_area", [area], site.areas)


def _in_area(where: str, entry: Concept, area: str, instead: str = "") -> Iterator[Problem]:
    """Whether an entry that something of an area refers to is of that area."""
    own = getattr(entry, "area", "")
    if own != area:
        name = getattr(entry, entry.identity)
        reason = f"'{name}' belongs to {_words(own)}, not to {_words(area)}{instead}"
        yield Problem(where, reason)


def _words(area: str) -> str:
    return f"organisation_area {area}" if area else "the area without a name"


# Places


def _places(site: Site) -> Iterator[Problem]:
    for place in site.places():
        where = f"{place.kind} {place.name}"
        yield from faults.unknown(f"{where}, requires", "skill", place.requires, site.skills)
        yield from _groups(where, place.groups, site)
        yield from _service_levels(where, place)
    for name in sorted(site.waiting_lists.keys() & {*site.queues, PERSONAL}):
        yield Problem(f"waiting_list {name}", f"queue {name} has this name, too")
    yield from _personal(site.personal)
    yield from _unrouted(site)


def _groups(where: str, groups: Sequence[str], site: Site) -> Iterator[Problem]:
    yield from faults.unknown(f"{where}, groups", "group", groups, site.groups)
    yield from faults.twice(f"{where}, groups", "group", groups)


def _service_levels(where: str, place: Queue | WaitingList) -> Iterator[Problem]:
    first, second = place.service_level_1, place.service_level_2
    if first is not None and second is not None and first > second:
        reason = f"{first} is more than service_level_2, {second}, which includes it"
        yield Problem(f"{where}, service_level_1", reason)


def _personal(template: Queue) -> Iterator[Problem]:
    for field in ("area", "requires", "groups"):
        if getattr(template, field):
            reason = "what waits for one agent alone demands nothing: leave it out"
            yield Problem(f"queue {PERSONAL}, {field}", reason)
    yield from _service_levels(f"queue {PERSONAL}", template)


def _unrouted(site: Site) -> Iterator[Problem]:
    """What waits where no rule fits is served by its own area."""
    for area in site.areas:
        for name in directory.unrouted_places(area):
            place = site.place(name)
            if place is not None and place.area != area:
                right = f"write area = '{area}'" if area else "leave the area out"
                reason = f"contacts of {_words(area)} that no rule fits wait here: {right}"
                yield Problem(f"{place.kind} {name}, area", reason)


def _work_levels(site: Site) -> Iterator[Problem]:
    for level in site.work_levels.values():
        where = f"work_level {level.name}, serves"
        yield from faults.twice(where, "queue or waiting_list", level.serves)
        for name in level.serves:
            yield from _served(where, name, level, site)


def _served(where: str, name: str, level: WorkLevel, site: Site) -> Iterator[Problem]:
    place = site.place(name)
    if place is not None:
        yield from _in_area(where, place, level.area)
    elif name == PERSONAL:
        yield Problem(where, f"'{name}' is no single queue: write personal = true")
    else:
        yield Problem(where, f"queue or waiting_list '{name}' is not configured")


# Who serves


def _users(site: Site) -> Iterator[Problem]:
    for user in site.users.values():
        where = f"user {user.login}"
        yield from faults.unknown(f"{where}, skills", "skill", user.skills, site.skills)
        yield from _groups(where, user.groups, site)
        yield from _chosen(f"{where}, work_levels", user, site)
        if user.login == AGENT_KEY:
            reason = "in a destination this means whom the contact data name: choose another login"
            yield Problem(where, reason)


def _chosen(where: str, user: User, site: Site) -> Iterator[Problem]:
    yield from faults.unknown(where, "work_level", user.work_levels, site.work_levels)
    yield from faults.twice(where, "work_level", user.work_levels)
    for name in user.work_levels:
        if name in site.work_levels:
            yield from _in_area(where, site.work_levels[name], user.area)


# Rules


def _task_type_rules(site: Site) -> Iterator[Problem]:
    for number, rule in enumerate(site.task_type_rules, start=1):
        where = f"task_type_rule {number}"
        yield from _when(where, rule.when, site)
        at = f"{where}, task_type"
        yield from faults.unknown(at, "task type", [rule.task_type], site.task_types)
        if "TaskType" in rule.when:
            yield Problem(
                f"{where}, when.TaskType", "a contact has no task type before these rules"
            )
    yield from _same_when("task_type_rule", site.task_type_rules)


def _routing_rules(site: Site) -> Iterator[Problem]:
    for number, rule in enumerate(site.routing_rules, start=1):
        where = f"routing_rule {number}"
        yield from _when(where, rule.when, site)
        for stop, destination in enumerate(rule.to, start=1):
            yield from _destination(f"{where}, to {stop}", destination, rule, site)
    yield from _same_when("routing_rule", site.routing_rules)


def _when(where: str, when: Mapping[str, Condition], site: Site) -> Iterator[Problem]:
    yield from faults.unknown(f"{where}, when", "key", when, site.contact_data_keys)
    task_type = when.get("TaskType")
    if isinstance(task_type, str) and task_type:
        at = f"{where}, when.TaskType"
        yield from faults.unknown(at, "task type", [task_type], site.task_types)
    entrance = when.get("Entrance")
    if isinstance(entrance, str):
        yield from faults.unknown(f"{where}, when.Entrance", "entrance", [entrance], site.entrances)
    for key, condition in when.items():
        if isinstance(condition, Match) and bool(condition.has) == condition.any:
            yield Problem(f"{where}, when.{key}", "write a value, { has = … } or { any = true }")


def _same_when(kind: str, rules: Iterable[TaskTypeRule | RoutingRule]) -> Iterator[Problem]:
    """Of two rules of an area with the same conditions the second would never be asked."""
    first: dict[tuple[str, frozenset[tuple[str, Condition]]], int] = {}
    for number, rule in enumerate(rules, start=1):
        other = first.setdefault((rule.area, frozenset(rule.when.items())), number)
        if other != number:
            yield Problem(f"{kind} {number}, when", f"the same as of {kind} {other}")


def _search_orders(site: Site) -> Iterator[Problem]:
    for order in site.search_orders.values():
        where = f"search_order {order.area}".rstrip()
        for number, combination in enumerate(order.keys, start=1):
            at = f"{where}, keys {number}"
            yield from faults.unknown(at, "key", combination, site.contact_data_keys)
            yield from faults.twice(at, "key", combination)
        yield from _same_keys(where, order)


def _same_keys(where: str, order: SearchOrder) -> Iterator[Problem]:
    first: dict[frozenset[str], int] = {}
    for number, combination in enumerate(order.keys, start=1):
        other = first.setdefault(frozenset(combination), number)
        if other != number:
            yield Problem(f"{where}, keys {number}", f"the same as {other}, in whatever order")


def _escalation_points(site: Site) -> Iterator[Problem]:
    for point in site.escalation_points.values():
        where = f"escalation_point {point.name}, to"
        yield from faults.unknown(where, "organisation_area", [point.to], site.areas)
        if point.to == point.area:
            yield Problem(where, f"leads back into {_words(point.area)}: name another area")


# Destinations


def _destination(
    where: str, destination: Destination, rule: RoutingRule, site: Site
) -> Iterator[Problem]:
    given = [field for field in _STOPS if getattr(destination, field)]
    if len(given) == 1:
        (field,) = given
        yield from _STOPS[field](f"{where}, {field}", destination, rule, site)
    elif given:
        yield Problem(where, f"has {' and '.join(given)}: make each a destination of its own")
    else:
        *names, last = _STOPS
        yield Problem(where, f"leads nowhere: write {', '.join(names)} or {last}")


def _queue(
    where: str, destination: Destination, rule: RoutingRule, site: Site
) -> Iterator[Problem]:
    name = destination.queue
    if name == PERSONAL:
        yield Problem(where, f"'{name}' is no single queue: write agent, and whose it is")
        return
    yield from _place(where, "queue", name, site.queues, site.waiting_lists, rule)


def _waiting_list(
    where: str, destination: Destination, rule: RoutingRule, site: Site
) -> Iterator[Problem]:
    name = destination.waiting_list
    yield from _place(where, "waiting_list", name, site.waiting_lists, site.queues, rule)


def _place(
    where: str,
    kind: str,
    name: str,
    places: Mapping[str, Queue | WaitingList],
    others: Mapping[str, Queue | WaitingList],
    rule: RoutingRule,
) -> Iterator[Problem]:
    """A place of this kind, which the `others` are not."""
    if name in places:
        yield from _in_area(where, places[name], rule.area, ": an escalation point leads there")
    elif name in others:
        other = others[name].kind
        yield Problem(where, f"'{name}' is a {other}: write {other} = '{name}'")
    else:
        yield Problem(where, f"{kind} '{name}' is not configured")


def _agent(
    where: str, destination: Destination, rule: RoutingRule, site: Site
) -> Iterator[Problem]:
    if destination.agent == AGENT_KEY:
        return
    yield from faults.unknown(where, "user", [destination.agent], site.users)
    user = site.users.get(destination.agent)
    if user is not None:
        yield from _in_area(where, user, rule.area, ": an escalation point leads there")
        if user.role is Role.WALL:
            yield Problem(where, f"'{user.login}' only shows a wall display, and handles nothing")


def _external(
    where: str, destination: Destination, rule: RoutingRule, site: Site
) -> Iterator[Problem]:
    yield from faults.addresses(where, [destination.external])
    if _fits_work_items_only(rule, site):
        reason = "only work items fit this rule, and they are handled here alone: leave it out"
        yield Problem(where, reason)


def _end(where: str, destination: Destination, rule: RoutingRule, site: Site) -> Iterator[Problem]:
    if _fits_work_items_only(rule, site):
        reason = "only work items fit this rule, and an agent alone ends them: leave it out"
        yield Problem(where, reason)


def _fits_work_items_only(rule: RoutingRule, site: Site) -> bool:
    """Whether no mail can fit a rule; a work item never ends so (WI-7), nor leaves (WI-10)."""
    key = rule.when.get(WORK_ITEM_KEY, "")
    has_key = key.any or key.has != "" if isinstance(key, Match) else key != ""
    return has_key or _comes_in_as_work_item(rule, site)


def _comes_in_as_work_item(rule: RoutingRule, site: Site) -> bool:
    """Whether the entrances that a rule names are of systems and social media alone."""
    asked = {"Entrance": rule.when.get("Entrance", Match(any=True))}
    if asked["Entrance"] == Match(any=True):
        return False
    fitting = [one for one in site.entrances if conditions.holds(asked, {"Entrance": one})]
    return bool(fitting) and not site.mail_accounts.keys() & set(fitting)


def _escalation(
    where: str, destination: Destination, rule: RoutingRule, site: Site
) -> Iterator[Problem]:
    points: Mapping[str, EscalationPoint] = site.escalation_points
    yield from faults.unknown(where, "escalation_point", [destination.escalation], points)
    if destination.escalation in points:
        yield from _in_area(where, points[destination.escalation], rule.area)


_STOPS: Mapping[str, Callable[[str, Destination, RoutingRule, Site], Iterator[Problem]]] = {
    "queue": _queue,
    "waiting_list": _waiting_list,
    "agent": _agent,
    "external": _external,
    "end": _end,
    "escalation": _escalation,
}
"""What a destination may be, and what is asked of each."""

_PARTS = (
    _areas,
    _places,
    _work_levels,
    _users,
    _task_type_rules,
    _routing_rules,
    _search_orders,
    _escalation_points,
)
