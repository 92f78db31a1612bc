"""Commands that wait for a process which reads mail: done beside the ordered ones of a link.

A mail that takes long to read so keeps nobody from accepting or ending a contact. What depends on
each other stays in the order in which it was asked.
"""

import asyncio
from collections.abc import Awaitable, Callable

from ace_server import wire
from ace_server.errors import Refused

AT_ONCE = 3
"""Commands of one link that are done at the same time."""

MOST = 50
"""Commands of one link that are done or wait for their turn."""

_READS = (wire.ReadMail, wire.ReadOutgoing)
"""What changes nothing: nobody waits for it once the link is gone."""

_SLOW = (*_READS, wire.DidNotArrive, wire.Compose, wire.SendMail)

Subject = tuple[str, int]


class Turns:
    """The slow commands of one link."""

    def __init__(self, serve: Callable[[wire.Command], Awaitable[None]]) -> None:
        """`serve` answers a command, whatever becomes of it."""
        self._serve = serve
        self._room = asyncio.Semaphore(AT_ONCE)
        self._under_way: dict[asyncio.Task[None], wire.Command] = {}
        self._last: dict[Subject, asyncio.Task[None]] = {}  # what the next one waits for

    def takes(self, command: wire.Command) -> bool:
        """Whether it is done here: it is slow, or depends on something slow that is under way."""
        return isinstance(command, _SLOW) or _subject(command) in self._last

    def begin(self, command: wire.Command) -> None:
        """Have it answered in its turn. Raises Refused where too many wait."""
        if len(self._under_way) >= MOST:
            raise Refused("too-many", "Too much is under way at this desk. Try again soon.")
        subject = _subject(command)
        before = self._last.get(subject) if subject is not None else None
        task = asyncio.create_task(self._do(command, before), name=type(command).__name__)
        self._under_way[task] = command
        if subject is not None:
            self._last[subject] = task
        task.add_done_callback(lambda done: self._forget(done, subject))

    async def stop(self) -> None:
        """The link is gone: give up what only reads; what changes something is done to its end."""
        for task, command in self._under_way.items():
            if isinstance(command, _READS):
                task.cancel()
        tasks = list(self._under_way)
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        except asyncio.CancelledError:  # the server stops; that cancels what is gathered, too
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    async def _do(self, command: wire.Command, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        async with self._room:
            await self._serve(command)

    def _forget(self, task: asyncio.Task[None], subject: Subject | None) -> None:
        del self._under_way[task]
        if subject is not None and self._last.get(subject) is task:
            del self._last[subject]


def _subject(command: wire.Command) -> Subject | None:
    """What it must not overtake others about; None: it depends on nothing slow."""
    match command:
        case wire.SaveDraft() | wire.SendMail():
            return "draft", command.draft.id
        case wire.OpenDraft() | wire.DiscardDraft() | wire.Detach():
            return "draft", command.draft
        case wire.ReadMail() | wire.DidNotArrive():
            return "contact", command.contact
    return None
