"""Where a link in contact data leads: only http and https, with its true host (E-8, E-9).

Nothing is opened here. What is not certainly such an address is plain text.
"""

import unicodedata
from dataclasses import dataclass

from PySide6.QtCore import QUrl

from ace_agent.desk.shown import TURNING

ENCODED = QUrl.ComponentFormattingOption.FullyEncoded
TOGETHER = (frozenset({"HIRAGANA", "KATAKANA", "CJK"}), frozenset({"HANGUL", "CJK"}))
"""Scripts that are written together as a matter of course."""

LONGEST = 8192
"""Characters of an address; hardly a browser or a server takes longer ones."""


@dataclass(frozen=True, slots=True)
class Address:
    """A link that can be opened. Each flag is something to be told before it is."""

    url: QUrl
    full: str  # as it will be asked for
    host: str  # as it will be asked for: ASCII, and the port where one is given
    letters: str = ""  # the host in its own letters, where they are not ASCII
    mixed: bool = False  # its letters are of several scripts: it may imitate another
    signed_in: bool = False  # something stands before an @, and is not the host
    plain: bool = False  # http: readable on its way


def read(target: str) -> Address | None:
    """The address in a contact's link, or None: then it is text that can be copied."""
    target = target.strip()
    if len(target) > LONGEST:
        return None
    if any(sign.isspace() or sign in TURNING or not sign.isprintable() for sign in target):
        return None
    url = QUrl(target, QUrl.ParsingMode.StrictMode)
    host = url.host(ENCODED)
    if not url.isValid() or url.scheme() not in ("http", "https") or not host:
        return None
    letters = _letters(host)
    return Address(
        url=url,
        full=url.toString(ENCODED),
        host=_with_port(host, url.port()),
        letters=letters if letters != host else "",
        mixed=is_mixed(letters),
        signed_in=bool(url.userInfo()),
        plain=url.scheme() == "http",
    )


def is_mixed(host: str) -> bool:
    """Whether a part of a host's name is written in letters of several scripts."""
    return any(_is_mixed(label) for label in host.split("."))


def _with_port(host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port < 0 else f"{name}:{port}"


def _letters(host: str) -> str:
    return ".".join(_decoded(label) for label in host.split("."))


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _is_mixed(label: str) -> bool:
    scripts = {unicodedata.name(sign, "?").split()[0] for sign in label if sign.isalpha()}
    return len(scripts) > 1 and not any(scripts <= usual for usual in TOGETHER)
