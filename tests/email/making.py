"""Mails for tests: from their headers, and from files.

`parsed` reads a file with the standard library alone, as far as the analysis needs it.
"""

import email
import email.header
import email.utils
from pathlib import Path

from ace_server.email.mail import Address, Mail, MailPart, one_line

DATA = Path("tests/data/mail")


def mail(subject="", text="", *, sender="anna@example.com", **given):
    """A mail of one person, with any headers as `headers={"Precedence": "bulk"}`."""
    headers = tuple(given.pop("headers", {}).items())
    given.setdefault("return_path", sender)
    given.setdefault("senders", (Address(sender),))
    return Mail(subject=subject, text=text, headers=headers, **given)


def labelled():
    """File = what the labels say of its automatic answer, `answer` or `never`."""
    lines = (DATA / "labels-autoreply.tsv").read_text("utf-8").splitlines()[1:]
    return {file: expected for file, expected, _ in (line.split("\t") for line in lines)}


def parsed(raw):
    """What the analysis reads of a mail in bytes."""
    message = email.message_from_bytes(raw)
    headers = tuple((name, decoded(value)) for name, value in message.items())
    path = message["Return-Path"]
    kinds = [part.get_content_type() for part in message.walk() if part is not message]
    return Mail(
        message_id=decoded(message["Message-ID"] or ""),
        in_reply_to=tuple(decoded(message["In-Reply-To"] or "").split()),
        references=tuple(decoded(message["References"] or "").split()),
        senders=addresses(message, "From"),
        reply_to=addresses(message, "Reply-To"),
        to=addresses(message, "To"),
        return_path=None if path is None else email.utils.parseaddr(decoded(path))[1],
        subject=decoded(message["Subject"] or ""),
        text=body(message),
        media_type=message.get_content_type(),
        headers=headers,
        parts=tuple(MailPart("part", kind, 0, "") for kind in kinds if kind[:5] != "text/"),
    )


def decoded(value):
    """A header's value in one line, with its encoded words read."""
    pieces = email.header.decode_header(str(value))
    words = [
        piece if isinstance(piece, str) else piece.decode(known(charset), "replace")
        for piece, charset in pieces
    ]
    return one_line("".join(words))


def known(charset):
    try:
        "".encode(charset or "latin-1")
    except LookupError:
        return "latin-1"
    return charset or "latin-1"


def addresses(message, name):
    values = [decoded(value) for value in message.get_all(name, [])]
    return tuple(Address(one, who) for who, one in email.utils.getaddresses(values) if one)


def body(message):
    """The first text there is."""
    for part in message.walk():
        if part.get_content_maintype() == "text":
            content = part.get_payload(decode=True) or b""
            return content.decode(known(part.get_content_charset()), "replace")
    return ""
