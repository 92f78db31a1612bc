"""The server: builds its services, starts them in order, and stops them in the reverse one."""

import asyncio
import json
import logging
import os
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from prometheus_client import generate_latest

from ace_server import figures, logs, recovery, tls
from ace_server.administration import configuration
from ace_server.administration.running import FACTS, LOCK, facts
from ace_server.clock import Clock, SystemClock
from ace_server.concepts import Site
from ace_server.current import Current
from ace_server.desk import explaining
from ace_server.desk.agents import Agents
from ace_server.desk.dispatch import Dispatch
from ace_server.desk.link import Link
from ace_server.desk.log_in import LogIns
from ace_server.entrances import Entrances
from ace_server.errors import Refused, Unavailable
from ace_server.events import Events
from ace_server.intake import Intake
from ace_server.passwords import Passwords
from ace_server.store import Corrupt, NewerSchema, Seam, Store
from ace_server.workitem.buffer import Buffer
from ace_server.workitem.port import Port

log = logging.getLogger(__name__)

RETRY = 0.5
LONGEST_RETRY = 10.0
"""Seconds before the store is asked again after trouble; they double each time."""

PROBED = 1.0
"""Seconds for which the lock may be held by somebody who only looks whether a server runs."""

LOOK_EVERY = 5.0
"""Seconds between two looks at the free space."""

CANNOT_STORE = "The server cannot store anything at present. It tries again by itself."
NO_ROOM = "The server's disk is nearly full. Nothing more is taken in until there is room."


class Taken(Exception):
    """Another server has the data folder, or a port; the text says which."""


