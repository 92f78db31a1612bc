"""A bank with a real server on real ports, who hands work items in to it, and agents' windows."""

import asyncio
import base64
import io
import json
import xml.etree.ElementTree as ET
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from ace_agent.app import Program
from ace_agent.settings import Settings
from ace_server import passwords
from ace_server.administration import commands
from ace_server.administration import configuration as administration
from ace_server.clock import SystemClock
from ace_server.server import Server
from ace_server.store import Store
from ace_server.wire import State
from tests.agent.waiting import until

BANK = Path(__file__).with_name("bank.toml").read_text("utf-8")
CALL = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(24)
URN = "{urn:ace:workitem:1}"


def configuration(**system):
    """The bank's file, with other system parameters."""
    lines = "".join(f"{name} = {value}\n" for name, value in system.items())
    kept = [line for line in BANK.splitlines() if line.split(" = ")[0] not in system]
    return "\n".join(kept).replace("[system]\n", f"[system]\n{lines}")


class Bank:
    """The server of one data folder, wherever it runs."""

    def __init__(self, data):
        self.data = data
        self._folder = data.parent

    @property
    def facts(self):
        """What the running server says of itself."""
        return json.loads((self.data / "server.json").read_text())

    @property
    def is_ready(self):
        """Whether a server runs on the folder; its file comes into being bit by bit."""
        with suppress(OSError, ValueError):
            return bool(self.facts)
        return False

    async def configure(self, text):
        """Take in a configuration, through the running server; returns what it says of it."""
        facts = self.facts
        async with (
            aiohttp.ClientSession() as http,
            http.post(
                f"http://127.0.0.1:{facts['agents']}/control/configure",
                data=text,
                headers={"Authorization": f"Bearer {facts['secret']}"},
            ) as response,
        ):
            assert response.status == 200, await response.text()
            return await response.json()

    async def send(
        self, reference, *, body="The automatic check wants a person.", attachment=b"", **data
    ):
        """Hand a work item in, as the support system does; returns its receipt."""
        root = ET.Element("workItem", {"xmlns": URN.strip("{}"), "id": reference})
        contact_data = ET.SubElement(root, "contactData")
        page = f"https://bank.example/loans/{reference}"
        for key, value in {
            "workItem": page,
            "cid": "K-1",
            "loanAmount": "245 000 kr",
            **data,
        }.items():
            ET.SubElement(contact_data, "item", key=key).text = value
        ET.SubElement(root, "subject").text = f"Loan application {reference}"
        ET.SubElement(root, "body").text = body
        if attachment:
            part = ET.SubElement(root, "attachment", name="call.wav", mediaType="audio/wav")
            part.text = base64.b64encode(attachment).decode()
        async with (
            aiohttp.ClientSession() as http,
            http.post(
                f"http://127.0.0.1:{self.facts['workItem']}/workitem",
                data=io.BytesIO(ET.tostring(root, "utf-8")),
                headers={
                    "Authorization": aiohttp.encode_basic_auth("loans", "loans-secret"),
                    "Content-Type": "application/xml",
                },
            ) as response,
        ):
            receipt = ET.fromstring(await response.read())
            assert receipt.tag == f"{URN}receipt", ET.tostring(receipt)
            return receipt

    @asynccontextmanager
    async def program(self, *, elsewhere=False, opener=QDesktopServices.openUrl):
        """The program with nobody logged in: on this data folder, or as from another machine."""
        settings = Settings(self._folder / "window.ini")
        settings.sound = False
        program = (
            Program(settings, None, f"http://127.0.0.1:{self.facts['agents']}", opener=opener)
            if elsewhere
            else Program(settings, self.data, opener=opener)
        )
        close = asyncio.Event()
        ending = asyncio.ensure_future(program.run(close))
        try:
            yield program
        finally:
            close.set()
            await ending

    @asynccontextmanager
    async def window(self, login="anna", port=None, *, embedded=False):
        """An agent's window, logged in; ended as by closing it."""
        settings = Settings(self._folder / f"{login}.ini")
        settings.sound = False
        opened = []
        program = Program(
            settings,
            self.data if embedded else None,
            "" if embedded else f"http://127.0.0.1:{port or self.facts['agents']}",
            log_in=(login, f"secret of {login}"),
            opener=lambda url: opened.append(url) or True,
        )
        close = asyncio.Event()
        ending = asyncio.ensure_future(program.run(close))
        try:
            await until(lambda: program.window is not None and program.window.isVisible())
            yield Window(program, opened)
        finally:
            close.set()
            await ending


@asynccontextmanager
async def bank(data, **system):
    """A bank whose server runs in this process."""
    _set_up(data, configuration(**system))
    server = Server(data, database=commands.database(data, ""), passwords=passwords.cheap())
    await server.start()
    try:
        yield Bank(data)
    finally:
        await server.stop()


def _set_up(data, text):
    """Configure it before its server runs: no server may need a port that is not free."""
    data.mkdir(exist_ok=True)
    store = Store(data, url=commands.database(data, ""))
    store.open()
    document = administration.read(text)
    prepared = administration.prepare(document, passwords.cheap().hash)
    store.perform(administration.apply, prepared, SystemClock().now(), "configure")
    store.close()


class Window:
    """What an agent sees and presses."""

    def __init__(self, program, opened):
        self.program = program
        self.session = program.session
        self.main = program.window
        self.opened: list[QUrl] = opened

    @property
    def state(self):
        """The agent's."""
        return self.session.agent.state if self.session.agent else None

    def contact(self, state):
        """The first contact in this state."""
        found = (c for c in self.session.contacts.values() if c.state == state)
        return next(found, None)

    async def reaches(self, state):
        """Wait for the agent's state."""
        await until(lambda: self.state == state)

    async def has(self, state):
        """Wait for a contact in this state, shown in the list; returns it."""
        await until(lambda: self.contact(state) is not None)
        contact = self.contact(state)
        await until(lambda: self.main.desk.model.place(contact.id).isValid())
        return contact

    async def press(self, key, *modifiers):
        """A key, as typed into this window."""
        self.main.activateWindow()
        await until(self.main.isActiveWindow)
        target = QApplication.focusWidget() or self.main
        QTest.keyClick(target, key, *modifiers)

    async def type(self, key, text):
        """Text into the field of a contact data key."""
        await until(lambda: self.main.desk.data.editor(key) is not None)
        editor = self.main.desk.data.editor(key)
        editor.selectAll()
        QTest.keyClicks(editor, text)

    async def accepted(self):
        """Be ready, wait for a contact, and accept it."""
        await self.ready()
        return await self.accept()

    async def ready(self):
        """Activate, from the keyboard, and wait until that is so."""
        await self.session.activate()
        await until(lambda: self.state != "paused")

    async def accept(self):
        """Accept what gets booked."""
        await self.has(State.BOOKED)
        await self.main.desk.accept()
        return await self.has(State.ACCEPTED)


class Wire:
    """A cable between a window and the server that can be pulled out and put back."""

    def __init__(self, port):
        self._far = port
        self._server = None
        self._writers = set()
        self.port = 0

    async def plug(self):
        """Connect."""
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def pull(self):
        """Cut every connection, and let none be made."""
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await until(lambda: not self._writers)
        await self._server.wait_closed()

    async def _carry(self, reader, writer):
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._far)
        self._writers |= {writer, far_writer}
        try:
            await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))
        finally:
            self._writers -= {writer, far_writer}


async def _pipe(reader, writer):
    with suppress(ConnectionError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    writer.close()
