"""`URL WAITING CLAIMS`: one worker who claims contacts one by one out of a table of PostgreSQL.

Each claim is a transaction of its own: the first that waits and that nobody else is about to claim,
then its new state. The table is made anew, with as many waiting contacts as it is told, as long as
the bank's.
"""

import json
import sys
from time import perf_counter
from typing import Any

import msgspec
import psycopg

from benchmarks import bank

MAKE = """
DROP TABLE IF EXISTS waiting;
CREATE TABLE waiting (
    id bigserial PRIMARY KEY,
    state text NOT NULL,
    place bigint NOT NULL,
    agent text,
    booked_until timestamptz,
    subject text NOT NULL,
    body text NOT NULL,
    data text NOT NULL
);
CREATE INDEX ON waiting (place) WHERE state = 'queued';
"""
FILL = "COPY waiting (state, place, subject, body, data) FROM STDIN"
FIRST = """
SELECT id FROM waiting WHERE state = 'queued' ORDER BY place LIMIT 1 FOR UPDATE SKIP LOCKED
"""
CLAIM = """
UPDATE waiting SET state = 'booked', agent = %s, booked_until = now() + interval '60 s'
WHERE id = %s
"""


def _make(connection: "psycopg.Connection[Any]", waiting: int) -> None:
    connection.execute(MAKE)
    with connection.cursor().copy(FILL) as rows:
        for place, one in enumerate(bank.contacts(1, waiting)):
            data = msgspec.json.encode(one.data).decode()
            rows.write_row(("queued", place, one.subject, one.body, data))
    connection.execute("VACUUM ANALYZE waiting")  # or the first claims would not know the index


def _claim(connection: "psycopg.Connection[Any]", number: int) -> None:
    with connection.transaction():
        row = connection.execute(FIRST).fetchone()
        assert row is not None  # fewer are claimed than wait
        connection.execute(CLAIM, (bank.login(number), row[0]))


if __name__ == "__main__":
    url, waiting, claims = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with psycopg.connect(url, autocommit=True) as connected:
        _make(connected, waiting)
        began_at = perf_counter()
        for claim in range(claims):
            _claim(connected, claim)
        took = perf_counter() - began_at
    print(json.dumps({"ready": True, "seconds": took}), flush=True)
    sys.stdin.buffer.read()
