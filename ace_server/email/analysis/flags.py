"""What is remarkable about a mail, in words that rules ask for and the desk shows (C-9, C-14)."""

from msgspec.structs import replace

from ace_server.email.analysis.findings import Findings
from ace_server.email.analysis.rules import Rules
from ace_server.email.mail import Mail

UNKNOWN_SENDER = "unknown sender"
SEVERAL_SENDERS = "several senders"
OWN_MAIL = "own mail"
BOUNCE = "bounce"
AUTOMATIC = "automatic"


def step(mail: Mail, findings: Findings, rules: Rules) -> Findings:
    """Adds the flags, out of the mail and what the steps before found."""
    holds = {
        UNKNOWN_SENDER: not any(one.address for one in mail.senders),
        SEVERAL_SENDERS: len(mail.senders) > 1 or len(mail.all_headers("From")) > 1,
        OWN_MAIL: bool(findings.own),
        BOUNCE: findings.is_bounce,
        AUTOMATIC: bool(findings.automatic),
    }
    return replace(findings, flags=tuple(flag for flag, is_so in holds.items() if is_so))
