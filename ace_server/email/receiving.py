"""Makes contacts of the mails in the ledger: each one, in order, once (EM-2, EM-3, EM-4, EM-6).

What may hang or break – reading and analysing a mail – is done in processes that can be killed, and
its attempts are counted before. What becomes of a mail, its contact and its automatic answer are
one transaction. A mail that cannot be a contact is quarantined, one that a rule names discarded,
and nothing behind it waits.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from ace_server.attachments import Attachments
from ace_server.clock import Clock
from ace_server.concepts import DiscardRule, Site
from ace_server.email import discarding
from ace_server.email.analysis import Findings, Rules, telling
from ace_server.email.analysis.own import with_own_id
from ace_server.email.answering import Answering, PreparedAnswer
from ace_server.email.following import contact_data, leads_to
from ace_server.email.mail import Mail
from ace_server.email.message import TooDeep
from ace_server.email.understanding import Understood, Unreadable, understand
from ace_server.email.workers import Crashed, TooSlow, Workers
from ace_server.errors import IllegalMove, Unavailable
from ace_server.events import Events, MailChanged, MailPending
from ace_server.intake import Arrival, Intake
from ace_server.rounds import Rounds
from ace_server.sentences import Sentence, sentence
from ace_server.store import Store, audit, history, ledger, outgoing
from ace_server.store.contacts import Added, NewAttachment
from ace_server.store.ledger import Followed, MailRow, Outcome

log = logging.getLogger(__name__)

BATCH = 64
BATCH_BYTES = 8 * 1024 * 1024
"""Mails that are begun together, and how long all of them may be; a longer one goes alone. Their
order is kept."""

TOGETHER = 8
"""Mails whose facts are looked up in one job of the store."""

ATTEMPTS = 3
"""Times that a mail may end its process, hold it up or be unreadable before it is quarantined
(C-6)."""

SLOW_POLL = 5.0
"""Seconds after which it looks again, whatever it was or was not told."""

GONE = sentence("Its bytes are not kept any more.")
TOO_DEEP = sentence("It has more parts inside each other than can be read.")
CRASHED = sentence("Reading it has ended its process several times.")
TOO_SLOW = sentence("Reading it takes too long.")
UNREADABLE = sentence("Its file cannot be read: %1.")
OUR_FAULT = sentence("It could not be read, by a fault of this program; the log says more.")


class Facts(msgspec.Struct, frozen=True):
    """What the store knows about a mail."""

    followed: Followed | None
    is_own: bool  # its Message-ID is one that we gave out


class _Batch(NamedTuple):
    """Mails whose reading has begun."""

    found: Sequence[MailRow]
    fresh: Sequence[MailRow]  # those that did not come before in another place
    copies: Sequence[MailRow]  # of what had no outcome yet when they were begun
    left: set[int]  # ids of those that were neither settled nor failed
    reading: Sequence[asyncio.Future[Understood | None]]  # of each that is fresh


class Receiving:
    """Takes mails from the ledger to their contacts."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        intake: Intake,
        attachments: Attachments,
        answering: Answering,
        workers: Workers,
        events: Events,
        clock: Clock,
        *,
        data: Path,
        accounts: Callable[[], Sequence[str]],
        rules: Callable[[str], Rules],
    ) -> None:
        """`accounts` are those whose mail is received here; `rules` are those of an area."""
        self._store = store
        self._site = site
        self._intake = intake
        self._attachments = attachments
        self._answering = answering
        self._workers = workers
        self._events = events
        self._clock = clock
        self._data = data
        self._accounts = accounts
        self._rules = rules
        self._failed: dict[int, None] = {}  # mails that a process did not get through, in order
        self._untried: set[int] = set()  # whose attempt was counted, and was none
        self._hindrance = ""  # why one of them was put off, for the log
        self._rounds = Rounds(
            "receiving",
            self.receive,
            every=lambda: SLOW_POLL,
            meanwhile="mail that was fetched waits",
        )
        events.subscribe(MailPending, lambda _: self._rounds.wake())

    async def start(self) -> None:
        """Begin with what is in the ledger."""
        self._rounds.wake()
        await self._rounds.start()

    async def stop(self) -> None:
        """Receive no more; what is under way is done again later."""
        await self._rounds.stop()

    async def receive(self) -> None:
        """Settle what is pending now. Raises Unavailable where some of it has to wait.

        While some are settled the next are read already, so that no process waits for the store.
        """
        await self._take_back()
        after, waits = 0, False
        begun: deque[_Batch] = deque()
        try:
            while found := await self._store.run_behind(
                ledger.pending, list(self._accounts()), after, BATCH
            ):
                some = few(found)
                begun.append(await self._begin([row for row in some if row.id not in self._failed]))
                if len(begun) > 1:
                    waits |= await self._finish(begun.popleft())
                after = some[-1].id
            if begun:
                waits |= await self._finish(begun.popleft())
        finally:
            for batch in begun:
                await self._end(batch)
        waits |= await self._try_again()
        if waits:
            raise Unavailable(f"some mails cannot be read now: {self._hindrance}")

    async def _try_again(self) -> bool:
        """One of those that failed, behind all others: each delays them once, and no more (P5).

        Whether it has to wait.
        """
        if not self._failed:
            return False
        mail = next(iter(self._failed))
        del self._failed[mail]
        if self._failed:
            self._rounds.wake()
        row = await self._store.run_behind(ledger.get, mail)
        if row is None or row.outcome is not Outcome.PENDING or row.account not in self._accounts():
            return False
        return await self._finish(await self._begin([row]))

    async def _begin(self, found: Sequence[MailRow]) -> _Batch:
        """Count an attempt of each, and begin to read them; that goes on by itself."""
        fresh, copies = await self._told_apart(found)
        left = {row.id for row in fresh}
        await self._store.run_behind(ledger.begin, list(left))
        reading = [asyncio.ensure_future(self._understand(row, left)) for row in fresh]
        return _Batch(found, fresh, copies, left, reading)

    async def _finish(self, batch: _Batch) -> bool:
        """Settle these in their order, each once it is read.

        Whether some of them have to wait. Raises Unavailable where that holds for all.
        """
        fresh, left = batch.fresh, batch.left
        try:
            for start in range(0, len(fresh), TOGETHER):
                understood = await asyncio.gather(*batch.reading[start : start + TOGETHER])
                together = zip(fresh[start : start + TOGETHER], understood, strict=True)
                for some in _in_turn([(row, one) for row, one in together if one is not None]):
                    await self._settle_some(some)
                    left -= {row.id for row, _ in some}
        finally:
            await self._end(batch)
        await self._told_apart(batch.copies)  # what is still one of these comes in a later round
        for account in {row.account for row in batch.found}:
            self._events.publish(MailChanged(account))
        if left and len(left) == len(fresh):
            raise Unavailable(f"no mail can be read now: {self._hindrance}")
        return bool(left)

    async def _end(self, batch: _Batch) -> None:
        """Read no more of these; those that are left had no attempt."""
        for task in batch.reading:
            task.cancel()
        await asyncio.gather(*batch.reading, return_exceptions=True)
        self._untried |= batch.left
        with suppress(Unavailable):  # the next round tries that again, before all else
            await self._take_back()

    async def _take_back(self) -> None:
        """What was neither settled nor failed was no attempt. Raises Unavailable."""
        if untried := list(self._untried):
            await self._store.run_behind(ledger.put_off, untried)
            self._untried.difference_update(untried)

    async def _told_apart(self, found: Sequence[MailRow]) -> tuple[list[MailRow], list[MailRow]]:
        """Those that did not come before in another place, and copies of what is not settled yet.

        The other copies have the outcome of what they are like.
        """
        twins = await self._store.run_behind(_twins, found)
        both = list(zip(found, twins, strict=True))
        fresh = [row for row, twin in both if twin is None]
        like = [(row, twin) for row, twin in both if twin is not None]
        await asyncio.gather(
            *(
                self._settle_like(row, twin)
                for row, twin in like
                if twin.outcome is not Outcome.PENDING
            )
        )
        return fresh, [row for row, twin in like if twin.outcome is Outcome.PENDING]

    async def _settle_like(self, row: MailRow, twin: MailRow) -> None:
        reason = twin.why() if twin.outcome is Outcome.QUARANTINED else ledger.SAME_AS_BEFORE
        await self._say(row, twin.outcome, reason, contact=twin.contact, message_id=twin.message_id)

    async def _say(
        self, row: MailRow, outcome: Outcome, reason: Sentence | None, **more: Any
    ) -> None:
        """Say what became of a mail that is no contact of its own."""
        now = self._clock.now()
        try:
            await self._store.run_behind(ledger.settle, row.id, outcome, now, reason=reason, **more)
        except IllegalMove:
            log.info("mail %s was settled by another Email Server", row.id)

    # Reading

    async def _understand(self, row: MailRow, left: set[int]) -> Understood | None:
        """What a mail says; None where it was quarantined, or is tried again later.

        It stays among those that are `left` where it is tried again by no fault of its own.
        """
        area = self._site().area_of(row.account)
        try:
            if await self._attachments.path(row.digest) is not None:
                return await self._workers.run(
                    understand, str(self._data), row.digest, self._rules(area)
                )
            await self._say(row, Outcome.QUARANTINED, GONE)
        except TooDeep:
            await self._say(row, Outcome.QUARANTINED, TOO_DEEP)
        except (Crashed, TooSlow, Unreadable) as failure:
            log.warning("mail %s: %s, attempt %s", row.id, failure.reason, row.attempts + 1)
            left.discard(row.id)  # whether or not that can be written down
            await self._fail(row, failure)
        except Unavailable as error:
            self._hindrance = str(error)
            return None
        except Exception:  # noqa: BLE001  # edge: one mail
            log.exception("mail %s could not be read", row.id)
            await self._say(row, Outcome.QUARANTINED, OUR_FAULT)
        left.discard(row.id)
        return None

    async def _fail(self, row: MailRow, failure: Crashed | TooSlow | Unreadable) -> None:
        """Quarantine a mail at its last attempt; before, it is tried again behind all others."""
        if row.attempts + 1 >= ATTEMPTS:
            await self._say(row, Outcome.QUARANTINED, _why(failure))
            return
        self._failed[row.id] = None
        if not isinstance(failure, Unreadable):  # that takes a while to be over, if it ever is
            self._rounds.wake()

    # Settling

    async def _settle_some(self, mails: Sequence[tuple[MailRow, Understood]]) -> None:
        """Settle these. One that cannot be, by a fault of ours, is quarantined, and no other."""
        try:
            await self._settle_all(mails)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001  # edge: one mail
            if len(mails) > 1:
                for one in mails:
                    await self._settle_some([one])
                return
            row, _ = mails[0]
            log.exception("mail %s could not become a contact", row.id)
            await self._say(row, Outcome.QUARANTINED, OUR_FAULT)

    async def _settle_all(self, mails: Sequence[tuple[MailRow, Understood]]) -> None:
        """Make their contacts, in order; their transactions may be one."""
        facts = await self._store.run_behind(_facts, mails)
        settling: list[asyncio.Task[None]] = []
        try:
            for (row, understood), known in zip(mails, facts, strict=True):
                settling.append(await self._begin_to_settle(row, understood, known))
                if understood.mail.parts and self._store.keeps_files:
                    await asyncio.wait(settling)  # its files go first, and nobody overtakes it
        finally:
            outcomes = await asyncio.gather(*settling, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _begin_to_settle(
        self, row: MailRow, understood: Understood, known: Facts
    ) -> "asyncio.Task[None]":
        """Hand the contact in, or discard the mail; what is left to wait for is its commit."""
        findings = with_own_id(understood.findings) if known.is_own else understood.findings
        data = contact_data(findings, known.followed)
        discarded = discarding.rule(findings, data, row.account, self._site())
        if discarded is not None:
            return asyncio.create_task(self._discard(row, understood.mail, discarded))
        prepared = await self._answering.prepare(row, understood.mail, findings, data)
        arrival = _arrival(row, understood.mail, data, known.followed)
        return asyncio.create_task(self._settle(row, understood.mail, findings, arrival, prepared))

    async def _settle(
        self,
        row: MailRow,
        mail: Mail,
        findings: Findings,
        arrival: Arrival,
        prepared: PreparedAnswer,
    ) -> None:
        now = self._clock.now()

        def beside(added: Added) -> None:
            self._demand_files(arrival.attachments)
            ledger.settle(
                row.id,
                Outcome.CONTACT,
                now,
                contact=added.contact_id,
                message_id=mail.message_id,
                reason=Sentence(findings.own) if findings.own else None,
            )
            _tell(added.contact_id, findings, now)
            prepared.store(added.contact_id, now)

        try:
            await self._intake.take_in(arrival, beside, behind=True)
        except IllegalMove:
            log.info("mail %s was settled by another Email Server", row.id)
        else:
            prepared.tell(self._events)

    async def _discard(self, row: MailRow, mail: Mail, rule: DiscardRule) -> None:
        """Make no contact of it, as somebody configured (EM-2); the audit tells of it."""
        now = self._clock.now()

        def job() -> None:
            ledger.settle(
                row.id,
                Outcome.DISCARDED,
                now,
                message_id=mail.message_id,
                reason=discarding.reason(rule),
            )
            audit.record(now, f"discard_rule {rule.name}", "discarded a mail", f"mail {row.id}")

        try:
            await self._store.run_behind(job)
        except IllegalMove:
            log.info("mail %s was settled by another Email Server", row.id)

    def _demand_files(self, attachments: Sequence[NewAttachment]) -> None:
        """Somebody else may have removed a file that nothing named yet; a job."""
        if not all(self._store.files.path(one.digest).is_file() for one in attachments):
            raise Unavailable("a file of a mail is gone; it is read once more")


def _why(failure: Crashed | TooSlow | Unreadable) -> Sentence:
    match failure:
        case Crashed():
            return CRASHED
        case TooSlow():
            return TOO_SLOW
        case _:
            return replace(UNREADABLE, values=(str(failure),))


def few(found: Sequence[MailRow]) -> Sequence[MailRow]:
    """As many of the first ones as are begun together; at least one."""
    size = 0
    for number, row in enumerate(found):
        size += row.size
        if size > BATCH_BYTES:
            return found[: max(number, 1)]
    return found


def _twins(found: Sequence[MailRow]) -> list[MailRow | None]:
    copied = ledger.copied([row.digest for row in found])
    return [ledger.twin(row) if (row.account, row.digest) in copied else None for row in found]


def _in_turn(
    mails: Sequence[tuple[MailRow, Understood]],
) -> list[list[tuple[MailRow, Understood]]]:
    """The same in their order, parted before each that follows one of its part (EM-6).

    Its contact is known once that one's is committed.
    """
    parts: list[list[tuple[MailRow, Understood]]] = []
    named: set[tuple[str, str]] = set()  # by those of the last part: account and Message-ID
    for row, understood in mails:
        about = {(row.account, one) for one in leads_to(understood.findings) if one}
        if not parts or about & named:
            parts.append([])
            named.clear()
        parts[-1].append((row, understood))
        named.add((row.account, understood.mail.message_id))
    return parts


def _facts(mails: Sequence[tuple[MailRow, Understood]]) -> list[Facts]:
    own = outgoing.known([understood.mail.message_id for _, understood in mails])
    return [
        Facts(
            ledger.followed(row.account, leads_to(understood.findings)),
            understood.mail.message_id in own,
        )
        for row, understood in mails
    ]


def _arrival(
    row: MailRow, mail: Mail, data: Mapping[str, str], followed: Followed | None
) -> Arrival:
    return Arrival(
        account=row.account,
        external_id=f"M-{row.id}",
        digest=row.digest,
        entrance=row.account,
        subject=mail.subject,
        body=mail.text,
        data=dict(data),
        attachments=tuple(
            NewAttachment(part.name, part.media_type, part.size, part.digest, part.content_id)
            for part in mail.parts
        ),
        follows=None if followed is None else followed.contact,
    )


def _tell(contact: int, findings: Findings, now: datetime) -> None:
    """What its history says of where it came from; a job."""
    for verb, detail in telling.lines(findings):
        history.note(contact, now, verb, detail=detail)
