"""What another process took in, as the core hears of it."""

import threading
from contextlib import closing
from pathlib import Path

from ace_server.contact import State
from ace_server.store import Seam, Sign, Store, contacts, engine, news
from ace_server.store.news import Told
from tests.store.making import BUFFERED, LOANS, add, in_state, move, new


def _take_in(store: Store, external_id: str, placement: object = LOANS) -> int:
    """As a process does that only takes in."""

    def job() -> int:
        added = contacts.add(new(external_id, placement))
        news.tell(added.contact_id)
        return added.contact_id

    return store.perform(job)


def _told(store: Store) -> list[tuple[int, State]]:
    return [(one.contact.id, one.received_as) for one in store.perform(news.take) if one.contact]


def test_it_is_told_once(store: Store) -> None:
    first, second = _take_in(store, "1"), _take_in(store, "2", BUFFERED)
    assert _told(store) == [(first, State.QUEUED), (second, State.BUFFERED)]
    assert _told(store) == []


def test_what_the_core_took_in_itself_is_no_news(store: Store) -> None:
    add(store)
    assert _told(store) == []


def test_it_is_told_in_batches_until_nothing_is_left(store: Store, monkeypatch) -> None:
    monkeypatch.setattr(news, "BATCH", 2)
    ids = [_take_in(store, str(number)) for number in range(5)]
    told = [_told(store) for _ in range(4)]
    assert [[contact for contact, _ in some] for some in told] == [ids[:2], ids[2:4], ids[4:], []]


def test_it_is_told_how_it_came_in_and_what_it_is_now(store: Store) -> None:
    contact = _take_in(store, "1", BUFFERED)
    move(store, contact, State.BUFFERED, State.QUEUED)
    (told,) = store.perform(news.take)
    assert told.received_as is State.BUFFERED
    assert told.contact is not None and told.contact.state is State.QUEUED


def test_what_is_ended_already_is_told_without_a_contact(store: Store) -> None:
    contact = in_state(store, State.ENDED)
    store.perform(news.tell, contact)
    assert store.perform(news.take) == [Told("loans", State.QUEUED, None)]


def test_what_is_about_to_be_read_is_no_news(store: Store) -> None:
    _take_in(store, "1")
    store.perform(news.clear)
    assert _told(store) == []


def test_each_is_heard_also_where_the_one_before_is_taken_already(
    store: Store, data: Path, database_url: str
) -> None:
    given_up = threading.Event()
    timer = threading.Timer(10.0, given_up.set)  # where it is not heard; not a measurement
    timer.start()
    listener = engine.connect(database_url, data, Seam())
    with closing(listener.hear(frozenset({Sign.NEWS}), given_up)) as signs:
        next(signs)  # whatever was told before
        for number in range(3):
            _take_in(store, str(number))
            assert next(signs, "given up") is None
            assert len(_told(store)) == 1
    timer.cancel()
