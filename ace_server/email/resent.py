"""A mail sent on as it is, with `Resent-*` headers above it (EM-7, RFC 5322 §3.6.6).

What a reader sees stays the same, and so do the bytes, but for what SMTP cannot carry: each line
end becomes CRLF, and where a line has more than 998 octets, its part is encoded anew (a header
line is folded). Octets above 127 and what is signed stay as they are. Nothing here reads a clock.
"""

import binascii
import re
from datetime import datetime

from ace_server.email import writing
from ace_server.email.analysis.trace import RESENT_HEADER
from ace_server.email.mail import Address

_LINE_ENDS = re.compile(rb"(\r+)(\n?)|\n")
_FIELD = re.compile(rb"[!-9;-~]+[ \t]*:")
_MBOX = re.compile(rb">?From [^\r\n]*\r\n")
_BOUNDARY = re.compile(rb';\s*boundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))', re.I)
_PIECE = re.compile(rb".{1,900}(?=[ \t][^ \t]|\Z)|.{1,900}", re.S)
_LONG_QP = re.compile(rb"(?:=[0-9A-Fa-f]{2}|[^=\r\n]){300}(?!=?\r\n|\Z)")  # whole octets

_AS_IT_IS = (b"", b"7bit", b"8bit", b"binary")
"""Transfer encodings that encode nothing."""

_DEEPEST = 50
"""Parts within parts that are looked into; what lies deeper stays as it is."""


def resend(
    raw: bytes, *, sender: Address, to: Address, date: datetime, message_id: str, mark: str = ""
) -> bytes:
    """The mail as it travels to another reader; `date` is aware.

    By its `mark`, the value of RESENT_HEADER, it is known when it comes back (C-14).

    The line by which an mbox file begins a mail is left out. Where there is no header, an empty
    line keeps the text from being read as one. Raises Refused (`bad-address`).
    """
    mail = in_lines(raw)
    if from_line := _MBOX.match(mail):
        mail = mail[from_line.end() :]
    if not _FIELD.match(mail) and not mail.startswith(b"\r\n"):
        mail = b"\r\n" + mail
    if _is_too_long(mail):
        mail = _carried(mail, 0)
    return b"".join(
        [
            writing.address_field("Resent-From", [sender]),
            writing.address_field("Resent-To", [to]),
            writing.field("Resent-Date", writing.date_value(date)),
            writing.message_id_field("Resent-Message-ID", message_id),
            writing.field(RESENT_HEADER, mark) if mark else b"",
            mail,
        ]
    )


def in_lines(raw: bytes) -> bytes:
    """The same lines, each ended by CRLF: also those a CR, an LF or several CRs and an LF ended."""
    ends = raw.count(b"\r\n")
    if raw.count(b"\r") != ends or raw.count(b"\n") != ends:
        raw = _LINE_ENDS.sub(_line_end, raw)
    return raw if not raw or raw.endswith(b"\r\n") else raw + b"\r\n"


def _line_end(end: re.Match[bytes]) -> bytes:
    return b"\r\n" if end[1] is None or end[2] else b"\r\n" * len(end[1])


def _is_too_long(lines: bytes) -> bool:
    """Whether a line has more octets than SMTP carries."""
    at, step = 0, writing.LONGEST_LINE + 2
    while at + step <= len(lines):
        at = lines.rfind(b"\n", at, at + step) + 1
        if not at:
            return True
    return False


def _carried(entity: bytes, depth: int) -> bytes:
    """A mail, or a part of one, whose lines are short enough."""
    if depth > _DEEPEST or not _is_too_long(entity):
        return entity
    header, body = _split(entity)
    fields = _fields(header)
    media_type = _value(fields, b"content-type").lower()
    encoding = _value(fields, b"content-transfer-encoding").lower().strip()
    if media_type.startswith(b"multipart/signed"):
        pass
    elif media_type.startswith(b"multipart/"):
        body = _carried_parts(body, _value(fields, b"content-type"), depth)
    elif media_type.startswith(b"message/rfc822"):
        body = _carried(body, depth + 1)
    elif _is_too_long(body):
        fields, body = _encoded(fields, body, encoding)
        if not depth and encoding in _AS_IT_IS and not _value(fields, b"mime-version"):
            fields.append(b"MIME-Version: 1.0\r\n")
    return b"".join(map(_fold, fields)) + b"\r\n" + body


def _split(entity: bytes) -> tuple[bytes, bytes]:
    if entity.startswith(b"\r\n"):
        return b"", entity[2:]
    header, _, body = entity.partition(b"\r\n\r\n")
    return header.removesuffix(b"\r\n") + b"\r\n", body


def _fields(header: bytes) -> list[bytes]:
    """Each with its folded lines."""
    return re.split(rb"(?<=\r\n)(?![ \t]|\Z)", header) if header else []


def _value(fields: list[bytes], name: bytes) -> bytes:
    found = (one.partition(b":")[2] for one in fields if _name(one) == name)
    return next(found, b"").replace(b"\r\n", b"").strip()


def _name(field: bytes) -> bytes:
    return field.partition(b":")[0].strip().lower()


def _carried_parts(body: bytes, content_type: bytes, depth: int) -> bytes:
    found = _BOUNDARY.search(content_type)
    if found is None:
        return body
    boundary = re.escape(found[1] or found[2])
    pieces = re.split(rb"((?:\A|(?<=\r\n))--" + boundary + rb"(?:--)?[ \t]*(?:\r\n|\Z))", body)
    carried = pieces[:1]
    for line, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        is_last = line.rstrip().endswith((found[1] or found[2]) + b"--")
        carried += [line, piece if is_last else _carried(piece, depth + 1)]
    return b"".join(carried)


def _encoded(fields: list[bytes], body: bytes, encoding: bytes) -> tuple[list[bytes], bytes]:
    """The same content with short lines."""
    if encoding == b"base64":
        return fields, re.sub(rb"([^\r\n]{76})(?=[^\r\n])", rb"\1\r\n", body)
    if encoding == b"quoted-printable":
        return fields, _LONG_QP.sub(rb"\g<0>=\r\n", body)
    if encoding not in _AS_IT_IS:
        return fields, body
    others = [one for one in fields if _name(one) != b"content-transfer-encoding"]
    named = [b"Content-Transfer-Encoding: quoted-printable\r\n"]
    return [*others, *named], binascii.b2a_qp(body, istext=True)


def _fold(field: bytes) -> bytes:
    """A header field whose lines are short enough; where it has no space, it is broken anyway."""
    if not _is_too_long(field):
        return field
    pieces = [
        piece[0]
        for line in field.removesuffix(b"\r\n").split(b"\r\n")
        for piece in _PIECE.finditer(line)
    ]
    first, *later = pieces
    continued = [piece if piece[:1] in b" \t" else b" " + piece for piece in later]
    return b"\r\n".join([first, *continued]) + b"\r\n"
