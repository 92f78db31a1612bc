"""The source of a quarantined mail on its way: in part to be shown, as a whole to be saved."""

import pytest

from ace_agent.session import LinkDown, Refused
from tests.agent.scripted import ScriptedServer
from tests.agent.test_link import logged_in, session

__all__ = ["session"]

PATH = "/quarantine/7/source"
SOURCE = b"Subject: hej\r\n\r\n" + b"x" * 200_000


async def keeping(source=SOURCE):
    server = await ScriptedServer().start()
    if source is not None:
        server.files[PATH] = source
    return server


@pytest.mark.parametrize("source", [SOURCE, b"short", b""])
def test_only_the_beginning_of_a_source_is_fetched_to_be_shown(run, session, source):
    async def flow():
        server = await keeping(source)
        async with logged_in(server, session):
            assert await session.quarantined_source(7, 150_000) == source[:150_000]
            assert server.asked == ["Bearer token-1"]

    run(flow())


def test_mail_is_saved_as_it_was_fetched(run, session, tmp_path):
    async def flow():
        async with logged_in(await keeping(), session):
            await session.export_quarantined(7, tmp_path / "one.eml")
            assert (tmp_path / "one.eml").read_bytes() == SOURCE
            assert list(tmp_path.iterdir()) == [tmp_path / "one.eml"]

    run(flow())


@pytest.mark.parametrize(
    ("status", "says"),
    [(404, "no longer in quarantine"), (503, "try again soon"), (410, "as it was fetched")],
)
def test_source_that_the_server_does_not_give_is_refused_and_why(
    run, session, tmp_path, status, says
):
    async def flow():
        server = await keeping(None)
        server.no_file = status
        async with logged_in(server, session):
            with pytest.raises(Refused, match=says):
                await session.quarantined_source(7, 10)
            with pytest.raises(Refused, match=says):
                await session.export_quarantined(7, tmp_path / "one.eml")
            assert list(tmp_path.iterdir()) == []

    run(flow())


def test_place_where_nothing_can_be_saved_is_told(run, session, tmp_path):
    async def flow():
        async with logged_in(await keeping(), session):
            with pytest.raises(Refused, match="Choose another place"):
                await session.export_quarantined(7, tmp_path / "nowhere" / "one.eml")

    run(flow())


def test_source_without_a_link_is_told(run, session):
    async def flow():
        server = await keeping()
        async with logged_in(server, session):
            await server.stop()
            with pytest.raises(LinkDown):
                await session.quarantined_source(7, 10)

    run(flow())
