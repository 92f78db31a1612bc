"""A real mail server for the tests of e-mail, and a server of ours that fetches from it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import pytest_asyncio

from tests import dovecot as servers
from tests.email.serving import Post, account, make_bank, warm
from tests.smtp_sink import Sink


@pytest.fixture(scope="session")
def dovecot() -> Iterator[servers.Dovecot]:
    """A Dovecot for the whole run; skips, and says so, where there is none."""
    with servers.dovecot() as made:
        if made is None:
            pytest.skip(servers.MISSING)
        yield made


@pytest.fixture
def user(dovecot: servers.Dovecot) -> str:
    """A user of it with an empty mailbox."""
    return dovecot.new_user()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def sink() -> AsyncIterator[Sink]:
    """The SMTP server of `post`, for all tests of a module."""
    made = await Sink().start()
    yield made
    await made.stop()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def post(
    dovecot: servers.Dovecot, sink: Sink, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Post]:
    """A running server for all tests of a module, each with accounts of its own."""
    pool = ThreadPoolExecutor(4)
    asyncio.get_running_loop().set_default_executor(pool)
    data = tmp_path_factory.mktemp("post")
    make_bank(data)
    made = Post(data)
    await made.start()
    warm(pool, made.server.email.outbox._threads, made.server._mail_threads)
    await made.send_by(sink)
    first = dovecot.new_user()
    dovecot.deliver(first, b"Subject: first\r\n\r\n")
    await made.add(account(first, dovecot.url("imap")))
    await made.settled(first, 1)
    yield made
    await made.stop()
