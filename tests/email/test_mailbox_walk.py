"""A random walk through a mailbox, beside a plain model of mailbox and ledger (T5, EM-2).

Mails come in, others flag, move, copy and expunge them, a folder is made anew, connections break,
and the account is begun with anew. After every step the ledger, the contacts and the mailbox are
what the model says. Each step ends with another mail: when that is settled, what came before it
was looked at.
"""

import asyncio
import hashlib
import random
from dataclasses import dataclass, field
from itertools import count

import pytest

from ace_server.concepts import DiscardRule, Match
from ace_server.email.receiving import TOO_DEEP
from ace_server.store.ledger import SAME_AS_BEFORE, Outcome
from ace_server.store.mail_accounts import Fetching
from tests.email.proxy import CutAfterBytes, CutAtCommand, Fault, Proxy
from tests.email.serving import account, plain
from tests.proofs.faults import IS_LONG

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEEDS = [1, *(range(2, 11) if IS_LONG else ())]
"""Of the walks; a seed that once failed is added here and stays."""

STEPS = 100 if IS_LONG else 16
INBOX, LOANS = FOLDERS = ("INBOX", "Loans")

UNWANTED = DiscardRule(name="Unwanted", when={"EmailSubject": Match(has="unwanted")})
FATES = (Outcome.CONTACT, Outcome.CONTACT, Outcome.CONTACT, Outcome.DISCARDED, Outcome.QUARANTINED)


def mail(number, fate):
    """A mail that becomes this, if it is the first of its bytes."""
    if fate is Outcome.DISCARDED:
        return plain(f"{number} unwanted")
    if fate is Outcome.QUARANTINED:
        part = 'Content-Type: multipart/mixed; boundary="b{0}"\r\n\r\n--b{0}\r\n'
        return (f"X-Number: {number}\r\n" + "".join(map(part.format, range(500)))).encode()
    return plain(number)


@dataclass
class Lying:
    """A mail in a folder, as the model knows it."""

    raw: bytes
    flags: set[bytes] = field(default_factory=set)


@dataclass
class Model:
    """What lies in the mailbox, and what the ledger has to have seen."""

    boxes: dict[str, dict[str, Lying]] = field(default_factory=lambda: {one: {} for one in FOLDERS})
    numbers: dict[str, int] = field(default_factory=dict)  # the UIDVALIDITY of each folder
    seen: dict[tuple[str, int, str], bytes] = field(default_factory=dict)
    fates: dict[bytes, Outcome] = field(default_factory=dict)

    def lay(self, folder, uids, raws, flags=()):
        for uid, raw in zip(uids, raws, strict=True):
            self.boxes[folder][uid] = Lying(raw, set(flags))
            self.seen[folder, self.numbers[folder], uid] = raw

    def compare_ledger(self, rows):
        """Every mail that ever lay there once, with its bytes; the rest follows from the order."""
        places = {(row.folder, row.uidvalidity, row.uid): row.digest for row in rows}
        assert len(places) == len(rows)
        assert places == {place: digest(raw) for place, raw in self.seen.items()}
        fates = {digest(raw): fate for raw, fate in self.fates.items()}
        first: dict[str, list] = {}
        for row in rows:
            elsewhere = [one for one in first.setdefault(row.digest, []) if not is_same(one, row)]
            assert row.outcome is fates[row.digest]
            if elsewhere:
                assert row.contact == elsewhere[0].contact
                is_kept = row.outcome is Outcome.QUARANTINED
                assert row.why() == (TOO_DEEP if is_kept else SAME_AS_BEFORE)
            first[row.digest].append(row)

    def own_contacts(self, rows):
        """How many of these rows have a contact of their own."""
        return len({row.contact for row in rows} - {None})


def is_same(one, other):
    return (one.folder, one.uidvalidity) == (other.folder, other.uidvalidity)


def digest(raw):
    return hashlib.sha256(raw).hexdigest()


