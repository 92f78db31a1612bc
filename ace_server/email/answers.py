"""Whether a mail is answered at once, to whom and with what (EM-4, EM-5, RFC 3834).

Everything is told: what is configured, what the analysis found, and how many answers went out
before. Nothing here sends, counts or reads a clock.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
from msgspec.structs import replace

from ace_server.concepts import AnswerText, AutomaticAnswer, MailAccount, Site
from ace_server.contact import is_work_item
from ace_server.email.analysis.addresses import normalised
from ace_server.email.analysis.findings import Findings
from ace_server.email.analysis.follow_up import is_id
from ace_server.email.analysis.preparing import own_addresses
from ace_server.email.mail import Mail, one_line
from ace_server.email.variables import fill
from ace_server.email.writing import thread
from ace_server.routing import conditions
from ace_server.sentences import Sentence, sentence

MOST_BYTES = 4095
"""Of the text of an answer, in UTF-8: below 4 KB (D-4)."""

MOST_OF_A_VALUE = 200
"""Characters of contact data that a variable puts into a text: an answer is no way to pass on
what somebody else wrote (RFC 3834 §7)."""

MOST_SUBJECT = 200
MOST_REFERENCES = 20

PER_DOMAIN = 5
PER_ACCOUNT = 200
IN_ALL = 500
"""Answers an hour: to a domain we do not know, by one account, and by the whole site (D-2)."""

HOUR = 3600.0
"""Seconds in which what the three bounds above speak of is counted."""

HEADERS = (("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"))
"""What every automatic answer carries (D-4), beside the trace that the outbox adds."""

RECEIVED = "Received"
"""The variable that no contact data key is: when the mail came in."""

NOT_CONFIGURED = sentence("No automatic answer is configured for this mail.")
NOT_CONFIGURED_FOR_OVERSIZED = sentence(
    "Only its header was fetched, and no automatic answer is configured for such a mail."
)

MACHINE = sentence("A machine is not answered: %1.")
OWN_MAIL = sentence("Our own mail is not answered: %1.")
AS_EXPECTED = frozenset(
    one.text for one in (NOT_CONFIGURED, NOT_CONFIGURED_FOR_OVERSIZED, MACHINE, OWN_MAIL)
)
"""Reasons that nobody wonders about who sees the mail and what it was recognised as."""

NO_ADDRESS = sentence("There is no single address that an answer could go to.")

CUT = "[…]"
"""What stands where the original was cut."""


class Budget(msgspec.Struct, frozen=True):
    """So many automatic answers to one correspondent at one entrance, in so many seconds (D-1)."""

    most: int
    seconds: float


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """How many automatic answers went out before, also those that could not be sent (D-1, D-2).

    To one correspondent (`normalised`) at this entrance within the account's budget's time; the
    others within an HOUR.
    """

    to_correspondent: int = 0
    to_domain: int = 0
    by_account: int = 0
    in_all: int = 0
    knows_domain: bool = False  # somebody here has written to it


class Answer(msgspec.Struct, frozen=True):
    """A mail to be sent with an empty envelope sender and the trace of its Message-ID (D-4)."""

    sender: str  # the account's return address
    recipient: str
    subject: str
    text: str  # plain, lines parted by \n, below 4 KB
    in_reply_to: str  # empty where the mail has no Message-ID
    references: tuple[str, ...]
    headers: tuple[tuple[str, str], ...] = HEADERS


class Withheld(msgspec.Struct, frozen=True):
    """Why a mail is not answered."""

    reason: Sentence
    is_budget: bool = False  # an alarm, and a line in Pulse and in the history (EM-5)
    recipient: str = ""  # whom the answer would have gone to; known once there is one


def decide(
    mail: Mail,
    findings: Findings,
    data: Mapping[str, str],
    site: Site,
    spent: Spent,
    *,
    received_at: datetime,
    omits_return_path: bool = False,
    is_oversized: bool = False,
) -> Answer | Withheld:
    """The answer to a mail whose contact data say its `Entrance` and `TaskType` already.

    `received_at` is aware. `omits_return_path`: the server of the account writes no Return-Path,
    so that From stands in (D-3). `is_oversized`: its header alone was fetched (C-11).
    """
    assert not is_work_item(data)  # no answer can be sent for one (EM-4, WI-4)
    account = site.mail_accounts.get(data.get("Entrance", ""))
    entry = configured(site, account) if account is not None else None
    text = answer_text(entry, data, site, is_oversized=is_oversized) if entry is not None else None
    if account is None or entry is None or text is None or not budget(account.answer_budget).most:
        return Withheld(NOT_CONFIGURED_FOR_OVERSIZED if is_oversized else NOT_CONFIGURED)
    if reason := _never(findings, account):
        return Withheld(reason)
    to = recipient(mail, omits_return_path=omits_return_path)
    if not to or normalised(to) in own_addresses(site):
        return Withheld(NO_ADDRESS)
    if withheld := bound(account, spent, to):
        return withheld
    values = {**data, RECEIVED: _when(received_at, site)}
    return _answer(mail, account, to, text, entry, values)


def configured(site: Site, account: MailAccount) -> AutomaticAnswer | None:
    """The entry for an entrance: its own, else the one for all of its area."""
    in_area = [one for one in site.automatic_answers.values() if one.area == account.area]
    found = {one.entrance: one for one in in_area}
    return found.get(account.name) or found.get("")


def answer_text(
    entry: AutomaticAnswer, data: Mapping[str, str], site: Site, *, is_oversized: bool
) -> AnswerText | None:
    """The text that answers a mail with this contact data; None: there is none.

    What answers others would say of an oversized mail that it was read.
    """
    if entry.mode == "never":
        return None
    if is_oversized:
        return site.answer_texts.get(entry.oversized)
    rows = entry.rows if entry.mode == "conditional" else []
    fitting = (row.text for row in rows if conditions.holds(row.when, data))
    return site.answer_texts.get(next(fitting, entry.text))


def _never(findings: Findings, account: MailAccount) -> Sentence | None:
    """Why nobody gets an answer, however few went out; None: somebody may."""
    if findings.automatic:
        return Sentence(MACHINE.text, (Sentence(findings.automatic),))
    if findings.own:
        return Sentence(OWN_MAIL.text, (Sentence(findings.own),))
    if not account.return_address:
        return sentence("The mail account has no return address.")
    return None


# To whom


def recipient(mail: Mail, *, omits_return_path: bool = False) -> str:
    """The one address that an answer to a mail may go to; empty where there is none.

    It is the Return-Path and never Reply-To (RFC 3834 §4). Ask for it to know what to count.
    """
    address = mail.return_path
    if address is None and omits_return_path and len(mail.senders) == 1:
        address = mail.senders[0].address
    return address if address is not None and is_deliverable(address) else ""


def is_deliverable(address: str) -> bool:
    """Whether this is one plain address (RFC 5321 §4.1.2): no quoted part, no address literal."""
    local, _, domain = address.rpartition("@")
    is_short = len(local) <= 64 and len(domain) <= 253
    return is_short and _ADDRESS.fullmatch(address) is not None


_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")


# How many


def budget(written: str) -> Budget:
    """What `answer_budget` of a mail account says: `5/1h`, `5/h`, or `0` for none."""
    found = re.fullmatch(r"(\d{1,6})/(\d{0,4})([smh])", written)
    if found is None:
        return Budget(0, HOUR)
    most, times, unit = found.groups()
    return Budget(int(most), int(times or 1) * _SECONDS[unit])


_SECONDS = {"s": 1.0, "m": 60.0, "h": HOUR}


def bound(account: MailAccount, spent: Spent, to: str) -> Withheld | None:
    """Which budget keeps an answer to this address back; None: none does."""
    reason = _spent(account, spent)
    return None if reason is None else Withheld(reason, is_budget=True, recipient=to)


def _spent(account: MailAccount, spent: Spent) -> Sentence | None:
    """Which bound is reached, the narrowest first; None: none is."""
    own = budget(account.answer_budget)
    if spent.to_correspondent >= own.most:
        return sentence(
            "This address got %1 automatic answers in %2 seconds: that is the most.",
            own.most,
            int(own.seconds),
        )
    if not spent.knows_domain and spent.to_domain >= PER_DOMAIN:
        return sentence("Its domain got %1 automatic answers in an hour.", spent.to_domain)
    if spent.by_account >= PER_ACCOUNT:
        return sentence("The account sent %1 automatic answers in an hour.", spent.by_account)
    if spent.in_all >= IN_ALL:
        return sentence("%1 automatic answers were sent in an hour.", spent.in_all)
    return None


# With what


def _answer(
    mail: Mail,
    account: MailAccount,
    to: str,
    text: AnswerText,
    entry: AutomaticAnswer,
    values: Mapping[str, str],
) -> Answer:
    own_id = mail.message_id if is_id(mail.message_id) else ""
    return Answer(
        sender=account.return_address,
        recipient=to,
        subject=_subject(text, mail, values),
        text=_body(_filled(text.text, values), mail.text, entry),
        in_reply_to=own_id,
        references=_references(mail, own_id),
    )


def _subject(text: AnswerText, mail: Mail, values: Mapping[str, str]) -> str:
    written = _filled(text.subject, values) if text.subject else f"Auto: {mail.subject}"
    return one_line(written)[:MOST_SUBJECT].rstrip()


def _references(mail: Mail, own_id: str) -> tuple[str, ...]:
    """Those of the mail and its own, as far as they can be Message-IDs."""
    before, answered = (tuple(filter(is_id, ids)) for ids in (mail.references, mail.in_reply_to))
    known = replace(mail, message_id=own_id, references=before, in_reply_to=answered)
    return thread(known, MOST_REFERENCES)


def _body(answer: str, original: str, entry: AutomaticAnswer) -> str:
    """The answer, with the original before or after it, as much as there is room for."""
    answer = _cut(_clean(answer).strip("\n"), MOST_BYTES - 1)
    if entry.original == "none" or not original.strip():
        return f"{answer}\n"
    room = MOST_BYTES - len(answer.encode()) - len("\n\n\n")
    quoted = _quoted(_clean(original).strip("\n"), entry.prefix, room)
    both = [quoted, answer] if entry.original == "before" else [answer, quoted]
    return "\n\n".join(part for part in both if part) + "\n"


def _quoted(original: str, prefix: str, room: int) -> str:
    """The lines of the original with their prefix, in so many bytes; CUT says that some are left
    out.
    """
    lines: list[str] = []
    mark = f"{prefix}{CUT}"
    left = room - len(mark.encode()) - 1
    for line in original.split("\n"):
        quoted = f"{prefix}{line}".rstrip()
        left -= len(quoted.encode()) + 1
        if left < 0:
            return "\n".join([*lines, mark]) if lines else ""
        lines.append(quoted)
    return "\n".join(lines)


def _cut(text: str, most: int) -> str:
    """As much of a text as fits into so many bytes of UTF-8."""
    return text.encode("utf-8")[:most].decode("utf-8", "ignore")


def _clean(text: str) -> str:
    """Without controls and surrogates; lines are parted by \\n."""
    lines = (_CONTROL.sub("", line) for line in text.replace("\r\n", "\n").split("\n"))
    return "\n".join(line.rstrip() for line in lines)


_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def _filled(text: str, values: Mapping[str, str]) -> str:
    """Each value cut and in one line; nothing for what has none."""
    clean = {name: one_line(value)[:MOST_OF_A_VALUE] for name, value in values.items()}
    return fill(text, clean, unknown="")


def _when(received_at: datetime, site: Site) -> str:
    local = received_at.astimezone(ZoneInfo(site.facts.time_zone))
    return local.strftime("%Y-%m-%d %H:%M")
