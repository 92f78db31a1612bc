"""Raw bytes to a mail (C-1, C-4, C-5, C-7 … C-10, D-5, F-2, F-3)."""

import base64
import hashlib
import pickle
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings, strategies

from ace_server.email.mail import Address
from ace_server.email.message import TooDeep, parse, shown_name
from ace_server.email.message.entities import _Lines

ORDINARY = (
    b"Return-Path: <ada@example.com>\nFrom: Ada <ada@example.com>\nTo: loans@example.org\n"
    b"Date: Thu, 26 Nov 2026 18:34:50 +0100\nMessage-ID: <1@example.com>\nSubject: Hello\n"
)
NO_IDENTITY = ("no sender", "no message id", "no date")


def with_headers(*lines: str | bytes, body: bytes = b"x"):
    """A mail of these header lines."""
    raw = [line if isinstance(line, bytes) else line.encode() for line in lines]
    return parse(b"\n".join(raw) + b"\n\n" + body)


def with_body(kind: str, body: str | bytes, *more: str):
    """An ordinary mail with this Content-Type."""
    raw = body if isinstance(body, bytes) else body.encode()
    head = "\n".join([f"Content-Type: {kind}", *more]).encode()
    return parse(ORDINARY + head + b"\n\n" + raw)


def parts(*each: str, boundary: str = "b") -> str:
    """The body of a multipart."""
    return "".join(f"--{boundary}\n{one}\n" for one in each) + f"--{boundary}--\n"


PLAIN = "Content-Type: text/plain\n\nplain"
HTML = "Content-Type: text/html\n\n<p>rich</p>"
FILE = "Content-Type: application/pdf\nContent-Disposition: attachment; filename=a.pdf\n\nfile"
MIXED = "multipart/mixed; boundary=b"
ALTERNATIVE = "multipart/alternative; boundary=b"


# Headers


def test_ordinary_mail():
    mail = parse(
        ORDINARY
        + b"Cc: b@example.org, c@example.org\nReply-To: d@example.org\nIn-Reply-To: <0@x>\n"
        + b"References: <a@x>\n <b@x>\n\ntext\r\nmore\n"
    )
    assert mail.message_id == "<1@example.com>"
    assert mail.in_reply_to == ("<0@x>",)
    assert mail.references == ("<a@x>", "<b@x>")
    assert mail.senders == (Address("ada@example.com", "Ada"),)
    assert mail.reply_to == (Address("d@example.org"),)
    assert mail.to == (Address("loans@example.org"),)
    assert mail.cc == (Address("b@example.org"), Address("c@example.org"))
    assert mail.return_path == "ada@example.com"
    assert mail.sent_at == datetime(2026, 11, 26, 17, 34, 50, tzinfo=UTC)
    assert (mail.subject, mail.text, mail.html) == ("Hello", "text\nmore\n", "")
    assert mail.headers[1] == ("From", "Ada <ada@example.com>")
    assert mail.header("subject") == "Hello"
    assert mail.all_headers("TO") == ["loans@example.org"]
    assert (mail.media_type, mail.parts, mail.faults) == ("text/plain", (), ())


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        ("=?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?b?R3LDvMOfZQ==?=", "Grüße"),
        ("=?utf-8?Q?Gr=C3?=\n =?utf-8?Q?=BC=C3=9Fe?=", "Grüße"),  # cut within a letter
        ("=?utf-8?B?R3LDvMO?= =?utf-8?B?fZQ==?=", "Grüße"),  # cut within the base64
        ("=?utf-8?B?R3LDvMOfZQ?= =?utf-8?B?IQ?=", "Grüße!"),  # padding is missing
        ("=?utf-8?Q?one?==?utf-8?Q?_two?=", "one two"),
        ("a=?utf-8?Q?b?=c", "abc"),
        ("a =?utf-8?Q?b?= c", "a b c"),
        ("=?iso-8859-1?Q?Gr=FC?= =?utf-8?Q?=C3=9Fe?=", "Grüße"),
        ("=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?Q?with blanks and =C3=BC?=", "with blanks and ü"),
        ("=?us-ascii?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?x-unknown?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?hex?Q?4142?=", "4142"),
        ("=?gb2312?B?1tC5+g==?=", "中国"),
        ("=?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "こんにちは"),
        ("=?utf-8?Q?never ends", "=?utf-8?Q?never ends"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("=?utf-8?q?x=0D=0ABcc:_a@b?=", "x Bcc: a@b"),  # CVE-2024-6923
        ("=?utf-8?q?a=00b=1Bc=C2=85?=", "abc"),
        ("=?utf-8?q?pay=E2=80=AEfdp.exe?=", "payfdp.exe"),  # a right-to-left override
        ("=?utf-8?q?a=E2=80=A8b?=", "a b"),
        ("=?utf-7?q?+2AA-?=", "\ufffd"),
        ("folded\n  over\n\tlines", "folded  over lines"),
        ("שלום \u200fعالم", "שלום \u200fعالم"),
    ],
)
def test_subject_is_one_clean_line(raw, subject):
    assert with_headers("Subject: " + raw).subject == subject


