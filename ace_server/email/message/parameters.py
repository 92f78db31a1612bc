"""A value with parameters, such as Content-Type and Content-Disposition (RFC 2045, RFC 2231).

Read are the continuations and charsets of RFC 2231, and what is sent instead: encoded words, raw
8-bit, names without their quotes, quotes without their end. The time it takes grows with the
length of the value only.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from ace_server.email.mail import one_line
from ace_server.email.message import charsets
from ace_server.email.message.words import decoded, raw_text

MOST = 500
"""Parameters that are read of one value."""

_PARAMETER = re.compile(
    r"""[\s;]*+([^\s=;"]++)\s*=\s*(?:"([^"\\]*+(?:\\.[^"\\]*+)*+)("|\Z)|([^;]*))""", re.DOTALL
)
_JUNK = re.compile(r"[\s;]*+[^;]*;?")
_ESCAPED = re.compile(r'\\(["\\])')
_SECTION = re.compile(r"([^*]+)(?:\*(\d{1,4}))?(\*)?\Z")
_LABEL = re.compile(r"([^']*)'[^']*'")


class Value(NamedTuple):
    """What stands before the first semicolon, in lower case, and the parameters by name."""

    main: str
    parameters: dict[str, str]


class _Section(NamedTuple):
    text: str
    encoded: bool


def read(value: str, hint: str | None = None) -> Value:
    """Read a raw value; every parameter is one clean line."""
    text = raw_text(value, hint)
    main, _, rest = text.partition(";")
    sections: dict[str, dict[int, _Section]] = {}
    for name, content in _pairs(rest):
        found = _SECTION.match(name.lower())
        if found:
            of_this = sections.setdefault(found[1], {})
            number = int(found[2]) if found[2] else -1
            # a whole value that says its charset is better than one that does not
            if number not in of_this or (found[3] and not of_this[number].encoded):
                of_this[number] = _Section(content, bool(found[3]))
    return Value(one_line(main).lower(), {name: _joined(parts) for name, parts in sections.items()})


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for _ in range(MOST):
        found = _PARAMETER.match(text, at)
        if found is None:
            junk = _JUNK.match(text, at)
            if junk is None or junk.end() == at:
                return
            at = junk.end()
            continue
        name = found[1]
        if found[4] is not None:
            yield name, _bare(name, found[4])
        elif found[3]:
            yield name, _ESCAPED.sub(r"\1", found[2])
        else:  # its end is missing
            yield name, _ESCAPED.sub(r"\1", found[2].partition(";")[0])
        at = found.end()


def _bare(name: str, value: str) -> str:
    """A value without quotes: names of files may contain blanks all the same."""
    value = value.strip()
    if "name" in name.lower() or not value:
        return value
    return value.split()[0]


def _joined(sections: dict[int, _Section]) -> str:
    numbered = [sections[number] for number in sorted(sections) if number >= 0]
    whole = sections.get(-1)
    if not numbered or (whole is not None and whole.encoded):
        numbered = [whole] if whole is not None else []
    if not any(section.encoded for section in numbered):
        return one_line(decoded("".join(section.text for section in numbered)))
    label = _LABEL.match(numbered[0].text) if numbered[0].encoded else None
    charset = label[1] if label else None
    data = b""
    for number, section in enumerate(numbered):
        text = section.text[label.end() :] if label and number == 0 else section.text
        content = text.encode("utf-8", "surrogateescape")
        data += unquote_to_bytes(content) if section.encoded else content
    text, _ = charsets.decode(data, charset)
    return one_line(decoded(text.strip('"') if label else text))
