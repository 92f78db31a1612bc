"""The demonstration: a bank on a throw-away folder, and a support system that sends it work items.

Everything is real but the people: the server is the embedded one, what comes in comes over the open
interface or lies in a mailbox, and what is sent goes out by SMTP, to a server of the
demonstration's own. Who watches sees agents at work, each over a link of its own. When the window
is closed, all of it is removed.
"""

import asyncio
import itertools
import logging
import os
import secrets
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
import msgspec
from PySide6.QtCore import (
    QCoreApplication,
    QObject,
    QRect,
    QSize,
    QStringListModel,
    Qt,
    Signal,
    SignalInstance,
)
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ace_agent import child, icons, loop, theme
from ace_agent.app import Program, application, dress
from ace_agent.commands import Command
from ace_agent.demo_post import Mailbox
from ace_agent.demo_sink import HOST, SentWindow, Sink
from ace_agent.embedded import Embedded
from ace_agent.link import Address, Link
from ace_agent.login import primary_button
from ace_agent.main_window import MainWindow
from ace_agent.sentences import filled
from ace_agent.session import Session
from ace_agent.settings import Settings
from ace_agent.tasks import Trouble
from ace_server import wire
from resources import path

log = logging.getLogger(__name__)

translate = QCoreApplication.translate

NAMESPACE = "urn:ace:workitem:1"
LOGINS = {"agent": "anna", "supervisor": "dagny", "administrator": "erik"}
AT_WORK = {
    "agent": ("frida",),
    "supervisor": ("bo", "chloe", "frida"),
    "administrator": ("frida",),
}
"""Who works by itself, so that there is something to watch, and mail for a program elsewhere."""
BESIDE = {"agent": ("bo", "chloe"), "supervisor": ("anna",), "administrator": ("anna", "bo")}
"""Whose windows can be opened besides, one after the other."""
PEOPLE = ("anna", "bo", "chloe", "frida", "dagny", "erik")
ACCOUNTS = ("loans", "cards", "facebook", "x")
REFERENCES = {"loans": "LOAN", "cards": "CARD", "facebook": "FB", "x": "X"}
"""How each account's references begin."""
FETCHED_FROM, SENT_BY = "maildir:/var/mail/malarbanken", "smtp://127.0.0.1:2525"
"""What stands in the bank's configuration for the mailbox and the SMTP server that are made."""
FIRST_NUMBER = 123
PAUSE = 6.0
"""Seconds between two work items, or a work item and a mail."""
MAIL_AFTER = 2
"""Work items before a mail."""
EAGER, EAGER_PAUSE = 3, 1.0
"""So many come quickly at first, so that something waits."""
RETRY = 2.0
"""Seconds until what was not taken in is sent again."""
LINES = 200
"""Lines that the side window keeps."""
WALK_SECONDS = 90.0
READS, WORKS, RESTS = (1.0, 4.0), (8.0, 25.0), (10.0, 30.0)
"""Seconds, from and to, that somebody at work takes to accept, to handle, to come back."""
RESTS_ONCE_IN = 6
"""Contacts handled between two pauses, on average."""

SIDE, HIGH, LOW = 376, 420, 240
"""Width and height of the support system's window; its height below the agent's."""
NARROWEST = QSize(960, 540)
"""The agent's window, where it has to give way."""
FRAME = 40
"""Room for what the desktop draws above a window."""


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One matter of the bank's, as in `resources/demo/cases.toml`."""

    account: str
    subject: str
    body: str
    attachments: list[str]
    data: dict[str, str]


def run(role: str = "agent") -> int:
    """Show it until the window is closed; where no one can see it, walk through it for pictures."""
    app = application()
    with tempfile.TemporaryDirectory(prefix="ace-demo-", ignore_cleanup_errors=True) as folder:
        settings = Settings(Path(folder) / "window.ini")
        dress(app, settings)
        bank = Bank(Path(folder))

        async def main(close: asyncio.Event) -> int:
            try:
                return await Demonstration(bank, settings, role).run(close)
            finally:
                bank.forget()

        return loop.run(app, main)


