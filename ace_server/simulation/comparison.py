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
from ace_server.simulation.recorded import Booked, Log


class Difference(msgspec.Struct, frozen=True):
    """A booking beside its replay, where they differ; None where there is none."""

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
    log = log.until_last()
    record, contacts = recorded.record(log, was)
    world = replay.replay(log, would_be)
    pairs = list(_pairs(recorded.bookings(log), _bookings(world.record)))
    differences = [one for one in pairs if not _is_same(one)]
    before, after = _delivered(record, contacts), _delivered(world.record, world.contacts)
    return Comparison(
        log.start,
        log.end,
        len(pairs) - len(differences),
        differences,
        [contact for contact, (place, _) in before.items() if after[contact][0] != place],
        [contact for contact, (_, agent) in before.items() if after[contact][1] != agent],
        figures.count(record, contacts, was, log.end),
        figures.count(world.record, world.contacts, would_be, log.end),
    )


def _bookings(record: Record) -> dict[int, list[Booked]]:
    found: dict[int, list[Booked]] = {}
    for entry in record:
        if isinstance(entry, Step) and entry.verb == "booked":
            found.setdefault(entry.contact, []).append(Booked(entry.agent, entry.at))
    return found


def _pairs(
    noted: Mapping[int, list[Booked]], decided: Mapping[int, list[Booked]]
) -> Iterator[Difference]:
    """The bookings of each contact, the first beside the first, and so on."""
    for contact in sorted({*noted, *decided}):
        for pair in zip_longest(noted.get(contact, ()), decided.get(contact, ())):
            yield Difference(contact, *pair)


def _is_same(pair: Difference) -> bool:
    if pair.recorded is None or pair.replayed is None:
        return False
    return replay.same(pair.recorded, pair.replayed)


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
