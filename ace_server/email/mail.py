"""A mail as it was understood: what `message` makes of raw bytes, and all the others read.

Nothing here parses, and nothing reads a clock, a network or a store.
"""

import re
import unicodedata
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


def clean_header(value: str) -> str:
    """One line that is safe as the value of a header, and on a screen (D-5, F-2).

    To be called after decoding. What ended a line or was another control becomes a space, so that
    words stay apart; surrogates and what turns the direction of writing go.
    """
    kept = (" " if _is_control(sign) else sign for sign in _UNSAFE.sub("", value))
    return " ".join("".join(kept).split())


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Zl", "Zp")


_UNSAFE = re.compile("[\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
