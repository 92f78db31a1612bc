"""A scripted hour at a bank: at every stop the panel agrees with `main.py contacts`."""

import json
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from ace_agent.pulse.board import Board
from ace_agent.pulse.models import Agents, Queues
from ace_agent.session import Session
from ace_server import wire
from ace_server.concepts import OpeningHours, Queue
from ace_server.contact import IN_HAND, State
from ace_server.statistics.live import EVERY, midnight
from ace_server.store import contacts
from tests.core import NOON

MAIN = Path(__file__).resolve().parents[2] / "main.py"
LOANS, EVERYONE = "Loan decisions", "Everyone"


class Panel:
    """A supervisor's panel that hears the server, without its window."""

    def __init__(self, core):
        self._core = core
        self._heard = 0
        self.session = Session()
        self.session.set_link(True)
        self.session.connect_to(self)
        self.board = Board(self.session)
        self.queues, self.agents = Queues(self.session.now), Agents(self.session.now)

    async def begin(self):
        """Log in and look; also after the server has been away. It books only when asked to."""
        await self._core.dispatch.stop()
        self.board.want(False)
        self.screen = await self._core.log_in("dagny", activate=False)
        self._heard = 0
        self.board.want(True)
        self._core.live.watch("dagny", self.screen)

    async def look(self):
        """A second passes, and the server tells what has changed."""
        self._core.clock.advance(EVERY)
        await self._core.live.push()
        for event in self.screen.events[self._heard :]:
            self.session.receive(event)
        self._heard = len(self.screen.events)
        self.queues.follow(self.board)
        self.agents.follow(self.board)

    def by_queue(self):
        """Waiting, in hand and ended today, as its rows say them."""
        return {
            row.key: tuple(int(self._said(row, name)) for name in ("waiting", "in-hand", "ended"))
            for row in self.queues.rows
        }

    def _said(self, row, name):
        return next(c for c in self.queues.columns if c.name == name).text(row)

    def in_hand(self):
        """Who has which contact in hand or booked."""
        return {
            row.figures.login: row.figures.contact
            for row in self.agents.rows
            if row.figures.contact is not None and row.figures.state != wire.AgentState.WRAP_UP
        }

    def parked(self):
        """How many contacts are parked."""
        return sum(row.figures.parked for row in self.agents.rows)

    async def ask(self, command):
        """What the board asks for is done by `begin`."""
        return wire.Done(request=0)


class Hour:
    """What happens, and what is compared at each stop."""

    def __init__(self, core, panel):
        self.core = core
        self.panel = panel
        self.stops = 0

    async def stop(self, *, minutes=0.0):
        """Let time pass and happen what is due, then compare the panel with the contacts."""
        self.core.clock.advance(minutes * 60)
        await self.core.dispatch.move_on()
        await self.core.settle()
        await self.panel.look()
        rows = await self.core.store.run(lambda: list(contacts.listing(list(State))))
        today = midnight(self.core.clock.now(), self.core.current.site().facts.time_zone)
        where = {state: Counter() for state in State}
        for row in rows:
            if row.state is not State.ENDED or row.ended_at >= today:
                where[row.state][row.queue, row.personal] += 1
        in_hand = sum((where[state] for state in IN_HAND), Counter())
        for key, shown in self.panel.by_queue().items():
            assert shown == (where[State.QUEUED][key], in_hand[key], where[State.ENDED][key]), key
        counted = where[State.QUEUED] + in_hand + where[State.ENDED]
        assert counted.keys() <= self.panel.by_queue().keys()
        assert self.panel.board.buffered == sum(where[State.BUFFERED].values())
        held = {r.agent: r.id for r in rows if r.state in (State.BOOKED, State.ACCEPTED)}
        assert self.panel.in_hand() == held
        assert self.panel.parked() == sum(where[State.PARKED].values())
        self._compare_oldest(rows)
        self.stops += 1

    def _compare_oldest(self, rows):
        oldest = {}
        for row in rows:
            if row.state is State.QUEUED:
                key = row.queue, row.personal
                oldest[key] = min(row.first_queued_at, oldest.get(key, row.first_queued_at))
        shown = {r.key: r.figures.oldest for r in self.panel.queues.rows if r.figures.oldest}
        assert shown == oldest

    async def give(self, login, kind, contact=None, **fields):
        command = kind(request=0, **({} if contact is None else {"contact": contact}), **fields)
        await self.core.give(login, command)

    async def next_for(self, login):
        """Be ready, and accept what is booked."""
        await self.give(login, wire.Activate)
        await self.core.settle()
        booked = self.core.agents.desk(login).booked()
        await self.stop()
        await self.give(login, wire.Accept, booked.id)
        return booked.id

    async def end(self, login, contact):
        await self.give(login, wire.End, contact, values={"Outcome": "Granted"})


