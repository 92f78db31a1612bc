"""Mails, and mailboxes, that are made to keep others from being received."""

from collections import Counter

import pytest

from ace_server.clock import ManualClock
from ace_server.concepts import MailAccount
from ace_server.email.analysis import Rules
from ace_server.email.answering import Answering
from ace_server.email.books import Account, AskFolder, AskRoom, Note
from ace_server.email.fetching import Fetcher
from ace_server.email.mailbox import Folder, Found, MailboxTrouble
from ace_server.email.receiving import Receiving
from ace_server.email.workers import TooSlow
from ace_server.store import Files, Seam, ledger
from ace_server.store.ledger import NewMail, Outcome, Seen
from tests.core import NOON, clock, configure, core

__all__ = ["clock", "configure", "core"]

SUPPORT = "support@bank.example"


class Slow:
    """Does in this process what workers do in theirs, and never gets through some mails."""

    def __init__(self) -> None:
        self.slow: set[str] = set()
        self.asked: list[str] = []

    async def run(self, function, data, digest, rules):
        self.asked.append(digest)
        if digest in self.slow:
            raise TooSlow("10 s")
        return function(data, digest, rules)


@pytest.fixture
async def workers():
    return Slow()


@pytest.fixture
async def receiving(core, configure, workers):
    account = MailAccount(name=SUPPORT, fetch="maildir:/nowhere")
    await configure("mail_account", account)
    common = (core.store, core.current.site)
    answering = Answering(
        *common, core.attachments, workers, core.clock, data=core.data, trace_key=lambda: b"key"
    )
    return Receiving(
        *common,
        core.intake,
        core.attachments,
        answering,
        workers,
        core.events,
        core.clock,
        data=core.data,
        accounts=lambda: [SUPPORT],
        rules=lambda area: Rules(),
    )


async def fetch(core, *subjects):
    """These mails are in the ledger now; their digests."""
    kept = [await core.attachments.keep(f"Subject: {one}\r\n\r\n".encode()) for one in subjects]
    found = [NewMail(one, 100, NOON, digest) for one, digest in zip(subjects, kept, strict=True)]
    await core.store.run(ledger.note, Seen(SUPPORT, "INBOX", 1), found, NOON)
    return kept


async def test_what_takes_too_long_is_tried_again_behind_all_others(
    core, receiving, workers, expect_log
):
    for attempt in (1, 2, 3):
        expect_log(rf"WARNING .*receiving: mail \d+: too-slow, attempt {attempt}")
    slow = await fetch(core, "slow one", "slow two")
    workers.slow = set(slow)
    first = await fetch(core, "a")
    await receiving.receive()
    then = await fetch(core, "b")
    await receiving.receive()
    tries = [one if one in slow else "" for one in workers.asked]
    assert workers.asked[:3] == [*slow, *first]
    assert workers.asked[4] == then[0] and tries[3:] == [slow[0], "", slow[1]]
    while any(row.outcome is Outcome.PENDING for row in await core.store.run(rows)):
        await receiving.receive()
    assert Counter(workers.asked) == {**dict.fromkeys(slow, 3), first[0]: 1, then[0]: 1}
    outcomes = [row.outcome for row in await core.store.run(rows)]
    assert outcomes == ["quarantined", "quarantined", "contact", "contact"]


def rows():
    return list(ledger.listing())


class Renumbered:
    """A mailbox whose folder has the UIDVALIDITY that a test says."""

    ordered = True
    is_open = True
    can_wait = False
    is_exclusive = False
    uidvalidity = 0

    def folder(self, name):
        return Folder(name, self.uidvalidity, 1)

    def listing(self, after=0, most=None):
        return [] if after else [Found("1", 20, NOON)]

    def fetch(self, uids):
        return [(uid, b"Subject: again\r\n\r\n") for uid in uids]

    def close(self):
        return None


class Books:
    """What the ledger knows, and how much was noted."""

    def __init__(self):
        self.seen = None
        self.mails = 0

    def ask(self, question):
        match question:
            case AskRoom():
                return 100
            case AskFolder():
                return self.seen
            case Note(seen, mails):
                self.seen = seen
                self.mails += len(mails)
        return None


def test_a_folder_that_is_numbered_anew_at_every_look_is_not_fetched_for_ever(tmp_path):
    account = Account(
        SUPPORT, "imaps://x", "", None, None, "", ("INBOX",), 60, None, "keep", "", 1000
    )
    files, books, mailbox = Files(tmp_path, Seam()), Books(), Renumbered()
    files.open()
    fetcher = Fetcher(account, books, files, ManualClock(NOON), lambda *_: mailbox)

    def look(uidvalidity):
        mailbox.uidvalidity = uidvalidity
        return fetcher._fetch_folder(mailbox, "INBOX")

    for uidvalidity in range(1, 5):
        assert look(uidvalidity)
    for uidvalidity in range(5, 8):
        with pytest.raises(MailboxTrouble, match="other numbers at every look") as trouble:
            look(uidvalidity)
        assert trouble.value.lasting
    assert books.mails == 4
    assert look(7) and look(7)
    assert books.mails == 5
    fetcher.close()
