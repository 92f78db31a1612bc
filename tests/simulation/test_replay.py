"""A day that the server recorded, played again: the model decides what the server decided."""

import asyncio
import json
import math
import os
import re
from contextlib import suppress
from datetime import timedelta
from random import Random

import msgspec
import pytest

import main
from ace_server import wire
from ace_server.clock import ManualClock
from ace_server.concepts import (
    Destination,
    FlowControl,
    Queue,
    RoutingRule,
    Skill,
    TaskType,
    User,
    WaitingList,
    WorkItemAccount,
    WorkLevel,
)
from ace_server.contact import AgentState, Role, State
from ace_server.errors import IllegalMove, Refused
from ace_server.events import Queued
from ace_server.settings import SystemParameters
from ace_server.simulation import comparison, recorded
from ace_server.simulation.record import Step
from ace_server.simulation.recorded import Booked, Log
from ace_server.simulation.replay import TOLERANCE, replay, same
from ace_server.store import Store, decisions, directory
from tests.core import NOON, Core, site

SECONDS = 1500
RIGHTS = ("park", "requeue", "decline", "pick-not-ready", "extend-wrap-up")


def bank() -> None:
    """A job: everything that decides, small."""
    site()
    directory.replace(
        "work_item_account", [WorkItemAccount(name="loans"), WorkItemAccount(name="cards")]
    )
    directory.replace("skill", [Skill(name="Loans")])
    directory.replace("task_type", [TaskType(name="Loan application", wrap_up=30.0)])
    directory.replace("waiting_list", [WaitingList(name="Disputes")])
    directory.replace(
        "flow_control",
        [FlowControl(entrance="cards", emailBufferMax=8, emailBufferMin=5)],
    )
    directory.replace(
        "queue",
        [
            Queue(name="Loan decisions", requires={"Loans": 3}, agents="highest skill"),
            Queue(name="Cards", sort="priority", weight=2.0),
            Queue(name="Second", sort="newest"),
            Queue(name="Third"),
            Queue(name="Everyone", priority=2),
        ],
    )
    directory.replace(
        "routing_rule",
        [
            RoutingRule(
                when={"Entrance": "loans"},
                to=[
                    Destination(queue="Loan decisions", until="wait(120)"),
                    Destination(queue="Everyone"),
                ],
            ),
            RoutingRule(
                when={"Entrance": "cards", "cid": "1"}, to=[Destination(waiting_list="Disputes")]
            ),
            RoutingRule(
                when={"Entrance": "cards"},
                to=[
                    Destination(queue="Cards", until="agentConRatio(2)"),
                    Destination(queue="Second", until="eqt(250)"),
                    Destination(queue="Third", until="minAvailAgents(2)"),
                    Destination(queue="Everyone"),
                ],
            ),
        ],
    )
    directory.replace_single("system", SystemParameters(floodMark=3))
    directory.replace(
        "work_level",
        [
            WorkLevel(name="All", serves=["Loan decisions", "Cards", "Everyone", "Disputes"]),
            WorkLevel(name="Some", serves=["Everyone", "Second"], personal=False),
        ],
    )
    people = (("anna", {"Loans": 7}), ("bo", {"Loans": 4}), ("cia", {}), ("dan", {}))
    levels = {"bo": ["All", "Some"], "cia": ["All", "Some"]}
    directory.replace(
        "user",
        [
            *(
                User(
                    login=login,
                    name=login,
                    role=Role.AGENT,
                    skills=skills,
                    rights=RIGHTS,
                    work_levels=levels.get(login, []),
                )
                for login, skills in people
            ),
            User(login="dagny", name="dagny", role=Role.SUPERVISOR, rights=("close-waiting",)),
        ],
    )


