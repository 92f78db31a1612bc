"""A mail in the real widget: nothing in it runs, is fetched, opened or followed by itself (T8)."""

import asyncio
import json
import re
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from PySide6.QtCore import (
    QBuffer,
    QCoreApplication,
    QEvent,
    QIODevice,
    QMimeData,
    QPoint,
    QPointF,
    Qt,
    QUrl,
)
from PySide6.QtGui import QColor, QDragEnterEvent, QGuiApplication, QImage, QMouseEvent, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from ace_agent import theme
from ace_agent.desk import links
from ace_agent.desk.html import Cleaner
from ace_agent.desk.html_view import HtmlView
from ace_agent.desk.mail_page import MailPage, fragments
from ace_agent.desk.pictures import SMALL
from ace_agent.desk.remote_pictures import RemotePictures, decoded, is_public
from ace_agent.tasks import Tasks
from ace_agent.widgets.question import Question
from ace_agent.widgets.scrolling import scrolled
from tests.agent.test_accessibility import nameless
from tests.agent.waiting import until

pytestmark = pytest.mark.qt_log_ignore(
    "does not support (propagateSizeHints|raise|grabbing the keyboard)", extend=True
)

DATA = Path(__file__).parent.parent / "data" / "html"
CTRL = Qt.KeyboardModifier.ControlModifier
RED = QColor(255, 0, 0)


def picture(width=20, height=20, colour=RED):
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(colour)
    return image


def png(image):
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return buffer.data().data()


def has_red(widget):
    image = widget.grab().toImage()
    places = ((x, y) for x in range(0, image.width(), 5) for y in range(0, image.height(), 5))
    return any(image.pixelColor(*place) == RED for place in places)


class Room:
    """One view in a window, and what came out of it."""

    def __init__(self, remote=None):
        self.opened = []
        self.told = []
        self.looked_up = []
        self.works = True
        self.tasks = Tasks(self.told.append)
        self.cleaner = Cleaner()
        self.remote = remote or RemotePictures(allowed=self._refuse)
        self.view = HtmlView(self.tasks, self.cleaner, self.remote, open_outside=self._open)

    async def show(self, html, text="", picture=lambda name: None):
        self.view.show_html(html, picture, text)
        await self.settled()

    async def settled(self):
        if not self.view.is_settled:
            future = asyncio.get_running_loop().create_future()
            done = self.view.settled.connect(
                lambda: self.view.is_settled and not future.done() and future.set_result(None)
            )
            await future
            self.view.settled.disconnect(done)

    def press(self, key, modifiers=Qt.KeyboardModifier.NoModifier):
        QTest.keyClick(self.view.window().focusWidget() or self.view, key, modifiers)

    def question(self):
        return next((one for one in self.view.findChildren(Question) if one.isVisible()), None)

    def _open(self, url):
        self.opened.append(url.toString())
        return self.works

    def _refuse(self, address):
        self.looked_up.append(address)
        return False


@pytest.fixture
def light(qapp):
    """The theme before and after each test."""
    if theme.colours(qapp.palette()) is not theme.LIGHT or not qapp.styleSheet():
        theme.apply(qapp, "light")
    yield
    if theme.colours(qapp.palette()) is not theme.LIGHT:
        theme.apply(qapp, "light")


@pytest.fixture
def room(light, qtbot, run):
    made = Room()

    async def stop():
        made.cleaner.close()
        await made.tasks.stop()

    window = made.window = scrolled(made.view)
    qtbot.addWidget(window, before_close_func=lambda _: run(stop()))
    window.resize(700, 600)
    window.show()
    window.activateWindow()
    return made


@asynccontextmanager
async def canary():
    """A server on loopback that notes who comes by; it answers with a red picture."""
    seen, served, writers = [], [], []
    picture_of_red = png(picture())

    async def serve(reader, writer):
        served.append(asyncio.current_task())
        writers.append(writer)
        with suppress(OSError, EOFError):  # whoever had enough does not read on
            request = (await reader.readuntil(b"\r\n\r\n")).decode()
            seen.append(request)
            writer.write(answer(request, picture_of_red))
            await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], seen
    for writer in writers:
        if not writer.is_closing():  # a connection over which nothing was asked
            writer.transport.abort()
    await asyncio.gather(*served)


