"""People at the desks of a running core: what they do is decided by a seed, and recorded."""

import math
from contextlib import suppress
from datetime import timedelta
from random import Random

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
from ace_server.simulation.recorded import Log
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


class TickingClock(ManualClock):
    """A clock that no two looks find at the same time, as in a server at work."""

    def now(self):
        self.advance(1e-6)
        return super().now()


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
    """The site and the log of a day in a folder, which are the same for the same seed."""
    return await recorded_by(folder, lambda office: office.work(SECONDS), seed)


async def recorded_by(folder, act, seed=0):
    """The site and the log of what `act` does in an office."""
    store = Store(folder)
    store.open()
    store.perform(bank)
    store.close()
    core = Core(folder, TickingClock(NOON), "")
    await core.start()
    await core.dispatch.stop()  # it is called here, so that one thing happens after the other
    office = Office(core, Random(seed))
    core.events.subscribe(Queued, office.on_queued)
    await act(office)
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
