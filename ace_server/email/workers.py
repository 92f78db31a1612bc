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
from itertools import count
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from ace_server.email.priority import give_way
from ace_server.errors import Unavailable

if sys.platform != "win32":
    import resource

log = logging.getLogger(__name__)

T = TypeVar("T")

OUT_OF_MEMORY = 70
"""How a worker ends that has no memory left: it could not be trusted with the next job."""

FIRST_WORD = 60.0
"""Seconds that a new process may take until it says that it is there."""

JOBS = 10_000
"""Jobs after which a worker is replaced, however well it does."""

_SPAWN = multiprocessing.get_context("spawn")  # the server has threads, which a fork would break


class Crashed(Exception):
    """The process that did the job died: killed, out of memory, or by a fault in what it called."""

    reason = "crashed"


class TooSlow(Exception):
    """The job took longer than it may; its process was killed."""

    reason = "too-slow"


class _Job:
    """One call, and where its outcome goes."""

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        outcome: "asyncio.Future[Any]",
    ) -> None:
        self.function = function
        self.arguments = arguments
        self.outcome = outcome
        self.is_begun = False


class _Answer(NamedTuple):
    is_right: bool
    value: Any  # what the function returned, or what it raised
    is_last: bool  # the worker ends after it


class Workers:
    """A service: a few processes that do jobs: what goes first, then in the order given."""

    def __init__(
        self, processes: int, seconds: float, memory: int, *, first_word: float = FIRST_WORD
    ) -> None:
        """`seconds` that a job may take, and bytes of `memory` for its process (where there are
        such limits: not on Windows)."""
        self._processes = processes
        self._seconds = seconds
        self._memory = memory
        self._first_word = first_word
        self._jobs: asyncio.PriorityQueue[tuple[bool, int, _Job]] = asyncio.PriorityQueue()
        self._numbers = count(1)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to start the processes; jobs are taken at once."""
        self._tasks = [
            asyncio.create_task(self._serve(), name=f"worker {number}")
            for number in range(self._processes)
        ]

    async def stop(self) -> None:
        """End all processes at once; jobs that are not done are Unavailable."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while not self._jobs.empty():
            _, _, job = self._jobs.get_nowait()
            _fail(job, _stopped())

    async def run(
        self,
        function: Callable[..., T],
        *arguments: Any,
        within: float | None = None,
        first: bool = False,
    ) -> T:
        """What the function returns, called in another process; or raise what it raises there.

        It is a named function of a module, and arguments and result can be pickled. Raises Crashed,
        TooSlow, and Unavailable where there are no workers, or none has begun `within` so many
        seconds. `first`: before all that are not. Who is cancelled gives up the place in the queue;
        a process that is already at work for it is killed.
        """
        if not self._tasks:
            raise _stopped()
        loop = asyncio.get_running_loop()
        job = _Job(function, arguments, loop.create_future())
        self._jobs.put_nowait((not first, next(self._numbers), job))
        patience = None if within is None else loop.call_later(within, _give_up, job)
        try:
            return cast(T, await job.outcome)
        finally:
            if patience is not None:
                patience.cancel()

    async def _serve(self) -> None:
        """Do one job after another in one process."""
        seat = _Seat(self._memory, self._first_word)
        try:
            while True:
                if not seat.is_ready():
                    await seat.make_ready()
                _, _, job = await self._jobs.get()
                if not job.outcome.done():
                    await self._do(seat, job)
        finally:
            await seat.close()

    async def _do(self, seat: "_Seat", job: _Job) -> None:
        """Do one job; whatever comes of it, its caller hears of it and the seat stays."""
        try:
            if not (seat.is_ready() or await seat.make_ready()):
                _fail(job, Unavailable("no process can be started"))
            elif not job.outcome.done():  # nobody has given up meanwhile
                job.is_begun = True
                await self._ask(seat, job)
        except asyncio.CancelledError:
            _fail(job, _stopped())
            raise
        except Exception as error:  # noqa: BLE001  # edge: one job
            log.exception("a job could not be given to a worker")
            _fail(job, error)

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