def answer(request, picture_of_red):
    if " /moved" in request:
        target = request.split("to=")[1].split()[0]
        return f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()
    if " /large" in request:
        return b"HTTP/1.1 200 OK\r\n\r\n" + bytes(6 * 1024 * 1024)
    if " /none" in request:
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    head = "HTTP/1.1 200 OK\r\nSet-Cookie: who=anna\r\nContent-Type: image/png\r\n"
    return f"{head}Content-Length: {len(picture_of_red)}\r\n\r\n".encode() + picture_of_red


# T8


def payloads():
    listed = json.loads((DATA / "dompurify-payloads" / "payloads.json").read_text("utf-8"))
    return [one["payload"] for one in listed]


def parser_torture():
    found = []
    for file in sorted((DATA / "html5lib-tests").glob("*.dat")):
        for case in file.read_text("utf-8", "replace").split("#data\n")[1:]:
            found.append(case.split("\n#errors")[0])
    return found


def rows(port, folder):
    """The rows of E, aimed at the canaries."""
    there, red = f"http://127.0.0.1:{port}", (folder / "canary.png").as_uri()
    path, host = folder / "canary.png", f"\\\\127.0.0.1:{port}\\share"
    pictures = [red, str(path), f"//127.0.0.1:{port}/x", host, f"{there}/x.png", "qrc:/x", "x.png"]
    return [
        f"<script src={there}/1></script><script>location='{there}/2'</script>",
        f"<img src=x onerror=\"fetch('{there}/3')\"><body onload=fetch('{there}/4')>",
        f"<a href=\"javascript:fetch('{there}/5')\">a</a><a href='data:text/html,x'>b</a>",
        f"<a href='vbscript:x'>c</a><a href='{red}'>d</a><a href='{host}'>e</a><a href=x>f</a>",
        *(f'<img src="{source}">' for source in pictures),
        *(f'<table background="{source}"><tr><td>x</table>' for source in pictures),
        *(f"<p style=\"background:url('{source}')\">x</p>" for source in pictures),
        f"<style>@import '{there}/6.css'; p{{background:url({red})}}</style><p>x",
        f"<link rel=stylesheet href={there}/7.css><link rel=prefetch href={there}/8>",
        f"<video src={there}/9 poster={there}/10></video><audio src={there}/11 autoplay></audio>",
        f"<img srcset='{there}/12 2x'><picture><source srcset={there}/13></picture>",
        f"<a href='{there}/page' ping='{there}/14'>page</a>",
        f"<a href='{there}/a'><img src='{there}/a.png' alt=p></a> <a href='{there}/b'>b</a>",
        f"<a href='https://bank.example@127.0.0.1:{port}/'>bank.example</a>",
        f"<a href='https://xn--bcher-kva.example/'>x</a> <a href='HTTP://127.0.0.1:{port}/c'>c</a>",
        "<a href='mailto:a@a.example?attach=/etc/passwd'>write</a> <a href='mailto:'>nobody</a>",
        f"<meta http-equiv=refresh content='0;url={there}/15'><base href='{there}/'><img src=16>",
        f"<iframe src={there}/17></iframe><iframe srcdoc='<img src={there}/18>'></iframe>",
        f"<object data={there}/19></object><embed src={there}/20><applet code={there}/21></applet>",
        f"<form action={there}/22><input type=image src={there}/23><button>x</button></form>",
        f"<svg><image href={there}/24 /><use href='{red}#x'/></svg><math href={there}/25>x</math>",
        f"<div style='position:fixed;top:0;width:9999px;height:9999px'><img src={red}></div>",
        f"<img src='{there}/leak?\n<p>-----BEGIN PGP MESSAGE-----</p>'>",
        f"<!--[if mso]><img src={there}/26><![endif]--><xml><img src={there}/27></xml>",
        f"<img width=1 height=1 src='{there}/28?who=anna'>",
    ]


def look(page):
    """What the document holds: the names of its pictures, where it links to."""
    formats = [fragment.charFormat() for fragment in fragments(page.document())]
    pictures = {one.toImageFormat().name() for one in formats if one.isImageFormat()}
    targets = {one.anchorHref() for one in formats if one.anchorHref()}
    return pictures, targets


