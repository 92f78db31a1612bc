"""Hands the outbox over, mail by mail, and writes down what truly became of each (EM-10).

A row says *sending* before the other side hears of it. What was interrupted after that may have
been sent, and stays unknown until a person says what is to be done (A-11). Mails are handed over
beside each other, so that none waits for another's server.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from ace_server.attachments import Attachments
from ace_server.clock import Clock
from ace_server.concepts import Site, SmtpServer
from ace_server.email import smtp, writing
from ace_server.email.analysis.trace import trace
from ace_server.email.mail import Address
from ace_server.email.oauth import Tokens
from ace_server.email.resent import resend
from ace_server.email.smtp import Fate, Outcome, Result
from ace_server.errors import IllegalMove, Refused, Unavailable
from ace_server.events import Events, MailChanged, MailDue
from ace_server.references import referred
from ace_server.rounds import Rounds
from ace_server.sentences import Sentence, sentence
from ace_server.store import Store, outgoing
from ace_server.store.directory import Secrets
from ace_server.store.outgoing import OutgoingRow, Recipient, Sent

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Mails that are handed over beside each other."""

SLOW_POLL = 10.0
"""Seconds after which it looks again, whatever it was or was not told."""

ENDING = 5.0
"""Seconds that a hand-over may take to end when the server stops; then its outcome is unknown."""

RESENT = ("delivery", "external")
"""Kinds whose row names the mail as it was fetched."""

GAVE_UP = sentence("It was tried for days, and never taken. The last word was: %1")
NO_SERVER = sentence("Its mail account names no SMTP server.")
GONE = sentence("Its bytes are not kept any more.")


