"""kill -9 of the real server while mail comes in and is answered (T2, P3, P4, A-11).

    python -m tests.proofs.mail_kill --kills 200 --seed 7 --database postgresql

prints its figures and ends with 0, or says what was lost, doubled or untrue and ends with 1. The
tests run it too, for fewer kills. Meanwhile another client reads, flags, moves and expunges.
"""

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, fields
from pathlib import Path

from ace_server.concepts import SmtpServer
from ace_server.settings import SystemParameters
from ace_server.store.outgoing import Sent
from tests import dovecot as servers
from tests import postgresql
from tests.email.serving import ALWAYS, account, make_bank, plain
from tests.proofs.places import Place, Places
from tests.proofs.process import COMES_UP_WITHIN, Process, command, errors_in
from tests.smtp_sink import Sink, sink

KILLS_A_LIFE = 12
MAILS_A_LIFE = 150
"""So few that no budget of automatic answers is spent."""

WITHIN = 120.0
"""Seconds in which all is settled at the end; not a measurement."""

SYSTEM = SystemParameters(workItemPort=0, freeSpaceFloor=0, coreLease=2.0)


@dataclass
class Figures:
    """What a run has come to."""

    lives: int = 0
    kills: int = 0
    starts: int = 0
    mails: int = 0
    gone_before: int = 0  # expunged or moved by somebody else before they were fetched
    answers: int = 0  # handed over
    unknown: int = 0  # may have been sent
    unknown_and_sent: int = 0

    def lines(self) -> Iterator[str]:
        for one in fields(self):
            yield f"{one.name.replace('_', ' ')}: {getattr(self, one.name)}"


