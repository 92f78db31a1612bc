"""Queue status: what waits where an agent serves, told to each desk as it changes (AG-5).

Everything is read from the indexes in memory; at most once a second, and only what is different.
"""

import asyncio
from collections.abc import Callable, Iterator

from ace_server import wire
from ace_server.clock import Clock
from ace_server.concepts import Site, User
from ace_server.desk.agents import Agents
from ace_server.desk.desk import Desk
from ace_server.desk.dispatch import Dispatch
from ace_server.events import AgentChanged, Configured, Events, Moved, Queued
from ace_server.rounds import Rounds
from ace_server.routing import serving
from ace_server.routing.queues import Line
from ace_server.routing.serving import Place, Profile

EVERY = 1.0
"""Seconds between two pushes, at least."""

SLOW_POLL = 10.0
"""Seconds after which it looks again, whatever it was or was not told."""


class QueueStatus:
    """Tells every desk what waits for it."""

    def __init__(
        self,
        site: Callable[[], Site],
        agents: Agents,
        dispatch: Dispatch,
        events: Events,
        clock: Clock,
    ) -> None:
        self._site = site
        self._agents = agents
        self._dispatch = dispatch
        self._clock = clock
        self._told_at = float("-inf")  # monotonic
        self._rounds = Rounds(
            "queue status", self._push_soon, every=lambda: SLOW_POLL, meanwhile="queue status waits"
        )
        for kind in (Queued, Moved, AgentChanged, Configured):
            events.subscribe(kind, lambda _: self._rounds.wake())

    async def start(self) -> None:
        """Begin to tell."""
        await self._rounds.start()

    async def stop(self) -> None:
        """Tell nothing any more."""
        await self._rounds.stop()

    async def _push_soon(self) -> None:
        while (left := self._told_at + EVERY - self._clock.monotonic()) > 0:
            await asyncio.sleep(left)
        self.push()

    def push(self) -> None:
        """Tell each desk whose status is another than it was told last."""
        self._told_at, now = self._clock.monotonic(), self._clock.now()
        site = self._site()
        for desk in self._agents.desks():
            user = site.users.get(desk.row.login)
            if desk.outlet is None or user is None:
                continue
            queues = list(self._status(desk, user, site))
            if desk.told_queues != queues:
                desk.told_queues = queues
                desk.outlet.send(wire.Queues(now=now, queues=queues))

    def _status(self, desk: Desk, user: User, site: Site) -> Iterator[wire.QueueStatus]:
        """The agent's own, then queues by priority, then lists: served, or to be logged in to."""
        profile = self._agents.profile(user.login)
        index = self._dispatch.dispatcher(user.area).index
        own = None if profile is None else serving.own_service(profile.services, site)
        if profile is None or own is None:
            return
        line = index.known_line("", user.login)
        if line is not None:
            yield _row(line, is_list=own == "waiting list", logged_in=profile.personal)
        queues = sorted(site.queues.values(), key=lambda queue: queue.priority)
        places: list[Place] = [*queues, *site.waiting_lists.values()]
        for place in places:
            is_open = _may_serve(place, profile)
            if is_open is not None:
                yield _row(
                    index.line(place.name),
                    is_list=place.name in site.waiting_lists,
                    logged_in=is_open,
                )


def _may_serve(place: Place, profile: Profile) -> bool | None:
    """Whether the agent serves a place; False: only the log-in to it is missing; None: never."""
    missing = {one.kind for one in serving.hindrances(place, profile)}
    if not missing:
        return True
    return False if missing == {"logged out"} else None


def _row(line: Line, *, is_list: bool, logged_in: bool) -> wire.QueueStatus:
    return wire.QueueStatus(
        name=line.key[0],
        is_list=is_list,
        waiting=line.size,
        oldest=line.oldest() if line.size else None,
        agents=line.logged_in,
        at_work=line.at_work,
        logged_in=logged_in,
        change=line.change,
    )
