"""A server in this process, on a standing clock and a seam that fails when told, with one agent."""

import asyncio
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import cast

from msgspec.structs import replace

from ace_server import recovery, wire
from ace_server.clock import ManualClock
from ace_server.concepts import OpeningHours, TaskTypeRule, User, WorkItemAccount
from ace_server.contact import IN_HAND, AgentState, State
from ace_server.desk.dispatcher import waiting
from ace_server.errors import Refused
from ace_server.intake import Arrival
from ace_server.passwords import StoredSecret, cheap
from ace_server.recovery import Found
from ace_server.server import Server
from ace_server.settings import SystemParameters
from ace_server.store import Store, contacts, directory, history
from ace_server.store.contacts import ContactRow
from tests import core
from tests.core import NOON, Screen
from tests.proofs.faults import Failing
from tests.proofs.places import Place
from tests.proofs.sender import ACCOUNT, SECRET
from tests.store.counting import counted, counted_done, kept, kept_done

LOAN = {"workItem": "https://bank.example/loans/1", "cid": "19701122-4499"}
GRANTED = {"Outcome": "Granted"}
PATIENCE = 10.0
"""Seconds that something may take which should come by itself; not a measurement."""

NIGHT = "night"
"""An account whose entrance is open in every second hour: closed at noon, open at one."""

DIFFERENT_DESKS = """
    SELECT login, state FROM desk WHERE state <> (
        SELECT state FROM desk_history WHERE login = desk.login ORDER BY id DESC LIMIT 1
    )
"""

PASSWORDS = cheap()
SLOW = SystemParameters(
    workItemPort=0,
    lease=60.0,
    bookingTimeout=60.0,
    sessionIdleMinutes=10_080,
    sessionHours=168,
)


def make_bank(place: Place) -> None:
    """The bank of `tests.core`, in an empty place."""
    store = Store(place.data, url=place.url)
    store.open()
    store.perform(configure_bank)
    store.close()


def configure_bank() -> None:
    """A job: the bank of `tests.core` with an entrance for the night, and secrets."""
    core.site()
    accounts = [
        WorkItemAccount(name=ACCOUNT, receipt=True, entrances=[NIGHT]),
        WorkItemAccount(name=NIGHT, receipt=True),
    ]
    directory.replace("work_item_account", accounts)
    for account in accounts:
        secret = StoredSecret("hash", PASSWORDS.hash(SECRET))
        directory.set_secret("work_item_account", account.name, secret)
    rules = [TaskTypeRule(task_type="Loan application")]
    directory.replace("task_type_rule", rules)
    hours = ", ".join(f"{hour:02}:00-{hour + 1:02}:00" for hour in range(1, 24, 2))
    directory.replace("opening_hours", [OpeningHours(entrance=NIGHT, week={"mon-sun": hours})])
    users = directory.load().users
    directory.set_secret("user", "anna", StoredSecret("hash", PASSWORDS.hash(SECRET)))
    directory.replace("user", [replace(users["anna"], wrap_up=0.0), _colleague(users["bo"])])
    directory.replace_single("system", SLOW)


def _colleague(user: User) -> User:
    return replace(user, rights=("park", "requeue"))


