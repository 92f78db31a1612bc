"""A server that answers without an end is not listened to for ever."""

import socket
import threading
from contextlib import suppress

import pytest

from ace_server.email import endpoint, stream
from ace_server.email.imap import ImapMailbox
from ace_server.email.mailbox import Login, MailboxTrouble
from ace_server.email.stream import Stream


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    yield Stream(ours, 10.0), theirs
    ours.close()
    theirs.close()


def test_many_literals_are_no_more_than_one(ends, monkeypatch):
    monkeypatch.setattr(stream, "LARGEST_LITERAL", 10)
    read, theirs = ends
    read.begin()
    theirs.sendall(b"x" * 30)
    assert read.read(6) == b"xxxxxx"
    with pytest.raises(ValueError, match="literals"):
        read.read(6)
    read.begin()
    assert len(read.read(10)) == 10


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
        mailbox = ImapMailbox(endpoint.parse(f"imap://127.0.0.1:{port}"), Login("anna", "secret"))
        mailbox.open()
        with pytest.raises(MailboxTrouble, match="cannot be understood"):
            mailbox.folder("INBOX")
        assert not mailbox.is_open
        serving.join()
