"""The server: builds the services of its role, starts them in order, stops them in the reverse one.

The core dispatches and is what agents are linked to; the WorkItem Server takes work items in, the
Email Server mail. All are one process, or each is one of its own (`--role`): they meet in the
store, and in nothing else.
"""

import asyncio
import json
import logging
import os
import platform
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from filelock import FileLock, Timeout
from prometheus_client import generate_latest

from ace_server import figures, logs, recovery, tls
from ace_server.administration import backup, configuration
from ace_server.administration.running import (
    EMAIL_FACTS,
    EMAIL_LOCK,
    FACTS,
    LOCK,
    LOCKS,
    PROBED,
    WORK_ITEM_FACTS,
    WORK_ITEM_LOCK,
    facts,
)
from ace_server.admission import Admission, InMemory, InStore
from ace_server.attachments import Attachments
from ace_server.clock import Clock, SystemClock
from ace_server.concepts import Site
from ace_server.current import Current
from ace_server.desk.agents import Agents
from ace_server.desk.dispatch import Dispatch
from ace_server.desk.explaining import Explaining
from ace_server.desk.link import Link
from ace_server.desk.log_in import LogIns
from ace_server.desk.mailroom import Mailroom
from ace_server.desk.quarantine import Quarantine
from ace_server.desk.queue_status import QueueStatus
from ace_server.desk.waiting import WaitingContacts
from ace_server.email.account_server import AccountServer
from ace_server.email.delivery import Deliveries
from ace_server.email.email_server import MEMORY, SECONDS, EmailServer
from ace_server.email.reading import MailReader
from ace_server.email.workers import Workers
from ace_server.entrances import Entrances
from ace_server.errors import Refused, Unavailable
from ace_server.events import Events
from ace_server.hearing import Configuration, Hearing, News
from ace_server.intake import Intake
from ace_server.leading import Leading, Presence
from ace_server.passwords import Passwords
from ace_server.rounds import Rounds
from ace_server.sentences import sentence
from ace_server.statistics.live import Live
from ace_server.store import Corrupt, Fenced, NewerSchema, Seam, Sign, Store
from ace_server.workitem.buffer import Buffer
from ace_server.workitem.port import Port

log = logging.getLogger(__name__)

RETRY = 0.5
LONGEST_RETRY = 10.0
"""Seconds before the store is asked again after trouble; they double each time."""

MAIL_THREADS = 4
"""Threads that read and write the files of mail: work items have others (WI-5)."""

READERS = 2
"""Processes in which mails are read that agents look at."""

LOOK_EVERY = 5.0
"""Seconds between two looks at the free space."""

CANNOT_STORE = sentence("The server cannot store anything at present. It tries again by itself.")
NO_ROOM = sentence(
    "The server's disk is nearly full. Nothing more is taken in until there is room."
)


ROLES = {
    "all": LOCKS,
    "core": (LOCK,),
    "workitem": (WORK_ITEM_LOCK,),
    "email": (EMAIL_LOCK,),
}
"""What a process may be, and the locks that it holds on its data folder meanwhile."""

NODE = "node"
"""File in the data folder: the name under which its core holds the lease."""

FENCED = "another core leads now: this one has stopped, and may be started again as its standby"


class Taken(Exception):
    """Another server has the data folder, or a port; the text says which."""


class Service(Protocol):
    """Something with a start and a stop."""

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


