"""The ledger of mail: every mail once, and what became of it (EM-2, C-2, C-6)."""

from collections.abc import Callable
from functools import partial

import msgspec
import pytest

from ace_server.contact import State
from ace_server.errors import IllegalMove, Unavailable
from ace_server.sentences import sentence
from ace_server.store import Store, audit, contacts, ledger
from ace_server.store.ledger import SAME_AS_BEFORE, Followed, Outcome, Seen
from tests.store.mailing import (
    ACCOUNT,
    INBOX,
    ON_POSTGRESQL,
    OTHER,
    at_once,
    digest,
    found,
    note,
    put_out,
    row,
    settled,
    share,
)
from tests.store.making import AT, LATER, add, in_state, new

DONE = Seen(ACCOUNT, "Done", uidvalidity=7)
ANEW = Seen(ACCOUNT, "INBOX", uidvalidity=8)
ELSEWHERE = Seen(OTHER, "INBOX", uidvalidity=7)

TOO_DEEP = sentence("Its parts nest %1 deep.", 2000)


def quarantined(store: Store, uid: str = "1") -> int:
    """A mail that is quarantined after three attempts; its id."""
    (mail,) = note(store, found(uid))
    for _ in range(3):
        store.perform(ledger.begin, [mail])
    settled(store, mail, Outcome.QUARANTINED, reason=TOO_DEEP)
    return mail


# What is on a server


def test_a_mail_is_noted_as_it_was_found(store: Store) -> None:
    (mail,) = note(store, found("4711", size=2**33), at=LATER)
    noted = row(store, mail)
    assert (noted.account, noted.folder, noted.uidvalidity, noted.uid) == (
        ACCOUNT,
        "INBOX",
        7,
        "4711",
    )
    assert (noted.size, noted.arrived_at, noted.fetched_at) == (2**33, AT, LATER)
    assert (noted.outcome, noted.contact, noted.attempts) == (Outcome.PENDING, None, 0)
    assert (noted.digest, noted.is_oversized, noted.why()) == (digest("mail 4711"), False, None)


def test_a_mail_that_is_found_again_is_noted_once(store: Store) -> None:
    (mail,) = note(store, found("1"))
    (other,) = note(store, found("1"), found("2"))
    assert other > mail
    before = settled(store, mail, contact=add(store).contact_id)
    assert note(store, found("1", "other bytes"), found("2"), found("2"), at=LATER) == []
    assert row(store, mail) == before, "whatever became of it"


def test_the_same_uid_in_another_place_is_another_mail(store: Store) -> None:
    note(store, found("1"))
    for seen in (DONE, ANEW, ELSEWHERE):
        assert len(note(store, found("1"), seen=seen)) == 1
    places = [(one.account, one.folder) for one in store.perform(ledger.folders)]
    assert places == [(OTHER, "INBOX"), (ACCOUNT, "Done"), (ACCOUNT, "INBOX")]


def test_the_uids_that_are_not_known_are_told_in_their_order(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "PAGE", 2)
    note(store, found("2"), found("3"))
    note(store, found("9"), seen=DONE)
    uids = ["9", "3", "5", "2", "1"]
    assert store.perform(ledger.unknown, INBOX, uids) == ["9", "5", "1"]
    assert store.perform(ledger.unknown, ANEW, uids) == uids
    assert store.perform(ledger.unknown, ELSEWHERE, uids) == uids


def test_how_far_a_folder_was_read_is_remembered(store: Store) -> None:
    assert store.perform(ledger.folder, ACCOUNT, "INBOX") is None
    seen = Seen(ACCOUNT, "INBOX", uidvalidity=2**32 - 1, last_uid=2**32 - 1, on_server=3)
    note(store, found("1"), found("2"), seen=seen, at=AT)
    assert store.perform(ledger.folder, ACCOUNT, "INBOX") == seen
    assert [tuple(one) for one in store.perform(ledger.folders)] == [(ACCOUNT, "INBOX", 3, 2, AT)]
    note(store, seen=msgspec.structs.replace(seen, on_server=0), at=LATER)
    (state,) = store.perform(ledger.folders)
    assert (state.on_server, state.noted, state.looked_at) == (0, 2, LATER)


