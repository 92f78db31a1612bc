"""`multipart/related` requests, taken apart as they arrive (RFC 2046, 2387), and media types.

Pure: bytes in, headers and bytes out. What is broken is refused; nothing is decoded or guessed.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from ace_server.errors import Refused

MAX_HEADERS = 8 * 1024
"""Bytes of the headers of one part."""

MAX_PADDING = 64
"""Spaces that may follow a boundary on its line."""

_TOKEN = r"[A-Za-z0-9!#$%&'*+.^_`|~\-]+"
_TYPE = re.compile(rf"\s*({_TOKEN}/{_TOKEN})")
_PARAMETER = re.compile(rf'\s*;\s*({_TOKEN})=(?:({_TOKEN})|"((?:[^"\\]|\\.)*)")')
_REST = re.compile(r"\s*;?\s*")
_BOUNDARY = re.compile(r"[A-Za-z0-9'()+_,\-./:=? ]{0,69}[A-Za-z0-9'()+_,\-./:=?]")
_HEADER = re.compile(rb"([A-Za-z0-9!#$%&'*+.^_`|~\-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*")
_AFTER_BOUNDARY = re.compile(rb"[ \t]{0,64}\r\n")
_MAYBE_AFTER = re.compile(rb"(-?|[ \t]{0,64}\r?)")


class MediaType(msgspec.Struct, frozen=True):
    """A Content-Type: `type/subtype` in lower case, and its parameters by lower-case name."""

    name: str
    parameters: Mapping[str, str] = {}

    @property
    def is_xml(self) -> bool:
        return self.name in ("application/xml", "text/xml") or self.name.endswith("+xml")


class Part(msgspec.Struct, frozen=True):
    """A part begins: what its headers say. Its bytes follow."""

    content_id: str = ""  # without angle brackets
    media_type: MediaType | None = None


@lru_cache(maxsize=64)
def media_type(header: str) -> MediaType | None:
    """Read a Content-Type; None if it cannot be read, or says something twice."""
    found = _TYPE.match(header)
    if found is None:
        return None
    parameters: dict[str, str] = {}
    at = found.end()
    while parameter := _PARAMETER.match(header, at):
        name, token, quoted = parameter.groups()
        if name.lower() in parameters:
            return None
        parameters[name.lower()] = token or re.sub(r"\\(.)", r"\1", quoted or "")
        at = parameter.end()
    if not _REST.fullmatch(header, at):
        return None
    return MediaType(found[1].lower(), parameters)


class Reader:
    """Takes one body apart: feed it bytes, it gives parts and their bytes; close it at the end.

    Raises Refused(`malformed`) where the body is not what its boundary promises.
    """

    def __init__(self, boundary: str) -> None:
        if not _BOUNDARY.fullmatch(boundary):
            raise _malformed("the boundary of the request is missing or not allowed")
        self._delimiter = b"\r\n--" + boundary.encode("ascii")
        self._held = bytearray(b"\r\n")  # so that a boundary may stand at the very start
        self._parts = 0
        self._step = self._content  # what stands before the first boundary is content of no part
        self._ended = False

    def feed(self, data: bytes) -> Iterator[Part | bytes]:
        """What the bytes so far say."""
        if self._ended:
            return  # an epilogue is allowed, and ignored
        self._held += data
        found: Part | bytes | None = b""
        while found is not None:
            found = self._step()
            if found:
                yield found

    def close(self) -> None:
        """The body has ended: see that it was whole."""
        if not self._ended:
            raise _malformed("the last boundary of the request is missing")
        if not self._parts:
            raise _malformed("the request has no part")

    def _content(self) -> Part | bytes | None:
        """Bytes up to the next boundary. None: more must arrive first."""
        at = self._held.find(self._delimiter)
        if at < 0:
            return self._up_to(len(self._held) - len(self._delimiter) + 1)
        after = at + len(self._delimiter)
        rest = bytes(self._held[after : after + MAX_PADDING + 2])
        if rest.startswith(b"--"):
            self._ended = True
            content = self._cut(at)
            self._held.clear()
            self._step = self._nothing
            return content
        line = _AFTER_BOUNDARY.match(rest)
        if line:
            content = self._cut(at)
            del self._held[: len(self._delimiter) + line.end()]
            self._step = self._headers
            return content
        if _MAYBE_AFTER.fullmatch(rest):
            return self._up_to(at)
        return self._cut(at + 2) or b""  # a longer line that only begins like the boundary

    def _up_to(self, end: int) -> bytes | None:
        return (self._cut(end) or None) if end > 0 else None

    def _cut(self, end: int) -> bytes:
        content = bytes(self._held[:end])
        del self._held[:end]
        return content if self._parts else b""

    def _headers(self) -> Part | None:
        if self._held.startswith(b"\r\n"):
            end, length = 0, 0
        else:
            end, length = self._held.find(b"\r\n\r\n"), 2
        if end > MAX_HEADERS or (end < 0 and len(self._held) > MAX_HEADERS):
            raise _malformed("the headers of a part are too long")
        if end < 0:
            return None
        part = _part(bytes(self._held[:end]))
        # The line break before the content stays: a boundary may follow at once.
        del self._held[: end + length]
        self._parts += 1
        self._step = self._first_content
        return part

    def _first_content(self) -> bytes | None:
        """See to the line break that ends the headers: it may be the boundary's own."""
        if self._delimiter.startswith(self._held[: len(self._delimiter)]):
            if len(self._held) < len(self._delimiter):
                return None
        else:
            del self._held[:2]
        self._step = self._content
        return b""

    def _nothing(self) -> None:
        return None


def _part(block: bytes) -> Part:
    headers: dict[bytes, str] = {}
    for line in block.split(b"\r\n") if block else ():
        header = _HEADER.fullmatch(line)
        if header is None or header[1].lower() in headers:
            raise _malformed("a part has headers that cannot be read")
        headers[header[1].lower()] = header[2].decode("utf-8", "replace")
    coding = headers.get(b"content-transfer-encoding", "binary").lower()
    if coding not in ("binary", "8bit", "7bit"):
        raise _malformed("a part has a Content-Transfer-Encoding; send it as it is")
    declared = headers.get(b"content-type")
    kind = media_type(declared) if declared is not None else None
    if declared is not None and kind is None:
        raise _malformed("a part has a Content-Type that cannot be read")
    content_id = headers.get(b"content-id", "")
    if content_id.startswith("<") and content_id.endswith(">"):
        content_id = content_id[1:-1]
    return Part(content_id, kind)


def _malformed(reason: str) -> Refused:
    return Refused("malformed", reason)
