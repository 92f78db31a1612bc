"""Work in processes that can be killed (C-5, C-6)."""

import asyncio
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ace_server.email import workers as workers_module
from ace_server.email.message import TooDeep
from ace_server.email.priority import NICENESS
from ace_server.email.reading import parse_file
from ace_server.email.workers import Crashed, TooSlow, Workers
from ace_server.errors import Unavailable

resource = pytest.importorskip("resource")

MEMORY = 512 * 1024 * 1024
pytestmark = pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="processes are waited for as on Linux"
)

LONG = 60.0  # seconds; nothing here takes as long
NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(200)
)

ENDED = r"WARNING .*workers: a worker has ended in the middle of a job: "


@asynccontextmanager
async def running(count: int = 1, seconds: float = LONG, memory: int = MEMORY, **how: float):
    workers = Workers(count, seconds, memory, **how)
    await workers.start()
    try:
        yield workers
    finally:
        await workers.stop()


async def test_worker_gives_what_a_function_returns_or_raises(tmp_path):
    (tmp_path / "deep.eml").write_bytes(NESTED)
    async with running() as workers:
        first = await workers.run(os.getpid)
        assert first != os.getpid()
        assert await workers.run(divmod, 7, 2) == (3, 1)
        with pytest.raises(ValueError, match="invalid literal"):
            await workers.run(int, "x")
        with pytest.raises(TooDeep) as deep:
            await workers.run(parse_file, str(tmp_path / "deep.eml"))
        assert deep.value.code == "too-deep"
        with pytest.raises(AttributeError):  # no named function
            await workers.run(lambda: 1)
        with pytest.raises(TypeError, match="cannot pickle"):
            await workers.run(eval, "__import__('threading').Lock()")
        assert await workers.run(os.getpid) == first


async def test_what_goes_first_is_done_before_what_was_given_before(tmp_path):
    async with running() as workers:
        jobs = [
            asyncio.ensure_future(workers.run(log_to, str(tmp_path / "log"), what, first=first))
            for what, first in (("a", False), ("b", False), ("c", True), ("d", True))
        ]
        await asyncio.gather(*jobs)
    assert (tmp_path / "log").read_text() in ("cdab", "acdb"), "one may be under way already"


async def test_dead_worker_fails_its_own_job_only(expect_log):
    expect_log(ENDED + "exit code 3")
    expect_log(ENDED + "out of memory")
    async with running() as workers:
        jobs = [
            asyncio.ensure_future(workers.run(*job))
            for job in ((len, "a"), (os._exit, 3), (len, "ab"), (bytearray, 2 * MEMORY), (len, ""))
        ]
        done = await asyncio.gather(*jobs, return_exceptions=True)
    assert done[0::2] == [1, 2, 0]
    assert [(type(error), str(error)) for error in done[1::2]] == [
        (Crashed, "exit code 3"),
        (Crashed, "out of memory"),
    ]


async def test_slow_job_is_killed_and_another_is_done(expect_log):
    expect_log(ENDED)
    async with running(seconds=1.0) as workers:
        with pytest.raises(TooSlow):
            await workers.run(time.sleep, LONG)
        assert await workers.run(len, "abc") == 3


async def test_cancelled_callers_give_their_places_back(tmp_path):
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    async with running() as workers:
        first = asyncio.ensure_future(workers.run(sleep_beside, begun))
        waiting = asyncio.ensure_future(workers.run(os.mkdir, str(tmp_path / "never")))
        last = asyncio.ensure_future(workers.run(len, "abc"))
        await asyncio.to_thread(begun.read_bytes)
        waiting.cancel()
        first.cancel()
        assert await last == 3
    assert not (tmp_path / "never").exists()


async def test_who_waits_only_so_long_for_a_place_gives_up_and_nobody_else(tmp_path):
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    async with running() as workers:
        busy = asyncio.ensure_future(workers.run(sleep_beside, begun, within=LONG))
        await asyncio.to_thread(begun.read_bytes)
        patient = asyncio.ensure_future(workers.run(len, "abc"))
        with pytest.raises(Unavailable, match="busy"):
            await workers.run(len, "", within=0.0)
        busy.cancel()
        assert await patient == 3


