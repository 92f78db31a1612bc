"""What lets several processes share a store: the lease, its number in the history, the news."""

from typing import Any

import peewee as pw


def up(migrator: Any, db: Any) -> None:
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Lease(Base):
        area = pw.TextField(primary_key=True)
        holder = pw.TextField()
        fence = pw.BigIntegerField()
        beat = pw.BigIntegerField()

    class News(Base):
        id = pw.AutoField()
        contact = pw.IntegerField()

    db.create_tables([Lease, News], safe=False)
    migrator.migrate(migrator.add_column("history", "fence", pw.BigIntegerField(default=0)))
    db.execute_sql("INSERT INTO counter (name, value) VALUES ('configuration', 0)")