class Bank:
    """The folder of the bank's server, its mail, and the secrets made up for it."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.mailbox = Mailbox(folder / "mail")
        self.sink = Sink(folder / "sent")
        self._configuration = folder / "bank.toml"
        self._secrets = {name: secrets.token_urlsafe(12) for name in (*PEOPLE, *ACCOUNTS)}

    def secret(self, name: str) -> str:
        """The password of a person, or the secret of an account."""
        return self._secrets[name]

    async def found(self) -> None:
        """Configure it, before its server runs and while its sink does; raises Unfounded."""
        os.environ.update(self._variables())  # for our children, which read them when needed
        self.mailbox.make()
        text = configuration(self.mailbox.url, f"smtp://{HOST}:{self.sink.port}")
        self._configuration.write_text(text, "utf-8")
        arguments = [*child.command(), "configure", str(self._configuration)]
        arguments += ["--data", str(self.data)]
        done = await asyncio.to_thread(subprocess.run, arguments, capture_output=True, text=True)
        if done.returncode != 0:
            raise Unfounded(done.stderr.strip())

    def forget(self) -> None:
        """Take the secrets out of the environment."""
        for name in self._variables():
            os.environ.pop(name, None)

    def _variables(self) -> dict[str, str]:
        return {variable(name): secret for name, secret in self._secrets.items()}


def configuration(fetched_from: str, sent_by: str) -> str:
    """The bank's configuration, with the addresses of a mailbox and of an SMTP server."""
    text = path("demo/bank.toml").read_text("utf-8")
    return text.replace(FETCHED_FROM, fetched_from).replace(SENT_BY, sent_by)


def beside(login: str, server: str) -> int:
    """One more agent's window on a bank that is being demonstrated, until it is closed.

    The secret is in the environment, where `Bank.found` put it.
    """
    app = application()
    with tempfile.TemporaryDirectory(prefix="ace-demo-", ignore_cleanup_errors=True) as folder:
        settings = Settings(Path(folder) / "window.ini")
        dress(app, settings)
        log_in = (login, os.environ[variable(login)])

        async def main(close: asyncio.Event) -> int:
            return await Program(settings, None, server, log_in=log_in).run(close)

        return loop.run(app, main)


def variable(name: str) -> str:
    """Where a person's or an account's secret is for our children."""
    return f"ACE_DEMO_{name.upper()}"


class Unfounded(Exception):
    """The bank's configuration was refused; the text says why."""


class Demonstration:
    """The agent's window, the support system beside it, and what to try."""

    def __init__(self, bank: Bank, settings: Settings, role: str) -> None:
        login = LOGINS[role]
        self._bank = bank
        self._role = role
        self._log_in = (login, bank.secret(login))
        self._settings = settings
        self._side: SupportWindow | None = None
        self._sent = SentWindow(bank.sink)
        self._besides = Besides(BESIDE[role])

    async def run(self, close: asyncio.Event) -> int:
        """Until `close` is set; returns the exit code."""
        _say(translate("demo", "Making the bank…"))
        await self._bank.sink.start()
        try:
            await self._bank.found()
            return await self._run(close)
        except Unfounded as error:
            print(f"ace: the bank could not be made: {error}", file=sys.stderr)
            return 1
        finally:
            await self._bank.sink.stop()

    async def _run(self, close: asyncio.Event) -> int:
        program = Program(self._settings, self._bank.data, log_in=self._log_in, made=self._at_desk)
        assert program.embedded is not None  # the bank's server is always our own
        self._besides.server = program.embedded
        staff = Staff(program, self._bank.secret, AT_WORK[self._role])
        support = SupportSystem(self._port(program), self._bank.secret, self._deliver)
        self._side = SupportWindow(support)
        self._side.sent_wanted.connect(self._sent.open)
        _say(_what_to_try(self._role))
        alone = asyncio.Event()
        async with _beside(support.run()), _beside(self._others(staff, close, alone)):
            try:
                return await self._show(program, self._side, close, alone)
            finally:
                await self._sent.stop()
                for window in (self._side, self._sent):
                    window.close()
                    window.deleteLater()

    def _deliver(self) -> str:
        return self._bank.mailbox.deliver(datetime.now(UTC).astimezone())

    async def _others(self, staff: "Staff", close: asyncio.Event, alone: asyncio.Event) -> None:
        """Who else is logged in is gone before the window lets its server go: then it ends."""
        try:
            async with _beside(staff.run()):
                await close.wait()
        finally:
            await self._besides.stop()
            alone.set()

    def _at_desk(self, window: MainWindow) -> None:
        self._besides.offer(window)
        offer_sent(window, self._sent.open)
        window.tip_bar.say(_what_to_try(self._role))
        if QGuiApplication.platformName() != "offscreen" and self._side is not None:
            show_both(window, self._side)

    async def _show(
        self,
        program: Program,
        window: "SupportWindow",
        close: asyncio.Event,
        alone: asyncio.Event,
    ) -> int:
        if QGuiApplication.platformName() != "offscreen":
            return await program.run(alone)
        walk = Walk(program, window, self._sent, close, watching=self._role == "supervisor")
        async with _beside(walk.run()):
            code = await program.run(alone)
        return code or walk.code

    @staticmethod
    def _port(program: Program) -> Callable[[], int]:
        server = program.embedded
        assert server is not None  # the bank's server is always our own
        return server.work_item_port


