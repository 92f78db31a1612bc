"""Automatic answers: decided when a mail is received, and stored with its contact (EM-4, EM-5).

What is sent is made before, its bytes durable; whether the budgets still allow it is asked once
more inside the transaction. What they keep back is named: in the contact's history, in Pulse, and
by its digest in the log.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from ace_server.attachments import Attachments
from ace_server.clock import Clock
from ace_server.concepts import Site
from ace_server.email import answers
from ace_server.email.analysis import Findings, telling
from ace_server.email.analysis.addresses import domain, normalised
from ace_server.email.analysis.trace import TRACE_HEADER, trace
from ace_server.email.answers import Answer, Spent, Withheld
from ace_server.email.mail import Address, Mail
from ace_server.email.workers import Workers
from ace_server.email.writing import Letter, compose, new_message_id
from ace_server.events import Events, MailDue
from ace_server.intake import place
from ace_server.sentences import Sentence, sentence
from ace_server.store import Files, Seam, Store, history, ledger, mail_accounts, outgoing
from ace_server.store.ledger import MailRow
from ace_server.store.outgoing import NewOutgoing, Recipient

log = logging.getLogger(__name__)

TOO_OLD = sentence("It arrived too long ago to be answered automatically.")


class Prepared(msgspec.Struct, frozen=True):
    """What becomes of a mail's automatic answer; by default nothing, and nobody is told."""

    row: MailRow
    site: Site
    answer: Answer | None = None
    message_id: str = ""
    digest: str = ""  # of its bytes, which are kept
    withheld: Withheld | None = None

    def store(self, contact: int, now: datetime) -> None:
        """Put the answer into the outbox, or say why it is not; a job, with the contact's."""
        withheld = self.withheld
        if self.answer is not None:
            withheld = answers.bound(
                self.site.mail_accounts[self.row.account],
                spent(self.answer.recipient, self.row.account, self.site, now),
                self.answer.recipient,
            )
            if withheld is None:
                outgoing.add(self._outgoing(contact), now)
        if withheld is not None:
            _withhold(withheld, contact, self.row.account, now)

    def _outgoing(self, contact: int) -> NewOutgoing:
        assert self.answer is not None
        return NewOutgoing(
            kind="answer",
            account=self.row.account,
            sender="",  # the null sender: nothing comes back (RFC 3834 §3.3)
            recipients=(Recipient(self.answer.recipient),),
            digest=self.digest,
            message_id=self.message_id,
            subject=self.answer.subject,
            contact=contact,
            correspondent=normalised(self.answer.recipient),
        )

    def tell(self, events: Events) -> None:
        """Say that there is something to be sent, after the commit."""
        if self.answer is not None:
            events.publish(MailDue(self.row.account))


class Answering:
    """Prepares the automatic answers of one Email Server."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        attachments: Attachments,
        workers: Workers,
        clock: Clock,
        *,
        data: Path,
        trace_key: Callable[[], bytes],
    ) -> None:
        self._store = store
        self._site = site
        self._attachments = attachments
        self._workers = workers
        self._clock = clock
        self._data = data
        self._trace_key = trace_key

    async def prepare(
        self, row: MailRow, mail: Mail, findings: Findings, data: Mapping[str, str]
    ) -> Prepared:
        """Decide, and make the bytes of an answer durable. Raises Unavailable."""
        site, now = self._site(), self._clock.now()
        account = site.mail_accounts.get(row.account)
        configured = answers.configured(site, account) if account is not None else None
        if account is None or configured is None or configured.mode == "never":
            return Prepared(row, site)
        task_type, _ = place(data, row.account, site, now)
        known = {**data, "Entrance": row.account, "TaskType": task_type}
        to = answers.recipient(mail, omits_return_path=account.omits_return_path)
        tally = await self._store.run_behind(spent, to, row.account, site, now)
        decided = answers.decide(
            mail,
            findings,
            known,
            site,
            tally,
            received_at=row.arrived_at or row.fetched_at,
            omits_return_path=account.omits_return_path,
        )
        if isinstance(decided, Withheld):
            return Prepared(row, site, withheld=decided)
        if _is_too_old(row, site, now):
            return Prepared(row, site, withheld=Withheld(TOO_OLD))
        return await self._write(row, site, decided, now)

    async def _write(self, row: MailRow, site: Site, answer: Answer, now: datetime) -> Prepared:
        message_id = new_message_id(domain(answer.sender), secrets.token_hex(16))
        letter = Letter(
            sender=Address(answer.sender),
            to=(Address(answer.recipient),),
            date=now,
            message_id=message_id,
            subject=answer.subject,
            text=answer.text,
            in_reply_to=answer.in_reply_to,
            references=answer.references,
            headers=(*answer.headers, (TRACE_HEADER, trace(self._trace_key(), message_id))),
        )
        digest = await self._workers.run(write, str(self._data), letter)
        await self._attachments.share([digest])
        return Prepared(row, site, answer, message_id, digest)


def _is_too_old(row: MailRow, site: Site, now: datetime) -> bool:
    hours = timedelta(hours=site.system.answerWithinHours)
    return row.arrived_at is not None and now - row.arrived_at > hours


def write(data: str, letter: Letter) -> str:
    """Make the bytes of a mail durable; their digest. What a worker process does."""
    draft = Files(Path(data), Seam()).draft()
    try:
        draft.write(compose(letter))
        return draft.keep()
    finally:
        draft.discard()


def spent(to: str, account: str, site: Site, now: datetime) -> Spent:
    """How many automatic answers count against one to this address; a job."""
    entry = site.mail_accounts[account]
    own = answers.budget(entry.answer_budget)
    reach = max(own.seconds, answers.HOUR)
    correspondent = normalised(to)
    sent = outgoing.answers(now - timedelta(seconds=reach))
    lately = [one for one in sent if now - one.at < timedelta(seconds=answers.HOUR)]
    theirs = now - timedelta(seconds=own.seconds)
    to_domain = sum(domain(one.correspondent) == domain(correspondent) for one in lately)
    return Spent(
        to_correspondent=sum(
            one.correspondent == correspondent and one.account == account and one.at > theirs
            for one in sent
        ),
        to_domain=to_domain,
        by_account=sum(one.account == account for one in lately),
        in_all=len(lately),
        knows_domain=to_domain >= answers.PER_DOMAIN and outgoing.knows_domain(domain(to)),
    )


def _withhold(withheld: Withheld, contact: int, account: str, now: datetime) -> None:
    """The line of EM-5: in the contact's history and, for a budget, in Pulse and the log; a job."""
    said: Sentence = withheld.reason
    if withheld.is_budget:
        said = sentence("No automatic answer to %1: %2", withheld.recipient, withheld.reason)
        mail_accounts.withhold(account, said, now)
        digest = hashlib.sha256(normalised(withheld.recipient).encode()).hexdigest()[:16]
        log.warning("automatic answers to the address with digest %s are held back", digest)
    history.note(contact, now, telling.WITHHELD, detail=ledger.write_sentence(said))
