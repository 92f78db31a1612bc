"""The pictures in the documents come from the real window, and are the same on every run."""

from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from ace_agent import screenshots, theme, translations
from ace_server import wire
from resources import path

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)


def test_picture_is_the_same_on_every_run(qapp, run, tmp_path):
    theme.apply(qapp, "light")

    async def take(name: str) -> Path:
        camera = screenshots.Camera(tmp_path, tmp_path)
        window = camera.window(screenshots.busy())
        await camera.take(name, window)
        await camera.close(window)
        return tmp_path / f"{name}.png"

    first, second = QImage(str(run(take("first")))), QImage(str(run(take("second"))))
    assert (first.width(), first.height()) == (1280, 800)
    assert first == second


def test_panel_is_taken_with_all_its_rows(qapp, run, tmp_path):
    theme.apply(qapp, "light")
    camera = screenshots.Camera(tmp_path, tmp_path)

    async def take():
        window = camera.window(screenshots.supervisor())
        window.session.receive(screenshots.figures())
        await camera.take("panel", window)
        shown = window.panel.queue_model.rowCount(), window.panel.agent_model.rowCount()
        await camera.close(window)
        return shown

    assert run(take()) == (7, 11)
    assert not QImage(str(tmp_path / "panel.png")).isNull()


def test_waiting_list_is_taken_with_the_contact_that_is_read(qapp, run, tmp_path):
    theme.apply(qapp, "light")
    pictures = []
    for name in ("first", "second"):
        camera = screenshots.Camera(tmp_path, tmp_path)
        run(screenshots._take_waiting(camera, name, screenshots.WIDE))
        pictures.append(QImage(str(tmp_path / f"waiting-list-{name}.png")))
    assert not pictures[0].isNull() and pictures[0] == pictures[1]


def test_waiting_list_of_a_swedish_bank_holds_what_waits_in_it(qapp, run, tmp_path):
    server = screenshots.Server(tmp_path, screenshots.in_swedish)

    async def looked(queue: str):
        return await server.ask(wire.Look(request=0, queue=queue))

    assert run(looked("Reklamationer")).contacts[0].task_type == "Kortreklamation"
    assert run(looked("Lånebeslut")).contacts[0].task_type == "Låneansökan"


def test_page_and_playing_call_are_the_same_on_every_run(qapp, run, tmp_path):
    theme.apply(qapp, "light")
    pictures = []
    for name in ("first", "second"):
        run(screenshots._take_attachments(screenshots.Camera(tmp_path, tmp_path), name))
        pictures.append(QImage(str(tmp_path / f"attachments-{name}.png")))
    assert not pictures[0].isNull() and pictures[0] == pictures[1]


def test_every_desk_can_be_shown(qapp, run, tmp_path):
    theme.apply(qapp, "light")
    camera = screenshots.Camera(tmp_path, tmp_path)
    run(screenshots._take_desks(camera, "x", screenshots.LAPTOP))
    assert {file.stem for file in tmp_path.glob("*-x.png")} == {
        "desk-x",
        "booked-x",
        "wrap-up-x",
        "paused-x",
        "ready-x",
    }


def test_queue_and_what_is_done_there_are_taken(qapp, run, tmp_path):
    theme.apply(qapp, "light")
    camera = screenshots.Camera(tmp_path, tmp_path)
    run(screenshots._take_panel(camera, "x", screenshots.WIDE))
    run(screenshots._take_interventions(camera, "x"))
    pictures = [QImage(str(file)) for file in sorted(tmp_path.glob("*-x.png"))]
    assert len(pictures) == 5
    assert not any(one == other for one, other in combinations(pictures, 2))


def test_mail_is_taken_as_it_is_read_answered_and_about_to_go(qapp, run, tmp_path):
    theme.apply(qapp, "light")
    camera = screenshots.Camera(tmp_path, tmp_path)
    run(screenshots._take_mail(camera, "x", screenshots.WIDE))
    run(screenshots._take_others_mail(camera, "x"))
    names = ("mail", "reply", "undo", "own-program", "social")
    pictures = [QImage(str(tmp_path / f"{name}-x.png")) for name in names]
    assert not any(one.isNull() for one in pictures)
    assert not any(one == other for one, other in combinations(pictures, 2))


def test_formatted_mail_is_the_same_on_every_run(qapp, run, tmp_path):
    theme.apply(qapp, "dark")
    camera = screenshots.Camera(tmp_path, tmp_path)

    async def take(name: str) -> Path:
        window = camera.window(screenshots.mailing())
        await screenshots._until_read(window)
        await camera.take(name, window)
        assert not window.desk.preview.mail.html.shows_text
        await camera.close(window)
        return tmp_path / f"{name}.png"

    assert QImage(str(run(take("first")))) == QImage(str(run(take("second"))))


def test_quarantine_is_taken_with_the_source_of_a_mail(qapp, run, tmp_path):
    theme.apply(qapp, "light")
    camera = screenshots.Camera(tmp_path, tmp_path)
    run(screenshots._take_quarantine(camera, "x", screenshots.WIDE))
    names = ("mail-accounts-x.png", "quarantine-x.png")
    accounts, kept = (QImage(str(tmp_path / name)) for name in names)
    assert not accounts.isNull() and not kept.isNull() and accounts != kept


SAID_OF_MAIL = [
    *(account.trouble for account in screenshots.mail_accounts()),
    *(one.said for account in screenshots.mail_accounts() for one in account.withheld),
    *(mail.reason for mail in screenshots.quarantined().mails),
    *(mail.said for mail in screenshots.quarantined().undelivered),
]


@pytest.mark.parametrize("sentence", [one for one in SAID_OF_MAIL if one], ids=str)
def test_pictures_of_mail_show_sentences_that_the_server_says(sentence):
    messages = translations.messages(path("translations") / "ace_sv.ts")
    assert sentence.text in {one.source for one in messages if one.context == "server"}


@pytest.mark.parametrize("sentence", [*screenshots.EXPLANATION, *screenshots.WHY_NOT], ids=str)
def test_pictures_show_sentences_that_the_server_says(sentence):
    messages = translations.messages(path("translations") / "ace_sv.ts")
    assert sentence.text in {one.source for one in messages if one.context == "server"}
