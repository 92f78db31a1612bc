"""The addresses of a header (RFC 5322 §3.4), and what is sent instead of them.

One pass over the value, whatever is in it: quotes and comments that never end are taken for
letters from there on.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ace_server.email.mail import Address, one_line
from ace_server.email.message.words import decoded

MOST = 500
"""Addresses that are kept of one header."""

LONGEST = 998  # characters of one address; no line of a mail may be longer (RFC 5322 §2.1.1)

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+)
    | (?P<word>=\?[!->@-~]{1,70}\?[BbQq]\?[^?]*\?=)
    | (?P<quoted>"[^"\\]*+(?:\\.[^"\\]*+)*+")
    | (?P<angle><(?:@[^<>":;]*+:)?(?:[^<>",;]|"(?:[^"\\<>]|\\.)*+")*+(?:>|(?=[,;])|\Z))
    | (?P<literal>\[[^\[\]\\]*+\])
    | (?P<special>[,;:("<>])
    | (?P<text>(?:(?!=\?)[^\s,;:("<>\[])+ | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_NO_QUOTES = re.compile(
    r"""
    (?P<blank>\s+)
    | (?P<angle><(?:@[^<>":;]*+:)?[^<>,;]*+(?:>|(?=[,;])|\Z))
    | (?P<special>[,;:(<>])
    | (?P<text>[^\s,;:(<>]+)
    """,
    re.VERBOSE,
)
_COMMENT = re.compile(r"[()\\]")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ROUTE = re.compile(r"@[^:]*:")
_BLANKS = re.compile(r"\s+")
_AROUND_AT = re.compile(" ?@ ?")


class _Piece(NamedTuple):
    kind: str  # text, quoted, angle, comment
    text: str


def read(value: str) -> tuple[list[Address], bool]:
    """The addresses of a value that is text, in order, and whether there are more of them."""
    found: list[Address] = []
    for pieces in _mailboxes(value):
        if len(found) == MOST:
            return found, True
        address = _address(pieces)
        if address is not None:
            found.append(address)
    return found, False


def angle(value: str) -> str:
    """The one address of a Return-Path, without its brackets; empty: the null sender."""
    found, _ = read(value)
    return found[0].address if found else ""


def _mailboxes(value: str) -> Iterator[list[_Piece]]:
    """Each mailbox as its pieces; groups are opened, and their names dropped."""
    pieces: list[_Piece] = []
    token, at, comments = _TOKEN, 0, True
    while at < len(value):
        found = token.match(value, at)
        assert found is not None, "every character is some token"
        kind, text, at = str(found.lastgroup), found[0], found.end()
        if kind == "special" and text == "(" and comments:
            end = _comment_end(value, at)
            comments = end > 0
            pieces.append(_Piece("comment", value[at : end - 1]) if end else _Piece("text", text))
            at = end or at
        elif kind == "special" and text == '"':
            token = _NO_QUOTES
        elif kind == "special" and text in ",;":
            yield pieces
            pieces = []
        elif kind == "special" and text == ":" and _names_a_group(pieces):
            pieces = []
        else:
            pieces.append(_Piece("text" if kind in ("special", "literal", "word") else kind, text))
    yield pieces


def _comment_end(value: str, at: int) -> int:
    """Where the comment that begins before `at` has ended; 0: it never does."""
    depth = 1
    while found := _COMMENT.search(value, at):
        at = found.end()
        if found[0] == "\\":
            at += 1
            continue
        depth += 1 if found[0] == "(" else -1
        if not depth:
            return at
    return 0


def _names_a_group(pieces: list[_Piece]) -> bool:
    """Whether a colon behind these begins a group; behind an address it is part of it."""
    return not any(piece.kind == "angle" or "@" in piece.text for piece in pieces)


def _address(pieces: list[_Piece], *, again: bool = True) -> Address | None:
    angles = [piece.text for piece in pieces if piece.kind == "angle"]
    comments = " ".join(piece.text for piece in pieces if piece.kind == "comment")
    said = [piece for piece in pieces if piece.kind in ("text", "quoted", "blank")]
    if not any(piece.kind != "blank" for piece in said) and not angles:
        return Address("", _name(comments)) if comments.strip() else None
    if angles:
        # of several, the last that is one: names may contain brackets, too
        chosen = next((one for one in reversed(angles) if "@" in one), angles[-1])
        return Address(_bare(chosen), _phrase(said) or _name(comments))
    text = _BLANKS.sub(" ", "".join(piece.text for piece in said)).strip()
    text = _AROUND_AT.sub("@", text)
    if text.startswith("=?") and text.endswith("?=") and again:  # all of it was encoded
        whole = [_Piece("blank", " ")]
        for inner in _mailboxes(decoded(text)):
            whole += inner
        return _address(whole, again=False)
    return _without_brackets(text, said, comments)


def _without_brackets(text: str, said: list[_Piece], comments: str) -> Address | None:
    words = text.split()
    if len(words) == 1 or all(piece.kind != "quoted" for piece in said):
        with_at = [word for word in words if "@" in word.strip("@")]
        if len(with_at) == 1:
            name = _name(" ".join(word for word in words if word is not with_at[0]))
            return Address(_bare(with_at[0].strip("\"'")), name or _name(comments))
        if len(with_at) > 1 or (len(words) == 1 and "=?" not in text):
            return Address(_bare(words[-1] if with_at else text), _name(comments))
    if "@" in text and any(piece.kind == "text" and "@" in piece.text for piece in said):
        return Address(_bare(text), _name(comments))  # "two words"@example.com
    return Address("", _phrase(said))


def _phrase(said: list[_Piece]) -> str:
    text = "".join(
        _ESCAPED.sub(r"\1", piece.text[1:-1]) if piece.kind == "quoted" else piece.text
        for piece in said
    )
    return _name(text)


def _name(text: str) -> str:
    return _BLANKS.sub(" ", one_line(decoded(text))).strip(" '")


def _bare(address: str) -> str:
    inner = address.removeprefix("<").removesuffix(">")
    if '"' not in inner:
        inner = _BLANKS.sub("", inner)
    if route := _ROUTE.match(inner):
        inner = inner[route.end() :]
    clean = one_line(inner)
    return clean if len(clean) <= LONGEST else ""