class Server:
    """One process: the store, and with it the core, WorkItem Server, Email Server, or all."""

    def __init__(
        self,
        data: Path,
        *,
        database: str = "",
        host: str = "127.0.0.1",
        port: int = 0,
        role: str = "all",
        name: str = "",
        clock: Clock | None = None,
        seam: Seam | None = None,
        passwords: Passwords | None = None,
    ) -> None:
        """`name` is the one by which mail accounts name this Email Server; empty: its own."""
        self._data = data
        self._host = host
        self._name = name
        self._port = port
        self._is_core = role in ("all", "core")
        self._takes_in = role in ("all", "workitem")
        self._has_mail = role in ("all", "email")
        self._is_alone = not database
        self._clock = clock or SystemClock()
        self._passwords = passwords or Passwords()
        self._locks = [FileLock(data / name) for name in ROLES[role]]
        apart = WORK_ITEM_FACTS if self._takes_in else EMAIL_FACTS
        self._facts = data / (FACTS if self._is_core else apart)
        self._control_secret = secrets.token_urlsafe(32)
        self._recovering: asyncio.Task[None] | None = None
        self._services: list[Service] = []  # in the order in which they start
        self._doubted = False
        self._well = False
        self.store = Store(data, url=database, seam=seam)
        self.events = Events()
        self.current = Current(self.store, self.events)
        self.first_code = ""
        """The one-time code of the administrator that a first start made."""
        self.agents_port = 0
        self.work_item_port = 0
        self.fenced = asyncio.Event()
        """Set when another core leads: this process changes nothing any more, and has to end."""

    @property
    def site(self) -> Site:
        """The configuration in force."""
        return self.current.site()

    async def start(self, *, make_administrator: bool = False) -> None:
        """Recover, then open the ports. A core that does not lead waits until it does.

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
        for lock in self._locks:
            try:
                lock.acquire(timeout=PROBED)
            except Timeout:
                raise Taken(f"a server ({self._other()}) already runs on {self._data}") from None
        self._facts.unlink(missing_ok=True)  # of one that was killed

    def _other(self) -> str:
        found = facts(self._data) or facts(self._data, WORK_ITEM_FACTS)
        return f"process {found.pid}" if found else "still starting or stopping"

    def _open(self, make_administrator: bool) -> None:
        self.store.open()
        self.current.load()
        if not self._is_core:
            return
        self._log_ins = LogIns(self.store, self.current, self._passwords, self._clock)
        if make_administrator and not self.site.users:
            self.first_code = self._log_ins.make_first_administrator()
            self.current.load()

    def _build(self) -> None:
        self._room = figures.Room(self._data, lambda: self.site.system.freeSpaceFloor, self._clock)
        self.registry = figures.register(self.store)
        self._attachments = Attachments(self.store)
        self._mail_threads = ThreadPoolExecutor(MAIL_THREADS, thread_name_prefix="mail")
        self._mail_files = Attachments(self.store, threads=self._mail_threads)
        if self._is_core:
            self._build_core()
        admission = self._beside() if self._is_core else self._apart()
        if self._takes_in:
            self._build_intake(admission)
        if self._has_mail:
            self._build_mail(admission)

    def _build_core(self) -> None:
        store, site, events, clock = self.store, self.current.site, self.events, self._clock
        self.entrances = Entrances(site, clock, events)
        self.dispatch = Dispatch(store, self.current, events, clock)
        self.agents = Agents(store, site, events, self.dispatch, clock)
        self._buffer = Buffer(store, site, self.entrances, events, clock)
        self._queue_status = QueueStatus(site, self.agents, self.dispatch, events, clock)
        self.live = Live(store, site, self.agents, self.dispatch, events, clock)
        self.registry.register(figures.Desks(self.entrances, self.agents))
        waiting = WaitingContacts(store, site, self.agents, self.dispatch, events, clock)
        self._build_mailroom(waiting)
        self.registry.register(
            figures.Mails(self.live.mail_counts, lambda: self.site.mail_accounts.keys())
        )
        self.link = Link(
            self.current,
            self.agents,
            self._log_ins,
            self.live,
            self._attachments,
            control_secret=self._control_secret,
            configure=self._configure,
            note_backup=self._note_backup,
            waiting=waiting,
            explaining=Explaining(store, site, self.agents, self.dispatch, self.entrances, clock),
            health=self.health,
            metrics=self._metrics,
            mailroom=self._mailroom,
            quarantine=Quarantine(store, self.agents, events, self._mail_files, clock),
        )
        self._leading = Leading(
            store,
            self._node(),
            lambda: self.site.system.coreLease,
            clock,
            alone=self._is_alone,
        )
        self._leading.on_standby = self._say_standby
        beside = self._email_name() if self._has_mail else ""
        self._account_server = AccountServer(store, site, events, clock, beside=beside)
        news = News(store, self.entrances, events)
        looks = [news.look, Configuration(self.current).look]
        signs = [Sign.NEWS, Sign.CONFIGURATION]
        self._hearing = Hearing(store, signs, looks, on_failure=self._doubt)
        self._watching = Rounds(
            "room",
            self._watch_room,
            every=lambda: LOOK_EVERY,
            meanwhile="nobody looks at the free space",
        )
        self._watching.wake()
        store.on_doubt = self.agents.on_doubt = self._doubt
        store.on_fenced = self.fenced.set

    def _build_mailroom(self, waiting: WaitingContacts) -> None:
        """Mail at the desks: read, written, and delivered to agents' own programs."""
        store, site, events, clock = self.store, self.current.site, self.events, self._clock
        self._reader = MailReader(Workers(READERS, SECONDS, MEMORY))
        self._deliveries = Deliveries(store, site, events, clock)
        self._mailroom = Mailroom(
            store,
            site,
            self.agents,
            waiting,
            self._mail_files,
            self._reader,
            self._deliveries,
            events,
            clock,
        )

    def _build_intake(self, admission: Admission) -> None:
        store, site, clock = self.store, self.current.site, self._clock
        self.intake = Intake(store, site, admission, self._attachments, clock)
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

    def _build_mail(self, admission: Admission) -> None:
        """Nothing of it is shared with what takes work items in, down to the store (WI-5)."""
        store, current, clock = self.store, self.current, self._clock
        attachments = Attachments(store, behind=True, threads=self._mail_threads)
        intake = Intake(store, current.site, admission, attachments, clock)
        self.email = EmailServer(
            store,
            current.site,
            current.secrets,
            intake,
            attachments,
            self.events,
            clock,
            data=self._data,
            name=self._email_name(),
        )

    def _email_name(self) -> str:
        """What mail accounts call the Email Server of this process."""
        return self._name or self._node()

    def _beside(self) -> Admission:
        return InMemory(self.store, self.entrances, self.events)

    def _apart(self) -> Admission:
        store, current, clock = self.store, self.current, self._clock
        store.count_as(self._node())
        presence = self._presence = Presence(store, lambda: self.site.system.coreLease, clock)
        self._hearing = Hearing(
            store,
            [Sign.CONFIGURATION, Sign.LEASE],
            [presence.look, Configuration(current).look],
            every=lambda: presence.interval,
        )
        return InStore(store, current.site, presence, clock)

    def _node(self) -> str:
        """A name that no other data folder has; a copy of one is known by its place on the disk."""
        file, place = self._data / NODE, str(self._data.stat().st_ino)
        name, _, named_at = file.read_text().partition(" ") if file.exists() else ("", "", "")
        if named_at != place:
            name = secrets.token_hex(6)
            _write_private(file, f"{name} {place}")
        return f"{platform.node()[:16]}:{name}"

    async def _start_services(self) -> None:
        # Recovered before a port opens: what comes in must not overtake what was there.
        self._tidy()
        self.store.start()
        if self._is_core:
            self._services.append(self._leading)  # whatever comes, it gives the lease up
            await self._lead()
            await self.dispatch.start(self.agents.book)
        else:
            with suppress(Unavailable):  # the first ones are buffered then
                await self._presence.look()
        for service in self._in_order():
            self._services.append(service)
            await service.start()
        await self._open_ports()
        self._well = True

    def _tidy(self) -> None:
        """Remove what a server that was killed had begun, and no row names.

        Not beside another process of this folder that makes the same: what it has begun is not
        named either.
        """
        if self._is_core or self._has_mail:
            with self._alone_with(LOCK, EMAIL_LOCK) as is_alone:
                if is_alone:
                    self.store.files.discard_drafts(own=True)
        if self._takes_in or self._has_mail:
            with self._alone_with(WORK_ITEM_LOCK, EMAIL_LOCK) as is_alone:
                if is_alone:
                    self.store.files.discard_drafts()
                    self.store.perform(recovery.sweep, self.store.files)

    @contextmanager
    def _alone_with(self, *names: str) -> Iterator[bool]:
        """Whether no other process has one of these locks of the folder, nor gets it meanwhile."""
        held = {Path(lock.lock_file).name for lock in self._locks}
        with ExitStack() as locked:
            try:
                for name in {*names} - held:
                    locked.enter_context(FileLock(self._data / name).acquire(timeout=0))
            except Timeout:
                yield False
            else:
                yield True

    async def _lead(self) -> None:
        """Obtain the lease, and read everything. Raises Unavailable, Corrupt.

        A standby goes on until the store lets it: one that ended just then would be none.
        """
        stood_by = False
        while True:
            stood_by |= await self._leading.obtain()
            try:
                await self.current.reload()  # a standby may have waited for days
                with recovery.undisturbed():
                    found = await self.store.run(recovery.after_restart, self._clock.now())
                    self._take_over(found)
            except (Corrupt, Fenced):
                raise
            except Unavailable:
                if not stood_by:
                    raise
                log.info("leads as soon as the store can be used")
                await asyncio.sleep(RETRY)
            else:
                await self._leading.start()
                return

    def _in_order(self) -> list[Service]:
        mail: list[Service] = [self.email] if self._has_mail else []
        if not self._is_core:
            return [self._hearing, self._attachments, *mail]
        core: list[Service] = [
            self.agents,
            self._reader,
            self._deliveries,
            self._mailroom,
            self._buffer,
            self.live,
            self._queue_status,
            self._hearing,
            self._watching,
        ]
        if self._takes_in:
            core.append(self._attachments)
        return [*core, *mail, self._account_server]

    async def _open_ports(self) -> None:
        has_tls = False
        if self._takes_in:
            system = self.site.system
            where = f"{system.workItemAddress}:{system.workItemPort}"
            self.work_item_port = await _listen(self._work_items.start(), where)
            has_tls = bool(system.workItemCertificate)
        if self._is_core:
            has_tls = await self._open_agents_port()
        self._write_facts(tls=has_tls)

    async def _open_agents_port(self) -> bool:
        system = self.site.system
        context = tls.context(self._host, system.agentCertificate, system.agentPrivateKey)
        start = self.link.start(self._host, self._port, context)
        self.agents_port = await _listen(start, f"{self._host}:{self._port}")
        return context is not None

    def _say_standby(self) -> None:
        _write_private(self._facts, json.dumps({"pid": os.getpid(), "standby": True}))

    def _write_facts(self, *, tls: bool) -> None:
        told = {
            "pid": os.getpid(),
            "host": self._host if self._is_core else self.site.system.workItemAddress,
            "agents": self.agents_port,
            "workItem": self.work_item_port,
            "tls": tls,
            "secret": self._control_secret,
        }
        _write_private(self._facts, json.dumps(told))

    async def stop(self) -> None:
        """Take nothing in any more, finish what is under way, close the store."""
        self._well = False
        for service in ("_work_items", "dispatch", "link"):
            if hasattr(self, service):
                await getattr(self, service).stop()
        if self._recovering is not None:
            self._recovering.cancel()
            with suppress(asyncio.CancelledError):
                await self._recovering
        while self._services:
            await self._services.pop().stop()
        if hasattr(self, "_mail_threads"):
            self._mail_threads.shutdown(wait=False)
        await self.store.stop()
        self.store.close()
        if hasattr(self, "_log_ins"):
            self._log_ins.close()
        self._facts.unlink(missing_ok=True)
        for lock in self._locks:
            lock.release()

    # Recovery while running

    def _take_over(self, found: recovery.Found) -> None:
        self.entrances.recover(found.open_contacts)
        self.dispatch.recover(found.open_contacts)
        self.agents.recover(found.desks, found.in_hand, found.served)
        self.live.look()

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
                with recovery.undisturbed():
                    self._take_over(await self.store.run(recovery.read_and_write))
                continue
            except Unavailable:
                log.info("memory is made anew when the store can be used")
            except Exception:  # noqa: BLE001  # edge: one round of a loop
                log.exception("memory could not be made anew")
            self._doubted = True
            self.agents.notify(CANNOT_STORE)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_RETRY)
        self.agents.notify(None)

    async def _watch_room(self) -> None:
        """Tell the desks while too little of the disk is free (A-7)."""
        if not self._is_recovering():
            self.agents.notify(None if self._room.has(0) else NO_ROOM)

    # What others ask of it

    def health(self) -> tuple[bool, dict[str, Any]]:
        """Whether it takes work, and one member a part (interface.md §3)."""
        has_room = self._room.has(0)
        parts: dict[str, Any] = {
            "server": "ok" if self._well else "starting or stopping",
            "store": self.store.corrupt
            or ("cannot be used now" if self._is_recovering() else "ok"),
            "database": " ".join(self.store.weaknesses) or "ok",  # the site's: no reason to stop
            "disk": "ok" if has_room else "less free space than freeSpaceFloor",
        }
        if self._is_core:
            parts["agents"] = {"linked": self.agents.linked()}
            asking = self.live.mail_asking()
            if asking is not None:  # a person's matter: no reason to stop
                parts["mail"] = asking._asdict()
        else:
            parts["core"] = "ok" if self._presence.is_there() else "away: work items are buffered"
        is_usable = not self.store.corrupt and not self._is_recovering()
        return self._well and has_room and is_usable, parts

    def _metrics(self) -> bytes:
        return generate_latest(self.registry)

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

    async def _note_backup(self, raw: bytes) -> None:
        await self.store.run(backup.note, backup.read_note(raw))

    def _prepare(self, text: str) -> configuration.Prepared:
        passwords = self._passwords
        return configuration.prepare(
            configuration.read(text), passwords.hash, self.current.secrets(), passwords.verify
        )


