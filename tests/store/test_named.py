"""Which rows name which kept files: what is named is in a backup, and is never swept."""

from collections.abc import Callable

import pytest

from ace_server.store import Store, drafts, named, pieces
from ace_server.store.contacts import NewAttachment
from ace_server.store.ledger import Outcome
from ace_server.store.models import SharedFile
from tests.store.mailing import (
    ON_POSTGRESQL,
    digest,
    file,
    found,
    note,
    put_out,
    settled,
    share,
)
from tests.store.making import AT, add

NOBODYS = digest("nobody's")


def by_a_contact(store: Store, content: str) -> str:
    one = NewAttachment("call.wav", "audio/wav", 9, digest(content))
    return f"contact {add(store, content, attachments=[one]).contact_id}"


def by_the_ledger(store: Store, content: str) -> str:
    (mail,) = note(store, found(content, content))
    settled(store, mail, Outcome.DISCARDED)
    return f"mail {mail}"


def by_the_outbox(store: Store, content: str) -> str:
    return f"outgoing mail {put_out(store, digest=digest(content))}"


def by_a_draft(store: Store, content: str) -> str:
    number = store.perform(drafts.add, "anna", "new", None, "{}", AT)
    share(store, [file(content).digest])
    store.perform(drafts.attach, number, "anna", [file(content)])
    return f"draft {number}"


NAMING = [by_a_contact, by_the_ledger, by_the_outbox, by_a_draft]


def test_each_file_is_told_once_with_something_that_names_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(named, "PAGE", 2)
    expected = {
        digest(content): name(store, content)
        for name in NAMING
        for content in (f"{name.__name__} 1", f"{name.__name__} 2", f"{name.__name__} 3")
    }
    together = [name(store, "of all") for name in NAMING]
    expected[digest("of all")] = together[0]
    told = store.perform(lambda: list(named.files()))
    assert told == sorted(expected.items())


def test_what_nothing_names_is_told_in_its_order(store: Store) -> None:
    for name in NAMING:
        name(store, name.__name__)
    used = [digest(name.__name__) for name in NAMING]
    asked = [NOBODYS, *used, digest("nor this")]
    assert store.perform(named.unnamed, asked) == [NOBODYS, digest("nor this")]
    assert store.perform(named.unnamed, []) == []


def test_what_only_a_draft_named_is_nobodys_when_that_is_removed(store: Store) -> None:
    by_a_draft(store, "offer.pdf")
    assert store.perform(named.unnamed, [digest("offer.pdf")]) == []
    store.perform(drafts.remove, 1, "anna")
    assert store.perform(named.unnamed, [digest("offer.pdf")]) == [digest("offer.pdf")]


@ON_POSTGRESQL
def test_what_mail_names_is_not_swept_from_the_database(store: Store) -> None:
    naming: list[Callable[[Store, str], str]] = [by_the_ledger, by_the_outbox, by_a_draft]
    for name in naming:
        name(store, name.__name__)
    share(store, [NOBODYS])
    store.perform(lambda: SharedFile.update(counted_on_at=0).execute())
    old = store.perform(pieces.old, 0)
    assert len(old) == 4
    for copy in old:
        store.perform(pieces.remove, copy.file)
    left = [digest(name.__name__) for name in naming]
    assert store.perform(pieces.missing, [*left, NOBODYS]) == [NOBODYS]
