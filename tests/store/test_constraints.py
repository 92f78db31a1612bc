"""What the database refuses whoever asks it: rows that contradict the states (raw SQL here)."""

import pytest
from peewee import IntegrityError

from ace_server.contact import IN_HAND, State
from ace_server.store import Store, drafts, mail_accounts
from ace_server.store.ledger import Outcome
from ace_server.store.mail_accounts import Fetching
from ace_server.store.models import database
from tests.store.mailing import file, found, note, put_out, row, sent, settled, share
from tests.store.making import AT, RECORDING, add, in_state

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


# Mail


def refused(store: Store, sql: str) -> None:
    """Fail unless the database refuses this statement."""

    def execute() -> None:
        database.execute_sql(sql)

    try:
        store.perform(execute)
    except IntegrityError:
        return
    pytest.fail(f"this was not refused: {sql}")


def copied(table: str, columns: str, **changes: str) -> str:
    """An INSERT that copies the first row of a table, but for some columns."""
    names = columns.split()
    listed = ", ".join(f'"{name}"' for name in names)
    values = ", ".join(changes.get(name, f'"{name}"') for name in names)
    return f'INSERT INTO "{table}" ({listed}) SELECT {values} FROM "{table}" LIMIT 1'


MAIL = (
    "account folder uidvalidity uid size fetched_at message_id digest is_oversized outcome reason"
    " attempts settled_at mailbox_number"
)


def test_no_mail_is_in_the_ledger_twice(store: Store) -> None:
    note(store, found("1"))
    refused(store, copied("mail", MAIL, digest="'other'"))
    for change in (
        {"account": "'a'"},
        {"folder": "'b'"},
        {"uidvalidity": "8"},
        {"uid": "'2'"},
        {"mailbox_number": "1"},
    ):
        store.perform(database.execute_sql, copied("mail", MAIL, **change))


def test_a_mail_is_settled_exactly_when_it_is_not_pending(store: Store) -> None:
    contact = add(store).contact_id
    for number, outcome in enumerate(Outcome):
        (mail,) = note(store, found(str(number)))
        if outcome is not Outcome.PENDING:
            settled(store, mail, outcome)
        wrong = "7" if outcome is Outcome.PENDING else "NULL"
        refused(store, f"UPDATE mail SET settled_at = {wrong} WHERE id = {mail}")
        refused(store, f"UPDATE mail SET outcome = 'lost' WHERE id = {mail}")
        if outcome is not Outcome.CONTACT:
            refused(store, f"UPDATE mail SET contact_id = {contact} WHERE id = {mail}")
        refused(store, f"UPDATE mail SET contact_id = 4711 WHERE id = {mail}")


OUTGOING_NEVER = (
    "state = 'lost'",
    "settled_at = 7",
    "state = 'sending'",
    "state = 'sending', holder = 'north', settled_at = 7",
    "holder = 'north'",
    "state = 'handed over'",
    "state = 'refused'",
    "state = 'unknown'",
    "state = 'withdrawn'",
    "state = 'unknown', holder = 'north', settled_at = 7",
    "recipients = '[]'",
    "contact_id = 4711",
)


def test_such_a_row_of_the_outbox_is_refused(store: Store) -> None:
    number = put_out(store)
    for change in OUTGOING_NEVER:
        refused(store, f"UPDATE outgoing SET {change} WHERE id = {number}")


def test_nothing_goes_with_a_draft_that_does_not_exist_or_twice_in_one_place(store: Store) -> None:
    number = store.perform(drafts.add, "anna", "new", None, "{}", AT)
    share(store, [file().digest])
    store.perform(drafts.attach, number, "anna", [file()])
    columns = "draft_id position name media_type size digest"
    refused(store, copied("draft_file", columns))
    refused(store, copied("draft_file", columns, draft_id="4711"))
    refused(store, "UPDATE draft SET contact_id = 4711")


def test_a_contact_that_is_erased_leaves_its_mail_and_drafts_without_it(store: Store) -> None:
    contact = in_state(store, State.ENDED)
    (mail,) = note(store, found("1"))
    settled(store, mail, contact=contact)
    number = put_out(store, contact=contact)
    draft = store.perform(drafts.add, "anna", "reply", contact, "{}", AT)
    store.perform(lambda: database.execute_sql(f"DELETE FROM contact WHERE id = {contact}"))
    left = row(store, mail)
    assert (left.outcome, left.contact) == (Outcome.CONTACT, None)
    assert note(store, found("1")) == [], "it is still known"
    assert sent(store, number).contact is None
    assert store.perform(drafts.get, draft, "anna").contact is None


def test_a_folder_an_account_and_an_email_server_have_one_row(store: Store) -> None:
    note(store)
    store.perform(mail_accounts.tell, "loans", Fetching.IDLE, AT)
    store.perform(mail_accounts.beat, "north")
    refused(store, copied("mail_folder", "account folder uidvalidity last_uid on_server noted"))
    refused(store, copied("mail_account_state", "account server state since trouble"))
    refused(store, copied("email_server", "name beat"))
