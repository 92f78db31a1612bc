"""Fetches the mails of one account, folder by folder, again and again (EM-1, EM-2).

It runs in a thread of the process that does nothing but fetch. A mail's raw bytes are durable, and
its row is in the ledger, before anything is done to it on its server; what is known of a folder is
its UIDVALIDITY and the last UID, and never a flag or a date. One account's trouble is its own.
"""

import logging
import socket
import threading
from collections import Counter
from collections.abc import Callable, Container, Iterator, Sequence
from datetime import date

from msgspec.structs import replace

from ace_server.clock import Clock
from ace_server.email.books import (
    Account,
    AskFolder,
    AskRoom,
    AskSettled,
    AskUnknown,
    AskWanted,
    Books,
    Fulfilled,
    Note,
    Question,
    Tell,
)
from ace_server.email.mailbox import Disposal, Folder, Found, Login, Mailbox, MailboxTrouble, Way
from ace_server.email.mailboxes import mailbox_at
from ace_server.email.oauth import Tokens
from ace_server.errors import Unavailable
from ace_server.references import exchange, referred
from ace_server.sentences import sentence
from ace_server.store import Draft, Files
from ace_server.store.ledger import NewMail, Seen
from ace_server.store.mail_accounts import Fetching, Wish

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


class Fetcher:
    """One account, from its start until it is stopped."""

    def __init__(
        self,
        account: Account,
        books: Books,
        files: Files,
        clock: Clock,
        mailbox: Callable[[Account, Clock], Mailbox] | None = None,
    ) -> None:
        """`mailbox` makes one that is not open yet."""
        self._account = account
        self._books = books
        self._files = files
        self._clock = clock
        self._make = mailbox or mailbox_of
        self._mailbox: Mailbox | None = None  # made when it is opened: that may be trouble, too
        self._pause = SHORTEST_PAUSE
        self._is_told = False  # the log knows of the trouble that there is
        self._failing: dict[tuple[str, int], Counter[str]] = {}  # mails not given out, by folder
        self._renumbered: Counter[str] = Counter()  # by folder
        self._last_number: dict[str, int] = {}  # the UIDVALIDITY that was found last, by folder
        self._disposed: dict[tuple[str, int], int] = {}  # the last ledger id, by folder
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
        self._wake.send(b".")

    def stop(self) -> None:
        """Fetch no more; what is under way is broken off. Whoever wants waits with `join`."""
        self._is_stopped.set()
        self.wake()

    def join(self, seconds: float) -> None:
        """Wait until it has ended."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        if not self._thread.is_alive():
            self._woken.close()
            self._wake.close()

    # The loop

    def _run(self) -> None:
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
        self._close()

    @property
    def _name(self) -> str:
        return self._account.name

    def _round(self) -> None:
        """Fetch what is there, then wait until there may be more."""
        mailbox = self._opened()
        if not self._room():
            self._tell(Fetching.HELD_BACK)
            self._wait(HELD_BACK)
            return
        self._tell(Fetching.FETCHING)
        is_all = [self._fetch_folder(mailbox, folder) for folder in self._account.folders]
        if not all(is_all) or not self._fulfil(mailbox):
            return
        self._tell(Fetching.IDLE, fetched=True)
        self._until_something_happens(mailbox)

    def _opened(self) -> Mailbox:
        if self._mailbox is None or not self._mailbox.is_open:
            self._tell(Fetching.CONNECTING)
            self._mailbox = self._mailbox or self._make(self._account, self._clock)
            self._mailbox.open()
        return self._mailbox

    def _close(self) -> None:
        if self._mailbox is not None:
            self._mailbox.close()

    def _tell(self, state: Fetching, *, fetched: bool = False) -> None:
        self._ask(Tell(self._name, state, fetched))

    def _be_well(self) -> None:
        self._pause = SHORTEST_PAUSE
        if self._is_told:
            self._is_told = False
            log.info("mail of %s is fetched again", self._name)

    def _be_patient(self, trouble: MailboxTrouble) -> None:
        self._close()
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
        self._wait(LASTING_PAUSE if trouble.lasting else self._pause)
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

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
        self._wait(seconds)

    def _drain(self) -> None:
        try:
            self._woken.recv(1024)
        except BlockingIOError:
            return

    # One folder

    def _fetch_folder(self, mailbox: Mailbox, name: str) -> bool:
        """Fetch what is new in a folder; whether that was all. Then dispose of what is settled."""
        folder = mailbox.folder(name)
        seen = self._seen(folder)
        failures = self._failing.setdefault((name, folder.uidvalidity), Counter())
        for batch in self._new(mailbox, folder, seen, failures):
            room = self._room()
            if not room:
                return False
            seen = self._fetch(mailbox, seen, batch[:room], failures)
            if room < len(batch):
                return False
        self._ask(Note(replace(seen, on_server=folder.count), ()))
        self._dispose(mailbox, folder)
        return True

    def _fulfil(self, mailbox: Mailbox) -> bool:
        """Fetch older mails, where somebody wants them; whether that was all."""
        wish = self._ask(AskWanted(self._name))
        if not isinstance(wish, Wish):
            return True
        for name in self._account.folders:
            folder = mailbox.folder(name)
            seen = self._seen(folder)
            found = [one for one in mailbox.since(wish.since) if _is_among(one, wish)]
            failures = self._failing.setdefault((name, folder.uidvalidity), Counter())
            for batch in _batches(self._unknown(folder, found), failures):
                room = self._room()
                if room < len(batch):
                    return False
                self._fetch(mailbox, seen, batch, failures)
        self._ask(Fulfilled(self._name))
        return True

    def _seen(self, folder: Folder) -> Seen:
        """How far the folder has been read under its present UIDVALIDITY."""
        known = self._ask(AskFolder(self._name, folder.name))
        here = Seen(self._name, folder.name, folder.uidvalidity, 0, folder.count)
        if not isinstance(known, Seen):
            return here
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

    def _new(
        self, mailbox: Mailbox, folder: Folder, seen: Seen, failures: Container[str]
    ) -> Iterator[list[Found]]:
        """What is not in the ledger, in batches, oldest first."""
        if mailbox.ordered:
            yield from self._behind(mailbox, seen, failures)
            return
        wanted = self._arrived(mailbox.listing())
        yield from _batches(self._unknown(folder, wanted), failures)

    def _unknown(self, folder: Folder, found: Sequence[Found]) -> list[Found]:
        """Those that are not in the ledger."""
        unknown: set[str] = set()
        for start in range(0, len(found), PAGE):
            uids = [one.uid for one in found[start : start + PAGE]]
            question = AskUnknown(self._name, folder.name, folder.uidvalidity, uids)
            unknown.update(_texts(self._ask(question)))
        return [one for one in found if one.uid in unknown]

    def _behind(
        self, mailbox: Mailbox, seen: Seen, failures: Container[str]
    ) -> Iterator[list[Found]]:
        if seen.last_uid == 0 and self._account.since is not None:
            yield from _batches(mailbox.since(self._account.since), failures)
            return
        after = seen.last_uid
        while found := mailbox.listing(after, PAGE):
            yield from _batches(self._arrived(found), failures)
            after = int(found[-1].uid)

    def _arrived(self, listed: Sequence[Found]) -> list[Found]:
        day = self._account.since
        return [one for one in listed if day is None or _is_since(one, day)]

    def _fetch(
        self, mailbox: Mailbox, seen: Seen, batch: Sequence[Found], failures: Counter[str]
    ) -> Seen:
        """Keep the raw bytes of these mails, then note them; how far the folder is read then.

        Where the server does not give some of them out, the others are noted first, and then the
        trouble is raised: the cursor stays before what is missing, until it is given up.
        """
        drafts: dict[str, Draft] = {}
        trouble: MailboxTrouble | None = None
        headers = [one for one in batch if self._has_header_only(one, failures)]
        whole = [one.uid for one in batch if one not in headers]
        try:
            try:
                for uid, content in mailbox.fetch(whole):
                    drafts[uid] = self._draft(content)
                for one in headers:
                    drafts[one.uid] = self._draft(self._header(mailbox, one, failures))
            except MailboxTrouble as raised:
                trouble = raised
                _count(failures, raised, is_lost=not mailbox.is_open)
            digests = self._files.keep_all(list(drafts.values()))
        finally:
            for draft in drafts.values():
                draft.discard()
        kept = dict(zip(drafts, digests, strict=True))
        mails = [
            NewMail(one.uid, one.size, one.arrived_at, kept[one.uid], one in headers)
            for one in batch
            if one.uid in kept  # what vanished meanwhile is no trouble
        ]
        self._note(seen, mails)
        for uid in kept:
            del failures[uid]
        if trouble is not None:
            raise trouble
        return self._read_upto(mailbox, seen, batch[-1].uid)

    def _has_header_only(self, one: Found, failures: Counter[str]) -> bool:
        """Whether a mail is too long (C-11), or was not given out several times."""
        return one.size > self._account.most_bytes or failures[one.uid] >= GIVEN_UP

    def _header(self, mailbox: Mailbox, one: Found, failures: Counter[str]) -> bytes:
        """Its header; nothing where not even that is given out, and others wait behind it."""
        if failures[one.uid] >= 2 * GIVEN_UP:
            log.warning("a mail of %s is not given out, nor is its header", self._name)
            return b""
        try:
            return mailbox.header(one.uid)
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
        """Note the mails, few at a time, without a word on how far the folder is read."""
        for start in range(0, len(mails), NOTED_AT_ONCE):
            self._ask(Note(seen, mails[start : start + NOTED_AT_ONCE]))

    def _read_upto(self, mailbox: Mailbox, seen: Seen, uid: str) -> Seen:
        """The folder is read up to this uid, where uids grow."""
        if not mailbox.ordered:
            return seen
        seen = replace(seen, last_uid=int(uid))
        self._ask(Note(seen, ()))
        return seen

    def _dispose(self, mailbox: Mailbox, folder: Folder) -> None:
        """Do to mails whose outcome is committed what the account says (P3)."""
        way = Way(self._account.afterwards)
        if way is Way.KEEP:
            return
        key = (folder.name, folder.uidvalidity)
        how = Disposal(way, self._account.moved_to)
        while True:
            after = self._disposed.get(key, 0)
            question = AskSettled(self._name, folder.name, folder.uidvalidity, after)
            settled = _numbered(self._ask(question))
            if not settled:
                return
            mailbox.dispose([uid for _, uid in settled], how)
            self._disposed[key] = settled[-1][0]

    # Asking

    def _room(self) -> int:
        """How many more mails may be fetched now."""
        room = self._ask(AskRoom(self._name))
        assert isinstance(room, int)
        return max(0, room)

    def _ask(self, question: Question) -> object:
        if self._is_stopped.is_set():
            raise Unavailable("fetching ends")
        return self._books.ask(question)


GIVEN_UP = TRIES * TRIES_OF_LOST
"""What the failures of a mail weigh whose header has to do."""


def _count(failures: Counter[str], trouble: MailboxTrouble, *, is_lost: bool) -> None:
    """One more failure of the mails that the trouble is about.

    Where the connection was lost over several, it says nothing of each: each goes alone next time.
    """
    weight = TRIES if is_lost else TRIES_OF_LOST
    if is_lost and len(trouble.uids) > 1:
        weight = 0
    for uid in trouble.uids:
        failures[uid] += weight


OUR_FAULT = sentence(
    "Fetching failed by a fault of this program; the log says more. It is tried again."
)


def mailbox_of(account: Account, clock: Clock) -> Mailbox:
    """The mailbox of an account, not open yet. Raises MailboxTrouble."""
    login = Login(account.user, referred(account.secret), _tokens(account, clock))
    return mailbox_at(account.url, login, ca_file=account.ca_file)


def _tokens(account: Account, clock: Clock) -> Tokens | None:
    oauth, secret = account.oauth, account.secret
    if oauth is None:
        return None

    def keep(refresh_token: str) -> None:
        if secret is not None:
            exchange(secret, refresh_token)

    return Tokens(
        oauth.token_url,
        oauth.client_id,
        referred(oauth.secret),
        referred(secret),
        oauth.scope,
        clock=clock,
        keep=keep,
        ca_file=account.ca_file,
    )


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


def _is_since(one: Found, day: date) -> bool:
    """Of what no server says when it arrived, nothing is left out."""
    return one.arrived_at is None or one.arrived_at.date() >= day


def _is_among(one: Found, wish: Wish) -> bool:
    """Of what no server says when it arrived, nothing is left out."""
    return one.arrived_at is None or wish.since <= one.arrived_at.date() < wish.before


def _texts(answer: object) -> list[str]:
    assert isinstance(answer, list)
    return answer


def _numbered(answer: object) -> list[tuple[int, str]]:
    assert isinstance(answer, list)
    return answer
