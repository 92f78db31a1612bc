"""One desk for the tests of the window: a real session, and the other end of its link."""

import asyncio

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget

from ace_agent.main_window import MainWindow
from ace_agent.session import Changed, LinkDown, Session
from ace_agent.settings import Settings
from ace_server import wire
from tests.agent.waiting import until


class Server:
    """Stands at the other end: notes the commands, answers, gives the files it was told to have."""

    def __init__(self):
        self.commands = []
        self.answers = {}
        self.files = {}
        self.is_up = True

    async def ask(self, command):
        if not self.is_up:
            raise LinkDown("There is no link to the server.")
        self.commands.append(command)
        answer = self.answers.get(type(command), wire.Done(request=0))
        return answer(command) if callable(answer) else answer

    async def attachment(self, contact, attachment, progress):
        if attachment.position not in self.files:
            raise LinkDown("There is no link to the server.")
        if progress is not None:
            progress(attachment.size // 2, attachment.size)
            await asyncio.sleep(0)
        return self.files[attachment.position]

    def last(self, kind):
        found = [command for command in self.commands if isinstance(command, kind)]
        return found[-1] if found else None


class Bench:
    """One desk: what the server says goes in, what the person does is done to the window."""

    def __init__(self, settings: Settings) -> None:
        self.server = Server()
        self.passed = 0.0  # seconds since the server's last message
        self.session = Session(monotonic=lambda: self.passed)
        self.session.connect_to(self.server)
        self.session.receive(wire.Welcome(version=1, site="The bank", first_start=False))
        self.settings = settings
        self.opened: list[str] = []
        self.opens = True  # whether the desktop finds a program
        self._number = 0
        self.window = MainWindow(self.session, settings, opener=self._open)

    @property
    def desk(self):
        return self.window.desk

    def _open(self, url) -> bool:
        self.opened.append(url.toString())
        return self.opens

    async def say(self, said) -> None:
        """The server says how the desk is, and the window shows it."""
        self._number = said.number
        self.session.receive(said)
        await self.settle()

    async def change(self, why, agent, contact=None, gone=()) -> None:
        """The server says what became different, and the window shows it."""
        self._number += 1
        self.session.receive(
            wire.Change(
                number=self._number,
                now=self.session.now(),
                why=why,
                agent=agent,
                contact=contact,
                gone=list(gone),
            )
        )
        await self.settle()

    async def settle(self) -> None:
        """Return when what changed is shown."""
        shown = asyncio.Event()
        self.desk.model.updated.connect(shown.set)
        self.desk.model.follow(Changed("desk"))
        await shown.wait()
        self.desk.model.updated.disconnect(shown.set)

    def press(self, key, modifier=Qt.KeyboardModifier.NoModifier, on: QWidget | None = None):
        """Press a key where the keyboard is."""
        QTest.keyClick(on or self.window.focusWidget() or self.window, key, modifier)

    async def dialog(self) -> QDialog:
        """The dialog that comes up."""
        await until(self.dialogs)
        return self.dialogs()[0]

    def dialogs(self) -> list[QDialog]:
        """The dialogs that are up."""
        return [d for d in self.window.findChildren(QDialog) if d.isVisible()]
