"""Figures are kept in the transaction of what changes them, and equal a count at every moment."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import peewee
import pytest

from ace_server.contact import MOVES, State
from ace_server.errors import IllegalMove, Refused, Unavailable
from ace_server.store import Kind, Store, contacts, engine, figures
from ace_server.store.contacts import Placement
from ace_server.store.figures import Kept
from ace_server.store.models import database, to_stored
from ace_server.store.tally import Key
from tests.store.counting import DONE, Figures, counted, counted_done, kept, kept_done
from tests.store.making import (
    AT,
    BUFFERED,
    EVERYONE,
    LATER,
    LOANS,
    add,
    changes,
    in_state,
    move,
    new,
)
from tests.store.seams import Watched

ExpectLog = Callable[[str], None]

DAY = timedelta(days=1)
PERSONAL = Placement(personal="bo")
QUARTER = timedelta(minutes=15)


def both(store: Store) -> tuple[Figures, Figures]:
    return store.perform(lambda: (kept(), counted()))


@pytest.mark.parametrize("state", State)
def test_a_contact_counts_where_it_stands(store: Store, state: State) -> None:
    in_state(store, state)
    found, right = both(store)
    assert found == right
    assert sum(found.values()) == (1 if state in (State.BUFFERED, State.ENDED) else 2)


def test_what_waits_for_one_person_counts_for_that_person(store: Store) -> None:
    add(store, "1", PERSONAL)
    assert both(store)[0] == {
        ("personal", "bo", "waiting"): 1,
        ("entrance", "loans", "waiting"): 1,
    }


def test_requeueing_counts_in_the_other_queue(store: Store) -> None:
    contact = in_state(store, State.ACCEPTED)
    move(store, contact, State.ACCEPTED, State.QUEUED, queue="", personal="bo")
    found, right = both(store)
    assert found == right
    assert ("queue", "Loans", "in hand") not in found


def test_moving_on_counts_in_the_next_queue(store: Store) -> None:
    contact = add(store).contact_id
    store.perform(contacts.move_on, contact, "Loans", EVERYONE, AT)
    assert both(store)[0] == {
        ("queue", "Everyone", "waiting"): 1,
        ("entrance", "loans", "waiting"): 1,
    }


def test_taking_in_again_counts_once(store: Store) -> None:
    add(store)
    add(store)
    found, right = both(store)
    assert found == right


def test_what_ended_counts_in_the_quarter_of_an_hour_in_which_it_did(store: Store) -> None:
    start = AT.replace(minute=15, second=0, microsecond=0)
    for number, at in enumerate((start - timedelta(microseconds=1), start, start + QUARTER)):
        contact = in_state(store, State.ACCEPTED, str(number))
        move(store, contact, State.ACCEPTED, State.ENDED, ended_at=at, at=at + DAY)
    ended = ("queue", "Loans", "ended")
    asked = [(start, 2), (start + QUARTER, 1), (start + 2 * QUARTER, 0), (start - QUARTER, 3)]
    assert [store.perform(kept, since).get(ended, 0) for since, _ in asked] == [n for _, n in asked]


def test_readers_sum_what_several_processes_have_written(store: Store) -> None:
    add(store)
    key = Key(0, figures.QUEUE, "Loans", figures.WAITING)
    store.perform(figures.write, [(key, 4)], "workitem")
    assert Kept("queue", "Loans", "waiting", 5) in store.perform(figures.kept, AT)


def test_a_process_may_take_away_what_another_has_brought(store: Store) -> None:
    contact = add(store).contact_id
    store._database.writer = "another"
    move(store, contact, State.QUEUED, State.BOOKED)
    found, right = both(store)
    assert found == right


async def test_figures_are_written_once_for_all_jobs_that_share_a_commit(
    running: Store, seam: Watched
) -> None:
    async def statements(*ids: str) -> int:
        seen: list[Kind] = []
        seam.before = seen.append
        before = running.groups
        await asyncio.gather(*(running.run(contacts.add, new(each)) for each in ids))
        assert running.groups == before + 1
        return seen.count("statement")

    one = await statements("a")
    one_more = await statements("b", "c") - one
    twenty = await statements(*(str(number) for number in range(20)))
    assert twenty == one + 19 * one_more
    assert one_more < one, "what they share is written once"


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4])
def test_every_figure_is_written_however_many_there_are(
    store: Store, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(figures, "AT_A_TIME", 2)
    keys = [Key(0, figures.QUEUE, str(each), figures.WAITING) for each in range(number)]
    for _ in range(2):
        store.perform(figures.write, [(key, 3) for key in keys], "core")
    found = store.perform(figures.kept, AT)
    assert sorted(found) == [Kept("queue", key.name, "waiting", 6) for key in keys]


async def test_a_job_that_is_undone_changes_no_figure(running: Store) -> None:
    def move_and_fail() -> None:
        contacts.add(new("2"))
        raise LookupError("a bug of ours")

    calls = [running.run(contacts.add, new("1")), running.run(move_and_fail)]
    calls.append(running.run(contacts.add, new("3")))
    await asyncio.gather(*calls, return_exceptions=True)
    assert (await running.run(kept))["queue", "Loans", "waiting"] == 2


# What was done (RE-2)

MINUTE = timedelta(minutes=1)
SECONDS = 1_000_000  # in microseconds


def done(store: Store, *place: str) -> dict[str, int]:
    """What was done at a place, all the time."""
    found = store.perform(kept_done)
    return {figure: value for (*where, figure), value in found.items() if tuple(where) == place}


def test_every_entry_into_a_place_is_received_there(store: Store) -> None:
    contact = add(store).contact_id
    store.perform(contacts.move_on, contact, "Loans", EVERYONE, AT)
    store.perform(contacts.move_waiting, contact, PERSONAL, AT, "sven")
    move(store, contact, State.QUEUED, State.BOOKED)
    move(store, contact, State.BOOKED, State.ACCEPTED)
    move(store, contact, State.ACCEPTED, State.QUEUED, queue="Loans", personal="")
    add(store, "2", BUFFERED)
    store.perform(contacts.release, "loans", 1, lambda _: ("", LOANS), AT)
    assert done(store, "queue", "Loans")["received"] == 3
    assert done(store, "queue", "Everyone")["received"] == 1
    assert done(store, "personal", "bo")["received"] == 1


def test_what_was_never_elsewhere_is_not_received_again(store: Store) -> None:
    contact = in_state(store, State.BOOKED)
    move(store, contact, State.BOOKED, State.QUEUED)
    store.perform(contacts.move_on, contact, "Loans", LOANS, AT)
    assert done(store, "queue", "Loans") == {"received": 1}


def test_what_is_buffered_is_received_nowhere(store: Store) -> None:
    add(store, "1", BUFFERED)
    assert store.perform(kept_done) == {}


def test_the_first_accept_establishes(store: Store) -> None:
    in_state(store, State.ACCEPTED)
    assert done(store, "queue", "Loans") == {"received": 1, "established": 1}


def test_so_does_a_pick(store: Store) -> None:
    contact = add(store).contact_id
    move(store, contact, State.QUEUED, State.ACCEPTED)
    assert done(store, "queue", "Loans") == {"received": 1, "established": 1}


@pytest.mark.parametrize(
    ("task_type", "figure"), [("Loan application", "reestablished"), ("Cards", "established")]
)
def test_an_accept_after_a_requeue_is_told_apart_by_the_task_type(
    store: Store, task_type: str, figure: str
) -> None:
    contact = in_state(store, State.ACCEPTED)
    move(store, contact, State.ACCEPTED, State.QUEUED, queue="Everyone", task_type=task_type)
    move(store, contact, State.QUEUED, State.ACCEPTED)
    assert done(store, "queue", "Everyone") == {"received": 1, figure: 1}


def test_resuming_accepts_nothing(store: Store) -> None:
    contact = in_state(store, State.PARKED)
    before = store.perform(kept_done)
    move(store, contact, State.PARKED, State.ACCEPTED, at=LATER)
    assert store.perform(kept_done) == before


def test_queue_time_is_from_the_first_queue_and_dwell_from_the_last_entry(store: Store) -> None:
    contact = add(store).contact_id
    store.perform(contacts.move_on, contact, "Loans", EVERYONE, AT + 2 * MINUTE)
    move(store, contact, State.QUEUED, State.ACCEPTED, at=AT + 3 * MINUTE)
    found = done(store, "queue", "Everyone")
    assert (found["queue time"], found["dwell"]) == (180 * SECONDS, 60 * SECONDS)
    assert done(store, "queue", "Loans") == {"received": 1}


@pytest.mark.parametrize(
    ("minutes", "levels"), [(1, {"level 1", "level 2"}), (2, {"level 2"}), (4, set())]
)
def test_a_service_level_counts_what_is_accepted_within_it(
    store: Store, minutes: int, levels: set[str]
) -> None:
    contact = add(store).contact_id
    at = AT + minutes * MINUTE
    move(store, contact, State.QUEUED, State.ACCEPTED, at=at, levels=(60.0, 180.0))
    assert done(store, "queue", "Loans").keys() & {"level 1", "level 2"} == levels


def test_a_place_without_a_service_level_counts_none(store: Store) -> None:
    contact = add(store).contact_id
    move(store, contact, State.QUEUED, State.ACCEPTED, levels=(None, 60.0))
    assert done(store, "queue", "Loans").keys() & {"level 1", "level 2"} == {"level 2"}


def test_handling_is_from_accept_to_end_without_what_was_parked(store: Store) -> None:
    contact = in_state(store, State.ACCEPTED)
    way = [State.PARKED, State.ACCEPTED, State.ENDED]
    before = State.ACCEPTED
    for to, minutes in zip(way, (1, 10, 13), strict=True):
        move(store, contact, before, to, at=AT + minutes * MINUTE)
        before = to
    assert done(store, "queue", "Loans")["handling"] == 4 * 60 * SECONDS


def test_handling_goes_on_at_the_next_agent(store: Store) -> None:
    contact = in_state(store, State.ACCEPTED)
    move(store, contact, State.ACCEPTED, State.QUEUED, at=AT + MINUTE, queue="Everyone")
    move(store, contact, State.QUEUED, State.ACCEPTED, at=AT + 5 * MINUTE)
    move(store, contact, State.ACCEPTED, State.ENDED, at=AT + 7 * MINUTE)
    assert done(store, "queue", "Everyone")["handling"] == 3 * 60 * SECONDS
    assert "handling" not in done(store, "queue", "Loans")


def test_a_clock_that_is_set_back_makes_no_time_negative(store: Store) -> None:
    contact = in_state(store, State.QUEUED)
    move(store, contact, State.QUEUED, State.ACCEPTED, at=AT - MINUTE)
    move(store, contact, State.ACCEPTED, State.ENDED, at=AT - 2 * MINUTE)
    assert done(store, "queue", "Loans") == {"received": 1, "established": 1}


def test_what_is_closed_is_ended_and_handled_by_nobody(store: Store) -> None:
    contact = add(store).contact_id
    store.perform(contacts.close, contact, LATER, "sven", "Sent twice.")
    assert done(store, "queue", "Loans") == {"received": 1, "closed": 1}
    assert both(store)[0] == {("queue", "Loans", "ended"): 1}


# How fast (RO-3)


def handled(store: Store, external_id: str, seconds: int, ended_at: datetime, queue: str) -> None:
    """A contact that was in hand for so long, and ended then."""
    contact = add(store, external_id, Placement(queue)).contact_id
    at = ended_at - timedelta(seconds=seconds)
    move(store, contact, State.QUEUED, State.ACCEPTED, at=at)
    move(store, contact, State.ACCEPTED, State.ENDED, at=ended_at, ended_at=ended_at)


def test_pace_is_handling_by_contact_over_the_last_four_whole_quarters(store: Store) -> None:
    now = AT.replace(minute=20)  # so these are from 8:15 to 9:15
    start, end = AT.replace(hour=8, minute=15, second=0, microsecond=0), now.replace(minute=15)
    end = end.replace(second=0, microsecond=0)
    instant = timedelta(microseconds=1)
    handled(store, "too early", 7, start - instant, "Loans")
    handled(store, "first", 30, start, "Loans")
    handled(store, "last", 90, end - instant, "Loans")
    handled(store, "too late", 7, end, "Loans")
    handled(store, "other", 5, start, "Cards")
    handled(store, "long ago", 5, start - DAY, "Old")
    assert store.perform(figures.pace, now) == {"Loans": 60.0, "Cards": 5.0}


def test_what_was_closed_or_is_personal_has_no_part_in_the_pace(store: Store) -> None:
    at = AT - QUARTER
    handled(store, "1", 30, at, "Loans")
    closed = [add(store, "2").contact_id, add(store, "3", Placement("Cards")).contact_id]
    for contact in closed:
        store.perform(contacts.close, contact, at, "sven", "Sent twice.")
    personal = add(store, "4", PERSONAL).contact_id
    move(store, personal, State.QUEUED, State.ACCEPTED, at=at - MINUTE)
    move(store, personal, State.ACCEPTED, State.ENDED, at=at, ended_at=at)
    assert store.perform(figures.pace, AT) == {"Loans": 30.0}


# Whatever happens

LEVELS = (900.0, 3600.0)


class Clerk:
    """Does things at random; what is not possible is refused, and changes nothing."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._at = AT

    def job(self) -> None:
        """Do one thing."""
        self._at += timedelta(seconds=self._chance.randrange(120))
        action = self._chance.choice(
            [*[self._take_in] * 3, *[self._move] * 8, self._release, self._move_on, self._supervise]
        )
        action()
        if self._chance.random() < 0.1:
            raise LookupError("a bug of ours, at the end of a job")

    def _take_in(self) -> None:
        placement = self._chance.choice([BUFFERED, LOANS, EVERYONE, PERSONAL])
        contacts.add(
            new(
                str(self._chance.randrange(40)),
                placement,
                entrance=self._chance.choice(["loans", "cards"]),
                digest=self._chance.choice("de") * 64,
                received_at=self._at,
            )
        )

    def _move(self) -> None:
        contact, before = self._any()
        to = self._chance.choice(sorted(MOVES[before]) or [State.QUEUED])
        more: dict[str, object] = changes(before, to)
        if to is State.ENDED:
            more = {"ended_at": self._at}
        elif to is State.QUEUED and before is State.ACCEPTED and self._chance.random() < 0.7:
            more = self._chance.choice(
                [{"queue": "Cards", "personal": ""}, {"queue": "", "personal": "anna"}]
            )
        contacts.move(contact, before, to, "moved", self._at, levels=LEVELS, **more)

    def _release(self) -> None:
        placement = self._chance.choice([LOANS, BUFFERED, PERSONAL])
        contacts.release("loans", 3, lambda data: ("Loan application", placement), self._at)

    def _move_on(self) -> None:
        contact, _ = self._any()
        contacts.move_on(contact, self._chance.choice(["Loans", "", "Cards"]), EVERYONE, self._at)

    def _supervise(self) -> None:
        contact, _ = self._any()
        match self._chance.randrange(3):
            case 0:
                placement = self._chance.choice([LOANS, EVERYONE, PERSONAL])
                contacts.move_waiting(contact, placement, self._at, "sven")
            case 1:
                contacts.prioritise(contact, self._chance.random() < 0.7, self._at, "sven")
            case _:
                contacts.close(contact, self._at, "sven", "Sent twice.")

    def _any(self) -> tuple[int, State]:
        """Some contact and its state, or one it might have been seen in."""
        rows = list(contacts.listing(list(State)))
        if not rows:
            raise Refused("none", "nothing is there yet")
        row = self._chance.choice(rows)
        seen = row.state if self._chance.random() < 0.9 else self._chance.choice(list(State))
        return row.id, seen


