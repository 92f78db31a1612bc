"""A mailbox on an IMAP server (RFC 9051, RFC 3501): by uids alone, never by sequence numbers.

IMAPClient speaks; here is what it is asked, and what its many kinds of errors mean.
"""

import logging
import re
import socket
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from typing import Any, TypeVar

import imapclient
from imapclient import exceptions
from imapclient.datetime_util import format_criteria_date

from ace_server.email import endpoint
from ace_server.email.imap_connection import Connection
from ace_server.email.mailbox import (
    MARGIN,
    MOST_BYTES,
    Disposal,
    Folder,
    Found,
    Login,
    MailboxTrouble,
    Way,
)
from ace_server.email.stream import Stream
from ace_server.email.urls import Endpoint
from ace_server.sentences import Sentence, sentence

T = TypeVar("T")

RENEW_SECONDS = 8.5 * 60
"""How long one IDLE lasts: some servers end it after ten minutes (RFC 2177 says thirty)."""

MOST_IN_A_SEARCH = 50_000
"""Uids in one answer to SEARCH: it is one line, of at most half of what imaplib takes."""

SIZES_AT_ONCE = 500
MAILS_AT_ONCE = 20
BYTES_AT_ONCE = 4 * 1024 * 1024
DISPOSED_AT_ONCE = 200
"""What one command asks for, at most; a larger mail is asked for alone."""

