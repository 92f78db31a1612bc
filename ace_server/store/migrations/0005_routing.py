"""Areas, what a supervisor does with what waits, how long contacts are handled, who serves what."""

from typing import Any

import peewee as pw

# By hand and not by the migrator, which would make SQLite's table anew for each of them. Every
# default is the database's own, so that an insertion need not name it.
COLUMNS = (
    ("contact", "area", "TEXT NOT NULL DEFAULT ''"),
    (
        "contact",
        "prioritised",
        "BOOLEAN NOT NULL DEFAULT false"
        " CONSTRAINT contact_prioritised CHECK (NOT prioritised OR state IN ('queued', 'booked'))",
    ),
    ("contact", "until", "TEXT NOT NULL DEFAULT ''"),
    ("contact", "entered_at", "BIGINT"),
    ("contact", "accepted_as", "TEXT"),
    ("contact", "reestablished", "BOOLEAN NOT NULL DEFAULT false"),
    ("contact", "in_hand_since", "BIGINT"),
    ("contact", "handled_for", "BIGINT NOT NULL DEFAULT 0"),
    ("history", "personal", "TEXT NOT NULL DEFAULT ''"),
    ("desk", "last_entrance", "TEXT NOT NULL DEFAULT ''"),
)

# What was parked before that, or requeued, is not subtracted: it was not kept.
AS_IT_STANDS = """
UPDATE contact SET
    entered_at = first_queued_at,
    accepted_as = CASE WHEN accepted_at IS NOT NULL THEN task_type END,
    in_hand_since = CASE WHEN state = 'accepted' THEN accepted_at END,
    handled_for = CASE WHEN state = 'parked' THEN COALESCE(parked_at - accepted_at, 0) ELSE 0 END
WHERE state NOT IN ('buffered', 'ended')
"""

DESKS = """
INSERT INTO desk_history ("login", "at", "state", "work_level", "detail")
SELECT login, since, state, '', '{}' FROM desk ORDER BY since, login
"""


def up(migrator: Any, db: Any) -> None:
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Serving(Base):
        login = pw.TextField(primary_key=True)
        work_level = pw.TextField(default="")
        logged = pw.TextField(default="{}")

    class DeskHistory(Base):
        id = pw.AutoField()
        login = pw.TextField()
        at = pw.BigIntegerField(index=True)
        state = pw.CharField(16)
        work_level = pw.TextField()
        detail = pw.TextField()

        class Meta:
            indexes = ((("login", "id"), False),)

    for table, name, definition in COLUMNS:
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {definition}')
    db.execute_sql(AS_IT_STANDS)
    db.create_tables([Serving, DeskHistory], safe=False)
    db.execute_sql(DESKS)
