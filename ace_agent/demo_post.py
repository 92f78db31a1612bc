"""The mail of the demonstration: what customers write to the bank, put into its mailbox.

The mailbox is a maildir, filled as a mail server does it: with a whole mail, or not at all.
"""

import itertools
from collections.abc import Iterator
from datetime import datetime
from email import policy
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import quote

from resources import path

ROUND, DATE = b"{round}", b"{date}"
"""What stands in the files for the number of the round, and for when the mail is sent."""


class Mailbox:
    """The bank's mailbox, and all that will come into it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = itertools.count(1)
        self._mails = mails()

    def make(self) -> None:
        """Let there be an empty one."""
        for part in ("tmp", "new", "cur"):
            (self._folder / part).mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        """How the configuration names it; no drive stands there, so the program's is meant."""
        return f"maildir:{quote(self._folder.as_posix().removeprefix(self._folder.drive))}"

    def deliver(self, now: datetime) -> str:
        """Put the next mail into it, sent at this time (aware); returns who wrote it."""
        raw = next(self._mails).replace(DATE, format_datetime(now).encode())
        name = f"{int(now.timestamp())}.{next(self._names):06}.demo"
        unfinished = self._folder / "tmp" / name
        unfinished.write_bytes(raw)
        unfinished.rename(self._folder / "new" / name)
        return _writer(raw)


def mails() -> Iterator[bytes]:
    """What customers write, again and again: every round has its own Message-IDs."""
    written = [file.read_bytes() for file in sorted(path("demo/mails").glob("*.eml"))]
    for number in itertools.count(1):
        for raw in written:
            yield raw.replace(ROUND, str(number).encode())


def _writer(raw: bytes) -> str:
    header = BytesHeaderParser(policy=policy.default).parsebytes(raw)
    sender = header["From"].addresses[0]
    return str(sender.display_name or sender.addr_spec)