def test_reading_never_goes_back_within_a_uidvalidity_and_begins_anew_with_another(
    store: Store,
) -> None:
    def last(uidvalidity: int, last_uid: int) -> int:
        note(store, seen=Seen(ACCOUNT, "INBOX", uidvalidity, last_uid))
        found = store.perform(ledger.folder, ACCOUNT, "INBOX")
        assert found is not None and found.uidvalidity == uidvalidity
        return found.last_uid

    assert [last(7, 40), last(7, 30), last(7, 50), last(8, 3)] == [40, 40, 50, 3]


def test_what_is_noted_of_a_folder_counts_what_is_in_it_now(store: Store) -> None:
    def noted() -> int:
        return next(one.noted for one in store.perform(ledger.folders) if one.folder == "INBOX")

    note(store, found("1"), found("2"))
    note(store, found("9"), seen=DONE)
    note(store, found("2"), found("3"))
    assert noted() == 3
    note(store, found("1"), seen=ANEW)
    assert noted() == 1
    note(store, found("4"), seen=INBOX)  # the server was restored from a backup
    assert noted() == 4


def test_the_same_uid_in_a_mailbox_that_took_the_place_of_another_is_another_mail(
    store: Store,
) -> None:
    other = msgspec.structs.replace(INBOX, mailbox="anna@other.example", mailbox_number=1)
    (first,) = note(store, found("1"), seen=msgspec.structs.replace(INBOX, last_uid=40))
    assert store.perform(ledger.unknown, other, ["1"]) == ["1"]
    (mail,) = note(store, found("1"), seen=other)
    assert store.perform(ledger.folder, ACCOUNT, "INBOX") == other, "its reading begins anew"
    assert [one.noted for one in store.perform(ledger.folders)] == [1]
    twin = store.perform(ledger.twin, row(store, mail))
    assert twin is not None and twin.id == first, "the same bytes are known all the same"


# What becomes of it


def test_what_is_pending_is_told_by_account_the_oldest_first_behind_an_id(store: Store) -> None:
    first, second, third = note(store, found("1"), found("2"), found("3"))
    (other,) = note(store, found("1", "another"), seen=ELSEWHERE)
    settled(store, second)

    def pending(accounts: list[str], after: int = 0, most: int = 9) -> list[int]:
        return [one.id for one in store.perform(ledger.pending, accounts, after, most)]

    assert pending([ACCOUNT]) == [first, third]
    assert pending([ACCOUNT, OTHER]) == [first, third, other]
    assert pending([ACCOUNT, OTHER], most=2) == [first, third]
    assert pending([ACCOUNT, OTHER], after=first) == [third, other]
    assert pending([]) == []
    assert store.perform(ledger.waiting, [ACCOUNT, OTHER]) == 3
    assert store.perform(ledger.waiting, [OTHER]) == 1


def test_attempts_are_counted_only_while_a_mail_is_pending(store: Store) -> None:
    first, second = note(store, found("1"), found("2"))
    settled(store, second)
    for _ in range(2):
        store.perform(ledger.begin, [first, second])
    assert [row(store, one).attempts for one in (first, second)] == [2, 0]


def test_work_that_was_put_off_was_no_attempt(store: Store) -> None:
    first, second, third = note(store, found("1"), found("2"), found("3"))
    store.perform(ledger.begin, [first, second])
    settled(store, second)
    store.perform(ledger.put_off, [first, second, third])
    assert [row(store, one).attempts for one in (first, second, third)] == [0, 1, 0]


def test_what_became_of_a_mail_is_kept_with_its_reason(store: Store) -> None:
    first, second = note(store, found("1"), found("2"))
    contact = add(store).contact_id
    one = settled(store, first, contact=contact, message_id="<1@customer.example>")
    assert (one.outcome, one.contact, one.settled_at) == (Outcome.CONTACT, contact, AT)
    assert (one.message_id, one.why()) == ("<1@customer.example>", None)
    two = settled(store, second, Outcome.QUARANTINED, reason=TOO_DEEP)
    assert (two.outcome, two.contact, two.why()) == (Outcome.QUARANTINED, None, TOO_DEEP)
    assert str(two.why()) == "Its parts nest 2000 deep."


