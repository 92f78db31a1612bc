"""The outbox: what is to be sent, by whom, and what truly became of it (EM-10, A-11)."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from ace_server.contact import State
from ace_server.errors import IllegalMove, Unavailable
from ace_server.sentences import sentence
from ace_server.store import Store, history, outgoing
from ace_server.store.outgoing import MAY_HAVE_BEEN_SENT, Recipient, Sent
from tests.store.mailing import ACCOUNT, ON_POSTGRESQL, OTHER, at_once, put_out, sent, to_send
from tests.store.making import AT, LATER, in_state

SECOND = timedelta(seconds=1)
MUCH_LATER = LATER + timedelta(hours=1)

REFUSAL = sentence("The server says: %1", "550 no such user")
NOT_YET = sentence("The server says: %1", "451 try again")

MARIA, OLLE, EVA = (f"{name}@customer.example" for name in ("maria", "olle", "eva"))


def claimed(store: Store, holder: str = "north", *accounts: str, most: int = 9) -> list[int]:
    """Claim what is due; the numbers."""
    found = store.perform(outgoing.claim, accounts or (ACCOUNT,), holder, LATER, most)
    return [one.id for one in found]


def settle(store: Store, number: int, *states: Sent, holder: str = "north") -> Sent:
    """Say how each recipient of a mail that was claimed stands now."""
    told = [
        Recipient(one.address, state, REFUSAL if state is Sent.REFUSED else None)
        for one, state in zip(sent(store, number).recipients, states, strict=True)
    ]
    return store.perform(outgoing.settle, number, holder, told, LATER, retry_at=MUCH_LATER)


def settled(store: Store, *states: Sent, **facts: object) -> int:
    """A mail that was claimed and settled so; its number."""
    number = put_out(store, *[MARIA, OLLE, EVA][: len(states)], **facts)
    assert claimed(store) == [number]
    settle(store, number, *states)
    return number


def states(store: Store, number: int) -> list[Sent]:
    return [one.state for one in sent(store, number).recipients]


# Put out


def test_a_mail_is_put_out_as_it_is_to_be_sent(store: Store) -> None:
    contact = in_state(store, State.ACCEPTED)
    number = put_out(
        store, MARIA, OLLE, contact=contact, message_id="<1@bank.example>", subject="Re: \N{BANK}"
    )
    row = sent(store, number)
    assert (row.kind, row.contact, row.account, row.by) == ("reply", contact, ACCOUNT, "anna")
    assert (row.message_id, row.subject) == ("<1@bank.example>", "Re: \N{BANK}")
    assert store.perform(outgoing.known, ["", "<1@bank.example>", "<2@x>"]) == {"<1@bank.example>"}
    assert row.recipients == [Recipient(MARIA), Recipient(OLLE)]
    assert (row.state, row.attempts, row.holder, row.settled_at) == (Sent.QUEUED, 0, "", None)
    assert (row.created_at, row.due_at) == (AT, AT)


@ON_POSTGRESQL
def test_no_mail_is_put_out_whose_bytes_the_database_does_not_have(store: Store) -> None:
    with pytest.raises(Unavailable):
        store.perform(outgoing.add, to_send(), AT)


def test_the_history_of_a_contact_says_what_became_of_its_mail(store: Store) -> None:
    contact = in_state(store, State.QUEUED)
    settled(store, Sent.REFUSED, contact=contact, kind="forward")
    (number,) = [one.id for one in store.perform(outgoing.of_contact, contact)]
    store.perform(outgoing.send_again, number, LATER, "sven")
    told = store.perform(history.of, contact)[1:]
    assert [(one.verb, one.detail, one.by) for one in told] == [
        ("forwarded", "queued", "anna"),
        ("forwarded", "refused", ""),
        ("sent again", "queued", "sven"),
    ]
    assert [one.before for one in told] == [None] * 3, "its state is not changed"


# Claimed


def test_what_is_due_is_claimed_the_longest_due_first_and_once(store: Store) -> None:
    third = put_out(store, due_at=AT + 2 * SECOND)
    first, second = put_out(store), put_out(store, due_at=AT + SECOND)
    put_out(store, due_at=LATER + SECOND)
    assert claimed(store, most=2) == [first, second]
    assert claimed(store) == [third]
    assert claimed(store) == []
    row = sent(store, first)
    assert (row.state, row.holder, row.attempts) == (Sent.SENDING, "north", 1)


def test_only_the_mails_of_its_accounts_are_claimed(store: Store) -> None:
    mine, theirs = put_out(store), put_out(store, account=OTHER)
    assert claimed(store, "south", OTHER) == [theirs]
    assert claimed(store, "north", ACCOUNT, OTHER) == [mine]
    assert store.perform(outgoing.claim, [], "north", LATER, 9) == []


def test_what_is_given_back_before_anybody_heard_of_it_is_due_as_before(store: Store) -> None:
    number, handed_over = put_out(store), put_out(store)
    claimed(store)
    over = [Recipient("maria@customer.example", Sent.HANDED_OVER)]
    store.perform(outgoing.settle, handed_over, "north", over, AT, retry_at=AT)
    store.perform(outgoing.give_back, "south", [])
    store.perform(outgoing.give_back, "north", [number])
    assert sent(store, number).state is Sent.SENDING
    store.perform(outgoing.give_back, "north", [])
    assert (sent(store, number).state, sent(store, number).attempts) == (Sent.QUEUED, 0)
    assert sent(store, handed_over).state is Sent.HANDED_OVER
    assert claimed(store) == [number]


def test_when_the_next_one_is_due_is_known(store: Store) -> None:
    def due(*accounts: str) -> object:
        return store.perform(outgoing.next_due, accounts)

    assert due(ACCOUNT) is None
    put_out(store, due_at=LATER)
    number = put_out(store)
    put_out(store, account=OTHER, due_at=AT - SECOND)
    assert (due(ACCOUNT), due(ACCOUNT, OTHER), due()) == (AT, AT - SECOND, None)
    assert claimed(store) == [number, number - 1]
    assert due(ACCOUNT) is None, "what is under way is not due"


@ON_POSTGRESQL
async def test_of_two_that_claim_at_once_each_gets_another_mail(running: Store) -> None:
    first, second = put_out(running), put_out(running)
    found = await at_once(
        running,
        partial(outgoing.claim, [ACCOUNT], "south", LATER, 1),
        partial(outgoing.claim, [ACCOUNT], "north", LATER, 9),
    )
    assert [one.id for one in found] == [second]
    assert [sent(running, one).holder for one in (first, second)] == ["south", "north"]
    assert [sent(running, one).attempts for one in (first, second)] == [1, 1]


# Settled


@pytest.mark.parametrize(
    ("of_each", "whole"),
    [
        ([Sent.HANDED_OVER, Sent.HANDED_OVER], Sent.HANDED_OVER),
        ([Sent.HANDED_OVER, Sent.REFUSED], Sent.REFUSED),
        ([Sent.UNKNOWN, Sent.REFUSED], Sent.UNKNOWN),
        ([Sent.QUEUED, Sent.UNKNOWN, Sent.REFUSED], Sent.QUEUED),
    ],
)
def test_a_mail_stands_as_the_worst_of_its_recipients(of_each: list[Sent], whole: Sent) -> None:
    assert outgoing.standing([Recipient(MARIA, state) for state in of_each]) is whole


def test_what_became_of_a_mail_is_kept_for_each_recipient(store: Store) -> None:
    number = settled(store, Sent.HANDED_OVER, Sent.REFUSED)
    row = sent(store, number)
    assert row.recipients == [
        Recipient(MARIA, Sent.HANDED_OVER),
        Recipient(OLLE, Sent.REFUSED, REFUSAL),
    ]
    assert (row.state, row.holder, row.settled_at) == (Sent.REFUSED, "", LATER)
    assert claimed(store) == [], "it is not tried again"


def test_whom_it_was_put_off_for_is_tried_again_later_and_nobody_else(store: Store) -> None:
    number = settled(store, Sent.HANDED_OVER, Sent.QUEUED)
    row = sent(store, number)
    assert (row.state, row.due_at, row.settled_at) == (Sent.QUEUED, MUCH_LATER, None)
    assert claimed(store) == []
    (again,) = store.perform(outgoing.claim, [ACCOUNT], "south", MUCH_LATER, 9)
    assert [one.state for one in again.recipients] == [Sent.HANDED_OVER, Sent.QUEUED]
    assert again.attempts == 2


def test_only_who_has_a_mail_in_hand_says_what_became_of_it_and_once(store: Store) -> None:
    number = put_out(store, MARIA)
    with pytest.raises(IllegalMove):
        settle(store, number, Sent.HANDED_OVER)
    assert claimed(store) == [number]
    with pytest.raises(IllegalMove):
        settle(store, number, Sent.HANDED_OVER, holder="south")
    assert settle(store, number, Sent.HANDED_OVER) is Sent.HANDED_OVER
    with pytest.raises(IllegalMove):
        settle(store, number, Sent.REFUSED)
    assert states(store, number) == [Sent.HANDED_OVER]


# After a crash


def test_after_a_crash_whoever_had_not_got_it_may_have_and_nobody_else(
    store: Store, make_store: Callable[[], Store]
) -> None:
    number = settled(store, Sent.HANDED_OVER, Sent.REFUSED, Sent.QUEUED)
    store.perform(outgoing.claim, [ACCOUNT], "north", MUCH_LATER, 9)
    store.close()
    store = make_store()
    store.open()
    assert store.perform(outgoing.recover, "north", MUCH_LATER) == [number]
    row = sent(store, number)
    assert row.recipients == [
        Recipient(MARIA, Sent.HANDED_OVER),
        Recipient(OLLE, Sent.REFUSED, REFUSAL),
        Recipient(EVA, Sent.UNKNOWN, MAY_HAVE_BEEN_SENT),
    ]
    assert (row.state, row.settled_at) == (Sent.UNKNOWN, MUCH_LATER)
    assert store.perform(outgoing.claim, [ACCOUNT], "north", MUCH_LATER, 9) == []
    assert store.perform(outgoing.recover, "north", MUCH_LATER) == []


def test_only_what_it_had_in_hand_itself_is_unsure(store: Store) -> None:
    north = put_out(store)
    assert claimed(store, "north") == [north]
    south = put_out(store)
    assert claimed(store, "south") == [south]
    waits = put_out(store)
    assert store.perform(outgoing.recover, "south", LATER) == [south]
    assert [sent(store, one).state for one in (north, south, waits)] == [
        Sent.SENDING,
        Sent.UNKNOWN,
        Sent.QUEUED,
    ]
    with pytest.raises(IllegalMove):  # it was taken for dead, and was not
        settle(store, south, Sent.HANDED_OVER, holder="south")
    assert sent(store, south).state is Sent.UNKNOWN


@ON_POSTGRESQL
async def test_what_is_settled_just_then_is_not_unsure(running: Store) -> None:
    settling, other = put_out(running), put_out(running)
    claimed(running)
    done = [Recipient(MARIA, Sent.HANDED_OVER)]
    recovered = await at_once(
        running,
        partial(outgoing.settle, settling, "north", done, LATER, retry_at=LATER),
        partial(outgoing.recover, "north", LATER),
    )
    assert recovered == [other]
    assert sent(running, settling).state is Sent.HANDED_OVER


# What a person does


def test_what_nobody_has_heard_of_is_withdrawn_by_its_writer(store: Store) -> None:
    number = put_out(store, due_at=LATER)
    with pytest.raises(IllegalMove):
        store.perform(outgoing.withdraw, number, "sven", AT)
    row = store.perform(outgoing.withdraw, number, "anna", AT)
    assert (row.id, row.state, row.settled_at) == (number, Sent.WITHDRAWN, AT)
    assert claimed(store) == []
    with pytest.raises(IllegalMove):
        store.perform(outgoing.withdraw, number, "anna", AT)


def test_it_is_too_late_to_withdraw_what_somebody_may_have_heard_of(store: Store) -> None:
    under_way = put_out(store)
    claimed(store)
    put_off = settled(store, Sent.QUEUED)
    gone = settled(store, Sent.HANDED_OVER)
    again = settled(store, Sent.UNKNOWN)
    store.perform(outgoing.send_again, again, LATER, "anna")
    for number in (under_way, put_off, gone, again):
        before = sent(store, number)
        with pytest.raises(IllegalMove):
            store.perform(outgoing.withdraw, number, "anna", LATER)
        assert sent(store, number) == before


def test_a_mail_is_sent_again_only_to_whom_it_was_not_handed_over(store: Store) -> None:
    number = settled(store, Sent.HANDED_OVER, Sent.REFUSED, Sent.UNKNOWN)
    store.perform(outgoing.send_again, number, LATER, "anna")
    row = sent(store, number)
    assert row.recipients == [
        Recipient(MARIA, Sent.HANDED_OVER),
        Recipient(OLLE),
        Recipient(EVA),
    ]
    assert (row.state, row.due_at, row.attempts, row.settled_at) == (Sent.QUEUED, LATER, 0, None)
    assert claimed(store) == [number]


def test_only_what_was_refused_or_may_have_been_sent_is_sent_again(store: Store) -> None:
    withdrawn = put_out(store)
    store.perform(outgoing.withdraw, withdrawn, "anna", AT)
    gone, put_off = settled(store, Sent.HANDED_OVER), settled(store, Sent.QUEUED)
    under_way = put_out(store)
    claimed(store)
    waits = put_out(store)
    for number in (withdrawn, gone, put_off, under_way, waits, 4711):
        before = store.perform(outgoing.get, number)
        with pytest.raises(IllegalMove):
            store.perform(outgoing.send_again, number, LATER, "anna")
        assert store.perform(outgoing.get, number) == before


@ON_POSTGRESQL
async def test_of_two_that_let_a_mail_be_sent_again_at_once_one_is_told(running: Store) -> None:
    number = settled(running, Sent.UNKNOWN)

    def send_and_finish() -> None:
        outgoing.send_again(number, LATER, "anna")
        outgoing.claim([ACCOUNT], "south", LATER, 9)
        done = [Recipient(MARIA, Sent.HANDED_OVER)]
        outgoing.settle(number, "south", done, LATER, retry_at=LATER)

    with pytest.raises(IllegalMove):
        await at_once(running, send_and_finish, partial(outgoing.send_again, number, LATER, "sven"))
    assert sent(running, number).state is Sent.HANDED_OVER


# What is asked


def test_what_was_sent_about_a_contact_is_told_the_oldest_first(store: Store) -> None:
    contact = in_state(store, State.QUEUED)
    other = in_state(store, State.QUEUED, "LOAN-2")
    numbers = [put_out(store, contact=contact) for _ in range(2)]
    put_out(store, contact=other)
    put_out(store)
    found = store.perform(outgoing.of_contact, contact)
    assert found == [sent(store, number) for number in numbers]


def test_the_last_delivery_to_an_agents_own_address_is_found(store: Store) -> None:
    contact = in_state(store, State.BOOKED)
    own = "anna@bank.example"
    assert store.perform(outgoing.delivered, contact, own) is None
    for kind, address in (
        ("delivery", own),
        ("delivery", own),
        ("delivery", MARIA),
        ("reply", own),
    ):
        put_out(store, address, contact=contact, kind=kind)
    found = store.perform(outgoing.delivered, contact, own)
    assert found is not None and found.id == 2


def test_what_is_in_trouble_is_told_the_newest_first(store: Store) -> None:
    refused = settled(store, Sent.REFUSED)
    settled(store, Sent.HANDED_OVER)
    unknown = settled(store, Sent.UNKNOWN)
    put_out(store)
    assert [one.id for one in store.perform(outgoing.troubled)] == [unknown, refused]
    assert [one.id for one in store.perform(outgoing.troubled, 1)] == [unknown]


def test_answers_count_whatever_became_of_them(store: Store) -> None:
    """D-1: also when sending failed."""
    ends = [Sent.HANDED_OVER, Sent.REFUSED, Sent.UNKNOWN, Sent.QUEUED]
    answer = {"kind": "answer", "by": "", "correspondent": MARIA}
    for end in ends:
        settled(store, end, at=LATER, **answer)
    withdrawn = put_out(store, at=LATER, **answer)
    store.perform(outgoing.withdraw, withdrawn, "", LATER)
    put_out(store, at=LATER, **answer)
    put_out(store, at=LATER, **(answer | {"account": OTHER, "correspondent": OLLE}))
    put_out(store, at=AT, **answer)
    put_out(store, at=LATER)
    count = partial(store.perform, outgoing.answers, AT)
    assert count() == len(ends) + 3, "neither a reply, nor what was before"
    assert count(account=ACCOUNT) == count(correspondent=MARIA) == len(ends) + 2
    assert count(account=OTHER) == count(account=OTHER, correspondent=OLLE) == 1
    assert count(account=OTHER, correspondent=MARIA) == 0
    assert (count(domain="customer.example"), count(domain="mer.example")) == (len(ends) + 3, 0)
    assert count(domain="%") == 0


def test_a_domain_is_known_that_a_person_has_written_to(store: Store) -> None:
    put_out(store, "Maria@Customer.Example", OLLE, "anna@Bücher.example", "nobody")
    put_out(store, "mia@robot.example", kind="answer", by="", correspondent="mia@robot.example")
    put_out(store, "desk@away.example", kind="external", by="")
    known = ("customer.example", "xn--bcher-kva.example")
    unknown = ("robot.example", "away.example", "r.example", "nobody", "", "%")
    found = [one for one in known + unknown if store.perform(outgoing.knows_domain, one)]
    assert found == list(known)
