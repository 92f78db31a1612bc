"""The messages of the open work item interface: bytes to records, and answers to bytes.

Nothing here knows what is configured, decodes an attachment, or touches the network. It is the
only module that uses an XML parser. What the parser says is put into sentences of our own: a
refusal may name an element, an attribute, a key and a line, and never shows a value.
"""

import codecs
import io
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, BinaryIO
from xml.sax.saxutils import escape, quoteattr

import msgspec
from lxml import etree

import resources
from ace_server.contact import MOST_TEXT
from ace_server.errors import Refused

NAMESPACE = "urn:ace:workitem:1"
NS = f"{{{NAMESPACE}}}"
SCHEMA = resources.path("schema/workitem.xsd")

SMALL = 256 * 1024
"""Bytes up to which a message is simply parsed; a longer one is counted out first (B-7, B-16)."""

MAX_DEPTH = 64
MAX_ELEMENTS = 10_000
MAX_ATTRIBUTES = 100  # of one element, with its namespace declarations
MAX_NAME = 256
MAX_TEXT = 1_000_000  # characters in one field
MAX_ATTACHMENT_TEXT = 10_000_000  # characters; the parser's own limit for a text
MAX_PIECES = 1_000_000  # of text between references and markup: no honest message has so many
MAX_MARKUP = 1_100_000  # bytes of one tag, comment or processing instruction

MAX_KEY = 128  # characters; the schema says so
MANY_ITEMS = 100

DEFAULT_MEDIA_TYPE = "application/octet-stream"

_CHUNK = 64 * 1024
_HEAD = 4096  # bytes in which the XML declaration must stand

_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-16",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
}
_BOMS = {
    codecs.BOM_UTF8: ("utf-8", "utf-8"),
    codecs.BOM_UTF16_LE: ("utf-16", "utf-16-le"),
    codecs.BOM_UTF16_BE: ("utf-16", "utf-16-be"),
}
_DECLARED = re.compile(
    r"""<\?xml\s+version\s*=\s*(?:"[^"]*"|'[^']*')\s+encoding\s*=\s*(?:"([^"]*)"|'([^']*)')"""
)

_WORK_ITEM = f"{NS}workItem"
_ENTRANCE = f"{NS}entrance"
_CONTACT_DATA = f"{NS}contactData"
_ITEM = f"{NS}item"
_SUBJECT = f"{NS}subject"
_BODY = f"{NS}body"


class Attachment(msgspec.Struct, frozen=True):
    """A file as the message names it: inline text (`text`), or a part of the request (`href`)."""

    name: str
    media_type: str = DEFAULT_MEDIA_TYPE
    text: str = ""  # base64, not yet looked at
    href: str | None = None
    line: int | None = None


class WorkItem(msgspec.Struct, frozen=True):
    """What a message that keeps to the schema says. Nothing in it is known to be configured."""

    external_id: str
    entrance: str | None  # None: left out, the account's own
    data: dict[str, str]
    subject: str = ""
    body: str = ""
    attachments: tuple[Attachment, ...] = ()
    lines: Mapping[str, int | None] = {}  # where each key of `data` stands
    entrance_line: int | None = None
    data_line: int | None = None


def parse(message: bytes | BinaryIO, charset: str | None = None) -> WorkItem:
    """Read one work item message, or raise Refused.

    The codes are `malformed`, `doctype` and `invalid`; for a text that is too long also `bad-value`
    and `bad-attachment`. `charset` is what the transport says of the encoding. A file is read
    twice, so that memory holds no more than the tree of a message that keeps within the limits.
    """
    if not isinstance(message, bytes):
        return _parse_large(message, charset)
    if len(message) > SMALL:
        return _parse_large(io.BytesIO(message), charset)
    text = _as_utf8(message, charset)
    if b"<!D" in text:  # a hint only: the parser says whether it is a declaration
        _look_for_doctype(text)
    root = _tree(text)
    if text.count(b"<") > MAX_ELEMENTS or text.count(b"=") > MAX_ATTRIBUTES:
        _count(root)
    return _work_item(root)


