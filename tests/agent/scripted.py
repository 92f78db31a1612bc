"""The other end of a link, on a real socket: says what the test wants, notes what it hears."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from aiohttp import WSMsgType, web

from ace_server import wire

C = TypeVar("C", bound=wire.Command)

NOW = datetime(2026, 11, 20, 9, 14, 3, tzinfo=UTC)
ANNA = wire.Agent(
    login="anna",
    name="Anna Berg",
    role=wire.Role.AGENT,
    state=wire.AgentState.PAUSED,
    since=NOW,
    rights=["park", "requeue"],
)


def contact(number: int = 1, **other: object) -> wire.Contact:
    """A work item in Anna's hands."""
    known: dict[str, object] = {
        "id": number,
        "external_id": f"LOAN-{number}",
        "medium": wire.Medium.WORK_ITEM,
        "state": wire.State.ACCEPTED,
        "entrance": "loans",
        "received_at": NOW,
        "fields": [
            wire.Field(key="loanAmount", display="Amount", value="245 000 kr", rule="optional"),
            wire.Field(key="Outcome", display="Outcome", rule="mandatory"),
        ],
    }
    return wire.Contact(**(known | other))


def desk(
    *contacts: wire.Contact,
    number: int = 1,
    agent: wire.Agent = ANNA,
    following: Sequence[int] = (),
) -> wire.Desk:
    """Everything, as after a log-in."""
    return wire.Desk(
        number=number,
        now=NOW,
        agent=agent,
        contacts=list(contacts),
        following=list(following),
        activities=["Lunch"],
        queues=["Loan decisions"],
        colleagues=[],
    )


def status(name: str, waiting: int = 0, **other: object) -> wire.QueueStatus:
    """A queue that Anna serves with somebody else."""
    known: dict[str, object] = {
        "name": name,
        "waiting": waiting,
        "oldest": NOW - timedelta(minutes=waiting) if waiting else None,
        "agents": 2,
        "at_work": 1,
    }
    return wire.QueueStatus(**(known | other))


def waiting(number: int, position: int = 1, **other: object) -> wire.WaitingContact:
    """A work item that waits in a list, some minutes already."""
    known: dict[str, object] = {
        "id": number,
        "external_id": f"CARD-{number}",
        "medium": wire.Medium.WORK_ITEM,
        "entrance": "cards",
        "position": position,
        "first_queued_at": NOW - timedelta(minutes=100 - position),
        "task_type": "Dispute",
        "subject": f"Purchase {number}",
    }
    return wire.WaitingContact(**(known | other))


class ScriptedServer:
    """Listens on loopback; every connection gets a Welcome first."""

    def __init__(
        self,
        *,
        version: int = wire.PROTOCOL_VERSION,
        path: str = "/link",
        heartbeat: float | None = None,
    ) -> None:
        self._path = path
        self._heartbeat = heartbeat
        self.welcome = wire.encode(
            wire.Welcome(version=version, site="The bank", first_start=False)
        )
        self.port = 0
        self.connections = 0
        self.files: dict[str, bytes] = {}
        self.no_file = 404  # the status where there is none
        self.asked: list[str] = []
        self.taken: dict[str, bytes] = {}  # files put into drafts, by their names
        self.answer_to_file: wire.Event | None = None  # instead of taking it
        self.lets_go = False
        """Whether it answers a log-out by itself."""
        self._commands: asyncio.Queue[wire.Command] = asyncio.Queue()
        self._link: web.WebSocketResponse | None = None
        self._runner: web.AppRunner | None = None

    async def start(self, ssl: object = None) -> "ScriptedServer":
        """Listen, on the same port as before where there was one."""
        app = web.Application()
        app.router.add_get(self._path, self._serve)
        app.router.add_get("/attachments/{contact}/{position}", self._attachment)
        app.router.add_get("/quarantine/{mail}/source", self._attachment)
        app.router.add_get("/mails/{contact}/source", self._attachment)
        app.router.add_post("/drafts/{draft}/files", self._take_file)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=ssl)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def stop(self) -> None:
        """Close every connection and listen no more."""
        await self.cut()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def cut(self) -> None:
        """Close the connection there is."""
        if self._link is not None and not self._link.closed:
            await self._link.close()

    async def say(self, *events: wire.Event) -> None:
        """Send these."""
        for event in events:
            await self.say_text(wire.encode(event))

    async def say_text(self, text: str) -> None:
        """Send what may be no message at all."""
        assert self._link is not None
        await self._link.send_str(text)

    async def hears(self, kind: type[C]) -> C:
        """The next command; it must be of this kind."""
        command = await self._commands.get()
        assert isinstance(command, kind), command
        return command

    async def let_in(self, *contacts: wire.Contact, token: str = "token-1") -> wire.Command:
        """Answer a log-in or a return, then show the desk."""
        command = await self._commands.get()
        assert isinstance(command, wire.LogIn | wire.Return), command
        await self.say(
            wire.LoggedIn(request=command.request, token=token, name="Anna Berg"), desk(*contacts)
        )
        return command

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        link = web.WebSocketResponse(timeout=0.1, heartbeat=self._heartbeat)
        await link.prepare(request)
        self._link = link
        self.connections += 1
        await link.send_str(self.welcome)
        async for message in link:
            if message.type is WSMsgType.TEXT:
                await self._note(wire.decode_command(message.data))
        return link

    async def _note(self, command: wire.Command) -> None:
        if self.lets_go and isinstance(command, wire.LogOut):
            await self.say(wire.Done(request=command.request))
        else:
            self._commands.put_nowait(command)

    async def _attachment(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.headers.get("Authorization", ""))
        content = self.files.get(request.path)
        if content is None:
            return web.Response(status=self.no_file)
        if request.http_range.start is None:
            return web.Response(body=content)
        part = content[request.http_range]
        return web.Response(body=part, status=206 if part else 416)

    async def _take_file(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.headers.get("Authorization", ""))
        self.taken[request.query["name"]] = await request.read()
        if self.answer_to_file is not None:
            return web.Response(status=409, text=wire.encode(self.answer_to_file))
        if self.no_file != 404:
            return web.Response(status=self.no_file)
        files = [
            wire.Attachment(
                position=n, name=name, media_type=request.content_type, size=len(content)
            )
            for n, (name, content) in enumerate(self.taken.items())
        ]
        return web.Response(text=wire.encode(wire.Attached(request=0, files=files)))
