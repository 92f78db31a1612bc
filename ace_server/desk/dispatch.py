"""The loop that gives contacts to agents: `routing` decides over the index, `agents` carries out.

It holds the index of everything that waits; what is true is in the store.
"""

import asyncio
import heapq
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta

from ace_server.clock import Clock
from ace_server.concepts import UNROUTED, Site
from ace_server.contact import State
from ace_server.errors import IllegalMove, Unavailable
from ace_server.events import Configured, Events, Moved, Queued
from ace_server.intake import next_stop, place
from ace_server.rounds import Rounds
from ace_server.routing import selection
from ace_server.routing.queues import Index, Waiting
from ace_server.routing.selection import Booking
from ace_server.store import Store, contacts
from ace_server.store.contacts import OpenContact, Placement

log = logging.getLogger(__name__)

RETRY = timedelta(seconds=1)
"""After trouble with the store."""

SLOW_POLL = 10.0
"""Seconds after which it looks again, whatever it was or was not told."""


class Dispatch:
    """Books every contact that can be booked, as soon as it can be (RO-6)."""

    def __init__(
        self, store: Store, site: Callable[[], Site], events: Events, clock: Clock
    ) -> None:
        self._store = store
        self._site = site
        self._events = events
        self._clock = clock
        self.index = Index({}, {})
        self._moving_on: list[tuple[datetime, int]] = []
        self._rounds = Rounds(
            "dispatch",
            self._everything,
            every=lambda: SLOW_POLL,
            due=self._until_one_moves_on,
            meanwhile="contacts stay in their queues",
        )
        self._may_be_stranded = True  # contacts in queues, or for persons, that are no more
        self._tasks: set[asyncio.Task[None]] = set()
        self._book: Callable[[Booking], Awaitable[None]] | None = None
        events.subscribe(Queued, lambda queued: self.add(queued.contact))
        events.subscribe(Moved, self._on_move)
        events.subscribe(Configured, lambda configured: self._configure(configured.site))
        self._configure(site())

    def recover(self, open_contacts: Iterable[OpenContact]) -> None:
        """Make the index anew from what the store holds; who is ready stays so."""
        ready = self.index.ready_agents()
        site = self._site()
        self.index = Index(site.queues, _skills(site))
        self._moving_on.clear()
        for contact in open_contacts:
            if contact.state is State.QUEUED:
                self._put(contact)
        for login in ready:
            self.index.ready(login)
        self._rounds.wake()

    async def start(self, book: Callable[[Booking], Awaitable[None]]) -> None:
        """Begin to book, by calling `book` for each decision."""
        self._book = book
        await self._rounds.start()

    async def stop(self) -> None:
        """Book nothing any more; what is under way is finished."""
        await self._rounds.stop()
        await self.finish()

    def under_way(self) -> int:
        """How many bookings have been decided and not yet carried out."""
        return len(self._tasks)

    async def finish(self) -> None:
        """Wait for the bookings that are under way."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def add(self, contact: OpenContact) -> None:
        """A contact waits."""
        self._put(contact)
        # Placed under a configuration that was replaced before the placement was committed?
        self._may_be_stranded |= bool(contact.queue) and contact.queue not in self._site().queues
        self._rounds.wake()

    def _on_move(self, moved: Moved) -> None:
        """What left its queue waits no more, also where memory was read anew just before."""
        if moved.before is State.QUEUED:
            self.index.discard(moved.contact)

    def ready(self, login: str) -> None:
        """An agent can be given a contact."""
        self.index.ready(login)
        self._rounds.wake()

    def not_ready(self, login: str) -> None:
        """An agent cannot be given a contact."""
        self.index.not_ready(login)

    def _put(self, contact: OpenContact) -> None:
        assert contact.first_queued_at is not None and contact.place is not None  # it is queued
        self.index.add(
            Waiting(
                contact.id,
                contact.queue,
                contact.place,
                contact.prio,
                contact.first_queued_at,
                contact.personal,
            )
        )
        if contact.moves_on_at is not None:
            heapq.heappush(self._moving_on, (contact.moves_on_at, contact.id))

    def _configure(self, site: Site) -> None:
        self.index.configure(site.queues, _skills(site))
        self._may_be_stranded = True
        self._rounds.wake()

    async def _everything(self) -> None:
        self.round()
        await self.move_on()
        await self.rescue()

    def _until_one_moves_on(self) -> float | None:
        if not self._moving_on:
            return None
        return (self._moving_on[0][0] - self._clock.now()).total_seconds()

    def round(self) -> None:
        """Start every booking that is possible now; they share a commit."""
        assert self._book is not None
        for booking in selection.bookings(self.index, self._clock.now()):
            task = asyncio.ensure_future(self._carry_out(booking))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, booking: Booking) -> None:
        assert self._book is not None
        try:
            await self._book(booking)
        except Exception:  # noqa: BLE001  # edge: one booking
            log.exception("contact %s could not be booked", booking.contact)

    async def move_on(self) -> None:
        """Let contacts whose time at a destination is over wait at the next (RO-3)."""
        now = self._clock.now()
        while self._moving_on and self._moving_on[0][0] <= now:
            _, contact_id = heapq.heappop(self._moving_on)
            try:
                await self._move_on(contact_id, now)
            except IllegalMove:
                log.debug("contact %s was booked, picked or closed meanwhile", contact_id)
            except Unavailable:
                heapq.heappush(self._moving_on, (now + RETRY, contact_id))
                raise

    async def rescue(self) -> None:
        """Place contacts anew whose queue, or the person they wait for, is gone (WI-8)."""
        if not self._may_be_stranded:
            return
        self._may_be_stranded = False
        site, now = self._site(), self._clock.now()

        def job() -> list[OpenContact | None]:
            stranded = contacts.stranded(list(site.queues), list(site.users))
            for row in stranded:
                _, placement = place(row.data, row.entrance, site, now)
                if placement.state is not State.QUEUED:
                    placement = Placement(UNROUTED)
                contacts.move_on(row.id, row.queue, placement, now, personal=row.personal)
            return [contacts.open_one(row.id) for row in stranded]

        try:
            rescued = await self._store.run(job)
        except Unavailable:
            self._may_be_stranded = True
            raise
        for contact in rescued:
            if contact is not None:
                self._events.publish(Queued(contact))

    async def _move_on(self, contact_id: int, now: datetime) -> None:
        site = self._site()

        def job() -> OpenContact | None:
            row = contacts.get(contact_id)
            if row is None or row.state is not State.QUEUED or row.moves_on_at is None:
                return None
            if row.moves_on_at > now:
                return None
            contacts.move_on(contact_id, row.queue, next_stop(row, site, now), now)
            return contacts.open_one(contact_id)

        moved = await self._store.run(job)
        if moved is not None and self.index.waiting(contact_id) is not None:
            self.index.discard(contact_id)
            self._events.publish(Queued(moved))


def _skills(site: Site) -> dict[str, dict[str, int]]:
    return {login: user.skills for login, user in site.users.items()}