def _what_to_try(role: str) -> str:
    if role == "supervisor":
        return translate(
            "demo",
            "You are logged in as the supervisor of a bank: Pulse shows its queues and agents as "
            "they are now. Alt+1 is your own desk, Alt+2 is Pulse; Ctrl+N opens an agent's window.",
        )
    if role != "agent":
        return translate(
            "demo",
            "You are logged in as the administrator of a bank whose support system sends work "
            "items. Start the demonstration without --role to receive them.",
        )
    return translate(
        "demo",
        "Press F9 to be ready: the first contact is booked for you, and F10 accepts it. "
        "Read it, choose an outcome at the right, and end it with Ctrl+Enter. "
        "Ctrl+N opens another agent's window. Customers write mail, too: Ctrl+Shift+W shows what "
        "was sent – automatic answers, your replies, and what Frida reads in her own mail program.",
    )


def _say(text: str) -> None:
    print(text, flush=True)


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run it beside what follows, and end it with that."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class SupportSystem(QObject):
    """The bank's other computer: hands work items in, and shows the receipts it gets.

    Between them customers write mails.
    """

    said = Signal(str)

    def __init__(
        self,
        port: Callable[[], int],
        secret: Callable[[str], str],
        deliver: Callable[[], str] = lambda: "",
    ) -> None:
        """`port` is 0 while no server runs; `secret` knows each account's.

        `deliver` puts the next mail into the bank's mailbox and tells who wrote it, if anybody did.
        """
        super().__init__()
        self.paused = False
        self._port = port
        self._secret = secret
        self._deliver = deliver
        self._now = asyncio.Event()

    def send_one(self) -> None:
        """Do not wait for the next turn."""
        self._now.set()

    async def run(self) -> None:
        """Send one work item after the other, each until it was taken in."""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as http:
            for count, (reference, case) in enumerate(cases()):
                while not await self._taken_in(http, reference, case):
                    await asyncio.sleep(RETRY)
                await self._turn(EAGER_PAUSE if count < EAGER else PAUSE)
                if count % MAIL_AFTER == MAIL_AFTER - 1:
                    await self._let_write()
                    await self._turn(EAGER_PAUSE if count < EAGER else PAUSE)

    async def _let_write(self) -> None:
        writer = await asyncio.to_thread(self._deliver)
        if writer:
            text = translate("demo", "mail of %1 → mailbox %2")
            self.said.emit(filled(text, writer, f"{datetime.now():%H:%M:%S}"))

    async def _turn(self, seconds: float) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._now.wait(), seconds)
            if not self.paused or self._now.is_set():
                self._now.clear()
                return

    async def _taken_in(self, http: aiohttp.ClientSession, reference: str, case: Case) -> bool:
        """Whether the server has it now. No answer is no harm: it may be sent again (P2)."""
        if not self._port():
            return False
        try:
            answer = await self._send(http, reference, case)
        except (aiohttp.ClientError, TimeoutError):
            self.said.emit(
                translate("demo", "%1 → no answer, sent again soon").replace("%1", reference)
            )
            return False
        self.said.emit(f"{reference} → {_in_words(answer)}")
        return answer.get("code") not in ("unavailable", "too-many")

    async def _send(self, http: aiohttp.ClientSession, reference: str, case: Case) -> ET.Element:
        credentials = aiohttp.encode_basic_auth(case.account, self._secret(case.account))
        async with http.post(
            f"http://127.0.0.1:{self._port()}/workitem",
            data=multipart(reference, case),
            headers={"Authorization": credentials},
        ) as response:
            return ET.fromstring(await response.read())


