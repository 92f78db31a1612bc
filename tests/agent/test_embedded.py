"""Joining and starting the server: how a child that stands in for it is treated."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from ace_agent.child import Child, early
from ace_agent.embedded import Embedded
from ace_agent.link import Address
from ace_agent.tasks import Trouble
from tests.agent.waiting import until

STAND_IN = Path(__file__).with_name("stand_in.py")
HERE = Address("127.0.0.1", 4711, own=True)


@asynccontextmanager
async def window(data, manner="serves", **options):
    """What one window does about its server."""
    embedded = Embedded(data, program=[sys.executable, str(STAND_IN), manner], **options)
    try:
        yield embedded
    finally:
        await embedded.stop()


def started(data):
    """The pids of all that were started, in order."""
    return [int(line) for line in (data / "started").read_text().split()]


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_server_is_started_and_ends_with_its_window(run, data, qapp):
    async def flow():
        async with window(data) as embedded:
            assert await embedded.start() == HERE
            assert embedded.secret() == "s3cret"
            (pid,) = started(data)
            assert is_alive(pid)
        assert not is_alive(pid)
        assert embedded.secret() == ""

    run(flow())


def test_server_that_was_started_early_is_the_windows_own(run, data, qapp):
    child = Child([sys.executable, str(STAND_IN), "serves"], data)

    async def flow():
        await until(child.first_line.done)  # it can be found already, and is not joined
        async with window(data, early=child) as embedded:
            assert await embedded.start() == HERE
            assert started(data) == [child.pid]
        assert not is_alive(child.pid)

    run(flow())


def test_server_that_was_started_early_and_fails_is_told(run, data, qapp):
    child = Child([sys.executable, str(STAND_IN), "fails"], data)

    async def flow():
        async with window(data, early=child) as embedded:
            with pytest.raises(Trouble, match="port 8765 is taken"):
                await embedded.start()
            assert await embedded.start() == HERE  # another

    run(flow())


def test_server_that_was_started_early_ends_where_no_window_came(run, data, qapp):
    child = Child([sys.executable, str(STAND_IN), "serves"], data)

    async def flow():
        async with window(data, early=child):
            await until(child.first_line.done)
        assert not is_alive(child.pid)

    run(flow())


def test_no_server_is_started_early_where_one_holds_the_folder(run, data, qapp):
    async def flow():
        async with window(data) as embedded:
            await embedded.start()
            assert early(data, "") is None

    run(flow())


def test_no_server_is_started_early_where_it_cannot_start(tmp_path):
    (tmp_path / "file").touch()
    assert early(tmp_path / "file" / "data", "") is None


def test_second_window_joins(run, data, qapp):
    async def flow():
        async with window(data) as first, window(data) as second:
            assert await first.start() == await second.start() == HERE
            assert len(started(data)) == 1

    run(flow())


def test_two_windows_at_once_share_one_server(run, data, qapp):
    async def flow():
        async with window(data, "slow") as first, window(data, "slow") as second:
            both = asyncio.gather(first.start(), second.start())
            await until(lambda: (data / "started").exists() and len(started(data)) == 2)
            (data / "go").touch()
            assert await both == [HERE, HERE]
            assert sum(map(is_alive, started(data))) == 1

    run(flow())


def test_window_says_what_the_server_said(run, data, qapp):
    async def flow():
        async with window(data, "fails") as embedded:
            with pytest.raises(Trouble) as trouble:
                await embedded.start()
            assert trouble.value.reason == (
                "The server on this machine does not start: port 8765 is taken; set workItemPort"
            )
            assert embedded.log_file.stat().st_mode & 0o777 == 0o600
            assert "some other line" in embedded.log_file.read_text()

    run(flow())


def test_server_that_does_not_get_ready_is_given_up(run, data, qapp):
    async def flow():
        async with window(data, "hangs", start_timeout=1.0) as embedded:
            with pytest.raises(Trouble, match="bringing the store up to date"):
                await embedded.start()
        assert not any(map(is_alive, started(data)))

    run(flow())


def test_program_that_is_not_there_is_told(run, data, qapp):
    async def flow():
        embedded = Embedded(data, program=[str(data / "nothing")])
        with pytest.raises(Trouble, match="does not start"):
            await embedded.start()

    run(flow())


def test_server_that_dies_is_started_again(run, data, qapp, expect_log):
    expect_log("WARNING ace_agent.embedded: the server ended with -9, starting another")

    async def flow():
        async with window(data) as embedded:
            moved = []
            embedded.moved.connect(moved.append)
            await embedded.start()
            os.kill(started(data)[0], signal.SIGKILL)
            await until(lambda: moved)
            assert moved == [HERE]
            assert len(started(data)) == 2

    run(flow())


def test_server_that_does_not_come_back_is_told_and_tried_again(run, data, qapp, expect_log):
    expect_log("WARNING ace_agent.embedded: the server ended with -9")
    expect_log("WARNING ace_agent.embedded: the server did not come back")

    async def flow():
        async with window(data) as embedded:
            moved, failed = [], []
            embedded.moved.connect(moved.append)
            embedded.failed.connect(failed.append)
            await embedded.start()
            embedded.program[-1] = "fails"
            os.kill(started(data)[0], signal.SIGKILL)
            await until(lambda: len(failed) == 2)
            assert "port 8765 is taken" in failed[0]
            embedded.program[-1] = "serves"
            await until(lambda: moved)

    run(flow())


def test_window_starts_a_server_where_the_one_it_joined_is_gone(run, data, qapp):
    async def flow():
        data.mkdir()
        with other_server(data) as other:
            async with window(data) as embedded:
                moved = []
                embedded.moved.connect(moved.append)
                await embedded.start()
                other.kill()
                other.wait()
                embedded.look_after()
                await until(lambda: moved)
                assert len(started(data)) == 2

    run(flow())


def test_window_ends_no_server_that_it_did_not_start(run, data, qapp):
    async def flow():
        data.mkdir()
        with other_server(data) as other:
            async with window(data) as embedded:
                await embedded.start()
                embedded.look_after()  # it is there: nothing to do
            assert other.poll() is None
            assert len(started(data)) == 1

    run(flow())


def test_server_may_print_more_than_a_pipe_holds(run, data, qapp):
    async def flow():
        async with window(data, "talks") as embedded:
            await embedded.start()
            await until(lambda: (data / "talked").exists())

    run(flow())


def test_log_of_the_server_is_turned_over(run, data, qapp):
    async def flow():
        data.mkdir()
        (data / "server.log").write_bytes(b"x" * (5 * 1024 * 1024 + 1))
        async with window(data) as embedded:
            await embedded.start()
            assert embedded.log_file.stat().st_size == 0
            assert (data / "server.log.1").exists()

    run(flow())


def test_ctrl_c_in_a_terminal_is_the_windows_to_handle(run, data, qapp):
    async def flow():
        async with window(data) as embedded:
            await embedded.start()
            (pid,) = started(data)
            assert os.getsid(pid) != os.getsid(os.getpid())

    run(flow())


@contextmanager
def other_server(data):
    """A server that somebody else started on this folder, ready."""
    arguments = [sys.executable, str(STAND_IN), "serves", "--embedded", "--data", str(data)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout.readline()
        yield process
        process.stdin.close()
