"""The program from its first window on: waiting, trouble, the first start, log-in, desk, end."""

import asyncio
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPlainTextEdit, QWidget
from shiboken6 import isValid

from ace_agent import language
from ace_agent.app import Program
from ace_agent.first_start import steps
from ace_agent.settings import Settings
from ace_server import wire
from tests.agent.scripted import ScriptedServer, contact
from tests.agent.waiting import until

# a window without a screen has no frame
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)

STAND_IN = Path(__file__).with_name("stand_in.py")


@pytest.fixture
def settings(qapp, tmp_path):
    settings = Settings(tmp_path / "window.ini")
    settings.sound = False
    return settings


@asynccontextmanager
async def program(settings, server=None, data=None, *, answers_itself=False, **options):
    """The program, running; ended as by closing its last window."""
    url = f"http://127.0.0.1:{server.port}" if server else ""
    running = Program(settings, data, url, **options)
    close = asyncio.Event()
    ending = asyncio.ensure_future(running.run(close))
    try:
        yield running
    finally:
        if server is not None and not answers_itself:
            server.lets_go = True
        close.set()
        await ending
        if server is not None:
            await server.stop()


def typed(field, text):
    field.clear()
    QTest.keyClicks(field, text)


def page(running):
    """What the window before the desk shows."""
    return running.door.findChild(QWidget, "pages").currentWidget()


async def at_log_in(running):
    await until(lambda: page(running) is running.door.log_in_page and running.link.welcome)
    return running.door.log_in_page


async def logged_in(running, server, *contacts):
    """Log in by keyboard, as Anna."""
    log_in = await at_log_in(running)
    typed(log_in.login, "anna")
    typed(log_in.password, "secret")
    QTest.keyClick(log_in.password, Qt.Key.Key_Return)
    command = await server.let_in(*contacts)
    await until(lambda: running.window is not None and running.window.isVisible())
    return command


# Logging in


def test_log_in_by_keyboard_brings_the_desk(run, settings):
    async def flow():
        server = await ScriptedServer().start()
        async with program(settings, server) as running:
            command = await logged_in(running, server, contact(7))
            assert (command.login, command.password) == ("anna", "secret")
            assert not running.door.isVisible()
            assert settings.last_login == "anna"
            assert running.door.log_in_page.password.text() == ""

    run(flow())


def test_log_in_page_names_the_site(run, settings):
    async def flow():
        server = await ScriptedServer().start()
        async with program(settings, server) as running:
            log_in = await at_log_in(running)
            assert log_in.title.text() == "Log in to The bank"
            assert not log_in.button.isEnabled()  # nothing is typed yet

    run(flow())


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("unauthorised", "Login or password is wrong."),
        ("slow-down", "Too many wrong passwords. Try again in 4 s."),
    ],
)
def test_refused_log_in_says_why_and_can_be_tried_again(run, settings, code, reason):
    async def flow():
        server = await ScriptedServer().start()
        async with program(settings, server) as running:
            log_in = await at_log_in(running)
            log_in.enter("anna", "wrong")
            assert not log_in.button.isEnabled()  # one at a time
            command = await server.hears(wire.LogIn)
            await server.say(
                wire.Refusal(request=command.request, code=code, reason=wire.Sentence(reason))
            )
            await until(log_in.button.isEnabled)
            assert log_in.message.text() == reason
            assert log_in.login.text() == "anna"

    run(flow())


def test_one_time_code_asks_for_a_password_twice(run, settings):
    async def flow():
        server = await ScriptedServer().start()
        async with program(settings, server) as running:
            log_in = await at_log_in(running)
            log_in.enter("anna", "the code")
            command = await server.hears(wire.LogIn)
            await server.say(
                wire.Refusal(
                    request=command.request,
                    code="new-password",
                    reason=wire.Sentence("Choose one."),
                )
            )
            await until(log_in.new_password.isVisible)
            typed(log_in.new_password.first, "a good one")
            assert not log_in.button.isEnabled()
            typed(log_in.new_password.second, "a good 0ne")
            assert not log_in.button.isEnabled()
            typed(log_in.new_password.second, "a good one")
            QTest.keyClick(log_in.new_password.second, Qt.Key.Key_Return)
            command = await server.let_in()
            assert (command.password, command.new_password) == ("the code", "a good one")
            await until(lambda: running.window is not None)

    run(flow())


def test_password_can_be_shown(run, settings):
    async def flow():
        server = await ScriptedServer().start()
        async with program(settings, server) as running:
            log_in = await at_log_in(running)
            assert log_in.password.echoMode() == QLineEdit.EchoMode.Password
            log_in.shown.click()
            assert log_in.password.echoMode() == QLineEdit.EchoMode.Normal

    run(flow())


def test_server_that_does_not_answer_is_told_and_tried_again(run, settings):
    async def flow():
        server = await ScriptedServer().start()
        await server.stop()
        async with program(settings, server) as running:
            log_in = running.door.log_in_page
            await until(lambda: "does not answer" in log_in.connection.text())
            assert page(running) is log_in
            await server.start()
            await at_log_in(running)
            assert log_in.connection.text() == ""

    run(flow())


