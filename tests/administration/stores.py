"""Stores for the tests of backup and restore: with something in every table, and compared."""

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from ace_server.attachments import put
from ace_server.contact import AgentState, State
from ace_server.passwords import StoredSecret
from ace_server.sentences import sentence
from ace_server.store import (
    Store,
    audit,
    contacts,
    desks,
    directory,
    drafts,
    ledger,
    log_ins,
    mail_accounts,
    outgoing,
    serving,
)
from ace_server.store.contacts import NewAttachment, NewContact, Placement
from ace_server.store.desks import DeskRow
from ace_server.store.engine import FILE_NAME
from ace_server.store.ledger import NewMail, Outcome, Seen
from ace_server.store.mail_accounts import Fetching
from ace_server.store.outgoing import NewOutgoing, Recipient, Sent
from ace_server.store.serving import Serving
from ace_server.store.tables import LEFT_OUT
from tests.core import site

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TOKEN = "a token that was given out"
FILES = (b"RIFF" * 900, b"")

Tables = dict[str, list[tuple[object, ...]]]


def make(
    data: Path, url: str = "", *, files: tuple[bytes, ...] = FILES, name: str = "LOAN"
) -> None:
    """A store with a bank, contacts in four states, files, mail, a desk, a log-in and an audit."""
    store = Store(data, url=url)
    store.open()
    kept = [_keep(store, content) for content in files]
    mail = _keep(store, mail_file(name))
    store.perform(_fill, kept, name)
    store.perform(_fill_mail, mail)
    store.close()


def mail_file(name: str = "LOAN") -> bytes:
    """What the ledger, the outbox and a draft name, and no contact."""
    return f"mail of the {name.lower()} store".encode()


def _keep(store: Store, content: bytes) -> NewAttachment:
    draft = store.files.draft()
    draft.write(content)
    digest = draft.keep()
    put(store, digest)
    return NewAttachment("call.wav", "audio/wav", len(content), digest)


def _fill_mail(kept: NewAttachment) -> None:
    uids = "1", "2", "3"
    seen = Seen("loans@bank.example", "INBOX", 1_700_000_000, last_uid=3, on_server=4)
    ledger.note(seen, [NewMail(uid, kept.size, NOON, kept.digest) for uid in uids], NOON)
    ledger.settle(1, Outcome.CONTACT, NOON, contact=1, message_id="<1@customer.example>")
    ledger.settle(2, Outcome.QUARANTINED, NOON, reason=sentence("Its parts nest too deep."))
    mail_accounts.assign({"loans@bank.example": "north"}, NOON)
    mail_accounts.tell(
        "loans@bank.example", Fetching.TROUBLE, NOON, trouble=sentence("%1 is away.", "mail")
    )
    mail_accounts.beat("north")
    for contact in (1, None):
        new = NewOutgoing(
            kind="reply",
            account="loans@bank.example",
            sender="loans@bank.example",
            recipients=(Recipient("börje@customer.example"), Recipient("x@customer.example")),
            digest=kept.digest,
            message_id="<2@bank.example>",
            subject="Re: Ansökan \N{BANK}",
            contact=contact,
            by="anna",
        )
        outgoing.add(new, NOON)
    claimed, other = outgoing.claim(["loans@bank.example"], "north", NOON, 2)
    said = sentence("The server says: %1", "550 no such user")
    first, second = claimed.recipients
    told = [
        Recipient(first.address, Sent.HANDED_OVER),
        Recipient(second.address, Sent.REFUSED, said),
    ]
    outgoing.settle(claimed.id, "north", told, NOON, retry_at=NOON)
    unsure = [Recipient(one.address, Sent.UNKNOWN) for one in other.recipients]
    outgoing.settle(other.id, "north", unsure, NOON, retry_at=NOON)
    number = drafts.add("anna", "reply", 1, '{"text": "Hej \\ud83c\\udfe6"}', NOON)
    drafts.attach(number, "anna", [kept])


