"""The bytes of attachments, for an engine whose machines do not share a folder."""

from typing import Any

import peewee as pw


def up(migrator: Any, db: Any) -> None:
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class SharedFile(Base):
        id = pw.AutoField()
        digest = pw.CharField(64, index=True)
        size = pw.BigIntegerField(default=0)
        is_whole = pw.BooleanField(default=False)
        counted_on_at = pw.BigIntegerField()

    class Piece(Base):
        file = pw.ForeignKeyField(SharedFile, on_delete="CASCADE", index=False)
        number = pw.IntegerField()
        content = pw.BlobField()

        class Meta:
            primary_key = pw.CompositeKey("file", "number")

    db.create_tables([SharedFile, Piece], safe=False)
    if db.sequences:  # PostgreSQL, which would try to compress recordings and pictures
        db.execute_sql('ALTER TABLE "piece" ALTER COLUMN "content" SET STORAGE EXTERNAL')