def place_of(page, fragment):
    cursor = QTextCursor(page.document())
    cursor.setPosition(fragment.position())
    start = page.cursorRect(cursor)
    return start.center() + QPoint(3, 0)


def hover(widget, at):
    """Not by QTest, which lets other events run inside this coroutine."""
    none = Qt.MouseButton.NoButton
    there, on_screen = QPointF(at), QPointF(widget.mapToGlobal(at))
    no_key = Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(QEvent.Type.MouseMove, there, on_screen, none, none, no_key)
    QCoreApplication.sendEvent(widget, event)


def seen_windows():
    return [window for window in QGuiApplication.topLevelWindows() if window.isVisible()]


async def touch(room):
    """Move over every link and click it; nothing goes out before the question is answered."""
    page = room.view.page
    clicked = []
    follow = page.anchorClicked.connect(clicked.append)
    for fragment in fragments(page.document()):
        target = QUrl(fragment.charFormat().anchorHref())
        if target.isEmpty():
            continue
        at = place_of(page, fragment)
        hover(page.viewport(), at)
        QTest.mouseClick(page.viewport(), Qt.MouseButton.LeftButton, pos=at)
        if not clicked:  # a picture of one pixel is hard to hit
            page.anchorClicked.emit(target)
        await until(room.question)
        assert room.opened == []
        room.question().reject()
        await until(lambda: room.question() is None)
        clicked.clear()
    page.anchorClicked.disconnect(follow)


def test_nothing_hostile_does_anything(room, run, tmp_path):
    (tmp_path / "canary.png").write_bytes(png(picture(200, 200)))

    async def flow():
        async with canary() as (port, seen):
            windows = seen_windows()
            mails = [*rows(port, tmp_path), *payloads(), *parser_torture()]
            said = touched = 0
            for mail in mails:
                await room.show(mail)
                assert room.view._trouble is None, mail
                pictures, targets = look(room.view.page)
                assert all(re.fullmatch(r"(cid|blocked):\d+", name) for name in pictures), mail
                assert all(links.read(one) is not None for one in targets), mail
                said += bool(room.view.page.toPlainText().strip())
                touched += len(targets)
                if targets:
                    await touch(room)
            assert len(mails) > 1_800 and said > 600 and touched >= 8
            assert (seen, room.opened, room.looked_up, room.told) == ([], [], [], [])
            assert seen_windows() == windows

    run(flow(), seconds=120.0)


def test_page_itself_opens_no_file_and_fetches_nothing(room, run, qtbot, tmp_path):
    """The second guard by itself: as if the cleaner had let everything through."""
    file = tmp_path / "canary.png"
    file.write_bytes(png(picture(200, 200)))

    async def flow():
        async with canary() as (port, seen):
            page = MailPage("Mail")
            qtbot.addWidget(page)
            page.resize(400, 300)
            page.show()
            asked = []
            for mail in rows(port, tmp_path):
                page.show_html(mail, asked.append)
                assert not has_red(page), mail
            page.setSource(QUrl.fromLocalFile(str(file)))
            page.reload()
            assert not has_red(page) and "PNG" not in page.toPlainText()
            assert asked and seen == []

    run(flow())


@pytest.mark.parametrize("name", ["file:///etc/passwd", "http://a.example/", "x", "", "data:,x"])
@pytest.mark.parametrize("kind", range(1, 5))
def test_resource_is_one_empty_pixel(qapp, qtbot, name, kind):
    page = MailPage("Mail")
    qtbot.addWidget(page)
    found = page.loadResource(kind, QUrl(name))
    assert isinstance(found, QImage) and found.width() == found.height() == 1


# Faces


def test_formatted_mail_is_shown_and_its_text_on_request(room, run, settings):
    async def flow():
        await room.show("<p>Hello <b>Anna</b></p>", "Hello *Anna*")
        view = room.view
        assert view.page.isVisible() and not view.text.isVisible()
        assert view.page.toPlainText() == "Hello Anna"
        view.faces.buttons[1].click()
        assert view.text.isVisible() and view.text.toPlainText() == "Hello *Anna*"
        view.remember(settings)
        view.formatted_action.trigger()
        assert view.page.isVisible()
        view.restore(settings)
        await room.show("<p>Next", "next")
        assert view.text.toPlainText() == "next" and not view.page.isVisible()

    run(flow())


