"""Foreign text made safe to show: what would be invisible, or would turn the line round, is seen.

Nothing is taken away and nothing else is changed.
"""

import unicodedata

KEPT = {"\n", "\t"}
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""The bidirectional controls: they can make a text read other than it is (B-10)."""


def shown(text: str) -> str:
    """The text with its controls written out, such as `[U+202E]`; line ends become `\\n`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(f"[U+{ord(sign):04X}]" if _is_hidden(sign) else sign for sign in text)


def one_line(text: str) -> str:
    """The same, on one line."""
    return " ".join(shown(text).split())


def _is_hidden(sign: str) -> bool:
    if sign < "\x7f":
        return sign < " " and sign not in KEPT
    return sign in TURNING or unicodedata.category(sign) == "Cc" or sign in "\u2028\u2029\ufeff"