def _give_up(job: _Job) -> None:
    if not job.is_begun:
        _fail(job, Unavailable("all workers are busy"))


def _fail(job: _Job, error: BaseException) -> None:
    if not job.outcome.done():
        job.outcome.set_exception(error)


class _Seat:
    """One place for a process, and the thread that speaks with it."""

    def __init__(self, memory: int, first_word: float) -> None:
        self._memory = memory
        self._first_word = first_word
        self._process: _Process | None = None
        self.how_it_ended = ""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="worker")

    def is_ready(self) -> bool:
        """Whether there is a process that lives; for who waits for no answer of it."""
        process = self._process
        return process is not None and process.is_alive()

    async def make_ready(self) -> bool:
        """Start a process where there is none; whether there is one now."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._fill)
        except Exception:  # noqa: BLE001  # edge: one process; the next job tries again
            log.exception("a worker cannot be started")
        return self._process is not None

    def ask(self, job: _Job) -> asyncio.Future[_Answer]:
        """Have the job done. The future raises EOFError or OSError if the process dies."""
        loop = asyncio.get_running_loop()
        return loop.run_in_executor(self._thread, self._ask, job.function, job.arguments)

    def kill(self) -> None:
        """End the process in the middle of what it does."""
        process = self._process
        if process is not None:
            process.kill()

    async def close(self) -> None:
        """End the process and the thread."""
        self.kill()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._empty)
        self._thread.shutdown(wait=False)  # it has nothing more to do

    def _fill(self) -> None:
        if self._process is not None and not self._process.is_alive():
            is_killed = self._process.is_killed  # when it had just done what was given up
            self._empty()
            if not is_killed:
                log.warning("a worker that had nothing to do has ended: %s", self.how_it_ended)
        if self._process is None:
            self._process = _Process()
            try:
                self._process.start(self._memory, self._first_word)
            except BaseException:
                self._empty()
                raise

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
    """A worker process, from its start to its end; every call but `kill` waits for it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()  # whoever kills it may come while it starts, or is closed
        self._is_over = False
        self.is_killed = False  # by who gave up what it did
        self._pipe: Connection[Any, Any] | None = None
        self._process: SpawnProcess | None = None

    def start(self, memory: int, first_word: float) -> None:
        """Raises OSError or EOFError where it does not come up, TimeoutError if not in time."""
        self._pipe, theirs = _SPAWN.Pipe()
        with theirs:  # open here, its end would not be heard
            process = _SPAWN.Process(target=_work, args=(theirs, memory), daemon=True)
            with self._turn:
                if self._is_over:
                    raise EOFError("it was ended before it had begun")
                process.start()
                self._process = process
        if not self._pipe.poll(first_word):
            raise TimeoutError(f"it has said nothing for {first_word} s")
        self._pipe.recv()

    def is_alive(self) -> bool:
        """Whether it may be asked: not once it was killed, which takes a moment."""
        if self.is_killed:
            return False
        with self._turn:
            return not self._is_over and self._process is not None and self._process.is_alive()

    def ask(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> _Answer:
        assert self._pipe is not None, "it was started"
        self._pipe.send((function, arguments))
        return _Answer(*self._pipe.recv())

    def kill(self) -> None:
        with self._turn:
            if self._process is None:
                self._is_over = True
            elif not self._is_over:
                self.is_killed = True
                self._process.kill()

    def close(self) -> str:
        """End it, and say how it ended."""
        if self._pipe is not None:
            self._pipe.close()
        with self._turn:
            self._is_over = True
        if self._process is None:
            return "not started"
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
    """Bytes this process had in memory at most; where Linux does not say that apart, of the
    server's at first, which started it."""
    if sys.platform == "win32":
        return 0
    if sys.platform == "linux":
        with suppress(OSError), Path("/proc/self/status").open("rb") as status:
            for line in status:
                if line.startswith(b"VmHWM:"):
                    return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
