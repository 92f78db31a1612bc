"""Attachments that every machine finds: shared when they are taken in, fetched, left over."""

import asyncio
import hashlib

import pytest

from ace_server.attachments import Attachments, put
from ace_server.store import Store, contacts, pieces
from ace_server.store.models import Piece, SharedFile

CONTENT = b"RIFF" + bytes(range(256)) * 10
DIGEST = hashlib.sha256(CONTENT).hexdigest()
NOT_WHOLE = rf"ERROR ace_server\.attachments: attachment {DIGEST} is not in the database"

ON_POSTGRESQL = pytest.mark.parametrize("engine", ["postgresql"])
"""Where a site has other machines."""


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """This file has three of them."""
    monkeypatch.setattr(pieces, "SIZE", 1000)


def keep(core, content=CONTENT):
    draft = core.store.files.draft()
    draft.write(content)
    return contacts.NewAttachment("call.wav", "audio/wav", len(content), draft.keep())


async def taken_in(core):
    """Take in a contact with the file."""
    return await core.take_in(attachments=(keep(core),))


def elsewhere(core):
    """Go on as on a machine that did not take anything in: its folder has no file."""
    for digest in list(core.store.files.kept()):
        core.store.files.remove(digest)


def incoming(core):
    return list((core.data / "incoming").iterdir())


async def stored(core):
    """How many copies and pieces the database has."""
    return await core.store.run(lambda: (SharedFile.select().count(), Piece.select().count()))


async def change(core, query):
    await core.store.run(query.execute)


@pytest.mark.parametrize("engine", ["sqlite"])
async def test_where_one_machine_has_everything_the_database_has_no_files(core, data):
    await Attachments(Store(data)).share([DIGEST])  # of a store that would refuse every job
    await taken_in(core)
    assert await stored(core) == (0, 0)
    assert (await core.attachments.path(DIGEST)).read_bytes() == CONTENT
    elsewhere(core)
    assert await core.attachments.path(DIGEST) is None
    await core.attachments.start()
    await core.attachments.stop()


@ON_POSTGRESQL
async def test_what_one_machine_took_in_another_one_finds_and_keeps(core):
    await taken_in(core)
    assert await stored(core) == (1, 3)
    elsewhere(core)
    assert (await core.attachments.path(DIGEST)).read_bytes() == CONTENT
    assert incoming(core) == []
    await change(core, SharedFile.delete())
    assert (await core.attachments.path(DIGEST)).read_bytes() == CONTENT


@ON_POSTGRESQL
async def test_who_asks_together_gets_the_same(core):
    await taken_in(core)
    elsewhere(core)
    found = await asyncio.gather(*(core.attachments.path(DIGEST) for _ in range(5)))
    assert {path.read_bytes() for path in found} == {CONTENT}


@ON_POSTGRESQL
async def test_the_same_file_of_many_contacts_is_stored_once(core):
    for _ in range(3):
        await taken_in(core)
    assert await stored(core) == (1, 3)


@ON_POSTGRESQL
async def test_the_same_file_taken_in_at_once_is_whole_for_each(core):
    attachment = keep(core)
    await asyncio.gather(*(core.take_in(attachments=(attachment, attachment)) for _ in range(5)))
    assert await core.store.run(lambda: b"".join(pieces.content(DIGEST))) == CONTENT


@ON_POSTGRESQL
@pytest.mark.parametrize(
    "damage",
    [
        Piece.delete().where(Piece.number == 1),
        Piece.update(content=b"?" * 1000).where(Piece.number == 1),
        SharedFile.delete(),
    ],
    ids=["a piece is missing", "a piece is damaged", "all of it is missing"],
)
async def test_what_is_not_as_it_came_in_is_given_to_nobody(core, expect_log, damage):
    expect_log(NOT_WHOLE)
    await taken_in(core)
    elsewhere(core)
    await change(core, damage)
    assert await core.attachments.path(DIGEST) is None
    assert incoming(core) == []
    assert list(core.store.files.kept()) == []