def test_what_became_of_a_mail_is_said_once(store: Store) -> None:
    ends = [one for one in Outcome if one is not Outcome.PENDING]
    for mail, before in zip(note(store, *map(found, "123")), ends, strict=True):
        said = settled(store, mail, before)
        for after in ends:
            with pytest.raises(IllegalMove):
                store.perform(ledger.settle, mail, after, LATER)
        assert row(store, mail) == said
    with pytest.raises(IllegalMove):
        store.perform(ledger.settle, 4711, Outcome.DISCARDED, AT)


def test_a_contact_whose_mail_was_settled_before_is_not_made(store: Store) -> None:
    (mail,) = note(store, found("1"))
    settled(store, mail)

    def make_one_more() -> None:
        contact = contacts.add(new("MAIL-1")).contact_id
        ledger.settle(mail, Outcome.CONTACT, LATER, contact=contact)

    with pytest.raises(IllegalMove):
        store.perform(make_one_more)
    assert store.perform(contacts.known, "loans", "MAIL-1") is None


def test_a_message_id_is_remembered_as_long_as_one_may_be(store: Store) -> None:
    for length in (998, 999, 100_000):
        message_id = f"<{'ö' * 100}{'x' * (length - 202)}>"
        (mail,) = note(store, found(str(length)))
        kept = settled(store, mail, message_id=message_id)
        assert kept.message_id == (message_id if length == 998 else "")
        assert kept.outcome == Outcome.CONTACT


# The same bytes


def test_the_same_bytes_in_another_place_of_a_mailbox_are_the_same_mail(store: Store) -> None:
    first, _ = note(store, found("1", "hello"), found("2", "other"))
    digest = row(store, first).digest
    assert not store.perform(ledger.copied, [digest])
    for seen in (DONE, ANEW):
        (again,) = note(store, found("9", "hello", size=101), seen=seen)  # as servers may say
        assert store.perform(ledger.twin, row(store, again)) == row(store, first)
        assert store.perform(ledger.copied, [digest, "0" * 64]) == {(ACCOUNT, digest)}
    assert store.perform(ledger.twin, row(store, first)) is None, "the first is nobody's twin"


def test_it_names_the_first_contact_and_says_why(store: Store) -> None:
    contact = add(store).contact_id
    (first,) = note(store, found("1", "hello"))
    settled(store, first, contact=contact)
    (again,) = note(store, found("1", "hello"), seen=ANEW)
    twin = store.perform(ledger.twin, row(store, again))
    assert twin is not None
    kept = settled(store, again, contact=twin.contact, reason=SAME_AS_BEFORE)
    assert (kept.contact, kept.why()) == (contact, SAME_AS_BEFORE)
    whose = store.perform(ledger.of_contact, contact)
    assert whose is not None and whose.id == first
    work_item = add(store, "LOAN-2").contact_id
    assert store.perform(ledger.of_contact, work_item) is None


def test_a_copy_within_a_folder_and_a_mail_of_another_account_stand_for_themselves(
    store: Store,
) -> None:
    _, copy = note(store, found("1", "hello"), found("2", "hello"))
    (theirs,) = note(store, found("1", "hello"), seen=ELSEWHERE)
    assert store.perform(ledger.twin, row(store, copy)) is None
    assert store.perform(ledger.twin, row(store, theirs)) is None
    both = store.perform(ledger.copied, [row(store, theirs).digest])
    assert both == {(ACCOUNT, row(store, copy).digest)}, "theirs is there once"


def test_of_an_oversized_mail_the_header_alone_says_too_little(store: Store) -> None:
    note(
        store,
        found("1", "header", size=9),  # a mail that is nothing but this header
        found("2", "header", size=8, is_oversized=True),
    )
    nine = found("1", "header", size=9, is_oversized=True)
    (mail,) = note(store, nine, seen=ANEW)
    assert store.perform(ledger.twin, row(store, mail)) is None
    (again,) = note(store, nine, seen=DONE)
    assert store.perform(ledger.twin, row(store, again)) == row(store, mail)


