"""What is the same of every mail server that is spoken to: TLS, and what went wrong."""

import socket
import ssl

from ace_server.email.mailbox import MailboxTrouble
from ace_server.sentences import sentence


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
