"""Access tokens of a real little token service, with which a real mail server lets somebody in."""

import json
import threading
import urllib.parse
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ace_server.clock import ManualClock
from ace_server.email.mailbox import Login, MailboxTrouble
from ace_server.email.mailboxes import mailbox_at
from ace_server.email.oauth import EARLY, Tokens
from tests.email import proxy

NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)
SECRET = "s3cret of the client"


class Service(HTTPServer):
    """Gives out what `answer` says for each form that it is sent."""

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.forms = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/token"


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):  # noqa: N802  # http.server's name
        length = int(self.headers["Content-Length"])
        form = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
        self.server.forms.append(form)
        status, answer = self.server.answer(form)
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextmanager
def service(answer):
    with Service(answer) as made:
        thread = threading.Thread(target=lambda: made.serve_forever(poll_interval=0.01))
        thread.start()
        try:
            yield made
        finally:
            made.shutdown()
            thread.join()


def always(**answer):
    return lambda form: (200, {"access_token": "token", "expires_in": 3600, **answer})


def numbered(**more):
    """A new token each time: `token 1`, `token 2` …"""
    count = iter(range(1, 100))
    return lambda form: (
        200,
        {
            "access_token": f"token {next(count)}",
            "token_type": "Bearer",
            "expires_in": 3600,
            **more,
        },
    )


@pytest.fixture
def clock():
    return ManualClock(NOON)


def tokens(service, clock, **more):
    refresh = {"refresh_token": "refresh 1"} | more
    return Tokens(service.url, "client", SECRET, clock=clock, scope="mail", **refresh)


# The service


def test_token_is_asked_for_once_and_again_shortly_before_its_end(clock):
    with service(numbered()) as made:
        ours = tokens(made, clock)
        assert ours.token() == ours.token() == "token 1"
        clock.advance(3600 - EARLY - 1)
        assert ours.token() == "token 1"
        clock.advance(1)
        assert ours.token() == "token 2"
        assert made.forms[0] == {
            "grant_type": "refresh_token",
            "refresh_token": "refresh 1",
            "client_id": "client",
            "client_secret": SECRET,
            "scope": "mail",
        }


def test_token_that_lives_for_a_minute_is_used_for_half_of_it(clock):
    with service(numbered(expires_in="60")) as made:
        ours = tokens(made, clock)
        ours.token()
        clock.advance(29)
        assert ours.token() == "token 1"
        clock.advance(1)
        assert ours.token() == "token 2"


def test_rotated_refresh_token_is_kept_and_used(clock):
    count = iter(range(2, 9))
    kept = []
    with service(lambda form: always(refresh_token=f"refresh {next(count)}")(form)) as made:
        ours = tokens(made, clock, keep=kept.append)
        ours.token()
        ours.renewed()
        assert [form["refresh_token"] for form in made.forms] == ["refresh 1", "refresh 2"]
    assert kept == ["refresh 2", "refresh 3"]


def test_client_without_a_refresh_token_asks_by_its_own_secret(clock):
    with service(always()) as made:
        assert tokens(made, clock, refresh_token="").token() == "token"
        assert made.forms[0]["grant_type"] == "client_credentials"
        assert "refresh_token" not in made.forms[0]


def test_refused_refresh_is_lasting_trouble_shown_by_its_code_only(clock):
    refusal = {"error": "invalid_grant", "error_description": f"bo@example.org {SECRET}"}
    with service(lambda form: (400, refusal)) as made, pytest.raises(MailboxTrouble) as trouble:
        tokens(made, clock).token()
    assert trouble.value.lasting
    assert str(trouble.value.sentence) == (
        "The token service 127.0.0.1 refuses a token (invalid_grant): allow the access once more."
    )


@pytest.mark.parametrize(
    ("status", "answer", "lasting"),
    [
        (401, b"", True),
        (302, b"", True),
        (400, {"error": f"<b>{SECRET}</b>"}, True),
        (400, {"error": "temporarily_unavailable"}, False),
        (429, b"slow down", False),
        (503, b"<html>", False),
        (200, b"<html>", False),
        (200, b"[" * 5000, False),
        (200, [], False),
        (200, {}, False),
        (200, {"access_token": 7, "expires_in": 60}, False),
        (200, {"access_token": "a\r\nb", "expires_in": 60}, False),
        (200, {"access_token": "", "expires_in": 60}, False),
        (200, {"access_token": "token", "expires_in": "soon"}, False),
        (200, {"access_token": "token", "expires_in": -1}, False),
        (200, {"access_token": "token", "expires_in": True}, False),
        (200, b'{"access_token": "token", "expires_in": NaN}', False),
    ],
)
def test_answer_that_is_no_token_is_trouble(clock, status, answer, lasting):
    with service(lambda form: (status, answer)) as made:
        with pytest.raises(MailboxTrouble) as trouble:
            tokens(made, clock).token()
        assert len(made.forms) == 1
    assert trouble.value.lasting is lasting
    assert SECRET not in str(trouble.value.sentence)


def test_token_whose_life_is_not_told_is_taken(clock):
    with service(lambda form: (200, {"access_token": "token"})) as made:
        assert tokens(made, clock).token() == "token"