@pytest.fixture
async def hour(supervised, qapp):
    panel = Panel(supervised)
    await panel.begin()
    made = Hour(supervised, panel)
    yield made
    await panel.board.stop()
    await panel.session.stop()


async def test_the_panel_agrees_with_the_contacts_at_every_stop(hour, configure):
    core = hour.core
    await hour.stop()
    for _ in range(4):  # the bank opens
        await core.take_in()
    await hour.stop(minutes=1)
    await core.log_in("anna", activate=False)
    await core.log_in("bo", activate=False)
    await hour.stop()
    first = await hour.next_for("anna")
    await hour.stop(minutes=2)
    await hour.give("anna", wire.Park, first)  # the customer is to call back
    await hour.stop()
    booked = core.agents.desk("anna").booked().id
    core.clock.advance(61)  # nobody accepted it
    await core.agents.tick()
    await hour.stop()
    again = await hour.next_for("anna")
    assert again == booked
    await hour.give("anna", wire.Requeue, again, queue=EVERYONE, note="for whoever is free")
    await hour.stop(minutes=3)
    third = await hour.next_for("bo")  # who serves Everyone alone
    assert third == again
    await hour.stop()
    await hour.give("bo", wire.End, third, values={"Outcome": "Refused"})
    await hour.stop()
    await hour.give("anna", wire.Resume, first)
    await hour.stop(minutes=10)
    await hour.give("anna", wire.Requeue, first, colleague="bo")
    await hour.stop()
    await hour.give("bo", wire.Pause)
    await configure("opening_hours", OpeningHours(entrance="loans", mode="closed"))
    for _ in range(3):
        await core.take_in()
    await hour.stop(minutes=5)
    await configure("opening_hours")
    assert await core.buffer.release() == 3
    await hour.stop()
    await core.restart()  # the server is started anew
    await hour.panel.begin()
    await hour.stop(minutes=1)
    await core.log_in("anna", activate=False)
    await core.log_in("bo", activate=False)
    fourth = await hour.next_for("anna")
    await core.restart()  # in the middle of the work
    await hour.panel.begin()
    await hour.stop()
    await core.log_in("anna", activate=False)
    await hour.end("anna", fourth)
    await hour.stop(minutes=16)
    await configure("queue", Queue(name=EVERYONE))  # and Loan decisions is no more
    await core.dispatch.rescue()
    await hour.stop(minutes=10)
    for login in ("bo", "anna"):
        await core.log_in(login, activate=False)
    fifth = await hour.next_for("bo")
    assert fifth == first, "what waits for bo alone comes first"
    await hour.stop(minutes=12)
    await hour.end("bo", fifth)
    await hour.stop()
    assert core.clock.now() - NOON >= timedelta(hours=1)
    assert hour.stops > 20
    assert any(ended for _, _, ended in hour.panel.by_queue().values())


async def test_it_agrees_with_the_command_itself(hour):
    core = hour.core
    for _ in range(3):
        await core.take_in()
    await core.log_in("anna", activate=False)
    await hour.end("anna", await hour.next_for("anna"))
    await hour.stop()
    command = [sys.executable, str(MAIN), "contacts", "--all", "--json", "--data", str(core.data)]
    command += ["--database", core._url] if core._url else []
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    listed = [json.loads(line) for line in done.stdout.splitlines()]
    states = Counter((row["queue"], row["state"]) for row in listed)
    assert hour.panel.by_queue()[LOANS, ""] == (
        states[LOANS, "queued"],
        sum(states[LOANS, state] for state in IN_HAND),
        states[LOANS, "ended"],
    )
    assert states == {(LOANS, "queued"): 2, (LOANS, "ended"): 1}
