"""What is still to be done to mails on their server, once their outcome is committed (P3).

Every function is a job. What is done, and whether anything is, is the matter of the account.
"""

from collections.abc import Sequence
from datetime import datetime

from peewee import SQL

from ace_server.store.ledger import Seen, lies_in
from ace_server.store.models import FetchedMail, rows

_DUE = SQL("outcome IN ('contact', 'discarded') AND NOT is_oversized AND disposed_at IS NULL")
"""Letter for letter what the index `mail_due` is of: however large the ledger is, these are found.

An oversized mail stays: its server has all of it, and we have not (C-11). What is quarantined stays
until a person clears it.
"""


def due(seen: Seen, most: int, after: int = 0) -> list[tuple[int, str]]:
    """Mails of a folder that are to be disposed of, by id and uid, in order; behind `after`."""
    query = FetchedMail.select(FetchedMail.id, FetchedMail.uid).where(
        lies_in(seen), _DUE, FetchedMail.id > after
    )
    return [(int(mail), uid) for mail, uid in rows(query.order_by(FetchedMail.id).limit(most))]


def done(mails: Sequence[int], at: datetime) -> None:
    """These mails were disposed of: never again."""
    FetchedMail.update(disposed_at=at).where(FetchedMail.id.in_(list(mails))).execute()
