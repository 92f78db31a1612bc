"""A kept mail understood while somebody waits to read it, in a process that may be killed.

Who fetches mails understands them in another way: with their files, and counting attempts.
"""

from pathlib import Path

from ace_server.email.mail import Mail
from ace_server.email.message import TooDeep, parse
from ace_server.email.workers import Crashed, TooSlow, Workers
from ace_server.errors import Refused, Unavailable
from ace_server.sentences import sentence

PATIENCE = 15.0
"""Seconds that a reader waits for others' mails to be read before this one."""


class MailReader:
    """A service: reads mails in these workers, which begin when somebody reads the first (C-5)."""

    def __init__(self, workers: Workers) -> None:
        """`workers`: not started yet, and nobody else's, so that no reader waits for a batch."""
        self._workers = workers
        self._has_begun = False

    async def start(self) -> None:
        """Begin with the first mail: where nobody reads any, there is no process for it."""

    async def stop(self) -> None:
        """End the processes; what is being read is Unavailable."""
        self._has_begun = True
        await self._workers.stop()

    async def read(self, source: Path) -> Mail:
        """What the raw mail in this file says; its files are named, and not kept again.

        Raises Refused (`too-deep`, `crashed`, `too-slow`) where it cannot be understood within the
        workers' limits, and Unavailable, also where too many others are read before it.
        """
        if not self._has_begun:
            self._has_begun = True
            await self._workers.start()
        try:
            return await self._workers.run(parse_file, str(source), within=PATIENCE)
        except TooDeep as deep:
            reason = sentence("This mail cannot be shown: it has too many parts within parts.")
            raise Refused(deep.code, reason) from None
        except Crashed as crashed:
            reason = sentence("This mail cannot be shown: what read it has broken down.")
            raise Refused(crashed.reason, reason) from None
        except TooSlow as slow:
            reason = sentence("This mail cannot be shown: reading it takes too long.")
            raise Refused(slow.reason, reason) from None


def parse_file(path: str) -> Mail:
    """What a worker does. Raises TooDeep, Unavailable."""
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise Unavailable(f"a mail cannot be read: {error.strerror}") from error
    return parse(raw)
