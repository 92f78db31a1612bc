"""A mailbox on a real IMAP server: what is read, what is not changed, and what trouble there is."""

import logging
import socket
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ace_server.email import imap
from ace_server.email.mailbox import Disposal, Login, MailboxTrouble, Way
from ace_server.email.mailboxes import mailbox_at
from tests.dovecot import PASSWORD, as_served
from tests.email import proxy

DATA = Path(__file__).parent.parent / "data" / "mail" / "dovecot-thirdparty"

MAILS = [b"Subject: mail %d\r\n\r\n%s\r\n" % (number, b"word " * number) for number in range(7)]


def mailbox(url, user, **more):
    return mailbox_at(url, Login(user, PASSWORD), **more)


@contextmanager
def opened(url, user, folder="INBOX", **more):
    made = mailbox(url, user, **more)
    made.open()
    try:
        made.folder(folder)
        yield made
    finally:
        made.close()


@pytest.fixture
def inbox(dovecot, user):
    with opened(dovecot.url("imap"), user) as made:
        yield made


@pytest.fixture
def wake():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def uids(found):
    return [one.uid for one in found]


# Reading


@pytest.mark.parametrize("scheme", ["imap", "imaps", "imap+starttls"])
def test_mails_are_fetched_byte_for_byte(dovecot, user, scheme):
    mails = [file.read_bytes() for file in sorted(DATA.glob("*.eml"))]
    mails = [mail for mail in mails if b"\0" not in mail]  # Dovecot gives out another byte
    mails.append(b"Subject: long\r\n\r\n" + b"x" * 1_000_000 + b"\r\n")
    mails.append(b"Subject: bare\r\n\r\na\rb * 1 EXISTS )\r\n)\r\n* BYE\r\n+ \r\n\xff\xfe")
    sent = dovecot.deliver(user, *mails)
    with opened(dovecot.url(scheme), user, ca_file=dovecot.ca_file) as inbox:
        found = inbox.listing()
        fetched = dict(inbox.fetch(uids(found)))
        assert inbox.header(sent[-1]) == b"Subject: bare\r\n\r\n"
    assert fetched == dict(zip(sent, map(as_served, mails), strict=True))
    assert [one.size for one in found] == [len(as_served(mail)) for mail in mails]


def test_reading_changes_no_flag(dovecot, user, inbox):
    dovecot.deliver(user, *MAILS, flags=[b"\\Flagged"])
    found = inbox.listing()
    assert len(dict(inbox.fetch(uids(found)))) == len(MAILS)
    inbox.header(found[0].uid)
    assert set(map(frozenset, dovecot.flags(user).values())) == {frozenset({b"\\Flagged"})}


def test_mails_that_somebody_read_before_are_listed_too(dovecot, user, inbox):
    sent = dovecot.deliver(user, *MAILS, flags=[b"\\Seen"])
    assert uids(inbox.listing()) == sent


def test_only_what_is_newer_is_listed(dovecot, user, inbox):
    sent = dovecot.deliver(user, *MAILS)
    assert uids(inbox.listing(after=int(sent[4]))) == sent[5:]
    assert inbox.listing(after=int(sent[-1])) == []  # `n:*` names the last one, too
    assert uids(inbox.listing(after=1, most=2)) == sent[1:3]
    later = dovecot.deliver(user, MAILS[0])
    assert uids(inbox.listing(after=int(sent[-1]))) == later


def test_large_folder_is_listed_in_parts(dovecot, user, monkeypatch):
    monkeypatch.setattr(imap, "MOST_IN_A_SEARCH", 3)
    monkeypatch.setattr(imap, "SIZES_AT_ONCE", 2)
    sent = dovecot.deliver(user, *MAILS)
    with proxy.Proxy(dovecot.ports["imap"]) as between, opened(between.url("imap"), user) as inbox:
        later = dovecot.deliver(user, *MAILS)
        assert uids(inbox.listing()) == sent + later
        assert uids(inbox.listing(after=2)) == (sent + later)[2:]
        between.commands.clear()
        assert uids(inbox.listing(most=2)) == sent[:2]
        searches = [line for line in between.commands if b"SEARCH" in line]
    assert [line.split(b" ", 1)[1] for line in searches] == [b"UID SEARCH UID 1:3"]


