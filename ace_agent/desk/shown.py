"""Foreign text made safe to show: what would be invisible, or would turn the line round, is seen.

Nothing is taken away and nothing else is changed.
"""

import re

TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""The bidirectional controls: they can make a text read other than it is (B-10)."""

CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f"
"""Unicode's, but line end and tab."""

HIDDEN = re.compile(f"[{CONTROLS}{''.join(sorted(TURNING))}\u2028\u2029\ufeff]")


def shown(text: str) -> str:
    """The text with its controls written out, such as `[U+202E]`; line ends become `\\n`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return HIDDEN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def one_line(text: str) -> str:
    """The same, on one line."""
    return " ".join(shown(text).split())
