"""The window's loop in a process of its own: how it ends, and what becomes of a fault in a slot."""

import subprocess
import sys
import textwrap

import pytest

START = """
import asyncio, logging, os, signal, sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from ace_agent import loop
logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s")
app = QApplication([])
"""


def ran(main):
    """The output and the exit code of a program that runs `main(close)` on the loop."""
    text = textwrap.dedent(START) + textwrap.dedent(main) + "\nsys.exit(loop.run(app, main))\n"
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", text], capture_output=True, text=True, timeout=60
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout, done.returncode


def test_last_window_closed_asks_main_to_end():
    output, code = ran(
        """
        async def main(close):
            window = QWidget()
            window.show()
            asyncio.get_running_loop().call_soon(window.close)
            await close.wait()
            return 3
        """
    )
    assert (output, code) == ("", 3)


def test_hidden_window_beside_another_ends_nothing():
    output, code = ran(
        """
        async def main(close):
            first, second = QWidget(), QWidget()
            first.show()
            second.show()
            first.hide()
            await asyncio.sleep(0.1)
            print(close.is_set())
            return 0
        """
    )
    assert (output, code) == ("False\n", 0)


@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM"])
def test_signal_asks_main_to_end(number):
    output, code = ran(
        f"""
        async def main(close):
            os.kill(os.getpid(), signal.{number})
            await close.wait()
            return 0
        """
    )
    assert (output, code) == ("", 0)


def test_fault_in_a_slot_is_logged_and_the_window_goes_on():
    output, code = ran(
        """
        async def main(close):
            timer = QTimer()
            timer.setSingleShot(True)
            timer.timeout.connect(lambda: 1 / 0)
            timer.start(0)
            await asyncio.sleep(0.1)
            return 0
        """
    )
    assert "ERROR a slot failed" in output
    assert "ZeroDivisionError" in output
    assert code == 0


def test_dialog_is_awaited_beside_other_tasks():
    output, code = ran(
        """
        async def tick(seen):
            for _ in range(3):
                await asyncio.sleep(0)
                seen.append(1)

        async def main(close):
            seen, dialog = [], QDialog()
            ticking = asyncio.ensure_future(tick(seen))
            ticking.add_done_callback(lambda _: dialog.accept())
            print(await loop.closed(dialog), len(seen))
            await ticking
            return 0
        """
    )
    assert (output, code) == ("1 3\n", 0)


def test_task_that_is_left_is_ended_and_named():
    output, code = ran(
        """
        async def main(close):
            main.left = asyncio.create_task(asyncio.sleep(600), name="forgotten")
            await asyncio.sleep(0)
            return 0
        """
    )
    assert "WARNING still running at the end: forgotten" in output
    assert code == 0