@pytest.mark.parametrize(
    ("raw", "kind", "subject"),
    [
        ("Grüße".encode(), "text/plain", "Grüße"),
        ("Grüße".encode("latin-1"), "text/plain", "Grüße"),
        ("Привет".encode("koi8-r"), "text/plain; charset=koi8-r", "Привет"),
        ("Привет".encode(), "text/plain; charset=koi8-r", "Привет"),
        ("こんにちは".encode("iso2022_jp"), "text/plain", "こんにちは"),
    ],
)
def test_raw_8_bit_header_is_read(raw, kind, subject):
    assert with_headers(b"Subject: " + raw, f"Content-Type: {kind}").subject == subject


@pytest.mark.parametrize(
    ("raw", "addresses"),
    [
        ("a@x.example", [("a@x.example", "")]),
        ("<a@x.example>", [("a@x.example", "")]),
        ('"B, A" <a@x.example>, C <c@x.example>', [("a@x.example", "B, A"), ("c@x.example", "C")]),
        ("a@x.example (Ada (L.) B)", [("a@x.example", "Ada (L.) B")]),
        ("Ada a@x.example", [("a@x.example", "Ada")]),
        ("Ada <a@x.example", [("a@x.example", "Ada")]),
        ("Ada <a@x.example, b@x.example", [("a@x.example", "Ada"), ("b@x.example", "")]),
        ('"Ada <a@x.example>', [("a@x.example", "Ada")]),
        ("a@x.example; b@x.example", [("a@x.example", ""), ("b@x.example", "")]),
        ("Group: a@x.example, b@x.example;", [("a@x.example", ""), ("b@x.example", "")]),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?Q?J=C3=B6rg,_M?= <j@x.example>", [("j@x.example", "Jörg, M")]),
        ('"=?utf-8?Q?J=C3=B6rg?=" <j@x.example>', [("j@x.example", "Jörg")]),
        ("=?utf-8?Q?J=C3=B6rg_<j@x.example>?=", [("j@x.example", "Jörg")]),
        ('"a@x.example" <b@x.example>', [("b@x.example", "a@x.example")]),
        ("Ada <Lady> <a@x.example>", [("a@x.example", "Ada")]),
        ('"two words"@x.example', [('"two words"@x.example', "")]),
        ("<@r.example,@s.example:a@x.example>", [("a@x.example", "")]),
        ("Ada < a@x.example >", [("a@x.example", "Ada")]),
        ("a @ x.example", [("a@x.example", "")]),
        ("mailto:a@x.example", [("a@x.example", "")]),
        ("MAILER-DAEMON", [("MAILER-DAEMON", "")]),
        ("<MAILER-DAEMON> (Mail System)", [("MAILER-DAEMON", "Mail System")]),
        ("Nobody Here", [("", "Nobody Here")]),
        ("'Ada' <a@x.example>", [("a@x.example", "Ada")]),
        ('"A \\"B\\" C" <a@x.example>', [("a@x.example", 'A "B" C')]),
        ("=?utf-8?q?a=0D=0ABcc:_x?= <a@x.example>", [("a@x.example", "a Bcc: x")]),
        (",, ,", []),
        ("", []),
    ],
)
def test_addresses_as_they_are_written(raw, addresses):
    mail = with_headers("To: " + raw)
    assert [(one.address, one.name) for one in mail.to] == addresses


def test_first_of_several_senders_comes_first():
    mail = with_headers("From: a@x.example, b@x.example", "From: c@x.example")
    assert [one.address for one in mail.senders] == ["a@x.example", "b@x.example", "c@x.example"]
    assert "several senders" in mail.faults


