"""A mailbox on a real POP3 server: what is read, what is not changed, and what trouble there is."""

import socket
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

import pytest

from ace_server.email import imap, pop3
from ace_server.email.mailbox import Disposal, Login, MailboxTrouble, Way
from ace_server.email.mailboxes import mailbox_at
from tests.dovecot import PASSWORD, as_served
from tests.email import proxy

DATA = Path(__file__).parent.parent / "data" / "mail" / "dovecot-thirdparty"

MAILS = [b"Subject: mail %d\r\n\r\n%s\r\n" % (number, b"word " * number) for number in range(5)]


def mailbox(url, user, **more):
    return mailbox_at(url, Login(user, PASSWORD), **more)


@contextmanager
def opened(url, user, **more):
    made = mailbox(url, user, **more)
    made.open()
    try:
        yield made
    finally:
        made.close()


@contextmanager
def through(dovecot, user, fault, **more):
    between = proxy.Proxy(dovecot.ports["pop3"], fault)
    with between, opened(between.url("pop3"), user, **more) as inbox:
        yield inbox


@pytest.fixture
def inbox(dovecot, user):
    with opened(dovecot.url("pop3"), user) as made:
        yield made


def uids(found):
    return [one.uid for one in found]


@pytest.mark.parametrize("scheme", ["pop3", "pop3s", "pop3+starttls"])
def test_mails_are_fetched_byte_for_byte(dovecot, user, scheme):
    mails = [file.read_bytes() for file in sorted(DATA.glob("*.eml"))]
    mails = [as_served(mail) for mail in mails if b"\0" not in mail and mail.endswith(b"\n")]
    mails.append(b"Subject: long\r\n\r\n" + b"x" * 1_000_000 + b"\r\n.\r\n..\r\n.x\r\n")
    mails.append(b"Subject: bare\r\n\r\na\r.\r\n\r.\r\n..\r\n\xff\xfe\r\n")
    dovecot.deliver(user, *mails)
    with opened(dovecot.url(scheme), user, ca_file=dovecot.ca_file) as inbox:
        found = inbox.listing()
        fetched = dict(inbox.fetch(uids(found)))
        assert inbox.header(found[-2].uid) == b"Subject: long\r\n\r\n"
    assert [fetched[one.uid] for one in found] == mails
    assert [one.size for one in found] == list(map(len, mails))


def test_bare_line_feed_and_dot_end_no_mail(dovecot, user):
    dovecot.deliver(user, b"Subject: x\r\n\r\nhere\r\nrest\r\n")
    bare = proxy.Rewrite(rb"here\r\n", b"here\n.\n.\r")
    with through(dovecot, user, bare) as inbox:
        assert [mail for _, mail in inbox.fetch(uids(inbox.listing()))] == [
            b"Subject: x\r\n\r\nhere\n.\n.\rrest\r\n"
        ]


def test_reading_changes_no_flag(dovecot, user):
    dovecot.deliver(user, *MAILS)
    with opened(dovecot.url("pop3"), user) as inbox:
        list(inbox.fetch(uids(inbox.listing())))
        inbox.listing()
        inbox.dispose(uids(inbox.listing())[:1], Disposal(Way.DELETE))
    assert list(dovecot.flags(user).values()) == [set()] * (len(MAILS) - 1)


def test_listing_again_sees_new_mails_under_the_same_uids(dovecot, user, inbox):
    dovecot.deliver(user, *MAILS[:2])
    inbox.open()
    first = inbox.listing()
    dovecot.deliver(user, MAILS[2])
    second = inbox.listing(after=10**6, most=1)  # neither means anything here
    assert uids(second)[:2] == uids(first)
    assert len(second) == 3
    assert uids(inbox.since(date(2024, 1, 1))) == uids(second)
    assert not inbox.ordered
    assert second[0].arrived_at is None


def test_inbox_is_the_only_folder(dovecot, user, inbox):
    dovecot.deliver(user, *MAILS)
    inbox.open()
    folder = inbox.folder("INBOX")
    assert (folder.uidvalidity, folder.count) == (0, len(MAILS))
    with pytest.raises(MailboxTrouble, match="inbox only") as trouble:
        inbox.folder("Loans")
    assert trouble.value.lasting
    assert inbox.is_open


