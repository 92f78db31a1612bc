"""An agent's program without a window: a link that gives commands and hears what happens."""

from itertools import count

import aiohttp

from ace_server import wire
from benchmarks import bank, senders
from benchmarks.measuring import Failed


class Desk:
    """One agent's link."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = count(1)
        self.token = ""

    @classmethod
    async def log_in(cls, client: aiohttp.ClientSession, port: int, login: str) -> "Desk":
        """A link that is logged in and has been shown its desk."""
        desk = await cls._open(client, port)
        request = desk.number()
        await desk.give(wire.LogIn(request=request, login=login, password=bank.PASSWORD))
        return await desk._shown()

    @classmethod
    async def come_back(cls, client: aiohttp.ClientSession, port: int, token: str) -> "Desk":
        """The same with the token of an earlier log-in."""
        desk = await cls._open(client, port)
        await desk.give(wire.Return(request=desk.number(), token=token))
        return await desk._shown()

    @classmethod
    async def _open(cls, client: aiohttp.ClientSession, port: int) -> "Desk":
        return cls(await client.ws_connect(f"http://{senders.HOST}:{port}/link"))

    async def _shown(self) -> "Desk":
        while not isinstance(event := await self.hear(), wire.Desk):
            if isinstance(event, wire.LoggedIn):
                self.token = event.token
        return self

    def number(self) -> int:
        """The number of the next command."""
        return next(self._numbers)

    async def give(self, command: wire.Command) -> None:
        """Send a command; its answer comes among what is heard."""
        await self._socket.send_str(wire.encode(command))

    async def hear(self) -> wire.Event:
        """The next event. Raises Failed for a refusal, and when the link is closed."""
        message = await self._socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise Failed(f"the link ended: {message.type.name}")
        event = wire.decode_event(message.data)
        if isinstance(event, wire.Refusal):
            raise Failed(f"refused: {event.code}: {event.reason}")
        return event

    async def booked(self) -> wire.Contact:
        """The next contact that is booked for this agent."""
        while True:
            event = await self.hear()
            if isinstance(event, wire.Change) and event.why == "booked":
                assert event.contact is not None
                return event.contact

    async def close(self) -> None:
        """End the link, as when the program ends without a log-out."""
        await self._socket.close()
