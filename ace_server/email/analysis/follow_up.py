"""Which mails a mail follows, by their Message-IDs (EM-6)."""

import re
from collections.abc import Iterable

from msgspec.structs import replace

from ace_server.email.analysis.findings import Findings
from ace_server.email.analysis.rules import Rules
from ace_server.email.mail import Mail

MOST_IDS = 50
"""Message-IDs that are looked for, the nearest ones."""

_ID = re.compile(r"<[^<>\s\x00-\x1f\x7f]{1,900}>")


def step(mail: Mail, findings: Findings, rules: Rules) -> Findings:
    """Names what the mail follows: In-Reply-To, then References from the newest on."""
    named = [*mail.in_reply_to, *reversed(mail.references)]
    return replace(findings, follows=cleaned(named, but=mail.message_id))


def cleaned(ids: Iterable[str], *, but: str = "") -> tuple[str, ...]:
    """What can be a Message-ID, each once, but for this one; at most MOST_IDS."""
    found = (one.strip() for one in ids)
    return tuple(dict.fromkeys(one for one in found if is_id(one) and one != but))[:MOST_IDS]


def is_id(text: str) -> bool:
    """Whether a text is a Message-ID with its angle brackets, and nothing else."""
    return _ID.fullmatch(text) is not None
