"""kill -9 of the real server under load, during its recovery and its migration (T2).

The long run is a command: `python -m tests.proofs.kill --kills 1000`.
"""

import asyncio
import random
import shutil
from pathlib import Path

import pytest

from ace_server.store import engine as engines
from tests.proofs import kill
from tests.proofs.places import Place, Places
from tests.proofs.process import COMES_UP_WITHIN, ROOT, Process, errors_in, make_bank

SEEDS = [20261121]
"""Of the short run; a seed that once failed is added here and stays."""

KILLS = {"sqlite": 30, "postgresql": 8}


@pytest.mark.parametrize("seed", SEEDS)
async def test_what_the_server_told_anybody_is_true_after_every_kill(
    places: Places, engine: str, seed: int
) -> None:
    figures = await kill.run(KILLS[engine], seed, places)
    print(*figures.lines(), sep="\n")
    assert figures.kills == KILLS[engine]
    assert figures.kills_before_ready, "no kill met a start"
    assert figures.unanswered, "no kill met a work item on its way"


TODAY = sorted(file.stem for file in engines.MIGRATIONS.glob("*.py"))
ROUNDS = {"sqlite": 3, "postgresql": 1}
TABLES = {"sqlite": 1500, "postgresql": 150}
"""So many that the migration takes a moment."""

SLOW_MIGRATION = """
import peewee as pw

def up(migrator, db):
    migrator.migrate(migrator.add_column("contact", "colour", pw.TextField(default="blue")))
    for number in range({tables}):
        db.execute_sql(f"CREATE TABLE many_{{number}} (id INTEGER PRIMARY KEY, name TEXT)")
        db.execute_sql(f"INSERT INTO many_{{number}} (id, name) VALUES (1, 'x')")
"""


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_migration_that_was_killed_is_completed_by_the_next_start(
    places: Places, engine: str, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    later = _program_of_tomorrow(tmp_path / "program", TABLES[engine])
    for _ in range(ROUNDS[engine]):
        place = places.empty()
        log = place.data.with_name("server.log")
        make_bank(place.data, kill.SYSTEM, url=place.url)
        process = Process(place.data, log, program=later)
        await process.spawn()
        try:
            await _until_it_migrates(place)
            await asyncio.sleep(chance.uniform(0.0, 0.05))
        finally:
            await process.kill()
        assert _migrations(place.as_left()) == TODAY, "the kill came too late"
        async with Process(place.data, log, program=later) as process:
            assert await process.stop() == 0
        assert errors_in(log) == []
        _check_migrated(place, TABLES[engine])


def _program_of_tomorrow(program: Path, tables: int) -> Path:
    """A copy of the program whose schema is one step further, which takes a moment."""
    for name in ("ace_server", "resources"):
        shutil.copytree(ROOT / name, program / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("main.py", "bootstrap.py"):
        shutil.copy(ROOT / name, program)
    slow = program / engines.MIGRATIONS.relative_to(ROOT) / "0902_slow.py"
    slow.write_text(SLOW_MIGRATION.format(tables=tables))
    return program


async def _until_it_migrates(place: Place) -> None:
    async with asyncio.timeout(COMES_UP_WITHIN):
        while not place.is_migrating():
            await asyncio.sleep(0.001)


def _migrations(place: Place) -> list[str]:
    return [name for (name,) in place.select("SELECT name FROM schema_migration ORDER BY name")]


def _check_migrated(place: Place, tables: int) -> None:
    assert _migrations(place) == [*TODAY, "0902_slow"]
    assert place.select("SELECT colour FROM contact") == []
    for number in range(tables):
        assert place.select(f"SELECT name FROM many_{number}") == [("x",)]
    assert place.damage() == []
