"""A mailbox on a POP3 server (RFC 1939): its mails are known by UIDL alone.

poplib speaks, but for the answers of many lines, which are read here byte for byte: it refuses a
line of more than 2,048 bytes, takes a bare LF for the end of one, and forgets how each ended.
"""

import base64
import poplib
import re
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from typing import TypeVar

from ace_server.email import endpoint
from ace_server.email.mailbox import (
    INBOX,
    MARGIN,
    MOST_BYTES,
    Disposal,
    Folder,
    Found,
    Login,
    MailboxTrouble,
    Way,
)
from ace_server.email.urls import Endpoint
from ace_server.sentences import Sentence, sentence

T = TypeVar("T")

LARGEST_TABLE = 64 * 1024 * 1024
"""Bytes of a list of mails: it has many rows, and each takes memory."""

CHUNK = 64 * 1024

PASSING = re.compile(r"\[(IN-USE|LOGIN-DELAY|SYS/TEMP)\]", re.IGNORECASE)
"""Codes of a refusal that ends by itself (RFC 2449 §8, RFC 3206)."""

NONSENSE = (ValueError, LookupError, TypeError, AttributeError)
"""What an answer leads to in poplib that it does not understand."""

END = b".\r\n"


class _Session(poplib.POP3):
    """A connection, secured from its first byte where there is a context."""

    def __init__(
        self, host: str, port: int, timeout: float, context: ssl.SSLContext | None
    ) -> None:
        self._context = context
        try:
            super().__init__(host, port, timeout)
        except BaseException:
            if hasattr(self, "file"):  # connected, but no welcome
                self.close()
            raise

    def _create_socket(self, timeout: float) -> socket.socket:
        made: socket.socket = super()._create_socket(timeout)  # type: ignore[misc]  # not declared
        if self._context is None:
            return made
        return self._context.wrap_socket(made, server_hostname=self.host)

    def short(self, command: str) -> bytes:
        """An answer of one line."""
        return bytes(self._shortcmd(command))  # type: ignore[attr-defined]  # not declared

    def long(self, command: str, most: int) -> bytes:
        """An answer of many lines, byte for byte, dots unstuffed (RFC 1939 §3).

        One of more than `most` bytes is nonsense.
        """
        self.short(command)
        answer = bytearray()
        is_start = True  # of a line, which only CR and LF end
        while True:
            piece = self.file.readline(CHUNK)
            if not piece:
                raise ConnectionError
            if is_start and piece == END:
                return bytes(answer)
            answer += piece[1:] if is_start and piece.startswith(b".") else piece
            if len(answer) > most:
                raise ValueError("an answer that is too large")
            is_start = answer.endswith(b"\r\n")


class _No(MailboxTrouble):
    """The server refused one command (`-ERR`), and goes on."""

    def __init__(self, host: str, *, passing: bool) -> None:
        super().__init__(sentence("%1 refuses what mail is read with (%2).", host, "-ERR"))
        self.passing = passing


