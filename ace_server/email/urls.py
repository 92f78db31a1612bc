"""Where a mail account's mailbox is: its URL, read once for who checks it and for who fetches.

A URL is `imaps://host`, `imap+starttls://host` or, on loopback only, `imap://host`, each with an
own port where it is not the usual one; likewise `pop3s`, `pop3+starttls`, `pop3`; or
`maildir:/path`. Nothing here connects to anything.
"""

from urllib.parse import unquote, urlsplit

import msgspec

from ace_server.errors import Refused
from ace_server.sentences import or_, sentence
from ace_server.tls import is_loopback

PORTS = {
    "imap": 143,
    "imap+starttls": 143,
    "imaps": 993,
    "pop3": 110,
    "pop3+starttls": 110,
    "pop3s": 995,
}
"""By scheme; what the registry of ports says."""

MAILDIR = "maildir"
FORMS = (
    "imaps://host",
    "imap+starttls://host",
    "pop3s://host",
    "pop3+starttls://host",
    "maildir:/path",
)


class Endpoint(msgspec.Struct, frozen=True):
    """A mail server, or the path of a maildir."""

    scheme: str
    host: str = ""
    port: int = 0
    path: str = ""

    @property
    def protocol(self) -> str:
        """`imap`, `pop3` or `maildir`."""
        return self.scheme.removesuffix("+starttls").removesuffix("s")

    @property
    def is_tls(self) -> bool:
        """Whether TLS comes before the first word."""
        return self.scheme in ("imaps", "pop3s")

    @property
    def is_starttls(self) -> bool:
        """Whether TLS begins before the log in."""
        return self.scheme.endswith("+starttls")

    def mailbox_of(self, user: str) -> str:
        """Which mailbox it is: the same, however it is reached."""
        return f"{user}@{self.host}" if self.host else self.path.rstrip("/")


def parse(url: str) -> Endpoint:
    """Read the URL of an account, or raise Refused (`invalid`)."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Refused("invalid", sentence("A mailbox is given as %1.", or_(FORMS))) from error
    if parts.query or parts.fragment:
        raise Refused("invalid", sentence("A mailbox is given as %1.", or_(FORMS)))
    if parts.scheme == MAILDIR:
        return _maildir(parts.netloc, unquote(parts.path))
    if parts.scheme not in PORTS or not host or parts.path.strip("/"):
        raise Refused("invalid", sentence("A mailbox is given as %1.", or_(FORMS)))
    if parts.username is not None or parts.password is not None:
        raise Refused("invalid", sentence("User and password are not part of a mailbox's address."))
    found = Endpoint(parts.scheme, host, port or PORTS[parts.scheme])
    if not (found.is_tls or found.is_starttls or is_loopback(host)):
        why = sentence("Mail from %1 must be read over TLS: write %2.", host, f"{parts.scheme}s://")
        raise Refused("invalid", why)
    return found


def _maildir(host: str, path: str) -> Endpoint:
    if host or not path.startswith("/"):
        raise Refused("invalid", sentence("A mailbox is given as %1.", or_(FORMS)))
    return Endpoint(MAILDIR, path=path)


def without_user(url: str) -> tuple[str, str]:
    """The URL of an account as `parse` reads it, and who logs in there. Raises ValueError."""
    parts = urlsplit(url)
    where = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=where).geturl(), unquote(parts.username or "")
