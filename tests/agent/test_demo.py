"""The demonstration without a screen: it walks through the bank and leaves only pictures."""

import asyncio
import os
import re
import subprocess
import sys
import tomllib
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage

from ace_agent import demo, demo_post
from ace_agent.child import MAIN
from ace_agent.embedded import Embedded
from ace_agent.link import address
from ace_server.email import analysis
from ace_server.email.analysis.subjects import read_subjects
from ace_server.email.message import parse
from ace_server.intake import place
from resources import path
from tests.administration.sites import assembled
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
    assert not QImage(str(pictures / "5-what-was-sent.png")).isNull(), "no mail was answered"


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


def test_its_mailbox_and_smtp_server_are_put_into_the_configuration():
    made = tomllib.loads(demo.configuration("maildir:/somewhere", "smtp://127.0.0.1:4711"))
    bank = tomllib.loads(path("demo/bank.toml").read_text("utf-8"))
    assert [account["fetch"] for account in made["mail_account"]] == ["maildir:/somewhere"]
    assert [server["url"] for server in made["smtp_server"]] == ["smtp://127.0.0.1:4711"]
    assert made | {"mail_account": 0, "smtp_server": 0} == bank | {
        "mail_account": 0,
        "smtp_server": 0,
    }


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


def test_what_social_media_send_says_its_author_and_its_thread():
    bank = tomllib.loads(path("demo/bank.toml").read_text("utf-8"))
    channels = {one["name"]: one for one in bank["work_item_account"] if "channel" in one}
    cases = demo.cases()
    sent = {case.account: case for _, case in (next(cases) for _ in range(40))}
    assert set(channels) == {"facebook", "x"} == channels.keys() & sent.keys()
    for name, account in channels.items():
        data = sent[name].data
        assert data[account["author_key"]]
        assert data[account["link_key"]].startswith("https://")


# What customers write

AT = datetime(2026, 11, 20, 13, 14, 3, tzinfo=UTC)
SHOWS = {
    "01-password": ("Password problem", "K-256091", ""),
    "02-home-loan": ("Question by mail", "K-411706", ""),
    "03-fraud": ("Suspected fraud", "K-330952", ""),
    "04-broken-card": ("Question by mail", "K-118340", ""),
    "05-out-of-office": ("Question by mail", None, "its envelope sender is empty"),
    "06-home-loan-again": ("Question by mail", "K-411706", ""),
    "07-newsletter": ("Question by mail", None, "its header Precedence says so"),
    "08-bounce": ("Question by mail", None, "its envelope sender is empty"),
    "09-old-mac": ("Question by mail", "K-097265", ""),
    "10-estate": ("Question by mail", "K-020418", ""),
    "11-reset-link": ("Password problem", "K-385124", ""),
    "12-thanks": ("Question by mail", "K-172583", ""),
}
"""Task type, customer number, and why it is not answered."""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Every mail as it lies in the mailbox, by its file's name: what it says, what is found."""
    folder = tmp_path_factory.mktemp("mail")
    mailbox = demo_post.Mailbox(folder)
    mailbox.make()
    for _ in SHOWS:
        mailbox.deliver(AT)
    site = assembled(path("demo/bank.toml").read_text("utf-8"))
    subjects = read_subjects(path("mail/automatic_subjects.txt").read_text("utf-8"))
    rules = analysis.prepare(site, "", subjects=subjects)
    found = {}
    for name, file in zip(SHOWS, sorted((folder / "new").iterdir()), strict=True):
        mail = parse(file.read_bytes(), keep=lambda content: str(len(content)))
        findings = analysis.analyse(mail, rules)
        task_type, _ = place(findings.data, "support@malarbanken.example", site, AT)
        found[name] = (mail, findings, task_type)
    assert list((folder / "tmp").iterdir()) == list((folder / "cur").iterdir()) == []
    return found


def test_every_mail_is_one_that_the_bank_knows_what_to_do_with(written):
    assert [file.stem for file in sorted(path("demo/mails").glob("*.eml"))] == list(SHOWS)
    for name, (mail, findings, task_type) in written.items():
        assert mail.faults == (), name
        assert mail.sent_at == AT, name
        assert (task_type, findings.data.get("cid"), findings.automatic) == SHOWS[name]


def test_mails_show_what_mail_can_be(written):
    mails = {name: mail for name, (mail, _, _) in written.items()}
    card = mails["04-broken-card"]
    assert [part.media_type for part in card.parts] == ["image/png", "application/pdf"]
    assert f"cid:{card.parts[0].content_id}" in card.html
    assert 'src="https://' in mails["07-newsletter"].html
    assert "Öregrund" in mails["09-old-mac"].text
    assert len(mails["10-estate"].cc) == 2
    assert mails["12-thanks"].reply_to != mails["12-thanks"].senders
    findings = {name: found for name, (_, found, _) in written.items()}
    assert findings["06-home-loan-again"].follows == (mails["02-home-loan"].message_id,)
    assert findings["08-bounce"].is_bounce


def test_no_two_mails_are_the_same():
    mails = demo_post.mails()
    some = [next(mails) for _ in range(3 * len(SHOWS))]
    assert len(set(some)) == len(some)
    assert not [mail for mail in some if demo_post.ROUND in mail or demo_post.DATE not in mail]


def test_mailbox_is_named_as_a_configuration_names_it(tmp_path):
    folder = tmp_path / 'mail of "today"'
    mailbox = demo_post.Mailbox(folder)
    assert mailbox.url == f"maildir:{tmp_path.as_posix()}/mail%20of%20%22today%22"


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