def test_arrival_is_told_and_days_can_be_asked_for(dovecot, user, inbox):
    at = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
    old = dovecot.deliver(user, MAILS[0], at=at)
    new = dovecot.deliver(user, MAILS[1], at=datetime(2024, 3, 2, 12, 30, tzinfo=UTC))
    assert inbox.listing()[0].arrived_at == at
    assert uids(inbox.since(date(2024, 3, 1))) == new
    assert uids(inbox.since(date(2024, 2, 29))) == old + new


def test_folder_with_any_letters_is_found(dovecot, user, inbox):
    name = "Anträge & Überweisungen.日本"
    sent = dovecot.deliver(user, *MAILS[:2], folder=name)
    folder = inbox.folder(name)
    assert (folder.name, folder.count) == (name, 2)
    assert uids(inbox.listing()) == sent


def test_folder_that_is_not_there_is_lasting_trouble_and_no_end(dovecot, user, inbox):
    with pytest.raises(MailboxTrouble, match="Folder Nowhere cannot be opened") as trouble:
        inbox.folder("Nowhere")
    assert trouble.value.lasting
    assert inbox.is_open
    assert inbox.folder("INBOX").count == 0


def test_folder_made_anew_has_another_uidvalidity(dovecot, user, inbox):
    dovecot.deliver(user, MAILS[0], folder="Loans")
    before = inbox.folder("Loans").uidvalidity
    inbox.folder("INBOX")
    with dovecot.client(user) as other:
        other.delete_folder("Loans")
        with dovecot.client(user) as another:
            another.create_folder("Between")  # Dovecot counts its uidvalidities by the second
    dovecot.deliver(user, MAILS[1], folder="Loans")
    assert inbox.folder("Loans").uidvalidity != before
    assert [mail for _, mail in inbox.fetch(["1"])] == [MAILS[1]]


# Other clients


@pytest.mark.parametrize("change", ["expunged", "moved", "flagged"])
def test_what_others_do_between_listing_and_fetching_is_no_error(dovecot, user, inbox, change):
    sent = dovecot.deliver(user, *MAILS)
    dovecot.deliver(user, folder="Done")
    found = inbox.listing()
    with dovecot.client(user, "INBOX") as other:
        if change == "moved":
            other.move([1, 3], "Done")
        else:
            other.add_flags([1, 3], [b"\\Deleted" if change == "expunged" else b"\\Seen"])
        if change == "expunged":
            other.uid_expunge([1, 3])
    fetched = dict(inbox.fetch(uids(found)))
    left = sent if change == "flagged" else [uid for uid in sent if uid not in ("1", "3")]
    assert fetched.keys() >= set(left)
    assert all(fetched[uid] == MAILS[int(uid) - 1] for uid in fetched)
    assert uids(inbox.listing()) == left
    assert [uid for uid, _ in inbox.fetch(["1", "99"])] == (["1"] if change == "flagged" else [])
    assert bool(inbox.header("3")) is (change == "flagged")
    inbox.dispose(["1", "99"], Disposal(Way.SEEN))


def test_what_the_server_says_unasked_is_passed_over(dovecot, user):
    sent = dovecot.deliver(user, *MAILS)
    unasked = b"* 9 EXISTS\r\n* 1 EXPUNGE\r\n* 3 FETCH (FLAGS (\\Seen))\r\n* OK [ALERT] (x\r\n"
    for at in (b"EXAMINE", b"NOOP", b"UID SEARCH", b"RFC822.SIZE INTERNALDATE", b"BODY.PEEK"):
        fault = proxy.Insert(unasked, at=at)
        with (
            proxy.Proxy(dovecot.ports["imap"], fault) as between,
            opened(between.url("imap"), user) as inbox,
        ):
            found = inbox.listing()
            assert uids(found) == sent
            assert dict(inbox.fetch(sent)) == dict(zip(sent, MAILS, strict=True))
        assert fault.fired.is_set()


