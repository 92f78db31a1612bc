"""The whole program: a real server, real ports, real windows without a screen."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget

from ace_agent.child import MAIN
from ace_agent.language import LANGUAGES
from ace_agent.password_dialog import PasswordDialog
from ace_agent.session import Refused
from ace_server.wire import AgentState, State
from tests.agent.waiting import until
from tests.flow.bank import CALL, Bank, Wire, bank, configuration

# a window without a screen has no frame
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints", extend=True)

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


# One work item, from bytes to End (WI-11)


def test_work_item_comes_is_handled_and_ends(run, data):
    async def flow():
        async with bank(data) as site, site.window() as anna:
            receipt = await site.send("LOAN-1", attachment=CALL)
            assert receipt.get("status") == "queued"
            assert anna.state == AgentState.PAUSED
            await anna.press(Qt.Key.Key_F9)
            booked = await anna.has(State.BOOKED)
            assert booked.subject == "Loan application LOAN-1"
            assert booked.target == "https://bank.example/loans/LOAN-1"
            await anna.press(Qt.Key.Key_F10)
            contact = await anna.has(State.ACCEPTED)
            await anna.reaches(AgentState.BUSY)

            await anna.type("loanAmount", "240 000 kr")
            await until(lambda: not anna.session.typed)
            assert anna.session.value(contact.id, "loanAmount") == "240 000 kr"

            await opens_the_call(anna)
            await anna.press(Qt.Key.Key_Return, CTRL)
            await until(anna.main.desk.data.editor("Outcome").hasFocus)  # it is mandatory
            assert anna.state == AgentState.BUSY
            await choose(anna, "Outcome", "Granted")
            await anna.press(Qt.Key.Key_Return, CTRL)
            await anna.reaches(AgentState.WRAP_UP)
            assert anna.session.contacts[contact.id].state == State.ENDED
            await anna.reaches(AgentState.READY)
            await until(lambda: not anna.session.contacts)

            (ended,) = await listed(data, "--all")
            assert ended["state"] == "ended"
            assert ended["data"]["loanAmount"] == "240 000 kr"
            assert ended["data"]["Outcome"] == "Granted"

    run(flow())


async def opens_the_call(anna):
    view = anna.main.desk.attachments.view
    await until(view.isVisible)
    view.setFocus()
    await anna.press(Qt.Key.Key_Return, SHIFT)  # with the desktop's program, not in the window
    await until(lambda: anna.opened)
    (url,) = anna.opened
    assert Path(url.toLocalFile()).name == "call.wav"
    assert Path(url.toLocalFile()).read_bytes() == CALL


async def choose(anna, key, value):
    editor = anna.main.desk.data.editor(key)
    editor.setFocus()
    while editor.currentData() != value:
        QTest.keyClick(editor, Qt.Key.Key_Down)
    await until(lambda: anna.session.value(anna.main.desk.chosen.id, key) == value)


async def listed(data, *options):
    """What `main.py contacts --json` says, beside the running server."""
    arguments = [sys.executable, str(MAIN), "contacts", "--json", "--data", str(data), *options]
    done = await asyncio.to_thread(subprocess.run, arguments, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


# What a work item must not have (AG-1)

FOREIGN = re.compile(r"reply|forward|arrive|\bsend\b|\bcc\b|e-mail address")


def test_work_item_has_nothing_that_sends_mail(run, data):
    async def flow():
        async with bank(data) as site, site.window() as anna:
            await site.send("LOAN-1")
            await anna.accepted()
            await anna.press(Qt.Key.Key_Escape)
            await until(lambda: "End" in names(anna.main))  # the walk does see the controls
            named = [name.lower() for name in names(anna.main)]
            assert not [name for name in named if FOREIGN.search(name)]
            offered = [action for action in anna.main.actions() if action.isVisible()]
            keys = [key.toString() for action in offered for key in action.shortcuts()]
            assert "Ctrl+Return" in keys
            for key in ("Ctrl+R", "Ctrl+Shift+R", "Ctrl+Shift+F", "Ctrl+Shift+D"):
                assert QKeySequence(key).toString() not in keys

    run(flow())


def names(window):
    """What a screen reader finds, menus that are closed too; not what a contact does not have."""
    pending, found = [QAccessible.queryAccessibleInterface(window)], []
    while pending:
        part = pending.pop()
        if part is None or not part.isValid() or _is_left_out(part):
            continue
        found.append(part.text(QAccessible.Text.Name))
        pending += [part.child(n) for n in range(part.childCount())]
    return [name for name in found if name]


def _is_left_out(part):
    widget = part.object()
    if isinstance(widget, QMenu):  # nobody has opened it
        return False
    if isinstance(widget, QWidget):
        is_said = widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide)
        return is_said and widget.isHidden()
    return part.state().invisible


# Parking, requeueing, time


def test_parked_contact_stays_and_is_resumed(run, data):
    async def flow():
        async with bank(data) as site, site.window() as anna:
            await site.send("LOAN-1")
            contact = await anna.accepted()
            await anna.type("remark", "Call back at four.")
            await anna.press(Qt.Key.Key_F8)
            parked = await anna.has(State.PARKED)
            assert parked.id == contact.id
            await anna.reaches(AgentState.READY)
            await until(anna.main.commands["resume"].isEnabled)  # the same key then resumes
            await anna.press(Qt.Key.Key_F8)
            await anna.has(State.ACCEPTED)
            assert anna.session.value(contact.id, "remark") == "Call back at four."

    run(flow())


def test_requeued_contact_goes_to_the_colleague_with_its_note(run, data):
    async def flow():
        async with bank(data) as site, site.window("anna") as anna, site.window("bo") as bo:
            await site.send("LOAN-1")
            contact = await anna.accepted()
            await bo.ready()
            await anna.session.requeue(contact.id, colleague="bo", note="Yours since Monday.")
            await anna.reaches(AgentState.PAUSED)  # and no wrap-up (RO-8)
            await until(lambda: not anna.session.contacts)
            got = await bo.accept()
            assert (got.id, got.note, got.note_by) == (contact.id, "Yours since Monday.", "anna")

    run(flow())


def test_booking_that_is_not_accepted_goes_back_and_pauses(run, data):
    async def flow():
        async with bank(data, bookingTimeout=0.3) as site, site.window() as anna:
            await site.send("LOAN-1")
            await anna.ready()
            await anna.has(State.BOOKED)
            await anna.reaches(AgentState.PAUSED)
            await until(lambda: not anna.session.contacts)
            (waiting,) = await listed(data)
            assert (waiting["state"], waiting["queue"]) == ("queued", "Loan decisions")

    run(flow())


def test_pause_during_a_contact_takes_effect_at_its_end(run, data):
    async def flow():
        async with bank(data) as site, site.window() as anna:
            await site.send("LOAN-1")
            await site.send("LOAN-2")
            contact = await anna.accepted()
            await anna.session.pause("Lunch")
            await until(lambda: anna.session.agent.pause_wanted)
            assert anna.state == AgentState.BUSY
            anna.session.edit(contact.id, "Outcome", "Refused")
            await anna.session.end(contact.id)
            await anna.reaches(AgentState.PAUSED)
            assert anna.session.agent.activity == "Lunch"

    run(flow())


def test_two_agents_get_one_contact_each(run, data):
    async def flow():
        async with bank(data) as site, site.window("anna") as anna, site.window("bo") as bo:
            await anna.ready()
            await bo.ready()
            await site.send("LOAN-1")
            await site.send("LOAN-2")
            first, second = await anna.accept(), await bo.accept()
            assert {first.external_id, second.external_id} == {"LOAN-1", "LOAN-2"}

    run(flow())


def test_same_agent_at_another_desk_ends_the_first_log_in(run, data):
    async def flow():
        async with bank(data) as site, site.window("anna") as first, site.window("anna"):
            await until(lambda: first.session.agent is None)
            assert first.program.door.isVisible()
            assert "another desk" in first.program.door.log_in_page.message.text()

    run(flow())


# The link, and the server


def test_what_was_typed_outlives_a_lost_link(run, data):
    async def flow():
        async with bank(data) as site:
            wire = await Wire(site.facts["agents"]).plug()
            async with site.window(port=wire.port) as anna:
                await site.send("LOAN-1")
                contact = await anna.accepted()
                await wire.pull()
                await until(lambda: not anna.session.link_up)
                assert anna.main.link_bar.isVisible()
                await anna.type("remark", "Typed while the link was down.")
                await site.send("LOAN-2")
                await wire.plug()
                await until(lambda: anna.session.link_up and not anna.session.typed)
                assert not anna.main.link_bar.isVisible()
                assert anna.contact(State.ACCEPTED).id == contact.id
                stored = {row["id"]: row for row in await listed(data)}
                assert stored[contact.id]["data"]["remark"] == "Typed while the link was down."
            await wire.pull()

    run(flow())


def test_desk_of_the_longest_texts_comes_back_over_a_lost_link(run, data):
    longest = "😀" * 1_000_000  # each four bytes on the link

    async def flow():
        async with bank(data) as site:
            wire = await Wire(site.facts["agents"]).plug()
            async with site.window(port=wire.port) as anna:
                await anna.ready()
                for number in range(3):
                    await site.send(f"LOAN-{number}", body=longest)
                    parked = await anna.accept()
                    await anna.session.park(parked.id)
                    await anna.reaches(AgentState.READY)
                await site.send("LOAN-3", body=longest)
                contact = await anna.accept()
                await wire.pull()
                await until(lambda: not anna.session.link_up)
                await anna.type("remark", "Typed while the link was down.")
                anna.session.contacts.clear()  # as in a program that is started anew
                await wire.plug()
                await until(lambda: len(anna.session.contacts) == 4 and not anna.session.typed)
                assert all(one.body == longest for one in anna.session.contacts.values())
                assert anna.session.value(contact.id, "remark") == "Typed while the link was down."
                await anna.has(State.PARKED)
                assert anna.main.desk.chosen.id == contact.id
            await wire.pull()

    run(flow())


def test_contact_returns_to_its_queue_when_the_link_stays_away(run, data):
    async def flow():
        async with bank(data, lease=0.3) as site:
            wire = await Wire(site.facts["agents"]).plug()
            async with site.window("anna", wire.port) as anna, site.window("bo") as bo:
                await site.send("LOAN-1")
                contact = await anna.accepted()
                await bo.ready()
                await wire.pull()
                got = await bo.accept()
                assert got.id == contact.id
                await wire.plug()
                await until(lambda: anna.session.link_up)
                assert not anna.session.contacts  # exactly the true state (AG-6)
            await wire.pull()

    run(flow())


# The server as the window's own child


@asynccontextmanager
async def child_bank(data, text=""):
    """A bank whose server is started by the first window."""
    file = data.parent / "bank.toml"
    file.write_text(text or configuration())
    arguments = [sys.executable, str(MAIN), "configure", str(file), "--data", str(data)]
    done = await asyncio.to_thread(subprocess.run, arguments, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    yield Bank(data)


def test_killed_server_comes_back_with_everything_in_hand(run, data, expect_log):
    expect_log("WARNING ace_agent.embedded: the server ended with -9, starting another")

    async def flow():
        async with child_bank(data) as site, site.window(embedded=True) as anna:
            await site.send("LOAN-1")
            contact = await anna.accepted()
            killed = site.facts["pid"]
            os.kill(killed, signal.SIGKILL)
            await until(lambda: not anna.session.link_up)
            assert anna.main.link_bar.isVisible()
            await anna.type("remark", "Typed while the server was dead.")
            await until(lambda: anna.session.link_up and not anna.session.typed)
            assert site.facts["pid"] != killed
            assert anna.contact(State.ACCEPTED).id == contact.id
            assert anna.session.value(contact.id, "remark") == "Typed while the server was dead."
            await site.send("LOAN-2")  # and work goes on

    run(flow(), seconds=60)


def test_second_window_keeps_the_server_that_the_first_one_started(run, data):
    async def flow():
        async with child_bank(data) as site:
            first = site.window("anna", embedded=True)
            anna = await first.__aenter__()
            async with site.window("bo", embedded=True) as bo:
                pid = site.facts["pid"]
                assert anna.session.link_up
                await first.__aexit__(None, None, None)
                await site.send("LOAN-1")
                await bo.accepted()
                assert site.facts["pid"] == pid
            await until(lambda: not (data / "server.json").exists())

    run(flow(), seconds=60)


def test_both_windows_survive_the_server_that_they_share(run, data, expect_log):
    expect_log("WARNING ace_agent.embedded: the server ended with -9, starting another")

    async def flow():
        async with (
            child_bank(data) as site,
            site.window("anna", embedded=True) as anna,
            site.window("bo", embedded=True) as bo,
        ):
            await site.send("LOAN-1")
            contact = await bo.accepted()
            os.kill(site.facts["pid"], signal.SIGKILL)
            await until(lambda: not anna.session.link_up and not bo.session.link_up)
            await until(lambda: anna.session.link_up and bo.session.link_up)
            assert bo.contact(State.ACCEPTED).id == contact.id

    run(flow(), seconds=60)


def test_server_ends_when_its_window_is_killed(run, data):
    async def flow():
        async with child_bank(data) as site:
            with subprocess.Popen([sys.executable, str(MAIN), "--data", str(data)]) as window:
                try:
                    await until(lambda: site.is_ready)
                    server = site.facts["pid"]
                finally:
                    window.kill()
            await until(lambda: not is_alive(server))
            assert not (data / "server.json").exists()  # it ended in order

    run(flow(), seconds=60)


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_first_start_makes_an_administrator_who_is_at_the_desk_then(run, data):
    async def flow():
        async with (
            child_bank(data, "[system]\nworkItemPort = 0\n") as site,
            site.program() as first,
        ):
            form = first.door.first_start
            await until(form.isVisible)
            form.name.setText("Erik Holm")
            form.login.setText("erik")
            form.password.first.setText("Plötsligt regnar det")
            form.password.second.setText("Plötsligt regnar det")
            form.create_button.click()
            await until(form.steps.isVisible)
            form.go_on_button.click()
            await until(lambda: first.window is not None and first.window.isVisible())
            assert first.session.agent.role == "administrator"

    run(flow(), seconds=60)


CHLOE = """
[[user]]
login = "chloe"
name = "Chloe Okafor"
role = "agent"
"""


def test_one_time_code_becomes_a_password(run, data):
    async def flow():
        async with bank(data) as site:
            code = (await site.configure(configuration() + CHLOE))["codes"]["chloe"]
            async with site.program(elsewhere=True) as running:
                page = running.door.log_in_page
                await until(lambda: running.link.welcome)
                page.enter("chloe", code)
                await until(page.new_password.isVisible)
                page.new_password.first.setText("Plötsligt regnar det")
                page.new_password.second.setText("Plötsligt regnar det")
                page.button.click()
                await until(lambda: running.window is not None and running.window.isVisible())

    run(flow())


# What keeps a window from starting


@pytest.mark.parametrize("engine", ["sqlite"])  # PostgreSQL's files are not ours to look at
def test_damaged_store_is_told_and_kept(run, data, expect_log):
    expect_log("ERROR ace_agent.app: .*damaged")

    async def flow():
        data.mkdir()
        (data / "ace.sqlite").write_bytes(b"this is no database" * 1000)
        async with Bank(data).program() as running:
            trouble = running.door.trouble
            await until(trouble.isVisible)
            assert "the database is damaged" in trouble.reason.text()
            assert "restore a backup" in trouble.reason.text()
        assert (data / "ace.sqlite").read_bytes().startswith(b"this is no database")

    run(flow(), seconds=60)


def test_port_that_is_taken_is_named(run, data, expect_log):
    expect_log("ERROR ace_agent.app: .*cannot listen on")

    async def flow():
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            async with (
                child_bank(data, configuration(workItemPort=port)) as site,
                site.program() as running,
            ):
                trouble = running.door.trouble
                await until(trouble.isVisible)
                assert f"127.0.0.1:{port}" in trouble.reason.text()

    run(flow(), seconds=60)


# Its sentences


def test_server_is_understood_in_swedish(run, data, spoken):
    spoken(LANGUAGES["sv"])

    async def flow():
        async with bank(data) as site, site.program(elsewhere=True) as program:
            log_in = program.door.log_in_page
            await until(lambda: program.link.welcome)
            log_in.enter("anna", "guessed")
            await until(log_in.message.text)
            assert log_in.message.text() == "Fel användarnamn eller lösenord."
            await site.send("LOAN-1")
            async with site.window() as anna:
                contact = await anna.accepted()
                (where, *_, last) = await anna.session.explain(contact.id)
                assert re.fullmatch(r"Anna Berg arbetar med den sedan \d\d:\d\d\.", where)
                assert last.startswith("Om förbindelsen till agenten är bruten i 30 sekunder")
                with pytest.raises(Refused, match="Avsluta, parkera eller köa om"):
                    await anna.session.log_out()

    run(flow())


# The password


def test_changed_password_keeps_this_desk_and_opens_the_next(run, data):
    async def flow():
        async with bank(data) as site:
            async with site.window() as anna:
                await site.send("LOAN-1", attachment=CALL)
                await anna.accepted()
                await change_password(anna, "secret of nobody", "a better secret")
                dialog = anna.main.findChild(PasswordDialog)
                await until(lambda: dialog.message.text() == "The old password is wrong.")
                dialog.old.clear()
                QTest.keyClicks(dialog.old, "secret of anna")
                QTest.keyClick(dialog.old, Qt.Key.Key_Return)
                await until(lambda: anna.main.done_bar.text)
                await opens_the_call(anna)  # which asks whose log-in this is
                assert anna.state == AgentState.BUSY
            async with site.program(elsewhere=True) as other:
                await until(lambda: other.link.welcome)
                with pytest.raises(Refused, match="Login or password is wrong"):
                    await other.link.log_in("anna", "secret of anna")
                await other.link.log_in("anna", "a better secret")

    run(flow())


async def change_password(anna, old, new):
    anna.main.commands["change-password"].trigger()
    await until(lambda: anna.main.findChild(PasswordDialog) is not None)
    dialog = anna.main.findChild(PasswordDialog)
    QTest.keyClicks(dialog.old, old)
    QTest.keyClicks(dialog.new.first, new)
    QTest.keyClicks(dialog.new.second, new)
    QTest.keyClick(dialog.new.second, Qt.Key.Key_Return)
