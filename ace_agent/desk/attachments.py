"""The attachments of a contact: listed, played, shown, opened or saved.

Pictures are shown as they come, everything else when it is asked for. Nothing is opened without a
click, and what could run only after a second question (F-4).
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    Qt,
    QTemporaryDir,
    QUrl,
    Signal,
)
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from ace_agent import copies, theme
from ace_agent.desk import attachment_words, files, pdf, pictures, saving
from ace_agent.desk.attachment_words import OPEN, SAVE
from ace_agent.desk.audio import Audio, Unheard
from ace_agent.desk.delegates import FileRow
from ace_agent.desk.instead import Instead
from ace_agent.desk.links import Opener
from ace_agent.desk.models import ROW, Attachments, File
from ace_agent.desk.player import Player
from ace_agent.desk.showable import Showable, Unreadable, Why
from ace_agent.desk.viewer import Viewer
from ace_agent.sentences import filled
from ace_agent.session import Session
from ace_agent.tasks import Tasks, Trouble
from ace_agent.widgets.buttons import ActionButton, key_text
from ace_agent.widgets.question import ask
from ace_agent.widgets.text import ElidedLabel, wrapped
from ace_server.wire import Attachment, Contact

ROWS_SHOWN = 6
PICTURES_SHOWN = 6  # the others are opened

HERE = frozenset({"audio", "pdf", "picture"})
"""Kinds that are played and shown in this window."""


class List(QListView):
    """The list; Enter does what a double click does."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.doubleClicked.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class AttachmentsView(QWidget):
    """What came with a contact."""

    appeared = Signal(QWidget)
    """This part of it has just come up, and is worth a look."""

    def __init__(
        self, session: Session, tasks: Tasks, opener: Opener, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._tasks = tasks
        self._open_outside = opener
        self._contact: int | None = None
        self._folder: QTemporaryDir | None = None  # for copies that are opened
        self.model = Attachments(self)
        self.show_action = self._action(
            self.tr("Show"), self.tr("Play or show the chosen attachment here"), "Return", "Enter"
        )
        self.open_action = self._action(
            self.tr("Open"),
            self.tr("Open it with the desktop's program"),
            "Shift+Return",
            "Shift+Enter",
        )
        self.save_action = self._action(
            self.tr("Save…"), self.tr("Save the chosen attachment"), "Ctrl+S"
        )
        self._heading = ElidedLabel(role="section")
        self.view = self._make_view()
        self.player = Player(Audio(self))
        self.instead = Instead()
        self.viewer = Viewer(tasks)
        self._played: File | None = None
        self._viewed: File | None = None
        self._to_view: File | None = None  # asked for last: one that opens slowly comes too late
        self._unshown: File | None = None  # the one that `instead` speaks of
        self._small: dict[int, pictures.PictureView] = {}  # pictures by their attachment's position
        self._pictures = QVBoxLayout()
        self._shown: list[Attachment] = []
        self._lay_out()
        self._connect()
        self.hide()

    def show_contact(self, contact: Contact | None) -> None:
        """Show this contact's attachments, and its pictures as they come."""
        attachments = contact.attachments if contact else []
        identity = contact.id if contact else None
        if (identity, attachments) == (self._contact, self._shown):
            return
        self._contact, self._shown = identity, list(attachments)
        self._put_away()
        self.model.show([])
        self.model.show_attachments(attachments)
        self.setVisible(bool(attachments))
        self._heading.setText(self.tr("Attachments"))
        self._fit_list()
        self._select_first()
        self._show_pictures()

    @property
    def can_play(self) -> bool:
        """Whether there is something to hear."""
        return self.player.audio.is_loaded or self._first_to_play() is not None

    def play_or_pause(self) -> None:
        """Pause what plays or go on; without it, play the first that can be heard."""
        if self.player.audio.is_loaded:
            self.player.audio.toggle()
        elif (row := self._first_to_play()) is not None:
            self._tasks.start(self.show_here(row))

    async def show_here(self, row: File) -> None:
        """Fetch it, and play or show it in this window; say why where that is impossible."""
        contact = self._contact
        if contact is None:
            return
        if self._is_loaded(row):
            self.player.audio.toggle()
            return
        self.instead.leave()
        to_hear = claims(row) == "audio"
        if not to_hear:
            self._to_view = row
        path = await self._fetch(contact, row)
        kind = files.kind(row.name, await asyncio.to_thread(files.head, path))
        if self._contact != contact or not (to_hear or self._to_view is row):
            return
        match kind.by_content:  # the name decides nothing here
            case "audio":
                self._play(row, path)
            case "pdf":
                await self._show_pdf(contact, row, path)
            case "picture":
                self._to_view = row
                self._view(row, pictures.Picture(path))
            case _:
                self._say_instead(row, attachment_words.not_here(row.name, kind))

    async def open(self, row: File) -> None:
        """Fetch it and hand it to the desktop's program, after a question where it could run."""
        contact = self._contact
        if contact is None:
            return
        path = await self._fetch(contact, row)
        kind = files.kind(row.name, await asyncio.to_thread(files.head, path))
        if kind.needs_a_question:
            answer = await ask(attachment_words.question(row.name, kind, self))
            if answer == SAVE:
                await self.save_as(row.name, path)
            if answer != OPEN:
                return
        folder = self._copies() / f"{contact}-{row.position}"
        copy = await asyncio.to_thread(copies.copy_to_open, path, folder, row.name)
        if not self._open_outside(QUrl.fromLocalFile(str(copy))):
            raise Trouble(self.tr("No program opens %1. Save it instead.").replace("%1", row.name))

    async def save(self, row: File) -> None:
        """Fetch it and save it where the person says."""
        if self._contact is not None:
            await self.save_as(row.name, await self._fetch(self._contact, row))

    # Parts

    def _action(self, text: str, hint: str, *keys: str) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setToolTip(f"{hint} ({key_text(action)})")
        return action

    def _connect(self) -> None:
        self.show_action.triggered.connect(lambda: self._start(self.show_here))
        self.open_action.triggered.connect(lambda: self._start(self.open))
        self.save_action.triggered.connect(lambda: self._start(self.save))
        for action in (self.open_action, self.save_action):  # Enter is the list's
            self.addAction(action)
        self.view.selectionModel().currentChanged.connect(self._offer)
        self.player.audio.failed.connect(self._say_unheard)
        self.instead.wanted.connect(self._open_unshown)
        self.player.closing.connect(lambda: self._leave(self.player))
        self.instead.closing.connect(lambda: self._leave(self.instead))
        self.viewer.failed.connect(self._say_unreadable)
        self.viewer.closing.connect(self._leave_viewer)
        self.viewer.appeared.connect(self._bring_up_viewer)

    def _make_view(self) -> List:
        view = List(self)
        view.setModel(self.model)
        view.setItemDelegate(FileRow(view))
        view.setAccessibleName(self.tr("Attachments"))
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setMouseTracking(True)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setTabKeyNavigation(False)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._show_menu)
        view.doubleClicked.connect(self._do_first)
        return view

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(0)  # quiet buttons have air around their words
        head.addWidget(self._heading, 1)
        for action in (self.show_action, self.open_action, self.save_action):
            head.addWidget(ActionButton(action, "quiet", with_key=False))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addLayout(head)
        for part in (self.view, self.player, self.instead, self.viewer):
            column.addWidget(part)
        self._pictures.setSpacing(theme.SMALL)
        column.addLayout(self._pictures)

    def _fit_list(self) -> None:
        rows = min(len(self.model.rows), ROWS_SHOWN)
        self.view.setFixedHeight(rows * max(self.view.sizeHintForRow(0), 0) + 2)

    def _select_first(self) -> None:
        if self.model.rows:
            self.view.selectionModel().setCurrentIndex(
                self.model.index(0), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )

    def _current(self) -> File | None:
        index: QModelIndex = self.view.currentIndex()
        row = index.data(ROW) if index.isValid() else None
        return row if isinstance(row, File) else None

    def _start(self, work: Callable[[File], Coroutine[Any, Any, None]]) -> None:
        row = self._current()
        if row is not None:
            self._tasks.start(work(row))

    def _do_first(self, index: QModelIndex) -> None:
        """Here where that is possible, else outside."""
        if index.isValid():
            (self.show_action if self.show_action.isVisible() else self.open_action).trigger()

    def _offer(self) -> None:
        """What can be done with the chosen one: play it, show it, or only open it."""
        row = self._current()
        claimed = claims(row) if row is not None else ""
        self.show_action.setVisible(bool(claimed))
        self.show_action.setText(self.tr("Play") if claimed == "audio" else self.tr("Show"))

    def _is_loaded(self, row: File) -> bool:
        played = self._played
        return self.player.audio.is_loaded and played is not None and played.key == row.key

    def _first_to_play(self) -> File | None:
        return next((row for row in self.model.rows if claims(row) == "audio"), None)

    def _put_away(self) -> None:
        """Nothing of the contact before is heard or seen."""
        self.player.stop()
        self.instead.leave()
        self.viewer.clear()
        self._small.clear()
        while (item := self._pictures.takeAt(0)) is not None:
            part = item.widget()
            if part is not None:
                part.deleteLater()

    def _show_menu(self) -> None:
        menu = QMenu(self)
        menu.addActions(
            [
                action
                for action in (self.show_action, self.open_action, self.save_action)
                if action.isVisible()
            ]
        )
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.cursor().pos())

    # Fetching, saving, showing

    async def _fetch(self, contact: int, row: File) -> Path:
        def progress(come: int, whole: int) -> None:
            if self._contact == contact:
                self.model.show_progress(row.position, come * 100 // whole if whole else 0)

        progress(0, row.bytes)
        try:
            return await self._session.attachment(contact, row.position, progress)
        finally:
            if self._contact == contact:
                self.model.show_progress(row.position, None)

    async def save_as(self, name: str, path: Path) -> None:
        """Ask where to save what was fetched, and save it."""
        target = await saving.ask_where(self, self.tr("Save attachment"), name)
        if target is not None:
            await self._copy(path, target)

    async def _copy(self, path: Path, target: Path) -> None:
        try:
            await asyncio.to_thread(copies.copy, path, target)
        except OSError as error:
            text = self.tr("%1 was not saved: %2. It is still here; choose another place.")
            raise Trouble(filled(text, target.name, error.strerror or str(error))) from error

    # Here

    def _play(self, row: File, path: Path) -> None:
        self._played = row
        self.player.play(row.name, path)
        if self.player.isVisible():
            self._bring_up(self.player, self.player.track)

    async def _show_pdf(self, contact: int, row: File, path: Path) -> None:
        self.viewer.clear()
        self._to_view = row
        document = pdf.Document(path)
        is_open = False
        try:
            await document.open()
            is_open = self._contact == contact and self._to_view is row
        except Unreadable as trouble:
            if self._contact == contact:
                self._say_instead(row, attachment_words.unreadable(row.name, trouble.why))
        finally:
            if not is_open:
                document.close()
        if is_open:
            self._view(row, document)

    def _view(self, row: File, file: Showable) -> None:
        self.viewer.show_file(row.name, file)
        self._viewed = row

    def _bring_up_viewer(self) -> None:
        """Large, and no longer small: after the keyboard went over."""
        self._bring_up(self.viewer, self.viewer.canvas)
        if self._viewed is not None and self._viewed.position in self._small:
            self._small[self._viewed.position].hide()

    def _bring_up(self, part: QWidget, focus: QWidget) -> None:
        """The keyboard follows what was asked for, where it has not gone elsewhere meanwhile."""
        if self._has_keyboard(self):
            focus.setFocus(Qt.FocusReason.OtherFocusReason)
        self.appeared.emit(part)

    def _has_keyboard(self, part: QWidget) -> bool:
        now = self.window().focusWidget()
        return now is not None and part.isAncestorOf(now)

    def _leave_viewer(self) -> None:
        """Small again, and the keyboard where it came from."""
        viewed, self._viewed = self._viewed, None
        small = self._small.get(viewed.position) if viewed is not None else None
        if small is not None:
            small.show()
        if self._has_keyboard(self.viewer):
            (small or self.view).setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave(self, part: QWidget) -> None:
        if self._has_keyboard(part):
            self.view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say_instead(self, row: File, sentence: str) -> None:
        self._unshown = row
        self.instead.say(sentence)
        self._bring_up(self.instead, self.instead.button)

    def _say_unheard(self, why: Unheard) -> None:
        if self._played is not None:
            self._say_instead(self._played, attachment_words.unheard(self._played.name, why))

    def _say_unreadable(self, why: Why) -> None:
        if self._viewed is not None:
            self._say_instead(self._viewed, attachment_words.unreadable(self._viewed.name, why))

    def _open_unshown(self) -> None:
        if self._unshown is not None:
            self._tasks.start(self.open(self._unshown))

    # Pictures, small, as they come

    def _show_pictures(self) -> None:
        wanted = [
            row
            for row in self.model.rows
            if row.media_type in pictures.MEDIA_TYPES and row.bytes <= pictures.MOST_BYTES
        ]
        if wanted and self._contact is not None:
            self._tasks.start(self._read_pictures(self._contact, wanted[:PICTURES_SHOWN]))

    async def _read_pictures(self, contact: int, rows: Sequence[File]) -> None:
        for row in rows:
            if self._contact != contact:
                return
            with suppress(Trouble):  # the list still shows it: opening it tells what is wrong
                await self._show_picture(contact, row)

    async def _show_picture(self, contact: int, row: File) -> None:
        path = await self._fetch(contact, row)
        try:
            image = await asyncio.to_thread(pictures.read, path)
        except Unreadable:
            text = self.tr("%1 cannot be shown here. Open or save it.")
            if self._contact == contact:
                self._pictures.addWidget(wrapped(text.replace("%1", row.name), "secondary"))
            return
        if self._contact == contact:
            self._add_small(row, pictures.PictureView(row.name, image))

    def _add_small(self, row: File, part: pictures.PictureView) -> None:
        before: list[QWidget] = [self.viewer.canvas, *self._small.values()]
        self._small[row.position] = part
        self._pictures.addWidget(part)
        QWidget.setTabOrder(before[-1], part)
        part.clicked.connect(lambda: self._tasks.start(self.show_here(row)))
        if self._viewed is not None and self._viewed.position == row.position:
            part.setVisible(not self.viewer.isVisible())

    def forget(self) -> None:
        """Let go of what is played and shown, and remove the copies that were made to be opened."""
        self._put_away()
        self._folder = None

    def _copies(self) -> Path:
        """A folder of this run alone; it goes when the program goes."""
        if self._folder is None:
            self._folder = QTemporaryDir()
        return Path(self._folder.path())


def claims(row: File) -> str:
    """What it is by its name or its sender's word, where that can be played or shown here."""
    by_name = files.kind_by_name(row.name)
    if by_name:
        return by_name if by_name in HERE else ""
    if row.media_type in pictures.MEDIA_TYPES:
        return "picture"
    if row.media_type == "application/pdf":
        return "pdf"
    return "audio" if row.media_type.startswith("audio/") else ""
