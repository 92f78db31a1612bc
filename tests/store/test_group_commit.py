"""The store's thread: jobs that share a commit, and what becomes of them when something fails."""

import asyncio
import errno
import sqlite3
import threading
from collections.abc import Callable
from functools import partial

import peewee
import pytest

from ace_server.contact import State
from ace_server.errors import Refused, Unavailable
from ace_server.store import Corrupt, Kind, Store, contacts, history
from ace_server.store.contacts import Added
from ace_server.store.lanes import GROUP_BEHIND
from tests.store.making import new
from tests.store.seams import Barrier, Watched

ExpectLog = Callable[[str], None]

NOT_NOW = r"WARNING ace_server\.store\.store: the database cannot be used now"


def _take_in(external_id: str) -> Added:
    return contacts.add(new(external_id))


async def _ids(store: Store) -> list[str]:
    return await store.run(lambda: [one.external_id for one in contacts.listing()])


def _fail(error: Exception, kind: Kind = "commit") -> Callable[[Kind], None]:
    def hook(each: Kind) -> None:
        if each == kind:
            raise error

    return hook


def _pass(kind: Kind) -> None:
    pass


async def _hold_up(store: Store) -> Barrier:
    """The store's thread waits in a job until the barrier is opened; what comes now is a group."""
    barrier = Barrier()
    store.run(barrier.wait)
    await asyncio.to_thread(barrier.until_reached)
    return barrier


async def test_jobs_run_on_the_stores_own_thread(running: Store) -> None:
    assert await running.run(lambda: threading.current_thread().name) == "store"


async def test_a_job_gets_its_arguments_and_gives_its_result(running: Store) -> None:
    assert await running.run(divmod, 17, 5) == (3, 2)


async def test_jobs_run_in_the_order_in_which_they_came(running: Store) -> None:
    barrier = await _hold_up(running)
    order: list[int] = []
    calls = [running.run(order.append, number) for number in range(20)]
    barrier.open()
    await asyncio.gather(*calls)
    assert order == list(range(20))


async def test_what_waits_shares_one_commit(running: Store) -> None:
    barrier = await _hold_up(running)
    before = running.groups
    calls = [running.run(_take_in, str(number)) for number in range(20)]
    barrier.open()
    await asyncio.gather(*calls)
    assert running.groups - before == 2, "the job that held it up, and everything that waited"


