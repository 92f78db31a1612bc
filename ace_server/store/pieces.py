"""Attachments in the database, in pieces: there every machine of a site finds each of them.

Only an engine that `keeps_files` has any. Each process writes a copy of its own, so that none waits
for another; a contact may name a file as soon as one copy is whole. Every function is a job, and
handles one piece at most, so that no transaction gets long (WI-5).
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from ace_server.errors import Unavailable
from ace_server.store import named
from ace_server.store.models import Piece, SharedFile, database, insertion, rows

SIZE = 1024 * 1024
"""Bytes of a piece; the last one of a file may have fewer."""

AGE = 3600.0
"""Seconds after which nobody is taking in any more what no contact names."""

PAGE = 500
"""Copies looked up at a time."""

AT_A_TIME = 20
"""Pieces removed in one job."""

_NOW = "(extract(epoch FROM now()) * 1000000)::bigint"  # the database's: machines may differ


# Written


def begin(digest: str) -> int | None:
    """Begin a copy; None where a whole one is there, on which one may count for the next while."""
    if _is_counted_on(digest):
        return None
    mark = database.param
    row = database.execute_sql(
        f'INSERT INTO "shared_file" ("digest", "size", "is_whole", "counted_on_at") '
        f"VALUES ({mark}, 0, false, {_NOW}) RETURNING id",
        (digest,),
    ).fetchone()
    return int(row[0])


def _is_counted_on(digest: str) -> bool:
    # Written now and then only: what comes with every item would let processes wait in line.
    mark = database.param
    which = f'"digest" = {mark} AND "is_whole"'
    recently = f'"counted_on_at" > {_NOW} - {_micro(AGE / 2)}'
    found = f'SELECT 1 FROM "shared_file" WHERE {which} AND {recently} LIMIT 1'
    if database.execute_sql(found, (digest,)).fetchone():
        return True
    update = f'UPDATE "shared_file" SET "counted_on_at" = {_NOW} WHERE {which}'
    return bool(database.execute_sql(update, (digest,)).rowcount)


def add(file: int, number: int, content: bytes) -> None:
    """Add a piece to a copy. Raises Unavailable where it took so long that the copy was swept."""
    mark = database.param
    update = (
        f'UPDATE "shared_file" SET "size" = "size" + {mark}, "counted_on_at" = {_NOW} '
        f'WHERE "id" = {mark}'
    )
    _demand(database.execute_sql(update, (len(content), file)).rowcount == 1)
    columns = Piece.file, Piece.number, Piece.content
    database.execute_sql(insertion(Piece, columns, mark), (file, number, content))


def complete(file: int) -> None:
    """All of a copy is there. Raises Unavailable as `add` does."""
    whole = SharedFile.update(is_whole=True).where(SharedFile.id == file).execute()
    _demand(whole == 1)


def put(digest: str, content: bytes) -> None:
    """Write a copy of a file that has one piece, or none; see `begin`."""
    if (file := begin(digest)) is not None:
        if content:
            add(file, 0, content)
        complete(file)


def demand(digests: Collection[str]) -> None:
    """Raise Unavailable unless each of these has a whole copy; until the commit it stays so."""
    query = SharedFile.select(SharedFile.digest).where(
        SharedFile.digest.in_(sorted(digests)), SharedFile.is_whole
    )
    # Who would remove one waits for this commit. Its stub knows no other lock than for itself.
    locked = query.for_update("FOR KEY SHARE")  # type: ignore[arg-type]
    _demand({digest for (digest,) in rows(locked)} == set(digests))


def _demand(is_there: bool) -> None:
    if not is_there:
        raise Unavailable("an attachment was removed from the database while it was taken in")


# Read


def missing(digests: Sequence[str]) -> list[str]:
    """Those that have no whole copy."""
    query = SharedFile.select(SharedFile.digest).where(
        SharedFile.digest.in_(list(digests)), SharedFile.is_whole
    )
    there = {digest for (digest,) in rows(query)}
    return [digest for digest in digests if digest not in there]


def copies(digest: str) -> list[int]:
    """The whole copies of a file, the oldest first."""
    query = SharedFile.select(SharedFile.id).where(SharedFile.digest == digest, SharedFile.is_whole)
    return [file for (file,) in rows(query.order_by(SharedFile.id))]


def piece(file: int, number: int) -> bytes | None:
    """One piece of a copy; None behind the last one."""
    columns = f'SELECT "content" FROM "piece" WHERE "file_id" = {database.param}'
    row = database.execute_sql(
        f'{columns} AND "number" = {database.param}', (file, number)
    ).fetchone()
    return None if row is None else bytes(row[0])


def content(digest: str) -> Iterator[bytes]:
    """The pieces of a file, nothing where there is no copy: not in one job, but for a command."""
    for file in copies(digest)[:1]:
        number = 0
        while (found := piece(file, number)) is not None:
            yield found
            number += 1


# Removed


class Copy(NamedTuple):
    """A copy of a file, as it is stored."""

    file: int
    digest: str
    is_whole: bool


def old(after: int) -> list[Copy]:
    """The next copies behind this number on which nobody has counted lately."""
    found = database.execute_sql(
        'SELECT "id", "digest", "is_whole" FROM "shared_file" '
        f'WHERE "id" > {database.param} AND {_is_old()} ORDER BY "id" LIMIT {PAGE}',
        (after,),
    )
    return [Copy(*row) for row in found]


def unneeded(found: Sequence[Copy]) -> list[int]:
    """Those of these copies that are not whole, or that nothing names."""
    left = set(named.unnamed([copy.digest for copy in found]))
    return [copy.file for copy in found if not copy.is_whole or copy.digest in left]


def remove(file: int) -> bool:
    """Remove some pieces of a copy that nobody needs; whether there are more.

    What a contact, or who takes one in, has come to count on meanwhile stays.
    """
    found = database.execute_sql(
        'SELECT "id", "digest", "is_whole" FROM "shared_file" '
        f'WHERE "id" = {database.param} AND {_is_old()} FOR UPDATE SKIP LOCKED',
        (file,),
    ).fetchone()
    # Looked up in a statement of its own: it sees the contacts of all who held a lock before.
    if found is None or not unneeded([Copy(*found)]):
        return False
    SharedFile.update(is_whole=False).where(SharedFile.id == file).execute()
    last = Piece.select(Piece.number).where(Piece.file == file).order_by(Piece.number.desc())
    numbers = [number for (number,) in rows(last.limit(AT_A_TIME))]
    Piece.delete().where(Piece.file == file, Piece.number.in_(numbers)).execute()
    if len(numbers) == AT_A_TIME:
        return True
    SharedFile.delete().where(SharedFile.id == file).execute()
    return False


def _is_old() -> str:
    return f'"counted_on_at" < {_NOW} - {_micro(AGE)}'


def _micro(seconds: float) -> int:
    return round(seconds * 1_000_000)
