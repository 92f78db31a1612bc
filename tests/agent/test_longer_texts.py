"""Texts 40 % longer, and Swedish ones, have room on every page: at 100 % and, as wide, at 200 %."""

from datetime import timedelta

import pytest
from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
)

from ace_agent import theme
from ace_agent.embedded import Embedded
from ace_agent.language import LANGUAGES
from ace_agent.widgets.buttons import WordsButton
from ace_agent.widgets.text import ElidedLabel
from ace_server import wire
from tests.agent import mails, scenes
from tests.agent.scripted import NOW
from tests.agent.standing import waits
from tests.agent.waiting import until

pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise)", extend=True)

SMALLEST = 960, 540
"""Of the window, in pixels: a full-HD screen at 200 %."""


class Longer(QTranslator):
    """Every text is 40 % longer, as in other languages."""

    def translate(self, context, source, disambiguation=None, n=-1):
        return f"{source}{' mn' * (len(source) // 7 + 1)}"

    def isEmpty(self):
        return False


@pytest.fixture(params=["longer", "sv"])
def wordy(request, qapp, spoken):
    """What is made from now on speaks with longer words."""
    theme.apply(qapp, "light")
    if request.param in LANGUAGES:
        spoken(LANGUAGES[request.param])
        yield
        return
    longer = Longer()
    QCoreApplication.installTranslator(longer)
    yield
    QCoreApplication.removeTranslator(longer)


@pytest.fixture
def wordy_bench(wordy, bench):
    """A desk that speaks so, in the smallest window."""
    bench.window.resize(*SMALLEST)
    return bench


def cut_off(window):
    """What has less room than its words need, or stands outside of the window."""
    found = [
        part
        for kind in (QLabel, QAbstractButton, QLineEdit)
        for part in window.findChildren(kind)
        if part.isVisible() and not has_room(part)
    ]
    outside = [
        button
        for button in window.findChildren(QAbstractButton)
        if button.isVisible()
        and button.mapTo(window, button.rect().topRight()).x() >= window.width()
    ]
    pages = [area for area in window.findChildren(QScrollArea) if area.isVisible()]
    wide = [page for page in pages if page.widget().width() > page.viewport().width()]
    return [*found, *outside, *wide]


def has_room(part):
    if isinstance(part, ElidedLabel):
        return True  # it ends in …, and its tooltip says all
    if isinstance(part, QLabel) and part.wordWrap():
        return part.height() >= part.heightForWidth(part.width())
    if isinstance(part, QLineEdit):
        words = part.fontMetrics().horizontalAdvance(part.placeholderText())
        return words <= part.width() - part.height() // 2
    if isinstance(part, QLabel | WordsButton):
        return part.width() >= part.minimumSizeHint().width()
    if isinstance(part, QPushButton | QCheckBox):
        return part.width() >= part.sizeHint().width()
    return True


@pytest.mark.parametrize("scene", scenes.WAITING.values(), ids=scenes.WAITING)
def test_what_waits_has_room(wordy_bench, run, scene):
    async def flow():
        await scene(wordy_bench)
        await until(lambda: not cut_off(wordy_bench.window))
        assert (wordy_bench.window.width(), wordy_bench.window.height()) == SMALLEST

    run(flow())


@pytest.mark.parametrize("scene", [scenes.mail_of, scenes.writing_of, scenes.social_of])
def test_mail_has_room(wordy_bench, run, scene):
    async def flow():
        await scene(wordy_bench)
        await until(lambda: not cut_off(wordy_bench.window))
        assert (wordy_bench.window.width(), wordy_bench.window.height()) == SMALLEST

    run(flow())


@pytest.mark.parametrize("said", scenes.DESKS.values(), ids=scenes.DESKS)
def test_desk_has_room(wordy_bench, run, said):
    async def flow():
        await wordy_bench.say(said)
        await until(lambda: not cut_off(wordy_bench.window))
        assert (wordy_bench.window.width(), wordy_bench.window.height()) == SMALLEST

    run(flow())


def test_messages_have_room(wordy_bench, run):
    async def flow():
        await wordy_bench.say(scenes.busy())
        wordy_bench.session.set_link(False)
        wordy_bench.window.say_trouble(QCoreApplication.translate("Session", SENTENCE))
        await until(lambda: not cut_off(wordy_bench.window))

    run(flow())


SENTENCE = "This contact is no longer where it was. What you see now is how it is."


@pytest.mark.parametrize("command", scenes.PANELS)
def test_panels_have_room(wordy_bench, run, command):
    async def flow():
        panel = await scenes.panel_of(wordy_bench, command)
        await until(lambda: not cut_off(wordy_bench.window))
        assert wordy_bench.window.rect().contains(panel.geometry().topLeft())

    run(flow())


@pytest.mark.parametrize("command", scenes.DIALOGS)
def test_dialogs_have_room(wordy_bench, run, command):
    async def flow():
        async with scenes.dialog_of(wordy_bench, command) as dialog:
            await fits(dialog)

    run(flow())


async def fits(dialog: QDialog):
    await until(lambda: not cut_off(dialog))
    assert dialog.width() <= SMALLEST[0] and dialog.height() <= SMALLEST[1]


@pytest.mark.parametrize("waiting", [(), (waits(1), waits(2, prioritised=True))], ids=len)
def test_queue_has_room(wordy_bench, run, waiting):
    async def flow():
        view = await scenes.queue_of(wordy_bench, *waiting)
        view.table.selectAll()
        await until(lambda: not cut_off(wordy_bench.window))
        assert (wordy_bench.window.width(), wordy_bench.window.height()) == SMALLEST

    run(flow())


@pytest.mark.parametrize("scene", [mails.pulse_of, mails.quarantine_of])
def test_mail_in_pulse_has_room(wordy_bench, run, scene):
    async def flow():
        await scene(wordy_bench, scenes.SUPERVISOR)
        many = [wire.QueueFigures(queue="Loans", waiting=1_229, oldest=LONG_AGO, ended=3_150)]
        told = wire.FiguresChange(number=2, now=NOW, buffered=112, queues=many)
        wordy_bench.session.receive(told)
        await until(lambda: not cut_off(wordy_bench.window))
        assert (wordy_bench.window.width(), wordy_bench.window.height()) == SMALLEST

    run(flow())


LONG_AGO = NOW - timedelta(hours=23)


def test_explained_queue_has_room(wordy_bench, run):
    async def flow():
        why = await scenes.explained_queue_of(wordy_bench)
        await until(lambda: not cut_off(wordy_bench.window))
        assert wordy_bench.window.panel.rect().contains(why.geometry())

    run(flow())


@pytest.mark.parametrize("command", scenes.INTERVENTIONS)
def test_interventions_have_room(wordy_bench, run, command):
    async def flow():
        async with scenes.intervention_of(wordy_bench, command) as dialog:
            await fits(dialog)

    run(flow())


def test_warnings_have_room(wordy_bench, run):
    async def flow():
        async for question in scenes.warnings_of(wordy_bench):
            await fits(question)

    run(flow())


def test_what_comes_before_the_desk_has_room(wordy, run, settings, data):
    async def flow():
        async with scenes.door_of(settings, Embedded(data)) as (link, door):
            size = door.size()
            link.welcomed.emit(wire.Welcome(version=1, site="The bank", first_start=False))
            link.lost.emit(QCoreApplication.translate("Session", SENTENCE))
            for _ in scenes.pages_of(door, SENTENCE):
                await until(lambda: not cut_off(door))
            assert door.size() == size

    run(flow())
