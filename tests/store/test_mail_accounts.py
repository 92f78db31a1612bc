"""How the mail accounts are doing, whose they are, and who is alive (EM-1, EM-11)."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from ace_server.sentences import sentence
from ace_server.store import Store, ledger, mail_accounts
from ace_server.store.mail_accounts import AccountState, Fetching, Wish, Withheld
from ace_server.store.models import database, to_stored
from tests.store.mailing import ACCOUNT, ON_POSTGRESQL, OTHER, at_once
from tests.store.making import AT, LATER

AWAY = sentence("%1 does not answer.", "mail.bank.example")


def state(store: Store, account: str = ACCOUNT) -> AccountState:
    return store.perform(mail_accounts.states)[account]


def test_nothing_is_told_of_an_account_at_first(store: Store) -> None:
    assert store.perform(mail_accounts.states) == {}
    assert store.perform(mail_accounts.of_server, "north") == []


def test_an_account_is_as_it_was_told_last_whatever_is_told_of_another(store: Store) -> None:
    store.perform(mail_accounts.tell, OTHER, Fetching.IDLE, AT, fetched=True)
    store.perform(mail_accounts.tell, ACCOUNT, Fetching.IDLE, AT, fetched=True)
    assert state(store) == AccountState(ACCOUNT, "", Fetching.IDLE, AT, AT, None)
    store.perform(mail_accounts.tell, ACCOUNT, Fetching.TROUBLE, LATER, trouble=AWAY)
    assert state(store) == AccountState(ACCOUNT, "", Fetching.TROUBLE, LATER, AT, AWAY)
    store.perform(mail_accounts.tell, ACCOUNT, Fetching.IDLE, LATER, fetched=True)
    assert state(store) == AccountState(ACCOUNT, "", Fetching.IDLE, LATER, LATER, None)
    assert state(store, OTHER) == AccountState(OTHER, "", Fetching.IDLE, AT, AT, None)


def test_it_is_known_since_when_an_account_is_in_a_state(store: Store) -> None:
    for told in Fetching:
        store.perform(mail_accounts.tell, told, told, AT)
        store.perform(mail_accounts.tell, told, told, LATER, fetched=True, trouble=AWAY)
        assert state(store, told) == AccountState(told, "", told, AT, LATER, AWAY)


def test_accounts_are_given_to_email_servers(store: Store) -> None:
    store.perform(mail_accounts.assign, {OTHER: "north", ACCOUNT: "north"}, AT)
    assert store.perform(mail_accounts.of_server, "north") == [OTHER, ACCOUNT]
    assert state(store) == AccountState(ACCOUNT, "north", Fetching.WAITING, AT, None, None)
    store.perform(mail_accounts.assign, {ACCOUNT: "south"}, LATER)
    assert store.perform(mail_accounts.of_server, "north") == [OTHER]
    assert store.perform(mail_accounts.of_server, "south") == [ACCOUNT]


def test_what_is_told_of_an_account_leaves_it_to_whom_it_is_given(store: Store) -> None:
    store.perform(mail_accounts.assign, {ACCOUNT: "north"}, AT)
    store.perform(mail_accounts.tell, ACCOUNT, Fetching.FETCHING, LATER)
    assert state(store).server == "north"
    before = state(store)
    store.perform(mail_accounts.assign, {ACCOUNT: "north"}, LATER)
    assert state(store) == before, "it was given to this one before"


def test_an_account_that_is_given_to_another_waits_for_it(store: Store) -> None:
    for server in ("south", ""):
        store.perform(mail_accounts.assign, {ACCOUNT: "north"}, AT)
        store.perform(mail_accounts.tell, ACCOUNT, Fetching.IDLE, AT, fetched=True)
        store.perform(mail_accounts.tell, ACCOUNT, Fetching.TROUBLE, AT, trouble=AWAY)
        store.perform(mail_accounts.assign, {ACCOUNT: server}, LATER)
        waiting = AccountState(ACCOUNT, server, Fetching.WAITING, LATER, AT, None)
        assert state(store) == waiting


def test_a_wish_that_came_meanwhile_is_not_fulfilled_with_the_one_before(store: Store) -> None:
    first, then = (Wish(date(2026, 11, day), date(2026, 11, 15)) for day in (5, 1))
    for wish in (first, then):
        store.perform(mail_accounts.want, ACCOUNT, wish, AT)
        store.perform(mail_accounts.want, OTHER, wish, AT)
    store.perform(mail_accounts.fulfil, ACCOUNT, first)
    assert store.perform(mail_accounts.wanted, ACCOUNT) == then
    store.perform(mail_accounts.fulfil, ACCOUNT, then)
    assert store.perform(mail_accounts.wanted, ACCOUNT) is None
    assert store.perform(mail_accounts.wanted, OTHER) == then


def test_an_email_server_that_is_at_work_beats_until_it_leaves(store: Store) -> None:
    for server in ("north", "south", "north"):
        store.perform(mail_accounts.beat, server)
    first = store.perform(mail_accounts.beats)
    store.perform(mail_accounts.beat, "north")
    second = store.perform(mail_accounts.beats)
    assert {one for one in second if second[one] > first[one]} == {"north"}
    assert set(second) == {"north", "south"}
    store.perform(mail_accounts.leave, "south")
    store.perform(mail_accounts.leave, "east")
    assert set(store.perform(mail_accounts.beats)) == {"north"}


@ON_POSTGRESQL
async def test_what_two_processes_say_of_a_new_account_at_once_is_kept(running: Store) -> None:
    await at_once(
        running,
        partial(mail_accounts.assign, {ACCOUNT: "north"}, AT),
        partial(mail_accounts.tell, ACCOUNT, Fetching.FETCHING, LATER),
    )
    told = state(running)
    assert (told.server, told.state, told.since) == ("north", Fetching.FETCHING, LATER)


def test_the_last_answers_that_a_budget_kept_back_are_known_with_their_time(store: Store) -> None:
    store.perform(mail_accounts.tell, ACCOUNT, Fetching.IDLE, AT)
    kept_back = [sentence("No automatic answer to %1: %2", str(n), AWAY) for n in range(5)]
    for number, said in enumerate(kept_back):
        store.perform(mail_accounts.withhold, ACCOUNT, said, AT + timedelta(seconds=number))
    store.perform(mail_accounts.withhold, OTHER, AWAY, AT)
    assert state(store).withheld == tuple(
        Withheld(AT + timedelta(seconds=number), kept_back[number]) for number in (4, 3, 2)
    )
    store.perform(mail_accounts.tell, ACCOUNT, Fetching.TROUBLE, LATER, trouble=AWAY)
    assert len(state(store).withheld) == 3


def test_the_one_that_was_known_before_stays_known(make_store: Callable[[], Store]) -> None:
    store = make_store()
    store.open("0006_mail")

    values = {
        "account": ACCOUNT,
        "state": "idle",
        "since": to_stored(AT),
        "withheld": ledger.write_sentence(AWAY),
        "withheld_at": to_stored(AT),
        **dict.fromkeys(("server", "trouble", "wanted_since", "wanted_before"), ""),
    }
    names, marks = ", ".join(values), ", ".join([database.param] * len(values))
    sql = f"INSERT INTO mail_account_state ({names}) VALUES ({marks})"
    store.perform(database.execute_sql, sql, tuple(values.values()))
    store.close()
    store = make_store()
    store.open()
    assert state(store).withheld == (Withheld(AT, AWAY),)
