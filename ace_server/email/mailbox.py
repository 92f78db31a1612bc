"""What a mailbox is, whatever server or folder on disk it lies on (EM-1, EM-2).

Nothing here touches a network or a disk: `imap`, `pop3` and `maildir` do, and `mailboxes` picks
the one that an account names.
"""

import socket
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

import msgspec

from ace_server.errors import Unavailable
from ace_server.sentences import Sentence

INBOX = "INBOX"
"""The folder that every mailbox has."""

MOST_BYTES = 512 * 1024 * 1024
"""Of the longest mail that is fetched whole, where nobody says another."""

MARGIN = 16 * 1024 * 1024
"""Bytes by which an answer may be longer than the longest mail: several mails may come together,
and what a server says of their sizes may be a guess."""


class MailboxTrouble(Unavailable):
    """The mailbox cannot be read or changed now; nothing was lost, and trying again is right.

    `sentence` says to a person what is wrong and what to do; it holds no secret. `lasting`: trying
    again is of no use until somebody acts (password, certificate, folder, setting). `uids` are the
    mails that it is about: while the mailbox is open, these alone are not given out; otherwise they
    were being fetched, and one of them may be the reason: fetch each alone next time. From
    `dispose`: to these it may not have been done, and to the others it was.
    """

    def __init__(
        self, sentence: Sentence, *, lasting: bool = False, uids: Sequence[str] = ()
    ) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.lasting = lasting
        self.uids: tuple[str, ...] = tuple(uids)


class Folder(msgspec.Struct, frozen=True, gc=False):
    """A folder as it was found. Uids mean something only together with `uidvalidity`."""

    name: str
    uidvalidity: int  # 0 where there is none (POP3, maildir)
    count: int  # mails in it


class Found(msgspec.Struct, frozen=True, gc=False):
    """A mail that lies in the folder, not fetched yet."""

    uid: str
    size: int  # bytes, as the server says; some only guess
    # With the server's own offset, since its days go by that (`Mailbox.since`); None where it does
    # not say, or says nonsense.
    arrived_at: datetime | None


class Way(StrEnum):
    """What is done to a mail on its server when its outcome is committed."""

    KEEP = "keep"
    SEEN = "seen"
    MOVE = "move"
    DELETE = "delete"


class Disposal(msgspec.Struct, frozen=True):
    """A way, and for `MOVE` the folder to which."""

    way: Way
    folder: str = ""


class AccessTokens(Protocol):
    """Where access tokens come from (OAuth 2); `oauth.Tokens` is one.

    Both raise MailboxTrouble.
    """

    def token(self) -> str:
        """A token that should still be valid."""
        ...

    def renewed(self) -> str:
        """Another one, since the mail server refused the last."""
        ...


class Login:
    """By whom, and with what, a mailbox is opened: a password, or tokens."""

    def __init__(self, user: str, password: str = "", tokens: AccessTokens | None = None) -> None:
        self.user = user
        self.password = password
        self.tokens = tokens

    def __repr__(self) -> str:
        return "Login(...)"  # never a secret in a traceback or a log


class Mailbox(Protocol):
    """A mailbox on a server. It belongs to one thread, which waits for every answer.

    Looking at it changes nothing on the server, no flag either. Every method but `close` raises
    MailboxTrouble, and nothing else on account of a server; `is_open` says whether one can go on
    (a folder that is not there, a mail that is not given out) or must open it again.
    """

    @property
    def ordered(self) -> bool:
        """True: uids are growing numbers, a cursor is enough. False: all are listed each time."""
        ...

    @property
    def is_open(self) -> bool:
        """Whether it is connected, as far as is known."""
        ...

    @property
    def can_wait(self) -> bool:
        """Whether the server tells of new mails (`wait`); known once it is open."""
        ...

    @property
    def is_exclusive(self) -> bool:
        """Whether nobody else can use it while it is open (POP3 locks it, RFC 1939 §3)."""
        ...

    def open(self) -> None:
        """Connect and log in; what was open is closed before."""
        ...

    def folder(self, name: str) -> Folder:
        """Look into a folder: what follows is about it. Its name is as people read it."""
        ...

    def listing(self, after: int = 0, most: int | None = None) -> list[Found]:
        """The mails that lie there now, oldest first, whatever their flags.

        Where the mailbox is ordered: those whose uid is greater than `after`, at most the `most`
        first of them, ascending by uid. Otherwise all, and both are ignored.
        """
        ...

    def since(self, day: date) -> list[Found]:
        """The mails that arrived on this day or later; all, where the server knows no dates.

        The day is the server's: its own time zone decides, as it does in `Found.arrived_at`.
        """
        ...

    def fetch(self, uids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """The raw bytes of these mails, each as it becomes known.

        A mail that is not there any more is not yielded. Those that the server does not give out
        though they are there are raised as the `uids` of a MailboxTrouble, after all the others.
        """
        ...

    def header(self, uid: str) -> bytes:
        """The header of one mail, with the blank line that ends it; empty: it is there no more."""
        ...

    def wait(self, seconds: float, wake: socket.socket) -> bool:
        """Wait until something happens in the folder, `wake` can be read, or `seconds` are over.

        True: look at the folder again. False: the server does not tell; nothing was waited for.
        """
        ...

    def dispose(self, uids: Sequence[str], how: Disposal) -> None:
        """Do this to mails whose outcome is committed; those that are there no more do not matter.

        Done again it does no harm. It may be closed afterwards.
        """
        ...

    def close(self) -> None:
        """Log out, where that is possible; never raises."""
        ...