# Disposing


def test_kept_and_seen_mails_stay(dovecot, user, inbox):
    dovecot.deliver(user, *MAILS[:3])
    inbox.dispose(["1"], Disposal(Way.KEEP))
    inbox.dispose(["2"], Disposal(Way.SEEN))
    assert dovecot.flags(user) == {"1": set(), "2": {b"\\Seen"}, "3": set()}


def test_moved_mails_lie_in_the_other_folder(dovecot, user, inbox):
    dovecot.deliver(user, *MAILS[:3])
    dovecot.deliver(user, folder="Erledigt – 2024")
    inbox.dispose(["1", "3"], Disposal(Way.MOVE, "Erledigt – 2024"))
    inbox.dispose(["1", "3"], Disposal(Way.MOVE, "Erledigt – 2024"))
    assert uids(inbox.listing()) == ["2"]
    inbox.folder("Erledigt – 2024")
    assert [mail for _, mail in inbox.fetch(["1", "2"])] == [MAILS[0], MAILS[2]]


def test_moving_to_no_folder_is_lasting_trouble(dovecot, user, inbox):
    dovecot.deliver(user, *MAILS[:1])
    with pytest.raises(MailboxTrouble, match="cannot be moved to folder Nowhere") as trouble:
        inbox.dispose(["1"], Disposal(Way.MOVE, "Nowhere"))
    assert trouble.value.lasting
    assert uids(inbox.listing()) == ["1"]


def test_deleting_leaves_what_others_have_flagged(dovecot, user, inbox):
    dovecot.deliver(user, *MAILS[:3])
    dovecot.deliver(user, MAILS[3], flags=[b"\\Deleted"])
    inbox.dispose(["2"], Disposal(Way.DELETE))
    assert dovecot.flags(user) == {"1": set(), "3": set(), "4": {b"\\Deleted"}}


@pytest.mark.parametrize("way", [Way.DELETE, Way.MOVE])
def test_without_uidplus_nothing_is_expunged(dovecot, user, way):
    dovecot.deliver(user, *MAILS[:2])
    dovecot.deliver(user, folder="Done")
    poorer = proxy.Rewrite(rb"UIDPLUS|\bMOVE\b", b"XNOTHING")
    with (
        proxy.Proxy(dovecot.ports["imap"], poorer) as between,
        opened(between.url("imap"), user) as inbox,
    ):
        for _ in range(2):
            inbox.dispose(["2"], Disposal(way, "Done"))
        assert not any(b"EXPUNGE" in line or b"MOVE" in line for line in between.commands)
    assert dovecot.flags(user) == {"1": set(), "2": {b"\\Deleted"}}
    assert len(dovecot.flags(user, "Done")) == (way is Way.MOVE)


def test_nothing_is_disposed_of_in_a_folder_that_was_made_anew(dovecot, user):
    dovecot.deliver(user, *MAILS)
    lie = proxy.Rewrite(rb"\[UIDVALIDITY \d+\]", b"[UIDVALIDITY 7]", times=1)
    with (
        proxy.Proxy(dovecot.ports["imap"], lie) as between,
        opened(between.url("imap"), user) as inbox,
        pytest.raises(MailboxTrouble, match="was made anew"),
    ):
        inbox.dispose(["1"], Disposal(Way.DELETE))
    assert len(dovecot.flags(user)) == len(MAILS)


# Waiting


def in_idle(between):
    between.wait_for(rb"IDLE")


@contextmanager
def waiting(inbox, wake, seconds=60.0):
    """The mailbox waits in a thread; what came of it is in the list."""
    came = []

    def wait():
        try:
            came.append(inbox.wait(seconds, wake))
        except MailboxTrouble as trouble:
            came.append(trouble)

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        yield came
    finally:
        thread.join()


