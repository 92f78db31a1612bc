"""What a mail is about and where it comes from: one step a module, one after the other (EM-3).

Nothing here touches a store, a clock or the network. Who answers, and what, is in `answers`.
"""

from collections.abc import Callable, Iterator

from ace_server.email.analysis import (
    automatic,
    bounce,
    flags,
    follow_up,
    headers,
    keyword,
    own,
    pattern,
)
from ace_server.email.analysis.findings import Findings
from ace_server.email.analysis.preparing import prepare
from ace_server.email.analysis.rules import Rules
from ace_server.email.mail import Mail

__all__ = ["STEPS", "Findings", "Rules", "analyse", "categorise", "prepare", "stages"]

Step = Callable[[Mail, Findings, Rules], Findings]

STEPS: tuple[Step, ...] = (
    headers.step,
    keyword.step,
    pattern.step,
    own.step,
    automatic.step,
    bounce.step,
    follow_up.step,
    flags.step,
)
"""In this order; a later one reads what an earlier one found."""


def analyse(mail: Mail, rules: Rules) -> Findings:
    """All that is found in a mail."""
    *_, findings = stages(mail, rules)
    return findings


def stages(mail: Mail, rules: Rules) -> Iterator[Findings]:
    """What is known after each of STEPS; after the last one that is all."""
    findings = Findings()
    for step in STEPS:
        findings = step(mail, findings, rules)
        yield findings


def categorise(text: str, rules: Rules) -> dict[str, str]:
    """The contact data that both methods make of a text: of a mail, or of a work item's subject
    and text. What a work item's sender gave goes before it (WI-3).
    """
    return {**keyword.found(text, rules), **pattern.found(text, rules)}
