"""What a mail shows and what it carries: one text, one HTML, and its files.

Of alternatives one is shown (EM-3); several texts that stand one after another are joined. What
cannot be shown is a file; nothing is fetched, unpacked or decrypted (C-10, F-3).
"""

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from ace_server.email import html
from ace_server.email.mail import MailPart, one_line
from ace_server.email.message import charsets, flowed, words
from ace_server.email.message.entities import LONGEST_HEADERS, Entity, TooDeep, tree
from ace_server.email.message.names import shown_name
from ace_server.email.message.texts import many_lines

MOST_PARTS = 1_000
MOST_TEXT = 1_000_000  # characters
MOST_HTML = 5_000_000  # characters

DEEPEST_FORWARD = 10
"""Mails within mails into which one looks for a text where the outer ones have none."""

STUB = 500
"""Characters up to which a text may only say that one should read the HTML."""

_MAILS = {"message/rfc822", "message/global", "message/news"}
_REPORTS = {
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
}
_FILES = {
    "text/calendar",
    "text/css",
    "text/csv",
    "text/directory",
    "text/rfc822-headers",
    "text/rtf",
    "text/vcard",
    "text/x-vcard",
    "text/xml",
}
"""Texts for programs: they are carried and not shown."""

_OTHER_FORMS = {"text/enriched", "text/richtext", "text/watch-html", "text/x-amp-html"}
"""Other forms of what is there as plain text or HTML, if they are alternatives."""

_READ_THE_HTML = re.compile(
    r"\bhtml\b|\bbrowser\b|\b(?:e-?)?mail[ -]?(?:client|reader|programm?)\b|https?://\S+\s*\Z",
    re.IGNORECASE,
)
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE
)
_FIRST_BOUNDARY = re.compile(
    rb"^--([^\s\"\\][^\r\n\"\\]{0,199}?)[ \t]*\r?\n(?=[!-9;-~]+:|\r?\n)", re.MULTILINE
)


class Block(NamedTuple):
    """One thing that is shown, in its forms; an empty form is none."""

    plain: str
    html: str = ""


