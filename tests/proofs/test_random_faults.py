"""Faults at random, while several senders and agents are at work (T1): what one operation hides.

The faults of `test_faults` meet one operation at a time. Here they meet commits that are shared, a
recovery beside bookings under way, a time that runs out while the store is away.
"""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from ace_server import server as server_module
from ace_server import wire
from ace_server.contact import AgentState, State
from ace_server.desk import agents, dispatch, dispatcher
from ace_server.errors import Refused, Unavailable
from ace_server.store import contacts
from ace_server.workitem import buffer
from tests.core import Screen
from tests.proofs.faults import FAULTS, IS_LONG, Failing
from tests.proofs.house import GRANTED, NIGHT, House, make_bank, shown, until
from tests.proofs.places import Place
from tests.proofs.sender import ACCOUNT

SEEDS = range(3)
WALKS = [("sqlite", seed) for seed in SEEDS] + [
    ("postgresql", seed) for seed in (SEEDS if IS_LONG else SEEDS[:1])
]
ITEMS = 60
"""Of each of the senders."""

HARMLESS = {"not-now", "not-found"}
"""Why a command may be refused: what it was about has changed, or had happened."""


@pytest.fixture
async def house(place: Place, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """A running server whose loops look again soon."""
    monkeypatch.setattr(server_module, "RETRY", 0.002)
    monkeypatch.setattr(dispatcher, "RETRY", timedelta(0))  # by a clock that stands
    monkeypatch.setattr(agents, "SLOW_TICK", 0.005)
    monkeypatch.setattr(dispatch, "SLOW_POLL", 0.005)
    monkeypatch.setattr(buffer, "SLOW_POLL", 0.005)
    make_bank(place)
    made = House(place, Failing())
    await made.start()
    yield made
    await made.stop()


@dataclass
class Bank:
    """Everybody who works, and what they were told."""

    house: House
    chance: random.Random
    contacts: dict[str, int] = field(default_factory=dict)  # external id = contact
    ended: set[int] = field(default_factory=set)
    is_well: bool = False  # the store fails no more
    is_closed: bool = False  # nobody works any more

    async def send(self, sender: int) -> None:
        """Hand in one item after another, each until it is taken in."""
        for number in range(ITEMS):
            external_id = f"{sender}-{number}"
            entrance = NIGHT if sender == 0 else ACCOUNT
            while external_id not in self.contacts:
                try:
                    contact = await self.house.take_in(external_id, entrance=entrance)
                    self.contacts[external_id] = contact
                except Unavailable:
                    await self._breathe()
            for _ in range(self.chance.randrange(12)):
                await self._breathe()

    async def attend(self, login: str) -> None:
        """Sit at a desk and handle what comes; the link is lost now and then."""
        while True:
            screen = self.house.screens[login] = Screen(secrets.token_hex())
            await self._come_in(login, screen)
            while self.chance.random() < 0.98:
                if self.is_closed:
                    return
                command = self._next(screen)
                if command is not None:
                    await self._give(login, command)
                await self._breathe()
            with suppress(Unavailable):  # as the link does
                await self.house.server.agents.detach(login, screen)

    def _next(self, screen: Screen) -> wire.Command | None:
        by_state = {state: contact for contact, state in shown(screen).items()}
        accepted, booked = by_state.get(State.ACCEPTED), by_state.get(State.BOOKED)
        parked = by_state.get(State.PARKED)
        state = screen.agent.state
        if state in (AgentState.PAUSED, AgentState.WRAP_UP):
            if parked is not None and self.chance.random() < 0.5:
                return wire.Resume(request=0, contact=parked)
            return wire.Activate(request=0)
        if state is AgentState.READY and parked is not None and self.chance.random() < 0.1:
            return wire.Resume(request=0, contact=parked)
        if booked is not None:
            return wire.Accept(request=0, contact=booked)
        return None if accepted is None else self._handle(accepted)

    def _handle(self, contact: int) -> wire.Command:
        way = self.chance.random()
        if way < 0.1:
            return wire.Park(request=0, contact=contact)
        if way < 0.2:
            queue = self.chance.choice(["Everyone", "Loan decisions"])
            return wire.Requeue(request=0, contact=contact, queue=queue)
        return wire.End(request=0, contact=contact, values=GRANTED)

    async def _give(self, login: str, command: wire.Command) -> None:
        try:
            await self.house.server.agents.command(login, command)
        except Unavailable:
            return
        except Refused as refused:
            assert refused.code in HARMLESS or "no longer" in refused.reason, refused
            return
        if isinstance(command, wire.End):
            assert command.contact not in self.ended, "it was ended twice"
            self.ended.add(command.contact)

    async def strike(self) -> None:
        """Let the store fail and come back, and let time pass, again and again."""
        while not self.is_well:
            fault = self.chance.choice(FAULTS)
            number = self.chance.randrange(1, 60)
            self.house.seam.arm(fault, number, lasting=self.chance.random() < 0.4)
            for _ in range(self.chance.randrange(60)):
                await self._breathe()
            self.house.seam.disarm()
            if self.chance.random() < 0.3:
                self.house.clock.advance(self.chance.choice([10.0, 61.0, 181.0, 3600.0]))

    async def _come_in(self, login: str, screen: Screen) -> None:
        while True:
            try:
                return await self.house.server.agents.attach(login, screen)
            except Unavailable:
                await self._breathe()

    async def until_all_is_ended(self, attending: list[asyncio.Task[None]]) -> None:
        """Now that the store is well, nothing may be stuck anywhere."""

        left = len(await self.house.server.store.run(contacts.still_open))

        async def is_less() -> bool:
            nonlocal left
            self.house.clock.advance(10.0)
            for task in attending:
                if task.done():
                    task.result()
            before, left = left, len(await self.house.server.store.run(contacts.still_open))
            return left < before

        while left:
            await until(is_less, lambda: f"{left} contacts are stuck")
        self.is_closed = True
        await asyncio.gather(*attending)

    async def _breathe(self) -> None:
        """Let the others go on."""
        await asyncio.sleep(0.0005)


@pytest.mark.parametrize(("engine", "seed"), WALKS, indirect=["engine"], scope="module")
async def test_what_was_told_is_true_and_memory_equals_the_store(
    house: House, expect_log: Callable[[str], None], seed: int
) -> None:
    expect_log("the database cannot be used now")
    print(f"seed {seed}")
    bank = Bank(house, random.Random(seed))
    striking = asyncio.create_task(bank.strike())
    attending = [asyncio.create_task(bank.attend(login)) for login in ("anna", "bo")]
    await asyncio.gather(*(bank.send(sender) for sender in range(3)))
    bank.is_well = True
    await striking
    await bank.until_all_is_ended(attending)
    await house.settle()
    await house.check_database()
    await house.check_figures()
    for external_id, contact in bank.contacts.items():
        assert house.ids_of(external_id) == [contact]
        assert await house.times(contact, "ended") == 1
