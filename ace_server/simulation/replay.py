"""A time that was recorded, played again: under the same rules, or to see what others would do.

People do what they did, at the times at which they did it, as long as routing decides as it did.
Where it decides otherwise for a contact, that contact takes as long as it took: until it is
accepted, in hand, and for the wrap-up after it.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from ace_server.concepts import Site
from ace_server.contact import AgentState, State
from ace_server.errors import Refused
from ace_server.simulation import recorded
from ace_server.simulation.driving import ACCEPTING, MAY_ACTIVATE, Driver
from ace_server.simulation.record import Contact, Stand, Step
from ace_server.simulation.recorded import Booked, Desks, Log, Stretches
from ace_server.simulation.world import World
from ace_server.store.decisions import AgentChange, TakenIn
from ace_server.store.history import Happening
from ace_server.store.serving import Serving

TOLERANCE = 5.0
"""Seconds that a booking may be recorded after it is decided: the slow clock of the desks."""

_AGAIN = 60.0  # seconds until an agent who is busy looks again at what is parked

_FIRST, _ENDS, _COMES_IN, _BEGINS, _LAST = range(5)
"""What happens at one moment: wishes to pause, then what frees agents, then what takes them."""

_RANKS = {
    "declined": _ENDS,
    "parked": _ENDS,
    "requeued": _ENDS,
    "ended": _ENDS,
    "accepted": _BEGINS,
    "picked": _BEGINS,
    "resumed": _BEGINS,
    "moved": _LAST,
    "prioritised": _LAST,
    "unprioritised": _LAST,
    "closed": _LAST,
}
"""What people do with contacts; everything else follows by itself."""

_FREEING = frozenset({"parked", "requeued", "ended"})
"""After these an agent has nothing in hand."""


def replay(log: Log, site: Site) -> World:
    """Play a log through a world under this configuration; the world at its end."""
    world = World(site, log.start)
    player = Player(world, log)
    world.begin(*recorded.standing(log, site))
    player.expect()
    player.run(log.end)
    return world


class Player(Driver):
    """Everybody who did something in a log."""

    def __init__(self, world: World, log: Log) -> None:
        super().__init__(world)
        self._log = log
        self._desks = Desks(log)
        self._booked = recorded.bookings(log)
        self._next: dict[int, int] = {}  # contact, and which of its bookings comes next
        self._parted: set[int] = set()  # contacts for which routing decided otherwise
        self._took = {taken.id: recorded.stretches(taken) for taken in log.contacts}
        self._usual = self._mean(self._took.values())
        self._wrap_ups: dict[int, float] = {}
        self._leaving: set[str] = set()
        self._freed: dict[str, list[tuple[datetime, str]]] = {}  # by what agents had done
        for taken in log.contacts:
            for happening in taken.happenings:
                if happening.verb in _FREEING:
                    insort(self._freed.setdefault(happening.by, []), (happening.at, happening.verb))

    def _mean(self, found: Iterable[Stretches]) -> Stretches:
        """For what the log does not say of a contact."""
        took = list(found)
        handling = self.world.site.system.expectedHandlingSeconds
        return Stretches(
            _mean([one.accepting for one in took], ACCEPTING),
            _mean([one.handling for one in took], handling),
        )

    # What is about to happen

    def expect(self) -> None:
        """Plan all that the log says people did."""
        for before, change in self._desks.pairs():
            if change.at >= self._log.start:
                self._expect_of_agent(before, change)
        for taken in self._log.contacts:
            if taken.received_at >= self._log.start:
                self.plan(taken.received_at, partial(self._arrive, taken), _COMES_IN)
            for happening in self._log.within(taken):
                self._expect_of_contact(taken, happening)

    def _expect_of_contact(self, taken: TakenIn, happening: Happening) -> None:
        if happening.verb == "ended":
            seconds = self._desks.wrap_up_seconds(happening.by, happening.at)
            self._wrap_ups[taken.id] = seconds
        if happening.verb == "returned" and happening.before == State.BOOKED:
            self.plan(happening.at, partial(self._lose, taken.id), _ENDS)
        if happening.verb in _RANKS:
            action = partial(self._act, taken.id, happening)
            self.plan(happening.at, action, _RANKS[happening.verb])

    def _expect_of_agent(self, before: AgentChange | None, change: AgentChange) -> None:
        was = AgentState.LOGGED_OUT if before is None else before.state
        login, at = change.login, change.at
        if was is AgentState.LOGGED_OUT:
            self.plan(at, partial(self._log_in, login), _BEGINS)
        if change.state is AgentState.LOGGED_OUT:
            self.plan(at, partial(self._log_out, login), _LAST)
        elif change.state is AgentState.PAUSED and self._is_wish(was, change):
            self.plan(at, partial(self._pause, login), _FIRST)
        elif change.state is AgentState.READY and was is AgentState.PAUSED:
            self.plan(at, partial(self._activate, login), _BEGINS)
        elif change.state is AgentState.BOOKED:
            self.plan(at, partial(self._be_back, login), _ENDS)
        known = Serving(login) if before is None else recorded.chosen(before)
        if known != recorded.chosen(change):
            self.plan(at, partial(self._serve, change), _BEGINS)

    def _is_wish(self, was: AgentState, change: AgentChange) -> bool:
        """Whether the agent wanted to pause, or it follows from something else."""
        if was in (AgentState.READY, AgentState.WRAP_UP):
            return True
        return was is AgentState.BUSY and not self._requeues(change)

    def _requeues(self, change: AgentChange) -> bool:
        """Whether the pause came with a requeue: it is the first that is noted after the state."""
        acts = self._freed.get(change.login, [])
        number = bisect_left(acts, (change.at, ""))
        return number < len(acts) and acts[number][1] == "requeued"

    # What agents do, whatever they are doing by then

    def _log_in(self, login: str, at: datetime) -> None:
        if self._is_user(login):
            self._leaving.discard(login)
            self.world.log_in(at, login)

    def _log_out(self, login: str, at: datetime) -> None:
        state = self._state(login, at)
        if state in (AgentState.BOOKED, AgentState.BUSY):
            if self._is_abandoned(login, at):
                self.world.vanish(at, login)
            else:
                self._leaving.add(login)
                self.world.pause(at, login)
        elif state is not AgentState.LOGGED_OUT:
            self.world.log_out(at, login)

    def _is_abandoned(self, login: str, at: datetime) -> bool:
        """Whether the agent had a contact then, by the log, too: the link was lost for long."""
        contact = self.world.agents[login].contact
        return contact is not None and contact not in self._parted

    def _pause(self, login: str, at: datetime) -> None:
        if self._state(login, at) not in (AgentState.LOGGED_OUT, AgentState.PAUSED):
            self.world.pause(at, login)

    def _activate(self, login: str, at: datetime) -> None:
        if self._state(login, at) in MAY_ACTIVATE:
            self.world.activate(at, login)

    def _be_back(self, login: str, at: datetime) -> None:
        """A contact was booked for the agent, whose link was there again."""
        if self._state(login, at) is AgentState.PAUSED:
            self.world.activate(at, login)

    def _serve(self, change: AgentChange, at: datetime) -> None:
        if self._state(change.login, at) is not AgentState.LOGGED_OUT:
            self.world.serve(at, change.login, recorded.chosen(change))

    def _state(self, login: str, at: datetime) -> AgentState:
        self.world.advance(at)
        agent = self.world.agents.get(login)
        is_there = agent is not None and self._is_user(login)
        return agent.state if agent is not None and is_there else AgentState.LOGGED_OUT

    def _is_user(self, login: str) -> bool:
        user = self.world.site.users.get(login)
        return user is not None and not user.locked

    # What people do with contacts

    def _arrive(self, taken: TakenIn, at: datetime) -> None:
        self.world.arrive(at, taken.entrance, taken.data, taken.id)

    def _lose(self, contact_id: int, at: datetime) -> None:
        """A booking returned at once: the agent's link was lost, or the server was restarted."""
        self.world.advance(at)
        contact = self.world.contacts[contact_id]
        if contact_id not in self._parted and contact.state is State.BOOKED:
            self.world.lose(at, contact.agent)

    def _act(self, contact: int, happening: Happening, at: datetime) -> None:
        """Do what was done, if the contact is where it was then."""
        self.world.advance(at)
        self._react()
        if contact in self._parted:
            return
        try:
            if not self._can(contact, happening):
                self._part(contact)
                return
            self._acts[happening.verb](self, at, contact, happening)
        except Refused:
            self._part(contact)

    def _can(self, contact_id: int, happening: Happening) -> bool:
        contact, by = self.world.contacts[contact_id], happening.by
        wanted = _BEFORE[happening.verb]
        is_here = contact.state is wanted
        return is_here and (wanted is State.QUEUED or contact.agent == by)

    def _end(self, at: datetime, contact: int, happening: Happening) -> None:
        self.world.end(at, happening.by, self._wrap_ups[contact])

    def _requeue(self, at: datetime, contact: int, happening: Happening) -> None:
        self.world.requeue(at, happening.by, queue=happening.queue, colleague=happening.personal)

    def _move(self, at: datetime, contact: int, happening: Happening) -> None:
        self.world.move(at, contact, queue=happening.queue, colleague=happening.personal)

    def _prioritise(self, at: datetime, contact: int, happening: Happening) -> None:
        self.world.prioritise(at, contact, first=happening.verb == "prioritised")

    _acts: dict[str, Callable[["Player", datetime, int, Happening], None]] = {
        "accepted": lambda self, at, _, what: self.world.accept(at, what.by),
        "declined": lambda self, at, _, what: self.world.decline(at, what.by),
        "parked": lambda self, at, _, what: self.world.park(at, what.by),
        "resumed": lambda self, at, contact, what: self.world.resume(at, what.by, contact),
        "picked": lambda self, at, contact, what: self.world.pick(at, what.by, contact),
        "closed": lambda self, at, contact, _: self.world.close(at, contact),
        "ended": _end,
        "requeued": _requeue,
        "moved": _move,
        "prioritised": _prioritise,
        "unprioritised": _prioritise,
    }

    # What follows where routing decides otherwise

    def on_step(self, step: Step) -> None:
        if step.verb == "booked" and step.contact not in self._parted:
            self._compare(step)
        elif step.contact in self._parted:
            self._go_on(step.contact)

    def _compare(self, step: Step) -> None:
        """Whether this is the contact's next booking in the log, too."""
        number = self._next.get(step.contact, 0)
        booked = self._booked.get(step.contact, [])
        expected = booked[number] if number < len(booked) else None
        self._next[step.contact] = number + 1
        if expected is None or not same(expected, Booked(step.agent, step.at)):
            self._part(step.contact)

    def _part(self, contact: int) -> None:
        """From now on the log says only how long this contact takes."""
        self._parted.add(contact)
        self._go_on(contact)

    def _go_on(self, contact_id: int) -> None:
        contact = self.world.contacts[contact_id]
        took = self._took[contact_id]
        if contact.state is State.BOOKED:
            usual = self._usual.accepting or ACCEPTING
            seconds = usual if took.accepting is None else took.accepting
            self.plan_to_accept(seconds, partial(self._accept_parted, contact_id))
        elif contact.state is State.ACCEPTED and contact.in_hand_since is not None:
            usual = self._usual.handling or 0.0
            seconds = usual if took.handling is None else took.handling
            had = contact.handled + (self.world.now - contact.in_hand_since)
            left = max(seconds - had.total_seconds(), 0.0)
            self.plan_after(left, partial(self._end_parted, contact_id, contact.in_hand_since))
        elif contact.state is State.PARKED:
            self.plan_after(_AGAIN, partial(self._resume_parted, contact_id))

    def _accept_parted(self, contact_id: int, at: datetime) -> None:
        contact = self._parted_one(contact_id, at)
        if contact.state is State.BOOKED:
            self.world.accept(at, contact.agent)

    def _end_parted(self, contact_id: int, since: datetime, at: datetime) -> None:
        contact = self._parted_one(contact_id, at)
        if contact.state is State.ACCEPTED and contact.in_hand_since == since:
            wrap_up = self._wrap_ups.get(contact_id)
            self.world.end(at, contact.agent, "as configured" if wrap_up is None else wrap_up)

    def _resume_parted(self, contact_id: int, at: datetime) -> None:
        contact = self._parted_one(contact_id, at)
        if contact.state is not State.PARKED:
            return
        if self._state(contact.agent, at) in (AgentState.READY, AgentState.WRAP_UP):
            self.world.resume(at, contact.agent, contact_id)
        else:
            self.plan_after(_AGAIN, partial(self._resume_parted, contact_id))

    def _parted_one(self, contact_id: int, at: datetime) -> Contact:
        self.world.advance(at)
        return self.world.contacts[contact_id]

    def on_stand(self, stand: Stand) -> None:
        if stand.agent in self._leaving and stand.state is AgentState.PAUSED:
            self.plan_after(0, partial(self._log_out, stand.agent), _LAST)


_BEFORE = {
    "accepted": State.BOOKED,
    "declined": State.BOOKED,
    "parked": State.ACCEPTED,
    "requeued": State.ACCEPTED,
    "ended": State.ACCEPTED,
    "resumed": State.PARKED,
    "picked": State.QUEUED,
    "moved": State.QUEUED,
    "prioritised": State.QUEUED,
    "unprioritised": State.QUEUED,
    "closed": State.QUEUED,
}
"""In which state a contact must be for what is done with it."""


def same(noted: Booked, decided: Booked) -> bool:
    """Whether a booking is the recorded one, which the store noted a moment later."""
    apart = abs((noted.at - decided.at).total_seconds())
    return noted.agent == decided.agent and apart <= TOLERANCE


def _mean(values: Sequence[float | None], otherwise: float) -> float:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else otherwise
