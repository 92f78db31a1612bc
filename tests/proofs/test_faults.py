"""A fault at the N-th call of the store, for every N, in every operation (T1).

Whatever is answered is true; what is not answered happened at most once; what is in memory equals
the store as soon as that is back, and nobody has to do anything for it.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from ace_server import recovery, wire
from ace_server import server as server_module
from ace_server.contact import AgentState, State
from ace_server.desk import agents, dispatch, dispatcher
from ace_server.errors import Refused, Unavailable
from ace_server.events import Moved, Queued
from ace_server.store import Store, contacts, decisions, desks, serving
from ace_server.store import engine as engines
from ace_server.store.contacts import ContactRow, OpenContact, Placement
from ace_server.store.desks import DeskRow
from ace_server.store.serving import Serving
from ace_server.workitem import buffer
from tests.conftest import Records
from tests.core import NOON
from tests.proofs.faults import FAULTS, IS_LONG, Failing, Fault, is_proved
from tests.proofs.house import GRANTED, LOAN, NIGHT, PATIENCE, House, make_bank
from tests.proofs.places import Place, Places
from tests.proofs.sender import SECRET, Answer, Sender, message
from tests.store.seams import Barrier

MOST = 200
"""More calls than any operation makes: beyond it something asks the store for ever."""

SKIPPING = 4
"""A start makes many calls, and each takes a place of its own: the short run takes these."""

SHORT = {"locked": 3, "full": 3, "connection lost": 2}
"""At each so-many-th call the short run has these befall an operation: what they have in common
with an I/O error is shown by that, at every call."""

TWICE = 3
"""A lasting fault lasts until it was met so often, so that what tries again has met it too."""


@dataclass
class Strike:
    """One fault at one call."""

    fault: Fault
    lasting: bool
    number: int
    fired: int = 0

    def __str__(self) -> str:
        return f"{self.fault.name} {'for good' if self.lasting else 'once'}, call {self.number}"

    @contextmanager
    def named(self) -> Iterator[None]:
        """What fails within says at which strike."""
        try:
            yield
        except Exception as error:
            error.add_note(f"struck: {self}")
            raise

    def on(self, seam: Failing) -> None:
        """From now on the call can meet it."""
        seam.arm(self.fault, self.number, lasting=self.lasting)

    def over(self, seam: Failing) -> None:
        """All is well again."""
        self.fired = seam.disarm()


def every_fault(engine: str) -> list[tuple[Fault, bool]]:
    """Each fault once, and for good."""
    each = [(fault, lasting) for fault in FAULTS for lasting in (False, True)]
    return [one for one in each if is_proved(one[0], engine, lasting=one[1])]


def faults_of_a_start(engine: str) -> list[tuple[Fault, bool]]:
    """A start does not try again: what lasts, and what is locked, is met as an I/O error is."""
    return [(one, False) for one in FAULTS if one.name != "locked" and is_proved(one, engine)]


def strikes(
    operation: object, faults: Sequence[tuple[Fault, bool]], *, step: int = 1
) -> Iterator[Strike]:
    """Each fault at call 1, 2, 3 … until there was no such call; `step`: at each so-many-th."""
    for place, (fault, lasting) in enumerate(faults):
        stride = step if IS_LONG else step * SHORT.get(fault.name, 1)
        for number in range(1 + place % stride, MOST, stride):
            strike = Strike(fault, lasting, number)
            yield strike
            if not strike.fired:
                print(f"{operation}, {fault.name}: {number - 1} calls")
                break
        else:
            pytest.fail(f"{operation}: it asks the store for ever")


NOT_NOW = r"WARNING ace_server\.store\.store: the database cannot be used now"


@pytest.fixture(scope="module")
def bank(places: Places) -> Place:
    """A configured place, to copy."""
    made = places.empty()
    make_bank(made)
    return made


@pytest.fixture
async def house(
    bank: Place, places: Places, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[House]:
    """A running server whose loops look again soon."""
    monkeypatch.setattr(server_module, "RETRY", 0.002)
    monkeypatch.setattr(dispatcher, "RETRY", timedelta(0))  # by a clock that stands
    monkeypatch.setattr(agents, "SLOW_TICK", 0.005)
    monkeypatch.setattr(dispatch, "SLOW_POLL", 0.005)
    monkeypatch.setattr(buffer, "SLOW_POLL", 0.005)
    made = House(places.copy(bank), Failing())
    await made.start()
    yield made
    await made.stop()
    places.remove(made.place)


Step = Callable[[House, int], Awaitable[None]]


@dataclass(frozen=True)
class Operation:
    """Something that moves one contact, from `before` to where `reached` holds, as `verb`.

    The verb is what stands in the history; "a or b" is either.
    """

    name: str
    before: State
    verb: str
    reached: Callable[[ContactRow], bool]
    act: Step
    by_itself: bool = False  # nobody asks for it, so nobody is answered
    entrance: str = "loans"
    data: Mapping[str, str] = field(default_factory=lambda: LOAN)
    afterwards: Step | None = None  # what a person does once the store is back

    def __str__(self) -> str:
        return self.name


def _is(state: State) -> Callable[[ContactRow], bool]:
    return lambda row: row.state is state


def _command(make: Callable[[int], wire.Command]) -> Step:
    async def act(house: House, contact: int) -> None:
        await house.give(make(contact))

    return act


def _with_what_waits(job: Callable[..., None], *arguments: object) -> Step:
    """A job of the store on a waiting contact, and what this process is told of it."""

    async def act(house: House, contact: int) -> None:
        def do() -> OpenContact | None:
            job(contact, *arguments)
            return contacts.open_one(contact)

        waiting = await house.server.store.run(do)
        if waiting is None:
            moved = Moved(contact, "loans", State.QUEUED, State.ENDED)
            house.server.events.publish(moved)
        else:
            house.server.events.publish(Queued(waiting))

    return act


def _wait(seconds: float) -> Step:
    async def act(house: House, contact: int) -> None:
        house.clock.advance(seconds)

    return act


async def _activate_again(house: House, contact: int) -> None:
    if house.agent is AgentState.PAUSED:
        await house.give(wire.Activate(request=0))


async def _leave(house: House, contact: int) -> None:
    with suppress(Unavailable):  # as the link does
        await house.lose_link()
    house.clock.advance(61)


async def _come_back(house: House, contact: int) -> None:
    await house.log_in()


EDITED = GRANTED | {"cid": "edited"}
HOUR = 3600.0

OPERATIONS = [
    Operation(
        "accept",
        State.BOOKED,
        "accepted",
        _is(State.ACCEPTED),
        _command(lambda contact: wire.Accept(request=1, contact=contact)),
    ),
    Operation(
        "decline",
        State.BOOKED,
        "declined",
        _is(State.QUEUED),
        _command(lambda contact: wire.Decline(request=1, contact=contact)),
    ),
    Operation(
        "park",
        State.ACCEPTED,
        "parked",
        _is(State.PARKED),
        _command(lambda contact: wire.Park(request=1, contact=contact)),
    ),
    Operation(
        "resume",
        State.PARKED,
        "resumed",
        _is(State.ACCEPTED),
        _command(lambda contact: wire.Resume(request=1, contact=contact)),
    ),
    Operation(
        "requeue",
        State.ACCEPTED,
        "requeued",
        lambda row: (row.state, row.queue, row.note) == (State.QUEUED, "Everyone", "for Monday"),
        _command(
            lambda contact: wire.Requeue(
                request=1, contact=contact, queue="Everyone", note="for Monday"
            )
        ),
    ),
    Operation(
        "end with an edit",
        State.ACCEPTED,
        "ended",
        lambda row: row.state is State.ENDED and row.data["cid"] == "edited",
        _command(lambda contact: wire.End(request=1, contact=contact, values=EDITED)),
    ),
    Operation(
        "book",
        State.QUEUED,
        "booked",
        _is(State.BOOKED),
        _command(lambda contact: wire.Activate(request=1)),
        by_itself=True,
        afterwards=_activate_again,
    ),
    Operation(
        "time-out of a booking",
        State.BOOKED,
        "timed out",
        _is(State.QUEUED),
        _wait(61),
        by_itself=True,
    ),
    Operation(
        "link lost with a booking",
        State.BOOKED,
        "returned or timed out",
        _is(State.QUEUED),
        _leave,
        by_itself=True,
    ),
    Operation(
        "lease of a lost link",
        State.ACCEPTED,
        "returned",
        _is(State.QUEUED),
        _leave,
        by_itself=True,
    ),
    Operation(
        "move on to the next queue",
        State.QUEUED,
        "moved on",
        lambda row: row.queue == "Everyone",
        _wait(181),
        by_itself=True,
    ),
    Operation(
        "release from the buffer",
        State.BUFFERED,
        "released",
        _is(State.QUEUED),
        _wait(HOUR),
        by_itself=True,
        entrance=NIGHT,
    ),
    Operation(
        "move by a supervisor",
        State.QUEUED,
        "moved",
        lambda row: row.queue == "Everyone",
        _with_what_waits(contacts.move_waiting, Placement("Everyone"), NOON, "sven"),
    ),
    Operation(
        "prioritise",
        State.QUEUED,
        "prioritised",
        lambda row: row.prioritised,
        _with_what_waits(contacts.prioritise, True, NOON, "sven"),
    ),
    Operation(
        "close",
        State.QUEUED,
        "closed",
        _is(State.ENDED),
        _with_what_waits(contacts.close, NOON, "sven", "Sent twice."),
    ),
    Operation(
        "end route",
        State.QUEUED,
        "end route",
        _is(State.ENDED),
        _with_what_waits(contacts.end_route, NOON),
        data={"cid": "19701122-4499"},
    ),
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
async def test_a_move_survives_every_fault_at_every_call(
    house: House,
    engine: str,
    strict: Records,
    expect_log: Callable[[str], None],
    operation: Operation,
) -> None:
    expect_log(NOT_NOW)
    await house.log_in()
    for external_id, strike in enumerate(strikes(operation, every_fault(engine))):
        with strike.named():
            contact = await _prepare(house, operation, str(external_id))
            await _strike_move(house, strict, operation, contact, strike)
            await _finish(house, operation, contact)
    await house.check_figures()


async def _strike_move(
    house: House, strict: Records, operation: Operation, contact: int, strike: Strike
) -> None:
    reports = len(strict.seen)
    strike.on(house.seam)
    answered = await _act(house, operation, contact, strike.lasting)
    strike.over(house.seam)
    assert answered or strike.fired
    await house.settle()
    assert not strike.fired or len(strict.seen) > reports, "it was met, and nobody said so"
    if operation.by_itself:
        await _comes_by_itself(house, operation, contact)
    else:
        await _is_as_answered(house, operation, contact, answered)
    await house.settle()
    await house.check_database()


async def _prepare(house: House, operation: Operation, external_id: str) -> int:
    """A new contact in the state in which the operation finds it, and nothing else open."""
    await house.pause()
    contact = await house.take_in(external_id, entrance=operation.entrance, data=operation.data)
    await house.bring(contact, operation.before)
    if operation.before in (State.QUEUED, State.PARKED, State.BUFFERED):
        await house.pause()
    await house.settle()
    return contact


async def _act(house: House, operation: Operation, contact: int, lasting: bool) -> bool:
    """Whether it was answered that it is done; what happens by itself is waited for."""
    try:
        await operation.act(house, contact)
    except Unavailable:
        return False
    if operation.by_itself:
        await house.until_met(TWICE if lasting else 1, contact, operation.reached)
    return True


async def _comes_by_itself(house: House, operation: Operation, contact: int) -> None:
    if operation.afterwards is not None:
        await operation.afterwards(house, contact)
    await house.until_reached(contact, operation.reached)
    assert await house.times(contact, operation.verb) == 1


async def _is_as_answered(house: House, operation: Operation, contact: int, answered: bool) -> None:
    reached = operation.reached(await house.stored(contact))
    assert reached or not answered, "it was answered, and did not happen"
    assert await house.times(contact, operation.verb) == int(reached)
    if reached and not answered:
        with pytest.raises(Refused):
            await operation.act(house, contact)
    elif not reached:
        await operation.act(house, contact)
    assert operation.reached(await house.stored(contact))
    assert await house.times(contact, operation.verb) == 1


async def _finish(house: House, operation: Operation, contact: int) -> None:
    if not house.screens:
        await house.log_in()
    await house.bring(contact, State.ENDED)
    if operation.entrance == NIGHT:
        house.clock.advance(HOUR)


async def test_what_an_agent_serves_survives_every_fault_at_every_call(
    house: House, engine: str, strict: Records, expect_log: Callable[[str], None]
) -> None:
    expect_log(NOT_NOW)
    await house.log_in()
    run = house.server.store.run
    for number, strike in enumerate(strikes("choose", every_fault(engine))):
        with strike.named():
            chosen = Serving("anna", f"Level {number}", {"Everyone": False})
            reports = len(strict.seen)
            strike.on(house.seam)
            try:
                await run(serving.save, chosen, NOON)
                answered = True
            except Unavailable:
                answered = False
            strike.over(house.seam)
            assert answered or strike.fired
            kept, told = await run(_kept_and_told)  # behind whatever else met it
            assert not strike.fired or len(strict.seen) > reports, "nobody said so"
            assert (kept == [chosen]) or not answered, "it was answered, and did not happen"
            assert not kept or kept[0].work_level == told
            await run(serving.save, chosen, NOON)
    told_of = await run(lambda: list(decisions.agents_between(NOON, NOON + timedelta(days=1))))
    levels = [one.work_level for one in told_of if one.work_level]
    assert len(levels) == len(set(levels)), "a change is told twice"


def _kept_and_told() -> tuple[list[Serving], str]:
    """A job: Anna's choices, and the work level that a replay would take for hers.

    A commit whose connection was lost may come true between two reads, unless it is waited for.
    """
    contacts.await_writers()
    *_, last = decisions.agents_between(NOON, NOON + timedelta(days=1))
    return serving.everyone(), last.work_level


@pytest.mark.parametrize("seconds", [61.0, 181.0], ids=["a time-out", "a move to the next queue"])
async def test_a_store_that_stays_away_is_not_asked_without_a_pause(
    bank: Place, places: Places, expect_log: Callable[[str], None], seconds: float
) -> None:
    expect_log(NOT_NOW)
    house = House(places.copy(bank), Failing())
    await house.start()
    try:
        await house.log_in()
        contact = await house.take_in("1")
        if seconds < 180:
            await house.bring(contact, State.BOOKED)
        house.seam.arm(FAULTS[0], 1, lasting=True)
        house.clock.advance(seconds)
        await house.server.agents.tick()
        with suppress(Unavailable):
            await house.server.dispatch.move_on()
        for _ in range(3000):  # turns of the loop, in each of which it could ask
            await asyncio.sleep(0)
        assert house.seam.disarm() < 10
    finally:
        await house.stop()
        places.remove(house.place)


async def test_a_booking_on_its_way_while_memory_is_read_anew_leaves_no_trace_in_the_queue(
    house: House,
) -> None:
    await house.log_in()
    await house.give(wire.Activate(request=0))
    contact = await house.take_in("1")
    barrier = Barrier()
    house.server.store.run(barrier.wait)
    reading = house.server.store.run(recovery.read)  # before the booking, which it does not see
    await asyncio.to_thread(barrier.until_reached)
    while not house.server.dispatch.under_way():
        await asyncio.sleep(0)
    barrier.open()
    house.server._take_over(await reading)  # as after a commit of unknown outcome
    await house.until_reached(contact, _is(State.BOOKED))
    await house.settle()


async def test_a_link_that_is_lost_while_memory_lags_behind_is_detached(
    house: House, expect_log: Callable[[str], None]
) -> None:
    expect_log(NOT_NOW)
    await house.log_in()
    contact = await house.take_in("1")
    await house.bring(contact, State.BOOKED)
    (unknown,) = (fault for fault in FAULTS if fault.name == "unknown outcome")
    house.seam.arm(unknown, 1, lasting=True)
    with pytest.raises(Unavailable):
        await house.give(wire.Accept(request=1, contact=contact))
    house.seam.disarm()
    await house.lose_link()
    await house.log_in()
    await house.settle()
    assert await house.is_in(contact, State.ACCEPTED)


# Coming to the desk, over the real link


@pytest.mark.parametrize("returns", [False, True], ids=["log in", "return"])
async def test_coming_to_the_desk_survives_every_fault_at_every_call(
    house: House,
    engine: str,
    strict: Records,
    expect_log: Callable[[str], None],
    returns: bool,
) -> None:
    expect_log(NOT_NOW)
    url = f"ws://127.0.0.1:{house.server.agents_port}/link"
    async with aiohttp.ClientSession() as http:
        first = await _come_in(http, url, "")
        for strike in strikes("come in", faults_of_a_start(engine)):
            with strike.named():
                await house.server.agents.log_out("anna")
                reports = len(strict.seen)
                strike.on(house.seam)
                token = await _come_in(http, url, first if returns else "")
                strike.over(house.seam)
                assert token or strike.fired
                assert token or await _come_in(http, url, first if returns else "")
                await house.settle()  # behind whatever else met it
                assert not strike.fired or len(strict.seen) > reports, "nobody said so"


async def _come_in(http: aiohttp.ClientSession, url: str, token: str) -> str:
    """The token of a log-in that led to a desk; empty: it was refused, or the link was closed."""
    command = (
        wire.Return(request=1, token=token)
        if token
        else wire.LogIn(request=1, login="anna", password=SECRET)
    )
    is_in = False
    async with asyncio.timeout(PATIENCE), http.ws_connect(url) as socket:
        await socket.send_str(wire.encode(command))
        async for message_ in socket:
            event = wire.decode_event(message_.data)
            if isinstance(event, wire.LoggedIn):
                token, is_in = event.token, True
            elif isinstance(event, wire.Desk):
                return token
            elif isinstance(event, wire.Refusal):
                assert event.code == "unavailable"
                assert not is_in, "it was answered twice, and there is no desk"
                return ""
    return ""


# Intake, through the real port


@dataclass(frozen=True)
class Handing:
    """A way in: what is handed in, and where Anna and the entrance stand meanwhile."""

    name: str
    attachment: bool = False
    entrance: str = ""
    is_ready: bool = False
    becomes: State = State.QUEUED
    is_known: bool = False

    def __str__(self) -> str:
        return self.name


HANDINGS = [
    Handing("into a queue"),
    Handing("with an attachment", attachment=True),
    Handing("into the buffer", entrance=NIGHT, becomes=State.BUFFERED),
    Handing("and given to a ready agent", is_ready=True, becomes=State.BOOKED),
    Handing("a second time", attachment=True, is_known=True),
]


@pytest.mark.parametrize("handing", HANDINGS, ids=str)
async def test_handing_in_survives_every_fault_at_every_call(
    house: House,
    engine: str,
    strict: Records,
    expect_log: Callable[[str], None],
    handing: Handing,
) -> None:
    expect_log(NOT_NOW)
    await house.log_in()
    async with Sender(house.server.work_item_port) as sender:
        for number, strike in enumerate(strikes(handing, every_fault(engine))):
            with strike.named():
                await _ready_or_paused(house, handing.is_ready)
                contact = await _strike_handing(house, strict, sender, handing, number, strike)
                if handing.becomes is not State.BUFFERED:
                    await house.bring(contact, State.ENDED)
    await house.check_figures()


async def _strike_handing(
    house: House, strict: Records, sender: Sender, handing: Handing, number: int, strike: Strike
) -> int:
    content = b"%8d" % number * 9000 if handing.attachment else None
    raw = message(str(number), entrance=handing.entrance, attachment=content)
    if handing.is_known:
        assert (await sender.send(raw)).is_receipt
    reports = len(strict.seen)
    strike.on(house.seam)
    answer = await sender.send(raw)
    if handing.is_ready and answer.is_receipt:
        await house.until_met(TWICE if strike.lasting else 1, answer.contact, _is(State.BOOKED))
    strike.over(house.seam)
    assert answer.is_receipt or strike.fired
    await house.settle()
    was_told = answer.code == "unavailable" or len(strict.seen) > reports
    assert not strike.fired or was_told, "it was met, and nobody said so"
    contact = await _check_answers(house, sender, raw, str(number), answer)
    await _check_files(house, contact, content)
    await house.until_reached(contact, _is(handing.becomes))
    await house.settle()
    await house.check_database()
    return contact


async def _ready_or_paused(house: House, is_ready: bool) -> None:
    if not is_ready:
        await house.pause()
    elif house.agent is not AgentState.READY:
        await house.give(wire.Activate(request=0))


async def _check_answers(
    house: House, sender: Sender, raw: bytes, external_id: str, answer: Answer
) -> int:
    """A receipt means one contact, `unavailable` at most one, and a repeat makes it one."""
    ids = house.ids_of(external_id)
    if answer.is_receipt:
        assert ids == [answer.contact]
    else:
        assert (answer.status, answer.code) == (503, "unavailable")
        assert len(ids) <= 1
    again = await sender.send(raw)
    assert again.is_receipt
    assert again.repeated is bool(ids)
    assert house.ids_of(external_id) == [again.contact]
    assert not ids or ids == [again.contact]
    return again.contact


async def _check_files(house: House, contact: int, content: bytes | None) -> None:
    """What the contact names is there, whole; nothing half written is."""
    row = await house.stored(contact)
    assert len(row.attachments) == (content is not None)
    for attachment in row.attachments:
        path = house.server.store.files.path(attachment.digest)
        assert path.read_bytes() == content
    assert list((house.place.data / "incoming").iterdir()) == []


# Starting


@pytest.fixture(scope="module")
def killed(bank: Place, places: Places) -> Place:
    """What a server left behind that was killed with a contact in every state."""

    async def live() -> Place:
        house = House(places.copy(bank), Failing())
        await house.start()
        await house.log_in()
        for state in LEFT_BEHIND:
            entrance = NIGHT if state is State.BUFFERED else "loans"
            contact = await house.take_in(state, entrance=entrance)
            if state in (State.ACCEPTED, State.PARKED, State.ENDED):
                await house.bring(contact, state)
            if state is State.BOOKED:
                await house.server.store.run(_book_for_bo, contact)
            await house.pause()
        stray = house.server.store.files.draft()
        stray.write(b"its row was never written")
        stray.keep()
        left = places.copy(house.place)
        await house.stop()
        return left

    return asyncio.run(live())


LEFT_BEHIND = [
    State.PARKED,
    State.ENDED,
    State.BUFFERED,
    State.ACCEPTED,
    State.BOOKED,
    State.QUEUED,
]


def _book_for_bo(contact: int) -> None:
    ends = NOON + timedelta(seconds=60)
    desks.save(DeskRow("bo", AgentState.BOOKED, NOON, ends))
    contacts.move(
        contact, State.QUEUED, State.BOOKED, "booked", NOON, agent="bo", booked_until=ends
    )


async def test_a_start_survives_every_fault_at_every_call(
    killed: Place,
    places: Places,
    engine: str,
    strict: Records,
    expect_log: Callable[[str], None],
) -> None:
    expect_log(NOT_NOW)
    step = 1 if IS_LONG else SKIPPING
    for strike in strikes("start", faults_of_a_start(engine), step=step):
        with strike.named():
            reports = len(strict.seen)
            house = await _start(places.copy(killed), strike)
            try:
                await _check_recovered(house)
            finally:
                await house.stop()
            assert not strike.fired or len(strict.seen) > reports, "nobody said so"
            places.remove(house.place)


async def _start(place: Place, strike: Strike) -> House:
    """A server that started, at once or the second time."""
    house = House(place, Failing())
    strike.on(house.seam)
    try:
        await house.start()
        started = True
    except Unavailable:
        started = False
    strike.over(house.seam)
    if not started:
        assert strike.fired
        house = House(place, Failing())
        await house.start()
    return house


async def _check_recovered(house: House) -> None:
    """Everything is as it was, once; what was booked waits; what no row names is swept."""
    await house.settle()
    await house.check_database()
    states = {}
    for state in State:
        (contact,) = house.ids_of(state)
        states[state] = (await house.stored(contact)).state
    assert states == {state: state for state in State} | {State.BOOKED: State.QUEUED}
    assert list(house.server.store.files.kept()) == []


# Bringing the schema up to date

LATER = """
import peewee as pw