# What a mail follows up


def contact_of(store: Store, uid: str, message_id: str, seen: Seen = INBOX) -> int:
    """A contact that was made of a mail with this Message-ID."""
    contact = in_state(store, State.QUEUED, f"{seen.account} {uid}")
    (mail,) = note(store, found(uid, f"{seen.account} {uid}"), seen=seen)
    settled(store, mail, contact=contact, message_id=message_id)
    return contact


def follows(store: Store, *message_ids: str, account: str = ACCOUNT) -> int | None:
    followed = store.perform(ledger.followed, account, message_ids)
    return None if followed is None else followed.contact


def test_the_first_message_id_that_is_known_says_what_a_mail_follows(store: Store) -> None:
    one = contact_of(store, "1", "<1@x>")
    two = contact_of(store, "2", "<2@x>")
    assert follows(store, "<0@x>", "<2@x>", "<1@x>") == two
    assert follows(store, "<1@x>", "<2@x>") == one
    assert follows(store, "<0@x>") is None
    assert follows(store) is None


def test_an_answer_to_what_was_sent_follows_its_contact(store: Store) -> None:
    contact = in_state(store, State.QUEUED)
    put_out(store, contact=contact, message_id="<reply@bank.example>")
    assert follows(store, "<reply@bank.example>") == contact
    assert follows(store, "<reply@bank.example>", account=OTHER) is None


def test_two_mails_with_one_message_id_are_two_contacts_and_the_first_is_followed(
    store: Store,
) -> None:
    one = contact_of(store, "1", "<same@x>")
    two = contact_of(store, "2", "<same@x>")
    assert one != two
    assert follows(store, "<same@x>") == one


def test_mails_without_a_message_id_follow_nothing_and_are_followed_by_nothing(
    store: Store,
) -> None:
    assert contact_of(store, "1", "") != contact_of(store, "2", "")
    assert follows(store, "") is None


def test_a_message_id_leads_to_no_contact_of_another_account(store: Store) -> None:
    theirs = contact_of(store, "1", "<1@x>", ELSEWHERE)
    assert follows(store, "<1@x>") is None
    ours = contact_of(store, "2", "<1@x>")
    assert follows(store, "<1@x>") == ours
    assert follows(store, "<1@x>", account=OTHER) == theirs


def test_a_mail_that_became_no_contact_is_not_followed(store: Store) -> None:
    one, _ = note(store, found("1"), found("2"))
    settled(store, one, Outcome.QUARANTINED, message_id="<1@x>")
    assert follows(store, "<1@x>") is None


def test_what_is_followed_is_in_the_hands_of_who_handles_it(store: Store) -> None:
    mails = note(store, *(found(state) for state in State))
    for mail, state in zip(mails, State, strict=True):
        contact = in_state(store, state, state)
        settled(store, mail, contact=contact, message_id=f"<{state}@x>")
        has_it = state in (State.BOOKED, State.ACCEPTED, State.PARKED)
        followed = store.perform(ledger.followed, ACCOUNT, [f"<{state}@x>"])
        assert followed == Followed(contact, "anna" if has_it else "")


# What a person looks at


def test_what_is_quarantined_is_listed_page_by_page_and_counted_by_account(store: Store) -> None:
    mails = [quarantined(store, str(number)) for number in range(3)]
    (other,) = note(store, found("1", "another"), seen=ELSEWHERE)
    assert store.perform(ledger.quarantined_by_account) == {ACCOUNT: 3}
    settled(store, other, Outcome.QUARANTINED)
    assert store.perform(ledger.quarantined_by_account) == {ACCOUNT: 3, OTHER: 1}
    first = store.perform(ledger.quarantined, 0, 2)
    assert [one.id for one in first] == mails[:2]
    assert [one.id for one in store.perform(ledger.quarantined, mails[1])] == [mails[2], other]
    assert first[0].why() == TOO_DEEP


def test_the_whole_ledger_is_listed_whatever_became_of_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "PAGE", 2)
    mails = note(store, *(found(str(number)) for number in range(4)))
    settled(store, mails[1], Outcome.DISCARDED)
    listed = store.perform(lambda: list(ledger.listing()))
    assert [(one.id, one.outcome) for one in listed] == [
        (mail, Outcome.DISCARDED if mail == mails[1] else Outcome.PENDING) for mail in mails
    ]