def _in_words(answer: ET.Element) -> str:
    """A receipt or an error, as the side window shows it."""
    if answer.tag != f"{{{NAMESPACE}}}receipt":
        return f"{answer.get('code')}: {answer.text}"
    at = datetime.fromisoformat(answer.get("time", "")).astimezone()
    text = translate("demo", "receipt %1 %2")
    return filled(text, answer.get("status", ""), f"{at:%H:%M:%S}")


def cases() -> Iterator[tuple[str, Case]]:
    """The bank's matters for ever, each with a reference of its own."""
    known = tomllib.loads(path("demo/cases.toml").read_text("utf-8"))["case"]
    numbers = itertools.count(FIRST_NUMBER)
    year = datetime.now().year
    for case in itertools.cycle(msgspec.convert(known, list[Case])):
        yield f"{REFERENCES[case.account]}-{year}-{next(numbers):06}", case


def multipart(reference: str, case: Case) -> aiohttp.MultipartWriter:
    """The message and its attachments, as `POST /workitem` takes them."""
    parts = aiohttp.MultipartWriter("related")
    parts.append(message(reference, case), {"Content-Type": "application/xml"})
    for number, name in enumerate(case.attachments):
        content = path(f"demo/{name}").read_bytes()
        part = parts.append(content, {"Content-Type": MEDIA_TYPES[Path(name).suffix]})
        part.headers["Content-ID"] = f"<part{number}>"
    return parts


MEDIA_TYPES: Mapping[str, str] = {
    ".wav": "audio/wav",
    ".png": "image/png",
    ".pdf": "application/pdf",
}


def message(reference: str, case: Case) -> bytes:
    """The XML message of a case (interface.md §3)."""
    root = ET.Element("workItem", {"xmlns": NAMESPACE, "id": reference})
    ET.SubElement(root, "entrance").text = case.account
    data = ET.SubElement(root, "contactData")
    page = f"https://bank.example/{case.account}/{reference}"
    for key, value in {"workItem": page, **case.data}.items():
        ET.SubElement(data, "item", key=key).text = value
    ET.SubElement(root, "subject").text = case.subject
    ET.SubElement(root, "body").text = case.body
    for number, name in enumerate(case.attachments):
        kind = MEDIA_TYPES[Path(name).suffix]
        ET.SubElement(root, "attachment", name=name, mediaType=kind, href=f"cid:part{number}")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def offer_sent(window: MainWindow, show: Callable[[], None]) -> None:
    """Let the person at this window see what the bank sent."""
    command = Command(
        "what-was-sent",
        "view",
        translate("demo", "What was sent"),
        translate("demo", "See every mail that left the bank, and its source"),
        ("Ctrl+Shift+W",),
        "email",
    )
    window.add(command, show)


class Besides:
    """Windows of more agents on the same server, each a process of its own."""

    def __init__(self, logins: Sequence[str]) -> None:
        self.server: Embedded | None = None
        self._logins = list(logins)
        self._opened: list[subprocess.Popen[bytes]] = []

    def offer(self, window: MainWindow) -> None:
        """Let the person at this window open them."""
        command = Command(
            "another-window",
            "view",
            translate("demo", "Open another agent's window"),
            translate("demo", "Log in to this bank as the next agent, in a window beside this one"),
            ("Ctrl+N",),
            "person",
        )
        action = window.add(command, lambda: self._open(action))
        action.setEnabled(bool(self._logins))

    def _open(self, action: QAction) -> None:
        if self.server is None or not self._logins or not self.server.agents_port():
            return
        server = f"http://127.0.0.1:{self.server.agents_port()}"
        arguments = ["demo", "--beside", self._logins.pop(0), "--server", server]
        self._opened.append(subprocess.Popen([*child.command(), *arguments]))
        action.setEnabled(bool(self._logins))

    async def stop(self) -> None:
        """Close those that are still open, as asked by the system."""
        for window in self._opened:
            window.terminate()
        for window in self._opened:
            await asyncio.to_thread(window.wait)


class Staff:
    """Agents at work without an agent: real log-ins over real links, so that there is traffic."""

    def __init__(
        self, program: Program, secret: Callable[[str], str], logins: Sequence[str]
    ) -> None:
        self._program = program
        self._people = [Person(login, secret(login), Random(login)) for login in logins]

    async def run(self) -> None:
        """Once somebody is at the window, all of them work until they are told to stop."""
        if not self._people or self._program.embedded is None:
            return
        session = self._program.session
        await _until(session.changed, lambda: session.agent is not None)
        server = await self._program.embedded.start()  # it runs: this only finds it
        try:
            await asyncio.gather(*(person.work(server) for person in self._people))
        finally:
            for person in self._people:
                await person.stop()