@pytest.mark.parametrize("line", ["X: y", "From:", "From: <>", "From: Nobody Here"])
def test_missing_sender_is_a_fault(line):
    assert "no sender" in with_headers(line).faults


@pytest.mark.parametrize(
    ("lines", "return_path"),
    [
        (["X: y"], None),
        (["Return-Path: <>"], ""),
        (["Return-Path:"], ""),
        (["Return-Path: <a@x.example>"], "a@x.example"),
        (["Return-Path: a@x.example"], "a@x.example"),
        (["Return-Path: <>", "Return-Path: <a@x.example>"], ""),
    ],
)
def test_return_path(lines, return_path):
    assert with_headers(*lines).return_path == return_path


@pytest.mark.parametrize(
    ("raw", "ids"),
    [
        ("<a@x> <b@x>", ("<a@x>", "<b@x>")),
        ("<a@x>,<b@x>\n <a@x>", ("<a@x>", "<b@x>")),
        ('Your message of "Thu" <a@x> (by Ada)', ("<a@x>",)),
        ("a@x (said Ada)", ("<a@x>",)),
        ("<a\n b@x>", ("<ab@x>",)),
        ("<>", ()),
        ("nonsense", ()),
        ("", ()),
        (" ".join(f"<{n}@x>" for n in range(200)), tuple(f"<{n}@x>" for n in range(100, 200))),
    ],
)
def test_ids_of_what_went_before(raw, ids):
    assert with_headers("References: " + raw).references == ids


@pytest.mark.parametrize(
    ("raw", "message_id"),
    [
        ("<a@x>", "<a@x>"),
        ("a@x", "<a@x>"),
        ("<nonsense>", "<nonsense>"),
        ("nonsense", "<nonsense>"),
        ("", ""),
        ("<>", ""),
        ("<" + "a" * 2000 + ">", ""),
    ],
)
def test_message_id(raw, message_id):
    assert with_headers("Message-ID: " + raw).message_id == message_id


NOON = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        "Thu, 26 Nov 2026 12:00:00 +0000",
        "26 Nov 26 13:00 +0100",
        "Thu, 26 Nov 2026 07:00:00 -0500 (EST)",
        "Thu, 26 Nov 2026 07:00:00 EST",
        "Thu,26  Nov 2026 12:00:00 GMT",
        "Thu, 26-Nov-2026 12:00:00",
        "Thursday, 26 November 2026 13.00 +01:00",
        "Thu Nov 26 12:00:00 2026",
        "Thu Nov 26 2026 14:00:00 GMT+0200 (EET)",
        "November 26, 2026 12:00 PM",
        "2026-11-26T12:00:00Z",
        "2026-11-26 13:00:00.123 +0100",
        "Wed, 25 Nov 2026 24:00:00 junk 26 Nov 2026 12:00",
    ],
)
def test_dates_as_they_are_written(raw):
    found = with_headers("Date: " + raw).sent_at
    assert found == NOON or raw.startswith("Wed")


@pytest.mark.parametrize(
    "raw",
    ["nonsense", "31 Feb 2026 12:00:00", "Thu, 26 XYZ 2026 12:00", "1 Jan 0001 00:00 +9959", ""],
)
def test_date_that_cannot_be_read_is_a_fault(raw):
    mail = with_headers("Date: " + raw)
    assert mail.sent_at is None
    assert {"date not readable", "no date"} & set(mail.faults)


def test_header_comes_in_spite_of_what_stands_before_it():
    for before in (b"\xef\xbb\xbf", b"\r\n\n", b"From ada Thu Nov 26\n", b">From ada Nov 26 1:2\n"):
        assert parse(before + b"Subject: a\n\nb").subject == "a"
    assert parse(b"X: y\nquite junk\nSubject : a\n\nb").subject == "a"


def test_headers_are_listed_in_order_up_to_64_kb():
    mail = parse(b"".join(b"X-%d: y\n" % n for n in range(50_000)) + b"Subject: last\n\nx")
    assert mail.headers[:2] == (("X-0", "y"), ("X-1", "y"))
    assert sum(len(name) + len(value) + 2 for name, value in mail.headers) <= 64 * 1024
    assert mail.subject == "last"
    assert "headers cut" in mail.faults


# Bodies


