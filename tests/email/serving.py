"""A real server with mail accounts: its mailboxes on a Dovecot, its mail handed to a sink.

Whoever waits for something is woken by what the server tells of its mail, and looks again.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from ace_server.administration import commands
from ace_server.concepts import (
    AnswerText,
    AutomaticAnswer,
    MailAccount,
    Queue,
    SmtpServer,
    WorkItemAccount,
)
from ace_server.events import AccountsAssigned, Buffered, MailChanged, MailPending, Queued
from ace_server.passwords import StoredSecret, cheap
from ace_server.server import Server
from ace_server.settings import SystemParameters
from ace_server.store import Store, contacts, directory, history, ledger, mail_accounts, outgoing
from ace_server.store.contacts import ContactRow
from ace_server.store.ledger import MailRow, Outcome
from ace_server.store.mail_accounts import AccountState
from ace_server.store.models import Outgoing
from ace_server.store.outgoing import OutgoingRow, Recipient
from tests import dovecot as servers
from tests.proofs.faults import IS_LONG
from tests.smtp_sink import Sink

T = TypeVar("T")

PATIENCE = 900.0 if IS_LONG else 60.0
"""Seconds that something may take which should come by itself; not a measurement."""

SMTP = "relay"
SECRET = "the-secret-of-loans"
PASSWORDS = cheap()
SYSTEM = SystemParameters(workItemPort=0, freeSpaceFloor=0, coreLease=5.0)

GOOD_DAY = "Good day, we have your mail “{EmailSubject}” and answer it soon."
ALWAYS = AutomaticAnswer(name="for everybody", mode="always", text="received")


def plain(number: int | str, *, sender: str = "maria@customer.example", **headers: str) -> bytes:
    """A mail of a person; its subject is `Question` and the number."""
    given = {
        "From": f"Maria Meyer <{sender}>",
        "To": "support@bank.example",
        "Subject": f"Question {number}",
        "Message-ID": f"<{number}@customer.example>",
        "Date": "Thu, 26 Nov 2026 12:00:00 +0000",
    }
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in (given | headers).items()]
    return ("\r\n".join([*lines, "", f"What about number {number}?", ""])).encode()


def with_path(mail: bytes, sender: str = "maria@customer.example") -> bytes:
    """The mail as the last mail server left it: with the address of its envelope."""
    return f"Return-Path: <{sender}>\r\n".encode() + mail


def account(name: str, url: str, **given: Any) -> MailAccount:
    """A mail account of this user at this address, without the user in it."""
    scheme, where = url.split("://")
    given.setdefault("poll_seconds", 1)
    given.setdefault("return_address", name)
    user = given.pop("user", name).replace("@", "%40")
    return MailAccount(name=name, fetch=f"{scheme}://{user}@{where}", **given)


def make_bank(
    data: Path, *, url: str = "", system: SystemParameters = SYSTEM, **kinds: Sequence[Any]
) -> None:
    """A configured data folder; the kinds are entries beside those that every bank has."""

    def job() -> None:
        directory.replace("queue", [Queue(name="Everyone")])
        directory.replace("work_item_account", [WorkItemAccount(name="loans", receipt=True)])
        loans = StoredSecret("hash", PASSWORDS.hash(SECRET))
        directory.set_secret("work_item_account", "loans", loans)
        directory.replace("answer_text", [AnswerText(name="received", text=GOOD_DAY)])
        directory.replace_single("system", system)
        put(kinds)

    (data / "passwords").mkdir(parents=True, exist_ok=True)
    store = Store(data, url=url)
    store.open()
    store.perform(job)
    for entry in kinds.get("mail_account", ()):
        store.perform(set_password, data, entry.name)
    store.close()
    commands.database(data, url, remember=bool(url))


def put(kinds: Mapping[str, Sequence[Any]]) -> None:
    """Replace all entries of these kinds; a job."""
    for kind, entries in kinds.items():
        directory.replace(kind, entries)  # type: ignore[arg-type]  # a kind by its name


def set_password(data: Path, name: str, password: str = servers.PASSWORD) -> Path:
    """The password of an account's mailbox, in a file of its own; a job."""
    file = data / "passwords" / name
    file.write_text(password)
    directory.set_secret("mail_account", name, StoredSecret("file", str(file)))
    return file


