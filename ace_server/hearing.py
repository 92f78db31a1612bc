"""What other processes stored, taken over by this one: woken by the store, and by a slow clock."""

from collections.abc import Awaitable, Callable, Sequence

from ace_server.contact import State
from ace_server.current import Current
from ace_server.entrances import Entrances
from ace_server.events import Buffered, Events, Queued
from ace_server.rounds import Rounds
from ace_server.store import Sign, Store, news
from ace_server.store.ears import Ears
from ace_server.store.news import Told

SLOW_POLL = 5.0
"""Seconds after which it looks again, whatever it was or was not told."""

Look = Callable[[], Awaitable[None]]


class Hearing:
    """Calls every `look` when one of the signs was given, and now and then without one."""

    def __init__(
        self,
        store: Store,
        signs: Sequence[Sign],
        looks: Sequence[Look],
        *,
        every: Callable[[], float] = lambda: SLOW_POLL,
        on_failure: Callable[[], None] = lambda: None,
    ) -> None:
        """`every`: seconds after which it looks without having heard anything.

        `on_failure` is called where a look failed in a way that nobody foresaw: what it took from
        the store may be known nowhere else.
        """
        self._looks = looks
        self._rounds = Rounds(
            "hearing",
            self._look,
            every=every,
            meanwhile="what other processes stored is not heard of",
            on_failure=on_failure,
        )
        self._ears: Ears = store.ears(signs, self._rounds.wake)

    async def start(self) -> None:
        """Begin to listen, and to look."""
        self._ears.start()
        self._rounds.wake()
        await self._rounds.start()

    async def stop(self) -> None:
        """Look no more."""
        await self._ears.stop()
        await self._rounds.stop()

    async def _look(self) -> None:
        for look in self._looks:
            await look()


class Configuration:
    """The configuration, when another process changed it."""

    def __init__(self, current: Current) -> None:
        self._current = current

    async def look(self) -> None:
        """Read it anew where it is another. Raises Unavailable."""
        if await self._current.is_outdated():
            await self._current.reload()


class News:
    """The contacts that other processes took in, for the core."""

    def __init__(self, store: Store, entrances: Entrances, events: Events) -> None:
        self._store = store
        self._entrances = entrances
        self._events = events

    async def look(self) -> None:
        """Hear of all there are. Raises Unavailable."""
        while told := await self._store.run(news.take):
            for one in told:
                self._hear(one)

    def _hear(self, told: Told) -> None:
        # Counted as it came in: what became of it since was counted by who did it.
        self._entrances.count(told.entrance, None, told.received_as)
        if told.received_as is State.BUFFERED:
            self._events.publish(Buffered(told.entrance))
        elif told.contact is not None and told.contact.state is State.QUEUED:
            self._events.publish(Queued(told.contact))
