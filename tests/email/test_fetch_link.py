"""The process that fetches: apart from the server's store, started again, ended with it (WI-5)."""

import asyncio
import os
import re
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from filelock import FileLock
from msgspec.structs import replace

from ace_server.administration.running import EMAIL_LOCK
from ace_server.email import fetch_link, fetch_process
from ace_server.email import outbox as outbox_module
from ace_server.email.fetch_link import FetchLink
from ace_server.events import MailDue
from ace_server.store import Files, Seam, Store, ledger, outgoing
from ace_server.store import lanes as lanes_module
from ace_server.store.ledger import Outcome
from tests.email import silent
from tests.email.serving import SYSTEM, account, make_bank, outbox_of, plain, reply, running
from tests.email.test_outbox import over
from tests.proofs.faults import IS_LONG
from tests.proofs.sender import Sender, message
from tests.smtp_sink import STALL
from tests.smtp_sink import sink as a_sink

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="not proved here: there is no /proc")


@LINUX
async def test_it_is_there_from_the_first_account_on_has_no_database_and_is_started_again(
    tmp_path, dovecot, user, expect_log
):
    expect_log(r"WARNING .*fetch_link: the process that fetches mail has ended")
    make_bank(tmp_path)
    dovecot.deliver(user, plain(1))
    async with running(tmp_path) as post:
        link = post.server.email._fetching
        assert link.pid is None
        await post.add(account(user, dovecot.url("imap")))
        await post.settled(user, 1)
        first = link.pid
        theirs, ours = opened(first), opened(os.getpid())
        assert not {what for what in theirs if "sqlite" in what or str(tmp_path) in what}
        assert not {what for what in theirs & ours if what.startswith("socket:")}
        os.kill(first, signal.SIGTERM)  # as the whole service is told to end: that is ours to do
        os.kill(first, signal.SIGKILL)
        dovecot.deliver(user, plain(2))
        rows = await post.settled(user, 2)
        assert link.pid not in (None, first)
        assert [row.outcome for row in rows] == [Outcome.CONTACT] * 2
        second = link.pid
    assert not Path(f"/proc/{second}").exists()


class Unsendable:
    """What no process can be started with, which shows when it may."""

    def __init__(self):
        self.was_tried, self.may_show = threading.Event(), threading.Event()

    def __reduce__(self):
        self.was_tried.set()
        self.may_show.wait(30.0)
        raise TypeError("it cannot be sent")


async def test_it_stops_though_the_process_that_is_being_started_cannot_be(tmp_path, monkeypatch):
    broken = Unsendable()
    monkeypatch.setattr(fetch_process, "run", broken)
    link = FetchLink(tmp_path, answer=None)
    await link.start()
    link.assign(["anna"])
    await asyncio.to_thread(broken.was_tried.wait, 30.0)
    stopping = asyncio.create_task(link.stop())
    asyncio.get_running_loop().call_soon(broken.may_show.set)
    await asyncio.wait_for(stopping, 30.0)


async def test_whatever_keeps_the_process_from_being_had_it_is_tried_again(
    tmp_path, dovecot, user, monkeypatch, expect_log
):
    expect_log(r"ERROR .*fetch_link: the process that fetches mail could not be had; .*be sent")
    monkeypatch.setattr(fetch_link, "START_AGAIN", 0.01)
    run, broken = fetch_process.run, Unsendable()
    broken.may_show.set()
    monkeypatch.setattr(fetch_process, "run", broken)
    make_bank(tmp_path)
    dovecot.deliver(user, plain(1))
    async with running(tmp_path) as post:
        await post.add(account(user, dovecot.url("imap")))
        await asyncio.to_thread(broken.was_tried.wait, 30.0)
        monkeypatch.setattr(fetch_process, "run", run)
        await post.settled(user, 1)


async def test_a_process_that_says_nothing_is_ended_and_another_started(
    tmp_path, dovecot, user, monkeypatch, expect_log
):
    expect_log(r"ERROR .*fetch_link: the process that fetches mail said nothing")
    monkeypatch.setattr(fetch_link, "START_AGAIN", 0.01)
    monkeypatch.setattr(fetch_link, "FIRST_WORD", 0.01)
    run = fetch_process.run
    monkeypatch.setattr(fetch_process, "run", silent.run)
    make_bank(tmp_path)
    dovecot.deliver(user, plain(1))
    async with running(tmp_path) as post:
        await post.add(account(user, dovecot.url("imap")))
        async with asyncio.timeout(30):
            while post.server.email._fetching.pid is None:
                await asyncio.sleep(0.001)
        monkeypatch.setattr(fetch_process, "run", run)
        monkeypatch.setattr(fetch_link, "FIRST_WORD", 60.0)
        await post.settled(user, 1)


def opened(pid):
    """What a process has open."""
    found = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add(str(file.readlink()))
    return found


