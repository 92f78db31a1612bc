"""A site with its contacts and agents, in which time passes only when it is told to.

It drives what decides in the server: one router an area, the entrances, the rules. What people do
is told by whoever has a world: an example, a day made up from a seed, a log that is replayed. The
same events give the same record. Rights are not asked: people here do what they may.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Literal

from msgspec.structs import replace

from ace_server import intake
from ace_server.clock import ManualClock
from ace_server.concepts import Site, User, unrouted
from ace_server.contact import AgentState, State
from ace_server.desk import choices, rights, view
from ace_server.entrances import Entrances
from ace_server.errors import IllegalMove, Refused
from ace_server.events import Configured, Events
from ace_server.routing import constraints, opening, rules, serving
from ace_server.routing.queues import Index, Presence
from ace_server.routing.router import Router
from ace_server.routing.selection import Booking
from ace_server.simulation.record import Agent, Contact, Record, Stand, Step
from ace_server.store.contacts import Placement
from ace_server.store.figures import BUCKET, PACE_BUCKETS
from ace_server.store.serving import Serving
from ace_server.workitem.buffer import BATCH

_QUARTER = BUCKET.total_seconds()

WrapUp = float | Literal["as configured", "unlimited"]
"""Seconds of wrap-up after a contact."""

_AT_A_CONTACT = (AgentState.BOOKED, AgentState.BUSY)


class World:
    """Everything that waits and everybody who is there, under one configuration.

    Every method is an event at a time, which is not before the last one: what is due until then
    happens first, and then what follows from the event.
    """

    def __init__(self, site: Site, at: datetime) -> None:
        self.site = site
        self.contacts: dict[int, Contact] = {}
        self.agents: dict[str, Agent] = {}
        self.record: Record = []
        self._clock = ManualClock(at)
        self._events = Events()
        self._entrances = Entrances(lambda: self.site, self._clock, self._events)
        self._routers = {area: Router(site, area) for area in site.areas}
        self._buffered: dict[str, deque[int]] = {}
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._planned: set[tuple[datetime, str]] = set()  # what needs to be done once at a time
        self._last_id = self._last_place = 0
        self._numbers = count()
        self._ended: dict[tuple[int, str], tuple[float, int]] = {}  # quarter and queue

    def begin(self, contacts: Iterable[Contact], agents: Iterable[Agent]) -> None:
        """These are there already, as they stand: contacts by id, agents by how long they do so."""
        for contact in contacts:
            self.contacts[contact.id] = contact
            self._last_id = max(self._last_id, contact.id)
            self._last_place = max(self._last_place, contact.place)
            self._entrances.count(contact.entrance, None, contact.state)
            self._note(contact, "was there", None, contact.agent)
            if contact.state is State.BUFFERED:
                self._buffered.setdefault(contact.entrance, deque()).append(contact.id)
                self._await_opening(contact.entrance)
            elif contact.state is State.QUEUED:
                self._routers[contact.area].add(contact.waiting())
        for entrance in self._entrances.with_buffered():
            if self._entrances.is_open(entrance):
                self._entrances.hold_back(entrance)
        for agent in agents:
            self.agents[agent.login] = agent
            if agent.until is not None:
                self._plan(agent.until, partial(self._is_over, agent, agent.until))
            self._restate(agent)
        for contact in self.contacts.values():
            if contact.state is State.QUEUED and self._is_stranded(contact):
                self._rescue(contact)
        self._settle()

    # Time

    @property
    def now(self) -> datetime:
        """The time of the last event."""
        return self._clock.now()

    def next_at(self) -> datetime | None:
        """When something happens by itself, if nothing else does before."""
        ahead = [router.next_at() for router in self._routers.values()]
        ahead.append(self._due[0][0] if self._due else None)
        return min((at for at in ahead if at is not None), default=None)

    def advance(self, to: datetime) -> None:
        """Let everything happen that is due by then, each at its time."""
        while (at := self.next_at()) is not None and at <= to:
            self._be(at)
            while self._due and self._due[0][0] <= at:
                heappop(self._due)[-1]()
            self._settle()
        self._be(to)

    def _be(self, at: datetime) -> None:
        if at > self.now:
            self._clock.advance((at - self.now).total_seconds())

    def _plan(self, at: datetime, action: Callable[[], None]) -> None:
        heappush(self._due, (at, next(self._numbers), action))

    def _plan_once(self, at: datetime, about: str, action: Callable[[], None]) -> None:
        if (at, about) not in self._planned:
            self._planned.add((at, about))
            self._plan(at, action)

    # What follows

    def _settle(self) -> None:
        """Bookings, then contacts that move on, then what is released: until nothing follows."""
        while self._book_all() or self._move_all_on() or self._release_all():
            pass

    def _book_all(self) -> bool:
        found = False
        for router in self._routers.values():
            for booking in router.bookings(self.now):
                self._book(booking)
                found = True
        return found

    def _book(self, booking: Booking) -> None:
        contact, agent = self.contacts[booking.contact], self.agents[booking.agent]
        agent.contact, agent.last_entrance = contact.id, contact.entrance
        until = self.now + timedelta(seconds=self.site.system.bookingTimeout)
        self._move(contact, "booked", State.BOOKED, agent.login)
        self._stand(agent, AgentState.BOOKED, until)

    def _move_all_on(self) -> bool:
        found = False
        for router in self._routers.values():
            for contact_id in router.moving_on(self.now):
                self._move_on(self.contacts[contact_id])
                found = True
        return found

    def _move_on(self, contact: Contact) -> None:
        onward = rules.onward(contact.routing_data(), self.site, contact.area, contact.stop + 1)
        if onward is not None and onward.stop.ends:
            self._leave(contact, "end route")
            return
        target = Placement(contact.queue, contact.stop, None, contact.personal, contact.area)
        if onward is not None and onward.stop.waits:
            target = intake.placement(onward, self.now)
        self._wait_at(contact, target, "moved on")

    # Contacts come in

    def arrive(self, at: datetime, entrance: str, data: Mapping[str, str], id: int = 0) -> int:
        """A contact with this data comes in; the id it has from now on, the next one unless given.

        Given ones grow, as those of a store do.
        """
        self.advance(at)
        self._last_id = id or self._last_id + 1
        contact = Contact(self._last_id, entrance, dict(data), self.now)
        self.contacts[contact.id] = contact
        contact.area = self.site.area_of(entrance)
        contact.task_type, target = self._first(contact, contact.area)
        if target.state is State.BUFFERED or not self._entrances.lets_in(entrance):
            self._buffer(contact)
        else:
            self._wait_at(contact, target, "taken in", is_new=True)
        self._settle()
        return contact.id

    def _first(self, contact: Contact, area: str) -> tuple[str, Placement]:
        """Task type and first place, by the rules of an area (RO-2, RO-3)."""
        return intake.place(contact.data, contact.entrance, self.site, self.now, area=area)

    def _buffer(self, contact: Contact) -> None:
        self._buffered.setdefault(contact.entrance, deque()).append(contact.id)
        self._move(contact, "taken in", State.BUFFERED, is_new=True)
        self._await_opening(contact.entrance)

    def _await_opening(self, entrance: str) -> None:
        hours = self.site.opening_hours.get(entrance)
        at = opening.next_change(hours, self.now, self.site.facts.time_zone)
        if at is not None and self._buffered.get(entrance):
            self._plan_once(at, f"opening of {entrance}", partial(self._await_opening, entrance))

    def _release_all(self) -> bool:
        """Queue the oldest of what is buffered, as far as there is room."""
        found = False
        for entrance in self._entrances.with_buffered():
            while room := self._entrances.room(entrance, BATCH):
                released = self._release(entrance, room)
                found |= released > 0
                if released < room:
                    break
        return found

    def _release(self, entrance: str, most: int) -> int:
        buffered, found = self._buffered[entrance], 0
        for _ in range(min(most, len(buffered))):
            contact = self.contacts[buffered[0]]
            contact.task_type, target = self._first(contact, self.site.area_of(entrance))
            if target.state is State.BUFFERED:  # every place of its rule is gone
                break  # and nothing overtakes it
            buffered.popleft()
            self._wait_at(contact, target, "released")
            found += 1
        return found

    def _wait_at(
        self, contact: Contact, target: Placement, verb: str, *, is_new: bool = False
    ) -> None:
        """Let a contact wait in another place, with its age; in its own area, or in another."""
        if target.area != contact.area:
            self._routers[contact.area].discard(contact.id)
        contact.area, contact.queue, contact.personal = target.area, target.queue, target.personal
        contact.stop, contact.moves_on_at = target.destination, target.moves_on_at
        contact.until = constraints.read(target.until)
        if contact.first_queued_at is None:
            self._last_place += 1
            contact.first_queued_at, contact.place = self.now, self._last_place
        self._wait(contact, verb, is_new=is_new)

    def _wait(self, contact: Contact, verb: str, *, is_new: bool = False) -> None:
        self._move(contact, verb, State.QUEUED, is_new=is_new)
        self._routers[contact.area].add(contact.waiting())

    def _leave(self, contact: Contact, verb: str, *, agent: str = "") -> None:
        """It is ended."""
        self._routers[contact.area].discard(contact.id)
        self._move(contact, verb, State.ENDED, agent)

    def _move(
        self, contact: Contact, verb: str, to: State, agent: str = "", *, is_new: bool = False
    ) -> None:
        """The one place where a contact's state changes; it is recorded and counted."""
        before = None if is_new else contact.state
        was_with = contact.agent
        contact.state, contact.agent = to, agent if to is not State.ENDED else ""
        if to is not State.QUEUED:
            contact.prioritised = contact.prioritised and to is State.BOOKED
        self._note(contact, verb, before, agent or was_with)
        self._entrances.count(contact.entrance, before, to)

    def _note(self, contact: Contact, verb: str, before: State | None, agent: str) -> None:
        where = contact.area, contact.queue, contact.personal
        self.record.append(Step(self.now, verb, contact.id, before, contact.state, agent, *where))

    # Agents come and go

    def log_in(self, at: datetime, login: str) -> None:
        """An agent is there, paused."""
        self.advance(at)
        agent = self.agents.get(login)
        if agent is None:
            out = AgentState.LOGGED_OUT
            agent = self.agents[login] = Agent(login, out, self.now, chosen=Serving(login))
        if self._user(login) and agent.state is AgentState.LOGGED_OUT:
            self._stand(agent, AgentState.PAUSED)
        self._settle()

    def log_out(self, at: datetime, login: str) -> None:
        """An agent leaves; parked contacts stay for a day (AG-2)."""
        agent = self._agent(at, login)
        if agent.contact is not None:
            raise Refused("in-hand", "End, park or requeue the contact in hand first.")
        self._leave_desk(agent)
        self._settle()

    def _leave_desk(self, agent: Agent) -> None:
        agent.chosen = replace(agent.chosen, logged={})
        self._stand(agent, AgentState.LOGGED_OUT)
        if agent.parked:
            back = self.now + timedelta(hours=self.site.system.parkedHours)
            self._plan(back, partial(self._return_parked, agent, self.now))

    def _return_parked(self, agent: Agent, since: datetime) -> None:
        if agent.state is not AgentState.LOGGED_OUT or agent.since != since:
            return
        for contact_id in agent.parked:
            self._wait(self.contacts[contact_id], "returned")
        agent.parked.clear()

    def activate(self, at: datetime, login: str) -> None:
        """An agent is ready, or takes back a wish to pause."""
        agent = self._agent(at, login)
        if agent.state is AgentState.BUSY:
            agent.pause_wanted = False
        elif agent.state in (AgentState.PAUSED, AgentState.WRAP_UP):
            self._stand(agent, AgentState.READY)
        else:
            raise Refused("not-now", "You are ready already, or a contact is booked for you.")
        self._settle()

    def pause(self, at: datetime, login: str) -> None:
        """An agent pauses; with a contact in hand, as soon as it is not any more."""
        agent = self._agent(at, login)
        if agent.state in _AT_A_CONTACT:
            agent.pause_wanted = True
        else:
            self._stand(agent, AgentState.PAUSED)
        self._settle()

    def lose(self, at: datetime, login: str) -> None:
        """An agent's link is lost: a booking returns, and none comes until the agent is ready."""
        agent = self._agent(at, login)
        self._unbook(agent, self._held(agent, State.BOOKED), "returned")
        self._settle()

    def vanish(self, at: datetime, login: str) -> None:
        """Nothing was heard of an agent for the lease: what was in hand returns (P6)."""
        agent = self._agent(at, login)
        if agent.contact is not None:
            contact = self.contacts[agent.contact]
            contact.lay_aside(self.now)
            agent.contact = None
            self._wait(contact, "returned")
        self._leave_desk(agent)
        self._settle()

    def serve(self, at: datetime, login: str, chosen: Serving) -> None:
        """An agent serves what this comes to, whoever said so."""
        agent = self._agent(at, login)
        agent.chosen = chosen
        self._restate(agent)
        self._settle()

    def choose_work_level(self, at: datetime, login: str, level: str) -> None:
        """An agent serves another named set of places from now on (RO-4b)."""
        agent = self._agent(at, login)
        parked = [State.PARKED for _ in agent.parked]
        chosen = choices.work_level(self._user(login), agent.chosen, level, agent.state, parked)
        self.serve(at, login, chosen)

    def log_in_to(self, at: datetime, login: str, place: str, *, by: str = "") -> None:
        """An agent serves a place again; whom a supervisor logs in, without the skills (PU-2)."""
        self._log_in_to(at, login, place, logged_in=True, by=by)

    def log_out_of(self, at: datetime, login: str, place: str) -> None:
        """An agent does not serve a place any more, until the next log-in."""
        self._log_in_to(at, login, place, logged_in=False, by="")

    def _log_in_to(self, at: datetime, login: str, place: str, *, logged_in: bool, by: str) -> None:
        agent, user = self._agent(at, login), self._user(login)
        is_let = bool(by) and self._user(by).role in rights.WATCHING
        chosen = choices.log_in(
            user, self.site, agent.chosen, place, logged_in=logged_in, by_supervisor=is_let
        )
        self.serve(at, login, chosen)

    # What agents do with contacts

    def accept(self, at: datetime, login: str) -> None:
        """An agent takes the booked contact in hand."""
        agent = self._agent(at, login)
        contact = self._held(agent, State.BOOKED)
        pause_wanted = agent.pause_wanted
        self._take_in_hand(agent, contact, "accepted")
        agent.pause_wanted = pause_wanted
        self._settle()

    def decline(self, at: datetime, login: str) -> None:
        """An agent does not take the booked contact, which returns to its place (RO-8)."""
        agent = self._agent(at, login)
        contact = self._held(agent, State.BOOKED)
        account = self.site.work_item_accounts.get(contact.entrance)
        if account is not None and account.channel:
            raise Refused("forbidden", "A contact from social media cannot be declined.")
        self._unbook(agent, contact, "declined")
        self._settle()

    def pick(self, at: datetime, login: str, contact_id: int) -> None:
        """An agent takes a contact from a list that the agent serves; a supervisor, from anywhere.

        Refused with one in hand, and where it does not wait any more.
        """
        agent = self._agent(at, login)
        if agent.contact is not None:
            raise Refused("not-now", "End, park or requeue the contact in hand first.")
        contact = self._waits(contact_id)
        lists = [line.key for line in self._index(login).lists(login)]
        user = self._user(login)
        is_supervisor = user.role in rights.WATCHING
        if not is_supervisor and (contact.queue, contact.personal) not in lists:
            raise Refused("not-found", "This contact does not wait where you may pick it.")
        is_free = agent.state is AgentState.READY or "pick-not-ready" in user.rights
        if not is_free and not is_supervisor:
            raise Refused("not-now", "Be ready first: you may pick contacts only then.")
        self._routers[contact.area].discard(contact.id)
        agent.last_entrance = contact.entrance
        self._take_in_hand(agent, contact, "picked")
        self._settle()

    def _take_in_hand(self, agent: Agent, contact: Contact, verb: str) -> None:
        agent.contact, contact.in_hand_since = contact.id, self.now
        self._move(contact, verb, State.ACCEPTED, agent.login)
        self._stand(agent, AgentState.BUSY)

    def park(self, at: datetime, login: str) -> None:
        """An agent lays the contact in hand aside."""
        agent = self._agent(at, login)
        contact = self._held(agent, State.ACCEPTED)
        contact.lay_aside(self.now)
        agent.contact = None
        agent.parked.append(contact.id)
        self._move(contact, "parked", State.PARKED, login)
        self._free(agent)
        self._settle()

    def resume(self, at: datetime, login: str, contact_id: int) -> None:
        """An agent goes on with a parked contact."""
        agent = self._agent(at, login)
        if contact_id not in agent.parked:
            raise Refused("not-found", "This contact is not in your hands.")
        if agent.contact is not None:
            raise Refused("not-now", "End, park or requeue the contact in hand first.")
        agent.parked.remove(contact_id)
        self._take_in_hand(agent, self.contacts[contact_id], "resumed")
        self._settle()

    def requeue(self, at: datetime, login: str, *, queue: str = "", colleague: str = "") -> None:
        """An agent lets somebody else have the contact in hand, and is paused (RO-8)."""
        agent = self._agent(at, login)
        contact = self._held(agent, State.ACCEPTED)
        target = self._target(queue, colleague, self._user(login).area)
        contact.lay_aside(self.now)
        agent.contact = None
        self._wait_at(contact, target, "requeued")
        self._stand(agent, AgentState.PAUSED)
        self._settle()

    def end(self, at: datetime, login: str, wrap_up: WrapUp = "as configured") -> None:
        """An agent has done what the contact in hand needed (AG-2)."""
        agent = self._agent(at, login)
        contact = self._held(agent, State.ACCEPTED)
        contact.lay_aside(self.now)
        agent.contact = None
        self._leave(contact, "ended", agent=login)
        self._count_handling(contact)
        seconds = self._wrap_up_seconds(contact, login, wrap_up)
        if agent.pause_wanted or seconds == 0:
            self._free(agent)
        else:
            until = None if seconds is None else self.now + timedelta(seconds=seconds)
            self._stand(agent, AgentState.WRAP_UP, until)
        self._settle()

    def _wrap_up_seconds(self, contact: Contact, login: str, given: WrapUp) -> float | None:
        if given == "as configured":
            return view.wrap_up_seconds(contact, self._user(login), self.site)
        return None if given == "unlimited" else float(given)

    def _unbook(self, agent: Agent, contact: Contact, why: str) -> None:
        """A booked contact returns to its old place, with its age; the agent is paused (RO-8)."""
        agent.contact = None
        self._wait(contact, why)
        self._stand(agent, AgentState.PAUSED)

    # What a supervisor does with what waits

    def move(self, at: datetime, contact_id: int, *, queue: str = "", colleague: str = "") -> None:
        """A waiting contact waits elsewhere, with its age (PU-2)."""
        self.advance(at)
        contact = self._waits(contact_id)
        target = self._target(queue, colleague, contact.area)
        if (target.queue, target.personal) == (contact.queue, contact.personal):
            raise IllegalMove(f"contact {contact_id} waits there already")
        self._wait_at(contact, target, "moved")
        self._settle()

    def prioritise(self, at: datetime, contact_id: int, *, first: bool = True) -> None:
        """A waiting contact goes before all others there, or in its order again (PU-2)."""
        self.advance(at)
        contact = self._waits(contact_id)
        if contact.prioritised == first:
            raise IllegalMove(f"the order of contact {contact_id} is so already")
        contact.prioritised = first
        self._wait(contact, "prioritised" if first else "unprioritised")
        self._settle()

    def close(self, at: datetime, contact_id: int) -> None:
        """A waiting contact is ended; nobody handled it (WI-7)."""
        self.advance(at)
        self._leave(self._waits(contact_id), "closed")
        self._settle()

    def configure(self, at: datetime, site: Site) -> None:
        """The configuration is another one; whose place is gone is placed anew (WI-8)."""
        self.advance(at)
        self.site = site
        self._events.publish(Configured(site))
        for router in self._routers.values():
            router.configure(site)
        for area in site.areas:
            self._routers.setdefault(area, Router(site, area))
        for agent in self.agents.values():
            self._restate(agent)
        for contact in self.contacts.values():
            if contact.state is State.QUEUED and self._is_stranded(contact):
                self._rescue(contact)
        for entrance in self._buffered:
            self._await_opening(entrance)
        self._settle()

    def _is_stranded(self, contact: Contact) -> bool:
        if contact.personal:
            user = self.site.users.get(contact.personal)
            return user is None or user.locked
        place = self.site.place(contact.queue)
        return place is None or place.area != contact.area

    def _rescue(self, contact: Contact) -> None:
        _, target = self._first(contact, contact.area)
        if target.state is State.BUFFERED:
            target = Placement(unrouted(contact.area, self.site.system), area=contact.area)
        self._wait_at(contact, target, "moved on")

    def _target(self, queue: str, colleague: str, area: str) -> Placement:
        """Where somebody sends a contact, within its area."""
        place, user = self.site.place(queue), self.site.users.get(colleague)
        if bool(queue) == bool(colleague):
            raise Refused("bad-value", "It goes to a queue or to a colleague.")
        if queue and (place is None or place.area != area):
            raise Refused("bad-value", "There is no such queue in its area.")
        is_there = serving.can_be_waited_for(user, self.site)
        if colleague and (user is None or user.area != area or not is_there):
            raise Refused("bad-value", "There is no such colleague in its area.")
        return Placement(queue, personal=colleague, area=area)

    # What is looked up

    def waiting(self, place: str, personal: str = "") -> list[int]:
        """What waits in a place, as it would be taken now."""
        found = [router.index.in_queue(place, personal) for router in self._routers.values()]
        return [one.contact for waiting in found for one in waiting]

    def lists(self, login: str) -> list[list[int]]:
        """What waits in each list that an agent picks from, as it would be taken now."""
        return [self.waiting(*line.key) for line in self._index(login).lists(login)]

    def buffered(self, entrance: str) -> list[int]:
        """What is buffered at an entrance, the oldest first."""
        return list(self._buffered.get(entrance, ()))

    def router(self, area: str) -> Router:
        """What decides for an area, to look at."""
        return self._routers[area]

    def _index(self, login: str) -> Index:
        return self._routers[self._user(login).area].index

    def _waits(self, contact_id: int) -> Contact:
        contact = self.contacts.get(contact_id)
        if contact is None or contact.state is not State.QUEUED:
            raise Refused("not-found", "This contact does not wait any more.")
        return contact

    def _held(self, agent: Agent, state: State) -> Contact:
        contact = None if agent.contact is None else self.contacts[agent.contact]
        if contact is None or contact.state is not state:
            raise Refused("not-found", f"There is no {state} contact in your hands.")
        return contact

    def _agent(self, at: datetime, login: str) -> Agent:
        self.advance(at)
        agent = self.agents.get(login)
        if agent is None or agent.state is AgentState.LOGGED_OUT:
            raise Refused("unauthorised", "Log in first.")
        self._user(login)
        return agent

    def _user(self, login: str) -> User:
        user = self.site.users.get(login)
        if user is None or user.locked:
            raise Refused("forbidden", "This user does not exist any more, or is locked.")
        return user

    # How agents stand

    def _free(self, agent: Agent) -> None:
        """Nothing in hand any more: ready, or paused if that was wanted."""
        self._stand(agent, AgentState.PAUSED if agent.pause_wanted else AgentState.READY)

    def _stand(self, agent: Agent, state: AgentState, until: datetime | None = None) -> None:
        """The one place where an agent's state changes; it is recorded, and the router told."""
        agent.state, agent.since, agent.until, agent.pause_wanted = state, self.now, until, False
        if until is not None:
            self._plan(until, partial(self._is_over, agent, until))
        self._restate(agent)

    def _restate(self, agent: Agent) -> None:
        """Record what an agent does and serves, and tell it to the router of the area."""
        user = self.site.users.get(agent.login)
        is_there = user is not None and not user.locked
        profile = (
            serving.Profile(agent.login, services=frozenset())
            if user is None
            else choices.profile(user, self.site, agent.chosen)
        )
        self.record.append(Stand(self.now, agent.login, agent.state, profile))
        for area, router in self._routers.items():
            if area == profile.area and is_there:
                is_ready = agent.state is AgentState.READY
                last = agent.last_entrance
                router.agent(profile, Presence.of(agent.state), ready=is_ready, last=last)
            elif router.index.profile(agent.login) is not None:
                router.agent(profile, Presence.OUT, ready=False)

    def _is_over(self, agent: Agent, at: datetime) -> None:
        """A booking was not accepted in time, or a wrap-up has lasted long enough."""
        if agent.until != at:
            return
        if agent.state is AgentState.BOOKED:
            assert agent.contact is not None
            self._unbook(agent, self.contacts[agent.contact], "timed out")
        elif agent.state is AgentState.WRAP_UP:
            self._stand(agent, AgentState.READY)

    # The pace of queues

    def _count_handling(self, contact: Contact) -> None:
        """The pace is another one from the next quarter on, and again when this one is too old."""
        quarter = int(self.now.timestamp() // _QUARTER)
        seconds, ended = self._ended.get((quarter, contact.queue), (0.0, 0))
        seconds += contact.handled.total_seconds()
        self._ended[quarter, contact.queue] = seconds, ended + 1
        for later in (quarter + 1, quarter + PACE_BUCKETS + 1):
            at = datetime.fromtimestamp(later * _QUARTER, UTC)
            self._plan_once(at, "pace", self._take_pace)

    def _take_pace(self) -> None:
        current = int(self.now.timestamp() // _QUARTER)
        window = range(current - PACE_BUCKETS, current)
        self._ended = {key: sums for key, sums in self._ended.items() if key[0] >= window.start}
        totals: dict[str, tuple[float, int]] = {}
        for (quarter, queue), (seconds, ended) in self._ended.items():
            if quarter in window:
                before = totals.get(queue, (0.0, 0))
                totals[queue] = before[0] + seconds, before[1] + ended
        pace = {queue: seconds / ended for queue, (seconds, ended) in totals.items() if queue}
        for router in self._routers.values():
            router.take_pace(pace)
