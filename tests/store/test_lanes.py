"""The two lanes of the store, by a clock that moves when it is told to (WI-5)."""

import pytest

from ace_server.store.lanes import (
    FLOW,
    GROUP,
    GROUP_BEHIND,
    LATELY,
    LONGEST_REST,
    PATIENCE,
    REST,
    Lanes,
)


class Time:
    """Seconds, as the test says."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def lanes(time: Time) -> Lanes[str]:
    return Lanes(time)


def flow(lanes: Lanes[str]) -> None:
    """Take so many of those before that they flow."""
    for _ in range(FLOW):
        lanes.put(["item"])
        lanes.take()


def test_what_waits_before_goes_together_up_to_a_bound(lanes: Lanes[str]) -> None:
    lanes.put(["item"] * (GROUP + 1))
    assert [len(lanes.take()), len(lanes.take())] == [GROUP, 1]


def test_what_waits_behind_goes_last(lanes: Lanes[str]) -> None:
    lanes.put_behind("mail")
    lanes.put(["item"])
    assert [lanes.take(), lanes.take()] == [["item"], ["mail"]]


def test_few_behind_go_together_while_nothing_else_comes(lanes: Lanes[str], time: Time) -> None:
    flow(lanes)
    time.now += LATELY
    for _ in range(GROUP_BEHIND + 1):
        lanes.put_behind("mail")
    assert [len(lanes.take()), len(lanes.take())] == [GROUP_BEHIND, 1]


def test_a_few_before_are_no_flow(lanes: Lanes[str], time: Time) -> None:
    for _ in range(FLOW - 1):
        lanes.put(["item"])
        lanes.take()
    for _ in range(GROUP_BEHIND):
        lanes.put_behind("mail")
    assert len(lanes.take()) == GROUP_BEHIND


def test_while_others_flow_those_behind_go_one_by_one_and_rest_between(
    lanes: Lanes[str], time: Time
) -> None:
    flow(lanes)
    for mail in ("first mail", "second mail"):
        lanes.put_behind(mail)
    assert lanes.take() == ["first mail"]
    time.now += 0.001  # it took so long
    for _ in range(PATIENCE + 1):
        lanes.put(["item"])
        assert lanes.take() == ["item"]
    time.now += REST * 0.001
    assert lanes.take() == ["second mail"]


def test_a_slow_transaction_behind_is_followed_by_no_longer_rest_than_is_right(
    lanes: Lanes[str], time: Time
) -> None:
    flow(lanes)
    for mail in ("first mail", "second mail"):
        lanes.put_behind(mail)
    lanes.take()
    time.now += 1.0
    lanes.put(["item"])
    assert lanes.take() == ["item"]
    time.now += LONGEST_REST
    assert lanes.take() == ["second mail"]


def test_those_behind_wait_for_their_rest_by_themselves(lanes: Lanes[str], time: Time) -> None:
    """Nobody has to wake who takes when the rest is over."""

    def moving() -> float:
        time.now += 0.001
        return time.now

    moved = Lanes[str](moving)
    flow(moved)
    for mail in ("first mail", "second mail"):
        moved.put_behind(mail)
    assert [moved.take(), moved.take()] == [["first mail"], ["second mail"]]


def test_those_behind_get_their_turn_however_many_come_before_them(lanes: Lanes[str]) -> None:
    lanes.put_behind("mail")
    for _ in range(PATIENCE):
        lanes.put(["item"])
        assert lanes.take() == ["item"]
    lanes.put(["item"])
    assert [lanes.take(), lanes.take()] == [["mail"], ["item"]]


def test_at_the_end_all_that_waits_is_taken_without_a_rest(lanes: Lanes[str], time: Time) -> None:
    flow(lanes)
    for mail in ("first mail", "second mail"):
        lanes.put_behind(mail)
    lanes.take()
    time.now += 1.0
    lanes.close()
    assert [lanes.take(), lanes.take()] == [["second mail"], []]


def test_what_waits_is_counted_once(lanes: Lanes[str]) -> None:
    for _ in range(3):
        lanes.put_behind("mail")
    lanes.put(["item"])
    assert lanes.waiting() == 4
    lanes.take()
    assert lanes.waiting() == 3


def test_what_was_closed_is_opened_again(lanes: Lanes[str]) -> None:
    lanes.close()
    assert lanes.take() == []
    lanes.open()
    lanes.put(["item"])
    lanes.put_behind("mail")
    assert [lanes.take(), lanes.take()] == [["item"], ["mail"]]
