"""A mailbox in a maildir: read where it lies, and changed only when that is asked for."""

import os
import shutil
import socket
from datetime import UTC, date, datetime

import pytest

from ace_server.email.mailbox import Disposal, Login, MailboxTrouble, Way
from ace_server.email.mailboxes import mailbox_at

NAMES = ["1700000001.M1P1.host", "1700000002.M2P2.host,S=22", "1700000003.M3P3.host"]


def mail(number):
    return b"Subject: mail %d\n\nbody\n" % number


def make(folder, *numbers, part="new", flags=""):
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number in numbers:
        path = folder / part / f"{NAMES[number]}{flags}"
        path.write_bytes(mail(number))
        os.utime(path, (1_700_000_000 + number * 86_400,) * 2)
    return folder


@pytest.fixture
def folder(tmp_path):
    return make(tmp_path / "mail")


@pytest.fixture
def inbox(folder):
    made = mailbox_at(f"maildir:{folder}", Login(""))
    made.open()
    made.folder("INBOX")
    yield made
    made.close()


def uids(found):
    return [one.uid for one in found]


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_new_and_current_mails_are_read_and_nothing_is_written(folder, inbox):
    make(folder, 0, 2)
    make(folder, 1, part="cur", flags=":2,FS")
    before = files(folder)
    found = inbox.listing()
    assert uids(found) == NAMES
    assert found[1].size == len(mail(1))
    assert found[1].arrived_at == datetime(2023, 11, 15, 22, 13, 20, tzinfo=UTC)
    assert dict(inbox.fetch(uids(found))) == {NAMES[number]: mail(number) for number in range(3)}
    assert inbox.header(NAMES[1]) == b"Subject: mail 1\n\n"
    assert inbox.folder("INBOX").uidvalidity == 0
    assert inbox.folder("INBOX").count == 3
    assert uids(inbox.since(date(2023, 11, 15))) == NAMES[1:]
    assert files(folder) == before


def test_mail_whose_name_changes_is_read_and_one_that_goes_is_not(folder, inbox):
    make(folder, 0, 1, 2)
    found = inbox.listing()
    (folder / "new" / NAMES[0]).rename(folder / "cur" / f"{NAMES[0]}:2,S")
    (folder / "new" / NAMES[1]).unlink()
    assert dict(inbox.fetch(uids(found))) == {NAMES[0]: mail(0), NAMES[2]: mail(2)}
    assert inbox.header(NAMES[1]) == b""
    assert inbox.header("../../secret") == b""


def test_what_is_no_mail_is_passed_over(folder, inbox, tmp_path):
    make(folder, 0)
    secret = tmp_path / "secret"
    secret.write_bytes(b"not a mail")
    (folder / "new" / "link").symlink_to(secret)
    (folder / "new" / "folder").mkdir()
    (folder / "new" / ".hidden").write_bytes(b"x")
    (folder / "tmp" / "unfinished").write_bytes(b"x")
    os.mkfifo(folder / "new" / "pipe")
    assert uids(inbox.listing()) == NAMES[:1]
    for replaced in ("link", "pipe"):  # after it was listed
        (folder / "new" / NAMES[0]).unlink()
        (folder / "new" / replaced).rename(folder / "new" / NAMES[0])
        assert list(inbox.fetch([NAMES[0]])) == []


def test_name_in_no_encoding_is_a_uid_all_the_same(folder, inbox):
    (folder / "new" / os.fsdecode(b"1700000001.\xff.host")).write_bytes(mail(0))
    (found,) = inbox.listing()
    assert found.uid.encode() == rb"1700000001.\xff.host"
    assert list(inbox.fetch([found.uid])) == [(found.uid, mail(0))]


def test_subfolder_is_read(folder, inbox):
    make(folder / ".Loans.New", 1)
    assert inbox.folder("Loans/New").count == 1
    assert uids(inbox.listing()) == [NAMES[1]]


@pytest.mark.parametrize("name", ["Nowhere", ".", "..", "/..", "", "a\0b", "a..b"])
def test_folder_that_is_not_there_is_lasting_trouble(folder, inbox, name):
    make(folder.parent / "outside")
    with pytest.raises(MailboxTrouble, match="no maildir folder") as trouble:
        inbox.folder(name)
    assert trouble.value.lasting


def test_maildir_that_is_not_there_is_lasting_trouble(tmp_path):
    with pytest.raises(MailboxTrouble) as trouble:
        mailbox_at(f"maildir:{tmp_path / 'nowhere'}", Login("")).open()
    assert trouble.value.lasting


def test_maildir_that_goes_is_trouble(folder, inbox):
    make(folder, 0)
    shutil.rmtree(folder)
    with pytest.raises(MailboxTrouble):
        inbox.listing()


def test_kept_mail_is_not_touched(folder, inbox):
    make(folder, 0)
    inbox.dispose([NAMES[0]], Disposal(Way.KEEP))
    assert files(folder) == [f"new/{NAMES[0]}"]


def test_seen_mail_is_current_and_keeps_its_flags(folder, inbox):
    make(folder, 0)
    make(folder, 1, part="cur", flags=":2,FT")
    for _ in range(2):
        inbox.dispose([*NAMES[:2], "gone"], Disposal(Way.SEEN))
    assert files(folder) == [f"cur/{NAMES[0]}:2,S", f"cur/{NAMES[1]}:2,FST"]
    assert uids(inbox.listing()) == NAMES[:2]


def test_deleted_mail_is_gone(folder, inbox):
    make(folder, 0, 1)
    for _ in range(2):
        inbox.dispose([NAMES[0]], Disposal(Way.DELETE))
    assert files(folder) == [f"new/{NAMES[1]}"]


def test_moved_mail_lies_in_the_other_folder(folder, inbox):
    make(folder, 0)
    make(folder / ".Done")
    for _ in range(2):
        inbox.dispose([NAMES[0]], Disposal(Way.MOVE, "Done"))
    assert files(folder) == [f".Done/cur/{NAMES[0]}:2,"]
    with pytest.raises(MailboxTrouble):
        inbox.dispose([NAMES[0]], Disposal(Way.MOVE, "Nowhere"))


def test_nobody_is_told_of_new_mail(inbox):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not inbox.can_wait
        assert not inbox.wait(60.0, theirs)
    assert not inbox.ordered
    assert inbox.is_open
