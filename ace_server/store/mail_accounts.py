"""How the mail accounts are doing, and which Email Servers are alive (EM-1, EM-11).

Every function is a job.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from ace_server.sentences import Sentence
from ace_server.store.ledger import read_sentence, write_sentence
from ace_server.store.models import EmailServer, MailAccountState, rows


class Fetching(StrEnum):
    """What an Email Server is doing about an account."""

    WAITING = "waiting"  # it is given to no Email Server, or has not been begun with
    CONNECTING = "connecting"
    FETCHING = "fetching"
    IDLE = "idle"  # everything is fetched
    HELD_BACK = "held back"  # there is no room for more mail (RO-9)
    TROUBLE = "trouble"  # tried again by itself, with growing pauses
    STOPPED = "stopped"  # only a person can mend it; tried again now and then


class AccountState(NamedTuple):
    """One account, as it was told last."""

    account: str
    server: str
    state: str
    since: datetime
    fetched_at: datetime | None
    trouble: Sentence | None


def tell(
    account: str,
    state: Fetching,
    at: datetime,
    *,
    fetched: bool = False,
    trouble: Sentence | None = None,
) -> None:
    """Say how an account is doing; `fetched`: everything that was there is in the ledger."""
    changes: dict[str, object] = {
        "state": state,
        "since": at,
        "trouble": write_sentence(trouble),
    }
    if fetched:
        changes["fetched_at"] = at
    if not MailAccountState.update(**changes).where(MailAccountState.account == account).execute():
        MailAccountState.insert(account=account, **changes).execute()


def states() -> dict[str, AccountState]:
    """Every account that something was told of."""
    query = MailAccountState.select(
        *(getattr(MailAccountState, name) for name in AccountState._fields)
    )
    return {
        row[0]: AccountState(*row)._replace(trouble=read_sentence(row[5])) for row in rows(query)
    }


def assign(servers: Mapping[str, str], at: datetime) -> None:
    """Give accounts to Email Servers: account = name; empty: to none."""
    known = dict(rows(MailAccountState.select(MailAccountState.account, MailAccountState.server)))
    for account, server in servers.items():
        if account not in known:
            MailAccountState.insert(
                account=account, server=server, state=Fetching.WAITING, since=at
            ).execute()
        elif known[account] != server:
            MailAccountState.update(server=server).where(
                MailAccountState.account == account
            ).execute()


def of_server(server: str) -> list[str]:
    """The accounts that are given to an Email Server."""
    query = MailAccountState.select(MailAccountState.account).where(
        MailAccountState.server == server
    )
    return [account for (account,) in rows(query.order_by(MailAccountState.account))]


def beat(server: str) -> None:
    """An Email Server is at work."""
    if (
        not EmailServer.update(beat=EmailServer.beat + 1)
        .where(EmailServer.name == server)
        .execute()
    ):
        EmailServer.insert(name=server).execute()


def leave(server: str) -> None:
    """An Email Server stops: its accounts are given to others at once."""
    EmailServer.delete().where(EmailServer.name == server).execute()


def beats() -> dict[str, int]:
    """The Email Servers that have not stopped; one whose number stays is not at work (EM-11)."""
    return dict(rows(EmailServer.select(EmailServer.name, EmailServer.beat)))
