"""Carries out what the router of one organisation area decides.

One dispatcher an area: it knows nothing of the others, which may live on other servers. What is
true is in the store; when it looks again is `dispatch`'s matter.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from ace_server.clock import Clock
from ace_server.concepts import Site, unrouted
from ace_server.contact import State
from ace_server.current import Current
from ace_server.email.analysis import own
from ace_server.email.analysis.addresses import normalised
from ace_server.errors import IllegalMove, Unavailable
from ace_server.events import Events, MailDue, Moved, Queued
from ace_server.intake import next_stop, place, placement
from ace_server.routing import constraints, serving
from ace_server.routing.queues import Index, Waiting
from ace_server.routing.router import Router
from ace_server.routing.rules import Onward, Stop
from ace_server.routing.selection import Booking
from ace_server.store import Store, contacts, directory, figures, ledger, outgoing
from ace_server.store.contacts import ContactRow, OpenContact, Placement
from ace_server.store.outgoing import NewOutgoing, Recipient

log = logging.getLogger(__name__)

RETRY = timedelta(seconds=1)
"""After trouble with the store."""

TOGETHER = 50
"""Contacts that move on, or are placed anew, in one commit; bookings are made between."""

Book = Callable[[Booking], Awaitable[None]]


def waiting(contact: OpenContact) -> Waiting:
    """A queued contact as the router needs it."""
    assert contact.first_queued_at is not None and contact.place is not None  # it is queued
    return Waiting(
        contact.id,
        contact.queue,
        contact.place,
        contact.prio,
        contact.first_queued_at,
        contact.personal,
        contact.entrance,
        contact.prioritised,
        contact.moves_on_at,
        constraints.read(contact.until) if contact.until else None,
    )


def _is_there(queue: str, personal: str, area: str, site: Site) -> bool:
    """Whether an area has this place, or this person, for contacts to wait for."""
    if not personal:
        place = site.place(queue)
        return place is not None and place.area == area
    user = site.users.get(personal)
    return user is not None and user.area == area and serving.can_be_waited_for(user, site)


def _send_out(row: ContactRow, onward: Onward, site: Site, at: datetime) -> bool:
    """End a contact whose mail goes out to this stop; whether there is a mail, and a way; a job.

    A mail of which the header alone was fetched stays where people see it (C-11), and so does one
    that has come back, or was written by whom it would go to: it would come back again (C-14).
    """
    mail = ledger.of_contact(row.id)
    account = site.mail_accounts.get(mail.account) if mail is not None else None
    if mail is None or mail.is_oversized or account is None:
        return False
    if account.smtp not in site.smtp_servers:
        return False
    written_by = normalised(row.data.get("EmailFrom", ""))
    if own.goes_round(mail.why()) or written_by == normalised(onward.stop.external):
        return False
    contacts.send_out(row.id, at, onward.stop.external)
    outgoing.add(
        NewOutgoing(
            kind="external",
            account=mail.account,
            sender=account.return_address,
            recipients=(Recipient(onward.stop.external),),
            digest=mail.digest,
            subject=row.subject,
            contact=row.id,
        ),
        at,
    )
    return True


class Dispatcher:
    """Books every contact of its area that can be booked, as soon as it can be (RO-6)."""

    def __init__(
        self,
        area: str,
        store: Store,
        current: Current,
        events: Events,
        clock: Clock,
    ) -> None:
        self.area = area
        self.router = Router(current.site(), area)
        self._store = store
        self._current = current
        self._site = current.site
        self._events = events
        self._clock = clock
        self._may_be_stranded = True  # contacts in places, or for persons, that are no more
        self._pace_ends_at = datetime.min.replace(tzinfo=UTC)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def index(self) -> Index:
        """What waits in the area, and who is there for it."""
        return self.router.index

    # Life

    def begin_anew(self) -> None:
        """Forget everything: it is about to be told again."""
        self.router = Router(self._site(), self.area)
        self._pace_ends_at = datetime.min.replace(tzinfo=UTC)
        self._may_be_stranded = True

    def under_way(self) -> int:
        """How many bookings have been decided and not yet carried out."""
        return len(self._tasks)

    async def finish(self) -> None:
        """Wait for the bookings that are under way."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def configure(self, site: Site) -> None:
        """The configuration is another one."""
        self.router.configure(site)
        self._may_be_stranded = True

    def add(self, contact: OpenContact) -> None:
        """A contact waits in this area."""
        self.router.add(waiting(contact))
        # Placed under a configuration that was replaced before the placement was committed? Or
        # it returns to where it was, and is of another area than who had it, by now?
        is_there = _is_there(contact.queue, contact.personal, self.area, self._site())
        self._may_be_stranded |= not is_there

    # Bookings

    def round(self, book: Book) -> None:
        """Start every booking that is possible now, by calling `book`; they share a commit."""
        for booking in self.router.bookings(self._clock.now()):
            task = asyncio.ensure_future(self._carry_out(booking, book))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, booking: Booking, book: Book) -> None:
        try:
            await book(booking)
        except Exception:  # noqa: BLE001  # edge: one booking
            log.exception("contact %s could not be booked", booking.contact)

    # Moving on

    async def move_on(self, meanwhile: Callable[[], None]) -> None:
        """Let contacts wait at the next stop of their rule, whose constraint says so (RO-3).

        Many may leave at once, when the last agent does: so many share a commit, and `meanwhile` is
        called between, so that nobody waits for all of them.
        """
        now = self._clock.now()
        await self._take_pace(now)
        leaving = self.router.moving_on(now)
        while leaving:
            together, leaving = leaving[:TOGETHER], leaving[TOGETHER:]
            moves = [self._move_on(contact_id, now) for contact_id in together]
            outcomes = await asyncio.gather(*moves, return_exceptions=True)
            failed = {
                contact_id: outcome
                for contact_id, outcome in zip(together, outcomes, strict=True)
                if outcome is not None
            }
            if failed:
                for contact_id in (*failed, *leaving):
                    self.router.ask_again(contact_id, now + RETRY)
                raise next(iter(failed.values()))
            if leaving:
                meanwhile()

    async def _move_on(self, contact_id: int, now: datetime) -> None:
        site, held = self._site(), self.index.waiting(contact_id)
        if held is None:
            return

        def job() -> tuple[Stop | None, OpenContact | None]:
            row = contacts.get(contact_id)
            if row is None or row.state is not State.QUEUED:
                return None, None
            if (row.queue, row.personal) != (held.queue, held.personal):
                return None, None
            onward = next_stop(row, site)
            if onward is not None and onward.stop.ends:
                contacts.end_route(contact_id, now)
                return onward.stop, None
            if onward is not None and onward.stop.external and _send_out(row, onward, site, now):
                return onward.stop, None
            target = Placement(row.queue, row.destination, personal=row.personal, area=row.area)
            if onward is not None and onward.stop.waits:
                target = placement(onward, now)
            contacts.move_on(contact_id, row.queue, target, now, personal=row.personal)
            return None, contacts.open_one(contact_id)

        try:
            ended, moved = await self._store.run(job)
        except IllegalMove:
            log.debug("contact %s was booked, picked or closed meanwhile", contact_id)
            return
        if ended is not None:
            self._events.publish(Moved(contact_id, held.entrance, State.QUEUED, State.ENDED))
            if ended.external:
                self._events.publish(MailDue(held.entrance))
        elif moved is not None and self.index.waiting(contact_id) is not None:
            self.index.discard(contact_id)
            self._events.publish(Queued(moved))

    async def _take_pace(self, now: datetime) -> None:
        """How long contacts last, as of the last whole quarter of an hour (`eqt`)."""
        if now < self._pace_ends_at:
            return
        self.router.take_pace(await self._store.run(figures.pace, now))
        self._pace_ends_at = figures.next_bucket(now)

    # What has no place any more

    async def rescue(self) -> None:
        """Place contacts anew whose place, or the person they wait for, is gone (WI-8).

        Not while the stored configuration is another: what another process placed by that one may
        be where it should. It is asked again when that is in force here.
        """
        if not self._may_be_stranded:
            return
        self._may_be_stranded = False
        try:
            last: int | None = 0
            while last is not None:
                last = await self._rescue_some(last)
        except Unavailable:
            self._may_be_stranded = True
            raise

    async def _rescue_some(self, after: int) -> int | None:
        """A few at a time, in their order, so that others come to the store between.

        Gives after which place to go on; None: these were the last.
        """
        site, generation, now = self._site(), self._current.generation(), self._clock.now()
        here = [one.name for one in site.places() if one.area == self.area]
        people = [login for login in site.users if _is_there("", login, self.area, site)]

        def job() -> tuple[int | None, list[OpenContact | None]]:
            if directory.generation() != generation:
                return None, []
            found = contacts.stranded(here, people, self.area, after=after, most=TOGETHER)
            for row in found:
                _, target = place(row.data, row.entrance, site, now, area=row.area)
                if not _is_there(target.queue, target.personal, target.area, site):
                    target = Placement(unrouted(row.area, site.system), area=row.area)
                contacts.move_on(row.id, row.queue, target, now, personal=row.personal)
            rescued = [contacts.open_one(row.id) for row in found]
            return found[-1].place if len(found) == TOGETHER else None, rescued

        last, rescued = await self._store.run(job)
        for contact in rescued:
            if contact is not None:
                self._events.publish(Queued(contact))
        return last