def test_keyboard_stays_in_the_mail_whichever_face_it_shows(room, run):
    async def flow():
        await room.show("<p>Hello", "Hello")
        view = room.view
        view.page.setFocus()
        view.prefer(text=True)
        assert view.window().focusWidget() is view.text
        view.prefer(text=False)
        assert view.window().focusWidget() is view.page

    run(flow())


def test_mail_shown_otherwise_by_command_takes_the_keyboard_from_nobody(room, run):
    async def flow():
        await room.show("<p>word</p>" * 12_000 + '<img src="http://a.example/x.png">')
        view = room.view
        view.faces.buttons[0].setFocus()
        view.show_whole()
        await room.settled()
        view.load_pictures()
        await room.settled()
        assert view.window().focusWidget() is view.faces.buttons[0]

    run(flow())


def test_mail_without_html_has_one_face(room, run):
    async def flow():
        room.view.show_text("Hello\u202e <b>")
        view = room.view
        assert view.text.toPlainText() == "Hello[U+202E] <b>"
        assert view.text.isVisible() and not view.faces.isVisible() and view.is_settled
        view.focus_first()
        assert view.window().focusWidget() is view.text
        view.clear()
        assert view.isHidden()

    run(flow())


def test_same_mail_again_changes_nothing(room, run):
    async def flow():
        await room.show("<p>Hello Anna</p>")
        room.view.page.selectAll()
        await room.show("<p>Hello Anna</p>")
        assert room.view.page.textCursor().selectedText() == "Hello Anna"

    run(flow())


def test_only_the_newest_of_several_mails_is_shown(room, run):
    async def flow():
        for number in range(5):
            room.view.show_html(f"<p>{number}</p>", lambda name: None, "")
        await room.settled()
        assert room.view.page.toPlainText() == "4"

    run(flow())


def test_mail_that_takes_too_long_is_shown_as_text_with_its_source(room, run):
    async def flow():
        room.cleaner._patience = 0.0
        await room.show("<p>the source", "the text")
        view = room.view
        assert "takes too long" in view.trouble.text
        assert view.text.toPlainText() == "the text" and view.text.isVisible()
        assert not view.faces.isVisible()
        view.trouble.button.click()
        assert view.text.toPlainText() == "<p>the source"
        assert "source" in view.trouble.text

    run(flow())


def test_text_stands_in_while_the_mail_is_prepared(room, run):
    async def flow():
        room.view.show_html("<p>formatted", lambda name: None, "the text")
        assert room.view._pause.isActive() and not room.view.text.isVisible()
        room.view._pause.timeout.emit()
        assert room.view.text.isVisible()
        await room.settled()
        assert room.view.page.isVisible() and not room.view.text.isVisible()

    run(flow())


def test_long_mail_is_shown_to_its_end_on_request(room, run):
    async def flow():
        await room.show("<p>word</p>" * 12_000)
        view = room.view
        assert "beginning" in view.more.text
        before = view.page.document().blockCount()
        view.more.button.setFocus()
        view.more.button.click()
        await room.settled()
        assert view.page.document().blockCount() > before
        assert view.window().focusWidget() is view.page

    run(flow())


def test_page_is_as_high_as_it_is_long(room, run):
    async def flow():
        await room.show("<p>a")
        low = room.view.page.height()
        await room.show("<p>a</p>" * 50)
        assert room.view.page.height() > 10 * low
        bar = room.view.page.verticalScrollBar()
        assert bar.maximum() == 0

    run(flow())


# Light and dark


def test_mail_without_colours_follows_the_theme(room, run, qapp):
    async def flow():
        await room.show("<p style='color:#333'>Hello</p>")
        assert ink(room) == QColor("#333333") and not room.view.page._paper.isValid()
        theme.apply(qapp, "dark")
        await until(lambda: ink(room) == QColor(theme.DARK.text))
        assert not room.view.page._paper.isValid()

    run(flow())


def test_mail_with_colours_is_a_sheet_of_paper_in_the_dark(room, run, qapp):
    async def flow():
        theme.apply(qapp, "dark")
        await room.show("<p>black <span style='color:#1F497D'>Hello</span></p>")
        assert ink(room) == QColor(theme.LIGHT.text)
        assert ground(room) == QColor(theme.PAPER)

    run(flow())


