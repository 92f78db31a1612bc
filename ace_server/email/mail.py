"""A mail as it was understood: what `message` makes of raw bytes, and all the others read.

Nothing here parses, and nothing reads a clock, a network or a store.
"""

import re
from datetime import datetime

import msgspec


class Address(msgspec.Struct, frozen=True, gc=False):
    """One address of a header, cleaned of what could break a header or a screen."""

    address: str  # as written, without the angle brackets; empty where there is none to be found
    name: str = ""


class MailPart(msgspec.Struct, frozen=True, gc=False):
    """A file in a mail: an attachment, or a picture that its HTML shows."""

    name: str  # a plain file name, safe to show (F-2); never a path
    media_type: str  # as the mail claims it
    size: int  # bytes, decoded
    digest: str  # SHA-256 of the decoded bytes
    content_id: str = ""  # by which the HTML names it, without the angle brackets
    damaged: bool = False  # its transfer encoding was broken: what could be decoded is there (C-8)


class Mail(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a mail says. Every text is cleaned: no NUL, no surrogates, header values in one line."""

    message_id: str = ""  # with its angle brackets; a hint and no identity (C-2)
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    senders: tuple[Address, ...] = ()  # of From: none, one or several (C-9)
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    return_path: str | None = None  # None: there is none; empty: the null sender `<>`
    sent_at: datetime | None = None  # of Date, aware
    subject: str = ""
    text: str = ""  # the one alternative that is shown, searched and quoted
    html: str = ""  # as it came, to be cleaned by whoever shows it; empty where there is none
    media_type: str = "text/plain"  # of the whole mail
    headers: tuple[tuple[str, str], ...] = ()  # in order, decoded; the first 64 KB of them
    parts: tuple[MailPart, ...] = ()
    faults: tuple[str, ...] = ()  # what was wrong with it, each a short English phrase

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def all_headers(self, name: str) -> list[str]:
        """Every header of this name, in order."""
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]


def one_line(value: str) -> str:
    """The value in one line that is safe in a header and on a screen (D-5, F-2).

    To be called after decoding. What ended a line becomes a space, so that words stay apart; other
    controls go, and what turns the direction of writing, because it makes a name look like another;
    half a character becomes U+FFFD. Letters and marks of every script stay.
    """
    if not value.isprintable() and _SPECIAL.search(value):
        value = _BREAKS.sub(" ", value)
        value = _NOT_IN_A_LINE.sub("", value)
        value = _SURROGATES.sub("\ufffd", value)
    return value.strip()


_SPECIAL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_BREAKS = re.compile(r"[\t-\r\x1c-\x1e\x85\u2028\u2029]+ *")
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
