"""The dispatchers of the organisation areas that this server has, and the loop that they share.

A contact is of the area that is stored with it, an agent of the one that the configuration says.
What happens inside an area is its `dispatcher`'s.
"""

from collections.abc import Iterable

from ace_server.clock import Clock
from ace_server.concepts import Site
from ace_server.contact import State
from ace_server.current import Current
from ace_server.desk.dispatcher import Book, Dispatcher
from ace_server.events import Configured, Events, Moved, Queued
from ace_server.rounds import Rounds
from ace_server.routing.queues import Line, Presence, Waiting
from ace_server.routing.serving import Profile
from ace_server.store import Store
from ace_server.store.contacts import OpenContact

SLOW_POLL = 10.0
"""Seconds after which it looks again, whatever it was or was not told."""


class Dispatch:
    """One dispatcher an area; each thing that happens is told to the one that it concerns."""

    def __init__(self, store: Store, current: Current, events: Events, clock: Clock) -> None:
        self._store = store
        self._current = current
        self._site = current.site
        self._events = events
        self._clock = clock
        self._dispatchers: dict[str, Dispatcher] = {}
        self._book: Book | None = None
        self._rounds = Rounds(
            "dispatch",
            self._everything,
            every=lambda: SLOW_POLL,
            due=self._until_something_is_due,
            meanwhile="contacts stay in their queues",
        )
        events.subscribe(Queued, lambda queued: self.add(queued.contact))
        events.subscribe(Moved, self._on_move)
        events.subscribe(Configured, lambda configured: self._configure(configured.site))
        self._configure(current.site())

    def dispatcher(self, area: str = "") -> Dispatcher:
        """The dispatcher of an area."""
        found = self._dispatchers.get(area)
        if found is None:
            found = Dispatcher(area, self._store, self._current, self._events, self._clock)
            self._dispatchers[area] = found
        return found

    def _configure(self, site: Site) -> None:
        for area in site.areas:
            self.dispatcher(area)
        for dispatcher in self._dispatchers.values():
            dispatcher.configure(site)
        self._rounds.wake()

    # Life

    def recover(self, open_contacts: Iterable[OpenContact]) -> None:
        """Know what the store holds and nothing else; who is there is told next, by `agent`."""
        for dispatcher in self._dispatchers.values():
            dispatcher.begin_anew()
        for contact in open_contacts:
            if contact.state is State.QUEUED:
                self.dispatcher(contact.area).add(contact)
        self._rounds.wake()

    async def start(self, book: Book) -> None:
        """Begin to book, by calling `book` for each decision."""
        self._book = book
        await self._rounds.start()

    async def stop(self) -> None:
        """Book nothing any more; what is under way is finished."""
        await self._rounds.stop()
        await self.finish()

    def under_way(self) -> int:
        """How many bookings have been decided and not yet carried out."""
        return sum(one.under_way() for one in self._dispatchers.values())

    async def finish(self) -> None:
        """Wait for the bookings that are under way."""
        for dispatcher in self._dispatchers.values():
            await dispatcher.finish()

    # What happened

    def add(self, contact: OpenContact) -> None:
        """A contact waits; in another area, if there it waited before, it does no more."""
        for area, dispatcher in self._dispatchers.items():
            if area != contact.area:
                dispatcher.router.discard(contact.id)
        self.dispatcher(contact.area).add(contact)
        self._rounds.wake()

    def _on_move(self, moved: Moved) -> None:
        """What left its queue waits no more, also where memory was read anew just before."""
        if moved.before is State.QUEUED:
            for dispatcher in self._dispatchers.values():
                dispatcher.router.discard(moved.contact)

    def agent(self, profile: Profile, presence: Presence, *, ready: bool, last: str = "") -> None:
        """What an agent serves, whether the agent is there, and can be given a contact.

        `last`: the entrance of the contact that the agent has, or had last.
        """
        for area, dispatcher in self._dispatchers.items():
            if area != profile.area and dispatcher.router.index.profile(profile.login) is not None:
                dispatcher.router.agent(profile, Presence.OUT, ready=False, last=last)
        self.dispatcher(profile.area).router.agent(profile, presence, ready=ready, last=last)
        self._rounds.wake()

    # Rounds

    async def _everything(self) -> None:
        self.round()
        for dispatcher in list(self._dispatchers.values()):
            await dispatcher.move_on(self.round)
            await dispatcher.rescue()

    def round(self) -> None:
        """Start every booking that is possible now; they share a commit."""
        assert self._book is not None
        for dispatcher in self._dispatchers.values():
            dispatcher.round(self._book)

    async def move_on(self) -> None:
        """Let contacts wait at the next stop of their rule, whose constraint says so (RO-3)."""
        for dispatcher in list(self._dispatchers.values()):
            await dispatcher.move_on(self.round)

    async def rescue(self) -> None:
        """Place contacts anew whose place, or the person they wait for, is gone (WI-8)."""
        for dispatcher in list(self._dispatchers.values()):
            await dispatcher.rescue()

    def _until_something_is_due(self) -> float | None:
        due = [one.router.next_at() for one in self._dispatchers.values()]
        first = min((at for at in due if at is not None), default=None)
        return None if first is None else (first - self._clock.now()).total_seconds()

    # What is known

    def line(self, queue: str, personal: str = "") -> Line | None:
        """What waits in a place, or for one agent alone; None where nothing ever did.

        It is that of the area which has the place now: it may have been another's.
        """
        site = self._site()
        owner = site.users.get(personal) if personal else site.place(queue)
        if owner is not None:
            return self.dispatcher(owner.area).index.known_line(queue, personal)
        for dispatcher in self._dispatchers.values():
            line = dispatcher.index.known_line(queue, personal)
            if line is not None:
                return line
        return None

    def waiting(self, contact: int) -> Waiting | None:
        """A contact that waits, in whichever area; None where it does not."""
        found = self.of(contact)
        return None if found is None else found.index.waiting(contact)

    def of(self, contact: int) -> Dispatcher | None:
        """The dispatcher of the area in which a contact waits."""
        return next(
            (one for one in self._dispatchers.values() if one.index.waiting(contact) is not None),
            None,
        )
