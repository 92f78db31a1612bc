"""The routing of one organisation area: what waits, who is there, and what follows from it (RO-1).

It is told what happened and says what has to happen now: bookings (RO-5, RO-6) and contacts that
move on (RO-3). Making that true, and telling it so, is the caller's: the dispatcher of the server,
a simulation, an example. The same events in the same order give the same decisions.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from heapq import heapify, heappop, heappush

from ace_server.concepts import Site
from ace_server.routing import selection
from ace_server.routing.constraints import Load
from ace_server.routing.queues import Index, Line, Presence, Waiting
from ace_server.routing.selection import Booking
from ace_server.routing.serving import Profile
from ace_server.routing.watching import Measure

_SLACK = 64
"""So many times may be remembered, and as many as contacts wait, that are true no more."""


class Router:
    """Decides for one area; one instance, whichever server has the area."""

    def __init__(self, site: Site, area: str = "") -> None:
        self.area = area
        self.index = Index(site, area)
        self._site = site
        self._pace: Mapping[str, float] = {}
        self._timed: list[tuple[datetime, int]] = []  # contacts that time moves on

    # What happened

    def configure(self, site: Site) -> None:
        """The configuration is another one; agents are told of by `agent` as they are now."""
        self._site = site
        self.index.configure(site)

    def add(self, waiting: Waiting) -> None:
        """A contact waits, or waits elsewhere now; its old place is as if it had not been.

        What was booked and not accepted, or declined, stands where its `place` says: as before
        (RO-8).
        """
        self.index.add(waiting)
        if waiting.moves_on_at is not None:
            self._at(waiting.moves_on_at, waiting.contact)

    def discard(self, contact: int) -> None:
        """A contact waits no more: it was picked, closed, or moved to another area."""
        self.index.discard(contact)

    def agent(self, profile: Profile, presence: Presence, *, ready: bool, last: str = "") -> None:
        """What an agent serves, whether the agent is there, and can be given a contact.

        `last`: the entrance of the contact that the agent has, or had last.
        """
        self.index.had(profile.login, last)
        self.index.agent(profile, presence)
        if ready:
            self.index.ready(profile.login)
        else:
            self.index.not_ready(profile.login)

    def take_pace(self, pace: Mapping[str, float]) -> None:
        """Seconds of handling for each contact, by queue, as of now."""
        self._pace = pace
        self.index.disturb_all()

    # What follows

    def bookings(self, now: datetime) -> Iterator[Booking]:
        """Every booking that is possible now; each is out of the index as it is yielded."""
        return selection.bookings(self.index, now)

    def moving_on(self, now: datetime) -> list[int]:
        """The contacts that leave for the next stop of their route now; each is told once.

        They stay in the index until they are told of anew. Ask it after `bookings`: a contact that
        an agent can have goes nowhere else.
        """
        found: dict[int, None] = {}
        while self._timed and self._timed[0][0] <= now:
            timed = heappop(self._timed)
            if self._is_true(timed):
                found[timed[1]] = None
        for key in self.index.take_disturbed():
            line = self.index.line(*key)
            if line.watched:
                found |= dict.fromkeys(line.watch().leaving(self._measure(line)))
        return list(found)

    def _measure(self, line: Line) -> Measure:
        pace = self.pace(line.key[0])
        return lambda before, waiting: Load(before, waiting, line.logged_in, line.at_work, pace)

    def ask_again(self, contact: int, at: datetime) -> None:
        """A contact could not be moved on: it is told again, at this time at the earliest."""
        waiting = self.index.waiting(contact)
        if waiting is not None:
            waiting.moves_on_at = at
            self._at(at, contact)

    def next_at(self) -> datetime | None:
        """When a contact moves on by time, if nothing else happens before."""
        while self._timed and not self._is_true(self._timed[0]):
            heappop(self._timed)
        return self._timed[0][0] if self._timed else None

    def _at(self, at: datetime, contact: int) -> None:
        """Remember when time moves a contact on, and forget what is true no more."""
        if len(self._timed) > 2 * self.index.size + _SLACK:
            self._timed = [one for one in self._timed if self._is_true(one)]
            heapify(self._timed)
        heappush(self._timed, (at, contact))

    def _is_true(self, timed: tuple[datetime, int]) -> bool:
        at, contact = timed
        waiting = self.index.waiting(contact)
        return waiting is not None and waiting.moves_on_at == at

    # What it knows

    def load(self, waiting: Waiting) -> Load:
        """What there is where a contact waits."""
        line = self.index.line(waiting.queue, waiting.personal)
        return self._measure(line)(line.before(waiting), line.size)

    def pace(self, queue: str) -> float:
        """Seconds of handling for each contact of a queue."""
        return self._pace.get(queue, self._site.system.expectedHandlingSeconds)