async def test_process_that_says_nothing_when_it_starts_is_given_up(expect_log):
    expect_log(r"ERROR .*workers: a worker cannot be started \[TimeoutError")
    async with running(first_word=0.0) as workers:
        with pytest.raises(Unavailable, match="no process"):
            await workers.run(len, "abc")


async def test_place_stays_whatever_keeps_a_process_from_starting(expect_log, monkeypatch):
    expect_log(r"ERROR .*workers: a worker cannot be started \[RuntimeError")

    class Exhausted:
        def Pipe(self):
            raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(workers_module, "_SPAWN", Exhausted())
        async with running() as workers:
            with pytest.raises(Unavailable, match="no process"):
                await workers.run(len, "abc")
            patch.undo()
            assert await workers.run(len, "abc") == 3


async def test_worker_that_was_killed_while_idle_is_replaced(expect_log):
    expect_log("a worker that had nothing to do has ended: exit code -9")
    async with running() as workers:
        pid = await workers.run(os.getpid)
        os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(wait_for_end, pid)
        assert await workers.run(os.getpid) != pid


async def test_process_that_was_killed_when_its_job_was_just_done_is_no_surprise():
    seat = workers_module._Seat(MEMORY, LONG)
    try:
        assert await seat.make_ready()
        _, pid, _ = await seat.ask(workers_module._Job(os.getpid, (), asyncio.Future()))
        seat.kill()
        assert not seat.is_ready(), "it would end in the middle of the next job"
        await asyncio.to_thread(wait_for_end, pid)
        assert await seat.make_ready()
    finally:
        await seat.close()


async def test_workers_that_do_not_run_are_unavailable(tmp_path):
    workers = Workers(1, LONG, MEMORY)
    with pytest.raises(Unavailable):
        await workers.run(len, "")
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    await workers.start()
    busy = asyncio.ensure_future(workers.run(sleep_beside, begun))
    waiting = asyncio.ensure_future(workers.run(len, ""))
    await asyncio.to_thread(begun.read_bytes)
    await workers.stop()
    for job in (busy, waiting):
        with pytest.raises(Unavailable):
            await job


async def test_worker_gives_way_ignores_an_interrupt_and_leaves_no_core():
    async with running() as workers:
        assert await workers.run(os.nice, 0) == min(os.nice(0) + NICENESS, 19)
        assert await workers.run(signal.getsignal, signal.SIGINT) is signal.SIG_IGN
        assert (await workers.run(resource.getrlimit, resource.RLIMIT_CORE))[0] == 0


async def test_worker_that_grew_is_replaced_however_large_the_server_is():
    ballast = b"x" * (450 * 1024 * 1024)
    del ballast  # what this process once took is no measure
    async with running(memory=MEMORY) as workers:
        before = await workers.run(os.getpid)
        assert await workers.run(grow, 400 * 1024 * 1024) == before
        assert await workers.run(os.getpid) != before


async def test_workers_end_with_a_server_that_is_killed():
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.email.a_server_with_workers"],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent.parent,
    )
    assert server.stdout is not None
    pids = [int(word) for word in server.stdout.readline().split()]
    server.kill()
    server.wait()
    server.stdout.close()
    assert len(pids) == 2
    for pid in pids:
        await asyncio.to_thread(wait_for_end, pid)


# What runs in a worker


def sleep_beside(begun: Path) -> None:
    begun.write_bytes(b"")  # wakes who reads it
    time.sleep(LONG)


def log_to(path: str, what: str) -> None:
    with open(path, "a") as log:
        log.write(what)


def grow(size: int) -> int:
    bytearray(size)[::4096] = b"x" * len(range(0, size, 4096))
    return os.getpid()


def wait_for_end(pid: int) -> None:
    """Return when the process is dead, whosever child it is."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    select.select([handle], [], [])
    os.close(handle)
