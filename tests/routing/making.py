"""What the tests of routing make everything of, each in one line."""

from datetime import UTC, datetime, timedelta

from ace_server.concepts import UNROUTED, Queue, Site, WaitingList
from ace_server.routing import selection
from ace_server.routing.constraints import Constraint
from ace_server.routing.queues import Index, Presence, Waiting
from ace_server.routing.serving import Profile
from ace_server.settings import SystemParameters

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
AT_ONCE = Constraint("agentConRatio", 0)


def waiting(contact, queue="a", *, minutes=10.0, prio=5, place=None, personal="", **more):
    since = NOW - timedelta(minutes=minutes)
    where = "" if personal else queue
    number = contact if place is None else place
    return Waiting(contact, where, number, prio, since, personal, **more)


def site(*places, system=None, **more):
    """A site with these queues and waiting lists; one named Personal is the template."""
    queues = {one.name: one for one in places if isinstance(one, Queue)}
    personal = queues.pop("Personal", Queue(name="Personal"))
    return Site(
        queues=queues,
        personal=personal,
        waiting_lists={one.name: one for one in places if isinstance(one, WaitingList)},
        system=SystemParameters(**(system or {})),
        **more,
    )


def unrouted(*areas):
    """The queues for contacts without routing."""
    return [Queue(name=f"{UNROUTED} ({area})" if area else UNROUTED, area=area) for area in areas]


def index(*places, agents=(("anna", {}), ("bo", {})), **more):
    """An index with agents at work who have these skills."""
    made = Index(site(*places, **more))
    for login, skills in agents:
        made.agent(Profile(login, skills=skills), Presence.AT_WORK)
    return made


def booked(an_index, now=NOW):
    """Every booking that is possible, carried out."""
    return list(selection.bookings(an_index, now))