def is_light(message: bytes) -> bool:
    """Whether it can be parsed, and be found wrong, within a few milliseconds."""
    return len(message) <= _CHUNK and message.count(b"<") <= 2000


def receipt(
    external_id: str, *, contact: str, status: str, received_at: datetime, repeated: bool = False
) -> bytes:
    """The answer to a message that was taken in."""
    time = received_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    again = ' repeated="true"' if repeated else ""
    return (
        f'<receipt xmlns="{NAMESPACE}" id={quoteattr(external_id)} contact={quoteattr(contact)}'
        f' status={quoteattr(status)} time="{time}"{again}/>'
    ).encode()


def error(
    code: str, reason: str, *, ref: str, external_id: str = "", line: int | None = None
) -> bytes:
    """The answer to a message that was refused."""
    about = f" id={quoteattr(external_id)}" if external_id else ""
    where = f' line="{line}"' if line else ""
    return (
        f'<error xmlns="{NAMESPACE}"{about} code={quoteattr(code)}{where} ref={quoteattr(ref)}>'
        f"{escape(visible(reason, longest=2000))}</error>"
    ).encode()


def visible(text: str, *, longest: int = 64) -> str:
    """The text with control and direction characters made visible (B-10), cut to `longest`."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in cut)


# Bytes to UTF-8: the parser is never left to guess, or to believe, an encoding (B-8)


def _as_utf8(message: bytes, charset: str | None) -> bytes:
    codec, skip = _encoding(message[:_HEAD], charset)
    try:
        text = message[skip:].decode(codec)
    except UnicodeDecodeError as wrong:
        before = message[skip : skip + wrong.start].decode(codec).encode()
        _look_for_doctype(before)
        raise _not_what_it_says(before.count(b"\n") + 1) from None
    return message[skip:] if codec == "utf-8" else text.encode()


def _utf8_chunks(message: BinaryIO, charset: str | None) -> Iterator[bytes]:
    message.seek(0)
    codec, skip = _encoding(message.read(_HEAD), charset)
    message.seek(skip)
    decoder = codecs.getincrementaldecoder(codec)()
    line = 1
    while True:
        chunk = message.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk).encode()
        except UnicodeDecodeError as wrong:
            text = wrong.object[: wrong.start].decode(codec).encode()
            yield text
            raise _not_what_it_says(line + text.count(b"\n")) from None
        if not chunk:
            return
        line += text.count(b"\n")
        yield text


def _encoding(head: bytes, charset: str | None) -> tuple[str, int]:
    """The codec of a message that begins with `head`, and the length of its byte order mark."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, b"\0\0\0<", b"<\0\0\0")):
        raise _Malformed("UTF-32 is not taken; use UTF-8", line=1)
    bom = next((bom for bom in _BOMS if head.startswith(bom)), b"")
    by_bom, codec = _BOMS.get(bom, ("", ""))
    start = head[len(bom) :].decode(codec or "latin-1", "ignore")
    declared = _DECLARED.match(start)
    named = {charset or "", (declared[1] or declared[2] or "?") if declared else ""} - {""}
    known = {_CODECS.get(name.lower(), "") for name in named} | ({by_bom} if by_bom else set())
    if "" in known:
        raise _Malformed(f"the encoding is not one of {_FIVE}", line=1)
    if len(known) > 1:
        raise _Malformed(
            "the declaration, the byte order mark and the charset of the request disagree", line=1
        )
    said = known.pop() if known else "utf-8"
    if (said == "utf-16" and not bom) or head.startswith((b"<\0", b"\0<")):
        raise _Malformed("UTF-16 needs a byte order mark", line=1)
    return codec or said, len(bom)


_FIVE = "UTF-8, UTF-16 with a byte order mark, US-ASCII, ISO-8859-1 and windows-1252"


class _Malformed(Refused):
    def __init__(self, reason: str, *, line: int | None = None) -> None:
        super().__init__("malformed", reason, line=line)


