"""HTML as text: for search, for quoting and for analysis (EM-3). Nothing is loaded.

What a browser would show, as lines: hidden text is left out, because nobody has read it.
"""

import re
from collections.abc import Iterable
from html import escape, unescape

from lxml import etree

DEEPEST_QUOTE = 20  # marks before a line, and levels by which a list is indented

_IGNORED = {"head", "iframe", "math", "object", "script", "style", "svg", "template", "title"}
_PARAGRAPHS = {"blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "p", "pre"}
_BLOCKS = {
    "address", "article", "aside", "body", "center", "dd", "details", "dir", "div", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "legend", "li", "main",
    "menu", "nav", "ol", "optgroup", "option", "section", "summary", "table", "tr", "ul",
}  # fmt: skip

_BLANKS = re.compile(r"[ \t\n\f\r]+")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_SHOWN_LINK = re.compile(r"\s*(?:https?|ftp|mailto|tel):", re.IGNORECASE)
_LINK_DRESS = re.compile(r"^(?:https?://|ftp://|mailto:|tel:)?(?:www\.)?|[/\s]+$", re.IGNORECASE)
_TAG = re.compile(r"<(?:!--.*?(?:-->|\Z)|[^<>]*>)", re.DOTALL)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

_UNSEEN = " \t\xa0\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
"""What a preheader is filled up with; a line of nothing else is blank."""


def to_text(html: str) -> str:
    """The text of a document, or of a piece of one, whatever is in it."""
    root, whole = _tree(html)
    if root is None:
        return ""
    if not whole:
        return _clean(_words(html))
    page = _Page()
    _write(root, page)
    return _clean(page.text())


def joined(documents: Iterable[str]) -> str:
    """One document of several, each read by itself: none can reach into the next (E-6)."""
    found = []
    for document in documents:
        root, whole = _tree(document)
        if root is None:
            continue
        if not whole:
            found.append(of_text(_words(document)))
            continue
        body = root.find(".//body")
        content = root if body is None else body
        content.tag = "div"
        content.tail = None
        found.append(etree.tostring(content, encoding="unicode", method="html"))
    return "\n".join(found)


def of_text(text: str) -> str:
    """A text as HTML, its lines as they are."""
    return f'<div style="white-space: pre-wrap">{escape(text)}</div>'


def _tree(html: str) -> tuple["etree._Element | None", bool]:
    """The document and whether it is all there: the parser gives up where it is too deep."""
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(_clean(html).encode(), parser)  # None: there is nothing in it
    deep = any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)
    return root, not deep


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _words(html: str) -> str:
    """The words of what is too deep for a document; no person has written it."""
    return "\n".join(
        line
        for piece in unescape(_TAG.sub("\n", html)).splitlines()
        if (line := _BLANKS.sub(" ", piece).strip(_UNSEEN))
    )


def _write(root: "etree._Element", page: "_Page") -> None:
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if event == "start":
            if _is_hidden(element):
                walk.skip_subtree()
                continue
            page.begin(element)
            page.words(element.text)
        else:
            if not _is_hidden(element):
                page.end(element)
            if element is not root:
                page.words(element.tail)


def _is_hidden(element: "etree._Element") -> bool:
    if element.tag in _IGNORED:
        return True
    if not element.attrib:
        return False
    return "hidden" in element.attrib or _HIDDEN.search(element.get("style", "")) is not None


