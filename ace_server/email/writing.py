"""Outgoing mail: a letter to bytes (RFC 5322).

No value can become a header line of its own: each is cleaned of controls, and what is not plain
ASCII goes into encoded words (D-5). Header lines are built here and not by `email`, which let such
values through (CVE-2024-6923, CVE-2026-1299). Nothing here reads a file, a clock or chance.
"""

import binascii
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import quote

import msgspec

from ace_server.email.domains import in_ascii
from ace_server.email.mail import Address, Mail, one_line
from ace_server.errors import Refused
from ace_server.sentences import sentence

LONGEST_LINE = 998
"""Octets of a line without its end (RFC 5322 §2.1.1)."""

MOST_REFERENCES = 40
"""Message-IDs in References."""

_WIDTH = 76  # characters of a header line, where it can be folded
_WORD = 75  # of an encoded word (RFC 2047 §2)
_LONGEST_ADDRESS = 320  # characters; RFC 5321 §4.5.3.1 allows 64, an at sign and 255

_SURROGATES = re.compile(r"[\ud800-\udfff]")
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")  # printable ASCII, single spaces
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_FIELD_NAME = re.compile(r"[!-9;-~]{1,76}")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,900}>")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}", re.I)
_SAFE_IN_WORD = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")
_SAFE_IN_NAME = "!#$&+-.^_`|~"  # of RFC 2231's attribute-char, beside letters and digits

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u00a1-\U0010ffff-]{1,64}"
_QUOTED_LOCAL = r'"(?:[ !#-\[\]-~]|\\[ -~]){1,62}"'
_DOMAIN = r"[A-Za-z0-9._\u00a1-\U0010ffff-]{1,255}|\[[A-Za-z0-9.:-]{1,64}\]"
_ADDRESS = re.compile(f"(?:{_LOCAL}|{_QUOTED_LOCAL})@(?:{_DOMAIN})")

_OURS = frozenset(
    "from sender reply-to to cc bcc subject date message-id in-reply-to references mime-version"
    " received return-path".split()
)


