"""Secrets that stand elsewhere: read when they are needed, and never kept (G-7)."""

import logging
import os
from pathlib import Path

from ace_server.passwords import StoredSecret

log = logging.getLogger(__name__)


def referred(stored: StoredSecret | None) -> str:
    """The secret that an `env` or `file` entry refers to; empty where there is none."""
    if stored is None:
        return ""
    if stored.form == "env":
        found = os.environ.get(stored.value, "")
    elif stored.form == "file":
        found = _read(Path(stored.value))
    else:
        return ""
    if not found:
        log.warning("the secret %s:%s cannot be read, or is empty", stored.form, stored.value)
    return found


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8").rstrip("\r\n")
    except (OSError, ValueError):
        return ""


def exchange(stored: StoredSecret, secret: str) -> None:
    """Put another secret in the place of one that stands in a file: a refresh token (RFC 6749 §6).

    What stands elsewhere stays as it is, and the log says so: the next start may find it refused.
    """
    path = Path(stored.value)
    try:
        if stored.form != "file":
            raise OSError("it does not stand in a file")
        new = path.with_name(f".{path.name}.new")
        with open(os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        log.warning("a secret was exchanged and cannot be written back: %s", error)
