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


class Understood(msgspec.Struct, frozen=True):
    """What a mail says and what was found in it."""

    mail: Mail  # without its HTML and its headers, which nobody needs any more
    findings: Findings


def understand(data: str, digest: str, rules: Rules) -> Understood:
    """Read a kept mail, keep its files, and analyse it.

    Raises TooDeep, and Unavailable where a file cannot be read or written.
    """
    files = Files(Path(data), Seam())

    def keep(content: bytes) -> str:
        draft = files.draft()
        try:
            draft.write(content)
            return draft.keep()
        finally:
            draft.discard()

    try:
        raw = files.path(digest).read_bytes()
    except OSError as error:
        raise Unavailable("a mail that is kept cannot be read") from error
    mail = parse(raw, keep=keep)
    return Understood(replace(mail, html="", headers=()), analyse(mail, rules))