class Post:
    """A server in this process."""

    def __init__(self, data: Path, *, url: str = "", **how: Any) -> None:
        """`how`: what `Server` takes, too."""
        self.data = data
        self.accounts: dict[str, MailAccount] = {}
        self.server = Server(data, database=url, passwords=PASSWORDS, **how)
        self._told = asyncio.Event()

    async def start(self) -> None:
        for kind in (AccountsAssigned, Buffered, MailChanged, MailPending, Queued):
            self.server.events.subscribe(kind, lambda _: self._told.set())
        await self.server.start()
        self.accounts = dict(self.server.site.mail_accounts)

    async def stop(self) -> None:
        await self.server.stop()

    # Its accounts

    async def configure(self, **kinds: Sequence[Any]) -> None:
        """Replace all entries of these kinds while it runs."""
        await self.server.store.run(put, kinds)
        await self.server.current.reload()

    async def add(self, *entries: MailAccount) -> None:
        """Fetch from these accounts, too; one of the same name is another now."""
        for entry in entries:
            self.accounts[entry.name] = entry
            await self.server.store.run(set_password, self.data, entry.name)
        await self.configure(mail_account=list(self.accounts.values()))

    async def remove(self, *names: str) -> None:
        """Fetch from these accounts no more."""
        for name in names:
            del self.accounts[name]
        await self.configure(mail_account=list(self.accounts.values()))

    async def send_by(self, sink: Sink) -> None:
        """Hand all mail to this server."""
        await self.configure(smtp_server=[SmtpServer(name=SMTP, url=sink.url())])

    # What it knows

    async def until(
        self, job: Callable[..., T], *arguments: Any, holds: Callable[[T], object] = bool
    ) -> T:
        """What the job finds, as soon as that holds."""
        found: T | None = None
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    self._told.clear()
                    # behind: whoever often asks before lets mail rest
                    found = await self.server.store.run_behind(job, *arguments)
                    if holds(found):
                        return found
                    await self._told.wait()
        except TimeoutError:
            raise AssertionError(f"it never came to hold; last: {found!r}") from None

    async def settled(self, name: str, count: int) -> list[MailRow]:
        """The ledger of an account, when it has so many mails and each has its outcome."""
        return await self.until(rows_of, name, holds=lambda rows: is_settled(rows, count))

    async def state(self, name: str, holds: Callable[[AccountState], object]) -> AccountState:
        """How an account is doing, when that holds."""

        def state() -> AccountState | None:
            return mail_accounts.states().get(name)

        found = await self.until(state, holds=lambda one: one is not None and holds(one))
        assert found is not None
        return found

    async def sent(self, name: str, holds: Callable[[list[OutgoingRow]], object]) -> list[Any]:
        """The outbox of an account, the oldest first, when that holds."""
        return await self.until(outbox_of, name, holds=holds)

    async def subjects(self, name: str) -> list[str]:
        """The subjects of the contacts of an entrance, in the order in which they came in."""
        return [row.subject for row in await self.contacts(name)]

    async def contacts(self, name: str) -> list[ContactRow]:
        """The contacts of an entrance, in the order in which they came in."""
        return await self.server.store.run(contacts_of, name)

    async def history(self, contact: int | None) -> list[tuple[str, str]]:
        """What happened to a contact: verbs and details."""
        assert contact is not None
        happened = await self.server.store.run(history.of, contact)
        return [(one.verb, one.detail) for one in happened]


def rows_of(name: str) -> list[MailRow]:
    """The ledger of an account, the oldest first; a job."""
    return [row for row in ledger.listing() if row.account == name]


def is_settled(rows: Sequence[MailRow], count: int) -> bool:
    return len(rows) == count and all(row.outcome is not Outcome.PENDING for row in rows)


def contacts_of(name: str) -> list[ContactRow]:
    """The contacts of an entrance, in the order in which they came in; a job."""
    found = [row for row in contacts.listing() if row.entrance == name]
    rows = [contacts.get(one.id) for one in sorted(found, key=lambda one: one.id)]
    return [row for row in rows if row is not None]


def outbox_of(name: str) -> list[OutgoingRow]:
    """The outbox of an account, the oldest first; a job."""
    found = (outgoing.get(number) for number in range(1, _last_outgoing() + 1))
    return [row for row in found if row is not None and row.account == name]


def _last_outgoing() -> int:
    return int(Outgoing.select().count())


def reply(raw: bytes, digest: str, name: str, *to: str, **given: Any) -> outgoing.NewOutgoing:
    """A mail that an agent wrote from this account, whose bytes are kept."""
    return outgoing.NewOutgoing(
        kind="reply",
        account=name,
        sender=name,
        recipients=tuple(map(Recipient, to)),
        digest=digest,
        **given,
    )


@asynccontextmanager
async def running(data: Path, **how: Any) -> AsyncIterator[Post]:
    """A bank that runs for as long as the block."""
    post = Post(data, **how)
    try:
        await post.start()
        yield post
    finally:
        await post.stop()


def warm(*pools: ThreadPoolExecutor) -> None:
    """Let pools have all their threads now: one that serves many tests starts none in them."""
    for pool in pools:
        together = threading.Barrier(pool._max_workers + 1)
        for _ in range(pool._max_workers):
            pool.submit(together.wait)
        together.wait()
