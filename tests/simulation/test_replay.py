"""A day that the server recorded, played again: the model decides what the server decided."""

import asyncio
from datetime import timedelta
from random import Random

import pytest

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
)
from ace_server.contact import AgentState, Role, State
from ace_server.errors import Refused
from ace_server.simulation import recorded
from ace_server.simulation.record import Step
from ace_server.simulation.recorded import Log
from ace_server.simulation.replay import replay
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
                    Destination(queue="Everyone"),
                ],
            ),
        ],
    )
    people = (("anna", {"Loans": 7}), ("bo", {"Loans": 4}), ("cia", {}), ("dan", {}))
    directory.replace(
        "user",
        [
            User(login=login, name=login, role=Role.AGENT, skills=skills, rights=RIGHTS)
            for login, skills in people
        ],
    )


class Office:
    """People at the desks of a running core, who do one thing or another, from a seed."""

    def __init__(self, core, random):
        self.core = core
        self.random = random

    async def work(self, seconds):
        for _ in range(seconds):
            self.core.clock.advance(1)
            await self.core.agents.tick()
            await self.follow()
            if self.random.random() < 0.25:
                await self.happen()
                await self.follow()

    async def follow(self):
        """What follows by itself."""
        await self.core.settle()
        await self.core.dispatch.move_on()
        await self.core.settle()
        while await self.core.buffer.release():
            await self.core.settle()
            await self.core.dispatch.move_on()
        await self.core.settle()

    async def happen(self):
        if self.random.random() < 0.35:
            await self.come_in()
            return
        login = self.random.choice(("anna", "bo", "cia", "dan"))
        desk = self.core.agents.desk(login)
        if desk is None or desk.row.state is AgentState.LOGGED_OUT:
            await self.core.log_in(login, activate=False)
            return
        try:
            await self.act(login, desk)
        except Refused as refused:
            assert refused.code in ("not-now", "in-hand")

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
    await Office(core, Random(seed)).work(SECONDS)
    end = core.clock.now() + timedelta(seconds=1)
    told = await core.store.run(
        lambda: (
            directory.load(),
            tuple(decisions.contacts_between(NOON, end)),
            tuple(decisions.agents_between(NOON, end)),
        )
    )
    await core.stop()
    return told[0], Log(NOON, end, *told[1:])


@pytest.fixture(scope="module", params=[1, 2])
def day(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("day")
    return asyncio.run(recorded_day(folder, request.param))


def bookings(record):
    return [
        (step.at, step.contact, step.agent)
        for step in record
        if isinstance(step, Step) and step.verb == "booked"
    ]


def test_with_the_same_rules_every_booking_is_the_recorded_one(day):
    site, log = day
    was = bookings(recorded.record(log, site)[0])
    assert len(was) > 30
    assert bookings(replay(log, site).record) == was