class _Page:
    """Lines as they are written, and what is to stand before the next word."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._breaks = 0  # before the next word: 1 a new line, 2 a blank line, too
        self._gap = ""  # before the next word in the same line
        self._quotes = 0
        self._preformatted = 0
        self._lists: list[int] = []  # the number of the last item; -1: they have none
        self._mark = ""  # of the item that begins
        self._link: list[str] | None = None  # the words of the link that is being written

    def text(self) -> str:
        """All of it."""
        self._end_line()
        return "\n".join(self._lines).strip("\n")

    def words(self, text: str | None) -> None:
        """Write text as a browser would: blanks are one, and none at the ends of lines."""
        if not text:
            return
        if self._preformatted:
            self._write_lines(text)
            return
        words = _BLANKS.sub(" ", text)
        if words[0] == " ":
            self._gap = self._gap or " "
            words = words[1:]
        if words:
            self._put(words.rstrip(" "))
            self._gap = " " if words[-1] == " " else ""

    def begin(self, element: "etree._Element") -> None:
        """What the beginning of an element does to the page."""
        tag = element.tag
        if tag == "br":
            self._new_line()
        elif tag == "img":
            self.words(element.get("alt"))
        elif tag == "a":
            self._link = []
        elif tag in ("td", "th"):
            if element.getprevious() is not None and (self._line or self._breaks):
                self._breaks, self._gap = 0, "\t"
        elif tag in _PARAGRAPHS or tag in _BLOCKS:
            self._begin_block(tag, element)

    def end(self, element: "etree._Element") -> None:
        """What the end of an element does to the page."""
        tag = element.tag
        if tag == "a":
            self._end_link(element.get("href", ""))
        elif tag in _PARAGRAPHS or tag in _BLOCKS:
            self._end_block(tag)

    def _begin_block(self, tag: str, element: "etree._Element") -> None:
        self._break(2 if tag in _PARAGRAPHS else 1)
        if tag == "blockquote":
            self._end_line()
            self._quotes += 1
        elif tag == "pre":
            self._preformatted += 1
        elif tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else -1)
        elif tag == "li":
            self._end_line()
            self._mark = self._item()
        elif tag == "tr":
            self._end_line()
        elif tag == "hr":
            self._put("---")
            self._break(1)

    def _end_block(self, tag: str) -> None:
        if tag == "blockquote":
            self._write_line()
            self._breaks, self._quotes = 0, self._quotes - 1
        elif tag == "li":
            self._write_line()
            self._mark = ""
        self._break(2 if tag in _PARAGRAPHS else 1)
        if tag == "pre":
            self._preformatted -= 1
        elif tag in ("ul", "ol"):
            self._lists.pop()
            if not self._lists:
                self._break(2)

    def _item(self) -> str:
        indent = "  " * min(len(self._lists) - 1, DEEPEST_QUOTE)
        if not self._lists or self._lists[-1] < 0:
            return f"{indent}- "
        self._lists[-1] += 1
        return f"{indent}{self._lists[-1]}. "

    def _end_link(self, href: str) -> None:
        words, self._link = " ".join(self._link or ()), None
        url = _BLANKS.sub("", href)
        if not words.strip(_UNSEEN) or not _SHOWN_LINK.match(url):
            return
        if _LINK_DRESS.sub("", words).lower() != _LINK_DRESS.sub("", url).lower():
            self._gap = self._gap or " "
            self._put(f"<{url}>")

    def _write_lines(self, text: str) -> None:
        for number, line in enumerate(text.split("\n")):
            if number:
                self._new_line()
            if line.rstrip("\r"):
                self._put(line.rstrip("\r"))

    def _put(self, words: str) -> None:
        if self._breaks:
            self._end_line()
        if self._line:
            self._line.append(self._gap)
        self._gap = ""
        self._line.append(words)
        if self._link is not None:
            self._link.append(words)

    def _break(self, breaks: int) -> None:
        if self._gap == "\t":  # a cell has just begun
            return
        if (self._line or self._lines) and (self._line or not self._mark):
            self._breaks = max(self._breaks, breaks)
        self._gap = ""

    def _new_line(self) -> None:
        """A line break: where no line is begun it makes a blank one."""
        is_begun = bool(self._line) and not self._breaks
        self._end_line()
        if not is_begun:
            self._add("")

    def _end_line(self) -> None:
        """Write what stands in the line, and the blank line that shall follow."""
        self._write_line()
        if self._breaks == 2:
            self._add("")
        self._breaks = 0

    def _write_line(self) -> None:
        if self._line:
            line = "".join(self._line).replace("\xa0", " ")
            self._add(self._mark + line if line.strip(_UNSEEN) else "")
            self._mark, self._line = "", []
        self._gap = ""

    def _add(self, line: str) -> None:
        """One more line behind its marks; one blank line is enough."""
        marks = "> " * min(self._quotes, DEEPEST_QUOTE)
        whole = (marks + line).rstrip()
        if whole.strip("> ") or (self._lines and self._lines[-1].strip("> ")):
            self._lines.append(whole)
