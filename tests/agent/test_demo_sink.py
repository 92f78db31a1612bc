"""What the demonstration's bank sends ends in a sink, and can be looked at in a window."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from ace_agent import demo
from ace_agent.demo_sink import SHOWN, SentWindow, Sink, decoded
from ace_server.email.smtp import Fate, hand_over
from ace_server.email.smtp_server import Server
from resources import path
from tests.agent.test_accessibility import nameless
from tests.agent.waiting import until

pytestmark = pytest.mark.qt_log_ignore("does not support (propagateSizeHints|raise)", extend=True)

MAIL = (
    "From: support@bank.example\r\nTo: someone@else.example\r\n"
    "Subject: =?utf-8?q?=C3=85terst=C3=A4llt?=\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\nKlart, åäö.\r\n"
).encode()


@asynccontextmanager
async def listening(folder):
    sink = Sink(folder)
    await sink.start()
    try:
        yield sink
    finally:
        await sink.stop()


async def send(sink, *recipients, mail=MAIL):
    there = Server(host="127.0.0.1", port=sink.port, own_name="client.example")
    outcome = await hand_over(there, "", list(recipients), mail)
    assert {result.fate for result in outcome.results} == {Fate.HANDED_OVER}


@pytest.fixture
def opened(qtbot, run, tmp_path):
    """A window on a sink that does not listen."""
    sink = Sink(tmp_path)
    window = SentWindow(sink)
    qtbot.addWidget(window)
    window.open()
    yield sink, window
    run(window.stop())


def shown(window):
    columns = range(1, window.table.columnCount())
    rows = range(window.table.rowCount())
    return [[window.table.index(row, column).data() for column in columns] for row in rows]


def test_what_is_handed_over_is_kept_as_it_came(run, tmp_path):
    async def flow():
        async with listening(tmp_path / "sent") as sink:
            await send(sink, "grace@home.example", "ö@else.example")
            await send(sink, "isak@post.example")
            first, second = sink.mails
            assert (first.to, first.subject) == ("grace@home.example, ö@else.example", "Återställt")
            assert second.to == "isak@post.example"
            assert first.file.read_bytes() == second.file.read_bytes() == MAIL

    run(flow())


def test_sink_ends_with_somebody_connected(run, tmp_path):
    async def flow():
        async with listening(tmp_path / "sent") as sink:
            reader, writer = await asyncio.open_connection("127.0.0.1", sink.port)
            assert (await reader.readline()).startswith(b"220 ")
        writer.close()

    run(flow())


def test_window_lists_what_was_sent_the_newest_first(run, opened):
    sink, window = opened
    assert window.place.text() == "Nothing was sent yet."

    async def flow():
        await sink.keep(["grace@home.example"], MAIL)
        await sink.keep(["isak@post.example"], MAIL.replace(b"=C3=85terst=C3=A4llt", b"Later"))

    run(flow())
    assert shown(window) == [["isak@post.example", "Later"], ["grace@home.example", "Återställt"]]


def test_source_of_the_chosen_mail_is_shown(run, opened):
    sink, window = opened

    async def flow():
        await sink.keep(["grace@home.example"], MAIL)
        whole = MAIL.decode().replace("\r\n", "\n")
        await until(lambda: window.source.toPlainText() == whole)
        await sink.keep(["isak@post.example"], b"Subject: long\r\n\r\n" + b"x" * (2 * SHOWN))
        assert window.source.toPlainText() == whole, "what is read stays"
        QTest.keyClick(window.view, Qt.Key.Key_Up)
        await until(lambda: window.source.toPlainText().startswith("Subject: long"))
        assert len(window.source.toPlainText()) <= SHOWN
        assert str(sink.mails[1].file) in window.place.text()

    run(flow())


def test_source_is_decoded_when_asked_for(run, opened):
    sink, window = opened
    mail = path("demo/mails/04-broken-card.eml").read_bytes()

    async def flow():
        window.decoded.setChecked(True)
        await sink.keep(["frida@else.example"], mail)
        await until(lambda: "cash machine in Västerås" in window.source.toPlainText())
        said = window.source.toPlainText()
        assert "[image/png]" in said and "[application/pdf]" in said
        window.decoded.setChecked(False)
        await until(lambda: window.source.toPlainText() == mail.decode())

    run(flow())


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (MAIL, "Subject: Återställt"),
        (MAIL, "Klart, åäö."),
        (path("demo/mails/09-old-mac.eml").read_bytes(), "Torbjörn Öhman, Öregrund"),
        (path("demo/mails/03-fraud.eml").read_bytes(), "spärra hans kort?"),
        (b"Content-Type: text/plain; charset=nobodys\r\n\r\n\xe5", "å"),
        (b"", ""),
    ],
)
def test_decoding_needs_no_well_formed_mail(content, text):
    assert text in decoded(content)


def test_every_control_of_what_was_sent_has_a_name(run, opened):
    sink, window = opened
    run(sink.keep(["grace@home.example"], MAIL))
    assert not nameless(window)


def test_escape_closes_what_was_sent(opened):
    _, window = opened
    QTest.keyClick(window.source, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_what_was_sent_is_a_command(bench, run):
    async def flow():
        asked = []
        demo.offer_sent(bench.window, lambda: asked.append("shown"))
        assert bench.window._find("was sent")[0].key == "Ctrl+Shift+W"
        ctrl, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
        bench.press(Qt.Key.Key_W, ctrl | shift)
        assert asked == ["shown"]

    run(flow())


def test_support_system_leads_to_what_was_sent(qtbot):
    window = demo.SupportWindow(demo.SupportSystem(lambda: 0, lambda account: ""))
    qtbot.addWidget(window)
    asked = []
    window.sent_wanted.connect(lambda: asked.append("shown"))
    window.show()
    buttons = {button.text(): button for button in window.findChildren(QPushButton)}
    QTest.keyClick(buttons["&What the bank sent"], Qt.Key.Key_Space)
    assert asked == ["shown"]
