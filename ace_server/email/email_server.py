"""Email Server: fetches, receives, answers and sends for the accounts that it was given (EM-11).

One or more; each by itself or beside the core. It assembles the services and answers what the
process that fetches asks of the ledger.
"""

import logging
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import resources
from ace_server.attachments import Attachments
from ace_server.clock import Clock
from ace_server.concepts import MailAccount, OauthClient, Site
from ace_server.email.account_server import interval
from ace_server.email.analysis import Rules, prepare
from ace_server.email.analysis.subjects import read_subjects
from ace_server.email.answering import Answering
from ace_server.email.books import (
    Account,
    AskFolder,
    AskRoom,
    AskSettled,
    AskUnknown,
    AskWanted,
    Disposed,
    Fulfilled,
    Note,
    Oauth,
    Question,
    Tell,
)
from ace_server.email.fetch_link import FetchLink
from ace_server.email.outbox import Outbox
from ace_server.email.receiving import Receiving
from ace_server.email.urls import without_user
from ace_server.email.workers import Workers
from ace_server.errors import Unavailable
from ace_server.events import AccountsAssigned, Configured, Events, MailChanged, MailPending
from ace_server.intake import Intake
from ace_server.rounds import Rounds
from ace_server.store import (
    Store,
    disposals,
    figures,
    installation,
    ledger,
    mail_accounts,
    outgoing,
)
from ace_server.store.directory import Secrets

log = logging.getLogger(__name__)

SECONDS = 10.0
"""That reading and analysing one mail may take (C-5)."""

MEMORY = 1024 * 1024 * 1024
"""Bytes that it may take."""

SETTLED = 500
"""Mails that are disposed of at a time."""

NO_LIMIT = 1_000_000
"""Mails that may be fetched where nobody has set a limit."""

SUBJECTS = resources.path("mail/automatic_subjects.txt")


