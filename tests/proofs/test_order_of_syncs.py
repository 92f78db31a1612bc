"""A receipt comes after what it promises was made durable, seen in the system calls (P1, T3).

A kill cannot show a sync that is missing: the kernel keeps the page. Only watching does.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from ace_server.settings import SystemParameters
from ace_server.store import Store
from ace_server.store.engine import FILE_NAME
from tests.proofs.places import OnSqlite
from tests.proofs.process import Process, make_bank
from tests.proofs.sender import Sender, message

CALLS = "fsync,fdatasync,pwrite64,write,rename,mkdir,sendto,sendmsg,writev"
ITEMS = 12
RECEIPT = "HTTP/1.1 200"  # the answer's first bytes

_LINE = re.compile(r"^(\d+) +(\d+\.\d+) (.*)$")
_CALL = re.compile(r"(\w+)\((\d+)<([^>]*)>")
_NAMED = re.compile(r'(?:rename\("[^"]*", |mkdir\()"([^"]*)".* = 0')


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


def lines(trace: Path) -> Iterator[tuple[float, str]]:
    """The calls in the order in which they ended, but answers in that in which they began.

    Of a call that others came between, strace shows the two halves.
    """
    unfinished: dict[str, str] = {}
    for text in trace.read_text(errors="replace").splitlines():
        match = _LINE.match(text)
        if match is None:
            continue
        thread, at, call = match.groups()
        if call.endswith("<unfinished ...>"):
            call = call.removesuffix("<unfinished ...>")
            if RECEIPT in call:
                yield float(at), call
            else:
                unfinished[thread] = call
        elif call.startswith("<... "):
            if thread in unfinished:
                yield float(at), unfinished.pop(thread) + call.partition("resumed>")[2]
        else:
            yield float(at), call


def watch(trace: Path, data: Path) -> Seen:
    """Follow the data folder's files, and look at each moment a receipt is sent."""
    seen, kept = Seen(), str(data / "attachments")
    for at, call in lines(trace):
        if named := _NAMED.match(call):
            if named[1].startswith(f"{kept}/"):
                seen.wrote(str(Path(named[1]).parent), at)
            continue
        found = _CALL.match(call)
        if found is None:
            continue
        name, _, path = found.groups()
        if name in ("fsync", "fdatasync") and call.rstrip().endswith("= 0"):
            seen.synced(path)
        elif RECEIPT in call and path.startswith("TCP"):
            seen.receipt(at)
        elif name in ("pwrite64", "write") and _is_promised(path, data):
            seen.wrote(path, at)
    return seen


def _is_promised(path: str, data: Path) -> bool:
    """What a receipt rests on: the database and its log, and the attachments."""
    if path.endswith("-shm"):
        return False
    return path.startswith((f"{data}/{FILE_NAME}", f"{data}/incoming", f"{data}/attachments"))


@pytest.mark.skipif(
    shutil.which("strace") is None,
    reason="not proved here: that a receipt comes after fsync (strace is not installed)",
)
async def test_every_receipt_comes_after_the_syncs_of_what_it_promises(tmp_path: Path) -> None:
    data, trace = tmp_path / "data", tmp_path / "trace"
    make_bank(OnSqlite(data), SystemParameters(workItemPort=0))
    watched = ["strace", "-D", "-f", "-y", "-yy", "-ttt", "-s", "400", "-e", f"trace={CALLS}"]
    log = tmp_path / "server.log"
    server = Process(OnSqlite(data), log, before=[*watched, "-o", str(trace)])
    await server.start()
    try:
        async with Sender(server.work_item_port) as sender:
            for number in range(ITEMS):
                attachment = bytes([number]) * 20_000 if number % 2 else None
                answer = await sender.send(message(f"S-{number}", attachment=attachment))
                assert answer.is_receipt, answer
    finally:
        await server.stop()
    seen = watch(trace, data)
    assert seen.receipts == ITEMS
    assert seen.faults == []
    for what in ("-wal>", "/incoming/", "/attachments>", "/attachments/"):
        without = tmp_path / "without"
        without.write_text(
            "".join(
                line
                for line in trace.read_text(errors="replace").splitlines(keepends=True)
                if not ("sync(" in line and what in line)
            )
        )
        assert watch(without, data).faults, f"a missing sync of {what} would not have been seen"


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