@pytest.mark.parametrize(
    ("body", "colours"), [("#eeeedd", theme.LIGHT), ("#101010", theme.DARK), ("rgb(x)", None)]
)
def test_mail_has_the_ground_it_asks_for_and_ink_that_is_read_on_it(room, run, body, colours):
    async def flow():
        await room.show(f"<body bgcolor='{body}'><p>Hello</p><p style='background:#ff0'>x")
        if colours is not None:
            assert ground(room) == QColor(body)
            assert ink(room) == QColor(colours.text)

    run(flow())


def ink(room):
    return fragments(room.view.page.document())[0].charFormat().foreground().color()


def ground(room):
    image = room.view.page.grab().toImage()
    return image.pixelColor(image.width() // 2, 4)


# Pictures


def test_picture_that_came_with_the_mail_is_shown(room, run):
    async def flow():
        asked = []

        def of(name):
            asked.append(name)
            return picture(100, 50)

        await room.show('<p>x<img src="cid:logo%40a"></p>', picture=of)
        assert has_red(room.view.page)
        assert set(asked) == {"logo@a"}
        assert room.view.pictures.text == ""

    run(flow())


def test_remote_pictures_are_loaded_on_request_and_only_then(room, run):
    async def flow():
        async with canary() as (port, seen):
            room.remote._allowed = lambda address: address == "127.0.0.1"
            there = f"http://anna:secret@localhost:{port}"
            await room.show(
                f'<p>x<img src="{there}/1.png" alt="Logo"><img src="{there}/none" alt="Sale"></p>'
            )
            view = room.view
            assert view.pictures.text == "2 remote pictures are not loaded."
            assert view.page.toPlainText() == "xLogoSale" and seen == []
            view.pictures.button.setFocus()
            room.press(Qt.Key.Key_Space)
            await until(lambda: "1 of 2" in view.pictures.text)
            assert has_red(view.page)
            assert view.window().focusWidget() is view.page
            assert f"Host: localhost:{port}" in seen[0]
            assert not re.search("cookie|referer|authorization|secret", "".join(seen), re.I)

    run(flow())


def test_pictures_of_the_mail_before_do_not_come_up_in_this_one(room, run):
    async def flow():
        async with canary() as (port, _):
            room.remote._allowed = lambda address: True
            await room.show(f'<img src="http://127.0.0.1:{port}/1.png">')
            room.view.pictures.button.click()
            await room.show("<p>Next")
            await until(lambda: not room.tasks.is_running("load pictures"))
            assert room.view._loaded == {} and room.view.pictures.text == ""

    run(flow())


def test_what_is_fetched_is_fetched_within_limits(run, qapp):
    async def flow():
        async with canary() as (port, seen):
            allowed = ["127.0.0.1"]
            remote = RemotePictures(allowed=lambda address: address in allowed)
            there = f"http://127.0.0.1:{port}"
            good = f"{there}/moved?to={there}/1.png"
            found = await remote.load(
                [
                    good,
                    good,
                    f"{there}/moved?to=http://[::1]:{port}/2.png",
                    f"{there}/moved?to=file:///etc/passwd",
                    f"{there}/moved?to=/moved?to=/moved?to=x",
                    f"{there}/large",
                    f"{there}/none",
                    f"http://localhost.invalid:{port}/",
                    "http://127.0.0.1:1/",
                    "file:///etc/passwd",
                    "x",
                ]
            )
            assert list(found) == [good]
            before = len(seen)
            allowed.clear()
            for name in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]"):
                assert await remote.load([f"http://{name}:{port}/"]) == {}
            assert len(seen) == before

    run(flow())


def test_server_that_never_answers_is_given_up(run, qapp):
    async def flow():
        async def silent(reader, writer):
            await reader.read()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            remote = RemotePictures(allowed=lambda address: True, patience=0.2)
            assert await remote.load([f"http://127.0.0.1:{port}/"]) == {}

    run(flow())


