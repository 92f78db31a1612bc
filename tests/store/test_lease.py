"""The lease of an area: taken as it was seen, beating, and demanded by everything done under it."""

from collections.abc import Callable

import pytest

from ace_server import recovery
from ace_server.contact import State
from ace_server.errors import Unavailable
from ace_server.store import Fenced, Store, contacts, history, lease
from ace_server.store.lease import LeaseRow
from tests.store.making import AT, add, new, row


def _seen(store: Store) -> LeaseRow | None:
    return store.perform(lease.look)


def _leads(store: Store, node: str = "north") -> int:
    fence = store.perform(lease.take, node, _seen(store))
    assert fence is not None
    store.lead(fence)
    return fence


def test_nobody_holds_it_at_first(store: Store) -> None:
    assert _seen(store) is None
    assert store.perform(lease.take, "north", None) == 1
    assert _seen(store) == LeaseRow("north", fence=1, beat=0)


def test_of_two_who_saw_it_free_one_takes_it(store: Store) -> None:
    assert store.perform(lease.take, "north", None) == 1
    assert store.perform(lease.take, "south", None) is None
    assert _seen(store) == LeaseRow("north", fence=1, beat=0)


def test_who_saw_it_before_it_beat_does_not_take_it(store: Store) -> None:
    _leads(store)
    seen = _seen(store)
    store.perform(lease.beat)
    assert store.perform(lease.take, "south", seen) is None
    assert store.perform(lease.take, "south", _seen(store)) == 2


@pytest.mark.parametrize("reads", [lambda: recovery.after_restart(AT), recovery.read_and_write])
def test_who_has_read_everything_is_at_work_however_long_it_took(
    store: Store, reads: Callable[[], object]
) -> None:
    _leads(store)
    seen = _seen(store)
    store.perform(reads)
    assert store.perform(lease.take, "south", seen) is None


def test_who_gives_it_up_leaves_it_to_anybody(store: Store) -> None:
    _leads(store)
    store.perform(lease.give_up)
    assert _seen(store) == LeaseRow("", fence=1, beat=0)


async def test_who_does_not_lead_any_more_changes_nothing(running: Store) -> None:
    fenced: list[bool] = []
    running.on_fenced = lambda: fenced.append(True)
    running.lead(await running.run(lease.take, "north", None) or 0)
    contact = (await running.run(contacts.add, new())).contact_id
    seen = await running.run(lease.look)
    assert await running.run(lease.take, "south", seen) == 2  # as from another process
    calls = [
        running.run(contacts.add, new("2")),
        running.run(contacts.move, contact, State.QUEUED, State.BOOKED, "booked", AT, agent="anna"),
        running.run(lease.beat),
    ]
    for call in calls:
        with pytest.raises(Fenced):
            await call
    assert fenced
    running.lead(0)
    assert [one.state for one in await running.run(contacts.still_open)] == [State.QUEUED]
    assert await running.run(lease.look) == LeaseRow("south", fence=2, beat=0)


def test_what_is_fenced_is_unavailable_to_who_asked(store: Store) -> None:
    _leads(store)
    store.lead(7)
    with pytest.raises(Unavailable):
        add(store)


def test_the_history_says_under_which_number_it_was_done(
    store: Store, make_store: Callable[[], Store]
) -> None:
    contact = add(store).contact_id
    for _ in range(2):
        _leads(store)
        store.perform(contacts.move_on, contact, row(store, contact).queue, new().placement, AT)
    assert [one.fence for one in store.perform(history.of, contact)] == [0, 1, 2]
