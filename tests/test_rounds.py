"""A loop of rounds: what begins a round, what follows one that failed, and how it ends."""

import asyncio

import pytest

from ace_server import rounds
from ace_server.errors import Unavailable
from ace_server.rounds import Rounds

NEVER = 3600.0
"""Seconds; no test waits so long."""


class Work:
    """What its rounds do: counts them, and fails as often as it was told to."""

    def __init__(self) -> None:
        self.done = 0
        self.failures: list[Exception] = []
        self.told = 0
        self.every = NEVER
        self.due: float | None = None
        self.during = lambda: None
        self._one_is_done = asyncio.Event()
        self.rounds = Rounds(
            "work",
            self._round,
            every=lambda: self.every,
            due=lambda: self.due,
            meanwhile="work waits",
            on_failure=self._tell,
        )

    async def _round(self) -> None:
        self.done += 1
        self._one_is_done.set()
        self.during()
        if self.failures:
            raise self.failures.pop(0)

    def _tell(self) -> None:
        self.told += 1

    async def until(self, count: int) -> None:
        """Until so many rounds have begun, and whoever was waiting had a turn."""
        async with asyncio.timeout(10):
            while self.done < count:
                self._one_is_done.clear()
                await self._one_is_done.wait()
        await turns(3)


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.fixture
async def work():
    made = Work()
    await made.rounds.start()
    yield made
    await made.rounds.stop()


async def test_nothing_is_done_before_it_is_woken_or_something_is_due(work):
    await turns(20)
    assert work.done == 0


async def test_whoever_is_woken_does_one_round(work):
    work.rounds.wake()
    work.rounds.wake()
    await work.until(1)
    await turns(20)
    assert work.done == 1


async def test_woken_before_its_start_it_does_a_round_at_once():
    work = Work()
    work.rounds.wake()
    await work.rounds.start()
    await work.until(1)
    await work.rounds.stop()


async def test_what_comes_during_a_round_has_a_round_of_its_own(work):
    work.during = lambda: work.done == 1 and work.rounds.wake()
    work.rounds.wake()
    await work.until(2)
    await turns(20)
    assert work.done == 2


async def test_whoever_wakes_itself_leaves_the_others_their_turn(work):
    work.during = work.rounds.wake
    work.rounds.wake()
    await turns(20)
    assert 0 < work.done <= 20


async def test_without_a_signal_it_goes_by_its_slow_clock():
    work = Work()
    work.every = 0.001
    await work.rounds.start()
    await work.until(3)
    await work.rounds.stop()


async def test_what_is_due_sooner_than_the_slow_clock_has_its_round():
    work = Work()
    work.due = 0.001
    await work.rounds.start()
    await work.until(2)
    await work.rounds.stop()


@pytest.mark.parametrize(
    ("due", "pause"),
    [(None, 10.0), (3.0, 3.0), (30.0, 10.0), (0.0, rounds.LEAST), (-5.0, rounds.LEAST)],
)
def test_it_waits_for_what_is_due_or_its_slow_clock_and_never_for_nothing(due, pause):
    work = Work()
    work.every, work.due = 10.0, due
    assert work.rounds.pause() == pause


async def test_what_stays_due_keeps_no_core_busy():
    work = Work()
    work.due = -5.0
    await work.rounds.start()
    loop = asyncio.get_running_loop()
    begun_at = loop.time()
    await work.until(2)
    await turns(20)
    assert work.done <= 1 + (loop.time() - begun_at) / rounds.LEAST
    await work.rounds.stop()


async def test_while_rounds_are_unavailable_the_pause_grows_up_to_the_slow_clock(work):
    work.every, work.due = 3.0, 0.5
    work.failures = [Unavailable("the disk is full") for _ in range(5)]
    pauses = []
    for count in range(1, 7):
        work.rounds.wake()
        await work.until(count)
        pauses.append(work.rounds.pause())
    assert pauses == [0.5, 1.0, 2.0, 3.0, 3.0, 0.5]  # the last one was done: what is due counts
    assert work.told == 0


async def test_what_was_unavailable_is_tried_again_by_itself_and_the_log_says_why(
    work, monkeypatch, caplog
):
    caplog.set_level("INFO")
    monkeypatch.setattr(rounds, "SHORTEST_WAIT", 0.001)
    work.failures = [Unavailable("the disk is full")] * 2
    work.rounds.wake()
    await work.until(3)
    await turns(20)
    assert (work.done, work.rounds.pause()) == (3, NEVER)
    assert "work waits: the disk is full" in caplog.text


async def test_after_an_error_that_nobody_foresaw_it_is_logged_told_and_goes_on(
    work, expect_log, monkeypatch
):
    monkeypatch.setattr(rounds, "SHORTEST_WAIT", 0.001)
    expect_log(r"ERROR ace_server\.rounds: a round of the loop 'work' failed \[KeyError\('x'\)\]")
    work.failures = [KeyError("x")]
    work.rounds.wake()
    await work.until(2)
    assert (work.done, work.told) == (2, 1)


async def test_rounds_that_fail_on_what_is_due_keep_no_core_busy(work, expect_log):
    expect_log(r"ERROR .* \[KeyError")
    work.due = -5.0
    work.failures = [KeyError("x") for _ in range(100)]
    work.rounds.wake()
    await turns(50)
    assert work.done == 1


async def test_what_is_due_cannot_be_told_and_it_goes_on(expect_log, monkeypatch):
    monkeypatch.setattr(rounds, "SHORTEST_WAIT", 0.001)
    expect_log(r"ERROR .* \[ZeroDivisionError")
    asked, done = [], asyncio.Event()

    def due() -> float:
        asked.append(True)
        return 1 / (len(asked) - 1)

    async def round() -> None:
        done.set()

    made = Rounds("work", round, every=lambda: NEVER, due=due, meanwhile="work waits")
    await made.start()
    async with asyncio.timeout(10):
        await done.wait()
    await made.stop()


async def test_stopped_while_it_waits_it_does_nothing_more():
    work = Work()
    await work.rounds.start()
    await turns(3)
    await work.rounds.stop()
    work.rounds.wake()
    await turns(20)
    assert work.done == 0


async def test_stopped_during_a_round_it_breaks_the_round_off():
    begun, ended = asyncio.Event(), []

    async def round() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.append("broken off")
            raise

    made = Rounds("work", round, every=lambda: NEVER, meanwhile="work waits")
    made.wake()
    await made.start()
    await begun.wait()
    await made.stop()
    assert ended == ["broken off"]


async def test_what_never_started_can_be_stopped():
    await Work().rounds.stop()
