"""What is said below a text that is not shown to its end, and a way to have all of it."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QLocale, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from ace_agent import theme
from ace_agent.desk import files
from ace_agent.sentences import filled
from ace_agent.widgets.text import wrapped

translate = QCoreApplication.translate

MOST_OF_A_VALUE = 4000
"""Characters of one value that are laid out: as many as a key takes unless configured otherwise."""


class Cut(QWidget):
    """How much is shown of how much, and a button that copies the whole; hidden where all is."""

    def __init__(
        self,
        name: str,
        parent: QWidget | None = None,
        *,
        copy: Callable[[], None] | None = None,
    ) -> None:
        """`name` is what the text is called; `copy` copies the whole, where it is not here."""
        super().__init__(parent)
        self._whole = ""
        self._words = wrapped(role="secondary")
        self._copy = QPushButton(translate("cut", "Copy all"))
        self._copy.setAccessibleName(translate("cut", "Copy all: %1").replace("%1", name))
        self._copy.clicked.connect(copy or self._copy_whole)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SMALL)
        row.addWidget(self._words, 1)
        row.addWidget(self._copy, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    def follow(self, whole: str, shown: int) -> None:
        """The text is this one, and its first `shown` characters are seen."""
        self._whole = whole
        is_cut = len(whole) > shown
        if is_cut:
            words = translate("cut", "The first %1 of %2 characters are shown.")
            numbers = QLocale()
            counts = numbers.toString(shown), numbers.toString(len(whole))
            self._words.setText(filled(words, *counts))
        self.setVisible(is_cut)

    def follow_file(self, whole: int, shown: int) -> None:
        """The text has so many bytes, and so many of them are seen."""
        is_cut = whole > shown
        if is_cut:
            words = translate("cut", "The first %1 of %2 are shown.")
            self._words.setText(filled(words, files.size(shown), files.size(whole)))
        self.setVisible(is_cut)

    def _copy_whole(self) -> None:
        QGuiApplication.clipboard().setText(self._whole)
