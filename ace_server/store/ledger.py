"""The ledger of mail: what was found on a server, and what became of it (EM-2).

A mail is known by its account, mailbox, folder, UIDVALIDITY and UID, and by nothing that is written
in it (C-2). Every function is a job: its row is noted once its raw bytes are durable, and settled
in the transaction of what it became.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

import msgspec
from peewee import EXCLUDED, Case, fn

from ace_server.contact import IN_HAND
from ace_server.errors import IllegalMove
from ace_server.sentences import Sentence, sentence
from ace_server.store import audit, pieces
from ace_server.store.models import (
    Contact,
    FetchedMail,
    MailFolder,
    Outgoing,
    database,
    insertion,
    rows,
    to_stored,
)


class Outcome(StrEnum):
    """What became of a mail."""

    PENDING = "pending"  # its raw bytes are kept; it is not analysed yet
    CONTACT = "contact"
    DISCARDED = "discarded"  # by a person, or by a rule that somebody configured
    QUARANTINED = "quarantined"  # kept, and shown until a person clears it


class Seen(msgspec.Struct, frozen=True):
    """A folder, as it was found on the server."""

    account: str
    folder: str
    uidvalidity: int
    last_uid: int = 0  # everything up to it is in the ledger; 0 where uids do not grow
    on_server: int = 0  # mails in it
    mailbox: str = ""  # whose it is, and where; empty: not known
    mailbox_number: int = 0  # of the mailboxes that its account was pointed at; the first is 0


class NewMail(msgspec.Struct, frozen=True):
    """A mail whose raw bytes are kept."""

    uid: str
    size: int  # bytes, on the server
    arrived_at: datetime | None  # there
    digest: str
    is_oversized: bool = False  # what is kept is its header alone (C-11)


class MailRow(NamedTuple):
    """One row of the ledger."""

    id: int
    account: str
    folder: str
    uidvalidity: int
    uid: str
    size: int
    arrived_at: datetime | None
    fetched_at: datetime
    message_id: str
    digest: str
    is_oversized: bool
    outcome: Outcome
    contact: int | None
    reason: str
    attempts: int
    settled_at: datetime | None
    mailbox_number: int = 0

    def why(self) -> Sentence | None:
        """The reason of its outcome, for a person."""
        return read_sentence(self.reason)


class Followed(NamedTuple):
    """The contact that a mail follows up, and in whose hands it is."""

    contact: int
    agent: str  # a login; empty: in nobody's


PAGE = 500
"""Rows read at a time."""

MOST_OF_A_MESSAGE_ID = 998
"""Bytes of a Message-ID that is remembered: RFC 5322 §2.1.1 has no longer line."""

SAME_AS_BEFORE = sentence("The same mail as before, found in another place of this mailbox.")

_NEW = (
    FetchedMail.account,
    FetchedMail.folder,
    FetchedMail.uidvalidity,
    FetchedMail.uid,
    FetchedMail.size,
    FetchedMail.arrived_at,
    FetchedMail.fetched_at,
    FetchedMail.digest,
    FetchedMail.is_oversized,
    FetchedMail.message_id,
    FetchedMail.outcome,
    FetchedMail.reason,
    FetchedMail.attempts,
    FetchedMail.mailbox_number,
)
_ROW = tuple(getattr(FetchedMail, name) for name in MailRow._fields)
_OUTCOME = MailRow._fields.index("outcome")
_PENDING = FetchedMail.outcome == Outcome.PENDING


def write_sentence(said: Sentence | None) -> str:
    """A sentence as it is stored; nothing for none."""
    return "" if said is None else msgspec.json.encode(said).decode()


def read_sentence(stored: str) -> Sentence | None:
    """The sentence that `write_sentence` stored."""
    return msgspec.json.decode(stored, type=Sentence) if stored else None


# What is on a server


def folder(account: str, name: str) -> Seen | None:
    """How far a folder has been read; None: it never was."""
    query = MailFolder.select(*(getattr(MailFolder, one) for one in Seen.__struct_fields__))
    found = rows(query.where(MailFolder.account == account, MailFolder.folder == name))
    return Seen(*found[0]) if found else None


def unknown(seen: Seen, uids: Sequence[str]) -> list[str]:
    """Those of these uids of a folder that the ledger does not have, in their order."""
    known: set[str] = set()
    for start in range(0, len(uids), PAGE):
        some = list(uids[start : start + PAGE])
        query = FetchedMail.select(FetchedMail.uid).where(lies_in(seen), FetchedMail.uid.in_(some))
        known.update(uid for (uid,) in rows(query))
    return [uid for uid in uids if uid not in known]


def lies_in(seen: Seen) -> Any:
    """That a mail lies in this folder, under its present UIDVALIDITY: a condition of a query."""
    return (
        (FetchedMail.account == seen.account)
        & (FetchedMail.folder == seen.folder)
        & (FetchedMail.uidvalidity == seen.uidvalidity)
        & (FetchedMail.mailbox_number == seen.mailbox_number)
    )


def note(seen: Seen, mails: Sequence[NewMail], at: datetime) -> list[int]:
    """Note mails whose raw bytes are durable, and how far the folder has been read.

    A mail that was noted before stays as it is. Gives the ids of those that are new. Raises
    Unavailable where a file that one names is gone.
    """
    if mails and database.keeps_files:  # PostgreSQL, where another process may have swept it
        pieces.demand({one.digest for one in mails})
    statement, now = _insertion(database.param), to_stored(at)
    new = []
    for one in mails:
        row = database.execute_sql(
            statement,
            (
                seen.account,
                seen.folder,
                seen.uidvalidity,
                one.uid,
                one.size,
                None if one.arrived_at is None else to_stored(one.arrived_at),
                now,
                one.digest,
                one.is_oversized,
                "",
                Outcome.PENDING,
                "",
                0,
                seen.mailbox_number,
            ),
        ).fetchone()
        if row is not None:
            new.append(int(row[0]))
    _note_folder(seen, len(new), at)
    return new


@cache
def _insertion(mark: str) -> str:
    return insertion(FetchedMail, _NEW, mark, "ON CONFLICT DO NOTHING RETURNING id")


def _note_folder(seen: Seen, new: int, at: datetime) -> None:
    """Each in one statement, so that what two processes note at once adds up.

    The whole folder is counted only where it is another than it was.
    """
    is_same = (
        (MailFolder.account == seen.account)
        & (MailFolder.folder == seen.folder)
        & (MailFolder.uidvalidity == seen.uidvalidity)
        & (MailFolder.mailbox_number == seen.mailbox_number)
    )
    is_behind = MailFolder.last_uid > seen.last_uid
    noted = MailFolder.update(
        last_uid=Case(None, [(is_behind, MailFolder.last_uid)], seen.last_uid),
        on_server=seen.on_server,
        mailbox=seen.mailbox,
        noted=MailFolder.noted + new,
        looked_at=at,
    ).where(is_same)
    if not noted.execute():
        _note_anew(seen, new, at)


def _note_anew(seen: Seen, new: int, at: datetime) -> None:
    """A folder that is new, or made anew, or in another mailbox; or another process noted it now.

    A uidvalidity may be one that was there before: a server that was restored from a backup.
    """
    counted = FetchedMail.select(fn.COUNT(FetchedMail.id)).where(lies_in(seen))
    is_same = (MailFolder.uidvalidity == EXCLUDED.uidvalidity) & (
        MailFolder.mailbox_number == EXCLUDED.mailbox_number
    )
    is_behind = is_same & (EXCLUDED.last_uid < MailFolder.last_uid)
    MailFolder.insert(**msgspec.structs.asdict(seen), noted=counted, looked_at=at).on_conflict(
        conflict_target=[MailFolder.account, MailFolder.folder],
        preserve=[
            MailFolder.uidvalidity,
            MailFolder.on_server,
            MailFolder.looked_at,
            MailFolder.mailbox,
            MailFolder.mailbox_number,
        ],
        update={
            MailFolder.last_uid: Case(None, [(is_behind, MailFolder.last_uid)], EXCLUDED.last_uid),
            MailFolder.noted: Case(None, [(is_same, MailFolder.noted + new)], EXCLUDED.noted),
        },
    ).execute()


class FolderState(NamedTuple):
    """What stands on a server, and how many of these mails are in the ledger."""

    account: str
    folder: str
    on_server: int
    noted: int
    looked_at: datetime | None


def folders() -> list[FolderState]:
    """Every folder that was read, by account and name."""
    query = MailFolder.select(*(getattr(MailFolder, one) for one in FolderState._fields))
    by_name = query.order_by(MailFolder.account, MailFolder.folder)
    return [FolderState(*row) for row in rows(by_name)]


# What becomes of it


def pending(accounts: Sequence[str], after: int, most: int) -> list[MailRow]:
    """Mails of these accounts that are to be analysed, the oldest first, behind this id."""
    query = FetchedMail.select(*_ROW).where(
        _PENDING, FetchedMail.account.in_(list(accounts)), FetchedMail.id > after
    )
    return _oldest(query, most)


def waiting(accounts: Sequence[str]) -> int:
    """How many mails of these accounts are to be analysed."""
    query = FetchedMail.select().where(_PENDING, FetchedMail.account.in_(list(accounts)))
    return int(query.count())


def begin(ids: Sequence[int]) -> None:
    """Count an attempt for each, before the work that may end the process (C-6)."""
    FetchedMail.update(attempts=FetchedMail.attempts + 1).where(
        FetchedMail.id.in_(list(ids)), _PENDING
    ).execute()


def put_off(ids: Sequence[int]) -> None:
    """The work was not done, by no fault of these mails: it was no attempt."""
    FetchedMail.update(attempts=FetchedMail.attempts - 1).where(
        FetchedMail.id.in_(list(ids)), _PENDING, FetchedMail.attempts > 0
    ).execute()


def settle(
    mail: int,
    outcome: Outcome,
    at: datetime,
    *,
    contact: int | None = None,
    message_id: str = "",
    reason: Sentence | None = None,
) -> None:
    """Say what became of a mail, in the transaction that makes it so.

    A Message-ID that is longer than any may be is not remembered: no index would take it.
    Raises IllegalMove where that was said before.
    """
    settled = database.execute_sql(
        _settlement(database.param),
        (
            outcome,
            contact,
            message_id if _is_remembered(message_id) else "",
            write_sentence(reason),
            to_stored(at),
            mail,
            Outcome.PENDING,
        ),
    )
    if settled.rowcount != 1:
        raise IllegalMove(f"mail {mail} is no longer pending")


@cache
def _settlement(mark: str) -> str:
    """The UPDATE of a settled mail, written once (see `insertion`)."""
    columns = ("outcome", "contact_id", "message_id", "reason", "settled_at")
    settings = ", ".join(f'"{column}" = {mark}' for column in columns)
    return f'UPDATE "mail" SET {settings} WHERE "id" = {mark} AND "outcome" = {mark}'


def _is_remembered(message_id: str) -> bool:
    return len(message_id.encode()) <= MOST_OF_A_MESSAGE_ID


def copied(digests: Sequence[str]) -> set[tuple[str, str]]:
    """Which accounts have more than one row of these: account and digest; no other has a `twin`."""
    columns = FetchedMail.account, FetchedMail.digest
    query = FetchedMail.select(*columns).where(FetchedMail.digest.in_(list(digests)))
    several = query.group_by(*columns).having(fn.COUNT(FetchedMail.id) > 1)
    return {(account, digest) for account, digest in rows(several)}


def twin(mail: MailRow) -> MailRow | None:
    """The same bytes, noted earlier in another place of this mailbox (C-2).

    Whatever became of them: nothing yet, too. Another place is another folder, or the same one
    under another UIDVALIDITY, or in the mailbox that the account was pointed at before: where
    somebody copied a mail within a folder, each copy stands for itself. Of an oversized mail, whose
    header alone is kept, the size has to be the same, too.
    """
    is_elsewhere = (
        (FetchedMail.folder != mail.folder)
        | (FetchedMail.uidvalidity != mail.uidvalidity)
        | (FetchedMail.mailbox_number != mail.mailbox_number)
    )
    query = FetchedMail.select(*_ROW).where(
        FetchedMail.digest == mail.digest,
        FetchedMail.account == mail.account,
        FetchedMail.id < mail.id,
        FetchedMail.is_oversized == mail.is_oversized,
        is_elsewhere,
    )
    if mail.is_oversized:
        query = query.where(FetchedMail.size == mail.size)
    return _first(query)


def followed(account: str, message_ids: Sequence[str]) -> Followed | None:
    """The contact of the first of these Message-IDs that is known: of a mail, or of an answer.

    Only within the account: an id that a stranger wrote leads to nobody else's contact. Each is
    looked up by itself, so whoever asks sees to it that they are not many.
    """
    for message_id in message_ids:
        if not message_id:
            continue
        for model in (Outgoing, FetchedMail):
            found = rows(
                model.select(model.contact)
                .where(
                    model.message_id == message_id,
                    model.account == account,
                    model.contact.is_null(False),
                )
                .order_by(model.id)
                .limit(1)
            )
            if found:
                return _followed(found[0][0])
    return None


def _followed(contact_id: int) -> Followed:
    query = Contact.select(Contact.agent, Contact.state).where(Contact.id == contact_id)
    ((agent, state),) = rows(query)
    return Followed(contact_id, agent if agent and state in IN_HAND else "")


# What a person looks at


def get(mail: int) -> MailRow | None:
    """One row."""
    return _first(FetchedMail.select(*_ROW).where(FetchedMail.id == mail))


def of_contact(contact_id: int) -> MailRow | None:
    """The mail that a contact was made of; None for a work item."""
    return _first(FetchedMail.select(*_ROW).where(FetchedMail.contact == contact_id))


def quarantined(after: int = 0, most: int = PAGE) -> list[MailRow]:
    """What is quarantined, the oldest first."""
    query = FetchedMail.select(*_ROW).where(
        FetchedMail.outcome == Outcome.QUARANTINED, FetchedMail.id > after
    )
    return _oldest(query, most)


def quarantined_by_account() -> dict[str, int]:
    """How many mails of each account are quarantined; accounts without any are left out."""
    query = FetchedMail.select(FetchedMail.account, fn.COUNT(FetchedMail.id)).where(
        FetchedMail.outcome == Outcome.QUARANTINED
    )
    return {account: int(count) for account, count in rows(query.group_by(FetchedMail.account))}


def listing() -> Iterator[MailRow]:
    """The whole ledger, the oldest first, page by page."""
    last = 0
    while True:
        found = _oldest(FetchedMail.select(*_ROW).where(FetchedMail.id > last), PAGE)
        yield from found
        if len(found) < PAGE:
            return
        last = found[-1].id


def _oldest(query: Any, most: int) -> list[MailRow]:
    found = rows(query.order_by(FetchedMail.id).limit(most))
    return [MailRow(*row)._replace(outcome=Outcome(row[_OUTCOME])) for row in found]


def _first(query: Any) -> MailRow | None:
    return next(iter(_oldest(query, 1)), None)


def retry(ids: Sequence[int], at: datetime, by: str) -> list[int]:
    """Let quarantined mails be analysed again; those of these ids that are. Audited."""
    found = _quarantined(ids)
    FetchedMail.update(outcome=Outcome.PENDING, attempts=0, reason="", settled_at=None).where(
        FetchedMail.id.in_(found)
    ).execute()
    for mail in found:
        audit.record(at, by, "retried a mail", f"mail {mail}")
    return found


def discard(ids: Sequence[int], at: datetime, by: str) -> list[int]:
    """Clear quarantined mails that nobody needs; those of these ids that are. Audited."""
    found = _quarantined(ids)
    reason = write_sentence(sentence("Discarded by %1.", by))
    FetchedMail.update(outcome=Outcome.DISCARDED, reason=reason, settled_at=at).where(
        FetchedMail.id.in_(found)
    ).execute()
    for mail in found:
        audit.record(at, by, "discarded a mail", f"mail {mail}")
    return found


def _quarantined(ids: Sequence[int]) -> list[int]:
    query = FetchedMail.select(FetchedMail.id).where(
        FetchedMail.id.in_(list(ids)), FetchedMail.outcome == Outcome.QUARANTINED
    )
    if database.for_update:  # PostgreSQL; SQLite already holds the write lock (BEGIN IMMEDIATE)
        query = query.for_update()
    return [mail for (mail,) in rows(query.order_by(FetchedMail.id))]
