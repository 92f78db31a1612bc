"""What comes with a contact is played and shown in the window; what is hostile goes nowhere."""

import asyncio
import io
import json
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QCoreApplication, QPoint, QPointF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QImageIOHandler, QImageWriter, QWheelEvent
from PySide6.QtPdf import QPdfDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from ace_agent import theme
from ace_agent.desk import audio, pdf, pdf_process, pictures, showable
from ace_agent.desk.audio import Audio, Unheard
from ace_agent.desk.canvas import LARGEST, SLACK, STEP, Canvas, fitted
from ace_agent.desk.pictures import PictureView
from ace_agent.desk.showable import MOST_PIXELS, Unreadable, Why
from ace_server.wire import AgentState, Attachment
from resources import path
from tests.agent.scripted import ANNA, contact, desk
from tests.agent.test_longer_texts import cut_off
from tests.agent.test_main_window import controls, walk
from tests.agent.waiting import until

pytestmark = pytest.mark.qt_log_ignore(
    "does not support (propagateSizeHints|raise|grabbing the keyboard)", extend=True
)

DATA = Path(__file__).parent.parent / "data" / "attachments"
CALL, CARD = path("demo/call.wav"), path("demo/id-card.pdf")
TELEPHONE, THREE_PAGES = DATA / "telephone.wav", DATA / "three_pages.pdf"
BUSY = msgspec.structs.replace(ANNA, state=AgentState.BUSY)
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
A4 = QSizeF(793, 1123)


def attached(bench, *files, number=1, types=()):
    """A contact with these files; `types` are what their sender says they are."""
    bench.server.files = dict(enumerate(files))
    sent = [
        Attachment(position=n, name=file.name, media_type=kind, size=file.stat().st_size)
        for n, (file, kind) in enumerate(zip(files, [*types, *[""] * len(files)], strict=False))
    ]
    held = contact(1, attachments=sent, fields=[])
    return desk(held, agent=BUSY, number=number)


@pytest.fixture
def shown(bench):
    """The attachments of a desk whose sound nobody hears."""
    bench.desk.attachments.player.audio.ear = audio.buffers
    return bench.desk.attachments


@pytest.fixture
def sound(run):
    """Plays to nobody's ear; silent at the end."""
    made = Audio(ear=audio.buffers)
    yield made
    made.stop()


async def started(shown):
    await until(lambda: shown.player.audio.position > 0)


async def drawn(shown):
    await until(lambda: shown.viewer.is_drawn and shown.viewer.isVisible())


def picture(folder, name="card.png", width=400, height=300):
    file = folder / name
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.darkCyan)
    image.save(str(file))
    return file


# Audio


def test_call_plays_and_knows_where_it_is(run, sound):
    async def flow():
        frames = []
        sound.play(CALL)
        heard = sound._player.audioBufferOutput()
        heard.audioBufferReceived.connect(lambda buffer: frames.append(buffer.frameCount()))
        await until(lambda: sound.position > 0 and frames)
        assert sound.is_playing and sound.duration == 8_707

    run(flow())


def test_what_a_telephone_system_records_is_played_to_its_end_and_again(run, sound):
    async def flow():
        sound.set_speed(2.0)
        sound.play(TELEPHONE)
        await until(lambda: sound.position == 500)
        await until(lambda: not sound.is_playing)
        sound.toggle()
        await until(lambda: 0 < sound.position < 500)
        assert sound.is_playing

    run(flow())


def test_call_is_paused_goes_on_and_goes_elsewhere(run, sound):
    async def flow():
        sound.play(CALL)
        await until(lambda: sound.position > 0)
        sound.toggle()
        await until(lambda: not sound.is_playing)
        sound.seek(5_000)
        await until(lambda: sound.position == 5_000)
        sound.seek(99_000)
        await until(lambda: sound.position == sound.duration)
        sound.seek(-1)
        await until(lambda: sound.position == 0)
        assert not sound.is_playing
        sound.toggle()
        await until(lambda: sound.is_playing)

    run(flow())


def test_length_that_a_file_claims_is_not_believed(run, sound):
    async def flow():
        sound.play(DATA / "claims_too_much.wav")
        await until(lambda: sound.duration)
        assert sound.duration == 500

    run(flow())


