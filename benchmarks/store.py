"""`store`: contacts added through the store in groups, beside the same rows by plain sqlite3.

The plain side has the same schema, settings and groups, and its rows are ready before the clock
starts: a place from the counter, the contact, its history; a statement each, as the store's job
comes down to, and with `executemany`.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec

from ace_server.contact import State, prio
from ace_server.store import Store, contacts
from ace_server.store.contacts import NewContact
from ace_server.store.lanes import GROUP
from ace_server.store.models import to_stored
from ace_server.store.sqlite import FILE_NAME, SETTINGS
from benchmarks import bank
from benchmarks.measuring import Comparison, Goal, Plan, Result, in_turn

GOAL = Goal(least=0.5)

OURS = "added through the store"
PLAIN = "plain sqlite3, a statement each"
MANY = "plain sqlite3, executemany"

PLACE = "UPDATE counter SET value = value + ? WHERE name = 'place' RETURNING value"
CONTACT = """
INSERT INTO contact (account, external_id, digest, entrance, state, received_as, task_type, queue,
    destination, personal, prio, subject, body, data, note, note_by, received_at, first_queued_at,
    moves_on_at, area, entered_at, place, id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
HISTORY = """
INSERT INTO history (contact_id, at, verb, "by", "before", "after", queue, detail, fence, personal)
VALUES (?, ?, 'taken in', '', NULL, 'queued', ?, '', 0, '')
"""

Row = tuple[Any, ...]


def measure(plan: Plan) -> Result:
    """Run it."""
    number = plan.size(10_000, 400)
    folders = {label: plan.folder / str(at) for at, label in enumerate((OURS, PLAIN, MANY))}
    for folder in folders.values():
        bank.prepare(folder)
    groups: list[float] = []
    arriving = {label: _batches(number) for label in folders}

    def plainly(label: str, add: Callable[[sqlite3.Connection, list[Row]], None]) -> float:
        return _plainly(folders[label], next(arriving[label]), add)

    sides = in_turn(
        plan,
        {
            OURS: lambda: _through_store(folders[OURS], next(arriving[OURS]), groups),
            PLAIN: lambda: plainly(PLAIN, _one_by_one),
            MANY: lambda: plainly(MANY, _many),
        },
    )
    return Result(
        title=f"store: {number:,} contacts in groups of {GROUP}",
        unit="contacts per second",
        comparisons=[
            Comparison(sides[OURS], sides[PLAIN], GOAL),
            Comparison(sides[OURS], sides[MANY]),
        ],
        notes=[f"the store made groups of {sum(groups) / len(groups):.0f} on average"],
    )


def _batches(number: int) -> Iterator[list[NewContact]]:
    """So many contacts at a time, each with an id of its own."""
    first = 1
    while True:
        yield bank.contacts(first, number)
        first += number


def _through_store(data: Path, new: Sequence[NewContact], groups: list[float]) -> float:
    store = Store(data)
    store.open()
    try:
        took = asyncio.run(_all(store, new))
    finally:
        store.close()
    groups.append(store.jobs_done / store.groups)
    return len(new) / took


async def _all(store: Store, new: Sequence[NewContact]) -> float:
    """Add all of them; the seconds."""
    store.start()
    try:
        began_at = perf_counter()
        await asyncio.gather(*(store.run(contacts.add, one) for one in new))
        return perf_counter() - began_at
    finally:
        await store.stop()


def _plainly(
    data: Path, new: Sequence[NewContact], add: Callable[[sqlite3.Connection, list[Row]], None]
) -> float:
    rows = [_row(one) for one in new]
    connection = sqlite3.connect(data / FILE_NAME, isolation_level=None)
    for name, value in SETTINGS.items():
        connection.execute(f"PRAGMA {name} = {value}")
    began_at = perf_counter()
    for start in range(0, len(rows), GROUP):
        connection.execute("BEGIN IMMEDIATE")
        add(connection, rows[start : start + GROUP])
        connection.execute("COMMIT")
    took = perf_counter() - began_at
    connection.close()
    return len(new) / took


def _one_by_one(connection: sqlite3.Connection, rows: list[Row]) -> None:
    for row in rows:
        (place,) = connection.execute(PLACE, (1,)).fetchone()
        contact = connection.execute(CONTACT, (*row, place, None)).lastrowid
        connection.execute(HISTORY, (contact, row[-1], bank.QUEUE))


def _many(connection: sqlite3.Connection, rows: list[Row]) -> None:
    (last,) = connection.execute(PLACE, (len(rows),)).fetchone()
    (before,) = connection.execute("SELECT COALESCE(MAX(id), 0) FROM contact").fetchone()
    places = range(last - len(rows) + 1, last + 1)
    ids = range(before + 1, before + len(rows) + 1)
    numbered = list(zip(rows, places, ids, strict=True))
    connection.executemany(CONTACT, [(*row, place, id_) for row, place, id_ in numbered])
    connection.executemany(HISTORY, [(id_, row[-1], bank.QUEUE) for row, _, id_ in numbered])


def _row(new: NewContact) -> Row:
    """The columns of CONTACT, up to the place."""
    at = to_stored(new.received_at)
    return (
        *(new.account, new.external_id, new.digest, new.entrance),
        *(State.QUEUED.value, State.QUEUED.value, new.task_type, new.placement.queue, 0, ""),
        *(prio(new.data), new.subject, new.body, msgspec.json.encode(new.data).decode()),
        *("", "", at, at, None, "", at),
    )
