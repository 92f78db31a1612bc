"""Whether a mail is our own, come back (C-14)."""

from msgspec.structs import replace

from ace_server.email.analysis.addresses import normalised
from ace_server.email.analysis.findings import Findings
from ace_server.email.analysis.flags import OWN_MAIL
from ace_server.email.analysis.rules import Rules
from ace_server.email.analysis.trace import RESENT_HEADER, TRACE_HEADER, is_ours
from ace_server.email.mail import Mail
from ace_server.sentences import Sentence, sentence

MOST_HOPS = 50
"""Received headers of a mail that is on its way; with more it goes round in a circle."""

OWN_TRACE = sentence("it carries our own trace")
OWN_ADDRESS = sentence("its sender is one of our own addresses")
OWN_ID = sentence("its Message-ID is one of ours")
TOO_MANY_HOPS = sentence("it has more than 50 Received headers")
CAME_BACK = sentence("it was sent on from here, and has come back")

_IN_A_CIRCLE = frozenset(one.text for one in (OWN_TRACE, OWN_ID, TOO_MANY_HOPS, CAME_BACK))
"""What goes out once more would come back once more. A web form may write as one of our addresses;
that alone is no circle."""


def step(mail: Mail, findings: Findings, rules: Rules) -> Findings:
    """Says by which sign the mail is our own, if it is."""
    return replace(findings, own=_sign(mail, rules))


def with_own_id(findings: Findings) -> Findings:
    """The findings of a mail whose Message-ID the outbox knows; no step can ask it."""
    if findings.own not in ("", OWN_ADDRESS.text):
        return findings  # by a surer sign
    flags = tuple(dict.fromkeys([*findings.flags, OWN_MAIL]))
    return replace(findings, own=OWN_ID.text, flags=flags)


def goes_round(sign: Sentence | None) -> bool:
    """Whether a mail that is our own by this sign may not be sent on: to an agent's own program, or
    where a route leads (C-14)."""
    return sign is not None and sign.text in _IN_A_CIRCLE


def _sign(mail: Mail, rules: Rules) -> str:
    for name, sign in ((TRACE_HEADER, OWN_TRACE), (RESENT_HEADER, CAME_BACK)):
        if any(is_ours(rules.trace_key, value) for value in mail.all_headers(name)):
            return sign.text
    if len(mail.all_headers("Received")) > MOST_HOPS:
        return TOO_MANY_HOPS.text
    senders = [*(one.address for one in mail.senders), mail.return_path or ""]
    return (
        OWN_ADDRESS.text if any(normalised(one) in rules.own_addresses for one in senders) else ""
    )
