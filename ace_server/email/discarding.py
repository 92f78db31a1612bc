"""Which mails become no contact, because somebody configured that (EM-2).

Pure: what the analysis found and the configuration in, the rule out. What becomes of such a mail is
in `receiving`.
"""

from collections.abc import Mapping

from ace_server.concepts import DiscardRule, Site
from ace_server.email.analysis import Findings
from ace_server.routing import conditions
from ace_server.sentences import Sentence, sentence


def rule(
    findings: Findings, data: Mapping[str, str], entrance: str, site: Site
) -> DiscardRule | None:
    """The first rule of the entrance's area that fits a mail; None: it becomes a contact."""
    known = {**data, "Entrance": entrance}
    area = site.area_of(entrance)
    fitting = (
        one
        for one in site.discard_rules.values()
        if one.active and one.area == area and _fits(one, findings, known)
    )
    return next(fitting, None)


def reason(rule: DiscardRule) -> Sentence:
    """What the ledger says of a mail that it discarded."""
    return sentence("Discarded by the rule %1.", rule.name)


def _fits(one: DiscardRule, findings: Findings, data: Mapping[str, str]) -> bool:
    """What asks for nothing fits nothing: it would discard every mail."""
    asks = bool(one.when or one.flags)
    return asks and set(one.flags) <= set(findings.flags) and conditions.holds(one.when, data)
