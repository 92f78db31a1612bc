"""Texts as they may be kept: no NUL, no controls, no surrogates, header values in one line (D-5).

Letters and marks of every script stay; what overrides the direction of a line is dropped from
one-line values, because it makes a name look like another (F-2).
"""

import re

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_BREAKS = re.compile(r"[\t-\r\x1c-\x1e\x85\u2028\u2029]+ *")
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_SPECIAL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_ENDS = re.compile(r"[\r\x85]")

REPLACEMENT = "\ufffd"


def one_line(value: str) -> str:
    """The value in one line, safe as a header and on a screen."""
    if not value.isprintable() and _SPECIAL.search(value):
        value = _BREAKS.sub(" ", value)
        value = _NOT_IN_A_LINE.sub("", value)
        value = _SURROGATES.sub(REPLACEMENT, value)
    return value.strip()


def many_lines(text: str) -> str:
    """The text with `\\n` at its line ends, and of the controls only that and the tab."""
    text = text.replace("\r\n", "\n")
    if not _CONTROLS.search(text):
        return text
    text = _LINE_ENDS.sub("\n", text)
    text = _SURROGATES.sub(REPLACEMENT, text)
    return _CONTROLS.sub("", text)
