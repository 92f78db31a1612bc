"""Cleans the HTML of mails: a process of its own, run by its path and spoken to by `html`.

A mail comes from outside and may be made to hang, to fill the memory or to break what reads it;
here it does so to this process alone, which `html` ends. Nothing of ours is imported, nothing is
fetched and no file is opened: every picture is a number, which the window gives a meaning.

It is asked on standard input, a line of JSON and as many bytes of UTF-8 as that says, and answers
on standard output in the same way. It ends when its standard input does.

What is let through is listed here, all else is left out (E-1, E-5): first while the tree is
written anew within limits of depth and length (E-7), then by `nh3`, then each attribute by itself.
"""

import json
import re
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import unquote

import nh3
from lxml import etree
from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication, QImage, QTextDocument

if sys.platform != "win32":
    import resource

MOST_MEMORY = 1024**3  # bytes, as in `pdf_process`
MOST_WORK = 10  # seconds of the processor for one mail; `html` is less patient

MOST_DEPTH = 60  # elements in each other; past it their content stays, on one level
MOST_TABLES = 6  # in each other: every further level doubles the time that Qt takes
LEAST_AT_ONCE = 4_000  # characters; what lays out slowly is cut, but not shorter than this
MOST_PICTURES = 50  # that can be loaded, or that come with the mail
LONGEST_URL = 2_000
MOST_SHEET = 200_000  # characters of the mail's style sheets that are looked at
MOST_RULES = 2_000
LARGEST = 2_000  # pixels, of any measure

# What is let through

SAME = frozenset(
    "a abbr b big br caption center cite code dd del div dl dt em font h1 h2 h3 h4 h5 h6 hr i img"
    " ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead"
    " tr tt u ul var".split()
)
AS_DIV = frozenset(
    "address article aside details dir fieldset figcaption figure footer form header hgroup legend"
    " main menu nav section summary".split()
)
WITHOUT_CONTENT = frozenset(
    "applet audio button canvas datalist dialog frameset iframe map marquee math meter noembed"
    " noframes object optgroup option plaintext progress script select style svg template textarea"
    " title video xml xmp".split()
)
"""Left out with all that is in them.

An element that is named nowhere is left out by itself: `input` or `embed`, which have no content,
are not always ended where they should be.
"""

