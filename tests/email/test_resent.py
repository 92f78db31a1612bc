"""A mail that is re-sent says what it said, below who sent it on."""

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ace_server.email.mail import Address
from ace_server.email.resent import in_lines, resend
from ace_server.errors import Refused

DATE = datetime(2026, 11, 26, 18, 30, tzinfo=UTC)
SERVICE = Address("service@bank.example", "Bank")
ANNA = Address("anna@bank.example")
ABOVE = (
    b"Resent-From: Bank <service@bank.example>\r\n"
    b"Resent-To: anna@bank.example\r\n"
    b"Resent-Date: Thu, 26 Nov 2026 18:30:00 +0000\r\n"
    b"Resent-Message-ID: <2@bank.example>\r\n"
)
MAILS = sorted((Path(__file__).parent.parent / "data" / "mail" / "resent").glob("*.eml"))


def resent(raw: bytes) -> bytes:
    """The mail below the lines that are put above it."""
    made = resend(raw, sender=SERVICE, to=ANNA, date=DATE, message_id="<2@bank.example>")
    assert made.startswith(ABOVE)
    return made.removeprefix(ABOVE)


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def contents(mail: EmailMessage) -> list[tuple[str, bytes]]:
    """What a reader sees of each part; line ends are the same to readers."""
    return [
        (part.get_content_type(), part.get_payload(decode=True).replace(b"\r\n", b"\n"))
        for part in mail.walk()
        if not part.is_multipart()
    ]


def longest(raw: bytes) -> int:
    return max(map(len, raw.split(b"\r\n")))


@pytest.mark.parametrize("file", MAILS, ids=lambda file: file.name)
def test_real_mail_is_read_as_before(file: Path):
    raw = in_lines(file.read_bytes())
    if raw.startswith(b"From "):
        raw = raw.partition(b"\r\n")[2]
    made = resent(file.read_bytes())
    assert made == raw
    assert contents(read(ABOVE + made)) == contents(read(raw))


def test_mail_in_order_keeps_every_octet():
    raw = b"From: ann@example.com\r\nResent-To: x@example.com\r\n\r\n\xff\x80 8-bit\r\n.\r\n"
    assert resent(raw) == raw


@pytest.mark.parametrize(
    ("raw", "made"),
    [
        (b"A: b\n\nc\nd", b"A: b\r\n\r\nc\r\nd\r\n"),
        (b"A: b\r\n\nc\r\n", b"A: b\r\n\r\nc\r\n"),
        (b"A: b\r\r\n\r\r\nc\r\r\n", b"A: b\r\n\r\nc\r\n"),
        (b"A: b\r\rc\r", b"A: b\r\n\r\nc\r\n"),
        (b"From ann@example.com Thu\nA: b\n\nc\n", b"A: b\r\n\r\nc\r\n"),
        (b">From ann@example.com Thu\nA: b\n\nc\n", b"A: b\r\n\r\nc\r\n"),
        (b"\nno header\n", b"\r\nno header\r\n"),
        (b"no header\n", b"\r\nno header\r\n"),
        (b" no header: either\n", b"\r\n no header: either\r\n"),
        (b"", b"\r\n"),
    ],
)
def test_lines_become_those_of_smtp(raw: bytes, made: bytes):
    assert resent(raw) == made


def test_what_looks_like_a_header_in_the_text_stays_text():
    mail = read(ABOVE + resent(b"hello\nBcc: x@example.com\n"))
    assert mail["Bcc"] is None
    assert mail.get_payload() == "hello\r\nBcc: x@example.com\r\n"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", b"x" * 5000 + b"\r\nshort \r\n"),
        ("8bit", "ß ".encode() * 2000 + b"\r\n=20 is no code here\r\n"),
        ("7bit", b"word " * 400 + b"\t\r\n.\r\n"),
        ("quoted-printable", b"=C3=9F " * 800 + b"\r\nshort=\r\n line\r\n"),
        ("base64", b"QUJD" * 1000 + b"\r\n"),
    ],
)
@pytest.mark.parametrize("outer", ["alone", "in parts", "in a mail"])
def test_long_line_is_encoded_anew_and_reads_the_same(encoding: str, body: bytes, outer: str):
    header = b"Content-Type: text/plain; charset=utf-8\r\n"
    if encoding:
        header += b"Content-Transfer-Encoding: " + encoding.encode() + b"\r\n"
    raw = {
        "alone": header + b"\r\n" + body,
        "in parts": b'Content-Type: multipart/mixed;\r\n boundary="b.1"\r\n\r\nbefore\r\n--b.1\r\n'
        + header + b"\r\n" + body + b"\r\n--b.1 \r\n\r\nother\r\n--b.1--\r\nafter\r\n",
        "in a mail": b"Content-Type: message/rfc822\r\n\r\n" + header + b"\r\n" + body,
    }[outer]  # fmt: skip
    made = resent(b"MIME-Version: 1.0\r\n" + raw)
    assert longest(made) <= 998
    assert contents(read(made)) == contents(read(b"MIME-Version: 1.0\r\n" + raw))
    assert read(made).keys()[:2] == ["MIME-Version", "Content-Type"]


def test_long_line_without_a_header_reads_the_same():
    made = resent(b"ab" * 2000)
    assert longest(made) <= 998
    mail = read(ABOVE + made)
    assert mail["MIME-Version"] == "1.0"
    assert mail.get_payload(decode=True) == b"ab" * 2000 + b"\r\n"


def test_long_header_is_folded_where_it_has_spaces():
    subject = "word " * 600 + "end"
    made = resent(b"Subject: " + subject.encode() + b"\r\nX: " + b"y" * 3000 + b"\r\n\r\ntext\r\n")
    assert longest(made) <= 998
    mail = email.message_from_bytes(made)
    assert mail["Subject"].replace("\r\n", "") == subject
    assert "".join(mail["X"].split()) == "y" * 3000
    assert mail.get_payload() == "text\r\n"


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n",
        b"Content-Type: multipart/mixed\r\n\r\n",
        b"Content-Transfer-Encoding: x-uuencode\r\n\r\n",
    ],
)
def test_what_is_signed_or_not_understood_stays(header: bytes):
    raw = header + b"x" * 2000 + b"\r\n"
    assert resent(raw) == raw


def test_parts_within_parts_end():
    raw = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(400)
    )
    assert resent(raw + b"\r\n" + b"x" * 2000 + b"\r\n").endswith(b"x\r\n")


def test_agent_without_a_right_address_is_refused():
    with pytest.raises(Refused):
        resend(b"", sender=SERVICE, to=Address("anna"), date=DATE, message_id="<2@x>")


@given(
    st.binary(max_size=400) | st.lists(st.sampled_from([b"\r", b"\n", b"a", b":"])).map(b"".join)
)
def test_every_line_ends_in_one_way_whatever_the_octets(raw: bytes):
    made = resent(raw)
    assert made.endswith(b"\r\n")
    assert made.count(b"\r\n") == made.count(b"\r") == made.count(b"\n")
    assert resent(made) == made
