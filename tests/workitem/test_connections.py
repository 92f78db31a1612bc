"""Slow senders, many senders, and senders of bombs: what each costs, and that others are served."""

import asyncio
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from ace_server.errors import Refused
from ace_server.store import Seam
from tests.workitem.bench import Answer, Bench, Sender, basic, request, work_item

MIB = 1024 * 1024
SOON = 2.0
"""Seconds within which a good sender is answered, whatever others do (B-16)."""


async def served(bench: Bench, id: str = "GOOD") -> bool:
    """Whether a good work item gets its receipt soon."""
    async with asyncio.timeout(SOON):
        return (await bench.post(work_item(id))).status == 200


async def closed(senders: list[Sender]) -> int:
    """How many of these connections the server has closed by now."""
    return sum([await sender.at_end(seconds=0.05) for sender in senders])


async def trickled(sender: Sender, pieces: list[bytes]) -> Answer:
    """Send piece by piece, slowly, until there is an answer."""
    answering = asyncio.create_task(sender.answer())
    for piece in pieces:
        if answering.done():
            break
        await sender.send(piece)
        await asyncio.sleep(0.02)
    return await answering


@pytest.fixture
async def hasty(bench: Bench) -> Bench:
    """A server whose senders have little time."""
    bench.set_system(workItemTimeout=0.3)
    return bench


# Too slow (B-16)


async def test_headers_that_do_not_come_to_an_end_are_slow(hasty: Bench):
    sender = await hasty.connect()
    await sender.send(b"POST /workitem HTTP/1.1\r\nHost: a\r\n")
    answer = await sender.answer()
    assert (answer.status, answer.code, answer.is_last) == (408, "slow", True)
    assert await sender.at_end()


async def test_headers_that_trickle_are_slow(hasty: Bench):
    sender = await hasty.connect()
    answer = await trickled(sender, [bytes([byte]) for byte in request(work_item())])
    assert answer.code == "slow"


async def test_second_message_has_its_own_time(hasty: Bench):
    sender = await hasty.connect()
    await sender.send(request(work_item()))
    assert (await sender.answer()).status == 200
    assert not await sender.at_end(seconds=0.5)  # idle between messages: that is no fault
    await sender.send(b"POST /workitem HTTP/1.1\r\n")
    assert (await sender.answer()).code == "slow"


async def test_body_that_does_not_come_is_slow(hasty: Bench):
    text = work_item().encode()
    for some in (b"", text[:50]):
        sender = await hasty.connect()
        await sender.send(request(some, length=len(text)))
        answer = await sender.answer()
        assert (answer.code, answer.is_last) == ("slow", True)
        assert await sender.at_end()
    assert await hasty.contacts() == []


async def test_chunks_that_trickle_are_slow(hasty: Bench):
    sender = await hasty.connect()
    await sender.send(request(length=None, headers={"Transfer-Encoding": "chunked"}))
    assert (await trickled(sender, [b"1\r\n<\r\n"] * 200)).code == "slow"


async def test_silent_connection_is_closed_without_a_word(hasty: Bench):
    sender = await hasty.connect()
    assert await sender.at_end()
    assert hasty.figure("ace_work_items_refused_total", account="", code="slow") is None


async def test_sender_that_goes_away_leaves_nothing(bench: Bench):
    sender = await bench.connect()
    await sender.send(request(b"x" * MIB, length=2 * MIB))
    await bench.until(lambda: bool(bench.files()))
    await sender.close()
    await bench.until(lambda: not bench.is_reading and not bench.files())
    assert await served(bench)


# Too many (B-16)


async def test_longest_idle_connection_is_closed_for_a_new_one(bench: Bench):
    bench.set_system(workItemConnectionsPerPeer=3)
    senders = [await bench.connect() for _ in range(3)]
    for number, sender in enumerate(senders):
        await sender.send(request(work_item(f"LOAN-{number}")))
        await sender.answer()
    await senders[0].send(request(work_item("AGAIN")))
    await senders[0].answer()
    assert await served(bench)
    assert [await sender.at_end(seconds=0.1) for sender in senders] == [False, True, False]


async def test_three_hundred_idle_connections_hinder_nobody(bench: Bench):
    idle = [await bench.connect() for _ in range(300)]
    assert await served(bench)
    assert bench.figure("ace_work_item_connections") <= 50
    assert await closed(idle[:100]) == 100


async def test_slowloris_hinders_nobody(bench: Bench):
    async def trickle(sender: Sender) -> None:
        with suppress(ConnectionError):
            await sender.send(b"POST /workitem HTTP/1.1\r\n")
            while not sender.reader.at_eof():
                await sender.send(b"X-A: b\r\n")
                await asyncio.sleep(0.01)

    slow = [await bench.connect() for _ in range(100)]
    trickling = [asyncio.create_task(trickle(sender)) for sender in slow]
    for number in range(5):
        assert await served(bench, f"GOOD-{number}")
    for task in trickling:
        task.cancel()
    await asyncio.gather(*trickling, return_exceptions=True)