BREAK = "<br>"
BLOCKS = AS_DIV | {"body", "center", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6"}
BLOCKS |= {"li", "ol", "p", "pre", "table", "td", "th", "ul"}
BLOCK_ENDS = frozenset(f"</{name}>" for name in BLOCKS) | {"</td></tr></table>"}
EDGE = re.compile(rf"(?:<[^<>]*>)*</?(?:{'|'.join(sorted(BLOCKS))}|hr)\b[^<>]*>")
"""The beginning or the end of a block."""

IN_TABLE = frozenset({"caption", "tbody", "td", "tfoot", "th", "thead", "tr"})
VOID = frozenset({"br", "hr", "img"})
BREAKS = AS_DIV | {"blockquote", "dd", "div", "dt", "li", "p", "table", "tr"}
"""Begin a new line also where they are only flattened."""

ATTRIBUTES = {
    "*": {"align", "dir", "style"},
    "a": {"href"},
    "font": {"color", "size"},
    "hr": {"width"},
    "img": {"height", "src", "width"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "span": {"class"},
    "table": {"bgcolor", "border", "cellpadding", "cellspacing", "class", "height", "width"},
    "tr": {"bgcolor", "valign"},
    "td": {"bgcolor", "class", "colspan", "height", "rowspan", "valign", "width"},
    "th": {"bgcolor", "colspan", "height", "rowspan", "valign", "width"},
}
ALT = "alt"
"""The class of the words that stand for a picture which is not loaded."""

QUOTE = "quote"
"""The class of what was quoted: a table, since Qt draws a line beside nothing else."""

WORD = r"[a-z][a-z-]{0,20}"
COLOUR = r"#[0-9a-f]{3,8}|rgba?\([\d\s.,%]{5,40}\)|[a-z]{3,24}"
NUMBER = r"(?P<number>\d{0,5}\.?\d{1,5})(?P<unit>px|pt|pc|in|cm|mm|r?em|ex|%)?"
PIXELS = {"px": 1.0, "pt": 96 / 72, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
PIXELS |= {"em": 13.0, "rem": 13.0, "ex": 6.5}

KEYWORDS = {
    "font-style": "italic normal oblique",
    "font-weight": "bold bolder lighter normal 100 200 300 400 500 600 700 800 900",
    "font-variant": "normal small-caps",
    "font-size": "xx-small x-small small medium large x-large xx-large smaller larger",
    "text-align": "left right center justify",
    "text-decoration": "none underline line-through overline",
    "text-transform": "none uppercase lowercase capitalize",
    "vertical-align": "top middle bottom baseline sub super",
    "white-space": "normal pre pre-wrap",
    "list-style-type": "none disc circle square decimal lower-alpha upper-alpha lower-roman"
    " upper-roman",
    "border-collapse": "collapse separate",
}
COLOURED = {"color", "background-color", "border-color"}
SIDES = ("top", "right", "bottom", "left")
MEASURES = {"width", "height"} | {
    f"{kind}-{side}" for kind in ("margin", "padding") for side in SIDES
}
BORDERS = {"border", *(f"border-{side}" for side in SIDES)}

FONT_SIZES = range(6, 73)
"""Pixels; what is smaller hides text, what is larger hides the rest."""

LEAST_TEXT = 11
"""Pixels that a text has, however small it was meant: it is to be read."""

TARGET = re.compile(r"(?:https?://|mailto:)[^\s<>\"]+", re.IGNORECASE)
REMOTE = re.compile(r"(?:https?:)?//|ftp:", re.IGNORECASE)
FETCHED = re.compile(r"https?://", re.IGNORECASE)
OURS = re.compile(r"(?:cid|blocked):\d{1,2}")
CSS_URL = re.compile(r"url\(\s*['\"]?\s*([^'\")\s]{1,2000})|@import\s+['\"]([^'\"]{1,2000})", re.I)
SELECTOR = re.compile(r"([a-z][a-z0-9]*)?(?:\.([\w-]{1,80}))?", re.IGNORECASE)
TURNING = dict.fromkeys((0x202D, 0x202E))
"""Force letters into another order than they have (E-8); the other controls only suggest one."""

Declared = dict[str, str]


def main() -> int:
    """Answer until there is nothing more to answer."""
    application = QGuiApplication(["html", "-platform", "offscreen"])
    limit()
    serve(sys.stdin.buffer, sys.stdout.buffer)
    del application
    return 0


def limit() -> None:
    """Take from this process what it does not need; Windows has no such limits."""
    if sys.platform != "win32":
        for what, most in (
            (resource.RLIMIT_DATA, MOST_MEMORY),
            (resource.RLIMIT_CORE, 0),  # it would hold what a customer wrote
            (resource.RLIMIT_FSIZE, 0),
        ):
            hard = resource.getrlimit(what)[1]
            least = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (least, least))


def _limit_work() -> None:
    """So much for the next mail; the process serves many."""
    if sys.platform != "win32":
        hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
        most = int(time.process_time()) + MOST_WORK
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Clean each mail that is handed in; an end in the middle of one is an end."""
    for line in requests:
        asked = Asked(**json.loads(line))
        content = requests.read(asked.bytes)
        if len(content) < asked.bytes:
            return
        _limit_work()
        html, facts = prepared(content, asked)
        said = html.encode()
        answers.write(json.dumps(facts | {"bytes": len(said)}).encode() + b"\n" + said)
        answers.flush()


class Asked(NamedTuple):
    """How one mail is wanted."""

    bytes: int
    width: int  # pixels that it is laid out in
    most: int  # characters that are shown
    slow: float  # seconds of layout; what takes longer is cut
    dark: bool  # greys are left to the window, where nothing else has a colour


def prepared(content: bytes, asked: Asked) -> tuple[str, dict[str, Any]]:
    """What can be shown of it, and what there is to say about it."""
    parser = _parser()
    root = _root(content, parser)
    is_cut = _is_too_deep(parser)
    remote = Remote()
    sheet = sheet_of(root, remote)
    most = asked.most
    while True:
        written = _written(root, sheet, remote, asked, most)
        html = cleaned(written.html)
        if laid_out(html, asked.width) <= asked.slow or most <= LEAST_AT_ONCE:
            break
        most = max(LEAST_AT_ONCE, min(most, len(written.html)) // 2)
    return html, {
        "pictures": remote.pictures,
        "others": len(remote.others - set(remote.pictures)),
        "parts": written.parts,
        "is_coloured": written.colours.are_own,
        "ground": written.colours.ground,
        "is_cut": is_cut or written.is_cut,
    }


def cleaned(html: str) -> str:
    """What the lists above let through, by a parser and a cleaner that others wrote (E-1)."""
    return nh3.clean(
        html,
        tags=set(SAME),
        attributes=ATTRIBUTES,
        attribute_filter=attribute,
        clean_content_tags=set(),
        generic_attribute_prefixes=set(),
        link_rel=None,
        url_schemes={"http", "https", "mailto", "cid", "blocked"},
        url_relative="deny",
    )


def laid_out(html: str, width: int) -> float:
    """How many seconds Qt takes to lay it out in so many pixels."""
    document = Sheet()
    begun = time.perf_counter()
    document.setHtml(html)
    document.setTextWidth(width)
    document.size()
    return time.perf_counter() - begun


class Sheet(QTextDocument):
    """Asks nobody for a picture: what Qt does by itself opens files (E-3)."""

    def loadResource(self, kind: int, name: QUrl | str) -> QImage:
        return QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)


# Reading


def _parser() -> etree.HTMLParser:
    return etree.HTMLParser(
        encoding="utf-8",
        recover=True,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,
    )


def _root(content: bytes, parser: etree.HTMLParser) -> etree._Element:
    empty = etree.Element("body")
    if not content.strip():
        return empty
    try:
        root: etree._Element | None = etree.fromstring(content.replace(b"\0", b""), parser)
    except etree.XMLSyntaxError:  # nothing in it that it takes for HTML
        return empty
    return empty if root is None else root


def _is_too_deep(parser: etree.HTMLParser) -> bool:
    """Whether something was left unread: some thousands of elements in each other."""
    return any("xcessive depth" in error.message for error in parser.error_log)


@dataclass(slots=True)
class Remote:
    """What the mail would have fetched: each address counts once."""

    pictures: list[str] = field(default_factory=list)
    others: set[str] = field(default_factory=set)

    def picture(self, address: str) -> int | None:
        """The number of a picture that may be loaded when somebody asks for it."""
        if not FETCHED.match(address):
            self.other(address)
            return None
        if address not in self.pictures:
            if len(self.pictures) >= MOST_PICTURES or len(address) > LONGEST_URL:
                self.other(address)
                return None
            self.pictures.append(address)
        return self.pictures.index(address)

    def other(self, address: str) -> None:
        """Something that is never loaded."""
        if REMOTE.match(address):
            self.others.add(address)

    def css(self, text: str) -> None:
        """What a style sheet or a style attribute would have fetched."""
        for found in CSS_URL.finditer(text):
            self.other(found[1] or found[2])


FETCHING = ("background", "data", "dynsrc", "href", "lowsrc", "manifest", "ping", "poster", "src")


def note_remote(tag: str, element: etree._Element, remote: Remote) -> None:
    """Count what this element would have fetched by itself; a link is followed by a person."""
    for name, value in element.attrib.items():
        name, value = str(name).lower().rpartition(":")[2], str(value).strip()
        if name == "style":
            remote.css(value)
        elif name == "srcset":
            for one in value.split(",")[:MOST_PICTURES]:
                remote.other((one.split() or [""])[0])
        elif name in FETCHING and not (name == "href" and tag in ("a", "area", "base")):
            if (tag, name) == ("img", "src"):
                continue  # is counted where it is shown
            remote.other(value)


# Style


Rules = Mapping[tuple[str, str], Declared]


def sheet_of(root: etree._Element, remote: Remote) -> Rules:
    """The rules of the mail's own sheets that name an element or a class and nothing else."""
    text = "".join(str(element.text or "") for element in root.iter("style"))
    remote.css(text)
    text = re.sub(r"/\*.*?\*/|<!--|-->", " ", text[:MOST_SHEET], flags=re.DOTALL)
    rules: dict[tuple[str, str], Declared] = {}
    for selectors, body in _blocks(text):
        said = declared(body)
        for selector in selectors.split(",") if said else ():
            named = SELECTOR.fullmatch(selector.strip())
            if named and (named[1] or named[2]) and len(rules) < MOST_RULES:
                place = (named[1] or "").lower(), (named[2] or "").lower()
                rules[place] = rules.get(place, {}) | said
    return rules


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Each selector and what stands in its braces; what begins with @ is left out."""
    depth, begun, head = 0, 0, ""
    for found in re.finditer(r"[{};]", text):
        sign = found[0]
        if sign == "{":
            if depth == 0:
                head, begun = text[begun : found.start()].strip(), found.end()
            depth += 1
        elif sign == "}":
            depth = max(0, depth - 1)
            if depth == 0:
                if head and not head.startswith("@"):
                    yield head, text[begun : found.start()]
                begun, head = found.end(), ""
        elif depth == 0:  # the end of an @import
            begun = found.end()


def declared(text: str) -> Declared:
    """The declarations that are let through, each in one plain form."""
    found: Declared = {}
    for one in text.split(";"):
        name, _, value = one.partition(":")
        value = value.lower().replace("!important", "").strip()
        for known, plain in _plain(name.strip().lower(), value):
            found[known] = plain
    return found


def _plain(name: str, value: str) -> Iterator[tuple[str, str]]:
    if name == "display":
        if value == "none":
            yield name, value
    elif name == "background":
        colour = next((word for word in value.split() if _is_ground(word)), "")
        if colour:
            yield "background-color", colour
    elif name in ("margin", "padding"):
        yield from _of_sides(name, value.split())
    elif name in BORDERS:
        if border := _border(value):
            yield name, border
    elif name == "font":
        yield from _of_font(value)
    elif name == "font-family":
        if re.search("mono|courier|consolas|menlo", value):
            yield name, "monospace"  # all else is read in the window's own
    elif (name in COLOURED and re.fullmatch(COLOUR, value)) or value in KEYWORDS.get(
        name, ""
    ).split():
        yield name, value
    elif name == "font-size":
        yield from _of_size(value)
    elif name in MEASURES and (length := _length(value)):
        yield name, length


def _is_ground(word: str) -> bool:
    positions = ("none", "fixed", "scroll", "center", "top", "bottom", "left", "right", "repeat")
    return re.fullmatch(COLOUR, word) is not None and word not in positions


def _of_sides(name: str, values: list[str]) -> Iterator[tuple[str, str]]:
    if not 1 <= len(values) <= 4:
        return
    for side, value in zip(SIDES, _four(values), strict=True):
        if length := _length(value):
            yield f"{name}-{side}", length


def _four(values: list[str]) -> list[str]:
    """As CSS fills them up: what is missing is as its opposite."""
    top = values[0]
    right = values[1] if len(values) > 1 else top
    bottom = values[2] if len(values) > 2 else top
    return [top, right, bottom, values[3] if len(values) > 3 else right]


def _border(value: str) -> str:
    """Width, form and colour, in this order; nothing where a word is none of them."""
    words = re.sub(r"\s*,\s*", ",", value).split()
    width = next((length for word in words if (length := _length(word))), "1px")
    if value in ("none", "0") or "none" in words or "hidden" in words or width == "0px":
        return "0px"
    forms = [word for word in words if word in ("solid", "dotted", "dashed", "double")]
    colours = [word for word in words if re.fullmatch(COLOUR, word) and word not in forms]
    colours = [word for word in colours if word not in ("thin", "medium", "thick")]
    return " ".join([width, *forms[:1], *colours[:1]]) if forms else ""


def _of_font(value: str) -> Iterator[tuple[str, str]]:
    for word in value.partition("/")[0].split():
        if word in ("bold", "italic"):
            yield ("font-weight" if word == "bold" else "font-style"), word
        else:
            yield from _of_size(word)


def _of_size(value: str) -> Iterator[tuple[str, str]]:
    """Of letters, in whole pixels."""
    length = _length(value)
    if length.endswith("px") and (pixels := round(float(length[:-2]))) in FONT_SIZES:
        yield "font-size", f"{max(LEAST_TEXT, pixels)}px"


def _length(value: str) -> str:
    """In pixels or percent; nothing for what is no length, or a negative one."""
    if not (found := re.fullmatch(NUMBER, value)):
        return ""
    number, unit = float(found["number"]), found["unit"] or "px"
    if unit == "%":
        return f"{min(number, 100):g}%"
    return f"{min(round(number * PIXELS[unit], 1), LARGEST):g}px"


def styled(said: Declared) -> str:
    """The declarations as an attribute."""
    return ";".join(f"{name}:{value}" for name, value in said.items() if name != "display")


# Attributes


def attribute(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute as it is let through, or None; `nh3` asks for each."""
    value = value.strip()
    match name:
        case "href":
            target = value if TARGET.fullmatch(value) else None
            return target if target is None or len(target) <= LONGEST_URL else None
        case "src":
            return value if OURS.fullmatch(value) else None
        case "style":
            return styled(declared(value)) or None
        case "class":
            return value if value in (ALT, QUOTE) else None
        case "bgcolor" | "color":
            return value if re.fullmatch(COLOUR, value.lower()) else None
        case "align" | "valign" | "dir" | "type":
            return value if re.fullmatch(r"[A-Za-z1]{1,10}", value) else None
        case "size":
            return value if re.fullmatch(r"\+?[1-7]", value) and value not in ("1", "2") else None
        case "colspan" | "rowspan":
            return value if re.fullmatch(r"[1-9]\d?", value) else None
        case _:  # measures
            most = LARGEST if name in ("width", "height", "start") else 100
            found = re.fullmatch(r"(\d{1,5})(?:px)?|(\d{1,3}(?:\.\d{1,5})?)%", value)
            if not found:
                return None
            return (
                str(min(int(found[1]), most)) if found[1] else f"{min(100.0, float(found[2])):g}%"
            )


# Writing


@dataclass(slots=True)
class Colours:
    """What the mail says of them."""

    are_own: bool = False  # some are more than grey on white
    ground: str = ""  # behind the whole

    def note(self, name: str, value: str) -> None:
        """One of them is used."""
        if value and name in ("color", "bgcolor", "background-color"):
            self.are_own = self.are_own or not _is_quiet(value, is_ink=name == "color")


def _is_quiet(value: str, *, is_ink: bool) -> bool:
    """Black or grey writing; white or no ground."""
    if value in ("inherit", "initial", "transparent", "currentcolor", "auto"):
        return True
    if is_ink and value in ("black", "windowtext", "gray", "grey", "dimgray", "dimgrey"):
        return True
    if value in ("white", "window"):
        return not is_ink
    parts = _parts(value)
    if parts is None:
        return False
    if is_ink:
        return max(parts) - min(parts) <= 24 and max(parts) < 170
    return min(parts) >= 250


def _parts(value: str) -> list[int] | None:
    """Red, green and blue, each 0 to 255; None where they are not given as numbers."""
    if found := re.fullmatch(r"rgba?\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\b.*\)", value):
        return [int(part) for part in found.groups()]
    digits = value[1:] if value.startswith("#") else ""
    if len(digits) == 3:
        digits = "".join(2 * digit for digit in digits)
    return [int(digits[i : i + 2], 16) for i in (0, 2, 4)] if len(digits) == 6 else None


@dataclass(slots=True)
class Written:
    """A mail written anew."""

    html: str
    parts: list[str]
    colours: Colours
    is_cut: bool


def _written(
    root: etree._Element, sheet: Rules, remote: Remote, asked: Asked, most: int
) -> Written:
    written = Writer(sheet, remote, asked.width, most).write(root)
    if asked.dark and not written.colours.are_own:
        return Writer(sheet, remote, asked.width, most, without_colours=True).write(root)
    return written


class End(NamedTuple):
    """What ends an element: nothing where it was not written."""

    markup: str = ""
    depth: int = 0  # of elements that were written for it
    tables: int = 0


class Writer:
    """Goes through the tree once and writes what is let through, within limits."""

    def __init__(
        self,
        sheet: Rules,
        remote: Remote,
        width: int,
        most: int,
        *,
        without_colours: bool = False,
    ) -> None:
        self._sheet = sheet
        self._remote = remote
        self._width = width
        self._room = most
        self._without_colours = without_colours
        self._out: list[str] = []
        self._ends: list[End] = []  # of the elements that are open
        self._depth = 0
        self._tables = 0
        self._parts: list[str] = []
        self._colours = Colours()
        self._is_cut = False

    def write(self, root: etree._Element) -> Written:
        """As much as there is room for; what is remote is counted to the end."""
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            if not isinstance(element.tag, str):
                continue
            tag = element.tag.lower()
            if event == "end":
                self._end()
                self._text(element.tail)
                continue
            note_remote(tag, element, self._remote)
            if tag in WITHOUT_CONTENT:
                self._leave_out(element)
                walk.skip_subtree()
                self._ends.append(End())
            elif self._start(tag, element):
                self._text(element.text)
            else:
                walk.skip_subtree()
        while self._ends:
            self._end()
        return Written("".join(self._out), self._parts, self._colours, self._is_cut)

    def _leave_out(self, element: etree._Element) -> None:
        for inner in element.iter():
            if isinstance(inner.tag, str):
                note_remote(inner.tag.lower(), inner, self._remote)

    # Parts

    def _start(self, tag: str, element: etree._Element) -> bool:
        """Open it; whether its content is wanted, too."""
        said = self._declared(tag, element)
        if said.pop("display", "") == "none":
            self._leave_out(element)
            self._ends.append(End())
            return False
        if tag == "img":
            self._picture(element, said)
            self._ends.append(End())
        elif tag == "blockquote":
            self._open_quote()
        else:
            self._open(tag, element, said)
        return True

    def _open_quote(self) -> None:
        if self._room <= 0 or self._tables >= MOST_TABLES or self._depth + 3 > MOST_DEPTH:
            self._flatten("blockquote")
            return
        self._settle_break()
        self._put(f'<table class="{QUOTE}" width="100%"><tr><td class="{QUOTE}">')
        self._went_in(End("</td></tr></table>", depth=3, tables=1))

    def _open(self, tag: str, element: etree._Element, said: Declared) -> None:
        name = "div" if tag in AS_DIV or tag == "body" else tag
        if tag == "body":
            self._note_ground(element, said)
            said.pop("background-color", None)  # the whole sheet has it
        if name not in SAME or not self._has_place(tag) or (tag == "body" and not said):
            self._flatten(tag)
        elif name == "br":
            self._put(BREAK)
            self._ends.append(End())
        elif name == "hr":
            self._settle_break()
            self._put("<hr>")
            self._ends.append(End())
        else:
            if name in BLOCKS:
                self._settle_break()
            if name in ("div", "p") and said.get("border-top", "0px") != "0px":
                self._put("<hr>")  # Qt draws no border there, and it often parts a reply
            self._put(f"<{name}{self._attributes(name, element, said)}>")
            self._went_in(End(f"</{name}>", depth=1, tables=int(tag == "table")))

    def _has_place(self, tag: str) -> bool:
        """Whether it is neither too deep, nor a part of a table that is not written."""
        if self._room <= 0 or self._depth >= MOST_DEPTH:
            return False
        if tag == "table":
            return self._tables < MOST_TABLES
        return tag not in IN_TABLE or 0 < self._tables <= MOST_TABLES

    def _note_ground(self, element: etree._Element, said: Declared) -> None:
        given = attribute("td", "bgcolor", str(element.get("bgcolor") or ""))
        ground = said.get("background-color") or given or ""
        self._colours.note("background-color", ground.lower())
        self._colours.ground = "" if self._without_colours else ground

    def _flatten(self, tag: str) -> None:
        """Its content stays, and begins where a person would expect it to."""
        if tag in BREAKS and self._out and self._out[-1] != BREAK:
            self._put(BREAK)
        elif tag in ("td", "th") and self._out and self._out[-1] != BREAK:
            self._put(" ")
        self._went_in(End(tables=int(tag == "table")))  # what is in it is flattened with it

    def _went_in(self, end: End) -> None:
        self._depth += end.depth
        self._tables += end.tables
        self._ends.append(end)

    def _end(self) -> None:
        end = self._ends.pop()
        self._depth -= end.depth
        self._tables -= end.tables
        if end.markup:
            if end.markup in BLOCK_ENDS:
                self._settle_break()
            self._room -= len(end.markup)
            self._out.append(end.markup)

    def _settle_break(self) -> None:
        """A line ends before a block begins or ends; Qt would begin one more."""
        out = self._out
        while out and out[-1].isspace():
            out.pop()
        if out and out[-1] == BREAK:
            out.pop()
            if not out or out[-1] == BREAK or EDGE.fullmatch(out[-1]):
                out.append("<div>&nbsp;</div>")  # nothing stood in it: an empty line

    def _text(self, text: str | None) -> None:
        if not text:
            return
        text = str(text).translate(TURNING)
        if len(text) > self._room:
            text, self._is_cut = text[: self._room], True
        self._put(escape(text, quote=False))

    def _put(self, markup: str) -> None:
        if self._room <= 0:
            self._is_cut = self._is_cut or bool(markup.strip())
            return
        self._room -= len(markup)
        self._out.append(markup)

    def _declared(self, tag: str, element: etree._Element) -> Declared:
        """What the sheets and the element itself say of how it looks."""
        said: Declared = {}
        classes = [name.lower() for name in str(element.get("class") or "").split()[:10]]
        places = [(tag, ""), *(("", name) for name in classes), *((tag, name) for name in classes)]
        for place in places:
            said |= self._sheet.get(place, {})
        return said | declared(str(element.get("style") or ""))

    def _attributes(self, tag: str, element: etree._Element, said: Declared) -> str:
        allowed = ATTRIBUTES["*"] | ATTRIBUTES.get(tag, set())
        kept = {
            str(name): value
            for name, given in element.attrib.items()
            if name in allowed
            and name not in ("style", "class", "src")
            and (value := attribute(tag, str(name), str(given))) is not None
        }
        said = self._coloured(self._fitted(tag, said))
        kept = self._coloured(self._fitted(tag, kept))
        if style := styled(said):
            kept["style"] = style
        return "".join(f' {name}="{escape(value)}"' for name, value in kept.items())

    def _fitted(self, tag: str, said: Declared) -> Declared:
        """What would be wider than there is room takes the room there is."""
        width = said.get("width", "")
        pixels = width.removesuffix("px")
        if not pixels or width.endswith("%") or float(pixels) <= self._width:
            return said
        if tag == "img":  # the window keeps its shape
            return {name: value for name, value in said.items() if name not in ("width", "height")}
        return said | {"width": "100%"}

    def _coloured(self, said: Declared) -> Declared:
        for name, value in said.items():
            self._colours.note(name, value.lower())
        if not self._without_colours:
            return said
        return {name: value for name, value in said.items() if not name.endswith("color")}

    def _picture(self, element: etree._Element, said: Declared) -> None:
        source = str(element.get("src") or "").strip()
        words = " ".join(str(element.get("alt") or "").split())[:200]
        if self._is_counter(element, said):
            self._remote.other(source)
        elif source[:4].lower() == "cid:":
            if (number := self._part(unquote(source[4:]))) is not None:
                self._put_picture(f"cid:{number}", element, said)
        elif (number := self._remote.picture(source)) is not None:
            self._put_picture(f"blocked:{number}", element, said)
            if words:
                self._put(f'<span class="{ALT}">{escape(words)}</span>')
        elif words:
            self._put(escape(words))

    def _is_counter(self, element: etree._Element, said: Declared) -> bool:
        """Nobody sees a picture of one pixel: it tells its sender who reads the mail (E-2)."""
        measures = [str(element.get(name) or said.get(name) or "") for name in ("width", "height")]
        return all(measure.removesuffix("px") in ("0", "1") for measure in measures)

    def _part(self, name: str) -> int | None:
        if name not in self._parts:
            if len(self._parts) >= MOST_PICTURES:
                return None
            self._parts.append(name)
        return self._parts.index(name)

    def _put_picture(self, source: str, element: etree._Element, said: Declared) -> None:
        self._put(f'<img src="{source}"{self._attributes("img", element, said)}>')


if __name__ == "__main__":
    sys.exit(main())