class Outbox:
    """Sends what is due, of the accounts of one Email Server."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        secrets: Callable[[], Secrets],
        attachments: Attachments,
        events: Events,
        clock: Clock,
        *,
        holder: str,
        accounts: Callable[[], Sequence[str]],
        trace_key: Callable[[], bytes],
        timeout: float = smtp.TIMEOUT,
        last_timeout: float = smtp.LAST_TIMEOUT,
    ) -> None:
        """`holder` names this Email Server; `accounts` are those it sends for."""
        self._store = store
        self._site = site
        self._secrets = secrets
        self._attachments = attachments
        self._events = events
        self._clock = clock
        self._holder = holder
        self._accounts = accounts
        self._trace_key = trace_key
        self._timeout = timeout
        self._last_timeout = last_timeout
        self._due_at: datetime | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="outbox")  # nobody else's
        self._sending: set[asyncio.Task[None]] = set()
        self._rounds = Rounds(
            "outbox",
            self.look,
            every=lambda: SLOW_POLL,
            due=self._until_due,
            meanwhile="outgoing mail waits",
        )
        events.subscribe(MailDue, lambda _: self._rounds.wake())

    async def start(self) -> None:
        """What this server had in hand before may have been sent; then begin to send."""
        await self._store.run_behind(outgoing.recover, self._holder, self._clock.now())
        self._rounds.wake()
        await self._rounds.start()

    async def stop(self) -> None:
        """Send no more. What does not end soon is unknown after the next start."""
        await self._rounds.stop()
        if self._sending:
            await asyncio.wait(self._sending, timeout=ENDING)
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        self._thread.shutdown()

    def wake(self) -> None:
        """There may be something to send."""
        self._rounds.wake()

    def _until_due(self) -> float | None:
        if self._due_at is None or len(self._sending) >= AT_ONCE:
            return None
        return (self._due_at - self._clock.now()).total_seconds()

    async def look(self) -> None:
        """Take in hand what is due, as much as there are hands for. Raises Unavailable."""
        accounts = list(self._accounts())
        room = AT_ONCE - len(self._sending)
        if room > 0:
            now = self._clock.now()
            for row in await self._store.run_behind(
                outgoing.claim, accounts, self._holder, now, room
            ):
                task = asyncio.create_task(self._send(row), name=f"outgoing mail {row.id}")
                self._sending.add(task)
                task.add_done_callback(self._sent)
        self._due_at = await self._store.run_behind(outgoing.next_due, accounts)

    def _sent(self, task: "asyncio.Task[None]") -> None:
        self._sending.discard(task)
        self._rounds.wake()

    async def _send(self, row: OutgoingRow) -> None:
        try:
            self._changed(row)
            recipients = await self._hand_over(row)
            await self._settle(row, recipients)
        except Exception:  # noqa: BLE001  # edge: one mail; its row says that it may have been sent
            log.exception("outgoing mail %s: its outcome could not be written down", row.id)

    async def _hand_over(self, row: OutgoingRow) -> list[Recipient]:
        """Offer it to whoever has not got it; what is known of every recipient then."""
        open_ones = [one.address for one in row.recipients if one.state is Sent.QUEUED]
        try:
            server = self._server(row.account)
            path = await self._attachments.path(row.digest)
        except Refused as refused:
            return _all(row, Sent.REFUSED, refused.sentence)
        except Unavailable:
            return _all(row, Sent.QUEUED, None)
        if path is None:
            return _all(row, Sent.REFUSED, GONE)
        loop = asyncio.get_running_loop()
        try:
            raw = await loop.run_in_executor(self._thread, self._bytes, row, path)
        except Refused as refused:
            return _all(row, Sent.REFUSED, refused.sentence)
        outcome = await smtp.hand_over(
            server,
            row.sender,
            open_ones,
            raw,
            timeout=self._timeout,
            last_timeout=self._last_timeout,
        )
        if outcome.trouble is not None:
            log.warning("the SMTP server of %s: nothing can be sent now", row.account)
        return [_after(one, outcome, row) for one in row.recipients]

    def _bytes(self, row: OutgoingRow, path: Path) -> bytes:
        """What travels. A mail of ours is kept as it is sent; one that is sent on is kept once.

        That one gets its Resent headers now, the same whenever it is tried (EM-7).
        """
        raw = path.read_bytes()
        if row.kind not in RESENT:
            return raw
        account = self._site().mail_accounts[row.account]
        to = row.recipients[0].address
        sender = next(filter(writing.is_address, (account.return_address, account.name)), to)
        token = f"{row.digest[:32]}.{row.id}"
        message_id = writing.new_message_id(sender.rpartition("@")[2], token)
        return resend(
            raw,
            sender=Address(sender),
            to=Address(to),
            date=row.created_at,
            message_id=message_id,
            mark=trace(self._trace_key(), message_id),
        )

    async def _settle(self, row: OutgoingRow, recipients: Sequence[Recipient]) -> None:
        """Write the outcome down, until that works: it is known to nobody else."""
        now = self._clock.now()
        pause = smtp.retry_after(row.attempts, most=_most(row)) or 0.0
        retry_at = now + timedelta(seconds=pause)
        while True:
            try:
                await self._store.run_behind(
                    outgoing.settle, row.id, self._holder, recipients, now, retry_at=retry_at
                )
            except IllegalMove:
                log.warning("outgoing mail %s is in other hands by now", row.id)
            except Unavailable:
                await asyncio.sleep(1.0)
                continue
            self._changed(row)
            return

    def _changed(self, row: OutgoingRow) -> None:
        self._events.publish(MailChanged(row.account, row.contact))

    # Its server

    def _server(self, account: str) -> smtp.Server:
        """The SMTP server of an account. Raises Refused."""
        site = self._site()
        entry = site.mail_accounts.get(account)
        configured = site.smtp_servers.get(entry.smtp) if entry is not None else None
        if configured is None:
            raise Refused("no-server", NO_SERVER)
        stored = self._secrets().get((SmtpServer.kind, configured.name))
        client = site.oauth_clients.get(configured.oauth)
        if client is None:
            return smtp.server(configured.url, referred(stored), ca_file=configured.ca_file)
        tokens = Tokens(
            client.token_url,
            client.client_id,
            referred(self._secrets().get((client.kind, client.name))),
            referred(stored),
            client.scope,
            clock=self._clock,
            ca_file=configured.ca_file,
        )

        async def token() -> str:
            return await asyncio.get_running_loop().run_in_executor(self._thread, tokens.token)

        return smtp.server(configured.url, token=token, ca_file=configured.ca_file)


def _most(row: OutgoingRow) -> int:
    return smtp.TRIES_OF_ANSWERS if row.kind == "answer" else smtp.TRIES


def _all(row: OutgoingRow, state: Sent, said: Sentence | None) -> list[Recipient]:
    return [
        replace(one, state=state, said=said) if one.state is Sent.QUEUED else one
        for one in row.recipients
    ]


def _after(one: Recipient, outcome: Outcome, row: OutgoingRow) -> Recipient:
    """What is known of a recipient after a hand-over."""
    result = next((each for each in outcome.results if each.recipient == one.address), None)
    if one.state is not Sent.QUEUED or result is None:
        return one
    return Recipient(one.address, *_standing(result, row))


def _standing(result: Result, row: OutgoingRow) -> tuple[Sent, Sentence]:
    match result.fate:
        case Fate.HANDED_OVER:
            return Sent.HANDED_OVER, result.sentence
        case Fate.REFUSED:
            return Sent.REFUSED, result.sentence
        case Fate.UNKNOWN:
            return Sent.UNKNOWN, result.sentence
        case _ if smtp.retry_after(row.attempts, most=_most(row)) is None:
            return Sent.REFUSED, replace(GAVE_UP, values=(result.sentence,))
        case _:
            return Sent.QUEUED, result.sentence
