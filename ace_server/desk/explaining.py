"""The facts around one contact, gathered for `routing.explain`, with a server up or down."""

from datetime import datetime

from ace_server.concepts import Site
from ace_server.contact import AgentState, Role
from ace_server.errors import Refused
from ace_server.routing import explain
from ace_server.routing.explain import AgentFacts, Case
from ace_server.sentences import Sentence, sentence
from ace_server.store import contacts, desks
from ace_server.store.desks import DeskRow


def sentences(
    contact_id: int, site: Site, now: datetime, *, held_back: bool = False
) -> list[Sentence]:
    """Why the contact is where it is, from top to bottom (RO-11); a job.

    `held_back`: its entrance is full by the hysteresis that only a running server knows. Raises
    Refused("not-found").
    """
    return explain.explain(case(contact_id, site, now, held_back=held_back)).sentences()


def case(contact_id: int, site: Site, now: datetime, *, held_back: bool = False) -> Case:
    """What is known around the contact; a job. Raises Refused("not-found")."""
    row = contacts.get(contact_id)
    if row is None:
        raise Refused("not-found", sentence("There is no contact %1.", str(contact_id)))
    around = contacts.surroundings(row)
    return Case(
        now=now,
        site=site,
        state=row.state,
        entrance=row.entrance,
        data=row.routing_data(),
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
        position=around.position,
        waiting=around.waiting,
        buffered_before=around.buffered_before,
        total=around.total,
        active=around.active,
        held_back=held_back,
        agents=_agents(site, {row.login: row for row in desks.everyone()}, now),
    )


def _agents(site: Site, rows: dict[str, DeskRow], now: datetime) -> list[AgentFacts]:
    out = DeskRow("", AgentState.LOGGED_OUT, now)
    return [
        AgentFacts(
            login=user.login,
            name=user.name,
            state=rows.get(user.login, out).state,
            since=rows.get(user.login, out).since,
            skills=user.skills,
            activity=rows.get(user.login, out).activity,
        )
        for user in site.users.values()
        if user.role is not Role.WALL and not user.locked
    ]
