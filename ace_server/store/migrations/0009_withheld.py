"""The last automatic answers that a budget kept back, each with its time, instead of the last."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def up(migrator: Any, db: Any) -> None:
    query = "SELECT account, withheld, withheld_at FROM mail_account_state WHERE withheld <> ''"
    for account, said, at in db.execute_sql(query).fetchall():
        moment = (EPOCH + timedelta(microseconds=at)).isoformat()
        db.execute_sql(
            f"UPDATE mail_account_state SET withheld = {db.param} WHERE account = {db.param}",
            (json.dumps([{"at": moment, "said": json.loads(said)}]), account),
        )
    db.execute_sql("ALTER TABLE mail_account_state DROP COLUMN withheld_at")
