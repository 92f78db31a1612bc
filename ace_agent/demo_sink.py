"""Where the mail of the demonstration's bank ends: an SMTP server on this machine, and a window.

Nothing goes any further. What is handed over is kept as a file, and shown as it came.
"""

import asyncio
import codecs
import itertools
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import Message
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

import msgspec
from aiosmtpd.smtp import SMTP
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFontDatabase, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ace_agent import icons, theme
from ace_agent.tables import Column, Table
from ace_agent.tasks import Tasks
from ace_agent.widgets.table import TableView
from ace_agent.widgets.text import label, wrapped

log = logging.getLogger(__name__)

HOST = "127.0.0.1"
SHOWN = 256 * 1024
"""Characters of a mail that the window shows."""

WIDTH, HEIGHT = 760, 620


class Sent(msgspec.Struct, frozen=True):
    """One mail that the bank handed over."""

    key: int
    at: datetime  # aware
    to: str  # the recipients of its envelope
    subject: str
    file: Path


class Sink(QObject):
    """Takes every mail that it is given on loopback, and keeps it."""

    came = Signal()

    def __init__(self, folder: Path) -> None:
        """`folder` is made, and holds a file for each mail."""
        super().__init__()
        self.mails: list[Sent] = []
        self._folder = folder
        self._numbers = itertools.count(1)
        self._connections: list[Any] = []  # aiosmtpd ships no types
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen on a free port."""
        self._folder.mkdir(parents=True, exist_ok=True)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, HOST, 0)

    async def stop(self) -> None:
        """Cut off whoever is connected, and leave nothing behind."""
        if self._server is None:
            return
        self._server.close()
        conversations = [one._handler_coroutine for one in self._connections]  # it has no stop
        for connection, conversation in zip(self._connections, conversations, strict=True):
            if connection.transport is not None:
                connection.transport.abort()
            conversation.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._server is not None  # it was started
        return int(self._server.sockets[0].getsockname()[1])

    async def keep(self, recipients: list[str], content: bytes) -> None:
        """Write a mail down, and tell."""
        number = next(self._numbers)
        file = self._folder / f"{number:04}.eml"
        await asyncio.to_thread(file.write_bytes, content)
        header = BytesHeaderParser(policy=policy.default).parsebytes(content)
        subject = str(header.get("Subject", ""))
        self.mails.append(Sent(number, datetime.now(UTC), ", ".join(recipients), subject, file))
        self.came.emit()

    def _connection(self) -> asyncio.BaseProtocol:
        connection = SMTP(
            _Handler(self),
            hostname="localhost",  # else it asks the network for the name of this machine
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )
        self._connections = [one for one in self._connections if one.transport is not None]
        self._connections.append(connection)
        return connection


class _Handler:
    """What aiosmtpd asks: it finds the method by its name."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def handle_DATA(self, _: Any, __: Any, envelope: Any) -> str:  # noqa: N802
        await self._sink.keep(list(envelope.rcpt_tos), bytes(envelope.original_content))
        return "250 2.0.0 Kept"


