"""Fetches the mails of one account, folder by folder, again and again (EM-1, EM-2).

It runs in a thread of the process that does nothing but fetch. A mail's raw bytes are durable, and
its row is in the ledger, before anything is done to it on its server; what is known of a folder is
its UIDVALIDITY and the last UID, and never a flag or a date. One account's trouble is its own.
"""

import logging
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from functools import partial

from msgspec.structs import replace

from ace_server.clock import Clock
from ace_server.email.books import (
    Account,
    AskFolder,
    AskUnknown,
    AskWanted,
    Books,
    Fulfilled,
    Note,
    Question,
    Tell,
)
from ace_server.email.disposing import dispose
from ace_server.email.keeping import Keeping
from ace_server.email.mailbox import Folder, Found, Mailbox, MailboxTrouble
from ace_server.email.mailboxes import mailbox_of
from ace_server.errors import Unavailable
from ace_server.sentences import sentence
from ace_server.store import Files
from ace_server.store.ledger import Seen
from ace_server.store.mail_accounts import Fetching, Wish

log = logging.getLogger(__name__)

RENUMBERED = 3
"""Times that a folder is read anew because its UIDVALIDITY is another, as it is found."""

PAGE = 5000
"""Mails that are listed at a time where a server lists them from a uid on."""

SHORTEST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
LASTING_PAUSE = 300.0
"""Seconds after trouble before it is tried again: they double; longer where a person must act."""

LOOK_AGAIN = 60.0
"""Seconds after which a folder is looked at although its server would tell of something new."""

HELD_BACK = 5.0
"""Seconds after which it is asked again whether there is room."""

LONGEST_END = 300.0
"""Seconds after which a fetcher begins though the one before has not ended: its server hangs."""