def test_new_mail_ends_the_wait(dovecot, user, wake):
    with opened(dovecot.url("imaps"), user, ca_file=dovecot.ca_file) as inbox:
        assert inbox.can_wait
        with waiting(inbox, wake[1]) as came:
            sent = dovecot.deliver(user, MAILS[0])
        assert came == [True]
        assert uids(inbox.listing()) == sent


def test_who_owns_the_mailbox_ends_the_wait(dovecot, user, wake):
    with proxy.Proxy(dovecot.ports["imap"]) as between, opened(between.url("imap"), user) as inbox:
        with waiting(inbox, wake[1]) as came:
            in_idle(between)
            wake[0].send(b".")
        assert came == [True]
        assert inbox.listing() == []


def test_idle_is_renewed(dovecot, user, wake, monkeypatch):
    monkeypatch.setattr(imap, "RENEW_SECONDS", 0.02)
    with proxy.Proxy(dovecot.ports["imap"]) as between, opened(between.url("imap"), user) as inbox:
        assert inbox.wait(0.05, wake[1])
        assert sum(b"IDLE" in line for line in between.commands) == 3
        assert inbox.listing() == []
    assert imap.RENEW_SECONDS < 9 * 60


def test_server_without_idle_is_not_waited_for(dovecot, user, wake):
    poorer = proxy.Rewrite(rb"\bIDLE\b", b"XIDLE")
    with (
        proxy.Proxy(dovecot.ports["imap"], poorer) as between,
        opened(between.url("imap"), user) as inbox,
    ):
        assert not inbox.can_wait
        assert not inbox.wait(60.0, wake[1])


def test_news_before_and_with_the_readiness_is_not_missed(dovecot, user, wake):
    for said, by in ((rb"\+ idling", b"* 5 EXISTS\r\n+ idling"), (rb"\+ idling\r\n", None)):
        by = by or b"+ idling\r\n* 5 EXISTS\r\n"
        early = proxy.Rewrite(said, by)
        with (
            proxy.Proxy(dovecot.ports["imap"], early) as between,
            opened(between.url("imap"), user) as inbox,
            waiting(inbox, wake[1]) as came,
        ):
            between.wait_for(rb"IDLE")
            if by.startswith(b"*"):
                wake[0].send(b".")
        assert came == [True]
        assert early.fired.is_set()


@pytest.mark.parametrize("end", ["cut", "bye"])
def test_connection_that_ends_in_idle_is_passing_trouble(dovecot, user, wake, end):
    fault = proxy.Rewrite(rb"\+ idling\r\n", b"+ idling\r\n* BYE for today\r\n")
    between = proxy.Proxy(dovecot.ports["imap"], fault if end == "bye" else None)
    with between, opened(between.url("imap"), user) as inbox:
        with waiting(inbox, wake[1]) as came:
            in_idle(between)
            if end == "cut":
                between.cut_all()
        assert isinstance(came[0], MailboxTrouble)
        assert not came[0].lasting
        assert not inbox.is_open
        assert not any(b"DONE" in line for line in between.commands)


# Cut connections


def all_of(inbox, got, skip=()):
    """Everything a fetcher does; what it got stands in `got` when it was interrupted, too."""
    inbox.open()
    inbox.folder("INBOX")
    found = [one.uid for one in inbox.listing() if one.uid not in skip]
    inbox.header("1")
    for uid, mail in inbox.fetch(found):
        got[uid] = mail
    inbox.dispose(found, Disposal(Way.SEEN))
    inbox.close()


def interrupted(dovecot, user, fault, monkeypatch=None):
    """A fetcher under a fault, and a new one that fetches what is missing; whether it was hit."""
    got = {}
    with proxy.Proxy(dovecot.ports["imap"], fault) as between:
        inbox = mailbox(between.url("imap"), user)
        try:
            all_of(inbox, got)
        except MailboxTrouble as trouble:
            assert not trouble.lasting
            assert not inbox.is_open
        inbox.close()
        hit = fault.fired.is_set()
    more = {}
    all_of(mailbox(dovecot.url("imap"), user), more, skip=got.keys())
    assert not more.keys() & got.keys()
    assert got | more == {str(number + 1): mail for number, mail in enumerate(MAILS)}
    return hit


