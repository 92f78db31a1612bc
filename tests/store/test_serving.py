"""What each agent has chosen to serve, kept over a restart."""

from collections.abc import Callable

from ace_server.store import Store, serving
from ace_server.store.serving import Serving
from tests.store.making import AT, LATER

ANNA = Serving("anna", "Evening", {"Loans": False, "Night": True})
BENGT = Serving("bengt", logged={"Loans": True})


def test_choices_are_read_back_as_they_were_saved(store: Store) -> None:
    store.perform(serving.save, BENGT, AT)
    store.perform(serving.save, ANNA, AT)
    assert store.perform(serving.everyone) == [ANNA, BENGT]


def test_saving_again_leaves_nothing_of_what_was(store: Store) -> None:
    store.perform(serving.save, ANNA, AT)
    store.perform(serving.save, Serving("anna"), LATER)
    assert store.perform(serving.everyone) == [Serving("anna")]


def test_who_leaves_keeps_the_work_level_alone(store: Store) -> None:
    store.perform(serving.save, ANNA, AT)
    store.perform(serving.save, BENGT, AT)
    store.perform(serving.clear_logged, "anna")
    assert store.perform(serving.everyone) == [Serving("anna", "Evening"), BENGT]


def test_who_chose_nothing_may_leave(store: Store) -> None:
    store.perform(serving.clear_logged, "anna")
    assert store.perform(serving.everyone) == []


def test_choices_are_as_they_were_after_a_restart(
    store: Store, make_store: Callable[[], Store]
) -> None:
    store.perform(serving.save, ANNA, AT)
    store.close()
    store = make_store()
    store.open()
    assert store.perform(serving.everyone) == [ANNA]
