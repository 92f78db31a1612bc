"""The core without its ports: a real store, the dispatcher and the agents, on a standing clock."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ace_server import recovery, wire
from ace_server.administration import commands
from ace_server.admission import InMemory
from ace_server.attachments import Attachments
from ace_server.clock import ManualClock
from ace_server.concepts import (
    Activity,
    Destination,
    Queue,
    RoutingRule,
    Skill,
    TaskType,
    TaskTypeRule,
    User,
    WorkItemAccount,
)
from ace_server.contact import Role
from ace_server.current import Current
from ace_server.desk.agents import Agents
from ace_server.desk.dispatch import Dispatch
from ace_server.desk.explaining import Explaining
from ace_server.desk.quarantine import Quarantine
from ace_server.desk.queue_status import QueueStatus
from ace_server.desk.waiting import WaitingContacts
from ace_server.entrances import Entrances
from ace_server.events import Events
from ace_server.intake import Arrival, Intake
from ace_server.sentences import Sentence
from ace_server.statistics.live import Live
from ace_server.store import Store, contacts, directory
from ace_server.store.contacts import Added, ContactRow
from ace_server.workitem.buffer import Buffer

E = TypeVar("E")

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Screen:
    """An agent's program, as the server sees it: what was sent to it, in order."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.events: list[wire.Event] = []
        self.watches = False
        self.ended = ""
        self.dropped = False
        self._sent = asyncio.Event()

    def send(self, event: wire.Event) -> None:
        self.events.append(event)
        self._sent.set()

    async def heard(self, why: str) -> None:
        """Wait for a change of this kind."""
        async with asyncio.timeout(10):
            while not any(getattr(event, "why", "") == why for event in self.events):
                self._sent.clear()
                await self._sent.wait()

    async def hears(self, kind: type[E]) -> E:
        """Wait for an event of this kind; the last one, if there are several."""
        async with asyncio.timeout(10):
            while not (found := [one for one in self.events if isinstance(one, kind)]):
                self._sent.clear()
                await self._sent.wait()
        return found[-1]

    def end(self, reason: Sentence | None) -> None:
        self.ended = "" if reason is None else str(reason)

    def drop(self) -> None:
        self.dropped = True

    async def taken(self) -> None:
        """Whatever was sent is here at once."""

    @property
    def desk(self) -> wire.Desk:
        """The last full picture."""
        return next(e for e in reversed(self.events) if isinstance(e, wire.Desk))

    @property
    def change(self) -> wire.Change:
        """The last change."""
        return next(e for e in reversed(self.events) if isinstance(e, wire.Change))

    @property
    def agent(self) -> wire.Agent:
        """The agent as last told."""
        told = (wire.Desk, wire.Change)
        return next(e.agent for e in reversed(self.events) if isinstance(e, told))