def _not_what_it_says(line: int) -> _Malformed:
    return _Malformed("there are bytes that are not in the encoding of the message", line=line)


# UTF-8 to a tree


def _parser(target: Any = None) -> etree.XMLParser:
    """A parser reads one message; it fetches nothing and resolves nothing (B-4, B-5)."""
    return etree.XMLParser(
        target=target,
        encoding="UTF-8",  # whatever the declaration says: it was seen to before
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=target is None,
        remove_pis=target is None,
    )


def _tree(text: bytes) -> etree._Element:
    try:
        return _without_doctype(etree.fromstring(text, _parser()))
    except etree.XMLSyntaxError as wrong:
        raise _syntax(wrong) from None


def _large_tree(chunks: Iterable[bytes]) -> etree._Element:
    """The tree of what `_Limits` let pass; in it only an attachment can be too long for the parser,
    whose limit is in bytes."""
    parser = _parser()
    try:
        for chunk in chunks:
            parser.feed(chunk)
        return _without_doctype(parser.close())
    except etree.XMLSyntaxError as wrong:
        raise (
            _attachment_too_long() if _code(wrong) == _RESOURCE_LIMIT else _syntax(wrong)
        ) from None


def _without_doctype(root: etree._Element) -> etree._Element:
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype()
    return root


def _parse_large(message: BinaryIO, charset: str | None) -> WorkItem:
    _walk(_utf8_chunks(message, charset), _Limits())
    return _work_item(_large_tree(_utf8_chunks(message, charset)))


def _look_for_doctype(text: bytes) -> None:
    """Raise Refused if the parser meets a document type declaration, whatever else is wrong."""
    try:
        _walk([text], _Prolog())
    except (_Enough, _Malformed):
        return


def _walk(chunks: Iterable[bytes], target: "_Prolog") -> None:
    """Let the parser tell `target` what it meets: no tree, so no memory but for one tag."""
    parser = _parser(target)
    first = b""
    try:
        for chunk in chunks:
            first = first or chunk
            target.begin(len(chunk))
            parser.feed(chunk)
        parser.close()
    except _Malformed:  # the bytes ended early; what came before them may hold a declaration
        _flush(parser)
        raise
    except etree.XMLSyntaxError as wrong:
        if not target.inside and _in_doctype(first, wrong):
            raise _doctype(wrong.lineno) from None
        raise _syntax(wrong) from None


def _flush(parser: etree.XMLParser) -> None:
    try:
        parser.close()
    except etree.XMLSyntaxError:
        return


class _Enough(Exception):
    """The document element has begun: no declaration can follow."""


class _Prolog:
    """Stops at a document type declaration, before anything in it is read (B-3)."""

    def __init__(self) -> None:
        self.inside = False  # the document element
        self._silent = 0

    def begin(self, length: int) -> None:
        """So many bytes follow."""

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        raise _doctype()

    def start(self, tag: str, attributes: Mapping[str, str], nsmap: Mapping[str, str]) -> None:
        self.inside = True
        raise _Enough

    def close(self) -> None:
        return


