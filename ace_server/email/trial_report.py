"""What became of a mail on trial, for a person and for a program (EM-3).

Pure: an outcome in, lines or a record out, in English as all that `main.py` prints.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from ace_server.concepts import Site
from ace_server.email.analysis import Findings
from ace_server.email.analysis.keyword import CATEGORIES_KEY
from ace_server.email.answers import NO_ADDRESS, Answer, Withheld
from ace_server.email.following import leads_to
from ace_server.email.mail import Address
from ace_server.email.trial import Outcome
from ace_server.routing import conditions
from ace_server.routing.rules import Stop

NOTHING = "nothing"


class Step(msgspec.Struct, frozen=True):
    """What one step of the analysis found."""

    step: str
    found: list[str]  # sentences without a full stop; empty: nothing


class Answered(msgspec.Struct, frozen=True):
    """An automatic answer that would be sent."""

    rule: str  # the `automatic_answer`
    template: str  # the `answer_text`
    sender: str
    recipient: str
    subject: str
    text: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All that is said of it, as `mail try --json` shows it."""

    account: str
    sender: list[str]
    subject: str
    faults: list[str]
    oversized: bool
    analysis: list[Step]
    data: dict[str, str]
    follows: int | None  # the contact; None: none that is known here
    discarded_by: str
    task_type: str
    task_type_rule: int | None  # counted from 1; None: none fits
    routing_rule: int | None
    first_stop: str
    queue: str
    answer: Answered | None
    no_answer: str  # why there is none


def report(found: Outcome, site: Site) -> Report:
    """All that can be said of it."""
    mail, is_gone = found.tried.mail, bool(found.discarded_by)
    return Report(
        account=found.account,
        sender=[_shown(one) for one in mail.senders],
        subject=mail.subject,
        faults=list(mail.faults),
        oversized=found.tried.is_oversized,
        analysis=[Step(name, list(say(found))) for name, say in _STEPS],
        data={key: value for key, value in found.data.items() if value},
        follows=found.followed.contact if found.followed is not None else None,
        discarded_by=found.discarded_by,
        task_type=found.data.get("TaskType", ""),
        task_type_rule=_counted(found.task_type_rule),
        routing_rule=_counted(found.route.rule),
        first_stop=_first_stop(found, site),
        queue=found.placement.queue,
        answer=None if is_gone else _answered(found),
        no_answer=_no_answer(found),
    )


def lines(told: Report, site: Site) -> Iterator[str]:
    """The same for a person, from top to bottom."""
    yield f"From: {', '.join(told.sender) or 'nobody'}"
    yield f"Subject: {told.subject or 'none'}"
    yield f"What is wrong with it: {', '.join(told.faults) or NOTHING}"
    if told.oversized:
        yield "It is longer than emailMaxBytes: its header alone would be fetched."
    yield from _titled("Analysis", (f"{one.step}: {_joined(one.found)}" for one in told.analysis))
    yield from _titled("Contact data", (f"{key} = {value}" for key, value in told.data.items()))
    yield ""
    if told.discarded_by:
        yield f"It becomes no contact: the rule {told.discarded_by} discards it."
        return
    yield f"Task type: {_ruled(told.task_type or 'none', told.task_type_rule, 'task type', site)}"
    yield f"First stop: {_ruled(told.first_stop, told.routing_rule, 'routing', site)}"
    if told.answer is None:
        yield f"Automatic answer: none. {told.no_answer}"
        return
    one = told.answer
    yield f"Automatic answer: {one.rule}, with the text {one.template}"
    yield from _indented([f"From: {one.sender}", f"To: {one.recipient}", f"Subject: {one.subject}"])
    yield ""
    yield from _indented(one.text.rstrip("\n").split("\n"))


def _titled(title: str, inner: Iterator[str]) -> Iterator[str]:
    yield ""
    yield f"{title}:"
    yield from _indented(inner)


