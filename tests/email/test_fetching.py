"""Fetching one account, with the books of a real server: what is held back, what is given up."""

import asyncio
import re
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import pytest
from msgspec.structs import replace

from ace_server.clock import SystemClock
from ace_server.concepts import MailAccount
from ace_server.email import email_server, fetching, keeping
from ace_server.email.fetching import Fetcher
from ace_server.store import Files, directory, disposals, ledger, mail_accounts
from ace_server.store.ledger import Outcome
from ace_server.store.mail_accounts import Fetching, Wish
from tests.email.proxy import Cut, Fault, Proxy, Rewrite
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


@asynccontextmanager
async def one_look(post, entry):
    """Fetch from an account until everything was looked at once more."""
    before = (await post.server.store.run(mail_accounts.states)).get(entry.name)
    async with fetching_from(post, entry):
        await post.state(
            entry.name,
            lambda one: one.fetched_at and (before is None or one.fetched_at != before.fetched_at),
        )
        yield


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
        expect_log(r"WARNING .*keeping: a mail of .* is not given out, nor is its header")
    dovecot.deliver(user, *(plain(number) for number in range(3)))
    with Proxy(dovecot.ports["imap"], fault) as proxy:
        async with fetching_from(post, account(user, proxy.url("imap"))):
            await noted(post, user, 3)
            rows = {row.uid: row for row in await post.server.store.run(rows_of, user)}
    assert [rows[uid].is_oversized for uid in ("1", "2", "3")] == [False, True, False]
    assert fault.times > keeping.TRIES_OF_LOST
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
        left = 2 * keeping.TRIES

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


# Days that somebody wants, too


async def want(post, name, first, before):
    wish = Wish(date(2026, 11, first), date(2026, 11, before))
    await post.server.store.run(mail_accounts.want, name, wish, NOON)
    return wish


async def until_fulfilled(post, name):
    await post.until(mail_accounts.wanted, name, holds=lambda wanted: wanted is None)


def on_day(day, **at):
    return datetime(2026, 11, day, at.pop("hour", 12), tzinfo=UTC)


async def test_days_before_what_was_fetched_are_fetched_when_somebody_wants_them(
    post, dovecot, user, impatient
):
    for day, number in ((1, 1), (10, 2), (20, 3)):
        dovecot.deliver(user, plain(number), at=on_day(day))
    entry = account(user, dovecot.url("imap"), since=date(2026, 11, 15))
    async with fetching_from(post, entry) as fetcher:
        assert await noted(post, user, 1) == ["3"]
        await want(post, user, 5, 15)
        fetcher.wake()
        assert sorted(await noted(post, user, 2)) == ["2", "3"]
        await until_fulfilled(post, user)
    folder = await post.server.store.run(ledger.folder, user, "INBOX")
    assert folder.last_uid == 3, "what comes next is what is new"


async def test_older_mails_are_fetched_as_far_as_there_is_room_and_the_rest_waits(
    post, dovecot, user, impatient
):
    dovecot.deliver(user, *(plain(number) for number in range(5)), at=on_day(10))
    entry = account(user, dovecot.url("imap"), since=date(2026, 11, 15))
    await post.add(replace(entry, server="nobody"))
    there = await open_mails(post)
    await configure_system(post, maxNumEmailInSystem=there + 2)
    await want(post, user, 1, 15)
    async with fetching_from(post, entry):
        await post.state(user, lambda one: one.state is Fetching.HELD_BACK)
        assert await noted(post, user, 2) == ["1", "2"]
        await configure_system(post, maxNumEmailInSystem=0)
        assert await noted(post, user, 5) == ["1", "2", "3", "4", "5"]
        await until_fulfilled(post, user)


class Arriving(Fault):
    """When a folder is opened for older mails, new ones arrive: one that is wanted is the last."""

    def __init__(self, dovecot, user) -> None:
        super().__init__()
        self._dovecot, self._user = dovecot, user
        self._opened = 0

    def from_client(self, line: bytes) -> bytes:
        self._opened += b" EXAMINE " in line
        if self._opened == 2 and not self.fired.is_set():
            self.fired.set()
            for day in (20, 10):
                self._dovecot.deliver(self._user, plain(day), at=on_day(day))
        return line


async def test_a_mail_that_arrives_while_older_ones_are_fetched_is_not_passed_over(
    post, dovecot, user, impatient
):
    dovecot.deliver(user, plain(1), at=on_day(20))
    with Proxy(dovecot.ports["imap"], Arriving(dovecot, user)) as proxy:
        entry = account(user, proxy.url("imap"))
        await post.add(replace(entry, server="nobody"))
        await want(post, user, 5, 15)
        async with fetching_from(post, entry) as fetcher:
            await until_fulfilled(post, user)
            fetcher.wake()
            assert await noted(post, user, 3) == ["1", "3", "2"]


