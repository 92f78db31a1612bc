"""The audit: appended to, and it shows when somebody changed it (G-8, T10)."""

import pytest

from ace_server.store import Store, audit
from ace_server.store.audit import AuditRow
from ace_server.store.models import database
from tests.store.making import AT, LATER


@pytest.fixture
def audited(store: Store) -> Store:
    """A store with five lines in its audit, numbered from 1."""
    for number in range(1, 6):
        store.perform(audit.record, AT, "anna", "log in", f"object {number}", detail="from home")
    return store


def _sql(store: Store, text: str) -> None:
    def job() -> None:
        database.execute_sql(text)

    store.perform(job)


def test_a_line_is_read_back_as_it_was_recorded(store: Store) -> None:
    store.perform(audit.record, AT, "anna", "log in")
    store.perform(audit.record, LATER, "root", "configure", "user", result="refused", detail="x\ny")
    assert store.perform(audit.rows) == [
        AuditRow(AT, "anna", "log in", "", "done", ""),
        AuditRow(LATER, "root", "configure", "user", "refused", "x\ny"),
    ]


def test_nothing_is_broken_in_an_empty_audit(store: Store) -> None:
    assert store.perform(audit.first_broken) is None


def test_nothing_is_broken_in_an_audit_that_was_only_appended_to(audited: Store) -> None:
    assert audited.perform(audit.first_broken) is None


@pytest.mark.parametrize(
    "change",
    [
        "at = at + 1",
        "actor = 'bengt'",
        "action = 'log out'",
        "object = 'another'",
        "result = 'refused'",
        "detail = ''",
        "chain = (SELECT chain FROM audit WHERE id = 2)",
    ],
)
@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_changed_line_is_found(audited: Store, number: int, change: str) -> None:
    _sql(audited, f"UPDATE audit SET {change} WHERE id = {number}")
    assert audited.perform(audit.first_broken) == number


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_removed_line_is_found_where_it_stood(audited: Store, number: int) -> None:
    _sql(audited, f"DELETE FROM audit WHERE id = {number}")
    assert audited.perform(audit.first_broken) == number + 1


def test_lines_that_changed_places_are_found(audited: Store) -> None:
    _sql(audited, "UPDATE audit SET id = 100 WHERE id = 2")
    _sql(audited, "UPDATE audit SET id = 2 WHERE id = 3")
    _sql(audited, "UPDATE audit SET id = 3 WHERE id = 100")
    assert audited.perform(audit.first_broken) == 2


@pytest.mark.parametrize("number", [0, 6])
def test_an_inserted_line_is_found(audited: Store, number: int) -> None:
    _sql(
        audited,
        "INSERT INTO audit (id, at, actor, action, object, result, detail, chain)"
        f" SELECT {number}, at, actor, action, object, result, detail, chain FROM audit"
        " WHERE id = 3",
    )
    assert audited.perform(audit.first_broken) == number


def test_lines_cut_off_the_end_are_found(audited: Store) -> None:
    _sql(audited, "DELETE FROM audit WHERE id > 3")
    assert audited.perform(audit.first_broken) == 4


def test_lines_cut_off_the_end_are_found_when_others_took_their_place(audited: Store) -> None:
    _sql(audited, "DELETE FROM audit WHERE id > 3")
    audited.perform(audit.record, LATER, "anna", "log out")
    assert audited.perform(audit.first_broken) is not None


def test_a_line_of_a_job_that_failed_is_not_there_and_leaves_no_gap(audited: Store) -> None:
    def job() -> None:
        audit.record(AT, "anna", "log in")
        raise LookupError

    with pytest.raises(LookupError):
        audited.perform(job)
    audited.perform(audit.record, LATER, "anna", "log out")
    assert len(audited.perform(audit.rows)) == 6
    assert audited.perform(audit.first_broken) is None
