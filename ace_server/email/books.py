"""What fetching asks of the ledger and tells it, as messages: fetching is in another process.

Each is answered before the next of the same account is asked. Nothing here knows the ledger.
"""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import msgspec

from ace_server.email import urls
from ace_server.passwords import StoredSecret
from ace_server.sentences import Sentence
from ace_server.store.ledger import NewMail, Seen
from ace_server.store.mail_accounts import Fetching, Wish


class Oauth(msgspec.Struct, frozen=True):
    """How an account's access tokens are got."""

    token_url: str
    client_id: str
    secret: StoredSecret | None
    scope: str


class Account(msgspec.Struct, frozen=True):
    """All that fetching needs to know of a mail account; secrets are only referred to."""

    name: str
    url: str  # without the user
    user: str
    secret: StoredSecret | None
    oauth: Oauth | None
    ca_file: str
    folders: tuple[str, ...]
    poll_seconds: float
    since: date | None
    afterwards: str
    moved_to: str
    most_bytes: int

    @property
    def mailbox(self) -> str:
        """Which mailbox it is (`urls`). Raises Refused where the URL is none."""
        return urls.parse(self.url).mailbox_of(self.user)


class AskFolder(msgspec.Struct, frozen=True, tag=True):
    """How far has this folder been read? Answered by a `Seen` or None."""

    account: str
    folder: str


class AskUnknown(msgspec.Struct, frozen=True, tag=True):
    """Which of these uids of a folder are not in the ledger? Answered by a list of them."""

    seen: Seen
    uids: Sequence[str]


class AskSettled(msgspec.Struct, frozen=True, tag=True):
    """Which mails of a folder are to be disposed of? Answered by a list of ids and uids.

    The first of those behind the mail `after`, in order.
    """

    seen: Seen
    after: int = 0


class Disposed(msgspec.Struct, frozen=True, tag=True):
    """What the account says was done to these mails. Answered when that is known."""

    mails: Sequence[int]


class AskRoom(msgspec.Struct, frozen=True, tag=True):
    """How many more mails may be fetched (RO-9)? Answered by a number."""


class AskWanted(msgspec.Struct, frozen=True, tag=True):
    """Which days are to be fetched, too? Answered by a `Wish` or None."""

    account: str


class Fulfilled(msgspec.Struct, frozen=True, tag=True):
    """What was wanted is in the ledger. Answered when that is known."""

    account: str
    wish: Wish


class Note(msgspec.Struct, frozen=True, tag=True):
    """Mails whose raw bytes are durable. Answered when they stand in the ledger."""

    seen: Seen
    mails: Sequence[NewMail]


class Tell(msgspec.Struct, frozen=True, tag=True):
    """How an account is doing."""

    account: str
    state: Fetching
    fetched: bool = False
    trouble: Sentence | None = None


Question = (
    AskFolder | AskUnknown | AskSettled | Disposed | AskRoom | AskWanted | Fulfilled | Note | Tell
)


class Books(Protocol):
    """Whatever answers these, for a thread that waits."""

    def ask(self, question: Question) -> object:
        """The answer. Raises Unavailable while the store cannot be used, or fetching is to end."""
        ...