@pytest.mark.parametrize("nobody", [False, True], ids=["unheard", "unanswered"])
def test_connection_cut_at_every_command_loses_nothing(dovecot, user, monkeypatch, nobody):
    monkeypatch.setattr(imap, "MAILS_AT_ONCE", 3)
    dovecot.deliver(user, *MAILS)
    number = 1
    while interrupted(dovecot, user, proxy.CutAtCommand(number, answered_by_nobody=nobody)):
        number += 1
    assert number > 12


def test_connection_cut_after_any_bytes_loses_nothing(dovecot, user, monkeypatch):
    monkeypatch.setattr(imap, "MAILS_AT_ONCE", 3)
    dovecot.deliver(user, *MAILS)
    number = 0
    while interrupted(dovecot, user, proxy.CutAfterBytes(number, at=rb"BODY.PEEK\[\]")):
        number += 61
    assert number > 300


def test_server_that_is_killed_is_passing_trouble_and_comes_back(dovecot, user):
    dovecot.deliver(user, *MAILS)
    with opened(dovecot.url("imap"), user) as inbox:
        dovecot.kill()
        try:
            for call in (inbox.listing, inbox.open):
                with pytest.raises(MailboxTrouble) as trouble:
                    call()
                assert not trouble.value.lasting
        finally:
            dovecot.start()
        inbox.open()
        inbox.folder("INBOX")
        assert len(inbox.listing()) == len(MAILS)


def test_mails_under_way_when_the_connection_ends_are_named(dovecot, user, monkeypatch):
    monkeypatch.setattr(imap, "MAILS_AT_ONCE", 3)
    sent = dovecot.deliver(user, *MAILS)
    cut = proxy.Insert(b"nonsense\r\n", at=rb"FETCH 4,5,6")
    with (
        proxy.Proxy(dovecot.ports["imap"], cut) as between,
        opened(between.url("imap"), user) as inbox,
    ):
        with pytest.raises(MailboxTrouble, match="cannot be understood") as trouble:
            list(inbox.fetch(sent))
        assert trouble.value.uids == ("4", "5", "6")
        assert not inbox.is_open


# Lies and nonsense


@pytest.mark.parametrize("by", [-7, -2, 1, 3, 60, 10**12])
def test_size_of_a_literal_that_is_a_lie_is_trouble(dovecot, user, by):
    dovecot.deliver(user, *MAILS)
    lie = proxy.LieAboutSizes(by)
    with (
        proxy.Proxy(dovecot.ports["imap"], lie) as between,
        opened(between.url("imap"), user, read_seconds=0.5) as inbox,
        pytest.raises(MailboxTrouble),
    ):
        for uid, mail in inbox.fetch([str(number + 1) for number in range(len(MAILS))]):
            assert mail == MAILS[int(uid) - 1]
    assert lie.fired.is_set()


@pytest.mark.parametrize(
    "answer",
    [rb"\1NIL)", rb'\1"")', rb"\1{0}\r\n)", rb"FLAGS ())", rb"\1"],
    ids=["nil", "empty", "empty literal", "no body", "cut off"],
)
def test_answer_without_a_body_is_trouble_and_never_an_empty_mail(dovecot, user, answer):
    sent = dovecot.deliver(user, MAILS[0], b"Subject: poison\r\n\r\n", MAILS[1])
    poison = rb"(BODY\[\] )\{19\}\r\nSubject: poison\r\n\r\n\)"
    without = proxy.Rewrite(poison, answer)
    fetched = {}
    with (
        proxy.Proxy(dovecot.ports["imap"], without) as between,
        opened(between.url("imap"), user, read_seconds=1.0) as inbox,
    ):
        with pytest.raises(MailboxTrouble) as trouble:
            fetched.update(inbox.fetch(sent))
        if answer != rb"\1":
            assert trouble.value.uids == ("2",)
            assert inbox.is_open
    assert without.fired.is_set()


