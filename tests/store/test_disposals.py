"""What is to be done to mails on their server: to each once, whenever it is settled (P3)."""

from ace_server.store import Store, disposals, ledger
from ace_server.store.ledger import Outcome
from tests.store.mailing import ACCOUNT, INBOX, found, note, settled
from tests.store.making import AT, add

SOME = 500


def due(store: Store) -> list[str]:
    """The uids of what is to be disposed of."""
    return [uid for _, uid in store.perform(disposals.due, INBOX, SOME)]


def test_what_is_settled_is_disposed_of_once(store: Store) -> None:
    one, two, three = note(store, found("1"), found("2"), found("3"))
    assert due(store) == []
    settled(store, three, contact=add(store).contact_id)
    settled(store, one, Outcome.DISCARDED)
    assert due(store) == ["1", "3"], "whatever is pending before it"
    assert store.perform(disposals.due, INBOX, 1) == [(one, "1")]
    assert store.perform(disposals.due, INBOX, 1, one) == [(three, "3")], "behind the first"
    store.perform(disposals.done, [one], AT)
    assert due(store) == ["3"]
    settled(store, two)
    assert due(store) == ["2", "3"]


def test_what_was_quarantined_is_disposed_of_once_somebody_has_cleared_it(store: Store) -> None:
    mails = note(store, *map(found, "1234"))
    for mail in mails[:3]:
        settled(store, mail, Outcome.QUARANTINED)
    settled(store, mails[3])
    assert due(store) == ["4"]
    store.perform(disposals.done, [mails[3]], AT)
    store.perform(ledger.retry, [mails[0]], AT, "anna")
    settled(store, mails[0])
    store.perform(ledger.discard, [mails[1]], AT, "anna")
    assert due(store) == ["1", "2"]


def test_an_oversized_mail_stays_where_all_of_it_is(store: Store) -> None:
    (mail,) = note(store, found("1", is_oversized=True))
    settled(store, mail)
    assert due(store) == []


def test_each_folder_has_its_own(store: Store) -> None:
    (mail,) = note(store, found("1"), seen=ledger.Seen(ACCOUNT, "Loans", uidvalidity=7))
    settled(store, mail)
    assert due(store) == []