async def test_what_is_being_sent_when_it_stops_may_have_been_and_nothing_seems_to_be_under_way(
    tmp_path, dovecot, user, monkeypatch
):
    monkeypatch.setattr(outbox_module, "ENDING", 0.05)
    make_bank(tmp_path, mail_account=[account(user, dovecot.url("imap"), smtp="relay")])
    async with a_sink() as sink:
        async with running(tmp_path) as post:
            await post.send_by(sink)
            sink.say("END", STALL, kept=True)
            for number in range(2):
                draft = post.server.store.files.draft()
                draft.write(plain(number))
                new = reply(b"", draft.keep(), user, f"{number}@customer.example")
                now = post.server._clock.now()
                await post.server.store.run(outgoing.add, new, now)
                post.server.events.publish(MailDue(user))
                await post.sent(user, lambda sent: sent[-1].attempts == 1)
                await sink.arrived(number + 1)
        async with running(tmp_path) as post:
            sent = await post.server.store.run(outbox_of, user)
            assert [str(one.state) for one in sent] == ["unknown", "handed over"]
            assert "may have been sent" in str(sent[0].recipients[0].said)
            assert over("unknown", "handed over")(sent)
        assert len(sink.received) == 2


async def test_what_an_email_server_beside_it_has_begun_a_core_that_starts_leaves_alone(tmp_path):
    make_bank(tmp_path)
    files = Files(tmp_path, Seam())
    files.open()
    draft = files.draft(own=True)
    with FileLock(tmp_path / EMAIL_LOCK):  # as its process holds it
        async with running(tmp_path, role="core"):
            assert list((tmp_path / "incoming").iterdir())
    async with running(tmp_path, role="core"):
        assert not list((tmp_path / "incoming").iterdir())
    draft.discard()


# Beside work items


class Lanes:
    """What the store does, transaction by transaction, and for how many each job waited."""

    def __init__(self, monkeypatch):
        self.begun = []  # True: of the lane behind
        self.sizes = []  # of transactions behind
        self.waited = []  # of each job before: transactions behind, from its hand-in to its own
        self._handed_in = {}
        self._behind = set()
        run, run_behind, group = Store.run, Store.run_behind, Store._group

        def before(store, *job, **more):
            at = len(self.begun)
            future = run(store, *job, **more)
            self._handed_in[future] = at
            return future

        def behind(store, *job, **more):
            future = run_behind(store, *job, **more)
            self._behind.add(future)
            return future

        def do(store, jobs):
            if jobs[0].future is not None:
                self._note([job.future for job in jobs])
            return group(store, jobs)

        monkeypatch.setattr(Store, "run", before)
        monkeypatch.setattr(Store, "run_behind", behind)
        monkeypatch.setattr(Store, "_group", do)

    def _note(self, jobs):
        """In the store's thread. It may be quicker than who hands in: that waits for nothing."""
        handed_in = [self._handed_in.pop(job) for job in jobs if job in self._handed_in]
        self.waited += [sum(self.begun[at:]) for at in handed_in]
        is_behind = not handed_in
        if is_behind:
            self.sizes.append(len(jobs))
        self.begun.append(is_behind)


SMALL, LARGE = (10_000, 34) if IS_LONG else (120, 20)
"""Mails, and MB of a large one."""


async def test_mail_delays_no_work_item_by_more_than_one_bounded_transaction(
    tmp_path, dovecot, user, monkeypatch
):
    make_bank(tmp_path, system=replace(SYSTEM, maxNumEmailInSystem=0))
    content = b"A" * 76 + b"\r\n"
    large = b"Subject: large\r\nContent-Transfer-Encoding: base64\r\n" + (
        b'Content-Type: application/octet-stream; name="film.avi"\r\n\r\n'
    )
    dovecot.deliver(user, large + content * (LARGE * 10**6 // len(content)))
    dovecot.deliver(user, *(plain(number) for number in range(SMALL)))
    lanes = Lanes(monkeypatch)
    async with running(tmp_path) as post:
        done = asyncio.Event()
        port = post.server.work_item_port
        flowing = [asyncio.create_task(flow(port, number, done)) for number in range(4)]
        await post.add(account(user, dovecot.url("imap")))
        await post.until(settled, user, holds=lambda count: count == SMALL + 1)
        done.set()
        items = sum(await asyncio.gather(*flowing))
        assert len(await post.contacts("loans")) == items
        assert len(await post.contacts(user)) == SMALL + 1
        peak = most_memory(post.server.email._fetching.pid)
    print(f"{peak} MiB at most in the process that fetches")
    assert peak < 100 + 6 * LARGE, "its memory grows with what is fetched"
    print(f"{items} items, {len(lanes.sizes)} transactions of mail, {max(lanes.waited)} waited for")
    assert items and max(lanes.sizes) <= lanes_module.GROUP_BEHIND
    assert max(lanes.waited) <= 2  # one while it is handed over, one that is mail's turn


def settled(name):
    """How many mails of an account have their outcome, when all that were noted have; a job."""
    noted = sum(one.noted for one in ledger.folders() if one.account == name)
    return 0 if ledger.waiting([name]) else noted


def most_memory(pid):
    """MiB that a process had at most; 0 where nobody tells."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+)", status.read_text()) if status.exists() else None
    return int(found[1]) // 1024 if found else 0


async def flow(port, number, done):
    """Hand in one item after another; how many, each with its receipt."""
    handed_in = 0
    async with Sender(port) as sender:
        while not done.is_set():
            answer = await sender.send(message(f"{number}-{handed_in}"))
            assert answer.is_receipt and not answer.repeated, answer
            handed_in += 1
    return handed_in
