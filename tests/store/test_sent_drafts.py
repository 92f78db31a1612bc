"""Drafts that were sent: set aside, given back as typed, or forgotten (EM-9, EM-10)."""

from datetime import timedelta

import pytest

from ace_server.errors import Refused
from ace_server.store import drafts, named, outgoing, pieces
from ace_server.store.contacts import NewAttachment
from ace_server.store.models import Draft
from ace_server.store.outgoing import NewOutgoing, Recipient, Sent
from tests.store.making import AT

FILE = NewAttachment("terms.pdf", "application/pdf", 80, "cd" * 32)


@pytest.fixture
def sent(store):
    """A draft of anna's with a file, and the outgoing mail that it was sent as."""
    new = NewOutgoing(
        kind="new",
        account="a",
        by="anna",
        sender="a@x",
        recipients=(Recipient("b@x"),),
        digest="ab" * 32,
    )

    def job() -> tuple[int, int]:
        draft = drafts.add("anna", "new", None, "{}", AT)
        drafts._replace(draft, [FILE])
        number = outgoing.add(new, AT)
        drafts.send(draft, "anna", number)
        return draft, number

    if store.keeps_files:
        for digest in (FILE.digest, new.digest):
            store.perform(pieces.put, digest, b"")
    return store.perform(job)


def test_a_draft_that_was_sent_is_in_nobodys_list(store, sent):
    draft, number = sent
    assert store.perform(drafts.of, "anna") == []
    for job in (drafts.get, drafts.remove, lambda n, login: drafts.send(n, login, number)):
        with pytest.raises(Refused, match="gone"):
            store.perform(job, draft, "anna")


def test_a_draft_comes_back_with_its_files_while_the_mail_can_be_taken_back(store, sent):
    draft, number = sent
    store.perform(drafts.forget_sent, AT)
    assert store.perform(named.unnamed, [FILE.digest]) == []
    assert store.perform(drafts.bring_back, number, "anna", AT) == draft
    assert store.perform(drafts.files, draft) == [FILE]
    store.perform(outgoing.withdraw, number, "anna", AT)
    store.perform(drafts.forget_sent, AT)
    assert store.perform(drafts.get, draft, "anna").body == "{}"


def settled(store, number, state):
    """It was claimed, and this became of it at AT."""

    def job():
        assert len(outgoing.claim(["a"], "one", AT, 10)) == 1
        outgoing.settle(number, "one", (Recipient("b@x", state),), AT, retry_at=AT)

    store.perform(job)


def is_forgotten(store, number):
    found = store.perform(lambda: list(Draft.select().where(Draft.outgoing == number)))
    unnamed = store.perform(named.unnamed, [FILE.digest])
    assert bool(found) == (unnamed == [])
    return not found


def test_what_was_handed_over_is_forgotten_with_what_names_its_files(store, sent):
    _, number = sent
    settled(store, number, Sent.HANDED_OVER)
    store.perform(drafts.forget_sent, AT)
    assert is_forgotten(store, number)
    with pytest.raises(Refused, match="gone"):
        store.perform(drafts.bring_back, number, "anna", AT)


def test_what_was_refused_is_kept_for_some_time_and_copied_with_its_files(store, sent):
    draft, number = sent
    settled(store, number, Sent.REFUSED)
    store.perform(drafts.forget_sent, AT)
    copy = store.perform(drafts.copy, number, "anna", AT)
    assert copy != draft and store.perform(drafts.files, copy) == [FILE]
    assert [row.id for row in store.perform(drafts.of, "anna")] == [copy]
    store.perform(drafts.remove, copy, "anna")
    store.perform(drafts.forget_sent, AT + timedelta(seconds=1))
    assert is_forgotten(store, number)


def test_what_was_taken_back_can_be_copied_though_its_draft_was_thrown_away(store, sent):
    draft, number = sent
    store.perform(drafts.bring_back, number, "anna", AT)
    store.perform(outgoing.withdraw, number, "anna", AT)
    store.perform(drafts.remove, draft, "anna")
    copy = store.perform(drafts.copy, number, "anna", AT)
    assert store.perform(drafts.get, copy, "anna").body == "{}"