async def test_a_group_is_bounded(running: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ace_server.store.lanes.GROUP", 5)
    barrier = await _hold_up(running)
    before = running.groups
    calls = [running.run(lambda: None) for _ in range(20)]
    barrier.open()
    await asyncio.gather(*calls)
    assert running.groups - before == 5


async def test_a_result_exists_only_after_its_commit(running: Store, seam: Watched) -> None:
    barrier = Barrier()
    seam.before = lambda kind: barrier.wait() if kind == "commit" else None
    call = running.run(_take_in, "LOAN-1")
    await asyncio.to_thread(barrier.until_reached)
    assert not call.done()
    barrier.open()
    assert not (await call).repeated


async def test_a_job_that_is_refused_fails_alone(running: Store) -> None:
    barrier = await _hold_up(running)
    first = running.run(_take_in, "1")
    conflict = running.run(lambda: contacts.add(new("1", digest="e" * 64)))
    last = running.run(_take_in, "2")
    barrier.open()
    await first, await last
    with pytest.raises(Refused):
        await conflict
    assert await _ids(running) == ["1", "2"]


OWN_ERRORS = [
    LookupError("a bug of ours"),
    peewee.IntegrityError("UNIQUE constraint failed"),
    peewee.DataError("text fields cannot contain NUL"),
    peewee.ProgrammingError("no such column: colour"),
]


@pytest.mark.parametrize("error", OWN_ERRORS, ids=lambda error: type(error).__name__)
async def test_a_job_that_fails_changes_nothing_and_takes_no_other_with_it(
    running: Store, error: Exception
) -> None:
    def take_in_and_fail() -> None:
        _take_in("2")
        raise error

    barrier = await _hold_up(running)
    first = running.run(_take_in, "1")
    failing = running.run(take_in_and_fail)
    last = running.run(_take_in, "3")
    barrier.open()
    await first, await last
    with pytest.raises(type(error)):
        await failing
    assert await _ids(running) == ["1", "3"]


@pytest.mark.parametrize("place", range(3))
async def test_a_line_that_the_database_refuses_is_the_fault_of_its_job_alone(
    running: Store, place: int
) -> None:
    def take_in_and_lie() -> None:
        added = _take_in("lie")
        history.record(added.contact_id, 0, "moved", before=State.ENDED, after=State.QUEUED)

    jobs: list[Callable[[], object]] = [partial(_take_in, str(number)) for number in range(2)]
    jobs.insert(place, take_in_and_lie)
    barrier = await _hold_up(running)
    calls = [running.run(job) for job in jobs]
    barrier.open()
    found = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(found.pop(place), peewee.IntegrityError)
    assert await _ids(running) == ["0", "1"]
    for added in found:
        assert isinstance(added, Added)
        assert len(await running.run(history.of, added.contact_id)) == 1


async def test_a_job_reads_the_lines_that_it_has_added(running: Store) -> None:
    def take_in_and_read() -> list[history.Happening]:
        return history.of(_take_in("1").contact_id)

    assert [one.verb for one in await running.run(take_in_and_read)] == ["taken in"]


async def test_each_that_is_refused_hears_of_it_and_the_others_are_done_once(
    running: Store,
) -> None:
    conflict = partial(contacts.add, new("0", digest="e" * 64))
    barrier = await _hold_up(running)
    calls = [running.run(_take_in, "0"), running.run(conflict), running.run(_take_in, "1")]
    calls += [running.run(divmod, 1, 0), running.run(_take_in, "2")]  # type: ignore[list-item]  # the fourth fails
    barrier.open()
    found = await asyncio.gather(*calls, return_exceptions=True)
    errors = [type(one) for one in found if isinstance(one, Exception)]
    assert errors == [Refused, ZeroDivisionError]
    assert [one.repeated for one in found if isinstance(one, Added)] == [False] * 3
    for one in found:
        if isinstance(one, Added):
            assert len(await running.run(history.of, one.contact_id)) == 1


TROUBLE = [
    peewee.OperationalError("database is locked"),
    peewee.OperationalError("disk I/O error"),
    peewee.OperationalError("database or disk is full"),
    peewee.InterfaceError("connection already closed"),
    peewee.InternalError("current transaction is aborted"),
    sqlite3.OperationalError("disk I/O error"),
    OSError(errno.ENOSPC, "No space left on device"),
]
KINDS: list[Kind] = ["begin", "statement", "commit"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", TROUBLE, ids=repr)
async def test_trouble_is_unavailable_for_all_that_share_the_commit_and_the_thread_goes_on(
    running: Store, seam: Watched, expect_log: ExpectLog, error: Exception, kind: Kind
) -> None:
    expect_log(NOT_NOW)
    barrier = await _hold_up(running)
    calls = [running.run(_take_in, str(number)) for number in range(3)]
    seam.before = _fail(error, kind)
    barrier.open()
    for call in calls:
        with pytest.raises(Unavailable):
            await call
    seam.before = _pass
    assert await _ids(running) == []
    assert not (await running.run(_take_in, "0")).repeated


@pytest.mark.parametrize("error", TROUBLE, ids=repr)
async def test_trouble_inside_a_job_is_unavailable_for_all_that_share_the_commit(
    running: Store, expect_log: ExpectLog, error: Exception
) -> None:
    expect_log(NOT_NOW)

    def take_in_and_fail() -> None:
        _take_in("2")
        raise error

    barrier = await _hold_up(running)
    first = running.run(_take_in, "1")
    failing = running.run(take_in_and_fail)
    last = running.run(_take_in, "3")
    barrier.open()
    for call in (first, failing, last):
        with pytest.raises(Unavailable):
            await call
    assert await _ids(running) == []


async def test_a_commit_of_unknown_outcome_is_unavailable_and_happened_at_most_once(
    running: Store, seam: Watched, expect_log: ExpectLog
) -> None:
    expect_log(NOT_NOW)
    seam.after = _fail(peewee.OperationalError("disk I/O error"))
    with pytest.raises(Unavailable):
        await running.run(_take_in, "1")
    seam.after = _pass
    assert (await running.run(_take_in, "1")).repeated
    assert await _ids(running) == ["1"]


@pytest.mark.parametrize("kind", KINDS)
async def test_memory_is_told_to_doubt_itself_exactly_when_a_commit_failed(
    running: Store, seam: Watched, expect_log: ExpectLog, kind: Kind
) -> None:
    expect_log(NOT_NOW)
    doubts: list[str] = []
    running.on_doubt = lambda: doubts.append("doubt")
    seam.before = _fail(peewee.OperationalError("disk I/O error"), kind)
    with pytest.raises(Unavailable):
        await running.run(_take_in, "1")
    seam.before = _pass
    await running.run(lambda: None)
    assert doubts == (["doubt"] if kind == "commit" else [])


async def test_the_thread_goes_on_after_its_connection_was_closed_under_it(
    running: Store, seam: Watched, expect_log: ExpectLog
) -> None:
    expect_log(NOT_NOW)

    def close() -> None:
        running.close()
        raise peewee.InterfaceError("connection already closed")

    await running.run(_take_in, "1")
    with pytest.raises(Unavailable):
        await running.run(close)
    await running.run(_take_in, "2")
    assert await _ids(running) == ["1", "2"]
    assert await running.run(running.settings) == running.settings()


async def test_nothing_is_written_outside_a_transaction_when_the_connection_is_lost_in_a_job(
    running: Store, expect_log: ExpectLog
) -> None:
    expect_log(NOT_NOW)

    def lose_it_and_go_on() -> None:
        running.close()
        _take_in("1")

    with pytest.raises(Unavailable):
        await running.run(lose_it_and_go_on)
    assert await _ids(running) == []


async def test_a_caller_that_gave_up_is_passed_over(running: Store) -> None:
    barrier = await _hold_up(running)
    given_up = running.run(_take_in, "1")
    other = running.run(_take_in, "2")
    given_up.cancel()
    barrier.open()
    assert not (await other).repeated
    with pytest.raises(asyncio.CancelledError):
        await given_up


async def test_what_was_handed_in_is_finished_before_the_thread_ends(store: Store) -> None:
    store.start()
    barrier = await _hold_up(store)
    calls = [store.run(_take_in, str(number)) for number in range(5)]
    stop = asyncio.create_task(store.stop())
    await asyncio.sleep(0)
    barrier.open()
    await stop
    assert [one.repeated for one in await asyncio.gather(*calls)] == [False] * 5


async def test_a_stopped_store_is_unavailable(store: Store) -> None:
    store.start()
    await store.stop()
    with pytest.raises(Unavailable):
        await store.run(_take_in, "1")


async def test_a_store_that_never_ran_stops(store: Store) -> None:
    await store.stop()


async def test_the_calling_thread_is_unavailable_too_when_there_is_trouble(
    store: Store, seam: Watched, expect_log: ExpectLog
) -> None:
    expect_log(NOT_NOW)
    seam.before = _fail(peewee.OperationalError("database or disk is full"))
    with pytest.raises(Unavailable):
        store.perform(_take_in, "1")
    seam.before = _pass
    assert not store.perform(_take_in, "1").repeated


@pytest.mark.parametrize("engine", ["sqlite"])  # the other one's is in test_postgresql
@pytest.mark.parametrize("text", ["database disk image is malformed", "file is not a database"])
async def test_a_damaged_database_is_told_apart_and_remembered(
    running: Store, seam: Watched, expect_log: ExpectLog, text: str
) -> None:
    expect_log(r"ERROR ace_server\.store\.store: the database is damaged")
    seam.before = _fail(peewee.DatabaseError(text), "statement")
    with pytest.raises(Corrupt):
        await running.run(_take_in, "1")
    seam.before = _pass
    assert text in running.corrupt


async def test_what_is_handed_in_behind_lets_all_others_go_first(running: Store) -> None:
    done: list[str] = []
    barrier = await _hold_up(running)
    mail = [running.run_behind(done.append, "mail") for _ in range(3)]
    items = [running.run(done.append, "work item") for _ in range(3)]
    await asyncio.sleep(0)  # they are handed over
    barrier.open()
    await asyncio.gather(*mail, *items)
    assert done == ["work item"] * 3 + ["mail"] * 3


async def test_few_behind_share_a_commit_so_that_nobody_waits_for_many(running: Store) -> None:
    before = running.groups
    await asyncio.gather(*(running.run_behind(lambda: None) for _ in range(GROUP_BEHIND * 3)))
    assert running.groups - before >= 3


async def test_what_comes_while_many_wait_behind_waits_for_one_commit_of_theirs(
    running: Store,
) -> None:
    done: list[str] = []

    def mail(number: int) -> None:
        done.append("mail")
        if number == 0:
            came.set()
            waiting.wait(10)

    came, waiting = threading.Event(), threading.Event()
    mails = [running.run_behind(mail, number) for number in range(GROUP_BEHIND * 4)]
    await asyncio.to_thread(came.wait, 10)
    item = running.run(done.append, "work item")
    await asyncio.sleep(0)
    waiting.set()
    await asyncio.gather(item, *mails)
    assert done.index("work item") == GROUP_BEHIND


async def test_those_behind_get_their_turn_however_many_come_before_them(running: Store) -> None:
    turn: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    number = 0

    def next_item(_: object) -> None:
        nonlocal number
        number += 1
        if not turn.done() and number < 1000:
            running.run(lambda: None).add_done_callback(next_item)
            running.run(lambda: None)

    next_item(None)
    mail = running.run_behind(lambda: None)
    mail.add_done_callback(lambda _: turn.set_result(number))
    assert await turn < 1000


async def test_what_waits_behind_is_done_before_the_store_stops(running: Store) -> None:
    mails = [running.run_behind(lambda: None) for _ in range(GROUP_BEHIND * 3)]
    await running.stop()
    assert all(mail.done() for mail in mails)
