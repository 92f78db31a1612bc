"""The task type of a contact, by the table of rules (RO-2).

What a task type is for is decided where it is used.
"""

from collections.abc import Iterable, Mapping

from ace_server.concepts import TaskTypeRule
from ace_server.routing import conditions


def task_type(data: Mapping[str, str], rules: Iterable[TaskTypeRule], area: str = "") -> str:
    """The task type of the area's first rule that fits this contact data; empty where none does."""
    _, found = fitting(data, rules, area)
    return found


def fitting(
    data: Mapping[str, str], rules: Iterable[TaskTypeRule], area: str = ""
) -> tuple[int | None, str]:
    """The number of that rule, counted from 0, and its task type; None where none fits."""
    for number, rule in enumerate(rules):
        if rule.area == area and conditions.holds(rule.when, data):
            return number, rule.task_type
    return None, ""
