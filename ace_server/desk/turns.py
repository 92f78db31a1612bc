"""Commands that wait for a process which reads mail: done beside the ordered ones of a link.

A mail that takes long to read so keeps nobody from accepting or ending a contact. What depends on
each other stays in the order in which it was asked: a contact is let go of when what was sent about
it is in the outbox, and whatever is asked after that waits for it, too.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext

from ace_server import wire
from ace_server.errors import Refused

AT_ONCE = 3
"""Slow commands of one link that are done at the same time."""

MOST = 50
"""Commands of one link that are done or wait for their turn."""

MOST_CHARACTERS = 2 * wire.MAX_COMMAND_BYTES
"""Characters of those commands: the longest one is done, and another one waits.

They are counted, where the link might be read no further: then nobody would hear the answers to its
pings, and it would be taken for lost.
"""

_READS = (wire.ReadMail, wire.ReadOutgoing)
"""What changes nothing: nobody waits for it once the link is gone."""

_NEEDS_IN_HAND = (wire.DidNotArrive, wire.SendMail)
"""What is refused once its contact has left the agent's hands."""

_SLOW = (*_READS, *_NEEDS_IN_HAND, wire.Compose)

_LETS_GO = (wire.Decline, wire.Park, wire.Requeue, wire.End)
"""What lets a contact go. It waits for no `Compose`: a draft that was not begun loses nothing."""

Subject = tuple[str, int]


class Turns:
    """The slow commands of one link, and what waits for them."""

    def __init__(self, serve: Callable[[wire.Command], Awaitable[None]]) -> None:
        """`serve` answers a command, whatever becomes of it."""
        self._serve = serve
        self._room = asyncio.Semaphore(AT_ONCE)
        self._under_way: dict[asyncio.Task[None], wire.Command] = {}
        self._last: dict[Subject, asyncio.Task[None]] = {}  # what the next one waits for
        self._line: asyncio.Task[None] | None = None  # the last ordered one: all others wait for it
        self._characters = 0  # of what is under way
        self._is_over = False
        self._is_gone = False

    def takes(self, command: wire.Command) -> bool:
        """Whether it is done here: it is slow, or depends on something that is under way."""
        return isinstance(command, _SLOW) or bool(self._awaited(command))

    def begin(self, command: wire.Command, characters: int = 0) -> None:
        """Have it answered in its turn; it came as so many characters.

        Raises Refused where too many, or too much, waits.
        """
        is_too_much = self._characters + characters > MOST_CHARACTERS
        if len(self._under_way) >= MOST or is_too_much:
            raise Refused("too-many", "Too much is under way at this desk. Try again soon.")
        turn = self._do(command, self._awaited(command))
        task = asyncio.create_task(turn, name=type(command).__name__)
        self._under_way[task] = command
        self._characters += characters
        subject = _subject(command)
        if subject is not None:
            self._last[subject] = task
        elif not isinstance(command, _SLOW):
            self._line = task
        task.add_done_callback(lambda done: self._forget(done, subject, characters))

    def give_up(self) -> None:
        """The log-in has ended: what has not begun is not done (G-4)."""
        self._is_over = True

    async def stop(self) -> None:
        """The link is gone: give up what only reads; what changes something is done to its end.

        Who asked to be logged out may be back over another link, and stays so.
        """
        self._is_gone = True
        for task, command in self._under_way.items():
            if isinstance(command, _READS):
                task.cancel()
        tasks = list(self._under_way)
        try:
            await asyncio.gather(*tasks, return_exceptions=True)
        except asyncio.CancelledError:  # the server stops; that cancels what is gathered, too
            await asyncio.gather(*tasks, return_exceptions=True)
            raise

    def _awaited(self, command: wire.Command) -> set[asyncio.Task[None]]:
        """What must be done before it."""
        awaited = {task for task, one in self._under_way.items() if _needs(one, command)}
        subject = _subject(command)
        if subject in self._last:
            awaited.add(self._last[subject])
        if self._line is not None:
            awaited.add(self._line)
        return awaited

    async def _do(self, command: wire.Command, awaited: set[asyncio.Task[None]]) -> None:
        if awaited:
            await asyncio.wait(awaited)
        async with self._room if isinstance(command, _SLOW) else nullcontext():
            if not self._is_given_up(command):
                await self._serve(command)

    def _is_given_up(self, command: wire.Command) -> bool:
        return self._is_over or (self._is_gone and isinstance(command, wire.LogOut))

    def _forget(self, task: asyncio.Task[None], subject: Subject | None, characters: int) -> None:
        del self._under_way[task]
        self._characters -= characters
        if subject is not None and self._last.get(subject) is task:
            del self._last[subject]
        if self._line is task:
            self._line = None


def _needs(earlier: wire.Command, command: wire.Command) -> bool:
    """Whether the earlier one needs what this one lets go of: its contact, or the whole desk."""
    if isinstance(command, wire.LogOut):
        return isinstance(earlier, _NEEDS_IN_HAND)
    return isinstance(command, _LETS_GO) and _about(earlier) == command.contact


def _about(command: wire.Command) -> int | None:
    """The contact that must be in hand until this is done."""
    match command:
        case wire.SendMail():
            return command.draft.contact
        case wire.DidNotArrive():
            return command.contact
    return None


def _subject(command: wire.Command) -> Subject | None:
    """What it must not overtake others about; None: it is about no mail."""
    match command:
        case wire.SaveDraft() | wire.SendMail():
            return "draft", command.draft.id
        case wire.OpenDraft() | wire.DiscardDraft() | wire.Detach():
            return "draft", command.draft
        case wire.ReadMail() | wire.DidNotArrive():
            return "contact", command.contact
    return None
