"""Drafts that were sent: set aside, given back as typed, or forgotten (EM-9, EM-10)."""

import pytest

from ace_server.errors import Refused
from ace_server.store import drafts, named, outgoing, pieces
from ace_server.store.contacts import NewAttachment
from ace_server.store.outgoing import NewOutgoing, Recipient
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
    store.perform(drafts.forget_sent)
    assert store.perform(named.unnamed, [FILE.digest]) == []
    assert store.perform(drafts.bring_back, number, "anna") == draft
    assert store.perform(drafts.files, draft) == [FILE]
    store.perform(outgoing.withdraw, number, "anna", AT)
    store.perform(drafts.forget_sent)
    assert store.perform(drafts.get, draft, "anna").body == "{}"


def test_what_has_left_is_forgotten_with_what_names_its_files(store, sent):
    _, number = sent
    assert len(store.perform(outgoing.claim, ["a"], "one", AT, 10)) == 1
    store.perform(drafts.forget_sent)
    with pytest.raises(Refused, match="gone"):
        store.perform(drafts.bring_back, number, "anna")
    assert store.perform(named.unnamed, [FILE.digest]) == [FILE.digest]