class Person:
    """One agent who takes what comes, reads it, works on it and ends it; sometimes rests."""

    def __init__(self, login: str, secret: str, chance: Random, pace: float = 1.0) -> None:
        """`pace`: how long everything takes, times this."""
        self.session = Session()
        self._link = Link(self.session)
        self._login = login
        self._secret = secret
        self._chance = chance
        self._pace = pace

    async def work(self, server: Address) -> None:
        """Log in, and handle one contact after the other."""
        self._link.start(server)
        await _until(self._link.welcomed, lambda: self._link.welcome is not None)
        await self._link.log_in(self._login, self._secret)
        await _until(self.session.changed, lambda: self.session.agent is not None)
        while True:
            try:
                await self._handle_one()
            except Trouble as trouble:  # such as a booking that was not accepted in time
                log.debug("%s: %s", self._login, trouble.reason)
                await asyncio.sleep(RETRY)

    async def stop(self) -> None:
        """Leave nothing behind."""
        await self.session.stop()
        await self._link.stop()

    async def _handle_one(self) -> None:
        session = self.session
        if session.agent is not None and session.agent.state == wire.AgentState.PAUSED:
            await session.activate()
        await _until(session.changed, lambda: self._held() is not None)
        held = self._held()
        assert held is not None
        if held.state == wire.State.BOOKED:
            await self._take(READS)
            await session.accept(held.id)
        await self._take(WORKS)
        session.edit(held.id, "Outcome", _outcome(held))
        await session.end(held.id)
        if self._chance.randrange(RESTS_ONCE_IN) == 0:
            await session.pause(self._chance.choice(session.activities))
            await self._take(RESTS)

    def _held(self) -> wire.Contact | None:
        """What is booked, or in hand."""
        return _one(self.session, wire.State.BOOKED) or _one(self.session, wire.State.ACCEPTED)

    async def _take(self, seconds: tuple[float, float]) -> None:
        """Take as long as a person does."""
        await asyncio.sleep(self._pace * self._chance.uniform(*seconds))


def show_both(window: MainWindow, side: "SupportWindow") -> None:
    """The support system beside the agent's window or below it; else out of its way."""
    places = arranged(window.screen().availableGeometry(), window.size())
    if places is None:
        side.showMinimized()
        return
    for part, place in zip((window, side), places, strict=True):
        part.resize(place.size())
        part.move(place.topLeft())
    side.show()


def arranged(room: QRect, window: QSize) -> tuple[QRect, QRect] | None:
    """Where the agent's window and the support system stand, neither over the other.

    The agent's window gives way as far as it stays well to use; None where that is not enough.
    """
    inner = room.adjusted(theme.SMALL, FRAME, -theme.SMALL, -theme.SMALL)
    width = min(window.width(), inner.width() - SIDE - theme.SMALL)
    height = min(window.height(), inner.height())
    if width >= NARROWEST.width() and height >= NARROWEST.height():
        left = inner.left() + (inner.width() - width - theme.SMALL - SIDE) // 2
        first = QRect(left, inner.top(), width, height)
        return first, QRect(first.right() + theme.SMALL, first.top(), SIDE, height)
    width = min(window.width(), inner.width())
    height = min(window.height(), inner.height() - FRAME - LOW)
    if width >= NARROWEST.width() and height >= NARROWEST.height():
        first = QRect(inner.left(), inner.top(), width, height)
        return first, QRect(first.left(), first.bottom() + FRAME, width, LOW)
    return None


