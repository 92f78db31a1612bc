"""What is done with contacts that wait: looked at, moved, prioritised, closed, explained.

Agents see the lists that they serve, supervisors everything (PU-2, AG-5). Taking one in hand is
`agents`'s matter.
"""

from collections.abc import Callable

from ace_server import wire
from ace_server.clock import Clock
from ace_server.concepts import Site, User
from ace_server.contact import State, medium
from ace_server.desk import rights, view
from ace_server.desk.agents import Agents
from ace_server.desk.dispatch import Dispatch
from ace_server.errors import Refused
from ace_server.events import Events, Moved, Queued
from ace_server.routing import serving
from ace_server.routing.queues import Line
from ace_server.sentences import sentence
from ace_server.store import Store, audit, contacts
from ace_server.store.contacts import ContactRow, OpenContact, Placement, WaitingRow

PAGE = 50
"""Contacts that one look shows."""


class WaitingContacts:
    """Answers who looks at what waits, and changes where it waits."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        agents: Agents,
        dispatch: Dispatch,
        events: Events,
        clock: Clock,
    ) -> None:
        self._store = store
        self._site = site
        self._agents = agents
        self._dispatch = dispatch
        self._events = events
        self._clock = clock

    # Looking

    async def look(self, login: str, command: wire.Look) -> wire.Looked:
        """A page of what waits in one place. Raises Refused("not-found"), Unavailable."""
        line, start = self._line(login, command), max(command.start, 0)
        shown = line.page(start, PAGE) if line is not None and start < line.size else []
        found = await self._store.run(contacts.several, [one.contact for one in shown])
        positions = {one.contact: n for n, one in enumerate(shown, start=start + 1)}
        return wire.Looked(
            request=command.request,
            now=self._clock.now(),
            waiting=line.size if line is not None else 0,
            contacts=[self._shown(row, positions[row.id]) for row in found],
        )

    def _line(self, login: str, command: wire.Look) -> Line | None:
        """The place, as far as this user may look into it; None: nothing ever waited there."""
        site, user = self._site(), self._user(login)
        is_own = not command.queue and command.personal == login
        if self._is_supervisor(user):
            is_known = site.place(command.queue) is not None or command.personal in site.users
        else:
            is_known = is_own or command.queue in site.waiting_lists
        line = self._dispatch.line(command.queue, command.personal)
        if not is_known:
            raise Refused("not-found", "There is no such queue.")
        if line is not None and not is_own and not self._is_supervisor(user):
            area = self._dispatch.dispatcher(user.area)
            if line not in area.index.lists(login):
                raise Refused("not-found", "You do not serve this waiting list.")
        return line

    def _shown(self, row: WaitingRow, position: int) -> wire.WaitingContact:
        account = self._site().work_item_accounts.get(row.account)
        return wire.WaitingContact(
            id=row.id,
            external_id=row.external_id,
            medium=medium(row.data),
            entrance=row.entrance,
            position=position,
            first_queued_at=row.first_queued_at,
            channel=account.channel if account else "",
            sender=view.writer(row.data, account),
            task_type=row.task_type,
            subject=row.subject,
            prio=row.prio,
            prioritised=row.prioritised,
        )

    async def preview(self, login: str, command: wire.Preview) -> wire.Previewed:
        """All of a waiting contact. Raises Refused("not-found"), Unavailable."""
        row = await self.seen(login, command.contact)
        shown = view.contact(row, self._site())
        return wire.Previewed(request=command.request, contact=shown)

    async def seen(self, login: str, contact: int) -> ContactRow:
        """A waiting contact that this user may look at; the audit tells who saw it (H-5).

        Raises Refused, Unavailable.
        """
        sight, now = self._sight(login, contact), self._clock.now()

        def job() -> ContactRow:
            row = _queued(contact, sight)
            audit.record(now, login, "saw", f"contact {row.id}")
            return row

        return await self._store.run(job)

    async def in_hand_or_seen(self, login: str, contact: int) -> ContactRow:
        """A contact in this user's hands, or one that waits where the user may look.

        Raises Refused, Unavailable.
        """
        try:
            return self._agents.contact_in_hand(login, contact)
        except Refused:
            self._agents.demand(login, wire.Preview)
            return await self.seen(login, contact)

    def _sight(self, login: str, contact: int) -> tuple[str, str] | None:
        """Where it waits, and this user may see it as long as it does; None: wherever it waits.

        Somebody else's contact is as if it did not exist (G-5). Raises Refused.
        """
        if self._is_supervisor(self._user(login)):
            return None
        waiting = self._dispatch.waiting(contact)
        if waiting is None or not self._agents.may_pick(login, contact):
            raise _waits_no_more()
        return waiting.queue, waiting.personal

    def demand_explanation(self, login: str, contact: int) -> None:
        """Raise Refused unless this user may ask about this contact."""
        if not self._is_supervisor(self._user(login)) and not self._agents.may_pick(login, contact):
            self._agents.contact_in_hand(login, contact)

    # Changing

    async def move(self, login: str, command: wire.Move) -> None:
        """Let it wait elsewhere in its area, with its age. Raises Refused, Unavailable."""
        if bool(command.queue) == bool(command.colleague):
            raise Refused("bad-value", "Move it to a queue or to a colleague.")
        site, now = self._site(), self._clock.now()

        def job() -> OpenContact | None:
            row = _queued(command.contact)
            target = _target(command, row, site)
            contacts.move_waiting(row.id, target, now, login)
            where = command.queue or command.colleague
            audit.record(now, login, "moved", f"contact {row.id}", detail=f"to {where}")
            return contacts.open_one(row.id)

        moved = await self._store.run(job)
        if moved is not None:
            self._events.publish(Queued(moved))

    async def prioritise(self, login: str, command: wire.Prioritise) -> None:
        """Let it go before all others where it waits, or not. Raises Refused, Unavailable."""
        now = self._clock.now()
        verb = "prioritised" if command.first else "unprioritised"

        def job() -> OpenContact | None:
            contacts.prioritise(command.contact, command.first, now, login)
            audit.record(now, login, verb, f"contact {command.contact}")
            return contacts.open_one(command.contact)

        changed = await self._store.run(job)
        if changed is not None:
            self._events.publish(Queued(changed))

    async def close(self, login: str, command: wire.Close) -> None:
        """End it, though nobody handled it: the one named, audited right (WI-7).

        Raises Refused, Unavailable.
        """
        sight, now = self._sight(login, command.contact), self._clock.now()

        def job() -> ContactRow:
            row = _queued(command.contact, sight)
            contacts.close(row.id, now, login, command.reason)
            audit.record(now, login, "closed", f"contact {row.id}")
            return row

        row = await self._store.run(job)
        self._events.publish(Moved(row.id, row.entrance, State.QUEUED, State.ENDED))

    def _user(self, login: str) -> User:
        user = self._site().users.get(login)
        if user is None or user.locked:
            raise Refused("forbidden", "This user does not exist any more, or is locked.")
        return user

    def _is_supervisor(self, user: User) -> bool:
        return user.role in rights.WATCHING


def _queued(contact: int, where: tuple[str, str] | None = None) -> ContactRow:
    """A contact that waits, in this queue or for this person if one is given; a job."""
    row = contacts.get(contact)
    if row is None or row.state is not State.QUEUED:
        raise _waits_no_more()
    if where is not None and where != (row.queue, row.personal):  # it was moved just now
        raise _waits_no_more()
    return row


def _target(command: wire.Move, row: ContactRow, site: Site) -> Placement:
    """Where a supervisor wants it, within its area."""
    place, user = site.place(command.queue), site.users.get(command.colleague)
    if command.queue and (place is None or place.area != row.area):
        raise Refused("bad-value", sentence("There is no queue %1 in its area.", command.queue))
    is_there = serving.can_be_waited_for(user, site)
    if command.colleague and (user is None or user.area != row.area or not is_there):
        raise Refused("bad-value", "There is no such colleague in its area.")
    return Placement(command.queue, personal=command.colleague, area=row.area)


def _waits_no_more() -> Refused:
    return Refused("not-found", "This contact does not wait there any more.")
