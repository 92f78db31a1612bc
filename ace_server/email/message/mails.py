"""Raw bytes to a `Mail`: whatever comes in is understood as far as it can be (C-1).

There is one sane reading of a malformed mail, and what was wrong is said beside it (RFC 7103).
"""

import re
from collections.abc import Callable, Iterable
from functools import cached_property

from ace_server.email.mail import Address, Mail, one_line
from ace_server.email.message import addresses, charsets, ids, words
from ace_server.email.message.bodies import Contents
from ace_server.email.message.entities import LONGEST_HEADERS, Entity, tree

_BOM = b"\xef\xbb\xbf"
_NAME_AND_BLANK = re.compile(rb"^([!-9;-~]+)[ \t]+:", re.MULTILINE)
_JUNK = re.compile(
    rb"^(?![!-9;-~]*:|[ \t]|From |\r?\n)(?=[^\r\n]*\r?\n"
    rb"(?:Received|From|To|Subject|Date|Message-ID|MIME-Version|Content-Type|Return-Path):)",
    re.MULTILINE | re.IGNORECASE,
)
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n|\r\r")


def parse(raw: bytes, *, keep: Callable[[bytes], object] | None = None) -> Mail:
    """Understand a mail, or raise TooDeep.

    `keep` is given the decoded bytes of each file in it.
    """
    root = tree(_straightened(raw))
    headers = _Headers(root)
    if headers.hint:
        for entity in root.walk():
            entity.assume(headers.hint)
    contents = Contents(keep)
    text, html = contents.read(root)
    senders, reply_to, to, cc = map(headers.addresses, ("from", "reply-to", "to", "cc"))
    message_id = ids.message_id(headers.text("message-id"))
    sent_at = ids.sent_at(headers.text("date"))
    listed = headers.listed()
    faults = [
        *_header_faults(root, senders, message_id, dated=sent_at is not None),
        *headers.faults,
        *contents.faults,
    ]
    return Mail(
        message_id=message_id,
        in_reply_to=ids.ids(headers.text("in-reply-to")),
        references=ids.ids(headers.text("references")),
        senders=senders,
        reply_to=reply_to,
        to=to,
        cc=cc,
        return_path=headers.return_path(),
        sent_at=sent_at,
        subject=headers.line("subject"),
        text=text,
        html=html,
        media_type=one_line(root.media_type),
        headers=listed,
        parts=tuple(contents.parts),
        faults=tuple(faults),
    )


def _straightened(raw: bytes) -> bytes:
    """The bytes without what would end the headers too early: marks, blank lines, loose colons."""
    raw = raw.removeprefix(_BOM).lstrip(b"\r\n")
    if raw.startswith(b">From "):  # of a mailbox file, and no header
        raw = raw.partition(b"\n")[2]
    end = _END_OF_HEADERS.search(raw, 0, LONGEST_HEADERS)
    head = raw[: end.start() if end else LONGEST_HEADERS]
    straight = head
    if b" :" in head or b"\t:" in head:
        straight = _NAME_AND_BLANK.sub(rb"\1:", head)
    straight = _JUNK.sub(b" ", straight)  # it becomes a continuation
    return straight + raw[len(head) :] if straight != head else raw


def _header_faults(
    root: Entity, senders: tuple[Address, ...], message_id: str, *, dated: bool
) -> Iterable[str]:
    if not root.fields:
        yield "no header"
    known = [sender for sender in senders if sender.address]
    if not known:
        yield "no sender"
    elif len(known) > 1:
        yield "several senders"
    if not message_id:
        yield "no message id"
    if not dated:
        yield "date not readable" if root.first("date") else "no date"


class _Headers:
    """The headers of one mail, read as they are asked for."""

    def __init__(self, root: Entity) -> None:
        self._root = root
        self.faults: dict[str, None] = {}

    @cached_property
    def hint(self) -> str | None:
        """The charset of the first part that declares one, where a header is in raw 8-bit."""
        if all(value.isascii() for _, value in self._root.raw_items()):
            return None
        charsets_declared = (entity.charset for entity in self._root.walk())
        return next((name for name in charsets_declared if charsets.codec_of(name)), None)

    def text(self, name: str) -> str:
        """The first header of this name as text, its encoded words still encoded."""
        return words.raw_text(self._root.first(name) or "", self.hint)

    def line(self, name: str) -> str:
        """The first header of this name, decoded and clean."""
        return words.header_text(self._root.first(name) or "", self.hint)

    def addresses(self, name: str) -> tuple[Address, ...]:
        """The addresses of all headers of this name, in order."""
        found: list[Address] = []
        left = LONGEST_HEADERS
        for value in self._root.fields.get(name, ()):
            text = words.raw_text(value, self.hint)[:left]
            left -= len(text)
            some, more = addresses.read(text)
            some = [one for one in some if one.address or one.name]
            if left <= 0 and not more:
                del some[-1:]  # it was cut within
            if more or left <= 0 or len(found) + len(some) > addresses.MOST:
                self.faults["more addresses"] = None
            found += some
            if left <= 0:
                break
        return tuple(found[: addresses.MOST])

    def return_path(self) -> str | None:
        """The address that the envelope came from; None: no header says."""
        value = self._root.first("return-path")
        return None if value is None else addresses.angle(words.raw_text(value, self.hint))

    def listed(self) -> tuple[tuple[str, str], ...]:
        """Every header, decoded, as far as they are kept."""
        found = []
        left = LONGEST_HEADERS
        for name, value in self._root.raw_items():
            left -= len(name) + 2
            if left <= 0 or len(value) > left:
                self.faults["headers cut"] = None
            if left <= 0:
                break
            found.append((one_line(name), words.header_text(value[:left], self.hint)))
            left -= len(value)
        return tuple(found)
