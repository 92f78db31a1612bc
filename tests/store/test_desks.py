"""What each agent is doing, kept over a restart."""

from collections.abc import Callable
from datetime import timedelta

from msgspec.structs import replace

from ace_server.contact import AgentState
from ace_server.store import Store, desks
from ace_server.store.desks import DeskRow
from tests.store.making import AT, LATER

ANNA = DeskRow(
    "anna",
    AgentState.WRAP_UP,
    AT,
    until=AT + timedelta(seconds=30),
    activity="Lunch",
    pause_wanted=True,
    wanted_activity="Training",
    wrap_up_contact=7,
)
BENGT = DeskRow("bengt", AgentState.READY, AT)


def test_a_desk_is_read_back_as_it_was_saved(store: Store) -> None:
    store.perform(desks.save, ANNA)
    assert store.perform(desks.everyone) == [ANNA]


def test_saving_again_leaves_nothing_of_what_was(store: Store) -> None:
    store.perform(desks.save, ANNA)
    store.perform(desks.save, replace(BENGT, login="anna"))
    assert store.perform(desks.everyone) == [replace(BENGT, login="anna")]


def test_one_desk_does_not_touch_another(store: Store) -> None:
    store.perform(desks.save, BENGT)
    store.perform(desks.save, ANNA)
    store.perform(desks.save, replace(ANNA, since=LATER))
    assert store.perform(desks.everyone) == [replace(ANNA, since=LATER), BENGT]


def test_desks_are_as_they_were_after_a_restart(
    store: Store, make_store: Callable[[], Store]
) -> None:
    store.perform(desks.save, ANNA)
    store.close()
    store = make_store()
    store.open()
    assert store.perform(desks.everyone) == [ANNA]