def _breaks(chance: random.Random) -> tuple[Callable[[Kind], None], Callable[[Kind], None]]:
    """Hooks that let a group fail: at a statement, before its commit, or just after it."""
    left = chance.randrange(1, 60)
    where = chance.choice(["statement", "before", "after"])

    def fail(kind: Kind) -> None:
        nonlocal left
        left -= kind == "statement"
        if kind == "commit" or (where == "statement" and left == 0):
            raise peewee.OperationalError("disk I/O error")

    return (_pass, fail) if where == "after" else (fail, _pass)


def _pass(kind: Kind) -> None:
    pass


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_what_is_kept_equals_a_count(
    running: Store, seam: Watched, expect_log: ExpectLog, seed: int
) -> None:
    expect_log("the database cannot be used now")
    chance, clerk = random.Random(seed), Clerk(seed)
    outcomes: Counter[str] = Counter()
    for _ in range(40):
        failing = chance.random() < 0.2
        if failing:
            seam.before, seam.after = _breaks(chance)
        calls = [running.run(clerk.job) for _ in range(chance.randrange(1, 9))]
        for result in await asyncio.gather(*calls, return_exceptions=True):
            assert not isinstance(result, BaseException) or isinstance(result, EXPECTED), result
            outcomes[type(result).__name__] += 1
        seam.before = seam.after = _pass
        found, right = await running.run(lambda: (kept(), counted()))
        assert found == right
    found, right = await running.run(lambda: (kept_done(), counted_done(LEVELS)))
    assert found == right
    assert {figure for *_, figure in found} >= set(DONE) - {figures.REESTABLISHED}  # it is rare
    assert outcomes.keys() >= {"NoneType", "IllegalMove", "LookupError", "Unavailable"}