def _indented(inner: Iterator[str] | Sequence[str]) -> Iterator[str]:
    return (f"  {line}".rstrip() for line in inner)


def _joined(found: Sequence[str]) -> str:
    return "; ".join(found) or NOTHING


def _shown(one: Address) -> str:
    return f"{one.name} <{one.address}>" if one.name else one.address


def _counted(number: int | None) -> int | None:
    return None if number is None else number + 1


# The analysis


def _headers(found: Outcome) -> Iterator[str]:
    data = found.findings.data
    yield from (f"{key} = {data[key]}" for key in _HEADER_KEYS if key in data)


_HEADER_KEYS = ("EmailFrom", "EmailTo", "EmailReplyTo", "EmailSubject")


def _categories(found: Outcome) -> Iterator[str]:
    yield from filter(None, found.findings.data.get(CATEGORIES_KEY, "").split(";"))


def _patterns(found: Outcome) -> Iterator[str]:
    yield from (f"{name}: {key} = {value}" for name, key, value in found.tried.patterns)


def _own(found: Outcome) -> Iterator[str]:
    yield from filter(None, [found.findings.own])


def _automatic(found: Outcome) -> Iterator[str]:
    yield from filter(None, [found.findings.automatic])


def _bounce(found: Outcome) -> Iterator[str]:
    findings = found.findings
    if findings.is_bounce:
        yield f"of {', '.join(findings.bounce_of)}" if findings.bounce_of else "of an unknown mail"


def _follow_up(found: Outcome) -> Iterator[str]:
    named = leads_to(found.findings)
    if found.followed is not None:
        yield f"follows contact {found.followed.contact}"
        if found.followed.agent:
            yield f"offered to {found.followed.agent} first, who has it"
    elif named:
        yield f"names mails that are not known here: {', '.join(named)}"


def _flags(found: Outcome) -> Iterator[str]:
    findings: Findings = found.findings
    yield from findings.flags


_STEPS: tuple[tuple[str, Callable[[Outcome], Iterator[str]]], ...] = (
    ("header", _headers),
    ("keyword categories", _categories),
    ("patterns", _patterns),
    ("own mail", _own),
    ("automatic", _automatic),
    ("bounce", _bounce),
    ("follow-up", _follow_up),
    ("flags", _flags),
)
"""As in `analysis.STEPS`."""


# What becomes of it


def _ruled(what: str, number: int | None, kind: str, site: Site) -> str:
    if number is None:
        return f"{what} (no {kind} rule fits)"
    rules = site.routing_rules if kind == "routing" else site.task_type_rules
    return f"{what} ({kind} rule {number}: {conditions.words(rules[number - 1].when)})"


def _first_stop(found: Outcome, site: Site) -> str:
    if found.first is None:
        return "none: every place of its route is gone, and it is buffered"
    return _stop(found.first.stop, site)


def _stop(stop: Stop, site: Site) -> str:
    if stop.personal:
        return f"agent {site.users[stop.personal].name} alone"
    if stop.external:
        return f"sent on to {stop.external}"
    if stop.ends:
        return "its end"
    kind = "queue" if stop.place in site.queues else "waiting list"
    return f"{kind} {stop.place}"


def _answered(found: Outcome) -> Answered | None:
    answer = found.answer
    if not isinstance(answer, Answer) or found.answer_entry is None:
        return None
    return Answered(
        found.answer_entry.name,
        found.answer_text,
        answer.sender,
        answer.recipient,
        answer.subject,
        answer.text,
    )


def _no_answer(found: Outcome) -> str:
    if found.discarded_by:
        return "What is discarded is not answered."
    if not isinstance(found.answer, Withheld):
        return ""
    reason = str(found.answer.reason)
    if found.answer.reason != NO_ADDRESS or found.tried.mail.return_path is not None:
        return reason
    return f"{reason} The file has no Return-Path, which the last mail server writes."
