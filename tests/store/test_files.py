"""Attachments on disk: drafts, kept files, who may read them, what is swept (F-1)."""

import errno
import hashlib
import os
import stat
from pathlib import Path

import pytest

from ace_server import recovery
from ace_server.errors import Unavailable
from ace_server.store import Draft, Files, Kind, Store
from ace_server.store.contacts import NewAttachment
from tests.store.making import add
from tests.store.seams import Watched

CONTENT = b"RIFF$\x00\x00\x00WAVEfmt "
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def files(store: Store) -> Files:
    """The files of an open store."""
    return store.files


@pytest.fixture
def incoming(data: Path) -> Path:
    """Where drafts lie."""
    return data / "incoming"


def keep(files: Files, content: bytes = CONTENT) -> str:
    """Keep a file with this content; its digest."""
    draft = files.draft()
    draft.write(content)
    return draft.keep()


def test_a_kept_file_is_named_by_the_digest_of_its_content(files: Files) -> None:
    assert keep(files) == DIGEST
    assert files.path(DIGEST).read_bytes() == CONTENT
    assert files.path(DIGEST).name == DIGEST


def test_what_is_written_in_pieces_is_one_file(files: Files) -> None:
    draft = files.draft()
    for byte in CONTENT:
        draft.write(bytes([byte]))
    assert (draft.size, draft.digest()) == (len(CONTENT), DIGEST)
    assert draft.content() == CONTENT
    assert draft.keep() == DIGEST
    assert files.path(DIGEST).read_bytes() == CONTENT


def test_an_empty_file_is_a_file(files: Files) -> None:
    assert files.path(keep(files, b"")).read_bytes() == b""


def test_the_same_content_is_kept_once(files: Files) -> None:
    assert keep(files) == keep(files)
    assert list(files.kept()) == [DIGEST]


def test_nothing_is_left_of_a_draft_that_was_kept(files: Files, incoming: Path) -> None:
    keep(files)
    assert list(incoming.iterdir()) == []


def test_nothing_is_left_of_a_draft_that_was_discarded(files: Files, incoming: Path) -> None:
    draft = files.draft()
    draft.write(CONTENT)
    draft.discard()
    assert list(incoming.iterdir()) == []
    assert list(files.kept()) == []


def test_discarding_what_was_kept_leaves_the_kept_file(files: Files) -> None:
    draft = files.draft()
    draft.write(CONTENT)
    draft.keep()
    draft.discard()
    assert files.path(DIGEST).read_bytes() == CONTENT


def test_a_draft_is_no_kept_file(files: Files) -> None:
    draft = files.draft()
    draft.write(CONTENT)
    assert list(files.kept()) == []
    assert not files.path(DIGEST).exists()
    draft.discard()


def test_drafts_of_a_server_that_was_killed_are_dropped_and_kept_files_stay(
    store: Store, incoming: Path
) -> None:
    (incoming / "left").write_bytes(CONTENT)
    kept = keep(store.files)
    store.files.discard_drafts()
    assert list(incoming.iterdir()) == []
    assert list(store.files.kept()) == [kept]


def test_what_was_taken_in_and_what_is_our_own_are_dropped_by_whose_they_are(
    store: Store, incoming: Path
) -> None:
    taken_in, own = store.files.draft(), store.files.draft(own=True)
    store.files.discard_drafts()
    (left,) = incoming.iterdir()
    assert left.name.startswith("own-")
    store.files.discard_drafts(own=True)
    assert list(incoming.iterdir()) == []
    for draft in (taken_in, own):
        draft.discard()


def test_opening_a_store_beside_a_running_server_leaves_its_drafts(
    store: Store, incoming: Path, data: Path
) -> None:
    (incoming / "being received").write_bytes(CONTENT)
    second = Store(data)
    second.open()
    second.close()
    assert [draft.name for draft in incoming.iterdir()] == ["being received"]


@pytest.mark.parametrize(
    "name", ["", "..", "../../etc/passwd", "/etc/passwd", DIGEST[:-1], DIGEST.upper(), DIGEST + "0"]
)
def test_what_is_not_a_digest_never_becomes_a_path(files: Files, name: str) -> None:
    with pytest.raises(ValueError, match="digest"):
        files.path(name)


