"""The facts around one contact, gathered for `routing.explain`, with a server up or down (RO-11).

A running server has the router that decides; with none, the same router is filled from the store.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

import msgspec

from ace_server.clock import Clock
from ace_server.concepts import Site
from ace_server.contact import AgentState, Role, State
from ace_server.desk import mail_history
from ace_server.desk.agents import Agents
from ace_server.desk.dispatch import Dispatch
from ace_server.desk.dispatcher import waiting
from ace_server.entrances import Entrances
from ace_server.errors import Refused
from ace_server.routing import explain, facts, serving, why_not
from ace_server.routing.facts import AgentFacts, Case, Explanation, Flood
from ace_server.routing.queues import Presence
from ace_server.routing.router import Router
from ace_server.sentences import sentence
from ace_server.store import Store, contacts, desks, figures, history
from ace_server.store import serving as stored_serving
from ace_server.store.contacts import ContactRow
from ace_server.store.desks import DeskRow
from ace_server.store.history import Happening
from ace_server.store.serving import Serving


class Around(msgspec.Struct, frozen=True):
    """What the store counts at the entrance of a contact."""

    buffered_before: int  # that were buffered there earlier
    total: int  # not ended, the buffered ones apart
    active: int  # of these, waiting


class Explaining:
    """Explains beside the core, from what it has in memory."""

    def __init__(
        self,
        store: Store,
        site: Callable[[], Site],
        agents: Agents,
        dispatch: Dispatch,
        entrances: Entrances,
        clock: Clock,
    ) -> None:
        self._store = store
        self._site = site
        self._agents = agents
        self._dispatch = dispatch
        self._entrances = entrances
        self._clock = clock

    async def explain(self, contact: int, agent: str = "") -> Explanation:
        """Why the contact is where it is; with an `agent`, why that one has it or has it not.

        Raises Refused("not-found"), Unavailable.
        """
        row, around, happened = await self._store.run(_row, contact)
        site, now = self._site(), self._clock.now()
        rows = {desk.row.login: desk.row for desk in self._agents.desks()}
        served = {desk.row.login: desk.serving for desk in self._agents.desks()}
        router = self._dispatch.dispatcher(row.area).router
        held_back = self._entrances.is_held_back(row.entrance)
        found = case(row, site, now, router, people(site, rows, served, now), around, held_back)
        return _explanation(found, router, agent, happened)


def from_store(contact: int, site: Site, now: datetime, agent: str = "") -> Explanation:
    """The same with no server at hand; a job. Raises Refused("not-found")."""
    row, around, happened = _row(contact)
    rows = {one.login: one for one in desks.everyone()}
    served = {one.login: one for one in stored_serving.everyone()}
    agents = people(site, rows, served, now)
    router = _router(row.area, site, agents, figures.pace(now))
    found = case(row, site, now, router, agents, around)
    return _explanation(found, router, agent, happened)


def _row(contact: int) -> tuple[ContactRow, Around, list[Happening]]:
    row = contacts.get(contact)
    if row is None:
        raise Refused("not-found", sentence("There is no contact %1.", str(contact)))
    stands = figures.entrance(row.entrance)
    before = contacts.buffered_before(row) if row.state is State.BUFFERED else 0
    around = Around(before, stands.waiting + stands.in_hand, stands.waiting)
    return row, around, history.of(contact)


def _router(
    area: str, site: Site, agents: Iterable[AgentFacts], pace: Mapping[str, float]
) -> Router:
    """A router as a server's would be, had it just started."""
    made = Router(site, area)
    for contact in contacts.still_open():
        if contact.area == area and contact.state is State.QUEUED:
            made.add(waiting(contact))
    for agent in sorted(agents, key=lambda one: (one.since, one.login)):
        if agent.profile.area == area:
            presence = Presence.of(agent.state)
            is_ready = agent.state is AgentState.READY
            made.agent(agent.profile, presence, ready=is_ready, last=agent.last_entrance)
    made.take_pace(pace)
    return made


def _explanation(
    found: Case, router: Router, agent: str, happened: Iterable[Happening]
) -> Explanation:
    mail = mail_history.told(happened, partial(facts.name, found), time=partial(facts.time, found))
    said = _why_not(found, router, agent) if agent else explain.explain(found)
    return said._replace(mail=mail)


def _why_not(found: Case, router: Router, agent: str) -> Explanation:
    asked = next((one for one in found.agents if one.login == agent), None)
    if asked is None:
        raise Refused("not-found", sentence("There is no agent with the login %1.", agent))
    if router.index.presence(agent) is Presence.OUT:  # what would be served is asked
        router.index.agent(asked.profile, Presence.OUT)
    return why_not.explain(router.index, found, asked)


def people(
    site: Site, rows: Mapping[str, DeskRow], served: Mapping[str, Serving], now: datetime
) -> list[AgentFacts]:
    """Everybody who may be given contacts, and what each is doing."""
    return [
        _agent(user.login, site, rows.get(user.login), served.get(user.login), now)
        for user in site.users.values()
        if user.role is not Role.WALL and not user.locked
    ]


def _agent(
    login: str, site: Site, row: DeskRow | None, served: Serving | None, now: datetime
) -> AgentFacts:
    user = site.users[login]
    has_been_here = row is not None
    row = row or DeskRow(login, AgentState.LOGGED_OUT, now)
    served = served or Serving(login)
    return AgentFacts(
        profile=serving.profile(user, site, served.work_level, served.logged),
        name=user.name,
        state=row.state,
        since=row.since,
        has_been_here=has_been_here,
        activity=row.activity,
        last_entrance=row.last_entrance,
    )


def case(
    row: ContactRow,
    site: Site,
    now: datetime,
    router: Router,
    agents: list[AgentFacts],
    around: Around,
    held_back: bool = False,
) -> Case:
    """What is known around the contact."""
    return Case(
        now=now,
        site=site,
        state=row.state,
        entrance=row.entrance,
        data=row.routing_data(),
        contact=row.id,
        area=row.area,
        queue=row.queue,
        destination=row.destination,
        personal=row.personal,
        agent=row.agent or "",
        received_at=row.received_at,
        first_queued_at=row.first_queued_at,
        moves_on_at=row.moves_on_at,
        booked_until=row.booked_until,
        accepted_at=row.accepted_at,
        parked_at=row.parked_at,
        ended_at=row.ended_at,
        buffered_before=around.buffered_before,
        total=around.total,
        active=around.active,
        held_back=held_back,
        agents=agents,
        **_where_it_waits(row, router),
    )


def _where_it_waits(row: ContactRow, router: Router) -> dict[str, Any]:
    """What the index that decides knows of it; nothing where it does not wait."""
    index, floods = router.index, router.index.floods
    found: dict[str, Any] = {
        "waiting": {line.key[0]: line.size for line in index.all_lines() if line.key[0]}
    }
    held = index.waiting(row.id)
    if held is None:
        return found
    if floods.is_flood(held.entrance):
        found["flood"] = Flood(floods.waiting(held.entrance), floods.mark)
    return found | {
        "position": index.position(row.id),
        "prioritised": held.prioritised,
        "until": held.until,
        "load": router.load(held) if held.until is not None else None,
    }
