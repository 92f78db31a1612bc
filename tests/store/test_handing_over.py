"""What one round of the loop hands in reaches the store's thread together."""

import asyncio

from ace_server.store import Store


async def test_thread_is_woken_once_for_what_one_round_of_the_loop_hands_in(data):
    store = Store(data)
    store.open()
    store.start()
    try:
        futures = [store.run(lambda number=number: number) for number in range(3)]
        assert store.waiting() == 3  # the thread has not been told of any yet
        assert await asyncio.gather(*futures) == [0, 1, 2]
        assert store.waiting() == 0
    finally:
        await store.stop()
        store.close()


async def test_what_was_handed_in_just_before_the_stop_is_done(data):
    store = Store(data)
    store.open()
    store.start()
    future = store.run(lambda: "done")
    await store.stop()
    store.close()
    assert await future == "done"
