"""A fault at the N-th call of the store, from a mailbox to an answer (T1, P3, P4, A-11).

Whatever befalls the store: the mail is a contact once, its outcome is that of the ledger, its
answer was handed over as often as the outbox says, and nobody has to do anything for it.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from ace_server import rounds
from ace_server import server as server_module
from ace_server.clock import ManualClock
from ace_server.concepts import MailAccount, SmtpServer
from ace_server.email import outbox
from ace_server.settings import SystemParameters
from ace_server.store.outgoing import Sent
from tests.core import NOON
from tests.email.serving import ALWAYS, Post, make_bank, plain
from tests.proofs.faults import FAULTS, IS_LONG, Failing, Fault, is_proved
from tests.proofs.house import PATIENCE
from tests.proofs.places import Place
from tests.proofs.test_faults import NOT_NOW, TWICE, Strike
from tests.smtp_sink import Sink, sink

BOX = "support@bank.example"

MOST = 600
"""More calls than a mail takes, with all that goes on beside it."""

STEP = {"sqlite": 1 if IS_LONG else 29, "postgresql": 1 if IS_LONG else 61}
"""Each so-many-th call meets the fault."""


class Office:
    """A server on a seam, a mailbox on disk, and an SMTP server that takes everything."""

    def __init__(self, place: Place, sink: Sink) -> None:
        self.place = place
        self.sink = sink
        self.box = place.data.parent / "box"
        for name in ("cur", "new", "tmp"):
            (self.box / name).mkdir(parents=True)
        self.seam = Failing()
        self.clock = ManualClock(NOON)
        entry = MailAccount(
            name=BOX, fetch=f"maildir:{self.box}", smtp="relay", return_address=BOX, poll_seconds=1
        )
        make_bank(
            place.data,
            url=place.url,
            system=SystemParameters(workItemPort=0, freeSpaceFloor=0, coreLease=3600.0),
            mail_account=[entry],
            automatic_answer=[ALWAYS],
            smtp_server=[SmtpServer(name="relay", url=sink.url())],
        )
        self.post = Post(place.data, url=place.url, clock=self.clock, seam=self.seam)

    def deliver(self, number: int) -> None:
        """A mail of somebody who never wrote before comes in."""
        self.clock.advance(60.0)  # or the budgets of the account would be spent
        self.post.server.email._beating.wake()  # its rounds go by another clock
        sender = f"maria@customer-{number}.example"
        mail = f"Return-Path: <{sender}>\r\n".encode() + plain(number, sender=sender)
        file = self.box / "tmp" / f"{number}.box"
        file.write_bytes(mail)
        os.utime(file, (self.clock.now().timestamp(),) * 2)
        file.replace(self.box / "new" / file.name)

    def contacts(self, number: int) -> list[int]:
        found = self.place.select(f"SELECT id FROM contact WHERE subject = 'Question {number}'")
        return [contact for (contact,) in found]

    def fetched(self, number: int) -> list[tuple[str, int]]:
        """Outcome and contact, by the ledger."""
        query = "SELECT outcome, contact_id FROM mail"
        return self.place.select(f"{query} WHERE uid = '{number}.box'")  # type: ignore[return-value]

    def sent(self, contact: int) -> list[str]:
        found = self.place.select(f"SELECT state FROM outgoing WHERE contact_id = {contact}")
        return [state for (state,) in found]

    def received(self, number: int) -> int:
        address = f"maria@customer-{number}.example"
        return sum(address in one.recipients for one in self.sink.received)

    def is_over(self, number: int) -> bool:
        """Whether it is a contact, and its answer was sent, or may have been."""
        contacts = self.contacts(number)
        states = self.sent(contacts[0]) if contacts else []
        return bool(states) and states[0] not in (Sent.QUEUED, Sent.SENDING)

    async def until_met_or_over(self, number: int, strike: Strike) -> None:
        """Until what lasts was met often enough, or what happens once could not prevent it."""
        met = TWICE if strike.lasting else MOST
        await self._until(lambda: self.seam.fired >= met or self.is_over(number), number)

    async def until_over(self, number: int) -> None:
        await self._until(lambda: self.is_over(number), number)

    async def _until(self, condition: Callable[[], bool], number: int) -> None:
        """Wait for it; somebody asks now and then for mail to be looked for."""
        try:
            async with asyncio.timeout(PATIENCE):
                for turn in count():
                    if condition():
                        return
                    if turn % 20 == 0:
                        self.post.server.email._fetching.wake()
                        self.post.server.email.receiving._rounds.wake()
                        self.post.server.email.outbox.wake()
                    await asyncio.sleep(0.003)
        except TimeoutError:
            contacts = self.contacts(number)
            states = [self.sent(one) for one in contacts]
            raise AssertionError(f"{self.fetched(number)}, {contacts}, {states}") from None


@pytest.fixture
async def office(place: Place, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    """A running one, whose loops look again soon."""
    monkeypatch.setattr(server_module, "RETRY", 0.002)
    monkeypatch.setattr(rounds, "SHORTEST_WAIT", 0.005)
    monkeypatch.setattr(outbox, "WRITE_AGAIN", 0.005)
    async with sink() as relay:
        made = Office(place, relay)
        await made.post.start()
        yield made
        await made.post.stop()


def strikes(engine: str) -> Iterator[Strike]:
    """Each fault, once and for good, at every so-many-th call until there was no such call."""
    for shift, fault in enumerate(FAULTS):
        for lasting in (False, True):
            if is_proved(fault, engine, lasting=lasting):
                yield from _of_one(fault, lasting, 1 + shift % STEP[engine], STEP[engine])


def _of_one(fault: Fault, lasting: bool, first: int, step: int) -> Iterator[Strike]:
    for number in range(first, MOST, step):
        strike = Strike(fault, lasting, number)
        yield strike
        if not strike.fired:
            print(f"a mail, {fault.name}: less than {number} calls")
            return
    pytest.fail("a mail: it asks the store for ever")


async def test_a_mail_and_its_answer_survive_every_fault_at_every_call(
    office: Office, engine: str, expect_log: Callable[[str], None]
) -> None:
    expect_log(NOT_NOW)
    number = 0
    for number, strike in enumerate(strikes(engine), start=1):
        with strike.named():
            strike.on(office.seam)
            office.deliver(number)
            await office.until_met_or_over(number, strike)
            strike.over(office.seam)
            await office.until_over(number)
            _check(office, number)
    print(f"{number} mails")
    assert office.place.damage() == []
    assert len(office.place.select("SELECT id FROM contact")) == number
    assert len(list(Path(office.box, "new").iterdir())) == number, "its mailbox was changed"


def _check(office: Office, number: int) -> None:
    (contact,) = office.contacts(number)
    assert office.fetched(number) == [("contact", contact)]
    (state,) = office.sent(contact)
    received = office.received(number)
    assert received == 1 if state == Sent.HANDED_OVER else received <= 1, (state, received)
    assert state == Sent.HANDED_OVER, "nothing happened on the way to the SMTP server"