@pytest.mark.parametrize("name", ["nonsense.wav", "three_pages.pdf", "README.md", "not-there"])
def test_what_is_no_audio_is_told(run, sound, name):
    async def flow():
        why = []
        sound.failed.connect(why.append)
        sound.play(DATA / name)
        await until(lambda: why)
        assert why == [Unheard.NOT_AUDIO]
        assert not sound.is_loaded and not sound.is_playing

    run(flow())


def test_file_that_is_never_understood_is_given_up(run, sound):
    async def flow():
        why = []
        sound.failed.connect(why.append)
        sound.play(CALL)
        sound._patience.timeout.emit()
        assert why == [Unheard.NOT_AUDIO] and not sound.is_loaded

    run(flow())


def test_nothing_plays_where_nobody_can_hear_it(run):
    async def flow():
        why = []
        deaf = Audio(ear=lambda player: False)
        deaf.failed.connect(why.append)
        deaf.play(CALL)
        assert why == [Unheard.NO_DEVICE] and not deaf.is_loaded

    run(flow())


def test_device_that_went_away_is_noticed_when_it_goes_on(run, sound):
    async def flow():
        why = []
        sound.failed.connect(why.append)
        sound.play(CALL)
        await until(lambda: sound.position > 0)
        sound.toggle()
        sound.ear = lambda player: False
        sound.toggle()
        assert why == [Unheard.NO_DEVICE]

    run(flow())


