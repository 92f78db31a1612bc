"""The figures of ACE Pulse as they are now, pushed to who watches: at most once a second (PU-1).

How many contacts stand where is read from the kept figures; what waits first, and what every agent
is doing, from the services of this process. Nothing of a contact is told but its number and its
task type, and no contact is counted. How mail accounts are doing is read when something about mail
may have changed: other processes do that, too.
"""

import asyncio
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import msgspec

from ace_server import wire
from ace_server.clock import Clock
from ace_server.concepts import Site, User
from ace_server.contact import AgentState, Role, State
from ace_server.desk.agents import Agents
from ace_server.desk.desk import Desk, Outlet
from ace_server.desk.dispatch import Dispatch
from ace_server.errors import Refused, Unavailable
from ace_server.events import (
    AgentChanged,
    Buffered,
    Configured,
    Events,
    MailChanged,
    Moved,
    Queued,
)
from ace_server.rounds import Rounds
from ace_server.statistics import mail
from ace_server.statistics.mail import NO_MAIL, Mail
from ace_server.store import Store, figures
from ace_server.store.contacts import ContactRow
from ace_server.store.figures import Kept
from ace_server.store.mail_counts import Counts

EVERY = 1.0
"""Seconds between two pushes, at least."""

SLOW_POLL = 10.0
"""Seconds after which it looks again, whatever it was or was not told: days end by themselves."""

AT_WORK = frozenset({AgentState.READY, AgentState.BOOKED, AgentState.BUSY, AgentState.WRAP_UP})
"""The states in which whoever is no agent by role is shown as one."""

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class Picture(msgspec.Struct, frozen=True):
    """Everything that is shown, row by row."""

    buffered: int
    queues: Mapping[tuple[str, str], wire.QueueFigures]  # by queue and person
    agents: Mapping[str, wire.AgentFigures]  # by login
    mail_accounts: Mapping[str, wire.MailAccountFigures] = {}


NOTHING = Picture(0, {}, {})


