"""Fetching one account, with the books of a real server: what is held back, what is given up."""

import asyncio
import re
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from ace_server.clock import SystemClock
from ace_server.email import fetching
from ace_server.email.fetching import Fetcher
from ace_server.store import Files, directory, ledger, mail_accounts
from ace_server.store.ledger import Outcome
from ace_server.store.mail_accounts import Fetching, Wish
from tests.email.proxy import Cut, Fault, Proxy
from tests.email.serving import account, plain, rows_of
from tests.proofs.faults import FAULTS, Failing

pytestmark = pytest.mark.asyncio(loop_scope="module")

(FULL,) = [fault for fault in FAULTS if fault.name == "full"]

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)

TROUBLED = r"WARNING .*fetching: mail of .* cannot be fetched now \(trouble\)"


class Here:
    """The books of a server in this process, for a thread of it."""

    def __init__(self, post):
        self._answer = post.server.email._answer
        self._loop = asyncio.get_running_loop()

    def ask(self, question):
        return asyncio.run_coroutine_threadsafe(self._answer(question), self._loop).result()


@asynccontextmanager
async def fetching_from(post, entry, seam=None):
    """Fetch from an account that is given to nobody: what is noted stays as it is."""
    await post.add(replace(entry, server="nobody"))
    given = post.server.email._account(entry)
    fetcher = Fetcher(given, Here(post), Files(post.data, seam or Failing()), SystemClock())
    fetcher.start()
    try:
        yield fetcher
    finally:
        fetcher.stop()
        await asyncio.to_thread(fetcher.join, 30.0)


async def noted(post, name, count):
    """The uids that stand in the ledger, when there are so many."""
    rows = await post.until(rows_of, name, holds=lambda rows: len(rows) == count)
    return [row.uid for row in rows]


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(fetching, "SHORTEST_PAUSE", 0.01)
    monkeypatch.setattr(fetching, "LONGEST_PAUSE", 0.02)
    monkeypatch.setattr(fetching, "HELD_BACK", 0.05)


async def test_while_the_disk_is_full_mails_stay_on_their_server_and_then_it_goes_on_by_itself(
    post, dovecot, user, impatient
):
    dovecot.deliver(user, *(plain(number) for number in range(3)))
    seam = Failing()
    seam.arm(FULL, 1, lasting=True)
    async with fetching_from(post, account(user, dovecot.url("imap")), seam):
        async with asyncio.timeout(30):
            while seam.fired < 5:
                await asyncio.sleep(0.01)
        assert await post.server.store.run(rows_of, user) == []
        seam.disarm()
        assert await noted(post, user, 3) == ["1", "2", "3"]
    incoming = post.data / "incoming"
    assert list(incoming.iterdir()) == [], "a draft was left"


async def configure_system(post, **changes):
    system = replace(post.server.site.system, **changes)
    await post.server.store.run(directory.replace_single, "system", system)
    await post.server.current.reload()


async def test_no_more_is_fetched_than_there_is_room_for(post, dovecot, user, impatient):
    dovecot.deliver(user, *(plain(number) for number in range(20)))
    await post.add(account(user, dovecot.url("imap"), server="nobody"))
    there = await open_mails(post)
    await configure_system(post, maxNumEmailInSystem=there + 5)
    async with fetching_from(post, account(user, dovecot.url("imap"))):
        await post.state(user, lambda one: one.state is Fetching.HELD_BACK)
        assert await noted(post, user, 5) == [str(number) for number in range(1, 6)]
        await configure_system(post, maxNumEmailInSystem=0)
        assert await noted(post, user, 20) == [str(number) for number in range(1, 21)]


async def open_mails(post):
    """How many mails count against what the whole system takes."""
    await configure_system(post, maxNumEmailPerSrv=0, maxNumEmailInSystem=100_000)
    room = await post.server.store.run(post.server.email._room)
    return 100_000 - room


async def test_mail_is_held_back_where_the_disk_has_less_room_than_its_floor(
    post, dovecot, user, impatient
):
    dovecot.deliver(user, plain(1))
    await configure_system(post, freeSpaceFloor=2**50)
    async with fetching_from(post, account(user, dovecot.url("imap"))):
        await post.state(user, lambda one: one.state is Fetching.HELD_BACK)
        assert await post.server.store.run(rows_of, user) == []
        await configure_system(post, freeSpaceFloor=0)
        assert await noted(post, user, 1) == ["1"]


