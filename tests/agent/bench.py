"""One desk for the tests of the window: a real session, and the other end of its link."""

import asyncio

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget

from ace_agent.main_window import MainWindow
from ace_agent.session import Changed, LinkDown, Session
from ace_agent.settings import Settings
from ace_server import wire
from tests.agent.scripted import NOW, contact
from tests.agent.waiting import until

PAGE = 50


class Server:
    """Stands at the other end: notes the commands, answers, gives the files it was told to have.

    An answer is what comes back to every command of its kind, or a function of the command.
    """

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

    async def source(self, contact, size, progress):
        if "source" not in self.files:
            raise LinkDown("There is no link to the server.")
        if progress is not None:
            progress(size // 2, size)
        return self.files["source"]

    async def attach(self, draft, name, path, progress):
        if not self.is_up:
            raise LinkDown("There is no link to the server.")
        if progress is not None:
            progress(path.stat().st_size, path.stat().st_size)
        return self.answers["attach"](draft, name, path)

    def last(self, kind):
        found = self.all(kind)
        return found[-1] if found else None

    def all(self, kind):
        return [command for command in self.commands if isinstance(command, kind)]


class Lists:
    """The waiting lists at the other end: tests put contacts in and take them out."""

    def __init__(self, server: Server, **lists: list[wire.WaitingContact]) -> None:
        self.waiting = dict(lists)
        self.personal: dict[str, list[wire.WaitingContact]] = {}
        server.answers |= {
            wire.Look: self._look,
            wire.Preview: self._preview,
            wire.Pick: self._pick,
        }

    def take(self, number: int) -> None:
        """Somebody picks it, or it goes elsewhere."""
        for name, held in self.waiting.items():
            self.waiting[name] = [contact for contact in held if contact.id != number]

    def _look(self, command: wire.Look) -> wire.Looked:
        held = self.waiting[command.queue] if command.queue else self.personal[command.personal]
        placed = [msgspec.structs.replace(c, position=n) for n, c in enumerate(held, 1)]
        page = placed[command.start : command.start + PAGE]
        return wire.Looked(request=0, now=NOW, waiting=len(held), contacts=page)

    def _preview(self, command: wire.Preview) -> wire.Event:
        for name, held in self.waiting.items():
            for one in held:
                if one.id == command.contact:
                    return wire.Previewed(request=0, contact=in_list(one, name))
        return self._moved()

    def _pick(self, command: wire.Pick) -> wire.Event:
        if not any(c.id == command.contact for held in self.waiting.values() for c in held):
            return self._moved()
        self.take(command.contact)
        return wire.Done(request=0)

    def _moved(self) -> wire.Refusal:
        return wire.Refusal(request=0, code="illegal-move", reason=wire.Sentence("It moved."))


def in_list(one: wire.WaitingContact, name: str) -> wire.Contact:
    """The whole contact of a row."""
    return contact(
        one.id,
        external_id=one.external_id,
        state=wire.State.QUEUED,
        entrance=one.entrance,
        task_type=one.task_type,
        subject=one.subject,
        queue=name,
        first_queued_at=one.first_queued_at,
    )


class Bench:
    """One desk: what the server says goes in, what the person does is done to the window."""

    def __init__(self, settings: Settings) -> None:
        self.server = Server()
        self.passed = 0.0  # seconds since the server's last message
        self.session = Session(monotonic=lambda: self.passed)
        self.session.connect_to(self.server, self.server)
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

    def tell(self, *statuses: wire.QueueStatus) -> None:
        """The server says what waits."""
        self.session.receive(wire.Queues(now=NOW, queues=list(statuses)))

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
