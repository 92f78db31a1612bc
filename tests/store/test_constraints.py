"""What the database refuses whoever asks it: rows that contradict the states (raw SQL here)."""

import pytest
from peewee import IntegrityError

from ace_server.contact import IN_HAND, State
from ace_server.store import Store
from ace_server.store.models import database
from tests.store.making import RECORDING, add, in_state

NEVER = [
    *((state, "agent = NULL") for state in IN_HAND),
    (State.BUFFERED, "agent = 'anna'"),
    (State.QUEUED, "agent = 'anna'"),
    *((state, "place = NULL") for state in State if state is not State.BUFFERED),
    (State.BUFFERED, "place = 7"),
    (State.BUFFERED, "place = 7, first_queued_at = 7"),
    *((state, "first_queued_at = NULL") for state in State if state is not State.BUFFERED),
    (State.BUFFERED, "first_queued_at = 7"),
    (State.QUEUED, "queue = ''"),
    (State.QUEUED, "personal = 'anna'"),
    (State.ENDED, "ended_at = NULL"),
    *((state, "ended_at = 7") for state in State if state is not State.ENDED),
    *((state, "prio = 10") for state in State),
    *((state, "prio = -1") for state in State),
    *((state, "received_as = 'booked'") for state in State),
]


@pytest.mark.parametrize(("state", "change"), NEVER)
def test_such_a_row_is_refused(store: Store, state: State, change: str) -> None:
    contact = in_state(store, state)

    def update() -> None:
        database.execute_sql(f"UPDATE contact SET {change} WHERE id = {contact}")

    with pytest.raises(IntegrityError):
        store.perform(update)


def test_a_contact_may_wait_for_one_agent_alone(store: Store) -> None:
    contact = in_state(store, State.QUEUED)

    def update() -> None:
        database.execute_sql(
            f"UPDATE contact SET queue = '', personal = 'anna' WHERE id = {contact}"
        )

    store.perform(update)


def test_no_account_has_one_id_twice(store: Store) -> None:
    add(store)

    def copy() -> None:
        columns = (
            "account, external_id, digest, entrance, state, received_as, task_type, queue,"
            " destination, personal, place, prio, subject, body, data, note, note_by, received_at,"
            " first_queued_at"
        )
        database.execute_sql(f"INSERT INTO contact ({columns}) SELECT {columns} FROM contact")

    with pytest.raises(IntegrityError):
        store.perform(copy)


@pytest.mark.parametrize("table", ["attachment", "history"])
def test_nothing_belongs_to_a_contact_that_does_not_exist(store: Store, table: str) -> None:
    rows = {
        "attachment": "(contact_id, position, name, media_type, size, digest)"
        " VALUES (4711, 0, 'a', 'b', 1, 'c')",
        "history": """(contact_id, at, verb, "by", queue, detail)
        VALUES (4711, 7, 'a', '', '', '')""",
    }

    def insert() -> None:
        database.execute_sql(f"INSERT INTO {table} {rows[table]}")

    with pytest.raises(IntegrityError):
        store.perform(insert)


def test_a_contact_with_attachments_is_not_deleted_from_under_them(store: Store) -> None:
    contact = add(store, attachments=[RECORDING]).contact_id

    def delete() -> None:
        database.execute_sql(f"DELETE FROM contact WHERE id = {contact}")

    with pytest.raises(IntegrityError):
        store.perform(delete)
