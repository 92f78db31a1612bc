"""A site of some size, for a simulation without a site of one's own: made of numbers alone."""

from collections.abc import Sequence

from ace_server.concepts import (
    Concept,
    Destination,
    Queue,
    RoutingRule,
    Site,
    SiteFacts,
    Skill,
    TaskType,
    TaskTypeRule,
    User,
    WorkItemAccount,
)
from ace_server.contact import Role
from ace_server.settings import SystemParameters
from ace_server.store import directory

AGENTS, CONTACTS, SKILLS, ENTRANCES = 200, 20_000, 20, 5

HANDLING, WRAP_UP = 150.0, 20.0
"""Seconds; with them the usual numbers keep the agents busy, and not more than that."""

_EACH = 4
"""Skills of an agent."""


def site(agents: int = AGENTS) -> Site:
    """So many agents with some of twenty skills, one queue and task type a skill."""
    names = [f"Skill {number + 1:02}" for number in range(SKILLS)]
    entries: dict[str, Sequence[Concept]] = {
        "work_item_account": [WorkItemAccount(name=f"system {n + 1}") for n in range(ENTRANCES)],
        "skill": [Skill(name=name) for name in names],
        "queue": [_queue(number, name) for number, name in enumerate(names)],
        "task_type": [TaskType(name=_task_type(name)) for name in names],
        "task_type_rule": [
            TaskTypeRule(when={"MenuChoice": name}, task_type=_task_type(name)) for name in names
        ],
        "routing_rule": [
            RoutingRule(when={"TaskType": _task_type(name)}, to=_destinations(number, names))
            for number, name in enumerate(names)
        ],
        "user": [_user(number, names) for number in range(agents)],
    }
    system = SystemParameters(expectedHandlingSeconds=HANDLING, wrapUpSeconds=WRAP_UP)
    return directory.site(entries, SiteFacts(name="A simulated site"), system)


def _queue(number: int, skill: str) -> Queue:
    return Queue(
        name=f"Queue {skill[-2:]}",
        requires={skill: 1 + number % 5},
        priority=1 + number % 3 // 2,
        sort="priority" if number % 4 == 3 else "longest waiting",
        agents="highest skill" if number % 5 == 4 else "longest ready",
        service_level_1=5,
        service_level_2=30,
    )


def _destinations(number: int, skills: list[str]) -> list[Destination]:
    """Every third queue has a neighbour that helps after a quarter of an hour."""
    own, neighbour = f"Queue {skills[number][-2:]}", f"Queue {skills[number - 1][-2:]}"
    if number % 3:
        return [Destination(queue=own)]
    return [Destination(queue=own, until="wait(900)"), Destination(queue=neighbour)]


def _task_type(skill: str) -> str:
    return f"Task {skill[-2:]}"


def _user(number: int, skills: list[str]) -> User:
    own = {skills[(number + 7 * nth) % SKILLS]: 5 + (number + nth) % 5 for nth in range(_EACH)}
    return User(login=f"agent{number + 1}", name=f"Agent {number + 1}", role=Role.AGENT, skills=own)