class Server:
    """One process: the store, WorkItem Server and the core with the agents' link."""

    def __init__(
        self,
        data: Path,
        *,
        database: str = "",
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        seam: Seam | None = None,
        passwords: Passwords | None = None,
    ) -> None:
        self._data = data
        self._host = host
        self._port = port
        self._clock = clock or SystemClock()
        self._passwords = passwords or Passwords()
        self._lock = FileLock(data / LOCK)
        self._control_secret = secrets.token_urlsafe(32)
        self._recovering: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._doubted = False
        self._well = False
        self.store = Store(data, url=database, seam=seam)
        self.events = Events()
        self.current = Current(self.store, self.events)
        self.first_code = ""
        """The one-time code of the administrator that a first start made."""
        self.agents_port = 0
        self.work_item_port = 0

    @property
    def site(self) -> Site:
        """The configuration in force."""
        return self.current.site()

    async def start(self, *, make_administrator: bool = False) -> None:
        """Recover, then open the ports.

        Raises Taken, Refused (a certificate), Unavailable, Corrupt or NewerSchema.
        """
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._take_folder()
        try:
            self._open(make_administrator)
            self._build()
            await self._start_services()
        except BaseException:
            await self.stop()
            raise

    def _take_folder(self) -> None:
        try:
            self._lock.acquire(timeout=PROBED)
        except Timeout:
            other = facts(self._data)
            who = f"process {other.pid}" if other else "still starting or stopping"
            raise Taken(f"a server ({who}) already runs on {self._data}") from None
        (self._data / FACTS).unlink(missing_ok=True)  # of one that was killed

    def _open(self, make_administrator: bool) -> None:
        self.store.open()
        self.store.files.discard_drafts()
        self.current.load()
        self._log_ins = LogIns(self.store, self.current, self._passwords, self._clock)
        if make_administrator and not self.site.users:
            self.first_code = self._log_ins.make_first_administrator()
            self.current.load()

    def _build(self) -> None:
        store, site, events, clock = self.store, self.current.site, self.events, self._clock
        self.entrances = Entrances(site, clock, events)
        self.dispatch = Dispatch(store, site, events, clock)
        self.agents = Agents(store, site, events, self.dispatch, clock)
        self.intake = Intake(store, site, self.entrances, events, clock)
        self._buffer = Buffer(store, site, self.entrances, events, clock)
        self._room = figures.Room(self._data, lambda: self.site.system.freeSpaceFloor, clock)
        self.registry = figures.register(store, self.entrances, self.agents)
        self._work_items = Port(
            site=site,
            secrets=self.current.secrets,
            intake=self.intake,
            files=store.files,
            clock=clock,
            passwords=self._passwords,
            registry=self.registry,
            room=self._room.has,
            health=self.health,
            metrics=self._metrics,
        )
        self.link = Link(
            store,
            self.current,
            self.agents,
            self._log_ins,
            control_secret=self._control_secret,
            configure=self._configure,
            explain=self._explain,
            health=self.health,
            metrics=self._metrics,
        )
        store.on_doubt = self.agents.on_doubt = self._doubt

    async def _start_services(self) -> None:
        # Recovered before a port opens: what comes in must not overtake what was there.
        self.store.perform(recovery.sweep, self.store.files)
        self._take_over(self.store.perform(recovery.after_restart, self._clock.now()))
        self.store.start()
        await self.dispatch.start(self.agents.book)
        await self.agents.start()
        await self._buffer.start()
        self._watching = asyncio.create_task(self._watch_room(), name="room")
        await self._open_ports()
        self._well = True

    async def _open_ports(self) -> None:
        system = self.site.system
        certificate, key = system.agentCertificate, system.agentPrivateKey
        context = tls.context(self._host, certificate, key)
        self.work_item_port = await _listen(
            self._work_items.start(), f"{system.workItemAddress}:{system.workItemPort}"
        )
        self.agents_port = await _listen(
            self.link.start(self._host, self._port, context), f"{self._host}:{self._port}"
        )
        self._write_facts(tls=context is not None)

    def _write_facts(self, *, tls: bool) -> None:
        told = {
            "pid": os.getpid(),
            "host": self._host,
            "agents": self.agents_port,
            "workItem": self.work_item_port,
            "tls": tls,
            "secret": self._control_secret,
        }
        path = self._data / FACTS
        new = path.with_suffix(".new")
        new.unlink(missing_ok=True)
        with open(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            json.dump(told, file)
        new.replace(path)  # who looks finds all of it or nothing

    async def stop(self) -> None:
        """Take nothing in any more, finish what is under way, close the store."""
        self._well = False
        for service in ("_work_items", "_buffer", "dispatch", "link", "agents"):
            if hasattr(self, service):
                await getattr(self, service).stop()
        for task in (self._recovering, self._watching):
            if task is not None:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
        await self.store.stop()
        self.store.close()
        if hasattr(self, "_log_ins"):
            self._log_ins.close()
        (self._data / FACTS).unlink(missing_ok=True)
        self._lock.release()

    # Recovery while running

    def _take_over(self, found: recovery.Found) -> None:
        self.entrances.recover(found.open_contacts)
        self.dispatch.recover(found.open_contacts)
        self.agents.recover(found.desks, found.in_hand)

    def _doubt(self) -> None:
        """Memory may differ from the store: read it anew, until that works (P7)."""
        self._doubted = True
        if not self._is_recovering():
            self._recovering = asyncio.create_task(self._recover(), name="recovery")

    def _is_recovering(self) -> bool:
        return self._recovering is not None and not self._recovering.done()

    async def _recover(self) -> None:
        pause = RETRY
        while self._doubted:
            self._doubted = False
            try:
                await self.current.reload()
                self._take_over(await self.store.run(recovery.read_and_write))
            except Unavailable:
                self._doubted = True
                self.agents.notify(CANNOT_STORE)
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_RETRY)
        self.agents.notify("")

    async def _watch_room(self) -> None:
        """Tell the desks while too little of the disk is free (A-7)."""
        while True:
            if not self._is_recovering():
                self.agents.notify("" if self._room.has(0) else NO_ROOM)
            await asyncio.sleep(LOOK_EVERY)

    # What others ask of it

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether it takes work, and one member a part (interface.md §3)."""
        has_room = self._room.has(0)
        parts = {
            "server": "ok" if self._well else "starting or stopping",
            "store": self.store.corrupt
            or ("cannot be used now" if self._is_recovering() else "ok"),
            "database": " ".join(self.store.weaknesses) or "ok",  # the site's: no reason to stop
            "disk": "ok" if has_room else "less free space than freeSpaceFloor",
            "agents": {"linked": self.agents.linked()},
        }
        is_usable = not self.store.corrupt and not self._is_recovering()
        return self._well and has_room and is_usable, parts

    def _metrics(self) -> bytes:
        return generate_latest(self.registry)

    async def _explain(self, contact_id: int) -> list[str]:
        return await self.store.run(explaining.sentences, contact_id, self.site, self._clock.now())

    async def _configure(self, text: str) -> dict[str, Any]:
        prepared = await asyncio.to_thread(self._prepare, text)
        applied = await self.store.run(
            configuration.apply, prepared, self._clock.now(), "configure"
        )
        await self.current.reload()
        return {
            "changes": applied.changes,
            "toEnter": applied.to_enter,
            "codes": applied.codes,
            "notes": applied.notes,
        }

    def _prepare(self, text: str) -> configuration.Prepared:
        passwords = self._passwords
        return configuration.prepare(
            configuration.read(text), passwords.hash, self.current.secrets(), passwords.verify
        )


async def _listen(start: Awaitable[int], where: str) -> int:
    try:
        return await start
    except OSError as error:
        raise Taken(f"cannot listen on {where}: {error.strerror or error}") from None


def run(
    data: Path,
    database: str = "",
    listen: str = "127.0.0.1:8764",
    role: str = "all",
    embedded: bool = False,
) -> int:
    """Serve until told to stop: the process of `main.py server`. The exit code.

    An embedded server also ends when its standard input is closed and no window is linked.
    """
    os.umask(0o077)
    logs.to_stream(sys.stderr)
    if role != "all":
        print(f"the role {role} cannot run by itself yet: use --role all", file=sys.stderr)
        return 1
    host, _, port = listen.rpartition(":")
    server = Server(data, database=database, host=host.strip("[]"), port=int(port))
    try:
        asyncio.run(_serve(server, embedded))
    except (Taken, Refused, Unavailable, NewerSchema) as error:
        print(_sentence(error), file=sys.stderr)
        return 1
    return 0


def _sentence(error: Exception) -> str:
    if isinstance(error, Corrupt):
        return f"the database is damaged ({error}): keep the file, and restore a backup"
    return error.reason if isinstance(error, Refused) else str(error)


async def _serve(server: Server, embedded: bool) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        _on_signal(loop, name, stopping.set)
    await server.start(make_administrator=not embedded)
    try:
        ready: dict[str, Any] = {
            "ready": True,
            "agents": server.agents_port,
            "workItem": server.work_item_port,
        }
        if server.first_code:
            ready["administrator"] = {"login": "admin", "code": server.first_code}
        print(json.dumps(ready), flush=True)
        log.info("ready: agents %s, work items %s", server.agents_port, server.work_item_port)
        if embedded:
            await _until_deserted(server, stopping)
        else:
            await stopping.wait()
    finally:
        await server.stop()
        log.info("stopped")


def _on_signal(
    loop: asyncio.AbstractEventLoop, name: signal.Signals, stop: Callable[[], None]
) -> None:
    try:
        loop.add_signal_handler(name, stop)
    except NotImplementedError:  # Windows
        signal.signal(name, lambda *_: loop.call_soon_threadsafe(stop))


async def _until_deserted(server: Server, stopping: asyncio.Event) -> None:
    """Until told to stop, or the parent is gone and so is every window that had joined."""
    loop = asyncio.get_running_loop()
    orphaned = asyncio.Event()
    changed = asyncio.Event()
    server.link.on_gone = changed.set
    parent = await _watch_input(loop, orphaned)
    try:
        await _first(stopping, orphaned)
        while not stopping.is_set() and server.link.linked():
            changed.clear()
            await _first(stopping, changed)
    finally:
        parent.close()


async def _watch_input(
    loop: asyncio.AbstractEventLoop, orphaned: asyncio.Event
) -> asyncio.BaseTransport:
    class Input(asyncio.Protocol):
        def connection_lost(self, error: Exception | None) -> None:
            orphaned.set()

    transport, _ = await loop.connect_read_pipe(Input, sys.stdin)
    return transport


async def _first(*events: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
