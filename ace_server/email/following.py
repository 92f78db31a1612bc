"""What a mail leads to, and the contact data that come of it: pure (EM-6)."""

from ace_server.concepts import AGENT_KEY
from ace_server.email.analysis import Findings
from ace_server.store.ledger import Followed


def leads_to(findings: Findings) -> tuple[str, ...]:
    """The Message-IDs that a mail is about: what did not arrive, then what it follows."""
    return (*findings.bounce_of, *findings.follows)


def contact_data(findings: Findings, followed: Followed | None) -> dict[str, str]:
    """What the analysis found; a follow-up is offered to whoever has what it follows (EM-6)."""
    data = {key: value for key, value in findings.data.items() if value}
    if followed is not None and followed.agent:
        data[AGENT_KEY] = followed.agent
    return data