def _write_private(path: Path, text: str) -> None:
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)
    new.replace(path)  # who looks finds all of it or nothing


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
    name: str = "",
) -> int:
    """Serve until told to stop: the process of `main.py server`. The exit code.

    An embedded server also ends when its standard input is closed and no window is linked.
    """
    os.umask(0o077)
    logs.to_stream(sys.stderr)
    host, _, port = listen.rpartition(":")
    server = Server(
        data, database=database, host=host.strip("[]"), port=int(port), role=role, name=name
    )
    try:
        return asyncio.run(_serve(server, embedded))
    except (Taken, Refused, Unavailable, NewerSchema) as error:
        print(_sentence(error), file=sys.stderr)
        return 1


def _sentence(error: Exception) -> str:
    if isinstance(error, Corrupt):
        return f"the database is damaged ({error}): keep the file, and restore a backup"
    return error.reason if isinstance(error, Refused) else str(error)


async def _serve(server: Server, embedded: bool) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        _on_signal(loop, name, stopping.set)
    if not await _start(server, stopping, make_administrator=not embedded):
        return 0
    try:
        print(json.dumps(_ready(server)), flush=True)
        log.info("ready: agents %s, work items %s", server.agents_port, server.work_item_port)
        if embedded:
            await _until_deserted(server, stopping)
        else:
            await _first(stopping, server.fenced)
    finally:
        await server.stop()
        log.info("stopped")
    if server.fenced.is_set():
        print(FENCED, file=sys.stderr)
    return int(server.fenced.is_set())


async def _start(server: Server, stopping: asyncio.Event, *, make_administrator: bool) -> bool:
    """Whether it started; not where it was told to stop before, while it was a standby."""
    starting = asyncio.create_task(server.start(make_administrator=make_administrator))
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait((starting, told), return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    if not starting.done():
        starting.cancel()
        with suppress(asyncio.CancelledError):
            await starting
        return False
    await starting
    return True


def _ready(server: Server) -> dict[str, Any]:
    """The line that says that it takes work; a port that it does not have is left out."""
    ports = {"agents": server.agents_port, "workItem": server.work_item_port}
    line: dict[str, Any] = {"ready": True}
    line |= {name: port for name, port in ports.items() if port}
    if server.first_code:
        line["administrator"] = {"login": "admin", "code": server.first_code}
    return line


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
        await _first(stopping, orphaned, server.fenced)
        while not stopping.is_set() and not server.fenced.is_set() and server.link.linked():
            changed.clear()
            await _first(stopping, changed, server.fenced)
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