def test_of_alternatives_the_plain_text_is_used_and_the_html_is_kept():
    mail = with_body(ALTERNATIVE, parts(PLAIN, HTML))
    assert (mail.text, mail.html, mail.parts) == ("plain", "<p>rich</p>", ())
    assert mail.media_type == "multipart/alternative"


@pytest.mark.parametrize(
    "plain",
    ["", " \n\xa0\n", "Your mail client does not show HTML.", "View it: https://x.example/1"],
)
def test_html_is_turned_into_text_where_the_plain_text_is_none(plain):
    html = "Content-Type: text/html\n\n<p>" + "what was meant " * 20 + "</p>"
    text = f"Content-Type: text/plain; charset=utf-8\n\n{plain}"
    assert with_body(ALTERNATIVE, parts(text, html)).text.startswith("what was meant")


def test_short_text_that_is_one_is_used():
    html = "Content-Type: text/html\n\n<style>" + "x" * 500 + "</style><p>In HTML.</p>"
    assert with_body(ALTERNATIVE, parts("\nIn HTML.", html)).text == "In HTML."


def test_texts_that_follow_each_other_are_joined():
    mail = with_body(MIXED, parts("\none", FILE, "\ntwo"))
    assert mail.text == "one\ntwo"
    assert [part.name for part in mail.parts] == ["a.pdf"]


def test_html_and_text_that_follow_each_other_are_shown_together():
    mail = with_body(MIXED, parts(HTML, FILE, "\n1 < 2"))
    assert mail.text == "rich\n1 < 2"
    assert "<p>rich</p>" in mail.html and "1 &lt; 2" in mail.html


def test_pictures_of_the_html_are_parts_with_their_ids():
    picture = "Content-Type: image/png\nContent-ID: <p@x>\n\npicture"
    head = 'Content-Type: multipart/related; boundary=c; start="<h@x>"\n\n'
    root = "Content-Type: text/html; name=body.html\nContent-ID: <h@x>\n\n<img src='cid:p@x'>rich"
    related = head + parts(picture, root, boundary="c")
    mail = with_body(ALTERNATIVE, parts(PLAIN, related))
    assert (mail.text, mail.html) == ("plain", "<img src='cid:p@x'>rich")
    assert [(part.content_id, part.media_type) for part in mail.parts] == [("p@x", "image/png")]


def test_other_forms_are_no_files_and_are_shown_if_alone():
    enriched = "Content-Type: text/enriched\n\n<bold>x</bold>"
    assert with_body(ALTERNATIVE, parts(PLAIN, enriched)).parts == ()
    assert with_body(ALTERNATIVE, parts(enriched)).text == "<bold>x</bold>"


def test_invitation_is_a_file():
    calendar = "Content-Type: text/calendar; name=i.ics\n\nBEGIN:VCALENDAR"
    mail = with_body(ALTERNATIVE, parts(PLAIN, HTML, calendar))
    assert (mail.text, [part.name for part in mail.parts]) == ("plain", ["i.ics"])


def test_flowed_text_is_unwrapped():
    body = "One \nline.\n\n> quoted \n> text\n>> deep \n not quoted\n-- \nAda \nL."
    flowed = with_body("text/plain; format=flowed", body)
    assert flowed.text == ("One line.\n\n> quoted text\n>> deep \nnot quoted\n-- \nAda L.")
    assert with_body("text/plain; format=flowed; delsp=yes", "日 \n本\n").text == "日本\n"


def test_long_text_is_cut():
    mail = with_body("text/plain", b"x" * 1_000_001)
    assert (len(mail.text), mail.faults) == (1_000_000, ("text cut",))
    mail = with_body("text/html", b"<p>" + b"x" * 5_000_000)
    assert (len(mail.html), mail.faults) == (5_000_000, ("text cut", "html cut"))


def test_mail_within_a_mail_is_a_file_named_from_its_subject():
    inner = "Subject: =?utf-8?q?a/b_=C3=BC?=\nFrom: x@y\n\ninner text"
    mail = with_body(MIXED, parts(PLAIN, f"Content-Type: message/rfc822\n\n{inner}"))
    assert mail.text == "plain"
    assert [(part.name, part.size) for part in mail.parts] == [("a-b ü.eml", len(inner))]
    assert mail.parts[0].digest == hashlib.sha256(inner.encode()).hexdigest()