@pytest.mark.parametrize(
    "address",
    """127.0.0.1 127.9.9.9 10.1.1.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0
    192.0.2.1 192.88.99.1 198.18.0.1 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 fe80::1 fe80::1%eth0
    fc00::1 fd12::1 fec0::1 ff02::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::7f00:1
    2002:7f00:1:: 2001:0:1::1 2001:db8::1 localhost""".split(),
)
def test_address_that_is_not_public_is_known(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2a00:1450:4001:800::200e"])
def test_address_that_is_public_is_known(address):
    assert is_public(address)


def test_only_bitmaps_of_a_sane_size_are_pictures(qapp):
    bomb = (DATA.parent / "attachments" / "bomb.png").read_bytes()
    assert decoded(png(picture())).size() == picture().size()
    assert decoded(png(picture(3_000, 30))).width() == 1_600
    assert decoded(png(picture(3_000, 30)), SMALL).width() == 320
    assert [decoded(one) for one in (b"", b"<svg/>", b"\x89PNG\r\n\x1a\n", bomb)] == [None] * 4


# Links


def test_link_is_opened_after_the_question(room, run):
    async def flow():
        await room.show('<p><a href="https://bank.example/x?a=1&amp;b=2">your page</a></p>')
        view = room.view
        view.page.setFocus()
        room.press(Qt.Key.Key_Tab)
        assert view.page.toolTip() == "https://bank.example/x?a=1&b=2"
        room.press(Qt.Key.Key_Return)
        await until(room.question)
        asked = room.question()
        assert asked.windowTitle() == "Open in bank.example?"
        assert room.opened == []
        asked.done(links.OPEN + 1)
        await until(lambda: room.opened)
        assert room.opened == ["https://bank.example/x?a=1&b=2"]

    run(flow())


def test_long_link_does_not_push_the_answers_off_the_screen(room):
    for rest in ("a" * 8_000, "a@" * 4_000 + "evil.example/"):
        link = links.read(f"https://bank.example{'/' if '@' not in rest else '.'}{rest}")
        if link is not None:
            asked = links.question(link, "", room.view)
            asked.show()
            assert asked.height() < 600
            assert link.address.host in asked.windowTitle()
            asked.close()


def test_link_that_is_not_followed_can_be_copied(room, run):
    async def flow():
        await room.show('<p><a href="mailto:anna@bank.example?subject=x&amp;attach=/y">write</a>')
        room.view.page.anchorClicked.emit(QUrl("mailto:anna@bank.example?subject=x&attach=/y"))
        await until(room.question)
        room.question().done(links.COPY + 1)
        await until(lambda: QGuiApplication.clipboard().text() == "anna@bank.example")
        assert room.opened == []

    run(flow())


def test_desktop_that_opens_nothing_is_told(room, run):
    async def flow():
        room.works = False
        await room.show('<p><a href="https://bank.example/">x</a>')
        room.view.page.anchorClicked.emit(QUrl("https://bank.example/"))
        await until(room.question)
        room.question().done(links.OPEN + 1)
        await until(lambda: room.told)

    run(flow())


def test_link_whose_words_name_another_host_is_warned_of(room, run):
    async def flow():
        await room.show('<p><a href="https://evil.example/"><b>www.</b>bank.se/login</a></p>')
        room.view.page.anchorClicked.emit(QUrl("https://evil.example/"))
        await until(room.question)
        said = room.question().accessibleDescription()
        assert "names www.bank.se, but it leads to evil.example" in said
        room.question().reject()

    run(flow())


@pytest.mark.parametrize(
    ("target", "text", "named"),
    [
        ("https://evil.example/", "https://bank.se/login", "bank.se"),
        ("https://evil.example/", "Log in at Bank.SE now", "bank.se"),
        ("https://bank.se.evil.example/", "bank.se", "bank.se"),
        ("https://bank.se@evil.example/", "bank.se", "bank.se"),
        ("https://evil.example/", "anna@bank.se", "bank.se"),
        ("mailto:anna@evil.example", "anna@bank.se", "bank.se"),
        ("https://www.bank.se/", "bank.se", ""),
        ("https://click.bank.se/x", "https://www.bank.se", ""),
        ("https://bank.se/", "login.bank.se", ""),
        ("https://xn--bcher-kva.example/", "bücher.example", ""),
        ("https://bank.se/", "xn--bcher-kva.com", "xn--bcher-kva.com"),
        ("mailto:anna@bank.se", "anna@bank.se", ""),
        ("https://a.example/", "report.pdf, version 3.11, e.g. node.js", ""),
        ("https://a.example/", "click here", ""),
    ],
)
def test_host_that_the_words_name_is_found(target, text, named):
    assert links.names_another(text, links.read(target)) == named


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "//a.example/",
        "\\\\host\\share",
        "data:text/html,x",
        "mailto:",
        "mailto:a@b.example,c@d.example",
        "mailto:a%0d%0aBcc:x@y.example",
        "smb://host/",
        "",
    ],
)
def test_what_is_no_link_is_none(target):
    assert links.read(target) is None


