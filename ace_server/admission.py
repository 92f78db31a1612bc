"""Whether a new contact is queued or buffered (WI-8, RO-9), decided where the counts are.

Beside the core they are in memory. In a process that only takes contacts in they are read from the
kept figures, in the transaction that adds the contact, so that nothing overtakes what is buffered.
"""

from collections.abc import Callable
from typing import Protocol

from msgspec.structs import replace

from ace_server.clock import Clock
from ace_server.concepts import Site
from ace_server.contact import State, prio
from ace_server.entrances import Entrances
from ace_server.events import Buffered, Events, Queued
from ace_server.leading import Presence
from ace_server.routing import flow, opening
from ace_server.routing.flow import Limits
from ace_server.store import Store, contacts, figures, news
from ace_server.store.contacts import Added, NewContact, OpenContact, Placement

Beside = Callable[[Added], None]
"""What is stored in the transaction of a contact; it may raise what a job raises."""


def nothing(_: Added) -> None:
    """Store nothing beside a contact."""


class Admission(Protocol):
    """Adds a contact to its queue, or to the buffer."""

    async def add(
        self, new: NewContact, beside: Beside = nothing, *, behind: bool = False
    ) -> Added:
        """Add it, or find that it was added before; it is durable when this returns.

        `beside` is done in the same transaction. `behind`: work items go first (WI-5). Raises
        Refused, Unavailable, and what `beside` raises.
        """
        ...


class InMemory:
    """Beside the core: it hears of the contact in this process."""

    def __init__(self, store: Store, entrances: Entrances, events: Events) -> None:
        self._store = store
        self._entrances = entrances
        self._events = events

    async def add(
        self, new: NewContact, beside: Beside = nothing, *, behind: bool = False
    ) -> Added:
        if not self._entrances.lets_in(new.entrance):
            new = _buffered(new)
        state = new.placement.state
        run = self._store.run_behind if behind else self._store.run
        with self._entrances.expecting(new.entrance, state):
            added = await run(_add_with, new, beside)
        if not added.repeated:
            self._entrances.count(new.entrance, None, state)
            queued = state is State.QUEUED
            self._events.publish(Queued(_waiting(added, new)) if queued else Buffered(new.entrance))
        return added


class InStore:
    """Apart from the core: it hears of the contact through the store, when it is there."""

    def __init__(
        self, store: Store, site: Callable[[], Site], presence: Presence, clock: Clock
    ) -> None:
        self._store = store
        self._site = site
        self._presence = presence
        self._clock = clock

    async def add(
        self, new: NewContact, beside: Beside = nothing, *, behind: bool = False
    ) -> Added:
        site = self._site()
        hours = site.opening_hours.get(new.entrance)
        is_open = opening.is_open(hours, self._clock.now(), site.facts.time_zone)
        limits = flow.limits(site, new.entrance)
        is_open = is_open and self._presence.is_there()
        run = self._store.run_behind if behind else self._store.run
        return await run(_add, new, beside, is_open, limits, self._clock)


def _add_with(new: NewContact, beside: Beside) -> Added:
    added = contacts.add(new)
    beside(added)
    return added


def _add(new: NewContact, beside: Beside, is_open: bool, limits: Limits, clock: Clock) -> Added:
    """Add it to its queue if the entrance lets it in; a job.

    It comes in when that is decided: what the core released before has the earlier time, too.
    """
    new = replace(new, received_at=clock.now())
    stands = figures.entrance(new.entrance)
    is_full = limits.full(stands.waiting + stands.in_hand, stands.waiting)
    if not is_open or stands.buffered or is_full:
        new = _buffered(new)
    added = _add_with(new, beside)
    if not added.repeated:
        news.tell(added.contact_id)
    return added


def _buffered(new: NewContact) -> NewContact:
    return replace(new, placement=Placement(area=new.placement.area))


def _waiting(added: Added, new: NewContact) -> OpenContact:
    placement = new.placement
    return OpenContact(
        added.contact_id,
        new.entrance,
        State.QUEUED,
        placement.queue,
        placement.personal,
        added.place,
        prio(new.data),
        None,
        new.received_at,
        placement.moves_on_at,
        placement.area,
        False,
        placement.destination,
        new.task_type,
        placement.until,
    )