async def until(condition: Callable[[], Awaitable[bool]], what: Callable[[], str]) -> None:
    """Return when the condition holds; where it does not come to hold, fail with `what()`."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not await condition():
                await asyncio.sleep(0.001)
    except TimeoutError:
        raise AssertionError(what()) from None


class House:
    """A running server, and the screens of those who are at their desks: of Anna mostly."""

    def __init__(self, place: Place, seam: Failing) -> None:
        self.place = place
        self.seam = seam
        self.clock = ManualClock(NOON)
        self.server = Server(
            place.data, database=place.url, clock=self.clock, seam=seam, passwords=PASSWORDS
        )
        self.screens: dict[str, Screen] = {}
        self._ids: set[int] = set()

    async def start(self) -> None:
        await self.server.start()

    async def stop(self) -> None:
        await self.server.stop()

    # Anna

    async def log_in(self) -> None:
        """Anna opens her desk; she is paused."""
        self.screens["anna"] = Screen(secrets.token_hex())
        await self.server.agents.attach("anna", self.screens["anna"])
        await self.pause()

    async def lose_link(self) -> None:
        """Anna's program is gone."""
        await self.server.agents.detach("anna", self.screens.pop("anna"))

    @property
    def agent(self) -> AgentState:
        """What Anna is doing, as she was told last."""
        return self.screens["anna"].agent.state

    async def give(self, command: wire.Command) -> None:
        """Anna gives a command, as the link passes it on."""
        self.server.agents.demand("anna", type(command))
        await self.server.agents.command("anna", command)

    async def pause(self) -> None:
        if self.agent is not AgentState.PAUSED:
            await self.give(wire.Pause(request=0))

    # Contacts

    async def take_in(
        self, external_id: str, *, entrance: str = ACCOUNT, data: Mapping[str, str] = LOAN
    ) -> int:
        """A loan application comes in; its id."""
        added = await self.server.intake.take_in(
            Arrival(
                account=ACCOUNT,
                external_id=external_id,
                digest="0" * 64,
                entrance=entrance,
                subject="Loan application",
                body="",
                data=dict(data),
            )
        )
        self._ids.add(added.contact_id)
        return added.contact_id

    async def stored(self, contact_id: int) -> ContactRow:
        """The contact as the store has it."""
        self._ids.add(contact_id)
        row = await self.server.store.run(contacts.get, contact_id)
        assert row is not None
        return row

    def ids_of(self, external_id: str) -> list[int]:
        """The contacts with this external id: never more than one."""

        found = self.place.select(f"SELECT id FROM contact WHERE external_id = '{external_id}'")
        ids = [contact_id for (contact_id,) in found]
        self._ids.update(ids)
        return ids

    async def times(self, contact_id: int, verb: str) -> int:
        """How often this happened to the contact, by its history; "a or b" is either."""
        happened = await self.server.store.run(history.of, contact_id)
        return sum(one.verb in verb.split(" or ") for one in happened)

    async def until_met(
        self, times: int, contact_id: int, reached: Callable[[ContactRow], bool]
    ) -> None:
        """Wait until the fault was met so often, or what it should prevent has happened."""

        async def is_over() -> bool:
            return self.seam.fired >= times or reached(self._peek(contact_id))

        await until(is_over, lambda: f"nobody tries again; the fault was met {self.seam.fired} x")

    def _peek(self, contact_id: int) -> ContactRow:
        """State and queue of a contact, read past the seam."""
        query = f"SELECT state, queue FROM contact WHERE id = {contact_id}"
        ((state, queue),) = self.place.select(query)
        return cast(ContactRow, SimpleNamespace(state=State(state), queue=queue))

    async def until_reached(self, contact_id: int, reached: Callable[[ContactRow], bool]) -> None:
        """Wait for what has to come by itself."""

        async def is_reached() -> bool:
            return reached(await self.stored(contact_id))

        await until(is_reached, lambda: f"contact {contact_id} stays where it is")

    async def is_in(self, contact_id: int, state: State) -> bool:
        return (await self.stored(contact_id)).state is state

    async def bring(self, contact_id: int, to: State) -> None:
        """Anna brings a contact into a state, by commands, from wherever it is."""
        while (state := (await self.stored(contact_id)).state) is not to:
            match state:
                case State.QUEUED:
                    await self._be_booked(contact_id)
                case State.BOOKED:
                    await self.give(wire.Accept(request=0, contact=contact_id))
                case State.ACCEPTED if to is State.PARKED:
                    await self.give(wire.Park(request=0, contact=contact_id))
                case State.ACCEPTED:
                    await self.give(wire.End(request=0, contact=contact_id, values=GRANTED))
                case State.PARKED:
                    await self.pause()
                    await self.give(wire.Resume(request=0, contact=contact_id))
                case _:
                    raise AssertionError(f"nobody brings a contact from {state} to {to}")

    async def _be_booked(self, contact_id: int) -> None:
        if self.agent in (AgentState.PAUSED, AgentState.WRAP_UP):
            await self.give(wire.Activate(request=0))

        async def is_booked() -> bool:
            return await self.is_in(contact_id, State.BOOKED)

        await until(is_booked, lambda: f"contact {contact_id} waits beside a ready agent")

    # Does memory say what the store says?

    async def settle(self) -> None:
        """Wait until all that is kept in memory equals the store, as it must by itself."""
        last: list[str] = ["nothing was compared"]

        async def is_equal() -> bool:
            found = await self.server.store.run(recovery.read)
            last[:] = self._differences(found)
            if last or self.server.dispatch.under_way():
                return False
            self._ids = {contact.id for contact in found.open_contacts}  # the rest is over
            return True

        await until(is_equal, lambda: "memory and store differ:\n" + "\n".join(last))

    def _differences(self, found: Found) -> list[str]:
        self._ids.update(contact.id for contact in found.open_contacts)
        return [*self._in_index(found), *self._in_counts(found), *self._on_desks(found)]

    def _in_index(self, found: Found) -> Iterator[str]:
        index = self.server.dispatch.dispatcher().index
        stored = {
            one.id: waiting(one)
            for one in found.open_contacts
            if one.state is State.QUEUED and one.place is not None and one.first_queued_at
        }
        for contact_id in self._ids:
            if index.waiting(contact_id) != stored.get(contact_id):
                yield (
                    f"index: {index.waiting(contact_id)}, store: {stored.get(contact_id)}"
                    f" (contact {contact_id})"
                )
        for queue in self.server.site.queues:
            order = [one.contact for one in index.in_queue(queue)]
            expected = [one.contact for one in stored.values() if one.queue == queue]
            if order != expected:
                yield f"queue {queue}: {order}, store: {expected}"

    def _in_counts(self, found: Found) -> Iterator[str]:
        counts: dict[str, Counter[State]] = {}
        for one in found.open_contacts:
            counts.setdefault(one.entrance, Counter())[one.state] += 1
        for entrance, figures in self.server.entrances.figures().items():
            of = counts.get(entrance, Counter())
            expected = of[State.BUFFERED], of[State.QUEUED], sum(of[state] for state in IN_HAND)
            if figures != expected:
                yield f"entrance {entrance}: {figures}, store: {expected}"

    def _on_desks(self, found: Found) -> Iterator[str]:
        states = {desk.login: desk.state for desk in found.desks}
        for login, screen in self.screens.items():
            held = {row.id: row for row in found.in_hand if row.agent == login}
            for contact_id in self._ids:
                row = self._in_hand(login, contact_id)
                if row != held.get(contact_id):
                    yield f"{login} has {row}, the store {held.get(contact_id)}"
            if screen.agent.state is not states[login]:
                yield f"{login} is shown as {screen.agent.state}, the store has {states[login]}"
            expected = {contact_id: row.state for contact_id, row in held.items()}
            if shown(screen) != expected:
                yield f"{login} is shown {shown(screen)}, the store has {expected}"

    def _in_hand(self, login: str, contact_id: int) -> ContactRow | None:
        try:
            return self.server.agents.contact_in_hand(login, contact_id)
        except Refused:
            return None

    async def check_database(self) -> None:
        """Neither damaged nor at odds with itself."""
        assert self.place.damage() == []
        found, right = await self.server.store.run(lambda: (kept(), counted()))
        assert found == right, "the kept figures differ from a count"
        assert self.place.select(DIFFERENT_DESKS) == [], "a replay would not know of it"

    async def check_figures(self) -> None:
        """What was done is told as the history of every contact tells it."""
        found, right = await self.server.store.run(lambda: (kept_done(), counted_done()))
        assert found == right, f"figures: {found}, by the histories: {right}"


def shown(screen: Screen) -> dict[int, State]:
    """The contacts on a screen that was told all this."""
    shown: dict[int, State] = {}
    for event in screen.events:
        if isinstance(event, wire.Desk):
            shown = {contact.id: contact.state for contact in event.contacts}
        elif isinstance(event, wire.Change):
            if event.contact is not None:
                shown[event.contact.id] = event.contact.state
            for contact_id in event.gone:
                shown.pop(contact_id, None)
    return shown
