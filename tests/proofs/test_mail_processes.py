"""Email Servers as processes of their own: killed, and writing to each other (EM-11, T6)."""

import asyncio
import email
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from ace_server.administration import commands
from ace_server.concepts import SmtpServer
from ace_server.settings import SystemParameters
from tests.dovecot import Dovecot
from tests.email.serving import ALWAYS, account, make_bank, plain
from tests.proofs.places import Place, Places, Rows
from tests.proofs.process import Process, errors_in
from tests.smtp_sink import Sink, sink

WITHIN = 60.0
"""Seconds that something may take which should come by itself; not a measurement."""

SYSTEM = SystemParameters(workItemPort=0, freeSpaceFloor=0, coreLease=1.0)

ANSWERS = 2
"""The budget of each installation for the other."""


async def until(place: Place, query: str, *expected: Rows) -> None:
    """Wait until this is what is committed."""
    found: Rows = []
    try:
        async with asyncio.timeout(WITHIN):
            while (found := place.select(query)) not in expected:
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"{query}: {found}") from None


@asynccontextmanager
async def serving(data: Path, role: str = "all") -> AsyncIterator[Process]:
    async with Process(data, data.with_name(f"{data.name}-{role}.log"), role=role) as process:
        yield process


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True, scope="module")
async def test_accounts_of_an_email_server_that_is_killed_go_to_another_and_no_mail_is_lost(
    place: Place, dovecot: Dovecot
) -> None:
    users = [dovecot.new_user() for _ in range(4)]
    make_bank(
        place.data,
        url=place.url,
        system=SYSTEM,
        mail_account=[account(user, dovecot.url("imap")) for user in users],
    )
    folders = [place.data.with_name(name) for name in ("north", "south")]
    for folder in folders:
        folder.mkdir()
        commands.database(folder, place.url, remember=True)
    deliver(dovecot, users, range(5))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(serving(place.data, "core"))
        north, _ = [await stack.enter_async_context(serving(folder, "email")) for folder in folders]
        await until(place, SETTLED, [("contact", 20)])
        await until(place, SERVERS, [(2,)])
        deliver(dovecot, users, range(5, 10))
        await north.kill()
        await until(place, SETTLED, [("contact", 40)])
        await until(place, SERVERS, [(1,)])
        deliver(dovecot, users, range(10, 12))
        await until(place, SETTLED, [("contact", 48)])
        async with serving(folders[0], "email") as again:
            assert await again.stop() == 0
    doubled = "SELECT subject, entrance FROM contact GROUP BY 1, 2 HAVING COUNT(*) > 1"
    assert place.select(doubled) == []
    assert place.select("SELECT COUNT(*) FROM contact") == [(48,)]
    for log in place.data.parent.glob("*.log"):
        assert errors_in(log) == []


SETTLED = "SELECT outcome, COUNT(*) FROM mail GROUP BY outcome"
SERVERS = "SELECT COUNT(DISTINCT server) FROM mail_account_state"


def deliver(dovecot: Dovecot, users: Sequence[str], numbers: range) -> None:
    for user in users:
        dovecot.deliver(user, *(plain(number) for number in numbers))


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True, scope="module")
async def test_two_installations_that_answer_each_other_stop(
    places: Places, dovecot: Dovecot
) -> None:
    """Between them stands the worst relay: it names a sender, and loses every other header."""
    users = [dovecot.new_user() for _ in range(2)]
    both = [places.empty() for _ in users]
    async with sink() as relay, AsyncExitStack() as stack:
        for user, place in zip(users, both, strict=True):
            budget = f"{ANSWERS}/1h"
            entry = account(user, dovecot.url("imap"), smtp="relay", answer_budget=budget)
            make_bank(
                place.data,
                system=SYSTEM,
                mail_account=[entry],
                automatic_answer=[ALWAYS],
                smtp_server=[SmtpServer(name="relay", url=relay.url())],
            )
        starting = [stack.enter_async_context(serving(place.data)) for place in both]
        await asyncio.gather(*starting)
        ours, theirs = users
        dovecot.deliver_by_lmtp(ours, plain(0, sender=theirs), sender=theirs)
        await relaying(relay, dovecot, 2 * ANSWERS)
        await until(both[0], SETTLED, [("contact", ANSWERS + 1)])
        await until(both[1], SETTLED, [("contact", ANSWERS)])
        withheld = "SELECT COUNT(*) FROM history WHERE verb = 'answer withheld'"
        assert both[0].select(withheld) == [(1,)]
        ((said,),) = both[0].select(f"SELECT withheld FROM mail_account_state WHERE {THERE}")
        assert theirs in said
        assert len(relay.received) == 2 * ANSWERS


THERE = "withheld IS NOT NULL AND withheld <> ''"


async def relaying(relay: Sink, dovecot: Dovecot, mails: int) -> None:
    """Pass so many on to whom they are for."""
    for number in range(1, mails + 1):
        async with asyncio.timeout(WITHIN):
            got = await relay.arrived(number)
        sender = email.message_from_bytes(got.content)["From"]
        mail = plain(number, sender=sender)
        await asyncio.to_thread(dovecot.deliver_by_lmtp, got.recipients[0], mail, sender=sender)
