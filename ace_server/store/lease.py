"""Who dispatches an organisation area: a lease that beats, and a number that fences its last one.

No clock has a part in it: who waits for a lease watches whether it still beats. Every function is a
job; when a lease may be taken is decided in `leading`.
"""

import msgspec

from ace_server.store.contract import Fenced, Sign
from ace_server.store.models import Lease, database

AREA = ""
"""The one organisation area of a small site, which has no name."""


HELD = 2_026_112_602
"""The advisory lock on PostgreSQL that is shared while something is done under the lease."""


class LeaseRow(msgspec.Struct, frozen=True):
    """A lease as it stands."""

    holder: str  # empty: given up
    fence: int  # grows with each holder
    beat: int  # grows while the holder is at work


def look(area: str = AREA) -> LeaseRow | None:
    """The lease; None where nobody ever held it."""
    row = Lease.get_or_none(Lease.area == area)
    return None if row is None else LeaseRow(row.holder, row.fence, row.beat)


def take(holder: str, seen: LeaseRow | None, area: str = AREA) -> int | None:
    """Take the lease as it was seen; the new number, or None where it changed meanwhile."""
    if database.sequences:  # PostgreSQL; see `demand`
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (HELD,))
    fence = 1 if seen is None else seen.fence + 1
    if seen is None:
        mark = database.param
        taken = database.execute_sql(
            'INSERT INTO "lease" ("area", "holder", "fence", "beat") '
            f"VALUES ({mark}, {mark}, {mark}, 0) ON CONFLICT DO NOTHING",
            (area, holder, fence),
        ).rowcount
    else:
        as_seen = (Lease.fence == seen.fence) & (Lease.beat == seen.beat)
        change = Lease.update(holder=holder, fence=fence, beat=0)
        taken = change.where(Lease.area == area, as_seen).execute()
    if not taken:
        return None
    database.tell(Sign.LEASE)
    return fence


def beat(area: str = AREA) -> None:
    """The holder is at work; that it still holds the lease was demanded as for every job."""
    Lease.update(beat=Lease.beat + 1).where(Lease.area == area).execute()


def give_up(area: str = AREA) -> None:
    """The holder stops: the lease may be taken at once."""
    Lease.update(holder="").where(Lease.area == area).execute()
    database.tell(Sign.LEASE)


def demand(fence: int, area: str = AREA) -> None:
    """Raise Fenced unless this is still the lease's number; until the commit it stays so."""
    if database.sequences:
        # PostgreSQL; SQLite already holds the write lock (BEGIN IMMEDIATE). Who would take the
        # lease waits for this commit. A lock on its row would make a write of everything that
        # only reads; and it comes first, because a statement sees what was there as it began.
        database.execute_sql("SELECT pg_advisory_xact_lock_shared(%s)", (HELD,))
    query = f'SELECT "fence" FROM "lease" WHERE "area" = {database.param}'
    row = database.execute_sql(query, (area,)).fetchone()
    if row is None or row[0] != fence:
        raise Fenced("another server leads now")
