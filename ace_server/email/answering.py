"""Automatic answers: decided when a mail is received, and stored with its contact (EM-4, EM-5).

What is sent is made before, its bytes durable; whether the budgets still allow it is asked once
more inside the transaction. What they keep back is named: in the contact's history, in Pulse, and
by its digest in the log. No contact depends on its answer: one that cannot be made is withheld.
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
from ace_server.email.analysis.addresses import normalised
from ace_server.email.analysis.trace import TRACE_HEADER, trace
from ace_server.email.answers import Answer, Spent, Withheld
from ace_server.email.domains import domain_of
from ace_server.email.mail import Address, Mail
from ace_server.email.workers import Crashed, TooSlow, Workers
from ace_server.email.writing import Letter, compose, new_message_id
from ace_server.errors import Unavailable
from ace_server.events import Events, MailDue
from ace_server.intake import place
from ace_server.sentences import Sentence, sentence
from ace_server.store import Files, Seam, Store, history, ledger, mail_accounts, outgoing
from ace_server.store.ledger import MailRow
from ace_server.store.outgoing import NewOutgoing, Recipient

log = logging.getLogger(__name__)

TOO_OLD = sentence("It arrived too long ago to be answered automatically.")
NOT_WRITTEN = sentence("An automatic answer could not be written; the log says more.")


class PreparedAnswer(msgspec.Struct):
    """What becomes of a mail's automatic answer; by default nothing, and nobody is told."""

    row: MailRow
    site: Site
    answer: Answer | None = None
    message_id: str = ""
    digest: str = ""  # of its bytes, which are kept
    withheld: Withheld | None = None
    held_back: Withheld | None = None  # what `store` came to; of several times, the last one

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
        self.held_back = withheld

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
        """Say after the commit that there is something to be sent, or what a budget keeps back."""
        if self.held_back is not None and self.held_back.is_budget:
            digest = hashlib.sha256(normalised(self.held_back.recipient).encode()).hexdigest()[:16]
            log.warning("automatic answers to the address with digest %s are held back", digest)
        elif self.answer is not None:
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
    ) -> PreparedAnswer:
        """Decide, and make the bytes of an answer durable. Raises Unavailable."""
        try:
            return await self._prepare(row, mail, findings, data)
        except Unavailable:
            raise
        except (Crashed, TooSlow) as failure:
            log.warning("mail %s: its answer is not written: %s", row.id, failure.reason)
        except Exception:  # noqa: BLE001  # edge: one answer
            log.exception("mail %s: its answer could not be made", row.id)
        return PreparedAnswer(row, self._site(), withheld=Withheld(NOT_WRITTEN))

    async def _prepare(
        self, row: MailRow, mail: Mail, findings: Findings, data: Mapping[str, str]
    ) -> PreparedAnswer:
        site, now = self._site(), self._clock.now()
        account = site.mail_accounts.get(row.account)
        configured = answers.configured(site, account) if account is not None else None
        if account is None or configured is None or configured.mode == "never":
            return PreparedAnswer(row, site)
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
            is_oversized=row.is_oversized,
        )
        if isinstance(decided, Withheld):
            return PreparedAnswer(row, site, withheld=decided)
        if _is_too_old(row, site, now):
            return PreparedAnswer(row, site, withheld=Withheld(TOO_OLD))
        return await self._write(row, site, decided, now)

    async def _write(
        self, row: MailRow, site: Site, answer: Answer, now: datetime
    ) -> PreparedAnswer:
        message_id = new_message_id(domain_of(answer.sender), secrets.token_hex(16))
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
        # the mail it answers has been read: it does not wait until all others are
        digest = await self._workers.run(write, str(self._data), letter, first=True)
        await self._attachments.share([digest])
        return PreparedAnswer(row, site, answer, message_id, digest)


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
    own = answers.budget(site.mail_accounts[account].answer_budget)
    correspondent, to_domain = normalised(to), domain_of(to)
    theirs = now - timedelta(seconds=own.seconds)
    lately = now - timedelta(seconds=answers.HOUR)
    return Spent(
        to_correspondent=outgoing.answers(theirs, account=account, correspondent=correspondent),
        to_domain=outgoing.answers(lately, domain=to_domain),
        by_account=outgoing.answers(lately, account=account),
        in_all=outgoing.answers(lately),
        knows_domain=outgoing.knows_domain(to_domain),
    )


def _withhold(withheld: Withheld, contact: int, account: str, now: datetime) -> None:
    """The line of EM-5: in the contact's history and, for a budget, in Pulse; a job."""
    said: Sentence = withheld.reason
    if withheld.is_budget:
        said = sentence("No automatic answer to %1: %2", withheld.recipient, withheld.reason)
        mail_accounts.withhold(account, said, now)
    history.note(contact, now, telling.WITHHELD, detail=ledger.write_sentence(said))
