"""The tree of a mail: raw bytes split into its parts, with headers and contents as they came.

The splitting is Python's (`email`, compat32); what a header or a content means is not left to it.
Only multiparts are opened: a mail within a mail stays the bytes that it is.
"""

import re
from collections import deque
from collections.abc import Callable
from email.errors import CloseBoundaryNotFoundDefect
from email.feedparser import (  # type: ignore[attr-defined]  # two are not declared
    BufferedSubFile,
    FeedParser,
    NeedMoreData,
)
from email.message import Message
from email.policy import compat32
from functools import cached_property
from typing import Any

from ace_server.email.message import parameters, transfer, words
from ace_server.errors import Refused

DEEPEST = 30
"""Levels of parts within parts; mail programs make some five."""

LONGEST_HEADERS = 64 * 1024
"""Characters of headers that are looked into: of all that are listed, and of each alone (C-5)."""

DEFAULT_TYPE = "text/plain"

_MEDIA_TYPE = re.compile(r"[^\s/]+/[^\s/]+")


class TooDeep(Refused):
    """The mail has parts within parts beyond any use (C-4); its code is `too-deep`."""

    def __init__(self) -> None:
        super().__init__("too-deep", f"there are parts within parts, more than {DEEPEST} deep")

    def __reduce__(self) -> tuple[type["TooDeep"], tuple[()]]:
        return TooDeep, ()  # it comes out of another process


class Entity(Message):
    """A mail or a part of one, as the parser builds it."""

    _payload: Any  # as it came; `get_payload` would decode it by whatever charset is declared
    depth = 0
    hint: str | None = None  # the charset that the mail declares elsewhere

    def assume(self, hint: str) -> None:
        """Read the raw 8-bit values by this charset from now on."""
        self.hint = hint
        for read in ("content_type", "media_type", "disposition"):
            self.__dict__.pop(read, None)

    def attach(self, payload: Any) -> None:
        """Take in a part; raise TooDeep before the parser would go down to it."""
        payload.depth = self.depth + 1
        if payload.depth > DEEPEST:
            raise TooDeep
        super().attach(payload)

    def get_content_type(self) -> str:
        """What the parser has to know: a multipart is split, and nothing else is."""
        media_type = self.media_type
        return media_type if media_type.startswith("multipart/") else DEFAULT_TYPE

    def get_boundary(self, failobj: Any = None) -> Any:
        """What separates the parts."""
        return self.content_type.parameters.get("boundary", "").rstrip() or failobj

    @cached_property
    def fields(self) -> dict[str, list[str]]:
        """The raw values by name in lower case, each cut to what is looked into."""
        found: dict[str, list[str]] = {}
        for name, value in self.raw_items():
            found.setdefault(name.lower(), []).append(value[:LONGEST_HEADERS])
        return found

    def first(self, name: str) -> str | None:
        """The raw value of the first header of this name."""
        values = self.fields.get(name)
        return values[0] if values else None

    @cached_property
    def content_type(self) -> parameters.Value:
        """Content-Type; where it is no type the main value is empty."""
        return parameters.read(self.first("content-type") or "", self.hint)

    @cached_property
    def media_type(self) -> str:
        """The media type as claimed, or the default where none can be read."""
        found = _MEDIA_TYPE.match(self.content_type.main)
        return found[0] if found else self.get_default_type()

    @cached_property
    def disposition(self) -> parameters.Value:
        """Content-Disposition."""
        return parameters.read(self.first("content-disposition") or "", self.hint)

    @property
    def file_name(self) -> str:
        """The name that the mail gives this part, in one line; empty: none."""
        return (
            self.disposition.parameters.get("filename")
            or self.content_type.parameters.get("name")
            or ""
        )

    @property
    def content_id(self) -> str:
        """The id by which HTML names this part, without its brackets."""
        return words.header_text(self.first("content-id") or "").strip("<> ")

    @property
    def charset(self) -> str | None:
        """The charset that is declared."""
        return self.content_type.parameters.get("charset")

    @property
    def parts(self) -> list["Entity"]:
        """The parts of a multipart that could be split."""
        return self._payload if isinstance(self._payload, list) else []

    @property
    def never_ends(self) -> bool:
        """Whether the boundary that ends the multipart is missing."""
        return any(isinstance(defect, CloseBoundaryNotFoundDefect) for defect in self.defects)

    def content(self) -> tuple[bytes, bool]:
        """The decoded bytes of what has no parts, and whether their encoding was damaged."""
        data = (self._payload or "").encode("ascii", "surrogateescape")
        encoding = self.first("content-transfer-encoding")
        return transfer.decode(data, encoding) if encoding else (data, False)


class _Lines(BufferedSubFile):  # type: ignore[misc]  # it is not declared
    """The lines of a mail, each asked whether it ends a part that is open.

    The library asks every line once for each of those; one that does not begin as a boundary does
    is not asked (C-5).
    """

    _lines: deque[str]
    _eofstack: list[Callable[[str], object]]
    _closed: bool

    def readline(self) -> Any:
        """The next line; empty where a part or the mail ends."""
        if not self._lines:
            return "" if self._closed else NeedMoreData
        line = self._lines.popleft()
        if line.startswith("--") and any(is_end(line) for is_end in self._eofstack):
            self._lines.appendleft(line)
            return ""
        return line


def tree(raw: bytes, *, depth: int = 0) -> Entity:
    """Split raw bytes into a tree, or raise TooDeep. `depth`: how deep it stands in another."""

    def factory(policy: Any = compat32) -> Entity:
        entity = Entity(policy=policy)
        entity.depth = depth
        return entity

    parser: FeedParser[Any] = FeedParser(factory)
    parser._input = _Lines()  # type: ignore[attr-defined]  # it is not declared
    parser.feed(raw.decode("ascii", "surrogateescape"))
    entity: Entity = parser.close()
    return entity