class Enclosed(msgspec.Struct, frozen=True):
    """A file that goes with a letter."""

    name: str
    media_type: str
    content: bytes


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a mail that goes out is made of."""

    sender: Address
    date: datetime  # aware
    message_id: str  # with its angle brackets
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()  # recipients that no header names
    subject: str = ""
    text: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()  # more of them, in this order
    attachments: tuple[Enclosed, ...] = ()


# Letters


def compose(letter: Letter) -> bytes:
    """The mail as it travels: lines end in CRLF, none has more than 998 octets.

    It is 7-bit, unless the part of an address before its @ is not ASCII (RFC 6532); a domain is
    written in its ASCII form. The text keeps its lines and always ends one. Raises Refused
    (`bad-address`, `bad-header`) where an address or the name of a header is none.
    """
    lines = [
        field("Date", date_value(letter.date)),
        address_field("From", [letter.sender]),
        *_recipient_fields(letter),
        field("Subject", letter.subject),
        message_id_field("Message-ID", _own_message_id(letter.message_id)),
        *_thread_fields(letter),
        *(field(_extra_name(name), value) for name, value in letter.headers),
        b"MIME-Version: 1.0\r\n",
    ]
    body = _text_entity(letter.text)
    if letter.attachments:
        body = _mixed([body, *map(_enclosed_entity, letter.attachments)], letter.message_id)
    return b"".join(lines) + body


def recipients(letter: Letter) -> tuple[str, ...]:
    """Whom the envelope names: To, Cc and Bcc, each address once."""
    everyone = (*letter.to, *letter.cc, *letter.bcc)
    return tuple(one.address for one in without_doubles(everyone))


def without_doubles(addresses: Iterable[Address], taken: Set[str] = frozenset()) -> list[Address]:
    """Each address once, none that is taken, none that is empty; the first spelling stays."""
    kept: dict[str, Address] = {}
    for one in addresses:
        key = one.address.casefold()
        if key and key not in taken:
            kept.setdefault(key, one)
    return list(kept.values())


def thread(mail: Mail, most: int = MOST_REFERENCES) -> tuple[str, ...]:
    """The References of what answers a mail (RFC 5322 §3.6.4): the thread so far, and the mail.

    Each once; of more than `most` the first and the latest.
    """
    before = mail.references or (mail.in_reply_to if len(mail.in_reply_to) == 1 else ())
    found = list(dict.fromkeys(filter(None, [*before, mail.message_id])))
    return tuple(found if len(found) <= most else [found[0], *found[1 - most :]])


def new_message_id(domain: str, token: str) -> str:
    """A Message-ID of ours; `token` is what makes it the only one: letters, digits, `.`, `-`, `_`.

    Raises ValueError where the two make none.
    """
    return _own_message_id(f"<{token}@{in_ascii(domain)}>")


def is_address(text: str) -> bool:
    """Whether it can be the address of a mailbox, without a name and without angle brackets."""
    return (
        len(text) <= _LONGEST_ADDRESS
        and text.isprintable()  # also: no half character
        and _ADDRESS.fullmatch(text) is not None
    )


def ascii_address(address: str) -> str:
    """The address with its domain in ASCII; what stands before the @ stays as it is.

    Raises Refused (`bad-address`) where it is none.
    """
    local, _, domain = address.rpartition("@")
    with suppress(UnicodeError):  # of labels that are empty or too long
        made = f"{local}@{in_ascii(domain)}"
        if is_address(address) and is_address(made):  # a wide `>` has become a real one
            return made
    raise Refused("bad-address", sentence("%1 is not an e-mail address.", one_line(address)))


def field(name: str, value: str) -> bytes:
    """One unstructured header, folded, with its line end; any text may be its value."""
    value = one_line(value)
    if not _is_plain(value):
        words = _encoded_words(value, first=_WORD - len(name) - 2)
        return _folded(name, words)
    return _folded(name, value.split(" "))


def address_field(name: str, addresses: Sequence[Address]) -> bytes:
    """One header that names mailboxes, folded, with its line end; raises Refused."""
    pieces: list[str] = []
    for number, one in enumerate(addresses, 1):
        mailbox = _mailbox(one, first=_WORD - len(name) - 2)
        pieces += [*mailbox[:-1], mailbox[-1] + ("," if number < len(addresses) else "")]
    return _folded(name, pieces)


def message_id_field(name: str, *message_ids: str) -> bytes:
    """One header of Message-IDs, one a line where they are long, with its line end."""
    return _folded(name, message_ids)


def date_value(date: datetime) -> str:
    """A time as a header says it."""
    if date.tzinfo is None:
        raise ValueError("the time of a mail is aware")
    return format_datetime(date)


def _recipient_fields(letter: Letter) -> Iterator[bytes]:
    if letter.to:
        yield address_field("To", letter.to)
    if letter.cc:
        yield address_field("Cc", letter.cc)
    if not letter.to and not letter.cc:
        yield b"To: undisclosed-recipients:;\r\n"


def _thread_fields(letter: Letter) -> Iterator[bytes]:
    if answered := _message_ids([letter.in_reply_to]):
        yield message_id_field("In-Reply-To", *answered)
    if thread := _message_ids(letter.references):
        yield message_id_field("References", *thread)


def _message_ids(given: Iterable[str]) -> list[str]:
    """Those that can be written; a foreign one that is none would only harm."""
    return [one for one in given if _MESSAGE_ID.fullmatch(one)]


def _own_message_id(message_id: str) -> str:
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError("not a Message-ID")
    return message_id


def _extra_name(name: str) -> str:
    lower = name.lower()
    belongs_here = lower in _OURS or lower.startswith(("content-", "resent-"))
    if belongs_here or not _FIELD_NAME.fullmatch(name):
        raise Refused("bad-header", sentence("A mail cannot be given the header %1.", name))
    return name


# Header values


def _is_plain(value: str) -> bool:
    """Whether it can stand as it is: nothing in it looks like an encoded word, or is too long."""
    return not value or (
        _PLAIN.fullmatch(value) is not None
        and "=?" not in value
        and max(map(len, value.split(" "))) <= _WIDTH
    )


def _folded(name: str, pieces: Iterable[str]) -> bytes:
    """`name: piece piece …`, a new line before each piece that no longer fits."""
    lines, line = [], f"{name}:"
    for number, piece in enumerate(pieces):
        if number and len(line) + 1 + len(piece) > _WIDTH:
            lines.append(line)
            line = ""
        line += f" {piece}"
    return "\r\n".join([*lines, line]).encode() + b"\r\n"


def _mailbox(one: Address, *, first: int) -> list[str]:
    """The pieces of `Name <address>`, between which a line may be folded."""
    address = ascii_address(one.address)
    name = " ".join(one_line(one.name).split())  # readers do not keep more
    return [*_phrase(name, first), f"<{address}>"] if name else [address]


def _phrase(name: str, first: int) -> list[str]:
    if not _is_plain(name):
        return _encoded_words(name, first=first)
    if _ATOMS.fullmatch(name):
        return name.split(" ")
    return ('"' + re.sub(r'(["\\])', r"\\\1", name) + '"').split(" ")


def _encoded_words(text: str, *, first: int) -> list[str]:
    """RFC 2047 words of whole characters, in whichever encoding is the shorter."""
    data = text.encode()
    plain = sum(byte in _SAFE_IN_WORD or byte == 0x20 for byte in data)
    in_q = plain + 3 * (len(data) - plain) <= 4 * len(data) / 3
    mark, encode = ("q", _in_q) if in_q else ("b", _in_base64)
    words, start, room = [], 0, max(first, 30)
    for end in range(1, len(text) + 1):
        word = f"=?utf-8?{mark}?{encode(text[start:end])}?="
        if len(word) > room and end - start > 1:
            words.append(f"=?utf-8?{mark}?{encode(text[start : end - 1])}?=")
            start, room = end - 1, _WORD
    return [*words, f"=?utf-8?{mark}?{encode(text[start:])}?="]


def _in_q(text: str) -> str:
    return "".join(
        chr(byte) if byte in _SAFE_IN_WORD else "_" if byte == 0x20 else f"={byte:02X}"
        for byte in text.encode()
    )


def _in_base64(text: str) -> str:
    return binascii.b2a_base64(text.encode(), newline=False).decode("ascii")


# Bodies


def _text_entity(text: str) -> bytes:
    """The text with its own headers: as typed where a mail can carry that, else encoded."""
    lines = re.split(r"\r\n|\r|\n", _SURROGATES.sub("\ufffd", text).replace("\0", ""))
    if lines[-1] == "":
        lines.pop()
    data = "".join(f"{line}\r\n" for line in lines).encode()
    encoding, body = _in_7bit(data)
    return (
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body
    )


def _in_7bit(data: bytes) -> tuple[bytes, bytes]:
    """The text's encoding and its bytes in that."""
    if re.fullmatch(rb"(?:[\t -~]{0,998}\r\n)*", data):
        return b"7bit", data
    printable = binascii.b2a_qp(data, istext=True)
    if len(printable) <= 2 * len(data):  # most of it can be read as it is
        return b"quoted-printable", printable
    return b"base64", _base64_lines(data)