PASSING = {"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "OVERQUOTA"}
"""Codes of a refusal that ends by itself (RFC 5530)."""

NONSENSE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What IMAPClient raises, beside its own errors, over an answer that it does not understand."""


class _No(MailboxTrouble):
    """The server refused one command, and goes on."""

    def __init__(self, host: str, code: str) -> None:
        why = sentence("%1 refuses what mail is read with (%2).", host, code or "NO")
        super().__init__(why, lasting=False)
        self.code = code


class _Client(imapclient.IMAPClient):  # type: ignore[misc]  # ships no types
    """IMAPClient on a connection of ours."""

    def __init__(self, where: Endpoint, timeout: Any, make: Callable[[], Connection]) -> None:
        self._make = make
        super().__init__(where.host, where.port, ssl=where.is_tls, timeout=timeout)

    def _create_IMAP4(self) -> Connection:
        return self._make()


class ImapMailbox:
    """A `mailbox.Mailbox` on an IMAP server."""

    ordered = True
    is_exclusive = False

    def __init__(
        self,
        where: Endpoint,
        login: Login,
        *,
        ca_file: str = "",
        connect_seconds: float = 30.0,
        read_seconds: float = 30.0,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._where = where
        self._login = login
        self._ca_file = ca_file
        self._timeout = imapclient.SocketTimeout(connect_seconds, read_seconds)
        self._most_bytes = most_bytes
        self._client: Any = None
        self._folder: Folder | None = None
        self._uidnext = 0
        self._can_wait = False

    @property
    def is_open(self) -> bool:
        """Whether it is connected, as far as is known."""
        return self._client is not None

    @property
    def can_wait(self) -> bool:
        """Whether the server has IDLE."""
        return self._can_wait

    # Coming and going

    def open(self) -> None:
        """Connect, secure the connection and log in; see `mailbox.Mailbox`."""
        self.close()
        logging.getLogger("imapclient").setLevel(logging.CRITICAL + 1)  # it logs what mails say
        try:
            self._connect()
            self._log_in()
            self._can_wait = self._ask(self._client.has_capability, "IDLE")
        except MailboxTrouble:
            self._drop()
            raise

    def _connect(self) -> None:
        where = self._where
        is_secured = where.is_tls or where.is_starttls
        context = endpoint.tls(self._ca_file) if is_secured else None
        first = context if where.is_tls else None
        connect = partial(Connection, where, first, self._timeout.connect, self._stream_of)
        self._client = self._ask(_Client, where, self._timeout, connect)
        self._client._imap.debug = 0  # it would write down every line
        self._client.normalise_times = False
        if where.is_starttls:
            if not self._ask(self._client.has_capability, "STARTTLS"):
                raise MailboxTrouble(_no_starttls(where.host), lasting=True)
            self._ask(self._client.starttls, context)

    def _stream_of(self, connected: socket.socket) -> Stream:
        return Stream(connected, self._timeout.read, self._most_bytes + MARGIN)

    @property
    def _stream(self) -> Stream:
        stream: Stream = self._open_client._imap.stream
        return stream

    def _log_in(self) -> None:
        tokens = self._login.tokens
        try:
            if tokens is None:
                return self._by_password()
            token = tokens.token()
            try:
                self._by_token(token)
            except _No as no:
                if no.code in PASSING:
                    raise
                self._by_token(tokens.renewed())
        except _No as no:
            raise MailboxTrouble(
                _refused_log_in(self._where.host, no.code, by_token=tokens is not None),
                lasting=no.code not in PASSING,
            ) from no

    def _by_password(self) -> None:
        user, password = self._login.user, self._login.password
        if self._ask(self._client.has_capability, "AUTH=PLAIN"):  # UTF-8, and no quoting
            self._ask(self._client.plain_login, user, password)
        elif (user + password).isascii() and (user + password).isprintable():
            self._ask(self._client.login, user, password)
        else:
            why = sentence("%1 takes only plain letters in user and password.", self._where.host)
            raise MailboxTrouble(why, lasting=True)

    def _by_token(self, token: str) -> None:
        bearer, user = f"auth=Bearer {token}\1\1", self._login.user
        if self._ask(self._client.has_capability, "AUTH=OAUTHBEARER"):  # RFC 7628
            name = user.replace("=", "=3D").replace(",", "=2C")
            return self._authenticate("OAUTHBEARER", f"n,a={name},\1{bearer}", b"\1")
        if self._ask(self._client.has_capability, "AUTH=XOAUTH2"):
            return self._authenticate("XOAUTH2", f"user={user}\1{bearer}", b"")
        why = sentence("%1 takes no access tokens: use a password.", self._where.host)
        raise MailboxTrouble(why, lasting=True)

    def _authenticate(self, mechanism: str, said: str, and_then: bytes) -> None:
        """The second challenge says why it was refused; it wants an answer before the NO."""
        answers = iter([said.encode()])
        self._ask(self._client.sasl_login, mechanism, lambda _: next(answers, and_then))

    def close(self) -> None:
        """Log out, where that is possible; never raises."""
        if self._client is not None:
            with suppress(MailboxTrouble):
                self._ask(self._client.logout)
            self._drop()

    def _drop(self) -> None:
        """Close the connection without a word: what the server would answer is not to be had."""
        client, self._client = self._client, None
        self._folder, self._can_wait = None, False
        if client is not None:
            with suppress(OSError):
                client.shutdown()

    # Looking

    def folder(self, name: str) -> Folder:
        """Look into a folder by EXAMINE, which changes no flag."""
        self._folder = None
        found = self._selected(name, readonly=True)
        uidvalidity = found.get(b"UIDVALIDITY")
        if not isinstance(uidvalidity, int) or b"EXISTS" not in found:
            raise self._lost(ValueError("it has no UIDVALIDITY"))
        self._uidnext = found.get(b"UIDNEXT", 0)
        self._folder = Folder(name, uidvalidity, found[b"EXISTS"])
        return self._folder

    def _selected(self, name: str, *, readonly: bool) -> dict[bytes, Any]:
        try:
            return dict(self._ask(self._open_client.select_folder, name, readonly))
        except _No as no:
            why = sentence("Folder %1 cannot be opened on %2.", name, self._where.host)
            raise MailboxTrouble(why, lasting=no.code not in PASSING) from no

    def listing(self, after: int = 0, most: int | None = None) -> list[Found]:
        """The mails whose uid is greater, ascending; see `mailbox.Mailbox`."""
        return self._described(self._uids_from(after + 1, most=most))

    def since(self, day: date) -> list[Found]:
        """The mails that arrived on this day or later (INTERNALDATE, in the server's zone)."""
        return self._described(self._uids_from(1, f" SINCE {format_criteria_date(day).decode()}"))

    def _uids_from(self, low: int, also: str = "", most: int | None = None) -> list[int]:
        """In parts where a folder is large: the whole may be a longer line than can be read."""
        assert self._folder is not None
        self._ask(self._open_client._imap.noop)  # what came meanwhile may be told only now
        found: list[int] = []
        while most is None or len(found) < most:
            if self._folder.count <= MOST_IN_A_SEARCH or low + MOST_IN_A_SEARCH >= self._uidnext:
                # gives the last one, too, where that is before `low` (RFC 3501 §9)
                rest = self._searched(f"UID {low}:*{also}")
                return (found + sorted(uid for uid in rest if uid >= low))[:most]
            found += sorted(self._searched(f"UID {low}:{low + MOST_IN_A_SEARCH - 1}{also}"))
            low += MOST_IN_A_SEARCH
        return found[:most]

    def _searched(self, criteria: str) -> set[int]:
        return set(self._ask(self._open_client.search, criteria))

    def _described(self, uids: Sequence[int]) -> list[Found]:
        found = []
        for some in _parts(uids, SIZES_AT_ONCE):
            rows = self._rows(some, "RFC822.SIZE", "INTERNALDATE")
            there = rows.keys() | self._still_there([uid for uid in some if uid not in rows])
            for uid in some:
                if uid in there:
                    row = rows.get(uid, {})
                    found.append(Found(str(uid), _size(row), _arrived_at(row)))
        return found

    def _still_there(self, uids: Sequence[int]) -> set[int]:
        """Which of these mails the server says it has, though it did not give them out."""
        there = set[int]()
        for some in _parts(uids, DISPOSED_AT_ONCE):
            there |= self._searched(f"UID {','.join(map(str, some))}") & set(some)
        return there

    def _rows(self, uids: Collection[int], *wanted: str) -> dict[int, dict[bytes, Any]]:
        """Of the mails that the server gives out; empty where it refuses (RFC 5530 EXPUNGEISSUED).

        What it says unasked of other mails, or of these, is passed over.
        """
        first = wanted[0].replace(".PEEK", "").encode()
        try:
            rows = self._ask(self._open_client.fetch, list(uids), list(wanted))
        except _No:
            self._client._imap.untagged_responses.clear()  # part of the answer
            return {}
        return {uid: row for uid, row in rows.items() if row.get(first) is not None}

    # Fetching

    def fetch(self, uids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """The raw bytes by BODY.PEEK[], which sets no flag; see `mailbox.Mailbox`."""
        not_given: list[int] = []
        for some in _parts([int(uid) for uid in uids], SIZES_AT_ONCE):
            rows = self._rows(some, "RFC822.SIZE")
            for batch in _batches([(uid, _size(rows.get(uid, {}))) for uid in some]):
                try:
                    given = self._bodies(batch)
                except MailboxTrouble as trouble:
                    trouble.uids = tuple(map(str, batch))
                    raise
                yield from ((str(uid), body) for uid, body in given.items())
                not_given += [uid for uid in batch if uid not in given]
        if there := sorted(self._still_there(not_given)):
            raise self._not_given(there)

    def _bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Of the mails that are given out; one by one where a batch is not given out whole."""
        rows = self._rows(uids, "BODY.PEEK[]", "RFC822.SIZE")
        bodies = {uid: body for uid, row in rows.items() if (body := self._body(uid, row))}
        missing = [uid for uid in uids if uid not in rows]
        if missing and len(uids) > 1:
            for uid in missing:
                bodies |= self._bodies([uid])
        empty = {uid: b"" for uid, row in rows.items() if row[b"BODY[]"] == b"" and not _size(row)}
        return bodies | empty

    def _body(self, uid: int, row: dict[bytes, Any]) -> bytes | None:
        """The mail; None: what came is not the whole mail, as far as can be known.

        Some servers only guess RFC822.SIZE. Where it differs, the mail is asked for once more, and
        what comes twice is the mail: a literal that was cut wrongly would differ.
        """
        body = row[b"BODY[]"]
        if not isinstance(body, bytes):
            raise self._lost(ValueError("a body that is none"))
        if len(body) == _size(row):
            return body
        again = self._rows([uid], "BODY.PEEK[]").get(uid, {}).get(b"BODY[]")
        return body if again == body else None

    def header(self, uid: str) -> bytes:
        """The header by BODY.PEEK[HEADER]; empty: the mail is there no more."""
        row = self._rows([int(uid)], "BODY.PEEK[HEADER]").get(int(uid), {})
        header = row.get(b"BODY[HEADER]", b"")
        if not header and self._still_there([int(uid)]):
            raise self._not_given([int(uid)])
        return bytes(header)

    def _not_given(self, uids: Sequence[int]) -> MailboxTrouble:
        why = sentence("Mails that %1 does not give out: %2.", self._where.host, len(uids))
        return MailboxTrouble(why, uids=[str(uid) for uid in uids])

    # Waiting

    def wait(self, seconds: float, wake: socket.socket) -> bool:
        """IDLE until something happens; see `mailbox.Mailbox`."""
        if not self.can_wait:
            return False
        while seconds > 0 and not self._ask(self._idle, min(seconds, RENEW_SECONDS), wake):
            seconds -= RENEW_SECONDS
        return True

    def _idle(self, seconds: float, wake: socket.socket) -> bool:
        """One IDLE (RFC 2177); whether it ended before its time.

        An end that is closed, or a BYE, is found before anything is said to it: on a dead
        connection IMAPClient's own `idle_check` gives nothing for ever, and `idle_done` may hang.
        """
        imap = self._open_client._imap
        tag = imap._command("IDLE")
        while imap._get_response() is not None:  # what is said before it is ready
            if imap.tagged_commands[tag]:
                raise exceptions.IMAPClientError("IDLE was refused")
        heard = self._stream.arrived() or self._stream.hears(wake, seconds)
        if re.search(rb"^\* BYE", self._stream.arrived(), re.MULTILINE | re.IGNORECASE):
            raise exceptions.IMAPClientAbortError("BYE")
        imap.send(b"DONE\r\n")
        while not imap.tagged_commands[tag]:
            imap._get_response()
        kind, data = imap.tagged_commands.pop(tag)
        imap.untagged_responses.clear()  # all of it is asked for anew, by uid
        if kind != "OK":
            raise exceptions.IMAPClientError(f"IDLE failed: {data}")
        return bool(heard)

    # Disposing

    def dispose(self, uids: Sequence[str], how: Disposal) -> None:
        """Flag, move or delete, by uid; see `mailbox.Mailbox`.

        Without UIDPLUS (RFC 4315) a deleted mail is only flagged: a plain EXPUNGE would remove
        what others have flagged.
        """
        assert self._folder is not None
        if how.way is Way.KEEP or not uids:
            return
        before = self._folder
        found = self._selected(before.name, readonly=False)
        if found.get(b"UIDVALIDITY") != before.uidvalidity:
            self._drop()
            why = sentence("Folder %1 on %2 was made anew.", before.name, self._where.host)
            raise MailboxTrouble(why)
        for some in _parts([int(uid) for uid in uids], DISPOSED_AT_ONCE):
            if how.way is Way.SEEN:
                self._ask(self._client.add_flags, some, [imapclient.SEEN], silent=True)
            elif how.way is Way.MOVE:
                self._move(some, how.folder)
            else:
                self._delete(some)
        self.folder(before.name)

    def _move(self, uids: Sequence[int], folder: str) -> None:
        can_move = self._ask(self._client.has_capability, "MOVE")
        if not can_move:  # what was copied before may still be there, flagged
            uids = sorted(self._searched(f"UNDELETED UID {','.join(map(str, uids))}"))
        try:
            if uids:
                self._ask(self._client.move if can_move else self._client.copy, uids, folder)
        except _No as no:
            why = sentence("Mail on %1 cannot be moved to folder %2.", self._where.host, folder)
            raise MailboxTrouble(why, lasting=no.code not in PASSING) from no
        if uids and not can_move:
            self._delete(uids)

    def _delete(self, uids: Sequence[int]) -> None:
        self._ask(self._client.add_flags, uids, [imapclient.DELETED], silent=True)
        if self._ask(self._client.has_capability, "UIDPLUS"):
            self._ask(self._client.uid_expunge, uids)

    # What goes wrong

    @property
    def _open_client(self) -> Any:
        assert self._client is not None, "the mailbox is not open"
        return self._client

    def _ask(self, call: Callable[..., T], *values: object, **more: object) -> T:
        """Let IMAPClient do something; its errors, and those of what it stands on, are ours."""
        if self._client is not None:
            self._stream.begin()
        try:
            return call(*values, **more)
        except MailboxTrouble:
            raise
        except exceptions.IMAPClientReadOnlyError as error:
            self._drop()
            why = sentence("Mail on %1 may be read, but not changed.", self._where.host)
            raise MailboxTrouble(why, lasting=True) from error
        except exceptions.IMAPClientError as error:
            real = error.__context__ if isinstance(error, exceptions.LoginError) else error
            if isinstance(real, exceptions.IMAPClientAbortError | exceptions.ProtocolError):
                raise self._lost(real) from error
            raise _No(self._where.host, _code(error)) from error
        except (OSError, *NONSENSE) as error:
            raise self._lost(error) from error

    def _lost(self, error: Exception) -> MailboxTrouble:
        self._drop()
        is_nonsense = "unexpected" in str(error)  # imaplib's word for it
        if isinstance(error, exceptions.IMAPClientAbortError) and not is_nonsense:
            error = ConnectionError()
        return endpoint.network_trouble(self._where.host, error)


def _parts(uids: Sequence[int], most: int) -> Iterator[list[int]]:
    for start in range(0, len(uids), most):
        yield list(uids[start : start + most])


def _batches(sized: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """In order, neither too many nor too large together."""
    batch, total = list[int](), 0
    for uid, size in sized:
        if batch and (len(batch) == MAILS_AT_ONCE or total + size > BYTES_AT_ONCE):
            yield batch
            batch, total = [], 0
        batch.append(uid)
        total += size
    if batch:
        yield batch


def _size(row: dict[bytes, Any]) -> int:
    size = row.get(b"RFC822.SIZE")
    return size if isinstance(size, int) else 0


def _arrived_at(row: dict[bytes, Any]) -> datetime | None:
    arrived_at = row.get(b"INTERNALDATE")
    if not isinstance(arrived_at, datetime):
        return None
    try:
        arrived_at.astimezone(UTC)
        return arrived_at.replace(tzinfo=timezone(arrived_at.utcoffset() or timedelta()))
    except (ValueError, OverflowError):  # a zone, or a year, that is none
        return None


def _code(error: Exception) -> str:
    """The response code of a refusal (RFC 5530): `AUTHENTICATIONFAILED`; empty: it has none."""
    found = re.search(r"\[([A-Z][A-Z-]{0,40})[ \]]", str(error))
    return found[1] if found else ""


def _no_starttls(host: str) -> Sentence:
    return sentence("%1 offers no STARTTLS: use imaps:// or ask who runs it.", host)


def _refused_log_in(host: str, code: str, *, by_token: bool) -> Sentence:
    if code in PASSING:
        return sentence("%1 lets nobody log in now (%2).", host, code)
    if by_token:
        return sentence("%1 refuses the access token: allow the access once more.", host)
    return sentence("%1 refuses the log in: check user and password.", host)