async def test_a_day_begins_when_it_does_for_the_server(post, dovecot, user, impatient):
    """It is the 15th there, and still the 14th in UTC."""
    dovecot.deliver(user, plain(1), at=on_day(15, hour=0))
    ahead = Rewrite(rb'(INTERNALDATE "[^"]*) \+0000"', rb'\1 +0200"')
    with Proxy(dovecot.ports["imap"], ahead) as proxy:
        entry = account(user, proxy.url("imap"), since=date(2026, 11, 20))
        await post.add(replace(entry, server="nobody"))
        await want(post, user, 15, 16)
        async with fetching_from(post, entry):
            assert await noted(post, user, 1) == ["1"]
            await until_fulfilled(post, user)
    assert ahead.fired.is_set()
    (row,) = await post.server.store.run(rows_of, user)
    assert row.arrived_at == datetime(2026, 11, 14, 22, tzinfo=UTC)


# What is done to mails on their server


async def until_disposed_of(post, name):
    def due():
        here = ledger.folder(name, "INBOX")
        return disposals.due(here, 500)

    await post.until(due, holds=lambda due: not due)


async def test_however_many_mails_are_settled_all_are_deleted_by_pop3_and_then_older_ones_fetched(
    post, dovecot, user, impatient, monkeypatch
):
    monkeypatch.setattr(email_server, "SETTLED", 2)
    dovecot.deliver(user, *(plain(number) for number in range(5)))
    await post.add(account(user, dovecot.url("pop3")))
    await post.settled(user, 5)
    with dovecot.client(user, "INBOX") as client:
        client.delete_messages([2])
        client.expunge()
    await want(post, user, 1, 30)
    async with fetching_from(post, account(user, dovecot.url("pop3"), afterwards="delete")):
        await until_disposed_of(post, user)
        await until_fulfilled(post, user)
        assert dovecot.flags(user) == {}


class FirstIsKept(Fault):
    """The server refuses to delete its first mail: it is asked for one that is not there."""

    def from_client(self, line):
        return line.replace(b"DELE 1\r", b"DELE 99\r")


async def test_one_mail_that_is_not_deleted_keeps_no_other_and_is_told_of(
    post, dovecot, user, impatient, monkeypatch, expect_log
):
    expect_log(r"WARNING .*fetching: mail of .* cannot be fetched now \(stopped\)")
    monkeypatch.setattr(email_server, "SETTLED", 2)
    dovecot.deliver(user, *(plain(number) for number in range(5)))
    await post.add(account(user, dovecot.url("pop3")))
    await post.settled(user, 5)
    await want(post, user, 1, 30)
    with Proxy(dovecot.ports["pop3"], FirstIsKept()) as proxy:
        async with fetching_from(post, account(user, proxy.url("pop3"), afterwards="delete")):
            told = await post.state(user, lambda one: one.state is Fetching.STOPPED)
            assert "does not delete: 1." in str(told.trouble)
            await until_fulfilled(post, user)
            assert list(dovecot.flags(user)) == ["1"]
            still_due = await post.server.store.run(disposals.due, ledger.folder(user, "INBOX"), 9)
            assert len(still_due) == 1


async def test_what_somebody_has_marked_unread_stays_so_when_fetching_begins_anew(
    post, dovecot, user, impatient
):
    dovecot.deliver(user, plain(1))
    await post.add(account(user, dovecot.url("imap")))
    await post.settled(user, 1)
    entry = account(user, dovecot.url("imap"), afterwards="seen")
    async with fetching_from(post, entry):
        await until_disposed_of(post, user)
    assert dovecot.flags(user) == {"1": {b"\\Seen"}}
    with dovecot.client(user, "INBOX") as client:
        client.remove_flags([1], [b"\\Seen"])
    async with one_look(post, entry):
        assert dovecot.flags(user) == {"1": set()}


async def test_of_a_mail_that_is_too_long_the_header_is_kept_and_its_server_keeps_the_rest(
    post, dovecot, user, impatient
):
    long = plain(1) + b"and more\r\n" * 200
    dovecot.deliver(user, long, plain(2))
    before = post.server.site.system.emailMaxBytes
    await configure_system(post, emailMaxBytes=1024)
    await post.add(account(user, dovecot.url("imap")))
    rows = {row.uid: row for row in await post.settled(user, 2)}
    assert [(rows[uid].is_oversized, rows[uid].outcome) for uid in ("1", "2")] == [
        (True, Outcome.CONTACT),
        (False, Outcome.CONTACT),
    ]
    kept = post.server.store.files.path(rows["1"].digest).read_bytes()
    assert kept == long[: long.index(b"\r\n\r\n") + 4] and rows["1"].size == len(long)
    async with fetching_from(post, account(user, dovecot.url("imap"), afterwards="delete")):
        await until_disposed_of(post, user)
    assert dovecot.flags(user) == {"1": set()}
    await configure_system(post, emailMaxBytes=before)