def _fill(kept: list[NewAttachment], name: str) -> None:
    site()
    directory.set_secret("user", "anna", StoredSecret("hash", "$argon2id$made-up"))
    directory.set_secret("work_item_account", "loans", StoredSecret("env", "ACE_LOANS"))
    for number in range(5):
        contacts.add(
            NewContact(
                account="loans",
                external_id=f"{name}-{number}",
                digest="d" * 64,
                entrance="loans",
                subject="Ansökan \N{BANK} \u2028",
                body='"quoted",\nand broken\\',
                data={"workItem": "https://bank.example/loans/1", "cid": "\x7f"},
                attachments=kept if number < 2 else (),
                task_type="Loan application",
                placement=Placement(queue="Loan decisions" if number else ""),
                received_at=NOON,
            )
        )
    book = {"by": "anna", "agent": "anna", "booked_until": NOON}
    contacts.move(2, State.QUEUED, State.BOOKED, "booked", NOON, **book)
    contacts.move(3, State.QUEUED, State.BOOKED, "booked", NOON, **book)
    contacts.move(3, State.BOOKED, State.ACCEPTED, "accepted", NOON, by="anna", accepted_at=NOON)
    contacts.move(3, State.ACCEPTED, State.ENDED, "ended", NOON, by="anna", ended_at=NOON)
    contacts.prioritise(4, True, NOON, "sven")
    serving.save(Serving("anna", "Evening", {"Everyone": True}), NOON)
    desks.save(DeskRow("anna", AgentState.BOOKED, NOON, pause_wanted=True))
    log_ins.add(TOKEN, "anna", NOON)
    audit.record(NOON, "configure", "configured", "queue Everyone", detail="added")


def database(data: Path) -> Path:
    """Where the database of a data folder lies."""
    return data / FILE_NAME


def tables(file: Path) -> Tables:
    """Every row of every table of a database, past everything of ours."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: sorted(connection.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
            for (name,) in names.fetchall()
        }


def tables_at(url: str, schema: str = "public") -> Tables:
    """The same of a database on PostgreSQL, in the form that SQLite has."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)
        ).fetchall()
        found = {
            name: connection.execute(f'SELECT * FROM "{schema}"."{name}"').fetchall()
            for (name,) in names
        }
    return {name: sorted(map(_as_sqlite, rows), key=repr) for name, rows in found.items()}


def _as_sqlite(row: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(int(value) if isinstance(value, bool) else value for value in row)


def content(data: Path, url: str = "") -> Tables:
    """What a store holds but for what is in no backup, and its audit."""
    found = tables_at(url) if url else tables(database(data))
    return {
        name: rows
        for name, rows in found.items()
        if name not in ("audit", "counter") and (name not in LEFT_OUT or name == "move")
    }


DIGESTS = {"attachment": 5, "mail": 9, "outgoing": 10, "draft_file": 5}
"""The tables that name files, and the column of the digest in each."""


def _named(found: Tables) -> set[str]:
    return {str(row[at]) for table, at in DIGESTS.items() for row in found[table]}


def lost(attachments: Path, found: Tables) -> list[str]:
    """Files that something names and that are not there as they came in."""
    return [one for one in _named(found) if not _is_whole(attachments / one[:2] / one, one)]


def lost_at(url: str, schema: str = "public") -> list[str]:
    """Files that are named and that a database on PostgreSQL does not have as they came in."""
    found = tables_at(url, schema)
    content: dict[object, bytes] = {}
    for file, _, piece in sorted(found["piece"]):
        content[file] = content.get(file, b"") + bytes(piece)  # type: ignore[call-overload]  # a row may hold anything
    whole = {
        hashlib.sha256(content.get(file, b"")).hexdigest()
        for file, _, _, is_whole, _ in found["shared_file"]
        if is_whole
    }
    return [digest for digest in _named(found) if digest not in whole]


def _is_whole(file: Path, digest: str) -> bool:
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == digest


def faults(file: Path) -> list[object]:
    """What is damaged in a database."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        damaged = connection.execute("PRAGMA integrity_check").fetchall()
        loose = connection.execute("PRAGMA foreign_key_check").fetchall()
    return [one for one in damaged if one != ("ok",)] + loose