EXPECTED = (IllegalMove, Refused, LookupError, Unavailable, peewee.IntegrityError)


# From before there were figures


@pytest.fixture
def only_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The schema of before the figures; call it to have today's."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    today = engine.MIGRATIONS
    (folder / "0001_spine.py").write_bytes((today / "0001_spine.py").read_bytes())
    monkeypatch.setattr(engine, "MIGRATIONS", folder)
    return lambda: monkeypatch.setattr(engine, "MIGRATIONS", today)


OLD = [
    ("buffered", "", "", None, None, None),
    ("queued", "Loans", "", 1, None, None),
    ("queued", "Loans", "", 2, None, None),
    ("queued", "", "bo", 3, None, None),
    ("booked", "Loans", "", 4, "anna", None),
    ("accepted", "Everyone", "", 5, "bo", None),
    ("parked", "", "bo", 6, "bo", None),
    ("ended", "Loans", "", 7, "anna", AT),
    ("ended", "Loans", "", 8, "anna", AT + QUARTER),
    ("ended", "", "bo", 9, "bo", AT - 2 * DAY),
]


def _insert(rows: Sequence[tuple[str, str, str, int | None, str | None, datetime | None]]) -> None:
    at = to_stored(AT)
    for number, (state, queue, personal, place, agent, ended_at) in enumerate(rows):
        values = (
            *("loans", str(number), "d", "loans", state, "queued", "", queue, 0, personal, place),
            *(5, agent, "", "", "{}", "", "", at, at if place else None),
            None if ended_at is None else to_stored(ended_at),
        )
        database.execute_sql(
            "INSERT INTO contact (account, external_id, digest, entrance, state, received_as,"
            " task_type, queue, destination, personal, place, prio, agent, subject, body, data,"
            f" note, note_by, received_at, first_queued_at, ended_at)"
            f" VALUES ({', '.join([database.param] * len(values))})",
            values,
        )


def test_figures_begin_with_the_contacts_that_are_there(
    only_the_first: Callable[[], None], make_store: Callable[[], Store]
) -> None:
    old = make_store()
    old.open()
    old.perform(_insert, OLD)
    old.close()
    only_the_first()
    store = make_store()
    store.open()
    for since in (AT - DAY, AT - 3 * DAY, AT.replace(minute=15, second=0, microsecond=0)):
        assert store.perform(kept, since) == store.perform(counted, since)


def test_figures_are_there_again_after_a_restart(
    store: Store, make_store: Callable[[], Store]
) -> None:
    in_state(store, State.PARKED)
    before = both(store)
    store.close()
    store = make_store()
    store.open()
    assert both(store) == before
