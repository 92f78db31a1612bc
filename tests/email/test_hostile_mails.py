"""Mails that are made to keep others from being received."""

from collections import Counter

import pytest

from ace_server.concepts import MailAccount
from ace_server.email.analysis import Rules
from ace_server.email.answering import Answering
from ace_server.email.receiving import Receiving
from ace_server.email.workers import TooSlow
from ace_server.store import ledger
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