class _Limits(_Prolog):
    """Raises Refused at the first limit that is passed (B-7)."""

    def __init__(self) -> None:
        super().__init__()
        self._elements = 0
        self._others = 0
        self._open: list[str] = []
        self._texts: list[int] = []
        self._room = MOST_TEXT
        self._key = ""
        self._pieces = 0

    def begin(self, length: int) -> None:
        self._silent += length
        if self._silent > MAX_MARKUP:
            raise Refused("invalid", f"a tag or comment is longer than {MAX_MARKUP} bytes")

    def start(self, tag: str, attributes: Mapping[str, str], nsmap: Mapping[str, str]) -> None:
        self.inside = True
        self._silent = 0
        self._elements += 1
        name = tag.rpartition("}")[2]
        self._open.append(name)
        self._texts.append(0)
        self._key = attributes.get("key", "")
        if len(self._open) > MAX_DEPTH:
            raise _too_deep()
        if self._elements > MAX_ELEMENTS:
            raise _too_many_elements()
        if len(attributes) + len(nsmap) > MAX_ATTRIBUTES:
            raise _too_many_attributes(name)
        if len(name) > MAX_NAME or any(len(a.rpartition("}")[2]) > MAX_NAME for a in attributes):
            raise _name_too_long()

    def end(self, tag: str) -> None:
        self._silent = 0
        self._open.pop()
        self._texts.pop()

    def data(self, text: str) -> None:
        self._silent = 0
        self._pieces += 1
        self._texts[-1] += len(text)
        if self._texts[-1] > MAX_TEXT or self._pieces > MAX_PIECES:
            self._check_text(self._open[-1], self._texts[-1])
        if self._open[-1] != "attachment":
            self._room -= len(text.encode())
            if self._room < 0:
                reason = f"the texts together are longer than {MOST_TEXT} bytes in UTF-8"
                raise Refused("invalid", reason)

    def _check_text(self, name: str, length: int) -> None:
        if name == "attachment":
            if length > MAX_ATTACHMENT_TEXT or self._pieces > MAX_PIECES:
                raise _attachment_too_long()
        elif self._pieces > MAX_PIECES:
            raise Refused("invalid", f"a text is in more than {MAX_PIECES} pieces")
        elif name == "item":
            key = visible(self._key)
            raise Refused(
                "bad-value", f"the value of key '{key}' is longer than {MAX_TEXT} characters"
            )
        else:
            raise Refused(
                "invalid",
                f"the text of element '{visible(name)}' is longer than {MAX_TEXT} characters",
            )

    def comment(self, text: str) -> None:
        self._count_other()

    def pi(self, name: str, text: str | None = None) -> None:
        self._count_other()

    def _count_other(self) -> None:
        self._silent = 0
        self._others += 1
        if self._others > MAX_ELEMENTS:
            raise Refused(
                "invalid",
                f"more than {MAX_ELEMENTS} comments and processing instructions",
            )


def _count(root: etree._Element) -> None:
    """The limits that a small message can pass without its schema noticing."""
    for number, element in enumerate(root.iter("*"), start=1):
        if number > MAX_ELEMENTS:
            raise _too_many_elements(_line(element))
        if len(element.attrib) > MAX_ATTRIBUTES:
            raise _too_many_attributes(etree.QName(element).localname, _line(element))


def _doctype(line: int | None = None) -> Refused:
    return Refused("doctype", "a document type declaration is not allowed; remove it", line=line)


def _too_deep(line: int | None = None) -> Refused:
    return Refused("invalid", f"elements are nested deeper than {MAX_DEPTH}", line=line)


def _too_many_elements(line: int | None = None) -> Refused:
    return Refused("invalid", f"more than {MAX_ELEMENTS} elements", line=line)


def _too_many_attributes(name: str, line: int | None = None) -> Refused:
    reason = f"element '{visible(name)}' has more than {MAX_ATTRIBUTES} attributes"
    return Refused("invalid", reason, line=line)


def _name_too_long(line: int | None = None) -> Refused:
    return Refused("invalid", f"a name is longer than {MAX_NAME} characters", line=line)


def _attachment_too_long() -> Refused:
    return Refused("bad-attachment", "the text of an attachment is too long; send it as a part")


# What the parser found wrong, in our words

_NAME_TOO_LONG = 110  # these are libxml2's numbers (xmlParserErrors)
_RESOURCE_LIMIT = 114
_COMMENT_NOT_FINISHED = 45
_PI_NOT_FINISHED = 47

