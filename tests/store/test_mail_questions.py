"""What is asked of mail all the time reads no whole table, however many mails there are."""

from collections.abc import Callable
from functools import partial

import pytest

from ace_server.store import Store, disposals, drafts, ledger, outgoing
from ace_server.store.models import database
from tests.store.mailing import ACCOUNT, INBOX, OTHER, found, note, put_out, row, settled
from tests.store.making import AT, add

OF_A_FILE = pytest.mark.parametrize("engine", ["sqlite"])
"""SQLite decides without looking at the rows: what holds of an empty table holds of a full one."""


def plans(store: Store, job: Callable[[], object]) -> list[str]:
    """How SQLite comes by what a job asks and changes."""
    connection = store._database.connection()
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    store.perform(job)
    connection.set_trace_callback(None)

    def explain() -> list[str]:
        asked = [one for one in statements if one.startswith(("SELECT", "UPDATE", "DELETE"))]
        assert asked, "it asks for nothing"
        found = [connection.execute(f"EXPLAIN QUERY PLAN {one}").fetchall() for one in asked]
        return [step for steps in found for *_, step in steps]

    return store.perform(explain)


@OF_A_FILE
def test_no_question_reads_a_whole_table(store: Store) -> None:
    contact = add(store).contact_id
    one, two = note(store, found("1"), found("2"))
    settled(store, one, contact=contact, message_id="<1@x>")
    put_out(store, contact=contact)
    mail = row(store, two)
    both = [ACCOUNT, OTHER]
    questions: list[Callable[[], object]] = [
        partial(ledger.pending, both, 0, 50),
        partial(ledger.waiting, both),
        partial(ledger.unknown, INBOX, ["1", "2"]),
        partial(disposals.due, INBOX, 500),
        partial(ledger.copied, [mail.digest, "0" * 64]),
        partial(ledger.twin, mail),
        partial(ledger.followed, ACCOUNT, ["<0@x>", "<1@x>"]),
        partial(ledger.of_contact, contact),
        ledger.quarantined,
        ledger.quarantined_by_account,
        partial(ledger.begin, [two]),
        partial(outgoing.known, ["<0@x>", "<1@x>"]),
        partial(outgoing.next_due, both),
        partial(outgoing.claim, both, "north", AT, 20),
        partial(outgoing.recover, "north", AT),
        partial(outgoing.of_contact, contact),
        outgoing.troubled,
        partial(outgoing.answers, AT),
        partial(outgoing.answers, AT, account=ACCOUNT, correspondent="maria@customer.example"),
        partial(outgoing.knows_domain, "customer.example"),
        partial(drafts.of, "anna"),
        *(  # when a contact is erased
            partial(database.execute_sql, f"SELECT 1 FROM {table} WHERE contact_id = {contact}")
            for table in ("mail", "outgoing", "draft")
        ),
    ]
    for question in questions:
        steps = plans(store, question)
        scans = [step for step in steps if step.startswith("SCAN")]
        assert not scans, f"{question} reads a whole table: {scans}"


@OF_A_FILE
def test_what_is_to_be_disposed_of_has_an_index_of_its_own(store: Store) -> None:
    steps = plans(store, partial(disposals.due, INBOX, 500, 7))
    assert len(steps) == 1 and "USING INDEX mail_due" in steps[0], "no sorting, no passing over"


@OF_A_FILE
def test_the_mails_of_a_folder_are_counted_only_when_it_is_another(store: Store) -> None:
    note(store, found("1"))
    steps = plans(store, partial(ledger.note, INBOX, [], AT))
    assert len(steps) == 1 and "mail_folder" in steps[0]