class SupportWindow(QWidget):
    """What the support system sent and what it was answered, the newest first."""

    sent_wanted = Signal()
    """The person wants to see what the bank sent."""

    def __init__(self, support: SupportSystem) -> None:
        super().__init__()
        self.setWindowTitle(self.tr("Support system of the bank"))
        self.setWindowIcon(icons.application())
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)  # the agent's window decides
        self._lines = QStringListModel(self)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        what = QLabel(
            self.tr(
                "Stands for the bank's other computers and its customers: it hands work items in "
                "over the open interface, shows what it is answered, and writes mails."
            ),
            wordWrap=True,
        )
        what.setProperty("role", "secondary")
        heading = QLabel(self.tr("Sent, the newest first"))
        heading.setProperty("role", "section")
        view = QListView()
        view.setModel(self._lines)
        view.setAccessibleName(self.tr("Work items sent, with their receipts, and mails"))
        view.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        sent = QPushButton(self.tr("&What the bank sent"))
        sent.clicked.connect(self.sent_wanted)
        send = primary_button(self.tr("&Send one now"))
        send.clicked.connect(support.send_one)
        paused = QCheckBox(self.tr("Send &no more"))
        paused.toggled.connect(lambda checked: setattr(support, "paused", checked))
        column = QVBoxLayout(self)
        column.setContentsMargins(*4 * (theme.LARGE,))
        column.setSpacing(theme.MEDIUM)
        column.addWidget(what)
        column.addLayout(_row(heading, paused))
        column.addWidget(view)
        column.addLayout(_row(sent, send))
        self.resize(SIDE, HIGH)
        support.said.connect(self._add)

    def _add(self, line: str) -> None:
        self._lines.setStringList([line, *self._lines.stringList()[: LINES - 1]])


def _row(left: QWidget, right: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.addWidget(left)
    row.addStretch(1)
    row.addWidget(right)
    return row


class Walk:
    """The agent's way through one work item without an agent, for pictures of every step."""

    def __init__(
        self,
        program: Program,
        support: SupportWindow,
        sent: SentWindow,
        close: asyncio.Event,
        *,
        watching: bool = False,
    ) -> None:
        """`watching`: over a supervisor's panel instead."""
        self.code = 1
        self._watching = watching
        self._program = program
        self._support = support
        self._sent = sent
        self._close = close
        self._folder = Path(tempfile.mkdtemp(prefix="ace-demo-pictures-"))

    async def run(self) -> None:
        """Walk, say where the pictures are, and end the demonstration."""
        try:
            async with asyncio.timeout(WALK_SECONDS):
                await (self._watch() if self._watching else self._walk())
            self.code = 0
            _say(
                translate("demo", "There is no display; the pictures are in %1").replace(
                    "%1", str(self._folder)
                )
            )
        except TimeoutError:
            print("ace: the demonstration came to a stop", file=sys.stderr)
        finally:
            self._close.set()

    async def _walk(self) -> None:
        session = self._program.session
        await _until(session.changed, lambda: session.agent is not None and session.contacts == {})
        await self._picture("1-paused")
        await session.activate()
        await _until(session.changed, lambda: _one(session, wire.State.BOOKED) is not None)
        await self._picture("2-booked")
        booked = _one(session, wire.State.BOOKED)
        assert booked is not None
        await session.accept(booked.id)
        await _until(session.changed, lambda: _one(session, wire.State.ACCEPTED) is not None)
        session.edit(booked.id, "Outcome", _outcome(booked))
        await self._picture("3-in-progress")
        await session.end(booked.id)
        await _until(session.changed, lambda: _one(session, wire.State.ACCEPTED) is None)
        await self._picture("4-wrap-up")
        await _until(self._sent.sink.came, lambda: bool(self._sent.sink.mails))
        self._sent.grab().save(str(self._folder / "5-what-was-sent.png"))

    async def _watch(self) -> None:
        session = self._program.session
        await _until(session.changed, lambda: self._program.window is not None)
        window = self._program.window
        assert window is not None
        board = window.board
        await _until(board.changed, lambda: any(q.in_hand for q in board.queues.values()))
        await self._picture("1-in-hand")
        await _until(board.changed, lambda: any(q.ended for q in board.queues.values()))
        await self._picture("2-ended")

    async def _picture(self, name: str) -> None:
        await asyncio.sleep(1.0)  # what comes in little by little, such as an attachment's preview
        if self._program.window is not None:
            self._program.window.grab().save(str(self._folder / f"{name}.png"))
        self._support.grab().save(str(self._folder / f"{name}-support-system.png"))


def _one(session: Session, state: wire.State) -> wire.Contact | None:
    return next((c for c in session.contacts.values() if c.state == state), None)


def _outcome(contact: wire.Contact) -> str:
    return next((f.choices[0] for f in contact.fields if f.key == "Outcome" and f.choices), "")


async def _until(signal: SignalInstance, condition: Callable[[], bool]) -> None:
    """Return when the condition holds; it is looked at after every signal."""
    changed = asyncio.Event()

    def note() -> None:
        changed.set()

    signal.connect(note)
    try:
        while not condition():
            changed.clear()
            await changed.wait()
    finally:
        signal.disconnect(note)
