"""What agents are writing: as typed last, its writer's alone, with its files (EM-9)."""

from collections.abc import Callable
from functools import partial

import pytest

from ace_server.contact import State
from ace_server.errors import Refused, Unavailable
from ace_server.store import Store, drafts
from ace_server.store.drafts import MOST_FILES, DraftRow
from ace_server.store.models import DraftFile
from tests.store.mailing import ON_POSTGRESQL, at_once, file, share
from tests.store.making import AT, LATER, in_state

BODY = '{"text":"Hej \N{BANK}"}'


def begun(store: Store, login: str = "anna", contact: int | None = None) -> int:
    """A draft that was begun; its number."""
    return store.perform(drafts.add, login, "reply", contact, BODY, AT)


def attach(store: Store, number: int, *names: str) -> list[str]:
    """Let files go with Anna's draft; the names of all that do then."""
    added = [file(name) for name in names]
    share(store, [one.digest for one in added])
    return [one.name for one in store.perform(drafts.attach, number, "anna", added)]


def files_of(store: Store, number: int) -> list[str]:
    return [one.name for one in store.perform(drafts.files, number)]


def test_a_draft_is_kept_as_it_was_typed_last(store: Store) -> None:
    contact = in_state(store, State.ACCEPTED)
    number = begun(store, contact=contact)
    first = DraftRow(number, "anna", contact, "reply", BODY, AT)
    assert store.perform(drafts.get, number, "anna") == first
    store.perform(drafts.save, number, "anna", "{}", LATER)
    assert store.perform(drafts.get, number, "anna") == first._replace(body="{}", saved_at=LATER)


def test_a_user_sees_the_draft_that_was_saved_last_first(store: Store) -> None:
    one, two, three = begun(store), begun(store), begun(store)
    begun(store, "bo")
    store.perform(drafts.save, one, "anna", BODY, LATER)
    assert [row.id for row in store.perform(drafts.of, "anna")] == [one, three, two]
    assert store.perform(drafts.of, "eva") == []


def test_nobody_but_its_writer_reads_or_changes_a_draft(store: Store) -> None:
    number = begun(store)
    attach(store, number, "a.pdf")
    jobs: list[Callable[[], object]] = [
        partial(drafts.get, number, "bo"),
        partial(drafts.save, number, "bo", "{}", LATER),
        partial(drafts.remove, number, "bo"),
        partial(drafts.attach, number, "bo", [file()]),
        partial(drafts.detach, number, "bo", 0),
    ]
    for job in jobs:
        with pytest.raises(Refused, match="gone"):
            store.perform(job)
    assert store.perform(drafts.get, number, "anna").body == BODY
    assert files_of(store, number) == ["a.pdf"]


def test_a_draft_that_was_removed_is_gone_with_its_files(store: Store) -> None:
    number = begun(store)
    attach(store, number, "a.pdf")
    store.perform(drafts.remove, number, "anna")
    jobs: list[Callable[[], object]] = [
        partial(drafts.get, number, "anna"),
        partial(drafts.save, number, "anna", "{}", LATER),
        partial(drafts.remove, number, "anna"),
        partial(drafts.attach, number, "anna", []),
        partial(drafts.detach, number, "anna", 0),
    ]
    for job in jobs:
        with pytest.raises(Refused, match="gone"):
            store.perform(job)
    assert store.perform(lambda: DraftFile.select().count()) == 0


def test_files_stay_in_the_order_in_which_they_were_attached(store: Store) -> None:
    number = begun(store)
    other = begun(store)
    assert attach(store, number, "b.pdf", "a.pdf") == ["b.pdf", "a.pdf"]
    assert attach(store, number, "b.pdf") == ["b.pdf", "a.pdf", "b.pdf"]
    assert store.perform(drafts.files, number)[1] == file("a.pdf")
    left = store.perform(drafts.detach, number, "anna", 0)
    assert [one.name for one in left] == files_of(store, number) == ["a.pdf", "b.pdf"]
    assert [one.name for one in store.perform(drafts.detach, number, "anna", 7)] == [
        "a.pdf",
        "b.pdf",
    ]
    assert files_of(store, other) == []


def test_a_draft_carries_only_so_many_files(store: Store) -> None:
    number = begun(store)
    attach(store, number, *(f"{one}.pdf" for one in range(MOST_FILES)))
    with pytest.raises(Refused, match="no more than 50 files"):
        attach(store, number, "one more.pdf")
    assert len(files_of(store, number)) == MOST_FILES


@ON_POSTGRESQL
def test_no_file_goes_with_a_draft_that_the_database_does_not_have(store: Store) -> None:
    number = begun(store)
    with pytest.raises(Unavailable):
        store.perform(drafts.attach, number, "anna", [file()])
    assert files_of(store, number) == []


@ON_POSTGRESQL
async def test_of_files_that_are_attached_at_once_none_is_lost(running: Store) -> None:
    number = begun(running)
    share(running, [file(name).digest for name in ("a.pdf", "b.pdf")])
    together = await at_once(
        running,
        partial(drafts.attach, number, "anna", [file("a.pdf")]),
        partial(drafts.attach, number, "anna", [file("b.pdf")]),
    )
    assert [one.name for one in together] == ["a.pdf", "b.pdf"]
    assert files_of(running, number) == ["a.pdf", "b.pdf"]