class Walk:
    """One mailbox, walked through."""

    def __init__(self, post, dovecot, user, proxy, chance):
        self.post, self.dovecot, self.user, self.proxy = post, dovecot, user, proxy
        self.chance = chance
        self.model = Model()
        self._numbers = count(1)
        self._polls = count(10)
        self.done: list[str] = []

    async def begin(self):
        with self.dovecot.client(self.user) as client:
            client.create_folder(LOANS)
        self._look_at_numbers()
        await self._begin_anew()

    def acts(self):
        """What is done, in this order: each at least once."""
        more = self.chance.choices(self.ACTS, k=STEPS - len(self.ACTS))
        return self.chance.sample([*self.ACTS, *more], STEPS)

    async def step(self, act):
        """Do something, tell the server to look, and compare."""
        self.done.append(act.__name__)
        await act(self)
        self._wake()
        await self._compare()

    async def _compare(self):
        rows = await self.post.settled(self.user, len(self.model.seen))
        self.model.compare_ledger(rows)
        contacts = await self.post.contacts(self.user)
        assert len(contacts) == self.model.own_contacts(rows)
        for folder, box in self.model.boxes.items():
            lying = self.dovecot.flags(self.user, folder)
            assert lying == {uid: one.flags for uid, one in box.items()}, folder

    # What is done

    async def come_in(self):
        folder = self.chance.choice(FOLDERS)
        fates = self.chance.choices(FATES, k=self.chance.choice([1, 2, 5]))
        self._deliver(folder, [self._new(fate) for fate in fates], self._flags())

    async def copy(self):
        """The same bytes once more, there or elsewhere."""
        if self.model.fates:
            raw = self.chance.choice(list(self.model.fates))
            self._deliver(self.chance.choice(FOLDERS), [raw], self._flags())

    async def flag(self):
        folder, uid = self._any()
        if uid:
            flags = self._flags()
            with self.dovecot.client(self.user, folder) as client:
                client.add_flags([int(uid)], flags)
            self.model.boxes[folder][uid].flags |= set(flags)

    async def expunge(self):
        folder, uid = self._any()
        if uid:
            with self.dovecot.client(self.user, folder) as client:
                client.delete_messages([int(uid)])
                client.expunge()
            del self.model.boxes[folder][uid]

    async def move(self):
        folder, uid = self._any()
        if uid:
            there = LOANS if folder == INBOX else INBOX
            before = self.dovecot.flags(self.user, there).keys()
            with self.dovecot.client(self.user, folder) as client:
                client.move([int(uid)], there)
            one = self.model.boxes[folder].pop(uid)
            (new,) = self.dovecot.flags(self.user, there).keys() - before
            self.model.lay(there, [new], [one.raw], one.flags)

    async def make_anew(self):
        """The folder goes, which a person has to see to, and comes back with other numbers."""
        with self.dovecot.client(self.user) as client:
            client.delete_folder(LOANS)
        self._wake()
        await self.post.state(self.user, lambda one: one.state is Fetching.STOPPED)
        lay, self.model.boxes[LOANS] = self.model.boxes[LOANS], {}
        self.dovecot.deliver(self.user, folder=LOANS)
        self._look_at_numbers()
        self._deliver(LOANS, [one.raw for one in lay.values()])
        await self._begin_anew()

    async def lose_connection(self):
        late = self.chance.random() < 0.5
        fault = self.chance.choice(
            [
                CutAfterBytes(self.chance.randrange(500), at=b"FETCH"),
                CutAtCommand(self.chance.randrange(1, 4), answered_by_nobody=late),
            ]
        )
        self.proxy.fault = fault
        await self.come_in()
        self._wake()
        async with asyncio.timeout(30):
            while not await asyncio.to_thread(fault.fired.wait, 1.0):
                self._wake()
        self.proxy.fault = Fault()
        await self._begin_anew()

    async def begin_again(self):
        await self._begin_anew()

    ACTS = (come_in, come_in, copy, flag, expunge, move, make_anew, lose_connection, begin_again)

    # Its parts

    def _new(self, fate):
        raw = mail(next(self._numbers), fate)
        self.model.fates[raw] = fate
        return raw

    def _deliver(self, folder, raws, flags=()):
        uids = self.dovecot.deliver(self.user, *raws, folder=folder, flags=flags)
        self.model.lay(folder, uids, raws, flags)

    def _wake(self):
        """Have it looked at, with another mail in it."""
        self._deliver(INBOX, [self._new(Outcome.CONTACT)])
        self.post.server.email._fetching.wake()

    def _flags(self):
        return [one for one in (b"\\Seen", b"\\Flagged") if self.chance.random() < 0.5]

    def _any(self):
        folder = self.chance.choice(FOLDERS)
        uids = list(self.model.boxes[folder])
        return folder, self.chance.choice(uids) if uids else ""

    def _look_at_numbers(self):
        with self.dovecot.client(self.user) as client:
            for folder in FOLDERS:
                status = client.folder_status(folder, ["UIDVALIDITY"])
                self.model.numbers[folder] = status[b"UIDVALIDITY"]

    async def _begin_anew(self):
        """An account that is another now is begun with at once."""
        entry = account(
            self.user, self.proxy.url("imap"), folders=FOLDERS, poll_seconds=next(self._polls)
        )
        await self.post.add(entry)


@pytest.mark.parametrize("seed", SEEDS)
async def test_after_every_step_the_ledger_is_what_lay_in_the_mailbox(post, dovecot, user, seed):
    await post.configure(discard_rule=[UNWANTED])
    with Proxy(dovecot.ports["imap"]) as proxy:
        walk = Walk(post, dovecot, user, proxy, random.Random(seed))
        await walk.begin()
        for act in walk.acts():
            try:
                await walk.step(act)
            except AssertionError as error:
                error.add_note(f"seed {seed}, after {', '.join(walk.done)}")
                raise
        await post.remove(user)
