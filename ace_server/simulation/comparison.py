"""A log beside its replay: which bookings are the same, who would have had what, and the waits."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import zip_longest

import msgspec

from ace_server.concepts import Site
from ace_server.contact import State
from ace_server.simulation import figures, recorded, replay
from ace_server.simulation.figures import Figures
from ace_server.simulation.record import Contact, Record, Step
from ace_server.simulation.recorded import Log


class Booked(msgspec.Struct, frozen=True):
    """For whom a contact was booked, and when."""

    agent: str
    at: datetime


class Difference(msgspec.Struct, frozen=True):
    """A booking that is not the same; None where there is none."""

    contact: int
    recorded: Booked | None
    replayed: Booked | None


class Comparison(msgspec.Struct, frozen=True):
    """What was, and what would have been."""

    start: datetime
    end: datetime
    same: int  # bookings
    differences: list[Difference]
    other_place: list[int]  # contacts that another queue or list delivered, or still has
    other_agent: list[int]  # contacts that another agent was the first to accept
    recorded: Figures
    replayed: Figures


def compare(log: Log, was: Site, would_be: Site) -> Comparison:
    """Replay a log under another configuration, or the same, and look at both."""
    record, contacts = recorded.record(log, was)
    world = replay.replay(log, would_be)
    pairs = list(_pairs(record, world.record))
    before, after = _delivered(record, contacts), _delivered(world.record, world.contacts)
    return Comparison(
        log.start,
        log.end,
        sum(one is not None and other is not None and _same(one, other) for _, one, other in pairs),
        [
            Difference(contact, _booked(one), _booked(other))
            for contact, one, other in pairs
            if one is None or other is None or not _same(one, other)
        ],
        [contact for contact, (place, _) in before.items() if after[contact][0] != place],
        [contact for contact, (_, agent) in before.items() if after[contact][1] != agent],
        figures.count(record, contacts, was, log.end),
        figures.count(world.record, world.contacts, would_be, log.end),
    )


_same = replay.same


def _pairs(one: Record, other: Record) -> Iterator[tuple[int, Step | None, Step | None]]:
    """The bookings of each contact, the first beside the first, and so on."""
    here, there = recorded.bookings(one), recorded.bookings(other)
    for contact in sorted({*here, *there}):
        for pair in zip_longest(here.get(contact, ()), there.get(contact, ())):
            yield contact, *pair


def _booked(step: Step | None) -> Booked | None:
    return None if step is None else Booked(step.agent, step.at)


def _delivered(record: Record, contacts: Mapping[int, Contact]) -> dict[int, tuple[str, str]]:
    """Of each contact the place and the agent of its first acceptance, else where it is."""
    found: dict[int, tuple[str, str]] = {}
    for step in record:
        if isinstance(step, Step) and step.verb in ("accepted", "picked"):
            found.setdefault(step.contact, (step.place, step.agent))
    for contact in contacts.values():
        is_buffered = contact.state is State.BUFFERED
        place = "" if is_buffered else contact.queue or contact.personal
        found.setdefault(contact.id, (place, ""))
    return found