def test_log_in_can_be_given_and_goes_straight_in(run, settings):
    async def flow():
        server = await ScriptedServer().start()
        async with program(settings, server, log_in=("anna", "secret")) as running:
            await server.let_in()
            await until(lambda: running.window is not None and running.window.isVisible())

    run(flow())


# At the desk


def test_logging_out_comes_back_to_the_log_in(run, settings):
    async def flow():
        server = await ScriptedServer().start()
        async with program(settings, server) as running:
            await logged_in(running, server)
            leaving = asyncio.ensure_future(running.session.log_out())
            command = await server.hears(wire.LogOut)
            await server.say(wire.Done(request=command.request))
            await leaving
            assert running.door.isVisible()
            assert not running.window.isVisible()
            await logged_in(running, server)  # and in again

    run(flow())


def test_end_of_the_log_in_says_why_and_keeps_what_was_typed(run, settings):
    async def flow():
        server = await ScriptedServer().start()
        async with program(settings, server) as running:
            await logged_in(running, server, contact(7))
            running.session.edit(7, "loanAmount", "1")
            await server.say(
                wire.LoggedOut(reason=wire.Sentence("You have logged in at another desk."))
            )
            await until(running.door.isVisible)
            await server.cut()
            await until(lambda: server.connections == 2 and running.link.welcome)
            assert "another desk" in running.door.log_in_page.message.text()
            await logged_in(running, server, contact(7))
            assert running.session.value(7, "loanAmount") == "1"
            command = await server.hears(wire.Edit)
            assert command.values == {"loanAmount": "1"}
            await server.say(wire.Done(request=command.request))

    run(flow())


@pytest.fixture
def english(spoken):
    """Whatever the system speaks, and whatever the test goes on to."""
    spoken(language.LANGUAGES["en"])


TROUBLE = "The server cannot store anything at present. It tries again by itself."


def test_chosen_language_is_spoken_at_once_and_nothing_is_lost(run, settings, english, qapp):
    closed = asyncio.Event()
    qapp.lastWindowClosed.connect(closed.set)

    async def flow():
        server = await ScriptedServer().start()
        async with program(settings, server) as running:
            await logged_in(running, server, contact(7), contact(8))
            before, door = running.window, running.door
            before.desk.choose(8)
            running.session.edit(8, "loanAmount", "250 000 kr")
            await server.say(wire.Notice(about="store", text=wire.Sentence(TROUBLE)))
            await until(lambda: before.notice_bar.text == TROUBLE)
            before.commands["language-sv"].trigger()
            await until(lambda: not isValid(before) and not isValid(door))
            after = running.window
            assert after.notice_bar.text.startswith("Servern kan inte lagra något just nu.")
            assert after.isVisible() and after.windowTitle() == "Pausad – Anna Berg – ACE Agent"
            assert after.commands["language-sv"].isChecked()
            assert after.desk.chosen.id == 8
            assert after.desk.data.editor("loanAmount").text() == "250 000 kr"
            assert settings.language == "sv"
            assert not closed.is_set(), "the program would have ended"
            qapp.lastWindowClosed.disconnect(closed.set)
            typed_now = await server.hears(wire.Edit)
            assert typed_now.values == {"loanAmount": "250 000 kr"}
            await server.say(wire.Done(request=typed_now.request))

    run(flow())


def test_log_in_speaks_the_chosen_language_too(run, settings, english):
    async def flow():
        server = await ScriptedServer().start()
        async with program(settings, server) as running:
            await logged_in(running, server)
            running.window.commands["language-sv"].trigger()
            await until(lambda: running.window.windowTitle().startswith("Pausad"))
            running.window.commands["log-out"].trigger()
            command = await server.hears(wire.LogOut)
            await server.say(wire.Done(request=command.request))
            await until(running.door.isVisible)
            assert running.door.log_in_page.title.text() == "Logga in på The bank"
            await server.say(wire.LoggedOut())

    run(flow())


def test_closing_the_window_stores_what_was_typed_and_logs_out(run, settings):
    async def flow():
        server = await ScriptedServer().start()
        async with program(settings, server, answers_itself=True) as running:
            await logged_in(running, server, contact(7))
            running.session.edit(7, "loanAmount", "1")
            ending = asyncio.ensure_future(answered(server))
        assert [type(command) for command in await ending] == [wire.Edit, wire.LogOut]

    async def answered(server):
        commands = []
        for kind in (wire.Edit, wire.LogOut):
            commands.append(await server.hears(kind))
            await server.say(wire.Done(request=commands[-1].request))
        return commands

    run(flow())


def test_desk_is_made_before_anybody_is_logged_in_and_forgets_itself_unseen(
    run, settings, data, stands_in
):
    async def flow():
        stands_in("serves")
        settings.columns = b"as they were"
        async with program(settings, data=data) as running:
            await until(lambda: running._ahead is not None)
            assert running.window is None and not running._ahead.isVisible()
        assert settings.columns == b"as they were"

    run(flow())


# The server of this machine


