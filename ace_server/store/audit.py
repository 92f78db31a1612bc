"""The audit: who did what to the system; append-only, each row chained to the one before (G-8)."""

import hashlib
from datetime import datetime

import msgspec

from ace_server.store.models import Audit, Counter, next_value, to_stored


class AuditRow(msgspec.Struct, frozen=True):
    """One line of the audit."""

    at: datetime
    actor: str
    action: str
    object: str
    result: str
    detail: str


def record(
    at: datetime,
    actor: str,
    action: str,
    object: str = "",
    *,
    result: str = "done",
    detail: str = "",
) -> None:
    """Append a line. Never message text, never a secret."""
    number = next_value("audit")  # first of all: it keeps other processes from the chain's end
    last = Audit.select(Audit.chain).order_by(Audit.id.desc()).first()
    row = AuditRow(at, actor, action, object, result, detail)
    Audit.insert(
        id=number,  # counted apart, so that rows cut off the end are missed
        chain=_chain(last.chain if last else "", row),
        **msgspec.structs.asdict(row),
    ).execute()


def rows() -> list[AuditRow]:
    """The whole audit, oldest first."""
    return [_row(row) for row in Audit.select().order_by(Audit.id)]


def first_broken() -> int | None:
    """The id of the first row that was changed, or stands where one was removed or inserted."""
    chain, expected = "", 1
    for row in Audit.select().order_by(Audit.id):
        chain = _chain(chain, _row(row))
        if row.chain != chain or row.id != expected:
            return int(row.id)
        expected += 1
    return expected if expected <= Counter.get_by_id("audit").value else None


def _row(row: Audit) -> AuditRow:
    return AuditRow(row.at, row.actor, row.action, row.object, row.result, row.detail)


def _chain(before: str, row: AuditRow) -> str:
    facts = (to_stored(row.at), row.actor, row.action, row.object, row.result, row.detail)
    return hashlib.sha256(before.encode() + msgspec.json.encode(facts)).hexdigest()
