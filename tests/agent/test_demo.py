"""The demonstration without a screen: it walks through the bank and leaves only pictures."""

import asyncio
import os
import re
import subprocess
import sys
import tomllib
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage

from ace_agent import demo
from ace_agent.child import MAIN
from ace_agent.embedded import Embedded
from ace_agent.link import address
from resources import path
from tests.agent.waiting import until
from tests.flow.bank import bank

STEPS = ("1-paused", "2-booked", "3-in-progress", "4-wrap-up")


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """The demonstration when it has ended, and the folder that it had for temporary files."""
    folder = tmp_path_factory.mktemp("temporary")
    done = subprocess.run(
        [sys.executable, str(MAIN), "demo"],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done, folder


def test_it_walks_from_receipt_to_wrap_up(walked):
    done, _ = walked
    assert done.returncode == 0, done.stderr
    assert "Press F9 to be ready" in done.stdout


def test_its_pictures_show_every_step(walked):
    done, folder = walked
    found = re.search(r"the pictures are in (.+)", done.stdout)
    assert found is not None
    pictures = Path(found[1])
    assert pictures.parent == folder
    for step in STEPS:
        assert not QImage(str(pictures / f"{step}.png")).isNull()
        assert not QImage(str(pictures / f"{step}-support-system.png")).isNull()


def test_it_removes_everything_else(walked):
    _, folder = walked
    left = [entry.name for entry in folder.iterdir()]
    assert [name for name in left if not name.startswith("ace-demo-pictures-")] == []


def test_it_says_nothing_of_its_secrets(walked):
    done, _ = walked
    assert "ACE_DEMO" not in done.stdout + done.stderr


def test_its_people_and_accounts_are_those_of_the_bank():
    bank = tomllib.loads(path("demo/bank.toml").read_text("utf-8"))
    assert [user["login"] for user in bank["user"]] == list(demo.PEOPLE)
    assert [account["name"] for account in bank["work_item_account"]] == list(demo.ACCOUNTS)
    for entry in (*bank["user"], *bank["work_item_account"]):
        secret = entry.get("password") or entry["secret"]
        assert secret == f"env:ACE_DEMO_{(entry.get('login') or entry['name']).upper()}"


@pytest.mark.parametrize(
    ("width", "height"),
    [(1600, 1000), (1920, 1080), (1440, 900), (1366, 768), (1080, 1920), (3840, 2160)],
)
def test_support_system_never_covers_the_agents_window(width, height):
    room = QRect(0, 0, width, height)
    window, side = demo.arranged(room, QSize(1280, 800)) or (QRect(), QRect())
    assert not window.isEmpty()
    assert room.contains(window) and room.contains(side)
    assert not window.intersects(side)
    assert window.width() >= demo.NARROWEST.width()


def test_support_system_keeps_out_of_the_way_of_a_small_screen():
    assert demo.arranged(QRect(0, 0, 1024, 768), QSize(1024, 768)) is None


@pytest.mark.parametrize("role", demo.LOGINS)
def test_nobody_is_at_two_desks(role):
    busy = (demo.LOGINS[role], *demo.AT_WORK[role], *demo.BESIDE[role])
    assert len(set(busy)) == len(busy)
    assert set(busy) <= set(demo.PEOPLE)


def test_another_window_is_a_command_while_there_is_another_agent(bench, run):
    async def flow():
        demo.Besides(["bo"]).offer(bench.window)
        action = bench.window.commands["another-window"]
        assert action.isEnabled()
        assert action in bench.window.menuBar().actions()[4].menu().actions()
        assert bench.window._find("another agent")[0].key == "Ctrl+N"
        bench.press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        assert action.isEnabled(), "there is no server yet"
        demo.Besides([]).offer(bench.window)
        assert not bench.window.commands["another-window"].isEnabled()

    run(flow())


def test_what_to_try_holds_for_any_first_contact():
    said = demo._what_to_try("agent")
    assert "the first contact" in said
    assert "loan" not in said


def test_no_two_work_items_have_one_reference():
    cases = demo.cases()
    references = [reference for reference, _ in (next(cases) for _ in range(40))]
    assert len(set(references)) == 40


# Who works beside the person who watches


def test_somebody_at_work_handles_what_comes(run, data):
    """The supervisor's demonstration has something to watch."""

    async def flow():
        async with bank(data) as site:
            bo = demo.Person("bo", "secret of bo", Random(1), pace=0.0)
            ended = asyncio.Event()
            bo.session.changed.connect(lambda told: told.why == "ended" and ended.set())
            await site.send("LOAN-1")
            work = asyncio.ensure_future(
                bo.work(address(f"http://127.0.0.1:{site.facts['agents']}"))
            )
            await ended.wait()
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            await bo.stop()

    run(flow())


def test_another_agents_window_is_a_process_that_logs_in_and_goes_with_the_first(
    run, data, monkeypatch
):
    """This takes seconds: it starts the whole program once more."""
    monkeypatch.setenv(demo.variable("bo"), "secret of bo")

    async def flow():
        async with bank(data) as site, site.window("dagny") as dagny:
            besides = demo.Besides(["bo"])
            besides.offer(dagny.main)
            besides.server = Embedded(data)
            dagny.main.commands["another-window"].trigger()
            assert not dagny.main.commands["another-window"].isEnabled()
            await until(lambda: _state(dagny, "bo") == "paused")
            await besides.stop()
            await until(lambda: _state(dagny, "bo") == "logged out")

    run(flow())


def _state(window, login):
    """What the panel knows of an agent."""
    row = window.main.board.agents.get(login)
    return row.state if row is not None else None
