"""Whether a machine wrote a mail, and by which sign: it is then never answered by one (EM-5).

The signs are those of RFC 3834 and of practice (trust.md, D), the surest first. That a mail is our
own, another reason, is found in `own`.
"""

import re
from collections.abc import Callable

from msgspec.structs import replace

from ace_server.email.analysis.addresses import local_part
from ace_server.email.analysis.findings import Findings
from ace_server.email.analysis.rules import Rules
from ace_server.email.analysis.subjects import beginning, begins_so
from ace_server.email.analysis.trace import TRACE_HEADER
from ace_server.email.mail import Mail
from ace_server.sentences import Sentence, sentence

REPORTS = frozenset(
    {
        "multipart/report",
        "message/delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "message/global-delivery-status",
        "message/global-disposition-notification",
    }
)
"""Media types of what mail systems tell each other (RFC 6522, 3464, 8098, 5965, 6533)."""

MACHINE_HEADERS = (
    "X-Autoreply",
    "X-Auto-Reply",
    "X-Autorespond",
    "X-Autoresponse",
    "X-Autoresponder",
    "X-AutoReply-From",
    "X-FC-MachineGenerated",
    "X-Loop",
    "X-Failed-Recipients",
)
"""Headers that only machines write, whatever their value."""

_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
_SUPPRESSED = frozenset({"all", "autoreply", "oof", "dr"})

_DAEMON = re.compile(
    r"(?:mailer|mail|smtp|mta|m)[-_.]?daemon|post[-_.]?master|.*-request|owner-.*|bounce.*"
    r"|(?:.*[-_.+])?(?:no|do[-_.]?not)[-_.]?reply.*"
)
"""Local parts of machines."""

_SPAM_SCORE = 5
"""From this spam confidence level on, of 9, Exchange itself files a mail as spam."""


def step(mail: Mail, findings: Findings, rules: Rules) -> Findings:
    """Says by which sign the mail is a machine's, if it is."""
    signs = (sign.text for sign, holds in _SIGNS if holds(mail))
    return replace(findings, automatic=next(signs, "") or _subject(mail, rules))


def is_daemon(address: str) -> bool:
    """Whether an address is that of a mail system, a list or a sender who reads nothing."""
    return _DAEMON.fullmatch(local_part(address)) is not None


def _is_null_sender(mail: Mail) -> bool:
    return mail.return_path is not None and not mail.return_path.strip("<> ")


def _is_auto_submitted(mail: Mail) -> bool:
    """Present and not `no` (RFC 3834 §5); comments and parameters mean nothing."""
    values = mail.all_headers("Auto-Submitted")
    return any(re.sub(r"\([^()]*\)|;.*", "", one).strip().lower() != "no" for one in values)


def _is_report(mail: Mail) -> bool:
    return any(one.lower() in REPORTS for one in (mail.media_type, *_media_types(mail)))


def _media_types(mail: Mail) -> list[str]:
    return [part.media_type for part in mail.parts]


def _is_from_daemon(mail: Mail) -> bool:
    return any(is_daemon(one.address) for one in mail.senders) or is_daemon(mail.return_path or "")


def _is_bulk(mail: Mail) -> bool:
    values = mail.all_headers("Precedence") + mail.all_headers("X-Precedence")
    return any(one.strip().lower() in _PRECEDENCE for one in values)


def _is_of_a_list(mail: Mail) -> bool:
    return any(name.lower().startswith("list-") for name, _ in mail.headers)


def _is_suppressed(mail: Mail) -> bool:
    values = mail.all_headers("X-Auto-Response-Suppress")
    words = (word.strip().lower() for one in values for word in re.split(r"[,;]", one))
    return any(word in _SUPPRESSED for word in words)


def _has_machine_header(mail: Mail) -> bool:
    return any(mail.header(name) is not None for name in MACHINE_HEADERS)


def _has_trace(mail: Mail) -> bool:
    """Ours and another installation's alike: two that answer each other stop."""
    return mail.header(TRACE_HEADER) is not None


def _is_spam(mail: Mail) -> bool:
    flag, status = mail.header("X-Spam-Flag") or "", mail.header("X-Spam-Status") or ""
    level = (mail.header("X-MS-Exchange-Organization-SCL") or "").strip()
    is_scored = re.fullmatch("[0-9]", level) is not None and int(level) >= _SPAM_SCORE
    return any(one.strip().lower().startswith("yes") for one in (flag, status)) or is_scored


def _has_several_senders(mail: Mail) -> bool:
    return len(mail.senders) > 1 or len(mail.all_headers("From")) > 1


def _subject(mail: Mail, rules: Rules) -> str:
    """The last resort: how absence notes and bounces begin."""
    return SUBJECT.text if begins_so(beginning(mail.subject), rules.subjects) else ""


SUBJECT = sentence("its subject begins as that of an absence note or a bounce")

_SIGNS: tuple[tuple[Sentence, Callable[[Mail], bool]], ...] = (
    (sentence("its envelope sender is empty"), _is_null_sender),
    (sentence("its header Auto-Submitted says so"), _is_auto_submitted),
    (sentence("it is a report of a mail system"), _is_report),
    (
        sentence("its sender is a mail system, a list or an address without a reader"),
        _is_from_daemon,
    ),
    (sentence("its header Precedence says so"), _is_bulk),
    (sentence("it comes from a mailing list"), _is_of_a_list),
    (sentence("it asks for no automatic answer"), _is_suppressed),
    (sentence("it has a header that only machines write"), _has_machine_header),
    (sentence("it carries the trace of an automatic answer"), _has_trace),
    (sentence("it is marked as spam"), _is_spam),
    (sentence("it has more than one sender"), _has_several_senders),
)
