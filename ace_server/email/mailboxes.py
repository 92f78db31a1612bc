"""Picks the kind of mailbox that the URL of an account names."""

from ace_server.email.endpoint import MAILDIR, parse
from ace_server.email.imap import ImapMailbox
from ace_server.email.mailbox import Login, Mailbox, MailboxTrouble
from ace_server.email.maildir import MaildirMailbox
from ace_server.email.pop3 import Pop3Mailbox
from ace_server.errors import Refused

SECONDS = 30.0
"""How long a server may take for a connection, and for each answer (C-13)."""


def mailbox_at(
    url: str,
    login: Login,
    *,
    ca_file: str = "",
    connect_seconds: float = SECONDS,
    read_seconds: float = SECONDS,
) -> Mailbox:
    """The mailbox at this URL (its forms: `endpoint`), not open yet.

    `ca_file`: certificates of a site's own authority. Raises MailboxTrouble where the URL is none.
    """
    try:
        where = parse(url)
    except Refused as refused:
        raise MailboxTrouble(refused.sentence, lasting=True) from refused
    if where.scheme == MAILDIR:
        return MaildirMailbox(where)
    kind = ImapMailbox if where.protocol == "imap" else Pop3Mailbox
    return kind(
        where,
        login,
        ca_file=ca_file,
        connect_seconds=connect_seconds,
        read_seconds=read_seconds,
    )
