"""The fields of the pane in which a mail is written, and what may be dropped on them or pasted.

They know nothing of drafts.
"""

from pathlib import Path

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QKeyEvent
from PySide6.QtWidgets import QListView, QPlainTextEdit

from ace_agent import theme

LEAST_LINES = 4


class Body(QPlainTextEdit):
    """The text of the mail; files that are dropped on it go along, and are not read."""

    dropped = Signal(list)
    """Carries the paths of files."""

    pasted = Signal(QImage)
    """A picture that is in no file, such as one of the screen."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setProperty("kind", "field")
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        least = QFontMetrics(self.font()).lineSpacing() * LEAST_LINES
        self.setMinimumHeight(least + theme.LARGE)

    def sizeHint(self) -> QSize:
        return QSize(280, self.minimumHeight())

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        is_more = has_files(source) or source.hasImage()
        return is_more or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        found = paths(source)
        if found:
            self.dropped.emit(found)
        elif source.text().strip() or not source.hasImage():
            self.insertPlainText(source.text().replace("\0", ""))
        else:
            self.pasted.emit(QImage(source.imageData()))


def has_files(source: QMimeData) -> bool:
    """Whether files of this machine are dragged or were copied; nothing is asked of a disk."""
    return any(url.isLocalFile() for url in source.urls())


def paths(source: QMimeData) -> list[Path]:
    """The files of this machine that were dropped or copied."""
    return [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]


class Files(QListView):
    """What goes along; Delete takes the chosen one out."""

    remove_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_wanted.emit()
        else:
            super().keyPressEvent(event)