def test_service_that_is_silent_or_away_is_passing_trouble(clock, free_port):
    with service(always()) as made, proxy.Proxy(made.server_port, proxy.Stall(1)) as between:
        silent = Tokens(f"http://127.0.0.1:{between.port}", "c", clock=clock, seconds=0.1)
        with pytest.raises(MailboxTrouble, match="does not answer") as trouble:
            silent.token()
        assert not trouble.value.lasting
    with pytest.raises(MailboxTrouble, match="takes no connection") as trouble:
        Tokens(f"http://127.0.0.1:{free_port}", "c", clock=clock).token()
    assert not trouble.value.lasting


def test_certificate_of_the_service_is_checked(dovecot, clock):
    url = f"https://127.0.0.1:{dovecot.ports['imaps']}/token"
    with pytest.raises(MailboxTrouble, match="not to be trusted") as trouble:
        Tokens(url, "client", clock=clock).token()
    assert trouble.value.lasting
    with pytest.raises(
        MailboxTrouble, match="cannot be understood"
    ):  # it speaks IMAP, but securely
        Tokens(url, "client", clock=clock, ca_file=dovecot.ca_file).token()


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example.org/token",
        "ftp://127.0.0.1/",
        "",
        "https:///x",
        "https://h:x/",
        "https://[x",
    ],
)
def test_secret_is_sent_over_https_only(clock, url):
    with pytest.raises(MailboxTrouble, match="must begin with https") as trouble:
        Tokens(url, "client", SECRET, clock=clock).token()
    assert trouble.value.lasting


# The mail server


def signing(dovecot, user, first=None):
    """Tokens that the mail server takes; the first one is `first`, where that is given."""
    given = iter([first] if first else [])
    return lambda form: (
        200,
        {"access_token": next(given, None) or dovecot.token(user), "expires_in": 600},
    )


SCHEMES = ["imap", "imaps", "pop3", "pop3+starttls"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_token_opens_the_mailbox(dovecot, user, clock, scheme):
    dovecot.deliver(user, b"Subject: x\r\n\r\n")
    with service(signing(dovecot, user)) as made:
        login = Login(user, tokens=tokens(made, clock))
        inbox = mailbox_at(dovecot.url(scheme), login, ca_file=dovecot.ca_file)
        for _ in range(2):
            inbox.open()
            assert inbox.folder("INBOX").count == 1
            inbox.close()
        assert len(made.forms) == 1


def test_imap_uses_the_mechanism_that_is_offered(dovecot, user, clock):
    with service(signing(dovecot, user)) as made:
        for other, mechanism in ((b"XXOAUTH", b"OAUTHBEARER"), (b"OAUTHBEARER", b"XOAUTH2")):
            poorer = proxy.Rewrite(rb"AUTH=" + other, b"AUTH=X")
            with proxy.Proxy(dovecot.ports["imap"], poorer) as between:
                login = Login(user, tokens=tokens(made, clock))
                inbox = mailbox_at(between.url("imap"), login)
                inbox.open()
                inbox.close()
                assert any(mechanism in line for line in between.commands)


def test_server_that_takes_no_tokens_is_lasting_trouble(dovecot, user, clock):
    poorer = proxy.Rewrite(rb"AUTH=(OAUTHBEARER|XOAUTH2)", b"AUTH=X")
    with (
        service(signing(dovecot, user)) as made,
        proxy.Proxy(dovecot.ports["imap"], poorer) as between,
        pytest.raises(MailboxTrouble, match="takes no access tokens") as trouble,
    ):
        mailbox_at(between.url("imap"), Login(user, tokens=tokens(made, clock))).open()
    assert trouble.value.lasting


@pytest.mark.parametrize(
    ("scheme", "fault"),
    [("imap", "expired"), ("pop3", "wrongly signed"), ("xoauth2", "wrongly signed")],
)
def test_token_that_the_server_refuses_is_renewed_once(dovecot, user, clock, scheme, fault):
    bad = (
        dovecot.token(user, expires_in=-60)
        if fault == "expired"
        else dovecot.token(user, key=b"another key")
    )
    port = dovecot.ports["pop3" if scheme == "pop3" else "imap"]
    poorer = proxy.Rewrite(b"AUTH=OAUTHBEARER", b"AUTH=X") if scheme == "xoauth2" else None
    with service(signing(dovecot, user, first=bad)) as made, proxy.Proxy(port, poorer) as between:
        url = between.url("pop3" if scheme == "pop3" else "imap")
        inbox = mailbox_at(url, Login(user, tokens=tokens(made, clock)))
        inbox.open()
        inbox.close()
        assert len(made.forms) == 2


def test_token_that_is_refused_twice_is_lasting_trouble(dovecot, user, clock):
    bad = dovecot.token(user, key=b"another key")
    with service(lambda form: (200, {"access_token": bad, "expires_in": 600})) as made:
        inbox = mailbox_at(dovecot.url("imap"), Login(user, tokens=tokens(made, clock)))
        with pytest.raises(MailboxTrouble, match="refuses the access token") as trouble:
            inbox.open()
        assert len(made.forms) == 2
    assert trouble.value.lasting
    assert bad not in str(trouble.value.sentence)
    assert not inbox.is_open
