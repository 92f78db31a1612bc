"""What one round of the loop hands in reaches the store's thread together."""

import asyncio

from ace_server.store import Store


async def test_thread_is_told_once_of_all_that_one_round_of_the_loop_hands_in(running: Store):
    futures = [running.run(lambda number=number: number) for number in range(3)]

    assert running.waiting() == 3  # the thread has not been told of any yet
    assert await asyncio.gather(*futures) == [0, 1, 2]
    assert running.waiting() == 0


async def test_what_was_handed_in_just_before_the_stop_is_done(running: Store):
    future = running.run(lambda: "done")

    await running.stop()

    assert await future == "done"