def test_text_of_a_mail_within_is_used_where_there_is_no_other():
    inner = b"Subject: in\n\ninner text"
    for kind, more, body in (
        ("message/rfc822", (), inner),
        ("message/rfc822", ("Content-Transfer-Encoding: base64",), base64.encodebytes(inner)),
        (MIXED, (), parts("\n \n", "Content-Type: message/rfc822\n\n" + inner.decode()).encode()),
    ):
        mail = with_body(kind, body, *more)
        assert mail.text == "inner text"
        assert [part.name for part in mail.parts] == ["in.eml"]


def test_report_is_text_and_known_by_its_media_type():
    status = "Content-Type: message/delivery-status\n\nAction: failed\n"
    returned = "Content-Type: text/rfc822-headers\n\nSubject: a\n"
    mail = with_body(
        "multipart/report; report-type=delivery-status; boundary=b", parts(PLAIN, status, returned)
    )
    assert mail.media_type == "multipart/report"
    assert mail.text == "plain\nAction: failed\n"
    assert [part.media_type for part in mail.parts] == ["text/rfc822-headers"]


@pytest.mark.parametrize(
    "kind",
    [
        "message/partial; id=x; number=1",
        "message/external-body; access-type=URL; URL=http://x.example/",
        "application/pkcs7-mime; smime-type=enveloped-data",
        "application/pgp-encrypted",
        "application/ms-tnef",
    ],
)
def test_what_is_not_opened_is_a_part_as_it_is(kind):
    mail = with_body(MIXED, parts(PLAIN, f"Content-Type: {kind}\n\ncontent"))
    assert mail.text == "plain"
    assert [(part.media_type, part.size) for part in mail.parts] == [(kind.partition(";")[0], 7)]


def test_signature_is_a_part_and_uuencoded_text_stays_text():
    signature = "Content-Type: application/pgp-signature\n\nsig"
    mail = with_body("multipart/signed; boundary=b", parts(PLAIN, signature))
    assert (mail.text, len(mail.parts)) == ("plain", 1)
    assert with_body("text/plain", "begin 644 a\n#8V%T\nend\n").text.startswith("begin 644")


def test_text_with_a_name_is_a_file_unless_it_is_all_there_is():
    named = "Content-Type: text/plain; name=notes.txt\n\nnotes"
    mail = with_body(MIXED, parts(PLAIN, named))
    assert (mail.text, [part.name for part in mail.parts]) == ("plain", ["notes.txt"])
    mail = with_body(MIXED, parts(named, FILE))
    assert (mail.text, [part.name for part in mail.parts]) == ("notes", ["notes.txt", "a.pdf"])
    assert with_body("text/plain; name=notes.txt", "notes").text == "notes"
    assert with_body("text/plain", "notes", "Content-Disposition: attachment").text == ""


def test_charset_of_the_html_itself_is_read_where_the_mail_declares_none():
    html = '<meta http-equiv="x" content="text/html; charset=koi8-r">Привет'
    assert with_body("text/html", html.encode("koi8-r")).text == "Привет"


@pytest.mark.parametrize(
    ("kind", "fault"),
    [("text/plain; charset=utf-8", "wrong charset"), ("text/plain; charset=x", "unknown charset")],
)
def test_charset_that_lies_is_a_fault(kind, fault):
    mail = with_body(kind, "Grüße".encode("latin-1"))
    assert (mail.text, mail.faults) == ("Grüße", (fault,))


# What is broken


@pytest.mark.parametrize(
    ("encoding", "body", "text", "damaged"),
    [
        ("base64", "R3LDvMOf\nZQ==", "Grüße", False),
        ("BASE64 (comment)", "R3LDvMOfZQ==", "Grüße", False),
        ("base64", "R3LDvMOfZQ", "Grüße", True),
        ("base64", "R3LD!vMOfZQ==", "Grüße", True),
        ("base64", "R3LDvMOfZQ==\n_____\nA list puts this here.\n", "Grüße", True),
        ("base64", "R3LD\nvMOfZQ==IQ==", "Grüße!", True),
        ("quoted-printable", "Gr=C3=BC=\n=C3=9Fe", "Grüße", False),
        ("quoted-printable", "Gr=C3=BC= \n=C3=9Fe", "Grüße", False),
        ("quoted-printable", "Gr=C3=BC=\r=C3=9Fe\rx\n", "Grüße\nx\n", True),
        ("quoted-printable", "1=XX Gr=C3=BC=C3=9Fe=", "1=XX Grüße", True),
        ("8-bit", "Grüße", "Grüße", False),
        ("nonsense", "Grüße", "Grüße", True),
        ("x-uuencode", "begin 644 a\n'1W+#O,.?90``\n`\nend\n", "Grüße", False),
        ("x-uuencode", "begin 644 a\n'1W+#O,.?90``junk\n'ä\nend\n", "Grüße", True),
        ("x-uuencode", "no uuencoding", "no uuencoding", True),
    ],
)
def test_what_decodes_is_decoded(encoding, body, text, damaged):
    mail = with_body("text/plain; charset=utf-8", body, f"Content-Transfer-Encoding: {encoding}")
    assert mail.text == text
    assert mail.faults == (("damaged transfer encoding",) if damaged else ())
    kind = "application/octet-stream"
    mail = with_body(kind, body, f"Content-Transfer-Encoding: {encoding}")
    assert mail.parts[0].damaged is damaged


