"""Keeps the raw bytes of mails and notes them, a batch at a time; gives up on few (EM-2, C-11).

Which mails those are, and how far a folder is read, is the matter of `fetching`.
"""

import logging
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from datetime import UTC

from ace_server.email.books import Account, AskRoom, Note, Question
from ace_server.email.mailbox import Found, Mailbox, MailboxTrouble
from ace_server.errors import Unavailable
from ace_server.store import Draft, Files
from ace_server.store.ledger import NewMail, Seen

log = logging.getLogger(__name__)

BATCH = 64
BATCH_BYTES = 8 * 1024 * 1024
"""Of mails that are fetched and noted together; a longer one goes alone."""

NOTED_AT_ONCE = 16
"""Mails in one job of the store: work items wait for no more (WI-5)."""

TRIES = 3
"""Times that a mail is asked for which its server does not give out; then its header has to do."""

TRIES_OF_LOST = 6
"""The same where each time the connection was lost: that may be the network's fault."""

GIVEN_UP = TRIES * TRIES_OF_LOST
"""What the failures of a mail weigh whose header has to do."""


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
        failures = self._failures(seen)
        drafts: dict[str, Draft] = {}
        trouble: MailboxTrouble | None = None
        headers = [one for one in batch if self._has_header_only(one, failures)]
        whole = [one.uid for one in batch if one not in headers]
        try:
            try:
                for uid, content in mailbox.fetch(whole):
                    drafts[uid] = self._draft(content)
                for one in headers:
                    if (header := self._header(mailbox, one, failures)) is not None:
                        drafts[one.uid] = self._draft(header)
            except MailboxTrouble as raised:
                trouble = raised
                _count(failures, raised, is_lost=not mailbox.is_open)
            digests = self._files.keep_all(list(drafts.values()))
        finally:
            for draft in drafts.values():
                draft.discard()
        kept = dict(zip(drafts, digests, strict=True))
        mails = [
            _new(one, kept[one.uid], is_oversized=one in headers)
            for one in batch
            if one.uid in kept  # what vanished meanwhile is no trouble
        ]
        self._note(seen, mails)
        for uid in kept:
            del failures[uid]
        if trouble is not None:
            raise trouble

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

    def _note(self, seen: Seen, mails: Sequence[NewMail]) -> None:
        """Note the mails, few at a time."""
        for start in range(0, len(mails), NOTED_AT_ONCE):
            self._ask(Note(seen, mails[start : start + NOTED_AT_ONCE]))


def _new(one: Found, digest: str, *, is_oversized: bool) -> NewMail:
    arrived_at = None if one.arrived_at is None else one.arrived_at.astimezone(UTC)
    return NewMail(one.uid, one.size, arrived_at, digest, is_oversized)


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