class Live:
    """Tells every program that watches what has changed."""

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
        self._clock = clock
        self._watching: dict[Outlet, str] = {}  # and whose they are
        self._new: set[Outlet] = set()  # of these: were told nothing yet
        self._told = NOTHING
        self._told_at = float("-inf")  # monotonic
        self._number = 0
        self._mail = NO_MAIL  # as it was read last
        self._mail_read_at = float("-inf")  # monotonic
        self._mail_changed = False  # since then, in this process
        self._rounds = Rounds(
            "figures", self._push_soon, every=lambda: SLOW_POLL, meanwhile="figures wait"
        )
        for kind in (Queued, Buffered, Moved, AgentChanged, Configured):
            events.subscribe(kind, lambda _: self.look())
        events.subscribe(MailChanged, lambda _: self._look_at_mail())

    # Who watches

    def watch(self, login: str, outlet: Outlet) -> None:
        """Tell this program everything soon, and then what changes.

        Whether the user may watch was asked before; it is asked again at every push.
        """
        self._watching[outlet] = login
        self._new.add(outlet)
        outlet.watches = True
        self.look()

    def unwatch(self, outlet: Outlet) -> None:
        """Tell this program nothing more, if it watched."""
        if self._watching.pop(outlet, None) is not None:
            self._new.discard(outlet)
            outlet.watches = False

    # Life

    def look(self) -> None:
        """Something may have changed."""
        self._rounds.wake()

    def _look_at_mail(self) -> None:
        self._mail_changed = True
        self.look()

    async def start(self) -> None:
        """Begin to tell."""
        await self._rounds.start()

    async def stop(self) -> None:
        """Tell nothing any more."""
        await self._rounds.stop()

    async def _push_soon(self) -> None:
        while (left := self.seconds_left()) > 0:
            await asyncio.sleep(left)
        await self.push()

    def seconds_left(self) -> float:
        """Seconds until something may be told again."""
        return max(self._told_at + EVERY - self._clock.monotonic(), 0.0)

    async def push(self) -> None:
        """Tell who watches what has changed, unless something was told within the last second.

        Raises Unavailable; then nothing was told.
        """
        self._dismiss()
        if not self._watching or self.seconds_left():
            return
        self._told_at = self._clock.monotonic()
        site, now = self._site(), self._clock.now()
        since, with_mail = midnight(now, site.facts.time_zone), self._is_mail_to_be_read()
        self._mail_changed = False
        try:
            kept, found = await self._store.run(_read, since, with_mail=with_mail)
        except Unavailable:
            self._mail_changed |= with_mail
            raise
        if found is not None:
            self._take(found)
        self._tell(self._picture(kept, site), now)

    def _is_mail_to_be_read(self) -> bool:
        """Where something changed here; and now and then, since other processes fetch and send."""
        return self._mail_changed or self._mail_age() >= SLOW_POLL

    def _mail_age(self) -> float:
        return self._clock.monotonic() - self._mail_read_at

    def _take(self, found: Mail) -> None:
        self._mail, self._mail_read_at = found, self._clock.monotonic()

    async def read_mail(self) -> None:
        """Read what `mail_counts` and `mail_asking` say. Raises Unavailable."""
        if self._is_mail_to_be_read():
            self._take(await self._store.run(mail.read))
            self.look()

    def mail_counts(self) -> Counts | None:
        """The mails that are not settled; None where nobody has read that lately."""
        return self._mail.counts if self._mail_age() < SLOW_POLL else None

    def mail_asking(self) -> mail.Asking | None:
        """What of mail a person has to see to; None where nobody has read that lately, and where
        there is no mail account."""
        rows = mail.figures(self._mail, self._site(), self._clock.now())
        return mail.asking(rows.values()) if rows and self._mail_age() < SLOW_POLL else None

    def _dismiss(self) -> None:
        """Who may no longer watch does not."""
        for outlet, login in list(self._watching.items()):
            try:
                self._agents.demand(login, wire.Watch)
            except Refused:
                self.unwatch(outlet)

    def _tell(self, picture: Picture, now: datetime) -> None:
        before, self._told = self._told, picture
        queues = _changed(before.queues, picture.queues)
        agents = _changed(before.agents, picture.agents)
        accounts = _changed(before.mail_accounts, picture.mail_accounts)
        rows = (*queues, *agents, *accounts)
        same = not rows and before.buffered == picture.buffered
        gone = _is_row_gone(before, picture)
        if gone or not same:
            self._number += 1
        for outlet in list(self._watching):
            if outlet in self._new or gone:
                outlet.send(self._everything(picture, now))
            elif not same:
                outlet.send(
                    wire.FiguresChange(
                        number=self._number,
                        now=now,
                        buffered=picture.buffered,
                        queues=queues,
                        agents=agents,
                        mail_accounts=accounts,
                    )
                )
        self._new.clear()

    def _everything(self, picture: Picture, now: datetime) -> wire.Figures:
        return wire.Figures(
            number=self._number,
            now=now,
            buffered=picture.buffered,
            queues=list(picture.queues.values()),
            agents=list(picture.agents.values()),
            mail_accounts=list(picture.mail_accounts.values()),
        )

    # What is shown

    def _picture(self, kept: Iterable[Kept], site: Site) -> Picture:
        of = {(one.kind, one.name, one.figure): one.value for one in kept if one.value}
        buffered = sum(
            value
            for (kind, _, figure), value in of.items()
            if kind == figures.ENTRANCE and figure == figures.BUFFERED
        )
        queues = {(row.queue, row.personal): row for row in self._queues(of, site)}
        agents = {row.login: row for row in self._agents_shown(site)}
        return Picture(buffered, queues, agents, mail.figures(self._mail, site, self._clock.now()))

    def _queues(
        self, of: Mapping[tuple[str, str, str], int], site: Site
    ) -> Iterator[wire.QueueFigures]:
        """The queues that are configured; others, and personal ones, while they count."""
        named = {name for kind, name, _ in of if kind == figures.QUEUE}
        configured = [*site.queues, *site.waiting_lists]
        for name in (*configured, *sorted(named - set(configured))):
            yield self._queue(of, figures.QUEUE, name)
        for login in sorted({name for kind, name, _ in of if kind == figures.PERSONAL}):
            yield self._queue(of, figures.PERSONAL, login)

    def _queue(
        self, of: Mapping[tuple[str, str, str], int], kind: str, name: str
    ) -> wire.QueueFigures:
        queue, personal = (name, "") if kind == figures.QUEUE else ("", name)
        waiting = of.get((kind, name, figures.WAITING), 0)
        line = self._dispatch.line(queue, personal) if waiting else None
        return wire.QueueFigures(
            queue=queue,
            personal=personal,
            waiting=waiting,
            oldest=line.oldest() if line is not None and line.size else None,
            in_hand=of.get((kind, name, figures.IN_HANDS), 0),
            ended=of.get((kind, name, figures.ENDED), 0),
        )

    def _agents_shown(self, site: Site) -> Iterator[wire.AgentFigures]:
        """Who is an agent by role, and whoever else works as one now."""
        for user in site.users.values():
            desk = self._agents.desk(user.login)
            works = desk is not None and (desk.row.state in AT_WORK or bool(desk.contacts))
            if (user.role is Role.AGENT and not user.locked) or works:
                yield _agent(user, desk)


def _read(since: datetime, *, with_mail: bool) -> tuple[list[Kept], Mail | None]:
    """The kept figures, and how mail is doing where that is wanted; a job."""
    return figures.kept(since), mail.read() if with_mail else None


def _agent(user: User, desk: Desk | None) -> wire.AgentFigures:
    if desk is None:
        return wire.AgentFigures(login=user.login, name=user.name, state=AgentState.LOGGED_OUT)
    contact = _in_hand(desk)
    return wire.AgentFigures(
        login=user.login,
        name=user.name,
        state=desk.row.state,
        since=desk.row.since,
        activity=desk.row.activity,
        contact=None if contact is None else contact.id,
        task_type="" if contact is None else contact.task_type,
        parked=sum(row.state is State.PARKED for row in desk.contacts.values()),
    )


def _in_hand(desk: Desk) -> ContactRow | None:
    """The contact that the agent's state is about."""
    return desk.accepted() or desk.booked() or desk.contacts.get(desk.row.wrap_up_contact or 0)


def _is_row_gone(before: Picture, now: Picture) -> bool:
    return bool(
        before.queues.keys() - now.queues.keys()
        or before.agents.keys() - now.agents.keys()
        or before.mail_accounts.keys() - now.mail_accounts.keys()
    )


def _changed(before: Mapping[K, R], now: Mapping[K, R]) -> list[R]:
    return [row for key, row in now.items() if before.get(key) != row]


def midnight(at: datetime, zone: str) -> datetime:
    """When the day of a moment began in a time zone."""
    local = at.astimezone(ZoneInfo(zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0)
