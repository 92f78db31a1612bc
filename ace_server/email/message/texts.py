"""Texts of many lines as they may be kept: no NUL, no controls, no surrogates.

What is a value in one line is cleaned by `mail.one_line`.
"""

import re

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_LINE_ENDS = re.compile(r"[\r\x85]")

REPLACEMENT = "\ufffd"


def many_lines(text: str) -> str:
    """The text with `\\n` at its line ends, and of the controls only that and the tab."""
    text = text.replace("\r\n", "\n")
    if not _CONTROLS.search(text):
        return text
    text = _LINE_ENDS.sub("\n", text)
    text = _SURROGATES.sub(REPLACEMENT, text)
    return _CONTROLS.sub("", text)
