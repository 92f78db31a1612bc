"""The tables as plain rows, whatever the schema: how a backup takes them out and puts them back.

Columns come from the database and not from today's models, so that an older schema is copied, too.
Every function is a job. The form is the same for every engine, so that a site can move.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from ace_server.errors import Refused
from ace_server.store.models import database
from ace_server.store.trouble import OWN

LEFT_OUT = {
    "log_in": "a token that was given out must not work again",
    "move": "a migration fills it",
    "lease": "who leads now is no matter of another store",
    "email_server": "which Email Servers are alive is no matter of another store",
    "news": "a start reads everything, so that nothing is news then",
    "shared_file": "a backup has the files themselves",
    "piece": "a backup has the files themselves",
    "schema_migration": "the migrations fill it; the backup names them",
}
"""Tables that are in no backup, and why."""

PAGE = 100
"""Rows read at a time: each may be a megabyte and more."""

MOST_VALUES = 900
"""Values in one statement: an older SQLite takes no more than 999."""

Value = int | str | None
Row = tuple[Value, ...]

_Number = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class Column(msgspec.Struct, frozen=True):
    """A column, as far as a copy needs to know it."""

    name: str
    is_number: bool  # or else a text
    is_nullable: bool
    is_boolean: bool = False  # a number here, and in no database but PostgreSQL


class Table(msgspec.Struct, frozen=True):
    """A table that holds data."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]  # of its primary key


def engine_name() -> str:
    """Which engine keeps them."""
    return type(database.obj).__name__.lower()


def keeps_files() -> bool:
    """Whether attachments are in it, too (`pieces`)."""
    return bool(database.keeps_files)


def schema() -> list[str]:
    """The migrations that made it, in their order."""
    found = database.execute_sql('SELECT name FROM "schema_migration" ORDER BY name')
    return [name for (name,) in found.fetchall()]


def everything() -> list[Table]:
    """Every table that holds data, those that others refer to before them."""
    left = [
        name
        for name in database.get_tables()
        if name not in LEFT_OUT and not name.startswith("sqlite_")
    ]
    ordered: list[str] = []
    while left:
        first = next(name for name in left if not _refers_to(name) & (set(left) - {name}))
        ordered.append(first)
        left.remove(first)
    return [_table(name) for name in ordered]


def _refers_to(name: str) -> set[str]:
    return {key.dest_table for key in database.get_foreign_keys(name)}


def _table(name: str) -> Table:
    columns = tuple(
        _column(one.name, one.data_type.lower(), one.null) for one in database.get_columns(name)
    )
    return Table(name, columns, tuple(database.get_primary_keys(name)))


def _column(name: str, kind: str, is_nullable: bool) -> Column:
    is_boolean = kind == "boolean"
    return Column(name, is_boolean or "int" in kind, is_nullable, is_boolean)


def count(table: Table) -> int:
    """How many rows it has."""
    return int(database.execute_sql(f'SELECT count(*) FROM "{table.name}"').fetchone()[0])


def rows(table: Table) -> Iterator[Row]:
    """Its rows in the order of its key; a boolean is 0 or 1."""
    booleans = [at for at, column in enumerate(table.columns) if column.is_boolean]
    for row in _stored(table):
        yield _changed(row, booleans, int) if booleans else row


def _changed(row: Row, at: Sequence[int], kind: Callable[[Any], Any]) -> Row:
    values = list(row)
    for position in at:
        if values[position] is not None:
            values[position] = kind(values[position])
    return tuple(values)


def _stored(table: Table) -> Iterator[Row]:
    names = [column.name for column in table.columns]
    at = [names.index(name) for name in table.key]
    marks = ", ".join([database.param] * len(at))
    select = f'SELECT {_listed(names)} FROM "{table.name}"'
    order = f"ORDER BY {_listed(table.key)} LIMIT {PAGE}"
    page = database.execute_sql(f"{select} {order}").fetchall()
    while page:
        yield from page
        after = tuple(page[-1][position] for position in at)
        page = database.execute_sql(
            f"{select} WHERE ({_listed(table.key)}) > ({marks}) {order}", after
        ).fetchall()


def decoder(table: Table, names: Sequence[str]) -> "msgspec.json.Decoder[Row]":
    """Reads a row, written as a JSON array, whose columns have these names.

    Raises Refused where they are not the table's.
    """
    columns = {column.name: column for column in table.columns}
    if sorted(names) != sorted(columns):
        raise Refused(
            "damaged", f"the backup is damaged: table {table.name} has other columns than it should"
        )
    kinds = tuple(_kind(columns[name]) for name in names)
    row: Any = tuple.__class_getitem__(kinds)
    return msgspec.json.Decoder(row)


def _kind(column: Column) -> Any:
    kind = _Number if column.is_number else str
    return kind | None if column.is_nullable else kind


def put(table: Table, names: Sequence[str], found: Iterator[Row]) -> None:
    """Put these rows in the place of what a migration has left in the table.

    Raises Refused where the database does not take them.
    """
    at_a_time = max(1, MOST_VALUES // len(names))
    marks = f"({', '.join([database.param] * len(names))})"
    insert = f'INSERT INTO "{table.name}" ({_listed(names)}) VALUES '
    database.execute_sql(f'DELETE FROM "{table.name}"')
    kinds = {column.name: column.is_boolean for column in table.columns}
    booleans = [at for at, name in enumerate(names) if kinds[name]]
    batch: list[Row] = []

    def write() -> None:
        values = [value for row in batch for value in row]
        database.execute_sql(insert + ", ".join([marks] * len(batch)), values)
        batch.clear()

    try:
        for row in found:
            batch.append(_changed(row, booleans, bool))
            if len(batch) == at_a_time:
                write()
        if batch:
            write()
    except OWN as error:
        raise Refused(
            "damaged", f"the backup is damaged: table {table.name} holds rows that cannot be"
        ) from error


def continue_numbers() -> None:
    """See that a number given out from now on comes after those that are in the rows."""
    if not database.sequences:  # SQLite counts ids by itself
        _raise_counter()
        return
    for table in everything():
        for one in table.columns:
            if (one.name,) == table.key and one.is_number:
                sequence = f"pg_get_serial_sequence('\"{table.name}\"', '{one.name}')"
                query = f'SELECT setval({sequence}, max("{one.name}")) FROM "{table.name}"'
                database.execute_sql(query)
    database.execute_sql("SELECT setval('place', max(place)) FROM contact")


def _raise_counter() -> None:
    """PostgreSQL, where the rows may come from, counts places elsewhere."""
    database.execute_sql(
        "UPDATE counter SET value = max(value, (SELECT coalesce(max(place), 0) FROM contact))"
        " WHERE name = 'place'"
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