def test_what_is_retried_is_analysed_again_with_all_its_attempts(store: Store) -> None:
    mail = quarantined(store)
    assert store.perform(ledger.retry, [mail], LATER, "sven") == [mail]
    again = row(store, mail)
    assert (again.outcome, again.attempts, again.settled_at, again.why()) == (
        Outcome.PENDING,
        0,
        None,
        None,
    )
    assert [one.id for one in store.perform(ledger.pending, [ACCOUNT], 0, 9)] == [mail]
    contact = add(store).contact_id
    assert settled(store, mail, contact=contact).contact == contact
    assert note(store, found("1")) == [], "and it is still the same mail"


def test_what_is_discarded_says_by_whom(store: Store) -> None:
    mail = quarantined(store)
    assert store.perform(ledger.discard, [mail], LATER, "sven") == [mail]
    cleared = row(store, mail)
    assert (cleared.outcome, cleared.settled_at) == (Outcome.DISCARDED, LATER)
    assert str(cleared.why()) == "Discarded by sven."
    assert store.perform(ledger.quarantined_by_account) == {}


def test_only_what_is_quarantined_is_cleared_and_each_is_audited(store: Store) -> None:
    pending, contact = note(store, found("p"), found("c"))
    settled(store, contact)
    before = row(store, pending), row(store, contact)
    mails = []
    for clear in (ledger.retry, ledger.discard):
        mail = quarantined(store, clear.__name__)
        assert store.perform(clear, [contact, pending, mail, 4711], LATER, "sven") == [mail]
        assert store.perform(clear, [mail], LATER, "sven") == []
        mails.append(mail)
    assert (row(store, pending), row(store, contact)) == before
    lines = [(one.actor, one.action, one.object) for one in store.perform(audit.rows)]
    assert lines == [
        ("sven", "retried a mail", f"mail {mails[0]}"),
        ("sven", "discarded a mail", f"mail {mails[1]}"),
    ]


# Two processes


@ON_POSTGRESQL
async def test_what_two_processes_note_at_once_is_noted_once_and_adds_up(running: Store) -> None:
    share(running, [found(uid).digest for uid in "1234"])

    def noting(last_uid: int, uids: str) -> Callable[[], list[int]]:
        seen = Seen(ACCOUNT, "INBOX", 7, last_uid)
        return partial(ledger.note, seen, [found(uid) for uid in uids], AT)

    assert len(await at_once(running, noting(3, "3"), noting(2, "12"))) == 2, "a new folder"
    assert len(await at_once(running, noting(4, "4"), noting(4, "234"))) == 0
    (state,) = await running.run(ledger.folders)
    folder = await running.run(ledger.folder, ACCOUNT, "INBOX")
    assert (state.noted, folder and folder.last_uid) == (4, 4)


@ON_POSTGRESQL
async def test_of_two_that_settle_a_mail_at_once_one_is_told(running: Store) -> None:
    (mail,) = note(running, found("1"))
    with pytest.raises(IllegalMove):
        await at_once(
            running,
            partial(ledger.settle, mail, Outcome.CONTACT, AT),
            partial(ledger.settle, mail, Outcome.QUARANTINED, AT),
        )
    assert row(running, mail).outcome == Outcome.CONTACT


@ON_POSTGRESQL
async def test_of_two_that_clear_a_mail_at_once_one_does(running: Store) -> None:
    mail = quarantined(running)
    cleared = await at_once(
        running,
        partial(ledger.discard, [mail], AT, "sven"),
        partial(ledger.retry, [mail], AT, "eva"),
    )
    assert cleared == []
    assert row(running, mail).outcome == Outcome.DISCARDED


@ON_POSTGRESQL
def test_no_mail_is_noted_whose_bytes_the_database_does_not_have(store: Store) -> None:
    with pytest.raises(Unavailable):
        store.perform(ledger.note, INBOX, [found("1")], AT)
    assert store.perform(ledger.folders) == []