@dataclass
class Life:
    """One place, its server and its mailbox, until everything that came in is settled."""

    place: Place
    dovecot: servers.Dovecot
    sink: Sink
    chance: random.Random
    figures: Figures
    kept: set[int] = field(default_factory=set)  # uids that nobody else took away
    taken: set[int] = field(default_factory=set)  # and those that somebody did
    _numbers: int = 0

    def __post_init__(self) -> None:
        self.log = self.place.data.with_name("server.log")
        self.user = self.dovecot.new_user()
        self.before = len(self.sink.received)

    async def live(self, kills: int) -> None:
        """Kill the server so often while mail comes in, then let it be settled."""
        entry = account(self.user, self.dovecot.url("imap"), smtp="relay", afterwards="seen")
        relay = SmtpServer(name="relay", url=self.sink.url())
        make_bank(
            self.place.data,
            url=self.place.url,
            system=SYSTEM,
            mail_account=[entry],
            automatic_answer=[ALWAYS],
            smtp_server=[relay],
        )
        delivering = asyncio.create_task(self._deliver(kills))
        try:
            for _ in range(kills):
                await self._start_and_kill()
            await delivering
            async with Process(self.place.data, self.log) as process:
                self.figures.starts += 1
                await self._until_settled()
                await self._compare_listing()
                assert await process.stop() == 0
        finally:
            delivering.cancel()
            await asyncio.gather(delivering, return_exceptions=True)
        self._compare()
        assert self.place.damage() == []
        faults = [line for line in errors_in(self.log) if not _IS_OF_A_START.match(line)]
        assert not faults, "\n".join(faults)

    async def _start_and_kill(self) -> None:
        process = Process(self.place.data, self.log)
        await process.spawn()
        try:
            await process.ready()
            self.figures.starts += 1
            await self._until_aimed()
        finally:
            beside = children(process.pid)
            await process.kill()
            self.figures.kills += 1
        await until_ended(beside)
        self._look()

    async def _until_aimed(self) -> None:
        """Some time; or until the next mail is noted, becomes a contact, or is being sent."""
        aim = self.chance.choice(["SELECT COUNT(*) FROM mail", "SELECT COUNT(*) FROM contact", ""])
        sent = len(self.sink.commands)
        async with asyncio.timeout(WITHIN):
            if aim:
                before = self.place.select(aim)
                while self.place.select(aim) == before and not self._is_all_in():
                    await asyncio.sleep(0.002)
            elif not self._is_all_in():
                while len(self.sink.commands) == sent and not self._is_all_in():
                    await asyncio.sleep(0.002)
        await asyncio.sleep(self.chance.uniform(0.0, 0.05))

    def _is_all_in(self) -> bool:
        ((count,),) = self.place.select("SELECT COUNT(*) FROM mail WHERE outcome <> 'pending'")
        return int(count) >= len(self.kept)

    # The mailbox

    async def _deliver(self, kills: int) -> None:
        """Mail comes in, one or a few at a time; and somebody else is at work in the mailbox."""
        most = max(10, MAILS_A_LIFE * kills // KILLS_A_LIFE)
        while self._numbers < most:
            mails = [self._mail() for _ in range(self.chance.choice([1, 1, 2, 8]))]
            uids = await asyncio.to_thread(self.dovecot.deliver, self.user, *mails)
            self.kept |= set(map(int, uids))
            if self.chance.random() < 0.2:
                await asyncio.to_thread(self._meddle, self.chance.choice(sorted(self.kept)))
            await asyncio.sleep(self.chance.uniform(0.0, 0.3))

    def _mail(self) -> bytes:
        """Of somebody else each time; without a Message-ID, or with a common one, now and then."""
        self._numbers += 1
        self.figures.mails += 1
        sender = self._sender(self._numbers)
        given = {"Message_ID": "<the-same@customer.example>"} if self.chance.random() < 0.2 else {}
        mail = plain(self._numbers, sender=sender, **given)
        if self.chance.random() < 0.1:
            mail = mail.replace(b"Message-ID: ", b"X-None: ")
        return f"Return-Path: <{sender}>\r\n".encode() + mail

    def _sender(self, number: int | str) -> str:
        return f"maria@{number}.{self.user.partition('@')[0]}.example"

    def _meddle(self, uid: int) -> None:
        with self.dovecot.client(self.user, "INBOX") as client:
            way = self.chance.choice(["read", "expunge", "move"])
            if way == "read":
                client.add_flags([uid], [b"\\Seen", b"\\Answered"])
                return
            self.kept.discard(uid)
            self.taken.add(uid)
            if way == "move":
                if not client.folder_exists("Elsewhere"):
                    client.create_folder("Elsewhere")
                client.move([uid], "Elsewhere")
            else:
                client.add_flags([uid], [b"\\Deleted"])
                client.uid_expunge([uid])

    # What is true

    async def _until_settled(self) -> None:
        """Every mail has its outcome, and every answer was handed over or may have been."""
        async with asyncio.timeout(WITHIN):
            while not self._is_settled():
                await asyncio.sleep(0.02)

    def _is_settled(self) -> bool:
        if self.kept - self._noted().keys():
            return False
        pending = self.place.select("SELECT id FROM mail WHERE outcome = 'pending'")
        going = "SELECT id FROM outgoing WHERE state IN ('queued', 'sending')"
        return not pending and not self.place.select(going)

    def _noted(self) -> dict[int, tuple[str, int]]:
        """Outcome and contact by uid; each uid once."""
        rows = self.place.select("SELECT uid, outcome, contact_id FROM mail")
        found = {int(uid): (outcome, contact) for uid, outcome, contact in rows}
        assert len(found) == len(rows), "a mail stands in the ledger twice"
        return found

    def _look(self) -> None:
        """What must hold whenever it was killed."""
        noted = self._noted()
        assert noted.keys() <= self.kept | self.taken | self._just_delivered()
        contacts = [contact for outcome, contact in noted.values() if outcome == "contact"]
        ids = [contact for (contact,) in self.place.select("SELECT id FROM contact")]
        assert sorted(contacts) == sorted(ids), "a contact without its mail, or one for two"
        answered = self.place.select("SELECT contact_id FROM outgoing")
        assert max(Counter(answered).values(), default=1) == 1, "a mail is answered twice"
        assert max(self._received().values(), default=1) == 1, "an answer was sent twice"

    def _just_delivered(self) -> set[int]:
        """What was put into the mailbox, and who did has not heard of it yet."""
        last = max(self.kept | self.taken, default=0)
        return set(range(last + 1, last + 20))

    def _received(self) -> Counter[str]:
        return Counter(one.recipients[0] for one in self.sink.received[self.before :])

    async def _compare_listing(self) -> None:
        """The command says what the ledger says."""
        listed = await command("mail", "--json", "--data", str(self.place.data))
        rows = [json.loads(line) for line in listed.splitlines()]
        assert len(rows) == len(self._noted())
        shown = {int(row["uid"]): (row["outcome"], row["contact"]) for row in rows}
        assert shown == self._noted()

    def _compare(self) -> None:
        self._look()
        noted = self._noted()
        assert {outcome for outcome, _ in noted.values()} == {"contact"}
        assert self.kept <= noted.keys(), "a mail is missing in the ledger"
        self.figures.gone_before += len(self.taken - noted.keys())
        received = self._received()
        query = "SELECT state, correspondent FROM outgoing"
        rows = self.place.select(query)
        assert len(rows) == len(noted), "somebody was not answered"
        for state, correspondent in rows:
            times = received.pop(correspondent, 0)
            if state == Sent.HANDED_OVER:
                self.figures.answers += 1
                assert times == 1, "it is said to be sent, and was not"
            else:
                assert state == Sent.UNKNOWN, state
                self.figures.unknown += 1
                self.figures.unknown_and_sent += times
        assert not received, "something was sent that nobody knows of"


_IS_OF_A_START = re.compile("EOFError: Ran out of input$|Traceback |  |$")
"""What Python says in a process that was just being started when its server was killed.

What anything else says ends in a line with another error.
"""


def children(pid: int) -> set[int]:
    """The processes that a server started: Linux knows."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return set(map(int, listed.read_text().split())) if listed.exists() else set()


async def until_ended(pids: set[int]) -> None:
    """A server that was killed leaves no process behind."""
    async with asyncio.timeout(COMES_UP_WITHIN):
        for pid in pids:
            with suppress(FileNotFoundError):
                while _is_running(pid):
                    await asyncio.sleep(0.005)


def _is_running(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state != "Z"


async def run(kills: int, seed: int, places: Places, dovecot: servers.Dovecot) -> Figures:
    """Kill so often, in one life after another. Raises AssertionError with what was lost."""
    chance = random.Random(seed)
    figures = Figures()
    async with sink() as relay:
        while figures.kills < kills:
            place = places.empty()
            figures.lives += 1
            life = Life(place, dovecot, relay, chance, figures)
            try:
                await life.live(min(KILLS_A_LIFE, kills - figures.kills))
            except AssertionError as error:
                error.add_note(f"seed {seed}, {place.data}, after {figures.kills} kills")
                raise
            places.remove(place)
    return figures


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    given = parser.parse_args(arguments)
    print(f"seed {given.seed}", flush=True)
    with ExitStack() as stack:
        dovecot = stack.enter_context(servers.dovecot())
        cluster = None
        if given.database == "postgresql":
            cluster = stack.enter_context(postgresql.cluster())
        if dovecot is None or (given.database == "postgresql" and cluster is None):
            print(servers.MISSING if dovecot is None else postgresql.MISSING, file=sys.stderr)
            return 1
        places = Places(Path(tempfile.mkdtemp(prefix="ace-mail-kill-")), cluster)
        try:
            figures = asyncio.run(run(given.kills, given.seed, places, dovecot))
        except AssertionError as error:
            print(error, *getattr(error, "__notes__", ()), sep="\n", file=sys.stderr)
            return 1
        places.close()
    print(*figures.lines(), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
