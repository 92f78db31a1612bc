"""Attachments in the database, which only PostgreSQL keeps: copies, pieces, what is removed."""

import hashlib
from collections.abc import Callable, Iterator

import psycopg
import pytest

from ace_server.errors import Unavailable
from ace_server.store import Store, contacts, pieces
from ace_server.store.contacts import NewAttachment
from ace_server.store.models import Piece, SharedFile
from tests.store.making import add, new

PIECES = [b"RIFF", b"WAVE", b"data", b"----", b"last"]
DIGEST = hashlib.sha256(b"".join(PIECES)).hexdigest()
RECORDING = NewAttachment("call.wav", "audio/wav", 20, DIGEST)


@pytest.fixture
def engine() -> str:
    """These tests are for one engine."""
    return "postgresql"


@pytest.fixture
def other(postgresql_url: str) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Another process that takes in, in a transaction of its own."""
    with psycopg.connect(postgresql_url) as connection:
        yield connection


def write(store: Store) -> int:
    """Write a whole copy; its number."""
    file = store.perform(pieces.begin, DIGEST)
    assert file is not None
    for number, content in enumerate(PIECES):
        store.perform(pieces.add, file, number, content)
    store.perform(pieces.complete, file)
    return file


def grow_old(store: Store) -> None:
    """Let everything be as if nobody had counted on it for a long time."""
    store.perform(lambda: SharedFile.update(counted_on_at=0).execute())


def left(store: Store) -> tuple[int, int]:
    """How many copies and pieces there are."""
    return store.perform(lambda: (SharedFile.select().count(), Piece.select().count()))


def content(store: Store) -> bytes:
    return store.perform(lambda: b"".join(pieces.content(DIGEST)))


def test_a_copy_is_read_as_it_was_written(store: Store) -> None:
    file = write(store)
    assert store.perform(pieces.copies, DIGEST) == [file]
    assert content(store) == b"".join(PIECES)
    assert store.perform(lambda: SharedFile.get_by_id(file).size) == 20


def test_an_empty_file_has_a_copy_without_pieces(store: Store) -> None:
    file = store.perform(pieces.begin, DIGEST)
    store.perform(pieces.complete, file)
    assert store.perform(pieces.missing, [DIGEST]) == []
    assert content(store) == b""


def test_what_has_a_whole_copy_is_not_written_again(store: Store) -> None:
    write(store)
    assert store.perform(pieces.begin, DIGEST) is None
    grow_old(store)
    assert store.perform(pieces.begin, DIGEST) is None
    assert store.perform(pieces.old, 0) == [], "who begins counts on it"


def test_a_copy_that_is_not_whole_is_counted_on_by_nobody(store: Store) -> None:
    first = store.perform(pieces.begin, DIGEST)
    assert store.perform(pieces.begin, DIGEST) not in (None, first)
    assert store.perform(pieces.copies, DIGEST) == []
    assert store.perform(pieces.missing, [DIGEST]) == [DIGEST]


def test_no_contact_names_what_has_no_whole_copy(store: Store) -> None:
    store.perform(pieces.begin, DIGEST)
    with pytest.raises(Unavailable):
        store.perform(contacts.add, new(attachments=[RECORDING]))
    assert store.perform(contacts.known, "loans", "LOAN-1") is None
    write(store)
    assert not store.perform(contacts.add, new(attachments=[RECORDING])).repeated


def test_what_is_not_named_is_removed_when_it_is_old_a_few_pieces_at_a_time(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "AT_A_TIME", 2)
    file = write(store)
    assert store.perform(pieces.old, 0) == []
    assert not store.perform(pieces.remove, file), "somebody may be about to name it"
    assert left(store) == (1, 5)
    grow_old(store)
    assert store.perform(pieces.unneeded, store.perform(pieces.old, 0)) == [file]
    assert [store.perform(pieces.remove, file) for _ in range(3)] == [True, True, False]
    assert left(store) == (0, 0)


def test_what_is_half_removed_is_counted_on_by_nobody(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "AT_A_TIME", 2)
    file = write(store)
    grow_old(store)
    store.perform(pieces.remove, file)
    assert store.perform(pieces.missing, [DIGEST]) == [DIGEST]
    write(store)
    assert content(store) == b"".join(PIECES)


def test_what_a_contact_names_stays_however_old_it_is(store: Store) -> None:
    file = write(store)
    add(store, attachments=[RECORDING])
    grow_old(store)
    assert store.perform(pieces.unneeded, store.perform(pieces.old, 0)) == []
    assert not store.perform(pieces.remove, file)
    assert left(store) == (1, 5)


def test_what_a_contact_has_come_to_name_meanwhile_stays(store: Store) -> None:
    file = write(store)
    grow_old(store)
    assert store.perform(pieces.unneeded, store.perform(pieces.old, 0)) == [file]
    store.perform(contacts.add, new(attachments=[RECORDING]))
    grow_old(store)
    assert not store.perform(pieces.remove, file)
    assert left(store) == (1, 5)


def test_what_another_process_is_about_to_name_stays(
    store: Store, other: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    file = write(store)
    grow_old(store)
    other.execute("SELECT 1 FROM shared_file WHERE id = %s FOR KEY SHARE", (file,))
    assert not store.perform(pieces.remove, file)
    assert left(store) == (1, 5)


def test_processes_that_name_the_same_do_not_wait_for_each_other(
    store: Store, other: "psycopg.Connection[tuple[object, ...]]"
) -> None:
    file = write(store)
    other.execute("SELECT 1 FROM shared_file WHERE id = %s FOR KEY SHARE", (file,))
    assert store.perform(pieces.begin, DIGEST) is None
    assert not store.perform(contacts.add, new(attachments=[RECORDING])).repeated


def test_who_was_so_slow_that_the_copy_was_removed_is_told(store: Store) -> None:
    file = store.perform(pieces.begin, DIGEST)
    assert file is not None
    store.perform(pieces.add, file, 0, PIECES[0])
    grow_old(store)
    while store.perform(pieces.remove, file):
        pass
    late: list[Callable[[], None]] = [
        lambda: pieces.add(file, 1, PIECES[1]),
        lambda: pieces.complete(file),
    ]
    for job in late:
        with pytest.raises(Unavailable):
            store.perform(job)
    assert left(store) == (0, 0)