@pytest.fixture
def stands_in(monkeypatch):
    """Let a stand-in be started for the server; returns how to choose its manner."""

    def choose(manner):
        words = [sys.executable, str(STAND_IN), manner]
        monkeypatch.setattr("ace_agent.embedded.command", lambda: words)

    return choose


def test_server_that_cannot_start_is_told_and_can_be_tried_again(
    run, settings, data, stands_in, expect_log
):
    expect_log("ERROR ace_agent.app: The server on this machine does not start")

    async def flow():
        stands_in("fails")
        async with program(settings, data=data) as running:
            await until(lambda: page(running) is running.door.trouble)
            assert "port 8765 is taken" in running.door.trouble.reason.text()
            assert str(data / "server.log") in running.door.trouble.log_file.text()
            running.embedded.program[-2] = "serves"
            running.door.trouble.again.emit()
            assert page(running) is running.door.waiting
            await until(lambda: running.embedded.secret())

    run(flow())


def test_address_that_is_none_is_told(run, settings, expect_log):
    expect_log("ERROR ace_agent.app: .* is no server address")

    async def flow():
        running = Program(settings, None, "ftp://bank")
        close = asyncio.Event()
        ending = asyncio.ensure_future(running.run(close))
        await until(lambda: page(running) is running.door.trouble)
        close.set()
        assert await ending == 1

    run(flow())


# The first start


@pytest.fixture
def no_users(run, data, stands_in, monkeypatch, settings):
    """The program on a data folder whose server has no users: runs `flow(running, server)`."""

    def use(flow):
        async def whole():
            server = ScriptedServer()
            server.welcome = wire.encode(
                wire.Welcome(version=wire.PROTOCOL_VERSION, site="", first_start=True)
            )
            await server.start()
            monkeypatch.setenv("STAND_IN_PORT", str(server.port))
            stands_in("serves")
            async with program(settings, data=data) as running:
                await until(lambda: page(running) is running.door.first_start)
                await flow(running, server)
                server.lets_go = True
            await server.stop()

        run(whole())

    return use


def fill_in(first_start):
    typed(first_start.name, "Erik Holm")
    typed(first_start.login, "erik")
    typed(first_start.password.first, "a good one")
    typed(first_start.password.second, "a good one")


def test_first_start_makes_the_administrator_and_says_how_to_go_on(no_users, data):
    async def flow(running, server):
        first_start = running.door.first_start
        assert not first_start.create_button.isEnabled()
        fill_in(first_start)
        QTest.keyClick(first_start.password.second, Qt.Key.Key_Return)
        command = await server.hears(wire.CreateAdministrator)
        assert command.setup == "s3cret"
        assert (command.login, command.name, command.password) == (
            "erik",
            "Erik Holm",
            "a good one",
        )
        await server.say(wire.Done(request=command.request))
        await until(first_start.steps.isVisible)
        assert str(data) in first_start.steps.toPlainText()
        first_start.copy_button.click()
        assert QGuiApplication.clipboard().text() == first_start.steps.toPlainText()
        QTest.keyClick(first_start.go_on_button, Qt.Key.Key_Space)
        command = await server.let_in()
        assert (command.login, command.password) == ("erik", "a good one")
        await until(lambda: running.window is not None)

    no_users(flow)


def test_refused_administrator_says_why(no_users):
    async def flow(running, server):
        first_start = running.door.first_start
        fill_in(first_start)
        first_start.create_button.click()
        command = await server.hears(wire.CreateAdministrator)
        await server.say(
            wire.Refusal(
                request=command.request, code="weak-password", reason=wire.Sentence("Too common.")
            )
        )
        await until(lambda: first_start.message.text() == "Too common.")
        assert first_start.create_button.isEnabled()

    no_users(flow)


def test_login_that_is_none_is_told_while_it_is_typed(no_users):
    async def flow(running, server):
        first_start = running.door.first_start
        fill_in(first_start)
        typed(first_start.login, "Erik Holm")
        assert "letters" in first_start.message.text()
        assert not first_start.create_button.isEnabled()

    no_users(flow)


def test_first_start_elsewhere_is_sent_to_the_servers_machine(run, settings):
    async def flow():
        server = ScriptedServer()
        server.welcome = wire.encode(
            wire.Welcome(version=wire.PROTOCOL_VERSION, site="", first_start=True)
        )
        await server.start()
        async with program(settings, server) as running:
            await until(lambda: page(running) is running.door.trouble)
            assert "on the server's own machine" in running.door.trouble.reason.text()

    run(flow())


def test_every_control_has_a_name(run, settings, data):
    async def flow():
        server = await ScriptedServer().start()
        async with program(settings, server) as running:
            await at_log_in(running)
            for control in running.door.findChildren(QWidget):
                if isinstance(control, QAbstractButton | QLineEdit | QPlainTextEdit):
                    assert control.accessibleName() or control.text(), control

    run(flow())


def test_steps_are_command_lines_for_this_data_folder(tmp_path):
    data = tmp_path / "a folder"
    lines = steps(["python3", "main.py"], data).splitlines()
    assert lines == [
        f"python3 main.py export '{data}/site.toml' --data '{data}'",
        "",
        f"python3 main.py configure '{data}/site.toml' --data '{data}'",
    ]
