"""`unblocked`: what ten thousand mails, and one of 50 MB, cost the work items beside them (WI-5).

As in `to-agent` work items come in evenly and agents take them at once; the times count from when
an item was sent. This is measured with mailboxes that are empty, and then while one is taken in
from a real Dovecot: from the moment its address is given to the server until all of it is contacts.
"""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from time import perf_counter

import aiohttp
import msgspec

from benchmarks import mailroom, mails
from benchmarks.mailroom import Mailroom
from benchmarks.measuring import Comparison, Goal, Plan, Result, Side, percentile
from benchmarks.peers import dovecot
from benchmarks.processes import running, server, with_password
from benchmarks.to_agent import AGENTS, RATE, Office, Round
from tests.dovecot import Dovecot

GOAL = Goal(most=1.5)

SMALL = 10_000
"""Mails in a mailbox, beside the large one that comes in their middle."""

LARGE = 50_000_000
"""Bytes."""

LOOK_AGAIN = 0.1
"""Seconds after which it is looked whether all mails are contacts."""


class Pair(msgspec.Struct, frozen=True):
    """One round without mail, and one with it."""

    idle: Round
    busy: Round
    mails_per_second: float


def measure(plan: Plan) -> Result:
    """Run it."""
    agents = plan.size(AGENTS, 3)
    data = plan.folder / "SQLite"
    with ExitStack() as stack:
        post = stack.enter_context(dovecot.running())
        mailroom.prepare(data, agents=agents)
        variables = with_password() | mailroom.with_mail_password()
        ports = stack.enter_context(running(server(data), data, variables))
        pairs = asyncio.run(_pairs(ports, post, data, plan, agents))
    return _result(pairs, agents, plan)


async def _pairs(
    ports: dict[str, int], post: Dovecot, data: Path, plan: Plan, agents: int
) -> list[Pair]:
    office, room = Office(), Mailroom(data)
    number, size = plan.size(SMALL, 20), plan.size(LARGE, 200_000)
    pairs = []
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        try:
            await office.open(client, ports, agents)
            for _ in range(plan.warm_ups + plan.rounds):
                user = post.new_user()
                deliver(post, user, number, size)
                idle = await office.round(plan.size(10 * RATE, 20))
                pairs.append(await _with_mail(office, room, post, user, number + 1, idle))
        finally:
            await office.close()
    return pairs[plan.warm_ups :]


def deliver(post: Dovecot, user: str, number: int, size: int) -> None:
    """Fill a mailbox: small mails, and a large one in their middle."""
    mark = user.partition("@")[0]
    all_of_them = [mails.small(one, mark) for one in range(number)]
    all_of_them.insert(number // 2, mails.large(size, mark))
    post.deliver(user, *all_of_them)


async def _with_mail(
    office: Office, room: Mailroom, post: Dovecot, user: str, number: int, idle: Round
) -> Pair:
    over = asyncio.Event()

    def take_in() -> float:
        began_at = perf_counter()
        room.fetch(user, post.url("imap"))
        room.until_settled(user, number, look_again=LOOK_AGAIN)
        return number / (perf_counter() - began_at)

    async def taking_in() -> float:
        try:
            return await asyncio.to_thread(take_in)
        finally:
            over.set()

    taken_in = asyncio.create_task(taking_in())
    busy = await office.round_until(over)
    return Pair(idle, busy, await taken_in)


def _result(pairs: list[Pair], agents: int, plan: Plan) -> Result:
    def side(label: str, samples: list[float]) -> Side:
        return Side(label, [sample * 1000 for sample in samples])

    idle, busy = [pair.idle for pair in pairs], [pair.busy for pair in pairs]
    receipts, bookings = "POST → receipt, {}, {}", "POST → booked on the agent's socket, {}, {}"
    sides = {
        label.format(share, state): side(label.format(share, state), [of(one) for one in rounds])
        for state, rounds in (("mail coming in", busy), ("idle", idle))
        for label, share, of in (
            (receipts, "p99", lambda one: percentile(one.receipts, 99)),
            (bookings, "p99", lambda one: percentile(one.bookings, 99)),
            (receipts, "p50", lambda one: median(one.receipts)),
            (bookings, "p50", lambda one: median(one.bookings)),
        )
    }
    return Result(
        title=f"unblocked: {RATE} work items per second, {agents} agents, and mail",
        unit="ms",
        comparisons=[
            Comparison(
                sides[label.format("p99", "mail coming in")],
                sides[label.format("p99", "idle")],
                GOAL,
            )
            for label in (receipts, bookings)
        ],
        figures=[side for label, side in sides.items() if "p50" in label],
        notes=_notes(pairs, plan),
    )


def _notes(pairs: list[Pair], plan: Plan) -> list[str]:
    speed = median(pair.mails_per_second for pair in pairs)
    notes = [
        f"{plan.size(SMALL, 20) + 1:,} mails, one of {plan.size(LARGE, 200_000) / 1e6:g} MB,"
        f" were contacts at {speed:,.0f} a second (median)"
    ]
    for state, rounds in (
        ("idle", [pair.idle for pair in pairs]),
        ("with mail", [pair.busy for pair in pairs]),
    ):
        if behind := sum(not one.kept_up() for one in rounds):
            notes.append(f"in {behind} of {len(rounds)} rounds {state} it did not keep up")
    return notes
