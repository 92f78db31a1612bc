"""Header values as text: raw 8-bit bytes, and encoded words however they were put together.

RFC 2047, and what is sent instead of it: words that touch each other or their neighbours, that are
cut within a letter, that contain blanks, or whose padding is missing.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from ace_server.email.mail import one_line
from ace_server.email.message import charsets, transfer

_FOLD = re.compile(r"(?:\r\n?|\n)+")
_WORD = re.compile(r"=\?([!->@-~]{1,70})\?([BbQq])\?")
_ALPHABET = re.compile(r"[^A-Za-z0-9+/=]")


class _Word(NamedTuple):
    charset: str
    encoding: str
    text: str


def unfolded(value: str) -> str:
    """A raw value in one line, its bytes still as they came."""
    return _FOLD.sub("", value) if "\n" in value or "\r" in value else value


def raw_text(value: str, hint: str | None = None) -> str:
    """A raw value as text, its encoded words still encoded.

    The bytes beyond ASCII stand in it as surrogates (PEP 383); `hint` is the charset that the mail
    declares elsewhere, for those that are no UTF-8.
    """
    value = unfolded(value)
    if value.isascii() and "\x1b$" not in value:
        return value
    data = value.encode("ascii", "surrogateescape")
    text, is_utf_8 = charsets.decode(data, "utf-8")
    if is_utf_8 and b"\x1b$" not in data:
        return text
    return charsets.decode(data, None if data.isascii() else hint)[0]


def header_text(value: str, hint: str | None = None) -> str:
    """A raw value as a person reads it, in one line and clean (D-5)."""
    return one_line(decoded(raw_text(value, hint)))


def decoded(value: str) -> str:
    """The value with its encoded words decoded; it may contain any character afterwards."""
    if "=?" not in value:
        return value
    found: list[str] = []
    run: list[_Word] = []
    at = 0
    for start, end, word in _words(value):
        between = value[at:start]
        if not run or between.strip():
            found += [_joined(run), between]
            run = []
        run.append(word)
        at = end
    return "".join([*found, _joined(run), value[at:]])


def _words(value: str) -> Iterator[tuple[int, int, _Word]]:
    at = 0
    while start := _WORD.search(value, at):
        end = value.find("?=", start.end())
        if end < 0:
            return
        yield (
            start.start(),
            end + 2,
            _Word(start[1].partition("*")[0], start[2].upper(), value[start.end() : end]),
        )
        at = end + 2


def _joined(run: Iterable[_Word]) -> str:
    """Words that follow each other; those of one charset may be cut within a letter."""
    return "".join(
        _of_one_charset(charset, list(words))
        for charset, words in groupby(run, key=lambda word: word.charset.lower())
    )


def _of_one_charset(charset: str, words: list[_Word]) -> str:
    text, is_right = charsets.decode(b"".join(map(_content, words)), charset)
    if not is_right and all(word.encoding == "B" for word in words):
        whole = "".join(_ALPHABET.sub("", word.text) for word in words)
        other, is_right = charsets.decode(transfer.from_base64(whole.encode())[0], charset)
        if is_right:  # it was the base64 that was cut into words
            return other
    return text


def _content(word: _Word) -> bytes:
    data = word.text.encode("utf-8", "surrogateescape")
    if word.encoding == "B":
        return transfer.from_base64(_ALPHABET.sub("", word.text).encode())[0]
    return transfer.from_quoted_printable(data, header=True)[0]