class Pop3Mailbox:
    """A `mailbox.Mailbox` on a POP3 server. One session sees one list: `listing` begins anew."""

    ordered = False
    can_wait = False
    is_exclusive = True

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
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._most_bytes = most_bytes
        self._session: _Session | None = None
        self._numbers: dict[str, list[int]] | None = None  # in this session; copies share a uid
        self._is_listed = False  # in this session; some servers let nobody log in twice a minute

    @property
    def is_open(self) -> bool:
        """Whether it is connected, as far as is known."""
        return self._session is not None

    # Coming and going

    def open(self) -> None:
        """Connect, secure the connection and log in; see `mailbox.Mailbox`."""
        self.close()
        try:
            self._connect()
            self._log_in()
        except MailboxTrouble:
            self._drop()
            raise

    def _connect(self) -> None:
        where = self._where
        context = endpoint.tls(self._ca_file) if where.is_tls or where.is_starttls else None
        first = context if where.is_tls else None
        seconds = self._connect_seconds
        self._session = self._ask(_Session, where.host, where.port, seconds, first)
        if where.is_starttls:
            try:
                self._ask(self._session.stls, context)
            except _No as no:
                why = sentence(
                    "%1 offers no STARTTLS: use pop3s:// or ask who runs it.", where.host
                )
                raise MailboxTrouble(why, lasting=True) from no
        self._open_session.sock.settimeout(self._read_seconds)

    def _log_in(self) -> None:
        tokens = self._login.tokens
        try:
            if tokens is None:
                return self._by_password()
            token = tokens.token()
            try:
                self._by_token(token)
            except _No as no:
                if no.passing:
                    raise
                self._by_token(tokens.renewed())
        except _No as no:
            raise self._refused_log_in(no.passing, by_token=tokens is not None) from no

    def _by_password(self) -> None:
        user, password = self._login.user, self._login.password
        if not (user + password).isprintable():
            why = sentence("User and password for %1 must be one line each.", self._where.host)
            raise MailboxTrouble(why, lasting=True)
        self._ask(self._open_session.user, user)
        self._ask(self._open_session.pass_, password)

    def _by_token(self, token: str) -> None:
        """In two steps, since a token is longer than a line may be (RFC 5034 §4)."""
        said = f"user={self._login.user}\1auth=Bearer {token}\1\1".encode()
        self._ask(self._open_session.short, "AUTH XOAUTH2")
        answer = self._ask(self._open_session.short, base64.b64encode(said).decode())
        if not answer.startswith(b"+OK"):  # it says why, and wants an answer before the -ERR
            self._ask(self._open_session.short, "")
            raise self._lost(ValueError("a token that is neither taken nor refused"))

    def close(self) -> None:
        """Log out, where that is possible; never raises, and deletes nothing.

        RSET first: at QUIT some servers flag what was read as seen.
        """
        if self._session is not None:
            with suppress(MailboxTrouble):
                self._ask(self._session.rset)
                self._ask(self._session.quit)
            self._drop()

    def _drop(self) -> None:
        session, self._session = self._session, None
        self._numbers, self._is_listed = None, False
        if session is not None:
            with suppress(OSError):
                session.close()

    # Looking

    def folder(self, name: str) -> Folder:
        """The inbox; POP3 has no other folder."""
        if name.upper() != INBOX:
            why = sentence("%1 has no folders: POP3 reads the inbox only.", self._where.host)
            raise MailboxTrouble(why, lasting=True)
        return Folder(INBOX, 0, len(self._listed()))

    def listing(self, after: int = 0, most: int | None = None) -> list[Found]:
        """All mails that lie there now; in a new session, where this one was asked before."""
        if self._is_listed:
            self.open()
        self._is_listed = True
        numbers = self._listed()
        table = self._table("LIST")
        sizes = self._ask(lambda: {number: int(size) for number, size in table})
        return [Found(uid, sizes.get(same[0], 0), None) for uid, same in numbers.items()]

    def since(self, day: date) -> list[Found]:
        """All: POP3 knows no dates."""
        return self.listing()

    def _listed(self) -> dict[str, list[int]]:
        """Identical mails may have one uid between them (RFC 1939 §7)."""
        if self._numbers is None:
            found: dict[str, list[int]] = {}
            try:
                table = self._table("UIDL")
            except _No as no:
                why = sentence("%1 has no UIDL: use IMAP, or another server.", self._where.host)
                raise MailboxTrouble(why, lasting=True) from no
            for number, uid in table:
                found.setdefault(uid, []).append(number)
            self._numbers = found
        return self._numbers

    def _table(self, command: str) -> list[tuple[int, str]]:
        rows = self._ask(self._open_session.long, command, LARGEST_TABLE).decode(
            "ascii", "backslashreplace"
        )
        return self._ask(lambda: [_row(row) for row in rows.splitlines()])

    # Fetching

    def fetch(self, uids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """The raw bytes by RETR; see `mailbox.Mailbox`."""
        not_given = []
        for uid in uids:
            numbers = self._listed().get(uid)
            if numbers:
                try:
                    mail = self._long(f"RETR {numbers[0]}")
                except _No:
                    not_given.append(uid)
                    continue
                except MailboxTrouble as trouble:
                    trouble.uids = (uid,)
                    raise
                yield uid, mail
        if not_given:
            self.open()
            self._raise_not_given([uid for uid in not_given if uid in self._listed()])

    def header(self, uid: str) -> bytes:
        """The header by TOP; empty: the mail is there no more."""
        numbers = self._listed().get(uid)
        if not numbers:
            return b""
        try:
            return self._long(f"TOP {numbers[0]} 0")
        except _No:
            self.open()
            self._raise_not_given([uid] if uid in self._listed() else [])
            return b""

    def _long(self, command: str) -> bytes:
        return self._ask(self._open_session.long, command, self._most_bytes + MARGIN)

    def _raise_not_given(self, uids: Sequence[str]) -> None:
        if uids:
            host = self._where.host
            why = sentence("Mails that %1 does not give out: %2.", host, len(uids))
            raise MailboxTrouble(why, uids=uids)

    # Waiting and disposing

    def wait(self, seconds: float, wake: socket.socket) -> bool:
        """Waits for nothing: POP3 does not tell of new mails."""
        return False

    def dispose(self, uids: Sequence[str], how: Disposal) -> None:
        """Delete by DELE and QUIT, after which it is closed; POP3 has neither flags nor folders.

        Where none of them is there any more, nothing is done. After a refusal of QUIT nobody knows
        which of them are gone (RFC 1939 §6): the next session does.
        """
        if how.way is Way.KEEP or not uids:
            return
        host = self._where.host
        if how.way is not Way.DELETE:
            why = sentence("POP3 can only keep or delete mail: %1 knows nothing else.", host)
            raise MailboxTrouble(why, lasting=True)
        listed = self._listed()
        there = [uid for uid in uids if uid in listed]
        if not there:
            return
        with suppress(_No):
            self._ask(self._open_session.rset)  # lest QUIT flags as seen what was only read
        refused = [uid for uid in there if not self._is_marked(listed[uid])]
        try:
            self._ask(self._open_session.quit)
        except _No as no:
            raise _not_deleted(host, there, lasting=not no.passing) from no
        finally:
            self._drop()
        if refused:
            raise _not_deleted(host, refused, lasting=True)

    def _is_marked(self, numbers: Sequence[int]) -> bool:
        """Let these go at QUIT; whether all of them will."""
        is_refused = False
        for number in numbers:
            try:
                self._ask(self._open_session.dele, number)
            except _No:
                is_refused = True
        return not is_refused

    # What goes wrong

    @property
    def _open_session(self) -> _Session:
        assert self._session is not None, "the mailbox is not open"
        return self._session

    def _ask(self, call: Callable[..., T], *values: object, **more: object) -> T:
        """Let poplib do something; its errors, and those of what it stands on, are ours."""
        try:
            return call(*values, **more)
        except poplib.error_proto as error:
            raise self._meant(error) from error
        except (OSError, *NONSENSE) as error:
            raise self._lost(error) from error

    def _meant(self, error: poplib.error_proto) -> MailboxTrouble:
        """A refusal holds what the server said, as bytes; an error of poplib's own does not."""
        said = error.args[0] if error.args else ""
        if isinstance(said, bytes) and said[:4].upper() == b"-ERR":
            text = said.decode("ascii", "replace")
            return _No(self._where.host, passing=PASSING.search(text) is not None)
        is_end = said == "-ERR EOF"
        if isinstance(said, str) and said.startswith("-ERR") and not is_end:
            return _No(self._where.host, passing=False)  # STLS or CAPA that is not offered
        return self._lost(ConnectionError() if is_end else ValueError("nonsense"))

    def _lost(self, error: Exception) -> MailboxTrouble:
        self._drop()
        return endpoint.network_trouble(self._where.host, error)

    def _refused_log_in(self, passing: bool, *, by_token: bool) -> MailboxTrouble:
        host = self._where.host
        if passing:
            why: Sentence = sentence("%1 lets nobody log in now (%2).", host, "-ERR")
        elif by_token:
            why = sentence("%1 refuses the access token: allow the access once more.", host)
        else:
            why = sentence("%1 refuses the log in: check user and password.", host)
        return MailboxTrouble(why, lasting=not passing)


def _row(row: str) -> tuple[int, str]:
    number, value = row.split()[:2]
    return int(number), value


def _not_deleted(host: str, uids: Sequence[str], *, lasting: bool) -> MailboxTrouble:
    why = sentence("Mails that %1 does not delete: %2. Delete them there.", host, len(uids))
    return MailboxTrouble(why, lasting=lasting, uids=uids)
