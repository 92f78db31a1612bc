"""kill -9 of the real server under load, during its recovery and its migration (T2).

The long run is a command: `python -m tests.proofs.kill --kills 1000`.
"""

import asyncio
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from ace_server.store import engine
from tests.proofs import kill
from tests.proofs.process import COMES_UP_WITHIN, ROOT, Process, errors_in, make_bank, snapshot

SEEDS = [20261121]
"""Of the short run; a seed that once failed is added here and stays."""

KILLS = 30


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_the_server_told_anybody_is_true_after_every_kill(
    tmp_path: Path, seed: int
) -> None:
    figures = await kill.run(KILLS, seed, tmp_path)
    print(*figures.lines(), sep="\n")
    assert figures.kills == KILLS
    assert figures.kills_before_ready, "no kill met a start"
    assert figures.unanswered, "no kill met a work item on its way"


TODAY = sorted(file.stem for file in engine.MIGRATIONS.glob("*.py"))
ROUNDS = 3
TABLES = 1500

SLOW_MIGRATION = f"""
import peewee as pw

def up(migrator, db):
    migrator.migrate(migrator.add_column("contact", "colour", pw.TextField(default="blue")))
    for number in range({TABLES}):
        db.execute_sql(f"CREATE TABLE many_{{number}} (id INTEGER PRIMARY KEY, name TEXT)")
        db.execute_sql(f"INSERT INTO many_{{number}} (name) VALUES ('x')")
"""


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_migration_that_was_killed_is_completed_by_the_next_start(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    later = _program_of_tomorrow(tmp_path / "program")
    for number in range(ROUNDS):
        data, log = tmp_path / str(number), tmp_path / f"{number}.log"
        make_bank(data, kill.SYSTEM)
        process = Process(data, log, program=later)
        await process.spawn()
        try:
            await _until_it_migrates(data)
            await asyncio.sleep(chance.uniform(0.0, 0.05))
        finally:
            await process.kill()
        left = snapshot(data, tmp_path / "look")
        assert _migrations(left) == TODAY, "the kill came too late to prove anything"
        async with Process(data, log, program=later) as process:
            assert await process.stop() == 0
        assert errors_in(log) == []
        _check_migrated(data)


def _program_of_tomorrow(program: Path) -> Path:
    """A copy of the program whose schema is one step further, which takes a moment."""
    for name in ("ace_server", "resources"):
        shutil.copytree(ROOT / name, program / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("main.py", "bootstrap.py"):
        shutil.copy(ROOT / name, program)
    (program / engine.MIGRATIONS.relative_to(ROOT) / "0902_slow.py").write_text(SLOW_MIGRATION)
    return program


async def _until_it_migrates(data: Path) -> None:
    """Before a migration comes a copy of the database: once that is there, it begins."""
    copy = data / f"{engine.FILE_NAME}.before-migration"
    async with asyncio.timeout(COMES_UP_WITHIN):
        while not copy.exists():
            await asyncio.sleep(0.001)


def _migrations(data: Path) -> list[str]:
    with closing(sqlite3.connect(data / engine.FILE_NAME)) as connection:
        query = "SELECT name FROM schema_migration ORDER BY name"
        return [name for (name,) in connection.execute(query)]


def _check_migrated(data: Path) -> None:
    assert _migrations(data) == [*TODAY, "0902_slow"]
    with closing(sqlite3.connect(data / engine.FILE_NAME)) as connection:
        assert "colour" in {row[1] for row in connection.execute("PRAGMA table_info(contact)")}
        for number in range(TABLES):
            assert connection.execute(f"SELECT name FROM many_{number}").fetchall() == [("x",)]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
