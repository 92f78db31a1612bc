"""Picks the kind of mailbox that the URL of an account names."""

from ace_server.clock import Clock
from ace_server.email.books import Account
from ace_server.email.imap import ImapMailbox
from ace_server.email.mailbox import MOST_BYTES, Login, Mailbox, MailboxTrouble
from ace_server.email.maildir import MaildirMailbox
from ace_server.email.oauth import Tokens
from ace_server.email.pop3 import Pop3Mailbox
from ace_server.email.urls import MAILDIR, parse
from ace_server.errors import Refused
from ace_server.references import exchange, referred

SECONDS = 30.0
"""How long a server may take for a connection, and for each answer (C-13)."""


def mailbox_of(account: Account, clock: Clock) -> Mailbox:
    """The mailbox of an account, not open yet. Raises MailboxTrouble."""
    login = Login(account.user, referred(account.secret), _tokens(account, clock))
    most = account.most_bytes
    return mailbox_at(account.url, login, ca_file=account.ca_file, most_bytes=most)


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


def mailbox_at(
    url: str,
    login: Login,
    *,
    ca_file: str = "",
    connect_seconds: float = SECONDS,
    read_seconds: float = SECONDS,
    most_bytes: int = MOST_BYTES,
) -> Mailbox:
    """The mailbox at this URL (its forms: `urls`), not open yet.

    `ca_file`: certificates of a site's own authority. `most_bytes`: the longest mail that is
    fetched whole; an answer that is much longer is not listened to. Raises MailboxTrouble where
    the URL is none.
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
        most_bytes=most_bytes,
    )
