"""Opening a database by its URL, and bringing its schema up to date.

What an engine must offer is in `contract`; the engines are `sqlite` and `postgresql`.
"""

import re
from pathlib import Path

from playhouse.migrations import MigrationError, Runner

from ace_server.errors import Unavailable
from ace_server.store.contract import Corrupt, Engine, NewerSchema
from ace_server.store.postgresql import Postgresql
from ace_server.store.seam import Seam
from ace_server.store.sqlite import FILE_NAME, Sqlite

__all__ = ["FILE_NAME", "MIGRATIONS", "Corrupt", "Engine", "NewerSchema", "connect", "migrate"]

MIGRATIONS = Path(__file__).parent / "migrations"


def connect(url: str, data: Path, seam: Seam) -> Engine:
    """The database of a URL (empty: the file in the data folder), not yet open.

    Raises Unavailable for a URL that cannot be used.
    """
    if not url:
        return Sqlite(data / FILE_NAME, seam)
    if match := re.fullmatch(r"sqlite:///(.+)", url):
        return Sqlite(Path(match[1]), seam)
    if is_on_postgresql(url):
        return Postgresql(url, seam)
    raise Unavailable("a database is named as sqlite:///PATH or postgresql://USER@HOST/NAME")


def is_on_postgresql(url: str) -> bool:
    """Whether a URL names a database of a PostgreSQL server."""
    return url.startswith(("postgres://", "postgresql://"))


def migrations() -> list[str]:
    """The names of the migrations that this program knows, in their order."""
    return sorted(file.stem for file in MIGRATIONS.glob("[0-9]*.py"))


def migrate(database: Engine, upto: str | None = None) -> None:
    """Bring the schema up to date, in one transaction a step (A-4).

    `upto`: the last migration that is applied; without it all are.
    """
    runner = Runner(database, str(MIGRATIONS))
    known = set(migrations())
    applied = set(runner.applied())
    if newer := applied - known:
        raise NewerSchema(f"this database was made by a newer program (it has {max(newer)})")
    if applied == known:
        return
    database.before_migration(is_new=not applied)
    try:
        runner.up(upto)
    except MigrationError as error:
        raise Unavailable("the schema could not be brought up to date") from error
    finally:
        database.after_migration()
