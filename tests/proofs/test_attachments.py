"""A fault at every call of taking in a file on PostgreSQL, where it goes into the database, too.

A receipt is given only for what every machine finds; what is not answered is taken in once by the
next try.
"""

import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from ace_server.server import Server
from ace_server.store import Store, directory, pieces
from tests.proofs.faults import FAULTS, Failing, Fault
from tests.proofs.house import PASSWORDS, SLOW, configure_bank
from tests.proofs.sender import Sender, message
from tests.proofs.test_faults import NOT_NOW, strikes

BEFALLING = [fault for fault in FAULTS if fault.name in ("I/O error", "unknown outcome")]


def _configure() -> None:
    configure_bank()
    directory.replace_single("system", replace(SLOW, coreLease=3600.0))


@pytest.fixture
async def intake(
    data: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Server, Failing]]:
    """A WorkItem Server whose pieces are small."""
    monkeypatch.setattr(pieces, "SIZE", 5000)
    store = Store(data, url=postgresql_url)
    store.open()
    store.perform(_configure)
    store.close()
    seam = Failing()
    server = Server(data, database=postgresql_url, role="workitem", seam=seam, passwords=PASSWORDS)
    await server.start()
    yield server, seam
    await server.stop()


@pytest.mark.parametrize("fault", BEFALLING, ids=lambda fault: fault.name)
async def test_a_receipt_is_given_only_for_a_file_that_every_machine_finds(
    intake: tuple[Server, Failing], expect_log: Callable[[str], None], fault: Fault
) -> None:
    expect_log(NOT_NOW)
    server, seam = intake
    async with Sender(server.work_item_port) as sender:
        for number, strike in enumerate(strikes("with two pieces", [(fault, False)])):
            with strike.named():
                content = b"%8d" % number * 1000
                raw = message(str(number), attachment=content)
                strike.on(seam)
                answer = await sender.send(raw)
                strike.over(seam)
                assert answer.is_receipt or (strike.fired and answer.code == "unavailable")
                if not answer.is_receipt:
                    again = await sender.send(raw)
                    assert again.is_receipt
                assert await _found(server, content) == content
        assert list((server._data / "incoming").iterdir()) == []


async def _found(server: Server, content: bytes) -> bytes:
    """What other machines find under the name of this file."""
    digest = hashlib.sha256(content).hexdigest()
    return await server.store.run(lambda: b"".join(pieces.content(digest)))
