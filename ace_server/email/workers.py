"""Processes for work on what comes from outside: each can be stopped in the middle (C-5, C-6).

What makes its process hang, fill the memory or break does so to that process alone; it is replaced,
and only its own job fails. There is a thread for each, which waits for its answers; so it works in
the same way on every system, and the loop never waits.
"""

import asyncio
import logging
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, NamedTuple, TypeVar, cast

from ace_server.email.priority import give_way
from ace_server.errors import Unavailable

if sys.platform != "win32":
    import resource

log = logging.getLogger(__name__)

T = TypeVar("T")

OUT_OF_MEMORY = 70
"""How a worker ends that has no memory left: it could not be trusted with the next job."""

JOBS = 10_000
"""Jobs after which a worker is replaced, however well it does."""

_SPAWN = multiprocessing.get_context("spawn")  # the server has threads, which a fork would break


class Crashed(Exception):
    """The process that did the job died: killed, out of memory, or by a fault in what it called."""

    reason = "crashed"


class TooSlow(Exception):
    """The job took longer than it may; its process was killed."""

    reason = "too-slow"


class _Job(NamedTuple):
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    outcome: asyncio.Future[Any]


class _Answer(NamedTuple):
    is_right: bool
    value: Any  # what the function returned, or what it raised
    is_last: bool  # the worker ends after it


class Workers:
    """A service: a few processes that do jobs, in the order in which they were given."""

    def __init__(self, count: int, seconds: float, memory: int) -> None:
        """`seconds` that a job may take, and bytes of `memory` for its process (where there are
        such limits: not on Windows)."""
        self._count = count
        self._seconds = seconds
        self._memory = memory
        self._jobs: asyncio.Queue[_Job] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to start the processes; jobs are taken at once."""
        self._tasks = [
            asyncio.create_task(self._serve(), name=f"worker {number}")
            for number in range(self._count)
        ]

    async def stop(self) -> None:
        """End all processes at once; jobs that are not done are Unavailable."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while not self._jobs.empty():
            _fail(self._jobs.get_nowait(), _stopped())

    async def run(self, function: Callable[..., T], *arguments: Any) -> T:
        """What the function returns, called in another process; or raise what it raises there.

        It is a named function of a module, and arguments and result can be pickled. Raises Crashed,
        TooSlow, and Unavailable where there are no workers. Who is cancelled gives up the place in
        the queue; a process that is already at work for it is killed.
        """
        if not self._tasks:
            raise _stopped()
        outcome = asyncio.get_running_loop().create_future()
        self._jobs.put_nowait(_Job(function, arguments, outcome))
        return cast(T, await outcome)

    async def _serve(self) -> None:
        """Do one job after another in one process."""
        seat = _Seat(self._memory)
        try:
            while True:
                if not seat.is_ready():
                    await seat.make_ready()
                job = await self._jobs.get()
                if not job.outcome.done():
                    await self._do(seat, job)
        finally:
            await asyncio.to_thread(seat.close)

    async def _do(self, seat: "_Seat", job: _Job) -> None:
        try:
            if not (seat.is_ready() or await seat.make_ready()):
                _fail(job, Unavailable("no process can be started"))
                return
            await self._ask(seat, job)
        except asyncio.CancelledError:
            _fail(job, _stopped())
            raise

    async def _ask(self, seat: "_Seat", job: _Job) -> None:
        answer = seat.ask(job)
        try:
            await asyncio.wait(
                {answer, job.outcome}, timeout=self._seconds, return_when=asyncio.FIRST_COMPLETED
            )
        except asyncio.CancelledError:
            answer.cancel()
            raise
        in_time = answer.done()
        if not in_time:  # or nobody waits for it any more
            seat.kill()
        try:
            is_right, value, _ = await answer
        except (EOFError, OSError):
            if not job.outcome.done():
                log.warning("a worker has ended in the middle of a job: %s", seat.how_it_ended)
            _fail(job, Crashed(seat.how_it_ended) if in_time else TooSlow(f"{self._seconds} s"))
        except Exception as error:  # noqa: BLE001  # edge: one job; it cannot be sent or read
            _fail(job, error)
        else:
            if not is_right:
                _fail(job, value)
            elif not job.outcome.done():
                job.outcome.set_result(value)


def _stopped() -> Unavailable:
    return Unavailable("the workers are not running")


def _fail(job: _Job, error: BaseException) -> None:
    if not job.outcome.done():
        job.outcome.set_exception(error)