class EmailServer:
    """The services of one Email Server."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        secrets: Callable[[], Secrets],
        intake: Intake,
        attachments: Attachments,
        events: Events,
        clock: Clock,
        *,
        data: Path,
        name: str,
    ) -> None:
        """`name` is what accounts name it by; no other running one has it."""
        self._store = store
        self._data = data
        self._site = site
        self._secrets = secrets
        self._attachments = attachments
        self._events = events
        self._clock = clock
        self._name = name
        self._given: list[str] = []
        self._has_workers = False
        self._trace_key = b""
        self._rules: dict[str, Rules] = {}
        self._subjects = read_subjects(SUBJECTS.read_text("utf-8"))
        self._workers = Workers(_workers(), SECONDS, MEMORY)
        self._fetching = FetchLink(data, self._answer)
        self.outbox = Outbox(
            store,
            site,
            secrets,
            attachments,
            events,
            clock,
            holder=name,
            accounts=lambda: self._given,
            trace_key=lambda: self._trace_key,
        )
        self.receiving = Receiving(
            store,
            site,
            intake,
            attachments,
            Answering(
                store,
                site,
                attachments,
                self._workers,
                clock,
                data=data,
                trace_key=lambda: self._trace_key,
            ),
            self._workers,
            events,
            clock,
            data=data,
            accounts=lambda: self._given,
            rules=self._rules_of,
        )
        self._beating = Rounds(
            "Email Server",
            self._beat,
            every=lambda: interval(site()),
            meanwhile="the Account Server hears nothing of this Email Server",
        )
        events.subscribe(Configured, lambda _: self._configure())
        events.subscribe(AccountsAssigned, lambda _: self._beating.wake())

    async def start(self) -> None:
        """Begin; the accounts come from the Account Server. Raises Unavailable."""
        self._trace_key = await self._store.run_behind(installation.trace_key)
        await self._fetching.start()
        await self.outbox.start()
        await self.receiving.start()
        await self._beat()
        await self._beating.start()

    async def stop(self) -> None:
        """Fetch and send no more, and give the accounts up."""
        await self._beating.stop()
        await self._fetching.stop()
        await self.receiving.stop()
        await self.outbox.stop()
        await self._workers.stop()
        with suppress(Unavailable):
            await self._store.run_behind(self._leave)

    def _leave(self) -> None:
        """Others need not wait for a sign of life, and nothing seems to be sent; a job."""
        outgoing.recover(self._name, self._clock.now())
        mail_accounts.leave(self._name)

    def _configure(self) -> None:
        self._rules.clear()
        self._assign()
        self._fetching.wake()  # what an account waits for, for minutes, may have been mended

    def _rules_of(self, area: str) -> Rules:
        if area not in self._rules:
            site = self._site()
            self._rules[area] = prepare(
                site, area, subjects=self._subjects, trace_key=self._trace_key
            )
        return self._rules[area]

    async def _beat(self) -> None:
        """Give a sign of life, and see which accounts are given to this server."""
        await self._store.run_behind(mail_accounts.beat, self._name)
        given = await self._store.run_behind(mail_accounts.of_server, self._name)
        if given != self._given:
            if given and not self._has_workers:  # a site without mail has none
                self._has_workers = True
                await self._workers.start()
            self._given = given
            self._assign()
            self.outbox.wake()
            for account in given:
                self._events.publish(MailPending(account))

    def _assign(self) -> None:
        accounts = self._site().mail_accounts
        self._fetching.assign(
            [self._account(accounts[name]) for name in self._given if name in accounts]
        )

    def _account(self, entry: MailAccount) -> Account:
        url, user = without_user(entry.fetch)
        site, secrets = self._site(), self._secrets()
        client = site.oauth_clients.get(entry.oauth)
        oauth = None
        if client is not None:
            secret = secrets.get((OauthClient.kind, client.name))
            oauth = Oauth(client.token_url, client.client_id, secret, client.scope)
        return Account(
            name=entry.name,
            url=url,
            user=user,
            secret=secrets.get((MailAccount.kind, entry.name)),
            oauth=oauth,
            ca_file=entry.ca_file,
            folders=entry.folders,
            poll_seconds=entry.poll_seconds,
            since=entry.since,
            afterwards=entry.afterwards,
            moved_to=entry.moved_to,
            most_bytes=site.system.emailMaxBytes,
        )

    # What the process that fetches asks

    async def _answer(self, question: Question) -> object:
        run = self._store.run_behind
        match question:
            case AskFolder(account, folder):
                return await run(ledger.folder, account, folder)
            case AskUnknown(seen, uids):
                return await run(ledger.unknown, seen, uids)
            case AskSettled(seen, after):
                return await run(disposals.due, seen, SETTLED, after)
            case Disposed(mails):
                await run(disposals.done, mails, self._clock.now())
            case AskWanted(account):
                return await run(mail_accounts.wanted, account)
            case Fulfilled(account, wish):
                await run(mail_accounts.fulfil, account, wish)
            case AskRoom():
                return await run(self._room)
            case Note():
                await self._note(question)
            case Tell():
                await self._tell(question)
        return None

    async def _note(self, noted: Note) -> None:
        await self._attachments.share([mail.digest for mail in noted.mails])
        await self._store.run_behind(ledger.note, noted.seen, noted.mails, self._clock.now())
        if noted.mails:
            self._events.publish(MailPending(noted.seen.account))
            self._events.publish(MailChanged(noted.seen.account))

    async def _tell(self, told: Tell) -> None:
        await self._store.run_behind(
            mail_accounts.tell,
            told.account,
            told.state,
            self._clock.now(),
            fetched=told.fetched,
            trouble=told.trouble,
        )
        self._events.publish(MailChanged(told.account))

    def _room(self) -> int:
        """How many more mails may be fetched; a job. What is held back waits on its server (RO-9).

        What is fetched and not queued yet counts for this Email Server, what is not ended for the
        whole system. None where too little of the disk is free (A-7).
        """
        site = self._site()
        if shutil.disk_usage(self._data).free < site.system.freeSpaceFloor:
            return 0
        stands = {name: figures.entrance(name) for name in site.mail_accounts}
        pending = ledger.waiting(list(site.mail_accounts))
        here = ledger.waiting(self._given)
        here += sum(one.buffered for name, one in stands.items() if name in self._given)
        in_all = pending + sum(one.buffered + one.waiting + one.in_hand for one in stands.values())
        system = site.system
        rooms = [
            most - there
            for most, there in (
                (system.maxNumEmailPerSrv, here),
                (system.maxNumEmailInSystem, in_all),
            )
            if most
        ]
        return min(rooms, default=NO_LIMIT)


def _workers() -> int:
    """Processes in which mail is read: one core is left to the rest."""
    return max(1, (os.cpu_count() or 2) - 1)