def _enclosed_entity(enclosed: Enclosed) -> bytes:
    """A file with its headers, always in base64.

    What claims to be a mail or to be made of parts goes as plain bytes: those types may not be in
    base64 (RFC 2046 §5), and a file is to arrive as it was.
    """
    media_type = enclosed.media_type.lower()
    if not _MEDIA_TYPE.fullmatch(media_type) or media_type.startswith(("message/", "multipart/")):
        media_type = "application/octet-stream"
    name = one_line(enclosed.name)
    return (
        _folded("Content-Type", _parameters(media_type, _old_name(name)))
        + b"Content-Transfer-Encoding: base64\r\n"
        + _folded("Content-Disposition", _parameters("attachment", _file_name(name)))
        + b"\r\n"
        + _base64_lines(enclosed.content)
    )


def _parameters(value: str, parameters: Sequence[str]) -> list[str]:
    *before, last = value, *parameters
    return [*(f"{one};" for one in before), last]


def _is_simple_name(name: str) -> bool:
    return _PLAIN.fullmatch(name) is not None and not re.search(r'["\\]|=\?', name)


def _file_name(name: str) -> list[str]:
    """The parameter `filename`, in pieces where it is long or not plain (RFC 2231 §3 and §4)."""
    if not name:
        return []
    if _is_simple_name(name) and len(name) <= _LONGEST_NAME:
        return [f'filename="{name}"']
    pieces, piece = [], "utf-8''"
    for character in name:
        written = quote(character, safe=_SAFE_IN_NAME)
        if len(piece) + len(written) > _LONGEST_NAME:
            pieces.append(piece)
            piece = ""
        piece += written
    pieces.append(piece)
    if len(pieces) == 1:
        return [f"filename*={piece}"]
    return [f"filename*{number}*={one}" for number, one in enumerate(pieces)]


_LONGEST_NAME = 58  # characters of one piece of a name, so that its line is short


def _old_name(name: str) -> list[str]:
    """The parameter `name`, for Outlook and others that do not read RFC 2231: encoded words."""
    if not name:
        return []
    if _is_simple_name(name) and len(name) <= _LONGEST_NAME:
        return [f'name="{name}"']
    return ['name="' + "\r\n ".join(_encoded_words(name, first=_LONGEST_NAME)) + '"']


def _mixed(entities: Sequence[bytes], message_id: str) -> bytes:
    boundary = _boundary(entities, message_id)
    between = b"\r\n--" + boundary
    return (
        b'Content-Type: multipart/mixed;\r\n boundary="' + boundary + b'"\r\n'
        + b"".join(between + b"\r\n" + entity for entity in entities)
        + between + b"--\r\n"
    )  # fmt: skip


def _boundary(entities: Sequence[bytes], message_id: str) -> bytes:
    """A line that is in none of them; encoded ones cannot have `=_`."""
    number = 0
    while True:
        made = b"=_" + hashlib.sha256(f"{message_id}{number}".encode()).hexdigest()[:40].encode()
        if not any(made in entity for entity in entities):
            return made
        number += 1


def _base64_lines(data: bytes) -> bytes:
    """In lines of 76 characters."""
    whole = binascii.b2a_base64(data, newline=False)
    return b"".join(whole[at : at + 76] + b"\r\n" for at in range(0, len(whole), 76))
