"""The attachments of a contact: listed, shown where they are pictures, opened or saved.

Nothing is opened without a click, and what can do harm only after a second question (F-4).
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import (
    QCoreApplication,
    QItemSelectionModel,
    QModelIndex,
    QStandardPaths,
    Qt,
    QTemporaryDir,
    QUrl,
)
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QListView,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from ace_agent import theme
from ace_agent.desk import files, pictures
from ace_agent.desk.delegates import FileRow
from ace_agent.desk.models import ROW, Attachments, File
from ace_agent.loop import closed
from ace_agent.session import Session
from ace_agent.tasks import Tasks, Trouble
from ace_agent.widgets.buttons import ActionButton
from ace_agent.widgets.question import Answer, Question, ask
from ace_agent.widgets.text import ElidedLabel, wrapped
from ace_server.wire import Attachment, Contact

translate = QCoreApplication.translate

Opener = Callable[[QUrl], bool]
"""Hands an address to the desktop; false where it could not."""

ROWS_SHOWN = 6
PICTURES_SHOWN = 6  # the others are opened
SAVE, OPEN = 0, 1
REPLACE = 1


class List(QListView):
    """The list; Enter does what a double click does."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.doubleClicked.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class AttachmentsView(QWidget):
    """What came with a contact."""

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
        self.open_action = self._action(
            self.tr("Open"), self.tr("Open the chosen attachment"), self._open_current
        )
        self.save_action = self._action(
            self.tr("Save…"), self.tr("Save the chosen attachment"), self._save_current
        )
        self._heading = ElidedLabel(role="section")
        self.view = self._make_view()
        self._pictures = QVBoxLayout()
        self._shown: list[Attachment] = []
        self._lay_out()
        self.hide()

    def show_contact(self, contact: Contact | None) -> None:
        """Show this contact's attachments, and its pictures as they come."""
        attachments = contact.attachments if contact else []
        identity = contact.id if contact else None
        if (identity, attachments) == (self._contact, self._shown):
            return
        self._contact, self._shown = identity, list(attachments)
        self.model.show([])
        self.model.show_attachments(attachments)
        self.setVisible(bool(attachments))
        self._heading.setText(self.tr("Attachments"))
        self._fit_list()
        self._select_first()
        self._show_pictures(attachments)

    async def open(self, row: File) -> None:
        """Fetch it and hand it to the desktop's program, after a question where it can do harm."""
        contact = self._contact
        if contact is None:
            return
        path = await self._fetch(contact, row)
        kind = files.kind(row.name, await asyncio.to_thread(files.head, path))
        if kind.is_dangerous:
            answer = await ask(harm_question(row.name, kind, self))
            if answer == SAVE:
                await self._save_as(row, path)
            if answer != OPEN:
                return
        folder = self._copies() / f"{contact}-{row.position}"
        copy = await asyncio.to_thread(files.copy_to_open, path, folder, row.name)
        if not self._open_outside(QUrl.fromLocalFile(str(copy))):
            raise Trouble(self.tr("No program opens %1. Save it instead.").replace("%1", row.name))

    async def save(self, row: File) -> None:
        """Fetch it and save it where the person says."""
        if self._contact is not None:
            await self._save_as(row, await self._fetch(self._contact, row))

    # Parts

    def _action(self, text: str, hint: str, done: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        action.setToolTip(hint)
        action.triggered.connect(done)
        return action

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
        view.doubleClicked.connect(lambda index: self._open_current() if index.isValid() else None)
        return view

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SMALL)
        head.addWidget(self._heading, 1)
        head.addWidget(ActionButton(self.open_action, "quiet"))
        head.addWidget(ActionButton(self.save_action, "quiet"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addLayout(head)
        column.addWidget(self.view)
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

    def _open_current(self) -> None:
        row = self._current()
        if row is not None:
            self._tasks.start(self.open(row))

    def _save_current(self) -> None:
        row = self._current()
        if row is not None:
            self._tasks.start(self.save(row))

    def _show_menu(self) -> None:
        menu = QMenu(self)
        menu.addActions([self.open_action, self.save_action])
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

    async def _save_as(self, row: File, path: Path) -> None:
        target = await self._ask_where(row.name)
        if target is None:
            return
        taken = await asyncio.to_thread(target.exists)
        if not taken or await ask(self._replace_question(target)) == REPLACE:
            await self._copy(path, target)

    async def _ask_where(self, name: str) -> Path | None:
        downloads = QStandardPaths.writableLocation(
            QStandardPaths.StandardLocation.DownloadLocation
        )
        dialog = QFileDialog(self, self.tr("Save attachment"), downloads)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # its question stops the loop
        dialog.selectFile(name)
        try:
            accepted = await closed(dialog) == QFileDialog.DialogCode.Accepted
            return Path(dialog.selectedFiles()[0]) if accepted else None
        finally:
            dialog.deleteLater()

    def _replace_question(self, target: Path) -> Question:
        return Question(
            self,
            self.tr("Replace %1?").replace("%1", target.name),
            self.tr("There is a file of this name already:"),
            [Answer(self.tr("Keep it"), "primary"), Answer(self.tr("Replace"))],
            detail=str(target),
        )

    async def _copy(self, path: Path, target: Path) -> None:
        try:
            await asyncio.to_thread(files.copy, path, target)
        except OSError as error:
            text = self.tr("%1 was not saved: %2. It is still here; choose another place.")
            raise Trouble(
                text.replace("%1", target.name).replace("%2", error.strerror or str(error))
            ) from error

    def _show_pictures(self, attachments: Sequence[Attachment]) -> None:
        while (item := self._pictures.takeAt(0)) is not None:
            part = item.widget()
            if part is not None:
                part.deleteLater()
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
        except pictures.Unreadable:
            text = self.tr("%1 cannot be shown here. Open or save it.")
            part: QWidget = wrapped(text.replace("%1", row.name), "secondary")
        else:
            part = pictures.PictureView(row.name, image)
        if self._contact == contact:
            self._pictures.addWidget(part)
        else:
            part.deleteLater()

    def forget(self) -> None:
        """Remove the copies that were made to be opened."""
        self._folder = None

    def _copies(self) -> Path:
        """A folder of this run alone; it goes when the program goes."""
        if self._folder is None:
            self._folder = QTemporaryDir()
        return Path(self._folder.path())


def harm_question(name: str, kind: files.Kind, parent: AttachmentsView) -> Question:
    """Says what the file is by its name and by its content; answers are SAVE and OPEN."""
    by_name = files.word(kind.by_name)
    if kind.differs:
        text = translate("attachments", "By its name it is %1; by its content it is %2.")
        said = text.replace("%1", by_name).replace("%2", files.word(kind.by_content))
    elif kind.by_content or not kind.by_name:
        said = translate("attachments", "By its name and by its content it is %1.").replace(
            "%1", files.word(kind.by_content)
        )
    else:
        said = translate("attachments", "By its name it is %1; its content does not tell.").replace(
            "%1", by_name
        )
    return Question(
        parent,
        translate("attachments", "This file can do harm"),
        said,
        [
            Answer(translate("attachments", "Save instead"), "primary"),
            Answer(translate("attachments", "Open anyway")),
        ],
        detail=name,
        warnings=[translate("attachments", "Open it only if you know who sent it, and why.")],
    )
