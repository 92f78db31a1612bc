"""Secrets as a configuration file gives them: what they may be, and what is stored of them (G-7).

No sentence of this module holds a word of a secret.
"""

import re
from collections.abc import Callable
from pathlib import PurePosixPath, PureWindowsPath

from ace_server import passwords
from ace_server.concepts import Concept, MailAccount, SmtpServer, WorkItemAccount
from ace_server.passwords import StoredSecret

ASK = "ask"
"""In a file: still to be entered. What was entered before stays."""

MAILDIR = "maildir:"
"""How the `fetch` of a mail account begins that nobody logs in to."""

_ENV, _FILE = "env:", "file:"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_HASH = re.compile(
    r"\$argon2(id|i|d)\$v=\d{1,3}\$m=\d{1,8},t=\d{1,3},p=\d{1,3}"
    r"\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{6,}"
)
_HASH_BEGINS = "$argon2"
_IN_CLEAR = ("mail_account", "smtp_server", "oauth_client")
"""Kinds whose secret is shown to another server; for the others a hash is enough."""


def is_given(secret: str) -> bool:
    """Whether a file gives a secret, and does not leave it as it is."""
    return secret not in ("", ASK)


def is_needed(entry: Concept) -> bool:
    """Whether nobody can log in by this entry as long as it has no secret.

    With `oauth` there may be none: the client's own secret is then enough (RFC 6749 §4.4).
    """
    if isinstance(entry, MailAccount):
        return not entry.oauth and not entry.fetch.startswith(MAILDIR)
    if isinstance(entry, SmtpServer):
        return not entry.oauth and "@" in entry.url
    return isinstance(entry, WorkItemAccount)


def fault(kind: str, secret: str) -> str | None:
    """What is wrong with the secret of an entry of this kind, as a sentence; None if nothing is."""
    if not is_given(secret):
        return None
    if secret.startswith(_ENV):
        right = _VARIABLE.fullmatch(secret.removeprefix(_ENV))
        return None if right else "after env: stands the name of an environment variable"
    if secret.startswith(_FILE):
        right_path = secret.isprintable() and is_absolute(secret.removeprefix(_FILE))
        return None if right_path else "after file: stands a path that begins at the root"
    return _literal_fault(kind, secret)


def is_absolute(path: str) -> bool:
    """Whether a path means the same from every folder, on the system that writes it so."""
    return PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute()


def _literal_fault(kind: str, secret: str) -> str | None:
    if kind in _IN_CLEAR:
        return "is needed in clear, so it is not kept here: give env:NAME, file:PATH or ask"
    if secret.startswith(_HASH_BEGINS):
        return None if _HASH.fullmatch(secret) else "begins as an Argon2 hash, but is none"
    if kind == "user":
        fault = passwords.weakness(secret)
        return None if fault is None else str(fault)
    if len(secret) < passwords.SHORTEST:
        return f"A secret has at least {passwords.SHORTEST} characters."
    return None


def to_store(
    secret: str,
    hash: Callable[[str], str],
    stored: StoredSecret | None = None,
    verify: Callable[[str, str], bool] | None = None,
) -> StoredSecret:
    """What is stored of a secret that is right: its reference, or its hash.

    What `verify` says to be the secret that is `stored` already stays so.
    """
    if secret.startswith(_ENV):
        return StoredSecret("env", secret.removeprefix(_ENV))
    if secret.startswith(_FILE):
        return StoredSecret("file", secret.removeprefix(_FILE))
    if secret.startswith(_HASH_BEGINS):
        return StoredSecret("hash", secret)
    if stored is not None and stored.form == "hash" and verify and verify(stored.value, secret):
        return stored
    return StoredSecret("hash", hash(secret))


def written(stored: StoredSecret | None) -> str:
    """A stored secret as an export gives it; empty where there is none."""
    if stored is None:
        return ""
    if stored.form == "hash":
        return stored.value
    if stored.form in ("env", "file"):
        return f"{stored.form}:{stored.value}"
    return ASK