class Office:
    """People at the desks of a running core, who do one thing or another, from a seed."""

    def __init__(self, core, random):
        self.core = core
        self.random = random

    async def work(self, seconds):
        """What is due happens at its time, and at no time two things happen."""
        clock = self.core.clock
        end = clock.now() + timedelta(seconds=seconds)
        while clock.now() < end:
            ahead = self.random.expovariate(0.25)
            while (due := self.due()) < ahead:
                clock.advance(due)
                ahead -= due
                await self.core.agents.tick()
                await self.follow()
            clock.advance(ahead)
            await self.happen()
            await self.follow()

    def due(self):
        found = self.core.agents._until_next(), self.core.dispatch._until_something_is_due()
        known = [seconds for seconds in found if seconds is not None]
        return max(min(known, default=math.inf), 1e-6)

    async def follow(self):
        """What follows by itself, until nothing does."""
        self.changed = True
        while self.changed:
            self.changed = False
            await self.core.settle()
            await self.core.dispatch.move_on()
            await self.core.buffer.release()

    def on_queued(self, _):
        self.changed = True

    async def happen(self):
        if self.random.random() < 0.35:
            await self.come_in()
            return
        if self.random.random() < 0.2:
            with suppress(IllegalMove):  # it waits there already, or is prioritised
                await self.supervise()
            return
        login = self.random.choice(("anna", "bo", "cia", "dan"))
        desk = self.core.agents.desk(login)
        if desk is None or desk.row.state is AgentState.LOGGED_OUT:
            await self.core.log_in(login, activate=False)
            return
        try:
            await self.act(login, desk)
        except Refused as refused:
            assert refused.code in ("not-now", "in-hand", "not-found")

    async def supervise(self):
        """A supervisor does something with what waits, or logs somebody in."""
        places = ("Loan decisions", "Cards", "Second", "Everyone", "Disputes")
        what = self.random.random()
        if what < 0.3:
            await self.log_in_to(self.random.choice(places))
            return
        line = self.core.dispatch.line(self.random.choice(places))
        waiting = [] if line is None else line.in_order()
        if not waiting:
            return
        contact = self.random.choice(waiting).contact
        if what < 0.5:
            first = self.random.random() < 0.7
            command = wire.Prioritise(request=0, contact=contact, first=first)
            await self.core.waiting.prioritise("dagny", command)
        elif what < 0.85:
            colleague = self.random.choice(("", "dan"))
            queue = "" if colleague else self.random.choice(places)
            command = wire.Move(request=0, contact=contact, queue=queue, colleague=colleague)
            await self.core.waiting.move("dagny", command)
        else:
            command = wire.Close(request=0, contact=contact, reason="Sent twice.")
            await self.core.waiting.close("dagny", command)

    async def log_in_to(self, place):
        login = self.random.choice(("anna", "bo", "cia", "dan"))
        command = wire.LogInToQueue(
            request=0, queue=place, logged_in=self.random.random() < 0.6, agent=login
        )
        with suppress(Refused):  # who is logged out serves nothing
            await self.core.agents.log_in_to_queue("dagny", command)

    async def come_in(self):
        data = {"workItem": "1"}
        if self.random.random() < 0.3:
            data["prio"] = str(self.random.randint(0, 9))
        if self.random.random() < 0.3:
            data["cid"] = "1"
        if self.random.random() < 0.2:
            data["AgentName"] = self.random.choice(("anna", "dan"))
        entrance = self.random.choice(("loans", "cards"))
        await self.core.take_in(account=entrance, entrance=entrance, data=data)

    async def act(self, login, desk):
        booked, accepted = desk.booked(), desk.accepted()
        if booked is not None:
            if self.random.random() < 0.8:
                await self.give(login, wire.Accept, contact=booked.id)
            else:
                await self.give(login, wire.Decline, contact=booked.id)
        elif accepted is not None:
            await self.finish(login, accepted.id)
        elif desk.row.state is AgentState.PAUSED:
            await self.be_back(login, desk)
        elif self.random.random() < 0.2:
            await self.give(login, wire.Pause)
        elif self.random.random() < 0.3 and login in ("bo", "cia"):
            level = self.random.choice(("All", "Some"))
            await self.give(login, wire.ChooseWorkLevel, work_level=level)
        else:
            await self.pick(login)

    async def finish(self, login, contact):
        what = self.random.random()
        if what < 0.6:
            await self.give(login, wire.End, contact=contact)
        elif what < 0.7:
            await self.give(login, wire.Park, contact=contact)
        elif what < 0.8:
            await self.give(login, wire.Requeue, contact=contact, queue="Everyone")
        elif what < 0.9:
            await self.give(login, wire.Pause)

    async def be_back(self, login, desk):
        parked = [row.id for row in desk.contacts.values() if row.state is State.PARKED]
        if parked and self.random.random() < 0.5:
            await self.give(login, wire.Resume, contact=parked[0])
        elif self.random.random() < 0.1:
            await self.core.agents.log_out(login)
        else:
            await self.give(login, wire.Activate)

    async def pick(self, login):
        line = self.core.dispatch.line("Disputes")
        if line is not None and line.size:
            await self.give(login, wire.Pick, contact=line.first().contact)

    async def give(self, login, command, **fields):
        await self.core.give(login, command(request=0, **fields))


async def recorded_day(folder, seed):
    store = Store(folder)
    store.open()
    store.perform(bank)
    store.close()
    core = Core(folder, ManualClock(NOON), "")
    await core.start()
    await core.dispatch.stop()  # it is called here, so that one thing happens after the other
    office = Office(core, Random(seed))
    core.events.subscribe(Queued, office.on_queued)
    await office.work(SECONDS)
    end = core.clock.now() + timedelta(microseconds=1)
    told = await core.store.run(
        lambda: (
            directory.load(),
            tuple(decisions.contacts_between(NOON, end)),
            tuple(decisions.agents_between(NOON, end)),
        )
    )
    await core.stop()
    return told[0], Log(NOON, end, *told[1:])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("day")


@pytest.fixture(scope="module")
def day(folder):
    return asyncio.run(recorded_day(folder, seed=8))


def bookings(record, start=NOON):
    """In no order where they are of one moment: the log has none there."""
    return sorted(
        (step.at, step.contact, step.agent)
        for step in record
        if isinstance(step, Step) and step.verb == "booked" and step.at >= start
    )


def last_part(log, start):
    """A log that begins in the middle of the day, as the store would give it."""
    return Log(
        start,
        log.end,
        [
            taken
            for taken in log.contacts
            if not any(one.verb == "ended" and one.at < start for one in taken.happenings)
        ],
        log.changes,
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
    was = bookings(recorded.record(log, site)[0])
    assert len(was) > 30
    assert bookings(replay(log, site).record) == was


def test_a_replay_may_begin_in_the_middle_of_the_day(day):
    site, log = day
    start = NOON + timedelta(seconds=SECONDS // 2)
    was = bookings(recorded.record(log, site)[0], start)
    assert len(was) > 15
    assert bookings(replay(last_part(log, start), site).record) == was


def test_with_the_same_rules_nothing_differs(day):
    site, log = day
    found = comparison.compare(log, site, site)
    assert found.same == found.recorded.bookings == found.replayed.bookings
    assert (found.differences, found.other_place, found.other_agent) == ([], [], [])
    assert found.recorded.places == found.replayed.places
    assert found.recorded.waits == found.replayed.waits


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
    number = len(bookings(recorded.record(day[1], day[0])[0]))
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
