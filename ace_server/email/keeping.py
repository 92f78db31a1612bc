"""Keeps the raw bytes of mails and notes them, a few at a time; gives up on few (EM-2, C-11).

Which mails those are, and how far a folder is read, is the matter of `fetching`.
"""

import logging
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC
from typing import NamedTuple

from ace_server.email.books import Account, AskRoom, Note, Question
from ace_server.email.mailbox import Found, Mailbox, MailboxTrouble
from ace_server.errors import Unavailable
from ace_server.store import Draft, Files
from ace_server.store.ledger import NewMail, Seen

log = logging.getLogger(__name__)

BATCH = 64
BATCH_BYTES = 8 * 1024 * 1024
"""Of mails that are asked for together; a longer one goes alone."""

TOGETHER = 8
"""Mails that are made durable together, and noted in one job of the store: work items wait for no
more, and the disk is let go of where those behind are to rest (`store.lanes`, WI-5)."""

TRIES = 3
"""Times that a mail is asked for which its server does not give out; then its header has to do."""

TRIES_OF_LOST = 6
"""The same where each time the connection was lost: that may be the network's fault."""

GIVEN_UP = TRIES * TRIES_OF_LOST
"""What the failures of a mail weigh whose header has to do."""


class _Mail(NamedTuple):
    """A mail whose bytes are here."""

    found: Found
    draft: Draft
    is_oversized: bool = False  # the draft is its header


class Keeping:
    """What is kept for one account."""

    def __init__(self, account: Account, files: Files, ask: Callable[[Question], object]) -> None:
        self._account = account
        self._files = files
        self._ask = ask
        self._failing: dict[tuple[str, int], Counter[str]] = {}  # mails not given out, by folder

    def room(self) -> int:
        """How many more mails may be fetched now."""
        room = self._ask(AskRoom())
        assert isinstance(room, int)
        return max(0, room)

    def batches(self, seen: Seen, found: Sequence[Found]) -> Iterator[list[Found]]:
        """Mails of a folder that are fetched together; what was not given out before, alone."""
        return _batches(found, self._failures(seen))

    def keep(self, mailbox: Mailbox, seen: Seen, batch: Sequence[Found]) -> int:
        """Keep as many of these mails as there is room for, then note them; how many those are.

        Where the server does not give some of them out, the others are noted first, and then the
        trouble is raised. Nothing is said of how far the folder is read.
        """
        some = batch[: self.room()]
        if some:
            self._keep(mailbox, seen, some)
        return len(some)

    def _failures(self, seen: Seen) -> Counter[str]:
        return self._failing.setdefault((seen.folder, seen.uidvalidity), Counter())

    def _keep(self, mailbox: Mailbox, seen: Seen, batch: Sequence[Found]) -> None:
        """Keep these mails, and note each few while the next ones are still fetched."""
        failures = self._failures(seen)
        trouble: MailboxTrouble | None = None
        noted: list[Future[None]] = []
        with ThreadPoolExecutor(1, thread_name_prefix="keeping") as keeper:
            few: list[_Mail] = []
            try:
                for mail in self._mails(mailbox, batch, failures):
                    few.append(mail)
                    if len(few) == TOGETHER:
                        noted.append(keeper.submit(self._note, seen, few))
                        few = []
            except MailboxTrouble as raised:
                trouble = raised
                _count(failures, raised, is_lost=not mailbox.is_open)
            finally:
                if few:
                    noted.append(keeper.submit(self._note, seen, few))
        for one in noted:
            one.result()
        if trouble is not None:
            raise trouble

    def _mails(
        self, mailbox: Mailbox, batch: Sequence[Found], failures: Counter[str]
    ) -> Iterator[_Mail]:
        """These mails as they come; what vanished meanwhile is no trouble."""
        by_uid = {one.uid: one for one in batch}
        headers = [one for one in batch if self._has_header_only(one, failures)]
        whole = [one.uid for one in batch if one not in headers]
        for uid, content in mailbox.fetch(whole):
            del failures[uid]
            yield _Mail(by_uid[uid], self._draft(content))
        for one in headers:
            if (header := self._header(mailbox, one, failures)) is not None:
                del failures[one.uid]
                yield _Mail(one, self._draft(header), is_oversized=True)

    def _has_header_only(self, one: Found, failures: Counter[str]) -> bool:
        """Whether a mail is too long (C-11), or was not given out several times."""
        return one.size > self._account.most_bytes or failures[one.uid] >= GIVEN_UP

    def _header(self, mailbox: Mailbox, one: Found, failures: Counter[str]) -> bytes | None:
        """Its header; empty where not even that is given out, and others wait behind it.

        None: it is there no more.
        """
        if failures[one.uid] >= 2 * GIVEN_UP:
            log.warning("a mail of %s is not given out, nor is its header", self._account.name)
            return b""
        try:
            return mailbox.header(one.uid) or None
        except MailboxTrouble as trouble:
            trouble.uids = (one.uid,)
            raise

    def _draft(self, content: bytes) -> Draft:
        draft = self._files.draft()
        try:
            draft.write(content)
        except Unavailable:
            draft.discard()
            raise
        return draft

    def _note(self, seen: Seen, mails: Sequence[_Mail]) -> None:
        """Make the raw bytes of a few mails durable, then note them."""
        try:
            digests = self._files.keep_all([mail.draft for mail in mails])
            self._ask(Note(seen, [_new(*both) for both in zip(mails, digests, strict=True)]))
        finally:
            for mail in mails:
                mail.draft.discard()


def _new(mail: _Mail, digest: str) -> NewMail:
    found = mail.found
    arrived_at = None if found.arrived_at is None else found.arrived_at.astimezone(UTC)
    return NewMail(found.uid, found.size, arrived_at, digest, mail.is_oversized)


def _count(failures: Counter[str], trouble: MailboxTrouble, *, is_lost: bool) -> None:
    """One more failure of the mails that the trouble is about.

    Where the connection was lost over several, it says nothing of each: each goes alone next time.
    """
    weight = TRIES if is_lost else TRIES_OF_LOST
    if is_lost and len(trouble.uids) > 1:
        weight = 0
    for uid in trouble.uids:
        failures[uid] += weight


def _batches(found: Sequence[Found], alone: Container[str]) -> Iterator[list[Found]]:
    """Mails that are fetched together: not too many, not too long together; some only alone."""
    batch: list[Found] = []
    size = 0
    for one in found:
        is_full = len(batch) == BATCH or size + one.size > BATCH_BYTES
        if batch and (is_full or one.uid in alone or batch[-1].uid in alone):
            yield batch
            batch, size = [], 0
        batch.append(one)
        size += one.size
    if batch:
        yield batch