def test_deleted_mails_are_gone_and_others_stay(dovecot, user, inbox):
    dovecot.deliver(user, *MAILS)
    inbox.open()
    found = uids(inbox.listing())
    inbox.dispose(found[1:3], Disposal(Way.KEEP))
    inbox.dispose([*found[1:3], "gone before"], Disposal(Way.DELETE))
    assert not inbox.is_open
    inbox.open()
    inbox.dispose(found[1:3], Disposal(Way.DELETE))
    assert inbox.is_open, "nothing of it is there any more"
    assert uids(inbox.listing()) == [found[0], *found[3:]]
    assert list(inbox.fetch([found[1]])) == []
    assert inbox.header(found[1]) == b""


@pytest.mark.parametrize("way", [Way.SEEN, Way.MOVE])
def test_flags_and_folders_are_lasting_trouble(dovecot, user, inbox, way):
    dovecot.deliver(user, *MAILS)
    inbox.open()
    with pytest.raises(MailboxTrouble, match="can only keep or delete") as trouble:
        inbox.dispose(uids(inbox.listing()), Disposal(way, "Done"))
    assert trouble.value.lasting


def test_a_mail_that_the_server_does_not_delete_is_lasting_trouble_and_named(dovecot, user):
    dovecot.deliver(user, *MAILS)
    refuses = proxy.Rewrite(rb"\+OK", b"-ERR", at=rb"DELE", times=1)
    with through(dovecot, user, refuses) as inbox:
        found = uids(inbox.listing())
        with pytest.raises(MailboxTrouble, match="does not delete: 1") as trouble:
            inbox.dispose(found[:2], Disposal(Way.DELETE))
        assert trouble.value.lasting
        assert trouble.value.uids == (found[0],)


def test_after_a_refusal_of_quit_each_that_was_there_may_be_there(dovecot, user):
    dovecot.deliver(user, *MAILS)
    refuses = proxy.Rewrite(rb"\+OK", b"-ERR [SYS/TEMP]", at=rb"QUIT", times=1)
    with through(dovecot, user, refuses) as inbox:
        found = uids(inbox.listing())
        with pytest.raises(MailboxTrouble, match="does not delete: 2") as trouble:
            inbox.dispose([*found[:2], "gone before"], Disposal(Way.DELETE))
        assert not trouble.value.lasting
        assert trouble.value.uids == tuple(found[:2])


def test_identical_mails_may_share_a_uid(dovecot, user):
    dovecot.deliver(user, MAILS[0], MAILS[0], MAILS[1])
    same = proxy.Rewrite(rb"\n([12]) [0-9a-f]{16}", rb"\n\1 same")
    with through(dovecot, user, same) as inbox:
        found = inbox.listing()
        assert uids(found)[0] == "same"
        assert [mail for _, mail in inbox.fetch(uids(found))] == MAILS[:2]
        inbox.dispose(["same"], Disposal(Way.DELETE))
    assert len(dovecot.flags(user)) == 1


def test_server_without_uidl_is_lasting_trouble(dovecot, user):
    poorer = proxy.Rewrite(rb"\+OK.*", b"-ERR what?\r\n", at=rb"UIDL")
    with through(dovecot, user, poorer) as inbox:
        with pytest.raises(MailboxTrouble, match="has no UIDL") as trouble:
            inbox.listing()
        assert trouble.value.lasting


def test_one_mail_that_is_not_given_out_keeps_no_other_back(dovecot, user):
    dovecot.deliver(user, *MAILS)
    refuses = proxy.Rewrite(rb"\+OK.*", b"-ERR broken\r\n", at=rb"RETR 2", times=1)
    with through(dovecot, user, refuses) as inbox:
        found, fetched = uids(inbox.listing()), []
        with pytest.raises(MailboxTrouble, match="does not give out") as trouble:
            fetched += inbox.fetch(found)
        assert trouble.value.uids == (found[1],)
        assert inbox.is_open


def test_nobody_is_told_of_new_mail(inbox):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not inbox.can_wait
        assert not inbox.wait(60.0, theirs)


# Trouble


def all_of(inbox, got, skip=()):
    """Everything a fetcher does; what it got stands in `got` when it was interrupted, too."""
    inbox.open()
    inbox.folder("INBOX")
    found = [one.uid for one in inbox.listing() if one.uid not in skip]
    if found:
        inbox.header(found[0])
    for uid, mail in inbox.fetch(found):
        got[uid] = mail
    inbox.close()


