"""Hands the outbox over, mail by mail, and writes down what truly became of each (EM-10).

A row says *sending* before the other side hears of it. What was interrupted after that may have
been sent, and stays unknown until a person says what is to be done (A-11). Mails are handed over
beside each other, and no SMTP server takes the hands of another's.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from msgspec.structs import replace

from ace_server.attachments import Attachments
from ace_server.clock import Clock
from ace_server.concepts import OauthClient, Site, SmtpServer
from ace_server.email import smtp, smtp_server, writing
from ace_server.email.analysis.trace import trace
from ace_server.email.mail import Address
from ace_server.email.oauth import Tokens
from ace_server.email.resent import resend
from ace_server.email.smtp import Fate, HandOver, Result
from ace_server.errors import IllegalMove, Refused, Unavailable
from ace_server.events import Events, MailChanged, MailDue
from ace_server.passwords import StoredSecret
from ace_server.references import exchange, referred
from ace_server.rounds import Rounds
from ace_server.sentences import Sentence, sentence
from ace_server.store import Store, outgoing
from ace_server.store.directory import Secrets
from ace_server.store.outgoing import OutgoingRow, Recipient, Sent

log = logging.getLogger(__name__)

T = TypeVar("T")

AT_ONCE = 8
"""Mails that are handed over to one SMTP server beside each other."""

THREADS = 4 * AT_ONCE
"""Of them: for several servers whose names nobody knows, and one that is well."""

SLOW_POLL = 10.0
"""Seconds after which it looks again, whatever it was or was not told."""

ENDING = 5.0
"""Seconds that a hand-over may take to end when the server stops; then its outcome is unknown."""

WRITE_AGAIN = 1.0
"""Seconds after which it is tried again to write down what became of a mail."""

PAUSE = 60.0
"""Seconds after which it is tried again to read what cannot be read now."""

RESENT = ("delivery", "external")
"""Kinds whose row names the mail as it was fetched."""

GAVE_UP = sentence("It was tried for days, and never taken. The last word was: %1")
NO_SERVER = sentence("Its mail account names no SMTP server.")
GONE = sentence("Its bytes are not kept any more.")
OUR_FAULT = sentence(
    "It may have been sent: a fault of this program came between; the log says more. It is not"
    " sent again by itself."
)


class _InHand(NamedTuple):
    """A mail that is being handed over."""

    server: str
    number: int


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
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="outbox")  # nobody else's
        self._sending: dict[asyncio.Task[None], _InHand] = {}
        self._is_unsure = False  # a claim may have been committed unheard
        self._troubled: set[str] = set()  # SMTP servers, as the log knows
        self._tokens: dict[str, tuple[object, _AccessTokens]] = {}  # by SMTP server
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
        if self._is_unsure:
            with suppress(Unavailable):
                await self._give_back()
        if self._sending:
            await asyncio.wait(self._sending, timeout=ENDING)
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        self._threads.shutdown(wait=False)  # what goes on there is waited for by nobody

    def wake(self) -> None:
        """There may be something to send."""
        self._rounds.wake()

    def _until_due(self) -> float | None:
        if self._due_at is None:
            return None
        return (self._due_at - self._clock.now()).total_seconds()

    async def look(self) -> None:
        """Take in hand what is due, as much as there are hands for. Raises Unavailable."""
        due: list[datetime | None] = []
        if self._is_unsure:
            await self._give_back()
        hands = Counter(one.server for one in self._sending.values())
        for server, accounts in self._by_server().items():
            room = AT_ONCE - hands[server]
            if room > 0:
                for row in await self._claimed(accounts, room):
                    task = asyncio.create_task(self._send(row), name=f"outgoing mail {row.id}")
                    self._sending[task] = _InHand(server, row.id)
                    task.add_done_callback(self._sent)
                due.append(await self._store.run_behind(outgoing.next_due, accounts))
        self._due_at = min((one for one in due if one is not None), default=None)

    def _by_server(self) -> dict[str, list[str]]:
        """The accounts by their SMTP server."""
        site, found = self._site(), dict[str, list[str]]()
        for name in self._accounts():
            entry = site.mail_accounts.get(name)
            found.setdefault("" if entry is None else entry.smtp, []).append(name)
        return found

    async def _claimed(self, accounts: Sequence[str], most: int) -> list[OutgoingRow]:
        """Mails that are due, in this server's hands. Raises Unavailable."""
        now = self._clock.now()
        self._is_unsure = True
        rows = await self._store.run_behind(outgoing.claim, accounts, self._holder, now, most)
        self._is_unsure = False
        return rows

    async def _give_back(self) -> None:
        in_hand = [one.number for one in self._sending.values()]
        await self._store.run_behind(outgoing.give_back, self._holder, in_hand)
        self._is_unsure = False

    def _sent(self, task: "asyncio.Task[None]") -> None:
        del self._sending[task]
        self._rounds.wake()

    async def _send(self, row: OutgoingRow) -> None:
        self._changed(row)
        try:
            recipients = await self._hand_over(row)
        except Exception:  # noqa: BLE001  # edge: one mail
            log.exception("outgoing mail %s: it may have been sent", row.id)
            recipients = _all(row, Sent.UNKNOWN, OUR_FAULT)
        await self._settle(row, recipients)

    async def _hand_over(self, row: OutgoingRow) -> list[Recipient]:
        """Offer it to whoever has not got it; what is known of every recipient then."""
        open_ones = [one.address for one in row.recipients if one.state is Sent.QUEUED]
        try:
            server = await self._server(row.account)
            path = await self._attachments.path(row.digest)
        except Refused as refused:
            return _all(row, Sent.REFUSED, refused.sentence)
        except Unavailable:
            return _all(row, Sent.QUEUED, None)
        if path is None:
            return _all(row, Sent.REFUSED, GONE)
        try:
            raw = await self._in_thread(self._bytes, row, path)
        except Refused as refused:
            return _all(row, Sent.REFUSED, refused.sentence)
        except OSError:
            return _all(row, Sent.QUEUED, None)
        outcome = await smtp.hand_over(
            server,
            row.sender,
            open_ones,
            raw,
            timeout=self._timeout,
            last_timeout=self._last_timeout,
            threads=self._threads,
        )
        self._note_trouble(row.account, outcome)
        return [_after(one, outcome, row) for one in row.recipients]

    def _in_thread(self, function: Callable[..., T], *arguments: Any) -> "asyncio.Future[T]":
        return asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)

    def _note_trouble(self, account: str, outcome: HandOver) -> None:
        """Say in the log when it begins, and when it is over."""
        entry = self._site().mail_accounts.get(account)
        server = "" if entry is None else entry.smtp
        if outcome.trouble is None and server in self._troubled:
            self._troubled.discard(server)
            log.info("the SMTP server %s takes mail again", server)
        elif outcome.trouble is not None:
            level = logging.DEBUG if server in self._troubled else logging.WARNING
            log.log(level, "nothing can be sent by the SMTP server %s now", server)
            self._troubled.add(server)
            if outcome.is_lasting:  # a person may allow the access once more
                self._tokens.pop(server, None)

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
        pause = smtp.retry_after(row.attempts, most=_most(row)) or PAUSE
        retry_at = now + timedelta(seconds=pause)
        level = logging.WARNING
        while True:
            try:
                await self._store.run_behind(
                    outgoing.settle, row.id, self._holder, recipients, now, retry_at=retry_at
                )
            except IllegalMove:
                log.log(level, "outgoing mail %s is in these hands no more", row.id)
            except Unavailable:
                level = logging.DEBUG  # what failed may have been written all the same
                await asyncio.sleep(WRITE_AGAIN)
                continue
            self._changed(row)
            return

    def _changed(self, row: OutgoingRow) -> None:
        self._events.publish(MailChanged(row.account, row.contact, row.by))

    # Its server

    async def _server(self, account: str) -> smtp_server.Server:
        """The SMTP server of an account. Raises Refused."""
        site = self._site()
        entry = site.mail_accounts.get(account)
        configured = site.smtp_servers.get(entry.smtp) if entry is not None else None
        if configured is None:
            raise Refused("no-server", NO_SERVER)
        stored = self._secrets().get((SmtpServer.kind, configured.name))
        client = site.oauth_clients.get(configured.oauth)
        if client is None:
            password = await self._in_thread(referred, stored)  # it may stand in a file
            return smtp_server.server(configured.url, password, ca_file=configured.ca_file)
        tokens = self._tokens_of(configured, client, stored)
        return smtp_server.server(configured.url, token=tokens.token, ca_file=configured.ca_file)

    def _tokens_of(
        self, configured: SmtpServer, client: OauthClient, stored: StoredSecret | None
    ) -> "_AccessTokens":
        """The same for every mail, until something else is configured."""
        secret = self._secrets().get((client.kind, client.name))
        made_of = (configured, client, stored, secret)
        known = self._tokens.get(configured.name)
        if known is None or known[0] != made_of:
            known = (
                made_of,
                _AccessTokens(
                    partial(_tokens, configured, client, stored, secret, self._clock), self._threads
                ),
            )
            self._tokens[configured.name] = known
        return known[1]


