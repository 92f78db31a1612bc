"""One mail, from its raw bytes to all that becomes of it: what a worker process does (C-5).

Its files are durable when this returns; what it found is small, and travels back.
"""

from pathlib import Path

import msgspec
from msgspec.structs import replace

from ace_server.email.analysis import Findings, Rules, analyse
from ace_server.email.mail import Mail
from ace_server.email.message import parse
from ace_server.errors import Unavailable
from ace_server.store import Files, Seam


class Unreadable(Exception):
    """The file of a mail cannot be read, and others can: the disk is well, this file is not."""

    reason = "unreadable"


class Understood(msgspec.Struct, frozen=True):
    """What a mail says and what was found in it."""

    mail: Mail  # without its HTML and its headers, which nobody needs any more
    findings: Findings


def understand(data: str, digest: str, rules: Rules) -> Understood:
    """Read a kept mail, keep its files, and analyse it.

    Raises TooDeep, Unreadable, and Unavailable where no file can be read or written now.
    """
    files = Files(Path(data), Seam())

    def keep(content: bytes) -> None:
        draft = files.draft()
        try:
            draft.write(content)
            draft.keep()
        finally:
            draft.discard()

    try:
        raw = files.path(digest).read_bytes()
    except OSError as error:
        _demand_disk(files)
        raise Unreadable(error.strerror or type(error).__name__) from error
    mail = parse(raw, keep=keep)
    return Understood(replace(mail, html="", headers=()), analyse(mail, rules))


def _demand_disk(files: Files) -> None:
    """Write a file and read it again. Raises Unavailable where that cannot be done."""
    draft = files.draft()
    try:
        draft.write(b"?")
        draft.content()
    except OSError as error:
        raise Unavailable("the data folder cannot be read") from error
    finally:
        draft.discard()