def interrupted(dovecot, user, fault):
    """A fetcher under a fault, and a new one that fetches what is missing; whether it was hit."""
    got = {}
    with proxy.Proxy(dovecot.ports["pop3"], fault) as between:
        inbox = mailbox(between.url("pop3"), user)
        try:
            all_of(inbox, got)
        except MailboxTrouble as trouble:
            assert not trouble.lasting
            assert not inbox.is_open
        inbox.close()
        hit = fault.fired.is_set()
    more = {}
    all_of(mailbox(dovecot.url("pop3"), user), more, skip=got.keys())
    assert not more.keys() & got.keys()
    assert sorted((got | more).values()) == MAILS
    return hit


@pytest.mark.parametrize("nobody", [False, True], ids=["unheard", "unanswered"])
def test_connection_cut_at_every_command_loses_nothing(dovecot, user, nobody):
    dovecot.deliver(user, *MAILS)
    number = 1
    while interrupted(dovecot, user, proxy.CutAtCommand(number, answered_by_nobody=nobody)):
        number += 1
    assert number > 12


def test_connection_cut_after_any_bytes_loses_nothing(dovecot, user):
    dovecot.deliver(user, *MAILS)
    number = 0
    while interrupted(dovecot, user, proxy.CutAfterBytes(number)):
        number += 29
    assert number > 300


def test_deletion_cut_at_every_command_deletes_nothing_else(dovecot):
    number, hit = 1, True
    while hit:
        user = dovecot.new_user()
        dovecot.deliver(user, *MAILS)
        fault = proxy.CutAtCommand(number)
        with proxy.Proxy(dovecot.ports["pop3"], fault) as between:
            inbox = mailbox(between.url("pop3"), user)
            try:
                inbox.open()
                inbox.dispose(uids(inbox.listing())[:2], Disposal(Way.DELETE))
            except MailboxTrouble as trouble:
                assert not trouble.lasting
            inbox.close()
            hit = fault.fired.is_set()
        assert len(dovecot.flags(user)) == (len(MAILS) if hit else len(MAILS) - 2)
        number += 1
    assert number > 8


@pytest.mark.parametrize(
    "nonsense",
    [
        b"what?\r\n",
        b"+OK\r\nx\r\n.\r\n",
        b"x" * 3000 + b"\r\n",
        b"+OK\r\n1\r\n.\r\n",
        b"+OK\r\nx y\r\n.\r\n",
    ],
)
@pytest.mark.parametrize("at", [b"UIDL", b"LIST"])
def test_nonsense_is_passing_trouble(dovecot, user, nonsense, at):
    dovecot.deliver(user, *MAILS)
    with through(dovecot, user, proxy.Insert(nonsense, at=at)) as inbox:
        with pytest.raises(MailboxTrouble, match="cannot be understood") as trouble:
            inbox.listing()
        assert not trouble.value.lasting
        assert not inbox.is_open


def test_mail_under_way_when_the_connection_ends_is_named(dovecot, user):
    dovecot.deliver(user, *MAILS)
    with through(dovecot, user, proxy.Insert(b"nonsense\r\n", at=rb"RETR 3")) as inbox:
        found = uids(inbox.listing())
        with pytest.raises(MailboxTrouble) as trouble:
            list(inbox.fetch(found))
        assert trouble.value.uids == (found[2],)
        assert not inbox.is_open


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_damaged_is_trouble_and_no_fault_of_ours(dovecot, user, seed):
    dovecot.deliver(user, *MAILS)
    with proxy.Proxy(dovecot.ports["pop3"], proxy.Damage(f"pop3 {seed}")) as between:
        inbox = mailbox(between.url("pop3"), user, connect_seconds=0.1, read_seconds=0.1)
        with suppress(MailboxTrouble):
            all_of(inbox, {})
        inbox.close()


@pytest.mark.parametrize("at", range(1, 7))
def test_silence_is_passing_trouble(dovecot, user, at):
    dovecot.deliver(user, *MAILS)
    with proxy.Proxy(dovecot.ports["pop3"], proxy.Stall(at)) as between:
        inbox = mailbox(between.url("pop3"), user, connect_seconds=0.1, read_seconds=0.1)
        with pytest.raises(MailboxTrouble, match="does not answer") as trouble:
            all_of(inbox, {})
    assert not trouble.value.lasting