def test_letter_that_a_link_begins_has_a_mailbox_and_a_subject_only():
    link = links.read(
        "mailto:anna@a.example?subject=a%20%26%20b%0d%0aBcc:x&attach=/etc/passwd&cc=y"
    )
    assert link.url.toEncoded().data() == b"mailto:anna@a.example?subject=a%20%26%20b%20Bcc%3Ax"


# By hand


def test_words_are_copied_as_text(room, run):
    async def flow():
        await room.show('<p>a <b>b</b><img src="cid:x"></p><p>c</p>', picture=lambda n: picture())
        page = room.view.page
        page.setFocus()
        room.press(Qt.Key.Key_A, CTRL)
        copied = page.createMimeDataFromSelection()
        assert (copied.text(), copied.formats()) == ("a b\nc", ["text/plain"])

    run(flow())


def test_menu_offers_copying_and_nothing_else(room, run):
    async def flow():
        await room.show('<p><a href="https://bank.example/">page</a></p>')
        page = room.view.page
        menu = page.menu("https://bank.example/")
        assert [action.text() for action in menu.actions()] == [
            "Copy",
            "Copy address",
            "Select all",
        ]
        menu.actions()[1].trigger()
        assert QGuiApplication.clipboard().text() == "https://bank.example/"
        assert len(page.menu("file:///x").actions()) == 2
        for made in page.findChildren(QMenu):
            made.deleteLater()

    run(flow())


def test_nothing_is_dropped_into_a_mail(room, run):
    async def flow():
        await room.show("<p>Hello</p>")
        page = room.view.page
        data = QMimeData()
        data.setUrls([QUrl("file:///etc/passwd")])
        event = QDragEnterEvent(
            QPoint(1, 1),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        page.dragEnterEvent(event)
        assert not event.isAccepted()
        assert not page.acceptDrops() and not page.viewport().acceptDrops()
        assert not page.canInsertFromMimeData(data) and page.isReadOnly()

    run(flow())


def test_mail_is_enlarged_by_keyboard(room, run):
    async def flow():
        await room.show("<p>Hello <span style='font-size:20px'>large</span></p>")
        page = room.view.page
        page.setFocus()
        before = page.height()
        for _ in range(10):
            room.press(Qt.Key.Key_Plus, CTRL)
        assert page.zoom == 200 and page.height() > 1.5 * before
        sizes = [one.charFormat().font().pixelSize() for one in fragments(page.document())]
        assert sizes[-1] == 40
        room.press(Qt.Key.Key_Minus, CTRL)
        assert page.zoom == 190
        room.press(Qt.Key.Key_0, CTRL)
        assert page.zoom == 100 and page.height() == before

    run(flow())


def test_words_alone_are_enlarged_as_well_and_how_large_is_remembered(room, run, settings):
    async def flow():
        await room.show("<p>Hello", "Hello")
        view = room.view
        view.text_action.trigger()
        view.text.setFocus()
        before = view.text.document().defaultFont().pixelSize()
        for _ in range(10):
            room.press(Qt.Key.Key_Plus, CTRL)
        assert view.text.document().defaultFont().pixelSize() == 2 * before
        view.remember(settings)
        room.press(Qt.Key.Key_0, CTRL)
        assert view.text.document().defaultFont().pixelSize() == before
        view.restore(settings)
        assert view.zoom == 200

    run(flow())


def test_everything_has_a_name(room, run):
    async def flow():
        await room.show("<p>word</p>" * 12_000 + '<img src="http://a.example/x.png">', "text")
        assert nameless(room.view) == []
        assert room.view.page.accessibleName() == "Formatted mail"
        room.view.text_action.trigger()
        assert nameless(room.view) == []

    run(flow())