class Poison(Fault):
    """The server breaks off wherever it is asked for the body of mail 2, or for these parts."""

    def __init__(self, *parts: bytes) -> None:
        super().__init__()
        self._parts = parts
        self.times = 0

    def from_client(self, line: bytes) -> bytes:
        asked = re.search(rb"UID FETCH (\S+) .*BODY\.PEEK(\[\w*\])", line)
        if asked and asked[2] in self._parts and 2 in _uids(asked[1]):
            self.times += 1
            raise Cut
        return line


def _uids(said):
    for part in said.split(b","):
        first, _, last = part.partition(b":")
        yield from range(int(first), int(last or first) + 1)


@pytest.mark.parametrize("header", [True, False], ids=["its header", "nothing"])
async def test_a_mail_that_breaks_its_server_is_taken_by_what_can_be_had_and_the_others_whole(
    post, dovecot, user, impatient, expect_log, header
):
    expect_log(TROUBLED)
    fault = Poison(b"[]") if header else Poison(b"[]", b"[HEADER]")
    if not header:
        expect_log(r"WARNING .*fetching: a mail of .* is not given out, nor is its header")
    dovecot.deliver(user, *(plain(number) for number in range(3)))
    with Proxy(dovecot.ports["imap"], fault) as proxy:
        async with fetching_from(post, account(user, proxy.url("imap"))):
            await noted(post, user, 3)
            rows = {row.uid: row for row in await post.server.store.run(rows_of, user)}
    assert [rows[uid].is_oversized for uid in ("1", "2", "3")] == [False, True, False]
    assert fault.times > fetching.TRIES_OF_LOST
    kept = post.server.store.files.path(rows["2"].digest).read_bytes()
    assert (b"Subject: Question 1" in kept) is header and b"What about" not in kept
    await post.add(account(user, dovecot.url("imap")))
    settled = await post.settled(user, 3)
    assert [row.outcome for row in settled] == [Outcome.CONTACT] * 3


async def test_a_connection_that_is_lost_often_costs_no_mail_its_body(
    post, dovecot, user, impatient, expect_log
):
    expect_log(TROUBLED)

    class Often(Fault):
        left = 2 * fetching.TRIES

        def from_client(self, line: bytes) -> bytes:
            if b"BODY.PEEK[]" in line and self.left:
                self.left -= 1
                self.fired.set()
                raise Cut
            return line

    dovecot.deliver(user, *(plain(number) for number in range(3)))
    with Proxy(dovecot.ports["imap"], Often()) as proxy:
        async with fetching_from(post, account(user, proxy.url("imap"))):
            await noted(post, user, 3)
            assert proxy.fault.left == 0
    rows = await post.server.store.run(rows_of, user)
    assert [row.is_oversized for row in rows] == [False] * 3
    await post.remove(user)


async def test_it_is_stopped_at_once_wherever_it_waits(post, dovecot, user):
    async with fetching_from(post, account(user, dovecot.url("imap"))):
        await post.state(user, lambda one: one.state is Fetching.IDLE)
    async with fetching_from(post, account(user, "imap://127.0.0.1:9")):
        await post.state(user, lambda one: one.state is Fetching.TROUBLE)
    await post.remove(user)


async def test_days_before_what_was_fetched_are_fetched_when_somebody_wants_them(
    post, dovecot, user, impatient
):
    for day, number in ((1, 1), (10, 2), (20, 3)):
        at = datetime(2026, 11, day, 12, tzinfo=UTC)
        dovecot.deliver(user, plain(number), at=at)
    entry = account(user, dovecot.url("imap"))
    entry = replace(entry, since=date(2026, 11, 15), poll_seconds=1)
    async with fetching_from(post, entry) as fetcher:
        assert await noted(post, user, 1) == ["3"]
        wish = Wish(date(2026, 11, 5), date(2026, 11, 15))
        await post.server.store.run(mail_accounts.want, user, wish, NOON)
        fetcher.wake()
        assert sorted(await noted(post, user, 2)) == ["2", "3"]
        await post.until(mail_accounts.wanted, user, holds=lambda wanted: wanted is None)
    folder = await post.server.store.run(ledger.folder, user, "INBOX")
    assert folder.last_uid == 3, "what comes next is what is new"
