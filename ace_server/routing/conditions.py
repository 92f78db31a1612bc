"""Conditions on contact data: what task type rules and routing rules ask.

Which rule wins is decided in `task_types` and `rules`.
"""

from collections.abc import Mapping

from ace_server.concepts import Condition
from ace_server.sentences import Value, commas, sentence


def holds(when: Mapping[str, Condition], data: Mapping[str, str]) -> bool:
    """Whether all conditions hold; without any they do. A key that is missing is an empty value."""
    return all(_holds(condition, data.get(key, "")) for key, condition in when.items())


def _holds(condition: Condition, value: str) -> bool:
    if isinstance(condition, str):
        return value == condition
    if condition.any:
        return value != ""
    return condition.has.casefold() in value.casefold()


def words(when: Mapping[str, Condition]) -> Value:
    """The conditions for a person to read: `TaskType = Loan application, cid has any value`."""
    if not when:
        return sentence("every contact")
    return commas([_words(key, condition) for key, condition in when.items()])


def _words(key: str, condition: Condition) -> Value:
    if isinstance(condition, str):
        return f"{key} = {condition}" if condition else sentence("%1 has no value", key)
    if condition.any:
        return sentence("%1 has any value", key)
    return sentence("%1 contains %2", key, condition.has)