def test_server_that_closes_at_once_is_passing_trouble(dovecot, user):
    with (
        proxy.Proxy(dovecot.ports["pop3"], proxy.CutAfterBytes(0)) as between,
        pytest.raises(MailboxTrouble, match="was lost") as trouble,
    ):
        mailbox(between.url("pop3"), user).open()
    assert not trouble.value.lasting


def test_wrong_password_is_lasting_trouble(dovecot, user):
    with pytest.raises(MailboxTrouble, match="check user and password") as trouble:
        mailbox_at(dovecot.url("pop3"), Login(user, "not the one")).open()
    assert trouble.value.lasting


def test_mailbox_in_use_is_passing_trouble(dovecot, user):
    in_use = proxy.Rewrite(rb"\+OK Logged in", b"-ERR [IN-USE] later")
    with (
        pytest.raises(MailboxTrouble, match="lets nobody log in now") as trouble,
        through(dovecot, user, in_use),
    ):
        raise AssertionError("it is open")
    assert not trouble.value.lasting


def test_password_of_two_lines_is_not_sent(dovecot, user):
    with proxy.Proxy(dovecot.ports["pop3"]) as between:
        with pytest.raises(MailboxTrouble, match="one line each"):
            mailbox_at(between.url("pop3"), Login(user, f"{PASSWORD}\r\nDELE 1")).open()
        assert not between.commands


@pytest.mark.parametrize("scheme", ["pop3s", "pop3+starttls"])
def test_unknown_certificate_is_lasting_trouble(dovecot, user, scheme):
    with pytest.raises(MailboxTrouble, match="not to be trusted") as trouble:
        mailbox(dovecot.url(scheme), user).open()
    assert trouble.value.lasting


def test_starttls_that_is_not_offered_is_lasting_trouble(dovecot, user):
    with proxy.Proxy(dovecot.ports["pop3"], proxy.Rewrite(b"STLS\r\n", b"")) as between:
        with pytest.raises(MailboxTrouble, match="offers no STARTTLS") as trouble:
            mailbox(between.url("pop3+starttls"), user, ca_file=dovecot.ca_file).open()
        assert not any(b"USER" in line for line in between.commands)
    assert trouble.value.lasting


def test_a_round_logs_in_once(dovecot, user):
    dovecot.deliver(user, *MAILS)
    with proxy.Proxy(dovecot.ports["pop3"]) as between:
        inbox = mailbox(between.url("pop3"), user)
        all_of(inbox, {})
        inbox.open()
        inbox.folder("INBOX")
        found = uids(inbox.listing())
        assert len(list(inbox.fetch(found))) == len(MAILS)
        inbox.dispose(found, Disposal(Way.DELETE))
        assert sum(b"USER" in line for line in between.commands) == 2
    assert dovecot.flags(user) == {}


@pytest.mark.parametrize("scheme", ["pop3", "imap"])
def test_a_mail_that_is_longer_than_was_said_is_not_listened_to(dovecot, user, scheme, monkeypatch):
    for module in (imap, pop3):
        monkeypatch.setattr(module, "MARGIN", 300)
    dovecot.deliver(user, MAILS[0], b"Subject: long\r\n\r\n" + b"x" * 70 * 1024 + b"\r\n")
    with opened(dovecot.url(scheme), user, most_bytes=100) as inbox:
        if scheme == "imap":
            inbox.folder("INBOX")
        short, long = uids(inbox.listing())
        assert dict(inbox.fetch([short])) == {short: MAILS[0]}
        with pytest.raises(MailboxTrouble, match="cannot be understood") as trouble:
            list(inbox.fetch([long]))
        assert trouble.value.uids == (long,)


def test_a_list_of_mails_that_does_not_end_is_trouble_and_no_memory(dovecot, user, monkeypatch):
    dovecot.deliver(user, *MAILS)
    monkeypatch.setattr(pop3, "LARGEST_TABLE", 20)
    with opened(dovecot.url("pop3"), user) as inbox:
        with pytest.raises(MailboxTrouble, match="cannot be understood"):
            inbox.listing()
        assert not inbox.is_open