_SYNTAX = {
    4: "a document element is expected",
    5: "there is something after the end of the document element",
    6: "a character reference is not a number",
    7: "a character reference is not a number",
    8: "a character reference is not a number",
    9: "there is a character that XML does not allow",
    22: "an entity reference is not finished",
    23: "an entity reference lacks its semicolon",
    26: "only the entities amp, lt, gt, quot and apos exist",
    27: "only the entities amp, lt, gt, quot and apos exist",
    38: "'<' is not allowed in the value of an attribute",
    39: "the value of an attribute is not in quotes",
    40: "the value of an attribute is not finished",
    41: "an attribute has no value",
    42: "an attribute stands twice in one element",
    _COMMENT_NOT_FINISHED: "a comment is not finished, or too long",
    46: "a processing instruction has no name",
    _PI_NOT_FINISHED: "a processing instruction is not finished",
    62: "']]>' is not allowed in a text",
    63: "a CDATA section is not finished",
    64: "an XML declaration is allowed only at the very start",
    65: "a space is missing",
    68: "a name is expected",
    73: "a tag is not finished",
    74: "an end tag is not finished",
    75: "an attribute has no '='",
    76: "an end tag does not belong to the element that is open",
    77: "the message ends inside an element",
    96: "the XML declaration has no version",
    108: "this version of XML is not known; use 1.0",
    200: "a namespace declaration is not right",
    201: "a namespace prefix is not declared",
    203: "an attribute stands twice in one element",
}


def _syntax(wrong: etree.XMLSyntaxError) -> Refused:
    """`malformed`, or `invalid` where the parser came to a limit of its own (B-7)."""
    if _code(wrong) == _NAME_TOO_LONG:
        return _name_too_long(wrong.lineno)
    if _code(wrong) == _RESOURCE_LIMIT:  # a small message has no room for any other
        return _too_deep(wrong.lineno)
    reason = _SYNTAX.get(_code(wrong), "it is not well-formed XML")
    return _Malformed(f"{reason} (column {(wrong.offset or 0) + 1})", line=wrong.lineno or None)


def _code(wrong: Any) -> int:
    code: int = wrong.code
    return code


def _in_doctype(text: bytes, wrong: etree.XMLSyntaxError) -> bool:
    """Whether the parser gave up within a document type declaration it had not yet told of."""
    if _code(wrong) in (_COMMENT_NOT_FINISHED, _PI_NOT_FINISHED):
        return False
    lines = text.split(b"\n")[: wrong.lineno]
    lines[-1] = lines[-1][: wrong.offset or 0]
    before = b"\n".join(lines)
    return before[before.rfind(b"<") :].startswith(b"<!DOCTYPE")


# A tree to a record


class _Schemas(threading.local):
    """A compiled schema for each thread: its list of errors is its own."""

    def __init__(self) -> None:
        self.work_item = etree.XMLSchema(etree.parse(str(SCHEMA)))


_schemas = _Schemas()


def _work_item(root: etree._Element) -> WorkItem:
    if root.tag != _WORK_ITEM:
        raise Refused(
            "invalid",
            f"the document element must be 'workItem' of the namespace {NAMESPACE}",
            line=_line(root),
        )
    etree.strip_attributes(root, "{http://www.w3.org/2001/XMLSchema-instance}*")
    for element in root.iterchildren(_CONTACT_DATA):
        _cut(element)
    schema = _schemas.work_item
    if not schema(root):
        raise _schema_fault(schema.error_log)
    return _read(root)


def _cut(contact_data: etree._Element) -> None:
    """Drop what follows a faulty item: to tell of thousands would take the validator seconds."""
    if len(contact_data) <= MANY_ITEMS:
        return
    keys: set[str] = set()
    for number, item in enumerate(contact_data):
        key = str(item.get("key", ""))
        is_right = item.tag == _ITEM and len(item) == 0 and len(item.attrib) == 1
        if not is_right or key in keys or not 0 < len(key) <= MAX_KEY:
            del contact_data[number + 1 :]
            return
        keys.add(key)


