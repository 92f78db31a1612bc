"""What a mail would yield that came in now: found, placed and answered as in earnest (EM-3).

Nothing is stored and nothing is sent. How it is said to a person is in `trial_report`.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from ace_server.concepts import AutomaticAnswer, Site
from ace_server.email import answers, discarding
from ace_server.email.analysis import Findings, Rules, pattern, stages
from ace_server.email.analysis.findings import searched
from ace_server.email.analysis.own import with_own_id
from ace_server.email.answers import Answer, Spent, Withheld
from ace_server.email.following import contact_data
from ace_server.email.mail import Mail
from ace_server.email.message import parse
from ace_server.errors import Unavailable
from ace_server.intake import place
from ace_server.routing import rules as routing_rules
from ace_server.routing import task_types
from ace_server.routing.rules import Onward, Route
from ace_server.store.contacts import Placement
from ace_server.store.ledger import Followed


class Tried(msgspec.Struct, frozen=True):
    """What a mail says, and what each step of the analysis found in it."""

    mail: Mail  # without its HTML and its headers
    stages: tuple[Findings, ...]  # what was known after each of `analysis.STEPS`
    patterns: tuple[tuple[str, str, str], ...]  # name, contact data key and value of each that hit
    is_oversized: bool  # its header alone would be fetched (C-11)

    @property
    def findings(self) -> Findings:
        """All that was found."""
        return self.stages[-1]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of the mail."""

    tried: Tried
    account: str
    findings: Findings  # with what the store knows
    followed: Followed | None
    data: Mapping[str, str]  # of the contact, with Entrance and TaskType
    discarded_by: str  # a discard rule; empty: it becomes a contact
    task_type_rule: int | None  # counted from 0; None: none fits
    route: Route
    first: Onward | None  # None: every place of its route is gone, and it is buffered (WI-8)
    placement: Placement
    answer: Answer | Withheld
    answer_entry: AutomaticAnswer | None  # what is configured for the entrance
    answer_text: str  # the name of the text; empty: none


def attempt(path: str, rules: Rules, most: int) -> Tried:
    """Read a raw mail and analyse it, as `understanding` does; what a worker does.

    It writes nothing. Of more than `most` bytes the header alone is read. Raises TooDeep, and
    Unavailable where the file cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            raw = file.read(most + 1)
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error
    is_oversized = len(raw) > most
    mail = parse(_header(raw) if is_oversized else raw)
    hits = tuple(
        (form.name, form.save_to, value) for form, value in pattern.hits(searched(mail), rules)
    )
    found = tuple(stages(mail, rules))
    return Tried(msgspec.structs.replace(mail, html="", headers=()), found, hits, is_oversized)


def _header(raw: bytes) -> bytes:
    end = re.search(rb"\r?\n\r?\n", raw)
    return raw[: end.end()] if end else raw


def outcome(
    tried: Tried,
    account: str,
    site: Site,
    now: datetime,
    *,
    followed: Followed | None = None,
    is_own: bool = False,
) -> Outcome:
    """What the configuration makes of it at a mail account, with no automatic answer sent before.

    `is_own`: its Message-ID is one that we gave out.
    """
    area = site.area_of(account)
    findings = with_own_id(tried.findings) if is_own else tried.findings
    data = contact_data(findings, followed)
    discarded = discarding.rule(findings, data, account, site)
    task_type, placement = place(data, account, site, now)
    number, _ = task_types.fitting({**data, "Entrance": account}, site.task_type_rules, area)
    known = {**data, "Entrance": account, "TaskType": task_type}
    entry = answers.configured(site, site.mail_accounts[account])
    text = (
        answers.answer_text(entry, known, site, is_oversized=tried.is_oversized)
        if entry is not None
        else None
    )
    return Outcome(
        tried=tried,
        account=account,
        findings=findings,
        followed=followed,
        data=known,
        discarded_by="" if discarded is None else discarded.name,
        task_type_rule=number,
        route=routing_rules.route(known, site, area),
        first=routing_rules.onward(known, site, area, 0),
        placement=placement,
        answer=answers.decide(
            tried.mail,
            findings,
            known,
            site,
            Spent(),
            received_at=now,
            omits_return_path=site.mail_accounts[account].omits_return_path,
            is_oversized=tried.is_oversized,
        ),
        answer_entry=entry,
        answer_text="" if text is None else text.name,
    )
