"""A day that the server recorded, played again: the model decides what the server decided."""

import asyncio
import json
import os
import re
from datetime import timedelta

import msgspec
import pytest

import main
from ace_server import wire
from ace_server.concepts import Destination
from ace_server.contact import AgentState
from ace_server.simulation import comparison, recorded
from ace_server.simulation.figures import Waits
from ace_server.simulation.record import Step
from ace_server.simulation.recorded import Booked, Log, has_ended
from ace_server.simulation.replay import TOLERANCE, same
from tests.core import NOON
from tests.simulation.office import SECONDS, recorded_by, recorded_day


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("day")


@pytest.fixture(scope="module")
def day(folder):
    return asyncio.run(recorded_day(folder, seed=8))


def last_part(log, start):
    """A log that begins in the middle of the day, as the store would give it."""
    return Log(
        start,
        log.end,
        [taken for taken in log.contacts if not has_ended(taken, start)],
        log.changes,
        [taken for taken in log.contacts if has_ended(taken, start)],
    )


def test_the_day_has_everything_that_may_happen(day):
    _, log = day
    verbs = {one.verb for taken in log.contacts for one in taken.happenings}
    assert verbs >= {
        "taken in",
        "released",
        "moved on",
        "booked",
        "accepted",
        "picked",
        "declined",
        "timed out",
        "parked",
        "resumed",
        "requeued",
        "ended",
        "prioritised",
        "moved",
        "closed",
    }
    assert {change.work_level for change in log.changes} >= {"", "All", "Some"}
    assert any(change.logged for change in log.changes)
    assert {change.state for change in log.changes} == set(AgentState)


def test_with_the_same_rules_every_booking_is_the_recorded_one(day):
    site, log = day
    found = comparison.compare(log, site, site)
    assert found.same == found.recorded.bookings == found.replayed.bookings > 30
    assert (found.differences, found.other_place, found.other_agent) == ([], [], [])


def test_with_the_same_rules_the_figures_are_the_same(day):
    site, log = day
    found = comparison.compare(log, site, site)
    for was, would_be in zip(found.recorded.places, found.replayed.places, strict=True):
        assert rounded(was) == rounded(would_be)


def rounded(place):
    """A moment passes until what is decided is noted."""
    mean = place.waits.mean
    waits = Waits(mean and round(mean, 2), None, None)
    return msgspec.structs.replace(place, waits=waits)


