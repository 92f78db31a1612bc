"""What agents do: their states, their commands, and the times at which something happens by itself.

An agent's state and the contacts in hand are kept here as the store has them; every step is one
transaction, and a desk hears of it after the commit. Who may give which command is in `rights`.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from ace_server import wire
from ace_server.clock import Clock
from ace_server.concepts import Site, User
from ace_server.contact import AgentState, State
from ace_server.desk import choices, rights, view
from ace_server.desk.desk import Desk, Outlet
from ace_server.desk.dispatch import Dispatch
from ace_server.desk.steps import Step, carry_out, serve
from ace_server.errors import IllegalMove, Refused, Unavailable
from ace_server.events import AgentChanged, Configured, Events, Moved, Queued
from ace_server.rounds import Rounds
from ace_server.routing import serving
from ace_server.routing.queues import Presence
from ace_server.routing.selection import Booking
from ace_server.sentences import Sentence, sentence
from ace_server.store import Store, contacts, desks
from ace_server.store.contacts import ContactRow
from ace_server.store.desks import DeskRow
from ace_server.store.figures import NO_LEVELS, Levels
from ace_server.store.serving import Serving

log = logging.getLogger(__name__)

SLOW_TICK = 5.0
"""Seconds after which the times are looked at, whatever was or was not planned."""

_BY_ITSELF = frozenset({wire.Look, wire.LookIntoQuarantine, wire.Resync, wire.Watch, wire.Unwatch})
"""Commands that a program gives without a person."""

_CONTACT = {
    State.BUFFERED: sentence("buffered"),
    State.QUEUED: sentence("queued"),
    State.BOOKED: sentence("booked"),
    State.ACCEPTED: sentence("accepted"),
    State.PARKED: sentence("parked"),
    State.ENDED: sentence("ended"),
}
"""The states of a contact, in words."""


class Agents:
    """Every agent's desk."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        events: Events,
        dispatch: Dispatch,
        clock: Clock,
    ) -> None:
        self._store = store
        self._site = site
        self._events = events
        self._dispatch = dispatch
        self._clock = clock
        self._desks: dict[str, Desk] = {}
        self._rounds = Rounds(
            "agents",
            self._tick,
            every=lambda: SLOW_TICK,
            due=self._until_next,
            meanwhile="what is due at the desks waits",
        )
        self._notice: Sentence | None = None
        self.on_doubt: Callable[[], None] = lambda: None
        """Called when what the store holds must be read anew."""
        self._commands: dict[type, Callable[[Desk, Any], Any]] = {
            wire.Activate: self._activate,
            wire.Pause: self._pause,
            wire.Accept: self._accept,
            wire.Decline: self._decline,
            wire.Park: self._park,
            wire.Resume: self._resume,
            wire.Requeue: self._requeue,
            wire.Edit: self._edit,
            wire.End: self._end,
            wire.ExtendWrapUp: self._extend_wrap_up,
            wire.Pick: self._pick,
            wire.ChooseWorkLevel: self._choose_work_level,
        }
        events.subscribe(Configured, self._on_configured)

    # Life

    def recover(
        self,
        rows: Iterable[DeskRow],
        in_hand: Iterable[ContactRow],
        served: Iterable[Serving] = (),
    ) -> None:
        """Take over what the store holds; links stay, and are told everything anew."""
        now = self._clock.monotonic()
        by_login = {one.login: one for one in served}
        for row in rows:
            desk = self._desks.setdefault(row.login, Desk(row))
            desk.row, desk.contacts, desk.seen_at = row, {}, now
            desk.serving = by_login.get(row.login, Serving(row.login))
            if desk.outlet is None and desk.lost_at is None:
                desk.lost_at = now
        for contact in in_hand:
            if contact.agent in self._desks:
                self._desks[contact.agent].contacts[contact.id] = contact
        for desk in sorted(self._desks.values(), key=lambda desk: desk.row.since):
            if desk.row.state is AgentState.LOGGED_OUT and desk.outlet is not None:
                desk.outlet.end(sentence("You were logged out."))  # that it was so was in doubt
                desk.outlet = None
            self._tell_all(desk)
            self._offer(desk)
        self._rounds.wake()

    async def start(self) -> None:
        """Begin to let things happen by themselves."""
        await self._rounds.start()

    async def stop(self) -> None:
        """Let nothing happen by itself any more."""
        await self._rounds.stop()
        for desk in self._desks.values():
            _show_no_more(desk)

    def linked(self) -> int:
        """How many agents' links are up."""
        return sum(desk.outlet is not None for desk in self._desks.values())

    def desk(self, login: str) -> Desk | None:
        """An agent's desk, to look at; None for who never logged in."""
        return self._desks.get(login)

    def desks(self) -> list[Desk]:
        """The desks of everybody who ever logged in, to look at."""
        return list(self._desks.values())

    def states(self) -> dict[AgentState, int]:
        """How many agents are in each state."""
        found = dict.fromkeys(AgentState, 0)
        for desk in self._desks.values():
            found[desk.row.state] += 1
        return found

    # The link comes and goes

    async def attach(self, login: str, outlet: Outlet) -> None:
        """This is the agent's link now: paused after a log-in, as it was after a loss (AG-6)."""
        now = self._clock.now()
        desk = self._desks.setdefault(login, Desk(DeskRow(login, AgentState.LOGGED_OUT, now)))
        async with desk.lock:
            if desk.row.state is AgentState.LOGGED_OUT:
                row = replace(desk.row, state=AgentState.PAUSED, since=now)
                await self._store.run(desks.save, row)
                desk.row = row
                self._events.publish(AgentChanged(login))
            desk.supersede(outlet)
            desk.outlet, desk.lost_at, desk.seen_at = outlet, None, self._clock.monotonic()
            self._tell_all(desk)
            self._offer(desk)

    async def detach(self, login: str, outlet: Outlet) -> None:
        """The link is lost. A booking returns at once; what was accepted has its lease (AG-2)."""
        desk = self._desks.get(login)
        if desk is None or desk.outlet is not outlet:
            return
        desk.outlet, desk.lost_at = None, self._clock.monotonic()
        self._offer(desk)
        self._rounds.wake()
        async with desk.lock:
            booked = desk.booked()
            if booked is not None and desk.outlet is None:
                try:
                    await self._unbook(desk, booked, "returned", AgentState.READY)
                except IllegalMove:  # the store is ahead of this memory
                    self.on_doubt()

    async def log_out(self, login: str) -> None:
        """The agent leaves; parked contacts stay for a day (AG-2). Refused with one in hand."""
        desk = self._desks.get(login)
        if desk is None:
            return
        async with desk.lock:
            if desk.accepted() is not None or desk.booked() is not None:
                raise Refused("in-hand", "End, park or requeue the contact in hand first.")
            await self._log_out(desk)

    def tell_desk(self, login: str) -> None:
        """Say everything anew to one desk."""
        if login in self._desks:
            self._tell_all(self._desks[login])

    def notify(self, text: Sentence | None) -> None:
        """Tell every desk, and who comes later, something of the store; None takes it back."""
        if text == self._notice:
            return
        self._notice = text
        notice = wire.Notice(about="store", text=text)
        for desk in self._desks.values():
            if desk.outlet is not None:
                desk.outlet.send(notice)

    # Commands

    def demand(self, login: str, command: type) -> None:
        """Raise Refused("forbidden") unless this user may give this command (G-5).

        Who gives one is there; what programs ask by themselves says nothing of it (G-4).
        """
        rights.demand(command, self._user(login))
        desk = self._desks.get(login)
        if desk is not None and command not in _BY_ITSELF:
            desk.seen_at = self._clock.monotonic()

    async def command(self, login: str, command: wire.Command) -> None:
        """Carry out an agent's command; it is durable when this returns.

        Raises Refused, Unavailable. Whether the user may give it was asked with `demand`.
        """
        desk = self._desks[login]
        async with desk.lock:
            if desk.outlet is None:  # also where the agent was logged out just before
                raise Refused("unauthorised", "Log in first.")
            await self._commands[type(command)](desk, command)

    def contact_in_hand(self, login: str, contact_id: int) -> ContactRow:
        """A contact of this agent; somebody else's is as if it did not exist (G-5)."""
        desk = self._desks.get(login)
        row = desk.contacts.get(contact_id) if desk else None
        if row is None:
            raise Refused("not-found", "This contact is not in your hands.")
        return row

    async def _activate(self, desk: Desk, _: wire.Activate) -> None:
        state = desk.row.state
        if state is AgentState.BUSY:
            await self._carry_out(desk, "activated", _plain(desk.row))
        elif state in (AgentState.PAUSED, AgentState.WRAP_UP):
            await self._carry_out(desk, "activated", self._now(desk, AgentState.READY))
        else:
            raise Refused("not-now", "You are ready already, or a contact is booked for you.")

    async def _pause(self, desk: Desk, command: wire.Pause) -> None:
        if command.activity and command.activity not in self._site().activities:
            raise Refused("bad-value", "This activity is not configured.")
        if desk.row.state in (AgentState.BUSY, AgentState.BOOKED):
            row = replace(desk.row, pause_wanted=True, wanted_activity=command.activity)
        else:
            row = self._now(desk, AgentState.PAUSED, activity=command.activity)
        await self._carry_out(desk, "paused", row)

    async def _accept(self, desk: Desk, command: wire.Accept) -> None:
        contact = self._held(desk, command.contact, State.BOOKED)
        row = replace(desk.row, state=AgentState.BUSY, since=self._clock.now(), until=None)
        changes = {"accepted_at": self._clock.now(), "booked_until": None}
        levels = self._levels(contact.queue, contact.personal)
        step = Step(contact.id, "accepted", State.BOOKED, State.ACCEPTED, changes, levels=levels)
        await self._carry_out(desk, "accepted", row, step)

    def _levels(self, queue: str, personal: str) -> Levels:
        """The service levels of a place, in seconds (RE-2)."""
        site = self._site()
        place = site.personal if personal else site.place(queue)
        if place is None:
            return NO_LEVELS
        first, second = place.service_level_1, place.service_level_2
        return first and first * 60.0, second and second * 60.0

    async def _decline(self, desk: Desk, command: wire.Decline) -> None:
        contact = self._held(desk, command.contact, State.BOOKED)
        account = self._site().work_item_accounts.get(contact.account)
        if account is not None and account.channel:
            raise Refused("forbidden", "A contact from social media cannot be declined.")
        await self._unbook(desk, contact, "declined", AgentState.PAUSED)

    async def _park(self, desk: Desk, command: wire.Park) -> None:
        contact = self._held(desk, command.contact, State.ACCEPTED)
        step = Step(
            contact.id, "parked", State.ACCEPTED, State.PARKED, {"parked_at": self._clock.now()}
        )
        await self._carry_out(desk, "parked", self._free(desk), step)

    async def _resume(self, desk: Desk, command: wire.Resume) -> None:
        contact = self._held(desk, command.contact, State.PARKED)
        if desk.row.state in (AgentState.BUSY, AgentState.BOOKED):
            raise Refused("not-now", "End, park or requeue the contact in hand first.")
        step = Step(contact.id, "resumed", State.PARKED, State.ACCEPTED, {"parked_at": None})
        await self._carry_out(desk, "resumed", self._now(desk, AgentState.BUSY), step)

    async def _requeue(self, desk: Desk, command: wire.Requeue) -> None:
        contact = self._held(desk, command.contact, State.ACCEPTED)
        self._check_target(desk, contact, command)
        changes = {
            "queue": command.queue,
            "personal": command.colleague,
            "destination": 0,
            "moves_on_at": None,
            "until": "",
            "accepted_at": None,
            "note": command.note,
            "note_by": desk.row.login,
        }
        step = Step(contact.id, "requeued", State.ACCEPTED, State.QUEUED, changes)
        await self._carry_out(desk, "requeued", self._now(desk, AgentState.PAUSED), step)

    def _check_target(self, desk: Desk, contact: ContactRow, command: wire.Requeue) -> None:
        """It stays in its area, which need not be the agent's: a supervisor pulls from any."""
        if bool(command.queue) == bool(command.colleague):
            raise Refused("bad-value", "Requeue goes to a queue or to a colleague.")
        site = self._site()
        place = site.place(command.queue)
        if command.queue and (place is None or place.area != contact.area):
            raise Refused("bad-value", sentence("There is no queue %1 in its area.", command.queue))
        colleagues = self._waited_for_in(contact.area, besides=desk.row.login)
        if command.colleague and command.colleague not in colleagues:
            raise Refused("bad-value", "There is no such colleague in its area.")

    async def _edit(self, desk: Desk, command: wire.Edit) -> None:
        contact = self.contact_in_hand(desk.row.login, command.contact)
        if contact.state is State.BOOKED:
            raise Refused("not-now", "Accept the contact first.")
        view.check_edit(command.values, contact, self._site())
        view.check_length(command.values, contact, self._site())
        if contact.state is State.ENDED:
            view.check_complete(command.values, contact, self._site())
        step = Step(contact.id, "edited", values=command.values)
        await self._carry_out(desk, "edited", desk.row, step)

    async def _end(self, desk: Desk, command: wire.End) -> None:
        contact = self._held(desk, command.contact, State.ACCEPTED)
        site, now = self._site(), self._clock.now()
        view.check_edit(command.values, contact, site)
        view.check_length(command.values, contact, site)
        view.check_complete(command.values, contact, site)
        step = Step(
            contact.id, "ended", State.ACCEPTED, State.ENDED, {"ended_at": now}, command.values
        )
        await self._carry_out(desk, "ended", self._after_end(desk, contact), step)

    def _after_end(self, desk: Desk, contact: ContactRow) -> DeskRow:
        """A wanted pause takes effect now; else wrap-up, if the contact has one (AG-2)."""
        seconds = view.wrap_up_seconds(contact, self._user(desk.row.login), self._site())
        if desk.row.pause_wanted or seconds == 0:
            return self._free(desk)
        now = self._clock.now()
        until = None if seconds is None else now + timedelta(seconds=seconds)
        row = self._now(desk, AgentState.WRAP_UP)
        return replace(row, until=until, wrap_up_contact=contact.id)

    async def _extend_wrap_up(self, desk: Desk, _: wire.ExtendWrapUp) -> None:
        if desk.row.state is not AgentState.WRAP_UP or desk.row.until is None:
            raise Refused("not-now", "There is no limited wrap-up to extend.")
        more = timedelta(seconds=self._site().system.wrapUpExtension)
        row = replace(desk.row, until=desk.row.until + more)
        await self._carry_out(desk, "wrap-up extended", row)

    async def _pick(self, desk: Desk, command: wire.Pick) -> None:
        """Take a waiting contact in hand: from a list that the agent serves (RO-7).

        A supervisor pulls from anywhere, whatever the own state (PU-2). It ends a wrap-up.
        """
        user = self._user(desk.row.login)
        is_supervisor = user.role in rights.WATCHING
        if not is_supervisor and not self.may_pick(user.login, command.contact):
            raise Refused("not-found", "This contact does not wait where you may pick it.")
        if desk.row.state in (AgentState.BUSY, AgentState.BOOKED):
            raise Refused("not-now", "End, park or requeue the contact in hand first.")
        is_free = desk.row.state is AgentState.READY or "pick-not-ready" in user.rights
        if not is_free and not is_supervisor:
            raise Refused("not-now", "Be ready first: you may pick contacts only then.")
        waiting, now = self._dispatch.waiting(command.contact), self._clock.now()
        if waiting is None:
            raise Refused("not-found", "This contact does not wait any more.")
        changes = {"agent": user.login, "accepted_at": now}
        step = Step(
            command.contact,
            "picked",
            State.QUEUED,
            State.ACCEPTED,
            changes,
            held=False,
            audited=is_supervisor,
            levels=self._levels(waiting.queue, waiting.personal),
            fits=lambda row: (row.queue, row.personal) == (waiting.queue, waiting.personal),
        )
        await self._carry_out(desk, "picked", self._now(desk, AgentState.BUSY), step)

    def may_pick(self, login: str, contact: int) -> bool:
        """Whether a contact waits in a list that this agent serves, or in the agent's own."""
        dispatcher = self._dispatch.of(contact)
        if dispatcher is None:
            return False
        waiting = dispatcher.index.waiting(contact)
        assert waiting is not None  # that is how it was found
        line = dispatcher.index.line(waiting.queue, waiting.personal)
        return line in dispatcher.index.lists(login)

    # What an agent serves

    async def _choose_work_level(self, desk: Desk, command: wire.ChooseWorkLevel) -> None:
        user, states = self._user(desk.row.login), [row.state for row in desk.contacts.values()]
        chosen = choices.work_level(user, desk.serving, command.work_level, desk.row.state, states)
        await self._serve(desk, "work level", chosen)

    async def log_in_to_queue(self, login: str, command: wire.LogInToQueue) -> None:
        """Let an agent serve a place, or no longer; a supervisor does it for another (PU-2).

        Raises Refused, Unavailable.
        """
        agent = command.agent or login
        is_other = agent != login
        if is_other and self._user(login).role not in rights.WATCHING:
            raise Refused("forbidden", "Your role does not include this.")
        desk = self._desks.get(agent)
        if desk is None:
            raise Refused("not-now", "This agent is logged out.")
        async with desk.lock:
            if desk.row.state is AgentState.LOGGED_OUT:
                raise Refused("not-now", "This agent is logged out.")
            chosen = choices.log_in(
                self._user(agent),
                self._site(),
                desk.serving,
                command.queue,
                logged_in=command.logged_in,
                by_supervisor=is_other,
            )
            await self._serve(desk, "queues", chosen, login if is_other else "")

    async def _serve(self, desk: Desk, why: wire.Why, served: Serving, by: str = "") -> None:
        """From now on the agent serves other places."""
        now = self._clock.now()
        await self._store.run(serve, served, now, by)
        desk.serving = served
        self._events.publish(AgentChanged(desk.row.login))
        self._tell(desk, why, None, [])
        self._offer(desk)

    def profile(self, login: str) -> serving.Profile | None:
        """What decides which places a user serves; None where there is no such user."""
        user, desk = self._site().users.get(login), self._desks.get(login)
        if user is None:
            return None
        return choices.profile(user, self._site(), desk.serving if desk else Serving(login))

    # Bookings, and what happens by itself

    async def book(self, booking: Booking) -> None:
        """Book a contact for an agent, as the dispatcher decided."""
        desk = self._desks.get(booking.agent)
        if desk is None:
            return
        async with desk.lock:
            if desk.row.state is not AgentState.READY or desk.outlet is None:
                await self._give_back(booking.contact)
                return
            try:
                await self._book(desk, booking.contact)
            except IllegalMove:  # closed, picked or moved meanwhile, or another server was quicker
                await self._give_back(booking.contact)
                self._offer(desk)
            except Unavailable:
                self.on_doubt()

    async def _book(self, desk: Desk, contact_id: int) -> None:
        until = self._clock.now() + timedelta(seconds=self._site().system.bookingTimeout)
        changes = {"agent": desk.row.login, "booked_until": until}
        site, user = self._site(), self._site().users.get(desk.row.login)
        is_there = user is not None and not user.locked
        profile = self.profile(desk.row.login) if is_there else None

        def fits(row: ContactRow) -> bool:
            """A supervisor, or another configuration, may have been quicker (RO-1)."""
            return profile is not None and serving.is_given(row, profile, site)

        step = Step(
            contact_id, "booked", State.QUEUED, State.BOOKED, changes, held=False, fits=fits
        )
        row = replace(self._now(desk, AgentState.BOOKED), until=until)
        await self._carry_out(desk, "booked", row, step)

    async def _give_back(self, contact_id: int) -> None:
        """The agent could not be given it after all: it waits on in its place."""
        try:
            waiting = await self._store.run(contacts.open_one, contact_id)
        except Unavailable:
            self.on_doubt()
            return
        if waiting is not None and waiting.state is State.QUEUED:
            self._events.publish(Queued(waiting))

    async def _unbook(
        self, desk: Desk, contact: ContactRow, why: wire.Why, state: AgentState
    ) -> None:
        """A booked contact returns to its old place, with its age (RO-8)."""
        row = self._free(desk) if desk.row.pause_wanted else self._now(desk, state)
        step = Step(contact.id, why, State.BOOKED, State.QUEUED, {"booked_until": None})
        await self._carry_out(desk, why, row, step)

    async def tick(self) -> bool:
        """Let everything happen whose time has come; whether the store could be used for it."""
        was_usable = True
        for desk in list(self._desks.values()):
            try:
                async with desk.lock:
                    await self._due(desk)
            except Unavailable:
                log.info("%s: waits until the store can be used", desk.row.login)
                was_usable = False
            except IllegalMove:
                self.on_doubt()
        return was_usable

    async def _due(self, desk: Desk) -> None:
        now, row = self._clock.now(), desk.row
        booked = desk.booked()
        if booked is not None and row.until is not None and row.until <= now:
            await self._unbook(desk, booked, "timed out", AgentState.PAUSED)
        elif row.state is AgentState.WRAP_UP and row.until is not None and row.until <= now:
            await self._carry_out(desk, "wrap-up over", self._now(desk, AgentState.READY))
        elif self._lease_is_over(desk):
            await self._abandon(desk)
        elif row.state is AgentState.LOGGED_OUT and desk.contacts:
            await self._return_parked(desk, now)
        elif self._is_idle(desk):
            outlet = desk.outlet
            await self._log_out(desk)
            if outlet is not None:
                outlet.end(
                    sentence("You were logged out because nothing was done here for a while.")
                )

    def _lease_is_over(self, desk: Desk) -> bool:
        if desk.lost_at is None or desk.row.state is AgentState.LOGGED_OUT:
            return False
        return self._clock.monotonic() - desk.lost_at >= self._site().system.lease

    def _is_idle(self, desk: Desk) -> bool:
        """Paused, nothing in hand, no command for long (G-4); who is ready, or watches, works."""
        if desk.row.state is not AgentState.PAUSED or desk.contacts:
            return False
        if desk.outlet is None or desk.outlet.watches:
            return False
        idle = self._clock.monotonic() - desk.seen_at
        return idle >= self._site().system.sessionIdleMinutes * 60

    async def _abandon(self, desk: Desk) -> None:
        """Nothing was heard for the lease: what was accepted returns to its queue (P6)."""
        contact = desk.accepted() or desk.booked()
        row = self._now(desk, AgentState.LOGGED_OUT)
        if contact is None:
            await self._carry_out(desk, "returned", row)
            return
        changes = {"accepted_at": None, "booked_until": None}
        step = Step(contact.id, "returned", contact.state, State.QUEUED, changes)
        await self._carry_out(desk, "returned", row, step)

    async def _return_parked(self, desk: Desk, now: datetime) -> None:
        if now - desk.row.since < timedelta(hours=self._site().system.parkedHours):
            return
        for contact in list(desk.contacts.values()):
            changes = {"parked_at": None, "accepted_at": None}
            step = Step(contact.id, "returned", State.PARKED, State.QUEUED, changes)
            await self._carry_out(desk, "returned", desk.row, step)

    async def _log_out(self, desk: Desk) -> None:
        await self._carry_out(desk, "logged out", self._now(desk, AgentState.LOGGED_OUT))
        desk.outlet = None

    async def _tick(self) -> None:
        if not await self.tick():
            raise Unavailable("what is due was not done at every desk")

    def _until_next(self) -> float | None:
        """Seconds until something is due."""
        now = self._clock.now()
        ends = [
            (desk.row.until - now).total_seconds()
            for desk in self._desks.values()
            if desk.row.until is not None
        ]
        leases = [
            desk.lost_at + self._site().system.lease - self._clock.monotonic()
            for desk in self._desks.values()
            if desk.lost_at is not None and desk.row.state is not AgentState.LOGGED_OUT
        ]
        return min([*ends, *leases], default=None)

    # One step

    async def _carry_out(
        self, desk: Desk, why: wire.Why, row: DeskRow, step: Step | None = None
    ) -> None:
        """Do a step in one transaction; then this process, the desk and the others know of it."""
        done = await self._store.run(carry_out, row, step, self._clock.now())
        desk.row = done.desk
        if row.state is AgentState.LOGGED_OUT:  # queues are logged in to until then
            desk.serving = replace(desk.serving, logged={})
        gone = desk.keep(done.row)
        if step is not None and step.before is not None and step.after is not None:
            assert done.row is not None
            self._events.publish(Moved(step.contact, done.row.entrance, step.before, step.after))
            log.debug("contact %s: %s -> %s", step.contact, step.before, step.after)
        if done.waiting is not None:
            self._events.publish(Queued(done.waiting))
        self._events.publish(AgentChanged(desk.row.login))
        shown = done.row if done.row is not None and done.row.id in desk.contacts else None
        self._tell(desk, why, shown, gone)
        self._offer(desk)
        self._rounds.wake()

    def _offer(self, desk: Desk) -> None:
        """Tell the dispatcher what this agent serves, and whether the agent can be given it."""
        user, state = self._site().users.get(desk.row.login), desk.row.state
        is_ready = state is AgentState.READY and desk.outlet is not None
        if user is None or user.locked:
            profile = serving.Profile(desk.row.login, services=frozenset())
            self._dispatch.agent(profile, Presence.OUT, ready=False)
        else:
            profile = choices.profile(user, self._site(), desk.serving)
            last = desk.row.last_entrance
            self._dispatch.agent(profile, Presence.of(state), ready=is_ready, last=last)

    def _held(self, desk: Desk, contact_id: int, state: State) -> ContactRow:
        row = self.contact_in_hand(desk.row.login, contact_id)
        if row.state is not state:
            raise Refused(
                "not-now",
                sentence("This contact is %1, not %2.", _CONTACT[row.state], _CONTACT[state]),
            )
        return row

    def _now(self, desk: Desk, state: AgentState, *, activity: str = "") -> DeskRow:
        last = desk.row.last_entrance
        return DeskRow(
            desk.row.login, state, self._clock.now(), activity=activity, last_entrance=last
        )

    def _free(self, desk: Desk) -> DeskRow:
        """Nothing in hand any more: ready, or paused if that was wanted."""
        if desk.row.pause_wanted:
            return self._now(desk, AgentState.PAUSED, activity=desk.row.wanted_activity)
        return self._now(desk, AgentState.READY)

    # What a desk is told

    def _tell(self, desk: Desk, why: wire.Why, contact: ContactRow | None, gone: list[int]) -> None:
        desk.number += 1
        user = self._site().users.get(desk.row.login)
        if desk.outlet is None or user is None:
            return
        if contact is not None and contact.id in desk.following:
            desk.following.remove(contact.id)
        desk.outlet.send(
            wire.Change(
                number=desk.number,
                now=self._clock.now(),
                why=why,
                agent=view.agent(desk.row, user, desk.serving.work_level),
                contact=None if contact is None else view.contact(contact, self._site()),
                gone=gone,
            )
        )

    def _tell_all(self, desk: Desk) -> None:
        site = self._site()
        user = site.users.get(desk.row.login)
        _show_no_more(desk)
        desk.told_queues = None
        if desk.outlet is None or user is None:
            return
        shown = [view.contact(row, site) for row in desk.nearest_first()]
        now = view.at_once(shown)
        desk.following = [one.id for one in shown[len(now) :]]
        colleagues = self._waited_for_in(user.area, besides=user.login)
        desk.outlet.send(
            wire.Desk(
                number=desk.number,
                now=self._clock.now(),
                agent=view.agent(desk.row, user, desk.serving.work_level),
                contacts=now,
                following=list(desk.following),
                activities=list(site.activities),
                queues=[one.name for one in site.queues.values() if one.area == user.area],
                waiting_lists=[
                    one.name for one in site.waiting_lists.values() if one.area == user.area
                ],
                colleagues=[
                    wire.Colleague(login=c.login, name=c.name) for c in colleagues.values()
                ],
                unavailable=self._notice,
            )
        )
        if desk.following:
            desk.showing = asyncio.create_task(
                self._show_following(desk, desk.outlet), name="following"
            )

    async def _show_following(self, desk: Desk, outlet: Outlet) -> None:
        """One after the other, each when the one before has been taken: memory holds one."""
        while desk.following:
            await outlet.taken()
            if desk.outlet is not outlet:
                return
            if desk.following:  # it may have been told of meanwhile
                row = desk.contacts.get(desk.following.pop(0))
                if row is not None:
                    self._tell(desk, "shown", row, [])

    def _waited_for_in(self, area: str, besides: str) -> dict[str, User]:
        """Whom contacts of an area may wait for alone, besides one."""
        site = self._site()
        return {
            user.login: user
            for user in site.users.values()
            if user.login != besides and user.area == area and serving.can_be_waited_for(user, site)
        }

    def _user(self, login: str) -> User:
        user = self._site().users.get(login)
        if user is None or user.locked:
            raise Refused("forbidden", "This user does not exist any more, or is locked.")
        return user

    def _on_configured(self, configured: Configured) -> None:
        for login, desk in self._desks.items():
            user = configured.site.users.get(login)
            if desk.outlet is not None and (user is None or user.locked):
                desk.outlet.end(sentence("Your user account was removed or locked."))
            else:
                self._tell_all(desk)
            self._offer(desk)


def _show_no_more(desk: Desk) -> None:
    """A new picture says everything anew, or nobody looks any more."""
    desk.following = []
    if desk.showing is not None:
        desk.showing.cancel()
        desk.showing = None


def _plain(row: DeskRow) -> DeskRow:
    return replace(row, pause_wanted=False, wanted_activity="")