class Contents:
    """Goes through the tree of one mail."""

    def __init__(self, keep: Callable[[bytes], object] | None, *, forwards: int = 0) -> None:
        """`forwards`: how many mails this one is within."""
        self.parts: list[MailPart] = []
        self.faults: dict[str, None] = {}  # in order, each once
        self._keep = keep
        self._forwards = forwards
        self._mails: list[bytes] = []
        self._instead: list[Block] = []  # shown where there is nothing else
        self._split_anew = False

    def read(self, root: Entity) -> tuple[str, str]:
        """The text and the HTML of the mail; its files are in `parts` afterwards."""
        blocks = [block for block in self._blocks(root, alone=True) if block.plain or block.html]
        text = _text(blocks)
        if not text.strip():
            text = _text(self._instead[:1]) or self._text_within() or text
        markup = _html(blocks)
        if len(text) > MOST_TEXT:
            text = text[:MOST_TEXT]
            self._fault("text cut")
        if len(markup) > MOST_HTML:
            markup = markup[:MOST_HTML]
            self._fault("html cut")
        return text, markup

    def _fault(self, phrase: str) -> None:
        self.faults[phrase] = None

    def _blocks(self, entity: Entity, *, alone: bool) -> list[Block]:
        """What this entity shows. `alone`: a text is what is shown here, even if it has a name."""
        kind = entity.media_type
        if not kind.startswith("multipart/"):
            return self._leaf(entity, alone=alone)
        if not entity.parts:
            return self._unsplit(entity)
        if entity.never_ends:
            self._fault("no closing boundary")
        if kind == "multipart/alternative":
            return self._one_of(entity)
        root = _root_of(entity) if kind == "multipart/related" else None
        return [block for part in entity.parts for block in self._blocks(part, alone=part is root)]

    def _one_of(self, entity: Entity) -> list[Block]:
        found = [self._blocks(part, alone=True) for part in entity.parts]
        rich = [blocks for blocks in found if any(block.html for block in blocks)]
        plain = [_text(blocks) for blocks in found if blocks and blocks not in rich]
        text = next((one for one in reversed(plain) if one.strip()), "")
        if not rich:
            return [Block(text)]
        richest = [block for block in rich[-1] if block.plain or block.html]
        if not text and len(richest) == 1:
            text = richest[0].plain
        return [Block(text, _html(richest))]

    def _unsplit(self, entity: Entity) -> list[Block]:
        """A multipart whose boundary is missing or is not the one that was declared."""
        content, damaged = entity.content()
        if not content.strip():
            return []
        self._fault("broken boundary" if entity.get_boundary() else "no boundary")
        if damaged:
            self._fault("damaged transfer encoding")
        found = None if self._split_anew else _FIRST_BOUNDARY.search(content)
        if found is None:
            return [Block(self._decoded(content, entity.charset))]
        self._split_anew = True
        head = f"Content-Type: {entity.media_type}; boundary=".encode("ascii", "replace")
        again = tree(head + b'"' + found[1] + b'"\n\n' + content, depth=entity.depth)
        return self._blocks(again, alone=False)

    def _leaf(self, entity: Entity, *, alone: bool) -> list[Block]:
        kind = entity.media_type
        content, damaged = entity.content()
        if damaged:
            self._fault("damaged transfer encoding")
        is_shown = kind in _REPORTS or (kind.startswith("text/") and kind not in _FILES)
        if is_shown and entity.disposition.main != "attachment":
            if not entity.file_name or alone:
                if not (kind in _OTHER_FORMS and entity.depth and alone):
                    return [self._shown(entity, content)]
                self._instead.append(self._shown(entity, content))
                return []
            if not self._instead:
                self._instead.append(self._shown(entity, content))
        self._carry(entity, content, damaged)
        return []

    def _shown(self, entity: Entity, content: bytes) -> Block:
        if entity.media_type == "text/html":
            declared = entity.charset
            if not charsets.codec_of(declared) and not content.isascii():
                meta = _META_CHARSET.search(content, 0, 4096)
                declared = meta[1].decode("ascii") if meta else declared
            markup = self._decoded(content, declared)
            return Block("", markup if markup.strip() else "")
        text = self._decoded(content, entity.charset)
        if entity.content_type.parameters.get("format", "").lower() == "flowed":
            delsp = entity.content_type.parameters.get("delsp", "").lower() == "yes"
            text = flowed.unwrapped(text, delsp=delsp)
        return Block(text)

    def _decoded(self, content: bytes, declared: str | None) -> str:
        text, right = charsets.decode(content, declared)
        if not right and declared:
            known = charsets.codec_of(declared) is not None
            self._fault("wrong charset" if known else "unknown charset")
        return many_lines(text)

    def _carry(self, entity: Entity, content: bytes, damaged: bool) -> None:
        """Keep one file."""
        if len(self.parts) == MOST_PARTS:
            self._fault("more parts")
            return
        kind = one_line(entity.media_type)
        name = entity.file_name
        if kind in _MAILS:
            self._mails.append(content)
            subject = "" if name else _subject(content)
            name = name or (f"{subject.replace('/', '-')}.eml" if subject else "")
        self.parts.append(
            MailPart(
                name=shown_name(name, len(self.parts) + 1),
                media_type=kind,
                size=len(content),
                digest=hashlib.sha256(content).hexdigest(),
                content_id=entity.content_id,
                damaged=damaged,
            )
        )
        if self._keep is not None:
            self._keep(content)

    def _text_within(self) -> str:
        """The text of the first mail within this one that has any."""
        if self._forwards == DEEPEST_FORWARD:
            return ""
        for raw in self._mails:
            within = Contents(None, forwards=self._forwards + 1)
            with suppress(TooDeep):  # it is a file and stays one
                text, _ = within.read(tree(raw))
                if text:
                    return text
        return ""


def _root_of(entity: Entity) -> Entity:
    """What is shown of a multipart/related: the part that `start` names, or else the first."""
    start = entity.content_type.parameters.get("start", "").strip("<> ")
    parts = entity.parts
    return next((part for part in parts if start and part.content_id == start), parts[0])


def _subject(raw: bytes) -> str:
    head = tree(raw[:LONGEST_HEADERS].partition(b"\n\n")[0].partition(b"\r\n\r\n")[0] + b"\n\n")
    return words.header_text(head.first("subject") or "")


def _text(blocks: list[Block]) -> str:
    return "\n".join(text for block in blocks if (text := _plain(block)))


def _plain(block: Block) -> str:
    """The text of a block; its HTML is turned into text only where there is no other."""
    if not block.html:
        return block.plain
    plain = block.plain.strip()
    if not plain:
        return html.to_text(block.html)
    if len(plain) <= STUB and len(block.html) > 2 * len(plain) and _READ_THE_HTML.search(plain):
        text = html.to_text(block.html)
        if len(text) > 2 * len(plain):
            return text
    return block.plain


def _html(blocks: list[Block]) -> str:
    """The HTML to show: as it came where it is one, else one document of all that is shown."""
    if not any(block.html for block in blocks):
        return ""
    if len(blocks) == 1:
        return blocks[0].html
    return html.joined([block.html or html.of_text(block.plain) for block in blocks])