def up(migrator, db):
    migrator.migrate(migrator.add_column("contact", "colour", pw.TextField(default="blue")))
    db.execute_sql("UPDATE contact SET colour = 'red' WHERE state <> 'ended'")
"""


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with today's migrations, in which a test puts later ones."""
    folder = tmp_path / "migrations"
    shutil.copytree(engines.MIGRATIONS, folder)
    monkeypatch.setattr(engines, "MIGRATIONS", folder)
    return folder


@pytest.mark.parametrize("is_new", [True, False], ids=["of an empty folder", "of an older one"])
def test_a_migration_survives_every_fault_at_every_call(
    killed: Place,
    places: Places,
    engine: str,
    migrations: Path,
    strict: Records,
    expect_log: Callable[[str], None],
    is_new: bool,
) -> None:
    expect_log(NOT_NOW)
    (migrations / "0902_colour.py").write_text(LATER)
    faults = faults_of_a_start(engine)
    step = SKIPPING if is_new and not IS_LONG else 1
    for strike in strikes("migration", faults[::-3] if is_new else faults, step=step):
        with strike.named():
            place = places.empty() if is_new else places.copy(killed)
            reports = len(strict.seen)
            _open(place, strike)
            assert not strike.fired or len(strict.seen) > reports, "nobody said so"
            _check_migrated(place, is_new)
            places.remove(place)


def _open(place: Place, strike: Strike) -> None:
    seam = Failing()
    strike.on(seam)
    store = Store(place.data, url=place.url, seam=seam)
    with suppress(Unavailable):
        store.open()
    store.close()
    strike.over(seam)


def _check_migrated(place: Place, is_new: bool) -> None:
    """The next start has the newest schema, whole, and every row it had."""
    store = Store(place.data, url=place.url)
    store.open()
    store.close()
    colours = place.select("SELECT state, colour FROM contact ORDER BY id")
    expected = [(state, "blue" if state is State.ENDED else "red") for state in LEFT_BEHIND]
    assert colours == ([] if is_new else expected)
    applied = place.select("SELECT name FROM schema_migration ORDER BY name")
    assert applied == sorted((file.stem,) for file in engines.MIGRATIONS.glob("*.py"))
    assert place.damage() == []
