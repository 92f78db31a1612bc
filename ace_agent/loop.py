"""The window's event loop, on which coroutines run beside Qt's events.

The only module that imports qasync. No dialog's own loop may run inside it: `open()` a dialog and
await its end (`closed`).
"""

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog
from shiboken6 import isValid

os.environ["QT_API"] = "pyside6"  # before qasync is imported: it may find another binding
os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*=false")  # it lists what it does not find
import qasync  # noqa: E402  # after the lines above: they decide its binding

log = logging.getLogger(__name__)

COLLECT_EVERY_MS = 1_000
"""Pause between two looks at what the collector has to do."""

Main = Callable[[asyncio.Event], Coroutine[Any, Any, int]]
"""Runs until the event is set, which asks it to end; returns the exit code."""


def run(app: QApplication, main: Main) -> int:
    """Run `main`; the last window closed, Ctrl-C and a request to terminate ask it to end."""
    app.setQuitOnLastWindowClosed(False)  # closing a dialog would stop the loop in mid-flight
    excepthook = sys.excepthook
    sys.excepthook = _log_failure
    try:
        with collecting_here(), qasync.QEventLoop(app) as loop:
            loop.set_exception_handler(_log_context)
            return int(loop.run_until_complete(_until_closed(app, main)))
    finally:
        sys.excepthook = excepthook


@contextmanager
def collecting_here() -> Iterator[None]:
    """Collect garbage on this thread only.

    Python's collector runs on whatever thread happens to allocate; a Qt object that it destroys
    outside the thread it belongs to takes the program down.
    """
    timer = QTimer()
    timer.timeout.connect(_collect)
    gc.disable()
    timer.start(COLLECT_EVERY_MS)
    try:
        yield
    finally:
        timer.stop()
        gc.collect()
        gc.enable()


def _collect() -> None:
    """What the collector would have done by itself by now: the oldest generation that is due."""
    due = [
        n
        for n, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
        if most and count > most
    ]
    if due:
        gc.collect(max(due))


async def closed(dialog: QDialog) -> int:
    """Show the dialog and wait for its end; returns its result code."""
    result: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def finished(code: int) -> None:
        if not result.done():
            result.set_result(code)

    dialog.finished.connect(finished)
    dialog.open()
    try:
        return await result
    finally:
        if isValid(dialog):  # else it went with what it stood on
            dialog.finished.disconnect(finished)


async def _until_closed(app: QApplication, main: Main) -> int:
    loop = asyncio.get_running_loop()
    close = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # Windows: Ctrl-C raises KeyboardInterrupt there
            loop.add_signal_handler(number, close.set)
    app.lastWindowClosed.connect(close.set)
    try:
        return await main(close)
    finally:
        app.lastWindowClosed.disconnect(close.set)
        await _end_what_is_left(loop)


async def _end_what_is_left(loop: asyncio.AbstractEventLoop) -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        log.warning("still running at the end: %s", task.get_name())
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    await loop.shutdown_asyncgens()
    await loop.shutdown_default_executor()


def _log_failure(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """Qt's exception hook: what a slot raised is logged, and the window goes on."""
    log.error("a slot failed", exc_info=(kind, error, traceback))


def _log_context(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    log.error("%s", context.get("message"), exc_info=context.get("exception"))
