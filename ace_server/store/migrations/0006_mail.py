"""Mail: the ledger, the accounts and their servers, the outbox, drafts."""

from typing import Any

import peewee as pw

OUTCOMES = "('pending', 'contact', 'discarded', 'quarantined')"
SENT = "('queued', 'sending', 'handed over', 'refused', 'unknown', 'withdrawn')"


def up(migrator: Any, db: Any) -> None:
    class Base(pw.Model):
        class Meta:
            database = db
            legacy_table_names = False

    class Contact(Base):
        id = pw.AutoField()

    class MailFolder(Base):
        account = pw.TextField()
        folder = pw.TextField()
        uidvalidity = pw.BigIntegerField()
        last_uid = pw.BigIntegerField(default=0)
        on_server = pw.IntegerField(default=0)
        noted = pw.IntegerField(default=0)
        looked_at = pw.BigIntegerField(null=True)

        class Meta:
            primary_key = pw.CompositeKey("account", "folder")

    class FetchedMail(Base):
        id = pw.AutoField()
        account = pw.TextField()
        folder = pw.TextField()
        uidvalidity = pw.BigIntegerField()
        uid = pw.TextField()
        size = pw.BigIntegerField()
        arrived_at = pw.BigIntegerField(null=True)
        fetched_at = pw.BigIntegerField()
        message_id = pw.TextField(default="")
        digest = pw.CharField(64)
        is_oversized = pw.BooleanField(default=False)
        outcome = pw.CharField(16, default="pending")
        contact = pw.ForeignKeyField(Contact, null=True, on_delete="SET NULL")
        reason = pw.TextField(default="")
        attempts = pw.SmallIntegerField(default=0)
        settled_at = pw.BigIntegerField(null=True)

        class Meta:
            table_name = "mail"
            constraints = [
                pw.Check(f"outcome IN {OUTCOMES}", "mail_outcome"),
                pw.Check(
                    "(outcome = 'pending') = (settled_at IS NULL)",
                    "mail_settled_at",
                ),
                pw.Check("contact_id IS NULL OR outcome = 'contact'", "mail_contact"),
            ]
            indexes = (
                (("account", "folder", "uidvalidity", "uid"), True),
                (("outcome", "id"), False),
                (("digest",), False),
                (("message_id", "account"), False),
            )

    class MailAccountState(Base):
        account = pw.TextField(primary_key=True)
        server = pw.TextField(default="")
        state = pw.CharField(16, default="waiting")
        since = pw.BigIntegerField()
        fetched_at = pw.BigIntegerField(null=True)
        trouble = pw.TextField(default="")
        withheld = pw.TextField(default="")
        withheld_at = pw.BigIntegerField(null=True)
        wanted_since = pw.TextField(default="")
        wanted_before = pw.TextField(default="")

    class EmailServer(Base):
        name = pw.TextField(primary_key=True)
        beat = pw.BigIntegerField(default=0)

    class Outgoing(Base):
        id = pw.AutoField()
        kind = pw.CharField(16)
        contact = pw.ForeignKeyField(Contact, null=True, on_delete="SET NULL")
        account = pw.TextField()
        by = pw.TextField(default="")
        sender = pw.TextField(default="")
        recipients = pw.TextField()
        correspondent = pw.TextField(default="")
        subject = pw.TextField(default="")
        message_id = pw.TextField(default="")
        digest = pw.CharField(64)
        state = pw.CharField(16, default="queued")
        created_at = pw.BigIntegerField()
        due_at = pw.BigIntegerField()
        attempts = pw.SmallIntegerField(default=0)
        is_again = pw.BooleanField(default=False)
        holder = pw.TextField(default="")
        settled_at = pw.BigIntegerField(null=True)

        class Meta:
            constraints = [
                pw.Check(f"state IN {SENT}", "outgoing_state"),
                pw.Check(
                    "(state IN ('queued', 'sending')) = (settled_at IS NULL)",
                    "outgoing_settled_at",
                ),
                pw.Check("(state = 'sending') = (holder <> '')", "outgoing_holder"),
                pw.Check("recipients <> '[]'", "outgoing_recipients"),
            ]
            indexes = (
                (("state", "due_at"), False),
                (("kind", "created_at"), False),
                (("message_id", "account"), False),
                (("digest",), False),
            )

    class Draft(Base):
        id = pw.AutoField()
        login = pw.TextField(index=True)
        contact = pw.ForeignKeyField(Contact, null=True, on_delete="SET NULL")
        kind = pw.CharField(16)
        body = pw.TextField()
        saved_at = pw.BigIntegerField()
        outgoing = pw.ForeignKeyField(Outgoing, null=True, on_delete="CASCADE")

    class DraftFile(Base):
        draft = pw.ForeignKeyField(Draft, on_delete="CASCADE")
        position = pw.SmallIntegerField()
        name = pw.TextField()
        media_type = pw.TextField()
        size = pw.BigIntegerField()
        digest = pw.CharField(64, index=True)

        class Meta:
            primary_key = pw.CompositeKey("draft", "position")

    for table, name, definition in (
        ("contact", "follows", "INTEGER"),
        ("attachment", "content_id", "TEXT NOT NULL DEFAULT ''"),
    ):
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {definition}')
    made = (
        MailFolder,
        FetchedMail,
        MailAccountState,
        EmailServer,
        Outgoing,
        Draft,
        DraftFile,
    )
    db.create_tables(made, safe=False)
