"""Figures that are kept, begun with the contacts that are there."""

from typing import Any

import peewee as pw

BUCKET = 15 * 60 * 1_000_000  # microseconds

STANDS = """
    CASE state WHEN 'buffered' THEN 'buffered' WHEN 'queued' THEN 'waiting' ELSE 'in hand' END
"""
KIND = "CASE WHEN queue <> '' THEN 'queue' ELSE 'personal' END"
NAME = "CASE WHEN queue <> '' THEN queue ELSE personal END"

BY_ENTRANCE = f"""
INSERT INTO figure ("at", "kind", "name", "figure", "writer", "value")
SELECT 0, 'entrance', entrance, {STANDS}, 'core', COUNT(*)
FROM contact WHERE state <> 'ended' GROUP BY 3, 4
"""
BY_QUEUE = f"""
INSERT INTO figure ("at", "kind", "name", "figure", "writer", "value")
SELECT 0, {KIND}, {NAME}, {STANDS}, 'core', COUNT(*)
FROM contact WHERE state NOT IN ('buffered', 'ended') GROUP BY 2, 3, 4
"""
ENDED = f"""
INSERT INTO figure ("at", "kind", "name", "figure", "writer", "value")
SELECT ended_at / {BUCKET} * {BUCKET}, {KIND}, {NAME}, 'ended', 'core', COUNT(*)
FROM contact WHERE state = 'ended' GROUP BY 1, 2, 3
"""


def up(migrator: Any, db: Any) -> None:
    class Figure(pw.Model):
        at = pw.BigIntegerField()
        kind = pw.CharField(16)
        name = pw.TextField()
        figure = pw.CharField(16)
        writer = pw.CharField(32)
        value = pw.BigIntegerField()

        class Meta:
            database = db
            legacy_table_names = False
            primary_key = pw.CompositeKey("at", "kind", "name", "figure", "writer")

    db.create_tables([Figure], safe=False)
    for sql in (BY_ENTRANCE, BY_QUEUE, ENDED):
        db.execute_sql(sql)