async def test_bodies_that_stand_still_hinder_nobody(bench: Bench):
    bench.set_system(workItemConnectionsPerPeer=5)
    for _ in range(5):
        sender = await bench.connect()
        await sender.send(request(b"<", length=1000))
    await bench.until(lambda: len(bench.port._bodies) == 5)
    assert await served(bench)
    await bench.until(lambda: len(bench.port._bodies) == 4)


class Held(Seam):
    """A store that does not get on until it is let go."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.free.set()

    def call(self, kind, action):
        if kind == "begin":
            self.free.wait()
        return action()


async def test_connection_that_waits_for_its_receipt_is_not_closed(data: Path):
    bench = Bench(data, Held())
    bench.set_system(workItemConnectionsPerPeer=2)
    await bench.start()
    try:
        assert await served(bench)
        bench.seam.free.clear()
        waiting = [await bench.connect() for _ in range(2)]
        for number, sender in enumerate(waiting):
            await sender.send(request(work_item(f"LOAN-{number}")))
        await bench.until(lambda: bench.answering == 2)
        one_more = await bench.connect()
        answer = await one_more.answer()
        assert (answer.code, answer.is_last) == ("unavailable", True)
        assert int(answer.headers["retry-after"]) > 0
        bench.seam.free.set()
        assert [(await sender.answer()).code for sender in waiting] == ["queued", "queued"]
    finally:
        bench.seam.free.set()
        await bench.stop()


# Bombs


def resident() -> int:
    """Bytes of memory that this process has now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


BOMBS = """
import socket, sys, threading
port, size, authorization = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
unit = 65536
beginnings = [
    (b"<a>", b"<a/>"), (b"<a>", b"<a>"), (b"<a ", b'b="c" '), (b"<a>", b"<!---->"),
    (b"<a>", b"&#65;"), (b"<a><![CDATA[", b"]]><![CDATA["),
    (b"<workItem xmlns='urn:ace:workitem:1' id='a'><contactData/><body>", b"x"),
    (b"<workItem xmlns='urn:ace:workitem:1' id='a'><contactData/><attachment name='a'>", b"QUJD"),
    (b"<!DOCTYPE a [<!ENTITY b '", b"x"), (b"\\xef\\xbb\\xbf", b"\\xff"), (b"<a b='", b"x"),
]
def send(number):
    start, filling = beginnings[number % len(beginnings)]
    head = f"POST /workitem HTTP/1.1\\r\\nHost: a\\r\\nAuthorization: {authorization}\\r\\n"
    head += f"Content-Type: application/xml\\r\\nContent-Length: {size}\\r\\n\\r\\n"
    chunk = (filling * unit)[:unit]
    with socket.create_connection(("127.0.0.1", port)) as peer:
        peer.sendall(head.encode() + start)
        left = size - len(start)
        while left:
            left -= peer.send(chunk[:left])
        answer = peer.makefile("rb").readline()
    print(answer.split()[1].decode(), flush=True)
threads = [threading.Thread(target=send, args=(number,)) for number in range(30)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="memory bounds not proved: no /proc"
)
async def test_thirty_bombs_at_once_cost_little_memory_and_hinder_nobody(bench: Bench):
    assert await served(bench)
    before = most = resident()
    arguments = [str(bench.port_number), str(8 * MIB), basic()]
    bombs = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BOMBS, *arguments, stdout=asyncio.subprocess.PIPE
    )
    ending = asyncio.create_task(bombs.communicate())
    number = 0
    while not ending.done():
        assert await served(bench, f"GOOD-{(number := number + 1)}")
        most = max(most, resident())
        await asyncio.sleep(0.01)
    statuses = (await ending)[0].split()
    assert len(statuses) == 30
    assert set(statuses) <= {b"400", b"422"}
    assert most - before < 200 * MIB
    assert bench.files() == []


# TLS (G-6)


@pytest.fixture
async def certificate(tmp_path: Path) -> AsyncIterator[Path]:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl: TLS on the work item port is not proved")
    file = tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        + ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        + ["-keyout", str(tmp_path / "key.pem"), "-out", str(file)],
        check=True,
        capture_output=True,
    )
    yield file


async def test_certificate_makes_the_port_speak_tls_only(data: Path, certificate: Path):
    bench = Bench(data)
    bench.set_system(
        workItemCertificate=str(certificate),
        workItemPrivateKey=str(certificate.with_name("key.pem")),
        workItemTimeout=1.0,
    )
    await bench.start()
    try:
        trust = ssl.create_default_context(cafile=str(certificate))
        sender = await bench.connect(ssl=trust, server_hostname="localhost")
        await sender.send(request(work_item()))
        assert (await sender.answer()).code == "queued"
        await sender.send(request(length=100 * MIB))
        assert (await sender.answer()).code == "too-large"
        plain = await bench.connect()
        await plain.send(request(work_item()))
        assert b"HTTP" not in await plain.reader.read()
    finally:
        await bench.stop()


async def test_certificate_that_cannot_be_used_is_refused(bench: Bench, tmp_path: Path):
    bench.set_system(workItemCertificate=str(tmp_path / "nowhere.pem"))
    with pytest.raises(Refused):
        await bench.new_port().start()