@pytest.mark.parametrize(
    ("kind", "body", "fault"),
    [
        ("multipart/mixed", parts(PLAIN, FILE), "no boundary"),
        ("multipart/mixed; boundary=other", parts(PLAIN, FILE), "broken boundary"),
        ("multipart/mixed; boundary=b", f"--b\n{PLAIN}\n--b\n{FILE}", "no closing boundary"),
    ],
)
def test_faulty_boundary_is_seen_through(kind, body, fault):
    mail = with_body(kind, body)
    assert (mail.text, mail.faults) == ("plain", (fault,))
    assert [part.name for part in mail.parts] == ["a.pdf"]


def test_multipart_that_is_none_is_text():
    mail = with_body("multipart/mixed; boundary=b", "only text")
    assert (mail.text, mail.faults) == ("only text", ("broken boundary",))
    assert with_body("multipart/mixed; boundary=b", "").faults == ()
    encoded = "Content-Transfer-Encoding: base64"
    mail = with_body("multipart/mixed; boundary=b", "R3LDvMOfZQ", encoded)
    assert mail.text == "Grüße"
    assert mail.faults == ("broken boundary", "damaged transfer encoding")


@pytest.mark.parametrize("kind", ["text", "plain", "", "/", ";", "text/", "=?utf-8?q?x?="])
def test_type_that_is_none_is_plain_text(kind):
    assert with_body(kind, "text").text == "text"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        (b"just text\nmore", "just text\nmore"),
        (b"Subject: only", ""),
        (b"\0\0", ""),
        (b"Subject: a\n\nb\0c\x1bd\x85e", "bcd\u2026e"),
        (b"Subject: a\r\rb\rc", "b\nc"),
        (b"Subject: a\n\n" + b"x" * 1_000_000, "x" * 1_000_000),
    ],
)
def test_any_bytes_are_a_mail(raw, text):
    assert parse(raw).text == text


# Parts


def test_parts_are_given_to_the_keeper_decoded():
    kept = []
    encoded = "Content-Type: image/png; name=p.png\nContent-Transfer-Encoding: base64\n\nZmlsZQ=="
    raw = ORDINARY + f"Content-Type: {MIXED}\n\n{parts(PLAIN, FILE, encoded)}".encode()
    mail = parse(raw, keep=kept.append)
    assert kept == [b"file", b"file"]
    assert [(part.name, part.size) for part in mail.parts] == [("a.pdf", 4), ("p.png", 4)]
    assert {part.digest for part in mail.parts} == {hashlib.sha256(b"file").hexdigest()}


