"""Which mailbox a mail was found in, and to which mails on their server it was done what is to be.

A mail that was settled before, in an account whose `afterwards` is `seen`, counts as done: it was
done at every start, and once more would mark as read what somebody has marked unread since. What is
to be moved or deleted is not marked: done again it changes nothing, and takes along what was
forgotten. Where mail is kept, nothing was done.
"""

import json
from typing import Any

DUE = "outcome IN ('contact', 'discarded') AND NOT is_oversized AND disposed_at IS NULL"


def up(migrator: Any, db: Any) -> None:
    for table, name, definition in (
        ("mail_folder", "mailbox", "TEXT NOT NULL DEFAULT ''"),
        ("mail_folder", "mailbox_number", "SMALLINT NOT NULL DEFAULT 0"),
        ("mail", "mailbox_number", "SMALLINT NOT NULL DEFAULT 0"),
        ("mail", "disposed_at", "BIGINT"),
    ):
        db.execute_sql(f'ALTER TABLE "{table}" ADD COLUMN "{name}" {definition}')
    query = "SELECT name, body FROM entry WHERE kind = 'mail_account'"
    for account, body in db.execute_sql(query).fetchall():
        if json.loads(body).get("afterwards") == "seen":
            db.execute_sql(
                f"UPDATE mail SET disposed_at = settled_at WHERE {DUE} AND account = {db.param}",
                (account,),
            )
    place = "account, folder, uidvalidity, mailbox_number"
    db.execute_sql("DROP INDEX mail_account_folder_uidvalidity_uid")
    db.execute_sql(f"CREATE UNIQUE INDEX mail_place ON mail ({place}, uid)")
    db.execute_sql(f"CREATE INDEX mail_due ON mail ({place}, id) WHERE {DUE}")
