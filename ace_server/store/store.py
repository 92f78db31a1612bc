"""The store: one database, its thread, and group commit.

Jobs are plain synchronous functions that use the tables. What arrives while a commit is under way
shares the next one; one that is refused fails alone, and the others are done without it.
A result exists only after the commit. Nothing here knows what a job does.

What is handed in with `run_behind` waits in the lane behind (`lanes`): mail, which never keeps a
work item waiting (WI-5).
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

from ace_server.errors import Unavailable
from ace_server.store import engine, figures, lease
from ace_server.store.contract import Fenced, Sign
from ace_server.store.ears import Ears
from ace_server.store.files import Files
from ace_server.store.lanes import Lanes
from ace_server.store.models import database
from ace_server.store.seam import Seam
from ace_server.store.trouble import OWN, TROUBLE

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class _Job(Generic[T]):
    """One call, and where its result goes."""

    __slots__ = ("action", "error", "future", "result")

    def __init__(self, action: Callable[[], T], future: "asyncio.Future[T]") -> None:
        self.action = action
        self.future = future
        self.result: T | None = None
        self.error: BaseException | None = None

    def deliver(self) -> None:
        if self.future.done():  # its caller was cancelled
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)  # type: ignore[arg-type]  # set unless error is


class Store:
    """The one door to the database and the attachments of a data folder."""

    def __init__(
        self,
        data: Path,
        *,
        url: str = "",
        seam: Seam | None = None,
        database: engine.Engine | None = None,
    ) -> None:
        """`database`: another one than the data folder's, which the URL names."""
        self._seam = seam or Seam()
        self._url = url
        self._database = database or engine.connect(url, data, self._seam)
        self._data = data
        self._lanes: Lanes[_Job[Any]] = Lanes()
        self._handed_in: list[_Job[Any]] = []  # in this round of the loop
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._corrupt = ""
        self.weaknesses: list[str] = []
        """Settings of the database that could break a promise and are the site's, in sentences."""
        self.files = Files(data, self._seam)
        self.on_doubt: Callable[[], None] = lambda: None
        """Called on the loop when a commit failed, or the connection is lost.

        Whether the commit happened is not known; nor, over a lost connection, when it ends.
        """
        self.on_fenced: Callable[[], None] = lambda: None
        """Called on the loop when another process leads now: nothing is changed here any more."""
        self.groups = 0  # commits made
        self.jobs_done = 0

    def open(self, upto: str | None = None) -> None:
        """Connect, bring the schema up to date, and be the database that the tables use.

        `upto`: the migration to stop after. Raises Unavailable, engine.NewerSchema or
        engine.Corrupt.
        """
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.files.open()
        database.initialize(self._database)
        try:
            self._database.make()
            self._database.connect(reuse_if_open=True)
            engine.migrate(self._database, upto)
            self.weaknesses = self._database.weaknesses()
        except TROUBLE as error:
            raise self._trouble(error) from error
        for sentence in self.weaknesses:
            log.warning("%s", sentence)

    def close(self) -> None:
        """Close the calling thread's connection."""
        if not self._database.is_closed():
            self._database.close()

    def perform(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do one job in a transaction in the calling thread: for start-up and the command line.

        Raises what the job raises, or Unavailable.
        """
        call = _Job(partial(job, *args, **kwargs), _NO_FUTURE)
        self._group([call])
        if call.error is not None:
            raise call.error
        return call.result  # type: ignore[return-value]  # set unless error is

    def start(self) -> None:
        """Start the store's thread; results come to the running loop."""
        self._loop = asyncio.get_running_loop()
        self._lanes.open()
        self._thread = threading.Thread(target=self._work, name="store", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        """Finish what was handed in, then end the thread."""
        if self._thread is None:
            return
        thread, self._thread = self._thread, None
        self._hand_over()
        self._lanes.close()
        await asyncio.to_thread(thread.join)

    def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "asyncio.Future[T]":
        """Do one job on the store's thread; the result is there after its commit.

        Raises what the job raises; then the job changed nothing. Raises Unavailable when the
        database cannot be used now; then what the job did happened at most once. A job may be
        done twice, the first time undone: it changes nothing but the database.
        """
        made = self._job(partial(job, *args, **kwargs))
        assert self._loop is not None
        if not self._handed_in:
            self._loop.call_soon(self._hand_over)
        self._handed_in.append(made)
        return made.future

    def run_behind(
        self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> "asyncio.Future[T]":
        """The same in the lane behind: for mail, whose jobs are short and may wait (WI-5)."""
        made = self._job(partial(job, *args, **kwargs))
        self._lanes.put_behind(made)
        return made.future

    def _job(self, action: Callable[[], T]) -> _Job[T]:
        if self._loop is None or self._thread is None:
            raise Unavailable("the store is shutting down")
        return _Job(action, self._loop.create_future())

    def _hand_over(self) -> None:
        """Wake the thread once for all that one round of the loop handed in.

        Woken by the first, it would commit that alone, and fight the loop for the interpreter.
        """
        self._lanes.put(self._handed_in)
        self._handed_in.clear()

    def lead(self, fence: int) -> None:
        """From now on every job demands that this is the lease's number; 0 demands nothing."""
        self._database.fence = fence

    def count_as(self, writer: str) -> None:
        """Keep figures in the rows of this process: a name that no other running one has."""
        self._database.writer = writer

    def ears(self, signs: Iterable[Sign], heard: Callable[[], None]) -> Ears:
        """What hears other processes give these signs; not started yet."""
        return Ears(engine.connect(self._url, self._data, Seam()), frozenset(signs), heard)

    @property
    def keeps_files(self) -> bool:
        """Whether attachments are in the database, too, where other machines find them."""
        return self._database.keeps_files

    @property
    def corrupt(self) -> str:
        """What is damaged in the database file, or nothing (A-8)."""
        return self._corrupt

    def waiting(self) -> int:
        """How many jobs wait for the store's thread."""
        return len(self._handed_in) + self._lanes.waiting()

    def settings(self) -> dict[str, Any]:
        """The settings of the calling thread's connection, read back from it (A-5)."""
        return self._database.settings()

    def _work(self) -> None:
        try:
            while group := self._lanes.take():
                self._do_and_tell(group)
        finally:
            self._database.close()

    def _do_and_tell(self, group: list[_Job[Any]]) -> None:
        assert self._loop is not None
        self._group(group)
        self._loop.call_soon_threadsafe(_deliver, group)

    def _group(self, group: Sequence[_Job[Any]]) -> None:
        """Do jobs in one transaction; on trouble with the database all of them are Unavailable."""
        committing = False
        try:
            self._database.connect(reuse_if_open=True)  # it may have been lost
            if self._do_together(group):
                figures.write(self._database.tally.changes(), self._database.writer)
                committing = True
                self._database.commit()
        except Fenced as fenced:
            self._fail(group, fenced)
            self._call(self.on_fenced)
        except TROUBLE as error:
            self._fail(group, self._trouble(error))
            if committing or self._database.is_closed():
                self._call(self.on_doubt)
        self.groups += 1
        self.jobs_done += len(group)

    def _do_together(self, group: Sequence[_Job[Any]]) -> bool:
        """Begin a transaction and do the jobs in it; whether there is anything to commit.

        A savepoint for each job would cost as much as what many a job does, and so would lines of
        its own. So they are first done without, and where one fails, all of it is undone and done
        again, with both for each.
        """
        self._begin()
        if all(self._do(job, writes_lines=job is group[-1]) for job in group):
            return True
        self._database.rollback()
        if len(group) == 1:  # and it has failed
            return False
        self._begin()
        for number, job in enumerate(group):
            job.error = None
            self._database.begin_job(is_first=number == 0)
            if not self._do(job, writes_lines=True):
                self._database.undo_job()
        return True

    def _begin(self) -> None:
        self._database.begin()
        self._database.tally.begin()
        self._database.drop_lines()
        if self._database.fence:
            lease.demand(self._database.fence)

    def _fail(self, group: Sequence[_Job[Any]], error: Unavailable) -> None:
        for job in group:
            job.error = error
        self._roll_back()

    def _do(self, job: _Job[Any], *, writes_lines: bool) -> bool:
        """Do one job; whether it did not fail. What it did before that is not undone."""
        try:
            job.result = job.action()
            if writes_lines:
                self._database.write_lines()
        except OWN as error:
            job.error = error
        except TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001  # edge: one job; its caller gets the error
            job.error = error
        else:
            return True
        return False

    def _roll_back(self) -> None:
        """Leave no transaction open; a connection that cannot even do that is given up."""
        if self._database.is_closed():
            return
        try:
            if self._database.has_transaction():
                self._database.rollback()
        except TROUBLE:
            self._database.close()

    def _call(self, back: Callable[[], None]) -> None:
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(back)

    def _trouble(self, error: Exception) -> Unavailable:
        """The error to tell: Corrupt where the file is damaged, else Unavailable."""
        if damage := self._database.damage(error):
            self._corrupt = damage
            log.error("the database is damaged: %s", damage)
            return engine.Corrupt(damage)
        log.warning("the database cannot be used now: %s", error)
        return Unavailable("the store cannot take it now")


def _deliver(group: Sequence[_Job[Any]]) -> None:
    for job in group:
        job.deliver()


_NO_FUTURE: Any = None