def test_one_mail_that_is_not_given_out_keeps_no_other_back(dovecot, user):
    sent = dovecot.deliver(user, MAILS[0], b"Subject: poison\r\n\r\n", MAILS[1])
    no_body = proxy.Rewrite(rb"BODY\[\] \{19\}\r\nSubject: poison\r\n\r\n\)", rb"FLAGS ())")
    fetched = {}
    with (
        proxy.Proxy(dovecot.ports["imap"], no_body) as between,
        opened(between.url("imap"), user) as inbox,
    ):
        with pytest.raises(MailboxTrouble, match="does not give out") as trouble:
            for uid, mail in inbox.fetch(sent):
                fetched[uid] = mail
        assert trouble.value.uids == ("2",)
        assert inbox.listing()[1].uid == "2"
    assert fetched == {"1": MAILS[0], "3": MAILS[1]}


@pytest.mark.parametrize("times", [1, 0], ids=["once", "always"])
def test_batch_that_is_refused_is_asked_for_one_by_one(dovecot, user, times):
    sent = dovecot.deliver(user, *MAILS)
    refuses = proxy.Rewrite(rb"OK Fetch completed", b"NO [SERVERBUG] no", at=rb"PEEK", times=times)
    with (
        proxy.Proxy(dovecot.ports["imap"], refuses) as between,
        opened(between.url("imap"), user) as inbox,
    ):
        if times:
            assert dict(inbox.fetch(sent)) == dict(zip(sent, MAILS, strict=True))
            return
        with pytest.raises(MailboxTrouble, match="does not give out: 7") as trouble:
            list(inbox.fetch(sent))
        assert trouble.value.uids == tuple(sent)


def test_mail_that_is_found_but_not_described_is_listed_all_the_same(dovecot, user):
    sent = dovecot.deliver(user, *MAILS)
    silent = proxy.Rewrite(rb"\* 2 FETCH \([^)]*\)", b"* OK nothing")
    with (
        proxy.Proxy(dovecot.ports["imap"], silent) as between,
        opened(between.url("imap"), user) as inbox,
    ):
        assert uids(inbox.listing()) == sent


def test_size_that_is_only_a_guess_is_no_trouble(dovecot, user):
    sent = dovecot.deliver(user, *MAILS)
    guess = proxy.Rewrite(rb"RFC822\.SIZE (\d+)", rb"RFC822.SIZE 1\1")
    with (
        proxy.Proxy(dovecot.ports["imap"], guess) as between,
        opened(between.url("imap"), user) as inbox,
    ):
        assert dict(inbox.fetch(sent)) == dict(zip(sent, MAILS, strict=True))


@pytest.mark.parametrize(
    "nonsense",
    [
        b"what?\r\n",
        b"* SEARCH one two\r\n",
        b"* 1 FETCH (((((\r\n",
        b"* 1 FETCH " + b"(" * 20_000 + b"\r\n",
        b"* 1 FETCH (UID 1 RFC822.SIZE {99999999999}\r\n",
        b"* BYE over\r\n",
        b"x" * 1_100_000,
        b"* LIST \xff\xfe \x00\r\n* 1 FETCH (UID x)\r\n",
    ],
    ids=["word", "search", "open", "deep", "huge", "bye", "long", "eight bit"],
)
@pytest.mark.parametrize("at", [b"UID SEARCH", b"UID FETCH"])
def test_nonsense_is_passing_trouble(dovecot, user, nonsense, at):
    dovecot.deliver(user, *MAILS)
    fault = proxy.Insert(nonsense, at=at)
    between = proxy.Proxy(dovecot.ports["imap"], fault)
    with between, opened(between.url("imap"), user, read_seconds=0.5) as inbox:
        try:
            inbox.listing()
        except MailboxTrouble as trouble:
            assert not trouble.lasting
            assert not inbox.is_open
        else:
            assert nonsense.startswith(b"* SEARCH") or nonsense.startswith(b"* LIST")
    assert fault.fired.is_set()


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_damaged_is_trouble_and_no_fault_of_ours(dovecot, user, seed):
    dovecot.deliver(user, *MAILS)
    with proxy.Proxy(dovecot.ports["imap"], proxy.Damage(f"imap {seed}")) as between:
        inbox = mailbox(between.url("imap"), user, connect_seconds=0.1, read_seconds=0.1)
        with suppress(MailboxTrouble):
            all_of(inbox, {})
        inbox.close()