def test_window_works_without_the_systems_sound_library():
    """As on a machine without it: there the import fails."""
    code = """
import sys
sys.modules["PySide6.QtMultimedia"] = None
from PySide6.QtCore import QCoreApplication
from ace_agent.desk import attachments, audio
app = QCoreApplication([])
silent = audio.Audio()
silent.failed.connect(lambda why: print(why.value))
silent.play("call.wav")
assert "PySide6.QtPdf" not in sys.modules
silent.toggle(), silent.seek(1), silent.set_speed(2.0), silent.stop()
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (result.stdout.strip(), result.stderr) == ("no device", "")


# The player


def test_audio_plays_in_the_window_with_enter(bench, run, shown):
    async def flow():
        await bench.say(attached(bench, CALL))
        assert shown.show_action.text() == "Play"
        shown.view.setFocus()
        bench.press(Qt.Key.Key_Return)
        await started(shown)
        assert shown.player.isVisible() and not bench.opened
        assert shown.player.accessibleDescription() == "call.wav"
        assert bench.window.focusWidget() is shown.player.track

    run(flow())


def test_player_is_worked_by_keyboard(bench, run, shown):
    async def flow():
        await bench.say(attached(bench, CALL))
        shown.view.setFocus()
        bench.press(Qt.Key.Key_Return)
        await started(shown)
        sound, track = shown.player.audio, shown.player.track
        bench.press(Qt.Key.Key_Space)
        await until(lambda: not sound.is_playing)
        assert shown.player.button.accessibleName() == "Play (Space)"
        sound.seek(1_000)
        for key, there in (
            (Qt.Key.Key_Right, 6_000),
            (Qt.Key.Key_Right, 8_707),
            (Qt.Key.Key_Left, 3_707),
            (Qt.Key.Key_Home, 0),
            (Qt.Key.Key_End, 8_707),
        ):
            bench.press(key)
            await until(lambda there=there: sound.position == there)
        assert track.accessibleDescription() == "0:08 of 0:08"
        shown.player.speed.setFocus()
        bench.press(Qt.Key.Key_Down)
        assert sound._player.playbackRate() == 1.25
        bench.press(Qt.Key.Key_Escape)
        assert not shown.player.isVisible() and not sound.is_loaded
        assert bench.window.focusWidget() is shown.view

    run(flow())


def test_place_is_chosen_with_the_mouse(bench, run, shown):
    async def flow():
        await bench.say(attached(bench, CALL))
        await shown.show_here(shown.model.rows[0])
        await started(shown)
        sound, track = shown.player.audio, shown.player.track
        sound.toggle()
        middle = QPoint(track.width() // 2, track.height() // 2)
        QTest.mousePress(track, Qt.MouseButton.LeftButton, pos=middle)
        QTest.mouseMove(track, middle + QPoint(1, 0))
        sound.changed.emit()  # where it is does not move what is dragged
        QTest.mouseRelease(track, Qt.MouseButton.LeftButton, pos=middle)
        await until(lambda: abs(sound.position - sound.duration // 2) < 100)

    run(flow())


def test_call_is_played_and_paused_by_a_key_of_the_whole_window(bench, run, shown):
    async def flow():
        await bench.say(attached(bench, CARD, CALL))
        play = bench.window.commands["play"]
        assert play.isEnabled()
        bench.desk.contacts.view.setFocus()
        bench.press(Qt.Key.Key_Space, CTRL | SHIFT)
        await started(shown)
        bench.press(Qt.Key.Key_Space, CTRL | SHIFT)
        await until(lambda: not shown.player.audio.is_playing)
        assert bench.window.focusWidget() is bench.desk.contacts.view
        await bench.say(attached(bench, CARD, number=2))
        assert not play.isEnabled()

    run(flow())


def test_enter_on_what_plays_pauses_it(bench, run, shown):
    async def flow():
        await bench.say(attached(bench, CALL))
        shown.show_action.trigger()
        await started(shown)
        shown.show_action.trigger()
        await until(lambda: not shown.player.audio.is_playing)
        assert shown.player.audio.is_loaded

    run(flow())


def test_another_one_is_played_instead(bench, run, shown):
    async def flow():
        await bench.say(attached(bench, CALL, TELEPHONE))
        await shown.show_here(shown.model.rows[0])
        await started(shown)
        await shown.show_here(shown.model.rows[1])
        await until(lambda: shown.player.audio.duration == 500)
        assert shown.player.accessibleDescription() == "telephone.wav"

    run(flow())


def test_call_is_silent_once_its_contact_has_left(bench, run, shown):
    async def flow():
        await bench.say(attached(bench, CALL))
        await shown.show_here(shown.model.rows[0])
        await started(shown)
        shown.player.track.setFocus()
        await bench.say(desk(agent=ANNA, number=2))
        assert not shown.player.audio.is_loaded and not shown.player.isVisible()
        assert bench.window.focusWidget() is bench.desk.contacts.view

    run(flow())


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("nonsense.wav", "damaged"),
        ("names_another.wav", "its content does not tell its kind"),
        ("names_another_behind_a_tag.mp3", "its content does not tell its kind"),
    ],
)
def test_audio_that_is_none_is_told_and_offered_to_the_desktop(bench, run, shown, file, said):
    async def flow():
        await bench.say(attached(bench, DATA / file))
        shown.view.setFocus()
        shown.show_action.trigger()
        await until(lambda: said in shown.instead.text)
        assert bench.window.focusWidget() is shown.instead.button
        assert not bench.opened and not shown.player.isVisible()
        shown.instead.button.click()
        await until(lambda: bench.opened and bench.opened[0].endswith(f"/{file}"))
        bench.press(Qt.Key.Key_Escape)
        assert not shown.instead.text and bench.window.focusWidget() is shown.view

    run(flow())


def test_machine_without_sound_offers_the_desktops_program(bench, run, shown):
    async def flow():
        shown.player.audio.ear = lambda player: False
        await bench.say(attached(bench, CALL))
        shown.show_action.trigger()
        await until(lambda: "nothing to hear it with" in shown.instead.text)
        assert not shown.player.isVisible()

    run(flow())


# PDF


async def test_pdf_is_drawn_page_by_page_in_a_process_of_its_own():
    document = pdf.Document(THREE_PAGES)
    try:
        await document.open()
        assert (document.pages, document.has_more) == (3, False)
        assert await document.size(0) == QSizeF(400, 533 + 1 / 3)
        assert await document.size(1) == QSizeF(533 + 1 / 3, 400)
        first, second = [await document.image(page, QSize(300, 400)) for page in (0, 1)]
    finally:
        document.close()
    assert first.size() == QSize(300, 400)
    assert first.pixelColor(30, 350).red() > 150 and first.pixelColor(30, 350).green() < 50
    assert first.pixelColor(150, 20).alpha() == 0, "the paper is the window's"
    assert first != second


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("locked.pdf", Why.LOCKED),
        ("truncated.pdf", Why.BROKEN),
        ("telephone.wav", Why.BROKEN),
        ("not-there", Why.BROKEN),
    ],
)
async def test_pdf_that_cannot_be_shown_says_why(name, why):
    document = pdf.Document(DATA / name)
    with pytest.raises(Unreadable) as caught:
        await document.open()
    document.close()
    assert caught.value.why == why


async def test_pdf_that_takes_too_long_is_ended():
    document = pdf.Document(THREE_PAGES, patience=0)
    with pytest.raises(Unreadable) as caught:
        await document.open()
    assert caught.value.why == Why.SLOW
    assert document._process.returncode is not None


async def test_drawing_that_never_ends_is_ended():
    """Forty forms, each of which draws the next three times."""
    document = pdf.Document(DATA / "endless_drawing.pdf")
    await document.open()
    document._patience = 0.1
    with pytest.raises(Unreadable) as caught:
        await document.image(0, QSize(300, 400))
    assert caught.value.why == Why.SLOW
    assert document._process.returncode is not None


async def test_process_that_died_is_told_and_never_asked_again():
    document = pdf.Document(THREE_PAGES)
    await document.open()
    document._process.kill()
    document._process.wait()
    with pytest.raises(Unreadable):
        await document.size(0)
    document.close()
    with pytest.raises(Unreadable):
        await document.image(0, QSize(10, 10))


@pytest.mark.parametrize(
    "answer",
    [
        '{"width": 1000000, "height": 1000000, "bytes": 4000000000000}',
        '{"width": 10, "height": 10, "bytes": 1}',
        '{"width": 10, "height": 10, "bytes": 400}',
        '{"width": "10"}',
        "x" * 5_000,
    ],
    ids=["huge", "wrong", "short", "no number", "endless"],
)
async def test_process_that_was_taken_over_is_not_believed(monkeypatch, tmp_path, answer):
    hostile = tmp_path / "hostile.py"
    lines = ('{"pages": 1, "error": ""}', answer)
    hostile.write_text(f"import sys\nfor line in {lines!r}:\n print(line, flush=True)\n")
    monkeypatch.setattr(pdf, "PROCESS", hostile)
    document = pdf.Document(THREE_PAGES)
    try:
        await document.open()
        with pytest.raises(Unreadable):
            await document.image(0, QSize(10, 10))
    finally:
        document.close()


async def test_packed_program_shows_no_pdf_rather_than_start_itself(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(Unreadable):
        await pdf.Document(THREE_PAGES).open()


@pytest.mark.skipif(sys.platform != "linux", reason="limits are read from /proc")
async def test_process_that_draws_has_little_to_do_harm_with():
    document = pdf.Document(THREE_PAGES)
    await document.open()
    limits = Path(f"/proc/{document._process.pid}/limits").read_text()
    document.close()
    soft = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()}
    assert soft["Max data size"] == str(pdf_process.MOST_MEMORY)
    assert (soft["Max core file size"], soft["Max file size"]) == ("0", "0")
    assert soft["Max cpu time"] == str(pdf_process.MOST_WORK)


def test_process_answers_until_nothing_more_is_asked(qapp):
    document = QPdfDocument()
    error = document.load(str(THREE_PAGES))
    answers = io.BytesIO()
    pdf_process.serve(document, error, io.BytesIO(b"size 1\ndraw 2 3 4\n"), answers)
    said = answers.getvalue().split(b"\n", 3)
    assert json.loads(said[0]) == {"pages": 3, "error": ""}
    assert json.loads(said[1]) == {"width": 400, "height": 300}
    assert json.loads(said[2]) == {"width": 3, "height": 4, "bytes": 48}
    assert len(said[3]) == 48


def test_process_says_what_is_wrong_with_a_file(qapp):
    document = QPdfDocument()
    answers = io.BytesIO()
    pdf_process.serve(document, document.load(str(DATA / "locked.pdf")), io.BytesIO(), answers)
    assert json.loads(answers.getvalue()) == {"pages": 0, "error": "IncorrectPassword"}


def test_endless_page_is_drawn_within_bounds():
    assert showable.within(QSize(800, 600)) == QSize(800, 600)
    for size in (QSize(40_000, 30_000), QSize(1, 2_000_000_000), QSize(3, 2_000_000_000)):
        drawn = showable.within(size)
        assert 0 < drawn.width() * drawn.height() <= MOST_PIXELS
    assert showable.within(QSize(0, 0)) == QSize(1, 1)


# The viewer


async def show(bench, shown, *files):
    await bench.say(attached(bench, *files))
    shown.view.setFocus()
    bench.press(Qt.Key.Key_Return)
    await drawn(shown)
    return shown.viewer


def test_pdf_is_shown_in_the_window_with_enter(bench, run, shown):
    async def flow():
        viewer = await show(bench, shown, CARD)
        assert not bench.opened
        assert bench.window.focusWidget() is viewer.canvas
        assert viewer.canvas.accessibleName() == "id-card.pdf"
        assert not viewer.on.isVisible(), "there is one page only"

    run(flow())


def test_pages_are_turned_by_keys_and_by_buttons(bench, run, shown):
    async def flow():
        viewer = await show(bench, shown, THREE_PAGES)
        assert (viewer.words, viewer.back.isEnabled()) == ("1 of 3", False)
        bench.press(Qt.Key.Key_PageDown)
        await until(lambda: viewer.page == 1 and viewer.is_drawn)
        assert viewer.canvas.zoom == pytest.approx(viewer.canvas.width() / (533 + 1 / 3), rel=0.05)
        viewer.on.setFocus()
        viewer.on.click()
        await until(lambda: viewer.words == "3 of 3" and viewer.is_drawn)
        assert not viewer.on.isEnabled() and viewer.canvas.hasFocus()
        bench.press(Qt.Key.Key_PageDown)
        assert viewer.page == 2
        bench.press(Qt.Key.Key_PageUp)
        await until(lambda: viewer.words == "2 of 3" and viewer.is_drawn)
        await until(lambda: not viewer._name.visibleRegion().isEmpty())

    run(flow())


def test_nothing_in_a_pdf_is_followed_or_run(bench, run, shown):
    async def flow():
        viewer = await show(bench, shown, DATA / "wants_to_run.pdf")
        for place in (QPoint(5, 5), viewer.canvas.viewport().rect().center()):
            QTest.mouseClick(viewer.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
            QTest.mouseDClick(viewer.canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
        bench.press(Qt.Key.Key_Return, on=viewer.canvas)
        assert not bench.opened and not bench.dialogs()

    run(flow())


@pytest.mark.parametrize(
    ("name", "said"),
    [("locked.pdf", "locked with a password"), ("truncated.pdf", "damaged")],
)
def test_pdf_that_is_not_shown_is_offered_to_the_desktop(bench, run, shown, name, said):
    async def flow():
        await bench.say(attached(bench, DATA / name))
        shown.show_action.trigger()
        await until(lambda: said in shown.instead.text)
        assert not shown.viewer.isVisible() and not bench.opened

    run(flow())


def test_page_that_cannot_be_drawn_is_told_and_closed(bench, run, shown):
    async def flow():
        viewer = await show(bench, shown, THREE_PAGES)
        viewer._shown.close()
        bench.press(Qt.Key.Key_PageDown)
        await until(lambda: "damaged" in shown.instead.text)
        assert not viewer.isVisible()

    run(flow())


def test_page_without_end_is_shown_in_its_place(bench, run, shown):
    async def flow():
        viewer = await show(bench, shown, DATA / "endless_page.pdf")
        assert viewer.canvas.height() <= 1_200

    run(flow())


def test_pdf_is_let_go_with_its_contact(bench, run, shown):
    async def flow():
        viewer = await show(bench, shown, CARD)
        process = viewer._shown._process
        await bench.say(desk(agent=ANNA, number=2))
        assert process.returncode is not None
        assert not viewer.isVisible()

    run(flow())


def test_contact_that_leaves_while_its_pdf_opens_shows_nothing(bench, run, shown):
    async def flow():
        await bench.say(attached(bench, CARD))
        shown.show_action.trigger()
        await until(lambda: bench.window.tasks._running)
        await bench.say(desk(agent=ANNA, number=2))
        await until(lambda: not bench.window.tasks._running)
        assert not shown.viewer.isVisible() and not shown.instead.text

    run(flow())


def test_what_was_asked_for_last_is_shown(bench, run, shown, tmp_path):
    async def flow():
        await bench.say(attached(bench, CARD, picture(tmp_path)))
        slow, quick = shown.model.rows
        await asyncio.gather(shown.show_here(slow), shown.show_here(quick))
        await drawn(shown)
        assert shown.viewer.canvas.accessibleName() == "card.png"

    run(flow())


def test_escape_closes_and_gives_the_keyboard_back(bench, run, shown):
    async def flow():
        viewer = await show(bench, shown, CARD)
        bench.press(Qt.Key.Key_Escape)
        assert not viewer.isVisible()
        assert bench.window.focusWidget() is shown.view

    run(flow())


def test_small_picture_is_enlarged_and_small_again(bench, run, shown, tmp_path):
    async def flow():
        card = picture(tmp_path)
        await bench.say(attached(bench, card, types=["image/png"]))
        await until(lambda: shown.findChildren(PictureView))
        (small,) = shown.findChildren(PictureView)
        small.setFocus()
        bench.press(Qt.Key.Key_Return)
        await drawn(shown)
        assert not small.isVisible() and bench.window.focusWidget() is shown.viewer.canvas
        bench.press(Qt.Key.Key_Escape)
        assert small.isVisible() and bench.window.focusWidget() is small

    run(flow())


def test_what_comes_up_below_is_scrolled_to(bench, run, shown):
    async def flow():
        bench.window.resize(1000, 500)
        viewer = await show(bench, shown, CARD)
        await until(lambda: not viewer._name.visibleRegion().isEmpty())

    run(flow())


def test_picture_is_zoomed_by_keys(bench, run, shown, tmp_path):
    async def flow():
        viewer = await show(bench, shown, picture(tmp_path, width=3_000, height=3_000))
        canvas = viewer.canvas
        fit = canvas.zoom
        assert canvas.is_fitted and fit < 0.5
        bench.press(Qt.Key.Key_Plus)
        assert canvas.zoom == pytest.approx(fit * STEP)
        bench.press(Qt.Key.Key_Minus)
        bench.press(Qt.Key.Key_Minus)
        assert canvas.zoom == pytest.approx(fit / STEP)
        bench.press(Qt.Key.Key_1)
        assert viewer.percent.text() == "100 %"
        await drawn(shown)
        assert canvas._image.width() == 3_000, "as sharp as it is"
        bench.press(Qt.Key.Key_Down)
        assert canvas.verticalScrollBar().value() > 0
        bench.press(Qt.Key.Key_0)
        assert canvas.is_fitted and canvas.zoom == pytest.approx(fit, abs=SLACK / 3_000)
        await drawn(shown)
        assert canvas._image.width() < 1_500, "and no more is kept than is seen"

    run(flow())


def test_buttons_do_what_the_keys_do(bench, run, shown, tmp_path):
    async def flow():
        viewer = await show(bench, shown, picture(tmp_path, width=3_000, height=3_000))
        fit = viewer.canvas.zoom
        viewer.larger.click()
        assert viewer.canvas.zoom == pytest.approx(fit * STEP)
        viewer.smaller.click()
        assert viewer.canvas.zoom == pytest.approx(fit)
        viewer.percent.click()
        assert viewer.canvas.zoom == 1
        assert viewer.percent.accessibleName() == "100 %, show at 100 %"
        viewer.fit.click()
        assert viewer.canvas.is_fitted
        viewer.close_button.click()
        assert not viewer.isVisible()

    run(flow())


def test_light_and_dark_show_the_same_page(bench, run, shown, qapp):
    async def flow():
        viewer = await show(bench, shown, CARD)
        light = viewer.canvas.viewport().grab().toImage().pixelColor(40, 4)
        theme.apply(qapp, "dark")
        dark = viewer.canvas.viewport().grab().toImage().pixelColor(40, 4)
        theme.apply(qapp, "light")
        assert light == dark

    run(flow())


# The canvas


@pytest.fixture
def canvas(qapp, qtbot):
    theme.apply(qapp, "light")
    made = Canvas()
    qtbot.addWidget(made)
    made.resize(400, 100)
    made.show()
    made.show_page(A4, enlarges=True)
    made.show_image(QImage(10, 10, QImage.Format.Format_RGB32))
    return made


@pytest.mark.parametrize(
    ("page", "enlarges", "zoom"),
    [
        (QSizeF(800, 200), False, 0.5),
        (QSizeF(800, 1_200), False, 0.25),
        (QSizeF(100, 100), False, 1.0),
        (QSizeF(100, 100), True, 3.0),
    ],
)
def test_page_is_fitted_to_its_room(page, enlarges, zoom):
    assert fitted(page, QSizeF(400, 300), enlarges=enlarges) == zoom


def wheel(canvas, at, delta, modifiers=CTRL):
    event = QWheelEvent(
        QPointF(at),
        canvas.viewport().mapToGlobal(QPointF(at)),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)
    return event.isAccepted()


def test_wheel_zooms_where_the_pointer_is(canvas):
    at = QPoint(100, 200)
    before = (at - canvas._frame().topLeft()) / canvas.zoom
    for _ in range(6):
        assert wheel(canvas, at, 120)
    after = (at - canvas._frame().topLeft()) / canvas.zoom
    assert (after - before).manhattanLength() < 4
    for _ in range(60):
        wheel(canvas, at, 120)
    assert canvas.zoom == LARGEST


def test_wheel_scrolls_what_is_around_a_page_that_is_seen_whole(canvas):
    assert not wheel(canvas, QPoint(10, 10), -120, Qt.KeyboardModifier.NoModifier)
    canvas.zoom_to(3.0)
    top = canvas.verticalScrollBar().value()
    wheel(canvas, QPoint(10, 10), -120, Qt.KeyboardModifier.NoModifier)
    assert canvas.verticalScrollBar().value() > top


def test_enlarged_page_is_moved_by_hand(canvas):
    port = canvas.viewport()
    assert port.cursor().shape() == Qt.CursorShape.ArrowCursor
    canvas.zoom_to(3.0)
    assert port.cursor().shape() == Qt.CursorShape.OpenHandCursor
    left, top = canvas.horizontalScrollBar().value(), canvas.verticalScrollBar().value()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    assert port.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    QTest.mouseMove(port, QPoint(80, 70))
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=QPoint(80, 70))
    moved = canvas.horizontalScrollBar().value() - left, canvas.verticalScrollBar().value() - top
    assert moved == (20, 30)


def test_fitted_page_does_not_follow_the_room_that_a_scroll_bar_leaves(canvas):
    zoom = canvas.zoom
    canvas.resize(canvas.width() + SLACK, canvas.height())
    QCoreApplication.sendPostedEvents()
    assert canvas.zoom == zoom
    canvas.resize(canvas.width() + 2 * SLACK, canvas.height())
    assert canvas.zoom > zoom
    canvas.resize(300, canvas.height())
    assert canvas.zoom == pytest.approx(300 / A4.width())


# Pictures


@pytest.mark.parametrize(
    ("name", "why"), [("bomb.png", Why.TOO_LARGE), ("truncated.png", Why.BROKEN)]
)
def test_picture_that_is_a_trap_is_refused(qapp, name, why):
    with pytest.raises(Unreadable) as caught:
        pictures.read(DATA / name)
    assert caught.value.why == why


def test_bomb_is_refused_in_words(bench, run, shown):
    async def flow():
        await bench.say(attached(bench, DATA / "bomb.png"))
        shown.show_action.trigger()
        await until(lambda: "bomb.png is too large to be shown here" in shown.instead.text)
        assert not shown.viewer.isVisible()

    run(flow())


def test_picture_is_no_larger_than_wanted_and_upright(qapp, tmp_path):
    file = tmp_path / "turned.jpg"
    writer = QImageWriter(str(file), b"jpeg")
    writer.setTransformation(QImageIOHandler.Transformation.TransformationRotate90)
    image = QImage(400, 100, QImage.Format.Format_RGB32)
    image.fill(0)
    assert writer.write(image)
    assert pictures.whole(file) == QSize(100, 400)
    assert pictures.read(file).size() == QSize(100, 400)
    assert pictures.read(file, QSize(50, 200)).size() == QSize(50, 200)


def test_picture_that_left_with_its_contact_is_not_read(tmp_path):
    with pytest.raises(Unreadable):
        pictures.whole(tmp_path / "gone.png")


# Opened and saved outside


def test_open_and_save_have_keys_where_the_attachments_are(bench, run, shown):
    async def flow():
        await bench.say(attached(bench, CALL))
        shown.view.setFocus()
        bench.press(Qt.Key.Key_Return, SHIFT)
        await until(lambda: bench.opened and bench.opened[0].endswith("/1-0/call.wav"))
        bench.press(Qt.Key.Key_S, CTRL)
        bench.press(Qt.Key.Key_Escape, on=await bench.dialog())

    run(flow())


def test_what_can_only_be_opened_is_opened_with_enter(bench, run, shown, tmp_path):
    async def flow():
        (tmp_path / "list.csv").write_text("a;b")
        await bench.say(attached(bench, tmp_path / "list.csv"))
        assert not shown.show_action.isVisible()
        bench.press(Qt.Key.Key_Return, on=shown.view)
        await until(lambda: bench.opened and bench.opened[0].endswith("/list.csv"))

    run(flow())


def test_sender_says_what_a_file_without_an_ending_is(bench, run, shown, tmp_path):
    async def flow():
        for name, content in (("recording", TELEPHONE), ("letter", THREE_PAGES)):
            (tmp_path / name).write_bytes(content.read_bytes())
        files = (tmp_path / "recording", tmp_path / "letter")
        await bench.say(attached(bench, *files, types=["audio/wav", "application/pdf"]))
        assert shown.show_action.text() == "Play" and shown.show_action.isVisible()
        shown.view.setFocus()
        bench.press(Qt.Key.Key_Down)
        assert shown.show_action.text() == "Show" and shown.show_action.isVisible()
        shown.open_action.trigger()
        said = (await bench.dialog()).accessibleDescription()
        assert "Its name does not tell; by its content it is a PDF document." in said
        assert not bench.opened

    run(flow())


def test_picture_that_is_an_archive_asks_before_it_is_opened(bench, run, shown, tmp_path):
    async def flow():
        (tmp_path / "card.jpg").write_bytes(b"PK\x03\x04")
        await bench.say(attached(bench, tmp_path / "card.jpg"))
        shown.open_action.trigger()
        question = await bench.dialog()
        assert question.windowTitle() == "This file is not what its name says"
        assert "it is a picture; by its content it is an archive." in (
            question.accessibleDescription()
        )
        assert not bench.opened

    run(flow())


# All of it


def test_every_control_has_a_name_and_is_reached_with_the_tab_key(bench, run, shown, tmp_path):
    async def flow():
        card = picture(tmp_path)
        files = (CALL, THREE_PAGES, card, DATA / "locked.pdf")
        await bench.say(attached(bench, *files, types=["", "", "image/png"]))
        await until(lambda: shown.findChildren(PictureView))
        rows = shown.model.rows
        await shown.show_here(rows[3])
        await shown.show_here(rows[0])
        await shown.show_here(rows[1])
        await started(shown)
        await drawn(shown)
        shown.instead.say("It cannot be shown.")
        visited = walk(bench.window)
        for widget in controls(bench.window):
            assert widget.accessibleName(), f"{widget} in {widget.parent()} has no name"
            if widget.isEnabled():
                assert widget in visited, f"{widget.accessibleName()} is not reached"
        assert shown.findChildren(PictureView)[0] in visited
        assert {shown.player.track, shown.player.speed, shown.viewer.canvas} <= set(visited)
        parts = [
            shown.view,
            shown.player.track,
            shown.viewer.canvas,
            *shown.findChildren(PictureView),
        ]
        places = [visited.index(part) for part in (*parts, bench.desk.bar.buttons["end"])]
        assert places == sorted(places)

    run(flow())


def test_player_and_viewer_have_room_in_a_narrow_column(bench, run, shown):
    async def flow():
        bench.window.resize(800, 540)
        bench.desk.columns.setSizes([264, 280, 320])
        await bench.say(attached(bench, CALL, THREE_PAGES))
        for row in shown.model.rows:
            await shown.show_here(row)
        await started(shown)
        await drawn(shown)
        await until(lambda: not cut_off(bench.window))
        assert bench.desk.preview.width() == 280

    run(flow())
