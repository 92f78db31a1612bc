"""How many mails of each account are not settled, and how the outbox stands (PU-1, EM-2, EM-10).

What is settled well is not counted: it grows with the years, and what is counted here does not.
"""

from typing import NamedTuple

from peewee import fn

from ace_server.store.ledger import Outcome
from ace_server.store.models import FetchedMail, Outgoing, rows
from ace_server.store.outgoing import Sent

IN_LEDGER = (Outcome.PENDING, Outcome.QUARANTINED)
IN_OUTBOX = (Sent.QUEUED, Sent.SENDING, Sent.REFUSED, Sent.UNKNOWN)


class Counts(NamedTuple):
    """Of all accounts, by account and by what is the matter; what is 0 is left out."""

    ledger: dict[tuple[str, Outcome], int]
    outbox: dict[tuple[str, Sent], int]


def counts() -> Counts:
    """The mails that are to be analysed, quarantined, to be sent, or not delivered; a job."""
    found = rows(
        FetchedMail.select(FetchedMail.account, FetchedMail.outcome, fn.COUNT(FetchedMail.id))
        .where(FetchedMail.outcome.in_(list(IN_LEDGER)))
        .group_by(FetchedMail.account, FetchedMail.outcome)
    )
    ledger = {(account, Outcome(outcome)): int(count) for account, outcome, count in found}
    found = rows(
        Outgoing.select(Outgoing.account, Outgoing.state, fn.COUNT(Outgoing.id))
        .where(Outgoing.state.in_(list(IN_OUTBOX)))
        .group_by(Outgoing.account, Outgoing.state)
    )
    return Counts(ledger, {(account, Sent(state)): int(count) for account, state, count in found})