class Core:
    """The services of one server, wired as `server` wires them."""

    def __init__(self, data: Path, clock: ManualClock, url: str = "") -> None:
        self.data = data
        self.clock = clock
        self._url = url
        self.store = Store(data, url=url)
        self._number = 0

    async def start(self) -> None:
        self.store.open()
        self.events = events = Events()
        self.current = Current(self.store, events)
        self.current.load()
        site = self.current.site
        self.entrances = Entrances(site, self.clock, events)
        self.dispatch = Dispatch(self.store, self.current, events, self.clock)
        self.agents = Agents(self.store, site, events, self.dispatch, self.clock)
        admission = InMemory(self.store, self.entrances, events)
        self.attachments = Attachments(self.store)
        self.intake = Intake(self.store, site, admission, self.attachments, self.clock)
        self.buffer = Buffer(self.store, site, self.entrances, events, self.clock)
        self.queue_status = QueueStatus(site, self.agents, self.dispatch, events, self.clock)
        self.waiting = WaitingContacts(
            self.store, site, self.agents, self.dispatch, events, self.clock
        )
        self.explaining = Explaining(
            self.store, site, self.agents, self.dispatch, self.entrances, self.clock
        )
        self.quarantine = Quarantine(self.store, self.agents, events, self.attachments, self.clock)
        self.live = Live(self.store, site, self.agents, self.dispatch, events, self.clock)
        found = self.store.perform(recovery.after_restart, self.clock.now())
        self.entrances.recover(found.open_contacts)
        self.dispatch.recover(found.open_contacts)
        self.agents.recover(found.desks, found.in_hand, found.served)
        self.store.start()
        await self.dispatch.start(self.agents.book)

    async def stop(self) -> None:
        await self.dispatch.stop()
        await self.store.stop()
        self.store.close()

    async def restart(self) -> None:
        await self.stop()
        self.store = Store(self.data, url=self._url)
        await self.start()

    async def log_in(
        self, login: str = "anna", *, activate: bool = True, token: str = ""
    ) -> Screen:
        """Open a desk; with a `token` of an earlier screen, come back to it."""
        screen = Screen(token or secrets.token_hex())
        await self.agents.attach(login, screen)
        if activate:
            await self.give(login, wire.Activate(request=0))
        return screen

    async def give(self, login: str, command: wire.Command) -> None:
        """Give a command as the link does."""
        self.agents.demand(login, type(command))
        await self.agents.command(login, command)

    async def take_in(self, **changes: Any) -> Added:
        """A loan application comes in."""
        self._number += 1
        fields: dict[str, Any] = {
            "account": "loans",
            "external_id": f"LOAN-{self._number}",
            "digest": "0" * 64,
            "entrance": "loans",
            "subject": "Loan application",
            "body": "",
            "data": {"workItem": "https://bank.example/loans/1", "cid": "19701122-4499"},
        }
        return await self.intake.take_in(Arrival(**(fields | changes)))

    async def settle(self) -> None:
        """Carry out every booking that is possible now."""
        self.dispatch.round()
        while self.dispatch.under_way():
            await self.dispatch.finish()

    async def stored(self, contact_id: int) -> ContactRow:
        """The contact as the store has it."""
        row = await self.store.run(contacts.get, contact_id)
        assert row is not None
        return row


def site() -> None:
    """A job: a bank with two queues and three people."""
    directory.replace("work_item_account", [WorkItemAccount(name="loans")])
    directory.replace("skill", [Skill(name="Loans")])
    directory.replace(
        "queue", [Queue(name="Loan decisions", requires={"Loans": 3}), Queue(name="Everyone")]
    )
    directory.replace(
        "task_type",
        [
            TaskType(
                name="Loan application",
                outcomes=["Granted", "Refused"],
                outcome="mandatory",
                wrap_up=30.0,
            )
        ],
    )
    directory.replace(
        "task_type_rule", [TaskTypeRule(when={"Entrance": "loans"}, task_type="Loan application")]
    )
    to = [Destination(queue="Loan decisions", until="wait(180)"), Destination(queue="Everyone")]
    directory.replace("routing_rule", [RoutingRule(when={"TaskType": "Loan application"}, to=to)])
    directory.replace("activity", [Activity(name="Lunch")])
    everything = ("park", "requeue", "decline", "extend-wrap-up")
    directory.replace(
        "user",
        [
            User(
                login="anna",
                name="Anna Berg",
                role=Role.AGENT,
                skills={"Loans": 7},
                rights=everything,
            ),
            User(login="bo", name="Bo Ek", role=Role.AGENT, rights=()),
            User(login="wall", name="Wall", role=Role.WALL),
        ],
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOON)


@pytest.fixture
async def core(tmp_path: Path, clock: ManualClock, database_url: str) -> AsyncIterator[Core]:
    """On each engine; commands on its folder find the database, too."""
    commands.database(tmp_path, database_url, remember=True)
    store = Store(tmp_path, url=database_url)
    store.open()
    store.perform(site)
    store.close()
    made = Core(tmp_path, clock, database_url)
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def configure(core: Core) -> Callable[..., Any]:
    """Replace entries of one kind while the core runs."""

    async def change(kind: str, *entries: Any) -> None:
        await core.store.run(directory.replace, kind, entries)
        await core.current.reload()

    return change
