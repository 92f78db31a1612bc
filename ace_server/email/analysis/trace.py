"""The mark that everything we send carries, by which we know it again when it comes back (C-14).

It says which installation sent it, to nobody but that installation: who has not its key can
neither make such a mark nor read one.
"""

import hashlib
import hmac
import re

TRACE_HEADER = "X-ACE-Trace"

RESENT_HEADER = "X-ACE-Resent"
"""The same mark on what is sent on as it came: another installation that gets it may answer it."""

_VALUE = re.compile(r"([0-9a-f]{16})\.([0-9a-f]{32})")


def trace(key: bytes, message_id: str) -> str:
    """The value of TRACE_HEADER for a mail of this Message-ID, under the installation's key."""
    mail = hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{mail}.{_seal(key, mail)}"


def is_ours(key: bytes, value: str) -> bool:
    """Whether this installation made the value. Without a key nothing is ours."""
    found = _VALUE.fullmatch(value.strip())
    return bool(key and found and hmac.compare_digest(found[2], _seal(key, found[1])))


def _seal(key: bytes, mail: str) -> str:
    return hmac.new(key, f"ACE trace {mail}".encode(), hashlib.sha256).hexdigest()[:32]
