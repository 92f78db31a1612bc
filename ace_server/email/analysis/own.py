"""Whether a mail is our own, come back (C-14)."""

from msgspec.structs import replace

from ace_server.email.analysis.addresses import normalised
from ace_server.email.analysis.findings import Findings
from ace_server.email.analysis.rules import Rules
from ace_server.email.analysis.trace import TRACE_HEADER, is_ours
from ace_server.email.mail import Mail
from ace_server.sentences import sentence

MOST_HOPS = 50
"""Received headers of a mail that is on its way; with more it goes round in a circle."""

OWN_TRACE = sentence("it carries our own trace")
OWN_ADDRESS = sentence("its sender is one of our own addresses")
OWN_ID = sentence("its Message-ID is one of ours")
TOO_MANY_HOPS = sentence("it has more than 50 Received headers")


def step(mail: Mail, findings: Findings, rules: Rules) -> Findings:
    """Says by which sign the mail is our own, if it is."""
    return replace(findings, own=_sign(mail, rules))


def with_own_id(findings: Findings) -> Findings:
    """The findings of a mail whose Message-ID the outbox knows; no step can ask it."""
    return replace(findings, own=findings.own or OWN_ID.text)


def _sign(mail: Mail, rules: Rules) -> str:
    if any(is_ours(rules.trace_key, value) for value in mail.all_headers(TRACE_HEADER)):
        return OWN_TRACE.text
    senders = [*(one.address for one in mail.senders), mail.return_path or ""]
    if any(normalised(address) in rules.own_addresses for address in senders):
        return OWN_ADDRESS.text
    return TOO_MANY_HOPS.text if len(mail.all_headers("Received")) > MOST_HOPS else ""
