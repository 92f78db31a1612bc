"""How the mail accounts are doing, as Pulse and `/metrics` say it (PU-1).

Read by one job whose cost does not grow with what has been settled.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from ace_server import wire
from ace_server.concepts import Site
from ace_server.store import ledger, mail_accounts, mail_counts
from ace_server.store.ledger import FolderState, Outcome
from ace_server.store.mail_accounts import AccountState
from ace_server.store.mail_counts import Counts
from ace_server.store.outgoing import Sent

LATELY = timedelta(days=1)
"""For how long it is shown that a budget kept an automatic answer back (EM-5)."""


class Mail(NamedTuple):
    """What the store says of all accounts."""

    states: dict[str, AccountState]
    folders: list[FolderState]
    counts: Counts


NO_MAIL = Mail({}, [], Counts({}, {}))


def read() -> Mail:
    """Everything that is shown of mail, as of one moment; a job."""
    return Mail(mail_accounts.states(), ledger.folders(), mail_counts.counts())


def figures(mail: Mail, site: Site, now: datetime) -> dict[str, wire.MailAccountFigures]:
    """The accounts that are configured; others while a person still has to see to their mail."""
    asking = {account for account, outcome in mail.counts.ledger if outcome is Outcome.QUARANTINED}
    asking |= {account for account, state in mail.counts.outbox if state in _UNDELIVERED}
    configured = list(site.mail_accounts)
    shown = [*configured, *sorted(asking - set(configured))]
    return {account: _figures(account, mail, now) for account in shown}


_UNDELIVERED = (Sent.REFUSED, Sent.UNKNOWN)


def _figures(account: str, mail: Mail, now: datetime) -> wire.MailAccountFigures:
    known = mail.states.get(account)
    in_ledger, in_outbox = mail.counts
    told = wire.MailAccountFigures(
        account=account,
        on_server=_on_server(account, mail.folders),
        pending=in_ledger.get((account, Outcome.PENDING), 0),
        quarantined=in_ledger.get((account, Outcome.QUARANTINED), 0),
        undelivered=sum(in_outbox.get((account, state), 0) for state in _UNDELIVERED),
    )
    return told if known is None else _with_state(told, known, now)


class Asking(NamedTuple):
    """What of mail a person has to see to, of all accounts together."""

    accounts_in_trouble: int  # stopped, or tried again with pauses
    quarantined: int
    undelivered: int


def asking(rows: Iterable[wire.MailAccountFigures]) -> Asking:
    """What these accounts ask for."""
    known = list(rows)
    return Asking(
        sum(one.state in ("stopped", "trouble") for one in known),
        sum(one.quarantined for one in known),
        sum(one.undelivered for one in known),
    )


def _on_server(account: str, folders: Iterable[FolderState]) -> int:
    return sum(one.on_server for one in folders if one.account == account)


def _with_state(
    told: wire.MailAccountFigures, known: AccountState, now: datetime
) -> wire.MailAccountFigures:
    return msgspec.structs.replace(
        told,
        server=known.server,
        state=known.state,
        since=known.since,
        fetched_at=known.fetched_at,
        trouble=known.trouble,
        withheld=[
            wire.WithheldAnswer(at=one.at, said=one.said)
            for one in known.withheld
            if now - one.at < LATELY
        ],
    )
