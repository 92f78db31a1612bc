"""Whether the URL of a server is one that we may use: host, TLS, user, and no password (G-6, G-7).

Nothing is connected to. Which entries have such URLs is the matter of `email_checks`.
"""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, unquote, urlsplit

from ace_server.tls import is_loopback

_WITH_TLS = {
    "imap": "imaps or imap+starttls",
    "pop3": "pop3s or pop3+starttls",
    "smtp": "smtps or smtp+starttls",
    "http": "https",
}
"""What takes the place of a scheme without TLS."""

_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def mail_server(url: str, *, needs_user: bool) -> Iterator[str]:
    """What is wrong with the URL of a server that mail is fetched from or handed to."""
    parts = _parts(url)
    if isinstance(parts, str):
        yield parts
        return
    if reason := _host_fault(parts) or _rest_fault(parts):
        yield reason
    if parts.password is not None:
        yield "a password never stands in an address: use the field password"
    elif reason := _user_fault(parts, needs_user):
        yield reason


def token_service(url: str) -> Iterator[str]:
    """What is wrong with the URL where access tokens are got (RFC 6749 §3.2)."""
    parts = _parts(url)
    if isinstance(parts, str):
        yield parts
        return
    if reason := _host_fault(parts):
        yield reason
    if parts.username is not None:
        yield "user and password never stand in this address: use client_id and secret"
    if parts.fragment:
        yield "nothing stands behind #: leave it out"


def _parts(url: str) -> SplitResult | str:
    """The parts of a URL, or what is wrong with it as a whole."""
    if any(sign.isspace() or not sign.isprintable() for sign in url):
        return "an address has no space and no control characters"
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # raises where it is none
    except ValueError as error:
        return f"not an address: {error}"
    return parts


def _host_fault(parts: SplitResult) -> str | None:
    if not parts.hostname:
        return "the host is missing"
    if parts.scheme in _WITH_TLS and not is_loopback(parts.hostname):
        secure = _WITH_TLS[parts.scheme]
        return f"{parts.scheme} without TLS is for this machine only: use {secure}"
    return None


def _rest_fault(parts: SplitResult) -> str | None:
    rest = parts.path.strip("/") or parts.query or parts.fragment
    return "ends with the host and its port: leave out what follows" if rest else None


def _user_fault(parts: SplitResult, needed: bool) -> str | None:
    user = parts.username or ""
    if not user:
        return f"the user is missing: write {parts.scheme}://USER@…" if needed else None
    if "@" in user:
        return "an at sign in the user is written %40"
    if _LONE_PERCENT.search(user):
        return "a percent sign in the user is written %25"
    try:
        readable = unquote(user, errors="strict").isprintable()
    except UnicodeDecodeError:
        readable = False
    return None if readable else "what % stands for in the user is no text in UTF-8"
