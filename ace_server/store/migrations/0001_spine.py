"""Contacts with their history and files, desks and log-ins, the configuration, the audit."""

from typing import Any

import peewee as pw

STATES = ("buffered", "queued", "booked", "accepted", "parked", "ended")
MOVES = (
    ("buffered", "queued"),
    ("queued", "booked"),
    ("queued", "accepted"),
    ("queued", "ended"),
    ("booked", "accepted"),
    ("booked", "queued"),
    ("accepted", "parked"),
    ("accepted", "queued"),
    ("accepted", "ended"),
    ("parked", "accepted"),
    ("parked", "queued"),
)
IN_HAND = "('booked', 'accepted', 'parked')"


def up(migrator: Any, db: Any) -> None:
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Move(Base):
        before = pw.CharField(16)
        after = pw.CharField(16)

        class Meta:
            primary_key = pw.CompositeKey("before", "after")

    class Counter(Base):
        name = pw.CharField(16, primary_key=True)
        value = pw.BigIntegerField()

    class Contact(Base):
        id = pw.AutoField()
        account = pw.TextField()
        external_id = pw.TextField()
        digest = pw.TextField()
        entrance = pw.TextField()
        state = pw.CharField(16)
        received_as = pw.CharField(16)
        task_type = pw.TextField(default="")
        queue = pw.TextField(default="")
        destination = pw.SmallIntegerField(default=0)
        personal = pw.TextField(default="")
        place = pw.BigIntegerField(null=True)
        prio = pw.SmallIntegerField(default=5)
        agent = pw.TextField(null=True)
        subject = pw.TextField(default="")
        body = pw.TextField(default="")
        data = pw.TextField(default="{}")
        note = pw.TextField(default="")
        note_by = pw.TextField(default="")
        received_at = pw.BigIntegerField()
        first_queued_at = pw.BigIntegerField(null=True)
        moves_on_at = pw.BigIntegerField(null=True)
        booked_until = pw.BigIntegerField(null=True)
        accepted_at = pw.BigIntegerField(null=True)
        parked_at = pw.BigIntegerField(null=True)
        ended_at = pw.BigIntegerField(null=True)

        class Meta:
            indexes = ((("account", "external_id"), True), (("state", "place"), False))
            constraints = [
                pw.Check(f"state IN {STATES}", "contact_state"),
                pw.Check("received_as IN ('queued', 'buffered')", "contact_received_as"),
                # A contact belongs to an agent exactly while it is in hand; ended keeps the name.
                pw.Check(
                    f"(state IN {IN_HAND}) = (agent IS NOT NULL) OR state = 'ended'",
                    "contact_agent",
                ),
                pw.Check("(state = 'buffered') = (place IS NULL)", "contact_place"),
                pw.Check("(place IS NULL) = (first_queued_at IS NULL)", "contact_first_queued"),
                pw.Check("state <> 'queued' OR (queue <> '') <> (personal <> '')", "contact_queue"),
                pw.Check("(state = 'ended') = (ended_at IS NOT NULL)", "contact_ended"),
                pw.Check("prio BETWEEN 0 AND 9", "contact_prio"),
            ]

    class Attachment(Base):
        contact = pw.ForeignKeyField(Contact)
        position = pw.SmallIntegerField()
        name = pw.TextField()
        media_type = pw.TextField()
        size = pw.BigIntegerField()
        digest = pw.TextField(index=True)

        class Meta:
            primary_key = pw.CompositeKey("contact", "position")

    class History(Base):
        id = pw.AutoField()
        contact = pw.ForeignKeyField(Contact, on_delete="CASCADE")
        at = pw.BigIntegerField()
        verb = pw.CharField(24)
        by = pw.TextField(default="")
        before = pw.CharField(16, null=True)
        after = pw.CharField(16, null=True)
        queue = pw.TextField(default="")
        detail = pw.TextField(default="")

        class Meta:
            table_name = "history"
            constraints = [
                pw.SQL('FOREIGN KEY ("before", "after") REFERENCES "move" ("before", "after")')
            ]

    class Desk(Base):
        login = pw.TextField(primary_key=True)
        state = pw.CharField(16)
        since = pw.BigIntegerField()
        until = pw.BigIntegerField(null=True)
        activity = pw.TextField(default="")
        pause_wanted = pw.BooleanField(default=False)
        wanted_activity = pw.TextField(default="")
        wrap_up_contact = pw.IntegerField(null=True)

    class LogIn(Base):
        token = pw.CharField(64, primary_key=True)
        login = pw.TextField(index=True)
        at = pw.BigIntegerField()
        seen_at = pw.BigIntegerField()

    class Entry(Base):
        kind = pw.CharField(32)
        name = pw.TextField()
        position = pw.IntegerField()
        body = pw.TextField()

        class Meta:
            primary_key = pw.CompositeKey("kind", "name")

    class Secret(Base):
        kind = pw.CharField(32)
        name = pw.TextField()
        form = pw.CharField(8)
        value = pw.TextField()

        class Meta:
            primary_key = pw.CompositeKey("kind", "name")

    class Audit(Base):
        id = pw.AutoField()
        at = pw.BigIntegerField()
        actor = pw.TextField()
        action = pw.TextField()
        object = pw.TextField()
        result = pw.TextField()
        detail = pw.TextField(default="")
        chain = pw.CharField(64)

    db.create_tables([Move], safe=False)  # history refers to it in words Peewee cannot order by
    models = [Counter, Contact, Attachment, History, Desk, LogIn, Entry, Secret, Audit]
    db.create_tables(models, safe=False)
    if db.sequences:  # PostgreSQL; see `contacts.next_place`
        db.execute_sql("CREATE SEQUENCE place")
    Move.insert_many(MOVES, fields=[Move.before, Move.after]).execute()
    Counter.insert_many(
        [("place", 0), ("audit", 0)], fields=[Counter.name, Counter.value]
    ).execute()
