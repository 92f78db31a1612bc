"""The name under which a file from a mail is shown (F-2). It is never a path."""

import re
import unicodedata

LONGEST = 120  # characters
LONGEST_EXTENSION = 20

_DROPPED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SLASHES = re.compile(r"[/\\]")
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\.|\Z)", re.IGNORECASE
)


def shown_name(name: str, number: int) -> str:
    """A plain file name; `number` names the file where nothing is left of its name."""
    plain = _DROPPED.sub("", unicodedata.normalize("NFC", name))
    plain = _trimmed(_SLASHES.split(plain)[-1])
    if _RESERVED.match(plain):
        plain = f"_{plain}"
    if len(plain) > LONGEST:
        plain = _shortened(plain)
    return plain or f"attachment-{number}"


def _trimmed(name: str) -> str:
    return name.lstrip(" .-").rstrip(" .")


def _shortened(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if not stem or not 0 < len(extension) <= LONGEST_EXTENSION:
        return name[:LONGEST].rstrip(" .")
    return stem[: LONGEST - len(extension) - 1].rstrip(" .") + dot + extension