class Fetcher:
    """One account, from its start until it is stopped."""

    def __init__(
        self,
        account: Account,
        books: Books,
        files: Files,
        clock: Clock,
        mailbox: Callable[[Account, Clock], Mailbox] | None = None,
        *,
        before: "Fetcher | None" = None,
    ) -> None:
        """`mailbox` makes one that is not open yet.

        `before` fetched from this account until now: the first look comes when that has ended,
        since two log-ins at once would be in each other's way (RFC 1939 §3).
        """
        self._account = account
        self._books = books
        self._clock = clock
        self._make = mailbox or mailbox_of
        self._before = before
        self._mailbox: Mailbox | None = None  # made when it is opened: that may be trouble, too
        self._keeping = Keeping(account, files, self._ask)
        self._pause = SHORTEST_PAUSE
        self._is_told = False  # the log knows of the trouble that there is
        self._renumbered: Counter[str] = Counter()  # by folder
        self._last_number: dict[str, int] = {}  # the UIDVALIDITY that was found last, by folder
        self._is_stopped = threading.Event()
        self._woken, self._wake = socket.socketpair()
        self._woken.setblocking(False)
        self._thread = threading.Thread(
            target=self._run, name=f"fetcher of {account.name}", daemon=True
        )

    def start(self) -> None:
        """Begin to fetch."""
        self._thread.start()

    def wake(self) -> None:
        """Look at the mailbox now."""
        with suppress(OSError):  # it has ended
            self._wake.send(b".")

    def stop(self) -> None:
        """Fetch no more: nothing is asked or told any more, once its server has answered what was
        asked before. Whoever wants waits with `join`."""
        self._is_stopped.set()
        self.wake()

    def join(self, seconds: float) -> None:
        """Wait until it has ended; at most so long."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def close(self) -> None:
        """Let go of what wakes it; for one that was never started, or has ended."""
        self._woken.close()
        self._wake.close()

    # The loop

    def _run(self) -> None:
        if self._before is not None:
            self._before.join(LONGEST_END)
            self._before = None
        while not self._is_stopped.is_set():
            try:
                self._round()
                self._be_well()
            except MailboxTrouble as trouble:
                self._be_patient(trouble)
            except Unavailable:
                log.info("mail of %s waits on its server until it can be stored", self._name)
                self._wait(self._pause)
                self._pause = min(self._pause * 2, LONGEST_PAUSE)
            except Exception:  # noqa: BLE001  # edge: one round of one account
                log.exception("fetching from %s failed", self._name)
                self._be_patient(MailboxTrouble(OUR_FAULT))
        self._close_mailbox()
        self.close()

    @property
    def _name(self) -> str:
        return self._account.name

    def _round(self) -> None:
        """Fetch what is there, then wait until there may be more.

        The trouble of one folder is told when the others were seen to.
        """
        if not self._keeping.room():
            self._hold_back()
            return
        mailbox = self._opened()
        self._tell(Fetching.FETCHING)
        troubles: list[MailboxTrouble] = []
        is_all = self._in_each(self._fetch_folder, troubles) and self._fulfil(troubles)
        if troubles:
            raise troubles[0]
        if is_all:
            self._tell(Fetching.IDLE, fetched=True)
            self._until_something_happens(mailbox)

    def _in_each(
        self, action: Callable[[Mailbox, str], bool], troubles: list[MailboxTrouble]
    ) -> bool:
        """Do it in each folder, as long as there is room; whether that was so in all.

        Collects the troubles after which one can go on, and raises any other.
        """
        for name in self._account.folders:
            mailbox = self._opened()  # what disposes of mails may have closed it
            try:
                if not action(mailbox, name):
                    return False
            except MailboxTrouble as trouble:
                if not mailbox.is_open:
                    raise
                troubles.append(trouble)
        return True

    def _hold_back(self) -> None:
        self._let_others()
        self._tell(Fetching.HELD_BACK)
        self._wait(HELD_BACK)

    def _opened(self) -> Mailbox:
        if self._mailbox is None or not self._mailbox.is_open:
            self._tell(Fetching.CONNECTING)
            self._mailbox = self._mailbox or self._make(self._account, self._clock)
            self._mailbox.open()
        return self._mailbox

    def _close_mailbox(self) -> None:
        if self._mailbox is not None:
            self._mailbox.close()

    def _let_others(self) -> None:
        """Close what nobody else can use while it is open."""
        if self._mailbox is not None and self._mailbox.is_exclusive:
            self._mailbox.close()

    def _tell(self, state: Fetching, *, fetched: bool = False) -> None:
        self._ask(Tell(self._name, state, fetched))

    def _be_well(self) -> None:
        self._pause = SHORTEST_PAUSE
        if self._is_told:
            self._is_told = False
            log.info("mail of %s is fetched again", self._name)

    def _be_patient(self, trouble: MailboxTrouble) -> None:
        seconds = self._patience(trouble)
        self._close_mailbox()
        if trouble.lasting:  # a person may change its password meanwhile
            self._mailbox = None
        state = Fetching.STOPPED if trouble.lasting else Fetching.TROUBLE
        if trouble.lasting or self._pause > SHORTEST_PAUSE:  # connections are lost every day
            level = logging.DEBUG if self._is_told else logging.WARNING
            log.log(level, "mail of %s cannot be fetched now (%s)", self._name, state)
            self._is_told = True
        try:
            self._ask(Tell(self._name, state, trouble=trouble.sentence))
        except Unavailable:
            log.info("how %s is doing cannot be stored now", self._name)
        self._wait(seconds)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _patience(self, trouble: MailboxTrouble) -> float:
        """How long it is waited before it is tried again.

        Where a log-in is refused, seldom. A folder that is not there is no reason to do so: there
        are others, or new mails in this one.
        """
        if not trouble.lasting:
            return self._pause
        is_connected = self._mailbox is not None and self._mailbox.is_open
        return min(LASTING_PAUSE, self._account.poll_seconds) if is_connected else LASTING_PAUSE

    def _wait(self, seconds: float) -> None:
        """Wait so long, or until somebody wakes or stops it."""
        self._woken.settimeout(seconds)
        try:
            self._woken.recv(1024)
        except TimeoutError:
            return
        finally:
            self._woken.setblocking(False)

    def _until_something_happens(self, mailbox: Mailbox) -> None:
        """Where the server tells of new mail, in the first folder; the others are polled."""
        seconds = self._account.poll_seconds
        if mailbox.can_wait:
            if len(self._account.folders) == 1:
                seconds = LOOK_AGAIN
            else:
                mailbox.folder(self._account.folders[0])
            if mailbox.wait(seconds, self._woken):
                self._drain()
                return
        self._let_others()
        self._wait(seconds)

    def _drain(self) -> None:
        try:
            self._woken.recv(1024)
        except BlockingIOError:
            return

    # One folder

    def _fetch_folder(self, mailbox: Mailbox, name: str) -> bool:
        """Fetch what is new in a folder; whether there was room for all of it.

        Then dispose of what is settled.
        """
        folder = mailbox.folder(name)
        seen = self._seen(folder)
        if mailbox.ordered:
            batches = self._behind(mailbox, seen)
        else:
            found = mailbox.listing()
            seen = replace(seen, on_server=len(found))
            batches = self._keeping.batches(seen, self._unknown(seen, self._arrived(found)))
        for batch in batches:
            kept = self._keeping.keep(mailbox, seen, batch)
            if kept and mailbox.ordered:
                seen = self._read_upto(seen, batch[kept - 1].uid)
            if kept < len(batch):
                return False
        self._ask(Note(seen, ()))
        dispose(self._account, mailbox, seen, self._ask)
        return True

    def _fulfil(self, troubles: list[MailboxTrouble]) -> bool:
        """Fetch older mails, where somebody wants them; whether there was room for all of them."""
        wish = self._ask(AskWanted(self._name))
        if not isinstance(wish, Wish):
            return True
        before = len(troubles)
        is_all = self._in_each(partial(self._fetch_wanted, wish), troubles)
        if is_all and len(troubles) == before:
            self._ask(Fulfilled(self._name, wish))
        return is_all

    def _fetch_wanted(self, wish: Wish, mailbox: Mailbox, name: str) -> bool:
        """Fetch the older mails of a folder; how far it is read stays as it is."""
        seen = self._seen(mailbox.folder(name))
        found = [one for one in mailbox.since(wish.since) if _is_among(one, wish)]
        for batch in self._keeping.batches(seen, self._unknown(seen, found)):
            if self._keeping.keep(mailbox, seen, batch) < len(batch):
                return False
        return True

    def _seen(self, folder: Folder) -> Seen:
        """How far the folder has been read in this mailbox, under its present UIDVALIDITY."""
        known = self._ask(AskFolder(self._name, folder.name))
        here = Seen(
            self._name,
            folder.name,
            folder.uidvalidity,
            on_server=folder.count,
            mailbox=self._account.mailbox,
        )
        if not isinstance(known, Seen):
            return here
        if known.mailbox not in ("", here.mailbox):  # it says nothing of this one
            return replace(here, mailbox_number=known.mailbox_number + 1)
        here = replace(here, mailbox_number=known.mailbox_number)
        if known.uidvalidity != folder.uidvalidity:
            self._demand_same_number(folder)
            return here
        return replace(here, last_uid=known.last_uid)

    def _demand_same_number(self, folder: Folder) -> None:
        """Raise MailboxTrouble where a folder's UIDVALIDITY is another at every look.

        Each time all of it would be fetched and noted once more, for ever. After a few times it is
        believed when the next look finds the same (RFC 9051 §2.3.1.1).
        """
        last = self._last_number.get(folder.name)
        self._last_number[folder.name] = folder.uidvalidity
        self._renumbered[folder.name] += 1
        if self._renumbered[folder.name] > RENUMBERED and last != folder.uidvalidity:
            why = sentence(
                "The mails in folder %1 have other numbers at every look: nothing is fetched from "
                "it until they keep them.",
                folder.name,
            )
            raise MailboxTrouble(why, lasting=True)

    def _unknown(self, seen: Seen, found: Sequence[Found]) -> list[Found]:
        """Those that are not in the ledger."""
        unknown: set[str] = set()
        for start in range(0, len(found), PAGE):
            uids = [one.uid for one in found[start : start + PAGE]]
            unknown.update(_texts(self._ask(AskUnknown(seen, uids))))
        return [one for one in found if one.uid in unknown]

    def _behind(self, mailbox: Mailbox, seen: Seen) -> Iterator[list[Found]]:
        """What is behind the last one that was read, in batches, oldest first."""
        if seen.last_uid == 0 and self._account.since is not None:
            yield from self._keeping.batches(seen, mailbox.since(self._account.since))
            return
        after = seen.last_uid
        while found := mailbox.listing(after, PAGE):
            yield from self._keeping.batches(seen, self._arrived(found))
            after = int(found[-1].uid)

    def _arrived(self, listed: Sequence[Found]) -> list[Found]:
        day = self._account.since
        return [one for one in listed if day is None or _is_since(one, day)]

    def _read_upto(self, seen: Seen, uid: str) -> Seen:
        """The folder is read up to this uid."""
        seen = replace(seen, last_uid=int(uid))
        self._ask(Note(seen, ()))
        return seen

    # Asking

    def _ask(self, question: Question) -> object:
        if self._is_stopped.is_set():
            raise Unavailable("fetching ends")
        return self._books.ask(question)


OUR_FAULT = sentence(
    "Fetching failed by a fault of this program; the log says more. It is tried again."
)


def _is_since(one: Found, day: date) -> bool:
    """By its server's own days, as `Mailbox.since`; of what no server says, nothing is left out."""
    return one.arrived_at is None or one.arrived_at.date() >= day


def _is_among(one: Found, wish: Wish) -> bool:
    """The same for the days of a wish."""
    return one.arrived_at is None or wish.since <= one.arrived_at.date() < wish.before


def _texts(answer: object) -> list[str]:
    assert isinstance(answer, list)
    return answer