@pytest.mark.skipif(os.name == "nt", reason="not proved: modes of files, which Windows has not")
def test_only_the_owner_may_read_what_is_stored(store: Store, data: Path) -> None:
    before = os.umask(0o022)  # the most usual one; the server's own is stricter
    try:
        keep(store.files)
        draft = store.files.draft()
    finally:
        os.umask(before)
    for path in (data, *data.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        if path.is_dir():
            assert mode == 0o700, path
        elif path.parent.name in {"incoming", DIGEST[:2]}:
            assert mode == 0o600, path
    draft.discard()


def test_a_kept_file_is_synced_before_it_has_its_name_and_its_folder_after(
    store: Store, seam: Watched
) -> None:
    order: list[Kind] = []
    seam.after = order.append
    keep(store.files)
    first, renamed = order.index("fsync"), order.index("rename")
    assert first < renamed
    assert "fsync" in order[renamed:]
    assert "write" not in order[first:renamed] or "fsync" in order[first + 1 : renamed]


def test_of_files_that_are_kept_together_each_is_synced_and_then_each_folder(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        real(handle)
        synced.append(os.fstat(handle).st_ino)

    monkeypatch.setattr(os, "fsync", fsync)
    kept = files.keep_all(drafts(files))
    assert kept == [hashlib.sha256(content).hexdigest() for content in SEVERAL]
    paths = [files.path(digest) for digest in kept]
    assert {path.stat().st_ino for path in paths} == set(synced[: len(paths)])
    assert {path.parent.stat().st_ino for path in paths} <= set(synced[len(paths) :])
    assert [path.read_bytes() for path in paths] == SEVERAL


def test_where_one_of_them_cannot_be_synced_none_is_named(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = drafts(files)
    real = os.fsync

    def fsync(handle: int) -> None:
        if os.pread(handle, 100, 0) == SEVERAL[3]:
            raise OSError(errno.EIO, "Input/output error")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(Unavailable):
        files.keep_all(made)
    for draft in made:
        draft.discard()
    assert list(files.kept()) == []


SEVERAL = [CONTENT + bytes([number]) for number in range(20)]


def drafts(files: Files) -> list[Draft]:
    """Several files that are written and not kept yet."""
    made = [files.draft() for _ in SEVERAL]
    for draft, content in zip(made, SEVERAL, strict=True):
        draft.write(content)
    return made


FAULTS: list[Kind] = ["write", "fsync", "rename"]


@pytest.mark.parametrize("kind", FAULTS)
def test_a_disk_that_is_full_is_unavailable_and_nothing_is_named(
    store: Store, seam: Watched, kind: Kind
) -> None:
    def full(each: Kind) -> None:
        if each == kind:
            raise OSError(errno.ENOSPC, "No space left on device")

    draft = store.files.draft()
    seam.before = full
    with pytest.raises(Unavailable):
        draft.write(CONTENT)
        draft.keep()
    seam.before = lambda each: None
    draft.discard()
    assert list(store.files.kept()) == []


def test_a_folder_whose_sync_failed_is_synced_when_the_file_comes_again(
    store: Store, seam: Watched
) -> None:
    synced: list[Kind] = []

    def fail_at_the_second(kind: Kind) -> None:
        if kind == "fsync":
            synced.append(kind)
            if len(synced) == 2:  # of the folder of all files, after the file itself
                raise OSError(errno.EIO, "Input/output error")

    seam.before = fail_at_the_second
    draft = store.files.draft()
    draft.write(CONTENT)
    with pytest.raises(Unavailable):
        draft.keep()
    draft.discard()
    synced.clear()
    seam.before = lambda kind: None
    seam.after = lambda kind: synced.append(kind) if kind == "fsync" else None
    keep(store.files)
    assert len(synced) == 3, "the file, the folder of all files, the file's own folder"


def test_the_sweep_removes_what_no_contact_has_and_nothing_else(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "SWEEP", 2)
    wanted = [keep(store.files, b"%d" % n) for n in range(3)]
    for n in range(5):
        keep(store.files, b"stray %d" % n)
    for n, digest in enumerate(wanted):
        add(store, str(n), attachments=[NewAttachment("a", "text/plain", 1, digest)])
    store.perform(recovery.sweep, store.files)
    assert set(store.files.kept()) == set(wanted)
