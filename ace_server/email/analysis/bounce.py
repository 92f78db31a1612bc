"""Whether a mail says that another did not arrive, and which (EM-5)."""

import re

from msgspec.structs import replace

from ace_server.email.analysis.addresses import local_part
from ace_server.email.analysis.findings import Findings
from ace_server.email.analysis.follow_up import cleaned
from ace_server.email.analysis.rules import Rules
from ace_server.email.mail import Mail

_DAEMON = re.compile(r"(?:mailer|mail|smtp|mta|m)[-_.]?daemon|post[-_.]?master")
_REPORT_TYPE = re.compile(r"report-type\s{0,8}=\s{0,8}\"?([\w-]+)", re.IGNORECASE)
_STATUS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_QUOTED_ID = re.compile(r"^[>\t ]{0,20}Message-ID:[\t ]{0,8}(<\S{1,900}>)", re.M | re.I)


def step(mail: Mail, findings: Findings, rules: Rules) -> Findings:
    """Marks a bounce, and names what did not arrive as far as it says."""
    if not is_bounce(mail):
        return findings
    return replace(findings, is_bounce=True, bounce_of=_originals(mail))


def is_bounce(mail: Mail) -> bool:
    """By its form, or because a mail system wrote it; a receipt or a complaint is none."""
    if mail.media_type.lower() == "multipart/report":
        kind = _REPORT_TYPE.search(mail.header("Content-Type") or "")
        return kind is None or kind[1].lower() == "delivery-status"
    return (
        any(part.media_type.lower() in _STATUS for part in mail.parts)
        or mail.header("X-Failed-Recipients") is not None
        or any(_DAEMON.fullmatch(local_part(one.address)) for one in mail.senders)
    )


def _originals(mail: Mail) -> tuple[str, ...]:
    """What its headers name, then what its text quotes."""
    headers = mail.all_headers("X-Original-Message-ID")
    named = [*headers, *mail.in_reply_to, *reversed(mail.references)]
    return cleaned([*named, *_QUOTED_ID.findall(mail.text)], but=mail.message_id)
