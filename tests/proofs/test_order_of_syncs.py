"""A receipt comes after what it promises was made durable, seen in the system calls (P1, T3).

A kill cannot show a sync that is missing: the kernel keeps the page. Only watching does.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from operator import itemgetter
from pathlib import Path

import pytest

from ace_server.settings import SystemParameters
from ace_server.store import Store
from ace_server.store.engine import FILE_NAME
from tests import postgresql
from tests.proofs.places import OnPostgresql
from tests.proofs.process import Process, make_bank
from tests.proofs.sender import Sender, message

CALLS = "fsync,fdatasync,pwrite64,write,rename,mkdir,sendto,sendmsg,writev"
CALLS_OF_POSTGRESQL = "fsync,fdatasync,pwrite64,pwritev,recvfrom"
ITEMS = 12
RECEIPT = "HTTP/1.1 200"  # the answer's first bytes

LOG = "pg_wal"
"""Every file of PostgreSQL's write-ahead log."""

_LINE = re.compile(r"^(\d+) +(\d+\.\d+) (.*?)(?: <(\d+\.\d+)>)?$")
_CALL = re.compile(r"(\w+)\((\d+)<([^>]*)>")
_NAMED = re.compile(r'(?:rename\("[^"]*", |mkdir\()"([^"]*)".* = 0')


@dataclass(frozen=True)
class Call:
    """One system call; times in seconds. An end is known where strace was asked for durations."""

    thread: str
    began_at: float
    ended_at: float
    text: str


@dataclass
class Seen:
    """What had been done and synced at one moment."""

    dirty: dict[str, float] = field(default_factory=dict)  # path = when it was last written
    receipts: int = 0
    faults: list[str] = field(default_factory=list)

    def wrote(self, path: str, at: float) -> None:
        self.dirty[path] = at

    def synced(self, path: str) -> None:
        self.dirty.pop(path, None)

    def receipt(self, at: float) -> None:
        self.receipts += 1
        self.faults += [
            f"receipt {self.receipts} at {at}: {path} was written at {written} and not synced"
            for path, written in self.dirty.items()
        ]


def calls(trace: Path) -> Iterator[Call]:
    """The calls in the order in which they ended, but answers in that in which they began.

    Of a call that others came between, strace shows the two halves.
    """
    unfinished: dict[str, tuple[float, str]] = {}
    for line in trace.read_text(errors="replace").splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        thread, at, text, took = match.group(1), float(match[2]), match[3], float(match[4] or 0)
        if text.endswith("<unfinished ...>"):
            text = text.removesuffix("<unfinished ...>")
            if RECEIPT in text:
                yield Call(thread, at, at, text)
            else:
                unfinished[thread] = at, text
        elif text.startswith("<... "):
            if thread in unfinished:
                began_at, first = unfinished.pop(thread)
                yield Call(thread, began_at, at, first + text.partition("resumed>")[2])
        else:
            yield Call(thread, at, at + took, text)


def watch(trace: Path, data: Path) -> Seen:
    """Follow the data folder's files, and look at each moment a receipt is sent."""
    seen, kept = Seen(), str(data / "attachments")
    for call in calls(trace):
        if named := _NAMED.match(call.text):
            if named[1].startswith(f"{kept}/"):
                seen.wrote(str(Path(named[1]).parent), call.began_at)
            continue
        found = _CALL.match(call.text)
        if found is None:
            continue
        name, _, path = found.groups()
        if _is_sync(name, call):
            seen.synced(path)
        elif RECEIPT in call.text and path.startswith("TCP"):
            seen.receipt(call.began_at)
        elif name in ("pwrite64", "write") and _is_promised(path, data):
            seen.wrote(path, call.began_at)
    return seen


def watch_postgresql(trace: Path, of_server: Path) -> Seen:
    """Follow the log of the database in one trace, and the receipts in the other, by the clock.

    What a backend is told to insert has to be in the log, and the log synced by that backend.
    """
    seen, backends = Seen(), set[str]()
    steps: list[tuple[float, Callable[[], None]]] = []
    for call in calls(trace):
        found = _CALL.match(call.text)
        if found is None:
            continue
        name, _, path = found.groups()
        if name == "recvfrom" and "INSERT INTO" in call.text:
            backends.add(call.thread)
            steps.append((call.began_at, partial(seen.wrote, LOG, call.began_at)))
        elif f"/{LOG}/" in path and call.thread in backends:
            if _is_sync(name, call):
                steps.append((call.ended_at, partial(seen.synced, LOG)))
            elif name in ("pwrite64", "pwritev"):
                steps.append((call.began_at, partial(seen.wrote, LOG, call.began_at)))
    for call in calls(of_server):
        if RECEIPT in call.text:
            steps.append((call.began_at, partial(seen.receipt, call.began_at)))
    for _, step in sorted(steps, key=itemgetter(0)):
        step()
    return seen


