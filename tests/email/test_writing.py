"""Letters become bytes that say exactly what was meant."""

import email
import email.policy
import re
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ace_server.email.mail import Address, one_line
from ace_server.email.writing import (
    Enclosed,
    Letter,
    compose,
    is_address,
    new_message_id,
    recipients,
)
from ace_server.errors import Refused

DATE = datetime(2026, 11, 26, 18, 30, tzinfo=UTC)
SERVICE = Address("service@bank.example", "Bank")
ANN = Address("ann@example.com", "Ann Example")
BOB = Address("bob@example.com")
LETTER = Letter(sender=SERVICE, date=DATE, message_id="<1@bank.example>", to=(ANN,))

USUAL = ["Date", "From", "To", "Subject", "Message-ID", "MIME-Version", "Content-Type"]
USUAL += ["Content-Transfer-Encoding"]


def letter(**changes: object) -> Letter:
    return msgspec.structs.replace(LETTER, **changes)


def read(raw: bytes) -> EmailMessage:
    """As a program that keeps to the standards reads it."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def text_of(mail: EmailMessage) -> str:
    part = next(iter(mail.iter_parts())) if mail.is_multipart() else mail
    return part.get_payload(decode=True).decode().replace("\r\n", "\n")


def as_sent(text: str) -> str:
    """The text with lines that are all ended in one way, and without what UTF-8 cannot say."""
    whole = re.sub(r"\r\n|\r", "\n", re.sub("[\ud800-\udfff]", "\ufffd", text).replace("\0", ""))
    return whole if not whole or whole.endswith("\n") else whole + "\n"


# Whatever the strings

TEXT = st.text(st.characters(), max_size=200) | st.text(
    'ab=?_ \t\r\n.<>@,;:"\\äж😀\x85\u2028\0', max_size=300
)
NAMES = st.text(st.characters(), max_size=80)
ADDRESSES = st.builds(
    Address,
    st.sampled_from(
        ["ann@example.com", "o'neil+x@a-b.example", '"a, b"@example.com', "x@bücher.example"]
        + ["žofie@example.com", "foo..bar@example.com", f"{'x' * 64}@{'y' * 60}.example"]
    ),
    TEXT,
)
FILES = st.builds(
    Enclosed,
    NAMES,
    st.sampled_from(["image/png", "", "message/rfc822", "a/b\r\nX: y"]),
    st.binary(max_size=200),
)


@settings(max_examples=150)
@given(
    sender=ADDRESSES,
    to=st.lists(ADDRESSES, min_size=1, max_size=4),
    cc=st.lists(ADDRESSES, max_size=2),
    bcc=st.lists(ADDRESSES, max_size=2),
    subject=TEXT,
    text=TEXT,
    extra=TEXT,
    references=st.lists(TEXT | st.sampled_from(["<a@b>", f"<{'r' * 200}@b>"]), max_size=5),
    files=st.lists(FILES, max_size=3),
)
@example(
    sender=SERVICE,
    to=[ANN],
    cc=[],
    bcc=[],
    subject="=?utf-8?q?x=0D=0ABcc:_a@b?=",
    text="\n.\nFrom me\n" + "x" * 2000,
    extra="x\r\nBcc: evil@example.com",
    references=["<a@b>\r\nBcc: evil@example.com"],
    files=[Enclosed("a\r\nBcc: x.txt", "text/plain\r\nBcc: x", b"--=_\r\n")],
)
def test_reading_it_again_yields_what_was_written(
    sender, to, cc, bcc, subject, text, extra, references, files
):
    raw = compose(
        letter(
            sender=sender,
            to=tuple(to),
            cc=tuple(cc),
            bcc=tuple(bcc),
            subject=subject,
            text=text,
            references=tuple(references),
            headers=(("X-Extra", extra),),
            attachments=tuple(files),
        )
    )
    lines = raw.split(b"\r\n")
    assert lines.pop() == b""
    assert not re.search(rb"[\r\n\0]", b"".join(lines))
    assert max(map(len, lines)) <= 998
    mail = read(raw)
    expected = [name for name in USUAL if not (files and name == "Content-Transfer-Encoding")]
    expected += ["X-Extra", *(["Cc"] if cc else [])]
    expected += ["References"] if mail["References"] else []
    assert sorted(mail.keys()) == sorted(expected)
    if not any("ž" in one.address for one in (sender, *to, *cc)):
        assert raw.isascii()
        assert mail["Subject"] == one_line(subject)
        assert mail["X-Extra"] == one_line(extra)
        assert written(raw, "From") == meant([sender])
        assert written(raw, "To") == meant(to)
        assert written(raw, "Cc") == meant(cc)
    valid = [one for one in references if re.fullmatch(r"<[!-;=?-~]+>", one)]
    assert str(mail["References"] or "").split() == valid
    assert text_of(mail) == as_sent(text)
    found = list(mail.iter_attachments())
    assert [part.get_content_disposition() for part in found] == ["attachment"] * len(files)
    assert [part.get_payload(decode=True) for part in found] == [one.content for one in files]
    names = [part["Content-Disposition"].params.get("filename", "") for part in found]
    assert names == [one_line(one.name) for one in files]
    assert {part.get_content_type() for part in found} <= {"image/png", "application/octet-stream"}


def written(raw: bytes, name: str) -> list[tuple[str, str]]:
    """The mailboxes, not by `policy.default`: that puts spaces into long names (RFC 2047 §6.2)."""
    values = email.message_from_bytes(raw).get_all(name, [])
    return [
        (address, str(make_header(decode_header(name))))
        for name, address in getaddresses([value.replace("\r\n", "") for value in values])
    ]


def meant(addresses: list[Address]) -> list[tuple[str, str]]:
    return [
        (one.address.replace("bücher", "xn--bcher-kva"), " ".join(one_line(one.name).split()))
        for one in addresses
    ]


@given(st.text() | st.text('a@b.<>,"\\ \r\nü＞'), st.text())
def test_what_is_no_address_is_refused_and_never_written(address: str, name: str):
    try:
        raw = compose(letter(to=(Address(address, name),)))
    except Refused as refusal:
        assert refusal.code == "bad-address"
    else:
        assert is_address(address)
        assert len(read(raw)["To"].addresses) == 1


# By example


def test_letter_as_it_travels():
    raw = compose(
        letter(
            subject="Ihr Kredit",
            text="Guten Tag\n\nviele Grüße\n",
            cc=(BOB,),
            bcc=(Address("secret@example.com"),),
            in_reply_to="<q@example.com>",
            references=("<p@example.com>", "<q@example.com>"),
            headers=(("Auto-Submitted", "auto-replied"),),
        )
    )
    assert raw.decode("ascii").split("\r\n") == [
        "Date: Thu, 26 Nov 2026 18:30:00 +0000",
        "From: Bank <service@bank.example>",
        "To: Ann Example <ann@example.com>",
        "Cc: bob@example.com",
        "Subject: Ihr Kredit",
        "Message-ID: <1@bank.example>",
        "In-Reply-To: <q@example.com>",
        "References: <p@example.com> <q@example.com>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        "Guten Tag",
        "",
        "viele Gr=C3=BC=C3=9Fe",
        "",
    ]


def test_blind_copies_are_in_the_envelope_alone():
    hidden = letter(to=(), bcc=(ANN, BOB, Address("ANN@example.com")))
    raw = compose(hidden)
    assert b"To: undisclosed-recipients:;\r\n" in raw
    assert b"example.com" not in raw
    assert recipients(hidden) == ("ann@example.com", "bob@example.com")


def test_long_list_of_recipients_is_folded():
    many = tuple(Address(f"customer{n}@example.com", "Müller, Eva") for n in range(50))
    raw = compose(letter(to=many))
    assert max(map(len, raw.split(b"\r\n"))) <= 78
    assert [one.username for one in read(raw)["To"].addresses] == [
        f"customer{n}" for n in range(50)
    ]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("plain, with lines as typed  \n\n-- \nBank", "7bit"),
        ("x" * 998, "7bit"),
        ("x" * 999, "quoted-printable"),
        ("bell \x07", "quoted-printable"),
        ("schöne Grüße", "quoted-printable"),
        ("Уважаемая госпожа Иванова", "base64"),
        ("", "7bit"),
    ],
)
def test_text_is_encoded_where_it_has_to_be(text: str, encoding: str):
    mail = read(compose(letter(text=text)))
    assert mail["Content-Transfer-Encoding"] == encoding
    assert text_of(mail) == as_sent(text)


def test_name_of_a_file_is_written_for_old_and_new_readers():
    file = Enclosed("Übersicht 2026.pdf", "application/pdf", b"%PDF")
    raw = compose(letter(attachments=(file,)))
    assert b"filename*=utf-8''%C3%9Cbersicht%202026.pdf" in raw
    assert b'name="=?utf-8?q?=C3=9Cbersicht_2026=2Epdf?="' in raw
    plain = compose(letter(attachments=(msgspec.structs.replace(file, name="plan.pdf"),)))
    assert b'Content-Disposition: attachment; filename="plan.pdf"\r\n' in plain


def test_file_that_holds_the_boundary_is_no_end():
    first = compose(letter(attachments=(Enclosed("a", "text/plain", b""),)))
    boundary = read(first).get_boundary()
    mail = read(
        compose(
            letter(
                text=f"--{boundary}--\n",
                attachments=LETTER.attachments + (Enclosed("a", "a/b", b"c"),),
            )
        )
    )
    assert mail.get_boundary() != boundary
    assert [part.get_payload(decode=True) for part in mail.iter_attachments()] == [b"c"]


@pytest.mark.parametrize("name", ["Bcc", "from", "Content-Type", "Resent-To", "X Y", "X:", "", "Ü"])
def test_header_that_is_not_free_is_refused(name: str):
    with pytest.raises(Refused) as refusal:
        compose(letter(headers=((name, "x"),)))
    assert refusal.value.code == "bad-header"


@pytest.mark.parametrize(
    "address", ["ann＠example.com", "ann@ex＞ample.com,bob＠x.ü", "a@ü..b", "a@ü" + 64 * "u"]
)
def test_wide_sign_becomes_no_real_one(address: str):
    with pytest.raises(Refused):
        compose(letter(to=(Address(address),)))


def test_time_and_message_id_of_ours_are_right():
    assert new_message_id("bücher.example", "k7") == "<k7@xn--bcher-kva.example>"
    for wrong in ("k 7", "k>7", "k\r\n7"):
        with pytest.raises(ValueError, match="not a Message-ID"):
            new_message_id("bank.example", wrong)
    with pytest.raises(ValueError, match="aware"):
        compose(letter(date=datetime(2026, 11, 26)))
