"""A mail as it came, letter by letter: to look at where the formatted one is doubtful."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QFontDatabase, QGuiApplication, QTextOption
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ace_agent import theme
from ace_agent.desk.cut import Cut
from ace_agent.desk.shown import shown
from ace_agent.tasks import Tasks, Trouble
from ace_agent.widgets.buttons import dialog_button
from ace_agent.widgets.text import label, wrapped

translate = QCoreApplication.translate

WIDTH, HEIGHT = 760, 560
MOST_SHOWN = 1_000_000
"""Bytes that are laid out; the whole is saved."""

Save = Callable[[str, Path], Awaitable[None]]


async def read(path: Path, most: int | None = MOST_SHOWN) -> tuple[str, int]:
    """The beginning of a file as it is shown, and how many bytes the file has.

    Raises Trouble where it cannot be read.
    """
    try:
        return await asyncio.to_thread(_read, path, most)
    except OSError as error:
        text = translate("source", "The file cannot be read: %1.")
        raise Trouble(text.replace("%1", str(error.strerror))) from error


def _read(path: Path, most: int | None) -> tuple[str, int]:
    with path.open("rb") as file:
        content = file.read() if most is None else file.read(most)
    return shown(content.decode("utf-8", "replace")), path.stat().st_size


class SourceDialog(QDialog):
    """Text and nothing else, whatever stands in it; it can be saved."""

    def __init__(self, tasks: Tasks, save: Save, parent: QWidget) -> None:
        """`save` asks where a file is to be saved under its name, and does."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Original source"))
        self._tasks, self._save_as = tasks, save
        self._path: Path | None = None
        self._name = ""
        self._coming = wrapped(self.tr("The mail is being fetched …"), "secondary")
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setProperty("kind", "field")
        self.text.setAccessibleName(self.tr("Original source"))
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setTabChangesFocus(True)
        anywhere = QTextOption.WrapMode.WrapAnywhere
        self.text.setWordWrapMode(anywhere)  # to look for words in one endless line takes a minute
        self._cut = Cut(self.tr("Original source"), copy=self._copy)
        self.save = dialog_button(self.tr("Save…"), self._save, self)
        self.save.setEnabled(False)
        self._lay_out()
        self.resize(WIDTH, min(HEIGHT, parent.window().height() - 2 * theme.WIDE))

    def show_progress(self, come: int, whole: int) -> None:
        """Say how much has come."""
        percent = come * 100 // whole if whole else 100
        text = self.tr("The mail is being fetched: %1 %.")
        self._coming.setText(text.replace("%1", str(percent)))

    def show_source(self, path: Path, name: str, beginning: str, size: int) -> None:
        """Show the `beginning` of a file of `size` bytes; `name` is what it is saved as."""
        self._path, self._name = path, name
        self.text.setPlainText(beginning)
        self._cut.follow_file(size, MOST_SHOWN)
        self._coming.hide()
        self.save.setEnabled(True)
        self.text.setFocus()

    def say(self, trouble: str) -> None:
        """It cannot be fetched: say why."""
        self._coming.setText(trouble)

    @property
    def words(self) -> str:
        """What is said instead of the source."""
        return self._coming.text()

    def _copy(self) -> None:
        if self._path is not None:
            self._tasks.start(self._copy_file(self._path))

    async def _copy_file(self, path: Path) -> None:
        whole, _ = await read(path, None)
        QGuiApplication.clipboard().setText(whole)

    def _save(self) -> None:
        if self._path is not None:
            self._tasks.start(self._save_file(self._path))

    async def _save_file(self, path: Path) -> None:
        await self._save_as(self._name, path)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.LARGE)
        column.setSpacing(theme.SMALL)
        column.addWidget(label(self.tr("Original source"), "title"))
        column.addWidget(self._coming)
        column.addWidget(self.text, 1)
        column.addWidget(self._cut)
        row = QHBoxLayout()
        row.setSpacing(theme.SMALL)
        row.addStretch()
        row.addWidget(self.save)
        row.addWidget(dialog_button(self.tr("Close"), self.reject, self, primary=True))
        column.addLayout(row)