def test_more_than_a_thousand_parts_are_told():
    mail = with_body(MIXED, "--b\nContent-Type: image/png\n\nx\n" * 20_000)
    assert len(mail.parts) == 1_000
    assert "more parts" in mail.faults


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('filename="a b.txt"', "a b.txt"),
        ("filename=a b.txt", "a b.txt"),
        ('filename="a b.txt', "a b.txt"),
        ('filename="a;b.txt"; size=1', "a;b.txt"),
        (r'filename="a\"b\".txt"', 'a"b".txt'),
        (r'filename="C:\temp\a.txt"', "a.txt"),
        ("filename*=utf-8''Gr%C3%BC%C3%9Fe.txt", "Grüße.txt"),
        ("filename*=\"utf-8'de'Gr%C3%BC%C3%9Fe.txt\"", "Grüße.txt"),
        ("filename=x.txt; filename*=iso-8859-1''Gr%FC%DFe.txt", "Grüße.txt"),
        ("filename*0*=utf-8''Gr%C3; filename*1*=%BC%C3%9Fe; filename*2=.txt", "Grüße.txt"),
        ("filename*1=b.txt; filename*0=a", "ab.txt"),
        ('filename="=?utf-8?Q?Gr=C3=BC=C3=9Fe.txt?="', "Grüße.txt"),
        ("filename==?utf-8?Q?Gr=C3=BC=C3=9Fe.txt?=", "Grüße.txt"),
        ('filename="=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe.txt?="', "Grüße.txt"),
        ('filename="Grüße.txt"', "Grüße.txt"),
        ("filename = a.txt ; x", "a.txt"),
        ("a**b=1; filename=a.txt", "a.txt"),
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="=?utf-8?q?a=00=0D=0A.txt?="', "a .txt"),
        ("filename=", "attachment-1"),
        ("", "attachment-1"),
    ],
)
def test_names_of_files_as_they_are_written(line, name):
    mail = with_body("a/b", "x", f"Content-Disposition: attachment; {line}")
    assert [part.name for part in mail.parts] == [name]


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("a.txt", "a.txt"),
        ("/etc/passwd", "passwd"),
        ("..\\..\\a.txt", "a.txt"),
        ("C:\\dir/a.txt", "a.txt"),
        ("dir/", "attachment-7"),
        ("..", "attachment-7"),
        ("", "attachment-7"),
        ("\u202e\0", "attachment-7"),
        (".-.htaccess", "htaccess"),
        ("-rf", "rf"),
        ("a.txt. . ", "a.txt"),
        ("a\0b\n\x7f.txt", "ab.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\u2066b\u2069", "ab"),
        ("u\u0308.txt", "ü.txt"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("console.txt", "console.txt"),
        ("a" * 200 + ".pdf", "a" * 116 + ".pdf"),
        ("a" * 200, "a" * 120),
        ("a." + "b" * 200, "a." + "b" * 118),
        ("\ud800a.txt", "a.txt"),
        ("漢字.pdf", "漢字.pdf"),
    ],
)
def test_shown_name(given_name, shown):
    assert shown_name(given_name, 7) == shown


@given(strategies.text(max_size=200))
def test_shown_name_is_plain_and_stays_what_it_is(name):
    shown = shown_name(name, 1)
    assert 0 < len(shown) <= 120
    assert not set(shown) & set("/\\\0\n\u202e")
    assert shown_name(shown, 2) == shown


def test_too_deep_comes_out_of_another_process():
    error = pickle.loads(pickle.dumps(TooDeep()))
    assert (type(error), error.code) == (TooDeep, "too-deep")


# Torture


def nested(levels: int) -> bytes:
    """Multiparts within multiparts."""
    return b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(levels)
    )


def test_parts_within_parts_end_somewhere():
    assert parse(nested(30) + b"\ntext").text == "text"
    for levels in (32, 2_000, 20_000):
        with pytest.raises(TooDeep) as deep:
            parse(nested(levels) + b"\ntext")
        assert deep.value.code == "too-deep"


def test_lines_are_not_asked_once_for_each_level_whether_they_end_it():
    """A megabyte of short lines in a hundred levels took eight seconds (C-5)."""
    asked: list[str] = []
    lines = _Lines()
    for level in ("outer", "inner"):
        lines.push_eof_matcher(lambda line, level=level: asked.append(level))
    lines.push("text\n--text\n")
    assert lines.readline() == "text\n" and asked == []
    assert lines.readline() == "--text\n" and asked == ["outer", "inner"]


def test_what_ends_an_outer_part_ends_the_inner_ones():
    raw = (
        b"Content-Type: multipart/mixed; boundary=outer\n\n--outer\n"
        b"Content-Type: multipart/mixed; boundary=inner\n\n--inner\n\none\n--other\n"
        b"--outer\n\ntwo\n--outer--\n"
    )
    assert parse(raw).text.split() == ["one", "--other", "two"]


def test_mails_within_mails_are_one_file():
    mail = parse(b"Content-Type: message/rfc822\n\n" * 2_000 + b"\ntext")
    assert len(mail.parts) == 1


