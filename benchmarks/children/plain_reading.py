"""`DATABASE`: imports what a server imports, and reads every open contact with its plain driver.

A file is read with sqlite3, and what a URL names with psycopg.

What is read, and what it becomes, is what a server needs for its index: no more, no less.
"""

import json
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

import main
from ace_server import server
from ace_server.administration import commands
from ace_server.contact import State
from ace_server.store import engine

IMPORTED = main, server, commands
"""What `main.py server` imports; the time for it is part of what this is compared with."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

QUERY = """
SELECT id, entrance, state, queue, personal, place, prio, agent, first_queued_at, moves_on_at,
    area, prioritised, destination, task_type
FROM contact WHERE state IN ('buffered', 'queued', 'booked', 'accepted', 'parked')
"""


def _decoded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    times = _moment(row[8]), _moment(row[9])
    return (*row[:2], State(row[2]), *row[3:8], *times, row[10], bool(row[11]), *row[12:])


def _moment(stored: int | None) -> datetime | None:
    return None if stored is None else EPOCH + timedelta(microseconds=stored)


def _connected(database: str) -> Any:
    if engine.is_on_postgresql(database):
        return psycopg.connect(database)
    return sqlite3.connect(database)


if __name__ == "__main__":
    connection = _connected(sys.argv[1])
    found = [_decoded(row) for row in connection.execute(QUERY)]
    print(json.dumps({"ready": True, "contacts": len(found)}), flush=True)
    sys.stdin.buffer.read()
    connection.close()