def _tokens(
    configured: SmtpServer,
    client: OauthClient,
    stored: StoredSecret | None,
    secret: StoredSecret | None,
    clock: Clock,
) -> Tokens:
    """Reads the secrets, which may stand in files."""

    def keep(refresh_token: str) -> None:
        if stored is not None:
            exchange(stored, refresh_token)

    return Tokens(
        client.token_url,
        client.client_id,
        referred(secret),
        referred(stored),
        client.scope,
        clock=clock,
        keep=keep,
        ca_file=configured.ca_file,
    )


class _AccessTokens:
    """The tokens of one SMTP server, asked for by one at a time, in a thread."""

    def __init__(self, make: Callable[[], Tokens], threads: ThreadPoolExecutor) -> None:
        self._make = make
        self._tokens: Tokens | None = None
        self._threads = threads
        self._turn = asyncio.Lock()

    async def token(self) -> str:
        """One that should still be valid. Raises MailboxTrouble."""
        loop = asyncio.get_running_loop()
        async with self._turn:
            return await loop.run_in_executor(self._threads, self._token)

    def _token(self) -> str:
        if self._tokens is None:
            self._tokens = self._make()
        return self._tokens.token()


def _most(row: OutgoingRow) -> int:
    return smtp.TRIES_OF_ANSWERS if row.kind == "answer" else smtp.TRIES


def _all(row: OutgoingRow, state: Sent, said: Sentence | None) -> list[Recipient]:
    return [
        replace(one, state=state, said=said) if one.state is Sent.QUEUED else one
        for one in row.recipients
    ]


def _after(one: Recipient, outcome: HandOver, row: OutgoingRow) -> Recipient:
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