def test_twenty_thousand_addresses():
    mail = with_headers(
        b"From: a@x.example",
        b"Cc: " + b", ".join(b'"A, B" <a%d@x.example>' % n for n in range(20_000)),
    )
    assert len(mail.cc) == 500
    assert mail.cc[499] == Address("a499@x.example", "A, B")
    assert "more addresses" in mail.faults


def test_address_that_is_cut_is_none():
    mail = with_headers("To: a@x.example, " + "b" * 65_000 + "@x.example, " + "c" * 600)
    assert [one.address for one in mail.to] == ["a@x.example"]
    assert "more addresses" in mail.faults


def test_twenty_thousand_parameters():
    many = "; ".join(f"a{n}*{n}*=%41" for n in range(20_000))
    assert with_body(f"text/plain; charset=utf-8; {many}", "Grüße").text == "Grüße"


@pytest.mark.parametrize(
    "piece",
    ['"', "(", "<", "[", ",", ";", ":", "@", '\\"', '<"', "()", "=?", "=?u?q?", "a@ ", "= "],
)
def test_hostile_headers_end(piece):
    long = piece * (60_000 // len(piece))
    names = "From Subject References Message-ID Date Content-Type Content-Disposition".split()
    mail = with_headers(*(f"{name}: x; {long}" for name in names))
    assert "headers cut" in mail.faults or mail.subject


@pytest.mark.parametrize(
    "raw",
    [
        b"From \n" * 50_000,
        b"a\r" * 100_000,
        b"\0" * 100_000,
        b"Content-Type: multipart/mixed\n\n" + b"--b\n" * 100_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10_000,
        b"Content-Transfer-Encoding: base64\n\n" + b"=A" * 500_000,
        b"Content-Transfer-Encoding: quoted-printable\n\n=" + b" " * 1_000_000,
        b"Content-Type: text/plain; format=flowed\n\n" + b"> " * 500_000,
    ],
)
def test_hostile_mails_end(raw):
    assert parse(raw).faults


FRAGMENTS = [
    b"\n", b"\r\n", b"\n\n", b" ", b"\t", b"\0", b"\r", b"--b\n", b"--b--\n", b"--c\n", b": ",
    b"; ", b"From: ", b"To: ", b"Subject: ", b"Date: ", b"Message-ID: ", b"References: ",
    b"Return-Path: ", b"Content-Type: ", b"multipart/mixed; boundary=b\n\n",
    b"multipart/alternative; boundary=c\n\n", b"multipart/related; boundary=b\n\n--b\n",
    b"text/html", b"message/rfc822\n\n", b"text/plain", b"; charset=", b"utf-7", b"utf-16", b"hex",
    b"iso-2022-jp", b"; format=flowed\n\n", b"Content-Transfer-Encoding: ", b"base64\n\n",
    b"quoted-printable\n\n", b"x-uuencode\n\nbegin 6 x\n",
    b"Content-Disposition: attachment; filename", b"*0*=", b"*=utf-8''", b"=", b'"', b"%C3", b"=C3",
    b"=?utf-8?q?", b"=?utf-7?b?", b"?=", b"<a@b>", b",", b"(", b")", b"<", b">", b"\\", b"+2AA-",
    b"\xe2\x80\xae", b"\xed\xa0\x80", b"\xff", b"\x85", b"1 Jan 2026 1:2:3 +9999", b"<p>x",
    b"&#128;",
]  # fmt: skip


@settings(max_examples=300)
@given(
    strategies.lists(
        strategies.sampled_from(FRAGMENTS) | strategies.binary(max_size=8), max_size=40
    )
)
def test_any_bytes_are_a_mail_of_clean_texts(pieces):
    try:
        mail = parse(b"".join(pieces))
    except TooDeep:
        return
    lines = [mail.message_id, mail.subject, mail.return_path or "", mail.media_type, *mail.faults]
    lines += [*mail.in_reply_to, *mail.references]
    for each in (*mail.senders, *mail.reply_to, *mail.to, *mail.cc):
        lines += [each.address, each.name]
    lines += [text for header in mail.headers for text in header]
    lines += [text for p in mail.parts for text in (p.name, p.media_type, p.content_id)]
    for text in lines:
        text.encode()
        assert not any(ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u2028\u2029" for c in text)
    for text in (mail.text, mail.html):
        text.encode()
        assert not any(ord(c) < 32 and c not in "\n\t" or 127 <= ord(c) < 160 for c in text)
    assert mail.sent_at is None or mail.sent_at.tzinfo is not None
