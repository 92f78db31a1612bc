"""A server that answers without an end is not listened to for ever."""

import socket
import threading
from contextlib import suppress
from itertools import count
from types import SimpleNamespace

import pytest

from ace_server.email import stream, urls
from ace_server.email.imap import ImapMailbox
from ace_server.email.mailbox import Login, MailboxTrouble
from ace_server.email.stream import Stream


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    yield Stream(ours, 10.0, 10), theirs
    ours.close()
    theirs.close()


def test_many_literals_are_no_more_than_one(ends):
    read, theirs = ends
    read.begin()
    theirs.sendall(b"x" * 30)
    assert read.read(6) == b"xxxxxx"
    with pytest.raises(ValueError, match="literals"):
        read.read(6)
    read.begin()
    assert len(read.read(10)) == 10


def test_who_says_a_letter_now_and_then_is_not_listened_to_for_ever(ends, monkeypatch):
    monkeypatch.setattr(stream, "PATIENCE", 0)
    read, theirs = ends
    theirs.sendall(b"* OK but not all of it")
    with pytest.raises(TimeoutError):
        read.readline()


def test_a_literal_that_trickles_is_given_up_within_the_hour(monkeypatch):
    every = 25  # seconds a byte comes: no silence is too long
    ticks = count(step=every)
    monkeypatch.setattr(stream, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    monkeypatch.setattr(stream, "CHUNK", 1)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"x" * (3600 // every))
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(TimeoutError):
            Stream(ours, 30.0, 40_000_000).read(35_000_000)


def greeting(listener, said):
    connection, _ = listener.accept()
    with connection, suppress(OSError):
        connection.sendall(said)
        connection.recv(1)


@pytest.mark.parametrize("said", [b"* OK {99999999999}\r\n", b"*" * 1_100_000])
def test_a_greeting_that_does_not_end_is_trouble_and_no_memory(said):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=greeting, args=(listener, said))
        serving.start()
        port = listener.getsockname()[1]
        mailbox = ImapMailbox(urls.parse(f"imap://127.0.0.1:{port}"), Login("anna", "secret"))
        with pytest.raises(MailboxTrouble, match="cannot be understood"):
            mailbox.open()
        serving.join()


def flooding(listener):
    """Lets a client log in, and answers what comes then with lines and never with an end."""
    connection, _ = listener.accept()
    with connection, suppress(OSError), connection.makefile("rb") as lines:
        connection.sendall(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        for line in lines:
            tag, command = line.split()[:2]
            if command == b"EXAMINE":
                while True:
                    connection.sendall(b"* 1 EXISTS\r\n" * 1000)
            also = b"* CAPABILITY IMAP4rev1\r\n" if command == b"CAPABILITY" else b""
            connection.sendall(also + tag + b" OK done\r\n")


def test_an_answer_that_does_not_end_is_trouble_and_no_memory(monkeypatch):
    monkeypatch.setattr(stream, "MOST_IN_LINES", 100_000)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=flooding, args=(listener,))
        serving.start()
        port = listener.getsockname()[1]
        mailbox = ImapMailbox(urls.parse(f"imap://127.0.0.1:{port}"), Login("anna", "secret"))
        mailbox.open()
        with pytest.raises(MailboxTrouble, match="cannot be understood"):
            mailbox.folder("INBOX")
        assert not mailbox.is_open
        serving.join()