class SentWindow(QWidget):
    """What was sent: when, to whom and about what, and each mail's source; Esc closes it."""

    def __init__(self, sink: Sink) -> None:
        super().__init__()
        self.sink = sink
        self._tasks = Tasks(lambda reason: log.debug("%s", reason))
        self._wanted: tuple[Path, bool] | None = None  # what is to be shown
        self._is_reading = False
        self.setWindowTitle(self.tr("What was sent"))
        self.setWindowIcon(icons.application())
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)  # the agent's window decides
        self.table: Table[Sent] = Table(self._columns(), self)
        self.view = TableView(self.table, self.tr("Mails sent"), (2, 5, 7))
        self.view.setSelectionMode(TableView.SelectionMode.SingleSelection)
        self.view.sort_by(0, Qt.SortOrder.DescendingOrder)
        self.source = self._make_source()
        self.decoded = QCheckBox(self.tr("&Decoded"))
        self.decoded.toggled.connect(self._show_source)
        self.view.selectionModel().currentRowChanged.connect(self._show_source)
        self.place = wrapped(role="secondary")
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out()
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)
        sink.came.connect(self._update)
        self._update()

    async def stop(self) -> None:
        """End what is under way."""
        await self._tasks.stop()

    def open(self) -> None:
        """Show it before the others, with the keyboard in its table."""
        self.show()
        self.raise_()
        self.activateWindow()
        self.view.setFocus()

    def _columns(self) -> list[Column[Sent]]:
        return [
            Column("at", self.tr("Time"), lambda row: f"{row.at.astimezone():%H:%M:%S}", _number),
            Column("to", self.tr("To"), _to, _to, _to),
            Column("subject", self.tr("Subject"), _subject, _subject, _subject),
        ]

    def _make_source(self) -> QPlainTextEdit:
        source = QPlainTextEdit()
        source.setReadOnly(True)
        source.setTabChangesFocus(True)
        source.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        source.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        source.setAccessibleName(self.tr("Source of the mail"))
        source.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        return source

    def _lay_out(self) -> None:
        what = wrapped(
            self.tr(
                "All mail of this bank ends here, on this machine: automatic answers, replies, and "
                "what goes to a colleague's own mail program. Nobody gets any of it."
            ),
            "secondary",
        )
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, theme.SMALL, 0, 0)
        column.setSpacing(theme.SMALL)
        heading = QHBoxLayout()
        heading.addWidget(label(self.tr("Source"), "section"), 1)
        heading.addWidget(self.decoded)
        column.addLayout(heading)
        column.addWidget(self.source)
        column.addWidget(self.place)
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self.view)
        parts.addWidget(below)
        parts.setSizes([2 * HEIGHT // 5, 3 * HEIGHT // 5])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(*4 * (theme.LARGE,))
        whole.setSpacing(theme.MEDIUM)
        whole.addWidget(what)
        whole.addWidget(parts, 1)
        self.resize(WIDTH, HEIGHT)

    def _update(self) -> None:
        self.table.show(self.sink.mails)
        if not self.sink.mails:
            self.place.setText(self.tr("Nothing was sent yet."))
        elif not self.view.currentIndex().isValid():
            self.view.setCurrentIndex(self.table.index(0, 0))

    def _show_source(self) -> None:
        current = self.view.currentIndex()
        if not current.isValid():
            return
        self._wanted = self.table.rows[current.row()].file, self.decoded.isChecked()
        if not self._is_reading:
            self._is_reading = True
            self._tasks.start(self._read())

    async def _read(self) -> None:
        """What was chosen last, however much was chosen meanwhile."""
        try:
            while (wanted := self._wanted) is not None:
                file, is_decoded = wanted
                text = await asyncio.to_thread(_text, file, is_decoded)
                if wanted == self._wanted:
                    self._wanted = None
                    self.source.setPlainText(text)
                    kept = self.tr("Kept in %1 until the demonstration ends.")
                    self.place.setText(kept.replace("%1", str(file)))
        finally:
            self._is_reading = False


def _text(file: Path, is_decoded: bool) -> str:
    """As much of it as is shown."""
    if is_decoded:
        return decoded(file.read_bytes())[:SHOWN]
    with file.open("rb") as content:
        return content.read(4 * SHOWN).decode("utf-8", "replace")[:SHOWN]


def decoded(content: bytes) -> str:
    """A mail's headers and texts without their encodings; of each other part its type alone."""
    mail = message_from_bytes(content, policy=policy.default)
    headers = (f"{name}: {value}\n" for name, value in mail.items())
    return "".join(headers) + "\n" + "\n".join(_texts(mail))


def _texts(mail: Message) -> Iterator[str]:
    for part in mail.walk():
        payload = part.get_payload(decode=True)
        if part.get_content_maintype() == "text" and isinstance(payload, bytes):
            yield payload.decode(_charset(part), "replace").replace("\r\n", "\n")
        elif not part.is_multipart():
            yield f"[{part.get_content_type()}]\n"


def _charset(part: Message) -> str:
    named = part.get_content_charset("utf-8")
    try:
        return codecs.lookup(named).name
    except LookupError:  # one that nobody knows
        return "latin-1"


def _number(mail: Sent) -> int:
    return mail.key


def _to(mail: Sent) -> str:
    return mail.to


def _subject(mail: Sent) -> str:
    return mail.subject