def _is_sync(name: str, call: Call) -> bool:
    return name in ("fsync", "fdatasync") and call.text.rstrip().endswith("= 0")


def _is_promised(path: str, data: Path) -> bool:
    """What a receipt rests on: the database and its log, and the attachments."""
    if path.endswith("-shm"):
        return False
    return path.startswith((f"{data}/{FILE_NAME}", f"{data}/incoming", f"{data}/attachments"))


needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None,
    reason="not proved here: that a receipt comes after fsync (strace is not installed)",
)


def under_strace(what: str, trace: Path) -> list[str]:
    """The command to start something under, so that these calls of it are in the trace."""
    shown = ["-y", "-yy", "-ttt", "-T", "-s", "400", "-e", f"trace={what}"]
    return ["strace", "-D", "-f", *shown, "-o", str(trace)]


async def send_some(server: Process) -> None:
    """Work items, one after another, every second one with an attachment."""
    async with Sender(server.work_item_port) as sender:
        for number in range(ITEMS):
            attachment = bytes([number]) * 20_000 if number % 2 else None
            answer = await sender.send(message(f"S-{number}", attachment=attachment))
            assert answer.is_receipt, answer


def without_syncs_of(what: str, trace: Path, to: Path) -> Path:
    """The same trace as if these were never synced."""
    lines = trace.read_text(errors="replace").splitlines(keepends=True)
    to.write_text("".join(line for line in lines if not ("sync(" in line and what in line)))
    return to


@needs_strace
async def test_every_receipt_comes_after_the_syncs_of_what_it_promises(tmp_path: Path) -> None:
    data, trace = tmp_path / "data", tmp_path / "trace"
    make_bank(data, SystemParameters(workItemPort=0))
    log = tmp_path / "server.log"
    server = Process(data, log, before=under_strace(CALLS, trace))
    await server.start()
    try:
        await send_some(server)
    finally:
        await server.stop()
    seen = watch(trace, data)
    assert seen.receipts == ITEMS
    assert seen.faults == []
    for what in ("-wal>", "/incoming/", "/attachments>", "/attachments/"):
        without = without_syncs_of(what, trace, tmp_path / "without")
        assert watch(without, data).faults, f"a missing sync of {what} would not have been seen"


@needs_strace
async def test_every_receipt_comes_after_postgresql_has_synced_its_log(tmp_path: Path) -> None:
    with postgresql.cluster(started=False) as cluster:
        if cluster is None:
            pytest.skip(postgresql.MISSING)
        trace, of_server = cluster.folder / "trace", tmp_path / "trace"
        cluster.start(before=under_strace(CALLS_OF_POSTGRESQL, trace))
        place = OnPostgresql(tmp_path / "data", cluster, cluster.create())
        make_bank(place.data, SystemParameters(workItemPort=0), url=place.url)
        log = tmp_path / "server.log"
        server = Process(place.data, log, before=under_strace("sendto,sendmsg,writev", of_server))
        await server.start()
        try:
            await send_some(server)
        finally:
            await server.stop()
        cluster.stop()
        seen = watch_postgresql(trace, of_server)
        assert seen.receipts == ITEMS
        assert seen.faults == []
        without = without_syncs_of(LOG, trace, tmp_path / "without")
        assert len(watch_postgresql(without, of_server).faults) == ITEMS


def test_a_sync_that_is_missing_would_be_seen(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    database = tmp_path / "data" / "ace.sqlite-wal"
    socket = "TCP:[127.0.0.1:8765->127.0.0.1:40000]"
    trace.write_text(
        f'11 1.000001 pwrite64(7<{database}>, "x", 1, 0) = 1\n'
        f"11 1.000002 fdatasync(7<{database}>) = 0\n"
        f'10 1.000003 sendto(9<{socket}>, "HTTP/1.1 200 OK", 15, 0, NULL, 0) = 8\n'
        f'11 1.000004 pwrite64(7<{database}>, "x", 1, 0) = 1\n'
        f"11 1.000005 fdatasync(7<{database}> <unfinished ...>\n"
        f'10 1.000006 sendto(9<{socket}>, "HTTP/1.1 200 OK", 15, 0, NULL, 0) = 8\n'
        f"11 1.000007 <... fdatasync resumed>) = 0\n"
    )
    seen = watch(trace, tmp_path / "data")
    assert seen.receipts == 2
    assert len(seen.faults) == 1


def test_settings_that_the_promise_needs_are_read_back(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.open()
    settings = store.settings()
    store.close()
    assert (settings["journal_mode"], settings["synchronous"]) == ("wal", 2)