class Vanishing(Fault):
    """Somebody removes a mail just before its header is asked for."""

    def __init__(self, dovecot, user, uid) -> None:
        super().__init__()
        self._dovecot, self._user, self._uid = dovecot, user, uid

    def from_client(self, line: bytes) -> bytes:
        if b"BODY.PEEK[HEADER]" in line and not self.fired.is_set():
            self.fired.set()
            with self._dovecot.client(self._user, "INBOX") as client:
                client.delete_messages([self._uid])
                client.expunge()
        return line


async def test_a_long_mail_that_vanishes_meanwhile_is_no_mail(post, dovecot, user, impatient):
    dovecot.deliver(user, plain(1) + b"and more\r\n" * 200, plain(2))
    before = post.server.site.system.emailMaxBytes
    await configure_system(post, emailMaxBytes=1024)
    with Proxy(dovecot.ports["imap"], Vanishing(dovecot, user, 1)) as proxy:
        async with one_look(post, account(user, proxy.url("imap"))):
            assert await noted(post, user, 1) == ["2"]
    assert proxy.fault.fired.is_set()
    await configure_system(post, emailMaxBytes=before)


# Beside others


async def test_a_folder_that_is_not_there_keeps_the_others_from_nothing(
    post, dovecot, user, expect_log
):
    expect_log(r"WARNING .*fetching: mail of .* cannot be fetched now \(stopped\)")
    dovecot.deliver(user, plain(1), folder="Loans")
    entry = account(user, dovecot.url("imap"), folders=("Nowhere", "INBOX", "Loans"))
    async with fetching_from(post, entry):
        state = await post.state(user, lambda one: one.state is Fetching.STOPPED)
        assert "Folder Nowhere cannot be opened" in str(state.trouble)
        await noted(post, user, 1)
        dovecot.deliver(user, plain(2))
        assert len(await noted(post, user, 2)) == 2, "they are looked at as often as ever"


async def test_a_mailbox_that_is_locked_while_it_is_open_is_left_to_others_between_two_looks(
    post, dovecot, user
):
    dovecot.deliver(user, plain(1))
    with Proxy(dovecot.ports["pop3"]) as proxy:
        entry = account(user, proxy.url("pop3"), poll_seconds=3600)
        async with fetching_from(post, entry) as fetcher:
            await asyncio.to_thread(proxy.wait_for, b"QUIT")
            dovecot.deliver(user, plain(2))
            fetcher.wake()
            await noted(post, user, 2)
            (folder,) = [
                one for one in await post.server.store.run(ledger.folders) if one.account == user
            ]
            assert folder.on_server == 2


async def test_an_account_that_is_pointed_at_another_mailbox_takes_its_mails_for_new(
    post, tmp_path, user
):
    for box, number in (("old", 1), ("new", 2)):
        for part in ("cur", "new", "tmp"):
            (tmp_path / box / part).mkdir(parents=True)
        (tmp_path / box / "new" / "same-name").write_bytes(plain(number))
    for box, count in (("old", 1), ("new", 2), ("new", 2)):
        entry = MailAccount(name=user, fetch=f"maildir:{tmp_path / box}", poll_seconds=1)
        async with one_look(post, entry):
            assert await noted(post, user, count) == ["same-name"] * count
    folder = await post.server.store.run(ledger.folder, user, "INBOX")
    assert (folder.mailbox, folder.mailbox_number) == (str(tmp_path / "new"), 1)
    rows = await post.server.store.run(rows_of, user)
    assert [row.mailbox_number for row in rows] == [0, 1]


class Alone(Fault):
    """The first connection hangs once it has logged in; who logs in then says who is there."""

    def __init__(self) -> None:
        super().__init__()
        self.first = None
        self.was_there = []

    def from_client(self, line: bytes) -> bytes:
        if line.startswith(b"PASS"):
            self.was_there.append(self.first._thread.is_alive())
        if line.startswith(b"UIDL") and len(self.was_there) == 1:
            self.fired.set()
            return b""
        return line


@pytest.mark.parametrize("ends", [True, False])
async def test_who_follows_begins_when_the_one_before_has_ended_or_hangs(
    post, dovecot, user, monkeypatch, ends
):
    monkeypatch.setattr(fetching, "LONGEST_END", 30.0 if ends else 0.0)
    with Proxy(dovecot.ports["pop3"], Alone()) as proxy:
        entry = account(user, proxy.url("pop3"))
        await post.add(replace(entry, server="nobody"))
        given, files = post.server.email._account(entry), Files(post.data, Failing())
        first = Fetcher(given, Here(post), files, SystemClock())
        proxy.fault.first = first
        first.start()
        await asyncio.to_thread(proxy.wait_for, b"UIDL")
        then = Fetcher(given, Here(post), files, SystemClock(), before=first)
        first.stop()
        then.start()
        if ends:
            proxy.cut_all()
        await post.state(user, lambda one: one.state is Fetching.IDLE)
        assert proxy.fault.was_there == [True, not ends]
        then.stop()
        proxy.cut_all()
        for one in (first, then):
            await asyncio.to_thread(one.join, 30.0)
