"""The domains that somebody here has written to, and how many answers a correspondent got."""

import json
from contextlib import suppress
from typing import Any

import peewee as pw


def up(migrator: Any, db: Any) -> None:
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Outgoing(Base):
        id = pw.AutoField()

    class KnownDomain(Base):
        domain = pw.TextField()
        outgoing = pw.ForeignKeyField(Outgoing, on_delete="CASCADE")

        class Meta:
            primary_key = pw.CompositeKey("domain", "outgoing")

    db.create_tables((KnownDomain,), safe=False)
    db.execute_sql(
        'CREATE INDEX "outgoing_correspondent_account_created_at"'
        ' ON "outgoing" ("correspondent", "account", "created_at")'
    )
    written = db.execute_sql('SELECT "id", "recipients" FROM "outgoing" WHERE "by" <> \'\'')
    rows = {
        (_domain_of(one["address"]), number)
        for number, recipients in written.fetchall()
        for one in json.loads(recipients)
    }
    for domain, number in sorted(row for row in rows if row[0]):
        KnownDomain.insert(domain=domain, outgoing=number).execute()


def _domain_of(address: str) -> str:
    """In lower case and ASCII, as the program of this version compares domains."""
    domain = address.strip().rpartition("@")[2] if "@" in address else ""
    with suppress(UnicodeError):
        domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    return domain.lower().rstrip(".")
