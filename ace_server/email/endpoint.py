"""Where a mail server is and how it is reached: the URL of an account, TLS, and what went wrong.

A URL is `imaps://host`, `imap+starttls://host` or, on loopback only, `imap://host`, each with an
own port where it is not the usual one; likewise `pop3s`, `pop3+starttls`, `pop3`; or
`maildir:/path`. It never holds a user or a password.
"""

import socket
import ssl
from urllib.parse import unquote, urlsplit

import msgspec

from ace_server.email.mailbox import MailboxTrouble
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


def parse(url: str) -> Endpoint:
    """Read the URL of an account, or raise Refused (`invalid`)."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise Refused("invalid", sentence("A mailbox is given as %1.", or_(FORMS))) from error
    if parts.scheme == MAILDIR:
        return _maildir(parts.netloc, unquote(parts.path))
    if parts.scheme not in PORTS or not host or parts.path.strip("/") or parts.query:
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


def tls(ca_file: str = "") -> ssl.SSLContext:
    """Checks certificates and names; of a site's own authority, where its file is given (G-6).

    Raises MailboxTrouble where that file cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        why = sentence("The certificates in %1 cannot be used: check that file.", ca_file)
        raise MailboxTrouble(why, lasting=True) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def network_trouble(host: str, error: Exception) -> MailboxTrouble:
    """What an error of a socket, or of what speaks on it, means to a person."""
    if isinstance(error, ssl.SSLCertVerificationError):
        why = sentence("The certificate of %1 is not to be trusted: %2.", host, _why(error))
        return MailboxTrouble(why, lasting=True)
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return MailboxTrouble(sentence("%1 and this server agree on no secure connection.", host))
    if isinstance(error, socket.gaierror):
        return MailboxTrouble(sentence("There is no server %1 to be found: check its name.", host))
    if isinstance(error, TimeoutError):
        return MailboxTrouble(sentence("%1 does not answer.", host))
    if isinstance(error, ConnectionRefusedError):
        why = sentence("%1 takes no connection: check that it runs, and the port.", host)
        return MailboxTrouble(why)
    if isinstance(error, OSError):
        return MailboxTrouble(sentence("The connection to %1 was lost.", host))
    return MailboxTrouble(sentence("%1 said what cannot be understood.", host))


def _why(error: ssl.SSLCertVerificationError) -> str:
    return str(getattr(error, "verify_message", "")).rstrip(".") or "it could not be checked"
