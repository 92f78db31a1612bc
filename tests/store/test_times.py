"""Times: aware in, aware UTC out, the same number on every engine."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from ace_server.contact import AgentState
from ace_server.store import Store, desks
from ace_server.store.desks import DeskRow
from ace_server.store.models import from_stored, to_stored
from tests.store.making import AT, add, row

TIMES = [
    AT,
    AT.replace(microsecond=999_999),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    AT.astimezone(timezone(timedelta(hours=-9, minutes=-30))),
    datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Stockholm")),
]


@pytest.mark.parametrize("at", TIMES, ids=str)
def test_a_time_in_any_zone_comes_back_as_the_same_moment_in_utc(
    store: Store, at: datetime
) -> None:
    store.perform(desks.save, DeskRow("anna", AgentState.PAUSED, at, until=at))
    (found,) = store.perform(desks.everyone)
    assert found.since == found.until == at.astimezone(UTC)  # see PEP 495 on the hour twice
    assert found.since.tzinfo is UTC


def test_the_repeated_hour_of_autumn_is_two_different_hours(store: Store) -> None:
    zone = ZoneInfo("Europe/Stockholm")
    first, second = (datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=zone) for fold in (0, 1))
    one, other = add(store, "1", received_at=first), add(store, "2", received_at=second)
    apart = row(store, other.contact_id).received_at - row(store, one.contact_id).received_at
    assert apart == timedelta(hours=1)


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        add(store, received_at=datetime(2026, 11, 20, 9, 14))


def test_a_column_refuses_a_time_without_a_zone(store: Store) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        store.perform(desks.save, DeskRow("anna", AgentState.PAUSED, datetime(2026, 11, 20)))


@pytest.mark.parametrize("at", TIMES, ids=str)
def test_what_is_stored_by_hand_is_what_the_column_stores(at: datetime) -> None:
    assert from_stored(to_stored(at)) == at.astimezone(UTC)