@ON_POSTGRESQL
async def test_another_copy_is_taken_where_one_is_damaged(core):
    await taken_in(core)
    await change(core, SharedFile.update(is_whole=False))  # so that another one is written
    await taken_in(core)
    await change(core, SharedFile.update(is_whole=True))
    first = (await core.store.run(pieces.copies, DIGEST))[0]
    await change(core, Piece.delete().where(Piece.file == first))
    elsewhere(core)
    assert (await core.attachments.path(DIGEST)).read_bytes() == CONTENT


@ON_POSTGRESQL
async def test_what_no_contact_names_is_swept_when_nobody_can_be_taking_it_in(core):
    await taken_in(core)
    stray = keep(core, b"its row was never written")
    await core.attachments.share([stray.digest])
    await core.attachments.sweep()
    assert await stored(core) == (2, 4), "another machine may be about to name it"
    await change(core, SharedFile.update(counted_on_at=0))
    await core.attachments.sweep()
    assert await core.store.run(pieces.missing, [DIGEST, stray.digest]) == [stray.digest]
    assert await stored(core) == (1, 3)


@ON_POSTGRESQL
async def test_all_that_is_left_over_is_swept_however_much_it_is(core, monkeypatch):
    monkeypatch.setattr(pieces, "PAGE", 2)
    for number in range(5):
        await core.attachments.share([keep(core, b"%d" % number).digest])
    await taken_in(core)
    await change(core, SharedFile.update(counted_on_at=0))
    await core.attachments.sweep()
    assert await stored(core) == (1, 3)


@ON_POSTGRESQL
async def test_what_an_older_version_kept_here_alone_is_shared(core):
    await taken_in(core)
    await change(core, SharedFile.delete())
    keep(core, b"its row was never written")
    await core.attachments.share_kept()
    assert await stored(core) == (1, 3)
    elsewhere(core)
    assert (await core.attachments.path(DIGEST)).read_bytes() == CONTENT


@ON_POSTGRESQL
async def test_what_a_command_puts_there_is_found(core):
    await core.stop()
    core.store.open()
    keep(core)
    put(core.store, DIGEST)
    put(core.store, DIGEST)
    core.store.start()
    elsewhere(core)
    assert (await Attachments(core.store).path(DIGEST)).read_bytes() == CONTENT
    assert await stored(core) == (1, 3)


@ON_POSTGRESQL
async def test_items_that_come_while_a_long_file_is_written_do_not_wait_for_it(core, monkeypatch):
    monkeypatch.setattr(pieces, "SIZE", 10)
    long = asyncio.create_task(core.take_in(attachments=(keep(core),)))
    while not await core.store.run(lambda: Piece.select().count() > 2):
        pass
    for _ in range(5):
        await core.take_in()
    assert not long.done()
    await long


async def test_bytes_that_are_made_here_are_kept_and_shared(core, engine):
    digest = await core.attachments.keep(CONTENT)
    assert digest == DIGEST
    assert await stored(core) == ((1, 3) if engine == "postgresql" else (0, 0))
    assert (await core.attachments.whole(DIGEST)).read_bytes() == CONTENT
    assert incoming(core) == []


async def test_a_file_that_is_damaged_here_is_fetched_again_or_is_nowhere(core, engine, expect_log):
    expect_log(rf"WARNING ace_server\.attachments: the file of attachment {DIGEST} is damaged")
    await core.attachments.keep(CONTENT)
    path = core.store.files.path(DIGEST)
    path.write_bytes(CONTENT[:-1])
    whole = await core.attachments.whole(DIGEST)
    assert (whole and whole.read_bytes()) == (CONTENT if engine == "postgresql" else None)
    path.unlink()
    if engine == "postgresql":
        await change(core, Piece.delete())
        expect_log(NOT_WHOLE)
    assert await core.attachments.whole(DIGEST) is None


@ON_POSTGRESQL
async def test_a_file_that_is_damaged_here_and_there_is_nowhere(core, expect_log):
    expect_log(rf"WARNING ace_server\.attachments: the file of attachment {DIGEST} is damaged")
    expect_log(NOT_WHOLE)
    await core.attachments.keep(CONTENT)
    core.store.files.path(DIGEST).write_bytes(CONTENT[:-1])
    await change(core, Piece.delete())
    assert await core.attachments.whole(DIGEST) is None