class _Seat:
    """One place for a process, and the thread that speaks with it."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._process: _Process | None = None
        self.how_it_ended = ""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="worker")

    def is_ready(self) -> bool:
        """Whether there is a process that lives; for who waits for no answer of it."""
        return self._process is not None and self._process.is_alive()

    async def make_ready(self) -> bool:
        """Start a process where there is none; whether there is one now."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._fill)
        except (EOFError, OSError):
            log.exception("a worker cannot be started")
        return self._process is not None

    def ask(self, job: _Job) -> asyncio.Future[_Answer]:
        """Have the job done. The future raises EOFError or OSError if the process dies."""
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._thread, self._ask, job.function, job.arguments)

    def kill(self) -> None:
        """End the process in the middle of what it does."""
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the process and the thread."""
        self.kill()
        self._thread.shutdown(wait=True)
        self._empty()

    def _fill(self) -> None:
        if self._process is not None and not self._process.is_alive():
            self._empty()
            log.warning("a worker that had nothing to do has ended: %s", self.how_it_ended)
        if self._process is None:
            self._process = _Process(self._memory)

    def _ask(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> _Answer:
        assert self._process is not None, "it was made ready"
        try:
            answer = self._process.ask(function, arguments)
        except (EOFError, OSError):
            self._empty()
            raise
        if answer.is_last:
            self._empty()
        return answer

    def _empty(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            self.how_it_ended = process.close()


class _Process:
    """A worker process, from its start to its end; every call waits for it."""

    def __init__(self, memory: int) -> None:
        self._pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_work, args=(theirs, memory), daemon=True)
        try:
            self._process.start()
            theirs.close()  # or its end would not be heard
            self._pipe.recv()
        except BaseException:
            theirs.close()
            self._pipe.close()
            raise

    def is_alive(self) -> bool:
        return self._process.is_alive()

    def ask(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> _Answer:
        self._pipe.send((function, arguments))
        return _Answer(*self._pipe.recv())

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> str:
        """End it, and say how it ended."""
        self._pipe.close()
        self._process.kill()
        self._process.join()
        code = self._process.exitcode
        self._process.close()
        return "out of memory" if code == OUT_OF_MEMORY else f"exit code {code}"


# What follows runs in the worker process


def _work(pipe: "Connection[Any, Any]", memory: int) -> None:
    """Do the jobs that come through the pipe until it is closed."""
    for name in (signal.SIGINT, signal.SIGTERM):  # the server's matter, whose end ends this
        signal.signal(name, signal.SIG_IGN)
    give_way()
    _limit(memory)
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    before = _peak()
    try:
        pipe.send(None)
    except OSError:  # the server was killed meanwhile
        return
    for number in range(1, JOBS + 1):
        try:
            function, arguments = pipe.recv()
        except (EOFError, OSError):  # the server ends, or was killed
            return
        is_right, value = _done(function, arguments)
        # what was once taken is hardly given back
        is_last = number == JOBS or _peak() > max(before, memory // 2)
        _send(pipe, is_right, value, is_last)
        if is_last:
            return


def _done(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return True, function(*arguments)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as error:  # noqa: BLE001  # edge: one job, whose caller it is raised to
        return False, _portable(error)


def _send(pipe: "Connection[Any, Any]", is_right: bool, value: Any, is_last: bool) -> None:
    try:
        pipe.send((is_right, value, is_last))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except OSError:  # the server ends
        os._exit(0)
    except Exception as error:  # noqa: BLE001  # edge: one job, whose result cannot be pickled
        pipe.send((False, _portable(error), is_last))


def _portable(error: Exception) -> Exception:
    """The error with its traceback as a note, or one that says its name if it cannot travel."""
    error.add_note("In a worker:\n" + "".join(traceback.format_tb(error.__traceback__)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001  # edge: whatever the error's class does when it is pickled
        other = RuntimeError(f"{type(error).__name__} in a worker")
        for note in error.__notes__:
            other.add_note(note)
        return other
    return error


def _end_with_the_server() -> None:
    """A killed server tells nobody: without this, workers would wait for ever."""
    server = multiprocessing.parent_process()
    assert server is not None, "this is a child"
    wait([server.sentinel])
    os._exit(0)


def _limit(memory: int) -> None:
    if sys.platform != "win32":
        limits = (
            (resource.RLIMIT_DATA, memory),
            (resource.RLIMIT_CORE, 0),  # it would hold what a customer wrote
        )
        for what, most in limits:
            hard = resource.getrlimit(what)[1]
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            with suppress(ValueError, OSError):  # a system that does not know this limit
                resource.setrlimit(what, (least, hard))


def _peak() -> int:
    """Bytes this process had in memory at most; of the server's at first, which started it."""
    if sys.platform == "win32":
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
