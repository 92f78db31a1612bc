"""A scripted agent on a real link: handles contacts, and notes what it was told of them."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

import aiohttp

from ace_server import wire
from ace_server.contact import AgentState, State
from tests.proofs.house import GRANTED
from tests.proofs.process import PASSWORD

PARKED_AT_MOST = 3


BECOMES = {wire.Accept: State.ACCEPTED, wire.Park: State.PARKED, wire.Resume: State.ACCEPTED}
"""What a contact in hand is after a command."""


class LinkLost(Exception):
    """The link broke; what was asked last has no answer."""


class Told:
    """What the server has told somebody: it must be true for ever after."""

    def __init__(self) -> None:
        self.ended: set[int] = set()
        self.in_hand: dict[int, State] = {}  # nothing was asked of these since
        self.answered = 0  # commands
        self._asked_of: int | None = None

    def hear(self, contact: wire.Contact) -> None:
        """A contact was shown in this state."""
        if contact.state is State.ENDED:
            self.ended.add(contact.id)
            self.in_hand.pop(contact.id, None)
        elif contact.state in (State.ACCEPTED, State.PARKED) and contact.id != self._asked_of:
            self.in_hand[contact.id] = contact.state

    def ask(self, contact_id: int | None) -> None:
        """Something is asked of a contact, and may happen without an answer.

        What is heard of that one before the answer may have been said before it happened.
        """
        self._asked_of = contact_id
        if contact_id is not None:
            self.in_hand.pop(contact_id, None)

    def hear_answer(self, done: type[wire.Command] | None) -> None:
        """What was asked is answered: such a command was carried out; None: it was refused."""
        self.answered += 1
        contact_id, self._asked_of = self._asked_of, None
        if contact_id is None or done is None:
            return
        if done is wire.End:
            self.ended.add(contact_id)
        elif done in BECOMES:
            self.in_hand[contact_id] = BECOMES[done]


class ScriptedAgent:
    """Anna's program without a window. `live` goes on over lost links until it is cancelled."""

    def __init__(
        self,
        link: Callable[[], Awaitable[int]],
        chance: random.Random,
        *,
        may_be_unavailable: bool = False,
    ) -> None:
        """`link()` waits for a server and gives its port."""
        self._may_be_unavailable = may_be_unavailable
        self.on_ask: Callable[[], None] = lambda: None
        """Called when a command has been sent and is not answered."""
        self._link = link
        self._chance = chance
        self._token = ""
        self._request = 0
        self._state = AgentState.LOGGED_OUT
        self._contacts: dict[int, wire.Contact] = {}
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._is_ending = False
        self._booking: asyncio.Future[None] | None = None
        self.told = Told()
        self.notices: list[str] = []
        """What the desk said of the server, the last one last; empty: all is well again."""

    def _note_booking(self, contact: wire.Contact) -> None:
        if contact.state is State.BOOKED and self._booking and not self._booking.done():
            self._booking.set_result(None)

    def next_booking(self) -> "asyncio.Future[None]":
        """Done when a contact is booked for Anna from now on."""
        self._booking = asyncio.get_running_loop().create_future()
        return self._booking

    @property
    def notice(self) -> str:
        """What the desk says of the server now."""
        return self.notices[-1] if self.notices else ""

    async def end_all(self) -> None:
        """From now on everything is ended as soon as it is in hand, what is parked too."""
        self._is_ending = True
        if self._socket is not None:
            await self._socket.close()  # it comes back, and looks at its desk anew

    async def live(self) -> None:
        """Work, and come back whenever the link was lost."""
        async with aiohttp.ClientSession() as session:
            while True:
                port = await self._link()
                with suppress(aiohttp.ClientError, OSError, LinkLost):
                    url = f"ws://127.0.0.1:{port}/link"
                    async with session.ws_connect(url) as self._socket:
                        await self._come_in()
                        while True:
                            await self._act()

    async def _come_in(self) -> None:
        assert isinstance(await self._hear(), wire.Welcome)
        self.told.ask(None)
        self._request += 1
        if self._token:
            answer = await self._ask(wire.Return(request=self._request, token=self._token))
        else:
            answer = await self._ask(
                wire.LogIn(request=self._request, login="anna", password=PASSWORD)
            )
        if isinstance(answer, wire.Refusal) and answer.code == "unavailable":
            assert self._may_be_unavailable, answer
            await asyncio.sleep(0.05)  # as its program would wait before it comes again
            raise LinkLost
        assert isinstance(answer, wire.LoggedIn), f"a log-in that was granted is gone: {answer}"
        self._token = answer.token
        while not isinstance(await self._hear(), wire.Desk):
            pass

    async def _act(self) -> None:
        command = self._next()
        if command is None:
            await self._hear()
            return
        self.told.ask(getattr(command, "contact", None))
        answer = await self._ask(command)
        refused = isinstance(answer, wire.Refusal)
        self.told.hear_answer(None if refused else type(command))
        if isinstance(answer, wire.Refusal) and answer.code == "unavailable":
            assert self._may_be_unavailable, answer
            await asyncio.sleep(0.05)  # as a person would wait before trying again
        elif isinstance(answer, wire.Refusal):
            assert answer.code in ("not-now", "not-found"), answer

    def _next(self) -> wire.Command | None:
        self._request += 1
        request = self._request
        by_state = {contact.state: contact.id for contact in self._contacts.values()}
        parked = [one.id for one in self._contacts.values() if one.state is State.PARKED]
        match self._state:
            case AgentState.PAUSED | AgentState.WRAP_UP if parked and self._resumes(parked):
                return wire.Resume(request=request, contact=parked[0])
            case AgentState.PAUSED | AgentState.WRAP_UP:
                return wire.Activate(request=request)
            case AgentState.READY if parked and self._is_ending:
                return wire.Resume(request=request, contact=parked[0])
            case AgentState.BOOKED if State.BOOKED in by_state:
                return wire.Accept(request=request, contact=by_state[State.BOOKED])
            case AgentState.BUSY if State.ACCEPTED in by_state:
                return self._handle(by_state[State.ACCEPTED])
        return None

    def _resumes(self, parked: list[int]) -> bool:
        return self._is_ending or len(parked) >= PARKED_AT_MOST

    def _handle(self, contact: int) -> wire.Command:
        way = 1.0 if self._is_ending else self._chance.random()
        if way < 0.1:
            return wire.Park(request=self._request, contact=contact)
        if way < 0.2:
            return wire.Requeue(request=self._request, contact=contact, queue="Everyone")
        return wire.End(request=self._request, contact=contact, values=GRANTED)

    async def _ask(self, command: wire.Command) -> wire.Event:
        assert self._socket is not None
        await self._socket.send_str(wire.encode(command))
        self.on_ask()
        while True:
            event = await self._hear()
            if getattr(event, "request", None) == command.request:
                return event

    async def _hear(self) -> wire.Event:
        assert self._socket is not None
        message = await self._socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise LinkLost
        event = wire.decode_event(message.data)
        if isinstance(event, wire.Desk):
            self._state = event.agent.state
            self.notices.append(str(event.unavailable or ""))
            self._contacts = {contact.id: contact for contact in event.contacts}
            for contact in event.contacts:
                self.told.hear(contact)
        elif isinstance(event, wire.Change):
            self._state = event.agent.state
            if event.contact is not None:
                self._contacts[event.contact.id] = event.contact
                self.told.hear(event.contact)
                self._note_booking(event.contact)
            for gone in event.gone:
                self._contacts.pop(gone, None)
        elif isinstance(event, wire.Notice):
            self.notices.append(str(event.text or ""))
        return event
