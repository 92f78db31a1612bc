"""What the headers say, as contact data: who wrote to whom about what (EM-3)."""

from collections.abc import Iterable

from ace_server.email.analysis.findings import Findings, with_data
from ace_server.email.analysis.rules import Rules
from ace_server.email.mail import Address, Mail

MOST = 4000
"""Characters of a value, as of every contact data key that does not set its own length."""


def step(mail: Mail, findings: Findings, rules: Rules) -> Findings:
    """Adds EmailFrom, EmailTo, EmailReplyTo and EmailSubject, each where it has a value.

    Of several senders the first counts (C-9); it is an address without a name, as conditions and
    histories compare it.
    """
    values = {
        "EmailFrom": _addresses(mail.senders[:1]),
        "EmailTo": _addresses(mail.to),
        "EmailReplyTo": _addresses(mail.reply_to),
        "EmailSubject": mail.subject[:MOST],
    }
    return with_data(findings, {key: value for key, value in values.items() if value})


def _addresses(given: Iterable[Address]) -> str:
    """The addresses with commas between, as many as a value takes; each whole."""
    value = ""
    for one in given:
        longer = f"{value}, {one.address}" if value else one.address
        if len(longer) > MOST:
            break
        value = longer if one.address else value
    return value
