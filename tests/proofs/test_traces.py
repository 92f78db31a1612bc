"""What a server leaves behind: no secret anywhere, texts only where they belong (P10, H-5, T10)."""

import asyncio
import hashlib
import os
import random
import stat
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ace_server.store.engine import FILE_NAME
from tests.proofs.agent import ScriptedAgent
from tests.proofs.process import PASSWORD, Process, command
from tests.proofs.sender import (
    MARK_BODY,
    MARK_DATA,
    MARK_SUBJECT,
    SECRET,
    Answer,
    Sender,
    message,
)

FILE = b"MARKER-OF-A-FILE" * 5000  # too long to be kept in memory
DIGEST = hashlib.sha256(FILE).hexdigest()
TEXTS = (MARK_BODY, MARK_SUBJECT, MARK_DATA)

BANK = f"""
[[work_item_account]]
name = "loans"
secret = "{SECRET}"
receipt = true

[[user]]
login = "anna"
name = "Anna"
role = "agent"
password = "{PASSWORD}"

[[queue]]
name = "Everyone"

[[task_type]]
name = "Loan application"
outcomes = ["Granted"]
wrap_up = 0

[[task_type_rule]]
task_type = "Loan application"

[[routing_rule]]
to = [{{ queue = "Everyone" }}]

[system]
workItemPort = 0
"""


def refused() -> Iterator[tuple[bytes, str]]:
    """Messages with texts in every wrong place, and their codes."""
    right = message("T-9").decode()
    yield right.replace('key="cid"', f'key="{MARK_DATA}"').encode(), "unknown-key"
    yield right.replace("</workItem>", f"<{MARK_BODY}/></workItem>").encode(), "invalid"
    yield right.replace("</workItem>", MARK_BODY).encode(), "malformed"
    yield right.replace(">https:", ' prio="1">https:').encode(), "invalid"
    yield right.replace('"cid">', f'"prio">{MARK_DATA}').encode(), "bad-value"


@pytest.fixture
async def lived(tmp_path: Path) -> Path:
    """A folder with `data` and `server.log` of a server that was used, and killed."""
    bank = tmp_path / "bank.toml"
    bank.write_text(BANK)
    before = os.umask(0o022)  # the most usual one: ours must not depend on it
    try:
        await command("configure", str(bank), "--data", str(tmp_path / "data"))
        async with Process(tmp_path / "data", tmp_path / "server.log") as server:
            await _use(server)
            _check_process(server.pid)
    finally:
        os.umask(before)
    bank.unlink()
    return tmp_path


async def _use(server: Process) -> None:
    async def link() -> int:
        return server.agents_port

    agent = ScriptedAgent(link, random.Random(1))
    working = asyncio.create_task(agent.live())
    async with Sender(server.work_item_port) as sender:
        for number in range(6):
            attachment = FILE if number % 2 else None
            assert (await sender.send(message(f"T-{number}", attachment=attachment))).is_receipt
        for raw, code in refused():
            assert (await sender.send(raw)).code == code
        assert (await sender.send(message("T-1"))).code == "id-conflict"
    async with Sender(server.work_item_port, account=SECRET) as stranger:
        assert await stranger.send(message("T-1")) == Answer(401, code="unauthorised")
    async with asyncio.timeout(30):
        while len(agent.told.ended) < 3:
            await asyncio.sleep(0.01)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


def _check_process(pid: int) -> None:
    if sys.platform != "linux":
        return
    for name in ("cmdline", "environ"):
        content = Path(f"/proc/{pid}/{name}").read_bytes()
        assert SECRET.encode() not in content
        assert PASSWORD.encode() not in content


async def test_what_a_server_leaves_behind(lived: Path) -> None:
    log = (lived / "server.log").read_bytes()
    files = {path: path.read_bytes() for path in lived.rglob("*") if path.is_file()}
    for path, content in files.items():
        assert SECRET.encode() not in content, f"a secret in {path}"
        assert PASSWORD.encode() not in content, f"a password in {path}"
        if not path.name.startswith(FILE_NAME):
            for text in TEXTS:
                assert text.encode() not in content, f"{text} in {path}"
        if path.name != DIGEST:
            assert FILE[:16] not in content, f"an attachment in {path}"
    assert b"refused: code=unknown-key" in log
    assert b"refused: code=unauthorised" in log
    assert any(path.name == DIGEST for path in files)
    await command("backup", str(lived / "backup.zip"), "--data", str(lived / "data"))
    with zipfile.ZipFile(lived / "backup.zip") as found:
        for name in found.namelist():
            assert SECRET.encode() not in found.read(name), f"a secret in {name}"
            assert PASSWORD.encode() not in found.read(name), f"a password in {name}"


@pytest.mark.skipif(
    os.name == "nt", reason="not proved here: modes of files, which Windows has not"
)
async def test_only_the_owner_may_read_anything_in_the_data_folder(lived: Path) -> None:
    data = lived / "data"
    for path in (data, *data.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), f"{path} has mode {mode:o}"
