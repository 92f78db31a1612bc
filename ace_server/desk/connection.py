"""One link of an agent's program: what comes in is answered, what goes out waits in its order.

Commands that change the state of a desk are answered one after the other. Those that wait for a
process that reads mail take their `turns` beside them, and so does what depends on these.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

import msgspec
from aiohttp import WSCloseCode, WSMsgType, web

from ace_server import wire
from ace_server.desk.agents import Agents
from ace_server.desk.answers import Answers
from ace_server.desk.desk import Outlet
from ace_server.desk.log_in import LogIns
from ace_server.desk.turns import Turns
from ace_server.errors import Refused, Unavailable
from ace_server.sentences import Sentence, sentence

log = logging.getLogger(__name__)

QUEUE = 1000
"""Messages that may wait for a slow program before its link is closed; it then comes back anew."""

MOST_WAITING = 2 * wire.MAX_EVENT_BYTES
"""Bytes of those messages: everything that a desk shows, and one change of it."""

MOST_BEFORE_LOG_IN = 64 * 1024
"""Characters of a message from somebody who has not logged in; a longer one ends the link."""


class Watched(Protocol):
    """What tells figures to programs: `statistics.live`."""

    def watch(self, login: str, outlet: Outlet) -> None:
        """Tell this program everything soon, and then what changes."""
        ...

    def unwatch(self, outlet: Outlet) -> None:
        """Tell this program nothing more, if it watched."""
        ...

    async def read_mail(self) -> None:
        """Know how mail is doing, for who asks `/metrics` or `/health` next. Raises Unavailable."""
        ...


class Connection:
    """One link: a bounded queue goes out, and whoever is too slow for it loses the link."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        peer: str,
        agents: Agents,
        log_ins: LogIns,
        live: Watched,
        answers: Answers,
        is_control: Callable[[str], bool],
    ) -> None:
        """`is_control`: whether a secret is that of the data folder."""
        self._socket = socket
        self._peer = peer
        self._agents = agents
        self._log_ins = log_ins
        self._live = live
        self._answers = answers
        self._is_control = is_control
        self._turns = Turns(self._serve)
        self._login = ""
        self.token = ""
        self.watches = False
        self._ended = False
        self._outgoing: asyncio.Queue[tuple[bytes, bool]] = asyncio.Queue(QUEUE)
        self._bytes = 0  # of what waits, and of what is being sent
        self._idle = asyncio.Event()  # nothing waits, or nothing will be sent
        self._writer: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    async def run(self, welcome: wire.Welcome) -> None:
        """Serve the link until it is closed."""
        self._writer = asyncio.create_task(self._write(), name="link-writer")
        self.send(welcome)
        try:
            async for message in self._socket:
                if message.type is WSMsgType.TEXT and not self._ended:
                    await self._read(message.data)
        finally:
            self._live.unwatch(self)
            if self._login:
                with suppress(Unavailable):  # the lease returns what was booked, later
                    await self._agents.detach(self._login, self)
            self._writer.cancel()
            with suppress(asyncio.CancelledError):
                await self._writer
            self._idle.set()
            self._ended = True  # what is still answered is sent to nobody
            await self._turns.stop()

    def send(self, event: wire.Event) -> None:
        """Send soon, in order. A program too slow to take it loses its link."""
        if self._ended:
            return
        text = wire.encode(event).encode()
        if self._outgoing.full() or self._bytes + len(text) > MOST_WAITING:
            log.warning("the link of %s is too slow; it is closed", self._login or self._peer)
            self.drop()
            return
        self._bytes += len(text)
        self._idle.clear()
        self._outgoing.put_nowait((text, isinstance(event, wire.LoggedOut)))

    async def taken(self) -> None:
        """Return when nothing waits to be sent any more, or nothing will be sent."""
        await self._idle.wait()

    def end(self, reason: Sentence | None) -> None:
        """End the log-in: say why, then close."""
        self.send(wire.LoggedOut(reason=reason))
        self._ended = True
        self._turns.give_up()
        self._live.unwatch(self)

    def drop(self) -> None:
        """Close the link; the log-in stays."""
        self._ended = True
        self._idle.set()
        self._closing = asyncio.create_task(self.close(), name="link-close")

    async def close(self) -> None:
        """Close the link."""
        await self._socket.close(code=WSCloseCode.GOING_AWAY)

    async def _write(self) -> None:
        with suppress(ConnectionError):
            while True:
                text, is_last = await self._outgoing.get()
                await self._socket.send_frame(text, WSMsgType.TEXT)
                self._bytes -= len(text)
                if self._outgoing.empty():
                    self._idle.set()
                if is_last:
                    if self.token:
                        with suppress(Unavailable):
                            await self._log_ins.end(self.token)
                    await self.close()
                    return

    async def _read(self, text: str) -> None:
        if not self._login and len(text) > MOST_BEFORE_LOG_IN:
            self.drop()
            return
        try:
            command = wire.decode_command(text)
        except (msgspec.DecodeError, RecursionError) as error:
            reason = sentence("The server does not understand this: %1", str(error))
            self.send(wire.Refusal(request=_request(text), code="invalid", reason=reason))
            return
        if not (self._login and self._turns.takes(command)):
            await self._serve(command)
            return
        try:
            self._turns.begin(command, len(text))
        except Refused as refused:
            self._refuse(command, refused)

    async def _serve(self, command: wire.Command) -> None:
        """Answer it, whatever becomes of it."""
        try:
            self.send(await self._answer(command))
            await self._afterwards(command)
        except Refused as refused:
            self._refuse(command, refused)
        except Unavailable:
            reason = sentence("The server cannot do this at present. Try again soon.")
            self.send(wire.Refusal(request=command.request, code="unavailable", reason=reason))
        except Exception:  # noqa: BLE001  # edge: one connection
            log.exception("a command of %s failed", self._login or self._peer)
            self.send(
                wire.Refusal(
                    request=command.request,
                    code="unavailable",
                    reason=sentence("The server could not do this. Nothing was changed."),
                )
            )

    def _refuse(self, command: wire.Command, refused: Refused) -> None:
        self.send(wire.Refusal(request=command.request, code=refused.code, reason=refused.sentence))

    async def _answer(self, command: wire.Command) -> wire.Event:
        match command:
            case wire.LogIn() | wire.Return() if command.version != wire.PROTOCOL_VERSION:
                raise Refused("version", "This program and the server are of different versions.")
            case wire.LogIn() | wire.Return() if self._is_another(command):
                raise Refused("not-now", "Somebody is logged in over this link already.")
            case wire.LogIn():
                granted = await self._log_ins.log_in(
                    command.login, command.password, command.new_password, self._peer
                )
                self._login, self.token = granted.user.login, granted.token
                return wire.LoggedIn(
                    request=command.request, token=self.token, name=granted.user.name
                )
            case wire.Return():
                user = await self._log_ins.by_token(command.token)
                self._login, self.token = user.login, command.token
                return wire.LoggedIn(request=command.request, token=command.token, name=user.name)
            case wire.CreateAdministrator():
                if not self._is_control(command.setup):
                    raise Refused("forbidden", "Only on the server's own machine.")
                await self._log_ins.create_administrator(
                    command.login, command.name, command.password
                )
            case _:
                return await self._answer_user(command)
        return wire.Done(request=command.request)

    def _is_another(self, command: wire.LogIn | wire.Return) -> bool:
        """Whether a link that is somebody's would become somebody else's."""
        if not self._login:
            return False
        return isinstance(command, wire.Return) or command.login != self._login

    async def _answer_user(self, command: wire.Command) -> wire.Event:
        if not self._login:
            raise Refused("unauthorised", "Log in first.")
        self._agents.demand(self._login, type(command))
        match command:
            case wire.Explain():
                return await self._answers.explain(self._login, command)
            case wire.LogInToQueue():
                await self._agents.log_in_to_queue(self._login, command)
            case wire.ChangePassword():
                await self._log_ins.change_password(self._login, command.old, command.new)
            case wire.LogOut():
                await self._agents.log_out(self._login)
                await self._log_ins.end(self.token)
            case wire.Resync() | wire.Watch():
                pass  # what follows the answer is what was asked for
            case wire.Unwatch():
                self._live.unwatch(self)
            case _:
                answer = await self._answers.answer(self._login, command)
                if answer is not None:
                    return answer
                await self._agents.command(self._login, command)
        return wire.Done(request=command.request)

    async def _afterwards(self, command: wire.Command) -> None:
        match command:
            case wire.LogIn() | wire.Return():
                try:
                    await self._agents.attach(self._login, self)
                except Unavailable:
                    self.drop()  # its program comes back and tries again
                else:
                    self._answers.greet(self._login)
            case wire.Resync():
                self._agents.tell_desk(self._login)
            case wire.Watch():
                self._live.watch(self._login, self)
            case wire.LogOut():
                self.end(None)


class _Numbered(msgspec.Struct):
    """All that is read of a command that is not one."""

    request: int = 0


def _request(text: str) -> int:
    with suppress(msgspec.DecodeError, RecursionError):
        return msgspec.json.decode(text, type=_Numbered).request
    return 0
