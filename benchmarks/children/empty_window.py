"""A window with nothing in it, in a program that has imported what the desktop program imports.

It says on a line of JSON when it was painted, and ends with its standard input.
"""

import json
import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

import main
from ace_agent import app as desktop
from benchmarks.machine import megabytes

IMPORTED = main, desktop
"""What `main.py` imports for a window; the time for it is part of what is compared."""


class Window(QWidget):
    """Says when it was painted."""

    def paintEvent(self, event: QPaintEvent) -> None:
        QTimer.singleShot(0, self._ready)

    def _ready(self) -> None:
        print(json.dumps({"ready": True, "megabytes": megabytes()}), flush=True)
        sys.stdin.buffer.read()
        QApplication.quit()


if __name__ == "__main__":
    program = QApplication(sys.argv[:1])
    window = Window()
    window.resize(1280, 800)
    window.show()
    sys.exit(program.exec())