def _read(root: etree._Element) -> WorkItem:
    """The record of a tree that the schema has found right."""
    entrance, entrance_line, data_line = None, None, None
    data: dict[str, str] = {}
    lines: dict[str, int | None] = {}
    texts = {_SUBJECT: "", _BODY: ""}
    attachments = []
    for element in root:
        tag = element.tag
        if tag == _CONTACT_DATA:
            data_line = _line(element)
            for item in element:
                key = str(item.attrib["key"])
                data[key] = _text(item)
                lines[key] = _line(item)
        elif tag == _ENTRANCE:
            entrance, entrance_line = " ".join((element.text or "").split()), _line(element)
        elif tag in texts:
            texts[tag] = _text(element)
        else:
            attachments.append(_attachment(element))
    return WorkItem(
        external_id=str(root.attrib["id"]),
        entrance=entrance,
        data=data,
        subject=texts[_SUBJECT],
        body=texts[_BODY],
        attachments=tuple(attachments),
        lines=lines,
        entrance_line=entrance_line,
        data_line=data_line,
    )


def _text(element: etree._Element) -> str:
    """The element's text. A long one is taken out of the tree: memory need not hold both."""
    text = element.text or ""
    if len(text) > _CHUNK:
        element.text = None
    return text


def _line(element: Any) -> int | None:
    line: int | None = element.sourceline
    return line


def _attachment(element: etree._Element) -> Attachment:
    return Attachment(
        name=str(element.attrib["name"]),
        media_type=element.get("mediaType", DEFAULT_MEDIA_TYPE),
        text=_text(element),
        href=element.get("href"),
        line=_line(element),
    )


_WHERE = re.compile(
    r"Element '(?:\{[^']*\})?(?P<element>[\w.\-]+)'"
    r"(?:, attribute '(?:\{[^']*\})?(?P<attribute>[\w.\-]+)')?: "
)
_MISSING = re.compile(r"The attribute '(?P<attribute>[\w.\-]+)' is required")
_EXPECTED = re.compile(r"Expected is(?: one of)? \( (?P<names>.*) \)\.")
_TWICE = re.compile(r"Duplicate key-sequence \['(?P<key>.*)'\] in unique", re.DOTALL)


def _schema_fault(errors: Any) -> Refused:
    """The first thing that is not as the schema says. What libxml2 says of it may show a value."""
    first = errors[0]
    where = _WHERE.match(first.message)
    element = f"element '{visible(where['element'])}'" if where else "an element"
    attribute = f"attribute '{visible(where['attribute'] or '')}'" if where else "an attribute"
    return Refused("invalid", _fault(first, element, attribute), line=first.line or None)


def _fault(entry: etree._LogEntry, element: str, attribute: str) -> str:
    text = entry.message
    kind = entry.type_name.removeprefix("SCHEMAV_")
    in_attribute = ", attribute '" in text.partition(": ")[0]
    at = f"{attribute} of {element}" if in_attribute else element
    if kind == "ELEMENT_CONTENT":
        return _unexpected(text, element)
    if kind == "CVC_COMPLEX_TYPE_4":
        missing = _MISSING.search(text)
        return f"{element} lacks its attribute '{missing['attribute'] if missing else ''}'"
    if kind == "CVC_COMPLEX_TYPE_3_2_1":
        return f"{attribute} is not known in {element}"
    if kind == "CVC_IDC":
        twice = _TWICE.search(text)
        return f"key '{visible(twice['key'] if twice else '')}' stands twice in contactData"
    return f"{at} {_FACETS.get(kind, 'is not what the schema says')}"


_FACETS = {
    "CVC_COMPLEX_TYPE_2_3": "takes elements only, no text",
    "CVC_COMPLEX_TYPE_2_2": "takes text only, no elements",
    "CVC_TYPE_3_1_2": "takes text only, no elements",
    "CVC_MINLENGTH_VALID": "is empty",
    "CVC_MAXLENGTH_VALID": "is too long",
    "CVC_PATTERN_VALID": "has characters that are not allowed, or too many of them",
}


def _unexpected(text: str, element: str) -> str:
    expected = _EXPECTED.search(text)
    names = ", ".join(
        name.strip().removeprefix(NS) for name in (expected["names"] if expected else "").split(",")
    )
    if "Missing child" in text:
        return f"{element} lacks what must stand in it: {names}"
    if names:
        return f"{element} is not expected here; expected: {names}"
    return f"{element} is not expected here"
