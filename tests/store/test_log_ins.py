"""Tokens that were given out."""

from pathlib import Path

from ace_server.store import Store, log_ins
from ace_server.store.log_ins import LogInRow
from tests.store.making import AT, LATER

TOKEN = "S3cret-Token-Of-Anna"


def test_a_token_is_found_with_whose_it_is_and_since_when(store: Store) -> None:
    store.perform(log_ins.add, TOKEN, "anna", AT)
    assert store.perform(log_ins.find, TOKEN) == LogInRow("anna", AT, AT)


def test_a_token_is_stored_as_its_digest_only(store: Store, data: Path) -> None:
    store.perform(log_ins.add, TOKEN, "anna", AT)
    store.close()
    for file in data.rglob("*"):
        if file.is_file():
            assert TOKEN.encode() not in file.read_bytes()


def test_a_token_that_was_not_given_out_opens_nothing(store: Store) -> None:
    store.perform(log_ins.add, TOKEN, "anna", AT)
    assert store.perform(log_ins.find, TOKEN + "x") is None
    assert store.perform(log_ins.find, log_ins.digest(TOKEN)) is None


def test_when_tokens_were_last_in_use_is_remembered(store: Store) -> None:
    for token in "abc":
        store.perform(log_ins.add, token, "anna", AT)
    store.perform(log_ins.seen, ["a", "b"], LATER)
    found = [store.perform(log_ins.find, token) for token in "abc"]
    assert [one and one.seen_at for one in found] == [LATER, LATER, AT]


def test_a_removed_token_opens_nothing_and_others_still_do(store: Store) -> None:
    store.perform(log_ins.add, TOKEN, "anna", AT)
    store.perform(log_ins.add, "another", "anna", AT)
    store.perform(log_ins.remove, TOKEN)
    assert store.perform(log_ins.find, TOKEN) is None
    assert store.perform(log_ins.find, "another") is not None


def test_all_tokens_of_one_user_can_be_removed(store: Store) -> None:
    for token, login in (("a", "anna"), ("b", "anna"), ("c", "bengt")):
        store.perform(log_ins.add, token, login, AT)
    store.perform(log_ins.remove_all, "anna")
    found = [store.perform(log_ins.find, token) for token in "abc"]
    assert [one and one.login for one in found] == [None, None, "bengt"]


def test_tokens_older_than_a_time_can_be_removed(store: Store) -> None:
    store.perform(log_ins.add, "old", "anna", AT)
    store.perform(log_ins.add, "new", "anna", LATER)
    store.perform(log_ins.remove_older, LATER)
    assert store.perform(log_ins.find, "old") is None
    assert store.perform(log_ins.find, "new") is not None