@pytest.mark.parametrize("at", range(1, 9))
def test_silence_is_passing_trouble(dovecot, user, at):
    dovecot.deliver(user, *MAILS)
    with proxy.Proxy(dovecot.ports["imap"], proxy.Stall(at)) as between:
        inbox = mailbox(between.url("imap"), user, connect_seconds=0.1, read_seconds=0.1)
        with pytest.raises(MailboxTrouble, match="does not answer") as trouble:
            all_of(inbox, {})
    assert not trouble.value.lasting


# Logging in


def test_log_never_holds_what_is_said(dovecot, user, caplog):
    caplog.set_level(logging.DEBUG)
    logging.getLogger("imapclient").setLevel(logging.NOTSET)
    dovecot.deliver(user, *MAILS)
    caplog.clear()
    with opened(dovecot.url("imap"), user) as inbox:
        list(inbox.fetch(uids(inbox.listing())))
    assert not caplog.records


def test_wrong_password_is_lasting_trouble_that_does_not_name_it(dovecot, user):
    inbox = mailbox_at(dovecot.url("imap"), Login(user, 'nöt "the\\ one'))
    with pytest.raises(MailboxTrouble) as trouble:
        inbox.open()
    assert trouble.value.lasting
    assert str(trouble.value.sentence) == ("127.0.0.1 refuses the log in: check user and password.")
    assert "the" not in repr(inbox._login)


def test_server_that_is_busy_is_passing_trouble(dovecot, user):
    busy = proxy.Rewrite(rb"OK Logged in", b"NO [UNAVAILABLE] later")
    with (
        proxy.Proxy(dovecot.ports["imap"], busy) as between,
        pytest.raises(MailboxTrouble, match="lets nobody log in now") as trouble,
    ):
        mailbox(between.url("imap"), user).open()
    assert not trouble.value.lasting


@pytest.mark.parametrize("scheme", ["imaps", "imap+starttls"])
def test_unknown_certificate_is_lasting_trouble(dovecot, user, scheme):
    with pytest.raises(MailboxTrouble, match="not to be trusted") as trouble:
        mailbox(dovecot.url(scheme), user).open()
    assert trouble.value.lasting


def test_starttls_that_is_not_offered_is_lasting_trouble(dovecot, user):
    stripped = proxy.Rewrite(b"STARTTLS ", b"")
    with proxy.Proxy(dovecot.ports["imap"], stripped) as between:
        with pytest.raises(MailboxTrouble, match="offers no STARTTLS") as trouble:
            mailbox(between.url("imap+starttls"), user, ca_file=dovecot.ca_file).open()
        assert not any(b"LOGIN" in line or b"AUTH" in line for line in between.commands)
    assert trouble.value.lasting


def test_port_where_nobody_listens_is_passing_trouble(free_port, user):
    with pytest.raises(MailboxTrouble, match="takes no connection") as trouble:
        mailbox(f"imap://127.0.0.1:{free_port}", user).open()
    assert not trouble.value.lasting


@pytest.mark.parametrize(
    "url",
    [
        "imap://mail.example.org",
        "pop3://mail.example.org",
        "imaps://",
        "imaps://bo:secret@mail.example.org",
        "imaps://mail.example.org/INBOX",
        "imaps://mail.example.org:port",
        "smtp://mail.example.org",
        "maildir:relative",
        "imaps://[mail",
    ],
)
def test_address_of_a_mailbox_that_is_none_or_not_safe_is_lasting_trouble(url):
    with pytest.raises(MailboxTrouble) as trouble:
        mailbox_at(url, Login("bo"))
    assert trouble.value.lasting
    assert "secret" not in str(trouble.value.sentence)
