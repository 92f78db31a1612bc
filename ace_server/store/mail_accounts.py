"""How the mail accounts are doing, and which Email Servers are alive (EM-1, EM-11).

Every function is a job.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
from peewee import EXCLUDED, Case

from ace_server.sentences import Sentence
from ace_server.store.ledger import read_sentence, write_sentence
from ace_server.store.models import EmailServer, MailAccountState, database, rows


class Fetching(StrEnum):
    """What an Email Server is doing about an account."""

    WAITING = "waiting"  # it is given to no Email Server, or has not been begun with
    CONNECTING = "connecting"
    FETCHING = "fetching"
    IDLE = "idle"  # everything is fetched
    HELD_BACK = "held back"  # there is no room for more mail (RO-9)
    TROUBLE = "trouble"  # tried again by itself, with growing pauses
    STOPPED = "stopped"  # only a person can mend it; tried again now and then


class Withheld(msgspec.Struct, frozen=True):
    """An automatic answer that a budget kept back: to whom, and why (EM-5)."""

    at: datetime
    said: Sentence


MOST_WITHHELD = 3
"""Answers kept back that are remembered of an account; the history has all of them."""


class AccountState(NamedTuple):
    """One account, as it was told last."""

    account: str
    server: str
    state: Fetching
    since: datetime  # when it came into this state
    fetched_at: datetime | None
    trouble: Sentence | None
    withheld: tuple[Withheld, ...] = ()  # the last ones, the newest first


def tell(
    account: str,
    state: Fetching,
    at: datetime,
    *,
    fetched: bool = False,
    trouble: Sentence | None = None,
) -> None:
    """Say how an account is doing; `fetched`: everything that was there is in the ledger."""
    goes_on = MailAccountState.state == EXCLUDED.state
    since = Case(None, [(goes_on, MailAccountState.since)], EXCLUDED.since)
    MailAccountState.insert(
        account=account,
        state=state,
        since=at,
        fetched_at=at if fetched else None,
        trouble=write_sentence(trouble),
    ).on_conflict(
        conflict_target=[MailAccountState.account],
        preserve=[
            MailAccountState.state,
            MailAccountState.trouble,
            *([MailAccountState.fetched_at] if fetched else []),
        ],
        update={MailAccountState.since: since},
    ).execute()


def states() -> dict[str, AccountState]:
    """Every account that something was told of."""
    query = MailAccountState.select(
        *(getattr(MailAccountState, name) for name in AccountState._fields)
    )
    return {row[0]: _state(AccountState(*row)) for row in rows(query)}


def _state(row: AccountState) -> AccountState:
    trouble: Any = row.trouble
    withheld: Any = row.withheld
    return row._replace(
        state=Fetching(row.state),
        trouble=read_sentence(trouble),
        withheld=_read_withheld(withheld),
    )


def _read_withheld(stored: str) -> tuple[Withheld, ...]:
    return msgspec.json.decode(stored, type=tuple[Withheld, ...]) if stored else ()


def withhold(account: str, why: Sentence, at: datetime) -> None:
    """Say that a budget kept an automatic answer back: to whom, and why (EM-5)."""
    here = MailAccountState.account == account
    query = MailAccountState.select(MailAccountState.withheld).where(here)
    if database.for_update:  # PostgreSQL; SQLite already holds the write lock (BEGIN IMMEDIATE)
        query = query.for_update()
    for (stored,) in rows(query):
        last = (Withheld(at, why), *_read_withheld(stored))[:MOST_WITHHELD]
        written = msgspec.json.encode(last).decode()
        MailAccountState.update(withheld=written).where(here).execute()


class Wish(NamedTuple):
    """Mails of these days are to be fetched, though they lie before what was fetched (EM-2)."""

    since: date
    before: date  # the day that is not among them any more


def want(account: str, wish: Wish, at: datetime) -> None:
    """Have these days fetched, too, and no others that were wanted before."""
    MailAccountState.insert(
        account=account,
        state=Fetching.WAITING,
        since=at,
        wanted_since=wish.since.isoformat(),
        wanted_before=wish.before.isoformat(),
    ).on_conflict(
        conflict_target=[MailAccountState.account],
        preserve=[MailAccountState.wanted_since, MailAccountState.wanted_before],
    ).execute()


def wanted(account: str) -> Wish | None:
    """Which days are still to be fetched, too."""
    columns = MailAccountState.wanted_since, MailAccountState.wanted_before
    found = rows(MailAccountState.select(*columns).where(MailAccountState.account == account))
    if not found or not found[0][0]:
        return None
    return Wish(*map(date.fromisoformat, found[0]))


def fulfil(account: str, wish: Wish) -> None:
    """These days were fetched; another wish that came meanwhile stays."""
    MailAccountState.update(wanted_since="", wanted_before="").where(
        MailAccountState.account == account,
        MailAccountState.wanted_since == wish.since.isoformat(),
        MailAccountState.wanted_before == wish.before.isoformat(),
    ).execute()


def forget(accounts: Sequence[str]) -> None:
    """These accounts are configured no more."""
    MailAccountState.delete().where(MailAccountState.account.in_(list(accounts))).execute()


def assign(servers: Mapping[str, str], at: datetime) -> None:
    """Give accounts to Email Servers: account = name; empty: to none.

    One that is given to another waits until that begins with it.
    """
    known = dict(rows(MailAccountState.select(MailAccountState.account, MailAccountState.server)))
    for account, server in sorted(servers.items()):
        if known.get(account) != server:
            _give(account, server, at)


def _give(account: str, server: str, at: datetime) -> None:
    MailAccountState.insert(
        account=account, server=server, state=Fetching.WAITING, since=at
    ).on_conflict(
        conflict_target=[MailAccountState.account],
        preserve=[
            MailAccountState.server,
            MailAccountState.state,
            MailAccountState.since,
            MailAccountState.trouble,
        ],
    ).execute()


def of_server(server: str) -> list[str]:
    """The accounts that are given to an Email Server."""
    query = MailAccountState.select(MailAccountState.account).where(
        MailAccountState.server == server
    )
    return [account for (account,) in rows(query.order_by(MailAccountState.account))]


def beat(server: str) -> None:
    """An Email Server is at work."""
    EmailServer.insert(name=server).on_conflict(
        conflict_target=[EmailServer.name], update={EmailServer.beat: EmailServer.beat + 1}
    ).execute()


def leave(server: str) -> None:
    """An Email Server stops: its accounts are given to others at once."""
    EmailServer.delete().where(EmailServer.name == server).execute()


def beats() -> dict[str, int]:
    """The Email Servers that have not stopped; one whose number stays is not at work (EM-11)."""
    return dict(rows(EmailServer.select(EmailServer.name, EmailServer.beat)))