def test_a_replay_may_begin_in_the_middle_of_the_day(day):
    site, log = day
    start = NOON + timedelta(seconds=SECONDS // 2)
    found = comparison.compare(last_part(log, start), site, site)
    assert found.same == found.recorded.bookings > 15
    assert found.differences == []


@pytest.fixture(scope="module")
def without_dan(day):
    """The same day, with nobody called Dan any more."""
    site, log = day
    users = {login: user for login, user in site.users.items() if login != "dan"}
    return comparison.compare(log, site, msgspec.structs.replace(site, users=users))


def test_without_an_agent_others_have_what_that_one_had(day, without_dan):
    site, log = day
    record, _ = recorded.record(log, site)
    his = {step.contact for step in record if isinstance(step, Step) and step.verb == "accepted"}
    his &= {step.contact for step in record if isinstance(step, Step) and step.agent == "dan"}
    assert his & set(without_dan.other_agent)
    assert "dan" in {one.login for one in without_dan.recorded.agents}
    assert "dan" not in {one.login for one in without_dan.replayed.agents}
    assert without_dan.recorded.contacts == without_dan.replayed.contacts == len(log.contacts)


def test_under_other_rules_nobody_is_idle_beside_what_fits(without_dan):
    assert without_dan.replayed.idle_beside_waiting == 0


def test_other_rules_send_contacts_to_other_queues(day):
    site, log = day
    rules = tuple(
        msgspec.structs.replace(rule, to=[Destination(queue="Everyone")])
        for rule in site.routing_rules
    )
    found = comparison.compare(log, site, msgspec.structs.replace(site, routing_rules=rules))
    assert found.other_place
    was, would_be = (
        {place.name: place.received for place in figures.places}
        for figures in (found.recorded, found.replayed)
    )
    assert would_be["Everyone"] > was["Everyone"]
    assert would_be.get("Cards", 0) < was["Cards"]


def test_a_booking_elsewhere_or_later_is_another():
    noted = Booked("anna", NOON)
    assert same(noted, Booked("anna", NOON - timedelta(seconds=1)))
    assert not same(noted, Booked("bo", NOON))
    assert not same(noted, Booked("anna", NOON - timedelta(seconds=TOLERANCE + 1)))


# What the log does not say outright


async def accepted(office):
    """Dan's screen, with a contact in his hands."""
    screen = await office.core.log_in("dan")
    office.core.clock.advance(1)
    await office.come_in()
    await office.follow()
    office.core.clock.advance(5)
    await office.give("dan", wire.Accept, contact=1)
    return screen


async def loses_a_booking(office):
    screen = await office.core.log_in("dan")
    office.core.clock.advance(1)
    await office.come_in()
    await office.follow()
    office.core.clock.advance(5)
    await office.core.agents.detach("dan", screen)
    await office.follow()
    office.core.clock.advance(20)
    await office.core.log_in("dan", activate=False)
    await office.follow()


async def vanishes(office):
    screen = await accepted(office)
    office.core.clock.advance(30)
    await office.core.agents.detach("dan", screen)
    office.core.clock.advance(60)
    await office.core.agents.tick()
    await office.follow()
    office.core.clock.advance(10)
    await office.core.log_in("dan")
    await office.follow()


async def requeues(office):
    await accepted(office)
    office.core.clock.advance(30)
    await office.give("dan", wire.Requeue, contact=1, queue="Everyone")
    await office.follow()
    office.core.clock.advance(30)
    await office.give("dan", wire.Activate)
    await office.follow()


@pytest.mark.parametrize("act", [loses_a_booking, vanishes, requeues])
def test_what_follows_from_what_was_recorded_is_the_same(tmp_path, act):
    site, log = asyncio.run(recorded_by(tmp_path, act))
    found = comparison.compare(log, site, site)
    assert found.recorded.bookings == found.replayed.bookings == 2
    assert found.differences == []
    assert (found.other_place, found.other_agent) == ([], [])


def test_who_is_in_the_log_with_a_contact_alone_has_it(tmp_path):
    site, log = asyncio.run(recorded_by(tmp_path, accepted))
    later = log._replace(start=NOON + timedelta(seconds=6, microseconds=1), changes=[])
    (contact,), (dan,) = recorded.standing(later, site)
    assert (dan.login, dan.state, dan.contact) == ("dan", AgentState.BUSY, contact.id)


# The command


@pytest.fixture
def ace(capsys, folder, day):
    """`ace("--json")`: exit code, standard output and standard error of a replay of that day."""
    _, log = day
    time = "--from", NOON.isoformat(), "--to", (log.end + timedelta(hours=9)).isoformat()
    mask = os.umask(0o022)

    def ace(*arguments):
        capsys.readouterr()
        code = main.main(["replay", "--data", str(folder), *(arguments or time)])
        return code, *capsys.readouterr()

    yield ace
    os.umask(mask)


def test_replay_says_how_many_bookings_are_the_same(ace, day):
    code, out, err = ace()
    assert (code, err) == (0, "")
    heading, second, third, *_ = out.splitlines()
    assert heading.startswith("2026-11-20 12:00 to 2026-11-20 21:2")
    assert heading.endswith(f" (UTC): {len(day[1].contacts)} contacts")
    number = sum(map(len, recorded.bookings(day[1]).values()))
    assert second == f"{number} bookings recorded, {number} replayed, {number} the same"
    assert "Loan decisions" in out


def test_replay_with_other_rules_lists_what_differs(ace, day, tmp_path):
    file = tmp_path / "new.toml"
    file.write_text('[[routing_rule]]\nto = [{ queue = "Everyone" }]\n')
    time = "--from", "2026-11-20T12:00", "--to", "2026-11-20 12:26"
    out = ace(*time, "--with", str(file))[1]
    assert re.search(r"  contact \d+: recorded for \w+ at .*, replayed (for|not booked)", out)
    told = json.loads(ace(*time, "--with", str(file), "--json")[1])
    assert told["recorded"]["bookings"] > 30
    assert told["differences"][0].keys() == {"contact", "recorded", "replayed"}
    assert f"deliver: {len(told['other_place'])}; that another" in out
    assert len(told["differences"]) > 20
    assert f"and {len(told['differences']) - 20} more" in out


def test_replay_of_the_last_day_finds_nothing_where_nothing_was(ace):
    code, out, _ = ace("--to", "2026-11-19")
    assert code == 0
    assert "2026-11-18 00:00 to 2026-11-19 00:00 (UTC): 0 contacts" in out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--from", "noon"), "'noon' is no time such as 2026-11-20T08:00"),
        (("--from", "2026-11-20", "--to", "2026-11-20"), "--from must lie before --to"),
    ],
)
def test_replay_refuses_a_time_that_is_none(ace, arguments, reason):
    code, _, err = ace(*arguments)
    assert code == 1
    assert reason in err
