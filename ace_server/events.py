"""What changed, told inside one process to whoever asked for that kind of change.

An event is told after the commit that made it true.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from ace_server.concepts import Site
from ace_server.contact import State
from ace_server.store.contacts import OpenContact

E = TypeVar("E")


class Queued(msgspec.Struct, frozen=True):
    """A contact waits in a queue, or for one agent, that it did not wait in before."""

    contact: OpenContact


class Buffered(msgspec.Struct, frozen=True):
    """A contact was taken in and could not be queued."""

    entrance: str


class Moved(msgspec.Struct, frozen=True):
    """A contact of this entrance left one state for another."""

    contact: int
    entrance: str
    before: State
    after: State


class AgentChanged(msgspec.Struct, frozen=True):
    """An agent is doing something else now."""

    login: str


class MailPending(msgspec.Struct, frozen=True):
    """Mails of an account are to be analysed: its Email Server looks (EM-2)."""

    account: str


class MailDue(msgspec.Struct, frozen=True):
    """A mail of an account may be sent now: its Email Server looks (EM-10)."""

    account: str


class MailChanged(msgspec.Struct, frozen=True):
    """Something about an account's mail is different: its state, the ledger or the outbox."""

    account: str
    contact: int | None = None  # whose outgoing mail it is
    by: str = ""  # the login of its writer


class AccountsAssigned(msgspec.Struct, frozen=True):
    """Mail accounts were given to Email Servers anew (EM-11)."""


class Configured(msgspec.Struct, frozen=True):
    """The configuration is another one now."""

    site: Site


class Events:
    """Callbacks by the kind of event, called in the order in which they subscribed."""

    def __init__(self) -> None:
        self._callbacks: defaultdict[type, list[Callable[[Any], None]]] = defaultdict(list)

    def subscribe(self, kind: type[E], callback: Callable[[E], None]) -> None:
        """Call back for every event of this kind from now on."""
        self._callbacks[kind].append(callback)

    def publish(self, event: object) -> None:
        """Tell everybody who asked."""
        for callback in self._callbacks[type(event)]:
            callback(event)
